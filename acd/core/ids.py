"""Names of things.  Every identifier is a string with a type of its own.

Identifiers of channels, bridges and playbacks are chosen by us before the request goes out, so
that no event can arrive for something unknown; the caller's leg alone is named by Asterisk.
Legs and rooms carry their node: ``n1:hl-17-42`` is channel ``hl-17-42`` on node ``n1``.
"""

from typing import NewType

CallId = NewType("CallId", str)
LegId = NewType("LegId", str)
OfferId = NewType("OfferId", str)
DialId = NewType("DialId", str)
ObligationId = NewType("ObligationId", str)
CaseId = NewType("CaseId", str)
Purpose = NewType("Purpose", str)
"""What an outside number is dialled for; ``acd.core.outside.dialled`` says who listens for it."""
RoomId = NewType("RoomId", str)
PlaybackId = NewType("PlaybackId", str)
Node = NewType("Node", str)

AgentId = NewType("AgentId", str)
SeatId = NewType("SeatId", str)
PhoneId = NewType("PhoneId", str)
"""The name of a phone's SIP account, such as ``a8001`` or ``a8001-2``."""
QueueId = NewType("QueueId", str)
MenuId = NewType("MenuId", str)
RecordingId = NewType("RecordingId", str)
"""A recording of ours, with its node; the local part is the file's path without ending."""
EntryId = NewType("EntryId", str)
"""The dialled number (DID), such as ``95001``."""
TrunkId = NewType("TrunkId", str)
AreaId = NewType("AreaId", str)
TerminalId = NewType("TerminalId", str)
ElderId = NewType("ElderId", str)
RequestId = NewType("RequestId", str)
"""Chosen by whoever asks; comes back in the reply."""

OUR_PREFIX = "hl-"
"""Channels, bridges and playbacks made by us begin so; recovery adopts or ends by it."""

HOLDING_PREFIX = f"{OUR_PREFIX}hold-"
"""Queues' holding rooms."""


def leg_id(node: Node, channel: str) -> LegId:
    """Return the key of Asterisk channel ``channel`` on ``node``."""
    return LegId(f"{node}:{channel}")


def node_of(key: LegId | RoomId | PlaybackId | RecordingId) -> Node:
    """Return the node part of a leg's, room's or playback's key."""
    return Node(key.partition(":")[0])


def is_holding_room(room: RoomId) -> bool:
    """Tell whether it is a queue's holding room, where callers wait with music."""
    return local_part(room).startswith(HOLDING_PREFIX)


def local_part(key: LegId | RoomId | PlaybackId | RecordingId) -> str:
    """Return the identifier Asterisk itself knows (the part behind the node)."""
    return key.partition(":")[2]
