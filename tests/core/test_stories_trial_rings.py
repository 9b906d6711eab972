"""Test rings: whoever did not answer is found to be there again, and no phone rings in a circle."""

import msgspec

from acd.core.directory import AgentRules, SeatMode
from acd.core.events import SeatDefined
from acd.core.ids import SeatId
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, go_on, tell

ONE_MISS = msgspec.structs.replace(
    EMERGENCY, misses_max=1, rules=AgentRules(test_ring_ms=5_000, test_rings_max=3)
)
QUEUES = (ONE_MISS, ENQUIRY)
MISSED = """
    0.000  A calls 95001            | offered A; ring 8001 for A; open room A
    0.010  8001 rings               | -
    1.000  A hangs up               | offer withdrawn 8001; hang up 8001
    1.010  8001 is gone             | 8001 ready; close room A; ended A abandoned, wait 1.000
    2.000  B calls 95001            | offered B; ring 8001 for B; open room B
    2.010  8001 rings               | -
    2.500  8001 is gone (busy)      | offer rejected 8001 (busy); 8001 not_responding (refused)
    3.000  B hangs up               | close room B; ended B abandoned, wait 1.000"""


def test_who_answers_the_test_ring_is_ready_again() -> None:
    """kazoo PR #6609: nobody is out for ever after misses.  No caller is behind the ring; the
    phone is free for one when the confirmation has been heard."""
    tell(
        MISSED
        + """
         7.500  time passes           | test 8001
         7.510  8001 rings            | -
         9.000  8001 answers          | test 1 of 8001 ready; 8001 ready; play agent-ready to 8001
         9.100  C calls 95001         | offered C; open room C
        10.000  8001 has heard it     | hang up 8001
        10.010  8001 is gone          | ring 8001 for C
        """,
        agents="8001",
        queues=QUEUES,
    )


def test_who_does_not_answer_is_tested_again_after_growing_pauses_and_then_left_alone() -> None:
    """5 s, 10 s, 20 s, and no more: after that only their own word brings them back."""
    tell(
        MISSED
        + """
          7.500  time passes              | test 8001
         22.500  time passes              | hang up 8001 (no_answer)
         22.510  8001 is gone (no_answer) | test 1 of 8001 missed
         32.510  time passes              | test 8001
         33.000  8001 is gone (busy)      | test 2 of 8001 refused
         53.000  time passes              | test 8001
         53.100  CallPhone fails for 8001 | test 3 of 8001 failed
        999.000  time passes              | -
        999.100  8001 dials *61           | answer desk 8001; 8001 ready;
                                          | play agent-ready to desk 8001
        """,
        agents="8001",
        queues=QUEUES,
    )


def test_their_own_word_ends_the_test() -> None:
    """T37: ready, pause and log-out by the API while the phone rings; the ring is taken back."""
    for request, follows in (
        ("asks to be ready", "8001 ready; test 1 of 8001 ended; hang up 8001; done: ready"),
        (
            "asks to pause for meal",
            "8001 paused (meal); test 1 of 8001 ended; hang up 8001; done: paused",
        ),
        (
            "asks to log out",
            "8001 logged_out; test 1 of 8001 ended; hang up 8001; done: logged_out",
        ),
    ):
        tell(
            MISSED
            + f"""
              7.500  time passes    | test 8001
              8.000  8001 {request} | {follows}
              8.005  8001 answers   | ignored: an answer to a ring that was ended
              8.010  8001 is gone   | -
            200.000  time passes    | -
            """,
            agents="8001",
            queues=QUEUES,
        )


def test_a_phone_that_is_away_or_in_use_is_not_tested() -> None:
    """A private call is no empty chair, and a ring that cannot reach anybody says nothing: both
    are tried a pause after the phone can be rung again, and do not count."""
    tell(
        MISSED
        + """
         4.000  phone 8001 is busy  | -
         7.500  time passes         | -
         8.000  phone 8001 is gone  | -
        13.000  phone 8001 is there | -
        18.000  time passes         | test 8001
        18.500  8001 answers        | test 1 of 8001 ready; 8001 ready; play agent-ready to 8001
        """,
        agents="8001",
        queues=QUEUES,
    )


def test_nobody_is_woken_for_a_test_of_a_seat_without_a_phone() -> None:
    """The directory gives the phone to another seat: the test ring waits for a phone, with no clock
    that runs in vain, and comes when there is one again."""
    story = tell(
        MISSED
        + """
         4.000  directory: seat s8002 has a8001      | -
         7.500  time passes                          | -
        """,
        agents="8001",
        away="8002",
        queues=QUEUES,
    )
    assert ("test_ring", "8001") not in story.core.state.timers
    go_on(
        story,
        """
        900.000  directory: seat s8001 has a8001     | -
        905.000  time passes                         | test 8001
        """,
    )


def test_a_phone_that_answers_by_itself_does_not_prove_a_person() -> None:
    """A key does; without one the test is missed.  The question may be pressed through."""
    story = tell(MISSED, agents="8001", queues=QUEUES)
    seat = story.core.state.seats[SeatId("s8001")]
    changed = msgspec.structs.replace(seat, mode=SeatMode.AUTO_ANSWER)
    story.step(EPOCH_MS + 3_000, SeatDefined(changed))
    for time, what, follows in (
        ("7.500", "time passes", "test 8001"),
        ("7.600", "8001 answers", "play agent-test-ring to 8001"),
        ("9.000", "8001 has heard it", "ignored: the question has been asked"),
        ("17.600", "time passes", "hang up 8001 (no_answer)"),
        ("17.610", "8001 is gone (no_answer)", "test 1 of 8001 missed"),
        ("27.610", "time passes", "test 8001"),
        ("27.650", "8001 presses 1", "ignored: a digit before the answer"),
        ("27.700", "8001 answers", "play agent-test-ring to 8001"),
        (
            "28.000",
            "8001 presses 5",
            "test 2 of 8001 ready; 8001 ready; stop agent-test-ring; play agent-ready to 8001",
        ),
        ("28.500", "8001 presses 5", "ignored: a key during the confirmation"),
        ("29.000", "8001 has heard it", "hang up 8001"),
        ("29.005", "8001 presses 5", "ignored: a key after the end"),
        ("29.010", "8001 is gone", "-"),
    ):
        assert story.moment(time, what) == follows, time


def test_a_short_rest_after_one_refusal_is_no_test() -> None:
    """Only who has missed too many is tested; a rest ends by itself."""
    tell(
        """
        0.000  A calls 95001           | offered A; ring 8001 for A; open room A
        0.500  8001 is gone (rejected) | offer rejected 8001 (rejected);
                                       | 8001 not_responding (refused)
        2.000  time passes             | picked up A; answer A; hold A; play ack to A
        2.500  time passes             | 8001 ready; ring 8001 for A
        """,
        agents="8001",
    )


def test_a_queue_may_do_without_test_rings() -> None:
    """``test_rings_max: 0``."""
    never = msgspec.structs.replace(ONE_MISS, rules=AgentRules(test_rings_max=0))
    tell(
        MISSED
        + """
        900.000  time passes | -
        """,
        agents="8001",
        queues=(never, ENQUIRY),
    )
