"""Stories of a case: agent A and agent B, the rescue room, contacts, and how people come and go
(E03, E05, E06, E14–E18, E37, E41, E45, T35)."""

import msgspec
import pytest

from acd.core.emergency.case import Case, CaseRole
from acd.core.events import CaseRestored
from acd.core.facts import CaseNoted
from acd.core.tables import CaseState
from tests.core.story import Story, go_on, tell

TALKING = """
    0.000  A calls 95001 | offered A; ring 8001 for A; open room A
    1.000  8001 answers  | offer accepted 8001; answer A; join A 8001
    1.002  A, 8001 enter | answered A by 8001, wait 1.002
    """

B_JOINS = """
    3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; ring 8002 for A
    5.000  8002 answers     | offer accepted 8002; case b taken by 8002; join 8002
    5.002  8002 enters      | -
    """

TO_RESCUE = """
    6.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                              | stop case-open; aside 8001
    6.002  8001 enters        | -
    6.500  90120 rings        | play tone:ring to 8001
    8.000  90120 answers      | dialled 90120: answered; stop tone:ring;
                              | case medical reached by 8001; aside 90120
    8.002  90120 enters       | -
    """


def with_b(agents: str = "8001 8002") -> Story:
    return go_on(tell(TALKING, agents=agents), B_JOINS)


def test_b_joins_while_a_goes_on_talking() -> None:
    """E14–E16: one key opens the case and rings B; nothing changes for the caller."""
    with_b()


def test_b_is_rung_out_of_wrap_up_and_the_next_one_when_nobody_answers() -> None:
    """E14: free agents first, then notes and breaks are interrupted."""
    go_on(
        tell(TALKING, agents="8001 8002 8003"),
        """
         3.000  8001 presses *90         | case opened by 8001; play case-open to 8001;
                                         | ring 8002 for A
        11.000  time passes              | offer failed 8002; hang up 8002 (no_answer);
                                         | ring 8003 for A
        11.010  8002 is gone (no_answer) | 8002 not_responding (unreachable)
        12.000  8003 answers             | offer accepted 8003; case b taken by 8003; join 8003
        12.002  8003 enters              | -
        """,
    )


def test_a_calls_120_in_the_rescue_room_merges_splits_and_comes_back() -> None:
    """E05, E15, E16: B stays with the caller; A talks with 120 out of the caller's hearing, lets
    both hear each other, parts them again, and comes back while 120 hears music."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
         9.000  8001 presses *93  | join 8001 90120
         9.002  8001, 90120 enter | play conference-joined to 8001; close side A
        10.000  8001 presses *94  | open side A; stop conference-joined; aside 8001 90120
        10.002  8001, 90120 enter | play case-apart to 8001
        11.000  8001 presses *92  | stop case-apart; join 8001; hold 90120
        11.002  8001, 90120 enter | play call-resumed to 8001; close side A
        12.000  8001 presses *91# | open side A; stop call-resumed; aside 8001; aside 90120
        12.002  8001, 90120 enter | -
        13.000  90120 hangs up    | play party-gone to 8001
        14.000  8001 presses *92  | stop party-gone; join 8001
        """,
    )


def test_120_that_lets_it_ring_for_long_is_heard_when_it_answers() -> None:
    """E05: the ring-back tone has no end of its own, and whoever is played something hears nobody
    and is not heard: 15 s later it must still be stopped."""
    go_on(
        with_b(),
        """
         6.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                                   | stop case-open; aside 8001
         6.002  8001 enters        | -
         6.500  90120 rings        | play tone:ring to 8001
        30.000  90120 answers      | dialled 90120: answered; stop tone:ring;
                                   | case medical reached by 8001; aside 90120
        30.002  90120 enters       | -
        """,
    )


def test_a_recording_that_was_brought_to_the_caller_is_no_company() -> None:
    """E03, E16: A has gone on to call 110, and says that what was left with the caller is a
    recording: the caller has music at once, and not only when that line has ended."""
    go_on(
        tell(TALKING, agents="8001"),
        """
         3.000  8001 presses *90     | case opened by 8001; play case-open to 8001
         6.000  8001 presses *911#   | dial 90120 over carrier-a as 02109500101; open side A;
                                     | stop case-open; aside 8001; hold A
         6.002  8001, A enter        | held A by 8001
         8.000  90120 answers        | dialled 90120: answered; case medical reached by 8001;
                                     | aside 90120
         8.002  90120 enters         | -
         9.000  8001 presses *93     | join 8001 90120; play caller-hold-thanks to A
         9.002  8001, 90120 enter    | play conference-joined to 8001; close side A
         9.500  A has heard it       | join A
         9.502  A enters             | resumed A after 3.500
        10.000  8001 presses *912#   | dial 90110 over carrier-a as 02109500101; open side A;
                                     | stop conference-joined; aside 8001
        10.002  8001 enters          | -
        11.000  8001 presses *22     | case medical was a recording by 8001; hang up 90120; hold A;
                                     | play outbound-unreachable to 8001
        11.002  A enters             | held A by 8001
        """,
    )


