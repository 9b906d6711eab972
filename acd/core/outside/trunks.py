"""Trunks and areas: which operator is asked first, and which numbers are a rescue service's."""

from acd.core import directory
from acd.core.entities import Trunk
from acd.core.events import AreaDefined, AreaRemoved, TrunkDefined, TrunkRemoved
from acd.core.ids import AreaId, TrunkId
from acd.core.numbers import called_forms, is_rescue_form
from acd.core.state import State

FAILED_MS = 60_000
"""So long a trunk that could not carry a call is asked last."""


def in_order(s: State) -> list[Trunk]:
    """Return the trunks in the order in which to try them: those that are there, those that have
    not failed of late, then as the directory says."""

    def order(record: Trunk) -> tuple[bool, bool, int, TrunkId]:
        failed = record.failed_ms is not None and s.now - record.failed_ms < FAILED_MS
        return not record.reachable, failed, record.trunk.priority, record.trunk.id

    return sorted(s.trunks.values(), key=order)


def answers_any(s: State) -> bool:
    """Tell whether some operator answers OPTIONS, as far as is known."""
    return any(record.reachable for record in s.trunks.values())


def note_failure(s: State, trunk: TrunkId) -> None:
    """The trunk could not carry a call."""
    record = s.trunks.get(trunk)
    if record is not None:
        record.failed_ms = s.now


def is_rescue(s: State, number: str) -> bool:
    """Tell whether a normalised number reaches a rescue service, or what stands in for it."""
    return any(is_rescue_form(form) for form in _forms(s, number)) or rescue_of(s, number) != ()


def rescue_of(s: State, number: str) -> tuple[tuple[AreaId, directory.RescueNumber], ...]:
    """Return the areas that have this normalised number as a rescue service's."""
    forms = _forms(s, number)
    return tuple(
        (area.id, rescue)
        for area in s.areas.values()
        for rescue in area.rescue
        if rescue.number in forms
    )


def _forms(s: State, number: str) -> set[str]:
    return {
        form for record in s.trunks.values() for form in called_forms(record.trunk.rules, number)
    }


def trunk_defined(s: State, event: TrunkDefined) -> None:
    record = s.trunks.get(event.trunk.id)
    if record is None:
        s.trunks[event.trunk.id] = Trunk(trunk=event.trunk)
    else:
        record.trunk = event.trunk


def trunk_removed(s: State, event: TrunkRemoved) -> None:
    if s.trunks.pop(event.trunk, None) is None:
        s.ignored("removal of an unknown trunk", event.trunk)


def area_defined(s: State, event: AreaDefined) -> None:
    s.areas[event.area.id] = event.area


def area_removed(s: State, event: AreaRemoved) -> None:
    if s.areas.pop(event.area, None) is None:
        s.ignored("removal of an unknown area", event.area)
