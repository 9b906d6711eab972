"""Calls in figures, counted from facts: what came in, how long it waited, how it ended.

Synthetic calls have counters of their own and are in no other.  What each figure means, and by
which formula a service level is made of it, stands in ``docs/metrics.md``.
"""

from enum import StrEnum

from acd.core.directory import EntryKind
from acd.core.directory_diff import Staffing
from acd.core.facts import (
    CallAnswered,
    CallEnded,
    CallOffered,
    CallPickedUp,
    CallRated,
    CallRequeued,
    CallTakenUp,
    IncidentOpened,
    MenuAnswered,
    ObligationNoted,
    OfferMade,
    OfferResult,
    Outcome,
    PromiseBroken,
    RatingAsked,
)
from acd.core.follow_up.owed import Closing, ObligationKind
from acd.core.ids import CallId, EntryId, QueueId
from acd.core.scripts import RATINGS, Then
from acd.core.tables import CallState
from acd.runtime.metrics.call_tallies import Answers, CallTallies, Conversations, Offers, Times
from acd.runtime.metrics.counts import Ordered
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.synthetic_calls import SyntheticCalls

ANSWER_BUCKETS_S = (1, 2, 3, 5, 10, 15, 20, 60, 180)
"""10 s is the promise (C01), 180 s is three rounds of ringing outside; below 5 s to see drift."""
HANDLE_BUCKETS_S = (15, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
WRAP_UP_BUCKETS_S = (5, 10, 20, 30, 60, 120, 300, 600)
"""60 s is the target for notes (requirement on average wrap-up, 平均整理时长)."""
MENU_START_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
RING_BUCKETS_S = (1, 2, 3, 5, 7, 10, 11, 15, 30)
"""The third ring begins at 10 s and ends at 11 s (C01); 30 s are six rings (F07)."""
FIRST_OFFER_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 2, 5, 10, 60)

FOUND_STATES = (
    CallState.TALKING,
    CallState.OFFERING,
    CallState.WAITING,
    CallState.ENDING,
)
"""In which a call can be found after a restart."""

MADE_GOOD = (Closing.REACHED, Closing.CALLED_AGAIN, Closing.DONE)
"""Endings of a callback by which somebody has talked with the caller, or says so (C02)."""

ABANDONED = Outcome.ABANDONED
"""To look a member up in its enumeration costs more than to count it."""
SERVED = (Outcome.SELF_SERVED, Outcome.VOICEMAIL, Outcome.CALLBACK)


class SelfService(StrEnum):
    """How a caller came out of the machine (V18)."""

    SERVED = "served"
    """It gave what was wanted, or took it down."""
    PERSON = "person"
    """A key led to people, as the caller meant."""
    GAVE_UP = "gave_up"
    """People were rung because no key that means anything came."""
    LEFT = "left"


class MenuStep(StrEnum):
    """What a caller did when a menu asked (T17)."""

    CHOSEN = "chosen"
    """A key that means something."""
    WRONG_KEY = "wrong_key"
    NOTHING = "nothing"
    """No key in time."""

    @staticmethod
    def of(fact: MenuAnswered) -> "MenuStep":
        if fact.chosen:
            return MenuStep.CHOSEN
        return MenuStep.NOTHING if fact.key is None else MenuStep.WRONG_KEY


