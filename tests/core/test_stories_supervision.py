"""Stories of supervisors: listen, whisper, barge in, take over, and decide for others (D11, Q12,
T06)."""

import pytest

from acd.core.directory import Reach
from acd.core.events import CommandFailed
from acd.core.facts import OfferMade
from tests.core.story import EPOCH_MS, Story, go_on, tell

TALKING = """
    0.000  A calls 95001         | offered A; ring 8001 for A; open room A
    0.010  8001 rings            | -
    1.000  8001 answers          | offer accepted 8001; answer A; join A 8001
    1.002  A, 8001 enter         | answered A by 8001, wait 1.002
    2.000  8090 asks to log in at s8090 | 8090 ready; done: ready
    """


def talking() -> Story:
    return tell(TALKING, agents="8001", away="8090 8002")


def test_listening_whispering_and_barging_in_by_key() -> None:
    """A phone beside the conversation with a copy of its sound: the call notices nothing until the
    supervisor is one of its agents, and goes on with them when the other leaves."""
    go_on(
        talking(),
        """
        3.000  8090 asks to listen at A        | test 8090; done: listen
        4.000  8090 answers                    | 8090 listen at A; open ear -; beside 8090;
                                               | copy of A
        4.002  8090 enters; copy of A is there | beside copy of A
        5.000  8090 presses 2                  | 8090 whisper at A; hang up copy of A;
                                               | copy of 8001 to whisper
        5.001  copy of A has ended             | ignored: end of a copy that was let go
        5.002  copy of 8001 is there           | beside copy of 8001
        6.000  8090 presses 3                  | 8090 barge at A; hang up copy of 8001;
                                               | close ear -; 8090 no more beside A;
                                               | offer accepted 8090; join 8090
        6.002  8090 enters                     | -
        7.000  8001 hangs up                   | 8001 wrap_up
        7.500  A hangs up                      | hang up 8090
        7.510  8090 is gone                    | 8090 wrap_up; close room A;
                                               | ended A answered, wait 1.002, talk 6.498
        """,
    )


def test_taking_over_leaves_the_caller_with_the_supervisor_alone() -> None:
    go_on(
        talking(),
        """
        3.000  8090 asks to take over at anybody | test 8090; done: take_over
        4.000  8090 answers                      | 8090 take_over at A; 8090 no more beside A;
                                                 | offer accepted 8090; join 8090; hang up 8001
        4.002  8090 enters                       | -
        4.010  8001 is gone                      | 8001 wrap_up
        4.500  A hangs up                        | hang up 8090
        4.510  8090 is gone                      | 8090 wrap_up; close room A;
                                                 | ended A answered, wait 1.002, talk 3.498
        """,
    )


def test_nobody_whispers_into_an_open_line_when_the_call_is_over() -> None:
    """D11, found by a storm: the leg lives on after the call, so its end cannot end the copy."""
    tell(
        """
        0.000  8090 asks to log in at s8090 | 8090 ready; done: ready
        0.010  8001 asks to log in at s8001 | 8001 not_responding (line_closed);
                                            | done: not_responding; dial line of 8001
        0.100  8001 answers                 | open home -; home 8001
        0.102  8001 enter                   | 8001 ready
        1.000  A calls 95001                | offered A; play beep to 8001; open room A
        1.500  8001 presses 1               | stop beep; offer accepted 8001; answer A;
                                            | join A 8001
        1.502  A, 8001 enter                | answered A by 8001, wait 0.502
        3.000  8090 asks to whisper at A    | test 8090; done: whisper
        4.000  8090 answers                 | 8090 whisper at A; open ear -; beside 8090;
                                            | copy of 8001 to whisper
        9.000  A hangs up                   | home 8001
        9.002  8001 enter                   | 8001 wrap_up; close room A;
                                            | ended A answered, wait 0.502, talk 7.498;
                                            | hang up copy of 8001; hang up 8090
        """,
        away="8001 8090",
        nailed="8001",
    )


