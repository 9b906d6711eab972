"""Call control against the real Asterisk: what each side hears, read from the phones themselves."""

from servers.asterisk import PROMPTS
from tests.switch.hearing import LIKENESS_MIN, heard, likeness, tone_seconds, wav
from tests.switch.live import Switch
from tests.switch.sip import Call
from tests.switch.voice import Voice

CALLER_HZ, AGENT_HZ, SECOND_HZ, THIRD_HZ = 600, 1000, 1400, 1800
QUIET_HZ = 800
BUSY_HZ = 450
PLENTY_S = 0.5
"""So much of a tone shows that it comes through."""


async def has_heard(switch: Switch, call: Call, prompt: str) -> None:
    """Wait until this prompt has come through."""
    samples = wav(PROMPTS / f"{prompt}.wav")
    await switch.until(
        lambda: likeness(heard(call.audio.received), samples) >= LIKENESS_MIN,
        f"{call.phone.user} to hear {prompt}",
    )


async def hears(switch: Switch, call: Call, frequency_hz: float) -> None:
    """Wait until a voice has come through for a while from now on."""
    begin = len(call.audio.received)
    await switch.until(
        lambda: tone_seconds(heard(call.audio.received[begin:]), frequency_hz, 0.3) >= PLENTY_S,
        f"{call.phone.user} to hear {frequency_hz} Hz",
    )


async def test_hold_by_code_and_what_each_side_hears(switch: Switch) -> None:
    """C08, F06, *10: the caller hears music and after 10 s that nobody has forgotten them, then
    thanks, then the agent; the agent alone hears what came of the code, and no key is heard by
    the other side.  A caller's keys command nothing.  The row tells talk from hold."""
    agent = await switch.ready_agent("8011")
    call = await (await switch.terminal()).call("95002")
    ring = await agent.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ) as caller, Voice(ring, AGENT_HZ) as voice:
        await hears(switch, call, AGENT_HZ)
        await hears(switch, ring, CALLER_HZ)
        await caller.press("*10")
        await hears(switch, call, AGENT_HZ)
        await hears(switch, ring, CALLER_HZ)
        assert ring.audio.keys == [], "the caller's keys have reached the agent"

        await voice.press("*10")
        await has_heard(switch, ring, "call-held")
        held, alone = len(call.audio.received), len(ring.audio.received)
        await has_heard(switch, call, "caller-hold-notice")
        assert tone_seconds(heard(call.audio.received[held + 10 :]), AGENT_HZ) == 0
        assert tone_seconds(heard(ring.audio.received[alone:]), CALLER_HZ) == 0

        await voice.press("*10")
        await has_heard(switch, ring, "call-resumed")
        await has_heard(switch, call, "caller-hold-thanks")
        await hears(switch, call, AGENT_HZ)
        await hears(switch, ring, CALLER_HZ)
    assert call.audio.keys == [], "the agent's keys have reached the caller"
    call.hang_up()
    row = await switch.record()
    assert row["outcome"] == "answered"
    assert row["hold_ms"] >= 10_000
    # The one is without the other: together they are no longer than the conversation was.
    together_ms = (row["ended_at"] - row["answered_at"]).total_seconds() * 1000
    assert 2_000 <= row["talk_ms"] <= together_ms - row["hold_ms"] + 1


async def silent(switch: Switch, call: Call, frequency_hz: float, seconds: float = 0.6) -> None:
    """While audio flows this voice does not come through."""
    begin = len(call.audio.received)
    await switch.media(seconds)
    heard_s = tone_seconds(heard(call.audio.received[begin:]), frequency_hz)
    assert heard_s <= 0.1, f"{call.phone.user} hears {frequency_hz} Hz for {heard_s} s"


async def test_a_consultation_a_conference_and_who_hears_whom(switch: Switch) -> None:
    """*12, *14, *13, T38: in the consultation the two agents hear each other and neither is heard
    by the caller; then all three do; the first leaves and the second goes on."""
    first, second = await switch.ready_agent("8011"), await switch.ready_agent("8012")
    call = await (await switch.terminal()).call("95002")
    ring = await first.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ) as voice:
        await hears(switch, call, AGENT_HZ)
        await voice.press("*128012#")
        other = await second.answers()
        async with Voice(other, SECOND_HZ) as others_voice:
            await hears(switch, ring, SECOND_HZ)
            await hears(switch, other, AGENT_HZ)
            await silent(switch, call, AGENT_HZ)
            await silent(switch, other, CALLER_HZ)

            await voice.press("*14")
            await has_heard(switch, call, "caller-hold-thanks")
            await hears(switch, call, SECOND_HZ)
            await hears(switch, call, AGENT_HZ)
            await hears(switch, other, CALLER_HZ)
            await hears(switch, ring, SECOND_HZ)

            ring.hang_up()
            await first.wait("wrap_up")
            await hears(switch, call, SECOND_HZ)
            await hears(switch, other, CALLER_HZ)
            assert (await second.state())["state"] == "talking"
            await others_voice.press("*10")
            await has_heard(switch, other, "call-held")
    assert call.audio.keys == []
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", "8011")
    assert row["hold_ms"] > 0


