"""A new life of the service takes up what the one before has left: Asterisk says who is there, and
PostgreSQL what had been."""

import msgspec
import pytest

from acd.core import memos
from acd.core.commands import HangUp, KeepMemo, RingPhone
from acd.core.directory import EntryKind
from acd.core.events import (
    AgentRemembered,
    AgentRemoved,
    CallRemembered,
    Event,
    FoundLeg,
    Hangup,
    LegGone,
    SwitchConnected,
    TimePassed,
    WrapUpRemembered,
)
from acd.core.facts import CallEnded, CallTakenUp, ObligationNoted, Outcome, WrapUpEnded
from acd.core.ids import (
    AgentId,
    CallId,
    DialId,
    EntryId,
    LegId,
    Node,
    OfferId,
    PhoneId,
    RoomId,
    SeatId,
    TrunkId,
)
from acd.core.memo import Memo, Part, Placed
from acd.core.outside import placing
from acd.core.tables import AgentState
from tests.core.story import EMERGENCY, ENQUIRY, EPOCH_MS, NODE, QUEUES, Story, tell

FAR = Node("n2")
CALL, AGENT, OTHER = CallId("6-1"), AgentId("8001"), AgentId("8002")
CALLER_LEG, AGENT_LEG = LegId(f"{NODE}:A"), LegId(f"{NODE}:hl-6-1")
ROOM = RoomId(f"{NODE}:hl-room-6-1")
CONTACT = "01390000001"
ARRIVED_MS, ANSWERED_MS = EPOCH_MS - 9_000, EPOCH_MS - 8_000


def at_work(agent: AgentId, state: AgentState) -> AgentRemembered:
    last = WrapUpRemembered(
        call=CALL,
        arrived_ms=ARRIVED_MS,
        talk_ms=5_000,
        queue=ENQUIRY.id,
        entry=EntryId("95002"),
        synthetic=False,
    )
    return AgentRemembered(
        agent=agent,
        seat=SeatId(f"s{agent}"),
        state=state,
        reason=None,
        since_ms=ANSWERED_MS,
        last=last if state is AgentState.TALKING else None,
    )


def reborn(state: AgentState, *, answered_ms: int | None) -> Story:
    """A had the agent 8001, or their phone was ringing; 8002 was ready."""
    story = Story(agents=[], away=["8001", "8002"], queues=QUEUES, strict=True)
    story.step(EPOCH_MS, at_work(AGENT, state))
    story.step(EPOCH_MS, at_work(OTHER, AgentState.READY))
    story.step(
        EPOCH_MS,
        CallRemembered(
            call=CALL,
            arrived_ms=ARRIVED_MS,
            caller="02160000001",
            called=EntryId("95002"),
            kind=EntryKind.ENQUIRY,
            queue=ENQUIRY.id,
            terminal=None,
            elders=(),
            synthetic=False,
            answered_ms=answered_ms,
            first_offer_ms=ARRIVED_MS + 10,
            agent=AGENT if answered_ms else None,
            seen_ms=EPOCH_MS - 3_000,
        ),
    )
    story.effects.clear()
    return story


def memo(call: CallId, *, answered_ms: int | None = None, part: Part | None = None) -> Memo:
    return Memo(
        call=call,
        arrived_ms=ARRIVED_MS,
        kind=EntryKind.ENQUIRY,
        queue=ENQUIRY.id,
        called=EntryId("95002"),
        caller="02160000001",
        answered_ms=answered_ms,
        agent=AGENT if answered_ms else None,
        part=part,
    )


RING = Part(
    made_ms=ARRIVED_MS + 10,
    until_ms=ARRIVED_MS + 6_510,
    phone=PhoneId("a8001"),
    agent=AGENT,
    offer=OfferId("6-1"),
    queue=ENQUIRY.id,
)
AGENT_FOUND = FoundLeg(leg=AGENT_LEG, memo=memo(CALL, part=RING), is_up=True, room=ROOM)


def rung(story: Story) -> list[str]:
    return [str(one.phone) for one in story.effects if isinstance(one, RingPhone)]


def test_a_call_that_was_answered_and_whose_caller_has_gone_was_answered() -> None:
    """All that is left is the agent's channel, whose memo is of when the phone began to ring.
    Nobody is owed a call, and the agent has notes to write."""
    story = reborn(AgentState.TALKING, answered_ms=ANSWERED_MS)
    story.step(EPOCH_MS, SwitchConnected(NODE, (AGENT_LEG,), (AGENT_FOUND,), rooms=(ROOM,)))
    (taken,) = [one for one in story.effects if isinstance(one, CallTakenUp)]
    assert taken.answered_ms == ANSWERED_MS
    story.step(EPOCH_MS + 50, LegGone(AGENT_LEG, Hangup.NORMAL, 16))
    (ended,) = [one for one in story.effects if isinstance(one, CallEnded)]
    assert (ended.call, ended.outcome, ended.agent) == (CALL, Outcome.ANSWERED, AGENT)
    assert ended.first_offer_ms == ARRIVED_MS + 10
    assert not [one for one in story.effects if isinstance(one, ObligationNoted)]
    assert story.core.state.agents[AGENT].state is AgentState.WRAP_UP


