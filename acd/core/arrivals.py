"""A call comes in: it has a record from its first moment on, whatever becomes of it (K04)."""

from acd.core import calls, directory
from acd.core.commands import Release
from acd.core.entities import Call, Leg
from acd.core.events import CallArrived
from acd.core.facts import CallOffered, LegRole, Outcome
from acd.core.follow_up import after_calls
from acd.core.ids import CallId, MenuId, node_of
from acd.core.moves import hang_up, move_call
from acd.core.queueing import preferences
from acd.core.state import Line, State
from acd.core.tables import CallMove, LegState


def arrived(s: State, event: CallArrived) -> Call | None:
    """Take a call in: it has a record from this moment on, whatever becomes of it.  Return it
    when it is to be served."""
    if event.leg in s.legs:
        s.ignored("arrived twice", event.leg)
        return None
    entry = s.entries.get(event.called)
    line = None if entry is None else s.lines.get(entry.queue)
    if line is not None and line.retired:
        line = None
    call = _new_call(s, event, entry, line)
    repeat = preferences.is_repeat(s, event, call.kind)
    call.precedence += repeat
    _enter(s, call, event)
    _tell_of(s, call, event, is_repeat=repeat)
    if event.left:
        _has_left(s, call)
        return None
    if line is None:
        _turn_away(s, call)
        return None
    line.calls += 1
    assert entry is not None
    after_calls.note_caller(s, call)
    preferences.note_arrival(s, call, event, entry)
    return call


def _new_call(
    s: State, event: CallArrived, entry: directory.Entry | None, line: Line | None
) -> Call:
    number = s.next_number("call")
    # Whom we had given to the dialplan has waited since the first arrival.
    since_ms = event.arrived_ms if event.memo is None else event.memo.arrived_ms
    arrived_ms = min(since_ms, s.now)
    return Call(
        id=CallId(f"{s.epoch}-{number}"),
        number=number,
        node=node_of(event.leg),
        caller_leg=event.leg,
        arrived_ms=arrived_ms,
        caller=event.caller,
        queue=None if line is None else line.queue.id,
        entered=None if line is None else line.queue.id,
        kind=None if entry is None else entry.kind,
        synthetic=entry is not None and entry.kind is directory.EntryKind.SYNTHETIC,
        recorded=event.recording is not None or event.recording_follows,
        called=None if entry is None else entry.id,
        trunk=event.trunk,
        elders=event.elders,
        greeting=event.greeting,
        closing=event.closing,
        precedence=event.precedence,
        has_keys=event.has_keys,
        menus=() if entry is None else entry.menus,
        terminal=event.terminal,
        area=event.area,
        contacts=event.contacts,
        alone_since_ms=arrived_ms,
    )


def _enter(s: State, call: Call, event: CallArrived) -> None:
    """From now on the call is known, with the caller's leg."""
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


def _tell_of(s: State, call: Call, event: CallArrived, *, is_repeat: bool) -> None:
    s.emit(
        CallOffered(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            leg=event.leg,
            trunk=event.trunk,
            caller=event.caller,
            called=event.called,
            entry=call.called,
            kind=call.kind,
            queue=call.queue,
            terminal=event.terminal,
            elders=event.elders,
            synthetic=call.synthetic,
            recording=event.recording,
            precedence=call.precedence,
            repeat=is_repeat,
            menu=_first_menu(call, event),
        )
    )


def _first_menu(call: Call, event: CallArrived) -> MenuId | None:
    asked = call.menus and call.has_keys and call.queue is not None and not event.left
    return call.menus[0].id if asked else None


def _has_left(s: State, call: Call) -> None:
    """K04: whoever hung up before we could hear of them has called; the end of the leg follows."""
    move_call(s, call, CallMove.CALLER_LEFT)
    call.left_ms = s.now
    call.outcome = Outcome.ABANDONED
    if call.queue is not None:
        s.lines[call.queue].calls += 1


def _turn_away(s: State, call: Call) -> None:
    """There is no line for what was dialled."""
    if call.kind is directory.EntryKind.EMERGENCY:
        # E25, T18: somebody has forgotten the line, and the caller shall not pay for it.
        calls.hand_to_fallback(s, call)
        return
    call.outcome = Outcome.REFUSED
    move_call(s, call, CallMove.RELEASED)
    hang_up(s, s.legs[call.caller_leg], Release.UNALLOCATED)
