"""What has happened and nobody had to hear of at once: taken as it comes, passed on many at a time.

Metrics and the stream of events follow the same facts, and neither is in a hurry: a figure is read
every few seconds, and a fact when somebody reads along.  So a step pays for putting its facts into
one list, whose end is never far from the processor; to part them by kind is for later too, because
by then the ends of a dozen lists would be.  The rest is done for ``STEPS_MAX`` steps at once, or
when somebody wants to know.  Whoever
wants to know a figure calls ``settle`` first; whoever reads the facts themselves may look at those
that wait and leave them here.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from acd.core.facts import Fact
from acd.core.ids import CallId
from acd.runtime.logs import logger

log = logger(__name__)

STEPS_MAX = 4_096
"""Steps that wait: some seven seconds of 50 calls a second.  To count them takes a millisecond and
a half, a tenth of which is spent before the first: with 256 a step's share is twice as large, with
2,048 a tenth larger, with 8,192 no smaller."""


class Batch(NamedTuple):
    """Some of the past, in one piece."""

    before: int
    """Facts that have ever come before these: the first one's number is the next."""
    facts: list[Fact]
    """In order."""
    by_kind: dict[type[Any], list[Any]]
    """The same, each kind in its order."""
    took_ns: list[int]
    """What each step has taken."""


class Past:
    """Filled by the driver, which puts each step's time and facts in place here: a call of a method
    for each would be the dearest part of it."""

    def __init__(self) -> None:
        self.took_ns: list[int] = []
        self.facts: list[Fact] = []
        self.steps_max = STEPS_MAX
        """As soon as so many steps wait, ``due`` is called: after each while somebody watches."""
        self._wake: Callable[[], None] | None = None
        self.passed = 0
        """Facts that have been passed on."""
        self.failures = 0
        """Times that somebody could not take what was passed on; a defect of ours, must stay 0."""
        self._followers: list[Callable[[Batch], None]] = []

    def follow(self, take: Callable[[Batch], None]) -> None:
        """Have ``take`` called with everything that happens from now on."""
        self._followers.append(take)

    def add(self, fact: Fact) -> None:
        """Put one fact in place, as the driver does."""
        self.facts.append(fact)

    def watch(self, wake: Callable[[], None] | None) -> None:
        """Have ``wake`` called after each step, or no more."""
        self._wake = wake
        self.steps_max = STEPS_MAX if wake is None else 1

    def due(self) -> None:
        """Do what is due after a step."""
        if self._wake is not None:
            self._wake()
        if len(self.took_ns) >= STEPS_MAX:
            self.settle()

    def settle(self) -> None:
        """Pass on what waits."""
        if not self.facts and not self.took_ns:
            return
        by_kind: dict[type[Any], list[Any]] = defaultdict(list)
        for fact in self.facts:
            by_kind[type(fact)].append(fact)
        batch = Batch(self.passed, self.facts, by_kind, self.took_ns)
        self.passed += len(self.facts)
        self.took_ns, self.facts = [], []
        for take in self._followers:
            # The edge of each: a figure that cannot be made costs nobody else the facts.
            try:
                take(batch)
            except Exception:
                self.failed(type(getattr(take, "__self__", take)).__name__)

    def failed(self, who: str, call: CallId | None = None) -> None:
        """Log and count the present exception; whoever calls this goes on."""
        log.exception("What has happened could not be counted or kept.", who=who, call_id=call)
        self.failures += 1
