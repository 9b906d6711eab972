"""Each night: which terminals have not called for a month, so that somebody tests them (W48).

A terminal that cannot call says nothing, and nobody notices before it is needed.  The record knows
when each last called.  A night's share is bounded: what comes too late tonight comes tomorrow, and
people can do only so many tests a day.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from acd.adapters.postgres.errors import DatabaseError
from acd.core.events import Event, TerminalSilent
from acd.runtime.logs import logger

log = logger(__name__)

HOUR = 2
"""When few call; the archive's own check comes an hour later."""

AGAIN_S = 300.0
"""PostgreSQL did not answer in the night: looked again after this."""

Look = Callable[[datetime, int], Awaitable[list[TerminalSilent]]]


class SilentTerminals:
    """Looks, and tells the core."""

    def __init__(
        self,
        look: Look,
        put: Callable[[Event], None],
        *,
        days: int,
        tests_max: int,
        zone: ZoneInfo,
        now_ms: Callable[[], int],
    ) -> None:
        """``look`` returns at most so many terminals that have not called since a moment;
        ``days`` is how long that is, ``tests_max`` a night's share."""
        self._look = look
        self._put = put
        self._days = days
        self._tests_max = tests_max
        self._zone = zone
        self._now_ms = now_ms

    async def run(self) -> None:
        """Look each night, for ever."""
        while True:
            await asyncio.sleep(until_night(self._now(), self._zone).total_seconds())
            while True:
                try:
                    await self.once()
                    break
                except DatabaseError as error:
                    # Whatever PostgreSQL says, the switch goes on.
                    log.warning("Silent terminals cannot be looked up.", why=str(error))
                    await asyncio.sleep(AGAIN_S)

    async def once(self) -> int:
        """Look once and tell the core; return how many were found.  Raises DatabaseError."""
        since = self._now() - timedelta(days=self._days)
        found = await self._look(since, self._tests_max)
        for one in found:
            self._put(one)
        if found:
            log.info("Terminals are to be tested.", found=len(found), days=self._days)
        return len(found)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._now_ms() / 1000, UTC)


def until_night(now: datetime, zone: ZoneInfo) -> timedelta:
    """Return how long it is until the next look, which is never 0."""
    here = now.astimezone(zone)
    night = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if night <= here:
        night += timedelta(days=1)
    # Two moments of one zone would be subtracted by their clocks, summer time or not.
    return night.astimezone(UTC) - now.astimezone(UTC)
