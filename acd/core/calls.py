"""Calls: waiting, the system's pick-up, the join, the conversation and its end.

A call is *answered* when an agent's audio reaches the caller: both legs are in its room.  The
system's own pick-up is not an answer.  A caller is never lost by an agent's side: whatever
happens to the agent's leg before or shortly after the join, the caller waits again at the place
of the original arrival; on an emergency entry that holds for the whole conversation.
"""

from acd.core import accounts, directory
from acd.core.call_control import busy_tone, conversation, rooms
from acd.core.commands import (
    AnswerLeg,
    HandToFallback,
    OpenRoom,
    Release,
)
from acd.core.emergency import cases, guard, noresponse, roles, silence, unreached
from acd.core.entities import Call, Leg, Offer, Room
from acd.core.facts import (
    CallAnswered,
    CallPickedUp,
    CallQueued,
    CallReached,
    CallRequeued,
    Outcome,
    ReplyKind,
)
from acd.core.follow_up import after_calls, promises
from acd.core.ids import AgentId, CallId, LegId, QueueId, RoomId
from acd.core.moves import hang_up, move_call, move_leg
from acd.core.outside import outbound, placing
from acd.core.queueing import matching, offers, preferences, treatment, waiting
from acd.core.self_service import dialogue, rating
from acd.core.staff import agents, open_lines
from acd.core.state import Line, State
from acd.core.tables import (
    AgentMove,
    CallMove,
    CallState,
    LegMove,
    LegState,
    OfferMove,
)


def enter_line(s: State, call: Call, queue: QueueId | None) -> None:
    """Let the caller wait for people: in this queue, or in the entry's own where it is None or is
    there no more.  Who comes from a menu waits with music from now on."""
    line = None if queue is None else s.lines.get(queue)
    assert call.queue is not None
    if line is not None and not line.retired and queue != call.queue:
        change_queue(s, call, line.queue.id)
    call.room = Room(id=s.room_id(call.node, call.id))
    s.rooms[call.room.id] = call.room
    s.seeking_calls[call.id] = None
    s.rooms_to_open.append(call.id)
    if call.state is CallState.SELF_SERVICE:
        move_call(s, call, CallMove.QUEUED)
        s.emit(CallQueued(at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, queue=call.queue))
        waiting.start_again(s, call, s.lines[call.queue].queue)
        hold(s, call)
        treatment.open_(s, call)
    else:
        waiting.start(s, call, s.lines[call.queue].queue)


def leave_line(s: State, call: Call) -> None:
    """The caller gives up waiting for people, by choice: what rings for them stops."""
    if call.state is CallState.SELF_SERVICE:
        return
    waiting.stop_seeking(s, call)
    waiting.stop_marks(s, call)
    offers.withdraw_all(s, call, Release.NORMAL)
    move_call(s, call, CallMove.TURNED)
    rooms.stay(s, s.legs[call.caller_leg])


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
    silence.alone_with_system(s, call)


def hold(s: State, call: Call) -> None:
    """Let the caller wait with music, on an answered line."""
    answer(s, call)
    rooms.music(s, call, s.legs[call.caller_leg])


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
    if placing.is_far_end_there(s, call):
        together(s, call)
    else:
        placing.reach(s, call)


def together(s: State, call: Call) -> None:
    """Both ends are there: bring them into the call's room."""
    dialogue.drop(s, call)
    treatment.hush(s, call)
    answer(s, call)
    assert call.room is not None
    assert call.agent_leg is not None
    rooms.place(s, call, call.room.id, s.legs[call.caller_leg], s.legs[call.agent_leg])


def far_end_waits(s: State, call: Call) -> None:
    """The number that we called has answered, and no agent is there yet: they wait as a caller
    does, and are told so."""
    assert call.queue is not None
    queue = s.lines[call.queue].queue
    call.picked_up = True
    waiting.alone_again(s, call)
    waiting.start_again(s, call, queue)
    hold(s, call)
    treatment.open_(s, call)
    silence.alone_with_system(s, call)
    s.seeking_calls[call.id] = None


