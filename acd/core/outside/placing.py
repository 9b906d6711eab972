"""Outbound calls, seen from our side: how one begins, dials its number, and comes to nothing.

An outbound call has an agent on the line before its number is dialled, so that nobody who picks up
hears silence: ``reach`` is called when the agent has answered.  What the number does then is heard
in ``placed``.
"""

from acd.core.call_control import busy_tone, conversation, speech
from acd.core.commands import Play, Release
from acd.core.directory import EntryKind
from acd.core.entities import Call, Dial, Placement, Room
from acd.core.facts import CallPlaced, DialResult, Outcome
from acd.core.ids import AgentId, CallId, LegId, Node, Purpose, QueueId, TerminalId
from acd.core.moves import hang_up, move_call
from acd.core.outside import outbound, trunks
from acd.core.outside.outbound import NotDialled
from acd.core.queueing import treatment, waiting
from acd.core.replies import Refusal
from acd.core.state import State
from acd.core.tables import CallMove, CallState

PLACED = Purpose("placed")

TOLD_MS_MAX = 15_000
"""A result whose end was never reported is cut here: a phone must not stay occupied."""

TOLD = {
    DialResult.BUSY: ("outbound-busy",),
    DialResult.NO_ANSWER: ("outbound-no-answer",),
    DialResult.REJECTED: ("outbound-rejected",),
    DialResult.UNREACHABLE: ("outbound-unreachable",),
    DialResult.NO_TRUNK: ("outbound-no-trunk",),
}
"""What the agent is told of a number that was not reached; each is told apart (C24)."""

REFUSED = {
    Refusal.NO_TRUNK: ("outbound-no-trunk",),
    Refusal.NOT_A_NUMBER: ("outbound-not-a-number",),
    Refusal.OWN_NUMBER: ("outbound-own-number",),
    Refusal.NUMBER_IN_CALL: ("outbound-number-in-call",),
    Refusal.RESCUE_NUMBER: ("outbound-rescue-number",),
    Refusal.TOLL_NUMBER: ("agent-not-allowed",),
    Refusal.TOO_MANY_AT_ONCE: ("agent-refused-in-this-state",),
    Refusal.COST_CEILING: ("agent-not-allowed",),
    Refusal.NO_RESCUE_NUMBER: ("outbound-rescue-number",),
    Refusal.REAL_RESCUE_IN_TEST: ("outbound-rescue-number",),
    Refusal.NOBODY_ON_THE_LINE: ("outbound-rescue-number",),
}
"""What the agent is told of a number that is not dialled at all."""

PROMPTS = tuple(dict.fromkeys(one for said in (*TOLD.values(), *REFUSED.values()) for one in said))
"""Every prompt this module can ask for; a test holds the prompt list to it."""

_OUTCOMES = {
    DialResult.BUSY: Outcome.BUSY,
    DialResult.NO_ANSWER: Outcome.NO_ANSWER,
    DialResult.REJECTED: Outcome.REJECTED,
    DialResult.UNREACHABLE: Outcome.UNREACHABLE,
    DialResult.NO_TRUNK: Outcome.NO_TRUNK,
    DialResult.WITHDRAWN: Outcome.WITHDRAWN,
}


def begin(
    s: State,
    node: Node,
    number: str,
    *,
    queue: QueueId,
    kind: EntryKind,
    person: AgentId | None,
    reference: str | None,
    since_ms: int,
    caller_ids: tuple[str, ...],
    terminal: TerminalId | None = None,
) -> Call:
    """Make an outbound call to a normalised number; it has no leg yet.

    ``queue`` gives the rules: ring limit, wrap-up, and for the switch's own calls the agents.
    ``terminal`` is what the number belongs to, where that is known.
    """
    order = s.next_number("call")
    call = Call(
        id=CallId(f"{s.epoch}-{order}"),
        number=order,
        node=node,
        caller_leg=s.new_leg_id(node),
        arrived_ms=s.now,
        caller=number,
        queue=queue,
        entered=queue,
        kind=kind,
        synthetic=kind is EntryKind.SYNTHETIC,
        terminal=terminal,
        placed=Placement(
            number=number,
            since_ms=since_ms,
            person=person,
            reference=reference,
            caller_ids=caller_ids,
        ),
    )
    # No promise was made to anybody: what is late is the obligation's to tell.
    call.promise_broken = True
    call.alone_since_ms = s.now
    s.calls[call.id] = call
    s.lines[queue].calls += 1
    call.room = Room(id=s.room_id(node, call.id))
    s.rooms[call.room.id] = call.room
    s.rooms_to_open.append(call.id)
    s.touched[call] = None
    s.emit(
        CallPlaced(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            number=number,
            queue=queue,
            kind=kind,
            person=person,
            reference=reference,
            synthetic=call.synthetic,
        )
    )
    return call


