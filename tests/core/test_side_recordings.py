"""What is said where the caller is not, is recorded too (T21)."""

from acd.core.commands import RecordSide, StopSide
from tests.core.story import Story, go_on, tell

CONSULTING = """
     0.000  A calls 95002         | offered A; ring 8011 for A; open room A
     1.000  8011 answers          | offer accepted 8011; answer A; join A 8011
     1.002  A, 8011 enter         | answered A by 8011, wait 1.002
     5.000  8011 presses *128012# | ring 8012 for A; consult A to 8012 by 8011; open side A;
                                  | aside 8011; hold A
     5.002  8011, A enter         | play transfer-begun to 8011; held A by 8011
     5.500  8011 has heard it     | -
     7.000  8012 answers          | offer accepted 8012; aside 8012
"""


def said(story: Story) -> list[str]:
    """What has been recorded and stopped, in order."""
    return [
        f"{'record' if isinstance(one, RecordSide) else 'stop'} {story.names.leg[one.leg]}"
        for one in story.effects
        if isinstance(one, RecordSide | StopSide)
    ]


def test_a_consultation_is_recorded_from_its_first_word_to_its_last() -> None:
    """Nobody alone is recorded: from the moment at which the second is there until one has left."""
    story = tell(CONSULTING, agents="8011 8012")
    assert said(story) == []
    go_on(story, "     7.002  8012 enters | -")
    assert said(story) == ["record 8011"]
    go_on(
        story,
        """
        10.000  8011 presses *15   | consult A to 8012 taken_back; hang up 8012; join 8011;
                                   | play caller-hold-thanks to A
        10.002  8011 enters        | play call-resumed to 8011
        """,
    )
    assert said(story) == ["record 8011", "stop 8011"]


def test_two_consultations_of_one_call_are_two_recordings() -> None:
    story = tell(
        CONSULTING
        + """
         7.002  8012 enters           | -
        10.000  8012 hangs up         | consult A to 8012 left; join 8011;
                                      | play caller-hold-thanks to A; 8012 ready
        """,
        agents="8011 8012",
    )
    assert said(story) == ["record 8011", "stop 8011"]
    first, _ = (one for one in story.effects if isinstance(one, RecordSide | StopSide))
    assert isinstance(first, RecordSide)
    assert first.file == f"{first.leg.partition(':')[2]}-1.raw"


def test_when_the_recorded_one_goes_the_conversation_is_recorded_on() -> None:
    """The agent who asked has hung up, and a third is with the colleague meanwhile: no word of it
    is lost, and a leg that is gone needs no stop."""
    story = tell(CONSULTING + "     7.002  8012 enters | -\n", agents="8011 8012")
    call = next(iter(story.core.state.calls.values()))
    (side,) = call.sides
    room = story.core.state.rooms[side]
    assert room.recorder is not None
    go_on(
        story,
        """
        8.000  8011 hangs up | consult A to 8012 completed; join 8012; play caller-hold-thanks to A;
                             | 8011 wrap_up
        """,
    )
    assert said(story) == ["record 8011"]


def test_what_the_caller_hears_needs_no_recording_of_its_own() -> None:
    """It is on the caller's; so are a conference and a call that was handed over."""
    story = tell(
        CONSULTING
        + """
         7.002  8012 enters        | -
        10.000  8011 presses *14   | consult A to 8012 joined; join 8011 8012;
                                   | play caller-hold-thanks to A
        10.002  8011, 8012 enter   | play conference-joined to 8011; close side A
        """,
        agents="8011 8012",
    )
    assert said(story) == ["record 8011", "stop 8011"]


def test_a_leg_that_is_lost_ends_its_recording_by_itself() -> None:
    """Asterisk ends a recording with its channel; there is nobody left to be asked to stop."""
    story = tell(CONSULTING + "     7.002  8012 enters | -\n", agents="8011 8012")
    story.moment("8.000", "A hangs up")
    story.moment("8.010", "8011 is gone")
    story.moment("8.020", "8012 is gone")
    assert said(story) == ["record 8011"]