def test_a_and_b_talk_in_private_and_the_caller_is_told() -> None:
    """E16: a second room; one key takes both there, and one brings both back."""
    go_on(
        with_b(),
        """
        6.000  8001 presses *95    | open side A; stop case-open; aside 8001 8002; hold A
        6.002  8001, 8002, A enter | held A by 8001; play caller-we-confer to A
        8.000  8002 presses *95    | join 8001 8002; stop caller-we-confer;
                                   | play caller-hold-thanks to A
        8.002  8001, 8002 enter    | close side A
        8.500  A has heard it      | join A
        8.502  A enters            | resumed A after 2.500
        """,
    )


def test_all_contacts_are_called_at_once_and_120_for_the_agent() -> None:
    """T35, E06, C17: a contact counts when they have pressed a key; one who has not was not
    reached; one who has waits until an agent fetches them."""
    go_on(
        with_b(),
        """
         6.000  8001 presses *96                         | dial 01390000001 over carrier-a as
                                                         | 02109500101; dial 01390000002 over
                                                         | carrier-a as 02109500101; dial 90120
                                                         | over carrier-a as 02109500101;
                                                         | open side A; stop case-open; aside 8001;
                                                         | case all called by 8001
         6.002  8001 enters                              | -
         7.000  01390000001 answers; 01390000002 answers | dialled 01390000001: answered; play
                                                         | contact-emergency-for digit-0 digit-2
                                                         | digit-1 digit-6 digit-0 digit-0 digit-0
                                                         | contact-press-one to 01390000001;
                                                         | dialled 01390000002: answered; play
                                                         | contact-emergency-for digit-0 digit-2
                                                         | digit-1 digit-6 digit-0 digit-0 digit-0
                                                         | contact-press-one to 01390000002
         9.000  01390000001 presses 1                    | stop contact-emergency-for digit-0
                                                         | digit-2 digit-1 digit-6 digit-0 digit-0
                                                         | digit-0 contact-press-one;
                                                         | case contact 01390000001 accepted;
                                                         | hold 01390000001;
                                                         | play contact-waits to 8001
         9.002  01390000001 enters                       | -
        10.000  90120 is refused with 486                | dialled 90120: busy; stop contact-waits;
                                                         | play outbound-busy to 8001
        11.000  8001 presses *914#                       | aside 01390000001; stop outbound-busy
        11.002  01390000001 enters                       | -
        27.000  time passes                              | hang up 01390000002
        27.010  01390000002 is gone                      | -
        28.000  8001 presses *93                         | join 8001 01390000001
        28.002  8001, 01390000001 enter                  | play conference-joined to 8001;
                                                         | close side A
        """,
    )


def test_who_speaks_on_after_the_caller_has_left_hears_that_120_does_not_answer() -> None:
    """E05: and not the ring-back tone, which has no end of its own."""
    go_on(
        with_b(),
        """
         6.000  8001 presses *96          | dial 01390000001 over carrier-a as 02109500101;
                                          | dial 01390000002 over carrier-a as 02109500101;
                                          | dial 90120 over carrier-a as 02109500101; open side A;
                                          | stop case-open; aside 8001; case all called by 8001
         6.002  8001 enters               | -
         9.000  A hangs up                | hang up 8002
         9.100  8002 is gone              | 8002 wrap_up
        10.000  90120 rings               | play tone:ring to 8001
        10.100  time passes               | 8002 ready; wrapped up 8002 1.000
        12.000  90120 is refused with 486 | dialled 90120: busy; stop tone:ring;
                                          | play outbound-busy to 8001
        """,
    )


