"""The service dies and comes back: nobody who talks notices, nobody who waits is forgotten
(T14, T18, K04)."""

import asyncio
import time

from tests.switch.live import Switch
from tests.switch.operators import both_ways

RECOVERED_S = 3.0
"""From the restart to the last call taken up again."""


async def die_and_return(switch: Switch) -> float:
    """Kill the service and start it again; return how long the new one took to be ready."""
    switch.service.server.kill()
    began = time.monotonic()
    await asyncio.to_thread(switch.service.start)
    return time.monotonic() - began


async def test_talking_waiting_and_ringing_outlive_the_service(switch: Switch) -> None:
    """One talks and hears no gap, one's phone rings on and is answered, one waits and is served by
    the first agent who can; each has one row, with the arrival that it had before."""
    talker, ringer = await switch.ready_agent("8001"), await switch.agent("8002")
    one = await (await switch.terminal("02160000001")).call("95001")
    talk = await talker.takes_the_call()
    await ringer.ask("login")
    await ringer.wait("ready")
    two = await (await switch.terminal("02160000002")).call("95001")
    ring = await ringer.rung()
    three = await (await switch.terminal("02160000003")).call("95001")
    await three.answered()
    await switch.media(0.3)
    before = {row["caller"]: row for row in await switch.until(switch.rows, "three rows")}
    assert len(before) == 3

    switch.service.server.kill()
    await both_ways(talk, one)
    await asyncio.to_thread(switch.service.start)
    await talker.wait("talking")
    await ringer.wait("offered")
    await both_ways(talk, one)
    assert not ring.ended and not three.ended, "nobody was let go"
    assert await switch.metric("huling_calls_live") == 3

    ring.answer()
    await two.answered()
    await both_ways(ring, two)
    one.hang_up()
    await talk.over()
    late = await talker.takes_the_call()
    await both_ways(late, three)
    two.hang_up()
    three.hang_up()
    rows = {row["caller"]: row for row in await switch.records(3)}
    for number, row in rows.items():
        assert row["outcome"] == "answered"
        assert (row["call_id"], row["arrived_at"]) == (
            before[number]["call_id"],
            before[number]["arrived_at"],
        )
    assert rows["02160000003"]["wait_ms"] > rows["02160000002"]["wait_ms"]
    assert rows["02160000003"]["agent"] == "8001"
