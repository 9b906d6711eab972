"""Stories of agents: work, breaks, wrap-up, phones (T37, D08, Q08, K07)."""

import msgspec

from acd.core.facts import AgentStateChanged, WrapUpEnded
from acd.core.ids import AgentId
from tests.core.story import EMERGENCY, EPOCH_MS, QUEUES, tell

NO_WRAP_UP = (msgspec.structs.replace(EMERGENCY, wrap_up_ms=0), *QUEUES[1:])


def test_a_day_leaves_a_gapless_trace() -> None:
    """Q08, K07: each state begins when the one before ended, and names the seat."""
    story = tell(
        """
        0.000  8001 asks to log in at s8001 | 8001 ready; done: ready
        1.000  A calls 95001                | offered A; ring 8001 for A; open room A
        1.800  8001 answers                 | offer accepted 8001; answer A; join A 8001
        1.802  A, 8001 enter                | answered A by 8001, wait 0.802
        4.000  A hangs up                   | hang up 8001
        4.010  8001 is gone                 | 8001 wrap_up; close room A;
                                            | ended A answered, wait 0.802, talk 2.198
        5.010  time passes                  | 8001 ready; wrapped up 8001 1.000
        6.000  8001 asks to pause for meal  | 8001 paused (meal); done: paused
        9.000  8001 asks to be ready        | 8001 ready; done: ready
        9.500  8001 asks to log out         | 8001 logged_out; done: logged_out
        """,
        away="8001",
    )
    trace = [e for e in story.effects if isinstance(e, AgentStateChanged)]
    assert [(e.was, e.now, e.from_ms - EPOCH_MS, e.at_ms - EPOCH_MS) for e in trace] == [
        ("logged_out", "ready", -60_000, 0),
        ("ready", "offered", 0, 1_000),
        ("offered", "talking", 1_000, 1_800),
        ("talking", "wrap_up", 1_800, 4_010),
        ("wrap_up", "ready", 4_010, 5_010),
        ("ready", "paused", 5_010, 6_000),
        ("paused", "ready", 6_000, 9_000),
        ("ready", "logged_out", 9_000, 9_500),
    ]
    assert {e.seat for e in trace} == {"s8001"}
    assert [e.call for e in trace] == [None, "7-1", "7-1", "7-1", None, None, None, None]
    (wrap_up,) = [e for e in story.effects if isinstance(e, WrapUpEnded)]
    assert (wrap_up.call, wrap_up.talk_ms, wrap_up.wrap_up_ms) == ("7-1", 2_198, 1_000)
    assert wrap_up.entry == "95001"


def test_wrap_up_may_be_ended_early() -> None:
    """T37: the next caller does not wait for the rest of it."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.800  8001 answers             | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter            | answered A by 8001, wait 0.802
        1.500  B calls 95001            | offered B; open room B
        2.000  A hangs up               | hang up 8001
        2.010  8001 is gone             | 8001 wrap_up; close room A;
                                        | ended A answered, wait 0.802, talk 1.198
        2.400  8001 asks to end wrap-up | 8001 ready; wrapped up 8001 0.390; done: ready;
                                        | ring 8001 for B
        2.500  8001 asks to end wrap-up | refused not_in_wrap_up;
                                        | no: Agent 8001 is offered, not in wrap-up.
        """,
        agents="8001",
    )


def test_wrap_up_ends_by_being_ready_paused_or_logged_out_too() -> None:
    """T37: whichever the agent asks for; the notes' time is written each time."""
    for request, state in (
        ("asks to be ready", "ready"),
        ("asks to pause for rest", "paused (rest)"),
        ("asks to log out", "logged_out"),
    ):
        tell(
            f"""
            0.000  A calls 95001 | offered A; ring 8001 for A; open room A
            0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
            0.802  A, 8001 enter | answered A by 8001, wait 0.802
            2.000  A hangs up    | hang up 8001
            2.010  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 0.802,
                                 | talk 1.198
            2.510  8001 {request} | 8001 {state}; wrapped up 8001 0.500; done: {state.split()[0]}
            """,
            agents="8001",
        )


def test_a_queue_without_wrap_up_frees_its_agent_at_once() -> None:
    """The trace still shows that the conversation had ended."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter | answered A by 8001, wait 0.802
        1.500  B calls 95001 | offered B; open room B
        2.000  A hangs up    | hang up 8001
        2.010  8001 is gone  | 8001 wrap_up; 8001 ready; wrapped up 8001 0.000; close room A;
                             | ended A answered, wait 0.802, talk 1.198; ring 8001 for B
        """,
        agents="8001",
        queues=NO_WRAP_UP,
    )


def test_a_pause_during_the_conversation_comes_after_it() -> None:
    """T37: the request is kept, wrap-up is granted, then the pause begins."""
    tell(
        """
        0.000  A calls 95001               | offered A; ring 8001 for A; open room A
        0.800  8001 answers                | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter               | answered A by 8001, wait 0.802
        1.000  8001 asks to pause for meal | done: talking, then paused
        1.500  B calls 95001               | offered B; open room B
        2.000  A hangs up                  | hang up 8001
        2.010  8001 is gone                | 8001 wrap_up; close room A;
                                           | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                 | 8001 paused (meal); wrapped up 8001 1.000
        3.500  time passes                 | picked up B; answer B; hold B; play ack to B
        """,
        agents="8001",
    )


