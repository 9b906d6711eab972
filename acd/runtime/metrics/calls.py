"""Calls in figures, counted from facts: what came in, how long it waited, how it ended.

Synthetic calls have counters of their own and are in no other.  What each figure means, and by
which formula a service level is made of it, stands in ``docs/metrics.md``.
"""

from acd.core.directory import EntryKind
from acd.core.directory_diff import Staffing
from acd.core.facts import (
    CallAnswered,
    CallEnded,
    CallOffered,
    CallRequeued,
    CallTakenUp,
    IncidentOpened,
    ObligationNoted,
    Outcome,
    PromiseBroken,
)
from acd.core.follow_up.owed import Closing, ObligationKind
from acd.core.ids import EntryId, QueueId
from acd.core.tables import CallState
from acd.runtime.metrics.call_tallies import Answers, CallTallies, Conversations, Times
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.series import Ordered

ANSWER_BUCKETS_S = (1, 2, 3, 5, 10, 15, 20, 60, 180)
"""10 s is the promise (C01), 180 s is three rounds of ringing outside; below 5 s to see drift."""
HANDLE_BUCKETS_S = (15, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
WRAP_UP_BUCKETS_S = (5, 10, 20, 30, 60, 120, 300, 600)
"""60 s is the target for notes (requirement on average wrap-up, 平均整理时长)."""
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


def queues_of_callers(staffing: Staffing) -> list[QueueId]:
    """Return all queues but those where only proofs go."""
    entries = staffing.entries.values()
    synthetic = {entry.queue for entry in entries if entry.kind is EntryKind.SYNTHETIC}
    others = {entry.queue for entry in entries if entry.kind is not EntryKind.SYNTHETIC}
    return [queue for queue in staffing.queues if queue not in synthetic or queue in others]


class QueueTimes:
    """How long callers of each queue wait, talk and are written about."""

    def __init__(self, out: Exposition) -> None:
        self.answer_time = out.histogram_by(
            "huling_answer_time_seconds",
            "From the INVITE to the first agent's audio.",
            ANSWER_BUCKETS_S,
            "queue",
        )
        self.abandon_time = out.histogram_by(
            "huling_abandon_time_seconds",
            "From the INVITE to the caller's leaving unanswered.",
            ANSWER_BUCKETS_S,
            "queue",
        )
        self.first_offer = out.histogram_by(
            "huling_first_offer_seconds",
            "From the INVITE to the first agent rung.",
            FIRST_OFFER_BUCKETS_S,
            "queue",
        )
        self.handle_time = out.histogram_by(
            "huling_handle_time_seconds",
            "Talk and wrap-up of one conversation.",
            HANDLE_BUCKETS_S,
            "queue",
        )
        self.talk_time = out.histogram_by(
            "huling_talk_time_seconds",
            "One conversation, without its wrap-up.",
            HANDLE_BUCKETS_S,
            "queue",
        )
        self.wrap_up = out.histogram_by(
            "huling_wrap_up_seconds",
            "The notes after one conversation.",
            WRAP_UP_BUCKETS_S,
            "queue",
        )
        out.counter_of(
            self.answer_time,
            "huling_calls_answered",
            "Calls an agent answered, once each.",
            "queue",
        )
        out.counter_of(
            self.abandon_time,
            "huling_calls_abandoned",
            "Calls whose caller left unanswered.",
            "queue",
        )
        self.all = (
            self.answer_time,
            self.abandon_time,
            self.first_offer,
            self.handle_time,
            self.talk_time,
            self.wrap_up,
        )


class SyntheticCounts:
    """The same of synthetic calls, which are in no other figure."""

    def __init__(self, out: Exposition) -> None:
        self.offered = out.counter(
            "huling_synthetic_calls_offered", "Synthetic calls that came in."
        )
        self.answered = out.counter("huling_synthetic_calls_answered", "Synthetic calls answered.")
        self.ended = out.counter_by(
            "huling_synthetic_calls_ended", "Synthetic calls that ended.", "outcome"
        )
        self.broken = out.counter(
            "huling_synthetic_promises_broken", "Synthetic calls unanswered at their deadline."
        )
        self.incidents = out.counter(
            "huling_synthetic_incidents_opened", "Synthetic calls unanswered for too long."
        )
        self.answer_time = out.histogram(
            "huling_synthetic_answer_time_seconds",
            "From a synthetic call's INVITE to the answer.",
            ANSWER_BUCKETS_S,
        )


class CallMetrics:
    """Registers the calls' metrics and counts their facts."""

    def __init__(self, out: Exposition, tallies: CallTallies) -> None:
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
        self._times = QueueTimes(out)
        self._synthetic = SyntheticCounts(out)
        self._made_good = out.counter_by(
            "huling_calls_made_good",
            "Unanswered calls whose caller was reached afterwards.",
            "queue",
            "closing",
        )
        self._taken_up = out.counter_by(
            "huling_calls_taken_up",
            "Calls that lived on while the service was away, by the state they were found in.",
            "state",
        )
        for state in FOUND_STATES:
            self._taken_up[state].inc(0)
        out.on(CallTakenUp, lambda fact: self._taken_up[fact.state].inc())
        out.on_all(CallOffered, self._count_synthetic_offers)
        tallies.offered.into(self._show_offered)
        out.on_all(CallAnswered, self._count_synthetic_answers)
        tallies.answered.into(self._show_answered)
        tallies.wrapped_up.into(self._show_wrapped_up)
        out.on(PromiseBroken, self._count_broken)
        out.on(IncidentOpened, self._count_incident)
        out.on(CallRequeued, lambda fact: self._requeued.inc())
        out.on_all(CallEnded, self._count_ended)
        out.on(ObligationNoted, self._count_made_good)

    def expect(self, staffing: Staffing) -> None:
        """Show the directory's entries and queues at 0 before their first call: a counter that
        begins at 1 hides its first step from Prometheus."""
        for queue in queues_of_callers(staffing):
            for labelled in (self._broken, self._incidents):
                labelled[queue].inc(0)
            for closing in MADE_GOOD:
                self._made_good[queue, closing].inc(0)
            for times in self._times.all:
                times[queue].fold()
        for entry in staffing.entries.values():
            if entry.kind is not EntryKind.SYNTHETIC:
                self._offered[entry.id, entry.queue].inc(0)

    def _count_synthetic_offers(self, facts: list[CallOffered]) -> None:
        self._synthetic.offered.inc(len([fact for fact in facts if fact.synthetic]))

    def _show_offered(self, key: tuple[EntryId, QueueId | None], calls: int) -> None:
        self._offered[key].inc(calls)

    def _count_synthetic_answers(self, facts: list[CallAnswered]) -> None:
        for fact in facts:
            if fact.synthetic and not fact.again:
                self._synthetic.answered.inc()
                self._synthetic.answer_time.observe(fact.wait_ms)

    def _show_answered(self, key: Answers, waits_ms: Ordered) -> None:
        queue, _, _ = key
        self._times.answer_time[queue].add(waits_ms)

    def _show_wrapped_up(self, key: Conversations, times_ms: Times) -> None:
        queue, _, _ = key
        self._times.handle_time[queue].add(times_ms.handled)
        self._times.talk_time[queue].add(times_ms.talks)
        self._times.wrap_up[queue].add(times_ms.notes)

    def _count_broken(self, fact: PromiseBroken) -> None:
        if fact.synthetic:
            self._synthetic.broken.inc()
        else:
            self._broken[fact.queue].inc()

    def _count_incident(self, fact: IncidentOpened) -> None:
        if fact.synthetic:
            self._synthetic.incidents.inc()
        else:
            self._incidents[fact.queue].inc()

    def _count_ended(self, facts: list[CallEnded]) -> None:
        ended, first_offer = self._ended, self._times.first_offer
        for fact in facts:
            if fact.synthetic:
                self._synthetic.ended[fact.outcome].inc()
                continue
            queue, outcome = fact.queue, fact.outcome
            ended[queue, outcome].value += 1
            if outcome is ABANDONED:
                self._times.abandon_time[queue].observe(fact.wait_ms)
            if fact.first_offer_ms is not None:
                first_offer[queue].observe(fact.first_offer_ms - fact.arrived_ms)

    def _count_made_good(self, fact: ObligationNoted) -> None:
        owed = fact.obligation
        if owed.kind is ObligationKind.CALLBACK and owed.closing in MADE_GOOD and owed.unanswered:
            self._made_good[owed.queue, owed.closing].inc(owed.unanswered)
