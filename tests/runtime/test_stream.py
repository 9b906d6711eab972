"""What happens is told as it happens: a snapshot, then every fact once, and again after an absence;
who is too slow is let go, and the switch waits for nobody."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from acd.adapters.http import HttpServer, create_app
from acd.adapters.http import stream as adapter
from acd.adapters.http.access import Door
from acd.adapters.http.veil import MASKED
from acd.core.facts import CallPickedUp, Fact, Ignored, OfferMade
from acd.core.ids import AgentId, CallId
from acd.core.roles import Role
from acd.core.switch import Core
from acd.runtime import stream as module
from acd.runtime.clock import Clock
from acd.runtime.metrics.performance import Pop
from acd.runtime.past import Past
from acd.runtime.stream import FellBehind, Stream, TooMany
from tests.core.story import go_on
from tests.core.test_stories_case import TO_RESCUE, with_b
from tests.postgres.test_records import life
from tests.runtime.test_http import Control
from tests.tokens import Keys, granted

PATIENCE_S = 60.0


def stream_of(
    core: Core | None = None,
    facts_max: int = 100,
    popped: Callable[[Pop, int], None] = lambda pop, ms: None,
) -> Stream:
    core = core or Core(epoch=7, dice=Random(7))
    return Stream(
        core,
        Clock(not_before_ms=0),
        Past(),
        epoch=7,
        popped=popped,
        facts_max=facts_max,
    )


def tell(stream: Stream, *numbers: int) -> None:
    """Let these happen, one after the other."""
    for number in numbers:
        stream.past.add(CallPickedUp(at_ms=number, call=CallId("7-1"), arrived_ms=0))
        stream.past.took_ns.append(1)
    stream.past.due()


def taken(message: bytes) -> list[tuple[int, int]]:
    facts = json.loads(message)
    assert facts["type"] == "facts"
    return [(one["seq"], one["fact"]["at_ms"]) for one in facts["facts"]]


# ── the ring ──────────────────────────────────────────────────────────────────────────────────


async def test_a_snapshot_and_then_every_fact_once_in_order() -> None:
    stream = stream_of(facts_max=1_000)
    tell(stream, 1, 2)
    reader = stream.read(epoch=None, after=None)
    first = json.loads(reader.first)
    assert (first["type"], first["epoch"], first["seq"]) == ("snapshot", 7, 2)
    waiting = asyncio.create_task(reader.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    tell(stream, 3, 4)
    assert taken(await waiting) == [(3, 3), (4, 4)]
    tell(stream, *range(5, 5 + module.BATCH_FACTS_MAX))
    batch = taken(await reader.next())
    assert (batch[0], len(batch)) == ((5, 5), module.BATCH_FACTS_MAX)


async def test_numbers_are_those_of_the_records() -> None:
    """What is merely ignored uses a number up and is told to nobody, as in the table ``fact``."""
    stream = stream_of()
    reader = stream.read(epoch=None, after=None)
    tell(stream, 1)
    stream.past.add(Ignored(at_ms=2, reason="test", key=""))
    tell(stream, 3)
    assert taken(await reader.next()) == [(1, 1), (3, 3)]


@pytest.mark.parametrize(
    ("epoch", "after", "begins", "follows"),
    [
        (7, 3, "resumed", [4, 5, 6]),
        (7, 6, "resumed", []),
        (7, 2, "resumed", [3, 4, 5, 6]),
        (7, 1, "snapshot", []),  # the ring has forgotten 2
        (7, 7, "snapshot", []),  # has never been told
        (6, 3, "snapshot", []),  # of another life of the service
        (7, None, "snapshot", []),
        (None, 3, "snapshot", []),
    ],
)
async def test_who_comes_back_misses_nothing(
    epoch: int | None, after: int | None, begins: str, follows: list[int]
) -> None:
    stream = stream_of(facts_max=4)
    tell(stream, 1, 2)
    stream.past.settle()
    tell(stream, 3, 4, 5, 6)
    stream.past.settle()
    reader = stream.read(epoch=epoch, after=after)
    first = json.loads(reader.first)
    assert (first["type"], first["seq"]) == (begins, after if begins == "resumed" else 6)
    if not follows:
        tell(stream, 9)
    numbers = [number for number, _ in taken(await reader.next())]
    assert numbers == (follows or [7])


async def test_who_falls_behind_is_let_go_and_costs_nobody_anything() -> None:
    stream = stream_of(facts_max=4)
    slow, quick = (stream.read(epoch=None, after=None) for _ in range(2))
    tell(stream, 1, 2, 3)
    assert len(taken(await quick.next())) == 3
    stream.past.settle()
    tell(stream, 4, 5, 6, 7)
    stream.past.settle()
    assert len(taken(await quick.next())) == 4
    with pytest.raises(FellBehind):
        await slow.next()
    slow.let_go()
    slow.close()
    assert stream.fell_behind == 1
    assert len(stream) == 1


async def test_there_is_a_limit_of_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READERS_MAX", 1)
    stream = stream_of()
    first = stream.read(epoch=None, after=None)
    with pytest.raises(TooMany, match="1 readers already"):
        stream.read(epoch=None, after=None)
    first.close()
    stream.read(epoch=None, after=None)


async def test_the_snapshot_has_what_a_desk_shows() -> None:
    """Agents, queues, calls, cases and what is owed, as they are after the same fact."""
    story = go_on(with_b(), TO_RESCUE)
    stream = stream_of(story.core)
    first = json.loads(stream.read(epoch=None, after=None).first)
    (call,) = first["calls"]
    (case,) = first["cases"]
    assert (call["case"], call["agent"], call["state"]) == (case["id"], "8001", "talking")
    assert (case["a"], case["b"], case["services"]) == ("8001", "8002", ["medical"])
    assert {one["agent"]: one["state"] for one in first["agents"]}["8002"] == "talking"
    owed = {one["why"] for one in first["obligations"]}
    assert owed == {"ask_medical", "leader", "report", "revisit"}
    assert "emergency" in [one["queue"] for one in first["queues"]]


async def test_an_agent_is_told_in_full_of_what_ties_them_and_of_the_rest_without_numbers() -> None:
    """L2, X01: a case's A is told as ever; 8003, whom nothing ties to it, hears that something
    happened, of whom by an id, and why no more; what agents do is told to all."""
    story = go_on(with_b("8001 8002 8003"), TO_RESCUE)
    stream = stream_of(story.core)
    readers = {
        agent: stream.read(epoch=None, after=None, veiled_as=AgentId(agent))
        for agent in ("8001", "8003")
    }
    first = {agent: json.loads(reader.first) for agent, reader in readers.items()}
    for agent, why in (("8001", None), ("8003", MASKED)):
        (case,) = first[agent]["cases"]
        assert case.get("masked") == why
        assert ("01390000001" in json.dumps(first[agent])) == (why is None)
    for fact in story.effects:
        if isinstance(fact, Fact):
            stream.past.add(fact)
    tell(stream, 1)
    told = {agent: json.loads(await reader.next())["facts"] for agent, reader in readers.items()}
    assert [one["seq"] for one in told["8001"]] == [one["seq"] for one in told["8003"]]
    assert "01390000001" in json.dumps(told["8001"]) and "masked" not in json.dumps(told["8001"])
    assert "0139000000" not in json.dumps(told["8003"])
    (opened, *_) = (one["fact"] for one in told["8003"] if one["fact"]["type"] == "CaseNoted")
    assert (opened["masked"], opened["case"]["contacts"][0]["number"]) == (MASKED, "*******0001")
    whole = {"AgentStateChanged", "OfferMade", "CallAnswered"}
    others = [one["fact"] for one in told["8003"] if one["fact"]["type"] in whole]
    assert {one["type"] for one in others} == whole
    assert all("masked" not in one for one in others)


# ── over a real server ────────────────────────────────────────────────────────────────────────


class Switch(Control):
    """A double whose events are a real stream's."""

    def __init__(self) -> None:
        super().__init__()
        self.pops: list[Pop] = []
        self.read_as: list[AgentId | None] = []
        self.stream = stream_of(facts_max=2_000, popped=lambda pop, ms: self.pops.append(pop))

    def events(
        self, *, epoch: int | None, after: int | None, veiled_as: AgentId | None
    ) -> module.Reader | str:
        self.read_as.append(veiled_as)
        try:
            return self.stream.read(epoch=epoch, after=after, veiled_as=veiled_as)
        except TooMany as error:
            return str(error)


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def tokens() -> Keys:
    return Keys(
        s3cret=granted(Role.SUPERVISOR),
        wall=granted(Role.MONITOR),
        hers=granted(Role.AGENT, agent="8003"),
    )


