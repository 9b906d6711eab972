"""How agents are rung, in figures: how often, for how long, and how it ended (C01)."""

from acd.core.facts import OfferMade, OfferResult
from acd.runtime.metrics.call_tallies import CallTallies, Offers
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.series import Ordered
from acd.runtime.metrics.synthetic_calls import SyntheticCalls

RING_BUCKETS_S = (1, 2, 3, 5, 7, 10, 11, 15, 30)
"""The third ring begins at 10 s and ends at 11 s (C01); 30 s are six rings (F07)."""


class OfferMetrics:
    """Registers the offers' metrics and counts their facts; synthetic calls are in none."""

    def __init__(self, out: Exposition, synthetic: SyntheticCalls, tallies: CallTallies) -> None:
        self._made = out.counter("huling_offers", "Agents rung.")
        self._ended = out.counter_by("huling_offers_ended", "How ringing an agent ended.", "result")
        self._ring_time = out.histogram_by(
            "huling_ring_time_seconds",
            "How long an agent's phone rang, by how that ended (C01: the three rings).",
            RING_BUCKETS_S,
            "result",
        )
        self._synthetic = synthetic
        out.on_all(OfferMade, self._count_offers)
        tallies.rung.into(self._show_rung)
        tallies.not_rung.into(self._show_not_rung)

    def expect(self) -> None:
        """Show every result at 0 before the first."""
        for result in OfferResult:
            self._ended[result].inc(0)
            self._ring_time[result].fold()

    def _count_offers(self, facts: list[OfferMade]) -> None:
        self._made.inc(len(self._synthetic.without(facts)))

    def _show_rung(self, key: Offers, rings_ms: Ordered) -> None:
        _, result = key
        self._ended[result].inc(rings_ms.count)
        self._ring_time[result].add(rings_ms)

    def _show_not_rung(self, key: Offers, offers: int) -> None:
        _, result = key
        self._ended[result].inc(offers)
