"""Stories of a case whose service is restarted while somebody is being called: what was asked for
goes on, or somebody owes it, and a case never forgets that 120 was wanted (E03, E10, T14)."""

import pytest
from msgspec import structs

from acd.core.commands import DialNumber, KeepMemo, RingPhone
from acd.core.entities import Agent
from acd.core.events import (
    AgentDefined,
    AgentRemembered,
    CallRemembered,
    CaseRestored,
    FoundLeg,
    ObligationRestored,
    SwitchConnected,
    WrapUpRemembered,
)
from acd.core.follow_up.owed import OwedFor
from acd.core.ids import LegId
from acd.core.memo import Memo
from acd.core.state import State
from acd.core.tables import AgentState, LegState
from tests.core.story import EPOCH_MS, NODE, QUEUES, Story, go_on, tell
from tests.core.test_stories_beside import picked_up, with_second_phone
from tests.core.test_stories_case import RINGS, TALKING, TO_RESCUE, with_b
from tests.core.test_stories_roles import DUTY


def restart(
    story: Story, at: str, *, gone: tuple[str, ...] = (), away: tuple[str, ...] = ()
) -> tuple[Story, str]:
    """Let another life of the service begin, for which the first has left what PostgreSQL and the
    channels keep; return it, and what it does first.  ``gone``: who has hung up meanwhile;
    ``away``: whom the dialplan has taken."""
    old = story.core.state
    now_ms = EPOCH_MS + round(float(at) * 1000)
    duty = [one.profile for one in old.agents.values() if one.profile.outside is not None]
    inside: list[str] = [one.id for one in old.agents.values() if one.profile not in duty]
    new = Story(agents=[], away=inside, queues=QUEUES, strict=True, epoch=8)
    new.names, new.tells_owed = story.names, True
    for profile in duty:
        new.step(now_ms, AgentDefined(profile))
    for case in old.cases.values():
        new.step(now_ms, CaseRestored(case))
    for owed in old.obligations.values():
        new.step(now_ms, ObligationRestored(owed))
    for agent in old.agents.values():
        if agent.seat is not None:
            new.step(
                now_ms,
                AgentRemembered(
                    agent=agent.id,
                    seat=agent.seat,
                    state=agent.state,
                    reason=agent.reason,
                    since_ms=agent.since_ms,
                    last=_last(old, agent),
                ),
            )
    for call in old.calls.values():
        new.step(
            now_ms,
            CallRemembered(
                call=call.id,
                arrived_ms=call.arrived_ms,
                caller=call.caller,
                called=call.called,
                kind=call.kind,
                queue=call.queue,
                terminal=call.terminal,
                elders=call.elders,
                synthetic=call.synthetic,
                answered_ms=call.answered_ms,
                first_offer_ms=call.first_offer_ms,
                agent=call.first_agent,
                seen_ms=old.now,
            ),
        )
    left = {story.names.find_leg(name) for name in gone}
    taken = {story.names.find_leg(name) for name in away}
    legs = [leg for leg in old.legs.values() if leg.id not in left]
    kept = memos(story)
    found = [
        FoundLeg(
            leg=leg.id,
            memo=kept[leg.id],
            is_up=leg.state is LegState.UP,
            room=None if leg.id in taken else leg.room,
            is_away=leg.id in taken,
        )
        for leg in legs
        if leg.id in kept
    ]
    rooms = dict.fromkeys([*old.rooms, *(one.room for one in found if one.room is not None)])
    shown = new.step(
        now_ms,
        SwitchConnected(
            NODE,
            tuple(leg.id for leg in legs if leg.id not in taken),
            tuple(found),
            rooms=tuple(rooms),
        ),
    )
    return new, "; ".join(one for one in shown if not one.startswith("open hold-"))


