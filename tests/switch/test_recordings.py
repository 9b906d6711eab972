"""Recordings of real calls (T21, T22): whole from the first sound to the last, whoever comes and
goes on the way; found for the right call and person; and never at the cost of a call.
"""

import asyncio
import subprocess
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import numpy as np
import pytest

from acd.proof.load import CallReport, run_calls
from acd.proof.tone import TONES_HZ
from servers.service import Desk, Service
from servers.waiting import wait_until
from tests.switch.desks import desk_beside
from tests.switch.hearing import RATE_HZ, Samples, tone_seconds
from tests.switch.live import Json, Switch, demo, demo_with, load_directory, ringing_on
from tests.switch.operators import first_asked, open_operators
from tests.switch.standstill import Standstill
from tests.switch.test_call_control import hears
from tests.switch.voice import Voice

CALLER_HZ, AGENT_HZ, OTHER_HZ = 620, 1000, 1400
MOBILE = "13900000001"
COMPRESSED_S = 300.0
LOST_S_MAX = 1.2
"""What a busy machine may lose of seven seconds of sound; a part that is not recorded is longer."""


def lost_max_s(still: Standstill) -> float:
    """The same of a machine that has stood still: that time itself, and the burst behind it."""
    return LOST_S_MAX + 2 * still.seconds


