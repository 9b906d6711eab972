"""Stories of what should not happen: duplicates, late and unknown events, commands that fail,
a link that was away, and our own bugs (T18, K04)."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest

from acd.core import due
from acd.core.events import Heard, LegJoined, SwitchConnected, TimePassed
from acd.core.facts import CallPickedUp, Defect, LegRole
from acd.core.ids import LegId, Node
from acd.core.tables import (
    AGENT,
    CALL,
    DESK,
    LEG,
    OFFER,
    ROOM,
    AgentMove,
    AgentState,
    CallMove,
    CallState,
    DeskMove,
    DeskState,
    IllegalTransition,
    LegMove,
    LegState,
    OfferMove,
    OfferState,
    RoomMove,
    RoomState,
    Table,
)
from tests.core.story import EPOCH_MS, NODE, tell

Forget = Callable[[Table[Any, Any], StrEnum, StrEnum], None]


def test_every_event_that_comes_twice_is_counted_and_changes_nothing() -> None:
    """Asterisk repeats itself: each repetition has a name."""
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.001  A calls 95001 | ignored: arrived twice
        0.010  8001 rings    | -
        0.011  8001 rings    | ignored: rang again
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.801  8001 answers  | ignored: answered twice
        0.802  8001 rings    | ignored: rang after the answer
        0.803  A answers     | ignored: answered twice
        0.804  A rings       | ignored: rang after the answer
        0.805  A, 8001 enter | answered A by 8001, wait 0.805
        0.806  A, 8001 enter | ignored: joined twice; ignored: joined twice
        5.000  A hangs up    | hang up 8001
        5.001  A hangs up    | ignored: end of an unknown leg
        5.010  8001 is gone  | 8001 wrap_up; close room A; ended A answered, wait 0.805, talk 4.195
        5.011  8001 is gone  | ignored: end of an unknown leg
        5.012  8001 rings    | ignored: ringing of an unknown leg
        """,
        agents="8001",
    )


def test_events_of_channels_that_nobody_knows_are_counted() -> None:
    """An unknown channel is never fatal; our own orphan that answers is hung up, for a phone
    must not be left alone in silence."""
    tell(
        """
        0.000  X rings        | ignored: ringing of an unknown leg
        0.001  X answers      | ignored: answer of an unknown leg
        0.002  X presses 1    | ignored: a digit with no meaning here
        0.003  X hangs up     | ignored: end of an unknown leg
        0.004  hl-6-1 rings   | ignored: ringing of an unknown leg
        0.005  hl-6-1 answers | repaired: orphan leg answered; hang up hl-6-1
        0.006  hl-6-1 is gone | ignored: end of an unknown leg
        """,
        agents="8001",
    )


def test_what_a_leg_gives_is_kept_until_it_changes() -> None:
    """The newest word is the truth (E33); one about a leg that is gone is counted."""
    story = tell(
        """
        0.000  A calls 95001           | offered A; ring 8001 for A; open room A
        0.100  A is heard: sound       | -
        0.200  A is heard: no_rtp      | -
        0.400  X is heard: speech      | ignored: sound of an unknown leg
        """,
        agents="8001",
    )
    (leg,) = (one for one in story.core.state.legs.values() if one.role is LegRole.CALLER)
    assert leg.heard is Heard.NO_RTP


def test_a_room_that_nobody_knows() -> None:
    """An unknown leg's join, and a desk call's, change nothing."""
    story = tell(
        "0.000  8001 dials *61 | answer desk 8001; play agent-ready to desk 8001", agents="8001"
    )
    room = story.core.state.holding_room_id(NODE, next(iter(story.core.state.lines)))
    for leg, reason in (
        (LegId("n1:X"), "join of an unknown leg"),
        (story.names.desk["8001"], "a desk call joined a room"),
    ):
        assert story.step(EPOCH_MS + 1, LegJoined(leg, room)) == [f"ignored: {reason}"]


