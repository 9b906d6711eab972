"""Facts as they happen, for desks and walls: a ring that many can read, each at their own pace.

What happens at the limits: the ring holds at least the newest ``FACTS_MAX`` facts, and a reader for
whom that was not enough is let go; whoever comes back after longer than that gets a snapshot.
Nobody has a queue of their own, so that a reader costs a place in the ring and nothing more, and
the switch never waits for one.

A fact's number here is its number in the records (``fact.seq``), and the epoch is theirs too: what
a desk has missed for longer can be read there.
"""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from acd.adapters.http.veil import masked
from acd.core import ties, views
from acd.core.emergency import views as case_views
from acd.core.facts import Fact, Ignored, StaffFact
from acd.core.ids import AgentId
from acd.core.switch import Core
from acd.runtime.clock import Clock
from acd.runtime.metrics.performance import Pop, pop_of
from acd.runtime.past import Batch, Past

FACTS_MAX = 20_000
"""Two minutes of the busiest hour, and some 10 MB.  They are let go as they were passed on, many at
once, and can be read so long: up to half as many more."""

BATCH_FACTS_MAX = 200
"""So many travel in one message; writing them takes some 0.3 ms.  A snapshot of 200 agents, 1,000
calls and 1,000 obligations takes 2 ms."""

READERS_MAX = 64


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot", tag_field="type"):
    """Everything as it is after fact ``seq``: views, cases and obligations, or, to an agent whom
    nothing ties to one, what is left of it (L2)."""

    epoch: int
    seq: int
    at_ms: int
    agents: list[views.AgentView]
    queues: list[views.QueueView]
    calls: list[Any]
    cases: list[Any]
    obligations: list[Any]


class Resumed(msgspec.Struct, frozen=True, kw_only=True, tag="resumed", tag_field="type"):
    """Nothing was missed: the facts after ``seq`` follow."""

    epoch: int
    seq: int


class Told(msgspec.Struct, frozen=True):
    """One fact; its own ``type`` says of which kind it is."""

    seq: int
    fact: Fact


