"""Stories of feature codes: an agent's phone dials, does, and hears what came of it (T37)."""

import pytest

from acd.core.events import CodeDialled
from acd.core.facts import AgentStateChanged, RequestRefused, WrapUpEnded
from acd.core.ids import AgentId, PhoneId
from tests.core.story import EPOCH_MS, QUEUES, Story, tell


def test_60_logs_in_and_calls_come_when_the_phone_is_free() -> None:
    """*60: the confirmation is spoken to its end before the phone is rung."""
    tell(
        """
        0.000  A calls 95001          | offered A; open room A
        1.000  8001 dials *60         | answer desk 8001; 8001 ready;
                                      | play agent-logged-in-ready to desk 8001
        2.000  time passes            | picked up A; answer A; hold A; play ack to A
        2.500  desk 8001 has heard it | hang up desk 8001
        2.510  desk 8001 is gone      | ring 8001 for A
        """,
        away="8001",
    )


def test_60_at_another_seat_logs_in_who_usually_sits_there() -> None:
    """The second phone of a seat speaks for the seat; calls ring the first."""
    tell(
        """
        0.000  directory: seat s8001 has a8001 a8001-2 for 8001 | -
        1.000  8001-2 dials *60                                 | answer desk 8001-2; 8001 ready;
                                                                | play agent-logged-in-ready to
                                                                | desk 8001-2
        1.500  A calls 95001                                    | offered A; ring 8001 for A;
                                                                | open room A
        """,
        away="8001",
    )


def test_60_by_who_is_logged_in_is_being_ready() -> None:
    """Also for somebody whom the API has seated where another usually sits."""
    tell(
        """
        0.000  8002 asks to log in at s8001 | 8002 ready; done: ready
        1.000  8002 asks to pause for rest  | 8002 paused (rest); done: paused
        2.000  8001 dials *60               | answer desk 8001; 8002 ready;
                                            | play agent-logged-in-ready to desk 8001
        2.500  desk 8001 hangs up           | -
        """,
        away="8001 8002",
    )


def test_60_where_it_cannot_be_done() -> None:
    """A phone of no seat, a seat of nobody, an agent who is elsewhere."""
    tell(
        """
        0.000  9009 dials *60            | answer desk 9009; refused unknown_seat;
                                         | play agent-not-allowed to desk 9009
        1.000  directory: seat s5 has a5 | -
        1.001  5 dials *60               | answer desk 5; refused unknown_agent;
                                         | play agent-not-allowed to desk 5
        2.000  8001 asks to log in at s5 | 8001 ready; done: ready
        3.000  8001 dials *60            | answer desk 8001; refused logged_in_elsewhere;
                                         | play agent-refused-in-this-state to desk 8001
        """,
        away="8001",
    )


def test_61_ends_a_pause() -> None:
    """*61."""
    tell(
        """
        0.000  8001 asks to pause for rest | 8001 paused (rest); done: paused
        1.000  A calls 95001               | offered A; open room A
        2.000  8001 dials *61              | answer desk 8001; 8001 ready;
                                           | play agent-ready to desk 8001
        3.000  time passes                 | picked up A; answer A; hold A; play ack to A
        3.900  desk 8001 has heard it      | hang up desk 8001
        3.910  desk 8001 is gone           | ring 8001 for A
        """,
        agents="8001",
    )


def test_62_asks_for_the_reason_and_takes_one_digit() -> None:
    """*62: the digit may come before the question is over; a later one is counted only."""
    tell(
        """
        0.000  8001 dials *62         | answer desk 8001; play agent-pause-menu to desk 8001
        0.900  desk 8001 presses 2    | 8001 paused (meal); stop agent-pause-menu;
                                      | play agent-paused pause-reason-meal to desk 8001
        1.000  desk 8001 presses 3    | ignored: a digit during the confirmation
        2.500  desk 8001 has heard it | hang up desk 8001
        2.505  desk 8001 presses 4    | ignored: a digit after the confirmation
        2.510  desk 8001 is gone      | -
        2.520  desk 8001 presses 5    | ignored: a digit with no meaning here
        """,
        agents="8001",
    )