def test_a_phone_that_could_not_even_be_dialled() -> None:
    """RingPhone failed: no channel came of it, so the failure itself ends the leg."""
    tell(
        """
        0.000  A calls 95001              | offered A; ring 8001 for A; open room A
        0.005  RingPhone fails for 8001   | offer failed 8001 (unreachable);
                                          | 8001 not_responding (unreachable); ring 8002 for A
        0.006  RingPhone fails for 8001   | ignored: RingPhone failed
        0.007  8001 is gone (unreachable) | ignored: end of an unknown leg
        2.000  time passes                | picked up A; answer A; hold A; play ack to A
        2.005  time passes                | 8001 ready
        """,
        agents="8001 8002",
    )


def test_every_other_command_that_fails_is_counted_and_the_call_goes_on() -> None:
    """The caller is still served; what is gone will be told by its own event."""
    tell(
        """
        0.000  A calls 95001               | offered A; ring 8001 for A; open room A
        0.001  OpenRoom fails for A        | ignored: OpenRoom failed
        0.002  OpenHoldingRoom fails for A | ignored: OpenHoldingRoom failed
        2.000  time passes                 | picked up A; answer A; hold A; play ack to A
        2.001  AnswerLeg fails for A       | -
        2.002  JoinRoom fails for A        | open hold-emergency; hold A
        2.003  Play fails for A            | ignored: Play failed
        3.000  8001 answers                | offer accepted 8001; join A 8001
        3.001  StopPlay fails for A        | answer A; ignored: StopPlay failed
        3.002  A, 8001 enter               | answered A by 8001, wait 3.002
        5.000  A hangs up                  | hang up 8001
        5.001  HangUp fails for 8001       | -
        5.002  8001 is gone                | 8001 wrap_up; close room A;
                                           | ended A answered, wait 3.002, talk 1.998
        5.003  CloseRoom fails for A       | ignored: CloseRoom failed
        5.004  HandToFallback fails for A  | ignored: HandToFallback failed
        """,
        agents="8001",
    )


def test_legs_that_are_missing_when_the_link_comes_back() -> None:
    """Asterisk is right: what it does not have is gone.  A caller lost before the answer has the
    outcome lost, a talking caller was answered; nobody is rung for either."""
    tell(
        """
        0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
        0.800  8001 answers                    | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                   | answered A by 8001, wait 0.802
        1.000  B calls 95001                   | offered B; ring 8002 for B; open room B
        1.100  C calls 95001                   | offered C; open room C
        1.200  D calls 95002                   | offered D; open room D
        3.000  time passes                     | picked up B; answer B; hold B; play ack to B
        3.100  time passes                     | picked up C; answer C; hold C; play ack to C
        3.200  time passes                     | picked up D; answer D; hold D; play welcome to D
        4.000  the switch is back with nothing | open hold-emergency; open hold-enquiry;
                                               | open hold-synthetic; repaired: leg was gone;
                                               | hang up 8001; repaired: leg was gone;
                                               | 8001 wrap_up; close room A;
                                               | ended A answered, wait 0.802, talk 3.198;
                                               | repaired: leg was gone; offer withdrawn 8002;
                                               | hang up 8002; repaired: leg was gone; 8002 ready;
                                               | close room B; ended B lost, wait 3.000;
                                               | repaired: leg was gone; close room C;
                                               | ended C lost, wait 2.900; repaired: leg was gone;
                                               | close room D; ended D lost, wait 2.800
        5.000  time passes                     | 8001 ready; wrapped up 8001 1.000
        """,
        agents="8001 8002",
    )


