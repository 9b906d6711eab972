"""A sample of recordings is drawn by chance, fairly, and again by its seed; every draw is written
down (Q12, S4 Art 39)."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acd.adapters.postgres.samples import PostgresSamples
from acd.demo import directory as demo
from acd.runtime.directory.load import load
from tests.desk.office import Office

MARCH = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)
SPAN = {"since": "2026-03-14T00:00:00Z", "until": "2026-03-15T00:00:00Z"}


async def talks(office: Office, **by_agent: int) -> None:
    """So many conversations of each agent, in the archive by their rows."""
    n = 0
    for agent, count in by_agent.items():
        for _ in range(count):
            at = MARCH + timedelta(minutes=n)
            await office.call(f"call-{n}", arrival=at, agent=agent.removeprefix("a"), sound=None)
            n += 1
    await office.pool.execute("UPDATE recording SET state = 'verified', file = 'x/y.flac'")


async def drawn(office: Office, **body: object) -> dict[str, Any]:
    async with office.client() as client:
        answer = await client.post("/samples", json={**SPAN, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def calls_of(sample: dict[str, Any]) -> list[str]:
    return [one["call_id"] for one in sample["recordings"]]


async def test_a_seed_draws_the_same_again_and_another_does_not(office: Office) -> None:
    """And the seed that was thrown is told; one recording more changes nothing for the others."""
    await talks(office, a8003=12)
    first = await drawn(office, count=5)
    again = await drawn(office, count=5, seed=first["seed"])
    assert again == first
    assert (first["talks"], first["agents"], len(set(calls_of(first)))) == (12, 1, 5)
    others = [calls_of(await drawn(office, count=5, seed=seed)) for seed in (1, 2, 3)]
    assert len({tuple(one) for one in others}) == 3
    await office.call("late", arrival=MARCH + timedelta(hours=1), sound=None)
    await office.pool.execute("UPDATE recording SET state = 'verified', file = 'x/y.flac'")
    later = await drawn(office, count=13, seed=first["seed"])
    assert [one for one in calls_of(later) if one != "late"][:5] == calls_of(first)


async def test_each_conversation_is_as_likely_as_any_other(office: Office) -> None:
    """Over 400 seeds each of 20 is drawn about 5 in 20 times: four standard errors are 35."""
    await talks(office, a8003=19, a8004=1)
    samples = PostgresSamples(office.pool)
    found: Counter[str] = Counter()
    for seed in range(400):
        one = await samples.draw(
            since=MARCH, until=MARCH + timedelta(hours=1), agent=None, queues=None, seed=seed,
            count=5, each_agent=False,
        )  # fmt: skip
        found.update(one.recordings)
    assert len(found) == 20
    assert all(abs(count - 100) < 35 for count in found.values()), found


async def test_each_agent_is_heard_at_least_once(office: Office) -> None:
    """Who talks seldom is never left out; fewer than there are agents cannot be drawn so."""
    await talks(office, a8003=12, a8004=1, a8005=1)
    for seed in range(10):
        sample = await drawn(office, count=4, each_agent=True, seed=seed)
        agents = [agent for one in sample["recordings"] for agent in one["agents"]]
        assert set(agents[:3]) == {"8003", "8004", "8005"}
        assert agents[3] == "8003"
    async with office.client() as client:
        refused = await client.post("/samples", json={**SPAN, "count": 2, "each_agent": True})
    assert refused.status_code == 422
    assert refused.json()["sentence"] == (
        "3 agents had conversations then, so 2 cannot hold one of each: ask for 3 or more, or not "
        "for each agent."
    )


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({}, 5),
        ({"agent": "8004"}, 2),
        ({"agent": "8004", "each_agent": True}, 2),
        ({"queue": "emergency"}, 4),
        ({"skill": "enquiry"}, 1),
        ({"skill": "enquiry", "queue": "emergency"}, 0),
        ({"until": "2026-03-14T02:32:00Z"}, 2),
        ({"since": "2026-03-15T00:00:00+08:00", "until": "2026-03-16T00:00:00+08:00"}, 0),
    ],
)
async def test_drawn_from_are_the_conversations_asked_for(
    office: Office, tmp_path: Any, body: dict[str, object], count: int
) -> None:
    """By agent, queue, skill and span."""
    file = tmp_path / "demo.yaml"
    file.write_text(demo.text(terminals=1), encoding="utf-8")
    await load(file, office.pool)
    await talks(office, a8003=3, a8004=2)
    await office.pool.execute("UPDATE call SET queue = 'enquiry' WHERE call_id = 'call-4'")
    sample = await drawn(office, count=9, **body)
    assert (len(sample["recordings"]), sample["talks"]) == (count, count)


async def test_what_no_agent_said_or_nobody_can_hear_is_not_drawn(office: Office) -> None:
    """Proofs, tests of terminals, callers who left, lines without sound, what is deleted or still
    goes on, and what was recorded beside the caller's own line."""
    await talks(office, a8003=7)
    changes = {
        "call-0": "UPDATE call SET synthetic = true WHERE call_id = $1",
        "call-1": "UPDATE call SET disposition = 'test' WHERE call_id = $1",
        "call-2": "UPDATE leg SET joined_at = NULL WHERE call_id = $1",
        "call-3": "UPDATE recording SET state = 'empty' WHERE call_id = $1",
        "call-4": "UPDATE recording SET state = 'deleted', deleted_at = now() WHERE call_id = $1",
        "call-5": "UPDATE call SET recording = 'another.raw' WHERE call_id = $1",
    }
    for call, change in changes.items():
        await office.pool.execute(change, call)
    assert calls_of(await drawn(office, count=9)) == ["call-6"]


