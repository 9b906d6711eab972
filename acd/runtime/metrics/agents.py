"""Agents in figures, counted from facts: test rings, reservations, longer notes.

No label names a person: what one agent does is a matter of the records, and of who may see them.
"""

from acd.core.facts import (
    AgentStateChanged,
    ChairFoundEmpty,
    LeaveAnswered,
    LeaveResult,
    LeaveWhy,
    LeftWithoutConsent,
    TestResult,
    TestRingEnded,
    WrapUpExtended,
)
from acd.core.tables import AgentState
from acd.runtime.metrics.exposition import Exposition

_NOT_RESPONDING = AgentState.NOT_RESPONDING
"""To look a member up in its enumeration costs more than to count it."""


class AgentMetrics:
    """Registers the agents' metrics and counts their facts."""

    def __init__(self, out: Exposition) -> None:
        tests = out.counter_by(
            "huling_test_rings", "Test rings of agents not responding.", "result"
        )
        for result in TestResult:
            tests[result]
        self._silent = out.counter_by(
            "huling_agents_not_responding", "Agents who fell silent, by why.", "reason"
        )
        empty = out.counter("huling_chairs_found_empty", "Phones that answered for nobody.")
        out.on(ChairFoundEmpty, lambda fact: empty.inc())
        asked = out.counter_by("huling_leave_answered", "Wishes to go, by answer.", "result")
        for answer in LeaveResult:
            asked[answer]
        alone = out.counter_by(
            "huling_left_without_consent", "Who went while no supervisor was there.", "why"
        )
        for why in LeaveWhy:
            alone[why]
        out.on(LeaveAnswered, lambda fact: asked[fact.result].inc())
        out.on(LeftWithoutConsent, lambda fact: alone[fact.why].inc())
        extended = out.counter("huling_wrap_up_extensions", "Wrap-ups that were extended.")
        out.on(TestRingEnded, lambda fact: tests[fact.result].inc())
        out.on(WrapUpExtended, lambda fact: extended.inc())
        out.on_all(AgentStateChanged, self._count_silent)

    def _count_silent(self, facts: list[AgentStateChanged]) -> None:
        for fact in [fact for fact in facts if fact.now is _NOT_RESPONDING]:
            self._silent[fact.reason].inc()
