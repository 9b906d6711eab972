"""Stories of deadline scheduling: the less slack, the more is done (T09, C01, C15)."""

import msgspec
import pytest

from acd.core.commands import KeepMemo
from acd.core.directory import Queue, Reach, Widening
from acd.core.events import TimePassed
from acd.core.facts import IncidentOpened, OfferMade, PromiseBroken
from acd.core.invariants import check_all
from acd.core.queueing.offers import ring_limit
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, tell


def widening(*steps: tuple[int, int, Reach], **policy: object) -> tuple[Queue, ...]:
    """Return the emergency queue with these steps: (after ms, phones, reach)."""
    made = tuple(Widening(after_ms=after, phones=n, reach=reach) for after, n, reach in steps)
    return (msgspec.structs.replace(EMERGENCY, widening=made, **policy), ENQUIRY)


TWO_AT_HALF = widening((0, 1, Reach.READY), (5_000, 2, Reach.READY), ring_ms_min=4_000)


def test_a_half_spent_promise_rings_a_second_phone_beside_the_first() -> None:
    """C01: the first agent may still answer; the second does not wait for that."""
    story = tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        2.002  A enters                 | -
        5.000  time passes              | ring 8002 for A
        5.010  8002 rings               | -
        6.000  8002 answers             | offer accepted 8002; offer withdrawn 8001;
                                        | hang up 8001 (answered_elsewhere); stop ack;
                                        | join A 8002
        6.002  A, 8002 enter            | answered A by 8002, wait 6.002
        6.020  8001 is gone             | 8001 ready
        """,
        agents="8001 8002",
        queues=TWO_AT_HALF,
    )
    assert [offer.phones for offer in story.effects if isinstance(offer, OfferMade)] == [1, 2]


def test_two_answers_in_one_moment_and_exactly_one_wins() -> None:
    """Two phones answer in the same millisecond (asterisk#176): the second is released as
    answered elsewhere, keeps the place among the free, and has missed nothing."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; ring 8002 for A; open room A
        0.010  8001 rings               | -
        0.010  8002 rings               | -
        1.000  8001 answers             | offer accepted 8001; offer withdrawn 8002;
                                        | hang up 8002 (answered_elsewhere); answer A; join A 8001
        1.000  8002 answers             | ignored: answer to an offer that ended
        1.002  A, 8001 enter            | answered A by 8001, wait 1.002
        1.020  8002 is gone             | 8002 ready
        1.500  B calls 95001            | offered B; ring 8002 for B; open room B
        """,
        agents="8001 8002",
        queues=widening((0, 2, Reach.READY)),
    )


def test_with_one_of_two_phones_refused_the_other_goes_on_ringing() -> None:
    """A refusal costs the caller nothing: the place of the lost phone is taken by the next."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; ring 8002 for A; open room A
        0.010  8001 rings               | -
        0.010  8002 rings               | -
        0.300  8001 is gone (busy)      | offer rejected 8001 (busy); 8001 not_responding (refused);
                                        | ring 8003 for A
        1.000  8002 answers             | offer accepted 8002; offer withdrawn 8003;
                                        | hang up 8003 (answered_elsewhere); answer A; join A 8002
        """,
        agents="8001 8002 8003",
        queues=widening((0, 2, Reach.READY)),
    )


def test_an_agent_set_free_is_the_second_phone_of_a_call_in_danger() -> None:
    """A call that may have one more phone waits in the line for it, ringing or not."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        5.000  time passes              | -
        5.500  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for A
        """,
        agents="8001",
        away="8002",
        queues=TWO_AT_HALF,
    )


FAR = ((0, 1, Reach.READY), (9_000, 3, Reach.BREAK))


def test_wrap_up_and_then_breaks_are_interrupted_at_once_when_nobody_is_ready() -> None:
    """C01: with nobody ready the escalation starts at 0 s, whatever the steps' times say; wrap-up
    before breaks.  A ring that came to nothing is no miss: the notes have what time was left, and
    the break goes on."""
    tell(
        """
         0.000  8002 asks to pause for rest | 8002 paused (rest); done: paused
         0.100  A calls 95001            | offered A; ring 8001 for A; open room A
         1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter            | answered A by 8001, wait 0.902
         9.000  A hangs up               | hang up 8001
         9.010  8001 is gone             | 8001 wrap_up; close room A;
                                         | ended A answered, wait 0.902, talk 7.998
         9.500  B calls 95001            | offered B; ring 8001 for B; open room B
         9.510  8001 rings               | -
         9.600  C calls 95001            | offered C; ring 8002 for C; open room C
         9.610  8002 rings               | -
        11.000  B hangs up               | offer withdrawn 8001; hang up 8001
        11.010  8001 is gone             | 8001 wrap_up; close room B;
                                         | ended B abandoned, wait 1.500
        11.520  time passes              | 8001 ready; wrapped up 8001 1.000
        11.600  time passes              | picked up C; answer C; hold C; play ack to C
        14.000  C hangs up               | offer withdrawn 8002; hang up 8002
        14.010  8002 is gone             | 8002 paused (rest); close room C;
                                         | ended C abandoned, wait 4.400
        """,
        agents="8001 8002",
        queues=widening(*FAR),
    )


def test_the_caller_who_waits_rings_out_of_wrap_up_the_moment_it_begins() -> None:
    """C01: an agent who comes within reach while somebody waits is rung then, not later."""
    tell(
        """
         0.000  A calls 95001            | offered A; ring 8001 for A; open room A
         1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter            | answered A by 8001, wait 1.002
         8.000  B calls 95001            | offered B; open room B
         9.000  A hangs up               | hang up 8001
         9.010  8001 is gone             | 8001 wrap_up; close room A;
                                         | ended A answered, wait 1.002, talk 7.998;
                                         | ring 8001 for B
         9.900  8001 answers             | offer accepted 8001; wrapped up 8001 0.000; answer B;
                                         | join B 8001
        """,
        agents="8001",
        queues=widening(*FAR),
    )


def test_whoever_answers_out_of_a_break_has_it_back_after_the_notes() -> None:
    """The break is owed; the conversation counts like any other."""
    tell(
        """
        0.000  8001 asks to pause for rest | 8001 paused (rest); done: paused
        0.100  A calls 95001            | offered A; ring 8001 for A; open room A
        1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
        1.002  A, 8001 enter            | answered A by 8001, wait 0.902
        4.000  A hangs up               | hang up 8001
        4.010  8001 is gone             | 8001 wrap_up; close room A;
                                        | ended A answered, wait 0.902, talk 2.998
        5.010  time passes              | 8001 paused (rest); wrapped up 8001 1.000
        """,
        agents="8001",
        queues=widening(*FAR),
    )


def test_who_refuses_to_leave_a_break_is_left_alone_until_they_have_been_at_work() -> None:
    """A phone that says no at once would otherwise be rung in a circle; a ring that ran out is
    tried again, for they may be on their way."""
    tell(
        """
         0.000  8001 asks to pause for rest     | 8001 paused (rest); done: paused
         0.010  8002 asks to pause for training | 8002 paused (training); done: paused
         0.100  A calls 95001            | offered A; ring 8001 for A; open room A
         0.300  8001 is gone (rejected)  | offer rejected 8001 (rejected); 8001 paused (rest);
                                         | ring 8002 for A
         0.400  8002 rings               | -
         2.100  time passes              | picked up A; answer A; hold A; play ack to A
         6.800  time passes              | offer missed 8002; hang up 8002 (no_answer)
         6.810  8002 is gone (no_answer) | 8002 paused (training); ring 8002 for A
         7.000  8002 rings               | -
         8.000  8002 answers             | offer accepted 8002; stop ack; join A 8002
         8.002  A, 8002 enter            | answered A by 8002, wait 7.902
         9.000  B calls 95001            | offered B; open room B
         9.500  8001 asks to be ready    | 8001 ready; done: ready; ring 8001 for B
        """,
        agents="8001 8002",
        queues=widening((0, 1, Reach.BREAK)),
    )


@pytest.mark.parametrize("reason", ["meal", "supervisor"])
def test_a_break_away_from_the_phone_is_not_interrupted(reason: str) -> None:
    """Nobody would hear it, and the caller would pay with the time of the ring (D08)."""
    tell(
        f"""
        0.000  8001 asks to pause for {reason} | 8001 paused ({reason}); done: paused
        0.100  A calls 95001                   | offered A; open room A
        """,
        agents="8001",
        queues=widening((0, 1, Reach.BREAK)),
    )


def test_a_break_with_the_phone_in_use_is_interrupted_when_it_is_free() -> None:
    """Within reach and reachable are two things."""
    tell(
        """
        0.000  8001 asks to pause for rest | 8001 paused (rest); done: paused
        0.050  phone 8001 is busy       | -
        0.100  A calls 95001            | offered A; open room A
        1.000  phone 8001 is there      | ring 8001 for A
        """,
        agents="8001",
        queues=widening((0, 1, Reach.BREAK)),
    )


def test_what_an_agent_asks_for_while_rung_out_of_wrap_up_takes_its_place() -> None:
    """They have said what comes after the ring, so the notes are over."""
    tell(
        """
         0.000  A calls 95001            | offered A; ring 8001 for A; open room A
         1.000  8001 answers             | offer accepted 8001; answer A; join A 8001
         1.002  A, 8001 enter            | answered A by 8001, wait 1.002
         9.000  A hangs up               | hang up 8001
         9.010  8001 is gone             | 8001 wrap_up; close room A;
                                         | ended A answered, wait 1.002, talk 7.998
         9.500  B calls 95001            | offered B; ring 8001 for B; open room B
         9.600  8001 asks to pause for meal | wrapped up 8001 0.490; done: offered, then paused
        11.000  B hangs up               | offer withdrawn 8001; hang up 8001
        11.010  8001 is gone             | 8001 paused (meal); close room B;
                                         | ended B abandoned, wait 1.500
        """,
        agents="8001",
        queues=widening(*FAR),
    )


def test_a_second_phone_for_one_caller_is_never_anothers_first() -> None:
    """A may have two phones and has the earlier deadline; B has none, and goes first."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        1.000  B calls 95001            | offered B; open room B
        1.500  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for B
        1.600  8003 asks to log in at s8003 | 8003 ready; done: ready; ring 8003 for A
        """,
        agents="8001",
        away="8002 8003",
        queues=widening((0, 2, Reach.READY)),
    )


def test_a_promise_runs_until_the_agents_audio_is_there() -> None:
    """T09: an agent who picks up at 9.9 s and never gets into the room has kept no promise, and
    it is marked once."""
    tell(
        """
         0.000  A calls 95001            | offered A; ring 8001 for A; open room A
         0.010  8001 rings               | -
         2.000  time passes              | picked up A; answer A; hold A; play ack to A
         6.500  time passes              | offer missed 8001; hang up 8001 (no_answer);
                                         | ring 8002 for A
         6.510  8002 rings               | -
         6.520  8001 is gone             | 8001 ready
         9.900  8002 answers             | offer accepted 8002; stop ack; join A 8002
        10.000  time passes              | promise broken A
        10.400  8002 hangs up            | requeued A; hold A; 8002 not_responding (refused);
                                         | ring 8001 for A
        11.000  8001 answers             | offer accepted 8001; join A 8001
        11.002  A, 8001 enter            | answered A by 8001, wait 11.002
        """,
        agents="8001 8002",
    )


def test_an_emergency_caller_left_alone_again_is_an_incident_again() -> None:
    """C07: the promise is told once; the time without anybody begins anew."""
    story = tell(
        """
          0.000  A calls 95001            | offered A; open room A
          2.000  time passes              | picked up A; answer A; hold A; play ack to A
         10.000  time passes              | promise broken A
         60.000  time passes              | incident A
         61.000  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for A
         62.000  8001 answers             | offer accepted 8001; stop ack; join A 8001
         62.002  A, 8001 enter            | answered A by 8001, wait 62.002
        100.000  8001 asks to log out     | done: talking, then logged_out
        120.000  8001 hangs up            | requeued A; hold A; 8001 wrap_up
        121.000  time passes              | 8001 logged_out; wrapped up 8001 1.000
        180.000  time passes              | incident A
        """,
        away="8001",
    )
    marks = [e for e in story.effects if isinstance(e, IncidentOpened)]
    assert [mark.waited_ms for mark in marks] == [60_000, 60_000]


def test_new_steps_and_deadlines_reach_whoever_waits() -> None:
    """A changed policy holds from the next decision on, for old callers too."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        3.000  directory: queue emergency promise_ms=4000 | -
        4.000  time passes              | promise broken A
        4.100  directory: queue emergency promise_ms=9000 | -
        4.150  directory: queue emergency incident_ms=4100 | incident A
        4.200  directory: queue emergency widening=3 | ring 8002 for A; ring 8003 for A
        """,
        agents="8001 8002 8003",
    )


def test_the_promise_and_the_incident_are_marked_and_nobody_is_dropped() -> None:
    """T14: at 10 s the promise is broken, at 60 s a person must know; the caller is still there,
    and whoever comes then is rung."""
    story = tell(
        """
         0.000  A calls 95001            | offered A; open room A
         2.000  time passes              | picked up A; answer A; hold A; play ack to A
        10.000  time passes              | promise broken A
        60.000  time passes              | incident A
        61.000  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for A
        """,
        away="8001",
    )
    marks = [e for e in story.effects if isinstance(e, PromiseBroken | IncidentOpened)]
    assert [mark.at_ms - mark.arrived_ms for mark in marks] == [10_000, 60_000]


def test_what_has_been_told_of_a_wait_is_in_the_memo_at_once() -> None:
    """A service that begins anew in that moment tells neither a second time, and the invariants see
    a memo that says something else than the call."""
    story = tell(
        """
         0.000  A calls 95001 | offered A; open room A
         2.000  time passes   | picked up A; answer A; hold A; play ack to A
        """
    )
    (call,) = story.core.state.calls.values()
    for after_ms, told in ((10_000, (True, False)), (60_000, (True, True))):
        effects = story.core.step(EPOCH_MS + after_ms, TimePassed())
        (memo,) = (one.memo for one in effects if isinstance(one, KeepMemo))
        assert (memo.promise_broken, memo.incident_opened) == told
    assert not check_all(story.core.state)
    call.responds = True
    (wrong,) = check_all(story.core.state)
    assert wrong.endswith("is not what its channel's memo says")


def test_the_ring_limit_shrinks_with_the_slack_down_to_what_people_need() -> None:
    """C01: 6.5 s while there are 10, less when there is less, never below the queue's least."""
    queue = TWO_AT_HALF[0]
    assert [ring_limit(queue, slack) for slack in (10_000, 8_000, 6_000, 0, -5_000)] == [
        6_500,
        5_200,
        4_000,
        4_000,
        4_000,
    ]


def test_across_queues_too_a_first_phone_goes_before_a_second() -> None:
    """Equal importance: the enquiry has more slack and no phone, the emergency rings already."""
    two = (Widening(after_ms=0, phones=2, reach=Reach.READY),)
    tell(
        """
        0.000  directory: agent 8002 emergency=5 enquiry=5 | -
        0.000  directory: agent 8003 emergency=5 enquiry=5 | -
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        1.000  B calls 95002            | offered B; open room B
        1.500  8002 asks to log in at s8002 | 8002 ready; done: ready; ring 8002 for B
        1.600  8003 asks to log in at s8003 | 8003 ready; done: ready; ring 8003 for A
        """,
        agents="8001",
        away="8002 8003",
        queues=(
            msgspec.structs.replace(EMERGENCY, widening=two),
            msgspec.structs.replace(ENQUIRY, widening=two, priority=EMERGENCY.priority),
        ),
    )