def test_62_waits_for_the_digit_after_the_question() -> None:
    """The end of the question is not the end of the call."""
    tell(
        """
        0.000  8001 dials *62         | answer desk 8001; play agent-pause-menu to desk 8001
        3.000  desk 8001 has heard it | ignored: the question has been asked
        5.000  desk 8001 presses 1    | 8001 paused (rest);
                                      | play agent-paused pause-reason-rest to desk 8001
        """,
        agents="8001",
    )


def test_62_with_its_digit_asks_nothing() -> None:
    """*621: dialled in one go."""
    tell(
        """
        0.000  8001 dials *621    | answer desk 8001; 8001 paused (rest);
                                  | play agent-paused pause-reason-rest to desk 8001
        1.000  desk 8001 hangs up | -
        2.000  8001 dials *625    | answer desk 8001; 8001 paused (supervisor);
                                  | play agent-paused pause-reason-supervisor to desk 8001
        """,
        agents="8001",
    )


def test_62_gives_up_after_eight_seconds() -> None:
    """No digit: nothing has changed, and the agent is told."""
    tell(
        """
        0.000  8001 dials *62         | answer desk 8001; play agent-pause-menu to desk 8001
        8.000  time passes            | stop agent-pause-menu; play agent-invalid-code to desk 8001
        9.500  desk 8001 has heard it | hang up desk 8001
        9.510  desk 8001 is gone      | -
        """,
        agents="8001",
    )


def test_62_with_a_digit_that_means_nothing() -> None:
    """Told, not guessed."""
    tell(
        """
        0.000  8001 dials *62      | answer desk 8001; play agent-pause-menu to desk 8001
        1.000  desk 8001 presses 9 | refused unknown_code; stop agent-pause-menu;
                                   | play agent-invalid-code to desk 8001
        2.000  desk 8001 is gone   | -
        3.000  8001 dials *62x     | answer desk 8001; refused unknown_code;
                                   | play agent-invalid-code to desk 8001
        4.000  desk 8001 is gone   | -
        5.000  8001 dials *6212    | answer desk 8001; refused unknown_code;
                                   | play agent-invalid-code to desk 8001
        """,
        agents="8001",
    )


def test_63_ends_wrap_up() -> None:
    """*63."""
    tell(
        """
        0.000  A calls 95001          | offered A; ring 8001 for A; open room A
        0.800  8001 answers           | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter          | answered A by 8001, wait 0.802
        2.000  A hangs up             | hang up 8001
        2.010  8001 is gone           | 8001 wrap_up; close room A;
                                      | ended A answered, wait 0.802, talk 1.198
        2.500  8001 dials *63         | answer desk 8001; 8001 ready; wrapped up 8001 0.490;
                                      | play agent-wrap-up-ended to desk 8001
        3.500  desk 8001 has heard it | hang up desk 8001
        3.510  desk 8001 is gone      | -
        4.000  8001 dials *63         | answer desk 8001; refused not_in_wrap_up;
                                      | play agent-refused-in-this-state to desk 8001
        """,
        agents="8001",
    )


def test_69_logs_out() -> None:
    """*69: the seat is empty afterwards, and codes other than *60 are refused there."""
    tell(
        """
        0.000  8001 dials *69    | answer desk 8001; 8001 logged_out;
                                 | play agent-logged-out to desk 8001
        1.000  desk 8001 is gone | -
        2.000  8001 dials *61    | answer desk 8001; refused not_logged_in;
                                 | play agent-refused-in-this-state to desk 8001
        2.500  desk 8001 is gone | -
        3.000  8001 dials *621   | answer desk 8001; refused not_logged_in;
                                 | play agent-refused-in-this-state to desk 8001
        3.500  desk 8001 is gone | -
        4.000  8001 dials *69    | answer desk 8001; refused not_logged_in;
                                 | play agent-refused-in-this-state to desk 8001
        """,
        agents="8001",
    )


