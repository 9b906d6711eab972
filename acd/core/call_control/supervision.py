"""Supervision: a supervisor listens to a conversation, whispers, barges in, takes over (D11, Q12).

Whoever listens or whispers is not in the call: their phone stands in a room of its own with a copy
of somebody's sound (a snoop), so nothing they do can disturb the caller, and no hold or transfer
disturbs them.  To listen is to hear what the caller says and hears; to whisper is to be heard by
the agent alone.  To barge in makes the supervisor one of the call's agents, by the same moves as a
conference; to take over, the only one.  Every use is a fact.

The copy ends with the leg that it is of.  Then it is made anew of whoever has the call now, and
when there is no call any more the supervisor is let go.
"""

from acd.core import directory
from acd.core.asks import refuse_for
from acd.core.call_control import conversation, transfers
from acd.core.commands import (
    CloseRoom,
    HangUp,
    JoinRoom,
    OpenRoom,
    OpenSnoop,
    Release,
)
from acd.core.entities import Agent, Call, DeskCall, Leg, Watch
from acd.core.events import SupervisionEndRequested, SupervisionRequested, Watching
from acd.core.facts import SupervisionEnded, SupervisionStarted
from acd.core.ids import AgentId, CallId, LegId, RequestId
from acd.core.moves import hang_up
from acd.core.queueing import personal_offers
from acd.core.replies import Done, Refusal, Refused, Reply
from acd.core.staff import desk
from acd.core.state import State
from acd.core.tables import AgentState, CallState, DeskMove, DeskState, OfferState

RING_MS = 15_000
"""Three rings of the supervisor's own phone."""

CALLER = "*70"
"""What the phone shows."""

KEYS = {
    "1": Watching.LISTEN,
    "2": Watching.WHISPER,
    "3": Watching.BARGE,
    "4": Watching.TAKE_OVER,
}
"""One key changes the way while the supervisor listens."""

CAN_TALK = (AgentState.READY, AgentState.WRAP_UP, AgentState.PAUSED)
"""States out of which a supervisor can become one of a call's agents."""

_INTO_THE_CALL = (Watching.BARGE, Watching.TAKE_OVER)


# What a supervisor asks for ---------------------------------------------------------------------


def requested(s: State, event: SupervisionRequested) -> Reply:
    """Bring a supervisor to a conversation, or change the way they are at it."""
    by = supervisor_of(s, event.request, event.supervisor)
    if isinstance(by, Refused):
        return by
    watching = _desk_call_of(s, by)
    call = _drawn(s, by) if event.call is None else s.calls.get(event.call)
    if watching is not None and event.call is None:
        assert watching.watch is not None
        call = s.calls.get(watching.watch.call)
    refusal = _refusal(s, event.request, by, call, event.mode)
    if refusal is not None:
        return refusal
    assert call is not None
    if watching is None:
        if not s.available(by):
            sentence = f"The phone of supervisor {by.id} is away or in use."
            return _no(s, event.request, by, Refusal.AGENT_NOT_FREE, sentence)
        _ring(s, by, call, event.mode)
    elif watching.watch is not None and watching.watch.call != call.id:
        sentence = f"Supervisor {by.id} is at call {watching.watch.call}; end that first."
        return _no(s, event.request, by, Refusal.WATCHING_ANOTHER, sentence)
    else:
        _change(s, watching, event.mode)
    return Done(event.request, event.mode, call=call.id)


def end_requested(s: State, event: SupervisionEndRequested) -> Reply:
    """The supervisor has heard enough."""
    by = supervisor_of(s, event.request, event.supervisor)
    if isinstance(by, Refused):
        return by
    watching = _desk_call_of(s, by)
    if watching is None:
        sentence = f"Supervisor {by.id} listens to nobody."
        return _no(s, event.request, by, Refusal.NOT_WATCHING, sentence)
    _let_go(s, watching)
    return Done(event.request, by.state)


