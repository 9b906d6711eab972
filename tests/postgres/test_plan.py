"""`acd plan --day`: a day of the records is what staff is planned for."""

import asyncio
from datetime import date

import pytest

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.profile import read_profile
from acd.adapters.postgres.records import PostgresRecords
from acd.cli.app import main
from tests.postgres.test_records import life, numbered


async def test_a_day_of_the_records_is_a_profile(pool: Pool) -> None:
    """By the half hour of the line's own clock: 02:30 UTC is 10:30 in Shanghai."""
    await PostgresRecords(pool).write(1, numbered(life()))
    day = await read_profile(pool, date(2026, 3, 14), "Asia/Shanghai", place="PostgreSQL")
    assert [n for n, calls in enumerate(day.calls) if calls] == [21]
    assert (day.talk_s, day.wrap_up_s, day.emergency_share) == (60.0, 5.0, 1.0)
    before = await read_profile(pool, date(2026, 3, 13), "Asia/Shanghai", place="PostgreSQL")
    assert sum(before.calls) == 0
    assert (before.talk_s, before.wrap_up_s, before.emergency_share) == (None, None, None)


async def test_a_day_without_calls_is_refused(
    pool: Pool,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No invented zero: a sentence and exit code 2."""
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    monkeypatch.setattr("sys.argv", ["acd", "plan", "--day", "2026-03-13"])
    with pytest.raises(SystemExit) as end:
        await asyncio.to_thread(main)
    assert end.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "The records have no calls on 2026-03-13: nothing to plan for.\n"
