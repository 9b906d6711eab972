"""Lines in figures: how soon they came up, whether both sides were heard, and how well (T15, T16).

Counted when a leg ends, by its role; legs of synthetic calls are in none of them.  A leg is judged
one-way only when it was up for ``JUDGED_MS``: who hangs up at once has had no time to be heard.
"""

from enum import StrEnum

from acd.core.events import Media
from acd.core.facts import CallEnded, CallOffered, CallTakenUp, LegEnded, LegRole
from acd.core.ids import CallId
from acd.runtime.exposition import Exposition

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


class LegMetrics:
    """Registers the legs' metrics and counts their facts."""

    def __init__(self, out: Exposition) -> None:
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
        )
        self._jitter = out.histogram_by(
            "huling_leg_jitter_seconds", "Jitter of what came to us.", JITTER_BUCKETS_S, "role"
        )
        self._round_trip = out.histogram_by(
            "huling_leg_round_trip_seconds",
            "To the far end and back, where it answers reports.",
            ROUND_TRIP_BUCKETS_S,
            "role",
        )
        self._synthetic: set[CallId] = set()
        """Live calls of the service's own."""
        for role in LegRole:
            for reached in Reached:
                self._ended(role, reached).inc(0)
            for way in Way:
                self._one_way(role, way).inc(0)
            self._measured(role).inc(0)
            for times in (self._setup, self._loss, self._jitter, self._round_trip):
                times(role)
        out.on(CallOffered, self._note)
        out.on(CallTakenUp, self._note)
        out.on(CallEnded, lambda fact: self._synthetic.discard(fact.call))
        out.on(LegEnded, self._count)

    def _note(self, fact: CallOffered | CallTakenUp) -> None:
        if fact.synthetic:
            self._synthetic.add(fact.call)

    def _count(self, fact: LegEnded) -> None:
        if fact.call in self._synthetic:
            return
        came_ms = fact.answered_ms if fact.rang_ms is None else fact.rang_ms
        if came_ms is not None:
            self._setup(fact.role).observe(max(came_ms - fact.started_ms, 0) / 1000)
        if fact.answered_ms is not None:
            reached = Reached.ANSWERED
        else:
            reached = Reached.NEVER if came_ms is None else Reached.RANG
        self._ended(fact.role, reached).inc()
        if fact.answered_ms is not None and fact.media is not None:
            self._judge(fact.role, fact.media, fact.at_ms - fact.answered_ms)

    def _judge(self, role: LegRole, media: Media, up_ms: int) -> None:
        if up_ms >= JUDGED_MS:
            self._measured(role).inc()
            if not media.received:
                self._one_way(role, Way.FROM).inc()
            if not media.sent:
                self._one_way(role, Way.TO).inc()
        if media.received:
            self._loss(role).observe(media.lost / (media.received + media.lost))
            self._jitter(role).observe(media.jitter_us / 1_000_000)
        if media.round_trip_us:
            self._round_trip(role).observe(media.round_trip_us / 1_000_000)
