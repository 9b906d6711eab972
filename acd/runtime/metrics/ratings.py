"""How content callers say they are, in figures (C04, V17)."""

from acd.core.directory_diff import Staffing
from acd.core.facts import CallRated, RatingAsked
from acd.core.scripts import RATINGS
from acd.runtime.metrics.calls import queues_of_callers
from acd.runtime.metrics.exposition import Exposition


class RatingMetrics:
    """Registers the metrics of ratings and counts their facts."""

    def __init__(self, out: Exposition) -> None:
        self._asked = out.counter_by(
            "huling_ratings_asked", "Callers asked how content they are.", "queue"
        )
        self._given = out.counter_by(
            "huling_ratings", "What they said, in the scale's words.", "queue", "scale", "rating"
        )
        out.on(RatingAsked, lambda fact: self._asked[fact.queue].inc())
        out.on(CallRated, lambda fact: self._given[fact.queue, fact.scale, fact.rating].inc())

    def expect(self, staffing: Staffing) -> None:
        """Show the queues that ask, and every word of their scale, at 0 before the first caller."""
        for queue in queues_of_callers(staffing):
            if (scale := staffing.queues[queue].treatment.rating) is not None:
                self._asked[queue].inc(0)
                for rating in RATINGS[scale]:
                    self._given[queue, scale, rating].inc(0)
