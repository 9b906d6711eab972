"""See the package.

What is counted: all CPU time that the two take, at once and later.

* Taking each step and its facts (``acd.runtime.past``), called as the driver calls it.
* Passing them on, many steps at once: what the metrics count, what the stream keeps.
* A whole scrape after every ``SCRAPE_MS`` of the calls' own time: the observations that waited, the
  text, what is read of the process.  So each step bears its share of scrapes at the calls' rate,
  50 a second; at a quieter hour a step's share is larger, and the machine's is the same.

The house has skills, groups and reports of each leg's sound, so that no figure is left out, and
what facts measure scatters as it does in a house.  Gauges read from the core are not events and are
not here; to free the oldest facts is.  What is done in any case is taken off: the driver looks at
each effect, facts that nobody keeps are freed at once, and reading the clock costs something.
Somebody who reads the stream pays for it separately: waking and writing are per reader.

It is told as a share of a bare step of the core, and, from rounds in turn with those, of a step as
the service makes it: decided, encoded and handed to the journal.  What else follows from a step
there (commands to Asterisk, rows for PostgreSQL) is in neither.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from pathlib import Path
from random import Random
from statistics import median
from time import thread_time_ns
from typing import NamedTuple, get_args

from msgspec.structs import replace

from acd.core.directory import Agent, Entry, Queue
from acd.core.directory_diff import Staffing
from acd.core.events import AgentDefined, EntryDefined, Event, LegGone, Media, QueueDefined
from acd.core.facts import CallAnswered, CallEnded, Fact, LegEnded, OfferEnded, WrapUpEnded
from acd.core.ids import AgentId, EntryId, Node, QueueId
from acd.core.switch import Core
from acd.runtime import collector
from acd.runtime.clock import Clock
from acd.runtime.journal import Journal
from acd.runtime.metrics.counted import Metrics
from acd.runtime.past import Batch, Past
from acd.runtime.stream import Stream
from bench.core.lives import Lives
from bench.results.model import Figure, Result
from bench.results.report import report, writable

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
Told = list[Fact]
UNIT = "µs of CPU"


class Spent(NamedTuple):
    """CPU time, in microseconds a step."""

    deciding: float
    journalling: float
    """Encoding a step and handing it to the journal, whose thread writes; 0 without one."""
    taking: float
    counting: float
    keeping: float
    """Less what it takes to free as many facts at once."""
    scraping: float

    @staticmethod
    def medians(rounds: Sequence[Spent]) -> Spent:
        """Return the median of each."""
        return Spent(*(median(one) for one in zip(*rounds, strict=True)))

    @property
    def step(self) -> float:
        """What metrics and events come on top of."""
        return self.deciding + self.journalling

    @property
    def beside(self) -> float:
        """What they take together."""
        return self.taking + self.counting + self.keeping + self.scraping


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when metrics and stream cost more than they may."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.metrics",
        description="What metrics and events cost, as a share of a step (CPU time).",
    )
    parser.add_argument("--lives", type=int, default=5_000, help="calls in each round")
    parser.add_argument("--out", type=writable, help="folder of the result")
    given = parser.parse_args(arguments)
    if given.lives < 1:
        parser.error("at least one call")
    result = Result(bench="metrics", command="make bench-metrics", given={"lives": given.lives})
    result.figures = asyncio.run(measured(given.lives))
    result.ok = all(one.holds is not False for one in result.figures)
    report(result, given.out)
    return 0 if result.ok else 1


async def measured(lives: int, rounds: int = ROUNDS) -> list[Figure]:
    """Decide whole lives of so many calls and tell of them, in turn without a journal and with
    one; medians over rounds."""
    world = Lives(agents=AGENTS, waiting=WAITING, keeps_steps=True)
    world.live(lives)
    inputs = [(now_ms, _heard(event)) for now_ms, event, _ in world.steps]
    del world
    collector.settle()  # as in the service
    bare: list[Spent] = []
    served: list[Spent] = []
    for _ in range(rounds):
        bare.append(once(inputs))
        served.append(await once_journalled(inputs))
    of_bare, of_served = Spent.medians(bare), Spent.medians(served)
    return [
        Figure(name="step_us", title="a step of the core", unit=UNIT, value=of_bare.deciding),
        Figure(name="taking_us", title="taking it and its facts", unit=UNIT, value=of_bare.taking),
        Figure(name="metrics_us", title="counting them", unit=UNIT, value=of_bare.counting),
        Figure(name="stream_us", title="keeping them", unit=UNIT, value=of_bare.keeping),
        Figure(name="scrape_us", title="its share of scrapes", unit=UNIT, value=of_bare.scraping),
        _share("share", "metrics and events, of a step", bare),
        Figure(
            name="served_step_us", title="a step as the service makes it, with its journal",
            unit=UNIT, value=of_served.step,
        ),
        Figure(
            name="served_beside_us", title="metrics and events beside that", unit=UNIT,
            value=of_served.beside,
        ),
        _share("served_share", "metrics and events, of such a step", served),
    ]  # fmt: skip


def _share(name: str, title: str, rounds: Sequence[Spent]) -> Figure:
    value = median(one.beside / one.step for one in rounds)
    return Figure(
        name=name, title=title, unit="%", value=value * 100,
        wanted=f"under {SHARE_MAX * 100:g}", holds=value < SHARE_MAX,
    )  # fmt: skip


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


def once(inputs: Sequence[tuple[int, Event]], journal: Journal | None = None) -> Spent:
    """Decide the inputs in a new core, and tell of each few steps at once, while what they made is
    as near to the processor as in the service.  With a journal each step goes there before its
    facts are taken, as in the driver."""
    clock_ns, dice = _clock_ns(), Random(1)
    core = Core(epoch=1, dice=Random(1))
    past = Timed()
    stream = Stream(core, Clock(), past, epoch=1)
    metrics = Metrics(past)
    metrics.expect(_staffing(event for _, event in inputs))
    metrics.exposition()  # as after the service's first scrape
    past.spent_ns[:] = [0 for _ in past.spent_ns]
    deciding = journalling = telling = scraping = freeing = 0
    scrape_ms = inputs[0][0] + SCRAPE_MS
    for start in range(0, len(inputs), STEPS_AT_ONCE):
        chosen = inputs[start : start + STEPS_AT_ONCE]
        began = thread_time_ns()
        decided = [core.step(now_ms, event) for now_ms, event in chosen]
        deciding += thread_time_ns() - began - clock_ns
        if journal is not None:
            began = thread_time_ns()
            for (now_ms, event), effects in zip(chosen, decided, strict=True):
                journal.stepped(now_ms, event, effects, 0)
            journalling += thread_time_ns() - began - clock_ns
        told: list[Told] = [
            [_lasting(one, dice) for one in effects if isinstance(one, _FACTS)]
            for effects in decided
        ]
        took_ns = [round(dice.lognormvariate(*STEP_NS)) for _ in told]
        for _ in range(2):  # the first time waits for memory, the clock's too
            began = thread_time_ns()
            walk(told, took_ns)
            walked = thread_time_ns()
        tell(past, told, took_ns)
        telling += thread_time_ns() - walked - (walked - began)
        unkept = [copy(fact) for facts in told for fact in facts]
        began = thread_time_ns()
        unkept.clear()
        freeing += thread_time_ns() - began - clock_ns
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
    spent_ns = deciding, journalling, telling, sum(counting), keeping - freeing, scraping
    return Spent(*(ns / len(inputs) / 1_000 for ns in spent_ns))


async def once_journalled(inputs: Sequence[tuple[int, Event]]) -> Spent:
    """The same with a journal."""
    with tempfile.TemporaryDirectory(prefix="huling-metrics-") as folder:
        journal = Journal(
            Path(folder), epoch=1, node=Node("n1"), started_ms=inputs[0][0], files_keep=2,
            bytes_max=1 << 40,
        )  # fmt: skip
        found = once(inputs, journal)
        assert journal.frames == len(inputs) and journal.ended is None, "every step is in it"
        await journal.close()
    return found


def _clock_ns() -> int:
    """Return what it costs to read the clock, which is no part of what is measured."""
    began = thread_time_ns()
    for _ in range(CLOCK_READS):
        thread_time_ns()
    return (thread_time_ns() - began) // CLOCK_READS


def tell(past: Past, steps: Sequence[Told], took_ns: Sequence[int]) -> None:
    """Fill the past as the driver does."""
    for facts, one_ns in zip(steps, took_ns, strict=True):
        past.took_ns.append(one_ns)
        for fact in facts:
            past.facts.append(fact)
        if len(past.took_ns) >= past.steps_max:
            past.due()


def walk(steps: Sequence[Told], took_ns: Sequence[int]) -> None:
    """What the driver does anyway: it looks at each effect of a step."""
    for facts, _one_ns in zip(steps, took_ns, strict=True):
        for _fact in facts:
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
