"""The service dies, stands still, or comes back to an Asterisk that has died too: nobody who talks
notices, nobody who waits is forgotten (T14, T18, K04)."""

import asyncio
import os
import signal
from datetime import UTC, datetime

from acd.core.facts import CallEnded
from acd.runtime.journal import core_of, replay
from tests.switch.live import Json, Switch
from tests.switch.operators import both_ways
from tests.switch.test_links import both_up

STANDSTILL_S = 20.0
FALLBACK_S = 60.0
"""An apology, eight seconds of music, and the service is asked again."""


async def written(switch: Switch, count: int) -> list[Json]:
    """The rows of so many calls, once all that is to be written is."""

    async def there() -> list[Json]:
        rows = await switch.rows()
        return rows if len(rows) == count and not await waiting() else []

    async def waiting() -> float:
        return await switch.metric("huling_records_waiting")

    return await switch.until(there, f"{count} rows")


async def test_talking_waiting_and_ringing_outlive_the_service(switch: Switch) -> None:
    """One talks and hears no gap, one's phone rings on and is answered, one waits and is served by
    the first agent who can; each has one row, with the arrival that it had before."""
    talker, ringer = await switch.ready_agent("8001"), await switch.agent("8002")
    one = await (await switch.terminal("02160000001")).call("95001")
    talk = await talker.takes_the_call()
    two = await (await switch.terminal("02160000002")).call("95001")
    await switch.one_waits()
    three = await (await switch.terminal("02160000003")).call("95001")
    await three.answered()
    # Last: nobody rings for ever, and the phone has to ring until the service is back.
    await ringer.ask("login")
    ring = await ringer.rung(caller="02160000002")
    await ringer.wait("offered")
    before = {row["caller"]: row for row in await written(switch, 3)}

    switch.service.server.kill()
    await both_ways(talk, one)
    await asyncio.to_thread(switch.service.start)
    await talker.wait("talking")
    await ringer.wait("offered")
    await both_ways(talk, one)
    assert not ring.ended and not three.ended, "nobody was let go"
    assert await switch.metric("huling_calls_live") == 3
    assert await switch.metric("huling_calls_taken_up_total") == 3

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


async def owed(switch: Switch) -> dict[str, Json]:
    """What is owed now, by the number."""
    return {one["number"]: one for one in await switch.get("/obligations", state="open")}


async def test_who_gave_up_while_postgresql_was_away_is_owed_a_call_when_the_service_died_too(
    switch: Switch,
) -> None:
    """The journal alone had them: nobody knew that they had called, or called them back (K04)."""
    await asyncio.to_thread(switch.stack.kill, "postgres")
    call = await (await switch.terminal("02160000001")).call("95001")
    await call.answered()
    await switch.one_waits()
    call.hang_up()
    journal = switch.service.journals()[-1]

    def has_the_end() -> bool:
        facts: list[object] = []
        replay(journal, core_of, lambda frame, effects: facts.extend(effects))
        return any(isinstance(one, CallEnded) for one in facts)

    await switch.until(has_the_end, "the journal to have the end of the call")
    switch.service.server.kill()
    await asyncio.to_thread(switch.stack.restart, "postgres")
    await asyncio.to_thread(switch.service.start)
    (row,) = await switch.records(1)
    assert (row["caller"], row["outcome"]) == ("02160000001", "abandoned")
    assert set(await owed(switch)) == {"02160000001"}


async def test_whoever_was_cut_off_with_asterisk_is_owed_a_call(switch: Switch) -> None:
    """NHS Highland: after an outage nobody knew who had tried.  Here both die: the one who talked
    and the one who waited have an end in the record that says so, and each is owed a callback; the
    agent is at work, and writes notes."""
    agent = await switch.ready_agent("8005")
    await (await switch.terminal("02160000001")).call("95001")
    await agent.takes_the_call()
    await (await switch.terminal("02160000002")).call("95001")
    await switch.one_waits()
    await agent.wait("talking")
    await written(switch, 2)
    switch.service.server.kill()
    await asyncio.to_thread(switch.stack.kill, "asterisk")
    await asyncio.to_thread(switch.stack.restart, "asterisk")
    await asyncio.to_thread(switch.service.start)
    await switch.until(lambda: both_up(switch), "both links")

    async def told() -> dict[str, Json]:
        found = await owed(switch)
        return found if len(found) == 2 else {}

    found = await switch.until(told, "two callbacks to be owed")
    assert {one["why"] for one in found.values()} == {"dropped"}
    assert set(found) == {"02160000001", "02160000002"}
    rows = {row["caller"]: row for row in await switch.records(2)}
    assert rows["02160000001"]["outcome"] == "answered"
    assert rows["02160000002"]["outcome"] == "lost"
    state = (await agent.state())["state"]
    assert state in ("wrap_up", "ready", "not_responding"), state


async def test_twenty_seconds_of_standstill(switch: Switch) -> None:
    """SIGSTOP: the conversation goes on; who waits is still there, with the arrival of before, and
    is served when the process goes on."""
    agent = await switch.ready_agent("8005")
    one = await (await switch.terminal("02160000001")).call("95001")
    talk = await agent.takes_the_call()
    two = await (await switch.terminal("02160000002")).call("95001")
    await two.answered()
    pid = switch.service.server.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        await switch.media(STANDSTILL_S / 2)
        await both_ways(talk, one)
        await switch.media(STANDSTILL_S / 2)
    finally:
        os.kill(pid, signal.SIGCONT)
    await switch.until(lambda: both_up(switch), "both links")
    await both_ways(talk, one)
    assert not two.ended
    one.hang_up()
    await talk.over()
    late = await agent.takes_the_call()
    await both_ways(late, two)
    two.hang_up()
    rows = {row["caller"]: row for row in await switch.records(2)}
    assert [row["outcome"] for row in rows.values()] == ["answered", "answered"]
    assert rows["02160000002"]["wait_ms"] > STANDSTILL_S * 1000


async def test_who_called_while_the_service_was_away_has_the_place_of_the_arrival(
    switch: Switch,
) -> None:
    """The dialplan apologises and plays music, and gives the caller to the service when it is back:
    they have waited since their INVITE."""
    agent = await switch.agent("8005")
    await asyncio.to_thread(switch.stack.cli, "database del huling fallback")
    switch.service.server.kill()
    await switch.asterisk_has_noticed()
    called = datetime.now(UTC)
    call = await (await switch.terminal()).call("95001")
    await call.answered()
    await asyncio.to_thread(switch.service.start)
    await agent.ask("login")
    await agent.wait("ready")
    talk = await agent.takes_the_call(FALLBACK_S)
    await both_ways(talk, call)
    call.hang_up()
    row = await switch.record()
    assert (row["arrived_at"] - called).total_seconds() < 5, "not when the service came back"
    assert row["wait_ms"] > 5_000
    assert row["outcome"] == "answered"
