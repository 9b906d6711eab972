"""Agents' own calls (T19, F07): the agent's phone first, then the number, and every way in which
that comes to nothing."""

import pytest

from acd.core.facts import CallAnswered, CallEnded, CallOffered
from acd.core.outside import placing
from prompts.texts import load
from tests.core.story import go_on, tell

MOBILE = "13900000001"
TERMINAL = "02160000001"


def placed() -> str:
    return f"""
        0.000  8001 asks to call {MOBILE} about case-7 | placed {MOBILE} by 8001;
          | ring 8001 for {MOBILE}; done: offered; open room {MOBILE}
        1.000  8001 answers  | offer accepted 8001; dial {MOBILE} over carrier-a as 02109500101
        3.000  {MOBILE} rings  | play tone:ring to 8001"""


def test_a_call_that_is_answered() -> None:
    """The agent hears ring-back, both are joined at the answer, wrap-up follows, and no figure of
    calls that came in is touched (K04)."""
    story = tell(
        placed()
        + f"""
        9.000  {MOBILE} answers        | dialled {MOBILE}: answered; stop tone:ring;
          | join {MOBILE} 8001
        9.002  {MOBILE}, 8001 enter    | reached {MOBILE} by 8001, wait 9.002
        69.002 {MOBILE} hangs up       | hang up 8001
        69.010 8001 is gone            | 8001 wrap_up; close room {MOBILE};
          | ended {MOBILE} answered, talk 60.000
        70.010 time passes             | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001",
    )
    came_in = (CallOffered, CallAnswered, CallEnded)
    assert not [effect for effect in story.effects if isinstance(effect, came_in)]


def test_the_agent_ends_the_call() -> None:
    """Whoever was called is released with it, however short the conversation was."""
    tell(
        placed()
        + f"""
        9.000  {MOBILE} answers        | dialled {MOBILE}: answered; stop tone:ring;
          | join {MOBILE} 8001
        9.002  {MOBILE}, 8001 enter    | reached {MOBILE} by 8001, wait 9.002
        9.500  8001 hangs up           | hang up {MOBILE}; 8001 wrap_up
        9.600  {MOBILE} is gone        | close room {MOBILE}; ended {MOBILE} answered, talk 0.498
        """,
        agents="8001",
    )


def called_terminal(rest: str) -> str:
    return f"""
        0.000  8001 asks to call {TERMINAL} of terminal T1 | placed {TERMINAL} by 8001;
          | ring 8001 for {TERMINAL}; done: offered; open room {TERMINAL}
        1.000  8001 answers               | offer accepted 8001;
          | dial {TERMINAL} over carrier-a as 02109500101
        9.000  {TERMINAL} answers         | dialled {TERMINAL}: answered; join {TERMINAL} 8001
        9.002  {TERMINAL}, 8001 enter     | reached {TERMINAL} by 8001, wait 9.002
        {rest.strip()}
        """


def test_a_terminal_that_was_called_clears_by_our_busy_tone() -> None:
    """T25: as one that has called.  It clears by itself; or its line is ended after ten seconds,
    and the number may be called again only then."""
    tell(
        called_terminal(
            f"""
        60.000 8001 hangs up              | released {TERMINAL}; busy tone to {TERMINAL};
          | 8001 wrap_up
        61.000 time passes                | 8001 ready; wrapped up 8001 1.000
        62.000 {TERMINAL} hangs up        | close room {TERMINAL};
          | ended {TERMINAL} answered, talk 50.998
        75.000 8001 asks to call {TERMINAL} | placed {TERMINAL} by 8001;
          | ring 8001 for {TERMINAL}; done: offered; open room {TERMINAL}
            """
        ),
        agents="8001",
    )
    tell(
        called_terminal(
            f"""
        60.000 8001 hangs up              | released {TERMINAL}; busy tone to {TERMINAL};
          | 8001 wrap_up
        61.000 time passes                | 8001 ready; wrapped up 8001 1.000
        65.000 8001 asks to call {TERMINAL} | refused number_in_call;
          | no: {TERMINAL} is being called already.
        70.000 time passes                | hang up {TERMINAL}
        70.010 {TERMINAL} is gone         | close room {TERMINAL};
          | ended {TERMINAL} answered, talk 50.998
            """
        ),
        agents="8001",
    )


def test_a_terminal_whose_agent_left_before_the_join_clears_too() -> None:
    """T25: it has answered, so it waits for the tone however short the call was."""
    tell(
        f"""
        0.000  8001 asks to call {TERMINAL} of terminal T1 | placed {TERMINAL} by 8001;
          | ring 8001 for {TERMINAL}; done: offered; open room {TERMINAL}
        1.000  8001 answers               | offer accepted 8001;
          | dial {TERMINAL} over carrier-a as 02109500101
        9.000  {TERMINAL} answers         | dialled {TERMINAL}: answered; join {TERMINAL} 8001
        9.001  8001 hangs up              | released {TERMINAL}; busy tone to {TERMINAL};
          | 8001 ready
        10.000 {TERMINAL} hangs up        | close room {TERMINAL}; ended {TERMINAL} withdrawn
        """,
        agents="8001",
    )


@pytest.mark.parametrize(
    ("sip", "result"),
    [("486", "busy"), ("603", "rejected"), ("480", "no_answer"), ("404", "unreachable")],
)
def test_what_the_number_says_is_spoken_and_recorded_apart(sip: str, result: str) -> None:
    """C24: the agent hears which it was, and the record says the same."""
    prompt = f"outbound-{result.replace('_', '-')}"
    tell(
        placed()
        + f"""
        5.000  {MOBILE} is refused with {sip} | dialled {MOBILE}: {result}; stop tone:ring;
          | play {prompt} to 8001
        8.000  8001 has heard it       | hang up 8001
        8.050  8001 is gone            | 8001 ready; close room {MOBILE}; ended {MOBILE} {result}
        """,
        agents="8001",
    )


def test_nobody_answers_for_six_rings() -> None:
    tell(
        placed()
        + f"""
        33.000  time passes            | dialled {MOBILE}: no_answer; hang up {MOBILE} (no_answer)
        33.050  {MOBILE} is gone       | stop tone:ring; play outbound-no-answer to 8001
        48.050  time passes            | hang up 8001
        48.100  8001 is gone           | 8001 ready; close room {MOBILE}; ended {MOBILE} no_answer
        """,
        agents="8001",
    )


def test_the_agent_gives_up_while_it_rings() -> None:
    tell(
        placed()
        + f"""
        7.000  8001 hangs up           | dialled {MOBILE}: withdrawn; hang up {MOBILE}; 8001 ready
        7.010  {MOBILE} answers        | ignored: answered after it was given up
        7.050  {MOBILE} is gone        | close room {MOBILE}; ended {MOBILE} withdrawn
        """,
        agents="8001",
    )


def test_the_agent_does_not_answer_their_own_call() -> None:
    """No miss is counted, nobody else is rung, and the number is never dialled."""
    tell(
        f"""
        0.000  8001 asks to call {MOBILE} | placed {MOBILE} by 8001; ring 8001 for {MOBILE};
          | done: offered; open room {MOBILE}
        6.500  time passes   | offer failed 8001; hang up 8001 (no_answer)
        6.600  8001 is gone  | 8001 ready; close room {MOBILE}; ended {MOBILE} withdrawn
        """,
        agents="8001 8002",
    )


def test_the_agent_hangs_up_before_the_join() -> None:
    tell(
        placed()
        + f"""
        9.000  {MOBILE} answers        | dialled {MOBILE}: answered; stop tone:ring;
          | join {MOBILE} 8001
        9.001  8001 hangs up           | hang up {MOBILE}; 8001 ready
        9.100  {MOBILE} is gone        | close room {MOBILE}; ended {MOBILE} withdrawn
        """,
        agents="8001",
    )


def test_the_join_is_lost() -> None:
    """Both are released: neither may wait in silence."""
    tell(
        placed()
        + f"""
        9.000  {MOBILE} answers   | dialled {MOBILE}: answered; stop tone:ring;
          | join {MOBILE} 8001
        11.000 time passes        | hang up 8001; hang up {MOBILE}
        11.100 8001 is gone       | 8001 ready
        11.200 {MOBILE} is gone   | close room {MOBILE}; ended {MOBILE} withdrawn
        """,
        agents="8001",
    )


def test_the_next_operator_carries_it() -> None:
    """T31: the agent notices nothing."""
    tell(
        f"""
        0.000  8001 asks to call {MOBILE} | placed {MOBILE} by 8001; ring 8001 for {MOBILE};
          | done: offered; open room {MOBILE}
        1.000  8001 answers  | offer accepted 8001; dial {MOBILE} over carrier-a as 02109500101
        1.100  {MOBILE} is refused with 503 | dial {MOBILE} over carrier-b as 02109500102
        3.000  {MOBILE} rings  | play tone:ring to 8001
        """,
        agents="8001",
    )


def test_dialled_on_the_phone() -> None:
    """9 and the number: whoever dials is on the line already."""
    tell(
        f"""
        0.000  8001 dials 9{MOBILE} | placed {MOBILE} by 8001; answer desk 8001;
          | dial {MOBILE} over carrier-a as 02109500101; open room {MOBILE}
        3.000  {MOBILE} rings    | play tone:ring to desk 8001
        9.000  {MOBILE} answers  | dialled {MOBILE}: answered; stop tone:ring;
          | join {MOBILE} desk 8001
        9.002  {MOBILE}, desk 8001 enter | reached {MOBILE} by 8001, wait 9.002
        39.002 desk 8001 hangs up  | hang up {MOBILE}; 8001 wrap_up
        39.100 {MOBILE} is gone    | close room {MOBILE}; ended {MOBILE} answered, talk 30.000
        """,
        agents="8001",
    )


def test_who_is_on_a_break_is_on_it_again_afterwards() -> None:
    """A call of one's own is no log-in."""
    tell(
        f"""
        0.000  8001 asks to pause for rest | 8001 paused (rest); done: paused
        1.000  8001 asks to call {MOBILE}  | placed {MOBILE} by 8001; ring 8001 for {MOBILE};
          | done: offered; open room {MOBILE}
        2.000  8001 is gone (busy) | offer rejected 8001 (busy); 8001 paused (rest);
          | close room {MOBILE}; ended {MOBILE} withdrawn
        """,
        agents="8001",
    )


def test_nobody_is_offered_a_call_while_they_place_one() -> None:
    """A waits: the agent is talking, as it were, from the first ring on."""
    go_on(
        tell(placed(), agents="8001"),
        """
        4.000  A calls 95001  | offered A; open room A
        """,
    )


@pytest.mark.parametrize(
    ("asked", "no"),
    [
        ("8001 asks to call 12", "not_a_number"),
        ("8001 asks to call x", "not_a_number"),
        ("8001 asks to call 8002", "own_number"),
        ("8001 asks to call 95001", "own_number"),
        ("8001 asks to call 110", "rescue_number"),
        ("8001 asks to call 021120", "rescue_number"),
        ("8999 asks to call 13900000001", "unknown_agent"),
        ("8003 asks to call 13900000001", "not_logged_in"),
    ],
)
def test_a_request_that_cannot_be(asked: str, no: str) -> None:
    """Refused by value, with a sentence, and nothing has changed."""
    story = tell("0.000  time passes | -", agents="8001 8002", away="8003")
    shown = story.moment("1.000", asked)
    assert shown.startswith(f"refused {no}; no: "), shown
    assert not story.core.state.calls


@pytest.mark.parametrize(
    ("code", "prompt"),
    [
        ("9110", "outbound-rescue-number"),
        ("9021119", "outbound-rescue-number"),
        ("98002", "outbound-own-number"),
        ("9**1", "outbound-not-a-number"),
        ("912", "agent-invalid-code"),
    ],
)
def test_a_number_dialled_wrongly_is_told(code: str, prompt: str) -> None:
    story = tell("0.000  time passes | -", agents="8001 8002")
    shown = story.moment("1.000", f"8001 dials {code}")
    assert f"play {prompt} to desk 8001" in shown, shown
    assert not story.core.state.calls


def test_every_prompt_there_is() -> None:
    """What an agent may be told can be said."""
    assert set(placing.PROMPTS) <= set(load().prompts)


def test_a_number_is_called_once_at_a_time() -> None:
    """Two agents, one elder: the second is told."""
    go_on(
        tell(placed(), agents="8001 8002"),
        f"""
        4.000  8002 asks to call {MOBILE} | refused number_in_call;
          | no: {MOBILE} is being called already.
        """,
    )


def test_rescue_is_called_by_who_is_on_the_line() -> None:
    """Design behaviour 7: the directory's number, for an agent whose phone is up."""
    tell(
        """
        0.000  8001 dials 990120 | placed 90120 by 8001; answer desk 8001;
          | dial 90120 over carrier-a as 02109500101; open room 90120
        """,
        agents="8001",
    )
    tell(
        """
        0.000  8001 asks to call 90120 | placed 90120 by 8001; ring 8001 for 90120; done: offered;
          | open room 90120
        1.000  8001 answers | offer accepted 8001; dial 90120 over carrier-a as 02109500101
        """,
        agents="8001",
    )
