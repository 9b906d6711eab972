"""Stories of offers: rung, missed, refused, failed, withdrawn (C01, T29)."""

from acd.core.commands import RingPhone
from acd.core.facts import OfferEnded, OfferMade
from acd.core.outside.outbound import RING_MARGIN_MS
from tests.core.story import EMERGENCY, tell


def test_a_ring_without_answer_goes_to_the_next_agent_well_within_the_promise() -> None:
    """C01: 6.5 s, not three rings; the next phone is rung at once, not when the first one's
    CANCEL has been confirmed."""
    tell(
        """
         0.000  A calls 95001            | offered A; ring 8001 for A; open room A
         0.010  8001 rings               | -
         2.000  time passes              | picked up A; answer A; hold A; play ack to A
         2.002  A enters                 | -
         6.500  time passes              | offer missed 8001; hang up 8001 (no_answer);
                                         | ring 8002 for A
         6.510  8002 rings               | -
         6.520  8001 is gone (no_answer) | 8001 ready
         7.900  8002 answers             | offer accepted 8002; stop ack; join A 8002
         7.902  A, 8002 enter            | answered A by 8002, wait 7.902
        20.000  A hangs up               | hang up 8002
        20.010  8002 is gone             | 8002 wrap_up; close room A;
                                         | ended A answered, wait 7.902, talk 12.098
        """,
        agents="8001 8002",
    )


def test_the_only_agent_is_rung_again_when_the_phone_is_free() -> None:
    """A missed ring rests 0 ms; the phone is rung again only at the end of its last leg."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        6.500  time passes              | offer missed 8001; hang up 8001 (no_answer)
        6.530  8001 is gone (no_answer) | 8001 ready; ring 8001 for A
        6.540  8001 rings               | -
        8.000  8001 answers             | offer accepted 8001; stop ack; join A 8001
        8.002  A, 8001 enter            | answered A by 8001, wait 8.002
        9.100  A hangs up               | hang up 8001
        9.110  8001 is gone             | 8001 wrap_up; close room A;
                                        | ended A answered, wait 8.002, talk 1.098
        """,
        agents="8001",
    )


def test_who_has_missed_a_ring_is_last_in_line() -> None:
    """The longest idle is rung first, and a missed ring begins the idle time anew."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        0.010  8001 rings               | -
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        6.500  time passes              | offer missed 8001; hang up 8001 (no_answer);
                                        | ring 8002 for A
        6.520  8001 is gone (no_answer) | 8001 ready
        7.000  B calls 95001            | offered B; ring 8003 for B; open room B
        7.010  C calls 95001            | offered C; ring 8001 for C; open room C
        """,
        agents="8001 8002 8003",
    )


def test_a_rejecting_agent_rests_and_the_next_one_is_rung() -> None:
    """486 and 603: the rest keeps a phone from being rung in a circle."""
    story = tell(
        """
        0.000  A calls 95001           | offered A; ring 8001 for A; open room A
        0.010  8001 rings              | -
        0.500  8001 is gone (busy)     | offer rejected 8001 (busy); 8001 not_responding (refused);
                                       | ring 8002 for A
        0.600  8002 rings              | -
        0.900  8002 is gone (rejected) | offer rejected 8002 (rejected);
                                       | 8002 not_responding (refused); ring 8003 for A
        1.000  8003 answers            | offer accepted 8003; answer A; join A 8003
        1.002  A, 8003 enter           | answered A by 8003, wait 1.002
        2.500  time passes             | 8001 ready
        2.900  time passes             | 8002 ready
        """,
        agents="8001 8002 8003",
    )
    ended = [e for e in story.effects if isinstance(e, OfferEnded)]
    assert [(e.result, e.why, e.ring_ms) for e in ended] == [
        ("rejected", "busy", 490),
        ("rejected", "rejected", 300),
        ("accepted", None, None),  # it answered without a word of ringing
    ]


