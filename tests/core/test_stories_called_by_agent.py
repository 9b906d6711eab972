"""An agent calls by themselves whoever is owed a callback: that is the callback (C02, E34)."""

from acd.core.tables import ObligationState
from tests.core.story import Story, tell
from tests.core.test_stories_afterword import NOTES
from tests.core.test_stories_owed import ELDER, GIVES_UP

ASKS = f"""
        5.500  8001 asks to log in at s8001 | 8001 ready; done: ready
        6.000  8001 asks to call {ELDER}    | placed {ELDER} by 8001;
          | callback to {ELDER} taken up; ring 8001 for {ELDER}; done: offered;
          | open room {ELDER}
"""
DIALLED = f"""
        {ASKS.strip()}
        6.500  8001 answers | offer accepted 8001; dial {ELDER} over carrier-a as 95001
"""
"""Under the entry's own number: a terminal may trust no other."""

IN_CONVERSATION = f"""
        {DIALLED.strip()}
        12.000 {ELDER} answers     | dialled {ELDER}: answered; join {ELDER} 8001
        12.002 {ELDER}, 8001 enter | reached {ELDER} by 8001, wait 6.002
"""


def owed(table: str, away: str = "8001") -> Story:
    return tell(GIVES_UP + table, away=away, owed=True, queues=NOTES)


def test_the_elder_is_not_called_twice() -> None:
    """C02: from the request on nobody else is rung for it, also when its time comes at 7.0; what
    the agent says ends it as reached."""
    story = owed(
        IN_CONVERSATION
        + f"""
        20.000 8001 presses *31 | 8001 says responds; play response-noted to 8001
        30.000 {ELDER} hangs up | hang up 8001
        30.100 8001 is gone     | 8001 wrap_up; close room {ELDER};
          | ended {ELDER} answered, talk 17.998; callback to {ELDER} ended reached
        """
    )
    assert not story.core.state.obligations


def test_a_voice_that_nobody_vouches_for_has_not_been_reached() -> None:
    """E33: something has picked up, and the agent has not said that somebody responded.  The word
    may still come with the notes."""
    story = owed(
        IN_CONVERSATION
        + f"""
        30.000 {ELDER} hangs up | hang up 8001
        30.100 8001 is gone     | 8001 wrap_up; close room {ELDER};
          | ended {ELDER} answered, talk 17.998; callback to {ELDER} put back
        32.000 8001 dials *31   | answer desk 8001; 8001 notes responded;
          | callback to {ELDER} ended reached; play response-noted to desk 8001
        """
    )
    assert not story.core.state.obligations


def test_the_word_with_the_notes_ends_a_callback_of_ours_too() -> None:
    """E34: the elder hangs up first, and the agent who was rung for it says so afterwards."""
    owed(
        f"""
        5.500  8001 asks to log in at s8001 | 8001 ready; done: ready
        7.000  time passes         | callback to {ELDER} due; placed {ELDER};
          | callback to {ELDER} taken up; ring 8001 for {ELDER}; open room {ELDER}
        8.000  8001 answers        | offer accepted 8001; dial {ELDER} over carrier-a as 95001
        12.000 {ELDER} answers     | dialled {ELDER}: answered; join {ELDER} 8001
        12.002 {ELDER}, 8001 enter | reached {ELDER} by 8001, wait 5.002
        30.000 {ELDER} hangs up    | hang up 8001
        30.100 8001 is gone        | 8001 wrap_up; close room {ELDER};
          | ended {ELDER} answered, talk 17.998; callback to {ELDER} put back
        32.000 8001 dials *31      | answer desk 8001; 8001 notes responded;
          | callback to {ELDER} ended reached; play response-noted to desk 8001
        """
    )


