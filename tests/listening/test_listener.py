"""The service's side of the pipe, with small programs in place of the one that listens: it is
started again when it ends, asked again for what is wanted, and never in the way."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from acd.adapters.listening import Listener
from acd.adapters.listening.messages import Setup
from acd.core.commands import ListenTo, StopListening
from acd.core.events import CallerHeard, CommandFailed, Event, Heard, LegGone
from acd.core.ids import CallId, LegId, Node
from acd.runtime.listening import Listening

CALL, LEG, OTHER = CallId("call-1"), LegId("n1:1700000000.1"), LegId("n1:1700000000.2")
SETUP = Setup("http://127.0.0.1:1", "acd", "secret")

ECHOING = """
import json, sys
setup = json.loads(sys.stdin.readline())
assert setup["password"] == "secret"
print('{"type":"Ready"}', flush=True)
for line in sys.stdin:
    order = json.loads(line)
    channel = order["channel"]
    if order["type"] == "Listen":
        said = {"type": "Gives", "channel": channel, "heard": "sound"}
    else:
        said = {"type": "Noticed", "what": "stopped", "key": channel}
    print(json.dumps(said), flush=True)
"""
"""Says of every leg that it gives sound."""

DYING = ECHOING + "    sys.exit(3)\n"
"""Ends with the first leg."""

BABBLING = "import sys; sys.stdin.readline(); print('not a message', flush=True); sys.stdin.read()"


class Inbox:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.counts: Counter[str] = Counter()
        self._changed = asyncio.Event()

    def put(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()

    def count(self, what: str, key: str) -> None:
        del key
        self.counts[what] += 1
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def listener(inbox: Inbox, program: str, *, legs_max: int = 2) -> AsyncIterator[Listener]:
    one = Listener(
        SETUP, inbox, node=Node("n1"), legs_max=legs_max, command=(sys.executable, "-c", program)
    )
    one.start()
    try:
        yield one
    finally:
        await one.stop()


async def test_what_is_asked_before_it_is_ready_is_asked_when_it_is() -> None:
    inbox = Inbox()
    async with listener(inbox, ECHOING) as one:
        await one.perform(ListenTo(CALL, LEG))
        await inbox.until(lambda: CallerHeard(LEG, Heard.SOUND) in inbox.events)
        await one.perform(ListenTo(CALL, LEG))
        assert inbox.counts["listened to already"] == 1
        await one.perform(StopListening(CALL, LEG))
        await inbox.until(lambda: inbox.counts["stopped"] == 1)
        await one.perform(StopListening(CALL, LEG))
        assert one.legs == 0


async def test_it_is_started_again_and_asked_again() -> None:
    inbox = Inbox()
    async with listener(inbox, DYING) as one:
        await one.perform(ListenTo(CALL, LEG))
        await inbox.until(lambda: inbox.events.count(CallerHeard(LEG, Heard.SOUND)) == 3)
        assert one.starts >= 3


async def test_what_cannot_be_understood_ends_its_life_and_nothing_else() -> None:
    inbox = Inbox()
    async with listener(inbox, BABBLING) as one:
        async with asyncio.timeout(60):
            while one.starts < 2:  # noqa: ASYNC110 (a counter, which tells nobody)
                await asyncio.sleep(0.02)
        assert not one.ready
        assert not inbox.events


async def test_at_the_limit_the_next_leg_is_refused_and_a_leg_that_ends_makes_room() -> None:
    inbox = Inbox()
    async with listener(inbox, ECHOING, legs_max=1) as one:
        await one.perform(ListenTo(CALL, LEG))
        await one.perform(ListenTo(CALL, OTHER))
        (refused,) = (event for event in inbox.events if isinstance(event, CommandFailed))
        assert (refused.command, refused.leg) == ("ListenTo", OTHER)
        one.gone(LEG)
        await one.perform(ListenTo(CALL, OTHER))
        await inbox.until(lambda: CallerHeard(OTHER, Heard.SOUND) in inbox.events)


async def test_what_is_heard_of_a_leg_that_nobody_wants_any_more_is_not_passed_on() -> None:
    inbox = Inbox()
    async with listener(inbox, ECHOING) as one:
        await one.perform(ListenTo(CALL, LEG))
        one.gone(LEG)
        await one.perform(ListenTo(CALL, OTHER))
        await inbox.until(lambda: CallerHeard(OTHER, Heard.SOUND) in inbox.events)
        assert CallerHeard(LEG, Heard.SOUND) not in inbox.events


async def test_a_program_that_is_not_there_is_tried_again() -> None:
    inbox = Inbox()
    one = Listener(SETUP, inbox, node=Node("n1"), legs_max=1, command=("/nowhere/to/be/found",))
    one.start()
    async with asyncio.timeout(60):
        while one.starts < 2:  # noqa: ASYNC110 (a counter, which tells nobody)
            await asyncio.sleep(0.02)
    await one.stop()
    assert not one.ready


async def test_commands_go_to_whom_they_are_for() -> None:
    """Turned off, nobody has to be told; a leg that ends is told to whoever listens."""
    asked: list[ListenTo | StopListening] = []
    gone: list[LegId] = []

    class Listens:
        async def perform(self, command: ListenTo | StopListening) -> None:
            asked.append(command)

        def gone(self, leg: LegId) -> None:
            gone.append(leg)

    async def other(command: object) -> None:
        raise AssertionError(command)

    off = Listening(other, None)
    await off.perform(ListenTo(CALL, LEG))
    on = Listening(other, Listens())
    await on.perform(StopListening(CALL, LEG))
    assert asked == [StopListening(CALL, LEG)]
    on.stepped(0, LegGone(LEG, why="normal"), (), 0)  # type: ignore[arg-type]
    assert gone == [LEG]


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(SETUP)


pytestmark = pytest.mark.filterwarnings("error")
