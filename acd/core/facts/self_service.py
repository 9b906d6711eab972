"""What callers told the machine: menus, and how content they are."""

import msgspec

from acd.core.ids import AgentId, CallId, MenuId, QueueId
from acd.core.scripts import RatingScale, RatingSource, Then


class MenuAnswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One step in a menu: what was pressed (None: nothing in time) and what came of it; ``then``
    is None when the question was asked again.  ``chosen`` is false for what happens without a
    valid key."""

    at_ms: int
    call: CallId
    arrived_ms: int
    menu: MenuId
    key: str | None
    then: Then | None
    target: str
    chosen: bool


class RatingAsked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The agent has gone, and the caller is asked how content they are (V17)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    """Who was there last; None after an outside party."""
    queue: QueueId
    scale: RatingScale


class CallRated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The caller has said how content they are, in the scale's own word (C04)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    """Whose service it was."""
    queue: QueueId
    scale: RatingScale
    rating: str
    source: RatingSource = RatingSource.DIGITS
    by: AgentId | None = None
    """Who wrote it down; None: the caller pressed the key (C28)."""


SelfServiceFact = MenuAnswered | RatingAsked | CallRated
