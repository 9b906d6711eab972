"""Calls: arrival, the system's pick-up, the join, the conversation and its end.

A call is *answered* when an agent's audio reaches the caller: both legs are in its room.  The
system's own pick-up is not an answer.  A caller is never lost by an agent's side: whatever
happens to the agent's leg before or shortly after the join, the caller waits again at the place
of the original arrival; on an emergency entry that holds for the whole conversation.
"""

from acd.core import agents, directory, matching, offers, outbound, treatment, waiting
from acd.core.commands import (
    AnswerLeg,
    CloseRoom,
    HandToFallback,
    JoinRoom,
    OpenRoom,
    Release,
)
from acd.core.entities import Agent, Call, Leg, Offer, Room
from acd.core.events import CallArrived, CommandFailed
from acd.core.facts import (
    CallAnswered,
    CallEnded,
    CallOffered,
    CallPickedUp,
    CallRequeued,
    LegRole,
    Outcome,
)
from acd.core.ids import CallId, LegId, QueueId, RoomId, node_of
from acd.core.moves import hang_up, leave_room, move_call, move_leg, move_room
from acd.core.state import State
from acd.core.tables import (
    AgentMove,
    CallMove,
    CallState,
    LegMove,
    LegState,
    OfferMove,
    RoomMove,
)

JOIN_MS_MAX = 2_000
"""An agent who answered but is not in the room by then is given up: a join takes about 2 ms, and
a caller must not be held by a request that got lost."""

JOIN_ATTEMPTS_MAX = 3
"""A room that Asterisk has lost is made anew so many times."""


def arrived(s: State, event: CallArrived) -> None:
    """Take a call in: it has a record from this moment on, whatever becomes of it."""
    if event.leg in s.legs:
        s.ignored("arrived twice", event.leg)
        return
    entry = s.entries.get(event.called)
    line = None if entry is None else s.lines.get(entry.queue)
    if line is not None and line.retired:
        line = None
    number = s.next_number("call")
    node = node_of(event.leg)
    call = Call(
        id=CallId(f"{s.epoch}-{number}"),
        number=number,
        node=node,
        caller_leg=event.leg,
        arrived_ms=min(event.arrived_ms, s.now),
        caller=event.caller,
        queue=None if line is None else line.queue.id,
        kind=None if entry is None else entry.kind,
        synthetic=entry is not None and entry.kind is directory.EntryKind.SYNTHETIC,
        recorded=event.recording is not None,
        greeting=event.greeting,
        closing=event.closing,
        precedence=event.precedence,
    )
    call.alone_since_ms = call.arrived_ms
    s.calls[call.id] = call
    s.legs[event.leg] = Leg(
        id=event.leg,
        role=LegRole.CALLER,
        call=call.id,
        started_ms=call.arrived_ms,
        state=LegState.RINGING,
        number=event.caller,
        rang_ms=s.now,
    )
    call.legs[event.leg] = None
    s.touched[call] = None
    s.emit(
        CallOffered(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            leg=event.leg,
            trunk=event.trunk,
            caller=event.caller,
            called=event.called,
            entry=None if entry is None else entry.id,
            kind=call.kind,
            queue=call.queue,
            terminal=event.terminal,
            elders=event.elders,
            synthetic=call.synthetic,
            recording=event.recording,
            precedence=call.precedence,
        )
    )
    if line is None and call.kind is directory.EntryKind.EMERGENCY:
        # E25, T18: somebody has forgotten the line, and the caller shall not pay for it.
        hand_to_fallback(s, call)
        return
    if line is None:
        call.outcome = Outcome.REFUSED
        move_call(s, call, CallMove.RELEASED)
        hang_up(s, s.legs[event.leg], Release.UNALLOCATED)
        return
    line.calls += 1
    call.room = Room(id=s.room_id(node, call.id))
    s.rooms[call.room.id] = call.room
    s.seeking_calls[call.id] = None
    s.rooms_to_open.append(call.id)
    waiting.start(s, call, line.queue)


def open_rooms(s: State) -> None:
    """Have the rooms of new calls made, off the critical path: after the phones are being rung."""
    for key in s.rooms_to_open:
        call = s.calls.get(key)
        if call is not None and call.room is not None:
            s.emit(OpenRoom(call.id, call.room.id))
    s.rooms_to_open.clear()


