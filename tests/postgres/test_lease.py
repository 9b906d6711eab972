"""The lease in a real PostgreSQL: one holder, and no word of any other is written."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import NotTheOwner
from acd.adapters.postgres.lease import PostgresLease
from acd.adapters.postgres.records import PostgresRecords
from tests.postgres.test_records import life, numbered


@pytest.fixture
async def leases(database_url: str) -> AsyncIterator[list[PostgresLease]]:
    two = [
        PostgresLease(database_url, owner=f"huling {one}", address=f"http://{one}") for one in "ab"
    ]
    yield two
    for lease in two:
        await lease.close()


async def test_one_takes_it_and_the_other_sees_it_renewed(leases: list[PostgresLease]) -> None:
    a, b = leases
    assert await b.read() is None
    assert await a.take(1, now_ms=1000, over=None)
    before = await b.read()
    assert before is not None
    assert (before.epoch, before.address, before.released) == (1, "http://a", False)
    assert await a.renew(1, now_ms=2000)
    after = await b.read()
    assert after is not None
    assert (after.renewals, after.seen_ms) == (before.renewals + 1, 2000)
    assert not await b.take(2, now_ms=2500, over=before), "it has been renewed since"
    assert await b.take(2, now_ms=2500, over=after)
    assert not await a.renew(1, now_ms=3000), "it is another's"


async def test_of_two_who_want_it_at_once_one_gets_it(leases: list[PostgresLease]) -> None:
    a, b = leases
    await a.take(1, now_ms=0, over=None)
    seen = await a.read()
    taken = await asyncio.gather(a.take(2, now_ms=0, over=seen), b.take(3, now_ms=0, over=seen))
    assert sorted(taken) == [False, True]


async def test_given_back_by_its_holder_only(leases: list[PostgresLease]) -> None:
    a, b = leases
    await a.take(1, now_ms=0, over=None)
    await b.release(2, now_ms=0)
    found = await b.read()
    assert found is not None and not found.released
    await a.release(1, now_ms=0)
    found = await b.read()
    assert found is not None and found.released


async def test_who_takes_it_ends_the_sessions_of_its_holder(
    leases: list[PostgresLease], database_url: str
) -> None:
    """A holder that stands still in the middle of a transaction locks nobody out."""
    a, b = leases
    await a.take(1, now_ms=0, over=None)
    frozen, mine = [
        await asyncpg.connect(database_url, server_settings={"application_name": name})
        for name in ("huling a", "huling b")
    ]
    ended = asyncio.Event()
    frozen.add_termination_listener(lambda _: ended.set())
    try:
        await frozen.execute("BEGIN; LOCK call IN ACCESS EXCLUSIVE MODE")
        assert await b.take(2, now_ms=0, over=None)
        async with asyncio.timeout(60):
            await mine.execute("BEGIN; LOCK call IN ACCESS EXCLUSIVE MODE; COMMIT")
            await ended.wait()
    finally:
        frozen.terminate()
        await mine.close()


async def test_the_facts_of_whoever_lost_it_are_refused(
    leases: list[PostgresLease], pool: Pool
) -> None:
    a, b = leases
    records = PostgresRecords(pool, fenced=True)
    await a.take(1, now_ms=0, over=None)
    await records.write(1, numbered(life()))
    await b.take(2, now_ms=0, over=None)
    with pytest.raises(NotTheOwner):
        await records.write(1, numbered(life()))
    await PostgresRecords(pool).write(1, numbered(life()))  # a replay's, which anybody may write
