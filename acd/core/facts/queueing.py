"""A caller who waits, and the agents who are rung."""

from enum import StrEnum

import msgspec

from acd.core.events import Hangup
from acd.core.ids import AgentId, CallId, LegId, OfferId, PhoneId, QueueId, SeatId


class OfferResult(StrEnum):
    """How one attempt to ring one agent ended."""

    ACCEPTED = "accepted"
    MISSED = "missed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    UNATTENDED = "unattended"
    """The phone picked up by itself, and nobody was there."""


class OfferMade(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent's phone is being rung, and why this one.

    ``slack_ms`` is what is left of the promise (negative when it is broken), ``ring_limit_ms``
    how long it will ring, ``phones`` how many ring for the call now, this one included.  ``free``
    is how many agents with the skills could have been chosen; ``rank`` the winner's key (smaller
    is better; what it means is the queue's ``selection``), ``next`` who would have been next, at
    most five.  ``skipped`` counts the others with the skills, by why they could not be rung.
    ``reach`` tells from where the agent was taken: ready, or out of wrap-up or a break."""

    at_ms: int
    call: CallId
    arrived_ms: int
    offer: OfferId
    agent: AgentId
    seat: SeatId
    phone: PhoneId
    leg: LegId
    slack_ms: int
    free: int
    idle_ms: int
    """How long the chosen agent had been free."""
    selection: str
    rank: int
    next: tuple[AgentId, ...]
    skipped: tuple[tuple[str, int], ...]
    reach: str
    ring_limit_ms: int
    phones: int
    tier: int = 0
    """How many steps of the queue's relaxation the agent needed; 0: has all the skills."""
    overflow: QueueId | None = None
    """The queue whose agent it is, when it is not the call's own."""
    preferred: str | None = None
    """Why this agent went before the queue's rule: ``named``, ``owner``, ``last``, or the skill
    that the caller prefers."""


class OfferEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``ring_ms`` is 180 to the end; None when the phone never rang."""

    at_ms: int
    call: CallId
    arrived_ms: int
    offer: OfferId
    agent: AgentId
    result: OfferResult
    ring_ms: int | None
    why: Hangup | None


class ChairFoundEmpty(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A phone that picks up by itself did so, and nobody spoke or pressed a key."""

    at_ms: int
    call: CallId
    agent: AgentId
    seat: SeatId


class PromiseBroken(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The caller has waited longer than the queue's promise.  A mark, not an outcome (K04)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    queue: QueueId
    synthetic: bool


class IncidentOpened(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller has waited so long that a person must look into it; nobody is dropped."""

    at_ms: int
    call: CallId
    arrived_ms: int
    queue: QueueId
    waited_ms: int
    synthetic: bool


QueueingFact = OfferMade | OfferEnded | ChairFoundEmpty | PromiseBroken | IncidentOpened
