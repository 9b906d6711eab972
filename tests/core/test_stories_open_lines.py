"""Lines that stay open: a beep announces a call, and the line outlives it (decision 8)."""

import msgspec

from acd.core.directory import Reach, Widening
from acd.core.facts import LegEnded, OfferMade
from tests.core.story import EMERGENCY, ENQUIRY, tell

ONE, TWO = (Widening(after_ms=0, phones=phones, reach=Reach.READY) for phones in (1, 2))
PATIENT = msgspec.structs.replace(EMERGENCY, widening=(ONE,))
AT_ONCE = msgspec.structs.replace(EMERGENCY, widening=(TWO,))
WIDER = msgspec.structs.replace(
    EMERGENCY, widening=(ONE, msgspec.structs.replace(TWO, after_ms=2_000))
)


def test_a_line_is_dialled_at_log_in_and_lent_to_one_call_after_the_other() -> None:
    """T09: no phone rings; the first word or key answers, and the line outlives the call.  Ended by
    hand it is dialled again."""
    tell(
        """
         0.000  8001 asks to log in at s8001 | 8001 not_responding (line_closed);
                                             | done: not_responding; dial line of 8001
         0.100  8001 answers                 | open home -; home 8001
         0.102  8001 enter                   | 8001 ready
         0.200  8001 presses 1               | ignored: a key on an open line
         1.000  A calls 95001                | offered A; play beep to 8001; open room A
         1.200  prompt beep ends             | -
         1.600  time passes                  | -
         1.900  8001 speaks                  | offer accepted 8001; answer A; join A 8001
         1.902  A, 8001 enter                | answered A by 8001, wait 0.902
         9.000  A hangs up                   | home 8001
         9.002  8001 enter                   | 8001 wrap_up; close room A;
                                             | ended A answered, wait 0.902, talk 7.098
        10.002  time passes                  | 8001 ready; wrapped up 8001 1.000
        20.000  B calls 95001                | offered B; play beep to 8001; open room B
        20.100  8001 presses 1               | stop beep; offer accepted 8001; answer B;
                                             | join B 8001
        20.102  B, 8001 enter                | answered B by 8001, wait 0.102
        25.000  B hangs up                   | home 8001
        25.002  8001 enter                   | 8001 wrap_up; close room B;
                                             | ended B answered, wait 0.102, talk 4.898
        25.500  8001 is gone                 | close home -
        26.002  time passes                  | 8001 not_responding (line_closed);
                                             | wrapped up 8001 1.000
        26.500  time passes                  | dial line of 8001
        """,
        away="8001",
        nailed="8001",
    )


def test_an_empty_chair_at_an_open_line_ends_the_line() -> None:
    """Nobody hears the beep: the call is offered on, the line is closed, and a test ring that asks
    for a key brings agent and line back."""
    tell(
        """
         0.000  A calls 95001     | offered A; play beep to 8001; open room A
         0.200  prompt beep ends  | -
         0.600  time passes       | -
         2.000  time passes       | picked up A; answer A; hold A; play ack to A
         4.000  time passes       | offer unattended 8001; nobody at s8001; ring 8002 for A;
                                  | 8001 not_responding (empty_chair); hang up 8001
         4.001  time passes       | -
         4.010  8001 is gone      | close home -
         8.000  8002 answers      | offer accepted 8002; stop ack; join A 8002
         8.002  A, 8002 enter     | answered A by 8002, wait 8.002
         9.000  A hangs up        | hang up 8002
         9.010  8002 is gone      | 8002 wrap_up; close room A;
                                  | ended A answered, wait 8.002, talk 0.998
        10.010  time passes       | 8002 ready; wrapped up 8002 1.000
        34.000  time passes       | test 8001
        34.500  8001 answers      | play agent-test-ring to 8001
        35.000  8001 presses 1    | test 1 of 8001 ready; 8001 not_responding (line_closed);
                                  | stop agent-test-ring; play agent-ready to 8001
        35.500  8001 has heard it | hang up 8001
        35.510  8001 is gone      | dial line of 8001
        35.600  8001 answers      | open home -; home 8001
        35.602  8001 enter        | 8001 ready
        """,
        agents="8001 8002",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )


