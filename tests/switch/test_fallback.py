"""The service is away: whoever was logged in is rung by the dialplan itself (T18, X14)."""

import asyncio

from tests.switch.live import Switch


async def test_without_the_service_a_logged_in_agents_phone_rings_and_is_connected(
    switch: Switch,
) -> None:
    """And the list outlives a restart of the service: with nobody logged in yet, the phones of
    before are rung should it fail again."""
    agent = await switch.ready_agent("8005")

    def listed() -> bool:
        return "PJSIP/a8005" in switch.stack.cli("database get huling fallback")

    await switch.until(listed, "the agent in the dialplan's own list")
    await asyncio.to_thread(switch.service.stop)
    try:
        terminal = await switch.terminal()
        call = await terminal.call("95001")
        ring = await agent.answers()
        await call.answered()
        call.hang_up()
        await ring.over()
    finally:
        await asyncio.to_thread(switch.service.start)
    assert listed()
