"""Stories of who would be left behind, in a room with nobody or in nobody's books, when somebody
else does what they may (E03, E05, E14, E16, E36, E41, T38)."""

from tests.core.story import go_on
from tests.core.test_stories_case import TO_RESCUE, with_b


def test_120_hears_music_when_its_agent_goes_back_by_the_key_of_hold() -> None:
    """E05: *10 ends any stepping aside, and 120 was left in a room of silence."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
        9.000  8001 presses *10  | join 8001; hold 90120
        9.002  8001, 90120 enter | play rescue-waits to 8001; close side A
        """,
    )


def test_who_has_brought_120_to_the_caller_hears_110_ring() -> None:
    """E05, E15: 120 is on the line, and with somebody else."""
    go_on(
        go_on(with_b(), TO_RESCUE),
        """
         9.000  8001 presses *93   | join 8001 90120
         9.002  8001, 90120 enter  | play conference-joined to 8001; close side A
        10.000  8001 presses *912# | dial 90110 over carrier-a as 02109500101; open side A;
                                   | stop conference-joined; aside 8001
        10.002  8001 enters        | -
        10.500  90110 rings        | play tone:ring to 8001
        """,
    )