def test_several_at_once_ring_beside_the_open_line() -> None:
    """Whoever picks up has the call on its own line; the open one makes room, and comes back."""
    tell(
        """
         0.000  A calls 95001 | offered A; ring 8001 for A; open room A
         1.000  8001 answers  | offer accepted 8001; answer A; join A 8001; hang up 8001
         1.002  8001' is gone | close home -
         1.003  A, 8001 enter | answered A by 8001, wait 1.003
         9.000  A hangs up    | hang up 8001
         9.010  8001 is gone  | 8001 wrap_up; close room A;
                              | ended A answered, wait 1.003, talk 7.997; dial line of 8001
        10.010  time passes   | 8001 not_responding (line_closed); wrapped up 8001 1.000
        10.100  8001 answers  | open home -; home 8001
        10.102  8001 enter    | 8001 ready
        """,
        agents="8001",
        nailed="8001",
        queues=(AT_ONCE, ENQUIRY),
    )


def test_who_speaks_too_late_hears_why_in_the_line() -> None:
    """Nothing is hung up after it, and the next call is announced there."""
    tell(
        """
        0.000  A calls 95001     | offered A; play beep to 8001; open room A
        0.200  prompt beep ends  | -
        0.600  time passes       | -
        2.000  time passes       | picked up A; answer A; hold A; play ack to A; ring 8002 for A
        3.000  8002 answers      | offer accepted 8002; offer withdrawn 8001;
                                 | play answered-elsewhere to 8001; stop ack; join A 8002
        3.002  A, 8002 enter     | answered A by 8002, wait 3.002
        6.000  8001 has heard it | -
        6.000  time passes       | 8001 ready
        7.000  B calls 95001     | offered B; play beep to 8001; open room B
        7.100  8001 presses 1    | stop beep; offer accepted 8001; answer B; join B 8001
        """,
        agents="8001 8002",
        nailed="8001",
        queues=(WIDER, ENQUIRY),
    )


def test_a_farewell_that_cannot_be_said_keeps_nobody() -> None:
    """The line is free at once."""
    tell(
        """
        0.000  A calls 95001       | offered A; play beep to 8001; open room A
        0.200  prompt beep ends    | -
        0.600  time passes         | -
        2.000  time passes         | picked up A; answer A; hold A; play ack to A; ring 8002 for A
        3.000  8002 answers        | offer accepted 8002; offer withdrawn 8001;
                                   | play answered-elsewhere to 8001; stop ack; join A 8002
        3.001  Play fails for 8001 | -
        3.001  time passes         | 8001 ready
        """,
        agents="8001 8002",
        nailed="8001",
        queues=(WIDER, ENQUIRY),
    )


def test_a_line_lost_in_a_call_is_a_lost_agent() -> None:
    """C07: the caller waits again; hung up by hand or cut is the same.  The line comes back."""
    tell(
        """
         0.000  A calls 95001     | offered A; play beep to 8001; open room A
         0.500  8001 presses 1    | stop beep; offer accepted 8001; answer A; join A 8001
         0.502  A, 8001 enter     | answered A by 8001, wait 0.502
         5.000  8001 is gone      | requeued A; hold A; 8001 wrap_up; close home -
         6.000  time passes       | 8001 not_responding (line_closed); wrapped up 8001 1.000;
                                  | dial line of 8001
         6.100  8001 answers      | open home -; home 8001
         6.102  8001 enter        | 8001 ready; play beep to 8001
         7.000  8001 presses 1    | stop beep; offer accepted 8001; join A 8001
         7.002  8001 enter        | answered A by 8001 again, wait 7.002
         8.000  8001 begins to go | -
         8.001  A hangs up        | home 8001
         8.002  8001 is gone      | 8001 wrap_up; close room A;
                                  | ended A answered, wait 0.502, talk 5.497; close home -
         9.002  time passes       | 8001 not_responding (line_closed); wrapped up 8001 1.000
        10.002  time passes       | dial line of 8001
        """,
        agents="8001",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )


