"""Commands reach Asterisk in order per call and per phone, and side by side otherwise."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.done import DONE
from acd.core.commands import (
    AnswerLeg,
    Command,
    HangUp,
    JoinRoom,
    OpenHoldingRoom,
    OpenRoom,
    Release,
    RingPhone,
)
from acd.core.events import CommandFailed, Event
from acd.core.ids import CallId, LegId, OfferId, PhoneId, RoomId
from acd.runtime import dispatch
from acd.runtime.dispatch import Dispatcher, behind_of, keys_of


def ring(call: str, phone: str) -> RingPhone:
    return RingPhone(
        call=CallId(call),
        phone=PhoneId(phone),
        leg=LegId(f"n1:{call}-{phone}"),
        offer=OfferId("o"),
        ring_ms=8000,
        caller=None,
    )


def hang_up(call: str, phone: str | None) -> HangUp:
    return HangUp(
        call=CallId(call),
        leg=LegId("n1:l"),
        reason=Release.NORMAL,
        phone=None if phone is None else PhoneId(phone),
    )


def answer(call: str) -> AnswerLeg:
    return AnswerLeg(CallId(call), LegId("n1:l"))


def join(call: str, room: str) -> JoinRoom:
    return JoinRoom(CallId(call), RoomId(room), (LegId("n1:l"),))


@dataclass
class Asterisk:
    """Carries out commands when told to: the order of completion is the test's."""

    started: list[Command] = field(default_factory=list)
    open: list[tuple[Command, asyncio.Future[None]]] = field(default_factory=list)
    failures: list[Event] = field(default_factory=list)

    async def perform(self, command: Command) -> None:
        self.started.append(command)
        done = asyncio.get_running_loop().create_future()
        self.open.append((command, done))
        await done

    def dispatcher(self, *, parallel_max: int = 100, answer_s: float = 60) -> Dispatcher:
        return Dispatcher(
            self.perform, self.failures.append, parallel_max=parallel_max, answer_s=answer_s
        )

    async def settle(self, dispatcher: Dispatcher) -> None:
        """Let everything run that can run now."""
        while True:
            before = (len(self.started), len(self.open), dispatcher.waiting)
            for _ in range(3):
                await asyncio.sleep(0)
            if (len(self.started), len(self.open), dispatcher.waiting) == before:
                return

    async def finish(self, dispatcher: Dispatcher, index: int = 0) -> Command:
        command, done = self.open.pop(index)
        done.set_result(None)
        await self.settle(dispatcher)
        return command


async def test_a_hang_up_waits_for_the_ring_of_the_same_phone() -> None:
    asterisk = Asterisk()
    dispatcher = asterisk.dispatcher()
    first, second, other = ring("c1", "a8001"), hang_up("c1", "a8001"), answer("c2")
    commands: tuple[Command, ...] = (first, second, other)
    for command in commands:
        dispatcher.submit(command)
    await asterisk.settle(dispatcher)
    assert asterisk.started == [first, other]
    await asterisk.finish(dispatcher)
    assert asterisk.started == [first, other, second]


async def test_another_call_may_not_overtake_on_one_phone() -> None:
    """The INVITE of call 2 must not reach a8001 before the CANCEL of call 1."""
    asterisk = Asterisk()
    dispatcher = asterisk.dispatcher()
    commands: list[Command] = [
        ring("c1", "a8001"),
        hang_up("c1", "a8001"),
        ring("c2", "a8001"),
    ]
    for command in commands:
        dispatcher.submit(command)
    for expected in (1, 2, 3):
        await asterisk.settle(dispatcher)
        assert asterisk.started == commands[:expected]
        await asterisk.finish(dispatcher)