def test_the_copy_follows_the_call_and_ends_with_it() -> None:
    """The agent whom the supervisor whispers to hangs up: the supervisor hears the caller."""
    go_on(
        talking(),
        """
        3.000  8090 asks to whisper at A          | test 8090; done: whisper
        4.000  8090 answers                       | 8090 whisper at A; open ear -; beside 8090;
                                                  | copy of 8001 to whisper
        4.002  8090 enters; copy of 8001 is there | beside copy of 8001
        5.000  8001 hangs up                      | requeued A; hold A; 8001 wrap_up
        5.001  copy of 8001 has ended             | copy of A
        5.003  copy of A is there                 | beside copy of A
        5.500  A hangs up                         | close room A;
                                                  | ended A answered, wait 1.002, talk 3.998
        5.501  copy of A has ended                | hang up 8090
        5.510  8090 is gone                       | close ear -; 8090 no more beside A
        """,
    )


def test_the_conversation_is_over_before_the_supervisor_answers() -> None:
    go_on(
        talking(),
        """
        3.000  8090 asks to listen at A | test 8090; done: listen
        3.500  A hangs up               | hang up 8001
        3.510  8001 is gone             | 8001 wrap_up; close room A;
                                        | ended A answered, wait 1.002, talk 2.498
        4.000  8090 answers             | hang up 8090
        4.010  8090 is gone             | 8090 no more beside A
        """,
    )


def test_a_copy_that_cannot_be_made_lets_the_supervisor_go() -> None:
    go_on(
        talking(),
        """
        3.000  8090 asks to listen at A      | test 8090; done: listen
        4.000  8090 answers                  | 8090 listen at A; open ear -; beside 8090; copy of A
        4.010  the copy of A cannot be made | hang up 8090
        4.020  8090 is gone                  | close ear -; 8090 no more beside A
        """,
    )


def test_a_copy_that_does_not_come_to_the_supervisor_lets_them_go() -> None:
    """D11, found by a walk: they sat in a room of silence until they hung up themselves."""
    story = go_on(
        talking(),
        """
        3.000  8090 asks to listen at A | test 8090; done: listen
        4.000  8090 answers             | 8090 listen at A; open ear -; beside 8090; copy of A
        4.010  copy of A is there       | beside copy of A
        """,
    )
    key = next(iter(story.core.state.desk_calls))
    failed = CommandFailed(command="JoinRoom", call=key, leg=None, room=None, reason="refused")
    assert story.step(EPOCH_MS + 4_020, failed) == ["hang up 8090"]


def test_a_supervisor_who_does_not_answer_is_not_rung_for_ever() -> None:
    go_on(
        talking(),
        """
         3.000  8090 asks to listen at A | test 8090; done: listen
        18.000  time passes              | hang up 8090
        18.010  8090 is gone (no_answer) | 8090 no more beside A
        """,
    )


def test_stopping_and_a_lost_link_end_the_listening() -> None:
    story = go_on(
        talking(),
        """
        3.000  8090 asks to listen at A      | test 8090; done: listen
        4.000  8090 answers                  | 8090 listen at A; open ear -; beside 8090; copy of A
        5.000  8090 asks to stop listening   | hang up 8090; done: ready
        5.010  8090 is gone                  | hang up copy of A; close ear -;
                                             | 8090 no more beside A
        """,
    )
    assert not story.core.state.snoops


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        ("8001 asks to listen at A", "not_a_supervisor"),
        ("8002 asks to listen at A", "not_a_supervisor"),
        ("9999 asks to listen at A", "unknown_agent"),
        ("8090 asks to listen at Z", "no_conversation"),
        ("8090 asks to stop listening", "not_watching"),
        ("8001 forces 8001 to ready", "not_a_supervisor"),
        ("8090 forces 8002 to ready", "not_logged_in"),
        ("8090 forces 8001 to pause for fun", "unknown_reason"),
        ("8090 asks to raise A", "not_waiting"),
        ("8090 asks to move A to nowhere", "not_waiting"),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(what: str, refusal: str) -> None:
    """X11: no acting beyond one's rights; and nothing is done to what is not there."""
    shown = talking().moment("3.000", what).split("; ")
    assert shown[0] == f"refused {refusal}"
    assert shown[1].startswith("no: ")
    assert not any(part.startswith("done") for part in shown)


