"""Tokens of the HTTP APIs: made, revoked, and followed as they change (L2, X12).

Only a token's digest is kept.  A token is 256 bits of chance: nobody finds it by trying digests.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import AsyncGenerator
from datetime import datetime

import asyncpg
import msgspec

from acd.adapters.postgres.database import Pool, connect
from acd.adapters.postgres.errors import DatabaseAway, translated
from acd.adapters.postgres.statements import sql

log = logging.getLogger(__name__)

CHANNEL = "huling_tokens"
PREFIX = "hl_"
"""By it a token is known as one wherever it should not stand."""

HEARTBEAT_S = 5.0
BACKOFF_FIRST_S = 0.1
BACKOFF_MAX_S = 5.0


class KnownToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that has not been revoked, as its digest."""

    id: str
    sha256: bytes
    person: str
    role: str
    agent: str | None
    expires_at: datetime


class TokenLine(msgspec.Struct, frozen=True, kw_only=True):
    """A token as people are told of it."""

    id: str
    person: str
    role: str
    agent: str | None
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def digest(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


class PostgresTokens:
    """Every method raises DatabaseAway and DatabaseRefused."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        self._pool = pool
        self._place = place

    async def make(
        self, *, person: str, role: str, agent: str | None, expires_at: datetime
    ) -> tuple[str, str]:
        """Return a new token's id and the token itself, which is kept nowhere."""
        token = PREFIX + secrets.token_urlsafe(32)
        with translated(self._place):
            made: str = await self._pool.fetchval(
                sql("tokens_insert"), digest(token), person, role, agent, expires_at
            )
        return made, token

    async def knows_agent(self, number: str) -> bool:
        """Tell whether the directory has an agent, or a supervisor, of a number."""
        with translated(self._place):
            known: bool = await self._pool.fetchval(sql("agent_exists"), number)
        return known

    async def revoke(self, *, token_id: str | None = None, person: str | None = None) -> list[str]:
        """End one token, or all of a person's, and return the ids of those that this has ended."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("tokens_revoke"), token_id, person)
        return [row["token_id"] for row in rows]

    async def all(self) -> list[TokenLine]:
        """Return every token there has been, the newest first."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("tokens_all"))
        return [TokenLine(**row) for row in rows]


async def watch_tokens(database_url: str) -> AsyncGenerator[list[KnownToken], None]:
    """Yield the tokens that are not revoked now, and again after every change.

    PostgreSQL may go away at any time: the last list stays valid, and what has changed meanwhile is
    yielded when it is back.  Raises DatabaseRefused when the database says no.
    """
    backoff_s = BACKOFF_FIRST_S
    while True:
        connection: asyncpg.Connection[asyncpg.Record] | None = None
        try:
            connection = await connect(database_url)
            changed = asyncio.Event()
            with translated(database_url):
                await connection.add_listener(CHANNEL, lambda *_, it=changed: it.set())
            connection.add_termination_listener(lambda *_, it=changed: it.set())
            while True:
                # Cleared before reading: what changes during the reading is read once more.
                changed.clear()
                with translated(database_url):
                    rows = await connection.fetch(sql("tokens_good"))
                backoff_s = BACKOFF_FIRST_S
                yield [KnownToken(**row) for row in rows]
                try:
                    # Read again now and then, should a notice have been lost on the way.
                    await asyncio.wait_for(changed.wait(), HEARTBEAT_S)
                except TimeoutError:
                    continue
        except DatabaseAway as error:
            log.warning("PostgreSQL is away; the last tokens stay good. %s", error)
        finally:
            if connection is not None:
                connection.terminate()
        await asyncio.sleep(backoff_s)
        backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)
