"""The regulator's feeds as PostgreSQL keeps them: what is due, records, acknowledgements (L3, G02).

What may have changed is noted in the transaction of the change, and taken away in the one that
writes its record.  So it does not matter in which order changes are committed: a fact that a replay
writes a week later is due then.  One desk at a time writes records, and holds a lock until they are
committed: a reader who has come to a position has missed none before it.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec

from acd.adapters.postgres.database import Connection, Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

TAKEN_MAX = 2_000
"""So many notes at most are taken away at once: a transaction of a second or so."""


class FeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A record in its newest version; ``body`` is JSON."""

    record_id: str
    version: int
    position: int
    changed_at: datetime
    body: str


class FeedStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How far a feed has come: ``oldest_at`` of those that wait for an acknowledgement, and when
    anything of it was acknowledged last."""

    feed: str
    records: int
    unacknowledged: int
    oldest_at: datetime | None
    acknowledged_at: datetime | None


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody has a version of a record."""

    record_id: str
    version: int
    at: datetime
    who: str


class NoSuchVersion(Exception):
    """What was acknowledged has never been there; the sentence says which, and nothing is kept."""


class Taking:
    """What was due, within the transaction in which its records are written."""

    def __init__(self, connection: Connection, due: Sequence[tuple[str, str]]) -> None:
        self._connection = connection
        self.notes = len(due)
        self._due: dict[str, set[str]] = {}
        for feed, what in due:
            self.add(feed, what)

    def add(self, feed: str, what: str) -> None:
        """One more that may have changed with the others."""
        self._due.setdefault(feed, set()).add(what)

    def of(self, feed: str) -> list[str]:
        """What may have changed of a feed, in order."""
        return sorted(self._due.get(feed, ()))

    async def rows(self, feed: str) -> list[dict[str, Any]]:
        """Return what the record says now of all of a feed that may have changed."""
        ids = self.of(feed)
        if not ids:
            return []
        return [dict(row) for row in await self._connection.fetch(sql(f"feed_{feed}"), ids)]

    async def days_due(self, days: Collection[str]) -> None:
        """Note that days may have changed, for when they are over."""
        await self._connection.execute(sql("feed_days_due"), sorted(days))

    async def write(self, feed: str, records: Mapping[str, str]) -> None:
        """Write records, JSON by id; one that is as it was stays as it was."""
        if records:
            whole = msgspec.json.encode(
                {one: msgspec.Raw(body.encode()) for one, body in records.items()}
            )
            await self._connection.execute(sql("feed_write"), feed, whole.decode())


class PostgresFeeds:
    """Every method raises DatabaseAway and DatabaseRefused."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        self._pool = pool
        self._place = place

    async def key(self) -> bytes:
        """Return the key of the pseudonyms."""
        with translated(self._place):
            key: bytes = await self._pool.fetchval(sql("feed_key"))
        return key

    @asynccontextmanager
    async def taking(self, *, today: str) -> AsyncIterator[Taking | None]:
        """Take away what is due, of days those before ``today``; it is due again where this is left
        by an error.  None: another desk is at it."""
        with translated(self._place):
            async with self._pool.acquire() as connection, connection.transaction():
                if not await connection.fetchval(sql("feed_lock")):
                    yield None
                    return
                due = await connection.fetch(sql("feed_due_take"), TAKEN_MAX, today)
                yield Taking(connection, [(row["feed"], row["what"]) for row in due])

    async def page(self, feed: str, *, after: int, limit: int) -> list[FeedRow]:
        """Return the records behind a position, in their order."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("feed_page"), feed, after, limit)
        return [FeedRow(**row) for row in rows]

    async def newest(self, feed: str) -> int:
        """Return the position of a feed's newest record, 0 when it has none."""
        with translated(self._place):
            newest: int | None = await self._pool.fetchval(sql("feed_newest"), feed)
        return newest or 0

    async def standing(self, feeds: Sequence[str]) -> list[FeedStanding]:
        """Return how far each feed has come."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("feed_standing"), feeds)
        return [FeedStanding(**row) for row in rows]

    async def waiting(self, feeds: Sequence[str]) -> dict[str, datetime | None]:
        """Return since when each feed of which anything was ever acknowledged has waited; None:
        all of it is acknowledged."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("feed_waiting"), feeds)
        return {row["feed"]: row["oldest_at"] for row in rows}

    async def acknowledge(self, feed: str, versions: Sequence[tuple[str, int]], *, who: str) -> int:
        """Keep that somebody has these versions; return how many of them were new.  An older
        version than the record's is kept too: the newer one waits on.  Raises NoSuchVersion."""
        ids = [one for one, _ in versions]
        with translated(self._place):
            async with self._pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(sql("feed_versions"), feed, ids)
                standing = {row["record_id"]: row["version"] for row in rows}
                for one, version in versions:
                    if one not in standing:
                        raise NoSuchVersion(f"There is no record {one} in {feed}: nothing is kept.")
                    if version > standing[one]:
                        raise NoSuchVersion(
                            f"{one} has version {standing[one]} and not {version}: nothing is kept."
                        )
                new: int = await connection.fetchval(
                    sql("feed_acknowledge"), feed, ids, [version for _, version in versions], who
                )
        return new

    async def acknowledged(
        self, feed: str, *, record: str | None, limit: int
    ) -> list[Acknowledged]:
        """Return a feed's newest acknowledgements, or those of one record."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("feed_acknowledged"), feed, record, limit)
        return [Acknowledged(**row) for row in rows]