def _last(old: State, agent: Agent) -> WrapUpRemembered | None:
    """Return the conversation that the agent was in."""
    call = None if agent.call is None else old.calls.get(agent.call)
    if call is None or call.queue is None or agent.state is not AgentState.TALKING:
        return None
    return WrapUpRemembered(
        call=call.id, arrived_ms=call.arrived_ms, talk_ms=0, queue=call.queue, synthetic=False
    )


def memos(story: Story) -> dict[LegId, Memo]:
    """Return what each channel keeps."""
    kept: dict[LegId, Memo] = {}
    for one in story.effects:
        if isinstance(one, DialNumber | RingPhone | KeepMemo) and one.memo is not None:
            kept[one.leg] = one.memo
    return kept


def test_120_that_rings_goes_on_ringing() -> None:
    """E03, E05: the agent waits for it in the rescue room, hears that it rings, and is there when
    it answers."""
    new, shown = restart(go_on(with_b(), RINGS), "7.000")
    assert shown == "hush 8001; play tone:ring to 8001"
    go_on(
        new,
        """
        20.000  90120 answers | dialled 90120: answered; stop tone:ring;
                              | case medical reached by 8001; task ask_medical owed; aside 90120
        20.002  90120 enters  | -
        21.000  90120 hangs up | play party-gone to 8001
        """,
    )


def test_120_goes_on_over_the_next_operator_and_is_owed_when_nobody_answers() -> None:
    """T31, E03: as if the service had never been away."""
    new, _ = restart(go_on(with_b(), RINGS), "7.000")
    go_on(
        new,
        """
        8.000  90120 is refused with 503 | dial 90120 over carrier-b as 02109500102
        9.000  90120 is refused with 486 | dialled 90120: busy; task call_rescue owed;
                                         | stop tone:ring; play outbound-busy to 8001
        """,
    )


def test_an_answer_of_120_that_nobody_has_heard_is_heard_now() -> None:
    story = go_on(with_b(), RINGS)
    story.core.state.legs[story.names.find_leg("90120")].state = LegState.UP
    _, shown = restart(story, "7.000")
    assert shown == (
        "hush 8001; dialled 90120: answered; case medical reached by 8001; "
        "task ask_medical owed; aside 90120"
    )


def test_120_whose_answer_was_heard_but_not_written_down_is_reached() -> None:
    """E05: the service died in the moment in which 120 answered.  Nobody had been told, and after
    the talk nobody knew that it was reached, nor that it was to be called."""
    story = go_on(with_b(), TO_RESCUE)
    old = story.core.state
    old.cases = {key: structs.replace(case, services=()) for key, case in old.cases.items()}
    old.obligations = {
        key: owed for key, owed in old.obligations.items() if owed.why is not OwedFor.ASK_MEDICAL
    }
    new, shown = restart(story, "9.100")
    assert shown == "case medical reached by 8001; task ask_medical owed; hush 8001"
    go_on(new, "20.000  90120 hangs up | play party-gone to 8001")


def test_120_that_has_ended_unseen_is_owed_and_the_agent_is_told() -> None:
    """E03: busy, refused, or given up while nobody was there to hear it."""
    _, shown = restart(go_on(with_b(), RINGS), "7.000", gone=("90120",))
    assert shown == "hush 8001; task call_rescue owed; play outbound-unreachable to 8001"


def test_120_does_not_ring_on_for_nobody_and_is_owed() -> None:
    """E05: who called it is gone, and no music may answer it."""
    new, shown = restart(go_on(with_b(), RINGS), "7.000", gone=("8001",))
    assert shown == (
        "dialled 90120: withdrawn; hang up 90120; task call_rescue owed; "
        "hang up 90120; repaired: orphan room closed; close side -; "
        "8001 wrap_up; case a gone by 8001; ring 8001 for A"
    )
    go_on(new, "7.100  90120 is gone | -")


