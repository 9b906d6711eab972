"""Stories of hold: by code and by request, and what the caller hears meanwhile (C08, F06)."""

import msgspec

from acd.core.facts import CallEnded
from acd.core.scripts import Treatment
from tests.core.story import ENQUIRY, tell


def test_hold_by_code_with_notices_and_thanks() -> None:
    """F06, C08: whoever holds steps aside; the caller hears music, every 10 s that nobody has
    forgotten them, and is thanked before the conversation goes on.  Hold is no talk."""
    story = tell(
        """
         0.000  A calls 95002     | offered A; ring 8011 for A; open room A
         1.000  8011 answers      | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter     | answered A by 8011, wait 1.002
         5.000  8011 presses *10  | open side A; aside 8011; hold A
         5.002  8011, A enter     | play call-held to 8011; held A by 8011
         5.500  8011 has heard it | -
        15.000  time passes       | play caller-hold-notice to A
        18.000  A has heard it    | -
        20.000  8011 presses *10  | join 8011; play caller-hold-thanks to A
        20.002  8011 enters       | close side A; play call-resumed to 8011
        20.800  8011 has heard it | -
        21.000  A has heard it    | join A
        21.002  A enters          | resumed A after 16.000
        30.000  A hangs up        | hang up 8011
        30.001  8011 is gone      | 8011 wrap_up; close room A;
                                  | ended A answered, wait 1.002, talk 12.998, hold 16.000
        """,
        agents="8011 8012",
    )
    (ended,) = [e for e in story.effects if isinstance(e, CallEnded)]
    assert (ended.talk_ms, ended.hold_ms) == (12_998, 16_000)


def test_what_is_said_for_too_long_is_cut_off() -> None:
    """C08: a recording of the house's own may be longer than a prompt may take, and who is played
    something hears nobody: it is stopped, for they could not be joined before its end."""
    tell(
        """
         0.000  A calls 95002     | offered A; ring 8011 for A; open room A
         1.000  8011 answers      | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter     | answered A by 8011, wait 1.002
         5.000  8011 presses *10  | open side A; aside 8011; hold A
         5.002  8011, A enter     | play call-held to 8011; held A by 8011
         5.500  8011 has heard it | -
         6.000  8011 presses *10  | join 8011; play caller-hold-thanks to A
         6.002  8011 enters       | close side A; play call-resumed to 8011
         6.800  8011 has heard it | -
        20.999  time passes       | -
        21.000  time passes       | stop caller-hold-thanks; join A
        21.002  A enters          | resumed A after 16.000
        """,
        agents="8011 8012",
    )


def test_how_often_that_is_said_is_the_queues() -> None:
    """C08: every ten seconds where nothing is said of it."""
    slow = msgspec.structs.replace(ENQUIRY, treatment=Treatment(hold_notice_ms=25_000))
    tell(
        """
         0.000  A calls 95002     | offered A; ring 8011 for A; open room A
         1.000  8011 answers      | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter     | answered A by 8011, wait 1.002
         5.000  8011 presses *10  | open side A; aside 8011; hold A
         5.002  8011, A enter     | play call-held to 8011; held A by 8011
         5.500  8011 has heard it | -
        29.900  time passes       | -
        30.000  time passes       | play caller-hold-notice to A
        33.000  A has heard it    | -
        55.000  time passes       | play caller-hold-notice to A
        """,
        agents="8011 8012",
        queues=(slow,),
    )


def test_hold_by_request_and_what_is_refused() -> None:
    """The API obeys the same rules; a refused request has changed nothing."""
    tell(
        """
        0.000  A calls 95002                    | offered A; ring 8011 for A; open room A
        0.500  somebody asks to hold A          | refused no_conversation;
                                                | no: Nobody is in a conversation on call 7-1.
        1.000  8011 answers                     | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter                    | answered A by 8011, wait 1.002
        2.000  somebody asks to resume A        | refused not_aside; no: The call is not on hold.
        3.000  somebody asks to hold A for 8012 | refused no_conversation; no: Agent 8012 is not in
                                                | a conversation on call 7-1.
        4.000  somebody asks to hold Z          | refused unknown_call;
                                                | no: There is no live call Z.
        5.000  somebody asks to hold A for 8011 | open side A; aside 8011; hold A; done: aside
        5.002  8011, A enter                    | held A by 8011
        6.000  somebody asks to hold A          | refused already_aside;
                                                | no: The call is on hold already.
        7.000  A hangs up                       | hang up 8011
        7.001  8011 is gone                     | close side A; 8011 wrap_up; close room A; ended A
                                                | answered, wait 1.002, talk 4.000, hold 1.998
        """,
        agents="8011 8012",
    )


def test_who_hangs_up_while_an_emergency_is_on_hold_leaves_the_caller_at_the_music() -> None:
    """C07: the caller is not moved, keeps the place, and the next agent is rung at once."""
    tell(
        """
        0.000  A calls 95001    | offered A; ring 8001 for A; open room A
        1.000  8001 answers     | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter    | answered A by 8001, wait 1.002
        5.000  8001 presses *10 | open side A; aside 8001; hold A
        5.002  8001, A enter    | play call-held to 8001; held A by 8001
        8.000  8001 hangs up    | close side A; requeued A; 8001 wrap_up; ring 8002 for A
        9.000  8002 answers     | 8001 ready; wrapped up 8001 1.000; offer accepted 8002;
                                | join A 8002
        9.002  A, 8002 enter    | answered A by 8002 again, wait 9.002
        """,
        agents="8001 8002",
    )


def test_moves_that_fail_are_asked_for_again_and_at_last_the_caller_waits_for_another() -> None:
    """Whatever becomes of the rooms, the caller is at the music and keeps the place."""
    tell(
        """
        0.000  A calls 95002           | offered A; ring 8011 for A; open room A
        1.000  8011 answers            | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter           | answered A by 8011, wait 1.002
        5.000  8011 presses *10        | open side A; aside 8011; hold A
        5.002  8011, A enter           | play call-held to 8011; held A by 8011
        6.000  8011 presses *10        | stop call-held; join 8011; play caller-hold-thanks to A
        6.002  JoinRoom fails for 8011 | open room A; join 8011
        6.003  8011 enters             | close side A; play call-resumed to 8011
        6.500  A has heard it          | join A
        6.502  JoinRoom fails for A    | open room A; join A
        6.503  JoinRoom fails for A    | open room A; join A
        6.504  JoinRoom fails for A    | hang up 8011; requeued A; hold A; ring 8012 for A
        6.600  8011 is gone            | 8011 wrap_up
        """,
        agents="8011 8012",
    )


def test_keys_that_are_no_code() -> None:
    """A caller's keys command nothing; an agent hears that a code means nothing or was not
    finished, and begins anew with the star."""
    tell(
        """
         0.000  A calls 95002      | offered A; ring 8011 for A; open room A
         1.000  8011 answers       | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter      | answered A by 8011, wait 1.002
         2.000  A presses *        | ignored: a digit with no meaning here
         3.000  8011 presses 5     | ignored: a key outside a code
         4.000  8011 presses *77   | refused unknown_code; play agent-invalid-code to 8011
         6.000  8011 presses *1    | -
        14.000  time passes        | refused unknown_code; stop agent-invalid-code;
                                   | play agent-invalid-code to 8011
        16.000  8011 presses *1*10 | open side A; stop agent-invalid-code; aside 8011; hold A
        """,
        agents="8011",
    )
