"""The driver gives the core one event at a time, wakes it on time, and outlives its failures."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from acd.adapters.asterisk.heard import ChannelArrived, LinkChanged
from acd.core.commands import AnswerLeg, Command, HangUp, Release, RingPhone
from acd.core.events import CallArrived, DigitPressed, Event, LegRang, TimePassed
from acd.core.facts import Defect, Fact, Ignored, Repaired
from acd.core.ids import CallId, EntryId, LegId, Node, OfferId, PhoneId, RequestId
from acd.core.replies import Done, Refused
from acd.runtime.clock import Clock
from acd.runtime.driver import EVENTS_PER_ROUND, Driver, Effect, FactSink
from acd.runtime.inbox import Inbox
from acd.runtime.past import Past

LEG = LegId("n1:1.1")
COMMAND = AnswerLeg(CallId("c"), LEG)
FACT = Ignored(at_ms=1, reason="r", key="k")
REPLY = Done(RequestId("r"), "ready")

RAW = ChannelArrived(
    leg=LEG,
    arrived_ms=5,
    endpoint="carrier-a",
    dialled="95001",
    caller="02160000001",
    recording=None,
)


@dataclass
class World:
    """A core and everything around it, each noting what it is given, in one list."""

    answers: Callable[[Event], list[Effect]] = lambda event: []
    deadline: int | None = None
    notes: list[object] = field(default_factory=list)
    may_act: bool = True
    asked: int = 0
    """Times that the driver has asked whether it may act."""
    foreseen: RingPhone | None = None
    more_sinks: list[FactSink] = field(default_factory=list)
    past: Past = field(default_factory=Past)
    send: Callable[[Sequence[Effect]], None] = lambda effects: None
    translate: Callable[[ChannelArrived], Event] = lambda raw: CallArrived(
        leg=raw.leg, arrived_ms=raw.arrived_ms, trunk=None, caller=None, called=EntryId("95001")
    )

    def __post_init__(self) -> None:
        self.inbox = Inbox(events_max=1000)
        self.clock = Clock()
        self.driver = Driver(
            self,
            self.inbox,
            self.clock,
            translate=lambda raw: self.translate(raw),
            links=self.notes.append,
            command=self.notes.append,
            reply=self.notes.append,
            sinks=[self, *self.more_sinks],
            past=self.past,
            may_act=self._asks,
        )

    def _asks(self) -> bool:
        self.asked += 1
        return self.may_act

    def step(self, now_ms: int, event: Event) -> list[Effect]:
        self.notes.append(event)
        return self.answers(event)

    def next_deadline(self) -> int | None:
        return self.deadline

    def foresee(self, now_ms: int, event: CallArrived) -> RingPhone | None:
        return self.foreseen

    def send_early(self, sender: Callable[[Sequence[Effect]], None]) -> None:
        self.send = sender

    def stepped(self, now_ms: int, event: Event, effects: Sequence[Effect], took_ns: int) -> None:
        self.notes.append("stepped")

    def decided(self, fact: Fact) -> None:
        self.notes.append(fact)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - any condition, not an event
                await asyncio.sleep(0)


async def test_commands_go_out_before_anything_else_of_a_step() -> None:
    world = World(answers=lambda event: [FACT, REPLY, COMMAND])
    world.driver.start()
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: len(world.notes) == 5)
    assert world.notes == [LegRang(LEG), COMMAND, "stepped", FACT, REPLY]


class _Wishful:
    """Wants to see facts of some classes alone, and no steps."""

    def __init__(self, *wants: type) -> None:
        self.wants = frozenset(wants)
        self.seen: list[Fact] = []

    def decided(self, fact: Fact) -> None:
        self.seen.append(fact)


async def test_who_wants_some_facts_sees_those_and_no_others() -> None:
    other = Repaired(at_ms=1, what="w", key="k")
    both, one, none = _Wishful(Ignored, Repaired), _Wishful(Repaired), _Wishful()
    world = World(answers=lambda event: [FACT, other], more_sinks=[both, one, none])
    world.driver.start()
    world.inbox.put(LegRang(LEG))
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: len(world.notes) == 8)
    assert world.notes == 2 * [LegRang(LEG), "stepped", FACT, other]
    assert (both.seen, one.seen, none.seen) == (2 * [FACT, other], 2 * [other], [])


async def test_facts_and_times_of_steps_lie_in_the_past() -> None:
    """In order, for metrics and stream; whoever watches is told of each step."""
    world = World(answers=lambda event: [FACT, REPLY, COMMAND, FACT])
    told: list[int] = []
    world.past.watch(lambda: told.append(len(world.past.facts)))
    world.driver.start()
    world.inbox.put(LegRang(LEG))
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: len(told) == 2)
    assert told == [2, 4]
    assert world.past.facts == [FACT] * 4
    assert len(world.past.took_ns) == 2


async def test_what_the_core_sends_early_goes_out_within_the_step_and_once() -> None:
    """T09: an agent's phone does not wait for the rest of the step that lets it ring."""
    world = World()
    hurried, later = AnswerLeg(CallId("c"), LEG), AnswerLeg(CallId("d"), LEG)

    def answers(event: Event) -> list[Effect]:
        effects: list[Effect] = [FACT, hurried]
        world.send(effects)
        world.notes.append("the rest of the step")
        effects += [REPLY, later]
        return effects

    world.answers = answers
    world.driver.start()
    world.inbox.serve(LegRang(LEG))
    assert world.notes == [LegRang(LEG), hurried, "the rest of the step", later]
    await world.until(lambda: len(world.notes) == 7)
    assert world.notes[4:] == ["stepped", FACT, REPLY]


