"""Seats on the real switch: how a call reaches them, and how they are found to be there again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from acd.proof.tone import TONES_HZ
from servers.asterisk import PROMPTS
from tests.switch import sip
from tests.switch.hearing import LIKENESS_MIN, heard, likeness, tone_seconds, wav
from tests.switch.live import Agent, Switch
from tests.switch.voice import Voice

LOUD = bytes([0xAA] * 4 + [0x2A] * 4) * 20
"""20 ms of a 1 kHz square wave, as loud as A-law goes."""
LATE_MS = 8_000
"""What a busy machine may add; that the core's own clock is exact is tested there."""
QUIET = bytes([0xD5]) * 160
"""20 ms of nothing, sent all the same: a headset on an empty desk."""


@asynccontextmanager
async def sending(call: sip.Call, payload: bytes) -> AsyncIterator[None]:
    """Audio from the phone while the block runs: one packet every 20 ms."""

    async def send() -> None:
        number = 0
        while True:
            call.audio.send(payload, to=call.media_port, number=number)
            number += 1
            await asyncio.sleep(0.02)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def auto(switch: Switch) -> AsyncIterator[Agent]:
    """An agent, 8005, whose seat's phone is to answer by itself: changed without a restart."""
    async with seat_of_8005(switch, "auto_answer") as agent:
        yield agent


@pytest.fixture
async def nailed(switch: Switch) -> AsyncIterator[Agent]:
    """The same, and the line is to stay open."""
    async with seat_of_8005(switch, "nailed_up") as agent:
        yield agent


@asynccontextmanager
async def seat_of_8005(switch: Switch, mode: str) -> AsyncIterator[Agent]:
    agent = await switch.agent("8005")

    async def change(mode: str, *, test_ring_ms: int, pick_up_ms: int) -> None:
        await switch.sql(
            f"UPDATE queues SET test_ring_ms = {test_ring_ms}, pick_up_ms = {pick_up_ms}"
        )
        await switch.sql(f"UPDATE seats SET mode = '{mode}' WHERE id = 's8005'")

    await agent.ask("login")
    await agent.wait("ready")
    # However long a busy machine takes to hear the beep, nobody picks up in the agent's place.
    await change(mode, test_ring_ms=5_000, pick_up_ms=9_000)

    async def is_known(mode: str) -> bool:
        return bool((await agent.state())["mode"] == mode)

    await switch.until(lambda: is_known(mode), "the seat's new mode")
    yield agent
    await change("ring", test_ring_ms=30_000, pick_up_ms=2_000)
    await switch.until(lambda: is_known("ring"), "the seat's old mode")


async def picked_up(agent: Agent) -> sip.Call:
    """The phone does what the INVITE asks for."""
    call = await agent.rung()
    assert call.invite is not None
    assert call.invite["Call-Info"] == "<sip:huling>;answer-after=0"
    assert call.invite["Alert-Info"] == "<sip:huling>;info=alert-autoanswer"
    call.answer()
    return await call.until(lambda one: one.acknowledged, "the ACK")


async def test_the_first_word_answers(switch: Switch, auto: Agent) -> None:
    """T09: the phone picks up at once and hears a beep; the caller goes on ringing until the agent
    speaks, and then both are in one room.  ``wait_ms`` ends at the word, not at the 200 OK."""
    terminal = await switch.terminal()
    call = await terminal.call("95001")
    leg = await picked_up(auto)
    async with sending(leg, QUIET):
        beep = wav(PROMPTS / "beep.wav")
        await switch.until(
            lambda: likeness(heard(leg.audio.received), beep) >= LIKENESS_MIN, "the beep"
        )
        await switch.media(1.0)
    assert (await auto.state())["state"] == "offered"
    assert call.code == 180
    async with sending(leg, LOUD):
        await call.answered()
        await auto.wait("talking")
        await auto.joined()
        await switch.until(lambda: len(call.audio.received) > 20, "the agent's audio")
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", "8005")
    assert 1_000 <= row["wait_ms"] <= 4_500 + LATE_MS
    (offer,) = (await switch.get(f"/calls/{row['call_id']}"))["offer_list"]
    assert (offer["result"], offer["ring_limit_ms"]) == ("accepted", 6_500)


async def test_a_key_answers_too(switch: Switch, auto: Agent) -> None:
    """Whoever is there and says nothing yet."""
    terminal = await switch.terminal()
    call = await terminal.call("95001")
    leg = await picked_up(auto)
    await switch.until(lambda: leg.audio.received, "the beep")
    leg.send_digit("5")
    await call.answered()
    await auto.joined()
    call.hang_up()
    assert (await switch.record())["outcome"] == "answered"


async def test_an_empty_chair_is_found_and_tested(switch: Switch, auto: Agent) -> None:
    """The phone answers for nobody: after 4 s of sent silence the call goes to the next agent, who
    is rung; the seat is not responding, and comes back by a key at the test ring."""
    other = await switch.ready_agent("8001")
    terminal = await switch.terminal()
    call = await terminal.call("95001")
    leg = await picked_up(auto)
    async with sending(leg, QUIET):
        second = await other.rung()
        assert second.invite is not None and not second.invite["Call-Info"]
        await leg.over()
    second.answer()
    await call.answered()
    await auto.wait("not_responding", "empty_chair")
    await other.joined()
    call.hang_up()
    row = await switch.record()
    assert (row["agent"], row["outcome"]) == ("8001", "answered")
    assert 4_000 <= row["wait_ms"] <= 10_000 + LATE_MS
    test = await auto.rung()
    assert test.invite is not None
    assert "*61" in test.invite["From"] and not test.invite["Call-Info"]
    test.answer()
    await test.until(lambda one: one.acknowledged, "the ACK")
    await asked_for_a_key(switch, test)
    assert (await auto.state())["state"] == "not_responding"
    test.send_digit("1")
    await auto.wait("ready")
    await test.over()
    counted = await switch.counted()
    assert counted['huling_test_rings_total{result="ready"}'] == 1
    assert counted["huling_chairs_found_empty_total"] == 1


