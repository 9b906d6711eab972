"""Calls in figures by the number dialled (the entry).

What was dialled may be anything, so only an entry of the directory is a label: other numbers are
``unknown``.  Synthetic calls are in none of them.
"""

from acd.core.directory import EntryKind
from acd.core.directory_diff import Staffing
from acd.core.facts import CallEnded
from acd.runtime.metrics.call_tallies import Answers, CallTallies, Conversations, Times
from acd.runtime.metrics.calls import (
    ABANDONED,
    ANSWER_BUCKETS_S,
    HANDLE_BUCKETS_S,
    WRAP_UP_BUCKETS_S,
)
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.series import Ordered


class EntryMetrics:
    """Registers the entries' metrics and counts their facts; offered calls by entry are in
    ``huling_calls_offered_total``."""

    def __init__(self, out: Exposition, tallies: CallTallies) -> None:
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
        self._handle_time = out.histogram_by(
            "huling_entry_handle_time_seconds",
            "Talk and wrap-up of one conversation, by the number dialled.",
            HANDLE_BUCKETS_S,
            "entry",
        )
        self._wrap_up = out.histogram_by(
            "huling_entry_wrap_up_seconds", "Its notes.", WRAP_UP_BUCKETS_S, "entry"
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
        self._entries = tallies.entries
        tallies.answered.into(self._show_answered)
        tallies.wrapped_up.into(self._show_wrapped_up)
        out.on_all(CallEnded, self._count_ended)

    def expect(self, staffing: Staffing) -> None:
        """Show the directory's entries at 0 before their first call."""
        for entry in staffing.entries.values():
            if entry.kind is not EntryKind.SYNTHETIC:
                for times in (
                    self._answer_time,
                    self._abandon_time,
                    self._handle_time,
                    self._wrap_up,
                ):
                    times[entry.id].fold()

    def _show_answered(self, key: Answers, waits_ms: Ordered) -> None:
        _, _, entry = key
        if entry is not None:
            self._answer_time[entry].add(waits_ms)

    def _show_wrapped_up(self, key: Conversations, times_ms: Times) -> None:
        _, _, entry = key
        if entry is not None:
            self._handle_time[entry].add(times_ms.handled)
            self._wrap_up[entry].add(times_ms.notes)

    def _count_ended(self, facts: list[CallEnded]) -> None:
        for fact in facts:
            entry = self._entries.pop(fact.call, None)
            if fact.outcome is ABANDONED and entry is not None:
                self._abandon_time[entry].observe(fact.wait_ms)
