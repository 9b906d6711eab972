"""The directory remembers what it was: listed, compared, and brought back whole (X06)."""

import asyncio
from copy import deepcopy
from pathlib import Path

import pytest
from typer.testing import CliRunner

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.directory import read
from acd.adapters.postgres.directory_versions import (
    VERSIONS_KEPT,
    NoSuchVersion,
    difference,
    mark_ready,
    versions,
)
from acd.adapters.postgres.directory_write import BEFORE, Change, roll_back
from acd.cli.app import app
from acd.runtime.credentials import ConfigurationError
from acd.runtime.directory.trial import BY, back_to_ready
from tests.postgres.test_directory_load import DEMO, counts, try_load


async def state(pool: Pool) -> dict[str, list[str]]:
    """Everything that a version has, as text."""
    return {
        table: [
            str(row["row"])
            for row in await pool.fetch(f"SELECT t::text AS row FROM {table} AS t ORDER BY 1")
        ]
        for table in await counts(pool)
        if table not in ("seat_phones", "api_token")
    }


async def passwords_of(pool: Pool) -> dict[str, str]:
    rows = await pool.fetch("SELECT id, password FROM seat_phones")
    return {row["id"]: row["password"] for row in rows}


async def test_a_wrong_load_is_taken_back_whole_and_can_be_put_forth_again(
    pool: Pool, tmp_path: Path
) -> None:
    await try_load(pool, tmp_path, DEMO)
    good = await state(pool)
    passwords = await passwords_of(pool)
    wrong = deepcopy(DEMO)
    wrong["queues"][1]["promise_ms"] = 99_000
    wrong["agents"] = [one for one in wrong["agents"] if one["id"] != "8020"]
    wrong["seats"] = [one for one in wrong["seats"] if one["agent"] != "8020"]
    del wrong["elders"][3]["contacts"][2:]
    await try_load(pool, tmp_path, wrong)
    bad = await state(pool)
    assert bad != good

    back = await roll_back(pool, 1, by="li")
    assert await state(pool) == good
    assert back["queues"] == Change(written=1, removed=0)
    assert back["agents"] == Change(written=2, removed=0)
    now = await passwords_of(pool)
    gone = {one for one in now if now[one] != passwords[one]}
    assert now.keys() == passwords.keys()
    assert gone == {"a8020"}, "a phone that was gone has a new password, all others keep theirs"
    assert len(now["a8020"]) >= 16

    await roll_back(pool, 2, by="li")
    assert await state(pool) == bad
    assert [(one.version, one.made_by, one.why) for one in await versions(pool)][:2] == [
        (4, "li", "back to version 2"),
        (3, "li", "back to version 1"),
    ]


async def test_a_difference_names_rows_and_values_but_of_people_only_the_fields(
    pool: Pool, tmp_path: Path
) -> None:
    await try_load(pool, tmp_path, DEMO)
    changed = deepcopy(DEMO)
    changed["queues"][1]["promise_ms"] = 15_000
    changed["elders"][0]["health"]["history"] = ["秘密"]
    changed["entries"].append({"id": "95004", "name": "夜", "kind": "enquiry", "queue": "enquiry"})
    await try_load(pool, tmp_path, changed)
    found = {(one.table, *one.key): (one.before, one.after) for one in await difference(pool, 1, 2)}
    before = DEMO["queues"][1]["promise_ms"]
    assert found[("queues", "enquiry")][1] is not None
    assert found[("queues", "enquiry")][0]["promise_ms"] == before  # type: ignore[index]
    assert found[("queues", "enquiry")][1]["promise_ms"] == 15_000
    assert found[("entries", "95004")][0] is None
    assert found[("elders", DEMO["elders"][0]["id"])] == ({"history": "…"}, {"history": "…"})
    assert {table for table, *_ in found} == {"queues", "entries", "elders"}
    assert "秘密" not in str(found)
    backwards = await difference(pool, 2, 1)
    assert {one.table for one in backwards if one.after is None} == {"entries"}


