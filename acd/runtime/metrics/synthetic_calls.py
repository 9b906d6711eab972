"""Which calls are the service's own, for facts that do not say so themselves."""

from collections import deque
from typing import TypeVar

from acd.core.facts import (
    CallEnded,
    CallOffered,
    CallTakenUp,
    LegEnded,
    OfferEnded,
    OfferMade,
    PlacedCallEnded,
)
from acd.core.ids import CallId
from acd.runtime.metrics.exposition import Exposition

ENDED_KEPT = 1_000
"""So many calls are remembered after their end, because a leg may end after its call."""


OfCall = TypeVar("OfCall", LegEnded, OfferEnded, OfferMade)


class SyntheticCalls:
    """Those that are live, and the newest that have ended."""

    def __init__(self, out: Exposition) -> None:
        self.calls: set[CallId] = set()
        self._ended: deque[CallId] = deque()
        out.on_all(CallOffered, self._begun)
        out.on_all(CallTakenUp, self._begun)
        out.on_all(CallEnded, self._end)
        out.on_all(PlacedCallEnded, self._end)

    def without(self, facts: list[OfCall]) -> list[OfCall]:
        """Return the facts of other calls.  Mostly that is all of them, and none is looked at."""
        calls = self.calls
        return [fact for fact in facts if fact.call not in calls] if calls else facts

    def _begun(self, facts: list[CallOffered] | list[CallTakenUp]) -> None:
        for fact in facts:
            if fact.synthetic:
                self.calls.add(fact.call)

    def _end(self, facts: list[CallEnded] | list[PlacedCallEnded]) -> None:
        if not self.calls:
            return
        for fact in facts:
            if fact.call in self.calls:
                self._ended.append(fact.call)
        while len(self._ended) > ENDED_KEPT:
            self.calls.discard(self._ended.popleft())
