"""Facts as they happen, for desks and walls: a ring that many can read, each at their own pace.

What happens at the limits: the ring holds the newest ``FACTS_MAX`` facts, and a reader that has
fallen so far behind is let go; whoever comes back after longer than that gets a snapshot.  Nobody
has a queue of their own, so that a reader costs a place in the ring and nothing more, and the
switch never waits for one.

A fact's number here is its number in the records (``fact.seq``), and the epoch is theirs too: what
a desk has missed for longer can be read there.
"""

import asyncio
from collections.abc import Sequence
from typing import Literal

import msgspec

from acd.core import views
from acd.core.emergency import views as case_views
from acd.core.emergency.case import Case
from acd.core.events import Event
from acd.core.facts import Fact
from acd.core.owed import Obligation
from acd.core.switch import Core
from acd.runtime.clock import Clock
from acd.runtime.driver import Effect
from acd.runtime.records import Numbering

FACTS_MAX = 20_000
"""Two minutes of the busiest hour, and some 10 MB."""

BATCH_FACTS_MAX = 200
"""So many travel in one message; writing them takes some 0.3 ms.  A snapshot of 200 agents, 1,000
calls and 1,000 obligations takes 2 ms."""

READERS_MAX = 64


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot", tag_field="type"):
    """Everything as it is after fact ``seq``."""

    epoch: int
    seq: int
    at_ms: int
    agents: list[views.AgentView]
    queues: list[views.QueueView]
    calls: list[views.CallView]
    cases: list[Case]
    obligations: list[Obligation]


class Resumed(msgspec.Struct, frozen=True, kw_only=True, tag="resumed", tag_field="type"):
    """Nothing was missed: the facts after ``seq`` follow."""

    epoch: int
    seq: int


class Told(msgspec.Struct, frozen=True):
    """One fact; its own ``type`` says of which kind it is."""

    seq: int
    fact: Fact


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened since the last message, in order."""

    facts: list[Told]
    type: Literal["facts"] = "facts"


class FellBehind(Exception):
    """A reader was slower than the switch for too long."""


class Ended(Exception):
    """This service tells nothing more."""


class TooMany(Exception):
    """There are READERS_MAX readers already."""


class Stream:
    """Keeps the newest facts; a sink of the driver."""

    def __init__(self, core: Core, clock: Clock, *, epoch: int, facts_max: int = FACTS_MAX) -> None:
        self._core = core
        self._clock = clock
        self._epoch = epoch
        self._facts_max = facts_max
        self._numbering = Numbering()
        self._ring: list[Told] = []
        self.count = 0
        """Facts that have ever been in the ring: the place of the next one."""
        self._last = 0
        self._forgotten = 0
        """Number of the newest fact that is not in the ring any more."""
        self._readers: dict[Reader, None] = {}
        self.ended = False
        """Nothing more happens here: another service has taken over, or this one ends."""
        self.fell_behind = 0
        """Readers that were let go because they were too slow."""

    def __len__(self) -> int:
        return len(self._readers)

    def stepped(self, now_ms: int, event: Event, effects: Sequence[Effect], took_ns: int) -> None:
        """Inputs are the journal's."""

    def decided(self, fact: Fact) -> None:
        """Take one fact, and wake whoever waits for it."""
        number = self._numbering.of(fact)
        if number is None:
            return
        told = Told(number, fact)
        if len(self._ring) < self._facts_max:
            self._ring.append(told)
        else:
            place = self.count % self._facts_max
            self._forgotten = self._ring[place].seq
            self._ring[place] = told
        self.count += 1
        self._last = number
        for reader in self._readers:
            reader.news.set()

    def read(self, *, epoch: int | None, after: int | None) -> "Reader":
        """Return a reader of what happens from now on; or after fact ``after`` of ``epoch``, where
        the ring still has all that.  Raises TooMany."""
        if len(self._readers) >= READERS_MAX:
            raise TooMany(f"There are {READERS_MAX} readers already; try again later.")
        if epoch == self._epoch and after is not None and self._forgotten <= after <= self._last:
            first = msgspec.json.encode(Resumed(epoch=self._epoch, seq=after))
            reader = Reader(self, first, self._place_after(after))
        else:
            reader = Reader(self, self._snapshot(), self.count)
        self._readers[reader] = None
        return reader

    def end(self) -> None:
        """Let everybody go: what happens from now on is told elsewhere."""
        self.ended = True
        for reader in self._readers:
            reader.news.set()

    def leave(self, reader: "Reader") -> None:
        """Somebody reads no more; once more does nothing."""
        self._readers.pop(reader, None)

    def let_go(self, reader: "Reader") -> None:
        """Somebody was too slow, or everybody has to go."""
        self.fell_behind += not self.ended
        self.leave(reader)

    def batch(self, place: int) -> list[Told]:
        """Return the facts from a place on, at most BATCH_FACTS_MAX.  Raises FellBehind."""
        if place < self.count - len(self._ring):
            raise FellBehind("You have fallen behind; connect again.")
        until = min(self.count, place + BATCH_FACTS_MAX)
        return [self._ring[one % self._facts_max] for one in range(place, until)]

    def _place_after(self, number: int) -> int:
        """Return the place of the first fact behind the one with this number."""
        low, high = self.count - len(self._ring), self.count
        while low < high:
            middle = (low + high) // 2
            if self._ring[middle % self._facts_max].seq > number:
                high = middle
            else:
                low = middle + 1
        return low

    def _snapshot(self) -> bytes:
        state = self._core.state
        return msgspec.json.encode(
            Snapshot(
                epoch=self._epoch,
                seq=self._last,
                at_ms=self._clock.now_ms(),
                agents=views.agents(state),
                queues=views.queues(state),
                calls=views.calls(state),
                cases=case_views.open_cases(state),
                obligations=views.obligations(state, kind=None, queue=None),
            )
        )


class Reader:
    """One who reads along."""

    def __init__(self, stream: Stream, first: bytes, place: int) -> None:
        self.first = first
        """The message to begin with: a snapshot, or that nothing was missed."""
        self.news = asyncio.Event()
        self._stream = stream
        self._place = place

    async def next(self) -> bytes:
        """Wait for the next facts and return the message that tells them.  Raises FellBehind, and
        Ended after the last."""
        while self._place == self._stream.count:
            if self._stream.ended:
                raise Ended("This service tells nothing more; connect again.")
            self.news.clear()
            await self.news.wait()
        told = self._stream.batch(self._place)
        self._place += len(told)
        return msgspec.json.encode(Facts(facts=told))

    def close(self) -> None:
        """Read no more."""
        self._stream.leave(self)

    def let_go(self) -> None:
        """Read no more, because it went too slowly."""
        self._stream.let_go(self)
