"""Lines in figures: how soon they came up, whether both sides were heard, and how well (T15, T16).

Counted when a leg ends, by its role; legs of synthetic calls are in none of them.  A leg is judged
one-way only when it was up for ``JUDGED_MS``: who hangs up at once has had no time to be heard.
"""

from enum import StrEnum

from acd.core.facts import LegEnded, LegRole
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.synthetic_calls import SyntheticCalls

SETUP_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
LOSS_BUCKETS = (0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Shares of the packets that were sent; above 5 % words are lost."""
JITTER_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
"""Above 50 ms a telephone's buffer no longer hides it."""
ROUND_TRIP_BUCKETS_S = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1)
JUDGED_MS = 5_000


class Reached(StrEnum):
    """How far a leg came (T15)."""

    ANSWERED = "answered"
    RANG = "rang"
    NEVER = "never"


class Way(StrEnum):
    """Which way nothing went."""

    FROM = "from"
    """No packet has come from the far end: nobody could hear it."""
    TO = "to"
    """None was sent there: it could hear nobody."""


_ANSWERED, _RANG, _NEVER = Reached
_FROM, _TO = Way
_ROLES = tuple(LegRole)


class LegMetrics:
    """Registers the legs' metrics and counts their facts."""

    def __init__(self, out: Exposition, synthetic: SyntheticCalls) -> None:
        self._ended = out.counter_by(
            "huling_legs_ended", "Legs that ended, by how far they had come.", "role", "reached"
        )
        self._setup = out.histogram_by(
            "huling_setup_seconds",
            "INVITE to ringing: ours to a caller's, a phone's or a number's to ours.",
            SETUP_BUCKETS_S,
            "role",
        )
        self._measured = out.counter_by(
            "huling_legs_measured", "Legs up for 5 s or more, with a report of their sound.", "role"
        )
        self._one_way = out.counter_by(
            "huling_legs_one_way", "Of these, legs without sound one way.", "role", "way"
        )
        self._loss = out.histogram_by(
            "huling_leg_loss_ratio",
            "Packets lost on the way to us, of those that were sent, by leg.",
            LOSS_BUCKETS,
            "role",
            per=1,
        )
        self._jitter = out.histogram_by(
            "huling_leg_jitter_seconds",
            "Jitter of what came to us.",
            JITTER_BUCKETS_S,
            "role",
            per=1_000_000,
        )
        self._round_trip = out.histogram_by(
            "huling_leg_round_trip_seconds",
            "To the far end and back, where it answers reports.",
            ROUND_TRIP_BUCKETS_S,
            "role",
            per=1_000_000,
        )
        self._synthetic = synthetic
        for role in LegRole:
            for reached in Reached:
                self._ended[role, reached].inc(0)
            for way in Way:
                self._one_way[role, way].inc(0)
            self._measured[role].inc(0)
            for times in (self._setup, self._loss, self._jitter, self._round_trip):
                times[role].fold()
        out.on_all(LegEnded, self._count)

    def _count(self, facts: list[LegEnded]) -> None:
        by_role: dict[LegRole, list[LegEnded]] = {role: [] for role in _ROLES}
        for fact in self._synthetic.without(facts):
            by_role[fact.role].append(fact)
        for role, legs in by_role.items():
            setup_ms = [
                came_up_ms - leg.started_ms
                for leg in legs  # who picks up at once may not have rung
                if (came_up_ms := leg.rang_ms or leg.answered_ms) is not None
            ]
            came = len(setup_ms)
            if min(setup_ms, default=0) < 0:  # a clock was set back
                setup_ms = [max(one, 0) for one in setup_ms]
            self._setup[role].count_sorted(sorted(setup_ms))
            answered = [leg for leg in legs if leg.answered_ms is not None]
            self._ended[role, _ANSWERED].inc(len(answered))
            self._ended[role, _RANG].inc(came - len(answered))
            self._ended[role, _NEVER].inc(len(legs) - came)
            self._judge(role, answered)

    def _judge(self, role: LegRole, answered: list[LegEnded]) -> None:
        """Count the sound of legs that were answered, of those that have a report."""
        sounds = [leg.media for leg in answered if leg.media is not None]
        if not sounds:
            return
        judged = [
            leg.media
            for leg in answered
            if leg.media is not None and leg.at_ms - (leg.answered_ms or 0) >= JUDGED_MS
        ]
        self._measured[role].inc(len(judged))
        heard = [media for media in sounds if media.received]
        if len(heard) < len(sounds):
            self._one_way[role, _FROM].inc(len([1 for media in judged if not media.received]))
        self._one_way[role, _TO].inc(len([1 for media in judged if not media.sent]))
        self._loss[role].extend([media.lost / (media.received + media.lost) for media in heard])
        self._jitter[role].count_sorted(sorted([media.jitter_us for media in heard]))
        trips_us = [media.round_trip_us for media in sounds if media.round_trip_us]
        self._round_trip[role].count_sorted(sorted(trips_us))
