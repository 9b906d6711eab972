"""What exists in Asterisk, and what PostgreSQL remembers, when either is read again."""

import msgspec

from acd.core.directory import EntryKind
from acd.core.events.calls import CallArrived
from acd.core.ids import (
    AgentId,
    CallId,
    ElderId,
    EntryId,
    LegId,
    Node,
    PhoneId,
    QueueId,
    RoomId,
    SeatId,
    TerminalId,
)
from acd.core.memo import Memo
from acd.core.tables import AgentState


class FoundLeg(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A channel that keeps a memo of ours, as Asterisk has it when the link comes up."""

    leg: LegId
    memo: Memo
    is_up: bool
    room: RoomId | None = None
    is_away: bool = False
    """The dialplan has it: nobody of ours can be given a command for it."""


class SwitchConnected(msgspec.Struct, frozen=True, tag=True):
    """A node can be commanded (again).  ``legs`` are all channels of our application there."""

    node: Node
    legs: tuple[LegId, ...]
    found: tuple[FoundLeg, ...] = ()
    copies: tuple[LegId, ...] = ()
    """Snoops of ours."""
    rooms: tuple[RoomId, ...] = ()
    """Rooms of ours."""
    since_ms: int = 0
    """When this Asterisk was started: nothing there is older."""
    awaited: bool = False
    """Another node has not been read yet: what is nowhere may be there."""
    read_ms: int = 0
    """When the lists were read: they say nothing of what has begun since.  0: in this moment."""


class NodeLost(msgspec.Struct, frozen=True, tag=True):
    """A node's Asterisk has ended, or has been out of reach so long that it counts as ended: its
    calls were cut."""

    node: Node
    awaited: bool = False
    """As in ``SwitchConnected``."""


class NodeDrained(msgspec.Struct, frozen=True, tag=True):
    """A person wants a node to become empty, or to be used again."""

    node: Node
    drained: bool


class ChannelsCompared(msgspec.Struct, frozen=True, tag=True):
    """What a node has, read again: all channels of our application, and the phones that have any
    channel at all, whoever's call it is."""

    node: Node
    legs: tuple[LegId, ...]
    occupied: tuple[PhoneId, ...]
    private: tuple[PhoneId, ...] = ()
    """Those of them that have a channel which is none of ours."""


class LegAway(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The dialplan's fallback has taken a caller whom we did not look after in time."""

    leg: LegId
    marked: bool = True
    """Whether the channel bears the call's memo, by which it is found again."""


class WrapUpRemembered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The conversation that an agent was in, or whose notes they were writing."""

    call: CallId
    arrived_ms: int
    talk_ms: int
    queue: QueueId
    synthetic: bool
    entry: EntryId | None = None


class AgentRemembered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """PostgreSQL had this agent at work when the service started."""

    agent: AgentId
    seat: SeatId
    state: AgentState
    reason: str | None
    since_ms: int
    last: WrapUpRemembered | None = None


class CallRemembered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """PostgreSQL had this call without an end when the service started."""

    call: CallId
    arrived_ms: int
    caller: str | None
    called: EntryId | None
    kind: EntryKind | None
    queue: QueueId | None
    terminal: TerminalId | None
    elders: tuple[ElderId, ...]
    synthetic: bool
    answered_ms: int | None
    first_offer_ms: int | None
    agent: AgentId | None
    number: str | None = None
    """Whom we called; None for a call that came in."""
    reference: str | None = None
    seen_ms: int = 0
    """When the service that had it was last known to live."""


class FallbackEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller whom the dialplan's fallback had is gone, as the dialplan has written it down."""

    arrival: CallArrived
    left_ms: int
    """When they left the fallback."""
    talk_ms: int | None
    """How long somebody talked to them there; None when nobody answered."""
    phone: PhoneId | None
    """Who answered."""
    cut: bool
    """Asterisk itself had ended before it was written how it went."""


ResyncEvent = (
    SwitchConnected
    | NodeLost
    | NodeDrained
    | ChannelsCompared
    | LegAway
    | AgentRemembered
    | CallRemembered
    | FallbackEnded
)
