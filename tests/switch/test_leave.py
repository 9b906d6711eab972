"""Leave on the real switch: who may go only when a supervisor agrees, by the phones' own codes."""

from typing import Any

from tests.switch.live import Agent, Switch
from tests.switch.test_main_job import says


async def dialled(agent: Agent, code: str, *prompts: str) -> None:
    """Dial a code and hear what comes of it."""
    desk = await agent.dials(code)
    await desk.answered()
    await says(agent.switch, desk, *prompts)


async def wish(agent: Agent) -> Any:
    """What the agent waits to be allowed, None when there is nothing."""
    return (await agent.state())["leave"]


async def test_a_supervisor_lets_an_agent_go_or_does_not(switch: Switch) -> None:
    """D08, C17: *625 asks and changes nothing; *67 with the agent's number denies it, *66 grants
    it; a second answer, a colleague's and one's own are refused aloud."""
    agent, supervisor = await switch.ready_agent("8005"), await switch.ready_agent("8090")
    colleague = await switch.ready_agent("8004")

    await dialled(agent, "*625", "agent-leave-asked")
    assert (await agent.state())["state"] == "ready"
    assert await wish(agent) is not None
    await dialled(colleague, "*668005", "agent-refused-in-this-state")
    assert await wish(agent) is not None
    await dialled(supervisor, "*678005", "agent-leave-answered")
    assert await wish(agent) is None
    assert (await agent.state())["state"] == "ready"
    await dialled(supervisor, "*668005", "agent-refused-in-this-state")
    assert (await agent.state())["state"] == "ready"

    await dialled(agent, "*625", "agent-leave-asked")
    await dialled(agent, "*668005", "agent-refused-in-this-state")
    await dialled(supervisor, "*668005", "agent-leave-answered")
    await agent.wait("paused", "supervisor")
    counted = await switch.counted()
    assert counted['huling_leave_answered_total{result="denied"}'] == 1
    assert counted['huling_leave_answered_total{result="granted"}'] == 1
    assert "huling_left_without_consent_total" not in "".join(counted)


async def test_where_no_supervisor_is_leave_is_taken_and_told(switch: Switch) -> None:
    """Decision 9: the last one of the emergency line goes home; an alert follows the counter."""
    agent = await switch.ready_agent("8005")
    await dialled(agent, "*69", "agent-logged-out")
    await agent.wait("logged_out")
    counted = await switch.counted()
    assert counted['huling_left_without_consent_total{why="staffing"}'] == 1
