"""What the timeline of an emergency needs and nothing else does (E42): what was said to whom, which
keys were pressed, and who was where.  Of other calls nobody asks that, and it is not kept.
"""

from acd.core.directory import EntryKind
from acd.core.emergency.case import Place
from acd.core.entities import Call, Leg
from acd.core.facts import KeyPressed, LegMoved, PromptStarted
from acd.core.ids import RoomId
from acd.core.state import State

_EMERGENCY = EntryKind.EMERGENCY


def prompted(s: State, call: Call, leg: Leg, prompts: tuple[str, ...]) -> None:
    """Something is being said to a leg."""
    if call.kind is _EMERGENCY:
        s.emit(
            PromptStarted(
                at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, leg=leg.id, role=leg.role,
                agent=leg.agent, number=leg.number, prompts=prompts,
            )
        )  # fmt: skip


def pressed(s: State, leg: Leg, key: str) -> None:
    """Somebody has pressed a key."""
    call = s.calls.get(leg.call)
    if call is not None and call.kind is _EMERGENCY:
        s.emit(
            KeyPressed(
                at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, leg=leg.id, role=leg.role,
                agent=leg.agent, number=leg.number, key=key,
            )
        )  # fmt: skip


def moved(s: State, call: Call, leg: Leg, room: RoomId) -> None:
    """Somebody in a case is in a room from now on."""
    if call.scene is not None:
        s.emit(
            LegMoved(
                at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, leg=leg.id, role=leg.role,
                agent=leg.agent, number=leg.number, place=place_of(s, call, room),
            )
        )  # fmt: skip


def place_of(s: State, call: Call, room: RoomId | None) -> Place:
    """Return what a room is in the call."""
    if room is None:
        return Place.NOWHERE
    if call.room is not None and room == call.room.id:
        return Place.CALLER
    if call.scene is not None and room == call.scene.rescue:
        return Place.RESCUE
    if call.scene is not None and room == call.scene.private:
        return Place.PRIVATE
    return Place.ASIDE if room in s.rooms else Place.MUSIC
