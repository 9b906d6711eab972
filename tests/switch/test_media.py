"""What went over a line is known when it ends (T16): Asterisk's own count, in facts and figures."""

from tests.switch.live import Switch
from tests.switch.voice import Voice

SPOKEN = 20
"""Packets, of 20 ms each: enough to tell a voice from nothing."""


async def test_who_was_heard_and_who_was_not_is_known_at_a_lines_end(switch: Switch) -> None:
    """T16: the caller speaks, the agent's phone says its first word and then nothing: of either
    leg Asterisk has told what came and what was sent, and the figures have it."""
    agent = await switch.ready_agent("8005")
    call = await (await switch.terminal()).call("95001")
    ring = await agent.takes_the_call()
    await call.answered()
    async with Voice(call, 600):
        await switch.until(lambda: len(ring.audio.received) > SPOKEN, "the agent to hear it")
        call.hang_up()
        await ring.over()
    row = await switch.record()
    found = await switch.sql(
        "SELECT body->>'role' AS role, body->'media'->>0 AS came, body->'media'->>3 AS sent"
        " FROM fact WHERE kind = 'LegEnded' AND call = $1",
        row["call_id"],
    )
    media = {one["role"]: one for one in found}
    assert set(media) == {"caller", "agent"}
    assert int(media["caller"]["came"]) >= SPOKEN
    assert int(media["agent"]["sent"]) >= SPOKEN
    counted = await switch.counted()
    for role in ("caller", "agent"):
        assert counted[f'huling_legs_ended_total{{reached="answered",role="{role}"}}'] == 1
        assert counted[f'huling_setup_seconds_count{{role="{role}"}}'] == 1
    assert counted['huling_leg_jitter_seconds_count{role="caller"}'] == 1