def test_an_agents_leg_that_is_missing_lets_the_caller_wait_again() -> None:
    """C07: the emergency caller is there and the agent's leg is not."""
    tell(
        """
        0.000  A calls 95001             | offered A; ring 8001 for A; open room A
        0.800  8001 answers              | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter             | answered A by 8001, wait 0.802
        4.000  the switch is back with A | open hold-emergency; open hold-enquiry;
                                         | open hold-synthetic; repaired: leg was gone; requeued A;
                                         | hold A; 8001 wrap_up; ring 8002 for A
        """,
        agents="8001 8002",
    )


def test_a_ringing_leg_that_is_missing_is_a_failed_offer() -> None:
    """The next agent is rung."""
    tell(
        """
        0.000  A calls 95001             | offered A; ring 8001 for A; open room A
        0.010  8001 rings                | -
        1.000  the switch is back with A | open hold-emergency; open hold-enquiry;
                                         | open hold-synthetic; repaired: leg was gone;
                                         | offer failed 8001 (lost);
                                         | 8001 not_responding (unreachable); ring 8002 for A
        1.100  8001 answers              | repaired: orphan leg answered; hang up 8001
        """,
        agents="8001 8002",
    )


def test_a_link_that_comes_back_with_everything_changes_nothing() -> None:
    """Talking calls never notice; a channel that we do not know is left alone."""
    tell(
        """
        0.000  A calls 95001                      | offered A; ring 8001 for A; open room A
        0.800  8001 answers                       | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter                      | answered A by 8001, wait 0.802
        4.000  the switch is back with A, 8001, X | open hold-emergency; open hold-enquiry;
                                                  | open hold-synthetic;
                                                  | repaired: unknown leg left alone
        9.000  A hangs up                         | hang up 8001
        9.010  8001 is gone                       | 8001 wrap_up; close room A;
                                                  | ended A answered, wait 0.802, talk 8.198
        """,
        agents="8001",
    )


def test_a_desk_call_that_is_missing_frees_the_phone() -> None:
    """The phone is offered calls again."""
    tell(
        """
        0.000  8001 dials *62            | answer desk 8001; play agent-pause-menu to desk 8001
        1.000  A calls 95001             | offered A; open room A
        2.000  the switch is back with A | open hold-emergency; open hold-enquiry;
                                         | open hold-synthetic; repaired: leg was gone;
                                         | ring 8001 for A
        """,
        agents="8001",
    )


def test_a_ring_that_began_after_the_list_was_read_is_not_missed() -> None:
    """The link carries commands before its list has been taken in: a clock that strikes in between
    rang a phone, which was rung a second time while the first ring went on for nobody."""
    story = tell("0.000  A calls 95001 | offered A; ring 8001 for A; open room A", agents="8001")
    caller = story.names.find_leg("A")
    shown = story.step(EPOCH_MS + 1_000, SwitchConnected(NODE, (caller,), read_ms=EPOCH_MS))
    assert shown == ["open hold-emergency", "open hold-enquiry", "open hold-synthetic"]
    shown = story.step(EPOCH_MS + 2_000, SwitchConnected(NODE, (caller,), read_ms=EPOCH_MS + 1))
    assert "repaired: leg was gone" in shown


def test_another_nodes_legs_are_not_missed() -> None:
    """Each node speaks for itself."""
    story = tell("0.000  A calls 95001 | offered A; ring 8001 for A; open room A", agents="8001")
    shown = story.step(EPOCH_MS + 1_000, SwitchConnected(Node("n2"), ()))
    assert shown == ["open hold-emergency", "open hold-enquiry", "open hold-synthetic"]
    assert len(story.core.state.legs) == 2


def test_a_hang_up_that_fails_is_asked_for_again_until_the_leg_is_gone() -> None:
    """A phone must not stay occupied because one request was lost."""
    tell(
        """
        0.000  A calls 95001         | offered A; ring 8001 for A; open room A
        1.000  A hangs up            | offer withdrawn 8001; hang up 8001
        1.500  HangUp fails for 8001 | -
        2.500  time passes           | hang up 8001
        2.510  HangUp fails for 8001 | -
        3.510  time passes           | hang up 8001
        3.520  8001 is gone          | 8001 ready; close room A; ended A abandoned, wait 1.000
        3.530  HangUp fails for 8001 | ignored: HangUp failed
        """,
        agents="8001",
    )