def supervisor_of(s: State, request: RequestId, key: AgentId) -> Agent | Refused:
    """Return the supervisor who asks; a refusal for everybody else (X11)."""
    by = s.agents.get(key)
    if by is None:
        return _no(s, request, None, Refusal.UNKNOWN_AGENT, f"There is no agent {key}.")
    if by.profile.role is not directory.Role.SUPERVISOR:
        sentence = f"Agent {key} is not a supervisor."
        return _no(s, request, by, Refusal.NOT_A_SUPERVISOR, sentence)
    if by.state is AgentState.LOGGED_OUT:
        sentence = f"Supervisor {key} is not logged in; log in first (*60)."
        return _no(s, request, by, Refusal.NOT_LOGGED_IN, sentence)
    return by


def _no(s: State, request: RequestId, by: Agent | None, refusal: Refusal, sentence: str) -> Refused:
    leg = None if by is None or by.leg is None else s.legs.get(by.leg)
    return refuse_for(s, request, None if leg is None else leg.agent, refusal, sentence)


def _refusal(
    s: State, request: RequestId, by: Agent, call: Call | None, mode: Watching
) -> Refused | None:
    """Return why the supervisor cannot be at this conversation in this way."""
    if call is None or call.state is not CallState.TALKING:
        sentence = "There is no such conversation now."
        return _no(s, request, by, Refusal.NO_CONVERSATION, sentence)
    if by.call == call.id:
        sentence = f"Supervisor {by.id} is in this conversation."
        return _no(s, request, by, Refusal.YOURSELF, sentence)
    if mode not in _INTO_THE_CALL:
        return None
    if by.state not in CAN_TALK:
        sentence = f"Supervisor {by.id} is {by.state} and cannot join a conversation."
        return _no(s, request, by, Refusal.AGENT_NOT_FREE, sentence)
    if call.transfer is not None:
        sentence = f"A transfer of call {call.id} is under way."
        return _no(s, request, by, Refusal.TRANSFER_UNDER_WAY, sentence)
    if len(conversation.company(s, call)) + 2 > transfers.PLACES_MAX:
        sentence = f"A conference has at most {transfers.PLACES_MAX} places, and all are taken."
        return _no(s, request, by, Refusal.CONFERENCE_FULL, sentence)
    return None


def _drawn(s: State, by: Agent) -> Call | None:
    """Draw a conversation at random (Q12)."""
    going_on = [
        call
        for call in s.calls.values()
        if call.state is CallState.TALKING and not call.synthetic and by.call != call.id
    ]
    return going_on[int(s.dice.random() * len(going_on))] if going_on else None


def _desk_call_of(s: State, by: Agent) -> DeskCall | None:
    """Return the call of a supervisor's phone to the switch by which they are at a conversation."""
    phone = s.ringing_phone(by)
    for key in () if phone is None else phone.legs:
        call = s.desk_calls.get(s.legs[key].call)
        if call is not None and call.watch is not None and call.watch.supervisor == by.id:
            return call if call.state is not DeskState.ENDING else None
    return None


# The phone --------------------------------------------------------------------------------------


def _ring(s: State, by: Agent, call: Call, mode: Watching) -> None:
    phone = s.ringing_phone(by)
    assert phone is not None
    desk_call = desk.ring(s, call.node, phone, by.id, ring_ms=RING_MS, caller=CALLER)
    room = s.room_id(call.node, desk_call.id)
    desk_call.watch = Watch(supervisor=by.id, call=call.id, mode=mode, room=room)


def answered(s: State, desk_call: DeskCall) -> None:
    """The supervisor has picked up: bring them to the conversation, if it still goes on."""
    watch = desk_call.watch
    assert watch is not None
    if not desk.move(s, desk_call, DeskMove.WATCHED):
        return
    s.timers.cancel(("desk", desk_call.id))
    _change(s, desk_call, watch.mode)


