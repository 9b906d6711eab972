"""Silent calls on the real switch: asked twice, flagged, held open (E33, V13, F05, C05, C07)."""

import wave

from servers.asterisk import PROMPTS
from tests.switch.live import Json, Switch
from tests.switch.test_call_control import BUSY_HZ, has_heard, hears
from tests.switch.voice import Voice

LATE_S = 8.0
"""What a busy machine may add to a moment; that the core's own clock is exact is tested there."""


def length_s(prompt: str) -> float:
    with wave.open(str(PROMPTS / f"{prompt}.wav"), "rb") as file:
        return file.getnframes() / file.getframerate()


async def response(switch: Switch, agent: str) -> str | None:
    """What the API says of whether the agent's caller responds."""
    caller = (await switch.agent_state(agent))["caller"]
    return None if caller is None else str(caller["response"])


async def happenings(switch: Switch) -> list[Json]:
    """This test's facts of silence, oldest first."""
    return await switch.sql(
        "SELECT kind, extract(epoch FROM at)::float8 AS at FROM fact"
        " WHERE at >= $1 AND kind IN ('SilencePrompted', 'NoResponseFlagged') ORDER BY at, seq",
        switch.began,
    )


async def test_a_terminal_that_sends_silence_is_asked_twice_flagged_and_held(
    switch: Switch,
) -> None:
    """E33, V13, F05, C05: the caller is asked, and the agent hears that they are; the agent alone
    hears the flag, and *31 clears it; the record keeps the agent's word."""
    agent = await switch.ready_agent("8001")
    call = await (await switch.terminal()).call("95001")
    ring = await agent.takes_the_call()
    await call.answered()
    async with Voice(call, None), Voice(ring, None) as voice:
        await has_heard(switch, call, "caller-please-speak")
        await has_heard(switch, ring, "caller-please-speak")
        await has_heard(switch, ring, "agent-no-response")
        await has_heard(switch, call, "caller-not-heard-we-stay")
        assert await response(switch, "8001") == "no_response"
        await voice.press("*31")
        await has_heard(switch, ring, "response-noted")
        assert await response(switch, "8001") == "responded"
        call.hang_up()
        await ring.over()
    assert (await switch.record())["response"] == "responded"
    asked, flagged, stayed = await happenings(switch)
    assert [one["kind"] for one in (asked, flagged, stayed)] == [
        "SilencePrompted",
        "NoResponseFlagged",
        "SilencePrompted",
    ]
    after_prompt_s = flagged["at"] - asked["at"] - length_s("caller-please-speak")
    assert 3.0 - 0.1 <= after_prompt_s <= 3.0 + LATE_S


async def test_a_terminal_that_sends_no_audio_is_held_whatever_the_agent_does(
    switch: Switch,
) -> None:
    """C07: neither Asterisk, nor the system, nor an agent without an outcome ends the line; whoever
    comes next is told at once, and that no packet comes from there."""
    for account in ("carrier-a", "carrier-b"):
        fields = await switch.ari(f"/asterisk/config/dynamic/res_pjsip/endpoint/{account}")
        found = {field["attribute"]: field["value"] for field in fields}
        # A refresh that never comes, or audio that never does, must end nothing.
        assert (found["timers"], found["rtp_timeout"], found["rtp_timeout_hold"]) == (
            "no",
            "0",
            "0",
        )
    agent = await switch.ready_agent("8001")
    call = await (await switch.terminal()).call("95001")
    ring = await agent.takes_the_call()
    await call.answered()
    async with Voice(ring, None):
        await has_heard(switch, ring, "agent-no-response")
        ring.hang_up()
    again = await agent.takes_the_call()
    async with Voice(again, None) as voice:
        await has_heard(switch, again, "agent-no-response")
        assert await response(switch, "8001") == "no_response"
        await has_heard(switch, again, "agent-no-audio")
        assert not call.ended
        await voice.press("*2006")
        await has_heard(switch, again, "outcome-noted")
        again.hang_up()
        await hears(switch, call, BUSY_HZ)
    call.hang_up()
    assert (await switch.record())["response"] == "responded"