def ring(phone: str, leg: str = "n1:hl-1-1") -> RingPhone:
    return RingPhone(
        call=CallId("1-1"),
        phone=PhoneId(phone),
        leg=LegId(leg),
        offer=OfferId("1-1"),
        ring_ms=1,
        caller=None,
    )


async def test_a_ring_that_is_foreseen_goes_out_before_the_step_and_once() -> None:
    """T09: the caller waits for no more than whom to ring."""
    ahead, later = ring("a8001"), AnswerLeg(CallId("d"), LEG)
    world = World(foreseen=ahead)

    def answers(event: Event) -> list[Effect]:
        effects: list[Effect] = [FACT, ring("a8001")]
        world.send(effects)
        world.notes.append("the rest of the step")
        return [*effects, later]

    world.answers = answers
    world.driver.start()
    world.inbox.serve(RAW)
    assert world.notes == [ahead]
    await world.until(lambda: "stepped" in world.notes)
    assert isinstance(world.notes[1], CallArrived)
    assert world.notes[2:5] == ["the rest of the step", later, "stepped"]
    assert (world.driver.rung_ahead, world.driver.taken_back, world.driver.failures) == (1, 0, 0)
    world.foreseen = None
    world.inbox.serve(RAW)
    await world.until(lambda: world.notes.count(ahead) == 2)
    assert world.driver.rung_ahead == 1


async def test_no_other_step_comes_between_a_ring_and_the_step_that_is_owed() -> None:
    """What was foreseen holds for the state in which it was."""
    ahead = ring("a8001")
    world = World(foreseen=ahead)
    times: list[tuple[int, type]] = []

    def step(now_ms: int, event: Event) -> list[Effect]:
        times.append((now_ms, type(event)))
        return [ahead] if isinstance(event, CallArrived) else []

    world.step = step  # type: ignore[method-assign]
    world.driver.start()
    before_ms = world.clock.now_ms()
    world.inbox.serve(RAW)
    asked_ms = world.clock.now_ms()
    assert times == []
    world.inbox.serve(LegRang(LEG))
    await world.until(lambda: len(times) == 2)
    assert [kind for _, kind in times] == [CallArrived, LegRang]
    assert before_ms <= times[0][0] <= asked_ms


async def test_a_deadline_waits_for_the_step_that_is_owed() -> None:
    world = World(foreseen=ring("a8001"))
    world.answers = lambda event: [ring("a8001")] if isinstance(event, CallArrived) else []
    world.driver.start()
    world.inbox.serve(RAW)
    world.deadline = 0
    world.driver._due()
    kinds = [type(note) for note in world.notes]
    assert kinds.index(CallArrived) < kinds.index(TimePassed)