@pytest.fixture(scope="module")
def desk(running: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """`acd desk` beside the switch; ends with exit code 0 and no complaint but those told of.  Its
    compression yields to nobody here: on a busy machine its turn would never come."""
    programs = tmp_path_factory.mktemp("programs")
    (programs / "nice").write_text('#!/bin/sh\nshift 2\nexec "$@"\n')
    (programs / "nice").chmod(0o755)
    with desk_beside(running, {"PATH": f"{programs}:{running.environment(None)['PATH']}"}) as desk:
        # The calls of other files wait to be compressed too, by a process that yields to all.
        wait_until(
            lambda: asyncio.run(waiting(running)) == 0,
            seconds=COMPRESSED_S,
            what="the archive to have everything",
        )
        yield desk


async def waiting(running: Service) -> int:
    """How many recordings have ended and are not compressed yet."""
    connection = await asyncpg.connect(running.stack.database_url)
    try:
        return int(
            await connection.fetchval("SELECT count(*) FROM recording WHERE state = 'finished'")
        )
    finally:
        await connection.close()


@pytest.fixture
async def api(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """The desk's API, asked by somebody with a name."""
    async with httpx.AsyncClient(
        base_url=desk.settings.desk_address, headers={"X-Huling-User": "tester"}, timeout=20
    ) as client:
        yield client


def channels(data: bytes) -> tuple[Samples, Samples]:
    """Left and right of the spool's samples."""
    both = np.frombuffer(data[: len(data) // 4 * 4], dtype="<i2").astype(np.float64)
    return both[0::2], both[1::2]


async def sound(switch: Switch, api: httpx.AsyncClient, recording: str) -> tuple[Samples, Samples]:
    """What a recording holds, as somebody who plays it gets it: decoded from FLAC by sox."""
    answer = await api.get(f"/recordings/{recording}/audio")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "audio/flac"

    def decode() -> bytes:
        command = switch.stack.tool_argv(["/usr/bin/sox", "-t", "flac", "-", "-t", "raw", "-"])
        return subprocess.run(command, input=answer.content, capture_output=True, check=True).stdout

    return channels(await asyncio.to_thread(decode))


async def kept(switch: Switch, api: httpx.AsyncClient, **query: str) -> Json:
    """The only recording that a question finds, once it is in the archive."""
    found: list[Json] = []

    async def there() -> bool:
        answer = await api.get("/recordings", params=query)
        assert answer.status_code == 200, answer.text
        found[:] = answer.json()
        return bool(found) and all(one["state"] == "compressed" for one in found)

    await switch.until(there, f"the recording of {query}", COMPRESSED_S)
    (one,) = found
    return one


def loudest_hz(report: CallReport) -> int:
    """The tone of the agent as the terminal heard it."""
    assert report.heard_by_terminal is not None
    tones = report.heard_by_terminal.tones
    return max(tones, key=lambda hz: report.heard_by_terminal.seconds_of(hz))  # type: ignore[union-attr]


@pytest.fixture
def nobody_picked_up(running: Service) -> Iterator[None]:
    load_directory(running, demo_with(ringing_on))
    yield
    load_directory(running, demo())


async def test_six_calls_at_once_each_find_their_own_recording(
    switch: Switch, api: httpx.AsyncClient, nobody_picked_up: None
) -> None:
    """T22: calls side by side, each with tones of its own; by call, by terminal and by agent the
    recording found has that caller's tone on the left, that agent's on the right, and nobody
    else's."""
    agents = [str(number) for number in range(8001, 8007)]
    accounts = [switch.account(f"a{agent}") for agent in agents]
    reports = await asyncio.to_thread(
        lambda: run_calls(
            6, 6.0, 2500, accounts, sipp=switch.sipp, switch=switch.proof_switch, audio=True
        )
    )
    assert [report.problems for report in reports] == [[]] * 6
    rows = {row["caller"]: row for row in await switch.records(6)}
    since = switch.began.isoformat()
    for report in reports:
        row = rows[report.number]
        by_call = await kept(switch, api, call=row["call_id"])
        by_terminal = await kept(switch, api, terminal=row["terminal"], since=since)
        by_agent = await kept(switch, api, agent=row["agent"], since=since)
        assert by_call == by_terminal == by_agent
        assert (by_call["call_id"], by_call["caller"]) == (row["call_id"], report.number)
        assert by_call["agents"] == [row["agent"]]
        left, right = await sound(switch, api, by_call["recording_id"])
        agent_hz = loudest_hz(report)
        assert tone_seconds(left, report.tone_hz) >= 2.0
        assert tone_seconds(right, agent_hz) >= 2.0
        others = [hz for hz in TONES_HZ if abs(hz - report.tone_hz) > 40]
        assert not [hz for hz in others if tone_seconds(left, hz) >= 0.3]
        assert abs(len(left) / RATE_HZ - by_call["duration_ms"] / 1000) < 0.01


async def test_one_recording_covers_waiting_talking_and_a_service_that_dies(
    switch: Switch, api: httpx.AsyncClient
) -> None:
    """T21: three seconds of waiting with acknowledgement and music, two of talk, and two more while
    the service is dead: the caller's tone is on the left without a gap from the 200 to the BYE."""
    agent = await switch.agent("8005")
    caller = await (await switch.terminal()).call("95001")
    await switch.one_waits()
    await caller.answered()
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with Standstill() as still, Voice(caller, CALLER_HZ):
        await switch.media(3)
        await agent.ask("login")
        talk = await agent.takes_the_call()
        async with Voice(talk, AGENT_HZ):
            await switch.media(2)
            switch.service.server.kill()
            try:
                await switch.media(2)
                lasted = loop.time() - began
            finally:
                caller.hang_up()
                talk.hang_up()
                await asyncio.to_thread(switch.service.start)
    (raw,) = await asyncio.to_thread(spool_since, switch, switch.began.timestamp())

    def written() -> bool:
        return raw.stat().st_size >= (lasted - lost_max_s(still)) * 32_000

    await switch.close_rooms()

    # Asterisk closes the file a moment after the BYE, and writes what it had in hand.
    await switch.until(written, "the last samples")
    left, right = channels(raw.read_bytes())
    assert tone_seconds(left, CALLER_HZ) >= lasted - lost_max_s(still), "no gap for the caller"
    agent_s = 3.0 - still.seconds
    assert tone_seconds(right, AGENT_HZ) >= agent_s, "the agent, also while the service was dead"
    assert abs(len(left) / RATE_HZ - lasted) < lost_max_s(still)
    # A call of which nobody could say that it ended is still found and can be played.
    row = (await switch.rows())[0]
    (found,) = (await api.get("/recordings", params={"call": row["call_id"]})).json()
    answer = await api.get(f"/recordings/{found['recording_id']}/audio")
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.content.endswith(raw.read_bytes()[-1000:])


async def test_a_call_that_we_place_is_recorded_too(switch: Switch, api: httpx.AsyncClient) -> None:
    """T21, T22: an agent calls a mobile; left whoever answered, right the agent; found by the call
    and by the agent."""
    async with open_operators(switch) as operators:
        agent = await switch.ready_agent("8001")
        body = {"agent": "8001", "number": MOBILE}
        assert (await switch.api.post("/calls", json=body)).status_code == 201
        desk_leg = await agent.answers()
        _, far, _ = await first_asked(switch, operators, MOBILE)
        far.answer()
        await far.until(lambda call: call.acknowledged, "the ACK")
        async with Voice(far, CALLER_HZ), Voice(desk_leg, AGENT_HZ):
            await hears(switch, desk_leg, CALLER_HZ)
            await hears(switch, far, AGENT_HZ)
            await switch.media(1)
        far.hang_up()
        await desk_leg.over()
        row = await switch.record()
        found = await kept(switch, api, call=row["call_id"])
        assert found["agents"] == ["8001"]
        assert await kept(switch, api, agent="8001", since=switch.began.isoformat()) == found
        left, right = await sound(switch, api, found["recording_id"])
        assert tone_seconds(left, CALLER_HZ) >= 1.3
        assert tone_seconds(right, AGENT_HZ) >= 1.3


async def test_one_recording_covers_hold_and_transfer(
    switch: Switch, api: httpx.AsyncClient
) -> None:
    """T21, T22: the first agent talks, holds, resumes, and gives the call to a second one: one file
    has the caller without a gap and both agents, and is found by either of them."""
    first, second = await switch.ready_agent("8011"), await switch.ready_agent("8012")
    caller = await (await switch.terminal()).call("95002")
    rung = [asyncio.create_task(one.answers()) for one in (first, second)]
    done, _ = await asyncio.wait(rung, return_when=asyncio.FIRST_COMPLETED)
    (answered,) = done
    talk = answered.result()
    giver, taker = (first, second) if answered is rung[0] else (second, first)
    await caller.answered()
    (row,) = await switch.until(switch.rows, "the row of the call")
    control = f"/calls/{row['call_id']}"
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with Standstill() as still, Voice(caller, CALLER_HZ), Voice(talk, AGENT_HZ):
        await switch.media(1.5)
        for what in ("hold", "resume"):
            assert (await switch.api.post(f"{control}/{what}")).status_code == 200
            await switch.media(1.5)
        body = {"number": taker.id}
        assert (await switch.api.post(f"{control}/transfer", json=body)).status_code == 200
        other = await rung[1 if answered is rung[0] else 0]
        async with Voice(other, OTHER_HZ):
            await hears(switch, other, CALLER_HZ)
            await switch.media(2)
            lasted = loop.time() - began
    caller.hang_up()
    found = await kept(switch, api, call=row["call_id"])
    assert found["agents"] == ["8011", "8012"]
    assert [await kept(switch, api, agent=one, since=switch.began.isoformat())
            for one in (giver.id, taker.id)] == [found, found]  # fmt: skip
    left, right = await sound(switch, api, found["recording_id"])
    assert tone_seconds(left, CALLER_HZ) >= lasted - lost_max_s(still), "no gap for the caller"
    # Of the 3 s and 2 s that they spoke a busy machine loses some at each start.
    assert tone_seconds(right, AGENT_HZ) >= 1
    assert tone_seconds(right, OTHER_HZ) >= 1


def spool_since(switch: Switch, began: float) -> list[Path]:
    """Samples in the spool that were begun since then."""
    folder = switch.settings.recordings_spool_dir
    return [path for path in folder.glob("*.raw") if path.stat().st_mtime >= began]


async def test_an_abandoned_ring_leaves_no_false_alarm(
    switch: Switch, api: httpx.AsyncClient
) -> None:
    """K04: a caller who leaves before anybody took the line up has a recording that is `empty`,
    which nobody has to look for, and not one that is `missing`."""
    caller = await (await switch.terminal()).call("95001")

    async def begun() -> bool:
        return any(row["recording"] for row in await switch.rows())

    # They are told before they are here: who leaves at once has no recording at all.
    await switch.until(begun, "the recording to begin")
    caller.cancel()
    row = await switch.record()
    assert row["outcome"] == "abandoned"

    async def empty() -> bool:
        found = (await api.get("/recordings", params={"call": row["call_id"]})).json()
        return [one["state"] for one in found] == ["empty"]

    await switch.until(empty, "an empty recording", COMPRESSED_S)


async def test_a_full_disk_costs_no_call(switch: Switch) -> None:
    """T18, T21: with no room in the spool a call is answered and both hear each other; the service
    does not notice."""
    pid = switch.stack.pid("asterisk")
    spool = switch.settings.recordings_spool_dir
    enter = ["nsenter", "--target", str(pid), "--mount"]

    def run(*command: str) -> None:
        subprocess.run([*enter, *command], check=True, capture_output=True)

    run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(spool))
    try:
        run("sh", "-c", f"head -c 1000000 /dev/zero >{spool}/full || true")
        agent = await switch.ready_agent("8005")
        caller = await (await switch.terminal()).call("95001")
        talk = await agent.takes_the_call()
        await caller.answered()
        async with Voice(caller, CALLER_HZ), Voice(talk, AGENT_HZ):
            await switch.media(1.5)
        heard = b"".join(talk.audio.received)
        assert len(heard) > 8000, "the agent heard the caller all along"
        caller.hang_up()
        assert (await switch.record())["outcome"] == "answered"
    finally:
        run("umount", "--lazy", str(spool))


def test_a_wav_header_is_what_wave_reads(tmp_path: Path) -> None:
    """T21: what has not been compressed yet plays anywhere."""
    from acd.desk.archive import wav_header

    path = tmp_path / "x.wav"
    path.write_bytes(wav_header(16) + bytes(16))
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 4)


async def test_a_consultation_is_recorded_though_the_caller_does_not_hear_it(
    switch: Switch, api: httpx.AsyncClient
) -> None:
    """T21, T22: what two agents say while the caller waits at the music is a recording of its own,
    found by the call and by the colleague who was asked; before and after it there is nothing on
    it, and the caller's own has no word of theirs."""
    first, second = await switch.ready_agent("8011"), await switch.ready_agent("8012")
    call = await (await switch.terminal()).call("95002")
    ring = await first.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ) as voice:
        await hears(switch, call, AGENT_HZ)
        await voice.press("*128012#")
        other = await second.answers()
        async with Voice(other, OTHER_HZ):
            await hears(switch, ring, OTHER_HZ)
            await switch.media(3.0)
            await voice.press("*15")
            await other.over()
        await hears(switch, call, AGENT_HZ)
        await switch.media(1.0)
    call.hang_up()
    row = await switch.record()

    async def both() -> list[Json]:
        found: list[Json] = (
            await api.get("/recordings", params={"call": row["call_id"], "agent": "8012"})
        ).json()
        ready = len(found) == 2 and all(one["state"] == "compressed" for one in found)
        return found if ready else []

    recordings = await switch.until(both, "both recordings in the archive", COMPRESSED_S)
    (aside,) = [one for one in recordings if one["recording_id"].startswith("hl-")]
    (main,) = [one for one in recordings if one is not aside]
    assert aside["agents"] == ["8011", "8012"]
    said, heard = await sound(switch, api, aside["recording_id"])
    # Of three seconds and more: a busy machine loses some.
    assert tone_seconds(said, AGENT_HZ) > 1.5
    assert tone_seconds(heard, OTHER_HZ) > 1.5
    assert tone_seconds(heard, CALLER_HZ) < 0.3
    assert len(said) / RATE_HZ < (row["ended_at"] - row["answered_at"]).total_seconds() - 1.0
    _, to_caller = await sound(switch, api, main["recording_id"])
    assert tone_seconds(to_caller, OTHER_HZ) < 0.1
