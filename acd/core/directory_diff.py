"""What has changed between two readings of the directory, as events.

The order is safe for whoever applies them one by one: whatever is named exists already, and what
is removed goes last, when nothing names it any more.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from acd.core.directory import Agent, Area, Entry, Queue, Seat, Trunk
from acd.core.events import (
    AgentDefined,
    AgentRemoved,
    AreaDefined,
    AreaRemoved,
    DirectoryChange,
    EntryDefined,
    EntryRemoved,
    QueueDefined,
    QueueRemoved,
    SeatDefined,
    SeatRemoved,
    TrunkDefined,
    TrunkRemoved,
)
from acd.core.ids import AgentId, AreaId, EntryId, QueueId, SeatId, TrunkId

Key = TypeVar("Key", bound=str)
Value = TypeVar("Value")


class Staffing(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the directory that decisions need.  Each mapping is sorted by key."""

    queues: Mapping[QueueId, Queue]
    entries: Mapping[EntryId, Entry]
    agents: Mapping[AgentId, Agent]
    seats: Mapping[SeatId, Seat]
    areas: Mapping[AreaId, Area] = {}
    trunks: Mapping[TrunkId, Trunk] = {}
    """Those that outside numbers can be dialled over."""


NOBODY = Staffing(queues={}, entries={}, agents={}, seats={})
"""Before the first reading."""


def diff(old: Staffing, new: Staffing) -> list[DirectoryChange]:
    """Return what leads from ``old`` to ``new``; nothing when they are equal."""
    return [
        *map(QueueDefined, _defined(old.queues, new.queues)),
        *map(EntryDefined, _defined(old.entries, new.entries)),
        *map(AgentDefined, _defined(old.agents, new.agents)),
        *map(SeatDefined, _defined(old.seats, new.seats)),
        *map(AreaDefined, _defined(old.areas, new.areas)),
        *map(TrunkDefined, _defined(old.trunks, new.trunks)),
        *map(TrunkRemoved, _removed(old.trunks, new.trunks)),
        *map(AreaRemoved, _removed(old.areas, new.areas)),
        *map(SeatRemoved, _removed(old.seats, new.seats)),
        *map(AgentRemoved, _removed(old.agents, new.agents)),
        *map(EntryRemoved, _removed(old.entries, new.entries)),
        *map(QueueRemoved, _removed(old.queues, new.queues)),
    ]


def _defined(old: Mapping[Key, Value], new: Mapping[Key, Value]) -> Iterator[Value]:
    return (value for key, value in new.items() if old.get(key) != value)


def _removed(old: Mapping[Key, Value], new: Mapping[Key, Value]) -> Iterator[Key]:
    return (key for key in old if key not in new)
