"""Real failures of other switches in recordings, rooms and requests under way, one story each."""

from acd.core.commands import StopRecording
from acd.core.facts import LegEnded
from tests.core.story import tell

CONFERENCE = """
0.000  A calls 95002         | offered A; ring 8011 for A; open room A
0.100  A is recorded as one  | recorded A
1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
1.002  A, 8011 enter         | answered A by 8011, wait 1.002
2.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A; aside 8011;
                             | hold A
2.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
3.000  8012 answers          | offer accepted 8012; aside 8012
3.002  8012 enters           | -
4.000  8011 presses *14      | consult A to 8012 joined; stop transfer-begun; join 8011 8012;
                             | play caller-hold-thanks to A
4.002  8011, 8012 enter      | play conference-joined to 8011; close side A
4.900  A has heard it        | join A
4.902  A enters              | resumed A after 2.900
6.000  8011 hangs up         | 8011 wrap_up
"""


def test_a_conference_is_recorded_on_when_whoever_built_it_leaves() -> None:
    """Huawei's manual: the recording of a conference stopped when the agent who had built it left.
    Here the caller's line is recorded, whoever is with it: when the builder goes, nobody is moved,
    nothing is stopped, and the caller's talk with the other goes on."""
    story = tell(CONFERENCE, agents="8011 8012")
    assert not [e for e in story.effects if isinstance(e, StopRecording)]
    shown = story.moment("6.500", "A hangs up")
    assert shown == "hang up 8012"


def test_a_room_is_deleted_after_its_last_leg_and_never_says_why_one_ended() -> None:
    """asterisk#1124: a bridge deleted during a hang-up put another cause over the leg's own.  Here
    the room outlives every leg, and the record says of each what Asterisk said of it first."""
    story = tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter            | answered A by 8001, wait 1.002
        4.000  A hangs up               | hang up 8001
        4.010  8001 is gone (failed)    | 8001 wrap_up; close room A;
                                        | ended A answered, wait 1.002, talk 2.998
        4.011  8001 is gone (normal)    | ignored: end of an unknown leg
        """,
        agents="8001",
    )
    ended = [(e.role, e.why) for e in story.effects if isinstance(e, LegEnded)]
    assert ended == [("caller", "normal"), ("agent", "failed")]


def test_a_join_that_takes_long_holds_up_nobody_else() -> None:
    """asterisk#801: to add a channel to a bridge stalled for 200 ms.  Here nobody waits for it: the
    next caller is offered, answered and joined while the first join is still under way."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.500  8001 answers             | offer accepted 8001; answer A; join A 8001
        0.510  B calls 95001            | offered B; ring 8002 for B; open room B
        0.600  8002 answers             | offer accepted 8002; answer B; join B 8002
        0.602  B, 8002 enter            | answered B by 8002, wait 0.092
        0.700  A, 8001 enter            | answered A by 8001, wait 0.700
        """,
        agents="8001 8002",
    )


def test_a_music_or_prompt_that_never_ends_is_not_waited_for() -> None:
    """asterisk#1926: an announcer of music stood in its bridge for an hour.  Here the agent joins
    the caller whether or not the end of what is played is ever told, and nothing of it is left."""
    story = tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        3.000  8001 answers             | offer accepted 8001; stop ack; join A 8001
        3.002  A, 8001 enter            | answered A by 8001, wait 3.002
        5.000  A hangs up               | hang up 8001
        5.010  8001 is gone             | 8001 wrap_up; close room A;
                                        | ended A answered, wait 3.002, talk 1.998
        """,
        agents="8001",
    )
    assert not story.core.state.playbacks


def test_nobody_is_put_into_a_room_before_they_have_answered() -> None:
    """A channel put into a bridge before it is in the application is refused with 422.  Here a
    phone that is dialled is joined at its answer, and a caller who is heard of by then with it."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.001  8001 rings               | -
        1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
        """,
        agents="8001",
    )
