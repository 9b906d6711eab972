"""Real failures of other switches in transfers, one story each: they would end differently there.

Named by the peer's own issue, and numbered as in our list of them.
"""

from acd.core.facts import TransferEnded, TransferStarted
from tests.core.story import tell


def test_an_attended_transfer_neither_ends_nor_renews_anybodys_wrap_up() -> None:
    """Failure 3 (asterisk#607): each agent has one wrap-up, of the full time, after their own part;
    whoever was only asked has none, and one conversation counts once."""
    story = tell(
        """
         0.000  A calls 95002         | offered A; ring 8011 for A; open room A
         1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter         | answered A by 8011, wait 1.002
         3.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                      | aside 8011; hold A
         3.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
         4.000  8012 answers          | offer accepted 8012; aside 8012
         4.002  8012 enters           | -
         5.000  8011 presses *13      | consult A to 8012 completed; join 8012;
                                      | play caller-hold-thanks to A; hang up 8011;
                                      | stop transfer-begun
         5.002  8012 enters           | -
         5.010  8011 is gone          | close side A; 8011 wrap_up
         5.900  A has heard it        | join A
         5.902  A enters              | resumed A after 2.900
         6.010  time passes           | 8011 ready; wrapped up 8011 1.000
         7.000  8012 presses *128013# | ring 8013 for A; consult A to 8013 by 8012; open side A;
                                      | aside 8012; hold A
         7.002  8012, A enter         | play transfer-begun to 8012; held A by 8012
         8.000  8013 answers          | offer accepted 8013; aside 8013
         8.002  8013 enters           | -
         9.000  8012 presses *15      | consult A to 8013 taken_back; hang up 8013;
                                      | stop transfer-begun; join 8012;
                                      | play caller-hold-thanks to A
         9.002  8012 enters           | play call-resumed to 8012
         9.010  8013 is gone          | close side A; 8013 ready
         9.900  A has heard it        | join A
         9.902  A enters              | resumed A after 2.900
        12.000  A hangs up            | hang up 8012
        12.010  8012 is gone          | 8012 wrap_up; close room A;
                                      | ended A answered, wait 1.002, talk 5.198, hold 5.800
        13.010  time passes           | 8012 ready; wrapped up 8012 1.000
        """,
        agents="8011 8012 8013",
    )
    taken = {agent.id: agent.calls_taken for agent in story.core.state.agents.values()}
    assert taken == {"8011": 1, "8012": 1, "8013": 0}


def test_a_transfer_is_in_the_record_and_hold_is_no_talk() -> None:
    """Failure 5 (asterisk#759, #393): who asked whom, what came of it, talk without hold."""
    story = tell(
        """
         0.000  A calls 95002         | offered A; ring 8011 for A; open room A
         1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter         | answered A by 8011, wait 1.002
         5.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                      | aside 8011; hold A
         5.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
         6.000  8011 has heard it     | -
        15.000  8012 answers          | play caller-hold-notice to A; offer accepted 8012;
                                      | aside 8012
        15.000  time passes           | -
        15.002  8012 enters           | -
        16.000  A has heard it        | -
        20.000  8011 presses *13      | consult A to 8012 completed; join 8012;
                                      | play caller-hold-thanks to A; hang up 8011
        20.002  8012 enters           | -
        20.010  8011 is gone          | close side A; 8011 wrap_up
        21.000  A has heard it        | join A
        21.002  A enters              | resumed A after 16.000
        21.010  time passes           | 8011 ready; wrapped up 8011 1.000
        31.002  A hangs up            | hang up 8012
        31.010  8012 is gone          | 8012 wrap_up; close room A;
                                      | ended A answered, wait 1.002, talk 14.000, hold 16.000
        """,
        agents="8011 8012",
    )
    begun = [e for e in story.effects if isinstance(e, TransferStarted)]
    ended = [e for e in story.effects if isinstance(e, TransferEnded)]
    assert [(e.kind, e.by, e.agent) for e in begun] == [("consult", "8011", "8012")]
    assert [(e.result, e.after_ms) for e in ended] == [("completed", 15_000)]


def test_no_phantom_call_is_left_by_an_attended_transfer() -> None:
    """Failure 19 (wazo-calld PR #404): when the lines of a transfer end in any order, nothing
    stays."""
    story = tell(
        """
        0.000  A calls 95002         | offered A; ring 8011 for A; open room A
        1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter         | answered A by 8011, wait 1.002
        2.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                     | aside 8011; hold A
        2.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
        3.000  8012 answers          | offer accepted 8012; aside 8012
        3.001  8012 enters           | -
        3.002  A hangs up            | consult A to 8012 caller_left; hang up 8012; hang up 8011
        3.003  8012 is gone          | 8012 ready
        3.004  8011 is gone          | close side A; 8011 wrap_up; close room A;
                                     | ended A answered, wait 1.002, talk 1.000, hold 1.000
        """,
        agents="8011 8012",
    )
    s = story.core.state
    assert not (s.calls or s.legs or s.offers or s.rooms or s.playbacks)
