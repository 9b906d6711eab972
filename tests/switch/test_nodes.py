"""Two real Asterisks under one service (T14, T18): calls and phones on either, one added, drained
and lost, and whoever is on the other never notices."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from servers.asterisk import Asterisk
from servers.nodes import another, write_nodes
from servers.service import Service
from servers.settings import Settings
from tests.switch.live import Switch
from tests.switch.operators import both_ways


@dataclass
class Pair:
    """The session's Asterisk and another one, and the file that names them."""

    near: Settings
    far: Settings
    second: Asterisk
    file: Path

    @property
    def there(self) -> tuple[str, int]:
        """Where the second one takes SIP."""
        return self.far.local_host, self.far.sip_port


@pytest.fixture(scope="module")
def pair(running: Service) -> Iterator[Pair]:
    """The session's own service gives way to one with two nodes, and comes back."""
    second, far = another(running.stack, "n2", 1)
    second.start()
    running.stop()
    made = Pair(running.settings, far, second, running.settings.run_dir / "nodes.yaml")
    try:
        write_nodes(made.file, [made.near])
        running.start({"HULING_NODES": str(made.file)})
        yield made
    finally:
        running.stop()
        second.stop()
        running.start()


async def linked(switch: Switch, node: str) -> None:
    """Wait until a node can be commanded and has its accounts."""

    async def both() -> bool:
        found = await switch.metrics()
        links = ("ami", "ari")
        return all(
            found.get(f'huling_link_up{{link="{link}",node="{node}"}}') == 1 for link in links
        )

    await switch.until(both, f"both links of {node}")


async def with_both(pair: Pair, switch: Switch) -> None:
    write_nodes(pair.file, [pair.near, pair.far])
    await linked(switch, "n2")

    async def known() -> bool:
        shown = await asyncio.to_thread(pair.second.cli, "pjsip show endpoints")
        return "a8002" in shown and "node-n1" in shown

    await switch.until(known, "the accounts on n2")


async def test_a_node_is_added_and_an_agent_of_another_serves_its_caller(
    pair: Pair, switch: Switch
) -> None:
    """No restart: the file names it, and a caller there is put through to a phone that is
    registered here, by the trunk between the two."""
    await with_both(pair, switch)
    agent = await switch.ready_agent("8001")
    call = await (await switch.terminal("02160000001", server=pair.there)).call("95001")
    talk = await agent.takes_the_call()
    await call.answered()
    await both_ways(talk, call)
    there = await asyncio.to_thread(pair.second.cli, "core show channels concise")
    assert "PJSIP/node-n1-" in there and "PJSIP/a8001" not in there
    call.hang_up()
    await talk.over()
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", "8001")


async def test_a_drained_node_goes_on_until_it_is_empty_and_is_then_let_go_of(
    pair: Pair, switch: Switch
) -> None:
    """Whoever calls there is served all the same; when nobody is there any more it can be taken out
    of the file, and a node that is not drained cannot."""
    await with_both(pair, switch)
    agent = await switch.ready_agent("8002")
    write_nodes(pair.file, [pair.near, pair.far], drained={"n2"})

    async def is_drained() -> bool:
        return (await switch.metrics()).get('huling_node_drained{node="n2"}') == 1

    await switch.until(is_drained, "n2 to be drained")
    call = await (await switch.terminal("02160000002", server=pair.there)).call("95001")
    talk = await agent.takes_the_call()
    assert (await switch.metrics())['huling_node_legs{node="n2"}'] == 2
    await both_ways(talk, call)
    call.hang_up()
    await talk.over()

    async def is_empty() -> bool:
        return (await switch.metrics()).get('huling_node_legs{node="n2"}') == 0

    await switch.until(is_empty, "n2 to be empty")
    write_nodes(pair.file, [pair.near])

    async def is_gone() -> bool:
        return not any('node="n2"' in name for name in await switch.metrics())

    await switch.until(is_gone, "n2 to be let go of")
    assert (await switch.record())["outcome"] == "answered"


async def rows_of(switch: Switch, count: int) -> None:
    """Wait until so many rows are written."""

    async def written() -> bool:
        return len(await switch.rows()) == count

    await switch.until(written, f"{count} rows")


async def back(pair: Pair, switch: Switch) -> None:
    """Have the second Asterisk again."""
    await asyncio.to_thread(pair.second.start)
    await with_both(pair, switch)


async def test_a_node_dies_and_the_other_never_notices(pair: Pair, switch: Switch) -> None:
    """`kill -9`: who talked there and who waited there have their end and are owed a call, before
    it is back; the conversation on the other node goes on."""
    await with_both(pair, switch)
    far, near = await switch.ready_agent("8001", server=pair.there), await switch.agent("8002")
    talker = await (await switch.terminal("02160000001", server=pair.there)).call("95001")
    ring = await far.rung()
    ring.answer()
    await talker.answered()
    await both_ways(ring, talker)
    await near.ask("login")
    await near.wait("ready")
    spared = await (await switch.terminal("02160000002")).call("95001")
    talk = await near.takes_the_call()
    waiter = await (await switch.terminal("02160000003", server=pair.there)).call("95001")
    await waiter.answered()
    await far.wait("talking")
    await rows_of(switch, 3)

    await asyncio.to_thread(pair.second.kill)

    async def owed() -> bool:
        found = {
            one["number"]: one["why"] for one in await switch.get("/obligations", state="open")
        }
        return found == {"02160000001": "dropped", "02160000003": "dropped"}

    await switch.until(owed, "two callbacks to be owed")
    await both_ways(talk, spared)
    ended = {row["caller"]: row["outcome"] for row in await switch.rows() if row["ended_at"]}
    assert ended == {"02160000001": "answered", "02160000003": "lost"}
    await switch.forgive()
    await back(pair, switch)
    await both_ways(talk, spared)
    spared.hang_up()
    await talk.over()
    await switch.records(3)


def keeps_registrations(asterisk: Asterisk) -> bool:
    """Whether those that it knows would outlive its death: what is new in its database it writes to
    the disk once a second."""
    told = asterisk.cli("database show registrar").splitlines()
    known = {line.split()[0].rstrip(":") for line in told if line.startswith("/registrar/")}
    file = asterisk.home / "lib" / "astdb.sqlite3"
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=60)) as database:
        kept = {key for (key,) in database.execute("SELECT key FROM astdb")}
    return bool(known) and known <= kept


async def test_an_agents_node_dies_and_the_caller_gets_another_agent(
    pair: Pair, switch: Switch
) -> None:
    """The caller's own Asterisk lives: the leg to the dead one is ended, and the emergency waits
    in its line again."""
    await with_both(pair, switch)
    far, near = await switch.ready_agent("8001", server=pair.there), await switch.agent("8002")
    call = await (await switch.terminal("02160000001")).call("95001")
    first = await far.rung()
    first.answer()
    await call.answered()
    await both_ways(first, call)
    await far.wait("talking")
    await switch.until(
        lambda: asyncio.to_thread(keeps_registrations, pair.second),
        "the registration to be on the disk of n2",
    )
    await asyncio.to_thread(pair.second.kill)
    await near.ask("login")
    talk = await near.takes_the_call()
    await both_ways(talk, call)
    await back(pair, switch)

    async def is_registered() -> bool:
        return any(phone["registered"] for phone in (await far.state())["phones"])

    await switch.until(is_registered, "the phone on n2, which has never gone, to be known again")
    call.hang_up()
    await talk.over()
    row = await switch.record()
    assert row["outcome"] == "answered"
