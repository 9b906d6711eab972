"""How soon a desk shows what it has to, as figures: the screen pop at an agent's ring and answer,
and the search of records (L7, D03)."""

from random import Random

import httpx
import msgspec
from fastapi import FastAPI, HTTPException

from acd.adapters.http import create_app
from acd.adapters.http.access import Door
from acd.adapters.http.searches import OF_THE_DESK, OF_THE_SWITCH, TimedSearches
from acd.core.events import Hangup
from acd.core.facts import CallPickedUp, Fact, OfferEnded, OfferMade, OfferResult
from acd.core.ids import AgentId, CallId, OfferId
from acd.core.switch import Core
from acd.desk.metrics import DeskMetrics
from acd.runtime.clock import Clock
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.performance import PerformanceMetrics, Pop
from acd.runtime.past import Past
from acd.runtime.stream import Stream
from tests.postgres.test_records import life
from tests.runtime.test_http import Control
from tests.runtime.test_metrics import samples

NOW_MS = 1_800_000_000_000


def answered(at_ms: int, result: OfferResult = OfferResult.ACCEPTED) -> Fact:
    return OfferEnded(
        at_ms=at_ms, call=CallId("7-1"), arrived_ms=at_ms, offer=OfferId("7-1"),
        agent=AgentId("8001"), result=result, ring_ms=900,
        why=None if result is OfferResult.ACCEPTED else Hangup.NO_ANSWER,
    )  # fmt: skip


def rung(at_ms: int) -> Fact:
    first, _ = (fact for fact in life() if isinstance(fact, OfferMade))
    return msgspec.structs.replace(first, at_ms=at_ms)


class Line:
    """A stream whose clock is set by hand, and its figures."""

    def __init__(self) -> None:
        self.out = Exposition()
        self.now_ms = NOW_MS
        clock = Clock(wall_ns=lambda: self.now_ms * 1_000_000, monotonic_ns=lambda: 0)
        core = Core(epoch=7, dice=Random(7))
        self.stream = Stream(
            core, clock, Past(), epoch=7, popped=PerformanceMetrics(self.out).popped
        )

    def happens(self, *facts: Fact) -> None:
        for fact in facts:
            self.stream.past.add(fact)
            self.stream.past.took_ns.append(1)
        self.stream.past.due()

    def pops(self) -> dict[str, float]:
        shown = samples(metrics=self.out)  # type: ignore[arg-type]
        return {
            name: value
            for name, value in shown.items()
            if name.startswith("huling_screen_pop_seconds_") and "_bucket" not in name
        }


async def test_a_screen_has_popped_up_when_its_desk_has_been_told() -> None:
    """At the ring, and at the answer; a missed ring, and whatever else happens, pops up nothing."""
    line = Line()
    reader = line.stream.read(epoch=None, after=None)
    line.happens(
        rung(NOW_MS),
        answered(NOW_MS, OfferResult.MISSED),
        CallPickedUp(at_ms=NOW_MS, call=CallId("7-1"), arrived_ms=NOW_MS),
    )
    await reader.next()
    assert line.pops()["huling_screen_pop_seconds_count{at=ring}"] == 0
    reader.told()
    line.happens(answered(NOW_MS))
    await reader.next()
    reader.told()
    reader.told()  # nothing new has been written
    assert line.pops() == {
        "huling_screen_pop_seconds_count{at=ring}": 1,
        "huling_screen_pop_seconds_count{at=answer}": 1,
        "huling_screen_pop_seconds_sum{at=ring}": 0.0,
        "huling_screen_pop_seconds_sum{at=answer}": 0.0,
    }


async def test_what_a_desk_missed_while_it_was_away_is_no_slow_pop() -> None:
    """It is told of that minutes later, and nothing of ours was slow."""
    line = Line()
    line.happens(rung(NOW_MS - 120_000))
    reader = line.stream.read(epoch=7, after=0)
    await reader.next()
    reader.told()
    assert line.pops()["huling_screen_pop_seconds_count{at=ring}"] == 0
    line.happens(rung(NOW_MS - 400))
    await reader.next()
    reader.told()
    assert line.pops()["huling_screen_pop_seconds_count{at=ring}"] == 1
    assert line.pops()["huling_screen_pop_seconds_sum{at=ring}"] == 0.4


async def test_a_search_is_timed_to_its_last_byte() -> None:
    """Of each kind, whatever was looked for; what was refused or is no search is not timed."""
    app, found = FastAPI(), list[tuple[str, float]]()
    times = iter(range(100))

    @app.get("/calls")
    @app.post("/calls/search")
    @app.get("/elders/{elder}")
    @app.get("/queues")
    @app.get("/calls/{call}/explanation")
    async def shown(elder: str = "", call: str = "") -> dict[str, str]:
        if elder == "e9":
            raise HTTPException(404, "There is no elder e9.")
        return {"elder": elder, "call": call}

    app.add_middleware(
        TimedSearches,
        searches=OF_THE_SWITCH,
        searched=lambda what, seconds: found.append((what, seconds)),
        clock=lambda: next(times),
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for path in ("/calls?agent=8001", "/elders/e1", "/elders/e9", "/queues", "/elders/a/b"):
            await client.get(path)
        await client.get("/calls/7-1/explanation")
        await client.post("/calls/search", json={})
    assert found == [("calls", 1), ("elder", 1), ("calls", 1)]


async def test_the_control_api_tells_of_its_searches() -> None:
    """D03: an agent looks a call up, and how long that took is a figure."""
    out = Exposition()
    performance = PerformanceMetrics(out)
    app = await create_app(
        Control(), version="1", door=Door(None, unnamed="local"), searched=performance.searched
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/calls")
    assert answer.status_code == 200, answer.text
    shown = samples(metrics=out)  # type: ignore[arg-type]
    assert shown["huling_search_seconds_count{what=calls}"] == 1
    assert shown["huling_search_seconds_bucket{le=10.0,what=calls}"] == 1


def test_a_search_that_nobody_has_made_yet_is_shown_at_0() -> None:
    """Of each kind, in the switch and at the desk: the first one was no rise of anything."""
    out = Exposition()
    PerformanceMetrics(out)
    shown = samples(metrics=out)  # type: ignore[arg-type]
    for what in OF_THE_SWITCH.values():
        assert shown[f"huling_search_seconds_count{{what={what}}}"] == 0
    desk = DeskMetrics().registry
    for what in OF_THE_DESK.values():
        assert desk.get_sample_value("huling_desk_search_seconds_count", {"what": what}) == 0


def test_what_a_screen_pops_up_at_is_shown_before_the_first() -> None:
    """So that a figure begins at 0."""
    assert set(Line().pops()) == {
        f"huling_screen_pop_seconds_{part}{{at={pop}}}" for part in ("count", "sum") for pop in Pop
    }