async def test_an_attended_transfer_hands_the_caller_over(switch: Switch) -> None:
    """*12, *13, T06, T38: the caller is thanked and hears the colleague; the first agent is let go
    and writes notes; the call is the same call."""
    first, second = await switch.ready_agent("8011"), await switch.ready_agent("8012")
    call = await (await switch.terminal()).call("95002")
    ring = await first.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ) as voice:
        await hears(switch, call, AGENT_HZ)
        before = (await first.state())["call"]
        await voice.press("*128012#")
        other = await second.answers()
        async with Voice(other, SECOND_HZ) as theirs:
            await hears(switch, ring, SECOND_HZ)
            await voice.press("*13")
            await ring.over()
            await has_heard(switch, call, "caller-hold-thanks")
            await hears(switch, call, SECOND_HZ)
            await hears(switch, other, CALLER_HZ)
            await first.wait("wrap_up")
            assert (await second.state())["call"] == before
            # C05: a terminal that sends a tone and no word is held; the agent has heard somebody.
            await theirs.press("*31")
            await has_heard(switch, other, "response-noted")
            other.hang_up()
            await hears(switch, call, BUSY_HZ)  # T25: that is how a terminal knows
            call.hang_up()
    row = await switch.record()
    assert row["call_id"] == before
    legs = (await switch.call_detail())["legs"]
    assert sorted(leg["agent"] or "" for leg in legs) == ["", "8011", "8012"]


async def test_a_blind_transfer_that_fails_comes_back_and_one_that_does_not(
    switch: Switch,
) -> None:
    """*11, T38: the caller is told first, before and after; the agent hears why."""
    first, second = await switch.ready_agent("8011"), await switch.ready_agent("8012")
    call = await (await switch.terminal()).call("95002")
    ring = await first.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ) as voice:
        await hears(switch, call, AGENT_HZ)
        await voice.press("*118012#")
        refused = await second.rung()
        await has_heard(switch, call, "caller-transferring")
        refused.reply("486 Busy Here")
        await has_heard(switch, ring, "transfer-not-answered")
        await has_heard(switch, call, "caller-transfer-failed")
        await hears(switch, call, AGENT_HZ)
        await hears(switch, ring, CALLER_HZ)

        await second.ask("ready")
        await second.wait("ready")
        await voice.press("*118012#")
        taken = await second.answers()
        await ring.over()
        async with Voice(taken, SECOND_HZ):
            await hears(switch, call, SECOND_HZ)
            await hears(switch, taken, CALLER_HZ)
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["offers"]) == ("answered", 3)


async def test_a_call_goes_to_another_queue_and_back_from_a_consultation(switch: Switch) -> None:
    """*11 to an entry, T06: the call waits in the other line at once; *12 and *15: the colleague is
    let go, and the agent is with the caller again."""
    first, third = await switch.ready_agent("8005"), await switch.ready_agent("8011")
    second = await switch.ready_agent("8012")
    call = await (await switch.terminal()).call("95001")
    ring = await first.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ) as voice:
        await hears(switch, call, AGENT_HZ)
        await voice.press("*1195002#")
        taken = await third.takes_the_call()
        await ring.over()
        async with Voice(taken, SECOND_HZ) as thirds_voice:
            await hears(switch, call, SECOND_HZ)
            await thirds_voice.press("*128012#")
            asked = await second.answers()
            await has_heard(switch, taken, "transfer-begun")
            await thirds_voice.press("*15")
            await asked.over()
            await second.wait("ready")
            await hears(switch, call, SECOND_HZ)
            await hears(switch, taken, CALLER_HZ)
    call.hang_up()
    row = await switch.record()
    assert (row["queue"], row["kind"], row["agent"]) == ("emergency", "emergency", "8005")


async def test_a_rescue_number_is_refused_aloud_and_the_call_goes_on(switch: Switch) -> None:
    """*12 with 120: rescue is called from a case, never by a transfer; the agent hears why."""
    first = await switch.ready_agent("8011")
    call = await (await switch.terminal()).call("95002")
    ring = await first.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ) as voice:
        await hears(switch, call, AGENT_HZ)
        await voice.press("*12120#")
        await has_heard(switch, ring, "refused-rescue-number")
        await hears(switch, call, AGENT_HZ)
    call.hang_up()
    assert (await switch.record())["outcome"] == "answered"


