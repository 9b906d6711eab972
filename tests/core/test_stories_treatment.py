"""Stories of what a waiting caller hears, and when (V07–V10, V12, C13, C14)."""

import msgspec
import pytest

from acd.core import spoken
from acd.core.events import CallArrived, QueueDefined
from acd.core.ids import EntryId, LegId
from acd.core.queueing import treatment
from acd.core.scripts import Treatment
from prompts.texts import load
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, NODE, Story, tell

COMFORTED = msgspec.structs.replace(
    EMERGENCY, treatment=Treatment(comfort="comfort", comfort_every_ms=10_000)
)
TOLD = msgspec.structs.replace(
    ENQUIRY,
    promise_ms=600_000,
    wrap_up_ms=0,
    treatment=Treatment(
        comfort="comfort", comfort_every_ms=10_000, tells_position=True, tells_agent=True
    ),
)


def test_comfort_comes_again_and_again_between_music() -> None:
    """V12: ten seconds after one announcement has ended comes the next, as long as nobody is
    there, and the agent's answer stops it in the middle of a word (C14)."""
    tell(
        """
         0.000  A calls 95001       | offered A; open room A
         2.000  time passes         | picked up A; answer A; hold A; play ack to A
         2.002  A enters            | -
         5.000  prompt ack ends     | -
        15.000  time passes         | play comfort to A
        19.000  prompt comfort ends | -
        29.000  time passes         | play comfort to A
        29.500  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for A
        30.500  8001 answers        | offer accepted 8001; stop comfort; join A 8001
        30.502  A, 8001 enter       | answered A by 8001, wait 30.502
        60.000  A hangs up          | hang up 8001
        60.001  8001 is gone        | 8001 wrap_up; close room A;
                                    | ended A answered, wait 30.502, talk 29.498
        """,
        away="8001",
        queues=(COMFORTED, ENQUIRY),
    )


def test_a_prompt_whose_end_is_never_reported_does_not_silence_the_rest() -> None:
    """The link may lose a word of Asterisk's: after thirty seconds and the pause the next comes,
    and what may still play is stopped."""
    tell(
        """
         0.000  A calls 95001    | offered A; open room A
         2.000  time passes      | picked up A; answer A; hold A; play ack to A
        42.000  time passes      | stop ack; play comfort to A
        42.010  Play fails for A | ignored: Play failed
        52.010  time passes      | play comfort to A
        53.000  A hangs up       | close room A; ended A abandoned, wait 53.000
        """,
        queues=(COMFORTED, ENQUIRY),
    )


def test_the_recording_notice_never_delays_the_talk() -> None:
    """C14: an agent within two seconds is joined at once, and nothing is said; one who answers in
    the middle of the notice stops it, and the joining waits for no end of it."""
    queue = msgspec.structs.replace(EMERGENCY, treatment=Treatment(recording_notice="notice"))
    for answered, effects in (
        ("1.900", "offer accepted 8001; answer A; join A 8001"),
        ("2.500", "offer accepted 8001; stop ack notice; join A 8001"),
    ):
        story = Story(agents=["8001"], away=[], queues=(queue, ENQUIRY), strict=True)
        leg = LegId(f"{NODE}:A")
        story.names.leg[leg] = "A"
        arrival = CallArrived(
            leg=leg,
            arrived_ms=EPOCH_MS,
            trunk=None,
            caller="0216000A",
            called=EntryId("95001"),
            recording="a.raw",
        )
        story.step(EPOCH_MS, arrival)
        if answered > "2.000":
            said = story.moment("2.000", "time passes")
            assert said == "picked up A; answer A; hold A; play ack notice to A"
        assert story.moment(answered, "8001 answers") == effects
        assert story.moment("2.502", "A, 8001 enter").startswith("answered A by 8001")


def test_the_greeting_and_the_notice_surround_the_acknowledgement() -> None:
    """V07, V08, V10: the greeting is the moment's, the notice only for who is recorded; one
    breath, begun two seconds after the INVITE."""
    queue = msgspec.structs.replace(
        ENQUIRY, treatment=Treatment(greets=True, recording_notice="notice")
    )
    for recording, said in (("a.wav", "good morning feast welcome notice"), (None, None)):
        story = Story(agents=[], away=[], queues=(EMERGENCY, queue), strict=True)
        story.names.leg[LegId(f"{NODE}:A")] = "A"
        story.step(
            EPOCH_MS,
            CallArrived(
                leg=LegId(f"{NODE}:A"),
                arrived_ms=EPOCH_MS,
                trunk=None,
                caller=None,
                called=EntryId("95002"),
                recording=recording,
                greeting=("good", "morning", "feast"),
            ),
        )
        assert story.moment("2.000", "time passes") == (
            f"picked up A; answer A; hold A; play {said or 'good morning feast welcome'} to A"
        )


def test_a_caller_told_of_before_the_recording_begins_is_told_of_it_too() -> None:
    """T21, V08: the notice does not wait for word of the recording; the record has both."""
    queue = msgspec.structs.replace(EMERGENCY, treatment=Treatment(recording_notice="notice"))
    story = Story(agents=[], away=[], queues=(queue, ENQUIRY), strict=True)
    leg = LegId(f"{NODE}:A")
    story.names.leg[leg] = "A"
    arrival = CallArrived(
        leg=leg,
        arrived_ms=EPOCH_MS,
        trunk=None,
        caller="0216000A",
        called=EntryId("95001"),
        recording_follows=True,
    )
    story.step(EPOCH_MS, arrival)
    assert story.moment("0.001", "A is recorded as a.raw") == "recorded A"
    assert story.moment("2.000", "time passes") == (
        "picked up A; answer A; hold A; play ack notice to A"
    )