def test_a_hang_up_that_was_lost_with_the_link_is_asked_for_again() -> None:
    """The link comes back, and the leg that was to end is still there."""
    tell(
        """
        0.000  A calls 95001                | offered A; ring 8001 for A; open room A
        1.000  A hangs up                   | offer withdrawn 8001; hang up 8001
        1.500  the switch is back with 8001 | open hold-emergency; open hold-enquiry;
                                            | open hold-synthetic; hang up 8001
        1.510  8001 is gone                 | 8001 ready; close room A;
                                            | ended A abandoned, wait 1.000
        """,
        agents="8001",
    )


def test_an_answer_that_fails_is_sent_again() -> None:
    """Without the 200 OK the caller would hear nothing but ringing while the agent speaks."""
    tell(
        """
        0.000  A calls 95001         | offered A; ring 8001 for A; open room A
        0.800  8001 answers          | offer accepted 8001; answer A; join A 8001
        0.801  AnswerLeg fails for A | -
        0.802  A, 8001 enter         | answered A by 8001, wait 0.802
        1.801  time passes           | answer A
        """,
        agents="8001",
    )


def test_an_answer_that_fails_is_not_sent_to_a_caller_who_has_left() -> None:
    """What is over is not begun again."""
    tell(
        """
        0.000  A calls 95001         | offered A; open room A
        2.000  time passes           | picked up A; answer A; hold A; play ack to A
        2.001  AnswerLeg fails for A | -
        2.500  A hangs up            | close room A; ended A abandoned, wait 2.500
        3.001  time passes           | -
        """,
    )


def test_a_leg_that_we_had_given_up_is_ended_when_the_link_shows_it() -> None:
    """RingPhone seemed to fail and had not: somebody may sit there in silence."""
    tell(
        """
        0.000  A calls 95001                   | offered A; ring 8001 for A; open room A
        0.100  RingPhone fails for 8001        | offer failed 8001 (unreachable);
                                               | 8001 not_responding (unreachable)
        0.200  the switch is back with A, 8001 | open hold-emergency; open hold-enquiry;
                                               | open hold-synthetic; repaired: orphan leg ended;
                                               | hang up 8001
        """,
        agents="8001",
    )


# Our own bugs -------------------------------------------------------------------------------------


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Forget:
    """Make a cell of a table illegal."""

    def forget_cell(table: Table[Any, Any], state: StrEnum, event: StrEnum) -> None:
        cells = {key: cell for key, cell in table._cells.items() if key != (state, event)}
        assert len(cells) == len(table._cells) - 1
        monkeypatch.setattr(table, "_cells", cells)

    return forget_cell


def test_a_strict_core_raises_at_our_own_bug(forget: Forget) -> None:
    """Tests and simulation see a bug at once."""
    forget(CALL, CallState.WAITING, CallMove.CALLER_LEFT)
    story = tell("0.000  A calls 95001 | offered A; open room A")
    with pytest.raises(IllegalTransition, match="call in state waiting met caller left"):
        story.moment("1.000", "A hangs up")