async def test_two_callers_at_once_are_rung_for_one_after_the_other() -> None:
    world = World(foreseen=ring("a8001"))
    world.answers = lambda event: [ring("a8001")]
    world.driver.start()
    world.inbox.put(RAW)
    world.inbox.put(RAW)
    await world.until(lambda: world.notes.count("stepped") == 2)
    kinds = [type(note) for note in world.notes if note != "stepped"]
    assert kinds == 2 * [RingPhone, CallArrived]


async def test_the_step_that_is_owed_is_done_before_the_end() -> None:
    world = World(foreseen=ring("a8001"))
    world.answers = lambda event: [ring("a8001")]
    world.driver.start()
    world.inbox.serve(RAW)
    world.inbox.put(RAW)
    world.driver.stop()
    kinds = [type(note) for note in world.notes if note != "stepped"]
    assert kinds == 2 * [RingPhone, CallArrived]
    assert world.notes.count("stepped") == 2


async def test_the_step_that_is_owed_waits_until_one_may_act() -> None:
    world = World(foreseen=ring("a8001"))
    world.answers = lambda event: [ring("a8001")]
    world.driver.start()
    world.inbox.serve(RAW)
    world.may_act = False
    world.driver._owed_due()
    assert world.notes == [ring("a8001")]
    world.may_act = True
    world.driver.go_on()
    await world.until(lambda: "stepped" in world.notes)
    assert world.driver.taken_back == 0


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        pytest.param([], [], id="nobody-is-rung"),
        pytest.param([COMMAND], [COMMAND], id="something-else-is-done"),
        pytest.param([ring("a8002", "n1:hl-1-2")], [ring("a8002", "n1:hl-1-2")], id="another-leg"),
        # The end of that leg tells the core that nothing has come of the ring: it rings again.
        pytest.param([ring("a8002")], [], id="another-phone-in-its-name"),
    ],
)
async def test_a_ring_that_does_not_follow_is_taken_back(
    given: list[Effect], sent: list[Command]
) -> None:
    """Our own bug, should it ever be: no phone rings on for nobody, and it is counted."""
    ahead = ring("a8001")
    back = HangUp(call=ahead.call, leg=ahead.leg, reason=Release.NORMAL, phone=PhoneId("a8001"))
    world = World(foreseen=ahead, answers=lambda event: given)
    world.driver.start()
    world.inbox.serve(RAW)
    await world.until(lambda: "stepped" in world.notes)
    sends = [note for note in world.notes if isinstance(note, RingPhone | HangUp | AnswerLeg)]
    assert sends == [ahead, back, *sent]
    assert (world.driver.rung_ahead, world.driver.taken_back, world.driver.failures) == (1, 1, 1)


async def test_a_core_that_fails_at_looking_ahead_decides_all_the_same() -> None:
    world = World(answers=lambda event: [ring("a8001")])

    def fail(now_ms: int, event: CallArrived) -> RingPhone | None:
        raise KeyError("nobody thought of this")

    world.foresee = fail  # type: ignore[method-assign]
    world.driver.start()
    world.inbox.serve(RAW)
    assert world.notes[1:] == [ring("a8001")]
    assert world.driver.failures == 1


async def test_nothing_is_decided_until_one_may_act() -> None:
    """After a standstill what has come waits, overdue moments too, and nothing of it is lost."""
    world = World(deadline=0, may_act=False)
    world.driver.start()
    world.inbox.serve(LegRang(LEG))
    asked = world.asked
    await world.until(lambda: world.asked > asked)  # for the sake of the overdue timer
    assert world.notes == []
    world.may_act, world.deadline = True, None
    world.driver.go_on()
    await world.until(lambda: LegRang(LEG) in world.notes)