async def test_a_load_without_a_change_and_a_refused_one_are_no_versions(
    pool: Pool, tmp_path: Path
) -> None:
    await try_load(pool, tmp_path, DEMO)
    await try_load(pool, tmp_path, DEMO)
    wrong = deepcopy(DEMO["entries"])
    wrong[0]["queue"] = "nowhere"
    with pytest.raises(Exception, match="nowhere"):
        await try_load(pool, tmp_path, {"entries": wrong})
    assert [one.version for one in await versions(pool)] == [1]


async def test_what_was_changed_past_us_is_kept_before_it_is_overwritten(
    pool: Pool, tmp_path: Path
) -> None:
    await try_load(pool, tmp_path, DEMO)
    await pool.execute("UPDATE queues SET promise_ms = 12345 WHERE id = 'enquiry'")
    await try_load(pool, tmp_path, DEMO)
    assert [one.why for one in await versions(pool)] == [
        "loaded line.yaml",
        BEFORE,
        "loaded line.yaml",
    ]
    await roll_back(pool, 2, by="li")
    assert await pool.fetchval("SELECT promise_ms FROM queues WHERE id = 'enquiry'") == 12345


async def test_a_column_that_came_later_gets_its_default(pool: Pool, tmp_path: Path) -> None:
    await try_load(pool, tmp_path, DEMO)
    await pool.execute(
        "UPDATE directory_version_tables SET columns = array_remove(columns, 'weight')"
        " WHERE table_name = 'queues'"
    )
    await pool.execute("UPDATE queues SET weight = 7")
    await roll_back(pool, 1, by="li")
    assert await pool.fetchval("SELECT bool_and(weight = 1) FROM queues")


async def test_old_versions_go_and_their_contents_with_them(pool: Pool, tmp_path: Path) -> None:
    for n in range(VERSIONS_KEPT + 3):
        await try_load(pool, tmp_path, {"skills": [{"id": "night", "name": f"夜{n}"}]})
    kept = [one.version for one in await versions(pool)]
    assert kept == list(range(VERSIONS_KEPT + 3, 3, -1))
    contents = await pool.fetchval("SELECT count(*) FROM directory_contents")
    assert contents == VERSIONS_KEPT + 1, "each list of skills, and one empty content for the rest"
    with pytest.raises(NoSuchVersion, match="no version 3 "):
        await roll_back(pool, 3, by="li")
    assert await pool.fetchval("SELECT name FROM skills") == f"夜{VERSIONS_KEPT + 2}"


async def test_the_way_back_leads_to_what_was_ready(pool: Pool, tmp_path: Path) -> None:
    """Not to the last one, which may have been tried and not served a call either."""
    await try_load(pool, tmp_path, DEMO)
    good = await state(pool)
    async with pool.acquire() as connection:
        first = (await read(connection)).revision
    await mark_ready(pool, first)
    for promise_ms in (98_000, 99_000):
        wrong = deepcopy(DEMO)
        wrong["queues"][1]["promise_ms"] = promise_ms
        await try_load(pool, tmp_path, wrong)
    await mark_ready(pool, first)  # read before these: says nothing of them
    assert [one.ready_at is not None for one in await versions(pool)] == [False, False, True]
    assert await back_to_ready(pool) == 1
    assert await state(pool) == good
    assert (await versions(pool))[0].made_by == BY
    assert await back_to_ready(pool) is None, "it is what stands"


async def test_nobody_goes_back_to_what_was_never_ready(pool: Pool, tmp_path: Path) -> None:
    await try_load(pool, tmp_path, DEMO)
    assert await back_to_ready(pool) is None


async def test_there_is_no_way_back_from_the_first(
    pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It spoke of a version 0."""
    await try_load(pool, tmp_path, DEMO)
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["directory", "rollback"])
    assert isinstance(told.exception, ConfigurationError)
    assert str(told.exception) == "There is no version before the first."
