"""Whom the dialplan rings when the service is away (T18, X14): what is listed, and when."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from acd.adapters.asterisk.errors import AsteriskUnreachable
from acd.core.facts import AgentStateChanged
from acd.core.ids import AgentId, PhoneId
from acd.core.tables import AgentState
from acd.runtime import fallback
from acd.runtime.fallback import FallbackList, phones_of
from tests.core.story import go_on, tell


class Asterisk:
    """Keeps what is written; unreachable while ``away``."""

    def __init__(self) -> None:
        self.written: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self.asked = asyncio.Event()
        self.away = False

    async def write(self, phones: Sequence[PhoneId]) -> None:
        self.asked.set()
        if self.away:
            raise AsteriskUnreachable("There is no AMI link.")
        self.written.put_nowait(tuple(phones))


def logged(was: AgentState, now: AgentState) -> AgentStateChanged:
    return AgentStateChanged(
        at_ms=1,
        agent=AgentId("8001"),
        seat=None,
        was=was,
        now=now,
        reason=None,
        from_ms=0,
        call=None,
    )


LOGGED_IN = logged(AgentState.LOGGED_OUT, AgentState.READY)


@pytest.fixture
def asterisk(monkeypatch: pytest.MonkeyPatch) -> Asterisk:
    monkeypatch.setattr(fallback, "GATHER_S", 0)
    return Asterisk()


@pytest.fixture
async def kept(asterisk: Asterisk) -> AsyncIterator[FallbackList]:
    """The list of a switch with 8001 logged in, being written."""
    found = FallbackList(tell("", agents="8001").core.state, asterisk.write)
    keeping = asyncio.create_task(found.keep())
    yield found
    keeping.cancel()


def test_whoever_serves_emergencies_stands_first_and_the_robot_nowhere() -> None:
    story = tell("", agents="8011 8099 8001 8005", away="8002")
    assert phones_of(story.core.state) == ("a8001", "a8005", "a8011")


async def test_it_is_written_when_somebody_logs_in_and_only_when_it_is_another(
    asterisk: Asterisk, kept: FallbackList
) -> None:
    kept.decided(LOGGED_IN)
    assert await asterisk.written.get() == ("a8001",)
    asterisk.asked.clear()
    kept.decided(logged(AgentState.READY, AgentState.OFFERED))
    kept.decided(LOGGED_IN)
    kept.again()  # a new AMI link: written whatever it is, once
    assert await asterisk.written.get() == ("a8001",)
    assert asterisk.written.empty()


async def test_what_could_not_be_written_is_written_with_the_next_link(
    asterisk: Asterisk, kept: FallbackList
) -> None:
    asterisk.away = True
    kept.again()
    await asterisk.asked.wait()
    asterisk.away = False
    kept.again()
    assert await asterisk.written.get() == ("a8001",)


def test_nobody_is_never_written_over_somebody(asterisk: Asterisk) -> None:
    """A service that has just been started again knows nobody yet; should it fail again, the phones
    of before are rung."""
    story = tell("", away="8001")
    found = FallbackList(story.core.state, asterisk.write)
    found.again()
    assert found.due() == ()
    go_on(story, "1.000 8001 asks to log in at s8001 | 8001 ready; done: ready")
    assert found.due() == ("a8001",)