def test_the_only_agent_rejects_and_is_rung_again_after_the_rest() -> None:
    """The caller goes on waiting; no circle, no lost caller."""
    tell(
        """
        0.000  A calls 95001           | offered A; ring 8001 for A; open room A
        0.500  8001 is gone (rejected) | offer rejected 8001 (rejected);
                                       | 8001 not_responding (refused)
        2.000  time passes             | picked up A; answer A; hold A; play ack to A
        2.500  time passes             | 8001 ready; ring 8001 for A
        3.500  8001 answers            | offer accepted 8001; stop ack; join A 8001
        3.502  A, 8001 enter           | answered A by 8001, wait 3.502
        """,
        agents="8001",
    )


def test_a_phone_that_cannot_be_reached_rests_and_is_not_rung_in_a_circle() -> None:
    """The phone is registered and yet unreachable: the rest holds although its leg has ended."""
    tell(
        """
        0.000  A calls 95001              | offered A; ring 8001 for A; open room A
        0.005  8001 is gone (unreachable) | offer failed 8001 (unreachable);
                                          | 8001 not_responding (unreachable)
        2.000  time passes                | picked up A; answer A; hold A; play ack to A
        2.005  time passes                | 8001 ready; ring 8001 for A
        2.010  8001 is gone (failed)      | offer failed 8001 (failed);
                                          | 8001 not_responding (unreachable)
        4.010  time passes                | 8001 ready; ring 8001 for A
        4.020  8001 is gone (unreachable) | offer failed 8001 (unreachable);
                                          | 8001 not_responding (unreachable)
        """,
        agents="8001",
    )


def test_a_phone_that_never_rings_has_failed_and_not_missed() -> None:
    """No 180 within the ring limit: the phone is at fault, and it rests."""
    tell(
        """
        0.000  A calls 95001            | offered A; ring 8001 for A; open room A
        2.000  time passes              | picked up A; answer A; hold A; play ack to A
        6.500  time passes              | offer failed 8001; hang up 8001 (no_answer)
        6.510  8001 is gone (no_answer) | 8001 not_responding (unreachable)
        8.510  time passes              | 8001 ready; ring 8001 for A
        """,
        agents="8001",
    )


def test_three_rings_missed_in_a_row_and_the_agent_must_say_that_they_are_there() -> None:
    """Staffed is never believed of an empty chair (T37)."""
    tell(
        """
         0.000  A calls 95001            | offered A; ring 8001 for A; open room A
         0.010  8001 rings               | -
         2.000  time passes              | picked up A; answer A; hold A; play ack to A
         6.500  time passes              | offer missed 8001; hang up 8001 (no_answer)
         6.510  8001 is gone (no_answer) | 8001 ready; ring 8001 for A
         6.520  8001 rings               | -
        13.010  time passes              | offer missed 8001; hang up 8001 (no_answer)
        13.020  8001 is gone (no_answer) | 8001 ready; ring 8001 for A
        13.030  8001 rings               | -
        19.520  time passes              | offer missed 8001; hang up 8001 (no_answer)
        19.530  8001 is gone (no_answer) | 8001 not_responding (missed)
        40.000  8001 asks to be ready    | 8001 ready; done: ready; ring 8001 for A
        41.000  8001 answers             | offer accepted 8001; stop ack; join A 8001
        41.002  A, 8001 enter            | answered A by 8001, wait 41.002
        """,
        agents="8001",
    )


def test_an_unreachable_phone_that_comes_back_brings_its_agent_back() -> None:
    """Three failed rings, then silence; a new registration is a sign of life."""
    tell(
        """
         0.000  A calls 95001              | offered A; ring 8001 for A; open room A
         0.010  8001 is gone (unreachable) | offer failed 8001 (unreachable);
                                           | 8001 not_responding (unreachable)
         2.000  time passes                | picked up A; answer A; hold A; play ack to A
         2.010  time passes                | 8001 ready; ring 8001 for A
         2.020  8001 is gone (unreachable) | offer failed 8001 (unreachable);
                                           | 8001 not_responding (unreachable)
         4.020  time passes                | 8001 ready; ring 8001 for A
         4.030  8001 is gone (unreachable) | offer failed 8001 (unreachable);
                                           | 8001 not_responding (unreachable)
         9.000  phone 8001 is gone         | -
        12.000  phone 8001 is there        | 8001 ready; ring 8001 for A
        """,
        agents="8001",
    )


