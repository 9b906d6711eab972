"""A report's figures, from sums; and the check that they add up (K04).

A share or a mean of nothing is None: neither 0 nor 100 %.  Definitions are those of
docs/metrics.md: calls count from the INVITE to an agent's audio (C01, C03), outcomes are what the
core has decided, marks (a broken promise, an incident) are not outcomes.
"""

from collections.abc import Iterable, Mapping

import msgspec

from acd.adapters.postgres.reports import CallSums, PlacedSums
from acd.core.emergency.guide import Flow
from acd.core.facts import Outcome
from acd.core.scripts import RatingScale

GOING_ON = "going_on"
"""Calls without an outcome yet."""

OF_PLACED = (
    Outcome.BUSY,
    Outcome.NO_ANSWER,
    Outcome.REJECTED,
    Outcome.UNREACHABLE,
    Outcome.NO_TRUNK,
    Outcome.WITHDRAWN,
)
"""What a number that we called can say; no call that comes in ends so."""

OUTCOMES = (*(one.value for one in Outcome if one not in OF_PLACED), GOING_ON)
PLACED_OUTCOMES = (
    Outcome.ANSWERED.value,
    *(one.value for one in OF_PLACED),
    Outcome.FALLBACK.value,
    Outcome.LOST.value,
    GOING_ON,
)


NEUTRAL = "一般"
CONTENT = {
    RatingScale.S0: ("非常满意", "比较满意", "满意"),
    RatingScale.S2: ("非常满意", "比较满意", NEUTRAL),
}
"""Whose word satisfies.  That the neutral one does is S2's rule; S0 has none (C04)."""


def words_of_the_content(*, neutral_counts: bool) -> list[str]:
    """Return the ratings, as "scale word", that count as satisfied; ``neutral_counts`` decides for
    S0, whose standard says nothing of it."""
    words = [f"{scale} {word}" for scale, words in CONTENT.items() for word in words]
    return [*words, f"{RatingScale.S0} {NEUTRAL}"] if neutral_counts else words


NOBODY = "—"
"""Calls that have no agent, seat, queue or entry, or of which nobody has said what they are."""


class DoesNotAddUp(Exception):
    """The record holds what cannot be; the sentence says what."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one group of calls.  Durations are milliseconds, shares 0 to 1."""

    offered: int
    outcomes: dict[str, int]
    answered: int
    abandoned: int
    within_10_s: int
    within_15_s: int
    within_20_s: int
    left_within_5_s: int
    promises_broken: int
    incidents: int
    made_good: int
    """Unanswered, and reached afterwards: by a callback, or when they called again (C02)."""
    uncallable: int
    """Unanswered, not reached afterwards, and cannot be called: there is no number (C02, T14)."""
    connect: float | None
    connect_adjusted: float | None
    """Without those who left within 5 s (C02)."""
    connect_finally: float | None
    """With those who were reached afterwards."""
    abandonment: float | None
    level_10: float | None
    level_15: float | None
    level_20: float | None
    level_10_adjusted: float | None
    """Without those who left within 5 s (C02)."""
    speed_of_answer_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    wrap_up_ms: int | None
    handle_ms: int | None
    longest_wait_ms: int | None
    rated: int
    satisfied: int
    satisfaction: float | None
    """Of those who have said anything (V17)."""


def figures(sums: Iterable[CallSums]) -> Figures:
    """Return the figures of a group from its sums by outcome."""
    rows = list(sums)

    def total(name: str) -> int:
        return sum(getattr(row, name) for row in rows)

    outcomes = dict.fromkeys(OUTCOMES, 0)
    for row in rows:
        name = row.outcome or GOING_ON
        outcomes[name] = outcomes.get(name, 0) + row.calls
    offered, answered = sum(outcomes.values()), outcomes[Outcome.ANSWERED]
    handle = total("talk_ms") + total("hold_ms") + total("wrap_up_ms")
    waits = [row.longest_wait_ms for row in rows if row.longest_wait_ms is not None]
    return Figures(
        offered=offered,
        outcomes=outcomes,
        answered=answered,
        abandoned=outcomes[Outcome.ABANDONED],
        within_10_s=total("within_10_s"),
        within_15_s=total("within_15_s"),
        within_20_s=total("within_20_s"),
        left_within_5_s=total("left_within_5_s"),
        promises_broken=total("promises_broken"),
        incidents=total("incidents"),
        made_good=total("made_good"),
        uncallable=total("uncallable"),
        connect=_share(answered, offered),
        connect_adjusted=_share(answered, offered - total("left_within_5_s")),
        connect_finally=_share(answered + total("made_good"), offered),
        abandonment=_share(outcomes[Outcome.ABANDONED], offered),
        level_10=_share(total("within_10_s"), offered),
        level_15=_share(total("within_15_s"), offered),
        level_20=_share(total("within_20_s"), offered),
        level_10_adjusted=_share(total("within_10_s"), offered - total("left_within_5_s")),
        speed_of_answer_ms=_mean(total("wait_ms"), answered),
        talk_ms=_mean(total("talk_ms"), answered),
        hold_ms=_mean(total("hold_ms"), answered),
        wrap_up_ms=_mean(total("wrap_up_ms"), answered),
        handle_ms=_mean(handle, answered),
        longest_wait_ms=max(waits, default=None),
        rated=total("rated"),
        satisfied=total("satisfied"),
        satisfaction=_share(total("satisfied"), total("rated")),
    )