@pytest.fixture
async def server(switch: Switch, tokens: Keys) -> AsyncIterator[HttpServer]:
    app = await create_app(switch, version="1", door=Door(tokens))
    server = HttpServer(app, host="127.0.0.1", port=0)
    server.start()
    yield server
    async with asyncio.timeout(PATIENCE_S):
        await server.stop()


def listen(server: HttpServer, query: str = "", token: str = "s3cret", **more: Any) -> connect:
    return connect(
        f"ws://127.0.0.1:{server.port}/events{query}",
        additional_headers={"Authorization": f"Bearer {token}"},
        **more,
    )


async def message(client: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        told: dict[str, Any] = json.loads(await client.recv())
    return told


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - nothing tells when a socket's task has ended
            await asyncio.sleep(0.005)


async def test_a_client_is_told_goes_away_and_comes_back(
    server: HttpServer, switch: Switch
) -> None:
    async with listen(server) as client:
        first = await message(client)
        assert first["type"] == "snapshot"
        tell(switch.stream, 1, 2)
        assert [one["seq"] for one in (await message(client))["facts"]] == [1, 2]
        await client.send("anything at all")  # means nothing, and harms nobody
    await until(lambda: len(switch.stream) == 0)
    tell(switch.stream, 3)
    async with listen(server, f"?epoch={first['epoch']}&after=2") as client:
        assert (await message(client)) == {"type": "resumed", "epoch": 7, "seq": 2}
        assert [one["seq"] for one in (await message(client))["facts"]] == [3]


async def test_each_desk_that_was_told_of_a_ring_is_counted(
    server: HttpServer, switch: Switch
) -> None:
    """L7: once its message has been written, and for every desk that reads along."""
    ring = next(fact for fact in life() if isinstance(fact, OfferMade))
    async with listen(server) as one, listen(server) as other:
        await until(lambda: len(switch.stream) == 2)
        switch.stream.past.add(ring)
        tell(switch.stream, 1)
        for client in (one, other):
            assert (await message(client))["type"] == "snapshot"
            assert len((await message(client))["facts"]) == 2
        await until(lambda: len(switch.pops) == 2)
    assert switch.pops == [Pop.RING, Pop.RING]


async def test_without_the_token_there_is_nothing(server: HttpServer, switch: Switch) -> None:
    for token in ("", "s3cres", "wall"):
        with pytest.raises(InvalidStatus) as refused:
            async with listen(server, token=token):
                pass
        assert refused.value.response.status_code == 403
    # A browser's page cannot set a header.
    offered = [Subprotocol("huling.events"), Subprotocol("bearer.s3cret")]
    url = f"ws://127.0.0.1:{server.port}/events"
    async with connect(url, subprotocols=offered) as client:
        assert client.subprotocol == "huling.events"
        assert (await message(client))["type"] == "snapshot"
    assert switch.stream.fell_behind == 0


async def test_an_agent_reads_along_by_what_ties_them(server: HttpServer, switch: Switch) -> None:
    """L2: and whoever leads, of everything."""
    for token in ("hers", "s3cret"):
        async with listen(server, token=token) as client:
            await message(client)
    assert switch.read_as == ["8003", None]


async def test_a_revoked_token_ends_the_line_at_once(server: HttpServer, tokens: Keys) -> None:
    """L2: rights end while somebody reads along, and not when they next come in."""
    async with listen(server) as client:
        assert (await message(client))["type"] == "snapshot"
        tokens.revoke("s3cret")
        with pytest.raises(ConnectionClosed) as closed:
            await message(client)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "The token is over.")
    with pytest.raises(InvalidStatus):
        async with listen(server):
            pass


