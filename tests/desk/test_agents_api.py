"""What agents did, searched over HTTP (Q08, K07)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.desk.office import Office

MORNING = datetime(2026, 3, 14, 0, tzinfo=UTC)


async def days(office: Office) -> None:
    await office.pool.execute("SELECT ensure_partitions($1, 0)", MORNING)
    insert = "INSERT INTO agent_state (agent, from_at, to_at, state, seat) VALUES ($1,$2,$3,$4,$5)"
    for agent, since, until, state in [
        ("8003", 0, 2, "ready"), ("8003", 2, 3, "talking"), ("8004", 1, 4, "paused"),
    ]:  # fmt: skip
        begun, ended = (MORNING + timedelta(hours=hours) for hours in (since, until))
        await office.pool.execute(insert, agent, begun, ended, state, f"s{agent}")
    await office.pool.execute(
        "INSERT INTO agent_state_now (agent, from_at, state, seat) "
        "VALUES ('8003', $1, 'ready', 's8003')",
        MORNING + timedelta(hours=3),
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["8003 ready", "8004 paused", "8003 talking", "8003 ready"]),
        ({"agent": "8003"}, ["8003 ready", "8003 talking", "8003 ready"]),
        ({"seat": "s8004"}, ["8004 paused"]),
        ({"since": "2026-03-14T02:30:00Z"}, ["8004 paused", "8003 talking", "8003 ready"]),
        ({"until": "2026-03-14T09:00:00+08:00"}, ["8003 ready"]),
        ({"limit": "1"}, ["8003 ready"]),
    ],
)
async def test_activity_is_found_by_agent_seat_and_time(
    office: Office, query: dict[str, str], expected: list[str]
) -> None:
    """Q08: whatever touches the span, the one that goes on too; and the look is noted."""
    await days(office)
    given = {"since": "2026-03-14T00:00:00Z", "until": "2026-03-15T00:00:00Z", **query}
    async with office.client() as client:
        answer = await client.get("/agent-states", params=given)
    assert [f"{one['agent']} {one['state']}" for one in answer.json()] == expected
    (note,) = await office.audit.find()
    assert (note.who, note.action) == ("wang", "see agent states")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"since": "2026-03-14T00:00:00Z"},
        {"since": "2026-03-14T00:00:00Z", "until": "2026-03-14T00:00:00Z"},
        {"since": "today", "until": "tomorrow"},
        {"since": "2026-03-14T00:00:00Z", "until": "2026-03-15T00:00:00Z", "limit": "0"},
    ],
)
async def test_a_span_that_is_none_is_refused(office: Office, query: dict[str, str]) -> None:
    async with office.client() as client:
        answer = await client.get("/agent-states", params=query)
    assert answer.status_code == 422
    assert answer.json()["sentence"].endswith(".")
