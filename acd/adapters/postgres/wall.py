"""Today's figures for the wallboard."""

from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql


class TodaySums(msgspec.Struct, frozen=True, kw_only=True):
    """Today's calls of one group; ``by`` is all, hour or queue, ``what`` its member."""

    by: str
    what: str | None
    offered: int
    answered: int
    judged_10_s: int
    """Of which it is known whether they were answered within 10 s: all but those who wait still."""
    judged_15_s: int
    judged_20_s: int
    within_10_s: int
    within_15_s: int
    within_20_s: int
    abandoned: int


class OpenWork(msgspec.Struct, frozen=True, kw_only=True):
    """What is not ended: cases, and what is owed to somebody."""

    cases: int
    oldest_case_ms: int | None
    """Age of the case that was opened first; None without one."""
    owed: int
    late: int
    """Of what is owed, what is past its deadline."""
    appointments: int = 0
    """Of what is owed, what was promised for a time of day that has not come (W34)."""
    next_appointment: datetime | None = None


class PostgresWall:
    """Raises DatabaseAway and DatabaseRefused."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        self._pool = pool
        self._place = place

    async def today(self, since: datetime, until: datetime, *, zone: str) -> list[TodaySums]:
        """Return the sums of the calls that came in between two moments."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("wall_today"), since, until, zone)
        return [TodaySums(**row) for row in rows]

    async def open_work(self, now: datetime) -> OpenWork:
        """Return what has not been ended by a moment, and how much of it is late."""
        with translated(self._place):
            row = await self._pool.fetchrow(sql("wall_open"), now)
        assert row is not None  # sums always make a row
        return OpenWork(**row)

    async def queue_names(self) -> dict[str, str]:
        """Return each queue's name, the most important first."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("wall_queues"))
        return {row["id"]: row["name"] for row in rows}
