"""Phones that pick up by themselves: a person's word or key answers, an empty chair does not."""

import msgspec

from acd.core.directory import AgentRules, Reach, Widening
from tests.core.story import EMERGENCY, ENQUIRY, tell

PICKED_UP = """
    0.000  A calls 95001       | offered A; auto-ring 8001 for A; open room A
    0.010  8001 rings          | -
    0.020  8001 answers        | play beep to 8001"""
SLOW = msgspec.structs.replace(EMERGENCY, rules=AgentRules(test_rings_max=0))


def test_the_first_word_joins_the_caller() -> None:
    """T09: answered is when the agent's audio reaches the caller; the caller rings on until
    then, and the phone's own answer counts for nothing."""
    tell(
        PICKED_UP
        + """
        0.220  prompt beep ends | -
        0.620  time passes      | -
        0.900  8001 speaks      | offer accepted 8001; answer A; join A 8001
        0.902  A, 8001 enter    | answered A by 8001, wait 0.902
        5.000  8001 falls quiet | -
        6.000  A hangs up       | hang up 8001
        6.010  8001 is gone     | 8001 wrap_up; close room A;
                                | ended A answered, wait 0.902, talk 5.098
        """,
        agents="8001",
        auto="8001",
    )


def test_a_key_does_as_well_and_stops_the_beep() -> None:
    """Whoever presses need not speak; the beep would hold the channel back."""
    tell(
        PICKED_UP
        + """
        0.100  8001 presses 1   | stop beep; offer accepted 8001; answer A; join A 8001
        0.102  A, 8001 enter    | answered A by 8001, wait 0.102
        0.110  8001 presses 1   | ignored: a key outside a code
        """,
        agents="8001",
        auto="8001",
    )


def test_an_empty_chair_costs_four_seconds_and_the_call_is_offered_on() -> None:
    """The agent is not responding at once, whatever the limit of misses; a test ring, which must
    be answered by a key, brings them back."""
    tell(
        PICKED_UP
        + """
         0.220  prompt beep ends          | -
         2.000  time passes               | picked up A; answer A; hold A; play ack to A
         4.020  time passes               | offer unattended 8001; nobody at s8001;
                                          | hang up 8001 (no_answer); ring 8002 for A
         4.030  8001 is gone              | 8001 not_responding (empty_chair)
         6.000  8002 answers              | offer accepted 8002; stop ack; join A 8002
         6.002  A, 8002 enter             | answered A by 8002, wait 6.002
        34.030  time passes               | test 8001
        34.050  8001 answers              | play agent-test-ring to 8001
        36.000  8001 presses 1            | test 1 of 8001 ready; 8001 ready; stop agent-test-ring;
                                          | play agent-ready to 8001
        """,
        agents="8001 8002",
        auto="8001",
    )


def test_the_echo_of_the_beep_is_nobody() -> None:
    """A headset on the desk sends the beep back; who speaks into the beep and on is a person."""
    tell(
        PICKED_UP
        + """
        0.050  8001 speaks      | -
        0.220  prompt beep ends | -
        0.430  8001 falls quiet | -
        0.620  time passes      | -
        2.000  time passes      | picked up A; answer A; hold A; play ack to A
        4.020  time passes      | offer unattended 8001; nobody at s8001; hang up 8001 (no_answer)
        """,
        agents="8001",
        auto="8001",
        queues=(SLOW, ENQUIRY),
    )
    tell(
        PICKED_UP
        + """
        0.050  8001 speaks      | -
        0.220  prompt beep ends | -
        0.620  time passes      | offer accepted 8001; answer A; join A 8001
        """,
        agents="8001",
        auto="8001",
    )


def test_speech_before_the_pick_up_is_early_media() -> None:
    """Nothing has been answered yet."""
    tell(
        """
        0.000  A calls 95001    | offered A; auto-ring 8001 for A; open room A
        0.010  8001 rings       | -
        0.011  8001 speaks      | -
        0.012  8001 presses 1   | ignored: a digit with no meaning here
        0.013  8001 falls quiet | -
        0.020  8001 answers     | play beep to 8001
        0.021  8001 rings       | ignored: rang after the answer
        0.022  8001 answers     | ignored: answered twice
        """,
        agents="8001",
        auto="8001",
    )


def test_several_phones_at_once_always_ring() -> None:
    """So do those rung out of a break: nobody's room is opened to a caller unasked."""
    two = msgspec.structs.replace(
        EMERGENCY, widening=(Widening(after_ms=0, phones=2, reach=Reach.READY),)
    )
    tell(
        "0.000  A calls 95001 | offered A; ring 8001 for A; ring 8002 for A; open room A",
        agents="8001 8002",
        auto="8001 8002",
        queues=(two, ENQUIRY),
    )
    far = msgspec.structs.replace(
        EMERGENCY, widening=(Widening(after_ms=0, phones=1, reach=Reach.BREAK),)
    )
    tell(
        """
        0.000  8001 asks to pause for rest | 8001 paused (rest); done: paused
        1.000  A calls 95001               | offered A; ring 8001 for A; open room A
        """,
        agents="8001",
        auto="8001",
        queues=(far, ENQUIRY),
    )


def test_a_second_phone_may_win_while_the_first_is_silent() -> None:
    """Slack goes on shrinking during the four seconds; whoever is there first has the caller."""
    wider = msgspec.structs.replace(
        EMERGENCY,
        widening=(
            Widening(after_ms=0, phones=1, reach=Reach.READY),
            Widening(after_ms=1_000, phones=2, reach=Reach.READY),
        ),
    )
    tell(
        PICKED_UP
        + """
        0.220  prompt beep ends | -
        1.000  time passes      | ring 8002 for A
        1.500  8002 answers     | offer accepted 8002; offer withdrawn 8001;
                                | hang up 8001 (answered_elsewhere); answer A; join A 8002
        1.501  8001 speaks      | -
        1.510  8001 is gone     | 8001 ready
        """,
        agents="8001 8002",
        auto="8001",
        queues=(wider, ENQUIRY),
    )


def test_what_can_go_wrong_before_the_first_word() -> None:
    """The caller leaves, the agent's line drops, the beep cannot be played."""
    tell(
        PICKED_UP
        + """
        0.100  A hangs up   | offer withdrawn 8001; hang up 8001
        0.110  prompt beep ends | ignored: end of a prompt that was let go
        0.120  8001 is gone | 8001 ready; close room A; ended A abandoned, wait 0.100
        """,
        agents="8001",
        auto="8001",
    )
    tell(
        PICKED_UP
        + """
        0.100  8001 is gone | offer rejected 8001 (normal); 8001 not_responding (refused)
        """,
        agents="8001",
        auto="8001",
    )
    tell(
        PICKED_UP
        + """
        0.100  Play fails for 8001 | -
        0.500  time passes         | -
        0.600  8001 speaks         | offer accepted 8001; answer A; join A 8001
        """,
        agents="8001",
        auto="8001",
    )
