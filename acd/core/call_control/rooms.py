"""Rooms: where each leg of a call is, and the one way to move it.

A call has a main room, in which the caller talks, and opens side rooms for those who step aside.
Callers who wait or are held share a holding room with music, one per queue.  ``place`` is the only
way to move a leg: it notes where the leg is *wanted*, asks for the move, and the leg *is* there
when Asterisk has said so (``LegJoined``).  A refused move is asked for again with the room made
anew; what becomes of a leg that cannot be moved at all is the caller's of this module to say.
"""

from collections.abc import Callable

from acd.core.call_control import side_recordings, speech
from acd.core.commands import CloseRoom, JoinRoom, OpenHoldingRoom, OpenRoom, SeatAnew, StopPlay
from acd.core.entities import Call, Leg, Room
from acd.core.ids import RoomId
from acd.core.moves import is_clearing, leave_room, move_room
from acd.core.state import State
from acd.core.tables import RoomMove

PLACE_MS_MAX = 2_000
"""A leg that is not in its room by then is not coming: a move takes about 2 ms."""

PAIR = 2
"""So many hear each other's own packets; of more Asterisk mixes the sound.  Whoever is sent
something by a coder that has seen packets, and then what is mixed, may hear nothing any more: so
two are seated anew before others come to them, and when others have left them (decision 24)."""

ATTEMPTS_MAX = 3
"""A room that Asterisk has lost is made anew so many times."""

GiveUp = Callable[[State, Call, Leg], None]


def place(s: State, call: Call, room: RoomId, *legs: Leg) -> None:
    """Move legs into a room, in one request, out of any room they are in."""
    for leg in legs:
        # A playback holds its channel: the move would wait for its end.
        speech.hush(s, call, leg)
        if call.playback is not None and leg.id == call.caller_leg:
            s.emit(StopPlay(call.id, call.playback))
        leg.wanted = room
        leg.attempts = 0
    if len(there := _staying(s, room, legs)) == PAIR:
        _seat_anew(s, call, room, there)
    _ask(s, call, room, legs)
    for key in dict.fromkeys(leg.room for leg in legs if leg.room != room):
        if key is not None and key in s.rooms and len(s.rooms[key].members) > PAIR:
            _shrunk(s, call, key)


def _ask(s: State, call: Call, room: RoomId, legs: tuple[Leg, ...]) -> None:
    for leg in legs:
        leg.attempts += 1
        if room in s.rooms:
            s.timers.set(("place", leg.id), s.now + PLACE_MS_MAX)
        else:
            s.timers.cancel(("place", leg.id))
    s.emit(JoinRoom(call.id, room, tuple([leg.id for leg in legs])))


def _staying(s: State, key: RoomId, moved: tuple[Leg, ...] = ()) -> list[Leg]:
    """Return who is in a room of at least two and is not to leave it."""
    room = s.rooms.get(key)
    if room is None or len(room.members) < PAIR:
        return []
    here = [s.legs[one] for one in room.members]
    return [one for one in here if one.wanted == key and one not in moved and not one.ended_by_us]


def _shrunk(s: State, call: Call, key: RoomId) -> None:
    """Somebody leaves a room that more than two were in: two of whom Asterisk does not mix the
    sound any more are seated anew, unless somebody is on the way to them."""
    if any(leg.wanted == key != leg.room for leg in (s.legs[one] for one in call.legs)):
        return
    if len(stay := _staying(s, key)) == PAIR:
        _seat_anew(s, call, key, stay)


def _seat_anew(s: State, call: Call, key: RoomId, legs: list[Leg]) -> None:
    """Have Asterisk set up anew how it codes what it sends these, at once or, as a playback holds
    its channel, when they have heard what is being said to them."""
    for leg in legs:
        leg.is_stale = speech.is_speaking(leg) or (
            call.playback is not None and leg.id == call.caller_leg
        )
    if free := tuple(leg.id for leg in legs if not leg.is_stale):
        s.emit(SeatAnew(call.id, key, free))


def heard(s: State, call: Call, leg: Leg) -> None:
    """A leg has heard what was said to it: seat it anew if that has waited, and if it is still one
    of two.  Among more it would make two of three for a moment, who might come to harm by it."""
    if leg.is_stale:
        leg.is_stale = False
        if leg.room is not None and leg in (pair := _staying(s, leg.room)) and len(pair) == PAIR:
            _seat_anew(s, call, leg.room, [leg])


def music(s: State, call: Call, leg: Leg) -> None:
    """Move a caller to where the music is, unless they are there."""
    room = music_room(s, call)
    if leg.wanted != room or leg.room != room:
        place(s, call, room, leg)


def stay(s: State, leg: Leg) -> None:
    """Let a leg be wherever it is: the machine speaks to it anywhere, and a move that has not been
    told of is not asked for again."""
    if leg.wanted != leg.room:
        leg.wanted = None
        s.timers.cancel(("place", leg.id))


