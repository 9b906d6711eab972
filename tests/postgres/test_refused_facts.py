"""A fact that PostgreSQL does not take must not hold up those behind it: they are written, and the
one that cannot be is counted and left to the journal."""

import asyncio
from random import Random

import asyncpg
import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import DatabaseRefused
from acd.adapters.postgres.records import PostgresRecords
from acd.core.facts import Defect, Fact, LegRecorded
from acd.core.ids import CallId, LegId
from acd.runtime import records as module
from acd.runtime.clock import Clock
from acd.runtime.records import Recorder

AT_MS = 1_773_455_400_000
PATIENCE_S = 60
LONG = "".join(Random(1).choices("0123456789abcdef", k=9_000))
"""Longer than an index takes, and it cannot be pressed into less."""


def said(call: str) -> Fact:
    return Defect(at_ms=AT_MS, sentence="that was it", call=CallId(call))


def recorded(leg: str) -> Fact:
    return LegRecorded(
        at_ms=AT_MS,
        call=CallId("call-1"),
        arrived_ms=AT_MS,
        leg=LegId(leg),
        recording="call-1.raw",
        is_callers=False,
    )


@pytest.mark.parametrize(
    ("facts", "sqlstate", "kept"),
    [
        pytest.param([said("a"), said(LONG), said("b")], "54000", 2, id="longer than an index"),
        pytest.param([recorded("n1:a"), recorded("n1:b")], "21000", 2, id="a row meant twice"),
    ],
)
async def test_what_no_waiting_mends_is_set_aside_alone(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, facts: list[Fact], sqlstate: str, kept: int
) -> None:
    """Q08: once it stood before all that came after it, for as long as the service ran."""
    monkeypatch.setattr(module, "LINGER_S", 0)
    store = PostgresRecords(pool)
    with pytest.raises(DatabaseRefused) as refused:
        await store.write(1, [*enumerate(facts, start=1)])
    cause = refused.value.__cause__
    assert isinstance(cause, asyncpg.PostgresError)
    assert cause.sqlstate == sqlstate
    recorder = Recorder(store, Clock(), epoch=1, facts_max=100)
    recorder.start()
    for fact in facts:
        recorder.decided(fact)
    async with asyncio.timeout(PATIENCE_S):
        await recorder.flush()
    await recorder.stop(patience_s=PATIENCE_S)
    assert (recorder.written, recorder.refused) == (kept, len(facts) - kept)
    assert await pool.fetchval("SELECT count(*) FROM fact") == kept
