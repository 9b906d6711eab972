"""See the package.

What is counted: all CPU time that the two take, at once and later.

* Taking each step and its facts (``acd.runtime.past``), called as the driver calls it.
* Passing them on, many steps at once: what the metrics count, what the stream keeps.
* A whole scrape after every ``SCRAPE_MS`` of the calls' own time: the observations that waited, the
  text, what is read of the process.  So each step bears its share of scrapes at the calls' rate,
  50 a second; at a quieter hour a step's share is larger, and the machine's is the same.

The house has skills, groups and reports of each leg's sound, so that no figure is left out, and
what facts measure scatters as it does in a house.  Gauges read from the core are not events and are
not here; to free the oldest facts is, though somebody has to do it in any case.  What the driver
does anyway (it looks at each effect), and what reading the clock costs, is taken off.  Somebody who
reads the stream pays for it separately: waking and writing are per reader.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from statistics import median
from time import thread_time_ns
from typing import get_args

from msgspec.structs import replace

from acd.core.directory import Agent, Entry, Queue
from acd.core.directory_diff import Staffing
from acd.core.events import AgentDefined, EntryDefined, Event, LegGone, Media, QueueDefined
from acd.core.facts import CallAnswered, CallEnded, Fact, LegEnded, OfferEnded, WrapUpEnded
from acd.core.ids import AgentId, EntryId, QueueId
from acd.core.switch import Core
from acd.runtime import collector
from acd.runtime.clock import Clock
from acd.runtime.metrics import Metrics
from acd.runtime.past import Batch, Past
from acd.runtime.stream import Stream
from bench.core.lives import Lives
from bench.results.model import Figure, Result
from bench.results.report import report

AGENTS, WAITING = 100, 100
GROUPS = 4
ROUNDS = 7
STEP_NS = (9.8, 0.5)
"""Of what the metrics are told that a step took: logarithms of a median of 18 µs, and how they
scatter."""
STEPS_AT_ONCE = 20
SCRAPE_MS = 15_000
CLOCK_READS = 1_000
SHARE_MAX = 0.03
SOUND = Media(
    received=5_000, lost=3, jitter_us=400, sent=5_000, far_lost=0, far_jitter_us=400,
    round_trip_us=9_000,
)  # fmt: skip
_FACTS = get_args(Fact)
Told = list[tuple[type[Fact], Fact]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when metrics and stream cost more than they may."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.metrics",
        description="What metrics and events cost, as a share of a step (CPU time).",
    )
    parser.add_argument("--lives", type=int, default=5_000, help="calls in each round")
    parser.add_argument("--out", type=Path, help="folder of the result")
    given = parser.parse_args(arguments)
    if given.lives < 1:
        parser.error("at least one call")
    result = Result(bench="metrics", command="make bench-metrics", given={"lives": given.lives})
    result.figures = measured(given.lives)
    result.ok = all(one.holds is not False for one in result.figures)
    report(result, given.out)
    return 0 if result.ok else 1


def measured(lives: int, rounds: int = ROUNDS) -> list[Figure]:
    """Decide whole lives of so many calls and tell of them; medians over rounds."""
    world = Lives(agents=AGENTS, waiting=WAITING, keeps_steps=True)
    world.live(lives)
    inputs = [(now_ms, _heard(event)) for now_ms, event, _ in world.steps]
    del world
    collector.settle()  # as in the service
    found = [once(inputs) for _ in range(rounds)]
    step, taking, counting, keeping, scraping = (median(one) for one in zip(*found, strict=True))
    share = median(sum(rest) / step for step, *rest in found)
    return [
        Figure(name="step_us", title="a step of the core", unit="µs of CPU", value=step),
        Figure(name="taking_us", title="taking it and its facts", unit="µs of CPU", value=taking),
        Figure(name="metrics_us", title="counting them", unit="µs of CPU", value=counting),
        Figure(name="stream_us", title="keeping them", unit="µs of CPU", value=keeping),
        Figure(name="scrape_us", title="its share of scrapes", unit="µs of CPU", value=scraping),
        Figure(
            name="share", title="metrics and events, of a step", unit="%", value=share * 100,
            wanted=f"under {SHARE_MAX * 100:g}", holds=share < SHARE_MAX,
        ),
    ]  # fmt: skip


class Timed(Past):
    """A past that knows how long each of its followers takes."""

    def __init__(self) -> None:
        super().__init__()
        self.spent_ns: list[int] = []

    def follow(self, take: Callable[[Batch], None]) -> None:
        n = len(self.spent_ns)
        self.spent_ns.append(0)

        def timed(batch: Batch) -> None:
            began = thread_time_ns()
            take(batch)
            self.spent_ns[n] += thread_time_ns() - began

        super().follow(timed)


def once(inputs: Sequence[tuple[int, Event]]) -> tuple[float, float, float, float, float]:
    """Decide the inputs in a new core, and tell of each few steps at once, while what they made is
    as near to the processor as in the service.  Returns the CPU time of a step, of taking it and
    its facts, of counting, keeping and showing them, in microseconds."""
    clock_ns, dice = _clock_ns(), Random(1)
    core = Core(epoch=1, dice=Random(1))
    past = Timed()
    stream = Stream(core, Clock(), past, epoch=1)
    metrics = Metrics(past)
    metrics.expect(_staffing(event for _, event in inputs))
    metrics.exposition()  # as after the service's first scrape
    past.spent_ns[:] = [0 for _ in past.spent_ns]
    deciding = telling = scraping = 0
    scrape_ms = inputs[0][0] + SCRAPE_MS
    for start in range(0, len(inputs), STEPS_AT_ONCE):
        chosen = inputs[start : start + STEPS_AT_ONCE]
        began = thread_time_ns()
        decided = [core.step(now_ms, event) for now_ms, event in chosen]
        deciding += thread_time_ns() - began - clock_ns
        told: list[Told] = [
            [(type(one), _lasting(one, dice)) for one in effects if isinstance(one, _FACTS)]
            for effects in decided
        ]
        took_ns = [round(dice.lognormvariate(*STEP_NS)) for _ in told]
        began = thread_time_ns()
        walk(told, took_ns)
        walked = thread_time_ns()
        tell(past, told, took_ns)
        telling += thread_time_ns() - walked - (walked - began)
        if chosen[-1][0] >= scrape_ms:
            scrape_ms += SCRAPE_MS
            passed = sum(past.spent_ns)
            began = thread_time_ns()
            metrics.exposition()
            scraping += thread_time_ns() - began - (sum(past.spent_ns) - passed)
            telling += sum(past.spent_ns) - passed
    past.settle()
    assert stream.last, "the stream has taken the facts"
    keeping, *counting = past.spent_ns
    telling -= keeping + sum(counting)
    return _each((deciding, telling, sum(counting), keeping, scraping), len(inputs))


def _clock_ns() -> int:
    """Return what it costs to read the clock, which is no part of what is measured."""
    began = thread_time_ns()
    for _ in range(CLOCK_READS):
        thread_time_ns()
    return (thread_time_ns() - began) // CLOCK_READS


def _each(
    spent_ns: tuple[int, int, int, int, int], steps: int
) -> tuple[float, float, float, float, float]:
    deciding, telling, counting, keeping, scraping = (ns / steps / 1_000 for ns in spent_ns)
    return deciding, telling, counting, keeping, scraping


def tell(past: Past, steps: Sequence[Told], took_ns: Sequence[int]) -> None:
    """Fill the past as the driver does; it knows of each fact what it is."""
    for facts, one_ns in zip(steps, took_ns, strict=True):
        past.took_ns.append(one_ns)
        for kind, fact in facts:
            past.facts.append(fact)
            past.by_kind[kind].append(fact)
        if len(past.took_ns) >= past.steps_max:
            past.due()


def walk(steps: Sequence[Told], took_ns: Sequence[int]) -> None:
    """What the driver does anyway: it looks at each effect of a step."""
    for facts, _one_ns in zip(steps, took_ns, strict=True):
        for _kind, _fact in facts:
            pass


def _lasting(fact: Fact, dice: Random) -> Fact:
    """Let what a fact has measured last as it does in a house: which buckets it falls into is not
    all the same."""
    if isinstance(fact, CallAnswered):
        return replace(fact, wait_ms=round(dice.expovariate(1 / 5_000)))
    if isinstance(fact, WrapUpEnded):
        talk_ms, notes_ms = (round(dice.expovariate(1 / mean)) for mean in (120_000, 30_000))
        return replace(fact, talk_ms=talk_ms, wrap_up_ms=notes_ms)
    if isinstance(fact, OfferEnded):
        return replace(fact, ring_ms=round(dice.expovariate(1 / 3_000)))
    if isinstance(fact, CallEnded):
        first_offer_ms = fact.arrived_ms + round(dice.expovariate(1 / 500))
        return replace(fact, first_offer_ms=first_offer_ms)
    if isinstance(fact, LegEnded) and fact.rang_ms is not None:
        return replace(fact, started_ms=fact.rang_ms - round(dice.expovariate(1 / 100)))
    return fact


def _heard(event: Event) -> Event:
    """Give a leg that ends a report of its sound."""
    return replace(event, media=SOUND) if isinstance(event, LegGone) else event


def _staffing(events: Iterable[Event]) -> Staffing:
    """Return the directory that the inputs define, its agents in groups."""
    queues: dict[QueueId, Queue] = {}
    entries: dict[EntryId, Entry] = {}
    agents: dict[AgentId, Agent] = {}
    for event in events:
        if isinstance(event, QueueDefined):
            queues[event.queue.id] = event.queue
        elif isinstance(event, EntryDefined):
            entries[event.entry.id] = event.entry
        elif isinstance(event, AgentDefined):
            agents[event.agent.id] = replace(event.agent, group=f"group {len(agents) % GROUPS}")
    return Staffing(queues=queues, entries=entries, agents=agents, seats={})


if __name__ == "__main__":
    sys.exit(main())
