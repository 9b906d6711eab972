"""The one way to change the state of a call, a leg or a room: ask its table, then change.

Each function returns False when the table names the event harmless where it came, after counting
it under that name; an illegal meeting raises before anything has been touched.
"""

from acd.core.commands import HangUp, Release
from acd.core.entities import Call, Leg, Room
from acd.core.ids import LegId
from acd.core.state import State
from acd.core.tables import CALL, LEG, ROOM, CallMove, Ignore, LegMove, RoomMove


def move_call(s: State, call: Call, what: CallMove) -> bool:
    """Take a call through one move."""
    state = CALL.after(call.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, call.id)
        return False
    call.state = state
    s.touched[call] = None
    return True


def move_leg(s: State, leg: Leg, what: LegMove) -> bool:
    """Take a leg through one move and note when."""
    state = LEG.after(leg.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, leg.id)
        return False
    leg.state = state
    if what is LegMove.RANG:
        leg.rang_ms = s.now
    elif what is LegMove.ANSWERED:
        leg.answered_ms = s.now
    return True


def move_room(s: State, room: Room, what: RoomMove) -> bool:
    """Take a room through one move."""
    state = ROOM.after(room.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, room.id)
        return False
    room.state = state
    return True


def leave_room(s: State, leg: Leg) -> None:
    """Note that a leg is no longer in the room it was in."""
    room = None if leg.room is None else s.rooms.get(leg.room)
    leg.room = None
    if room is not None and leg.id in room.members:
        del room.members[leg.id]
        if not room.members:
            move_room(s, room, RoomMove.EMPTIED)


AGAIN_MS = 1_000
"""Pause before a command that must not be lost is given again: the link may be away."""


def hang_up(s: State, leg: Leg, reason: Release) -> None:
    """Have a leg ended, once."""
    if not leg.ended_by_us:
        leg.ended_by_us = True
        s.emit(HangUp(call=leg.call, leg=leg.id, reason=reason, phone=leg.phone))


def hang_up_again(s: State, key: LegId) -> None:
    """The leg was to be ended, Asterisk could not be told, and no end has come since: a phone
    must not stay occupied, nor its agent."""
    leg = s.legs.get(key)
    if leg is not None:
        s.emit(HangUp(call=leg.call, leg=leg.id, reason=Release.NORMAL, phone=leg.phone))