def test_who_hangs_up_by_accident_is_rung_twice_and_then_somebody_else() -> None:
    """E16: the caller is with B all the while."""
    go_on(
        with_b("8001 8002 8003"),
        """
         6.000  8001 hangs up            | case a gone by 8001; 8001 wrap_up; ring 8001 for A
         6.500  8001 rings               | -
        14.000  time passes              | offer missed 8001; hang up 8001 (no_answer)
        14.010  8001 is gone (no_answer) | 8001 wrap_up; ring 8001 for A
        14.500  8001 rings               | -
        15.010  time passes              | -
        16.000  time passes              | case nobody is a yet
        22.010  time passes              | offer missed 8001; hang up 8001 (no_answer);
                                         | ring 8003 for A
        22.020  8001 is gone (no_answer) | 8001 wrap_up
        23.000  8003 answers             | offer accepted 8003; case a taken by 8003; join 8003
        23.002  8003 enters              | -
        """,
    )


def test_when_both_are_gone_the_caller_goes_before_everybody_and_who_answers_is_a() -> None:
    """E16, C07: and a B is called again."""
    go_on(
        with_b("8001 8002 8003"),
        """
        6.000  8002 hangs up | case b gone by 8002; 8002 wrap_up; ring 8002 for A
        6.100  8001 hangs up | requeued A; offer withdrawn 8002; hang up 8002; hold A;
                             | case a gone by 8001; 8001 wrap_up; ring 8003 for A
        6.105  A enters      | -
        6.110  8002 is gone  | 8002 wrap_up
        7.000  8003 answers  | offer accepted 8003; join A 8003
        7.002  A, 8003 enter | case a taken by 8003; answered A by 8003 again, wait 7.002;
                             | ring 8002 for A
        """,
    )


def test_the_caller_hangs_up_and_a_finishes_with_120() -> None:
    """E10: what was begun with rescue is finished; nobody is left alone on the line."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
         9.000  A hangs up    | hang up 8002
         9.010  8002 is gone  | 8002 wrap_up
        10.010  time passes   | 8002 ready; wrapped up 8002 1.000
        12.000  8001 hangs up | hang up 90120; 8001 wrap_up
        12.010  90120 is gone | close side A; close room A;
                              | ended A answered, wait 1.002, talk 7.998
        """,
    )


def test_who_still_rings_when_the_caller_hangs_up_is_withdrawn() -> None:
    """E37: it is told as what it was, and not as a number that cannot be reached."""
    go_on(
        with_b(),
        """
        6.000  8001 presses *914#  | dial 01390000001 over carrier-a as 02109500101; open side A;
                                   | stop case-open; aside 8001
        6.010  8001 enters         | -
        7.000  01390000001 rings   | play tone:ring to 8001
        8.000  8001 presses *92    | stop tone:ring; join 8001
        8.010  8001 enters         | close side A; play call-resumed to 8001
        9.000  A hangs up          | hang up 8001; hang up 8002; dialled 01390000001: withdrawn;
                                   | hang up 01390000001
        9.010  01390000001 is gone | -
        9.020  8001 is gone        | 8001 wrap_up
        9.030  8002 is gone        | 8002 wrap_up; close room A;
                                   | ended A answered, wait 1.002, talk 7.998
        """,
    )


def test_when_help_is_at_the_door_nobody_is_looked_for_and_nothing_is_owed_for_the_call() -> None:
    """E17, E36, E37: no word but this one was said of it, and the elder is not called back."""
    story = tell(TALKING, agents="8001 8002 8003", owed=True)
    go_on(
        story,
        """
        3.000  8001 presses *90  | case opened by 8001; task report owed;
                                 | task revisit owed; task leader owed;
                                 | play case-open to 8001; ring 8002 for A
        4.000  8001 presses *98  | case help arrived by 8001; offer withdrawn 8002; hang up 8002;
                                 | stop case-open; play case-help-arrived to 8001
        4.010  8002 is gone      | 8002 ready
        5.000  8001 has heard it | -
        6.000  A hangs up        | hang up 8001
        6.010  8001 is gone      | 8001 wrap_up; close room A;
                                 | ended A answered, wait 1.002, talk 4.998
        """,
    )
    later = ("report", "revisit", "leader")
    assert all(owed.why in later for owed in story.core.state.obligations.values())


def test_b_answers_after_the_caller_has_hung_up() -> None:
    go_on(
        tell(TALKING, agents="8001 8002"),
        """
        3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; ring 8002 for A
        4.000  A hangs up       | offer withdrawn 8002; hang up 8002; hang up 8001
        4.005  8002 answers     | ignored: answer to an offer that ended
        4.010  8001 is gone     | 8001 wrap_up
        4.020  8002 is gone     | 8002 ready; close room A;
                                | ended A answered, wait 1.002, talk 2.998
        """,
    )


