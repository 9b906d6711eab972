"""Nobody serves, and somebody waits already: the watchdog gives them to the dialplan, which rings
whoever was logged in; who talks notices nothing, and the service's return changes nothing (T18,
X14, K04)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from servers.service import Watchdog
from tests.switch import sip
from tests.switch.live import Agent, Json, Switch
from tests.switch.operators import both_ways
from tests.switch.test_fallback import listed


@pytest.fixture
async def watched(switch: Switch) -> AsyncIterator[Switch]:
    """A switch with its watchdog."""
    watchdog = Watchdog(switch.service)
    await asyncio.to_thread(watchdog.start)
    try:
        yield switch
    finally:
        code = await asyncio.to_thread(watchdog.stop)
    assert code == 0
    assert "Traceback" not in watchdog.log.read_text(encoding="utf-8")


class Scene:
    """Two talk; one waits, and an agent who is in a break could be rung."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.talking: tuple[sip.Call, sip.Call]
        self.waiting: sip.Call
        self.talker: Agent
        self.resting: Agent
        self.known: Json

    async def begin(self) -> None:
        switch = self.switch
        self.talker = await switch.ready_agent("8001")
        self.resting = await switch.ready_agent("8005")
        await listed(switch, "8001", "8005")
        await self.resting.ask("pause", reason="meal")
        caller = await (await switch.terminal("02160000001")).call("95001")
        self.talking = await self.talker.takes_the_call(), caller
        self.waiting = await (await switch.terminal("02160000002")).call("95002")
        await self.waiting.answered()
        await switch.one_waits("enquiry")

        async def row() -> list[Json]:
            return [one for one in await switch.rows() if one["caller"] == "02160000002"]

        (self.known,) = await switch.until(row, "the row of who waits")
        await switch.all_written()

    async def is_served(self) -> sip.Call:
        """Nobody serves now.  The one who waits is rung for and talks; so do the others still."""
        unheeded = await self.talker.rung(caller="02160000002")
        ring = await self.resting.answers(caller="02160000002")
        await unheeded.over()
        await both_ways(ring, self.waiting)
        await both_ways(*self.talking)
        assert not any(call.ended for call in self.talking)
        return ring

    async def ends(self, ring: sip.Call) -> None:
        """Somebody serves again, leaves them alone, and writes one record of each."""
        await both_ways(ring, self.waiting)
        await both_ways(*self.talking)
        self.waiting.hang_up()
        await ring.over()
        self.talking[1].hang_up()
        await self.talking[0].over()
        rows = {row["caller"]: row for row in await self.switch.records(2)}
        assert rows["02160000001"]["outcome"] == "answered"
        again = rows["02160000002"]
        assert again["outcome"] == "fallback"
        for column in ("call_id", "arrived_at"):
            assert again[column] == self.known[column]


async def test_who_waits_when_the_service_dies_is_served_without_it(watched: Switch) -> None:
    scene = Scene(watched)
    await scene.begin()
    watched.service.server.kill()
    ring = await scene.is_served()
    await asyncio.to_thread(watched.service.start)
    await scene.ends(ring)


async def test_who_waits_when_the_service_stands_still_is_served_without_it(
    watched: Switch,
) -> None:
    """SIGSTOP; the service goes on later."""
    scene = Scene(watched)
    await scene.begin()
    pid = watched.service.server.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        ring = await scene.is_served()
    finally:
        os.kill(pid, signal.SIGCONT)
    await scene.ends(ring)
