"""Calls in figures by the number dialled (the entry).

What was dialled may be anything, so only an entry of the directory is a label: other numbers are
``unknown``.  Synthetic calls are in none of them.
"""

from acd.core.directory import EntryKind
from acd.core.directory_diff import Staffing
from acd.core.facts import CallAnswered, CallEnded, CallOffered, CallTakenUp
from acd.core.ids import CallId, EntryId
from acd.runtime.call_metrics import ABANDONED, ANSWER_BUCKETS_S, UNKNOWN
from acd.runtime.exposition import Exposition


class EntryMetrics:
    """Registers the entries' metrics and counts their facts; offered calls by entry are in
    ``huling_calls_offered_total``."""

    def __init__(self, out: Exposition) -> None:
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
        out.counter_of(
            self._answer_time,
            "huling_entry_calls_answered",
            "Calls an agent answered, once each.",
            "entry",
        )
        out.counter_of(
            self._abandon_time,
            "huling_entry_calls_abandoned",
            "Calls whose caller left unanswered.",
            "entry",
        )
        self._entries: dict[CallId, EntryId] = {}
        """Of live calls that are not synthetic."""
        out.on_all(CallOffered, self._note_offered)
        out.on_all(CallTakenUp, self._taken_up)
        out.on_all(CallAnswered, self._count_answered)
        out.on_all(CallEnded, self._count_ended)

    def expect(self, staffing: Staffing) -> None:
        """Show the directory's entries at 0 before their first call."""
        for entry in staffing.entries.values():
            if entry.kind is not EntryKind.SYNTHETIC:
                self._answer_time[entry.id].fold()
                self._abandon_time[entry.id].fold()

    def _note_offered(self, facts: list[CallOffered]) -> None:
        for fact in facts:
            if not fact.synthetic:
                self._entries[fact.call] = fact.entry or UNKNOWN

    def _taken_up(self, facts: list[CallTakenUp]) -> None:
        for fact in facts:
            if not fact.synthetic and not fact.is_placed:
                self._entries[fact.call] = fact.entry or UNKNOWN

    def _count_answered(self, facts: list[CallAnswered]) -> None:
        for fact in facts:
            entry = self._entries.get(fact.call)
            if entry is not None and not fact.again:
                self._answer_time[entry].observe(fact.wait_ms)

    def _count_ended(self, facts: list[CallEnded]) -> None:
        for fact in facts:
            entry = self._entries.pop(fact.call, None)
            if fact.outcome is ABANDONED and entry is not None:
                self._abandon_time[entry].observe(fact.wait_ms)
