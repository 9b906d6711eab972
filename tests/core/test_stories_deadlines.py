"""Stories of deadline scheduling: the less slack, the more is done (T09, C01, C15)."""

import msgspec
import pytest

from acd.core.directory import Queue, Reach, Selection, Widening
from acd.core.facts import IncidentOpened, OfferMade, PromiseBroken
from acd.core.offers import ring_limit
from tests.core.story import EMERGENCY, ENQUIRY, tell


def widening(*steps: tuple[int, int, Reach], **policy: object) -> tuple[Queue, ...]:
    """Return the emergency queue with these steps: (after ms, phones, reach)."""
    made = tuple(Widening(after_ms=after, phones=n, reach=reach) for after, n, reach in steps)
    return (msgspec.structs.replace(EMERGENCY, widening=made, **policy), ENQUIRY)


TWO_AT_HALF = widening((0, 1, Reach.READY), (5_000, 2, Reach.READY), ring_ms_min=4_000)


def test_a_half_spent_promise_rings_a_second_phone_beside_the_first() -> None:
    """C01: the first agent may still answer; the second does not wait for that."""
    story = tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        2.002  A enters                 | -
        5.000  time passes              | ring 8002 for A
        5.010  8002 rings               | -
        6.000  8002 answers             | offer accepted 8002; offer withdrawn 8001;
                                        | hang up 8001 (answered_elsewhere); stop ack;
                                        | join A 8002
        6.002  A, 8002 enter            | answered A by 8002, wait 6.002
        6.020  8001 is gone             | 8001 ready
        """,
        agents="8001 8002",
        queues=TWO_AT_HALF,
    )
    assert [offer.phones for offer in story.effects if isinstance(offer, OfferMade)] == [1, 2]


def test_two_answers_in_one_moment_and_exactly_one_wins() -> None:
    """Two phones answer in the same millisecond (asterisk#176): the second is released as
    answered elsewhere, keeps the place among the free, and has missed nothing."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; ring 8002 for A; open room A
        0.010  8001 rings               | -
        0.010  8002 rings               | -
        1.000  8001 answers             | offer accepted 8001; offer withdrawn 8002;
                                        | hang up 8002 (answered_elsewhere); answer A; join A 8001
        1.000  8002 answers             | ignored: answer to an offer that ended
        1.002  A, 8001 enter            | answered A by 8001, wait 1.002
        1.020  8002 is gone             | 8002 ready
        1.500  B calls 95001            | offered B; ring 8002 for B; open room B
        """,
        agents="8001 8002",
        queues=widening((0, 2, Reach.READY)),
    )


def test_with_one_of_two_phones_refused_the_other_goes_on_ringing() -> None:
    """A refusal costs the caller nothing: the place of the lost phone is taken by the next."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; ring 8002 for A; open room A
        0.010  8001 rings               | -
        0.010  8002 rings               | -
        0.300  8001 is gone (busy)      | offer rejected 8001 (busy); 8001 not_responding (refused);
                                        | ring 8003 for A
        1.000  8002 answers             | offer accepted 8002; offer withdrawn 8003;
                                        | hang up 8003 (answered_elsewhere); answer A; join A 8002
        """,
        agents="8001 8002 8003",
        queues=widening((0, 2, Reach.READY)),
    )


def test_an_agent_set_free_is_the_second_phone_of_a_call_in_danger() -> None:
    """A call that may have one more phone waits in the line for it, ringing or not."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        5.000  time passes              | -
        5.500  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for A
        """,
        agents="8001",
        away="8002",
        queues=TWO_AT_HALF,
    )


def test_wrap_up_and_then_breaks_are_interrupted_at_once_when_nobody_is_ready() -> None:
    """C01: with nobody ready the escalation starts at 0 s, whatever the steps' times say; wrap-up
    before breaks.  Not to answer out of a break is no miss, and the break goes on."""
    tell(
        """
         0.000  8002 asks to pause for meal| 8002 paused (meal); done: paused
         0.100  A calls 95001            | offered A; ring 8001 for A; open room A
         1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter            | answered A by 8001, wait 0.902
         9.000  A hangs up               | hang up 8001
         9.010  8001 is gone             | 8001 wrap_up; close room A;
                                         | ended A answered, wait 0.902, talk 7.998
         9.500  B calls 95001            | offered B; wrapped up 8001 0.490; ring 8001 for B;
                                         | open room B
         9.600  C calls 95001            | offered C; ring 8002 for C; open room C
        11.500  time passes              | picked up B; answer B; hold B; play ack to B
        11.600  time passes              | picked up C; answer C; hold C; play ack to C
        16.000  time passes              | offer failed 8001; hang up 8001 (no_answer)
        16.010  8001 is gone (no_answer) | 8001 not_responding (unreachable)
        16.100  time passes              | offer failed 8002; hang up 8002 (no_answer)
        16.110  8002 is gone (no_answer) | 8002 paused (meal)
        """,
        agents="8001 8002",
        queues=widening((0, 1, Reach.READY), (9_000, 3, Reach.BREAK)),
    )


def test_the_promise_and_the_incident_are_marked_and_nobody_is_dropped() -> None:
    """T14: at 10 s the promise is broken, at 60 s a person must know; the caller is still there,
    and whoever comes then is rung."""
    story = tell(
        """
         0.000  A calls 95001            | offered A; open room A
         2.000  time passes              | picked up A; answer A; hold A; play ack to A
        10.000  time passes              | promise broken A
        60.000  time passes              | incident A
        61.000  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for A
        """,
        away="8001",
    )
    marks = [e for e in story.effects if isinstance(e, PromiseBroken | IncidentOpened)]
    assert [mark.at_ms - mark.arrived_ms for mark in marks] == [10_000, 60_000]


def test_the_ring_limit_shrinks_with_the_slack_down_to_what_people_need() -> None:
    """C01: 6.5 s while there are 10, less when there is less, never below the queue's least."""
    queue = TWO_AT_HALF[0]
    assert [ring_limit(queue, slack) for slack in (10_000, 8_000, 6_000, 0, -5_000)] == [
        6_500,
        5_200,
        4_000,
        4_000,
        4_000,
    ]


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
        queues=(msgspec.structs.replace(EMERGENCY, selection=selection), ENQUIRY),
    )
    story.moment("1.000", "A calls 95001")
    (made,) = [effect for effect in story.effects if isinstance(effect, OfferMade)]
    assert (made.agent, made.selection, made.free) == (first, selection, 4)
    assert sorted([made.agent, *made.next]) == ["8001", "8002", "8003", "8005"]
    assert made.skipped == (("paused", 1),)


def test_who_was_rung_last_is_last_in_turn() -> None:
    """Round robin goes by the ring, not by the answer."""
    queues = (msgspec.structs.replace(EMERGENCY, selection=Selection.ROUND_ROBIN), ENQUIRY)
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.500  A hangs up               | offer withdrawn 8001; hang up 8001
        0.510  8001 is gone             | 8001 ready; close room A; ended A abandoned, wait 0.500
        1.000  B calls 95001            | offered B; ring 8002 for B; open room B
        """,
        agents="8001 8002",
        queues=queues,
    )