RINGS = """
    6.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                              | stop case-open; aside 8001
    6.002  8001 enters        | -
    6.500  90120 rings        | play tone:ring to 8001
    """


def test_120_that_was_with_a_caller_who_hangs_up_is_not_left_alone() -> None:
    """E10, found by the random walk: the agent had gone aside to call a contact, and 120 stayed in
    the caller's empty room."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
         9.000  8001 presses *93   | join 8001 90120
         9.002  8001, 90120 enter  | play conference-joined to 8001; close side A
        10.000  8001 presses *914# | dial 01390000001 over carrier-a as 02109500101; open side A;
                                   | stop conference-joined; aside 8001
        10.002  8001 enters        | -
        11.000  A hangs up         | hang up 8002; aside 90120
        """,
    )


def test_120_rings_on_in_the_agents_ear_when_something_else_has_been_said() -> None:
    """E03: the agent heard that a contact was busy, and then silence, though 120 still rang."""
    go_on(
        go_on(with_b(), RINGS),
        """
        7.000  8001 presses *914#              | dial 01390000001 over carrier-a as 02109500101;
                                               | stop tone:ring; play tone:ring to 8001
        8.000  01390000001 is refused with 486 | dialled 01390000001: busy;
                                               | case contact 01390000001 not reached;
                                               | stop tone:ring; play outbound-busy to 8001
        9.500  8001 has heard it               | play tone:ring to 8001
        """,
    )


def test_who_comes_back_to_the_rescue_room_hears_that_120_still_rings() -> None:
    """E03: they had gone to the caller meanwhile, and waited in silence afterwards."""
    go_on(
        go_on(with_b(), RINGS),
        """
         7.000  8001 presses *92   | stop tone:ring; join 8001
         7.002  8001 enters        | close side A; play call-resumed to 8001
         8.000  8001 presses *914# | dial 01390000001 over carrier-a as 02109500101; open side A;
                                   | stop call-resumed; aside 8001
         8.002  8001 enters        | play tone:ring to 8001
        """,
    )


def test_120_that_answers_when_nobody_is_in_the_rescue_room_is_told() -> None:
    """E05: A has gone back to the caller while it rang; 120 hears music, and would hang up."""
    go_on(
        go_on(with_b(), RINGS),
        """
         7.000  8001 presses *92  | stop tone:ring; join 8001
         7.010  8001 enters       | close side A; play call-resumed to 8001
         9.000  90120 answers     | dialled 90120: answered; stop call-resumed;
                                  | case medical reached by 8001; hold 90120;
                                  | play rescue-waits to 8001
         9.010  90120 enters      | -
        10.000  8001 presses *91# | open side A; stop rescue-waits; aside 8001; aside 90120
        """,
    )


def test_120_that_answers_after_a_has_hung_up_is_bs() -> None:
    """E05: A's phone rings again, and plays nothing to anybody."""
    go_on(
        go_on(with_b(), RINGS),
        """
        7.000  8001 hangs up | close side A; case a gone by 8001; 8001 wrap_up; ring 8001 for A
        8.000  90120 answers | dialled 90120: answered; case medical reached by 8001;
                             | hold 90120; play rescue-waits to 8002
        """,
    )


def test_120_whose_agent_is_gone_is_the_next_ones() -> None:
    """E10: it hears music, and whoever has the caller now is told: B, or who answers next."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
        9.000  8001 hangs up      | case a gone by 8001; hold 90120; play rescue-waits to 8002;
                                  | 8001 wrap_up; ring 8001 for A
        9.010  90120 enters       | close side A
        9.020  8002 presses *91#  | open side A; stop rescue-waits; aside 8002; hold A; aside 90120
        """,
    )
    go_on(
        tell(TALKING, agents="8001"),
        """
         3.000  8001 presses *90        | case opened by 8001; play case-open to 8001
         6.000  8001 presses *911#      | dial 90120 over carrier-a as 02109500101; open side A;
                                        | stop case-open; aside 8001; hold A
         6.002  8001 enters             | held A by 8001
         8.000  90120 answers           | dialled 90120: answered; case medical reached by 8001;
                                        | aside 90120
         8.002  90120 enters            | -
         9.000  8001 is gone (failed)   | requeued A; hold A; case a gone by 8001; hold 90120;
                                        | 8001 wrap_up
         9.002  A, 90120 enter          | close side A
        10.000  time passes             | 8001 ready; wrapped up 8001 1.000; ring 8001 for A
        10.500  8001 answers            | offer accepted 8001; join A 8001
        10.510  A, 8001 enter           | case a taken by 8001;
                                        | answered A by 8001 again, wait 10.510;
                                        | play rescue-waits to 8001
        """,
    )


