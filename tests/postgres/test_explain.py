"""`acd explain CALL`, from the records to the terminal."""

import asyncio

import pytest
from typer.testing import CliRunner

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.records import PostgresRecords
from acd.cli.app import app
from acd.runtime.credentials import ConfigurationError
from tests.postgres.test_records import life, numbered


async def test_a_recorded_call_is_told(
    pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await PostgresRecords(pool).write(1, numbered(life()))
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["explain", "call-1"])
    assert told.exit_code == 0
    lines = told.output.splitlines()
    # By the clock of the house, as `acd replay --story` tells it; it was UTC.
    assert lines[0] == "Call call-1, 2026-03-14 10:30:00+08:00"
    assert lines[2] == (
        "    0.001  Agent 8002 was rung: the highest skill (level 8) of 3 free. Next would have "
        "been 8004, 8005. Skipped: 2 talking, 1 paused. 10.0 s were left of the promise; ring "
        "limit 6.5 s."
    )
    assert lines[-1].endswith("conversation of 60.0 s; wrap-up took 5.0 s.")


async def test_a_call_that_is_not_there(
    pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["explain", "9-9"])
    assert isinstance(told.exception, ConfigurationError), "a person's mistake: exit code 2"
    assert str(told.exception) == "There is no call 9-9 in the records."
