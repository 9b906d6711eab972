"""A real softphone (PJSIP) gives a caller to an outside number, and calls back who gave up; the far
end is an operator's switch."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.softphone.desks import Desks
from tests.switch.hearing import heard, tone_seconds
from tests.switch.live import Switch
from tests.switch.operators import Operators, first_asked, open_operators
from tests.switch.sip import Call
from tests.switch.voice import Voice

ENQUIRY = "95002"
NUMBER = "02160000098"
ELDER = "02160000007"
FAR_HZ = 1800
TALK_S = 1.0


@pytest.fixture
async def operators(switch: Switch) -> AsyncIterator[Operators]:
    async with open_operators(switch) as opened:
        yield opened


@pytest.fixture
async def desks(switch: Switch, operators: Operators, tmp_path: Path) -> AsyncIterator[Desks]:
    """This test's agents."""
    del operators
    async with Desks(switch, tmp_path) as made:
        yield made


async def hears(switch: Switch, far: Call, tone_hz: int) -> None:
    await switch.until(
        lambda: tone_seconds(heard(far.audio.received), tone_hz) >= TALK_S,
        f"the far end to hear {tone_hz} Hz",
    )


@pytest.mark.parametrize("how", ["*11", "REFER"])
async def test_the_caller_is_given_to_an_outside_number(
    desks: Desks, operators: Operators, how: str
) -> None:
    """T38: by code or by the phone's own key, the number is dialled over an operator, the caller
    and whoever answers there hear each other, and the phone is let go."""
    desk = await desks.sit("8011")
    await desk.log_in()
    async with desks.caller("02160000011", ENQUIRY) as caller:
        ring = await desk.phone.rung()
        await ring.answer()
        await caller.hears(desk.phone.tone_hz, TALK_S)
        if how == "REFER":
            ring.refer(NUMBER)
        else:
            ring.press(f"*11{NUMBER}#")
        _, far, _ = await first_asked(desks.switch, operators, NUMBER)
        far.ring()
        far.answer()
        await far.until(lambda call: call.acknowledged, "the ACK")
        await ring.over()
        async with Voice(far, FAR_HZ):
            await caller.hears(FAR_HZ, TALK_S)
            await hears(desks.switch, far, caller.call.tone_hz)
        await caller.hang_up()
    await far.over()
    row = await desks.switch.record()
    assert (row["agent"], row["outcome"]) == ("8011", "answered")
    detail = await desks.switch.call_detail()
    (told,) = [one for one in detail["happenings"] if one["kind"] == "TransferEnded"]
    assert (told["body"]["number"], told["body"]["result"]) == (NUMBER, "completed")


async def test_who_gave_up_is_called_back(desks: Desks, operators: Operators) -> None:
    """C02: the agent's softphone is rung first, then the elder, and both hear each other."""
    switch = desks.switch
    call = await (await switch.terminal(ELDER)).call("95001")
    await switch.one_waits()
    await call.answered()
    call.hang_up()
    await switch.record()  # who becomes ready before that is rung for them
    desk = await desks.sit("8005")
    await desk.log_in()
    ring = await desk.phone.rung()
    await ring.answer()
    _, far, _ = await first_asked(switch, operators, ELDER)
    far.ring()
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    async with Voice(far, FAR_HZ):
        await hears(switch, far, desk.phone.tone_hz)
        await switch.media(TALK_S)
    far.hang_up()
    await ring.over()
    assert (await ring.recording()).seconds_of(FAR_HZ) >= TALK_S / 2
    switch.callbacks_too = True
    came, went = await switch.records(2)
    assert (came["direction"], came["outcome"]) == ("inbound", "abandoned")
    assert (went["direction"], went["outcome"], went["called"]) == ("outbound", "answered", ELDER)


async def test_an_agents_own_call_to_who_gave_up_is_the_callback(
    desks: Desks, operators: Operators
) -> None:
    """C02, E34, decision 28: an agent who serves no emergencies dials the elder on the phone.  That
    is the callback: under the number that the terminal trusts, ended as reached by the agent's word
    (*31), with one call to the elder and no other."""
    switch = desks.switch
    call = await (await switch.terminal(ELDER)).call("95001")
    await switch.one_waits()
    await call.answered()
    desk = await desks.sit("8011")
    await desk.log_in()
    call.hang_up()
    await switch.record()
    dialled = await desk.phone.dial(f"9{ELDER}")
    _, far, other = await first_asked(switch, operators, ELDER)
    assert far.invite is not None and "<sip:95001@" in far.invite["From"]
    (standing,) = await switch.get("/obligations", state="open", kind="callback")
    assert (standing["number"], standing["state"]) == (ELDER, "worked")
    far.ring()
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    async with Voice(far, FAR_HZ):
        await hears(switch, far, desk.phone.tone_hz)
        dialled.press("*31")

        async def said() -> bool:
            with_caller = (await switch.agent_state(desk.id))["caller"]
            return with_caller is not None and with_caller["response"] == "responded"

        await switch.until(said, "the agent's word")
    far.hang_up()
    await dialled.over()
    switch.callbacks_too = True
    came, went = await switch.records(2)
    assert (came["direction"], came["outcome"]) == ("inbound", "abandoned")
    assert (went["direction"], went["outcome"], went["called"]) == ("outbound", "answered", ELDER)
    assert (went["agent"], went["kind"]) == ("8011", "emergency")
    assert not other.calls

    async def recorded() -> bool:
        done = await switch.get("/obligations", state="done", kind="callback")
        return any(one["id"] == standing["id"] and one["closing"] == "reached" for one in done)

    await switch.until(recorded, "the obligation's row")
