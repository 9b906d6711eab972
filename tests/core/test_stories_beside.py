"""Stories of the rescue room on an agent's second phone (T29, E15, E16)."""

from acd.core.follow_up.owed import OwedFor
from tests.core.story import Story, go_on
from tests.core.test_stories_case import with_b

SEAT = "    5.100  directory: seat s8001 has a8001 a8001-2 for 8001 | -"

PICKED_UP = """
    6.000  8001 presses *991# | test 8001-2; stop case-open
    7.000  8001-2 rings       | -
    8.000  8001-2 answers     | open side A; aside 8001-2;
                              | case rescue room on the second phone by 8001;
                              | dial 90120 over carrier-a as 02109500101
    8.002  8001-2 enters      | -
    8.500  90120 rings        | play tone:ring to 8001-2
    9.000  90120 answers      | dialled 90120: answered; stop tone:ring;
                              | case medical reached by 8001; aside 90120
    9.002  90120 enters       | -
    """


def with_second_phone(agents: str = "8001 8002") -> Story:
    return go_on(with_b(agents), SEAT)


def picked_up() -> Story:
    return go_on(with_second_phone(), PICKED_UP)


def test_one_ear_with_the_caller_and_one_with_120() -> None:
    """T29, E15: nobody is dialled before the second phone is picked up; the first is never moved.
    A second number is called into the same room, and *92 on either phone ends it."""
    go_on(
        picked_up(),
        """
        10.000  8001 presses *914# | dial 01390000001 over carrier-a as 02109500101
        11.000  8001-2 presses *92 | hang up 8001-2; hold 90120
        11.010  8001-2 is gone     | -
        11.012  90120 enters       | close side A
        """,
    )


def test_merged_they_are_with_the_caller_and_the_second_phone_is_not_needed() -> None:
    """E16: whoever was called comes to the first phone's room."""
    go_on(
        picked_up(),
        """
        10.000  8001 presses *93  | join 90120; hang up 8001-2; play conference-joined to 8001
        10.002  90120 enters      | -
        10.010  8001-2 is gone    | close side A
        11.000  8001 presses *92  | refused not_aside; stop conference-joined;
                                  | play agent-refused-in-this-state to 8001
        12.000  8001 presses *94  | open side A; stop agent-refused-in-this-state; aside 8001 90120
        12.002  8001, 90120 enter | play case-apart to 8001
        """,
    )


def test_hanging_the_second_phone_up_leaves_120_at_the_music_and_they_are_fetched() -> None:
    go_on(
        picked_up(),
        """
        10.000  8001-2 hangs up     | hold 90120
        10.002  90120 enters        | close side A
        11.000  8001 presses *99#   | test 8001-2
        12.000  8001-2 answers      | open side A; aside 8001-2;
                                    | case rescue room on the second phone by 8001; aside 90120
        12.002  8001-2, 90120 enter | -
        """,
    )


def test_nobody_picks_the_second_phone_up() -> None:
    """Nobody is dialled, and the agent is told so; to call 120 is owed once (E03)."""
    story = go_on(
        with_second_phone(),
        """
         6.000  8001 presses *991#         | test 8001-2; stop case-open
        21.000  time passes                | hang up 8001-2 (no_answer)
        21.010  8001-2 is gone (no_answer) | play second-phone-not-answered to 8001
        22.000  8001 presses *991#         | test 8001-2; stop second-phone-not-answered
        22.100  8001 presses *92           | hang up 8001-2; play call-resumed to 8001
        22.110  8001-2 is gone             | -
        23.000  8001 presses *991#         | test 8001-2; stop call-resumed
        23.500  8001-2 answers             | open side A; aside 8001-2;
                                           | case rescue room on the second phone by 8001;
                                           | dial 90120 over carrier-a as 02109500101
        """,
    )
    owed = [one.why for one in story.core.state.obligations.values()]
    assert owed.count(OwedFor.CALL_RESCUE) == 1


def test_the_caller_hangs_up_and_a_finishes_with_120_on_the_second_phone() -> None:
    """E10."""
    go_on(
        picked_up(),
        """
        10.000  A hangs up      | hang up 8002
        10.010  8002 is gone    | 8002 wrap_up
        11.010  time passes     | 8002 ready; wrapped up 8002 1.000
        12.000  8001-2 hangs up | hang up 8001; hang up 90120
        12.010  8001 is gone    | 8001 wrap_up
        12.020  90120 is gone   | close side A; close room A;
                                | ended A answered, wait 1.002, talk 8.998
        """,
    )


def test_from_the_rescue_room_to_the_second_phone() -> None:
    """The first phone is with the caller again once the second is picked up."""
    go_on(
        with_second_phone(),
        """
         6.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A;
                                   | stop case-open; aside 8001
         6.002  8001 enters        | -
         8.000  90120 answers      | dialled 90120: answered; case medical reached by 8001;
                                   | aside 90120
         8.002  90120 enters       | -
         9.000  8001 presses *99#  | test 8001-2
        10.000  8001-2 answers     | aside 8001-2; join 8001;
                                   | case rescue room on the second phone by 8001
        10.002  8001, 8001-2 enter | -
        11.000  8001 hangs up      | case a gone by 8001; 8001 wrap_up; ring 8001 for A
        12.000  8001-2 hangs up    | hold 90120
        """,
    )


def test_without_a_second_phone_it_is_refused() -> None:
    """And where it is away, in use, or somebody else has the room on theirs."""
    go_on(
        with_b(),
        """
        6.000  8001 presses *991#                               | refused no_second_phone;
                                                                | stop case-open; play
                                                                | refused-no-second-phone to 8001
        6.100  directory: seat s8001 has a8001 a8001-2 for 8001 | -
        6.200  phone 8001-2 is busy                             | -
        6.300  8001 presses *991#                               | refused no_second_phone;
                                                                | stop refused-no-second-phone;
                                                                | play refused-no-second-phone to
                                                                | 8001
        6.400  phone 8001-2 is there                            | -
        6.500  8001 presses *99#                                | test 8001-2;
                                                                | stop refused-no-second-phone
        6.600  8002 presses *99#                                | refused no_second_phone; play
                                                                | refused-no-second-phone to 8002
        6.700  8001 presses *996#                               | refused no_contact;
                                                                | play refused-no-contact to 8001
        """,
    )


def test_the_caller_hangs_up_before_the_second_phone_is_picked_up_and_120_is_owed() -> None:
    """E03: it was wanted, and nobody has been dialled."""
    story = with_second_phone()
    story.tells_owed = True
    go_on(
        story,
        """
        6.000  8001 presses *991# | test 8001-2; stop case-open
        7.000  A hangs up         | hang up 8001; hang up 8002; hang up 8001-2
        7.010  8001-2 is gone     | task call_rescue owed
        """,
    )
