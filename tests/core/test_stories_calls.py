"""Stories of calls from the INVITE to the last leg's end (T09, T14, C01, K04)."""

from acd.core.facts import CallEnded, LegEnded, LegRole, OfferMade
from tests.core.story import EPOCH_MS, tell


def test_a_call_is_answered_by_the_first_agent() -> None:
    """T09, C01: answered means that the agent's audio reaches the caller; the phone rings before
    the room is made, and wrap-up ends by itself."""
    story = tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        0.810  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.812  A, 8001 enter | answered A by 8001, wait 0.812
        6.812  A hangs up    | hang up 8001
        6.815  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 0.812, talk 6.000
        7.815  time passes   | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001 8002",
    )
    (made,) = [e for e in story.effects if isinstance(e, OfferMade)]
    assert (made.slack_ms, made.free, made.idle_ms) == (10_000, 2, 60_000)
    caller, agent = [e for e in story.effects if isinstance(e, LegEnded)]
    moments = [
        (leg.role, leg.started_ms, leg.rang_ms, leg.answered_ms, leg.joined_ms, leg.at_ms)
        for leg in (caller, agent)
    ]
    assert [
        (role, *(None if ms is None else ms - EPOCH_MS for ms in times)) for role, *times in moments
    ] == [
        (LegRole.CALLER, 0, 0, 810, 812, 6_812),
        (LegRole.AGENT, 0, 10, 810, 812, 6_815),
    ]
    (ended,) = [e for e in story.effects if isinstance(e, CallEnded)]
    assert (ended.agent, ended.offers, ended.ring_ms, ended.hold_ms) == ("8001", 1, 800, 0)


def test_an_agent_within_two_seconds_is_answered_together_with_the_trunk() -> None:
    """T10: no acknowledgement is played when somebody is there at once."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        1.990  8001 answers  | offer accepted 8001; answer A; join A 8001
        1.992  8001, A enter | answered A by 8001, wait 1.992
        2.000  8001 rings    | ignored: rang after the answer
        9.000  A hangs up    | hang up 8001
        9.001  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 1.992, talk 7.008
        """,
        agents="8001",
    )


def test_the_system_picks_up_after_two_seconds_and_the_prompt_stops_at_the_join() -> None:
    """T09: the caller hears the acknowledgement, then music; neither counts as the answer."""
    tell(
        """
        0.000  A calls 95001   | offered A; ring 8001 for A; open room A
        0.010  8001 rings      | -
        2.000  time passes     | picked up A; answer A; hold A; play ack to A
        2.002  A enters        | -
        3.100  8001 answers    | offer accepted 8001; stop ack; join A 8001
        3.101  prompt ack ends | ignored: end of a prompt that was let go
        3.103  A, 8001 enter   | answered A by 8001, wait 3.103
        9.000  A hangs up      | hang up 8001
        9.001  8001 is gone    | 8001 wrap_up; close room A;
                               | ended A answered, wait 3.103, talk 5.897
        """,
        agents="8001",
    )


def test_the_prompt_may_end_before_the_agent_comes() -> None:
    """The music goes on by itself, and no prompt is stopped that has ended."""
    tell(
        """
        0.000  A calls 95001   | offered A; ring 8001 for A; open room A
        2.000  time passes     | picked up A; answer A; hold A; play ack to A
        2.002  A enters        | -
        4.500  prompt ack ends | -
        5.000  8001 answers    | offer accepted 8001; join A 8001
        5.002  A, 8001 enter   | answered A by 8001, wait 5.002
        9.000  A hangs up      | hang up 8001
        9.001  8001 is gone    | 8001 wrap_up; close room A;
                               | ended A answered, wait 5.002, talk 3.998
        """,
        agents="8001",
    )


def test_the_arrival_counts_from_the_invite_and_not_from_when_we_heard_of_it() -> None:
    """C01: a late event costs the caller none of the promise; pick-up is due from the INVITE."""
    tell(
        """
        5.000  A calls 95001 since 3.500 | offered A; ring 8001 for A; open room A
        5.000  time passes               | -
        5.500  8001 answers              | picked up A; answer A; hold A; play ack to A;
                                         | offer accepted 8001; stop ack; join A 8001
        5.502  A, 8001 enter             | answered A by 8001, wait 2.002
        9.000  A hangs up                | hang up 8001
        9.001  8001 is gone              | 8001 wrap_up; close room A;
                                         | ended A answered, wait 2.002, talk 3.498
        """,
        agents="8001",
    )


