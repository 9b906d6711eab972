"""The service is away, or stands still: whoever was logged in is rung by the dialplan itself (T18,
X14)."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.switch.live import Json, Switch
from tests.switch.operators import both_ways

BUSY_S = 15.0
"""What a busy machine may add."""
RUNG_WITHIN_S = 4.0 + BUSY_S
"""Of a call that finds the service standing still."""
STOOD_STILL_S = 1.5
"""Long enough to be noticed, and short enough for the dialplan not to take the caller."""


@contextmanager
def standing_still(switch: Switch) -> Iterator[None]:
    """SIGSTOP, and SIGCONT at the end."""
    pid = switch.service.server.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def listed(switch: Switch, *agents: str) -> None:
    """Wait until the dialplan knows whom to ring."""

    def there() -> bool:
        phones = switch.stack.cli("database get huling fallback")
        return all(f"PJSIP/a{agent}" in phones for agent in agents)

    await switch.until(there, "the agents in the dialplan's own list")


async def channel_of(switch: Switch, number: str) -> Json:
    """A caller's own channel, as ARI tells it.  While the dialplan dials, a phone's new channel has
    the caller's number for a moment."""
    (found,) = [
        one
        for one in await switch.ari("/channels")
        if one["caller"]["number"] == number and one["name"].startswith("PJSIP/carrier-")
    ]
    return dict(found)


async def test_without_the_service_a_logged_in_agents_phone_rings_and_is_connected(
    switch: Switch,
) -> None:
    """And the list outlives a restart of the service: with nobody logged in yet, the phones of
    before are rung should it fail again."""
    agent = await switch.ready_agent("8005")
    await listed(switch, "8005")
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
    await listed(switch, "8005")


async def test_a_phone_that_redirects_leads_the_caller_nowhere(switch: Switch) -> None:
    """T18: a 302 is a refusal in the fallback too; without it the caller would go where the phone
    says, here round in the fallback itself.  The list is rung again."""
    agent = await switch.ready_agent("8005")
    await listed(switch, "8005")
    await asyncio.to_thread(switch.service.stop)
    try:
        call = await (await switch.terminal()).call("95001")
        ring = await agent.rung()
        ring.reply("302 Moved Temporarily", headers={"Contact": "<sip:s@127.0.0.1>"})
        again = await agent.rung()
        shown = await asyncio.to_thread(switch.stack.cli, "core show channels concise")
        assert "Local/" not in shown
        again.answer()
        await call.answered()
        await both_ways(again, call)
        call.hang_up()
        await again.over()
    finally:
        await asyncio.to_thread(switch.service.start)
    await listed(switch, "8005")


async def test_a_service_that_stands_still_costs_a_caller_four_seconds_at_most(
    switch: Switch,
) -> None:
    """SIGSTOP, a call, an agent rings within 4 s and is connected.  When the service goes on it
    finds out, leaves both alone, and writes one record, whose end is the fallback."""
    agent, other = await switch.ready_agent("8001"), await switch.ready_agent("8002")
    await listed(switch, "8001", "8002")
    with standing_still(switch):
        call = await (await switch.terminal()).call("95001")
        began = time.monotonic()
        ring = await agent.rung()
        took_s = time.monotonic() - began
        unheeded = await other.rung()
        ring.answer()
        await both_ways(ring, call)
        await unheeded.over()
    assert took_s < RUNG_WITHIN_S
    await switch.until(
        lambda: _repaired(switch, "caller was in the fallback"), "the service to have found out"
    )
    await other.settles()
    await both_ways(ring, call)
    call.hang_up()
    await ring.over()
    row = await switch.record()
    assert row["outcome"] == "fallback"


async def test_who_calls_while_the_service_stands_still_has_waited_since_then(
    switch: Switch,
) -> None:
    """Read late, the arrival was dated by the standstill's end: the clocks of the promise began
    late, and the record said that nobody had waited (K04)."""
    agent = await switch.ready_agent("8001")
    with standing_still(switch):
        call = await (await switch.terminal()).call("95001")
        await call.ringing()
        await switch.media(STOOD_STILL_S)
    ring = await agent.rung()
    ring.answer()
    await both_ways(ring, call)
    call.hang_up()
    await ring.over()
    assert (await switch.record())["wait_ms"] >= STOOD_STILL_S * 1000