def timed_out(s: State, desk_call: DeskCall) -> None:
    """The supervisor does not answer their own request."""
    _let_go(s, desk_call)


def key_pressed(s: State, desk_call: DeskCall, digit: str) -> None:
    """A supervisor changes the way they are at the conversation, by one key."""
    watch = desk_call.watch
    mode = KEYS.get(digit)
    assert watch is not None
    by = s.agents.get(watch.supervisor)
    if mode is None or by is None or desk_call.state is not DeskState.WATCHING:
        s.ignored("a supervisor's key with no meaning", desk_call.id)
    elif _refusal(s, RequestId(desk_call.id), by, s.calls.get(watch.call), mode) is None:
        _change(s, desk_call, mode)


def leg_gone(s: State, desk_call: DeskCall) -> None:
    """The supervisor has hung up, or has been let go."""
    watch = desk_call.watch
    if watch is not None:
        _close(s, desk_call, watch)


def link_back(s: State) -> None:
    """The link was away: a copy may have ended unheard, and its listener would hear nothing."""
    for desk_call in list(s.desk_calls.values()):
        if desk_call.watch is not None:
            _let_go(s, desk_call)


def compared(s: State) -> None:
    """The end of a copy may have been lost with the leg that it was of: nobody listens to a call
    that is over."""
    for desk_call in list(s.desk_calls.values()):
        watch = desk_call.watch
        is_there = watch is not None and desk_call.state is DeskState.WATCHING
        if watch is not None and is_there and watch.call not in s.calls:
            s.repaired("supervisor was at a call that is over", desk_call.id)
            _let_go(s, desk_call)


# The copy ---------------------------------------------------------------------------------------


def _change(s: State, desk_call: DeskCall, mode: Watching) -> None:
    watch = desk_call.watch
    assert watch is not None
    watch.mode = mode
    if desk_call.state is not DeskState.WATCHING:
        return  # not there yet
    call = s.calls.get(watch.call)
    if call is None or call.state is not CallState.TALKING:
        _let_go(s, desk_call)
        return
    s.emit(
        SupervisionStarted(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            supervisor=watch.supervisor,
            agent=call.agent,
            mode=mode,
        )
    )
    if mode in _INTO_THE_CALL:
        _bring_in(s, desk_call, watch, call)
    else:
        _drop_copy(s, desk_call, watch)
        if not watch.is_open:
            watch.is_open = True
            s.emit(OpenRoom(desk_call.id, watch.room))
            s.emit(JoinRoom(desk_call.id, watch.room, (desk_call.leg,)))
        _open_copy(s, desk_call, watch, call)


def _open_copy(s: State, desk_call: DeskCall, watch: Watch, call: Call) -> None:
    """Make a copy of the caller's sound, or of the agent's who shall hear the whisper."""
    if call.agent_leg is None:
        watch.mode = Watching.LISTEN  # nobody to whisper to
    whisper = watch.mode is Watching.WHISPER
    of = call.agent_leg if whisper and call.agent_leg is not None else call.caller_leg
    watch.snoop, watch.of = s.new_leg_id(call.node), of
    s.snoops[watch.snoop] = desk_call.id
    s.emit(OpenSnoop(call=desk_call.id, leg=watch.snoop, of=of, whisper=whisper))


def _drop_copy(s: State, desk_call: DeskCall, watch: Watch) -> None:
    if watch.snoop is not None:
        s.snoops.pop(watch.snoop, None)
        s.emit(HangUp(call=desk_call.id, leg=watch.snoop, reason=Release.NORMAL, phone=None))
        watch.snoop = None


def snoop_started(s: State, key: LegId) -> None:
    """The copy is there: let the supervisor hear it."""
    desk_call = s.desk_calls.get(s.snoops.get(key, CallId("")))
    if desk_call is None or desk_call.watch is None:
        s.ignored("a copy that nobody wants any more", key)
        s.emit(HangUp(call=CallId("orphan"), leg=key, reason=Release.NORMAL, phone=None))
        return
    s.emit(JoinRoom(desk_call.id, desk_call.watch.room, (key,)))


