"""Stories of selection: who is first among those who could be rung, rule by rule."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest

from acd.core.directory import Queue, Selection
from acd.core.facts import OfferMade
from tests.core.story import EMERGENCY, ENQUIRY, Story, tell


def rule(selection: Selection) -> tuple[Queue, ...]:
    return (msgspec.structs.replace(EMERGENCY, selection=selection, wrap_up_ms=0), ENQUIRY)


@pytest.mark.parametrize(
    ("selection", "first"),
    [
        (Selection.LONGEST_IDLE, "8001"),
        (Selection.HIGHEST_SKILL, "8002"),
        (Selection.BEST_FIT, "8005"),
        (Selection.LINEAR, "8003"),
    ],
)
def test_each_rule_names_its_winner_and_the_next_best(selection: Selection, first: str) -> None:
    """An offer tells its rule, who else could have been rung, and why the others could not."""
    story = tell(
        """
        0.000  directory: agent 8001 emergency=7 | -
        0.000  directory: agent 8002 emergency=9 | -
        0.000  directory: agent 8003 emergency=8 | -
        0.100  8004 asks to pause for rest       | 8004 paused (rest); done: paused
        0.200  8003 asks to pause for rest       | 8003 paused (rest); done: paused
        0.300  8003 asks to be ready             | 8003 ready; done: ready
        """,
        agents="8003 8001 8002 8005 8004",
        queues=rule(selection),
    )
    story.moment("1.000", "A calls 95001")
    (made,) = [effect for effect in story.effects if isinstance(effect, OfferMade)]
    assert (made.agent, made.selection, made.free) == (first, selection, 4)
    assert sorted([made.agent, *made.next]) == ["8001", "8002", "8003", "8005"]
    assert made.skipped == (("paused", 1),)


def test_who_was_rung_last_is_last_in_turn() -> None:
    """Round robin goes by the ring, not by the answer."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.500  A hangs up               | offer withdrawn 8001; hang up 8001
        0.510  8001 is gone             | 8001 ready; close room A; ended A abandoned, wait 0.500
        1.000  B calls 95001            | offered B; ring 8002 for B; open room B
        """,
        agents="8001 8002",
        queues=rule(Selection.ROUND_ROBIN),
    )


@pytest.mark.parametrize("selection", [Selection.FEWEST_CALLS, Selection.LEAST_TALK])
def test_who_has_worked_least_is_first(selection: Selection) -> None:
    """8001 has had a call, 8002 none, though 8001 is the longest idle."""
    tell(
        """
          0.000  A calls 95001            | offered A; ring 8001 for A; open room A
          1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
          1.002  A, 8001 enter            | answered A by 8001, wait 1.002
          4.000  A hangs up               | hang up 8001
          4.010  8001 is gone             | 8001 wrap_up; 8001 ready; wrapped up 8001 0.000;
                                          | close room A; ended A answered, wait 1.002, talk 2.998
         50.000  8002 asks to pause for rest | 8002 paused (rest); done: paused
         51.000  8002 asks to be ready    | 8002 ready; done: ready
         60.000  B calls 95001            | offered B; ring 8002 for B; open room B
        """,
        agents="8001 8002",
        queues=rule(selection),
    )


def test_little_talk_counts_for_more_than_few_calls() -> None:
    """8001 has had two short calls, 8002 one long one: the rules differ."""
    firsts = {}
    for selection in (Selection.FEWEST_CALLS, Selection.LEAST_TALK):
        story = Story(agents=["8001"], away=["8002"], queues=rule(selection), strict=True)
        for start, agent, talk in ((0, "8001", 2), (10, "8001", 2), (20, "8002", 60)):
            if agent == "8002":
                story.moment("19.000", "8001 asks to pause for rest")
                story.moment("19.100", "8002 asks to log in at s8002")
            story.moment(f"{start}.000", "A calls 95001")
            story.moment(f"{start}.500", f"{agent} answers")
            story.moment(f"{start}.502", f"A, {agent} enter")
            story.moment(f"{start + talk + 1}.000", "A hangs up")
            story.moment(f"{start + talk + 1}.010", f"{agent} is gone")
        story.moment("90.000", "8001 asks to be ready")
        story.moment("91.000", "B calls 95001")
        made = next(e for e in reversed(story.effects) if isinstance(e, OfferMade))
        firsts[selection] = made.agent
    assert firsts == {Selection.FEWEST_CALLS: "8002", Selection.LEAST_TALK: "8001"}


@pytest.mark.parametrize(
    ("selection", "shares", "repeats"),
    [
        (Selection.RANDOM, (1 / 3, 1 / 3, 1 / 3), 1 / 3),
        (Selection.WEIGHTED, (1 / 4, 1 / 2, 1 / 4), 3 / 8),
    ],
)
def test_chance_has_no_memory(
    selection: Selection, shares: tuple[float, ...], repeats: float
) -> None:
    """Each choice is in proportion to the levels (5, 10 and 5), and who was rung last is neither
    favoured nor spared: as often twice in a row as chance has it."""
    story = Story(agents=["8001", "8002", "8003"], away=[], queues=rule(selection), strict=True)
    story.whole_every = 100
    story.moment("0.000", "directory: agent 8002 emergency=10")
    for second in range(1, 1_501):
        story.moment(f"{second}.000", "A calls 95001")
        made = next(e for e in reversed(story.effects) if isinstance(e, OfferMade))
        story.moment(f"{second}.100", "A hangs up")
        story.moment(f"{second}.110", f"{made.agent} is gone")
    rung = [effect.agent for effect in story.effects if isinstance(effect, OfferMade)]
    counts = Counter(rung)
    found = [counts[agent] / len(rung) for agent in ("8001", "8002", "8003")]  # type: ignore[index]
    assert found == pytest.approx(shares, abs=0.05)
    twice = sum(one == other for one, other in pairwise(rung)) / len(rung)
    assert twice == pytest.approx(repeats, abs=0.05)