def test_a_line_that_does_not_open_is_tried_less_and_less_often() -> None:
    """Until it does; one that ended after it had lasted is dialled again a second later."""
    tell(
        """
         0.000  8001 asks to log in at s8001 | 8001 not_responding (line_closed);
                                             | done: not_responding; dial line of 8001
        15.000  time passes                  | hang up 8001
        15.010  8001 is gone (no_answer)     | -
        16.010  time passes                  | dial line of 8001
        16.100  8001 is gone (busy)          | -
        18.100  time passes                  | dial line of 8001
        18.200  8001 answers                 | open home -; home 8001
        18.202  8001 enter                   | 8001 ready
        30.000  8001 is gone                 | close home -; 8001 not_responding (line_closed)
        31.000  time passes                  | dial line of 8001
        """,
        away="8001",
        nailed="8001",
    )


def test_a_line_that_does_not_come_home_is_ended() -> None:
    """A move takes 2 ms: after 2 s the agent must not wait for it any longer."""
    tell(
        """
        0.000  A calls 95001  | offered A; play beep to 8001; open room A
        0.500  8001 presses 1 | stop beep; offer accepted 8001; answer A; join A 8001
        0.502  A, 8001 enter  | answered A by 8001, wait 0.502
        5.000  A hangs up     | home 8001
        7.000  time passes    | repaired: an open line did not come home; hang up 8001
        7.010  8001 enter     | 8001 wrap_up; close room A;
                              | ended A answered, wait 0.502, talk 4.498
        7.020  8001 is gone   | close home -
        8.010  time passes    | 8001 not_responding (line_closed); wrapped up 8001 1.000
        8.020  time passes    | dial line of 8001
        """,
        agents="8001",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )


def test_a_given_up_line_is_ended_though_the_first_attempt_failed_and_it_came_home() -> None:
    """Seed 820: the line came home after Asterisk had refused to end it; nobody asked again, and it
    stayed open for ever with no agent to be reached on it."""
    tell(
        """
        0.000  A calls 95001          | offered A; play beep to 8001; open room A
        0.500  8001 presses 1         | stop beep; offer accepted 8001; answer A; join A 8001
        0.502  A, 8001 enter          | answered A by 8001, wait 0.502
        5.000  A hangs up             | home 8001
        7.000  time passes            | repaired: an open line did not come home; hang up 8001
        7.010  HangUp fails for 8001  | -
        7.020  8001 enter             | 8001 wrap_up; close room A;
                                      | ended A answered, wait 0.502, talk 4.498
        8.010  time passes            | hang up 8001
        8.020  time passes            | 8001 not_responding (line_closed); wrapped up 8001 1.000
        8.030  8001 is gone           | close home -
        9.030  time passes            | dial line of 8001
        """,
        agents="8001",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )


def test_the_phone_dials_a_code() -> None:
    """Its own call takes the line's place; nobody is announced into a line that is on hold."""
    tell(
        """
        0.000  8001 holds by itself   | -
        0.001  8001 dials *61         | answer desk 8001; play agent-ready to desk 8001;
                                      | hang up 8001; 8001 not_responding (line_closed)
        0.010  8001 is gone           | close home -
        2.000  desk 8001 has heard it | hang up desk 8001
        2.010  desk 8001 is gone      | dial line of 8001
        2.100  8001 answers           | open home -; home 8001
        2.102  8001 enter             | 8001 ready
        """,
        agents="8001",
        nailed="8001",
    )


def test_nobody_is_announced_into_a_line_on_hold() -> None:
    """The phone is at another call of its own; what is held in a conversation is that caller."""
    tell(
        """
        0.000  8001 holds by itself | -
        1.000  A calls 95001        | offered A; open room A
        2.000  compared: 8001 A     | -
        3.000  time passes          | picked up A; answer A; hold A; play ack to A
        5.000  8001 takes it back   | play beep to 8001
        5.500  8001 presses 1       | stop beep; offer accepted 8001; stop ack; join A 8001
        5.502  A, 8001 enter        | answered A by 8001, wait 4.502
        6.000  8001 holds by itself | open side A; aside 8001; hold A
        6.002  8001 enter           | held A by 8001
        6.500  8001 takes it back   | join 8001
        6.502  8001 enter           | close side A; resumed A after 0.500
        7.000  A hangs up           | home 8001
        7.010  8001 enter           | 8001 wrap_up; close room A;
                                    | ended A answered, wait 4.502, talk 0.998, hold 0.500
        """,
        agents="8001",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )


