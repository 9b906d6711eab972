"""Connections, and whether the schema is the one this version knows."""

import asyncio
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from acd.adapters.postgres.errors import DatabaseRefused, opening
from acd.adapters.postgres.statements import sql

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 30.0
"""Longer than any statement of ours takes; a lost network is otherwise noticed after hours."""

QUERIES_MAX = 50_000
IDLE_MAX_S = 300.0
"""After so many questions, or so long without one, a connection is made anew: asyncpg's own."""

_SESSION = {
    "application_name": "huling",
    "timezone": "UTC",
    # Our statements are small: compiling one costs more than running it.
    "jit": "off",
    # A frozen service must not keep rows locked.
    "idle_in_transaction_session_timeout": "60s",
}


if TYPE_CHECKING:
    _AnyPool = asyncpg.Pool[asyncpg.Record]
else:
    _AnyPool = asyncpg.Pool  # generic in its stubs alone


class _Pool(_AnyPool):
    """A pool whose connections are given back with nobody's error left behind.

    asyncpg shields the giving back, so that who is told to end meanwhile ends at once; when the
    session cannot be reset then, because PostgreSQL is cut off, that error is nobody's, and the
    loop complains of it ("Task exception was never retrieved").  The connection is ended by it all
    the same.
    """

    async def release(
        self,
        connection: Any,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - its own
    ) -> None:
        giving = asyncio.ensure_future(super().release(connection, timeout=timeout))
        giving.add_done_callback(_heard)
        await asyncio.shield(giving)


def _heard(giving: "asyncio.Future[None]") -> None:
    """Take the error of who waits no more; who still does gets it too."""
    if not giving.cancelled():
        giving.exception()


async def open_pool(database_url: str, *, connections_max: int = 8, name: str = "huling") -> Pool:
    """Open a pool on a migrated database; PostgreSQL shows its sessions under ``name``.

    Raises DatabaseRefused when the database says no or its schema is another version's, and
    DatabaseAway when it cannot be reached.
    """
    with opening(database_url):
        pool = await _Pool(
            database_url,
            min_size=1,
            max_size=connections_max,
            max_queries=QUERIES_MAX,
            max_inactive_connection_lifetime=IDLE_MAX_S,
            loop=None,
            connection_class=asyncpg.Connection,
            record_class=asyncpg.Record,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=COMMAND_TIMEOUT_S,
            server_settings={**_SESSION, "application_name": name},
        )
        try:
            async with pool.acquire() as connection:
                await require_schema(connection)
        except BaseException:
            await pool.close()
            raise
    return pool


async def connect(database_url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Open one connection outside any pool, for LISTEN.  Raises as ``open_pool`` does."""
    with opening(database_url):
        return await asyncpg.connect(
            database_url,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=COMMAND_TIMEOUT_S,
            server_settings=_SESSION,
        )


async def require_schema(connection: Connection) -> None:
    """Raise DatabaseRefused unless the schema is exactly the one this version was written for."""
    try:
        found = await connection.fetchval(sql("schema_revision"))
    except asyncpg.UndefinedTableError:
        found = None
    if found != head():
        raise DatabaseRefused(
            f"The database has schema {found or 'none'} and this version needs {head()}; "
            "run `acd db migrate`"
        )


@cache
def head() -> str:
    """Return the schema revision this version was written for: the newest file's number."""
    names = (entry.name for entry in (files("migrations") / "sql").iterdir())
    return max(name.partition("_")[0] for name in names if name.endswith("_up.sql"))