def test_the_agents_number_is_heard_by_the_caller() -> None:
    """V09, C13: it plays once both are in the room, so nobody waits for it; a caller who
    comes back to another agent hears that one's; on an emergency line nobody hears any."""
    queue = msgspec.structs.replace(EMERGENCY, treatment=TOLD.treatment)
    tell(
        """
        0.000  A calls 95002  | offered A; ring 8011 for A; open room A
        1.000  8011 answers   | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter  | answered A by 8011, wait 1.002;
                              | play digit-8 digit-0 digit-1 digit-1 agent-number-suffix to A
        1.500  8011 hangs up  | requeued A;
                              | stop digit-8 digit-0 digit-1 digit-1 agent-number-suffix; hold A;
                              | 8011 not_responding (refused); ring 8012 for A
        1.502  A enters       | -
        2.500  8012 answers   | offer accepted 8012;
                              | stop digit-8 digit-0 digit-1 digit-1 agent-number-suffix;
                              | join A 8012
        2.502  A, 8012 enter  | answered A by 8012 again, wait 2.502;
                              | play digit-8 digit-0 digit-1 digit-2 agent-number-suffix to A
        2.600  B calls 95001  | offered B; ring 8001 for B; open room B
        3.300  8001 answers   | offer accepted 8001; answer B; join B 8001
        3.302  B, 8001 enter  | answered B by 8001, wait 0.702
        """,
        agents="8001 8011 8012",
        queues=(queue, TOLD),
    )


PACE = """
         0.000  A calls 95002     | offered A; ring 8011 for A; open room A
         1.000  8011 answers      | offer accepted 8011; answer A; join A 8011
         1.002  A, 8011 enter     | answered A by 8011, wait 1.002; {number}
       241.002  A hangs up        | hang up 8011
       241.003  8011 is gone      | 8011 wrap_up; 8011 ready; wrapped up 8011 0.000; close room A;
                                  | ended A answered, wait 1.002, talk 240.000
       242.000  B calls 95002     | offered B; ring 8011 for B; open room B
       243.000  8011 answers      | offer accepted 8011; answer B; join B 8011
       243.002  B, 8011 enter     | answered B by 8011, wait 1.002; {number}
""".replace("{number}", "play digit-8 digit-0 digit-1 digit-1 agent-number-suffix to {}")


def _with_pace(rest: str) -> Story:
    first, second = PACE.split("B calls")
    return tell(
        (first.format("A") + "B calls" + second.format("B")).rstrip() + "\n" + rest.lstrip("\n"),
        agents="8011",
        queues=(EMERGENCY, TOLD),
    )


def test_place_and_wait_are_told_and_fall() -> None:
    """V12: with one agent at work and four minutes a call, the next one in line waits four
    minutes; the one behind eight, and four when the first has gone."""
    _with_pace(
        """
       244.000  C calls 95002       | offered C; open room C
       245.000  D calls 95002       | offered D; open room D
       246.000  time passes         | picked up C; answer C; hold C; play welcome to C
       247.000  time passes         | picked up D; answer D; hold D; play welcome to D
       248.000  C has heard it      | -
       249.000  D has heard it      | -
       258.000  time passes         | play caller-next-in-line caller-wait-prefix number-4
                                    | caller-wait-suffix comfort to C
       259.000  time passes         | play caller-ahead-prefix number-1 caller-ahead-suffix
                                    | caller-wait-prefix number-8 caller-wait-suffix comfort to D
       260.000  C hangs up          | close room C; ended C abandoned, wait 16.000
       262.000  D has heard it      | -
       272.000  time passes         | play caller-next-in-line caller-wait-prefix number-4
                                    | caller-wait-suffix comfort to D
        """
    )


def test_a_place_that_grows_is_explained() -> None:
    """Peers' failure 14: a caller with an earlier arrival comes back (here: heard of late) and
    stands ahead; whoever had been told better hears why."""
    _with_pace(
        """
       245.000  D calls 95002               | offered D; open room D
       247.000  time passes                 | picked up D; answer D; hold D; play welcome to D
       249.000  D has heard it              | -
       259.000  time passes                 | play caller-next-in-line caller-wait-prefix number-4
                                            | caller-wait-suffix comfort to D
       261.000  D has heard it              | -
       262.000  C calls 95002 since 244.500; time passes | offered C; open room C; picked up C;
                                            | answer C; hold C; play welcome to C
       271.000  time passes                 | play caller-place-moved caller-ahead-prefix number-1
                                            | caller-ahead-suffix caller-wait-longer
                                            | caller-wait-prefix number-8 caller-wait-suffix
                                            | comfort to D
        """
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"),
        (1, "一"),
        (2, "两"),
        (9, "九"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (22, "二十二"),
        (99, "九十九"),
    ],
)
def test_counts_are_spoken_as_people_count(number: int, said: str) -> None:
    prompts = load().prompts
    assert "".join(prompts[name].text for name in spoken.count(number)) == said


def test_every_prompt_that_the_core_can_ask_for_can_be_said() -> None:
    assert {*spoken.PROMPTS, *treatment.PROMPTS} <= set(load().prompts)


def test_a_changed_treatment_holds_for_who_waits_already() -> None:
    """The directory is changed while a caller waits: from the next announcement on."""
    story = Story(agents=[], away=[], queues=(EMERGENCY, ENQUIRY), strict=True)
    story.moment("0.000", "A calls 95002")
    story.moment("2.000", "time passes")
    story.moment("4.000", "A has heard it")
    story.moment("5.000", "time passes")
    story.step(EPOCH_MS + 5_000, QueueDefined(TOLD))
    assert story.moment("15.000", "time passes") == "play caller-next-in-line comfort to A"
    story.step(EPOCH_MS + 15_000, QueueDefined(ENQUIRY))
    assert story.moment("59.000", "time passes") == "-"
