"""The lease: which of several services decides now.

One row, which its holder renews each second.  Whoever waits for it reads how often it has been
renewed: when that has not grown for some seconds of their own clock, the holder is gone.  So no two
clocks are compared, and a correction of one takes nothing over.

The connection is one of its own: questions that fill the pool must not cost the lease.
"""

import asyncio
from typing import Any, TypeVar

import asyncpg
import msgspec

from acd.adapters.postgres.database import connect
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

ANSWER_S = 1.0
"""A renewal that takes longer is none: the next one is due."""

T = TypeVar("T")


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The row as it was read; see migrations/sql/0022_lease_up.sql."""

    epoch: int
    owner: str
    address: str
    renewals: int
    seen_ms: int
    released: bool


class PostgresLease:
    """Every method raises DatabaseAway when there is no answer within ``ANSWER_S``, and
    DatabaseRefused when the database says no."""

    def __init__(self, database_url: str, *, owner: str, address: str) -> None:
        """``owner`` names this service's database sessions, ``address`` its control API."""
        self._url = database_url
        self._owner = owner
        self._address = address
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def read(self) -> Lease | None:
        """Return the lease, None when nobody has ever had it."""
        found = await self._row("lease_read")
        return None if found is None else Lease(**found)

    async def take(self, epoch: int, *, now_ms: int, over: Lease | None) -> bool:
        """Have the lease from now on; with ``over``, only if nothing has become of that.

        Whoever had it can write nothing more: its sessions are ended."""
        seen = (None, None) if over is None else (over.epoch, over.renewals)
        before = over or await self.read()
        taken = await self._row("lease_take", epoch, self._owner, self._address, now_ms, *seen)
        if taken is not None and before is not None and before.owner != self._owner:
            await self._row("sessions_end", before.owner)
        return taken is not None

    async def renew(self, epoch: int, *, now_ms: int) -> bool:
        """Say that we are here; False when another has the lease."""
        return await self._row("lease_renew", epoch, now_ms) is not None

    async def release(self, epoch: int, *, now_ms: int) -> None:
        """Give the lease back, if it is ours."""
        await self._row("lease_release", epoch, now_ms)

    async def close(self) -> None:
        """End the connection at once; the next question opens another."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _row(self, name: str, *arguments: object) -> Any:
        try:
            with translated(self._url):
                async with asyncio.timeout(ANSWER_S):
                    if self._connection is None or self._connection.is_closed():
                        self._connection = await connect(self._url)
                    return await self._connection.fetchrow(sql(name), *arguments)
        except BaseException:
            # What became of the question is not known: the next one goes another way.
            await self.close()
            raise