def call_off(s: State, call: Call) -> None:
    """The number was not reached, and no agent is on the line: nobody is to be rung for it."""
    move_call(s, call, CallMove.RELEASED)
    waiting.stop_seeking(s, call)
    offers.withdraw_all(s, call, Release.NORMAL)


def _drop_playback(s: State, call: Call) -> None:
    if call.playback is not None:
        s.playbacks.pop(call.playback, None)
        call.playback = None


def leg_joined(s: State, leg: Leg, room: RoomId) -> None:
    """A leg has entered a room; when caller and agent are in the call's own, it is answered."""
    if leg.room == room:
        s.ignored("joined twice", leg.id)
        return
    call = s.calls[leg.call]
    rooms.entered(s, call, leg, room)
    if call.room is not None and room == call.room.id:
        _answered_when_both_are_there(s, call, call.room)
    conversation.follow(s, call)


def _answered_when_both_are_there(s: State, call: Call, room: Room) -> None:
    both = call.caller_leg in room.members and call.agent_leg in room.members
    if not both or call.state is CallState.TALKING or not move_call(s, call, CallMove.JOINED):
        return
    waiting.stop_marks(s, call)
    assert call.agent is not None and call.queue is not None and call.kind is not None
    agent = s.agents[call.agent]
    assert agent.seat is not None
    again = call.answered_ms is not None
    preferences.remember_talk(s, call, agent)
    if call.scene is not None and call.agent_leg is not None:
        roles.caller_answered(s, call, s.legs[call.agent_leg])
    if not again:
        call.answered_ms = s.now
        call.first_agent = agent.id
        call.outcome = Outcome.ANSWERED
    if call.placed is not None:
        s.emit(
            CallReached(
                at_ms=s.now,
                call=call.id,
                arrived_ms=call.arrived_ms,
                agent=agent.id,
                seat=agent.seat,
                wait_ms=s.now - call.arrived_ms,
                again=again,
                queue=call.queue,
                synthetic=call.synthetic,
            )
        )
        silence.joined(s, call)
        return
    s.emit(
        CallAnswered(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            agent=agent.id,
            seat=agent.seat,
            wait_ms=s.now - call.arrived_ms,
            again=again,
            queue=call.queue,
            kind=call.kind,
            synthetic=call.synthetic,
        )
    )
    treatment.announce_agent(s, call, agent.id)
    silence.joined(s, call)


def give_up_join(s: State, call: Call) -> None:
    """The caller waits again.  Whose fault it is, the end of the agent's leg says: Asterisk refuses
    a channel that is going before it tells that its far end has hung up."""
    assert call.agent_leg is not None and call.agent is not None
    leg = s.legs[call.agent_leg]
    hang_up(s, leg, Release.NORMAL)
    if call.is_for_one:
        placing.release(s, call)
    else:
        leg.unjoined = True
        requeue(s, call, call.agent)


def requeue(s: State, call: Call, agent: AgentId | None) -> None:
    """Put the caller back where the arrival says, with music until somebody else answers."""
    was_talking = call.state is CallState.TALKING
    move_call(s, call, CallMove.REQUEUED)
    s.emit(CallRequeued(at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, agent=agent))
    conversation.stop(s, call)
    roles.stop(s, call)
    call.agent = None
    call.agent_leg = None
    call.picked_up = True
    assert call.queue is not None
    if was_talking:
        waiting.alone_again(s, call)
    waiting.start_again(s, call, s.lines[call.queue].queue)
    hold(s, call)
    silence.alone_with_system(s, call)
    s.seeking_calls[call.id] = None


def left_alone(s: State, call: Call, agent: AgentId | None, *, served: bool) -> None:
    """Nobody is with the caller any more, ``agent`` the last.  An emergency caller is never
    released by an agent's hang-up alone (T20, C07), nor anybody who was not served or from whom
    nothing is heard (E33), unless an agent has said how the call went; whoever an agent has called
    is let go with them.  Who was served on a line of enquiry may be asked first how content they
    are (V17)."""
    silent = call.is_without_response and silence.is_held_open(call)
    kept = not served or silent or call.kind is directory.EntryKind.EMERGENCY
    if call.is_for_one:
        placing.release(s, call)
    elif kept and call.disposition is None:
        requeue(s, call, agent)
    elif served and rating.is_wanted(s, call):
        conversation.stop(s, call)
        rating.ask(s, call, agent)
    else:
        release(s, call, agent)