async def test_every_draw_is_in_the_audit(office: Office) -> None:
    """Who drew from what, by which seed, and what came: before it is shown."""
    await talks(office, a8003=3)
    sample = await drawn(office, count=2, queue="emergency", seed=77)
    (note,) = await office.audit.find()
    assert (note.who, note.action, note.subject) == ("wang", "draw sample", "seed 77")
    assert note.details == {
        "since": "2026-03-14T00:00:00+00:00", "until": "2026-03-15T00:00:00+00:00",
        "queue": "emergency", "count": "2", "each_agent": "no", "talks": "3",
        "recordings": " ".join(one["recording_id"] for one in sample["recordings"]),
    }  # fmt: skip


async def test_the_recordings_of_a_sample_are_read_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were read one by one, up to two hundred; and they stand in the order of the draw."""
    await talks(office, a8003=9)
    asked: list[str] = []
    fetch = office.recordings._fetch

    async def counted(kind: Any, name: str, *arguments: object) -> list[Any]:
        asked.append(name)
        return await fetch(kind, name, *arguments)

    monkeypatch.setattr(office.recordings, "_fetch", counted)
    sample = await drawn(office, count=6)
    assert asked == ["recordings_find"]
    (note,) = await office.audit.find()
    drew = [one["recording_id"] for one in sample["recordings"]]
    assert (len(drew), note.details["recordings"]) == (6, " ".join(drew))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"count": 0}, "count: "),
        ({"count": 201}, "count: "),
        ({"count": 2, "seed": -1}, "seed: "),
        ({"count": 2, "skill": "juggling"}, "No queue asks for the skill juggling."),
        ({"count": 2, "until": "2026-03-14T00:00:00Z"}, "The span's end should lie behind its"),
        ({"count": 2, "until": "2027-03-16T00:00:00Z"}, "A span has at most 366 days."),
    ],
)
async def test_a_sample_that_cannot_be_drawn_is_refused(
    office: Office, body: dict[str, object], sentence: str
) -> None:
    """In one sentence, and nothing is in the audit."""
    async with office.client() as client:
        answer = await client.post("/samples", json={**SPAN, **body})
    assert answer.status_code == 422
    assert answer.json()["sentence"].startswith(sentence)
    assert await office.audit.find() == []
