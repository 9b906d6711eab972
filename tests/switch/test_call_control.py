"""Call control against the real Asterisk: what each side hears, read from the phones themselves."""

from servers.asterisk import PROMPTS
from tests.switch.hearing import LIKENESS_MIN, heard, likeness, tone_seconds, wav
from tests.switch.live import Switch
from tests.switch.sip import Call
from tests.switch.voice import Voice

CALLER_HZ, AGENT_HZ = 600, 1000
PLENTY_S = 0.5
"""So much of a tone shows that it comes through."""


async def has_heard(switch: Switch, call: Call, prompt: str) -> None:
    """Wait until this prompt has come through."""
    samples = wav(PROMPTS / f"{prompt}.wav")
    await switch.until(
        lambda: likeness(heard(call.audio.received), samples) >= LIKENESS_MIN,
        f"{call.phone.user} to hear {prompt}",
        15,
    )


async def hears(switch: Switch, call: Call, frequency_hz: float) -> None:
    """Wait until a voice has come through for a while from now on."""
    begin = len(call.audio.received)
    await switch.until(
        lambda: tone_seconds(heard(call.audio.received[begin:]), frequency_hz) >= PLENTY_S,
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
    assert 10_000 <= row["hold_ms"] < 16_000
    assert row["talk_ms"] < 10_000
