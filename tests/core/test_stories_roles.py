"""Stories of how somebody comes to be A or B: phones that pick up by themselves, lines that stay
open, notes and breaks that are interrupted, and duty phones when nobody in the house can be
(E14–E16, C17, T09, D08)."""

import msgspec

from tests.core.story import EMERGENCY, tell

TALKING = """
    0.000  A calls 95001  | offered A; ring 8001 for A; open room A
    1.000  8001 answers   | offer accepted 8001; answer A; join A 8001
    1.002  A, 8001 enter  | answered A by 8001, wait 1.002
"""
QUEUES = (msgspec.structs.replace(EMERGENCY, outside_ring_ms=20_000),)


def test_b_picks_up_by_itself_and_a_word_joins() -> None:
    """T09, E14: as for any caller, such a pick-up proves nothing; the first word does."""
    tell(
        TALKING
        + """
        3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; auto-ring 8002 for A
        3.010  8002 rings       | -
        3.020  8002 answers     | play beep to 8002
        3.220  prompt beep ends | -
        3.620  time passes      | -
        4.000  8002 speaks      | offer accepted 8002; case b taken by 8002; join 8002
        4.002  8002 enters      | -
        """,
        agents="8001 8002",
        auto="8002",
    )


def test_an_empty_chair_is_not_b() -> None:
    """T09, E14: four seconds, and the next one is rung."""
    tell(
        TALKING
        + """
        3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; auto-ring 8002 for A
        3.020  8002 answers     | play beep to 8002
        3.220  prompt beep ends | -
        3.620  time passes      | -
        7.020  time passes      | offer unattended 8002; nobody at s8002; hang up 8002 (no_answer);
                                | ring 8003 for A
        7.030  8002 is gone     | 8002 not_responding (empty_chair)
        """,
        agents="8001 8002 8003",
        auto="8002",
    )


def test_an_open_line_is_lent_to_the_case() -> None:
    """T09, E14: no phone rings; when the caller has gone the line is at home again."""
    tell(
        TALKING
        + """
        3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; play beep to 8002
        3.200  8002 presses 1   | stop beep; offer accepted 8002; case b taken by 8002; join 8002
        3.202  8002 enters      | -
        9.000  A hangs up       | hang up 8001; home 8002
        9.002  8002 enter       | 8002 wrap_up
        9.010  8001 is gone     | 8001 wrap_up; close room A;
                                | ended A answered, wait 1.002, talk 7.998
        """,
        agents="8001 8002",
        nailed="8002",
    )


def test_the_caller_leaves_while_an_open_line_is_asked() -> None:
    """E14: the line was not in the call yet, and is free at once."""
    tell(
        TALKING
        + """
        3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; play beep to 8002
        4.000  A hangs up       | stop beep; offer withdrawn 8002; hang up 8001
        4.000  time passes      | 8002 ready
        4.010  8001 is gone     | 8001 wrap_up; close room A;
                                | ended A answered, wait 1.002, talk 2.998
        """,
        agents="8001 8002",
        nailed="8002",
    )


def test_notes_and_breaks_are_interrupted_and_meals_are_not() -> None:
    """E14, D08: who has refused or missed the ring is back in the break."""
    tell(
        TALKING
        + """
         2.000  8002 asks to pause for meal | 8002 paused (meal); done: paused
         2.100  8003 asks to pause for rest | 8003 paused (rest); done: paused
         3.000  8001 presses *90            | case opened by 8001; play case-open to 8001;
                                            | ring 8003 for A
        11.000  time passes                 | offer failed 8003; hang up 8003 (no_answer)
        11.010  8003 is gone (no_answer)    | 8003 paused (rest)
        """,
        agents="8001 8002 8003",
    )


DUTY = """
    1.500  directory: duty phone d1 has 02109900001 for emergency | d1 ready
    3.000  8001 presses *90 | case opened by 8001; play case-open to 8001;
                            | dial 02109900001 over carrier-a as 02109500101
"""


def test_a_duty_phone_is_b() -> None:
    """C17, E14–E16: when nobody in the house can be; a key there first.  From then on it commands
    as any agent's phone does, and when A hangs up the case is theirs, from the rescue room too."""
    tell(
        TALKING
        + DUTY
        + """
         5.000  02109900001 rings         | -
         8.000  02109900001 answers       | dialled 02109900001: answered; play duty-case digit-0
                                          | digit-2 digit-1 digit-6 digit-0 digit-0 digit-0
                                          | duty-press-1 to 02109900001
        13.000  time passes               | case nobody is b yet; case one agent on duty;
                                          | dial 01390000001 over carrier-a as 02109500101;
                                          | dial 01390000002 over carrier-a as 02109500101
        14.000  02109900001 presses 1     | stop duty-case digit-0 digit-2 digit-1 digit-6 digit-0
                                          | digit-0 digit-0 duty-press-1; offer accepted d1;
                                          | case b taken by d1; join 02109900001
        14.002  02109900001 enters        | -
        15.000  02109900001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                                          | aside 02109900001
        15.002  02109900001 enters        | -
        16.000  90120 answers             | dialled 90120: answered; case medical reached by d1;
                                          | aside 90120
        16.002  90120 enters              | -
        17.000  8001 hangs up             | hold A; held A by d1; case a gone by 8001;
                                          | 8001 wrap_up; ring 8001 for A
        17.002  A enters                  | -
        18.500  02109900001 presses *93   | join 02109900001 90120; play caller-hold-thanks to A
        """,
        agents="8001",
        queues=QUEUES,
    )