class CallMetrics:
    """Registers the calls' metrics and counts their facts."""

    def __init__(self, out: Exposition, synthetic: SyntheticCalls, tallies: CallTallies) -> None:
        self._offered = out.counter_by(
            "huling_calls_offered", "Calls that came in.", "entry", "queue"
        )
        self._ended = out.counter_by(
            "huling_calls_ended", "Calls that ended, by outcome.", "queue", "outcome"
        )
        self._broken = out.counter_by(
            "huling_promises_broken", "Callers unanswered at their deadline.", "queue"
        )
        self._incidents = out.counter_by(
            "huling_incidents_opened", "Callers unanswered until a person must know.", "queue"
        )
        self._requeued = out.counter("huling_calls_requeued", "Callers put back in their queue.")
        self._answer_time = out.histogram_by(
            "huling_answer_time_seconds",
            "From the INVITE to the first agent's audio.",
            ANSWER_BUCKETS_S,
            "queue",
        )
        self._abandon_time = out.histogram_by(
            "huling_abandon_time_seconds",
            "From the INVITE to the caller's leaving unanswered.",
            ANSWER_BUCKETS_S,
            "queue",
        )
        out.counter_of(
            self._answer_time,
            "huling_calls_answered",
            "Calls an agent answered, once each.",
            "queue",
        )
        out.counter_of(
            self._abandon_time,
            "huling_calls_abandoned",
            "Calls whose caller left unanswered.",
            "queue",
        )
        self._first_offer = out.histogram_by(
            "huling_first_offer_seconds",
            "From the INVITE to the first agent rung.",
            FIRST_OFFER_BUCKETS_S,
            "queue",
        )
        self._handle_time = out.histogram_by(
            "huling_handle_time_seconds",
            "Talk and wrap-up of one conversation.",
            HANDLE_BUCKETS_S,
            "queue",
        )
        self._talk_time = out.histogram_by(
            "huling_talk_time_seconds",
            "One conversation, without its wrap-up.",
            HANDLE_BUCKETS_S,
            "queue",
        )
        self._wrap_up = out.histogram_by(
            "huling_wrap_up_seconds",
            "The notes after one conversation.",
            WRAP_UP_BUCKETS_S,
            "queue",
        )
        self._made_good = out.counter_by(
            "huling_calls_made_good",
            "Unanswered calls whose caller was reached afterwards.",
            "queue",
            "closing",
        )
        self._self_service = out.counter_by(
            "huling_self_service_ended", "Calls that met a menu, by how that ended.", "result"
        )
        self._menu_start = out.histogram(
            "huling_menu_start_seconds",
            "From the INVITE until a caller hears the menu (T17).",
            MENU_START_BUCKETS_S,
        )
        self._menu_steps = out.counter_by(
            "huling_menu_steps", "What callers did when a menu asked them (T17).", "result"
        )
        self._ratings_asked = out.counter_by(
            "huling_ratings_asked", "Callers asked how content they are.", "queue"
        )
        self._ratings = out.counter_by(
            "huling_ratings", "What they said, in the scale's words.", "queue", "scale", "rating"
        )
        self._synthetic_offered = out.counter(
            "huling_synthetic_calls_offered", "Synthetic calls that came in."
        )
        self._synthetic_answered = out.counter(
            "huling_synthetic_calls_answered", "Synthetic calls answered."
        )
        self._synthetic_ended = out.counter_by(
            "huling_synthetic_calls_ended", "Synthetic calls that ended.", "outcome"
        )
        self._synthetic_broken = out.counter(
            "huling_synthetic_promises_broken", "Synthetic calls unanswered at their deadline."
        )
        self._synthetic_incidents = out.counter(
            "huling_synthetic_incidents_opened", "Synthetic calls unanswered for too long."
        )
        self._synthetic_answer_time = out.histogram(
            "huling_synthetic_answer_time_seconds",
            "From a synthetic call's INVITE to the answer.",
            ANSWER_BUCKETS_S,
        )
        self._offers = out.counter("huling_offers", "Agents rung.")
        self._offers_ended = out.counter_by(
            "huling_offers_ended", "How ringing an agent ended.", "result"
        )
        self._ring_time = out.histogram_by(
            "huling_ring_time_seconds",
            "How long an agent's phone rang, by how that ended (C01: the three rings).",
            RING_BUCKETS_S,
            "result",
        )
        self._synthetic = synthetic
        self._with_machine: dict[CallId, SelfService] = {}
        """Of live calls that met a menu, how it would end for each if they left now."""
        self._taken_up = out.counter_by(
            "huling_calls_taken_up",
            "Calls that lived on while the service was away, by the state they were found in.",
            "state",
        )
        for state in FOUND_STATES:
            self._taken_up[state].inc(0)
        out.on(CallTakenUp, lambda fact: self._taken_up[fact.state].inc())
        out.on_all(CallOffered, self._note_offered)
        tallies.offered.into(self._show_offered)
        out.on_all(CallAnswered, self._count_synthetic_answers)
        tallies.answered.into(self._show_answered)
        tallies.wrapped_up.into(self._show_wrapped_up)
        tallies.rung.into(self._show_rung)
        tallies.not_rung.into(self._show_not_rung)
        out.on(PromiseBroken, self._count_broken)
        out.on(IncidentOpened, self._count_incident)
        out.on(CallRequeued, lambda fact: self._requeued.inc())
        out.on_all(CallEnded, self._count_ended)
        out.on(ObligationNoted, self._count_made_good)
        out.on_all(CallPickedUp, self._count_picked_up)
        out.on(MenuAnswered, self._note_menu)
        out.on(RatingAsked, lambda fact: self._ratings_asked[fact.queue].inc())
        out.on(CallRated, lambda fact: self._ratings[fact.queue, fact.scale, fact.rating].inc())
        out.on_all(OfferMade, self._count_offers)

    def expect(self, staffing: Staffing) -> None:
        """Show the directory's entries and queues at 0 before their first call: a counter that
        begins at 1 hides its first step from Prometheus."""
        entries = staffing.entries.values()
        synthetic = {entry.queue for entry in entries if entry.kind is EntryKind.SYNTHETIC}
        others = {entry.queue for entry in entries if entry.kind is not EntryKind.SYNTHETIC}
        for queue in staffing.queues:
            if queue in synthetic and queue not in others:
                continue
            for labelled in (self._broken, self._incidents):
                labelled[queue].inc(0)
            for closing in MADE_GOOD:
                self._made_good[queue, closing].inc(0)
            if (scale := staffing.queues[queue].treatment.rating) is not None:
                self._ratings_asked[queue].inc(0)
                for rating in RATINGS[scale]:
                    self._ratings[queue, scale, rating].inc(0)
            for times in (
                self._answer_time,
                self._abandon_time,
                self._first_offer,
                self._handle_time,
                self._talk_time,
                self._wrap_up,
            ):
                times[queue].fold()
        for way in SelfService:
            self._self_service[way].inc(0)
        for step in MenuStep:
            self._menu_steps[step].inc(0)
        for result in OfferResult:
            self._offers_ended[result].inc(0)
            self._ring_time[result].fold()
        for entry in entries:
            if entry.kind is not EntryKind.SYNTHETIC:
                self._offered[entry.id, entry.queue].inc(0)

    def _note_offered(self, facts: list[CallOffered]) -> None:
        for fact in facts:
            if fact.synthetic:
                self._synthetic_offered.inc()
            elif fact.menu is not None:
                self._with_machine[fact.call] = SelfService.LEFT

    def _show_offered(self, key: tuple[EntryId, QueueId | None], calls: int) -> None:
        self._offered[key].inc(calls)

    def _count_offers(self, facts: list[OfferMade]) -> None:
        synthetic = self._synthetic.calls
        self._offers.inc(len([fact for fact in facts if fact.call not in synthetic]))

    def _count_synthetic_answers(self, facts: list[CallAnswered]) -> None:
        for fact in facts:
            if fact.synthetic and not fact.again:
                self._synthetic_answered.inc()
                self._synthetic_answer_time.observe(fact.wait_ms)

    def _show_answered(self, key: Answers, waits_ms: Ordered) -> None:
        queue, _, _ = key
        self._answer_time[queue].add(waits_ms)

    def _show_wrapped_up(self, key: Conversations, times_ms: Times) -> None:
        queue, _, _ = key
        self._handle_time[queue].add(times_ms.handled)
        self._talk_time[queue].add(times_ms.talks)
        self._wrap_up[queue].add(times_ms.notes)

    def _show_rung(self, key: Offers, rings_ms: Ordered) -> None:
        _, result = key
        self._offers_ended[result].inc(rings_ms.count)
        self._ring_time[result].add(rings_ms)

    def _show_not_rung(self, key: Offers, offers: int) -> None:
        _, result = key
        self._offers_ended[result].inc(offers)

    def _count_broken(self, fact: PromiseBroken) -> None:
        if fact.synthetic:
            self._synthetic_broken.inc()
        else:
            self._broken[fact.queue].inc()

    def _count_incident(self, fact: IncidentOpened) -> None:
        if fact.synthetic:
            self._synthetic_incidents.inc()
        else:
            self._incidents[fact.queue].inc()

    def _count_ended(self, facts: list[CallEnded]) -> None:
        ended, first_offer, with_machine = self._ended, self._first_offer, self._with_machine
        for fact in facts:
            if fact.synthetic:
                self._synthetic_ended[fact.outcome].inc()
                continue
            queue, outcome = fact.queue, fact.outcome
            ended[queue, outcome].value += 1
            if with_machine and (result := with_machine.pop(fact.call, None)) is not None:
                served = result is SelfService.LEFT and outcome in SERVED
                self._self_service[SelfService.SERVED if served else result].inc()
            if outcome is ABANDONED:
                self._abandon_time[queue].observe(fact.wait_ms)
            if fact.first_offer_ms is not None:
                first_offer[queue].observe(fact.first_offer_ms - fact.arrived_ms)

    def _count_picked_up(self, facts: list[CallPickedUp]) -> None:
        if self._with_machine:
            for fact in facts:
                if fact.call in self._with_machine:
                    self._menu_start.observe(fact.at_ms - fact.arrived_ms)

    def _note_menu(self, fact: MenuAnswered) -> None:
        if fact.call not in self._synthetic.calls:
            self._menu_steps[MenuStep.of(fact)].inc()
        if fact.call in self._with_machine and fact.then is Then.QUEUE:
            chosen = SelfService.PERSON if fact.chosen else SelfService.GAVE_UP
            self._with_machine[fact.call] = chosen

    def _count_made_good(self, fact: ObligationNoted) -> None:
        owed = fact.obligation
        if owed.kind is ObligationKind.CALLBACK and owed.closing in MADE_GOOD and owed.unanswered:
            self._made_good[owed.queue, owed.closing].inc(owed.unanswered)
