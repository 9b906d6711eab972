"""Recordings over HTTP: the right one for the right call, range requests, and every look and every
play written down before anything is sent (T21, T22, L2)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from acd.core.roles import Role
from acd.desk.archive import wav_header
from tests.desk.office import NAME, Office, samples
from tests.tokens import Keys, granted

MARCH = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)


async def three_calls(office: Office) -> list[str]:
    """Of two terminals and two agents, minutes apart, each with a sound of its own."""
    return [
        await office.kept(
            f"call-{n}", arrival=MARCH + timedelta(minutes=n), agent=agent, terminal=terminal,
            sound=samples(0.1 * (n + 1), left_hz=400 + 100 * n),
        )
        for n, (agent, terminal) in enumerate(
            [("8003", "02160000001"), ("8004", "02160000001"), ("8003", "02160000002")]
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [2, 1, 0]),
        ({"call": "call-1"}, [1]),
        ({"agent": "8003"}, [2, 0]),
        ({"terminal": "02160000001"}, [1, 0]),
        ({"agent": "8003", "terminal": "02160000001"}, [0]),
        ({"since": "2026-03-14T02:31:00Z"}, [2, 1]),
        ({"until": "2026-03-14T02:31:00Z"}, [0]),
        ({"since": "2026-03-14T10:31:00+08:00", "until": "2026-03-14T02:32:00"}, [1]),
        ({"agent": "8002"}, []),  # rung, but never joined: they were not on the recording
        ({"call": "call-9"}, []),
        ({"limit": "1"}, [2]),
    ],
)
async def test_a_recording_is_found_by_call_agent_terminal_and_time(
    office: Office, query: dict[str, str], expected: list[int]
) -> None:
    ids = await three_calls(office)
    async with office.client() as client:
        answer = await client.get("/recordings", params=query)
    assert [one["recording_id"] for one in answer.json()] == [ids[n] for n in expected]


async def test_what_is_played_is_the_calls_own_sound(office: Office) -> None:
    ids = await three_calls(office)
    async with office.client() as client:
        for one in ids:
            row = await office.row(one)
            answer = await client.get(f"/recordings/{one}/audio")
            assert answer.headers["content-type"] == "audio/flac"
            assert answer.content == office.archive.path(row.file or "").read_bytes()


@pytest.mark.parametrize(
    ("range_", "status", "expected"),
    [
        ("bytes=0-99", 206, slice(0, 100)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-50", 206, slice(-50, None)),
        ("bytes=0-0", 206, slice(0, 1)),
        ("bytes=99999999-", 416, None),
        ("bytes=nonsense", 400, None),
    ],
)
async def test_a_player_may_ask_for_a_part(
    office: Office, range_: str, status: int, expected: slice | None
) -> None:
    """RFC 9110 14: seeking in a long talk needs no download of all of it."""
    recording = await office.kept()
    whole = office.archive.path((await office.row(recording)).file or "").read_bytes()
    async with office.client() as client:
        answer = await client.get(f"/recordings/{recording}/audio", headers={"Range": range_})
    assert answer.status_code == status
    if expected is not None:
        assert answer.content == whole[expected]
        assert answer.headers["accept-ranges"] == "bytes"


async def test_a_talk_that_goes_on_can_be_heard_so_far(office: Office) -> None:
    """T21: playable at any time."""
    await office.call(sound=samples(0.5))
    async with office.client() as client:
        answer = await client.get("/recordings/call-1/audio")
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.content == wav_header(len(samples(0.5))) + samples(0.5)


async def test_how_long_a_search_takes_is_a_figure(office: Office) -> None:
    """L7, D03: of searches, and not of what is merely played."""
    recording = await office.kept()
    async with office.client() as client:
        await client.get("/recordings", params={"agent": "8003"})
        await client.get(f"/recordings/{recording}/audio")
        await client.get("/recordings", params={"limit": "0"})
    assert office.metric("huling_desk_search_seconds_count", what="recordings") == 1


async def test_every_look_and_every_play_is_written_down(office: Office) -> None:
    """L2, X10: who, from where, what and when; the name in Chinese as it was given."""
    recording = await office.kept()
    async with office.client(headers=basic("王班长", "")) as client:
        await client.get("/recordings", params={"agent": "8003"})
        await client.get(f"/recordings/{recording}")
        await client.get(f"/recordings/{recording}/audio", headers={"Range": "bytes=0-9"})
        shown = (await client.get("/audit", params={"subject": recording})).json()
    notes = list(reversed(await office.audit.find()))
    assert [(note.who, note.action, note.subject) for note in notes] == [
        ("王班长", "search recordings", None),
        ("王班长", "see recording", recording),
        ("王班长", "play recording", recording),
        ("王班长", "see audit", None),
    ]
    assert notes[0].details == {"agent": "8003"}
    assert notes[2].details == {"call": "call-1", "range": "bytes=0-9"}
    assert [one["action"] for one in shown] == ["play recording", "see recording"]
    assert office.metric("huling_desk_plays_total") == 1


async def test_what_cannot_be_written_down_is_not_played(office: Office) -> None:
    """L2: with the audit refusing, no byte of the talk is sent."""
    recording = await office.kept()
    await office.pool.execute("ALTER TABLE audit ADD CHECK (action <> 'play recording') NOT VALID")
    async with office.client() as client:
        with pytest.raises(Exception, match="refused"):
            await client.get(f"/recordings/{recording}/audio")
    assert office.metric("huling_desk_plays_total") == 0


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (basic("", "good"), 200),
        ({"Authorization": "Bearer good"}, 200),
        (basic("李敏", "wrong"), 401),
        ({"Authorization": "Bearer wrong", **NAME}, 401),
        ({"Authorization": "Basic %%%", **NAME}, 401),
        ({"Authorization": "Digest x", **NAME}, 401),
        (NAME, 401),
        ({}, 401),
    ],
)
async def test_nobody_gets_in_without_a_token(
    office: Office, headers: dict[str, str], status: int
) -> None:
    """L2: whoever does not get in is told how in a sentence; whoever does is named by their token,
    whatever name they give."""
    tokens = Keys(good=granted(Role.SUPERVISOR, person="李敏"))
    async with office.client(tokens=tokens, headers=headers) as client:
        answer = await client.get("/recordings")
        assert answer.status_code == status
        if status == 401:
            assert answer.headers["www-authenticate"].startswith("Basic")
            assert answer.json()["sentence"].endswith(".")
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 200
    assert [note.who for note in await office.audit.find()] == ["李敏"] * (status == 200)


@pytest.mark.parametrize("headers", [{}, basic("", ""), basic("a\nb", "")])
async def test_an_open_desk_asks_for_a_name(office: Office, headers: dict[str, str]) -> None:
    async with office.client(headers=headers) as client:
        answer = await client.get("/recordings")
        assert (answer.status_code, answer.json()["sentence"][:15]) == (401, "Say who you are")


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/recordings/nobody/audio", 404, "There is no recording nobody."),
        ("/recordings/..%2F..%2Fetc%2Fpasswd/audio", 404, "Not Found"),
        ("/recordings?limit=0", 422, "limit: "),
        ("/recordings?since=yesterday", 422, "since: "),
        ("/recordings?call=%00", 422, "call: "),
    ],
)
async def test_bad_questions_get_a_sentence(
    office: Office, path: str, status: int, sentence: str
) -> None:
    async with office.client() as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert answer.json()["sentence"].startswith(sentence)


async def test_what_cannot_be_heard_says_why(office: Office) -> None:
    gone = await office.call("call-1", sound=None)
    await office.keeper.look()
    old = await office.kept("call-2", arrival=MARCH + timedelta(minutes=1))
    await office.recordings.deleted(old, at=MARCH, why="test")
    lost = await office.kept("call-3", arrival=MARCH + timedelta(minutes=2))
    office.archive.path((await office.row(lost)).file or "").unlink()
    async with office.client() as client:
        answers = [await client.get(f"/recordings/{one}/audio") for one in (gone, old, lost)]
    assert [answer.status_code for answer in answers] == [404, 410, 404]
    assert "backup" in answers[0].json()["sentence"]
    assert "deleted" in answers[1].json()["sentence"]
    assert "backup" in answers[2].json()["sentence"]
    assert [note.action for note in await office.audit.find()] == []


async def test_a_hold_is_placed_and_released_by_somebody_for_a_reason(office: Office) -> None:
    """C19: with name, moment and reason; twice, on what is deleted or without a reason: refused."""
    recording = await office.kept()
    async with office.client() as client:
        path = f"/recordings/{recording}/hold"
        assert (await client.post(path, json={"why": "x"})).status_code == 422
        held = (await client.post(path, json={"why": "诉讼 2026-17"})).json()
        assert (held["held_by"], held["held_why"]) == ("wang", "诉讼 2026-17")
        assert (await client.post(path, json={"why": "诉讼 2026-18"})).status_code == 409
        assert (await client.delete(path)).json()["held_at"] is None
        assert (await client.delete(path)).status_code == 409
        assert (await client.post("/recordings/no/hold", json={"why": "xyz"})).status_code == 404
    actions = [note.action for note in await office.audit.find(subject=recording)]
    assert actions == ["release recording", "hold recording"]