def test_an_unknown_code_is_told() -> None:
    """Whatever was dialled, logged in or not."""
    tell(
        """
        0.000  8001 dials *99    | answer desk 8001; refused unknown_code;
                                 | play agent-invalid-code to desk 8001
        1.000  desk 8001 is gone | -
        2.000  8002 dials 110    | answer desk 8002; refused unknown_code;
                                 | play agent-invalid-code to desk 8002
        """,
        agents="8001",
        away="8002",
    )


def test_codes_from_the_second_phone_during_a_conversation_wait_for_its_end() -> None:
    """*62 and *69 in a conversation are spoken as "after this call"; *63 is refused."""
    tell(
        """
        0.000  directory: seat s8001 has a8001 a8001-2 for 8001 | -
        0.001  A calls 95001                                    | offered A; ring 8001 for A;
                                                                | open room A
        0.800  8001 answers                                     | offer accepted 8001; answer A;
                                                                | join A 8001
        0.802  A, 8001 enter                                    | answered A by 8001, wait 0.801
        1.000  8001-2 dials *621                                | answer desk 8001-2; play
                                                                | agent-after-this-call to desk
                                                                | 8001-2
        1.500  desk 8001-2 is gone                              | -
        2.000  8001-2 dials *69                                 | answer desk 8001-2; play
                                                                | agent-after-this-call to desk
                                                                | 8001-2
        2.500  desk 8001-2 is gone                              | -
        3.000  8001-2 dials *63                                 | answer desk 8001-2;
                                                                | refused not_in_wrap_up; play
                                                                | agent-refused-in-this-state to
                                                                | desk 8001-2
        3.500  desk 8001-2 is gone                              | -
        4.000  8001-2 dials *61                                 | answer desk 8001-2; play
                                                                | agent-after-this-call to desk
                                                                | 8001-2
        4.500  desk 8001-2 is gone                              | -
        5.000  A hangs up                                       | hang up 8001
        5.010  8001 is gone                                     | 8001 wrap_up; close room A; ended
                                                                | A answered, wait 0.801, talk
                                                                | 4.198
        6.010  time passes                                      | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001",
    )


def test_no_offer_while_the_agent_talks_to_the_switch() -> None:
    """A phone that is dialling a code is occupied; the caller goes to another, or waits."""
    tell(
        """
        0.000  8001 dials *61     | answer desk 8001; play agent-ready to desk 8001
        0.100  A calls 95001      | offered A; open room A
        0.200  desk 8001 hangs up | ring 8001 for A
        """,
        agents="8001",
    )


def test_dialling_a_code_is_a_sign_of_life() -> None:
    """A phone thought to be gone dials: it is there, and so is its agent."""
    tell(
        """
        0.000  phone 8001 is gone | 8001 not_responding (unreachable)
        1.000  8001 dials *61     | 8001 ready; answer desk 8001; play agent-ready to desk 8001
        2.000  desk 8001 hangs up | -
        3.000  A calls 95001      | offered A; ring 8001 for A; open room A
        """,
        agents="8001",
    )


def test_a_confirmation_whose_end_is_never_told_does_not_hold_the_phone() -> None:
    """Cut after 15 s, once, however long the leg takes to go."""
    tell(
        """
         0.000  8001 dials *61         | answer desk 8001; play agent-ready to desk 8001
        15.000  time passes            | hang up desk 8001
        31.000  desk 8001 has heard it | ignored: a prompt of a desk call that is ending
        31.010  desk 8001 is gone      | -
        """,
        agents="8001",
    )


def test_prompts_that_cannot_be_played_do_not_stop_the_request() -> None:
    """The pause holds although nothing was heard; every further failure is counted only."""
    tell(
        """
         0.000  8001 dials *62           | answer desk 8001; play agent-pause-menu to desk 8001
         0.010  Play fails for desk 8001 | stop agent-pause-menu;
                                         | play agent-invalid-code to desk 8001
         0.020  Play fails for desk 8001 | hang up desk 8001
         0.030  Play fails for desk 8001 | ignored: a desk call that is ending timed out
        15.100  Play fails for desk 8001 | ignored: a desk call that is ending timed out
        15.200  desk 8001 is gone        | -
        """,
        agents="8001",
    )


def test_a_storm_of_digits_changes_nothing_more() -> None:
    """Bad input: the first digit counts, hundreds more are named ignores."""
    story = tell(
        """
        0.000  8001 dials *62      | answer desk 8001; play agent-pause-menu to desk 8001
        0.900  desk 8001 presses 2 | 8001 paused (meal); stop agent-pause-menu;
                                   | play agent-paused pause-reason-meal to desk 8001
        """,
        agents="8001",
    )
    before = len(story.effects)
    for n in range(500):
        assert story.moment(f"{1 + n / 1000:.3f}", f"desk 8001 presses {n % 10}") == (
            "ignored: a digit during the confirmation"
        )
    assert len(story.effects) == before + 500


def test_a_callers_digits_mean_nothing_yet() -> None:
    """Bad input: counted, nothing changed."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.100  A presses 1   | ignored: a digit with no meaning here
        0.200  X presses 1   | ignored: a digit with no meaning here
        """,
        agents="8001",
    )


def test_a_code_that_is_reported_twice_is_done_once() -> None:
    """Bad input: the second report is counted."""
    story = tell(
        "0.000  8001 dials *61 | answer desk 8001; play agent-ready to desk 8001", agents="8001"
    )
    leg = story.names.desk["8001"]
    event = CodeDialled(leg, PhoneId("a8001"), "*69")
    assert story.step(EPOCH_MS + 1, event) == ["ignored: dialled twice"]


_TO = {
    "logged out": ("8001 asks to log out",),
    "ready": (),
    "offered": ("A calls 95001",),
    "talking": ("A calls 95001", "8001 answers", "A, 8001 enter"),
    "wrap-up": ("A calls 95001", "8001 answers", "A, 8001 enter", "A hangs up", "8001 hangs up"),
    "paused": ("8001 asks to pause for meal",),
    "resting": ("A calls 95001", "8001 is gone (rejected)"),
}
_SAME = {
    "*60": "8001 asks to log in at s8001",
    "*61": "8001 asks to be ready",
    "*621": "8001 asks to pause for rest",
    "*63": "8001 asks to end wrap-up",
    "*69": "8001 asks to log out",
}


@pytest.mark.parametrize("state", _TO)
@pytest.mark.parametrize("code", _SAME)
def test_a_code_and_the_request_by_the_api_do_the_same(state: str, code: str) -> None:
    """T37: both ways lead to the same state of the agent, told by the same facts."""
    told = []
    for asked in (_SAME[code], f"8001 dials {code}"):
        story = Story(agents=["8001"], away=[], queues=QUEUES, strict=True)
        for what in _TO[state]:
            story.moment("0.500", what)
        before = len(story.effects)
        story.moment("1.000", asked)
        agent = story.core.state.agents[AgentId("8001")]
        told.append(
            (
                [
                    (e.was, e.now, e.reason, e.from_ms, e.seat)
                    for e in story.effects[before:]
                    # By code the phone is still held by the confirmation, so a ring comes later.
                    if isinstance(e, AgentStateChanged) and e.now != "offered"
                ],
                [e.refusal for e in story.effects[before:] if isinstance(e, RequestRefused)],
                [e for e in story.effects[before:] if isinstance(e, WrapUpEnded)],
                (agent.later, agent.later_reason, agent.misses, agent.idle_since_ms),
            )
        )
    by_api, by_code = told
    assert by_code == by_api


def test_only_agents_keys_command_a_room() -> None:
    """T05: a caller's keys are nothing but tones in a conversation, whatever they spell; the
    agent's go on working."""
    nothing = "; ".join(["ignored: a digit with no meaning here"] * 3)
    tell(
        f"""
        0.000  A calls 95002    | offered A; ring 8011 for A; open room A
        1.000  8011 answers     | offer accepted 8011; answer A; join A 8011
        1.002  A, 8011 enter    | answered A by 8011, wait 1.002
        2.000  A presses *10    | {nothing}
        3.000  A presses *13    | {nothing}
        4.000  8011 presses *10 | open side A; aside 8011; hold A
        """,
        agents="8011 8012",
    )