def test_a_contact_called_alone_rings_on_in_the_agents_ear_and_is_asked_nothing() -> None:
    """E06: after a restart the agent who waited for them heard silence, and the contact was asked
    for a key, as if all had been called."""
    new, shown = restart(
        go_on(
            with_b(),
            """
            6.000  8001 presses *914# | dial 01390000001 over carrier-a as 02109500101; open side A;
                                      | stop case-open; aside 8001
            6.002  8001 enters        | -
            6.500  01390000001 rings  | play tone:ring to 8001
            """,
        ),
        "7.000",
    )
    assert shown == "hush 8001; play tone:ring to 8001"
    go_on(
        new,
        """
        8.000  01390000001 answers | dialled 01390000001: answered; stop tone:ring;
                                   | case contact 01390000001 reached by 8001;
                                   | task ask_contact owed; aside 01390000001
        """,
    )


def test_a_contact_that_rings_goes_on_ringing_and_is_asked() -> None:
    """E06, C17: called with all the others, no voicemail box counts."""
    new, shown = restart(
        go_on(
            with_b(),
            """
            6.000  8001 presses *96   | dial 01390000001 over carrier-a as 02109500101;
                                      | dial 01390000002 over carrier-a as 02109500101;
                                      | dial 90120 over carrier-a as 02109500101; open side A;
                                      | stop case-open; aside 8001; case all called by 8001
            6.002  8001 enters        | -
            """,
        ),
        "7.000",
        gone=("01390000002", "90120"),
    )
    assert shown == "hush 8001; task call_rescue owed; play outbound-unreachable to 8001"
    asked = (
        "contact-emergency-for digit-0 digit-2 digit-1 digit-6 digit-0 digit-0 digit-0 "
        "contact-press-one"
    )
    go_on(
        new,
        f"""
         7.500  8001 has heard it     | -
         8.000  01390000001 answers   | dialled 01390000001: answered;
                                      | play {asked} to 01390000001
         9.000  01390000001 presses 1 | stop {asked};
                                      | case contact 01390000001 accepted; task ask_contact owed;
                                      | hold 01390000001; play contact-waits to 8001
         9.002  01390000001 enters    | -
        10.000  8001 presses *91#     | aside 01390000001; stop contact-waits
        """,
    )


def test_the_talk_with_120_goes_on_though_the_caller_has_hung_up() -> None:
    """E10: before the restart or in it; who is not in the rescue room has nothing to stay for."""
    before = go_on(
        go_on(with_b(), TO_RESCUE),
        """
        9.000  A hangs up   | hang up 8002
        9.010  8002 is gone | 8002 wrap_up
        """,
    )
    for story, gone in ((before, ()), (go_on(with_b(), TO_RESCUE), ("A", "8002"))):
        new, shown = restart(story, "9.100", gone=gone)
        assert "hang up" not in shown
        go_on(
            new,
            """
            10.000  8001 hangs up | hang up 90120; 8001 wrap_up
            """,
        )
        over = new.moment("10.010", "90120 is gone")
        assert over.startswith("close side A; close room A; ended A answered, wait 1.002")


def test_120_rings_on_for_who_waits_for_it_though_the_caller_has_hung_up() -> None:
    """E10, E03: the agent is alone with the tone, and speaks with 120 when it answers."""
    story = go_on(
        go_on(with_b(), RINGS),
        """
        7.000  A hangs up   | hang up 8002
        7.010  8002 is gone | 8002 wrap_up
        """,
    )
    new, shown = restart(story, "7.100")
    assert shown == "hush 8001; play tone:ring to 8001; 8002 ready"
    go_on(
        new,
        """
        8.000  90120 answers | dialled 90120: answered; stop tone:ring;
                             | case medical reached by 8001; task ask_medical owed; aside 90120
        8.002  90120 enters  | -
        """,
    )


def test_who_rings_for_nobody_is_withdrawn_and_120_is_owed() -> None:
    """E03, E37: the caller has hung up in the restart, and nobody is in the rescue room."""
    story = go_on(
        go_on(with_b(), RINGS),
        """
        6.600  8001 presses *92   | stop tone:ring; join 8001
        6.610  8001 enters        | close side A; play call-resumed to 8001
        """,
    )
    new, shown = restart(story, "7.000", gone=("A",))
    assert shown == (
        "hang up 8001; hang up 8002; dialled 90120: withdrawn; hang up 90120; "
        "hang up 8001; hang up 8002; hang up 90120"
    )
    go_on(new, "7.010  90120 is gone | task call_rescue owed")


