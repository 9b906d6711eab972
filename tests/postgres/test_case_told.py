"""`acd case CASE`: from the switch's facts through the records to the terminal (E42)."""

import asyncio

import pytest
from typer.testing import CliRunner

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.records import PostgresRecords
from acd.cli.app import app
from acd.runtime.credentials import ConfigurationError
from acd.runtime.records import Numbering
from tests.core.story import go_on
from tests.core.test_stories_case import TO_RESCUE, with_b
from tests.core.test_stories_noresponse import not_reached
from tests.runtime.test_timeline import WHOLE


async def test_an_emergency_is_told(
    pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts that name no call are found by the case; nothing is there twice."""
    story = go_on(with_b(), TO_RESCUE)
    await PostgresRecords(pool).write(7, list(Numbering().kept(story.effects)))
    (case,) = story.core.state.cases.values()
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["case", case.id])
    assert told.exit_code == 0, told.output
    head, people, *lines = told.output.splitlines()
    assert head.startswith(f"Case {case.id}, open, 20")
    assert people == "A 8001, B 8002; outcome: none yet"
    assert [f"{line.split()[0]} {line.split('  ', 2)[2]}" for line in map(str.strip, lines)] == (
        WHOLE.splitlines()
    )


async def test_calls_that_came_to_nothing_are_told_too(
    pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E34, E39, E42: the callback before which there was no case, and contacts whom nobody has
    reached, belong to the emergency."""
    story = not_reached()
    await PostgresRecords(pool).write(7, list(Numbering().kept(story.effects)))
    (case,) = story.core.state.cases.values()
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["case", case.id])
    dialled = [line.split("  ")[-1] for line in told.output.splitlines() if " dialled " in line]
    assert dialled == [
        "Caller 02160005 dialled 95001.",
        "02160005 was dialled over carrier-a, by the switch itself.",
        "01390000001 was dialled over carrier-a, by the switch itself.",
        "01390000002 was dialled over carrier-a, by the switch itself.",
    ]


async def test_a_case_that_is_not_there(
    pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["case", "9-c9"])
    assert isinstance(told.exception, ConfigurationError), "a person's mistake: exit code 2"
    assert str(told.exception) == "There is no case 9-c9 in the records."
