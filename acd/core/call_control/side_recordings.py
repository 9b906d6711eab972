"""Side recordings: what is said where the caller is not, is recorded too (T21).

The caller's own recording has everything that the caller says or hears, and nothing else.  So while
two or more are in a side room (a consultation, a private talk, those who speak with rescue) one
agent's leg in it is recorded: it says and hears all of them.  When it goes, another takes over.
Outside numbers are recorded on their own legs from the first sound on, and need none.
"""

from acd.core.commands import RecordSide, StopSide
from acd.core.entities import Call, Leg, Room
from acd.core.facts import LegRole
from acd.core.ids import RoomId, local_part
from acd.core.state import State
from acd.core.tables import LegState


def follow(s: State, call: Call, key: RoomId | None) -> None:
    """Somebody has entered or left a room."""
    room = None if key is None or key not in call.sides else s.rooms.get(key)
    if room is None:
        return
    talk = len(room.members) > 1
    if room.recorder is not None and not (talk and room.recorder in room.members):
        if s.legs[room.recorder].state is not LegState.GONE:
            s.emit(StopSide(call.id, room.recorder))
        room.recorder = None
    if talk and room.recorder is None:
        _begin(s, call, room)


def _begin(s: State, call: Call, room: Room) -> None:
    leg = next((leg for leg in map(s.legs.__getitem__, room.members) if _can_be(leg)), None)
    if leg is not None:
        room.recorder = leg.id
        number = s.next_number("recording")
        s.emit(RecordSide(call.id, leg.id, f"{local_part(leg.id)}-{number}.raw"))


def _can_be(leg: Leg) -> bool:
    return leg.role is LegRole.AGENT and leg.dial is None and not leg.ended_by_us