def test_a_defect_hands_its_caller_to_the_fallback_and_serves_the_others_on(
    forget: Forget,
) -> None:
    """T18: A's answer meets a bug.  A is rung on by the dialplan, the agent is free, B is served;
    the call and its offer still have an end in the record."""
    forget(CALL, CallState.OFFERING, CallMove.ACCEPTED)
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.100  B calls 95001 | offered B; open room B
        0.800  8001 answers  | offer accepted 8001; defect: call in state offering met accepted;
                             | hand A to fallback; hang up 8001; close room A;
                             | ended A fallback, wait 0.800; 8001 ready; ring 8001 for B
        0.810  8001' is gone | ignored: end of an unknown leg
        0.820  A is gone     | ignored: end of an unknown leg
        0.900  8001 rings    | -
        """,
        agents="8001",
        strict=False,
    )


def test_a_defect_at_the_end_of_a_leg_finds_its_call(forget: Forget) -> None:
    """The leg is no longer known when the bug is met; its call must be."""
    forget(AGENT, AgentState.TALKING, AgentMove.CONVERSATION_ENDED)
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.100  B calls 95001 | offered B; open room B
        0.800  8001 answers  | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter | answered A by 8001, wait 0.802
        2.100  time passes   | picked up B; answer B; hold B; play ack to B
        5.000  8001 hangs up | requeued A; hold A;
                             | defect: agent in state talking met conversation ended;
                             | hand A to fallback; close room A;
                             | ended A answered, wait 0.802, talk 4.198; 8001 ready;
                             | ring 8001 for B
        """,
        agents="8001",
        strict=False,
    )


def test_a_defect_while_offering_is_the_waiting_callers_own(forget: Forget) -> None:
    """Somebody else's event sets an agent free, and the offer that follows meets a bug: the call
    that could not be offered is handed over, not the one whose event it was."""
    forget(CALL, CallState.WAITING, CallMove.OFFERED)
    tell(
        """
        0.000  A calls 95001                | offered A; open room A
        0.100  B calls 95001                | offered B; open room B
        1.000  8001 asks to log in at s8001 | 8001 ready; done: ready;
                                            | defect: call in state waiting met offered;
                                            | hand A to fallback; close room A;
                                            | ended A fallback, wait 1.000;
                                            | defect: call in state waiting met offered;
                                            | hand B to fallback; close room B;
                                            | ended B fallback, wait 0.900
        """,
        away="8001",
        strict=False,
    )


def test_a_defect_of_a_desk_call_ends_only_itself(forget: Forget) -> None:
    """Nobody's caller is handed anywhere, and the phone is free when it has hung up."""
    forget(DESK, DeskState.ASKING, DeskMove.DIGIT)
    tell(
        """
        0.000  A calls 95002       | offered A; open room A
        0.100  8001 dials *62      | answer desk 8001; play agent-pause-menu to desk 8001
        1.000  desk 8001 presses 2 | defect: desk call in state asking met digit
        1.010  desk 8001 is gone   | -
        1.500  B calls 95001       | offered B; ring 8001 for B; open room B
        """,
        agents="8001",
        strict=False,
    )


def test_a_defect_of_a_request_is_refused_to_nobodys_harm(forget: Forget) -> None:
    """The asker gets no answer, the metric tells, and calls go on."""
    forget(AGENT, AgentState.READY, AgentMove.PAUSED)
    tell(
        """
        0.000  8001 asks to pause for rest | defect: agent in state ready met paused
        1.000  A calls 95001               | offered A; ring 8001 for A; open room A
        """,
        agents="8001",
        strict=False,
    )


def test_any_other_bug_costs_its_caller_a_detour_and_nobody_else_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T18: what the tables do not know of, such as a missing key, is held at the same edge."""

    def stumbles(*_: object) -> bool:
        raise KeyError("nobody")

    monkeypatch.setattr("acd.core.calls.rooms.place", stumbles)
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        0.500  8001 answers  | offer accepted 8001; answer A; defect: KeyError: 'nobody';
                             | hand A to fallback; hang up 8001; close room A;
                             | ended A fallback, wait 0.500; 8001 ready
        """,
        agents="8001",
        strict=False,
    )


def test_what_fails_behind_a_decision_does_not_take_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T18: the phone is rung and the room made though nothing can be written down for a restart."""

    def stumbles(*_: object) -> None:
        raise KeyError("nobody")

    monkeypatch.setattr("acd.core.switch.memos.keep", stumbles)
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A; defect: KeyError: 'nobody'
        """,
        agents="8001",
        strict=False,
    )


