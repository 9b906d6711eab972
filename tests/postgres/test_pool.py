"""The pool of connections, over a line that is cut: who gives one back is told to end meanwhile."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from acd.adapters.postgres.database import Pool, open_pool
from acd.runtime.tasks import ended

WAIT_S = 60.0


class Line:
    """What carries between a client and PostgreSQL, until it is cut: then nothing gets through and
    nobody is told."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self._far = (host, port)
        self._through = asyncio.Event()
        self._through.set()
        self._writers: list[asyncio.StreamWriter] = []
        self.held = asyncio.Event()
        """Something is stuck since the cut."""

    def mend(self) -> None:
        self._through.set()

    def cut(self) -> None:
        self._through.clear()

    async def ends_when_held(self) -> None:
        await self.held.wait()
        self.ends()

    def ends(self) -> None:
        """The network gives up: each side is told that the connection is gone."""
        for writer in self._writers:
            writer.transport.abort()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with await asyncio.start_server(self._carry, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        far_reader, far_writer = await asyncio.open_connection(*self._far)
        self._writers.append(far_writer)
        await asyncio.gather(
            self._copy(reader, far_writer), self._copy(far_reader, writer), return_exceptions=True
        )

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if not self._through.is_set():
                self.held.set()
            await self._through.wait()
            target.write(data)
        target.close()


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    parts = urlsplit(database_url)
    assert parts.hostname is not None
    made = Line(parts.hostname, parts.port or 5432)
    async with made.open():
        yield made
        made.ends()


@pytest.fixture
async def far_pool(line: Line, database_url: str) -> AsyncIterator[Pool]:
    """One connection, over the line."""
    parts = urlsplit(database_url)
    user, _, _ = parts.netloc.rpartition("@")
    through = parts._replace(netloc=f"{user}@127.0.0.1:{line.port}").geturl()
    pool = await open_pool(through, connections_max=1)
    yield pool
    pool.terminate()


@pytest.fixture
async def unheard() -> list[dict[str, Any]]:
    """Errors that nobody has taken, as the loop tells of them."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    return told


async def test_who_is_told_to_end_while_giving_back_leaves_no_error_behind(
    line: Line, far_pool: Pool, unheard: list[dict[str, Any]]
) -> None:
    """A writer has done, PostgreSQL is cut off before the session is reset, and the writer is told
    to end: it ends at once, and what becomes of the connection then surprises nobody."""

    async def write() -> None:
        async with far_pool.acquire() as connection:
            await connection.execute("SELECT 1")
            line.cut()

    writer = asyncio.create_task(write())
    await line.held.wait()
    async with asyncio.timeout(WAIT_S):
        await ended([writer])
    line.ends()
    line.mend()
    async with asyncio.timeout(WAIT_S):
        assert await far_pool.fetchval("SELECT 2") == 2  # its place in the pool is free again
    del writer
    gc.collect()
    assert unheard == []


async def test_a_reset_that_fails_is_still_told_to_who_waits_for_it(
    line: Line, far_pool: Pool
) -> None:
    """Nobody has told the writer to end: the lost connection is its own to hear of."""
    connection = await far_pool.acquire()
    line.cut()
    breaks = asyncio.create_task(line.ends_when_held())
    with pytest.raises(asyncpg.PostgresConnectionError):
        await far_pool.release(connection)
    await breaks


async def test_the_same_session_serves_the_next(pool: Pool) -> None:
    seen = []
    for _ in range(2):
        async with pool.acquire() as connection:
            seen.append(connection.get_server_pid())
    assert seen[0] == seen[1]