class Placed(msgspec.Struct, frozen=True):
    """Calls that we placed (K01)."""

    calls: int
    answered: int
    outcomes: dict[str, int]
    connect: float | None
    talk_ms: int | None
    """Mean of the answered ones."""


def placed(sums: Iterable[PlacedSums]) -> Placed:
    """Return the figures of the calls that we placed.  Raises DoesNotAddUp."""
    outcomes, talk_ms = dict.fromkeys(PLACED_OUTCOMES, 0), 0
    for row in sums:
        outcomes[row.outcome or GOING_ON] = row.calls
        talk_ms += row.talk_ms
    unknown = sorted(set(outcomes) - set(PLACED_OUTCOMES))
    if unknown:
        raise DoesNotAddUp(f"Placed calls have ended as {', '.join(unknown)}, which cannot be.")
    calls, answered = sum(outcomes.values()), outcomes[Outcome.ANSWERED]
    return Placed(calls, answered, outcomes, _share(answered, calls), _mean(talk_ms, answered))


def must_add_up(
    counted: int, total: Figures, groups: Mapping[str, Mapping[str, Figures]], impossible: int
) -> None:
    """Raise DoesNotAddUp unless parts and whole agree.

    ``counted`` is how many calls there are, counted by itself; ``groups`` are those that divide
    all calls among them.
    """
    if impossible:
        raise DoesNotAddUp(
            f"{impossible} calls hold what cannot be (an answer before the arrival, a negative "
            "length): no figures are shown until that is explained."
        )
    unknown = sorted(set(total.outcomes) - set(OUTCOMES))
    if unknown:
        raise DoesNotAddUp(f"Calls have ended as {', '.join(unknown)}, which no report knows.")
    if total.offered != counted:
        raise DoesNotAddUp(
            f"{counted} calls came in, but their outcomes are {total.offered}: "
            "no figures are shown until that is explained."
        )
    if not total.within_10_s <= total.within_15_s <= total.within_20_s <= total.answered:
        raise DoesNotAddUp("More calls were answered within a time than within a longer one.")
    for group, members in groups.items():
        sums = sum(one.offered for one in members.values())
        if sums != counted:
            raise DoesNotAddUp(f"{counted} calls came in, but by {group} they are {sums}.")


def trend_must_add_up(
    trend: Mapping[str, Mapping[str, Figures]], groups: Mapping[str, Mapping[str, Figures]]
) -> None:
    """Raise DoesNotAddUp unless each flow's parts are the flow, each part's flows the part, and
    every flow is one that agents can name."""
    unknown = sorted(set(groups["flow"]) - {*Flow, NOBODY})
    if unknown:
        raise DoesNotAddUp(f"Calls have turned out to be {', '.join(unknown)}, which is no flow.")
    for flow, whole in groups["flow"].items():
        sums = sum(one.offered for one in trend.get(flow, {}).values())
        if sums != whole.offered:
            raise DoesNotAddUp(f"{whole.offered} calls were {flow}, but over time they are {sums}.")
    for part, whole in groups["part"].items():
        sums = sum(parts[part].offered for parts in trend.values() if part in parts)
        if sums != whole.offered:
            raise DoesNotAddUp(f"{whole.offered} calls came in at {part}, but by flow {sums}.")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(total: int, count: int) -> int | None:
    return round(total / count) if count else None
