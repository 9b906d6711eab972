"""The schema comes and goes as a whole, and a wrong database is named in one sentence."""

import asyncio
import os
import sys
from urllib.parse import urlsplit

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from acd.adapters.postgres.database import head, open_pool
from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused
from acd.adapters.postgres.migration import migrate

OBJECTS = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic%'
    UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT typname FROM pg_type
    WHERE typnamespace = 'public'::regnamespace AND typtype = 'd'
"""


async def objects(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        return {name for (name,) in await connection.fetch(OBJECTS)}
    finally:
        await connection.close()


def test_the_newest_file_is_alembic_s_head() -> None:
    config = Config()
    config.set_main_option("script_location", "migrations")
    assert head() == ScriptDirectory.from_config(config).get_current_head()


async def test_up_down_and_up_again(empty_url: str) -> None:
    await migrate(empty_url)
    first = await objects(empty_url)
    assert {"call_records", "agent_state_records", "elders", "ensure_partitions"} <= first
    await migrate(empty_url, revision="base")
    assert await objects(empty_url) == set()
    await migrate(empty_url)
    await migrate(empty_url)
    assert await objects(empty_url) == first


async def test_one_revision_down(empty_url: str) -> None:
    await migrate(empty_url)
    await migrate(empty_url, revision="0001")
    left = await objects(empty_url)
    assert "elders" in left
    assert "call" not in left


async def test_a_queue_of_the_older_version_goes_on_as_it_did(empty_url: str) -> None:
    """One phone at a time, each for as long as before; and back again."""
    await migrate(empty_url, revision="0002")
    connection = await asyncpg.connect(empty_url)
    try:
        await connection.execute(
            "INSERT INTO queues VALUES "
            "('q', 'Q', 0, 90000, 3000, 2000, 0, 0, 0, 3, 'highest_skill', 'ack')"
        )
        await migrate(empty_url)
        queue = await connection.fetchrow("SELECT ring_ms_min, incident_ms FROM queues")
        assert queue is not None and tuple(queue) == (3_000, 90_000)
        (step,) = await connection.fetch("SELECT after_ms, phones, reach FROM queue_widening")
        assert tuple(step) == (0, 1, "ready")
        await connection.execute("UPDATE queues SET selection = 'random'")
        await migrate(empty_url, revision="0002")
        assert await connection.fetchval("SELECT selection FROM queues") == "longest_idle"
    finally:
        await connection.close()


async def test_what_a_house_has_already_is_due_in_the_regulators_feeds(empty_url: str) -> None:
    """L3: its calls that are over, and the quarters of the hour whose days they are in."""
    await migrate(empty_url, revision="0037")
    connection = await asyncpg.connect(empty_url)
    try:
        await connection.execute(
            "INSERT INTO call (call_id, arrived_at, ended_at, synthetic) VALUES "
            "('over', now(), now(), false), ('goes-on', now(), NULL, false),"
            "('proof', now(), now(), true)"
        )
        await migrate(empty_url)
        due = await connection.fetch("SELECT feed, what FROM feed_due WHERE feed <> 'quarters'")
        assert [tuple(row) for row in due] == [("calls", "over")]
        assert await connection.fetchval(
            "SELECT count(*) FROM feed_due WHERE feed = 'quarters' AND to_timestamp(what::bigint) "
            "BETWEEN now() - interval '16 minutes' AND now()"
        )
    finally:
        await connection.close()


async def test_two_services_that_start_together_both_find_a_whole_schema(empty_url: str) -> None:
    code = "import asyncio, os; from acd.adapters.postgres.migration import migrate; "
    code += "asyncio.run(migrate(os.environ['URL']))"
    both = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, env={**os.environ, "URL": empty_url}
        )
        for _ in range(2)
    ]
    assert [await process.wait() for process in both] == [0, 0]
    pool = await open_pool(empty_url)
    await pool.close()


async def test_a_database_without_schema_is_refused_with_the_command_that_helps(
    empty_url: str,
) -> None:
    with pytest.raises(DatabaseRefused, match=r"has schema none .* run `acd db migrate`"):
        await open_pool(empty_url)
    await migrate(empty_url, revision="0001")
    with pytest.raises(DatabaseRefused, match=rf"has schema 0001 and this version needs {head()}"):
        await open_pool(empty_url)


async def test_a_schema_that_does_not_exist_is_refused(empty_url: str) -> None:
    """It was told that the database's address was wrong."""
    with pytest.raises(DatabaseRefused, match="There is no schema 9999: choose head, base, or one"):
        await migrate(empty_url, revision="9999")


async def test_a_newer_version_s_database_is_left_alone(empty_url: str) -> None:
    await migrate(empty_url)
    connection = await asyncpg.connect(empty_url)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(DatabaseRefused, match="schema 9999, which a newer version made"):
        await migrate(empty_url)


async def test_a_database_that_does_not_exist(server_url: str) -> None:
    url = urlsplit(server_url)._replace(path="/nothing_here").geturl()
    for attempt in (open_pool, migrate):
        with pytest.raises(DatabaseRefused, match=r"does not exist; create the database"):
            await attempt(url)


async def test_a_server_that_is_not_there() -> None:
    for attempt in (open_pool, migrate):
        with pytest.raises(DatabaseAway, match=r"127.0.0.1:1/x cannot be reached") as caught:
            await attempt("postgresql://somebody:hidden@127.0.0.1:1/x")
        assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("url", ["rubbish", "postgresql://u:hidden@h:port/x", "http://h/x"])
async def test_a_url_that_is_none(url: str) -> None:
    for attempt in (open_pool, migrate):
        with pytest.raises(
            DatabaseRefused, match="HULING_DATABASE_URL is not of the form"
        ) as caught:
            await attempt(url)
        assert "hidden" not in str(caught.value)