def test_nobody_answers_and_it_was_one_of_the_attempts() -> None:
    """E35, C06: a call without response is one, whoever has placed it."""
    story = owed(
        DIALLED
        + f"""
        9.000  {ELDER} is refused with 480 | dialled {ELDER}: no_answer;
          | play outbound-no-answer to 8001
        10.000 8001 has heard it           | hang up 8001
        10.010 8001 is gone                | 8001 ready; close room {ELDER};
          | ended {ELDER} no_answer; callback to {ELDER} put back; case opened; task report owed;
          | task revisit owed; task leader owed; task send_police owed
        20.010 time passes                 | callback to {ELDER} due; placed {ELDER};
          | callback to {ELDER} taken up; case another call; ring 8001 for {ELDER};
          | open room {ELDER}
        """
    )
    (standing,) = (one for one in story.core.state.obligations.values() if one.number == ELDER
                   and one.kind == "callback")  # fmt: skip
    assert standing.attempts == 1


def test_who_does_not_answer_their_own_ring_leaves_it_to_others() -> None:
    """It is owed as before, and was no attempt."""
    story = owed(
        ASKS
        + f"""
        8.000  8001 is gone (busy) | offer rejected 8001 (busy); 8001 ready; close room {ELDER};
          | ended {ELDER} withdrawn; callback to {ELDER} put back
        18.000 time passes         | callback to {ELDER} due; placed {ELDER};
          | callback to {ELDER} taken up; ring 8001 for {ELDER}; open room {ELDER}
        """
    )
    (standing,) = story.core.state.obligations.values()
    assert standing.attempts == 0


def test_our_callback_that_rings_somebody_else_is_taken_back() -> None:
    """One matter, one leg: who has said that they call goes before who is only being rung."""
    owed(
        f"""
        5.500  8001 asks to log in at s8001 | 8001 ready; done: ready
        5.700  8002 asks to log in at s8002 | 8002 ready; done: ready
        7.000  time passes               | callback to {ELDER} due; placed {ELDER};
          | callback to {ELDER} taken up; ring 8001 for {ELDER}; open room {ELDER}
        7.500  8002 asks to call {ELDER} | placed {ELDER} by 8002;
          | callback to {ELDER} handed over; offer withdrawn 8001; hang up 8001;
          | ring 8002 for {ELDER}; done: offered; open room {ELDER}
        7.600  8001 is gone              | 8001 ready; close room {ELDER};
          | ended {ELDER} withdrawn
        8.000  8002 answers              | offer accepted 8002;
          | dial {ELDER} over carrier-a as 95001
        """,
        away="8001 8002",
    )


def test_the_number_is_dialled_on_the_phone() -> None:
    """9 and the number: the same."""
    owed(
        f"""
        5.500  8001 asks to log in at s8001 | 8001 ready; done: ready
        6.000  8001 dials 9{ELDER}          | placed {ELDER} by 8001;
          | callback to {ELDER} taken up; answer desk 8001; dial {ELDER} over carrier-a as 95001;
          | open room {ELDER}
        """
    )


def test_what_a_person_has_taken_up_stays_theirs_until_it_is_done() -> None:
    """W16: they know what came of their first call; their second ends it."""
    story = owed(
        f"""
        5.500  8001 asks to log in at s8001 | 8001 ready; done: ready
        5.600  8001 takes it                | callback to {ELDER} taken up; done: worked
        6.000  8001 asks to call {ELDER}    | placed {ELDER} by 8001; ring 8001 for {ELDER};
          | done: offered; open room {ELDER}
        6.500  8001 answers                 | offer accepted 8001;
          | dial {ELDER} over carrier-a as 95001
        9.000  {ELDER} is refused with 480  | dialled {ELDER}: no_answer;
          | play outbound-no-answer to 8001
        10.000 8001 has heard it            | hang up 8001
        10.010 8001 is gone                 | 8001 ready; close room {ELDER};
          | ended {ELDER} no_answer
        """
    )
    (standing,) = story.core.state.obligations.values()
    assert (standing.state, standing.assignee) == (ObligationState.WORKED, "8001")
    for at, what in (
        ("15.000", f"8001 asks to call {ELDER}"),
        ("16.000", "8001 answers"),
        ("19.000", f"{ELDER} answers"),
        ("19.002", f"{ELDER}, 8001 enter"),
        ("30.000", "8001 presses *31"),
        ("31.000", f"{ELDER} hangs up"),
    ):
        story.moment(at, what)
    assert "ended reached" in story.moment("31.100", "8001 is gone")


