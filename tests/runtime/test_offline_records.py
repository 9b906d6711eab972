"""What was written offline is told to the core once, and looked for again when PostgreSQL was away
(D19)."""

import asyncio

import pytest

from acd.adapters.postgres.errors import DatabaseAway
from acd.core.events import Event, WrittenOffline
from acd.core.ids import AgentId
from acd.runtime.watching import offline_records
from acd.runtime.watching.offline_records import OfflineRecords


def written(record: str) -> WrittenOffline:
    return WrittenOffline(
        record=record, written_ms=1_000, agent=AgentId("8003"), number=None, urgent=False
    )


async def test_each_is_told_once_though_its_row_is_still_on_its_way() -> None:
    """What the core has just owed may not be in PostgreSQL when it is looked for again."""
    rows = [written("a")]
    told: list[Event] = []

    async def look() -> list[WrittenOffline]:
        return list(rows)

    records = OfflineRecords(look, told.append)
    assert await records.once() == 1
    rows.append(written("b"))
    assert await records.once() == 1
    assert told == [written("a"), written("b")]


async def test_a_database_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever PostgreSQL says, the switch goes on and nothing is forgotten."""
    monkeypatch.setattr(offline_records, "EVERY_S", 0.0)
    tries = 0
    told: asyncio.Queue[Event] = asyncio.Queue()

    async def look() -> list[WrittenOffline]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise DatabaseAway("PostgreSQL is away")
        return [written("a")]

    looking = asyncio.create_task(OfflineRecords(look, told.put_nowait).run())
    async with asyncio.timeout(5.0):
        assert await told.get() == written("a")
    looking.cancel()