def snoop_gone(s: State, key: LegId) -> None:
    """The leg that it was of is gone: copy whoever has the call now, if there is a call."""
    desk_call = s.desk_calls.get(s.snoops.pop(key, CallId("")))
    if desk_call is None or desk_call.watch is None:
        s.ignored("end of a copy that was let go", key)
        return
    desk_call.watch.snoop = None
    _copy_again(s, desk_call, desk_call.watch)


def line_left(s: State, key: LegId) -> None:
    """An open line has left the call it was lent to and lives on: no copy of it may."""
    for desk_call in [s.desk_calls[one] for one in s.snoops.values()]:
        watch = desk_call.watch
        if watch is not None and watch.of == key:
            _drop_copy(s, desk_call, watch)
            _copy_again(s, desk_call, watch)


def _copy_again(s: State, desk_call: DeskCall, watch: Watch) -> None:
    call = s.calls.get(watch.call)
    if call is None or call.caller_leg not in s.legs:
        _let_go(s, desk_call)
    else:
        _open_copy(s, desk_call, watch, call)


def snoop_failed(s: State, key: LegId) -> None:
    """The copy could not be made: the leg is gone, or the link is away."""
    desk_call = s.desk_calls.get(s.snoops.pop(key, CallId("")))
    if desk_call is not None and desk_call.watch is not None:
        desk_call.watch.snoop = None
        _let_go(s, desk_call)


def join_failed(s: State, key: CallId | None) -> bool:
    """Supervisor and copy could not be brought together: who listens would hear nobody, and can ask
    again.  False when it was no such room."""
    desk_call = None if key is None else s.desk_calls.get(key)
    if desk_call is None or desk_call.watch is None:
        return False
    _let_go(s, desk_call)
    return True


# Into the call ----------------------------------------------------------------------------------


def _bring_in(s: State, desk_call: DeskCall, watch: Watch, call: Call) -> None:
    """The supervisor becomes one of the call's agents, on the phone that is up already."""
    leg = s.legs[desk_call.leg]
    by = s.agents.get(watch.supervisor)
    if by is None or by.state not in CAN_TALK or call.transfer is not None:
        _let_go(s, desk_call)
        return
    _close(s, desk_call, watch)
    del s.desk_calls[desk_call.id]
    personal_offers.take_in(s, call, by, leg, f"supervisor {watch.mode}")
    conversation.come_back(s, call, leg)
    if watch.mode is Watching.TAKE_OVER:
        _alone(s, call, by, leg)
    conversation.arrange(s, call)


def _alone(s: State, call: Call, by: Agent, mine: Leg) -> None:
    """The other agents are let go; the call is the supervisor's."""
    call.agent, call.agent_leg = by.id, mine.id
    s.touched[call] = None
    for key in tuple(call.legs):
        leg = s.legs[key]
        if leg.offer is None or leg is mine:
            continue
        if s.offers[leg.offer].state is OfferState.ACCEPTED:
            hang_up(s, leg, Release.NORMAL)


# The end ----------------------------------------------------------------------------------------


def _let_go(s: State, desk_call: DeskCall) -> None:
    if desk_call.state is not DeskState.ENDING and desk.move(s, desk_call, DeskMove.TIMED_OUT):
        s.timers.cancel(("desk", desk_call.id))
        hang_up(s, s.legs[desk_call.leg], Release.NORMAL)


def _close(s: State, desk_call: DeskCall, watch: Watch) -> None:
    """The copy and its room are not needed any more."""
    desk_call.watch = None
    _drop_copy(s, desk_call, watch)
    if watch.is_open:
        s.emit(CloseRoom(desk_call.id, watch.room))
    s.emit(
        SupervisionEnded(at_ms=s.now, call=watch.call, supervisor=watch.supervisor, mode=watch.mode)
    )
