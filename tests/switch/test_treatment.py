"""What a waiting caller really hears, told from the sound itself against the prompts' files."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from tests.switch import sip
from tests.switch.hearing import LIKENESS_MIN, heard, likeness, wav
from tests.switch.live import Json, Switch, demo, demo_with, load_directory

AT_ONCE_S = 3.5
"""On a busy machine; the notice itself takes five."""

OPENING_FRAMES, MUSIC_FRAMES = 400, 150
"""Of 20 ms: more than the opening has, and what could be nothing but music."""

PROMPTS = Path(__file__).resolve().parents[2] / "prompts" / "built"


def hears(call: sip.Call, prompt: str) -> bool:
    """Whether the prompt was in what came to the caller so far."""
    return likeness(heard(call.audio.received), wav(PROMPTS / f"{prompt}.wav")) >= LIKENESS_MIN


async def until_heard(switch: Switch, call: sip.Call, *prompts: str) -> None:
    for prompt in prompts:
        await switch.until(partial(hears, call, prompt), f"{prompt} to be heard")


def _often(found: dict[str, list[Json]]) -> None:
    """Announcements every second, so that a test need not wait for the third; and an enquiry's
    caller is told who is there."""
    for queue in found["queues"]:
        if queue["id"] in ("emergency", "enquiry"):
            queue["treatment"]["comfort_every_ms"] = 1_000
        if queue["id"] == "enquiry":
            queue["treatment"]["tells_agent"] = True


@pytest.fixture
def often(switch: Switch) -> Iterator[None]:
    load_directory(switch.service, demo_with(_often))
    yield
    load_directory(switch.service, demo())


async def test_what_is_shown_is_what_is_said(switch: Switch) -> None:
    """V04: the texts for screens are the list that the sounds were made from: each has its sound
    file, and the comfort that a caller hears is the text that an agent can read."""
    texts = {one["name"]: one for one in await switch.get("/texts")}
    sounds = {path.stem for path in PROMPTS.glob("*.wav")} - {"music-on-hold"}
    assert set(texts) == sounds
    assert texts["caller-comfort"]["audience"] == "caller"
    assert "请您不要挂机" in texts["caller-comfort"]["text"]
    assert texts["pause-reason-meal"]["key"] == 2


async def test_comfort_comes_between_music_and_again(switch: Switch, often: None) -> None:
    """V12: an emergency caller whom nobody can answer yet hears the acknowledgement, then that
    somebody is being found, again and again; the first agent is rung at once."""
    call = await (await switch.terminal()).call("95001")
    await call.answered()
    await until_heard(switch, call, "caller-acknowledge", "caller-comfort")
    call.audio.received.clear()
    await until_heard(switch, call, "caller-comfort")
    agent = await switch.agent("8005")
    await agent.ask("login")
    await agent.takes_the_call()
    call.hang_up()
    assert (await switch.record())["outcome"] == "answered"


def _plain(found: dict[str, list[Json]]) -> None:
    for queue in found["queues"]:
        if queue["id"] == "enquiry":
            queue["treatment"] = {}


@pytest.fixture
def plain(switch: Switch) -> Iterator[None]:
    """On the enquiry line nothing is said but the opening."""
    load_directory(switch.service, demo_with(_plain))
    yield
    load_directory(switch.service, demo())


async def test_whoever_waits_after_the_room_was_empty_hears_music(
    switch: Switch, plain: None
) -> None:
    """V12: Asterisk ends the music of a holding room with the last who leaves it.  Who came next
    heard the opening, and then nothing at all."""

    async def waits(terminal: sip.Phone, frames: int) -> sip.Call:
        call = await terminal.call("95002")
        await call.answered()
        await switch.until(lambda: len(call.audio.received) >= frames, "the caller to hear more")
        return call

    terminal = await switch.terminal()
    (await waits(terminal, 1)).hang_up()
    await switch.until(
        lambda: "hl-hold-enquiry" not in switch.stack.cli("core show channels concise"),
        "the room to be empty",
    )
    (await waits(terminal, OPENING_FRAMES + MUSIC_FRAMES)).hang_up()


async def test_nobody_waits_for_the_recording_notice(switch: Switch) -> None:
    """C14: an agent who answers in the middle of it is with the caller at once."""
    agent = await switch.agent("8005")
    call = await (await switch.terminal()).call("95001")
    await until_heard(switch, call, "caller-acknowledge")
    await agent.ask("login")  # the notice follows the acknowledgement in the same breath
    await agent.takes_the_call()
    call.hang_up()
    first = await switch.call_detail()
    (leg,) = [one for one in first["legs"] if one["role"] == "agent"]
    answered, joined = (
        datetime.fromisoformat(moment) for moment in (leg["answered_at"], first["answered_at"])
    )
    assert (joined - answered).total_seconds() < AT_ONCE_S


@pytest.fixture
def picked_up_late(switch: Switch) -> Iterator[None]:
    def late(found: dict[str, list[Json]]) -> None:
        for queue in found["queues"]:
            queue["pick_up_ms"] = 6_000  # longer than any agent of ours needs to answer

    load_directory(switch.service, demo_with(late))
    yield
    load_directory(switch.service, demo())


async def test_nothing_is_said_where_an_agent_answers_first(
    switch: Switch, picked_up_late: None
) -> None:
    """C14: who is answered before the system picks up hears no notice."""
    agent = await switch.ready_agent("8005")
    call = await (await switch.terminal()).call("95001")
    await agent.takes_the_call()
    call.hang_up()
    assert (await switch.record())["picked_up_at"] is None


async def test_place_and_number_of_the_agent_are_heard(switch: Switch, often: None) -> None:
    """V09, V12, C13: who waits for an enquiry hears their place, and the agent's number when the
    agent is there."""
    first = await (await switch.terminal()).call("95002")
    await first.answered()
    second = await (await switch.terminal("02160000002")).call("95002")
    await second.answered()
    await until_heard(switch, first, "caller-next-in-line")
    await until_heard(switch, second, "caller-ahead-prefix")
    agent = await switch.agent("8013")
    await agent.ask("login")
    await agent.takes_the_call(caller="02160000001")
    await until_heard(switch, first, "agent-number-suffix")
    second.hang_up()
    first.hang_up()
    assert {row["outcome"] for row in await switch.records(2)} == {"answered", "abandoned"}