def test_120_does_not_ring_on_when_the_last_agent_has_hung_up_and_is_owed() -> None:
    """E03, E05: it was answered by music, and counted as reached, though nobody had spoken."""
    story = go_on(
        tell(TALKING, agents="8001"),
        "3.000 8001 presses *90 | case opened by 8001; play case-open to 8001",
    )
    story.tells_owed = True
    go_on(
        story,
        """
        6.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                                  | stop case-open; aside 8001; hold A
        6.002  8001 enters        | held A by 8001
        6.500  90120 rings        | play tone:ring to 8001
        7.000  8001 hangs up      | close side A; requeued A; hold A; case a gone by 8001;
                                  | dialled 90120: withdrawn; hang up 90120; 8001 wrap_up
        7.010  90120 is gone      | task call_rescue owed
        """,
    )


def test_120_that_still_rings_when_the_caller_hangs_up_is_owed() -> None:
    """E03: nobody is left to speak to it, and the elder has not got any better."""
    story = go_on(with_b(), RINGS)
    story.tells_owed = True
    go_on(
        story,
        """
        7.000  8001 presses *92 | stop tone:ring; join 8001
        7.010  8001 enters      | close side A; play call-resumed to 8001
        8.000  A hangs up       | hang up 8001; hang up 8002; dialled 90120: withdrawn;
                                | hang up 90120
        8.010  90120 is gone    | task call_rescue owed
        """,
    )


@pytest.mark.parametrize("refused", [False, True], ids=["it hung up", "Asterisk refused"])
def test_120_that_was_gone_before_anybody_could_speak_is_not_reached(refused: bool) -> None:
    """E03: it answered, and was never in any room."""
    story = go_on(with_b(), RINGS)
    story.tells_owed = True
    go_on(
        story,
        """
        8.000  90120 answers          | dialled 90120: answered; stop tone:ring;
                                      | case medical reached by 8001; task ask_medical owed;
                                      | aside 90120
        """,
    )
    if refused:
        go_on(
            story,
            """
            8.001  JoinRoom fails for 90120 | open side A; aside 90120
            8.002  JoinRoom fails for 90120 | open side A; aside 90120
            8.003  JoinRoom fails for 90120 | hang up 90120
            """,
        )
    go_on(
        story,
        """
        8.010  90120 is gone | case medical was gone before anybody spoke by 8001;
                             | task ask_medical ended not_needed; task call_rescue owed;
                             | play party-gone to 8001
        """,
    )


def test_a_recording_that_hears_music_can_be_said_to_be_one() -> None:
    """E03: A has gone back to the caller, and says so from there."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
         9.000  8001 presses *92    | join 8001; hold 90120
         9.010  8001, 90120 enter   | play call-resumed to 8001; close side A
        10.000  8001 presses *22    | case medical was a recording by 8001; hang up 90120;
                                    | stop call-resumed; play outbound-unreachable to 8001
        """,
    )


def test_b_whose_phone_hangs_up_as_it_answers_is_not_rung_in_a_circle() -> None:
    """E14, C07: somebody else is rung, and the phone is let alone for a while."""
    go_on(
        tell(TALKING, agents="8001 8002 8003"),
        """
        3.000  8001 presses *90   | case opened by 8001; play case-open to 8001; ring 8002 for A
        4.000  8002 answers       | offer accepted 8002; case b taken by 8002; join 8002
        4.001  8002 begins to go  | -
        4.002  8002 is gone       | case b gone by 8002; 8002 not_responding (refused);
                                  | ring 8003 for A
        5.000  8003 answers       | offer accepted 8003; case b taken by 8003; join 8003
        """,
    )


def test_who_is_left_alone_in_private_goes_back_to_the_caller() -> None:
    """E16: B has hung up there, the caller hears music, and A would hear nothing."""
    go_on(
        with_b(),
        """
        6.000  8001 presses *95    | open side A; stop case-open; aside 8001 8002; hold A
        6.010  A, 8001, 8002 enter | play caller-we-confer to A; held A by 8001
        7.000  8002 hangs up       | case b gone by 8002; join 8001; stop caller-we-confer;
                                   | play caller-hold-thanks to A; 8002 wrap_up; ring 8002 for A
        """,
    )


