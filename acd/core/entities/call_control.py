"""Somebody who is brought into a conversation, or listens to it."""

from dataclasses import dataclass

from acd.core.events import Watching
from acd.core.facts import TransferKind
from acd.core.ids import AgentId, CallId, DialId, LegId, OfferId, RoomId
from acd.core.tables import TransferState


@dataclass(slots=True, eq=False)
class Transfer:
    """One attempt of an agent to bring somebody else into a call: a colleague or an outside
    number.  ``by_leg`` is None once that agent is gone."""

    kind: TransferKind
    by: AgentId
    by_leg: LegId | None
    number: str
    started_ms: int
    leg: LegId
    agent: AgentId | None = None
    offer: OfferId | None = None
    dial: DialId | None = None
    refer: LegId | None = None
    """The line whose phone has asked by REFER, and waits to hear what became of it."""
    second: LegId | None = None
    """The phone's other line, by which the agent talks with whoever was asked: see
    ``second_lines``."""
    state: TransferState = TransferState.RINGING


@dataclass(slots=True, eq=False)
class Watch:
    """A supervisor beside somebody's conversation, with a copy of its sound."""

    supervisor: AgentId
    call: CallId
    mode: Watching
    room: RoomId
    """Of the supervisor and the copy; none of the call's."""
    is_open: bool = False
    snoop: LegId | None = None
    """The copy that is wanted in the room."""
    of: LegId | None = None
    """The leg that it is a copy of."""