async def test_moves_into_a_holding_room_wait_for_it_but_not_for_each_other() -> None:
    asterisk = Asterisk()
    dispatcher = asterisk.dispatcher()
    opening = OpenHoldingRoom(None, RoomId("hold"))
    moves = [join("c1", "hold"), join("c2", "hold")]
    commands: list[Command] = [opening, *moves]
    for command in commands:
        dispatcher.submit(command)
    await asterisk.settle(dispatcher)
    assert asterisk.started == [opening]
    await asterisk.finish(dispatcher)
    assert asterisk.started == [opening, *moves]


async def test_no_more_under_way_than_allowed() -> None:
    asterisk = Asterisk()
    dispatcher = asterisk.dispatcher(parallel_max=2)
    commands = [answer(f"c{number}") for number in range(5)]
    for command in commands:
        dispatcher.submit(command)
    await asterisk.settle(dispatcher)
    assert asterisk.started == commands[:2]
    assert dispatcher.under_way == 2
    await asterisk.finish(dispatcher)
    assert asterisk.started == commands[:3]


async def test_a_command_without_an_answer_frees_its_phone_and_comes_back_as_failed() -> None:
    asterisk = Asterisk()
    dispatcher = asterisk.dispatcher(answer_s=0)
    stuck = ring("c1", "a8001")
    dispatcher.submit(stuck)
    await dispatcher.drain()
    [failure] = asterisk.failures
    assert isinstance(failure, CommandFailed)
    assert (failure.command, failure.call, failure.leg) == ("RingPhone", "c1", stuck.leg)
    assert "no answer" in failure.reason


class _AtOnce:
    """Deadlines that are over when they begin, as all are behind a long standstill: uvloop sees to
    its timers before it lets a task begin."""

    def __init__(self, seconds: float, give_up: Callable[[asyncio.Future[Any], Any], None]) -> None:
        self._give_up = give_up

    def add(self, answer: asyncio.Future[Any], of: object) -> None:
        self._give_up(answer, of)