async def test_who_is_looked_after_has_no_time_limit(switch: Switch) -> None:
    """The service ends it with its first word, before anybody has answered."""
    agent = await switch.ready_agent("8001")
    call = await (await switch.terminal("02160000001")).call("95001")
    ring = await agent.rung()

    channel = (await channel_of(switch, "02160000001"))["id"]

    async def kept() -> bool:
        told = await switch.ari(f"/channels/{channel}/variable?variable=TIMEOUT(absolute)")
        return float(told["value"]) == 0

    await switch.until(kept, "the time limit to be ended")
    ring.answer()
    await both_ways(ring, call)
    call.hang_up()
    await ring.over()


async def test_the_time_limit_holds_in_a_room_too(switch: Switch) -> None:
    """Whoever waits at the music when it ends is taken out of the room and served by the dialplan,
    which rings the agent who has come meanwhile; the call is the same one when it is over."""
    agent = await switch.agent("8001")
    call = await (await switch.terminal("02160000001")).call("95001")
    await call.answered()
    await switch.one_waits()
    await agent.ask("login")
    ring = await agent.rung()
    await listed(switch, "8001")
    name = (await channel_of(switch, "02160000001"))["name"]
    with standing_still(switch):
        limit = f"dialplan set chanvar {name} TIMEOUT(absolute) 1"
        await asyncio.to_thread(switch.stack.cli, limit)

        async def away() -> bool:
            dialplan = (await channel_of(switch, "02160000001"))["dialplan"]
            return bool(dialplan["context"] == "fallback")

        await switch.until(away, "the dialplan to have the caller")
        assert not call.ended
    await ring.over()
    again = await agent.rung()
    again.answer()
    await both_ways(again, call)
    call.hang_up()
    await again.over()
    await switch.record()


async def _repaired(switch: Switch, what: str) -> bool:
    return (await switch.counted()).get(f'huling_repairs_total{{what="{what}"}}', 0) == 1


async def test_who_was_served_by_the_dialplan_alone_has_a_record(switch: Switch) -> None:
    """The service dies by kill -9.  One calls, talks and hangs up, another gives up: the service
    has heard of neither, and writes each one's record when it is back, once."""
    agent = await switch.ready_agent("8005")
    await listed(switch, "8005")
    switch.service.server.kill()
    await switch.asterisk_has_noticed()
    one = await (await switch.terminal("02160000001")).call("95001")
    ring = await agent.answers()
    await both_ways(ring, one)
    one.hang_up()
    await ring.over()
    two = await (await switch.terminal("02160000002")).call("95001")
    unheeded = await agent.rung()
    two.cancel()
    await unheeded.over()
    await asyncio.to_thread(switch.service.start)
    rows = {row["caller"]: row for row in await switch.records(2)}
    served, given_up = rows["02160000001"], rows["02160000002"]
    assert (served["outcome"], served["agent"], served["entry"]) == ("fallback", "8005", "95001")
    assert served["arrived_at"] <= served["answered_at"] <= served["ended_at"]
    assert served["recording"] is not None
    assert given_up["outcome"] == "abandoned"

    def forgotten() -> bool:
        return "PJSIP" not in switch.stack.cli("database show huling-stay")

    await switch.until(forgotten, "the dialplan's own notes to be taken away")
    await asyncio.to_thread(switch.service.stop)
    await asyncio.to_thread(switch.service.start)
    assert len(await switch.records(2)) == 2


async def test_who_waited_when_the_service_died_and_was_served_without_it(switch: Switch) -> None:
    """A call that the service knew goes to the dialplan, is answered there, and ends before the
    service is back: it has one record, the one that it had, and somebody was with the caller."""
    agent = await switch.ready_agent("8005")
    await listed(switch, "8005")
    await agent.ask("logout")  # the list of nobody is never written
    call = await (await switch.terminal("02160000001")).call("95001")
    await call.answered()
    await switch.one_waits()
    (known,) = await switch.until(switch.rows, "the row")
    name = (await channel_of(switch, "02160000001"))["name"]
    await switch.all_written()
    switch.service.server.kill()
    limit = f"dialplan set chanvar {name} TIMEOUT(absolute) 1"
    await asyncio.to_thread(switch.stack.cli, limit)
    ring = await agent.answers()
    await both_ways(ring, call)
    call.hang_up()
    await ring.over()
    await asyncio.to_thread(switch.service.start)
    row = await switch.record()
    assert (row["call_id"], row["arrived_at"]) == (known["call_id"], known["arrived_at"])
    assert row["outcome"] == "fallback"
    assert row["answered_at"] is not None
