"""Stories of a second person who agrees by telephone that nobody had to be sent (E35)."""

from acd.core.events import CaseRestored
from acd.core.facts import CaseNoted
from acd.core.tables import CaseState
from tests.core.story import Story, go_on, tell
from tests.core.test_stories_case import B_JOINS, TALKING

NOBODY_SENT = """
    5.100  8001 presses *30   | case no response by 8001; 8001 says no response;
                              | stop case-open; play no-response-noted to 8001
    5.200  8001 presses *2010 | case outcome no response by 8001; 8001 says no response;
                              | stop no-response-noted; play outcome-noted to 8001
    """


def asked(away: str = "8003 8090") -> Story:
    return go_on(go_on(tell(TALKING, agents="8001 8002", away=away), B_JOINS), NOBODY_SENT)


def test_a_supervisor_is_rung_and_presses_1() -> None:
    """The first is free at once; any other key says nothing."""
    go_on(
        asked(),
        """
         5.500  8090 asks to log in at s8090 | 8090 ready; done: ready
         5.600  8090 asks to pause for rest  | 8090 paused (rest); done: paused
         5.700  8001 asks to close the case  | case agreement asked by 8001; test 8090;
                                             | case agent 8090 was rung to agree;
                                             | done: unconfirmed, a supervisor is asked
         6.000  8090 rings                   | -
         7.000  8090 answers                 | play agreement-for digit-0 digit-2 digit-1 digit-6
                                             | digit-0 digit-0 digit-0 agreement-press to 8090
         9.000  8090 presses 7               | ignored: a key of somebody who is asked to agree
        10.000  8090 presses 1               | case agreed by 8090; stop agreement-for digit-0
                                             | digit-2 digit-1 digit-6 digit-0 digit-0 digit-0
                                             | agreement-press; play agreement-noted to 8090
        11.000  8090 has heard it            | hang up 8090
        11.010  8090 is gone                 | -
        """,
    )


def test_who_does_not_answer_is_rung_again_and_2_lets_the_case_go_on() -> None:
    go_on(
        asked(),
        """
         5.500  8090 asks to log in at s8090 | 8090 ready; done: ready
         5.600  8090 asks to pause for rest  | 8090 paused (rest); done: paused
         5.700  8001 asks to close the case  | case agreement asked by 8001; test 8090;
                                             | case agent 8090 was rung to agree;
                                             | done: unconfirmed, a supervisor is asked
        20.700  time passes                  | hang up 8090 (no_answer)
        20.710  8090 is gone (no_answer)     | -
        40.700  time passes                  | test 8090; case agent 8090 was rung to agree
        41.000  8090 answers                 | play agreement-for digit-0 digit-2 digit-1 digit-6
                                             | digit-0 digit-0 digit-0 agreement-press to 8090
        42.000  8090 presses 2               | case not agreed by 8090; stop agreement-for digit-0
                                             | digit-2 digit-1 digit-6 digit-0 digit-0 digit-0
                                             | agreement-press; play agreement-goes-on to 8090
        43.000  8090 has heard it            | hang up 8090
        43.010  8090 is gone                 | -
        """,
    )


def test_anybody_else_dials_65() -> None:
    """Not whoever has closed it; and there may be nothing to agree to."""
    go_on(
        asked(),
        """
         5.500  8003 asks to log in at s8003 | 8003 ready; done: ready
         5.600  8003 dials *65               | answer desk 8003;
                                             | play agreement-nothing-asked to desk 8003
         5.700  desk 8003 has heard it       | hang up desk 8003
         5.710  desk 8003 is gone            | -
         6.000  8002 asks to close the case  | case agreement asked by 8002;
                                             | done: unconfirmed, a supervisor is asked
         6.050  8002 dials *65               | answer desk 8002;
                                             | play agreement-nothing-asked to desk 8002
         6.060  desk 8002 is gone            | -
         6.100  8003 dials *65               | answer desk 8003; play agreement-for digit-0 digit-2
                                             | digit-1 digit-6 digit-0 digit-0 digit-0
                                             | agreement-press to desk 8003
         8.000  desk 8003 presses 1          | case agreed by 8003; stop agreement-for digit-0
                                             | digit-2 digit-1 digit-6 digit-0 digit-0 digit-0
                                             | agreement-press; play agreement-noted to desk 8003
         9.000  desk 8003 has heard it       | hang up desk 8003
         9.010  desk 8003 is gone            | -
        """,
    )