def music_room(s: State, call: Call) -> RoomId:
    """Return the holding room of the call's queue."""
    assert call.queue is not None
    return s.holding_room_id(call.node, call.queue)


def has_music(s: State, leg: Leg) -> bool:
    """Tell whether the leg is, or is being, moved to a room with music."""
    return leg.wanted is not None and leg.wanted not in s.rooms


def open_side(s: State, call: Call) -> Room:
    """Make a room beside the main one."""
    room = Room(id=s.side_room_id(call.node, call.id))
    s.rooms[room.id] = room
    call.sides[room.id] = None
    s.emit(OpenRoom(call.id, room.id))
    return room


def close_side(s: State, call: Call, key: RoomId) -> None:
    """Close a side room as soon as nobody is in it or on the way there."""
    room = s.rooms.get(key)
    if room is None or key not in call.sides or room.members:
        return
    if any(s.legs[leg].wanted == key for leg in call.legs):
        return
    _close(s, call, room)
    del call.sides[key]


def close_all(s: State, call: Call) -> None:
    """The call is over: close every room of it."""
    for key in (*call.sides, *(() if call.room is None else (call.room.id,))):
        _close(s, call, s.rooms[key])
    call.sides.clear()


def abandon(s: State, call: Call) -> None:
    """We have lost the thread of this call: close its rooms, whatever state they are in."""
    for key in (*call.sides, *(() if call.room is None else (call.room.id,))):
        s.emit(CloseRoom(call.id, key))
        s.rooms.pop(key, None)
    call.sides.clear()
    call.room = None


def _close(s: State, call: Call, room: Room) -> None:
    move_room(s, room, RoomMove.CLOSED)
    s.emit(CloseRoom(call.id, room.id))
    del s.rooms[room.id]


def entered(s: State, call: Call, leg: Leg, key: RoomId) -> None:
    """Asterisk says that the leg is in a room: note it, and leave the one it was in."""
    before = leg.room
    leave_room(s, leg)
    leg.room = key
    leg.is_stale = False
    if leg.joined_ms is None:
        leg.joined_ms = s.now
    if leg.wanted == key:
        s.timers.cancel(("place", leg.id))
    elif leg.wanted in s.rooms and ("place", leg.id) not in s.timers:
        # Where it was wanted before: that it gets on from there is still to be said.
        s.timers.set(("place", leg.id), s.now + PLACE_MS_MAX)
    room = s.rooms.get(key)
    if room is not None:
        move_room(s, room, RoomMove.JOINED)
        room.members[leg.id] = None
    if call.sides:
        side_recordings.follow(s, call, before)
        side_recordings.follow(s, call, key)
        if before is not None:
            close_side(s, call, before)
    if leg.wanted == key:
        speech.arrived(s, call, leg)


def left(s: State, call: Call | None, leg: Leg) -> None:
    """The leg is gone, out of any room and on its way to none."""
    s.timers.cancel(("place", leg.id))
    places = (leg.room, leg.wanted)
    leave_room(s, leg)
    leg.wanted = None
    if call is None:
        return
    if call.sides:
        for key in dict.fromkeys(places):
            if key is not None:
                side_recordings.follow(s, call, key)
                close_side(s, call, key)
    if places[0] is not None:
        _shrunk(s, call, places[0])


def refused(s: State, call: Call, key: RoomId | None, give_up: GiveUp) -> bool:
    """A move into the room was refused: ask again for all who are still on their way there, or
    give them up.  False when nobody is: who has hung up is not, and the end of their channel is
    what counts."""
    waited = [
        leg for leg in (s.legs[one] for one in call.legs)
        if leg.wanted == key and leg.room != key and not leg.ended_by_us
        and not is_clearing(s, leg.id)
    ]  # fmt: skip
    if not waited or key is None:
        return False
    again = tuple(leg for leg in waited if leg.attempts < ATTEMPTS_MAX)
    if again:
        for leg in again:
            speech.interrupt(s, call, leg)
        _make_anew(s, call, key)
        _ask(s, call, key, again)
    elif key in s.rooms:
        give_up(s, call, waited[0])
    else:
        # The music is asked for again, but later: the link may be away, and to ask at once would
        # be to ask for ever.
        for leg in waited:
            s.timers.set(("place", leg.id), s.now + PLACE_MS_MAX)
    return True


def timed_out(s: State, call: Call, leg: Leg, give_up: GiveUp) -> None:
    """The room never told that the leg is in."""
    if leg.wanted is None or leg.room == leg.wanted or leg.ended_by_us:
        return
    if leg.wanted in s.rooms:
        give_up(s, call, leg)
        return
    leg.attempts = 0
    speech.interrupt(s, call, leg)
    _make_anew(s, call, leg.wanted)
    _ask(s, call, leg.wanted, (leg,))


def _make_anew(s: State, call: Call, key: RoomId) -> None:
    if key in s.rooms:
        s.emit(OpenRoom(call.id, key))
    else:
        s.emit(OpenHoldingRoom(None, key))
