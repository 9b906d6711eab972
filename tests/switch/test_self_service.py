"""A caller with the machine on a real Asterisk: keys by RFC 4733, prompts told by their sound, a
message whose file can be played."""

import asyncio
import json
import wave
from pathlib import Path

import numpy as np

from tests.switch import sip
from tests.switch.hearing import heard, tone_seconds
from tests.switch.live import Switch
from tests.switch.sounding import Sounding
from tests.switch.test_treatment import until_heard

CALLER = "02109000077"
"""Nobody's terminal: a telephone with keys."""


async def calls(switch: Switch) -> sip.Call:
    call = await (await switch.terminal(CALLER)).call("95003")
    await call.answered()
    return call


async def test_keys_lead_through_menus_to_a_person(switch: Switch) -> None:
    """V01, V03, V05, C13: asked at once; a key in the middle of the question is heard, a wrong one
    is told, information is recorded, and 0 is a person who is rung at once."""
    agent = await switch.ready_agent("8012")
    call = await calls(switch)
    await until_heard(switch, call, "caller-menu-main")
    call.send_digit("9")
    await until_heard(switch, call, "caller-no-such-key")
    call.send_digit("2")
    await until_heard(switch, call, "caller-menu-information")
    call.send_digit("2")
    await until_heard(switch, call, "caller-information-hours")
    call.send_digit("0")
    await agent.takes_the_call()
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"], row["queue"]) == ("answered", "8012", "enquiry")
    assert row["wait_ms"] >= 2_000  # C03: from the INVITE


async def test_a_message_is_left_and_can_be_played(switch: Switch) -> None:
    """V03, V06: what was said after the beep is in the file, as long as it was; the deadline is
    told and the same is owed."""
    call = await calls(switch)
    call.send_digit("3")
    await until_heard(switch, call, "caller-leave-message")

    def beep() -> bool:
        return tone_seconds(heard(call.audio.received), 1000) >= 0.1

    await switch.until(beep, "the beep")
    async with Sounding(call, idle=None) as mouth:  # in time, however late this process is
        mouth.play([bytes([0x2A, 0xAA] * 80)] * 200)  # four seconds of a voice
        await switch.media(4.0)
    call.send_digit("#")
    await until_heard(switch, call, "caller-message-taken", "caller-within-hours")
    call.hang_up()
    row = await switch.record()
    assert row["outcome"] == "voicemail"

    async def owed() -> list[dict[str, object]]:
        return await switch.sql(
            "SELECT body FROM fact WHERE kind = 'ReplyOwed' AND call = $1", row["call_id"]
        )

    (found,) = await switch.until(owed, "what is owed to be written down")
    body = json.loads(str(found["body"]))
    assert body["kind"] == "message" and body["number"] == CALLER
    assert body["due_ms"] - body["at_ms"] == 7_200_000
    length_ms = await asyncio.to_thread(
        length_of, Path(switch.service.settings.run_dir), body["recording"]
    )
    standing = await switch.get("/obligations", state="open", kind="callback")
    assert [one["messages"] for one in standing if one["number"] == CALLER] == [[body["recording"]]]
    assert (switch.service.settings.messages_spool_dir / str(body["recording"])).is_file()
    # T21: the call's own recording has it too, on the caller's side.
    own = switch.service.settings.recordings_spool_dir / row["recording"]
    left = np.frombuffer(await asyncio.to_thread(own.read_bytes), dtype="<i2")[0::2]
    assert (abs(left.astype(int)) > 1_000).sum() / 8_000 > 3.0
    assert 3_000 <= length_ms <= 15_000, length_ms
    assert abs(length_ms - body["message_ms"]) <= 2_000


def length_of(folder: Path, recording: str) -> int:
    (path,) = folder.rglob(recording)
    with wave.open(str(path), "rb") as file:
        return file.getnframes() * 1000 // file.getframerate()


async def test_silence_brings_a_person(switch: Switch) -> None:
    """V01: who presses nothing is asked again, and then people are rung."""
    call = await calls(switch)
    await until_heard(switch, call, "caller-nothing-pressed")
    agent = await switch.ready_agent("8014")
    await agent.takes_the_call()
    call.hang_up()
    assert (await switch.record())["outcome"] == "answered"


async def test_a_callback_and_papers_are_asked_for_by_key(switch: Switch) -> None:
    """V03, V16, C13: the number is read back and a call is owed to it; papers are somebody's task;
    both callers hear by when, and are let go."""
    for key, number in (("4", "02109000078"), ("5", "02109000079")):
        call = await (await switch.terminal(number)).call("95003")
        await call.answered()
        call.send_digit(key)
        if key == "4":
            await until_heard(switch, call, "caller-callback-right")
            call.send_digit("1")
            await until_heard(switch, call, "caller-callback-noted", "caller-within-hours")
        else:
            await until_heard(switch, call, "caller-task-noted", "caller-within-hours")
        await call.over()
    rows = await switch.records(2)
    assert [row["outcome"] for row in rows] == ["callback", "self_served"]

    async def owed() -> bool:
        found = await switch.get("/obligations", state="open")
        mine = {one["number"]: one for one in found if one["number"].startswith("0210900007")}
        kinds = [mine[n]["kind"] for n in ("02109000078", "02109000079") if n in mine]
        return kinds == ["callback", "task"]

    await switch.until(owed, "a callback and a task to be owed")
