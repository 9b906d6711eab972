"""Emergencies whose line stays up: after ten minutes a supervisor looks into it (C07)."""

from tests.core.story import tell


def test_a_silent_line_that_stays_up_for_ten_minutes_is_a_supervisors() -> None:
    """C07: held open, and not forgotten; when it has ended nobody has to look into it any more."""
    tell(
        """
          0.000  A calls 95001    | offered A; ring 8001 for A; open room A
          1.000  8001 answers     | offer accepted 8001; answer A; join A 8001
          1.002  A, 8001 enter    | answered A by 8001, wait 1.002
          2.000  8001 presses *30 | 8001 says no response; play no-response-noted to 8001
        601.002  time passes      | task to 0216000A owed; task to 0216000A escalated late
        700.000  A hangs up       | hang up 8001
        700.010  8001 is gone     | 8001 wrap_up; close room A;
                                  | ended A answered, wait 1.002, talk 698.998;
                                  | task to 0216000A ended not_needed late;
                                  | task to nobody knows owed
        """,
        agents="8001",
        owed=True,
    )


def test_a_line_with_a_conversation_is_left_in_peace() -> None:
    """C07: however long it takes."""
    tell(
        """
          0.000  A calls 95001 | offered A; ring 8001 for A; open room A
          1.000  8001 answers  | offer accepted 8001; answer A; join A 8001
          1.002  A, 8001 enter | answered A by 8001, wait 1.002
        601.002  time passes   | -
        """,
        agents="8001",
        owed=True,
    )