def release(s: State, call: Call, agent: AgentId | None) -> None:
    """Let the caller go."""
    conversation.stop(s, call)
    silence.stop(s, call)
    move_call(s, call, CallMove.RELEASED)
    busy_tone.let_go(s, call, agent)


def change_queue(s: State, call: Call, queue: QueueId) -> None:
    """The call goes on in another line, which it has not entered: the figures count it where it
    came from."""
    assert call.queue is not None
    before, after = s.lines[call.queue], s.lines[queue]
    after.calls += 1
    call.queue = queue
    s.touched[call] = None
    _line_left(s, before)


def end(s: State, call: Call) -> None:
    """Close the room, write the call's account, forget it."""
    move_call(s, call, CallMove.LAST_LEG_GONE)
    rooms.close_all(s, call)
    if call.outcome is None:
        call.outcome = Outcome.ABANDONED if call.placed is None else placing.outcome(call)
    _forget(s, call)


def _forget(s: State, call: Call) -> None:
    assert call.outcome is not None
    preferences.remember_unserved(s, call)
    preferences.remember_call(s, call)
    s.emit(accounts.of(s, call))
    _drop(s, call)
    after_calls.call_over(s, call)


def _drop(s: State, call: Call) -> None:
    cases.call_over(s, call)
    guard.over(s, call)
    silence.stop(s, call)
    s.timers.cancel(("memo", call.id))
    if call.placed is not None:
        s.timers.cancel(("told", call.id))
        s.timers.cancel(("no_agent", call.id))
    _drop_playback(s, call)
    del s.calls[call.id]
    s.callbacks.pop(call.id, None)
    after_calls.forget_caller(s, call)
    after_calls.placed_over(s, call)
    noresponse.placed_over(s, call)
    s.touched.pop(call, None)
    if call.queue is not None:
        _line_left(s, s.lines[call.queue])


def _line_left(s: State, line: Line) -> None:
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
    if call.caller_leg in call.legs and not s.legs[call.caller_leg].is_lent:
        s.emit(HandToFallback(call.id, call.caller_leg))
    _take_apart(s, call)
    enquiry = call.queue is not None and call.kind is not directory.EntryKind.EMERGENCY
    if call.outcome is None and enquiry:
        # V14: the apology is the dialplan's; that somebody calls back is ours.
        promises.owe(s, call, ReplyKind.CALLBACK, about="system failure")
    call.outcome = call.outcome or Outcome.FALLBACK
    _forget(s, call)


def is_in_fallback(s: State, call: Call) -> None:
    """The dialplan has taken the caller from us: the call goes on without us, and its account is
    written when it ends there, or when it has come back and ends here."""
    _take_apart(s, call)
    _drop(s, call)


def _take_apart(s: State, call: Call) -> None:
    """End all that goes on in a call but its caller's channel."""
    unreached.lost_sight(s, call)
    if call.state is not CallState.ENDED:
        move_call(s, call, CallMove.HANDED_OVER)
    waiting.stop_seeking(s, call)
    waiting.stop_marks(s, call)
    conversation.stop(s, call)
    silence.stop(s, call)
    dialogue.drop(s, call)
    offers.withdraw_all(s, call, Release.NORMAL)
    call.transfer = None
    roles.stop(s, call)
    for key in list(call.legs):
        leg = s.legs[key]
        conversation.let_go(s, leg)
        s.timers.cancel(("clearing", key))
        del call.legs[key]
        if not leg.is_lent:
            del s.legs[key]
        if leg.is_lent:
            open_lines.give_up(s, leg)
        elif leg.id != call.caller_leg:
            hang_up(s, leg, Release.NORMAL)
        if leg.offer is not None:
            s.offers.pop(leg.offer, None)
        if leg.dial is not None:
            outbound.lose_sight(s, leg)
            if (rung := s.duty.pop(leg.dial, None)) is not None:
                s.offers.pop(rung, None)
        if leg.phone is not None and not leg.is_lent:
            s.phone(leg.phone).legs.pop(leg.id, None)
    rooms.abandon(s, call)
