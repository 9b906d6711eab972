"""Emergencies in figures: cases by who opened them, and how soon agent B was there (E14).

Only a case's first B is measured: whoever is called later is called beside a conversation that has
its A and B already.
"""

from collections.abc import Callable
from typing import Any

from acd.core.emergency.case import CaseOrigin, CaseRole, Place
from acd.core.facts import CallEnded, CaseNoted, LegMoved, OfferEnded, OfferMade, PlacedCallEnded
from acd.core.ids import AgentId, CallId, OfferId
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.past import Batch

RING_BUCKETS_S = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
"""B's telephone is to ring within 1 s of the command."""
JOIN_BUCKETS_S = (1, 2, 3, 5, 8, 10, 15, 30, 60)
"""8 s is one agent's ring; without anybody by 10 s the shift is one agent (C17)."""

B_OFFERED = f"case role {CaseRole.B}"


class CaseMetrics:
    """Registers the cases' metrics and counts their facts."""

    def __init__(self, out: Exposition) -> None:
        self._opened = out.counter_by("huling_cases_opened", "Cases, by who opened them.", "origin")
        self._ring_time = out.histogram(
            "huling_case_b_ring_seconds",
            "From a case's opening to B's telephone ringing.",
            RING_BUCKETS_S,
        )
        self._join_time = out.histogram(
            "huling_case_b_join_seconds", "From a case's opening to B's audio.", JOIN_BUCKETS_S
        )
        self._rings: dict[CallId, int] = {}
        """When the cases were opened for which no B's telephone has rung yet, by their call."""
        self._joins: dict[CallId, int] = {}
        """Likewise, for which no B is there yet."""
        self._taken: dict[CallId, AgentId] = {}
        """Who has picked up as B, and is not in the caller's room yet."""
        self._offers: dict[OfferId, CallId] = {}
        for origin in CaseOrigin:
            self._opened[origin].inc(0)
        self._tells: dict[type[Any], Callable[[Any], None]] = {
            CaseNoted: self._note,
            OfferMade: self._offer,
            OfferEnded: self._offer_ended,
            LegMoved: self._moved,
            CallEnded: self._forget,
            PlacedCallEnded: self._forget,
        }
        out.past.follow(self._take)

    def _take(self, batch: Batch) -> None:
        """Follow in order what belongs together; most of the time no case waits for anything."""
        if CaseNoted in batch.by_kind or self._rings or self._joins or self._offers:
            for fact in batch.facts:
                tell = self._tells.get(type(fact))
                if tell is not None:
                    tell(fact)

    def _note(self, fact: CaseNoted) -> None:
        if fact.what == "opened":
            self._opened[fact.case.origin].inc()
            if fact.call is not None:
                self._rings[fact.call] = self._joins[fact.call] = fact.at_ms
        elif fact.call in self._joins and fact.case.b is not None:
            self._taken[fact.call] = fact.case.b

    def _offer(self, fact: OfferMade) -> None:
        if fact.call in self._rings and fact.selection == B_OFFERED:
            self._offers[fact.offer] = fact.call

    def _offer_ended(self, fact: OfferEnded) -> None:
        call = self._offers.pop(fact.offer, None)
        if call is not None and fact.ring_ms is not None and call in self._rings:
            rang_ms = fact.at_ms - fact.ring_ms
            self._ring_time.observe(rang_ms - self._rings.pop(call))

    def _moved(self, fact: LegMoved) -> None:
        if fact.place is Place.CALLER and fact.agent == self._taken.get(fact.call, ""):
            del self._taken[fact.call]
            self._join_time.observe(fact.at_ms - self._joins.pop(fact.call))

    def _forget(self, fact: CallEnded | PlacedCallEnded) -> None:
        for waiting in (self._rings, self._joins, self._taken):
            waiting.pop(fact.call, None)