@pytest.mark.parametrize("how", ["listen", "whisper", "barge", "take over"])
def test_a_call_that_has_ended_can_be_watched_no_more(how: str) -> None:
    story = talking()
    story.moment("3.000", "A hangs up")
    story.moment("3.010", "8001 is gone")
    assert story.moment("3.100", f"8090 asks to {how} at A") == (
        "refused no_conversation; no: There is no such conversation now."
    )
    assert not story.core.state.desk_calls and not story.core.state.snoops


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        ("8090 asks to raise A", "not_waiting"),
        ("8090 asks to pull A", "not_waiting"),
        ("8090 asks to assign A to 8001", "not_waiting"),
        ("8090 asks to move A to enquiry", "not_waiting"),
    ],
)
def test_a_call_that_has_ended_can_be_steered_no_more(what: str, refusal: str) -> None:
    story = talking()
    story.moment("3.000", "A hangs up")
    story.moment("3.010", "8001 is gone")
    assert story.moment("3.100", what).startswith(f"refused {refusal}; no: ")


def test_a_supervisor_in_the_call_does_not_listen_to_it() -> None:
    story = go_on(
        talking(),
        """
        3.000  8090 asks to barge at A | test 8090; done: barge
        4.000  8090 answers            | 8090 barge at A; 8090 no more beside A;
                                       | offer accepted 8090; join 8090
        4.002  8090 enters             | -
        """,
    )
    assert story.moment("4.100", "8090 asks to listen at A").startswith("refused yourself")


def test_an_agent_is_put_into_a_state_without_being_asked() -> None:
    """At once when they are free, after the conversation when they are not."""
    go_on(
        talking(),
        """
        3.000  8090 forces 8001 to pause for rest | 8090 forces 8001 to pause;
                                                  | done: talking, then paused
        3.500  A hangs up                         | hang up 8001
        3.510  8001 is gone                       | 8001 wrap_up; close room A;
                                                  | ended A answered, wait 1.002, talk 2.498
        3.600  8090 forces 8001 to ready          | 8090 forces 8001 to ready; 8001 ready;
                                                  | wrapped up 8001 0.090; done: ready
        3.700  8090 forces 8001 to log_out        | 8090 forces 8001 to log_out; 8001 logged_out;
                                                  | done: logged_out
        """,
    )


WAITING = """
    0.000  8090 asks to log in at s8090 | 8090 ready; done: ready
    0.100  A calls 95001 | offered A; open room A
    0.200  B calls 95001 | offered B; open room B
    """


def test_a_caller_who_is_raised_goes_before_everybody_else() -> None:
    go_on(
        tell(WAITING, away="8001 8090"),
        """
        0.300  8090 asks to raise B         | 8090 steers B raise; done: raise
        0.400  8001 asks to log in at s8001 | 8001 ready; done: ready; ring 8001 for B
        """,
    )


def test_a_caller_is_given_to_somebody_by_name_or_pulled() -> None:
    """Whether or not they have the skills: 8090 has none."""
    go_on(
        tell(WAITING, away="8001 8090"),
        """
        0.300  8090 asks to pull B | ring 8090 for B; 8090 steers B pull; done: pull
        0.310  8090 rings          | -
        1.000  8090 answers        | offer accepted 8090; answer B; join B 8090
        """,
    )


def test_who_pulls_a_caller_out_of_a_break_is_written_down_so_and_goes_back_to_it() -> None:
    """A supervisor may name anybody, at a meal too (T06); the offer says whence they were rung."""
    story = go_on(
        tell(WAITING, away="8001 8090"),
        """
        0.300  8090 asks to pause for meal | 8090 paused (meal); done: paused
        0.400  8090 asks to pull B         | ring 8090 for B; 8090 steers B pull; done: pull
        0.500  8090 is gone (busy)         | offer rejected 8090 (busy); 8090 paused (meal)
        """,
    )
    assert [e.reach for e in story.effects if isinstance(e, OfferMade)] == [Reach.BREAK]


def test_a_caller_is_moved_to_another_line_at_the_place_of_the_arrival() -> None:
    go_on(
        tell(WAITING, agents="", away="8011 8090"),
        """
        0.400  8090 asks to move B to enquiry | 8090 steers B move; done: move; ring 8090 for B
        """,
    )


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        ("8090 asks to move A to nowhere", "unknown_queue"),
        ("8090 asks to assign A to 8001", "agent_not_free"),
        ("8090 asks to assign A to 9999", "unknown_agent"),
        ("8090 asks to assign A", "unknown_agent"),
        ("8090 asks to listen at A", "no_conversation"),
    ],
)
def test_a_caller_cannot_be_given_to_what_is_not_there(what: str, refusal: str) -> None:
    shown = tell(WAITING, away="8001 8090").moment("0.300", what).split("; ")
    assert shown[0] == f"refused {refusal}"
    assert not any(part.startswith("done") for part in shown)
