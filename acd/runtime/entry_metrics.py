"""Calls in figures by the number dialled (the entry).

What was dialled may be anything, so only an entry of the directory is a label: other numbers are
``unknown``.  Synthetic calls are in none of them.
"""

from acd.core.directory import EntryKind
from acd.core.directory_diff import Staffing
from acd.core.facts import CallAnswered, CallEnded, CallOffered, CallTakenUp, Outcome
from acd.core.ids import CallId, EntryId
from acd.runtime.call_metrics import ANSWER_BUCKETS_S
from acd.runtime.exposition import Exposition

UNKNOWN = EntryId("unknown")


class EntryMetrics:
    """Registers the entries' metrics and counts their facts; offered calls by entry are in
    ``huling_calls_offered_total``."""

    def __init__(self, out: Exposition) -> None:
        self._answered = out.counter_by(
            "huling_entry_calls_answered", "Calls an agent answered, once each.", "entry"
        )
        self._abandoned = out.counter_by(
            "huling_entry_calls_abandoned", "Calls whose caller left unanswered.", "entry"
        )
        self._answer_time = out.histogram_by(
            "huling_entry_answer_time_seconds",
            "From the INVITE to the first agent's audio, by the number dialled.",
            ANSWER_BUCKETS_S,
            "entry",
        )
        self._abandon_time = out.histogram_by(
            "huling_entry_abandon_time_seconds",
            "From the INVITE to the caller's leaving unanswered, by the number dialled.",
            ANSWER_BUCKETS_S,
            "entry",
        )
        self._entries: dict[CallId, EntryId] = {}
        """Of live calls that are not synthetic."""
        out.on(CallOffered, self._note)
        out.on(CallTakenUp, self._taken_up)
        out.on(CallAnswered, self._count_answered)
        out.on(CallEnded, self._count_ended)

    def expect(self, staffing: Staffing) -> None:
        """Show the directory's entries at 0 before their first call."""
        for entry in staffing.entries.values():
            if entry.kind is not EntryKind.SYNTHETIC:
                self._answered(entry.id).inc(0)
                self._abandoned(entry.id).inc(0)
                self._answer_time(entry.id)
                self._abandon_time(entry.id)

    def _note(self, fact: CallOffered | CallTakenUp) -> None:
        if not fact.synthetic:
            self._entries[fact.call] = fact.entry or UNKNOWN

    def _taken_up(self, fact: CallTakenUp) -> None:
        if not fact.is_placed:
            self._note(fact)

    def _count_answered(self, fact: CallAnswered) -> None:
        entry = self._entries.get(fact.call)
        if entry is not None and not fact.again:
            self._answered(entry).inc()
            self._answer_time(entry).observe(fact.wait_ms / 1000)

    def _count_ended(self, fact: CallEnded) -> None:
        entry = self._entries.pop(fact.call, None)
        if entry is not None and fact.outcome is Outcome.ABANDONED:
            self._abandoned(entry).inc()
            self._abandon_time(entry).observe(fact.wait_ms / 1000)
