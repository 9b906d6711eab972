"""The history of calls by the hour of the week, from the records (T18)."""

from datetime import UTC, datetime, timedelta

import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.usual import HOURS, WEEKS_MAX, CallHistory, read_history

NOW = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)
"""A Monday, 09:30 in Shanghai."""


async def history(pool: Pool) -> CallHistory:
    return await read_history(pool, NOW, "Asia/Shanghai", place="PostgreSQL")


async def came(pool: Pool, at: datetime, *, synthetic: bool = False, direction: str = "inbound",
               ) -> None:  # fmt: skip
    await pool.execute("SELECT ensure_partitions($1, 0)", at)
    await pool.execute(
        "INSERT INTO call (call_id, arrived_at, synthetic, direction) VALUES ($1, $2, $3, $4)",
        f"c{at.timestamp()}{synthetic}{direction}", at, synthetic, direction,
    )  # fmt: skip


async def test_calls_stand_in_their_week_and_hour(pool: Pool) -> None:
    """The zone's hours; the two weeks since the first call; neither proofs nor our own calls."""
    nine = NOW - timedelta(minutes=20)
    friday = NOW - timedelta(days=10)
    for at in (nine, nine - timedelta(minutes=1), nine - timedelta(weeks=1), friday):
        await came(pool, at)
    await came(pool, NOW - timedelta(minutes=1), synthetic=True)
    await came(pool, NOW - timedelta(minutes=1), direction="outbound")
    found = await history(pool)
    assert len(found.calls) == 2
    assert [sum(one) for one in found.calls] == [2, 2]
    assert found.calls[0][9] == 2
    assert found.calls[1][9] == 1
    assert found.calls[1][4 * 24 + 9] == 1, "a Friday's"
    assert found.last == nine


async def test_no_call_is_no_history(pool: Pool) -> None:
    assert await history(pool) == CallHistory(calls=(), last=None)


async def test_the_past_is_looked_at_for_two_months(pool: Pool) -> None:
    await came(pool, NOW - timedelta(weeks=30))
    await came(pool, NOW - timedelta(weeks=7, hours=1))
    found = await history(pool)
    assert len(found.calls) == WEEKS_MAX
    assert sum(map(sum, found.calls)) == 1
    assert {len(one) for one in found.calls} == {HOURS}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
async def test_every_hour_has_its_place(pool: Pool, zone: str) -> None:
    """One call each hour of a week: one in each hour of the week, whatever its clock does."""
    for hour in range(HOURS):
        await came(pool, NOW - timedelta(hours=hour, minutes=1))
    found = await read_history(pool, NOW, zone, place="PostgreSQL")
    assert sum(found.calls[0]) == HOURS
    assert max(found.calls[0]) <= 2