def test_the_elder_calls_us_while_the_agent_calls_them() -> None:
    """Theirs takes it over, and the agent gets it."""
    owed(
        DIALLED
        + f"""
        8.000  {ELDER} rings   | play tone:ring to 8001
        9.000  1 calls 95001   | offered 1; callback to {ELDER} handed over;
          | dialled {ELDER}: withdrawn; hang up {ELDER}; hang up 8001; open room 1
        9.050  8001 is gone    | 8001 ready; ring 8001 for 1
        9.060  {ELDER} is gone | close room {ELDER}; ended {ELDER} withdrawn
        """
    )


def test_a_call_to_who_is_on_the_line_with_us_takes_nothing_over() -> None:
    """The elder has called again, and what is owed is in that call's hands."""
    story = owed(
        f"""
        5.500  8001 asks to log in at s8001 | 8001 ready; done: ready
        5.600  1 calls 95001             | offered 1; callback to {ELDER} taken up;
          | ring 8001 for 1; open room 1
        5.700  8002 asks to log in at s8002 | 8002 ready; done: ready
        5.800  8002 asks to call {ELDER} | placed {ELDER} by 8002; ring 8002 for {ELDER};
          | done: offered; open room {ELDER}
        """,
        away="8001 8002",
    )
    (standing,) = story.core.state.obligations.values()
    inbound = [call.id for call in story.core.state.calls.values() if call.placed is None]
    assert inbound == [standing.working]


MEANWHILE = f"""
        0.100  8001 asks to call {ELDER} | placed {ELDER} by 8001; ring 8001 for {ELDER};
          | done: offered; open room {ELDER}
        0.500  8001 answers              | offer accepted 8001;
          | dial {ELDER} over carrier-a as 02109500101
        1.000  1 calls 95001 without contacts | offered 1; open room 1
        3.000  time passes               | picked up 1; answer 1; hold 1; play ack to 1
        4.000  1 hangs up                | close room 1; ended 1 abandoned, wait 3.000;
          | callback to {ELDER} owed
        6.000  time passes               | callback to {ELDER} due
"""
"""The elder presses the key while an agent is calling them already, and gives up."""


def test_a_call_under_way_is_the_callback_when_it_is_answered() -> None:
    """E34, decision 28: what has come to be owed meanwhile is owed no more when the agent has said
    that they responded; as in any emergency, silence or sound alone is not enough."""
    story = tell(
        MEANWHILE
        + f"""
        8.000  {ELDER} answers     | dialled {ELDER}: answered; callback to {ELDER} taken up;
          | join {ELDER} 8001
        8.002  {ELDER}, 8001 enter | reached {ELDER} by 8001, wait 7.902
        20.000 8001 presses *31    | 8001 says responds; play response-noted to 8001
        30.000 {ELDER} hangs up    | hang up 8001
        30.100 8001 is gone        | 8001 wrap_up; close room {ELDER};
          | ended {ELDER} answered, talk 21.998; callback to {ELDER} ended reached
        """,
        agents="8001",
        owed=True,
        queues=NOTES,
    )
    assert not story.core.state.obligations


def test_a_call_under_way_that_nobody_answers_is_none() -> None:
    """The elder is called back as soon as the line is free."""
    tell(
        MEANWHILE
        + f"""
        8.000  {ELDER} is refused with 480 | dialled {ELDER}: no_answer;
          | play outbound-no-answer to 8001; placed {ELDER}; callback to {ELDER} taken up;
          | open room {ELDER}
        """,
        agents="8001",
        owed=True,
        queues=NOTES,
    )
