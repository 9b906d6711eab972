"""Stories of who is seated anew (decision 24): Asterisk may send nothing of what it mixes to a leg
whose coder has seen another's packets, so two are seated anew before a third comes to them, and
when others have left them (E14–E16, T18)."""

from tests.core.story import Story, go_on, tell

THREE = """
    0.000  A calls 95001    | offered A; ring 8001 for A; open room A
    1.000  8001 answers     | offer accepted 8001; answer A; join A 8001
    1.002  A, 8001 enter    | answered A by 8001, wait 1.002
    3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; ring 8002 for A
    4.500  8001 has heard it | -
    5.000  8002 answers     | offer accepted 8002; case b taken by 8002; seat anew A 8001;
                            | join 8002
    5.002  A, 8001 enter    | ignored: joined twice; ignored: joined twice
    5.003  8002 enters      | -
    """

APART = """
    6.000  8001 presses *911# | dial 90120 over carrier-a as 02109500101; open side A; aside 8001;
                              | seat anew A 8002
    6.002  8001 enters        | -
    6.003  A, 8002 enter      | ignored: joined twice; ignored: joined twice
    7.000  90120 answers      | dialled 90120: answered; case medical reached by 8001; aside 90120
    7.002  90120 enters       | -
    """


def three() -> Story:
    return tell(THREE, agents="8001 8002", seats=True)


def test_two_are_seated_anew_before_a_third_comes_and_when_the_third_has_left() -> None:
    """The move of whoever comes follows: were it first, two of three would be alone for a moment.
    The timeline does not tell that who stays has come."""
    go_on(
        go_on(three(), APART),
        """
        9.000  8001 presses *93   | seat anew A 8002; join 8001 90120
        9.002  A, 8002 enter      | ignored: joined twice; ignored: joined twice
        9.003  8001, 90120 enter  | play conference-joined to 8001; close side A
        """,
    )


def test_among_more_than_two_nobody_is_seated_anew() -> None:
    """Asterisk mixes before and after."""
    go_on(
        go_on(three(), APART),
        """
         9.000  8001 presses *93   | seat anew A 8002; join 8001 90120
         9.003  8001, 90120 enter  | play conference-joined to 8001; close side A
        10.500  8001 has heard it  | -
        11.000  90120 hangs up     | play party-gone to 8001
        """,
    )


def test_who_is_being_spoken_to_is_seated_anew_when_they_have_heard_it() -> None:
    """A playback holds its channel: to move it would wait for the end, or lose the prompt."""
    go_on(
        go_on(three(), APART),
        """
         8.000  8001 presses *92  | seat anew A 8002; join 8001; hold 90120
         8.002  8001 enters       | play call-resumed to 8001
         8.003  90120 enters      | close side A
         9.000  8002 hangs up     | seat anew A; case b gone by 8002; 8002 wrap_up; ring 8002 for A
         9.500  8001 has heard it | seat anew 8001
        """,
    )