def test_a_private_call_beside_an_open_line_is_found() -> None:
    """asterisk#1181: the phone is in use all day, so its channels are looked at, twice."""
    tell(
        """
        0.000  compared: 8001, in use: 8001, private: 8001 | -
        1.000  compared: 8001, in use: 8001, private: 8001 | -
        2.000  A calls 95001                               | offered A; open room A
        4.000  compared: 8001 A, in use: 8001              | picked up A; answer A; hold A;
                                                           | play ack to A
        4.100  compared: 8001 A, in use: 8001              | play beep to 8001
        """,
        agents="8001",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )


def test_a_log_out_during_a_call_waits_for_its_end() -> None:
    """T37: and then the line ends too."""
    tell(
        """
        0.000  A calls 95001        | offered A; play beep to 8001; open room A
        0.500  8001 presses 1       | stop beep; offer accepted 8001; answer A; join A 8001
        0.502  A, 8001 enter        | answered A by 8001, wait 0.502
        1.000  8001 asks to log out | done: talking, then logged_out
        5.000  A hangs up           | home 8001
        5.010  8001 enter           | 8001 wrap_up; close room A;
                                    | ended A answered, wait 0.502, talk 4.498
        6.010  time passes          | 8001 logged_out; wrapped up 8001 1.000; hang up 8001
        6.020  8001 is gone         | close home -
        """,
        agents="8001",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )


def test_one_line_in_one_call_twice_has_two_accounts() -> None:
    """K04: rows of legs are told apart by the line's count."""
    story = tell(
        """
        0.000  A calls 95001          | offered A; play beep to 8001; open room A
        0.500  8001 presses 1         | stop beep; offer accepted 8001; answer A; join A 8001
        0.502  A, 8001 enter          | answered A by 8001, wait 0.502
        3.000  8001 presses *1195001# | blind A to 95001 by 8001; blind A to 95001 completed;
                                      | home 8001; requeued A; hold A;
                                      | play caller-transferring to A
        3.002  8001 enter             | 8001 wrap_up
        3.010  A enter                | -
        4.002  time passes            | 8001 ready; wrapped up 8001 1.000; play beep to 8001
        4.500  8001 presses 1         | stop beep; offer accepted 8001; stop caller-transferring;
                                      | join A 8001
        4.502  A, 8001 enter          | answered A by 8001 again, wait 4.502
        """,
        agents="8001",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )
    ended = [fact.leg for fact in story.effects if isinstance(fact, LegEnded)]
    made = [fact.leg for fact in story.effects if isinstance(fact, OfferMade)]
    assert ended == [f"{line}#1" for line in [made[0].partition("#")[0]]]
    assert made == [ended[0], ended[0].replace("#1", "#2")]


def test_the_link_and_asterisk_come_back() -> None:
    """A way home that may be lost with the link is asked for again; a lost line is dialled anew."""
    tell(
        """
        0.000  A calls 95001                   | offered A; play beep to 8001; open room A
        0.500  8001 presses 1                  | stop beep; offer accepted 8001; answer A;
                                               | join A 8001
        0.502  A, 8001 enter                   | answered A by 8001, wait 0.502
        1.000  A hangs up                      | home 8001
        1.500  the switch is back with 8001    | open hold-emergency; open hold-enquiry; home 8001
        1.600  8001 enter                      | 8001 wrap_up; close room A;
                                               | ended A answered, wait 0.502, talk 0.498
        2.600  time passes                     | 8001 ready; wrapped up 8001 1.000
        3.000  the switch is back with nothing | open hold-emergency; open hold-enquiry;
                                               | repaired: leg was gone; close home -;
                                               | 8001 not_responding (line_closed)
        4.000  time passes                     | dial line of 8001
        """,
        agents="8001",
        nailed="8001",
        queues=(PATIENT, ENQUIRY),
    )
