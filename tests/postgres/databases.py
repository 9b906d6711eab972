"""A real PostgreSQL for the tests, and for each test a database of its own.

The server is the one in HULING_TEST_DATABASE_URL (its user may create databases), else the
session's embedded one.  The schema is made once; a test's database is a copy of it, made in a few
hundredths of a second.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from itertools import count
from urllib.parse import urlsplit

import asyncpg
import pytest

from acd.adapters.postgres.database import Pool, open_pool
from acd.adapters.postgres.migration import migrate
from servers.postgres import Postgres

_numbers = count(1)


def url_of(server_url: str, database: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(server_url)._replace(path=f"/{database}").geturl()


async def run(server_url: str, statement: str) -> None:
    """One statement outside any transaction, in the server's first database."""
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def drop(server_url: str, name: str) -> None:
    """Drop a database with whatever of ours is still connected to it.

    Not ``WITH (FORCE)``: that would also end a vacuum worker, which is the server's own and not
    ours to end.  A plain drop asks it to stop and waits for it.
    """
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = $1 AND usename = current_user AND pid <> pg_backend_pid()",
            name,
        )
        await connection.execute(f"DROP DATABASE {name}")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> str:
    given = os.environ.get("HULING_TEST_DATABASE_URL")
    if given:
        return given
    postgres: Postgres = request.getfixturevalue("postgres")  # servers.testing
    return postgres.url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a database with the newest schema and nothing in it."""
    name = f"template_{os.getpid()}"
    asyncio.run(run(server_url, f"CREATE DATABASE {name}"))
    asyncio.run(migrate(url_of(server_url, name)))
    yield name
    asyncio.run(drop(server_url, name))


@pytest.fixture
async def empty_url(server_url: str) -> AsyncIterator[str]:
    """A database without a schema."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    await run(server_url, f"CREATE DATABASE {name}")
    yield url_of(server_url, name)
    await drop(server_url, name)


@pytest.fixture
async def database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """A database with the newest schema and nothing in it."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await run(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield url_of(server_url, name)
    await drop(server_url, name)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url)
    yield pool
    await pool.close()
