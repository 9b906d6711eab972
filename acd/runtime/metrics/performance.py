"""How soon a desk shows what it has to: the screen pop, and the search of records (L7, D03).

Nothing of this is in the way of a call: a pop is timed by whoever writes to the desk, a search by
the door of the API.
"""

from enum import StrEnum

from acd.adapters.http.searches import OF_THE_SWITCH
from acd.core.facts import Fact, OfferEnded, OfferMade, OfferResult
from acd.runtime.metrics.exposition import MS_PER_S, Exposition

POP_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The limit is 1 s (L7); a desk that takes longer than 10 s for a message is let go."""

SEARCH_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""The limit is 2 s (L7)."""


class Pop(StrEnum):
    """What a desk pops up a screen at."""

    RING = "ring"
    """The agent's phone is rung: the elder's record should be there before the first word."""
    ANSWER = "answer"
    """The agent has picked up."""


def pop_of(fact: Fact) -> Pop | None:
    """Return what a desk does at a fact, None for one at which no screen changes."""
    if type(fact) is OfferMade:
        return Pop.RING
    if type(fact) is OfferEnded and fact.result is OfferResult.ACCEPTED:
        return Pop.ANSWER
    return None


class PerformanceMetrics:
    """Registers the metrics and takes what was timed."""

    def __init__(self, out: Exposition) -> None:
        self._pops = out.histogram_by(
            "huling_screen_pop_seconds",
            "From an agent's ring or answer until a desk that reads along has been told.",
            POP_BUCKETS_S,
            "at",
        )
        self._searches = out.histogram_by(
            "huling_search_seconds",
            "A search or a look at records, from the request to the answer's last byte.",
            SEARCH_BUCKETS_S,
            "what",
        )
        for pop in Pop:
            self._pops[pop].fold()
        for what in OF_THE_SWITCH.values():
            self._searches[what].fold()

    def popped(self, pop: Pop, ms: int) -> None:
        """A desk has been told so many milliseconds after it happened."""
        self._pops[pop].count([ms])

    def searched(self, what: str, seconds: float) -> None:
        """Somebody has been shown records."""
        self._searches[what].count([seconds * MS_PER_S])
