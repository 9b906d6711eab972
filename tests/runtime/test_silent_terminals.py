"""Terminals that have not called for a month are told to the core, a share each night (W48)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from acd.core.events import Event, TerminalSilent
from acd.core.ids import TerminalId
from acd.runtime.watching.silent_terminals import SilentTerminals, until_night

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 3, 1, 18, tzinfo=UTC)


def silent(terminal: str) -> TerminalSilent:
    return TerminalSilent(terminal=TerminalId(terminal), number=None, elders=(), last_ms=None)


async def test_what_is_found_is_told_to_the_core() -> None:
    asked: list[tuple[datetime, int]] = []
    told: list[Event] = []

    async def look(since: datetime, limit: int) -> list[TerminalSilent]:
        asked.append((since, limit))
        return [silent("t1"), silent("t2")]

    terminals = SilentTerminals(
        look, told.append, days=30, tests_max=50, zone=SHANGHAI,
        now_ms=lambda: int(NOW.timestamp() * 1000),
    )  # fmt: skip
    assert await terminals.once() == 2
    assert asked == [(NOW - timedelta(days=30), 50)]
    assert told == [silent("t1"), silent("t2")]


def test_it_is_looked_at_two_in_the_night_where_the_callers_live() -> None:
    assert until_night(NOW - timedelta(seconds=1), SHANGHAI) == timedelta(seconds=1)
    assert until_night(NOW, SHANGHAI) == timedelta(days=1)
    berlin = ZoneInfo("Europe/Berlin")
    before_summer = datetime(2027, 3, 27, 3, tzinfo=berlin)
    # The hour from two to three is left out that night.
    assert until_night(before_summer, berlin) == timedelta(hours=23)