def test_safe_withdraws_what_rings_and_owes_the_cancelling_of_what_was_sent() -> None:
    """E37, E41: who has answered stays; a rescue service that was reached must be told."""
    story = go_on(with_b(), TO_RESCUE)
    story.tells_owed = True
    go_on(
        story,
        """
         9.000  8001 presses *914#  | dial 01390000001 over carrier-a as 02109500101
        10.000  01390000001 rings   | -
        11.000  8001 presses *97    | case safe by 8001; dialled 01390000001: withdrawn;
                                    | hang up 01390000001; task ask_medical ended not_needed;
                                    | task rescue_to_cancel owed; play case-safe to 8001
        11.010  01390000001 is gone | -
        """,
    )


def test_a_second_call_about_the_case_joins_it_and_rings_a_first() -> None:
    """E45: the elder's line was cut; they call again while the case is open."""
    go_on(
        with_b(),
        """
        6.000  A hangs up         | hang up 8001; hang up 8002
        6.010  8001 is gone       | 8001 wrap_up
        6.020  8002 is gone       | 8002 wrap_up; close room A;
                                  | ended A answered, wait 1.002, talk 4.998
        7.010  time passes        | 8001 ready; wrapped up 8001 1.000
        7.020  time passes        | 8002 ready; wrapped up 8002 1.000
        8.000  B calls 95001 as A | offered B; case another call; ring 8001 for B; open room B
        9.000  8001 answers       | offer accepted 8001; answer B; join B 8001
        9.002  B, 8001 enter      | answered B by 8001, wait 1.002; ring 8002 for B
        """,
    )


def test_a_proof_from_the_elders_terminal_is_not_about_the_case() -> None:
    """K04: the robot's call rings the robot, and neither agent of the case hears of it."""
    go_on(
        tell(TALKING, agents="8001 8002 8099"),
        B_JOINS
        + """
        8.000  B calls 95009 as A | offered B; ring 8099 for B; open room B
        9.000  8099 answers       | offer accepted 8099; answer B; join B 8099
        9.002  B, 8099 enter      | answered B by 8099, wait 1.002
        """,
    )


def test_refusals_say_why_and_change_nothing() -> None:
    go_on(
        tell(TALKING, agents="8001 8002"),
        """
        2.000  8001 presses *911# | refused no_case; play refused-no-case to 8001
        2.500  8001 presses *93   | refused no_case; stop refused-no-case;
                                  | play refused-no-case to 8001
        3.000  8001 presses *90   | case opened by 8001; stop refused-no-case;
                                  | play case-open to 8001; ring 8002 for A
        3.500  8001 presses *916# | refused no_contact; stop case-open;
                                  | play refused-no-contact to 8001
        3.600  8001 presses *91#  | refused nobody_called; stop refused-no-contact;
                                  | play refused-nobody-called to 8001
        3.700  8001 presses *92   | refused not_aside; stop refused-nobody-called;
                                  | play agent-refused-in-this-state to 8001
        3.800  8001 presses *95   | refused nobody_to_hear; stop agent-refused-in-this-state;
                                  | play refused-nobody-to-hear to 8001
        5.000  8002 answers       | offer accepted 8002; case b taken by 8002; join 8002
        5.002  8002 enters        | -
        6.000  8001 presses *90   | refused role_taken; stop refused-nobody-to-hear;
                                  | play refused-b-is-there to 8001
        """,
    )


def test_a_restart_forgets_no_case() -> None:
    """E45, U03: A and B are who they were, and whoever calls about it, the elder or a contact,
    goes before everybody and to A first."""
    case = [e for e in with_b().effects if isinstance(e, CaseNoted)][-1].case
    story = tell("0.000  time passes | -", agents="8001 8002 8003")
    assert restore(story, case) == ["case restored"]
    assert story.core.state.cases == {case.id: case}
    assert (case.holder(CaseRole.A), case.holder(CaseRole.B)) == ("8001", "8002")
    assert restore(story, case) == ["ignored: a case that is here already"]
    over = msgspec.structs.replace(case, state=CaseState.CLOSED)
    assert restore(story, over) == ["ignored: a case that is here already"]
    go_on(
        story,
        """
        8.000  B calls 95001 as A | offered B; case another call; ring 8001 for B; open room B
        9.000  8001 answers       | offer accepted 8001; answer B; join B 8001
        9.002  B, 8001 enter      | answered B by 8001, wait 1.002; ring 8002 for B
        """,
    )


def restore(story: Story, case: Case) -> list[str]:
    return story.step(story.core.state.now, CaseRestored(case))
