"""Stories of who is served next, and by whom (C01, T09, E25)."""

import msgspec

from acd.core.directory import Selection, SkillNeed
from acd.core.facts import CallEnded, CallOffered
from tests.core.story import EMERGENCY, ENQUIRY, QUEUES, tell

BY_SKILL = (msgspec.structs.replace(EMERGENCY, selection=Selection.HIGHEST_SKILL), *QUEUES[1:])


def test_the_emergency_is_served_before_an_enquiry_that_came_earlier() -> None:
    """T09: priority goes before the deadline, which is B's here by 0.7 s."""
    tell(
        """
        0.000  directory: agent 8001 emergency=5 enquiry=5 | -
        0.100  A calls 95002                               | offered A; ring 8001 for A;
                                                           | open room A
        0.200  B calls 95002                               | offered B; open room B
        2.100  time passes                                 | picked up A; answer A; hold A;
                                                           | play welcome to A
        2.200  time passes                                 | picked up B; answer B; hold B;
                                                           | play welcome to B
        5.900  C calls 95001                               | offered C; open room C
        6.000  A hangs up                                  | offer withdrawn 8001; hang up 8001
        6.010  8001 is gone                                | 8001 ready; close room A;
                                                           | ended A abandoned, wait 5.900;
                                                           | ring 8001 for C
        """,
        agents="8001",
    )


def test_an_emergency_takes_the_only_agent_and_the_enquiry_takes_who_is_left() -> None:
    """An agent of both queues is rung for either."""
    tell(
        """
        0.000  directory: agent 8001 emergency=5 enquiry=5 | -
        0.100  A calls 95001                               | offered A; ring 8001 for A;
                                                           | open room A
        0.200  B calls 95002                               | offered B; open room B
        0.300  8011 asks to log in at s8011                | 8011 ready; done: ready;
                                                           | ring 8011 for B
        """,
        agents="8001",
        away="8011",
    )


def test_callers_of_one_queue_are_served_in_the_order_of_arrival() -> None:
    """Whichever event came first: the INVITE's time decides."""
    tell(
        """
        1.000  A calls 95001                | offered A; open room A
        1.001  B calls 95001 since 0.500    | offered B; open room B
        1.002  C calls 95001                | offered C; open room C
        1.100  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for B
        1.101  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for A
        1.102  8003 asks to log in at s8003 | 8003 ready; done: ready; ring 8003 for C
        """,
        away="8001 8002 8003",
    )


def test_a_caller_who_lost_an_agent_goes_before_those_who_came_later() -> None:
    """C07: the original arrival is the place, after each requeue."""
    tell(
        """
        0.000  A calls 95001                | offered A; ring 8001 for A; open room A
        0.100  B calls 95001                | offered B; open room B
        0.800  8001 answers                 | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                | answered A by 8001, wait 0.802
        0.900  8001 hangs up                | requeued A; hold A; 8001 not_responding (refused)
        1.000  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for A
        1.100  8002 is gone (rejected)      | offer rejected 8002 (rejected);
                                            | 8002 not_responding (refused)
        2.100  time passes                  | picked up B; answer B; hold B; play ack to B
        2.900  time passes                  | 8001 ready; ring 8001 for A
        3.100  time passes                  | 8002 ready; ring 8002 for B
        """,
        agents="8001",
        away="8002",
    )


def test_the_longest_idle_agent_is_rung_first() -> None:
    """Even shares: ready first, rung first."""
    tell(
        """
        0.000  8003 asks to log in at s8003 | 8003 ready; done: ready
        1.000  8001 asks to log in at s8001 | 8001 ready; done: ready
        2.000  8002 asks to log in at s8002 | 8002 ready; done: ready
        3.000  A calls 95001                | offered A; ring 8003 for A; open room A
        3.001  B calls 95001                | offered B; ring 8001 for B; open room B
        3.002  C calls 95001                | offered C; ring 8002 for C; open room C
        """,
        away="8001 8002 8003",
    )