def test_being_ready_takes_back_a_pause_that_was_to_come() -> None:
    """T37: the last word counts."""
    tell(
        """
        0.000  A calls 95001               | offered A; ring 8001 for A; open room A
        0.800  8001 answers                | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter               | answered A by 8001, wait 0.802
        1.000  8001 asks to pause for meal | done: talking, then paused
        1.200  8001 asks to be ready       | done: talking, then ready
        2.000  A hangs up                  | hang up 8001
        2.010  8001 is gone                | 8001 wrap_up; close room A;
                                           | ended A answered, wait 0.802, talk 1.198
        3.010  time passes                 | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001",
    )


def test_a_log_out_while_ringing_comes_after_the_offer() -> None:
    """T37: the phone rings on; a missed ring of somebody who leaves is not held against them."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        1.000  8001 asks to log out     | done: offered, then logged_out
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        6.500  time passes              | offer missed 8001; hang up 8001 (no_answer)
        6.510  8001 is gone (no_answer) | 8001 logged_out
        """,
        agents="8001",
    )


def test_a_log_out_during_the_conversation_comes_after_wrap_up() -> None:
    """T37."""
    tell(
        """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        0.800  8001 answers         | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter        | answered A by 8001, wait 0.802
        1.000  8001 asks to log out | done: talking, then logged_out
        2.000  A hangs up           | hang up 8001
        2.010  8001 is gone         | 8001 wrap_up; close room A;
                                    | ended A answered, wait 0.802, talk 1.198
        3.010  time passes          | 8001 logged_out; wrapped up 8001 1.000
        """,
        agents="8001",
    )


def test_a_pause_in_wrap_up_replaces_the_one_that_was_to_come() -> None:
    """T37: the new reason counts, and nothing is left over for the next conversation."""
    story = tell(
        """
        0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
        0.800  8001 answers                    | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                   | answered A by 8001, wait 0.802
        1.000  8001 asks to pause for meal     | done: talking, then paused
        2.000  A hangs up                      | hang up 8001
        2.010  8001 is gone                    | 8001 wrap_up; close room A;
                                               | ended A answered, wait 0.802, talk 1.198
        2.500  8001 asks to pause for training | 8001 paused (training); wrapped up 8001 0.490;
                                               | done: paused
        """,
        agents="8001",
    )
    agent = story.core.state.agents[AgentId("8001")]
    assert (agent.later, agent.call) == (None, None)


def test_one_pause_may_follow_another() -> None:
    """D08: each reason is its own row of the trace."""
    tell(
        """
        0.000  8001 asks to pause for rest       | 8001 paused (rest); done: paused
        5.000  8001 asks to pause for supervisor | 8001 paused (supervisor); done: paused
        9.000  8001 asks to be ready             | 8001 ready; done: ready
        """,
        agents="8001",
    )


def test_requests_that_cannot_be_granted_are_refused_with_a_sentence() -> None:
    """T37: a stable id, a sentence to act on, and nothing has changed."""
    tell(
        """
        0.000  8009 asks to log in at s8001 | refused unknown_agent; no: There is no agent 8009.
        0.001  8002 asks to log in at s9    | refused unknown_seat; no: There is no seat s9.
        0.002  8002 asks to log in at s8001 | refused seat_taken;
                                            | no: Agent 8001 is logged in at seat s8001;
                                            | log them out first.
        0.003  8001 asks to log in at s8002 | refused logged_in_elsewhere;
                                            | no: Agent 8001 is logged in at seat s8001;
                                            | log out there first.
        0.004  8002 asks to be ready        | refused not_logged_in;
                                            | no: Agent 8002 is not logged in; log in first (*60).
        0.005  8002 asks to pause for rest  | refused not_logged_in;
                                            | no: Agent 8002 is not logged in; log in first (*60).
        0.006  8002 asks to end wrap-up     | refused not_logged_in;
                                            | no: Agent 8002 is not logged in; log in first (*60).
        0.007  8002 asks to log out         | refused not_logged_in;
                                            | no: Agent 8002 is not logged in; log in first (*60).
        0.008  8001 asks to pause for fun   | refused unknown_reason;
                                            | no: There is no pause reason 'fun'; the reasons are
                                            | rest, meal, training, paperwork, supervisor,
                                            | recovery.
        0.009  8001 asks to end wrap-up     | refused not_in_wrap_up;
                                            | no: Agent 8001 is ready, not in wrap-up.
        0.010  8009 asks to be ready        | refused unknown_agent; no: There is no agent 8009.
        """,
        agents="8001",
        away="8002",
    )


def test_logging_in_twice_is_being_ready() -> None:
    """T37: whoever is at the seat already comes back from the pause; while talking it is a
    request for afterwards."""
    tell(
        """
        0.000  8001 asks to log in at s8001 | done: ready
        1.000  8001 asks to pause for rest  | 8001 paused (rest); done: paused
        2.000  8001 asks to log in at s8001 | 8001 ready; done: ready
        3.000  A calls 95001                | offered A; ring 8001 for A; open room A
        3.100  8001 asks to log in at s8001 | done: offered, then ready
        """,
        agents="8001",
    )


def test_a_phone_that_is_gone_makes_its_agent_not_responding() -> None:
    """Staffed is never believed of an empty chair; the phone's return brings the agent back,
    as the one who is idle since then."""
    tell(
        """
        0.000  phone 8001 is gone  | 8001 not_responding (unreachable)
        1.000  A calls 95001       | offered A; ring 8002 for A; open room A
        2.000  B calls 95001       | offered B; open room B
        2.100  phone 8001 is there | 8001 ready; ring 8001 for B
        2.200  phone 8001 is there | -
        """,
        agents="8001 8002",
    )


def test_logging_in_with_a_phone_that_is_gone() -> None:
    """The seat is taken, and calls come when the phone does."""
    tell(
        """
        0.000  phone 8001 is gone           | -
        1.000  8001 asks to log in at s8001 | 8001 not_responding (unreachable);
                                            | done: not_responding
        2.000  A calls 95001                | offered A; open room A
        2.500  8001 asks to be ready        | 8001 not_responding (unreachable);
                                            | done: not_responding
        3.000  phone 8001 is there          | 8001 ready; ring 8001 for A
        """,
        away="8001",
    )


def test_a_phone_that_goes_during_the_conversation_is_noticed_at_its_end() -> None:
    """A registration that lapses does not cut a conversation."""
    tell(
        """
        0.000  A calls 95001       | offered A; ring 8001 for A; open room A
        0.800  8001 answers        | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter       | answered A by 8001, wait 0.802
        1.000  phone 8001 is gone  | -
        2.000  A hangs up          | hang up 8001
        2.010  8001 is gone        | 8001 wrap_up; close room A;
                                   | ended A answered, wait 0.802, talk 1.198
        3.010  time passes         | 8001 not_responding (unreachable); wrapped up 8001 1.000
        5.000  phone 8001 is there | 8001 ready
        """,
        agents="8001",
    )


def test_a_paused_agents_phone_may_come_and_go() -> None:
    """A pause stays a pause."""
    tell(
        """
        0.000  8001 asks to pause for rest | 8001 paused (rest); done: paused
        1.000  phone 8001 is gone          | -
        2.000  phone 8001 is there         | -
        3.000  phone 8001 is gone          | -
        4.000  8001 asks to be ready       | 8001 not_responding (unreachable);
                                           | done: not_responding
        5.000  phone 8001 is there         | 8001 ready
        """,
        agents="8001",
    )


def test_a_private_call_on_the_phone_keeps_offers_away() -> None:
    """A phone holds one conversation; the agent stays ready and is rung when it is over."""
    tell(
        """
        0.000  phone 8001 is busy  | -
        1.000  A calls 95001       | offered A; open room A
        3.000  phone 8001 is there | picked up A; answer A; hold A; play ack to A; ring 8001 for A
        """,
        agents="8001",
    )


def test_a_phone_that_comes_back_busy_waits_for_the_end_of_its_call() -> None:
    """Back and on a private call: ready, and not rung before its end."""
    tell(
        """
        0.000  phone 8001 is gone  | 8001 not_responding (unreachable)
        1.000  phone 8001 is busy  | 8001 ready
        2.000  A calls 95001       | offered A; open room A
        3.000  phone 8001 is there | ring 8001 for A
        """,
        agents="8001",
    )


def test_a_phone_reported_busy_by_our_own_call_is_rung_only_when_it_is_idle_again() -> None:
    """The phone's state lags behind the end of its leg: no INVITE into a busy phone."""
    tell(
        """
        0.000  A calls 95001       | offered A; ring 8001 for A; open room A
        0.010  phone 8001 is busy  | -
        0.020  B calls 95001       | offered B; open room B
        1.000  A hangs up          | offer withdrawn 8001; hang up 8001
        1.010  8001 is gone        | 8001 ready; close room A; ended A abandoned, wait 1.000
        1.015  phone 8001 is there | ring 8001 for B
        """,
        agents="8001",
    )


def test_a_rest_is_cut_short_by_being_ready_pausing_or_leaving() -> None:
    """T37: the rest after a refused ring is the switch's idea, not the agent's."""
    for request, follows in (
        ("asks to be ready", "8001 ready; done: ready; ring 8001 for A"),
        ("asks to pause for rest", "8001 paused (rest); done: paused"),
        ("asks to log out", "8001 logged_out; done: logged_out"),
    ):
        tell(
            f"""
            0.000  A calls 95001           | offered A; ring 8001 for A; open room A
            0.500  8001 is gone (rejected) | offer rejected 8001 (rejected);
                                           | 8001 not_responding (refused)
            1.000  8001 {request}          | {follows}
            2.000  time passes             | picked up A; answer A; hold A; play ack to A
            2.500  time passes             | -
            """,
            agents="8001",
        )