def test_a_duty_phone_is_rung_over_a_trunk() -> None:
    """C17: at night nobody else is in the house.  A voicemail box presses nothing and has not
    agreed; who presses 1 has."""
    go_on(
        asked(),
        """
         5.500  directory: duty phone leader has 13900001111 for emergency | leader ready
         5.700  8001 asks to close the case                                | case agreement asked
                                                                           | by 8001;
                                                                           | placed 13900001111;
                                                                           | case duty phone leader
                                                                           | was rung to agree;
                                                                           | dial 13900001111 over
                                                                           | carrier-a as 95001;
                                                                           | done: unconfirmed, a
                                                                           | supervisor is asked;
                                                                           | open room 13900001111
         7.000  13900001111 rings                                          | -
         9.000  13900001111 answers                                        | dialled 13900001111:
                                                                           | answered; play
                                                                           | agreement-for digit-0
                                                                           | digit-2 digit-1
                                                                           | digit-6 digit-0
                                                                           | digit-0 digit-0
                                                                           | agreement-press to
                                                                           | 13900001111
        29.000  time passes                                                | hang up 13900001111
        29.010  13900001111 is gone                                        | close room
                                                                           | 13900001111; ended
                                                                           | 13900001111 abandoned
        40.700  time passes                                                | placed 13900001111;
                                                                           | case duty phone leader
                                                                           | was rung to agree;
                                                                           | dial 13900001111 over
                                                                           | carrier-a as 95001;
                                                                           | open room 13900001111
        43.000  13900001111 answers                                        | dialled 13900001111:
                                                                           | answered; play
                                                                           | agreement-for digit-0
                                                                           | digit-2 digit-1
                                                                           | digit-6 digit-0
                                                                           | digit-0 digit-0
                                                                           | agreement-press to
                                                                           | 13900001111
        45.000  13900001111 presses 1                                      | stop agreement-for
                                                                           | digit-0 digit-2
                                                                           | digit-1 digit-6
                                                                           | digit-0 digit-0
                                                                           | digit-0
                                                                           | agreement-press;
                                                                           | case agreed by leader;
                                                                           | hang up 13900001111
        46.000  13900001111 has heard it                                   | hang up 13900001111
                                                                           | (answered_elsewhere)
        46.010  13900001111 is gone                                        | close room
                                                                           | 13900001111; ended
                                                                           | 13900001111 abandoned
        """,
    )


def test_agreed_by_the_api_meanwhile_nobody_is_rung_any_more() -> None:
    go_on(
        asked(),
        """
         4.500  8090 asks to log in at s8090 | 8090 ready; done: ready
         4.600  8090 asks to pause for rest  | 8090 paused (rest); done: paused
         5.000  8001 asks to close the case  | case agreement asked by 8001; test 8090;
                                             | case agent 8090 was rung to agree;
                                             | done: unconfirmed, a supervisor is asked
         6.000  8090 asks to agree the case  | case agreed by 8090;
                                             | hang up 8090 (answered_elsewhere); done: closed
         6.010  8090 is gone                 | -
        """,
    )


def test_after_a_restart_it_is_asked_again() -> None:
    """The case had been waiting for a second person in another life of the service."""
    story = go_on(
        asked(),
        """
        5.700  8001 asks to close the case | case agreement asked by 8001;
                                           | done: unconfirmed, a supervisor is asked
        """,
    )
    case = [e for e in story.effects if isinstance(e, CaseNoted)][-1].case
    assert case.state is CaseState.UNCONFIRMED
    anew = tell("0.000  time passes | -", agents="8090")
    assert anew.step(anew.core.state.now, CaseRestored(case)) == [
        "case restored",
        "test 8090",
        "case agent 8090 was rung to agree",
    ]