def test_nobody_is_logged_in_and_the_caller_waits_until_somebody_is() -> None:
    """T18: a call is kept, with music, however long it takes."""
    tell(
        """
          0.000  A calls 95001                | offered A; open room A
          2.000  time passes                  | picked up A; answer A; hold A; play ack to A
          2.002  A enters                     | -
        600.000  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for A
        600.500  8001 answers                 | offer accepted 8001; stop ack; join A 8001
        600.502  A, 8001 enter                | answered A by 8001, wait 600.502
        610.000  A hangs up                   | hang up 8001
        610.001  8001 is gone                 | 8001 wrap_up; close room A;
                                              | ended A answered, wait 600.502, talk 9.498
        """,
        away="8001",
    )


def test_the_caller_leaves_while_waiting() -> None:
    """K04: abandoned, with the wait until the caller left."""
    tell(
        """
        0.000  A calls 95001                | offered A; open room A
        2.000  time passes                  | picked up A; answer A; hold A; play ack to A
        2.002  A enters                     | -
        4.000  A hangs up                   | close room A; ended A abandoned, wait 4.000
        5.000  8001 asks to log in at s8001 | 8001 ready; done: ready
        """,
        away="8001",
    )


def test_the_caller_leaves_before_the_phone_rings() -> None:
    """K04: the offer is withdrawn, and the phone is free only at the end of its leg."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.005  A hangs up    | offer withdrawn 8001; hang up 8001
        0.006  B calls 95001 | offered B; open room B
        0.020  8001 is gone  | 8001 ready; close room A; ended A abandoned, wait 0.005;
                             | ring 8001 for B
        """,
        agents="8001",
    )


def test_the_caller_leaves_while_the_phone_rings() -> None:
    """K04: the agent did nothing wrong; no miss is counted and no rest is taken."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        1.500  A hangs up    | offer withdrawn 8001; hang up 8001
        1.520  8001 is gone  | 8001 ready; close room A; ended A abandoned, wait 1.500
        """,
        agents="8001",
    )


def test_the_caller_leaves_between_the_answer_and_the_join() -> None:
    """K04: abandoned, for no audio went through; the agent is free without wrap-up,
    and nothing is left that could come due."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.801  A hangs up    | hang up 8001
        0.802  8001 enters   | -
        0.810  8001 is gone  | 8001 ready; close room A; ended A abandoned, wait 0.801
        9.000  time passes   | -
        """,
        agents="8001",
    )


def test_the_caller_leaves_while_talking_and_the_agents_leg_takes_its_time() -> None:
    """The call ends with its last leg; a second hang-up of the same caller is only counted."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter | answered A by 8001, wait 0.802
        5.000  A hangs up    | hang up 8001
        5.001  A hangs up    | ignored: end of an unknown leg
        5.400  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 0.802, talk 4.198
        """,
        agents="8001",
    )


def test_the_caller_hangs_up_while_we_hang_up() -> None:
    """The agent has ended an enquiry; the caller's own hang-up meets ours."""
    tell(
        """
        0.000  A calls 95002 | offered A; ring 8011 for A; open room A
        0.800  8011 answers  | offer accepted 8011; answer A; join A 8011
        0.802  A, 8011 enter | answered A by 8011, wait 0.802
        5.000  8011 hangs up | hang up A; 8011 wrap_up
        5.001  A hangs up    | close room A; ended A answered, wait 0.802, talk 4.198
        """,
        agents="8011",
    )


def test_an_unknown_number_is_refused() -> None:
    """K04: a dialled number that means nothing still has a record and an outcome."""
    tell(
        """
        0.000  A calls 4711 | offered A; hang up A (unallocated)
        0.010  A is gone    | ended A refused, wait 0.010
        """,
        agents="8001",
    )


