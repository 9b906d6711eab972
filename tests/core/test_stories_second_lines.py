"""A phone's own attended transfer: two lines and a REFER with Replaces (T38)."""

from tests.core.story import go_on, tell

ASKED = """
    0.000  A calls 95002        | offered A; ring 8011 for A; open room A
    1.000  8011 answers         | offer accepted 8011; answer A; join A 8011
    1.002  A, 8011 enter        | answered A by 8011, wait 1.002
    2.000  8011 holds by itself | open side A; aside 8011; hold A
    2.002  8011, A enter        | held A by 8011
    3.000  8011 dials 8012      | ring 8012 for A; consult A to 8012 by 8011; answer desk 8011;
                                | open side A; aside desk 8011
    3.002  desk 8011 enters     | play transfer-begun to desk 8011"""


def test_the_far_ends_of_a_phones_two_lines_are_joined() -> None:
    """T38, T06: hold, a second call, REFER with Replaces: the colleague has the caller, who is
    thanked; the phone hears that it is done, and both its lines are let go."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
         3.500  desk 8011 has heard it                 | -
         5.000  8012 answers                           | offer accepted 8012; aside 8012
         5.002  8012 enters                            | -
         9.000  8011 is joined by REFER with desk 8011 | refer of 8011 done; hang up desk 8011;
                                                       | consult A to 8012 completed; join 8012;
                                                       | play caller-hold-thanks to A; hang up 8011
         9.002  8012 enters                            | -
         9.010  desk 8011 is gone                      | close side A
         9.020  8011 is gone                           | close side A; 8011 wrap_up
        10.000  A has heard it                         | join A
        10.002  A enters                               | resumed A after 8.000
        """,
    )


def test_a_refer_too_early_or_with_a_strangers_line_is_declined() -> None:
    """Nothing has changed by it; the phone may name its lines in either order."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        3.500  8011 is joined by REFER with desk 8011 | refused not_answered_yet;
                                                      | refer of 8011 declined
        5.000  8012 answers                           | offer accepted 8012; aside 8012
        5.002  8012 enters                            | -
        6.000  8011 is joined by REFER with 8012      | refer of 8011 declined
        9.000  desk 8011 is joined by REFER with 8011 | refer of desk 8011 done; hang up desk 8011;
                                                      | consult A to 8012 completed; join 8012;
                                                      | play caller-hold-thanks to A; hang up 8011
        """,
    )


def test_to_hang_the_second_line_up_is_to_go_back() -> None:
    """The colleague is let go; the caller hears music until the phone takes the first line back."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        5.000  8012 answers       | offer accepted 8012; aside 8012
        5.002  8012 enters        | -
        6.000  desk 8011 is gone  | consult A to 8012 taken_back; hang up 8012
        6.010  8012 is gone       | close side A; 8012 ready
        7.000  8011 takes it back | join 8011; play caller-hold-thanks to A
        7.002  8011 enters        | close side A
        8.000  A has heard it     | join A
        8.002  A enters           | resumed A after 6.000
        """,
    )


def test_a_colleague_who_does_not_come_ends_the_second_line() -> None:
    """The caller is held all the while."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        5.000  8012 is gone (rejected) | offer rejected 8012 (rejected); hang up desk 8011;
                                       | consult A to 8012 failed; 8012 not_responding (refused)
        5.010  desk 8011 is gone       | close side A
        7.000  8011 takes it back      | 8012 ready; join 8011; play caller-hold-thanks to A
        7.002  8011 enters             | close side A
        """,
    )


def test_to_hang_the_first_line_up_is_to_complete() -> None:
    """At once, or as soon as the colleague answers; the second line is let go."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        5.000  8012 answers      | offer accepted 8012; aside 8012
        5.002  8012 enters       | -
        6.000  8011 is gone      | close side A; hang up desk 8011; consult A to 8012 completed;
                                 | join 8012; play caller-hold-thanks to A; 8011 wrap_up
        6.002  8012 enters       | -
        6.010  desk 8011 is gone | close side A
        """,
    )


def test_the_first_line_hung_up_while_the_colleague_is_rung() -> None:
    """The caller has them as soon as they answer."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        4.000  8011 is gone      | close side A; hang up desk 8011; 8011 wrap_up
        4.010  desk 8011 is gone | close side A
        5.000  8012 answers      | 8011 ready; wrapped up 8011 1.000; offer accepted 8012;
                                 | consult A to 8012 completed; join 8012;
                                 | play caller-hold-thanks to A
        5.002  8012 enters       | -
        """,
    )


def test_the_caller_leaves_meanwhile() -> None:
    """Everybody is let go."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        5.000  8012 answers      | offer accepted 8012; aside 8012
        5.002  8012 enters       | -
        6.000  A hangs up        | hang up desk 8011; consult A to 8012 caller_left; hang up 8012;
                                 | hang up 8011
        6.010  8011 is gone      | close side A; 8011 wrap_up
        6.011  desk 8011 is gone | -
        6.012  8012 is gone      | close side A; 8012 ready; close room A;
                                 | ended A answered, wait 1.002, talk 1.000, hold 3.998
        """,
    )