def pick_up(s: State, key: CallId) -> None:
    """Answer the line ourselves: nobody has come within the time, and silence worries people."""
    call = s.calls[key]
    if call.picked_up or call.state not in (CallState.WAITING, CallState.OFFERING):
        return
    call.picked_up = True
    s.emit(CallPickedUp(at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms))
    hold(s, call)
    treatment.open_(s, call)


def hold(s: State, call: Call) -> None:
    """Let the caller wait with music, on an answered line."""
    assert call.queue is not None
    answer(s, call)
    room = s.holding_room_id(call.node, call.queue)
    s.emit(JoinRoom(call.id, room, (call.caller_leg,)))


def answer(s: State, call: Call) -> None:
    """Send the caller's 200 OK unless it has gone out."""
    leg = s.legs[call.caller_leg]
    if leg.state is not LegState.UP:
        move_leg(s, leg, LegMove.ANSWERED)
        s.emit(AnswerLeg(call.id, leg.id))


def answer_again(s: State, key: LegId) -> None:
    """The 200 OK was refused or got lost: without it the caller hears nothing but ringing."""
    leg = s.legs.get(key)
    if leg is not None and not leg.ended_by_us:
        s.emit(AnswerLeg(leg.call, leg.id))


def offer_answered(s: State, call: Call, leg: Leg, offer: Offer) -> None:
    """The agent has answered, unless the offer had ended: bring both together in the call's
    room, in one request."""
    if not offers.end(s, offer, OfferMove.ANSWERED, None):
        return
    agent = s.agents[offer.agent]
    move_call(s, call, CallMove.ACCEPTED)
    agents.move(s, agent, AgentMove.ANSWERED, call=call.id)
    call.agent = agent.id
    call.agent_leg = leg.id
    offers.withdraw_all(s, call, Release.ANSWERED_ELSEWHERE)
    waiting.stop_seeking(s, call)
    treatment.hush(s, call)
    answer(s, call)
    call.join_attempts = 0
    _join(s, call)


def _drop_playback(s: State, call: Call) -> None:
    if call.playback is not None:
        s.playbacks.pop(call.playback, None)
        call.playback = None


def _join(s: State, call: Call) -> None:
    assert call.room is not None and call.agent_leg is not None
    call.join_attempts += 1
    s.emit(JoinRoom(call.id, call.room.id, (call.caller_leg, call.agent_leg)))
    s.timers.set(("join", call.id), s.now + JOIN_MS_MAX)


def leg_joined(s: State, leg: Leg, room: RoomId) -> None:
    """A leg has entered a room; when both are in the call's own, the call is answered."""
    if leg.room == room:
        s.ignored("joined twice", leg.id)
        return
    call = s.calls[leg.call]
    leave_room(s, leg)
    leg.room = room
    if leg.joined_ms is None:
        leg.joined_ms = s.now
    if call.room is None or room != call.room.id:
        return
    move_room(s, call.room, RoomMove.JOINED)
    call.room.members[leg.id] = None
    both = call.caller_leg in call.room.members and call.agent_leg in call.room.members
    if not both or call.state is CallState.TALKING or not move_call(s, call, CallMove.JOINED):
        return
    s.timers.cancel(("join", call.id))
    waiting.stop_marks(s, call)
    assert call.agent is not None and call.queue is not None and call.kind is not None
    agent = s.agents[call.agent]
    assert agent.seat is not None
    again = call.answered_ms is not None
    wait_ms = s.now - call.arrived_ms
    call.talking_since_ms = s.now
    if not again:
        call.answered_ms = s.now
        call.first_agent = agent.id
        call.outcome = Outcome.ANSWERED
    s.emit(
        CallAnswered(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            agent=agent.id,
            seat=agent.seat,
            wait_ms=wait_ms,
            again=again,
            queue=call.queue,
            kind=call.kind,
            synthetic=call.synthetic,
        )
    )
    treatment.announce_agent(s, call, agent.id)


def join_failed(s: State, event: CommandFailed) -> None:
    """A join was refused: make the room anew, and after some attempts let the agent go."""
    call = None if event.call is None else s.calls.get(event.call)
    room = None if call is None else call.room
    if (
        call is None
        or room is None
        or call.state is not CallState.CONNECTING
        or event.room != room.id
    ):
        # Into the holding room: the caller hears no music but keeps the place.
        s.ignored("a join failed without harm", event.call or "")
        return
    if call.join_attempts < JOIN_ATTEMPTS_MAX:
        s.emit(OpenRoom(call.id, room.id))
        _join(s, call)
    else:
        _give_up_join(s, call)


