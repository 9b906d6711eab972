"""Which terminals have not called for long, from the records (W48)."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.terminals import read_silent
from acd.core.directory import EntryKind
from acd.core.events import TerminalSilent
from acd.core.facts import ObligationNoted
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import ObligationId, TerminalId
from acd.core.tables import ObligationState
from acd.demo.directory import text
from acd.runtime.directory.load import load

NOW = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)


@pytest.fixture(autouse=True)
async def _six_terminals(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text(text(terminals=6), encoding="utf-8")
    await load(path, pool)
    await pool.execute("UPDATE terminals SET installed = '2020-01-01'")


async def silent(pool: Pool, limit: int = 100) -> list[TerminalSilent]:
    return await read_silent(pool, SINCE, limit, place="PostgreSQL")


async def names(pool: Pool, limit: int = 100) -> list[int]:
    """The last digit of each terminal."""
    return [int(one.terminal[-1]) for one in await silent(pool, limit)]


async def called(pool: Pool, number: int, at: datetime, **more: object) -> None:
    await pool.execute("SELECT ensure_partitions($1, 0)", at)
    row = {
        "call_id": f"c{number}-{at.timestamp()}-{len(more)}",
        "arrived_at": at,
        "terminal": f"0216000000{number}",
        **more,
    }
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    await pool.execute(f"INSERT INTO call ({', '.join(row)}) VALUES ({places})", *row.values())


async def owed(pool: Pool, number: int, closed: datetime | None) -> None:
    """A test of the terminal that was owed, and perhaps made."""
    records = PostgresRecords(pool, place="PostgreSQL")
    at_ms = int(SINCE.timestamp() * 1000) - 1 if closed is None else int(closed.timestamp() * 1000)
    obligation = Obligation(
        id=ObligationId(f"o{number}"), kind=ObligationKind.TASK, why=OwedFor.TERMINAL_TEST,
        state=ObligationState.OWED if closed is None else ObligationState.DONE, queue=None,
        entry=None, entry_kind=EntryKind.ENQUIRY, number=None,
        terminal=TerminalId(f"0216000000{number}"), elders=(), call=None, since_ms=at_ms,
        created_ms=at_ms, deadline_ms=at_ms, next_ms=None, escalate_ms=at_ms,
        closing=None if closed is None else Closing.DONE,
        closed_ms=None if closed is None else at_ms,
    )  # fmt: skip
    fact = ObligationNoted(at_ms=at_ms, call=None, what="x", obligation=obligation)
    epoch = await records.next_epoch()
    await records.write(epoch, [(1, fact)])


async def test_who_has_not_called_for_a_month_is_found(pool: Pool) -> None:
    """Neither a proof, nor our own call to it, nor what is longer ago counts as its call."""
    long_ago = SINCE - timedelta(hours=1)
    await called(pool, 1, long_ago)
    await called(pool, 2, NOW - timedelta(days=1))
    await called(pool, 3, NOW - timedelta(days=1), synthetic=True)
    await called(pool, 4, NOW - timedelta(days=1), direction="outbound")
    assert await names(pool) == [1, 3, 4, 5, 6]
    first, second, *_ = await silent(pool)
    assert first.last_ms == int(long_ago.timestamp() * 1000)
    assert (second.last_ms, second.number) == (None, "02160000003")
    assert second.elders == ("e0003",)
    assert await names(pool, 2) == [1, 3]


async def test_one_that_is_new_or_out_of_use_is_not(pool: Pool) -> None:
    await called(pool, 1, SINCE - timedelta(hours=1))
    await pool.execute("UPDATE terminals SET state = 'faulty' WHERE id LIKE '%2'")
    await pool.execute("UPDATE terminals SET installed = $1 WHERE id LIKE '%3'", date(2026, 3, 1))
    await pool.execute("UPDATE terminals SET installed = NULL WHERE id LIKE '%4'")
    assert await names(pool) == [1, 4, 5, 6]


async def test_a_test_is_asked_for_once_in_that_time(pool: Pool) -> None:
    """While it is owed, and for as long after it was made; so a night's limit goes on to others."""
    await called(pool, 1, SINCE - timedelta(hours=1))
    await owed(pool, 1, closed=None)
    await owed(pool, 2, closed=NOW - timedelta(days=3))
    await owed(pool, 3, closed=SINCE - timedelta(days=1))
    assert await names(pool, 2) == [3, 4]


async def test_before_the_record_goes_back_so_far_nobody_knows(pool: Pool) -> None:
    assert await names(pool) == []
    await called(pool, 1, SINCE + timedelta(hours=1))
    assert await names(pool) == []