def test_a_conversation_makes_the_misses_forgotten() -> None:
    """Only misses in a row count."""
    tell(
        """
        0.000  A calls 95001           | offered A; ring 8001 for A; open room A
        0.100  8001 is gone (rejected) | offer rejected 8001 (rejected);
                                       | 8001 not_responding (refused)
        2.000  time passes             | picked up A; answer A; hold A; play ack to A
        2.100  time passes             | 8001 ready; ring 8001 for A
        2.200  8001 is gone (rejected) | offer rejected 8001 (rejected);
                                       | 8001 not_responding (refused)
        4.200  time passes             | 8001 ready; ring 8001 for A
        4.300  8001 answers            | offer accepted 8001; stop ack; join A 8001
        4.302  A, 8001 enter           | answered A by 8001, wait 4.302
        6.000  A hangs up              | hang up 8001
        6.010  8001 is gone            | 8001 wrap_up; close room A;
                                       | ended A answered, wait 4.302, talk 1.698
        7.010  time passes             | 8001 ready; wrapped up 8001 1.000
        8.000  B calls 95001           | offered B; ring 8001 for B; open room B
        8.100  8001 is gone (rejected) | offer rejected 8001 (rejected);
                                       | 8001 not_responding (refused)
        """,
        agents="8001",
    )


def test_an_answer_crossing_our_cancel_is_too_late() -> None:
    """Glare: the ring had run out and the next agent is being rung; nobody is in two offers."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        2.000  time passes   | picked up A; answer A; hold A; play ack to A
        6.500  time passes   | offer missed 8001; hang up 8001 (no_answer); ring 8002 for A
        6.505  8001 answers  | ignored: answer to an offer that ended
        6.510  8002 rings    | -
        6.520  8001 is gone  | 8001 ready
        7.000  8002 answers  | offer accepted 8002; stop ack; join A 8002
        7.002  A, 8002 enter | answered A by 8002, wait 7.002
        """,
        agents="8001 8002",
    )


def test_an_answer_crossing_the_callers_hang_up_is_too_late() -> None:
    """Glare: the caller had left; the agent's leg is ended once and no room is joined."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        1.000  A hangs up    | offer withdrawn 8001; hang up 8001
        1.005  8001 answers  | ignored: answer to an offer that ended
        1.020  8001 is gone  | 8001 ready; close room A; ended A abandoned, wait 1.000
        """,
        agents="8001",
    )


def test_a_refusal_crossing_our_cancel_changes_nothing() -> None:
    """The offer was missed; that its leg ended as rejected makes no second miss."""
    tell(
        """
        0.000  A calls 95001           | offered A; ring 8001 for A; open room A
        0.010  8001 rings              | -
        2.000  time passes             | picked up A; answer A; hold A; play ack to A
        6.500  time passes             | offer missed 8001; hang up 8001 (no_answer);
                                       | ring 8002 for A
        6.505  8001 rings              | ignored: rang again
        6.510  8001 is gone (rejected) | 8001 ready
        """,
        agents="8001 8002",
    )


def test_a_withdrawn_offer_keeps_the_agents_place() -> None:
    """The agent did nothing wrong and is still the longest idle."""
    story = tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        1.000  A hangs up    | offer withdrawn 8001; hang up 8001
        1.020  8001 is gone  | 8001 ready; close room A; ended A abandoned, wait 1.000
        2.000  B calls 95001 | offered B; ring 8001 for B; open room B
        """,
        agents="8001 8002",
    )
    assert [e.idle_ms for e in story.effects if isinstance(e, OfferMade)] == [60_000, 62_000]


def test_the_callers_phone_number_is_shown_and_asterisk_has_a_limit_of_its_own() -> None:
    """Asterisk's limit lies behind ours: it only matters when the service is gone."""
    story = tell("0.000  A calls 95001 | offered A; ring 8001 for A; open room A", agents="8001")
    (ring,) = [e for e in story.effects if isinstance(e, RingPhone)]
    assert (ring.phone, ring.caller) == ("a8001", "0216000A")
    assert ring.ring_ms == EMERGENCY.ring_ms + RING_MARGIN_MS