def test_the_phone_goes_to_and_fro() -> None:
    """The caller is with the agent again while the colleague waits on the other line."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        5.000  8012 answers                           | offer accepted 8012; aside 8012
        5.002  8012 enters                            | -
        6.000  8011 takes it back                     | join 8011; play caller-hold-thanks to A
        6.002  8011 enters                            | close side A
        7.000  A has heard it                         | join A
        7.002  A enters                               | resumed A after 5.000
        8.000  8011 is joined by REFER with desk 8011 | refer of 8011 done; hang up desk 8011;
                                                      | consult A to 8012 completed; join 8012;
                                                      | hang up 8011
        8.002  8012 enters                            | -
        8.010  desk 8011 is gone                      | close side A
        8.020  8011 is gone                           | 8011 wrap_up
        """,
    )


def test_what_cannot_be_asked_is_refused_aloud() -> None:
    """The conversation goes on; codes mean what they always mean, an outside number has its 9."""
    tell(
        """
        0.000  A calls 95002          | offered A; ring 8011 for A; open room A
        1.000  8011 answers           | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter          | answered A by 8011, wait 1.002
        2.000  8011 dials 8011        | refused yourself; answer desk 8011;
                                      | play refused-yourself to desk 8011
        2.010  desk 8011 has heard it | hang up desk 8011
        2.020  desk 8011 is gone      | -
        3.000  8011 dials 95001       | refused not_for_queues; answer desk 8011;
                                      | play refused-not-for-queues to desk 8011
        3.010  desk 8011 is gone      | -
        4.000  8011 dials *61         | answer desk 8011; play agent-after-this-call to desk 8011
        4.010  desk 8011 is gone      | -
        4.500  8011 dials 90217654321 | dial 0217654321 over carrier-a as 02109500101;
                                      | consult A to 0217654321 by 8011; answer desk 8011;
                                      | open side A; aside desk 8011
        4.510  desk 8011 is gone      | close side A; consult A to 0217654321 taken_back;
                                      | dialled 0217654321: withdrawn; hang up 0217654321
        4.520  0217654321 is gone     | -
        """,
        agents="8011",
    )


def test_a_phone_that_dials_is_there() -> None:
    """T37: its registration was lost during the conversation; by the call on its second line we
    know better, and its agent is ready after the notes."""
    tell(
        """
        0.000  A calls 95002       | offered A; ring 8011 for A; open room A
        1.000  8011 answers        | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter       | answered A by 8011, wait 1.002
        2.000  phone 8011 is gone  | -
        3.000  8011 dials 8012     | ring 8012 for A; consult A to 8012 by 8011; answer desk 8011;
                                   | open side A; aside desk 8011
        3.002  desk 8011 enters    | play transfer-begun to desk 8011
        4.000  8012 answers        | offer accepted 8012; aside 8012
        4.002  8012 enters         | -
        5.000  8011 is gone        | hang up desk 8011; consult A to 8012 completed; join 8012;
                                   | held A by 8012; 8011 wrap_up
        5.002  8012 enters         | resumed A after 0.002
        5.010  desk 8011 is gone   | close side A
        6.000  time passes         | 8011 ready; wrapped up 8011 1.000
        7.000  B calls 95002       | offered B; ring 8011 for B; open room B
        """,
        agents="8011 8012",
    )


def test_codes_on_the_second_line_are_about_the_consultation() -> None:
    """T38: *13, *14 and *15 do there what REFER and hanging up do; anything else is refused aloud,
    for the first line holds the caller.  (They were swallowed without a word.)"""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        3.500  desk 8011 has heard it   | -
        4.000  desk 8011 presses *14    | refused not_answered_yet;
                                        | play refused-not-answered-yet to desk 8011
        5.000  8012 answers             | offer accepted 8012; aside 8012
        5.002  8012 enters              | -
        6.000  desk 8011 presses *10    | refused transfer_under_way;
                                        | stop refused-not-answered-yet;
                                        | play refused-transfer-under-way to desk 8011
        7.000  desk 8011 presses *14    | hang up desk 8011; consult A to 8012 joined;
                                        | join 8011 8012; play caller-hold-thanks to A;
                                        | stop refused-transfer-under-way
        7.010  desk 8011 is gone        | -
        """,
    )


def test_the_caller_is_handed_over_by_code_on_the_second_line() -> None:
    """T38, *13: both lines of the phone are let go."""
    story = tell(ASKED, agents="8011 8012")
    go_on(
        story,
        """
        3.500  desk 8011 has heard it | -
        5.000  8012 answers           | offer accepted 8012; aside 8012
        5.002  8012 enters            | -
        6.000  desk 8011 presses *13  | hang up desk 8011; consult A to 8012 completed; join 8012;
                                      | play caller-hold-thanks to A; hang up 8011
        """,
    )