def test_120_hears_music_and_is_fetched_when_the_second_phone_has_ended() -> None:
    """T29: a restart ends that line, and nobody may be left in a room of silence."""
    new, shown = restart(picked_up(), "9.100")
    assert shown == (
        "hold 90120; play rescue-waits to 8001; repaired: orphan leg ended; hang up 8001-2"
    )
    go_on(
        new,
        """
         9.110  90120 enters       | close side A
        10.000  8001 presses *91#  | open side A; stop rescue-waits; aside 8001; aside 90120
        10.010  8001, 90120 enter  | -
        """,
    )


def test_120_that_was_to_be_called_by_the_second_phone_is_owed() -> None:
    """T29, E03: a restart ends the ring of that phone, and nobody has been dialled yet."""
    story = go_on(with_second_phone(), "6.000 8001 presses *991# | test 8001-2; stop case-open")
    new, shown = restart(story, "7.000")
    assert shown == (
        "task call_rescue owed; play outbound-unreachable to 8001; "
        "repaired: orphan leg ended; hang up 8001-2"
    )
    go_on(new, "7.010  8001-2 is gone | ignored: end of an unknown leg")


def test_b_who_was_being_rung_is_rung_again() -> None:
    """E14: the case has lacked a B, and does so still."""
    story = go_on(
        tell(TALKING, agents="8001 8002"),
        """
        3.000  8001 presses *90 | case opened by 8001; play case-open to 8001; ring 8002 for A
        """,
    )
    new, shown = restart(story, "4.000")
    assert shown == "offer withdrawn 8002; hang up 8002; hang up 8002"
    go_on(
        new,
        """
        4.010  8002 is gone | 8002 ready; ring 8002 for A
        5.000  8002 answers | offer accepted 8002; case b taken by 8002; join 8002
        """,
    )


@pytest.mark.parametrize(
    ("gone", "follows"),
    [
        (("8001",), "8001 wrap_up; case a gone by 8001; ring 8001 for A"),
        (("8002",), "8002 wrap_up; case b gone by 8002; ring 8002 for A"),
        (
            ("8001", "8002"),
            "hold A; 8001 wrap_up; case a gone by 8001; 8002 wrap_up; case b gone by 8002; "
            "ring 8003 for A",
        ),
    ],
    ids=["A", "B", "both"],
)
def test_who_has_hung_up_unseen_is_not_a_or_b_any_more(gone: tuple[str, ...], follows: str) -> None:
    """E14: they are rung again, as if it had been seen; with both gone, who answers is A."""
    _, shown = restart(with_b("8001 8002 8003"), "7.000", gone=gone)
    assert shown == follows


DUTY_IS_B = """
    8.000  02109900001 answers   | dialled 02109900001: answered; play duty-case digit-0
                                 | digit-2 digit-1 digit-6 digit-0 digit-0 digit-0
                                 | duty-press-1 to 02109900001
    9.000  02109900001 presses 1 | stop duty-case digit-0 digit-2 digit-1 digit-6 digit-0
                                 | digit-0 digit-0 duty-press-1; offer accepted d1;
                                 | case b taken by d1; join 02109900001
    9.002  02109900001 enters    | -
    """


def test_a_duty_phone_that_has_hung_up_unseen_is_not_b_any_more() -> None:
    """E14, C17: nobody remembers of a duty phone that it was at work, and nobody was looked for."""
    story = tell(TALKING + DUTY + DUTY_IS_B, agents="8001")
    _, shown = restart(story, "10.000", gone=("02109900001",))
    assert shown.startswith("case b gone by d1; ")
    _, shown = restart(story, "10.000")
    assert shown == ""