def test_who_is_still_asked_to_be_b_is_not_brought_to_the_caller() -> None:
    """C17, E16: A brings a contact to the caller; a duty phone that has picked up and pressed
    nothing may be a voicemail box, and stays where it is."""
    tell(
        TALKING
        + DUTY
        + """
        12.000  02109900001 answers  | dialled 02109900001: answered; play duty-case digit-0 digit-2
                                     | digit-1 digit-6 digit-0 digit-0 digit-0 duty-press-1 to
                                     | 02109900001
        13.000  time passes          | case nobody is b yet; case one agent on duty;
                                     | dial 01390000001 over carrier-a as 02109500101;
                                     | dial 01390000002 over carrier-a as 02109500101
        14.000  01390000001 answers  | dialled 01390000001: answered; play contact-emergency-for
                                     | digit-0 digit-2 digit-1 digit-6 digit-0 digit-0 digit-0
                                     | contact-press-one to 01390000001
        15.000  01390000001 presses 1 | stop contact-emergency-for digit-0 digit-2 digit-1 digit-6
                                     | digit-0 digit-0 digit-0 contact-press-one;
                                     | case contact 01390000001 accepted; hold 01390000001;
                                     | stop case-open; play contact-waits to 8001
        15.002  01390000001 enters   | -
        16.000  8001 presses *93     | join 01390000001; stop contact-waits;
                                     | play conference-joined to 8001
        """,
        agents="8001",
        queues=QUEUES,
    )


def test_a_voicemail_box_is_not_b_and_the_phone_is_dialled_again() -> None:
    """C17: nobody pressed a key.  It rests for 10 s and is dialled again: nobody else is there."""
    tell(
        TALKING
        + DUTY
        + """
         5.000  02109900001 answers | dialled 02109900001: answered; play duty-case digit-0 digit-2
                                    | digit-1 digit-6 digit-0 digit-0 digit-0 duty-press-1 to
                                    | 02109900001
        13.000  time passes         | case nobody is b yet; case one agent on duty;
                                    | dial 01390000001 over carrier-a as 02109500101;
                                    | dial 01390000002 over carrier-a as 02109500101
        20.000  time passes         | offer unattended d1; hang up 02109900001 (no_answer)
        20.010  02109900001 is gone | d1 not_responding (empty_chair)
        23.000  time passes         | -
        25.000  time passes         | hang up 01390000001; hang up 01390000002
        30.010  time passes         | d1 ready; dial 02109900001 over carrier-a as 02109500101
        """,
        agents="8001",
        queues=QUEUES,
    )


def test_an_agent_who_becomes_free_is_rung_beside_the_duty_phone() -> None:
    """E14: the first to answer is B, and the other is taken back."""
    tell(
        TALKING
        + DUTY
        + """
        5.000  02109900001 rings            | -
        6.000  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for A
        8.000  8002 answers                 | offer accepted 8002; offer withdrawn d1;
                                            | dialled 02109900001: withdrawn; hang up 02109900001;
                                            | case b taken by 8002; join 8002
        8.002  8002 enters                  | -
        8.010  02109900001 is gone          | d1 ready
        """,
        agents="8001",
        away="8002",
        queues=QUEUES,
    )


def test_a_duty_phone_that_cannot_be_dialled_out_of_its_notes_rests() -> None:
    """C17: B hangs up there and is to be rung again, and no trunk is left; nobody is stuck."""
    tell(
        TALKING
        + DUTY
        + """
        5.000  02109900001 answers                | dialled 02109900001: answered; play duty-case
                                                  | digit-0 digit-2 digit-1 digit-6 digit-0 digit-0
                                                  | digit-0 duty-press-1 to 02109900001
        6.000  02109900001 presses 1              | stop duty-case digit-0 digit-2 digit-1 digit-6
                                                  | digit-0 digit-0 digit-0 duty-press-1;
                                                  | offer accepted d1; case b taken by d1;
                                                  | join 02109900001
        6.002  02109900001 enters                 | -
        7.000  directory: trunk carrier-a removed | -
        7.100  directory: trunk carrier-b removed | -
        8.000  02109900001 hangs up               | case b gone by d1; d1 wrap_up;
                                                  | d1 not_responding (unreachable);
                                                  | wrapped up d1 0.000
        """,
        agents="8001",
        queues=QUEUES,
    )
