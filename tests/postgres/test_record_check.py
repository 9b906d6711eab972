"""The record check finds what cannot be, and what the facts do not say (K04)."""

import inspect
import re
from datetime import UTC, datetime, timedelta

import pytest

from acd.adapters.postgres import records
from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.record_check import DERIVED, check_records
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.statements import sql
from acd.core.facts import ObligationNoted
from acd.core.tables import AgentState
from tests.postgres.test_records import life
from tests.postgres.test_remembered import changed
from tests.runtime.test_pledges import promise

ARRIVAL = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)


async def some_records(pool: Pool) -> int:
    """A call from its arrival to its end, an agent's day, a promise; how many facts."""
    facts = [
        *life(arrival=ARRIVAL),
        changed(0, AgentState.LOGGED_OUT, AgentState.READY, -1_000),
        changed(9_000, AgentState.READY, AgentState.TALKING, 0),
        changed(60_000, AgentState.TALKING, AgentState.READY, 9_000),
        ObligationNoted(
            at_ms=promise().at_ms, call=None, what="owed", obligation=promise().obligation
        ),
    ]
    await PostgresRecords(pool).write(1, list(enumerate(facts, 1)))
    return len(facts)


async def test_what_the_service_writes_is_right(pool: Pool, database_url: str) -> None:
    facts = await some_records(pool)
    found = await check_records(database_url)
    assert (found.facts, found.calls, found.wrong) == (facts, 1, ())
    counted = await pool.fetchval("SELECT count(*) FROM call")
    assert counted == 1, "the check leaves everything as it was"


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("UPDATE call SET outcome = NULL", "without an outcome"),
        ("UPDATE call SET answered_at = NULL", "have no moment of it"),
        ("UPDATE call SET ended_at = arrived_at - interval '1 s'", "ended before they came"),
        ("UPDATE call SET talk_ms = talk_ms + 1", "rows of call follow from the facts"),
        ("DELETE FROM leg", "rows of leg follow from the facts"),
        ("DELETE FROM call", "legs belong to no call"),
        ("DELETE FROM call", "offers belong to no call"),
        ("DELETE FROM call", "were offered and have no row"),
        ("DELETE FROM obligation", "rows of obligation follow from the facts"),
        ("DELETE FROM agent_state", "rows of agent_state follow from the facts"),
        ("UPDATE agent_state_now SET state = 'paused'", "rows of agent_state_now stand"),
        ("DELETE FROM fact WHERE kind = 'ObligationNoted'", "rows of obligation stand and do not"),
    ],
)
async def test_what_is_not_right_is_found(
    pool: Pool, database_url: str, damage: str, sentence: str
) -> None:
    await some_records(pool)
    await pool.execute(damage)
    found = await check_records(database_url)
    assert any(sentence in one for one in found.wrong), found.wrong


def test_every_table_that_follows_from_facts_is_compared() -> None:
    """A new projection must not be forgotten: each upsert of the writer names its table."""
    names = re.findall(r'_upsert\(\s*connection, "(\w+)"', inspect.getsource(records))
    written = {re.search(r"(?:INSERT INTO|UPDATE) (\w+)", sql(name)) for name in names}
    assert {found[1] for found in written if found} == set(DERIVED)
    assert len(names) >= len(DERIVED)
