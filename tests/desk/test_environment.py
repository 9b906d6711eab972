"""What sensors of the room say is taken in and shown, and what PostgreSQL says of its copies (X02,
X07)."""

import httpx
import pytest

from acd.adapters.postgres.durability import Durability, read
from acd.adapters.postgres.errors import DatabaseAway
from acd.core.roles import Role
from acd.desk.durability import DurabilityWatch
from acd.desk.environment import SENSORS_MAX, Environment, Kind, Reading
from acd.desk.metrics import DeskMetrics
from tests.desk.office import Office
from tests.tokens import Keys, granted

UPS = {"Authorization": "Bearer ups"}


async def say(client: httpx.AsyncClient, sensor: str, kind: str, value: object) -> httpx.Response:
    body = {"sensor": sensor, "kind": kind, "value": value}
    return await client.post("/environment", json=body, headers=UPS)


async def test_a_sensors_newest_word_is_a_figure(office: Office) -> None:
    tokens = Keys(ups=granted(Role.MONITOR, person="ups"))
    async with office.client(tokens=tokens, headers={}) as client:
        assert (await say(client, "ups-1", "mains", 1)).status_code == 204
        assert (await say(client, "ups-1", "mains", 0)).status_code == 204
        assert (await say(client, "room", "temperature", 22.5)).status_code == 204
    assert office.metric("huling_desk_environment", kind="mains", sensor="ups-1") == 0
    assert office.metric("huling_desk_environment", kind="temperature", sensor="room") == 22.5
    said = "huling_desk_environment_timestamp_seconds"
    assert office.metric(said, kind="mains", sensor="ups-1") > 1_700_000_000


@pytest.mark.parametrize(
    ("sensor", "kind", "value"),
    [
        ("", "mains", 1),
        ("room 1", "mains", 1),
        ('x"} 1\nother{', "mains", 1),
        ("room", "noise", 1),
        ("room", "temperature", "warm"),
        ("room", "temperature", 1e9),
    ],
)
async def test_what_no_sensor_says_is_refused(
    office: Office, sensor: str, kind: str, value: object
) -> None:
    async with office.client() as client:
        answer = await say(client, sensor, kind, value)
    assert answer.status_code == 422
    assert b"huling_desk_environment{" not in office.metrics.text()


async def test_an_agent_is_no_sensor(office: Office) -> None:
    tokens = Keys(ups=granted(Role.AGENT, person="8001", agent="8001"))
    async with office.client(tokens=tokens, headers={}) as client:
        assert (await say(client, "room", "mains", 0)).status_code == 403


def test_sensors_have_a_bound_and_those_known_go_on() -> None:
    environment = Environment(now_s=lambda: 7.0)

    def reading(n: int) -> Reading:
        return Reading(sensor=f"s{n}", kind=Kind.WATER, value=0)

    assert [environment.take(reading(n)) for n in range(SENSORS_MAX + 1)][-2:] == [True, False]
    assert environment.take(reading(0))


async def test_postgresql_says_how_it_is_copied(office: Office) -> None:
    """The tests' own server archives nothing and has no replica."""
    found = await read(office.pool)
    assert found == Durability(
        archives=False, archived_at_s=None, failing=False, replicas=0, lag_s=None
    )


async def test_what_is_not_known_or_not_meant_has_no_figure() -> None:
    answers = [
        Durability(archives=True, archived_at_s=9.0, failing=True, replicas=1, lag_s=2.5),
        Durability(archives=False, archived_at_s=None, failing=False, replicas=0, lag_s=None),
        None,
    ]

    async def next_answer() -> Durability:
        found = answers.pop(0)
        if found is None:
            raise DatabaseAway("away")
        return found

    watch, metrics = DurabilityWatch(next_answer), DeskMetrics()
    metrics.show(watch)

    def value(name: str) -> float | None:
        return metrics.registry.get_sample_value(name)

    await watch.look()
    assert value("huling_desk_wal_archive_failing") == 1
    assert value("huling_desk_wal_archived_timestamp_seconds") == 9
    assert (value("huling_desk_replicas"), value("huling_desk_replica_lag_seconds")) == (1, 2.5)
    await watch.look()
    assert value("huling_desk_wal_archive_failing") is None
    assert (value("huling_desk_replicas"), value("huling_desk_replica_lag_seconds")) == (0, None)
    await watch.look()
    assert value("huling_desk_replicas") is None