def join_timed_out(s: State, key: CallId) -> None:
    """The room never told that both are in."""
    call = s.calls[key]
    if call.state is CallState.CONNECTING:
        _give_up_join(s, call)


def _give_up_join(s: State, call: Call) -> None:
    """The fault is not the agent's; their leg's end frees them, and the caller waits again."""
    assert call.agent_leg is not None and call.agent is not None
    hang_up(s, s.legs[call.agent_leg], Release.NORMAL)
    requeue(s, call, s.agents[call.agent])


def requeue(s: State, call: Call, agent: Agent) -> None:
    """Put the caller back where the arrival says, with music until somebody else answers."""
    was_talking = call.state is CallState.TALKING
    move_call(s, call, CallMove.REQUEUED)
    s.emit(CallRequeued(at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, agent=agent.id))
    s.timers.cancel(("join", call.id))
    call.agent = None
    call.agent_leg = None
    call.picked_up = True
    assert call.queue is not None
    if was_talking:
        waiting.alone_again(s, call)
    waiting.start_again(s, call, s.lines[call.queue].queue)
    hold(s, call)
    s.seeking_calls[call.id] = None


def end(s: State, call: Call) -> None:
    """Close the room, write the call's account, forget it."""
    move_call(s, call, CallMove.LAST_LEG_GONE)
    _close_room(s, call)
    if call.outcome is None:
        call.outcome = Outcome.ABANDONED
    _forget(s, call)


def _close_room(s: State, call: Call) -> None:
    if call.room is None:
        return
    move_room(s, call.room, RoomMove.CLOSED)
    s.emit(CloseRoom(call.id, call.room.id))
    del s.rooms[call.room.id]


def _forget(s: State, call: Call) -> None:
    assert call.outcome is not None
    until_ms = next(
        moment for moment in (call.answered_ms, call.left_ms, s.now) if moment is not None
    )
    s.emit(
        CallEnded(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            outcome=call.outcome,
            agent=call.first_agent,
            first_offer_ms=call.first_offer_ms,
            answered_ms=call.answered_ms,
            wait_ms=until_ms - call.arrived_ms,
            ring_ms=call.ring_ms,
            talk_ms=call.talk_ms,
            hold_ms=0,
            offers=call.offers,
            queue=call.queue,
            kind=call.kind,
            synthetic=call.synthetic,
        )
    )
    _drop_playback(s, call)
    del s.calls[call.id]
    s.touched.pop(call, None)
    if call.queue is not None:
        line = s.lines[call.queue]
        line.calls -= 1
        if line.retired and line.calls == 0:
            drop_line(s, line.queue.id)


def drop_line(s: State, queue: QueueId) -> None:
    """Forget a queue that nobody can enter and nobody waits in."""
    del s.lines[queue]
    for agent in s.agents.values():
        if queue in agent.queues:
            matching.requeue_agent(s, agent)


def hand_to_fallback(s: State, call: Call) -> None:
    """We have lost the thread of this call: the dialplan serves the caller from here."""
    if call.state is not CallState.ENDED:
        move_call(s, call, CallMove.HANDED_OVER)
    waiting.stop_seeking(s, call)
    waiting.stop_marks(s, call)
    s.timers.cancel(("join", call.id))
    offers.withdraw_all(s, call, Release.NORMAL)
    for key in list(call.legs):
        leg = s.legs.pop(key)
        if leg.role is LegRole.CALLER:
            s.emit(HandToFallback(call.id, leg.id))
            continue
        hang_up(s, leg, Release.NORMAL)
        if leg.offer is not None:
            s.offers.pop(leg.offer, None)
        if leg.dial is not None:
            outbound.forget(s, leg.dial)
        if leg.phone is not None:
            s.phone(leg.phone).legs.pop(leg.id, None)
    call.legs.clear()
    if call.room is not None:
        s.rooms.pop(call.room.id, None)
        s.emit(CloseRoom(call.id, call.room.id))
        call.room = None
    call.outcome = call.outcome or Outcome.FALLBACK
    _forget(s, call)
