"""A flood from one terminal on the real switch: it is one caller, and others are served."""

from tests.switch.live import Switch
from tests.switch.test_case_api import stream

TERMINAL, OTHER = "02160000042", "02160000043"


async def test_the_third_call_of_a_terminal_leaves_an_agent_for_another_elder(
    switch: Switch,
) -> None:
    """Two calls of one terminal have an agent each, and the third waits though one is free; another
    elder's call is given to that one at once; when one of the two is over, the third is served."""
    agents = {name: await switch.ready_agent(name) for name in ("8001", "8002", "8003")}
    terminal, other = await switch.terminal(TERMINAL), await switch.terminal(OTHER)
    async with stream(switch) as (desk, _):
        calls, rings = [], []
        for _ in range(2):
            calls.append(await terminal.call("95001"))
            made = await desk.fact("OfferMade")
            rings.append(await agents.pop(made["agent"]).takes_the_call())
            await calls[-1].answered()
        third = await terminal.call("95001")
        flooding = (await desk.fact("CallOffered"))["call"]
        elder = await other.call("95001")
        made = await desk.fact("OfferMade")
        assert made["call"] != flooding
        (free,) = agents.values()
        assert made["agent"] == free.id
        ring = await free.takes_the_call()
        await elder.answered()
        calls[0].hang_up()
        await rings[0].over()
        assert (await desk.fact("OfferMade"))["call"] == flooding
        await third.answered()
        for call in (third, calls[1], elder):
            call.hang_up()
        await ring.over()