async def asked_for_a_key(switch: Switch, test: sip.Call) -> None:
    """The question of a test ring is heard: the switch knows that the phone has answered."""
    prompt = wav(PROMPTS / "agent-test-ring.wav")
    await switch.until(
        lambda: likeness(heard(test.audio.received), prompt) >= LIKENESS_MIN, "the question"
    )


async def announced(switch: Switch, line: sip.Call, since: int) -> None:
    """A beep has come over the line, behind what it had received before."""
    beep = wav(PROMPTS / "beep.wav")
    await switch.until(
        lambda: likeness(heard(line.audio.received[since:]), beep) >= LIKENESS_MIN, "the beep"
    )


async def hears(switch: Switch, call: sip.Call, tone_hz: int, since: int) -> None:
    await switch.until(
        lambda: tone_seconds(heard(call.audio.received[since:]), tone_hz) >= 0.5,
        f"{tone_hz} Hz at {call.phone.user}",
    )


async def test_a_line_stays_open_from_one_call_to_the_next(switch: Switch, nailed: Agent) -> None:
    """T09: the line is dialled once, a beep in it announces each call, the first word answers one
    and a key the next, and both ends hear each other; in the records the line's parts are told
    apart."""
    line = await picked_up(nailed)
    await nailed.wait("ready")
    terminal = await switch.terminal()
    for number, accepted_by in enumerate(("word", "key")):
        since = len(line.audio.received)
        call = await terminal.call("95001")
        async with sending(line, QUIET):
            await announced(switch, line, since)
            assert (await nailed.state())["state"] == "offered" and call.code == 180
            if accepted_by == "key":
                line.send_digit("5")
                await call.answered()
            else:
                # Asterisk hears a beginning only after a pause.
                await switch.media(0.5)
        async with Voice(line, TONES_HZ[0]), Voice(call, TONES_HZ[9]):
            await nailed.wait("talking")
            await hears(switch, call, TONES_HZ[0], 0)
            await hears(switch, line, TONES_HZ[9], since)
        call.hang_up()
        await nailed.wait("wrap_up")
        await nailed.ask("wrap-up/end")
        await nailed.wait("ready")
        assert not line.ended, f"the line ended after call {number}"
    assert len([one for one in nailed.phone.calls.values() if one.invite]) == 1
    rows = await switch.records(2)
    assert [(row["outcome"], row["agent"]) for row in rows] == [("answered", "8005")] * 2
    parts = []
    for row in rows:
        detail = await switch.get(f"/calls/{row['call_id']}")
        (leg,) = [leg for leg in detail["legs"] if leg["role"] == "agent"]
        (offer,) = detail["offer_list"]
        assert offer["result"] == "accepted"
        parts.append(leg["leg_id"].partition("#")[2])
    assert parts == ["1", "2"]


async def test_nobody_at_an_open_line(switch: Switch, nailed: Agent) -> None:
    """After 4 s without a word the call goes to the next agent and the line is closed; a test ring
    finds whoever is back, and the line is open again."""
    line = await picked_up(nailed)
    await nailed.wait("ready")
    other = await switch.ready_agent("8001")
    call = await (await switch.terminal()).call("95001")
    async with sending(line, QUIET):
        await other.takes_the_call()
        await line.over()
    await nailed.wait("not_responding", "empty_chair")
    call.hang_up()
    row = await switch.record()
    assert (row["agent"], row["outcome"]) == ("8001", "answered")
    assert row["wait_ms"] >= 4_000
    test = await nailed.answers()
    await asked_for_a_key(switch, test)
    test.send_digit("1")
    await test.over()
    await picked_up(nailed)
    await nailed.wait("ready")


async def private_call(switch: Switch, phone: str) -> None:
    """Have Asterisk itself ring a phone: a channel that the service has not made and is not told
    of.  The command is of a module that a switch at work does not load."""
    for command in (
        "module load res_clioriginate.so",
        f"channel originate PJSIP/{phone} application Wait 60",
        "module unload res_clioriginate.so",
    ):
        said = await asyncio.to_thread(switch.stack.asterisk.cli, command)
        assert not any(word in said for word in ("No such", "Unable", "Error")), said


async def test_a_second_line_is_seen(switch: Switch) -> None:
    """asterisk#1181 (queue): a private call comes to the phone during ours and goes on after it.
    The device state does not change at our call's end, and the agent, ready again, is not rung into
    the private call; when that is over, they are."""
    agent = await switch.ready_agent("8011")
    first = await (await switch.terminal()).call("95002")
    await agent.takes_the_call()
    await first.answered()
    await private_call(switch, "a8011")
    private = await agent.answers()
    first.hang_up()
    await agent.wait("wrap_up")
    await agent.ask("wrap-up/end")
    await agent.wait("ready")

    async def only_private() -> bool:
        (phone,) = (await agent.state())["phones"]
        return (phone["in_use"], phone["legs"]) == (True, 0)

    await switch.until(only_private, "our own leg to be gone, and the private one seen")

    second = await (await switch.terminal("02160000002")).call("95002")
    await switch.one_waits("enquiry")
    await switch.media(1.0)
    rung = [one for one in agent.phone.calls.values() if one.invite]
    assert len(rung) == 2, "an INVITE went into the private call"
    private.hang_up()
    await agent.takes_the_call()
    await second.answered()
    second.hang_up()
    rows = await switch.records(2)
    assert [row["outcome"] for row in rows] == ["answered", "answered"]
