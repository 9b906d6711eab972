"""Stories of who is reached when nobody of the queue can be: supervisors, and telephones outside
the house (C01, T12); and of those who pick up a moment too late."""

import msgspec
import pytest

from acd.core.commands import HangUp
from acd.core.directory import Queue, Reach, Widening
from acd.core.facts import OfferMade
from acd.core.ids import AgentId
from tests.core.story import EMERGENCY, ENQUIRY, Story, tell


def reaching(*steps: tuple[int, int, Reach]) -> tuple[Queue, Queue]:
    widening = tuple(Widening(after_ms=a, phones=p, reach=r) for a, p, r in steps)
    return (msgspec.structs.replace(EMERGENCY, widening=widening, pick_up_ms=90_000), ENQUIRY)


SUPERVISED = reaching((0, 1, Reach.READY), (8_000, 2, Reach.SUPERVISOR))
OUTSIDE = reaching((0, 1, Reach.READY), (8_000, 3, Reach.OUTSIDE))


def reached(story: Story) -> list[tuple[str, str]]:
    return [(e.agent, e.reach) for e in story.effects if isinstance(e, OfferMade)]


def test_with_nobody_ready_a_supervisor_is_rung_at_once() -> None:
    """C01: at 0 s, whatever their skills; an agent who comes is rung beside them from then on."""
    story = tell(
        """
        0.000  directory: supervisor 8090      | -
        1.000  A calls 95001                   | offered A; ring 8090 for A; open room A
        2.000  8001 asks to log in at s8001    | 8001 ready; done: ready
        7.500  time passes                     | offer failed 8090; hang up 8090 (no_answer);
                                               | ring 8001 for A
        """,
        agents="8090",
        away="8001",
        queues=SUPERVISED,
    )
    assert reached(story) == [("8090", "supervisor"), ("8001", "ready")]


def test_while_a_phone_rings_supervisors_are_left_alone_until_their_step() -> None:
    """The second phone is a supervisor's only when the queue says so, and no agent is there."""
    story = tell(
        """
        0.000  directory: supervisor 8090      | -
        0.100  A calls 95001                   | offered A; ring 8001 for A; open room A
        0.200  8001 rings                      | -
        6.600  time passes                     | offer missed 8001; hang up 8001 (no_answer);
                                               | ring 8090 for A
        """,
        agents="8001 8090",
        queues=SUPERVISED,
    )
    assert reached(story) == [("8001", "ready"), ("8090", "supervisor")]


DUTY = """
        0.000  directory: duty phone d1 has 02109900001 for emergency | d1 ready
""".rstrip()
RINGING = (
    DUTY
    + """
        1.000  A calls 95001     | offered A; dial 02109900001 over carrier-a as 02109500101;
                                 | open room A
        3.000  02109900001 rings | -
        6.000  02109900001 answers | dialled 02109900001: answered;
                                   | play duty-call digit-0 digit-2 digit-1 digit-6 digit-0 digit-0
                                   | digit-0 duty-press-1 to 02109900001
""".rstrip()
)


def test_whoever_answers_outside_presses_1_and_has_the_call() -> None:
    """They hear who calls; the key joins them, and then their audio is the answer."""
    story = tell(
        RINGING
        + """
        8.000  02109900001 presses 1 | stop duty-call digit-0 digit-2 digit-1 digit-6 digit-0
                                     | digit-0 digit-0 duty-press-1; offer accepted d1; answer A;
                                     | join A 02109900001
        8.002  A, 02109900001 enter | answered A by d1, wait 7.002
        """,
        queues=OUTSIDE,
    )
    assert reached(story) == [("d1", "outside")]


def test_a_voicemail_box_never_answers() -> None:
    """No key within the time: the caller is offered on, and the box is left alone for a while."""
    tell(
        RINGING
        + """
        7.000  8001 asks to log in at s8001 | 8001 ready; done: ready
        9.000  time passes | ring 8001 for A
        """,
        away="8001",
        queues=OUTSIDE,
    )


@pytest.mark.parametrize("moment", ["no key", "2", "gone"])
def test_a_duty_phone_that_does_not_take_the_call_is_tried_again(moment: str) -> None:
    """No key within 15 s, the key 2, or a hang-up: never counted as a miss, and after a rest of
    10 s it is dialled again, for nobody else is there; the caller is never dropped."""
    story = tell(RINGING, queues=OUTSIDE)
    if moment == "no key":
        assert "offer unattended d1; hang up" in story.moment("21.000", "time passes")
        story.moment("21.010", "02109900001 is gone")
        again = "31.010"
    elif moment == "2":
        assert "offer rejected d1; hang up" in story.moment("7.000", "02109900001 presses 2")
        story.moment("7.010", "02109900001 is gone")
        again = "17.010"
    else:
        assert "offer rejected d1" in story.moment("7.000", "02109900001 hangs up")
        again = "17.000"
    assert "dial 02109900001" in story.moment(again, "time passes")
    assert story.core.state.agents[AgentId("d1")].misses == 0


