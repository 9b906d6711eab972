"""Silent calls in figures: how often nobody responded, and how soon somebody does (E33, V13)."""

from acd.core.directory import EntryKind
from acd.core.directory_diff import Staffing
from acd.core.facts import (
    CallEnded,
    CallerResponded,
    NoResponseFlagged,
    Response,
    SilencePrompted,
)
from acd.runtime.metrics.exposition import Exposition

RESPONSE_BUCKETS_S = (0.5, 1, 2, 3, 5, 7.5, 10, 15, 30)
"""The first window ends 3 s after the agent's greeting, the second some 8 s after (F05)."""

_NO_RESPONSE = Response.NO_RESPONSE


class SilenceMetrics:
    """Registers the metrics of silent calls and counts their facts."""

    def __init__(self, out: Exposition) -> None:
        self._flagged = out.counter_by(
            "huling_silent_calls", "Calls flagged because nobody responded.", "queue"
        )
        self._ended = out.counter_by(
            "huling_calls_without_response",
            "Calls that ended without a response, a word of the agent or an outcome.",
            "queue",
        )
        prompts = out.counter("huling_silence_prompts", "Callers asked to speak.")
        response_time = out.histogram(
            "huling_response_time_seconds",
            "From the beginning of a silence's clock to the first near speech.",
            RESPONSE_BUCKETS_S,
        )
        out.on(NoResponseFlagged, lambda fact: self._flagged[fact.queue].inc())
        out.on(SilencePrompted, lambda fact: prompts.inc())
        out.on(CallerResponded, lambda fact: response_time.observe(fact.after_ms))
        out.on_all(CallEnded, self._count_ended)

    def expect(self, staffing: Staffing) -> None:
        """Show the directory's queues at 0 before their first silent call."""
        asked = {
            entry.queue
            for entry in staffing.entries.values()
            if entry.kind in (EntryKind.EMERGENCY, EntryKind.ENQUIRY)
        }
        for queue in staffing.queues:
            if queue in asked:
                self._flagged[queue].inc(0)
                self._ended[queue].inc(0)

    def _count_ended(self, facts: list[CallEnded]) -> None:
        for fact in facts:
            if fact.response is _NO_RESPONSE:
                self._ended[fact.queue].inc()
