"""What agents wrote down while the system was away (D19, X14).

As with notes of calls, the words are in PostgreSQL alone and in no fact, journal or log (decision
31): the switch is told only that there is something to be done, and for which number.
"""

from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.moments import epoch_ms
from acd.adapters.postgres.statements import sql
from acd.core.events import WrittenOffline
from acd.core.ids import AgentId

LIMIT_MAX = 1_000

UNOWED_MAX = 100
"""Told to the core at a time: a long outage's records come in one after the other."""


class OfflineRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One matter as an agent wrote it down; what they did not know is None, and once erased all of
    it is."""

    record: str
    written_at: datetime
    agent: str
    emergency: bool
    settled: bool
    number: str | None
    name: str | None
    address: str | None
    need: str | None
    handled: str | None


class HandedIn(OfflineRecord, frozen=True, kw_only=True):
    """One that PostgreSQL has."""

    handed_in_at: datetime
    handed_in_by: str
    erased_at: datetime | None


class PostgresOffline:
    """Every method raises DatabaseAway and DatabaseRefused."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        """``place`` names the database in errors."""
        self._pool = pool
        self._place = place

    async def take(self, one: OfflineRecord, *, by: str) -> datetime | None:
        """Write a record down, and return when it was handed in first: ``by`` may hand it in as
        often as they like.  None when its id is another record's.  When this returns it is on the
        disk."""
        with translated(self._place):
            at: datetime | None = await self._pool.fetchval(
                sql("offline_record_insert"), one.record, one.written_at, by, one.agent,
                one.emergency, one.settled, one.number, one.name, one.address, one.need,
                one.handled,
            )  # fmt: skip
        return at

    async def knows_agent(self, agent: str) -> bool:
        """Tell whether the directory has this agent."""
        with translated(self._place):
            known: bool = await self._pool.fetchval(sql("agent_exists"), agent)
        return known

    async def find(
        self,
        *,
        record: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> list[HandedIn]:
        """Return the newest for which everything given holds; ``until`` is not included.  At most
        LIMIT_MAX."""
        with translated(self._place):
            rows = await self._pool.fetch(
                sql("offline_records_find"), record, since, until, min(limit, LIMIT_MAX)
            )
        return [HandedIn(**row) for row in rows]

    async def erase(self, *, before: datetime, at: datetime) -> int:
        """Erase the words of what was handed in before a moment; return of how many."""
        with translated(self._place):
            erased: int = await self._pool.fetchval(sql("offline_records_erase"), before, at)
        return erased


async def read_unowed(pool: Pool, *, place: str) -> list[WrittenOffline]:
    """Return what was handed in, is somebody's to do, and for which nothing was ever owed; at most
    UNOWED_MAX, the oldest first.  ``place`` names the database in errors.  Raises DatabaseAway,
    DatabaseRefused."""
    with translated(place):
        rows = await pool.fetch(sql("offline_records_unowed"), UNOWED_MAX)
    return [
        WrittenOffline(
            record=row["record_id"],
            written_ms=epoch_ms(row["written_at"]),
            agent=AgentId(row["agent"]),
            number=row["number"],
            urgent=row["emergency"] and not row["settled"],
        )
        for row in rows
    ]