async def test_bad_numbers_are_refused(server: HttpServer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with listen(server, "?after=yesterday"):
            pass
    assert refused.value.response.status_code == 403


async def test_one_too_many_is_told_to_come_later(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READERS_MAX", 0)
    async with listen(server) as client:
        with pytest.raises(ConnectionClosed) as closed:
            await message(client)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == adapter.TRY_LATER


async def test_a_client_that_does_not_read_is_let_go_while_others_read_on(
    server: HttpServer, switch: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch goes on at once; whoever is slow holds at most what its socket takes."""
    monkeypatch.setattr(adapter, "SEND_S", 0.5)
    async with listen(server) as quick, listen(server, max_queue=1) as slow:
        await message(quick)
        await until(lambda: len(switch.stream) == 2)
        seen = 0
        for last in range(1_000, 101_000, 1_000):
            tell(switch.stream, *range(last - 999, last + 1))
            while seen < last:
                seen = (await message(quick))["facts"][-1]["seq"]
        await until(lambda: len(switch.stream) == 1)
        assert switch.stream.fell_behind == 1
        with suppress(ConnectionClosed):
            while await message(slow):
                pass
        assert slow.close_code is not None


async def test_the_server_stops_though_somebody_reads(switch: Switch) -> None:
    server = HttpServer(
        await create_app(switch, version="1", door=Door(None, unnamed="local")),
        host="127.0.0.1",
        port=0,
    )
    server.start()
    async with connect(f"ws://127.0.0.1:{server.port}/events") as client:
        await message(client)
        async with asyncio.timeout(PATIENCE_S):
            await server.stop()
        with pytest.raises(ConnectionClosed):
            await message(client)
    await until(lambda: len(switch.stream) == 0)