def is_far_end_there(s: State, call: Call) -> bool:
    """Tell whether there is somebody to join the agent with: a caller, or a number that has
    answered."""
    return call.caller_leg in s.legs


def reach(s: State, call: Call) -> None:
    """The agent is on the line: dial the number, unless it is ringing already."""
    placed = call.placed
    assert placed is not None
    move_call(s, call, CallMove.REACHING)
    if placed.dial is None:
        made = dial(s, call)
        if isinstance(made, NotDialled):
            tell(s, call, REFUSED[made.refusal])
    elif s.dials[placed.dial].rang_ms is not None:
        ring_back(s, call)


def dial(s: State, call: Call) -> Dial | NotDialled:
    """Dial the call's number: a rescue service's only for the person who is on the line."""
    placed = call.placed
    assert placed is not None
    made: Dial | NotDialled
    listed = trunks.rescue_of(s, placed.number)
    if listed and placed.person is not None:
        area, rescue = listed[0]
        made = outbound.dial_rescue(
            s, call, rescue.service, PLACED, area=area, person=placed.person
        )
    else:
        made = outbound.dial(
            s,
            call,
            placed.number,
            PLACED,
            person=placed.person,
            caller_ids=placed.caller_ids,
        )
    if isinstance(made, Dial):
        placed.dial = made.id
    return made


def ring_back(s: State, call: Call) -> None:
    """Let the agent hear that the number rings."""
    _say(s, call, speech.RING_BACK)


def tell(s: State, call: Call, prompts: tuple[str, ...]) -> None:
    """Nothing came of it: tell the agent why, and end the call when that has been heard."""
    move_call(s, call, CallMove.RELEASED)
    _say(s, call, prompts)
    s.timers.set(("told", call.id), s.now + TOLD_MS_MAX)


def _say(s: State, call: Call, prompts: tuple[str, ...]) -> None:
    assert call.agent_leg is not None
    treatment.hush(s, call)
    call.playback = s.new_playback_id(call.node, call.id)
    s.emit(Play(call.id, call.agent_leg, call.playback, prompts))


def heard(s: State, call: Call) -> None:
    """A prompt is over: it was the last, if the call is ending."""
    if call.placed is not None and call.state is CallState.ENDING and call.playback is None:
        told(s, call.id)


def told(s: State, key: CallId) -> None:
    """The agent has heard why, or should have."""
    call = s.calls[key]
    s.timers.cancel(("told", call.id))
    leg = None if call.agent_leg is None else s.legs.get(call.agent_leg)
    if leg is not None:
        hang_up(s, leg, Release.NORMAL)


def agent_left(s: State, call: Call) -> None:
    """The agent is gone while the number was being called.  Who placed the call has given it up;
    a call of the switch's own looks for somebody else, and its number goes on ringing."""
    call.agent = None
    call.agent_leg = None
    s.timers.cancel(("told", call.id))
    if call.state is not CallState.REACHING:
        return
    if call.is_for_one:
        give_up(s, call)
    else:
        move_call(s, call, CallMove.REQUEUED)
        s.seeking_calls[call.id] = None


def give_up(s: State, call: Call) -> None:
    """End the call before its number has answered."""
    move_call(s, call, CallMove.RELEASED)
    waiting.stop_seeking(s, call)
    placed = call.placed
    assert placed is not None
    if placed.dial is not None:
        outbound.withdraw(s, s.dials[placed.dial])


def release(s: State, call: Call) -> None:
    """The number has answered and its caller does not go on: let them go."""
    move_call(s, call, CallMove.RELEASED)
    conversation.stop(s, call)
    call.outcome = call.outcome or Outcome.WITHDRAWN
    busy_tone.let_go(s, call, call.agent)


def outcome(call: Call) -> Outcome:
    """Return how an outbound call ended in which nobody has talked."""
    result = None if call.placed is None else call.placed.result
    return Outcome.WITHDRAWN if result is None else _OUTCOMES.get(result, Outcome.ABANDONED)


def leg_of(s: State, call: Call) -> LegId | None:
    """Return the leg that goes to the call's number now, answered or not."""
    key = None if call.placed is None else call.placed.dial
    dialling = None if key is None else s.dials.get(key)
    return None if dialling is None else dialling.leg