def test_the_highest_skill_is_rung_first_where_the_queue_says_so() -> None:
    """Equal levels go by idle time."""
    tell(
        """
        0.000  directory: agent 8002 emergency=9 | -
        0.001  directory: agent 8003 emergency=7 | -
        0.002  directory: agent 8004 emergency=9 | -
        1.000  A calls 95001                     | offered A; ring 8002 for A; open room A
        1.001  B calls 95001                     | offered B; ring 8004 for B; open room B
        1.002  C calls 95001                     | offered C; ring 8003 for C; open room C
        1.003  D calls 95001                     | offered D; ring 8001 for D; open room D
        """,
        agents="8001 8002 8003 8004",
        queues=BY_SKILL,
    )


def test_an_agent_below_the_level_is_not_rung() -> None:
    """The caller waits rather than be served by somebody unfit; a changed level is obeyed."""
    tell(
        """
        0.000  directory: agent 8001 emergency=4           | -
        1.000  A calls 95001                               | offered A; open room A
        2.000  directory: agent 8001 dialect=3 emergency=5 | ring 8001 for A
        """,
        agents="8001",
    )


def test_a_queue_may_need_several_skills() -> None:
    """Only who has all of them, each at its level."""
    needs = (SkillNeed("emergency", 5), SkillNeed("dialect", 2))
    tell(
        """
        0.000  directory: agent 8001 emergency=9           | -
        0.001  directory: agent 8002 dialect=1 emergency=9 | -
        0.002  directory: agent 8003 dialect=2 emergency=5 | -
        1.000  A calls 95001                               | offered A; ring 8003 for A;
                                                           | open room A
        """,
        agents="8001 8002 8003",
        queues=(msgspec.structs.replace(EMERGENCY, needs=needs), *QUEUES[1:]),
    )


def test_equal_priorities_compare_by_deadline() -> None:
    """The stricter promise is the more urgent although its caller came later."""
    tell(
        """
        0.000  directory: agent 8001 emergency=5 enquiry=5 | -
        0.001  8001 asks to pause for rest                 | 8001 paused (rest); done: paused
        0.100  A calls 95002                               | offered A; open room A
        1.000  B calls 95001                               | offered B; open room B
        1.500  8001 asks to be ready                       | 8001 ready; done: ready;
                                                           | ring 8001 for B
        """,
        agents="8001",
        queues=(EMERGENCY, msgspec.structs.replace(ENQUIRY, priority=0)),
    )


def test_a_synthetic_call_reaches_only_its_robot_and_is_marked() -> None:
    """It never takes an agent from a caller, and stays out of every figure (K04)."""
    story = tell(
        """
        0.000  A calls 95009 | offered A; ring 8099 for A; open room A
        0.001  B calls 95001 | offered B; ring 8001 for B; open room B
        0.100  8099 answers  | offer accepted 8099; answer A; join A 8099
        0.102  A, 8099 enter | answered A by 8099, wait 0.102
        1.000  A hangs up    | hang up 8099
        1.010  8099 is gone  | 8099 wrap_up; close room A; ended A answered, wait 0.102, talk 0.898
        1.500  B hangs up    | offer withdrawn 8001; hang up 8001
        1.510  8001 is gone  | 8001 ready; close room B; ended B abandoned, wait 1.499
        """,
        agents="8001 8099",
    )
    offered = [e.synthetic for e in story.effects if isinstance(e, CallOffered)]
    ended = [e.synthetic for e in story.effects if isinstance(e, CallEnded)]
    assert (offered, ended) == ([True, False], [True, False])


def test_a_human_caller_is_not_offered_to_the_robot() -> None:
    """8099 serves 95009 alone."""
    tell(
        """
        0.000  A calls 95001 | offered A; open room A
        0.001  B calls 95002 | offered B; open room B
        """,
        agents="8099",
    )


def test_an_unknown_or_hidden_caller_is_served_the_same() -> None:
    """E25, E30: who is calling plays no part in who is served, by whom and when."""
    tell(
        """
        0.000  A calls 95001 without a number | offered A; ring 8001 for A; open room A
        0.001  B calls 95001                  | offered B; ring 8002 for B; open room B
        0.002  C calls 95001 from terminal T1 | offered C; ring 8003 for C; open room C
        """,
        agents="8001 8002 8003",
    )