def test_a_rescue_that_fails_takes_nothing_back(
    forget: Forget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T18: A's ring runs out and meets a bug, and handing A over meets another; both are told, and
    what is due for others at that moment is done."""
    forget(OFFER, OfferState.RINGING, OfferMove.TIMED_OUT)
    story = tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        2.000  time passes   | picked up A; answer A; hold A; play ack to A
        4.500  B calls 95001 | offered B; open room B
        """,
        agents="8001",
        strict=False,
    )

    def stumbles(*_: object) -> None:
        raise KeyError("nobody")

    monkeypatch.setattr("acd.core.switch.calls.hand_to_fallback", stumbles)
    effects = story.core.step(EPOCH_MS + 6_500, TimePassed())
    defects = [one.sentence for one in effects if isinstance(one, Defect)]
    assert defects == ["offer in state ringing met timed out", "KeyError: 'nobody'"]
    assert [one.call for one in effects if isinstance(one, CallPickedUp)] == ["7-2"]


def test_a_timer_of_which_nobody_knows_the_call_costs_no_arrival(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """T18: what is due comes before the event of the step, and may fail by itself."""

    def stumbles(*_: object) -> None:
        raise KeyError("nobody")

    monkeypatch.setitem(due.TIMERS, "pick_up", due.Due(stumbles, stumbles))
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        2.000  B calls 95001 | defect: KeyError: 'nobody'; offered B; open room B
        """,
        agents="8001",
        strict=False,
    )


def test_a_defect_at_a_deadline_hands_over_the_call_whose_time_it_was(forget: Forget) -> None:
    """A's ring runs out and meets a bug; B, due at the same moment, is picked up."""
    forget(OFFER, OfferState.RINGING, OfferMove.TIMED_OUT)
    tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        2.000  time passes   | picked up A; answer A; hold A; play ack to A
        4.500  B calls 95001 | offered B; open room B
        6.500  time passes   | defect: offer in state ringing met timed out; hand A to fallback;
                             | offer withdrawn 8001; hang up 8001; close room A;
                             | ended A fallback, wait 6.500; 8001 ready; ring 8001 for B;
                             | picked up B; answer B; hold B; play ack to B
        6.510  8001' is gone | ignored: end of an unknown leg
        """,
        agents="8001",
        strict=False,
    )


def test_a_defect_at_a_pick_up_hands_over_its_own_caller(forget: Forget) -> None:
    """Calls and offers are numbered alike: B is call 2, and offer 2 is being rung for A."""
    story = tell(
        """
        0.000  A calls 95001 | offered A; ring 8001 for A; open room A
        0.010  8001 rings    | -
        2.000  time passes   | picked up A; answer A; hold A; play ack to A
        5.000  B calls 95002 | offered B; open room B
        6.500  time passes   | offer missed 8001; hang up 8001 (no_answer); ring 8002 for A
        """,
        agents="8001 8002",
        strict=False,
    )
    forget(LEG, LegState.RINGING, LegMove.ANSWERED)
    assert story.moment("7.000", "time passes") == (
        "picked up B; defect: leg in state ringing met answered; hand B to fallback; "
        "close room B; owed callback to B at 0216000B in 7200000 (system failure); "
        "ended B fallback, wait 2.000"
    )


def test_a_defect_at_the_very_end_of_a_call_still_ends_it(forget: Forget) -> None:
    """The room will not close: the call has its outcome and is forgotten all the same."""
    forget(ROOM, RoomState.EMPTY, RoomMove.CLOSED)
    tell(
        """
        0.000  A calls 95001 | offered A; open room A
        1.000  A hangs up    | defect: room in state empty met closed; close room A;
                             | ended A abandoned, wait 1.000
        """,
        strict=False,
    )


def test_a_leg_that_asterisk_never_lets_go_of_holds_nobody() -> None:
    """A storm of digits without audio makes Asterisk 22.10.1 keep a channel for good, and list it
    (T18, asterisk#783)."""
    tell(
        """
        0.000  A calls 95001    | offered A; ring 8001 for A; open room A
        0.010  8001 rings       | -
        0.800  8001 answers     | offer accepted 8001; answer A; join A 8001
        0.805  A, 8001 enter    | answered A by 8001, wait 0.805
        5.000  A begins to go   | -
        5.500  A begins to go   | -
        8.000  time passes      | repaired: leg hung up and was not gone; hang up A; hang up 8001
        8.001  A hangs up       | ignored: end of an unknown leg
        8.002  A begins to go   | ignored: hang-up of an unknown leg
        8.010  8001 is gone     | 8001 wrap_up; close room A; \
ended A answered, wait 0.805, talk 7.195
        """,
        agents="8001",
    )


def test_an_agents_leg_that_never_goes_frees_the_agent_all_the_same() -> None:
    tell(
        """
        0.000  A calls 95001      | offered A; ring 8001 for A; open room A
        0.010  8001 rings         | -
        0.800  8001 answers       | offer accepted 8001; answer A; join A 8001
        0.805  A, 8001 enter      | answered A by 8001, wait 0.805
        5.000  8001 begins to go  | -
        8.000  time passes        | repaired: leg hung up and was not gone; hang up 8001; \
requeued A; hold A; 8001 wrap_up
        """,
        agents="8001",
    )


def test_a_leg_that_goes_in_time_leaves_no_trace_of_its_limit() -> None:
    tell(
        """
        0.000  A calls 95001    | offered A; ring 8001 for A; open room A
        1.000  A begins to go   | -
        1.002  A hangs up       | offer withdrawn 8001; hang up 8001
        1.010  8001 is gone     | 8001 ready; close room A; ended A abandoned, wait 1.002
        9.000  time passes      | -
        """,
        agents="8001",
    )


def test_whoever_gives_up_before_we_could_hear_of_them_has_a_record_and_rings_nobody() -> None:
    """K04: a CANCEL between Asterisk's own 180 and the service."""
    tell(
        """
        0.000  A has called 95001 and gone  | offered A; ended A abandoned, wait 0.000
        0.001  B has called 99999 and gone  | offered B; ended B abandoned, wait 0.000
        0.002  C calls 95001                | offered C; ring 8001 for C; open room C
        """,
        agents="8001",
    )


def test_a_caller_whom_the_dialplan_has_taken_goes_on_there() -> None:
    """T18: we stood still too long.  What rings for the caller stops, the agent is free for others,
    and the call has its end when the caller leaves, as one that the dialplan served."""
    tell(
        """
        0.000  A calls 95001        | offered A; ring 8001 for A; open room A
        0.010  8001 rings           | -
        1.500  A is in the fallback | repaired: caller was in the fallback; offer withdrawn 8001;
                                    | hang up 8001; close room A; 8001 ready
        1.600  8001 is gone         | ignored: end of an unknown leg
        9.000  A is gone            | repaired: call had ended unseen; ended A fallback, wait 1.500
        """,
        agents="8001",
    )


def test_a_caller_who_was_gone_or_is_nobodys_is_not_in_the_fallback() -> None:
    """An agent's phone never is, nor a caller of whom we know nothing."""
    tell(
        """
        0.000  A calls 95001           | offered A; ring 8001 for A; open room A
        0.010  8001 rings              | -
        0.020  8001 is in the fallback | ignored: a caller who is not ours is in the fallback
        0.500  A hangs up              | offer withdrawn 8001; hang up 8001
        0.600  8001 is gone            | 8001 ready; close room A; ended A abandoned, wait 0.500
        0.700  A is in the fallback    | ignored: a caller who is not ours is in the fallback
        """,
        agents="8001",
    )
