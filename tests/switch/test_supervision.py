"""Supervisors against the real Asterisk: who hears whom in each mode, read from the phones."""

from typing import Any

import httpx

from tests.switch.live import Switch
from tests.switch.test_call_control import (
    AGENT_HZ,
    CALLER_HZ,
    SECOND_HZ,
    hears,
    silent,
)
from tests.switch.voice import Voice

SUPERVISOR_HZ = SECOND_HZ


async def wants(switch: Switch, what: str, **body: Any) -> httpx.Response:
    """One request of supervisor 8090."""
    return await switch.api.post(f"/supervisors/8090/{what}", json=body)


async def test_listen_whisper_barge_and_take_over(switch: Switch) -> None:
    """D11, Q12: in turn on one conversation.  A listener is heard by nobody, a whisper by the agent
    alone, who barges in by both; after the take-over the caller is with the supervisor alone, and
    at no time is the caller without somebody's voice."""
    agent, supervisor = await switch.ready_agent("8011"), await switch.ready_agent("8090")
    call = await (await switch.terminal()).call("95002")
    ring = await agent.takes_the_call()
    await call.answered()
    key = (await agent.state())["call"]
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ):
        await hears(switch, call, AGENT_HZ)
        assert (await wants(switch, "watch", call=key)).status_code == 200
        ear = await supervisor.answers()
        async with Voice(ear, SUPERVISOR_HZ) as voice:
            await hears(switch, ear, CALLER_HZ)
            await hears(switch, ear, AGENT_HZ)
            await silent(switch, call, SUPERVISOR_HZ)
            await silent(switch, ring, SUPERVISOR_HZ)

            await voice.press("2")
            await hears(switch, ring, SUPERVISOR_HZ)
            await hears(switch, ear, CALLER_HZ)
            await hears(switch, ear, AGENT_HZ)
            await silent(switch, call, SUPERVISOR_HZ)

            assert (await wants(switch, "watch", call=key, mode="barge")).status_code == 200
            await hears(switch, call, SUPERVISOR_HZ)
            await hears(switch, call, AGENT_HZ)
            await hears(switch, ring, SUPERVISOR_HZ)
            await hears(switch, ear, CALLER_HZ)
            assert (await supervisor.state())["state"] == "talking"

            ring.hang_up()
            await agent.wait("wrap_up")
            await hears(switch, call, SUPERVISOR_HZ)
            await hears(switch, ear, CALLER_HZ)
    call.hang_up()
    await supervisor.wait("wrap_up")
    row = await switch.record()
    assert (row["outcome"], row["agent"], row["offers"]) == ("answered", "8011", 2)


async def test_taking_over_a_conversation_drawn_at_random(switch: Switch) -> None:
    """D11, Q12: no call is named; the agent is let go and writes notes, the caller stays."""
    agent, supervisor = await switch.ready_agent("8011"), await switch.ready_agent("8090")
    call = await (await switch.terminal()).call("95002")
    ring = await agent.takes_the_call()
    await call.answered()
    async with Voice(call, CALLER_HZ), Voice(ring, AGENT_HZ):
        await hears(switch, call, AGENT_HZ)
        assert (await wants(switch, "watch", mode="take_over")).status_code == 200
        taken = await supervisor.answers()
        async with Voice(taken, SUPERVISOR_HZ):
            await ring.over()
            await agent.wait("wrap_up")
            await hears(switch, call, SUPERVISOR_HZ)
            await hears(switch, taken, CALLER_HZ)
    call.hang_up()
    await supervisor.wait("wrap_up")
    assert (await switch.record())["outcome"] == "answered"


async def test_a_supervisor_decides_for_agents_and_for_who_waits(switch: Switch) -> None:
    """T06, D10: a caller nobody serves is pulled, another is moved to where somebody is free, an
    agent is paused; who is no supervisor is told so."""
    agent, supervisor = await switch.ready_agent("8011"), await switch.ready_agent("8090")
    call = await (await switch.terminal()).call("95001")
    await switch.one_waits()
    key = (await switch.until(switch.rows, "the call's row"))[0]["call_id"]
    refused = await switch.api.post(f"/supervisors/8011/calls/{key}/raise")
    assert (refused.status_code, refused.json()["refusal"]) == (409, "not_a_supervisor")
    assert (await wants(switch, f"calls/{key}/raise")).status_code == 200
    assert (await wants(switch, f"calls/{key}/assign", agent="8011")).status_code == 200
    ring = await agent.rung()
    ring.reply("486 Busy Here")
    await agent.wait("not_responding")
    assert (await wants(switch, "force", agent="8011", action="ready")).status_code == 200
    await agent.wait("ready")
    assert (await wants(switch, f"calls/{key}/move", queue="enquiry")).status_code == 200
    await agent.takes_the_call()
    await call.answered()
    assert (
        await wants(switch, "force", agent="8011", action="pause", reason="rest")
    ).status_code == 200
    call.hang_up()
    await agent.wait("wrap_up")
    await agent.ask("wrap-up/end")
    await agent.wait("paused", "rest")
    assert (await supervisor.state())["state"] == "ready"