async def test_a_phone_that_holds_and_transfers_by_itself(switch: Switch) -> None:
    """A re-INVITE with sendonly is a hold of ours, with its notice; REFER to a number is a blind
    transfer: refused it is declined and the call goes on, and the records are those of ours."""
    first, second = await switch.ready_agent("8011"), await switch.ready_agent("8012")
    call = await (await switch.terminal()).call("95002")
    ring = await first.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ):
        await hears(switch, call, AGENT_HZ)
        ring.reinvite("sendonly")
        await switch.until(lambda: held(switch, ring), "the call to be held")
        await has_heard(switch, call, "caller-hold-notice")
        ring.reinvite("sendrecv")
        await has_heard(switch, call, "caller-hold-thanks")
        await hears(switch, call, AGENT_HZ)
        await hears(switch, ring, CALLER_HZ)

        ring.refer("8011")
        await ring.until(lambda one: "SIP/2.0 603" in one.told, "603 for the own number")
        await hears(switch, call, AGENT_HZ)
        ring.refer("8012")
        taken = await second.answers()
        await ring.until(lambda one: "SIP/2.0 200" in one.told, "200 for the transfer")
        async with Voice(taken, SECOND_HZ):
            await hears(switch, call, SECOND_HZ)
            await hears(switch, taken, CALLER_HZ)
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"], row["offers"]) == ("answered", "8011", 2)
    assert row["hold_ms"] >= 10_000


async def test_a_phone_asks_on_its_other_line_and_joins_both(switch: Switch) -> None:
    """T38, T06: the phone's own attended transfer, REFER with Replaces: the two agents hear each
    other and the caller music, then the caller and the colleague; the record is that of a
    consultation, and both lines are let go."""
    first, second = await switch.ready_agent("8011"), await switch.ready_agent("8012")
    call = await (await switch.terminal()).call("95002")
    ring = await first.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ):
        await hears(switch, call, AGENT_HZ)
        ring.reinvite("sendonly")
        await switch.until(lambda: held(switch, ring), "the call to be held")
        line = await first.phone.call("8012")
        other = await second.answers()
        await line.answered()
        async with Voice(line, THIRD_HZ), Voice(other, SECOND_HZ):
            await hears(switch, line, SECOND_HZ)
            await hears(switch, other, THIRD_HZ)
            await silent(switch, call, SECOND_HZ)
            ring.refer("8012", replaces=ring)
            await ring.until(lambda one: "SIP/2.0 603" in one.told, "603 for its own line")
            ring.refer("8012", replaces=line)
            await ring.until(lambda one: "SIP/2.0 200" in one.told, "200 for the transfer")
            await ring.over()
            await line.over()
            await has_heard(switch, call, "caller-hold-thanks")
            await hears(switch, call, SECOND_HZ)
            await hears(switch, other, CALLER_HZ)
        await first.wait("wrap_up")
        await second.wait("talking")
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"], row["offers"]) == ("answered", "8011", 2)
    assert row["hold_ms"] > 0
    detail = await switch.call_detail()
    assert sorted(leg["role"] for leg in detail["legs"]) == ["agent", "agent", "caller", "desk"]
    assert ("TransferEnded", "completed") in [
        (one["kind"], one["body"].get("result")) for one in detail["happenings"]
    ]


async def held(switch: Switch, ring: Call) -> bool:
    """Whether the caller is in a holding room now."""
    rooms = await switch.ari("/bridges")
    return any(room["bridge_type"] == "holding" and room["channels"] for room in rooms)


def loudness(call: Call, since: int) -> float:
    """The mean square of what has come from a packet on."""
    samples = heard(call.audio.received[since:])
    return float((samples**2).mean()) if len(samples) else 0.0


async def test_an_emergency_is_made_louder_noted_and_ended_with_busy_tone(switch: Switch) -> None:
    """*17, T40: twice the voltage is four times the power; *20, C07, T25: with an outcome the agent
    may hang up, and the terminal hears busy tone until it clears."""
    agent = await switch.ready_agent("8005")
    call = await (await switch.terminal()).call("95001")
    ring = await agent.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, QUIET_HZ) as voice:
        await hears(switch, call, QUIET_HZ)
        begin = len(call.audio.received)
        await switch.media(0.5)
        before = loudness(call, begin)
        await voice.press("*17")
        await has_heard(switch, ring, "gain-changed")
        await hears(switch, call, QUIET_HZ)
        begin = len(call.audio.received)
        await switch.media(0.5)
        assert loudness(call, begin) > 1.5 * before
        await voice.press("*2001")
        await has_heard(switch, ring, "outcome-noted")
        ring.hang_up()
        await hears(switch, call, BUSY_HZ)
        assert not call.ended
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["offers"]) == ("answered", 1)
    told = (await switch.call_detail())["happenings"]
    assert [one["kind"] for one in told] == ["CallDisposed", "CallReleased"]
