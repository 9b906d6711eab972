"""Calls in figures by the skill that they ask for, and who has it (K07: by skill).

A call asks for what its queue needs.  A queue that needs two skills counts under both, so these
figures must not be added up over skills.  Which queue needs what is read when the directory is;
calls of a queue that needs nothing, and synthetic calls, are in none of them.
"""

from collections import Counter
from collections.abc import Iterator

from acd.core import views
from acd.core.directory import EntryKind
from acd.core.directory_diff import Staffing
from acd.core.facts import (
    CallEnded,
    IncidentOpened,
    PromiseBroken,
)
from acd.core.ids import EntryId, QueueId
from acd.core.switch import Core
from acd.core.tables import AgentState
from acd.runtime.metrics.call_tallies import Answers, CallTallies, Conversations, Times
from acd.runtime.metrics.calls import (
    ABANDONED,
    ANSWER_BUCKETS_S,
    HANDLE_BUCKETS_S,
    WRAP_UP_BUCKETS_S,
)
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.series import Ordered

AT_WORK = (
    AgentState.READY,
    AgentState.RESERVED,
    AgentState.OFFERED,
    AgentState.TALKING,
    AgentState.WRAP_UP,
)


class SkillMetrics:
    """Registers the skills' metrics and counts their facts."""

    def __init__(self, out: Exposition, tallies: CallTallies) -> None:
        self._offered = out.counter_by(
            "huling_skill_calls_offered", "Calls that came in, by the skill asked for.", "skill"
        )
        self._broken = out.counter_by(
            "huling_skill_promises_broken", "Callers unanswered at their deadline.", "skill"
        )
        self._incidents = out.counter_by(
            "huling_skill_incidents_opened", "Callers unanswered until a person must know.", "skill"
        )
        self._answer_time = out.histogram_by(
            "huling_skill_answer_time_seconds",
            "From the INVITE to the first agent's audio, by the skill asked for.",
            ANSWER_BUCKETS_S,
            "skill",
        )
        self._abandon_time = out.histogram_by(
            "huling_skill_abandon_time_seconds",
            "From the INVITE to the caller's leaving unanswered.",
            ANSWER_BUCKETS_S,
            "skill",
        )
        self._handle_time = out.histogram_by(
            "huling_skill_handle_time_seconds",
            "Talk and wrap-up of one conversation, by the skill asked for.",
            HANDLE_BUCKETS_S,
            "skill",
        )
        self._wrap_up = out.histogram_by(
            "huling_skill_wrap_up_seconds", "Its notes.", WRAP_UP_BUCKETS_S, "skill"
        )
        out.counter_of(
            self._answer_time,
            "huling_skill_calls_answered",
            "Calls an agent answered, once each.",
            "skill",
        )
        out.counter_of(
            self._abandon_time,
            "huling_skill_calls_abandoned",
            "Calls whose caller left unanswered.",
            "skill",
        )
        self._needs: dict[QueueId | None, tuple[str, ...]] = {}
        tallies.offered.into(self._show_offered)
        tallies.answered.into(self._show_answered)
        out.on_all(CallEnded, self._count_ended)
        out.on(PromiseBroken, self._count_broken)
        out.on(IncidentOpened, self._count_incident)
        tallies.wrapped_up.into(self._show_wrapped_up)

    def expect(self, staffing: Staffing) -> None:
        """Read which queue needs what, and show each skill at 0 before its first call."""
        entries = staffing.entries.values()
        asked = {entry.queue for entry in entries if entry.kind is not EntryKind.SYNTHETIC}
        only_proofs = {entry.queue for entry in entries} - asked
        self._needs = {
            key: tuple(dict.fromkeys(need.skill for need in queue.needs))
            for key, queue in staffing.queues.items()
            if key not in only_proofs
        }
        for skill in sorted({skill for needs in self._needs.values() for skill in needs}):
            for counter in (
                self._offered,
                self._broken,
                self._incidents,
            ):
                counter[skill].inc(0)
            for times in (
                self._answer_time,
                self._abandon_time,
                self._handle_time,
                self._wrap_up,
            ):
                times[skill].fold()

    def _asked(self, fact: CallEnded | PromiseBroken | IncidentOpened) -> tuple[str, ...]:
        if fact.synthetic or fact.queue is None:
            return ()
        return self._needs.get(fact.queue, ())

    def _count_broken(self, fact: PromiseBroken) -> None:
        for skill in self._asked(fact):
            self._broken[skill].inc()

    def _count_incident(self, fact: IncidentOpened) -> None:
        for skill in self._asked(fact):
            self._incidents[skill].inc()

    def _show_offered(self, key: tuple[EntryId, QueueId | None], calls: int) -> None:
        _, queue = key
        for skill in self._needs.get(queue, ()):
            self._offered[skill].inc(calls)

    def _show_answered(self, key: Answers, waits_ms: Ordered) -> None:
        queue, _, _ = key
        for skill in self._needs.get(queue, ()):
            self._answer_time[skill].add(waits_ms)

    def _show_wrapped_up(self, key: Conversations, times_ms: Times) -> None:
        queue, _, _ = key
        for skill in self._needs.get(queue, ()):
            self._handle_time[skill].add(times_ms.handled)
            self._wrap_up[skill].add(times_ms.notes)

    def _count_ended(self, facts: list[CallEnded]) -> None:
        for fact in facts:
            if fact.outcome is ABANDONED:
                for skill in self._asked(fact):
                    self._abandon_time[skill].observe(fact.wait_ms)


def staff_of_skills(core: Core) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield (skill, ``ready`` or ``at_work``) and how many have it, at whatever level, as
    ``huling_agents`` counts people: no telephone outside, and no robot."""
    proofs = views.proof_queues(core.state)
    found: Counter[tuple[str, str]] = Counter()
    for agent in core.state.agents.values():
        if agent.profile.outside is not None or views.is_robot(agent, proofs):
            continue
        for skill, _ in agent.profile.skills:
            found[skill, "ready"] += agent.state is AgentState.READY
            found[skill, "at_work"] += agent.state in AT_WORK
    yield from found.items()
