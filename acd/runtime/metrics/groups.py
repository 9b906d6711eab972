"""Agents' work in figures by the group of the house that they belong to (H05).

Calls are offered to queues, not to groups: so these say what a group does with what reaches it, and
must not be taken for levels of all calls.  Agents without a group, robots among them, are in none
of them; the directory says which groups there are, and ``exposition`` bounds how many are shown.
"""

from collections import Counter
from collections.abc import Iterator

from acd.core.directory_diff import Staffing
from acd.core.facts import OfferResult
from acd.core.switch import Core
from acd.core.tables import AgentState
from acd.runtime.metrics.call_tallies import Answers, CallTallies, Conversations, Offers, Times
from acd.runtime.metrics.calls import ANSWER_BUCKETS_S, HANDLE_BUCKETS_S
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.series import Ordered
from acd.runtime.metrics.skills import AT_WORK


class GroupMetrics:
    """Registers the groups' metrics and counts their facts."""

    def __init__(self, out: Exposition, tallies: CallTallies) -> None:
        self._offers = out.counter_by(
            "huling_group_offers_ended", "Rings of a group's agents, by result.", "group", "result"
        )
        self._answer_time = out.histogram_by(
            "huling_group_answer_time_seconds",
            "From the INVITE to the first agent's audio, by that agent's group.",
            ANSWER_BUCKETS_S,
            "group",
        )
        self._ring_time = out.histogram_by(
            "huling_group_ring_time_seconds",
            "How long the phone of an agent who answered rang.",
            ANSWER_BUCKETS_S,
            "group",
        )
        self._talk_time = out.histogram_by(
            "huling_group_talk_time_seconds", "One conversation.", HANDLE_BUCKETS_S, "group"
        )
        self._wrap_up = out.histogram_by(
            "huling_group_wrap_up_seconds", "Its notes.", HANDLE_BUCKETS_S, "group"
        )
        self._tallies = tallies
        tallies.answered.into(self._show_answered)
        tallies.wrapped_up.into(self._show_wrapped_up)
        tallies.rung.into(self._show_rung)
        tallies.not_rung.into(self._show_not_rung)

    def expect(self, staffing: Staffing) -> None:
        """Read who belongs where, and show each group at 0 before its first call."""
        groups = {
            key: agent.group for key, agent in staffing.agents.items() if agent.group is not None
        }
        self._tallies.groups = groups
        for group in sorted(set(groups.values())):
            for result in (OfferResult.ACCEPTED, OfferResult.MISSED):
                self._offers[group, result].inc(0)
            for times in (self._answer_time, self._ring_time, self._talk_time, self._wrap_up):
                times[group].fold()

    def _show_rung(self, key: Offers, rings_ms: Ordered) -> None:
        group, result = key
        if group is not None:
            self._offers[group, result].inc(rings_ms.count)
            if result is OfferResult.ACCEPTED:
                self._ring_time[group].add(rings_ms)

    def _show_not_rung(self, key: Offers, offers: int) -> None:
        group, result = key
        if group is not None:
            self._offers[group, result].inc(offers)

    def _show_answered(self, key: Answers, waits_ms: Ordered) -> None:
        _, group, _ = key
        if group is not None:
            self._answer_time[group].add(waits_ms)

    def _show_wrapped_up(self, key: Conversations, times_ms: Times) -> None:
        _, group, _ = key
        if group is not None:
            self._talk_time[group].add(times_ms.talks)
            self._wrap_up[group].add(times_ms.notes)


def staff_of_groups(core: Core) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield (group, ``ready`` or ``at_work``) and how many of its agents are so."""
    found: Counter[tuple[str, str]] = Counter()
    for agent in core.state.agents.values():
        group = agent.profile.group
        if group is not None:
            found[group, "ready"] += agent.state is AgentState.READY
            found[group, "at_work"] += agent.state in AT_WORK
    yield from found.items()