def test_a_line_is_taken_still_after_a_restart() -> None:
    """H10: the memo says over which trunk the caller came, and so does the next one."""
    story = reborn(AgentState.READY, answered_ms=None)
    kept = msgspec.structs.replace(memo(CALL), trunk=TrunkId("carrier-b"))
    caller = FoundLeg(leg=CALLER_LEG, memo=kept, is_up=True)
    story.step(EPOCH_MS, SwitchConnected(NODE, (CALLER_LEG,), (caller,)))
    call = story.core.state.calls[CALL]
    assert call.trunk == "carrier-b"
    again = memos.of(story.core.state, call, story.core.state.legs[CALLER_LEG])
    assert again.trunk == "carrier-b"


def test_notes_that_a_restart_has_interrupted_are_of_the_same_entry() -> None:
    """The conversation was over before anybody saw: its notes are written in this life."""
    story = reborn(AgentState.TALKING, answered_ms=ANSWERED_MS)
    story.step(EPOCH_MS, SwitchConnected(NODE, ()))
    agent = story.core.state.agents[AGENT]
    assert agent.wrap_up is not None
    story.step(agent.wrap_up.until_ms, TimePassed())
    (notes,) = [one for one in story.effects if isinstance(one, WrapUpEnded)]
    assert (notes.call, notes.entry) == (CALL, "95002")


def test_a_journal_of_before_notes_knew_their_entry_is_still_read() -> None:
    event = at_work(AGENT, AgentState.TALKING)
    old = msgspec.to_builtins(event)
    del old["last"]["entry"]
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(old), type=Event)
    assert isinstance(read, AgentRemembered) and read.last is not None and event.last is not None
    assert read.last == msgspec.structs.replace(event.last, entry=None)


def test_a_caller_who_gave_up_unseen_is_owed_a_call() -> None:
    """No answer was ever heard of: the agent may have picked up after the service had died."""
    story = reborn(AgentState.OFFERED, answered_ms=None)
    story.step(EPOCH_MS, SwitchConnected(NODE, (AGENT_LEG,), (AGENT_FOUND,), rooms=(ROOM,)))
    story.step(EPOCH_MS + 50, LegGone(AGENT_LEG, Hangup.NORMAL, 16))
    (ended,) = [one for one in story.effects if isinstance(one, CallEnded)]
    assert ended.outcome is Outcome.ABANDONED
    owed = [one.obligation for one in story.effects if isinstance(one, ObligationNoted)]
    assert owed and owed[0].why == "abandoned"


@pytest.mark.parametrize("asks", [True, False])
def test_a_voicemail_box_that_is_being_asked_is_no_caller_afterwards(asks: bool) -> None:
    """C17: whoever picked up has to press 1, and the service has begun anew before they did.  They
    are let go and called again; a contact who has pressed it waits, as a contact."""
    story = Story(agents=["8001"], away=[], queues=QUEUES, strict=True)
    asked = Memo(
        call=CALL, arrived_ms=ARRIVED_MS, kind=EntryKind.EMERGENCY, queue=EMERGENCY.id,
        caller=CONTACT, called=EntryId("95001"),
        placed=Placed(number=CONTACT, since_ms=ARRIVED_MS, is_contact=True, asks=asks),
        part=Part(
            made_ms=ARRIVED_MS, dial=DialId("6-1"), number=CONTACT, trunk=TrunkId("carrier-a"),
            purpose=placing.PLACED,
        ),
    )  # fmt: skip
    leg = LegId(f"{NODE}:hl-6-2")
    story.step(
        EPOCH_MS, SwitchConnected(NODE, (leg,), (FoundLeg(leg=leg, memo=asked, is_up=True),))
    )
    assert rung(story) == ([] if asks else ["a8001"])
    hung_up = [one.leg for one in story.effects if isinstance(one, HangUp)]
    assert set(hung_up) == ({leg} if asks else set())
    if not asks:
        call = story.core.state.calls[CALL]
        assert call.placed is not None and call.placed.is_contact
        assert memos.of(story.core.state, call, story.core.state.legs[leg]).placed == asked.placed
        return
    story.step(EPOCH_MS + 50, LegGone(leg, Hangup.NORMAL, 16))
    assert not story.core.state.calls