def test_a_duty_phone_is_dialled_again_when_the_line_of_a_lost_caller_has_ended() -> None:
    """Found by the random walk: the dialplan had taken the caller for whom it rang, and for the
    next one it was dialled at once, which might have met busy, or overtaken the end."""
    tell(
        DUTY
        + """
        1.000  A calls 95001        | offered A; dial 02109900001 over carrier-a as 02109500101;
                                    | open room A
        2.000  B calls 95001        | offered B; open room B
        3.000  A is in the fallback | repaired: caller was in the fallback;
                                    | offer withdrawn d1; dialled 02109900001: withdrawn;
                                    | hang up 02109900001; close room A; d1 ready;
                                    | d1 not_responding (unreachable)
        3.100  02109900001 is gone  | ignored: end of an unknown leg
        3.100  time passes          | d1 ready; dial 02109900001 over carrier-a as 02109500101
        """,
        queues=OUTSIDE,
    )


def test_a_caller_who_leaves_takes_the_outside_ring_back() -> None:
    """And whoever has picked up there is let go."""
    tell(
        RINGING
        + """
        7.000  A hangs up | offer withdrawn d1; hang up 02109900001
        7.010  02109900001 is gone | d1 ready; close room A; ended A abandoned, wait 6.000
        """,
        queues=OUTSIDE,
    )


def test_the_next_trunk_carries_the_ring_when_the_first_is_away() -> None:
    """T31: the offer goes on by another leg, and can still be taken."""
    story = tell(
        DUTY
        + """
        1.000  A calls 95001     | offered A; dial 02109900001 over carrier-a as 02109500101;
                                 | open room A
        1.100  02109900001 is refused with 503 | dial 02109900001 over carrier-b as 02109500102
        """,
        queues=OUTSIDE,
    )
    story.moment("4.000", "02109900001 rings")
    story.moment("5.000", "02109900001 answers")
    story.moment("7.000", "02109900001 presses 1")
    assert story.moment("7.002", "A, 02109900001 enter") == "answered A by d1, wait 6.002"


def test_an_agent_in_the_house_comes_first() -> None:
    """While somebody ready is there nobody outside is dialled."""
    story = tell(
        DUTY
        + """
        1.000  A calls 95001                   | offered A; ring 8001 for A; open room A
        """,
        agents="8001",
        queues=OUTSIDE,
    )
    assert reached(story) == [("8001", "ready")]


def test_who_picks_up_a_moment_too_late_hears_why() -> None:
    """C01: exactly one wins; the other is told, and the line ends when they have heard it."""
    story = tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; ring 8002 for A; open room A
        1.000  8001 answers             | offer accepted 8001; offer withdrawn 8002;
                                        | hang up 8002 (answered_elsewhere); answer A; join A 8001
        1.000  8002 answers             | ignored: answer to an offer that ended
        1.002  A, 8001 enter            | answered A by 8001, wait 1.002
        3.000  8002 has heard it        | hang up 8002 (answered_elsewhere)
        3.010  8002 is gone             | 8002 ready
        """,
        agents="8001 8002",
        queues=reaching((0, 2, Reach.READY)),
    )
    first, second = [e for e in story.effects if isinstance(e, HangUp)]
    assert first.prompts == ("answered-elsewhere",) and first.farewell is not None
    assert second.farewell is None
    assert story.core.state.agents[AgentId("8002")].misses == 0


def test_a_farewell_that_never_ends_keeps_no_phone() -> None:
    """Its end comes late or never: after 8 s the line is ended all the same, and once."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; ring 8002 for A; open room A
        1.000  8001 answers             | offer accepted 8001; offer withdrawn 8002;
                                        | hang up 8002 (answered_elsewhere); answer A; join A 8001
        1.002  A, 8001 enter            | answered A by 8001, wait 1.002
        9.000  time passes              | hang up 8002
        9.001  8002 has heard it        | ignored: end of a prompt that was let go
        9.010  8002 is gone             | 8002 ready
        """,
        agents="8001 8002",
        queues=reaching((0, 2, Reach.READY)),
    )


def test_a_duty_phone_is_not_dialled_on_for_a_caller_who_was_moved_away() -> None:
    """The first operator fails just then: whoever the next one reached would hear silence, and
    their telephone would be busy for good."""
    tell(
        DUTY
        + """
        0.050  8090 asks to log in at s8090 | 8090 ready; done: ready
        0.060  8090 asks to pause for meal  | 8090 paused (meal); done: paused
        1.000  A calls 95001                | offered A; dial 02109900001 over carrier-a as
                                            | 02109500101; open room A
        1.500  8090 asks to move A to enquiry      | offer withdrawn d1;
                                                   | dialled 02109900001: withdrawn;
                                                   | hang up 02109900001; 8090 steers A move;
                                                   | done: move
        1.600  02109900001 is refused with 503     | d1 ready
        """,
        away="8090",
        queues=OUTSIDE,
    )


def test_a_duty_phone_can_be_taken_out_of_the_directory() -> None:
    """At once when nobody is on it: the next caller waits for somebody else."""
    tell(
        DUTY
        + """
        0.500  directory: duty phone d1 removed | d1 logged_out
        1.000  A calls 95001                    | offered A; open room A
        """,
        queues=OUTSIDE,
    )


def test_a_queue_can_be_taken_out_of_the_directory_under_a_duty_phone() -> None:
    """The telephone stays on duty for the other queues that it names."""
    story = tell(
        """
        0.000  directory: duty phone d1 has 02109900001 for emergency enquiry | d1 ready
        0.500  directory: queue emergency removed                             | -
        """,
        queues=OUTSIDE,
    )
    assert story.core.state.agents[AgentId("d1")].queues == (ENQUIRY.id,)
