"""Stories of what an agent says of a call and changes of its sound, and of how a call is let go
(C07, T20, T25, T40)."""

from tests.core.story import tell


def test_an_emergency_with_an_outcome_may_be_ended_and_the_terminal_hears_busy_tone() -> None:
    """C07, T25: the outcome first; ten seconds of busy tone, and then the line is ended."""
    tell(
        """
         0.000  A calls 95001      | offered A; ring 8001 for A; open room A
         1.000  8001 answers       | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter      | answered A by 8001, wait 1.002
         5.000  8001 presses *2001 | 8001 says settled; play outcome-noted to 8001
         5.500  8001 has heard it  | -
         6.000  8001 hangs up      | released A; busy tone to A; 8001 wrap_up
         7.000  time passes        | 8001 ready; wrapped up 8001 1.000
        16.000  time passes        | hang up A
        16.002  A is gone          | close room A; ended A answered, wait 1.002, talk 4.998
        """,
        agents="8001 8002",
    )


def test_a_terminal_clears_by_itself_during_the_busy_tone() -> None:
    """T25: which is what it is for."""
    tell(
        """
        0.000  A calls 95001      | offered A; ring 8001 for A; open room A
        1.000  8001 answers       | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter      | answered A by 8001, wait 1.002
        5.000  8001 presses *2006 | 8001 says accidental; play outcome-noted to 8001
        6.000  8001 hangs up      | released A; busy tone to A; 8001 wrap_up
        7.000  time passes        | 8001 ready; wrapped up 8001 1.000
        8.000  A hangs up         | close room A; ended A answered, wait 1.002, talk 4.998
        """,
        agents="8001",
    )


def test_without_an_outcome_the_emergency_caller_waits_again() -> None:
    """C07, T20: an unknown outcome is none."""
    tell(
        """
        0.000  A calls 95001      | offered A; ring 8001 for A; open room A
        1.000  8001 answers       | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter      | answered A by 8001, wait 1.002
        5.000  8001 presses *2077 | refused unknown_outcome; play refused-unknown-outcome to 8001
        6.000  8001 hangs up      | requeued A; hold A; 8001 wrap_up; ring 8002 for A
        """,
        agents="8001 8002",
    )


def test_from_a_terminal_of_ours_nobody_is_sent_away_as_a_nuisance() -> None:
    """D17, C05: a stranger is, after two warnings; of an elder another word has to be found."""
    tell(
        """
        0.000  A calls 95002 from terminal T1 | offered A; ring 8011 for A; open room A
        1.000  8011 answers       | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter      | answered A by 8011, wait 1.002
        5.000  8011 presses *2009 | refused known_terminal; play agent-not-allowed to 8011
        6.000  8011 presses *2006 | 8011 says accidental; stop agent-not-allowed;
                                  | play outcome-noted to 8011
        """,
        agents="8011",
    )
    tell(
        """
        0.000  A calls 95002      | offered A; ring 8011 for A; open room A
        1.000  8011 answers       | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter      | answered A by 8011, wait 1.002
        5.000  8011 presses *2009 | 8011 says nuisance; play outcome-noted to 8011
        6.000  8011 hangs up      | hang up A; 8011 wrap_up
        """,
        agents="8011",
    )
    tell(
        """
        0.000  A calls 95001 from terminal T1 | offered A; ring 8001 for A; open room A
        1.000  8001 answers       | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter      | answered A by 8001, wait 1.002
        3.000  8001 presses *90   | case opened by 8001; play case-open to 8001
        4.000  8001 asks to outcome the case as nuisance | refused known_terminal; no: The terminal
                                  | is one of ours: whoever calls from it is never sent away as a
                                  | nuisance.
        """,
        agents="8001",
    )


def test_louder_softer_keys_and_whether_the_caller_responds() -> None:
    """T40, E33: for the caller alone, within limits; keys go to whom the agent is with."""
    tell(
        """
        0.000  A calls 95002        | offered A; ring 8011 for A; open room A
        1.000  8011 answers         | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter        | answered A by 8011, wait 1.002
        2.000  8011 presses *17     | gain 1 for A; play gain-changed to 8011
        2.100  8011 presses *17     | gain 2 for A; stop gain-changed; play gain-changed to 8011
        2.200  8011 presses *17     | gain 3 for A; stop gain-changed; play gain-changed to 8011
        2.300  8011 presses *17     | refused gain_at_limit; stop gain-changed;
                                    | play refused-gain-limit to 8011
        2.400  8011 presses *18     | gain 2 for A; stop refused-gain-limit;
                                    | play gain-changed to 8011
        3.000  8011 presses *16123# | send 123 to A; stop gain-changed; play digits-sent to 8011
        4.000  8011 presses *30     | 8011 says no response; stop digits-sent;
                                    | play no-response-noted to 8011
        5.000  8011 presses *31     | 8011 says responds; stop no-response-noted;
                                    | play response-noted to 8011
        6.000  8011 presses *10     | open side A; stop response-noted; aside 8011; hold A
        6.002  8011, A enter        | play call-held to 8011; held A by 8011
        7.000  8011 presses *161#   | refused nobody_to_hear; stop call-held;
                                    | play refused-nobody-to-hear to 8011
        """,
        agents="8011",
    )