def test_an_agents_hang_up_ends_an_enquiry() -> None:
    """C07: on an enquiry either side may end the call."""
    tell(
        """
        0.000  A calls 95002 | offered A; ring 8011 for A; open room A
        0.800  8011 answers  | offer accepted 8011; answer A; join A 8011
        0.802  A, 8011 enter | answered A by 8011, wait 0.802
        5.000  8011 hangs up | hang up A; 8011 wrap_up
        5.010  A is gone     | close room A; ended A answered, wait 0.802, talk 4.198
        6.000  time passes   | 8011 ready; wrapped up 8011 1.000
        """,
        agents="8011",
    )


def test_an_agents_hang_up_never_ends_an_emergency() -> None:
    """C07: the caller waits again at the place of the first arrival, before all who came later,
    and the first answer's time stays in the figures (C03)."""
    tell(
        """
         0.000  A calls 95001 | offered A; ring 8001 for A; open room A
         0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
         0.802  A, 8001 enter | answered A by 8001, wait 0.802
         5.000  B calls 95001 | offered B; open room B
         7.000  time passes   | picked up B; answer B; hold B; play ack to B
         7.002  B enters      | -
         9.000  8001 hangs up | requeued A; hold A; 8001 wrap_up
         9.002  A enters      | -
        10.000  time passes   | 8001 ready; wrapped up 8001 1.000; ring 8001 for A
        10.800  8001 answers  | offer accepted 8001; join A 8001
        10.802  A, 8001 enter | answered A by 8001 again, wait 10.802
        20.000  A hangs up    | hang up 8001
        20.010  8001 is gone  | 8001 wrap_up; close room A;
                              | ended A answered, wait 0.802, talk 17.396
        21.010  time passes   | 8001 ready; wrapped up 8001 1.000; ring 8001 for B
        21.500  8001 answers  | offer accepted 8001; stop ack; join B 8001
        21.502  B, 8001 enter | answered B by 8001, wait 16.502
        30.000  B hangs up    | hang up 8001
        30.001  8001 is gone  | 8001 wrap_up; close room B;
                              | ended B answered, wait 16.502, talk 8.498
        """,
        agents="8001",
    )


def test_an_agent_who_answers_and_is_gone_at_once_has_not_served_an_emergency() -> None:
    """C07: 50 ms after the answer, before the join; the agent rests and the next one is rung."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.850  8001 hangs up | requeued A; hold A; 8001 not_responding (refused); ring 8002 for A
        0.852  A enters      | -
        1.500  8002 answers  | offer accepted 8002; join A 8002
        1.502  A, 8002 enter | answered A by 8002, wait 1.502
        2.850  time passes   | 8001 ready
        9.000  A hangs up    | hang up 8002
        9.001  8002 is gone  | 8002 wrap_up; close room A; ended A answered, wait 1.502, talk 7.498
        """,
        agents="8001 8002",
    )


def test_an_agent_who_answers_and_is_gone_at_once_has_not_served_an_enquiry() -> None:
    """C07: after the join, within the queue's short-answer time; the caller is not released."""
    tell(
        """
        0.000  A calls 95002 | offered A; ring 8011 for A; open room A
        0.800  8011 answers  | offer accepted 8011; answer A; join A 8011
        0.802  A, 8011 enter | answered A by 8011, wait 0.802
        0.850  8011 hangs up | requeued A; hold A; 8011 not_responding (refused); ring 8012 for A
        0.852  A enters      | -
        1.500  8012 answers  | offer accepted 8012; join A 8012
        1.502  A, 8012 enter | answered A by 8012 again, wait 1.502
        2.850  time passes   | 8011 ready
        9.000  8012 hangs up | hang up A; 8012 wrap_up
        9.010  A is gone     | close room A; ended A answered, wait 0.802, talk 7.546
        """,
        agents="8011 8012",
    )


def test_a_short_call_that_the_caller_ended_is_no_fault_of_the_agent() -> None:
    """The agent has talked, however briefly, and wraps up."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter | answered A by 8001, wait 0.802
        0.900  A hangs up    | hang up 8001
        0.910  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 0.802, talk 0.098
        1.910  time passes   | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001",
    )