async def test_what_became_due_while_the_machine_slept_is_done_when_it_wakes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop's timers stand still meanwhile: this one would have been as late as the sleep was
    long."""
    world = World(deadline=Clock().now_ms() + 600_000)
    world.driver.start()
    real = time.clock_gettime_ns
    slept_ns = {time.CLOCK_BOOTTIME: 3_600_000_000_000}
    monkeypatch.setattr(time, "clock_gettime_ns", lambda one: real(one) + slept_ns.get(one, 0))
    world.driver.go_on()
    await world.until(lambda: TimePassed() in world.notes)
    world.driver.stop()


async def test_who_has_lost_the_switch_ends_without_a_decision() -> None:
    world = World(may_act=False)
    world.driver.start()
    world.inbox.put(LegRang(LEG))
    world.driver.stop()
    assert world.notes == []


async def test_a_command_that_cannot_be_given_on_early_is_no_fault_of_the_core() -> None:
    world = World()

    def answers(event: Event) -> list[Effect]:
        world.send([COMMAND])
        return [COMMAND, FACT]

    def refuse(command: Command) -> None:
        raise RuntimeError("no")

    world.answers = answers
    world.driver._command = refuse
    world.driver.start()
    world.inbox.serve(LegRang(LEG))
    await world.until(lambda: FACT in world.notes)
    assert world.driver.failures == 1
    assert not any(isinstance(note, Defect) for note in world.notes)


async def test_a_command_that_fails_costs_no_other_command_of_its_step() -> None:
    hang_up = HangUp(call=CallId("c"), leg=LEG, reason=Release.NORMAL, phone=None)
    world = World(answers=lambda event: [COMMAND, hang_up])
    given: list[Command] = []

    def give(command: Command) -> None:
        given.append(command)
        if command == COMMAND:
            raise RuntimeError("no")

    world.driver._command = give
    world.driver.start()
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: "stepped" in world.notes)
    assert given == [COMMAND, hang_up]
    assert world.driver.failures == 1


class _Failing:
    """Fails at every step and every fact."""

    def stepped(self, now_ms: int, event: Event, effects: Sequence[Effect], took_ns: int) -> None:
        raise RuntimeError("no")

    def decided(self, fact: Fact) -> None:
        raise RuntimeError("no")


async def test_a_sink_that_fails_costs_no_other_sink_and_nobody_their_reply() -> None:
    """A journal that cannot take a step leaves the records whole, and whoever asked is answered."""
    world = World(answers=lambda event: [FACT, REPLY])
    world.driver = Driver(
        world,
        world.inbox,
        world.clock,
        translate=world.translate,
        links=world.notes.append,
        command=world.notes.append,
        reply=world.notes.append,
        sinks=[_Failing(), world],
        past=world.past,
        may_act=lambda: True,
    )
    world.driver.start()
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: len(world.past.took_ns) == 1 and world.driver.failures > 0)
    assert world.notes == [LegRang(LEG), "stepped", FACT, REPLY]
    assert world.past.facts == [FACT]
    assert world.driver.failures == 2


async def test_what_a_command_starts_runs_before_the_sinks_and_before_the_next_event() -> None:
    """T09: the INVITE to the agent does not wait for the journal, nor for another call."""
    world = World(answers=lambda event: [FACT, COMMAND])
    world.driver.start()
    loop = asyncio.get_running_loop()

    def send(command: Command) -> None:
        loop.call_soon(world.notes.append, "sent")

    world.driver._command = send
    world.inbox.put(LegRang(LEG))
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: len(world.notes) == 8)
    assert world.notes == 2 * [LegRang(LEG), "sent", "stepped", FACT]


async def test_an_event_that_finds_nothing_before_it_is_decided_in_the_same_call() -> None:
    """T09: no round of the loop lies between Asterisk's event and the INVITE; what the step has to
    tell comes later all the same."""
    world = World(answers=lambda event: [FACT, COMMAND])
    world.driver.start()
    world.inbox.serve(LegRang(LEG))
    assert world.notes == [LegRang(LEG), COMMAND]
    await world.until(lambda: len(world.notes) == 4)
    assert world.notes[2:] == ["stepped", FACT]


async def test_an_event_behind_others_keeps_its_turn() -> None:
    world = World()
    world.driver.start()
    first, second = LegRang(LEG), DigitPressed(LEG, "1")
    world.inbox.put(first)
    world.inbox.serve(second)
    assert world.notes == []
    await world.until(lambda: len(world.notes) == 4)
    assert world.notes == [first, "stepped", second, "stepped"]


async def test_what_a_step_puts_and_serves_waits_for_the_end_of_the_step() -> None:
    """A command that fails at once must not be decided on in the middle of the deciding step."""
    world = World()

    def answers(event: Event) -> list[Effect]:
        if isinstance(event, LegRang):
            world.inbox.serve(DigitPressed(LEG, "1"))
            world.notes.append("end of the step")
        return []

    world.answers = answers
    world.driver.start()
    world.inbox.serve(LegRang(LEG))
    assert world.notes[:2] == [LegRang(LEG), "end of the step"]
    await world.until(lambda: DigitPressed(LEG, "1") in world.notes)


async def test_what_came_before_the_start_is_taken() -> None:
    world = World()
    world.inbox.put(LegRang(LEG))
    world.driver.start()
    await world.until(lambda: bool(world.notes))
    assert world.notes[0] == LegRang(LEG)


async def test_raw_channels_are_translated_and_links_never_reach_the_core() -> None:
    world = World()
    world.driver.start()
    link = LinkChanged(node=Node("n1"), link="ari", up=True, reason="")
    world.inbox.put(link)
    world.inbox.put(RAW)
    await world.until(lambda: len(world.notes) == 3)
    assert world.notes[0] is link
    assert isinstance(world.notes[1], CallArrived)


async def test_a_failing_core_costs_one_event(caplog: pytest.LogCaptureFixture) -> None:
    def answers(event: Event) -> list[Effect]:
        if isinstance(event, DigitPressed):
            raise KeyError("nobody thought of this")
        return [FACT]

    world = World(answers=answers)
    world.driver.start()
    world.inbox.put(DigitPressed(LEG, "1"))
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: FACT in world.notes)
    defects = [note for note in world.notes if isinstance(note, Defect)]
    assert len(defects) == 1
    assert "KeyError at DigitPressed" in defects[0].sentence


async def test_a_failing_translation_costs_one_call() -> None:
    world = World()

    def broken(raw: ChannelArrived) -> Event:
        raise ValueError("no")

    world.translate = broken
    world.driver.start()
    world.inbox.put(RAW)
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: LegRang(LEG) in world.notes)
    assert world.driver.failures == 1


async def test_the_core_is_woken_at_its_deadline_and_not_before() -> None:
    world = World()
    woken_ms: list[int] = []

    def answers(event: Event) -> list[Effect]:
        if isinstance(event, TimePassed):
            woken_ms.append(world.clock.now_ms())
            world.deadline = None
        return []

    world.answers = answers
    due_ms = world.deadline = world.clock.now_ms() + 20
    world.driver.start()
    await world.until(lambda: bool(woken_ms))
    assert woken_ms[0] >= due_ms
    assert world.notes.count(TimePassed()) == 1


async def test_a_nearer_deadline_moves_the_timer() -> None:
    world = World()
    world.deadline = world.clock.now_ms() + 3_600_000
    world.driver.start()

    def answers(event: Event) -> list[Effect]:
        world.deadline = None if isinstance(event, TimePassed) else world.clock.now_ms() + 5
        return []

    world.answers = answers
    world.inbox.put(LegRang(LEG))
    await world.until(lambda: TimePassed() in world.notes)


async def test_a_deadline_that_never_passes_is_no_busy_loop() -> None:
    world = World()
    world.deadline = world.clock.now_ms() - 1
    world.driver.start()
    await world.until(lambda: TimePassed() in world.notes)
    for _ in range(100):
        await asyncio.sleep(0)
    assert world.notes.count(TimePassed()) == 1
    world.driver.stop()


async def test_a_flood_leaves_the_loop_time_for_others() -> None:
    world = World()
    for _ in range(EVENTS_PER_ROUND * 3):
        world.inbox.put(LegRang(LEG))
    world.driver.start()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert 0 < len(world.inbox) < EVENTS_PER_ROUND * 3
    await world.until(lambda: not len(world.inbox))


async def test_the_end_takes_what_is_there_and_nothing_after() -> None:
    world = World()
    world.driver.start()
    world.inbox.put(LegRang(LEG))
    world.driver.stop()
    world.inbox.put(DigitPressed(LEG, "1"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [note for note in world.notes if note != "stepped"] == [LegRang(LEG)]


def test_every_kind_of_effect_is_known() -> None:
    """An effect is told by its type; a new kind must not fall through as a fact by accident."""
    from typing import get_args

    kinds = [set(get_args(union)) for union in (Command, Fact, Done | Refused)]
    assert not kinds[0] & kinds[1]
    assert not kinds[0] & kinds[2]
    assert not kinds[1] & kinds[2]
