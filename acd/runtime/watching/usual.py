"""Whether it is too quiet: no call for so long that many must have been lost.

Silence is the failure nobody reports (6,600 calls were lost once behind a counter that had reached
its end).  How long is too long depends on the hour of the week, so it is told in calls: how many
usually come in the time since the last one came.  At three in the night that is a fraction, on a
Monday morning it is fifteen within minutes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from acd.adapters.postgres.errors import DatabaseError
from acd.adapters.postgres.usual import HOURS, CallHistory
from acd.core.facts import CallOffered
from acd.runtime.logs import logger
from acd.runtime.metrics.exposition import Exposition

log = logger(__name__)

WEEKS_MIN = 3
"""Fewer weeks say nothing of what is usual: the busiest of them is left out."""
READ_S = 3600.0
AGAIN_S = 30.0
HOUR = timedelta(hours=1)


def usual(calls: Sequence[Sequence[int]]) -> tuple[float, ...] | None:
    """Return how many calls come in each hour of the week, or None when too little is known.

    The mean of the weeks without the busiest one, so that one storm makes no later Monday look
    quiet.
    """
    weeks = len(calls)
    if weeks < WEEKS_MIN:
        return None
    return tuple(
        (sum(week[hour] for week in calls) - max(week[hour] for week in calls)) / (weeks - 1)
        for hour in range(HOURS)
    )


def expected(rates: Sequence[float], since: datetime, until: datetime, zone: ZoneInfo) -> float:
    """Return how many calls usually come between two moments: each hour's rate for as long as it
    lasts.  ``rates`` are by the hour of the week in ``zone``, 0 is Monday's first."""
    until = min(until, since + timedelta(weeks=1))
    found = 0.0
    at = since.astimezone(UTC)
    while at < until:
        local = at.astimezone(zone)
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        end = min(at + HOUR - into, until.astimezone(UTC))
        found += rates[local.weekday() * 24 + local.hour] * ((end - at) / HOUR)
        at = end
    return found


class Usual:
    """Knows what is usual and when the last call came."""

    def __init__(
        self,
        read: Callable[[datetime], Awaitable[CallHistory]],
        metrics: Exposition,
        *,
        zone: ZoneInfo,
        now_ms: Callable[[], int],
    ) -> None:
        """``read`` returns the history before a moment; ``metrics`` hears of every call."""
        self._read = read
        self._zone = zone
        self._now_ms = now_ms
        self._rates: tuple[float, ...] | None = None
        self._last_ms: int | None = None
        metrics.on(CallOffered, self._offered)
        metrics.gauge_if_known(
            "huling_calls_expected_since_last",
            "Calls that usually come in the time since the last one came.",
            self.expected,
        )

    def expected(self) -> float | None:
        """Return how many should have come since the last that ``metrics`` has counted; None while
        that is not known."""
        if self._rates is None or self._last_ms is None:
            return None
        return expected(self._rates, _moment(self._last_ms), _moment(self._now_ms()), self._zone)

    async def once(self) -> None:
        """Read the history.  Raises DatabaseError."""
        history = await self._read(_moment(self._now_ms()))
        self._rates = usual(history.calls)
        if history.last is not None:
            last_ms = int(history.last.timestamp() * 1000)
            self._last_ms = max(self._last_ms or 0, last_ms)

    async def run(self) -> None:
        """Read the history again each hour, for ever; what was last known stays meanwhile."""
        while True:
            try:
                await self.once()
            except DatabaseError as error:
                # Nobody's call depends on it: whatever PostgreSQL says, the switch goes on.
                log.warning("The history of calls cannot be read.", why=str(error))
                await asyncio.sleep(AGAIN_S)
                continue
            await asyncio.sleep(READ_S)

    def _offered(self, fact: CallOffered) -> None:
        if not fact.synthetic:
            self._last_ms = max(self._last_ms or 0, fact.arrived_ms)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