async def test_a_command_is_not_given_up_before_it_has_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cancelled before its first step a task never ends what it was to do: its call and its phone
    were blocked for good, and the adapter waited for ever for it to be quiet before it connected
    again."""
    monkeypatch.setattr(dispatch, "Deadlines", _AtOnce)
    asterisk = Asterisk()
    dispatcher = asterisk.dispatcher()
    stuck = ring("c1", "a8001")
    dispatcher.submit(stuck)
    await asyncio.wait_for(dispatcher.drain(), 10)
    assert (asterisk.started, dispatcher.under_way) == ([stuck], 0)
    assert [type(failure) for failure in asterisk.failures] == [CommandFailed]


async def test_what_an_adapter_can_send_at_once_is_sent_in_the_step_itself() -> None:
    """T09: the INVITE to the agent waits for no round of the loop."""
    sent: list[Command] = []

    def perform(command: Command) -> Coroutine[Any, Any, None]:
        sent.append(command)
        return asyncio.sleep(0)

    dispatcher = Dispatcher(perform, lambda event: None, parallel_max=2)
    dispatcher.submit(ring("c1", "a8001"))
    assert sent == [ring("c1", "a8001")]
    await dispatcher.drain()


async def test_an_adapter_that_raises_before_it_waits_is_a_defect_too() -> None:
    failures: list[Event] = []

    def broken(command: Command) -> Coroutine[Any, Any, None]:
        raise RuntimeError("oh")

    dispatcher = Dispatcher(broken, failures.append, parallel_max=2)
    for _ in range(3):
        dispatcher.submit(answer("c1"))
    await dispatcher.drain()
    assert (dispatcher.defects, len(failures), dispatcher.under_way) == (3, 3, 0)


async def test_an_adapter_that_raises_is_a_defect_and_stops_nothing() -> None:
    failures: list[Event] = []

    async def broken(command: Command) -> None:
        raise RuntimeError("oh")

    dispatcher = Dispatcher(broken, failures.append, parallel_max=2)
    for _ in range(3):
        dispatcher.submit(answer("c1"))
    await dispatcher.drain()
    assert dispatcher.defects == 3
    assert [type(failure) for failure in failures] == [CommandFailed] * 3


async def test_ten_thousand_commands_that_fail_at_once_need_no_deep_stack() -> None:
    async def away(command: Command) -> None:
        return None

    dispatcher = Dispatcher(away, lambda event: None, parallel_max=1)
    for number in range(10_000):
        dispatcher.submit(answer(f"c{number % 3}"))
    await dispatcher.drain()
    assert (dispatcher.waiting, dispatcher.under_way) == (0, 0)


calls = st.sampled_from(["c1", "c2", "c3"])
phones = st.sampled_from(["a1", "a2"])
rooms = st.sampled_from(["hold-1", "hold-2"])
commands = st.one_of(
    st.builds(ring, calls, phones),
    st.builds(hang_up, calls, st.none() | phones),
    st.builds(answer, calls),
    st.builds(join, calls, rooms),
    st.builds(lambda room: OpenHoldingRoom(None, RoomId(room)), rooms),
    st.builds(lambda call: OpenRoom(CallId(call), RoomId(f"r-{call}")), calls),
)


@given(
    batch=st.lists(commands, max_size=30),
    completions=st.lists(st.integers(min_value=0, max_value=1000), max_size=60),
    parallel_max=st.integers(min_value=1, max_value=8),
)
@pytest.mark.parametrize("chunk", [1, 5])
def test_order_holds_for_every_order_of_completion(
    batch: list[Command], completions: list[int], parallel_max: int, chunk: int
) -> None:
    """Whatever finishes first: a command starts only when every earlier one that shares a key
    has ended, and everything is carried out in the end."""

    async def run() -> None:
        asterisk = Asterisk()
        dispatcher = asterisk.dispatcher(parallel_max=parallel_max)
        order = iter(completions)
        submitted: list[Command] = []
        finished: list[Command] = []

        def check() -> None:
            assert len(asterisk.open) <= parallel_max
            for command, _ in asterisk.open:
                position = _index(submitted, command)
                for earlier in submitted[:position]:
                    if _ordered(earlier, command):
                        assert any(done is earlier for done in finished)

        async def finish_one() -> None:
            index = next(order, 0) % len(asterisk.open)
            finished.append(await asterisk.finish(dispatcher, index))
            check()

        for position, command in enumerate(batch):
            dispatcher.submit(command)
            submitted.append(command)
            if position % chunk == chunk - 1:
                await asterisk.settle(dispatcher)
                check()
                if asterisk.open:
                    await finish_one()
        await asterisk.settle(dispatcher)
        while asterisk.open:
            await finish_one()
        await dispatcher.drain()
        assert len(finished) == len(batch)
        assert dispatcher.waiting == 0

    # Equal commands must stay distinguishable: each is an object of its own.
    batch = [_copy(command) for command in batch]
    asyncio.run(run())


def _ordered(earlier: Command, later: Command) -> bool:
    shared = set(keys_of(earlier)) & set(keys_of(later))
    return bool(shared) or behind_of(later) in keys_of(earlier)


def _copy(command: Command) -> Command:
    return type(command)(**{name: getattr(command, name) for name in command.__struct_fields__})


def _index(commands: list[Command], wanted: Command) -> int:
    return next(index for index, command in enumerate(commands) if command is wanted)


async def test_a_command_that_leaves_nothing_to_wait_for_is_done_when_it_is_started() -> None:
    started: list[Command] = []

    def perform(command: Command) -> Awaitable[None]:
        started.append(command)
        return DONE

    dispatcher = Dispatcher(perform, lambda event: None, parallel_max=1)
    before = asyncio.all_tasks()
    for number in range(3):
        dispatcher.submit(answer(str(number % 2)))
    assert started == [answer("0"), answer("1"), answer("0")]
    assert (dispatcher.under_way, dispatcher.waiting) == (0, 0)
    assert asyncio.all_tasks() == before
    await dispatcher.drain()
