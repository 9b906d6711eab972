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
    within_10_s: int
    within_15_s: int
    within_20_s: int
    abandoned: int


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

    async def queue_names(self) -> dict[str, str]:
        """Return each queue's name, the most important first."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("wall_queues"))
        return {row["id"]: row["name"] for row in rows}