def far_is_read_first(state: AgentState) -> Story:
    """A and 8001 are on one node; the other one, where somebody waits, is read before it."""
    story = reborn(state, answered_ms=ANSWERED_MS)
    waits = Memo(
        call=CallId("6-2"), arrived_ms=ARRIVED_MS, kind=EntryKind.EMERGENCY, queue=EMERGENCY.id
    )
    waiter = FoundLeg(leg=LegId("n2:B"), memo=waits, is_up=True)
    far = SwitchConnected(FAR, (waiter.leg,), (waiter,), awaited=True)
    story.step(EPOCH_MS, far)
    assert rung(story) == [], "A may have any of them"
    return story


def here_too(story: Story, now_ms: int) -> None:
    talk = (
        FoundLeg(leg=CALLER_LEG, memo=memo(CALL, answered_ms=ANSWERED_MS), is_up=True, room=ROOM),
        AGENT_FOUND,
    )
    legs = tuple(one.leg for one in talk)
    story.step(now_ms, SwitchConnected(NODE, legs, talk, rooms=(ROOM,)))


def test_nobody_is_rung_who_may_talk_on_a_node_that_is_still_to_be_read() -> None:
    """A second ring would have taken the conversation's place, and ended it."""
    for state in (AgentState.TALKING, AgentState.READY):  # the last word may not have been written
        story = far_is_read_first(state)
        here_too(story, EPOCH_MS + 100)
        assert story.core.state.agents[AGENT].state is AgentState.TALKING
        assert not [one for one in story.effects if isinstance(one, HangUp)]
        assert rung(story) == ["a8002"], "whoever is free is rung at once"


def test_an_agent_is_taken_out_of_the_directory_while_a_node_is_being_read() -> None:
    """The clock that waited for the node would find nobody, and cost whatever came in that step."""
    story = far_is_read_first(AgentState.READY)
    story.step(EPOCH_MS + 100, AgentRemoved(AGENT))
    here_too(story, EPOCH_MS + 10_000)
    assert AGENT not in story.core.state.agents


def test_a_node_that_cannot_be_read_keeps_those_who_talk_there_and_nobody_else() -> None:
    story = far_is_read_first(AgentState.TALKING)
    story.step(EPOCH_MS + 3_000, TimePassed())
    assert rung(story) == ["a8002"]
    here_too(story, EPOCH_MS + 9_000)
    assert story.core.state.agents[AGENT].state is AgentState.TALKING
    assert not [one for one in story.effects if isinstance(one, HangUp)]


@pytest.mark.parametrize(
    ("asks", "becomes"),
    [
        ("8001 asks to log out", AgentState.LOGGED_OUT),
        ("8001 asks to pause for meal", AgentState.PAUSED),
        ("8001 asks to be ready", AgentState.READY),
    ],
)
def test_what_an_agent_has_asked_for_after_the_conversation_outlives_the_service(
    asks: str, becomes: AgentState
) -> None:
    """T37: who wants to go home is not rung on.  Who has taken it back goes on as any other."""
    before = tell(
        """
        0.000  A calls 95001  | offered A; ring 8001 for A; open room A
        0.800  8001 answers   | offer accepted 8001; answer A; join A 8001
        0.802  A, 8001 enter  | answered A by 8001, wait 0.802
        """,
        agents="8001 8002 8003 8004",
    )
    before.moment("1.000", "8001 asks to log out")
    before.moment("2.000", asks)
    kept = [one for one in before.effects if isinstance(one, KeepMemo)][-1]
    s = before.core.state
    found = tuple(
        FoundLeg(
            leg=leg.id,
            memo=kept.memo if leg.id == kept.leg else memos.of(s, s.calls[leg.call], leg),
            is_up=True,
            room=leg.room,
        )
        for leg in s.legs.values()
    )
    after = Story(agents=[], away=["8001", "8002", "8003", "8004"], queues=QUEUES, strict=True)
    after.core.state.epoch += 1  # another life, whose own calls these are not
    after.step(EPOCH_MS + 5_000, at_work(AGENT, AgentState.TALKING))
    legs = tuple(one.leg for one in found)
    after.step(EPOCH_MS + 5_000, SwitchConnected(NODE, legs, found, rooms=tuple(s.rooms)))
    agent = after.core.state.agents[AGENT]
    states = [agent.state]
    for n, one in enumerate(legs):
        after.step(EPOCH_MS + 6_000 + n, LegGone(one, Hangup.NORMAL, 16))
    states.append(agent.state)
    assert agent.wrap_up is not None
    after.step(agent.wrap_up.until_ms, TimePassed())
    assert [*states, agent.state] == [AgentState.TALKING, AgentState.WRAP_UP, becomes]