class ToldInPart(msgspec.Struct, frozen=True):
    """One fact, masked where it has to be for whom it is told."""

    seq: int
    fact: dict[str, Any]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened since the last message, in order."""

    facts: Sequence[Told | ToldInPart]
    type: Literal["facts"] = "facts"


class FellBehind(Exception):
    """A reader was slower than the switch for too long."""


class Ended(Exception):
    """This service tells nothing more."""


class TooMany(Exception):
    """There are READERS_MAX readers already."""


class Chunk(NamedTuple):
    """Facts that were passed on together, without those that are merely ignored."""

    numbers: Sequence[int]
    facts: Sequence[Fact]
    before: int
    """How many facts have been in the ring before these."""
    by_kind: dict[type[Any], list[Any]]
    """As it came: no fact is let go before all are, which costs least."""


class Stream:
    """Keeps the newest facts as they are passed on.  What has not been passed on yet is read where
    it lies (``Past.facts``), so that a reader costs the metrics nothing."""

    def __init__(
        self,
        core: Core,
        clock: Clock,
        past: Past,
        *,
        epoch: int,
        popped: Callable[[Pop, int], None] = lambda pop, ms: None,
        facts_max: int = FACTS_MAX,
    ) -> None:
        """``popped`` hears how many milliseconds after an agent's ring or answer each reader had
        been told of it; without it nobody does."""
        self.past = past
        self._core = core
        self._clock = clock
        self._epoch = epoch
        self._facts_max = facts_max
        self._popped = popped
        self._ring: deque[Chunk] = deque()
        self._kept = 0
        """Facts that have ever been in the ring."""
        self._gone = 0
        """Number of the newest fact that has left it."""
        self._readers: dict[Reader, None] = {}
        self.ended = False
        """Nothing more happens here: another service has taken over, or this one ends."""
        self.fell_behind = 0
        """Readers that were let go because they were too slow."""
        past.follow(self._take)

    def __len__(self) -> int:
        return len(self._readers)

    @property
    def last(self) -> int:
        """Number of the newest fact, be it merely ignored."""
        return self.past.passed + len(self.past.facts)

    def _take(self, batch: Batch) -> None:
        numbers: Sequence[int] = range(batch.before + 1, batch.before + 1 + len(batch.facts))
        facts = batch.facts
        if Ignored in batch.by_kind:
            # As in the records, it uses a number up and is not kept (``records.Numbering``).
            kept = [at for at, fact in enumerate(facts) if type(fact) is not Ignored]
            numbers, facts = [numbers[at] for at in kept], [facts[at] for at in kept]
        if facts:
            self._ring.append(Chunk(numbers, facts, self._kept, batch.by_kind))
            self._kept += len(facts)
        while self._ring and self._kept - self._ring[0].before - len(self._ring[0].facts) >= (
            self._facts_max
        ):
            self._gone = self._ring.popleft().numbers[-1]

    def read(
        self, *, epoch: int | None, after: int | None, veiled_as: AgentId | None = None
    ) -> "Reader":
        """Return a reader of what happens from now on; or after fact ``after`` of ``epoch``, where
        the ring still has all that.  ``veiled_as``: an agent, who is told of elders by what ties
        them.  Raises TooMany."""
        if len(self._readers) >= READERS_MAX:
            raise TooMany(f"There are {READERS_MAX} readers already; try again later.")
        told = self._gone <= after <= self.last if after is not None else False
        if epoch == self._epoch and after is not None and told:
            first = msgspec.json.encode(Resumed(epoch=self._epoch, seq=after))
            reader = Reader(self, first, after, veiled_as)
        else:
            reader = Reader(self, self._snapshot(veiled_as), self.last, veiled_as)
        self._readers[reader] = None
        self.past.watch(self._wake)
        return reader

    def end(self) -> None:
        """Let everybody go: what happens from now on is told elsewhere."""
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        for reader in self._readers:
            reader.news.set()

    def leave(self, reader: "Reader") -> None:
        """Somebody reads no more; once more does nothing."""
        self._readers.pop(reader, None)
        if not self._readers:
            self.past.watch(None)

    def let_go(self, reader: "Reader") -> None:
        """Somebody was too slow, or everybody has to go."""
        self.fell_behind += not self.ended
        self.leave(reader)

    def told(self, pops: Iterable[tuple[Pop, int]]) -> None:
        """A reader has been told of these, and when they happened."""
        now_ms = self._clock.now_ms()
        for pop, at_ms in pops:
            self._popped(pop, max(0, now_ms - at_ms))

    def batch(self, after: int) -> tuple[list[Told], int]:
        """Return facts behind number ``after``, at most BATCH_FACTS_MAX, and the number up to
        which that are all.  Raises FellBehind."""
        if after < self._gone:
            raise FellBehind("You have fallen behind; connect again.")
        for chunk in self._ring:
            if chunk.numbers[-1] > after:
                at = bisect_right(chunk.numbers, after)
                numbers = chunk.numbers[at : at + BATCH_FACTS_MAX]
                facts = chunk.facts[at : at + BATCH_FACTS_MAX]
                return [Told(*one) for one in zip(numbers, facts, strict=True)], numbers[-1]
        after = max(after, self.past.passed)
        at = after - self.past.passed
        waiting = self.past.facts[at : at + BATCH_FACTS_MAX]
        told = [
            Told(number, fact)
            for number, fact in enumerate(waiting, start=after + 1)
            if type(fact) is not Ignored
        ]
        return told, after + len(waiting)

    def told_to(self, agent: AgentId, told: Told) -> Told | ToldInPart:
        """Return a fact as an agent is told of it now."""
        fact = told.fact
        if isinstance(fact, StaffFact) or ties.has_fact(self._core.state, agent, fact):
            return told
        return ToldInPart(told.seq, masked(fact))

    def _snapshot(self, veiled_as: AgentId | None) -> bytes:
        state = self._core.state
        calls: list[Any] = views.calls(state)
        cases: list[Any] = case_views.open_cases(state)
        owed: list[Any] = views.obligations(state, kind=None, queue=None)
        if veiled_as is not None:
            agent = veiled_as
            calls = [one if ties.has_call(state, agent, one.call) else masked(one) for one in calls]
            cases = [one if ties.has_case(state, agent, one) else masked(one) for one in cases]
            owed = [one if ties.has_owed(state, agent, one) else masked(one) for one in owed]
        return msgspec.json.encode(
            Snapshot(
                epoch=self._epoch,
                seq=self.last,
                at_ms=self._clock.now_ms(),
                agents=views.agents(state),
                queues=views.queues(state),
                calls=calls,
                cases=cases,
                obligations=owed,
            )
        )


class Reader:
    """One who reads along."""

    def __init__(self, stream: Stream, first: bytes, after: int, veiled_as: AgentId | None) -> None:
        self.first = first
        """The message to begin with: a snapshot, or that nothing was missed."""
        self.news = asyncio.Event()
        self._stream = stream
        self._veiled_as = veiled_as
        self._after = after
        """Number of the newest fact it has been told of."""
        self._joined = stream.last
        """What came before is told late because the reader was away: no pop of a screen."""
        self._pops: list[tuple[Pop, int]] = []
        """What the last message makes a screen pop up at, and when that was."""

    async def next(self) -> bytes:
        """Wait for the next facts and return the message that tells them.  Raises FellBehind, and
        Ended after the last."""
        while True:
            told, self._after = self._stream.batch(self._after)
            if told:
                self._pops = [
                    (pop, one.fact.at_ms)
                    for one in told
                    if one.seq > self._joined and (pop := pop_of(one.fact)) is not None
                ]
                agent = self._veiled_as
                return msgspec.json.encode(
                    Facts(
                        facts=told
                        if agent is None
                        else [self._stream.told_to(agent, one) for one in told]
                    )
                )
            if self._after < self._stream.last:
                continue  # so many were merely ignored
            if self._stream.ended:
                raise Ended("This service tells nothing more; connect again.")
            self.news.clear()
            await self.news.wait()

    def told(self) -> None:
        """The last message has been written."""
        if self._pops:
            self._stream.told(self._pops)
            self._pops = []

    def close(self) -> None:
        """Read no more."""
        self._stream.leave(self)

    def let_go(self) -> None:
        """Read no more, because it went too slowly."""
        self._stream.let_go(self)
