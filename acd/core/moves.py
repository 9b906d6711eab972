"""The one way to change the state of a call, a leg or a room: ask its table, then change.

Each function returns False when the table names the event harmless where it came, after counting
it under that name; an illegal meeting raises before anything has been touched.
"""

from acd.core.commands import HangUp, JoinRoom, Play, Release, StopPlay
from acd.core.entities import Call, Leg, OpenLine, Room
from acd.core.ids import LegId, PlaybackId, node_of
from acd.core.state import State
from acd.core.tables import CALL, LEG, ROOM, CallMove, Ignore, LegMove, RoomMove

_RANG, _ANSWERED = LegMove.RANG, LegMove.ANSWERED


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
    if what is _RANG:
        leg.rang_ms = s.now
    elif what is _ANSWERED:
        leg.answered_ms = s.now
    return True


def is_clearing(s: State, key: LegId) -> bool:
    """Tell whether a leg's far end has hung up, and only its channel is still to end."""
    return ("clearing", key) in s.timers


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


HOME_MS_MAX = 2_000
"""An open line that is not in its own room by then is not coming: a move takes about 2 ms."""


def hang_up(s: State, leg: Leg, reason: Release) -> None:
    """Have a leg ended, once; an open line's part in a call ends with the leg's return."""
    if not leg.ended_by_us:
        leg.ended_by_us = True
        if leg.is_lent:
            go_home(s, leg)
        else:
            s.emit(HangUp(call=leg.call, leg=leg.id, reason=reason, phone=leg.phone))


def go_home(s: State, leg: Leg) -> None:
    """Have an open line moved back into its own room; that it is there ends its part in the call,
    a moment later where it has never left."""
    if leg.speech is not None:
        # A playback holds its channel: the move would wait for its end.
        s.emit(StopPlay(leg.call, leg.speech))
    if leg.wanted is None:
        s.timers.set(("home", leg.id), s.now)
    else:
        s.timers.set(("home", leg.id), s.now + HOME_MS_MAX)
        s.emit(JoinRoom(leg.call, _line(s, leg).room, (leg.id,)))


def bid_farewell(s: State, leg: Leg, reason: Release, prompts: tuple[str, ...]) -> None:
    """Have a leg ended, once: at once while it rings, and when somebody has picked up meanwhile
    after they have heard ``prompts``.  Asterisk alone knows which, so it is asked both."""
    if not leg.ended_by_us:
        leg.ended_by_us = True
        playback = s.new_playback_id(node_of(leg.id), leg.call)
        s.farewells[playback] = leg.id
        if leg.is_lent:
            s.emit(Play(leg.call, leg.id, playback, prompts))
            return
        s.emit(
            HangUp(
                call=leg.call,
                leg=leg.id,
                reason=reason,
                phone=leg.phone,
                farewell=playback,
                prompts=prompts,
            )
        )


def farewell_over(s: State, playback: PlaybackId) -> bool:
    """A prompt has ended; False when it was no farewell."""
    key = s.farewells.pop(playback, None)
    if key is not None and (leg := s.legs.get(key)) is not None:
        s.timers.cancel(("HangUp", leg.id))
        if leg.is_lent:
            go_home(s, leg)
            return True
        s.emit(
            HangUp(call=leg.call, leg=leg.id, reason=Release.ANSWERED_ELSEWHERE, phone=leg.phone)
        )
    return key is not None


def farewell_failed(s: State, leg: Leg) -> bool:
    """What was to be said to an open line cannot be; False when nothing was."""
    if not leg.is_lent or leg.id not in s.farewells.values():
        return False
    forget_farewell(s, leg)
    s.timers.cancel(("HangUp", leg.id))
    go_home(s, leg)
    return True


def forget_farewell(s: State, leg: Leg) -> None:
    """What is perhaps being said to the leg before it ends is waited for no more: it is gone, or
    ended whether or not it has heard that."""
    if leg.ended_by_us and s.farewells:
        for playback in [one for one, whose in s.farewells.items() if whose == leg.id]:
            del s.farewells[playback]
            s.playbacks.pop(playback, None)


def hang_up_again(s: State, key: LegId) -> None:
    """The leg was to be ended, Asterisk could not be told, and no end has come since: a phone
    must not stay occupied, nor its agent."""
    leg = s.legs.get(key)
    if leg is None or not leg.ended_by_us:
        return
    forget_farewell(s, leg)
    if leg.is_lent and not _line(s, leg).given_up:
        go_home(s, leg)
    else:
        s.emit(HangUp(call=leg.call, leg=leg.id, reason=Release.NORMAL, phone=leg.phone))


def _line(s: State, leg: Leg) -> OpenLine:
    assert leg.line is not None
    line = s.desk_calls[leg.line].line
    assert line is not None
    return line
