"""Changes of the directory, one at a time."""

import msgspec

from acd.core.directory import Agent, Area, Entry, Queue, Seat, Trunk
from acd.core.ids import AgentId, AreaId, EntryId, QueueId, SeatId, TrunkId


class QueueDefined(msgspec.Struct, frozen=True, tag=True):
    queue: Queue


class QueueRemoved(msgspec.Struct, frozen=True, tag=True):
    """Callers already waiting there are still served; nobody new can enter."""

    queue: QueueId


class EntryDefined(msgspec.Struct, frozen=True, tag=True):
    entry: Entry


class EntryRemoved(msgspec.Struct, frozen=True, tag=True):
    entry: EntryId


class AgentDefined(msgspec.Struct, frozen=True, tag=True):
    agent: Agent


class AgentRemoved(msgspec.Struct, frozen=True, tag=True):
    """Logged out at once, or after the conversation that is going on."""

    agent: AgentId


class SeatDefined(msgspec.Struct, frozen=True, tag=True):
    seat: Seat


class SeatRemoved(msgspec.Struct, frozen=True, tag=True):
    seat: SeatId


class TrunkDefined(msgspec.Struct, frozen=True, tag=True):
    """Outside numbers can be dialled over this trunk."""

    trunk: Trunk


class TrunkRemoved(msgspec.Struct, frozen=True, tag=True):
    """Out of service, or gone.  What goes over it already goes on."""

    trunk: TrunkId


class AreaDefined(msgspec.Struct, frozen=True, tag=True):
    area: Area


class AreaRemoved(msgspec.Struct, frozen=True, tag=True):
    area: AreaId


DirectoryChange = (
    QueueDefined
    | QueueRemoved
    | EntryDefined
    | EntryRemoved
    | AgentDefined
    | AgentRemoved
    | SeatDefined
    | SeatRemoved
    | TrunkDefined
    | TrunkRemoved
    | AreaDefined
    | AreaRemoved
)
