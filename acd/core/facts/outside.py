"""Outside numbers, and the calls that we place.

Outbound calls have facts of their own, so that no figure of what came in can count them (K04).
"""

from enum import StrEnum

import msgspec

from acd.core.directory import EntryKind
from acd.core.facts.calls import Outcome, Response
from acd.core.ids import AgentId, CallId, DialId, LegId, Purpose, QueueId, SeatId, TrunkId


class DialResult(StrEnum):
    """How an attempt to reach an outside number ended.  Told apart, because each asks for another
    next step (T19, C24, E34)."""

    ANSWERED = "answered"
    """Somebody, or something, picked up; how long they stayed is the leg's to tell."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    """Six rings, or 45 s in all, or the network's own patience (T19, F07)."""
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    """No such number, or no such telephone now."""
    NO_TRUNK = "no_trunk"
    """No operator could carry it; the number has not been tried."""
    WITHDRAWN = "withdrawn"
    """Whoever asked for it did not want it any more."""


class NumberDialled(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An INVITE to an outside number has gone out.  ``attempt`` counts the trunks tried for this
    dial, from 1."""

    at_ms: int
    call: CallId
    arrived_ms: int
    dial: DialId
    leg: LegId
    number: str
    trunk: TrunkId
    caller_id: str
    purpose: Purpose
    person: AgentId | None
    """On whose command; None for what the switch does by itself."""
    attempt: int


class DialEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An outside number has been reached, or has not.  ``ring_ms`` is 180 or 183 to the answer or
    the end; None when it never rang.  Told at the answer, not at the end of the conversation."""

    at_ms: int
    call: CallId
    arrived_ms: int
    dial: DialId
    number: str
    trunk: TrunkId | None
    purpose: Purpose
    person: AgentId | None
    result: DialResult
    ring_ms: int | None
    attempts: int


class CallPlaced(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An outbound call has begun: an agent's phone is being rung for it, or the number itself."""

    at_ms: int
    call: CallId
    arrived_ms: int
    number: str
    queue: QueueId
    kind: EntryKind
    person: AgentId | None
    reference: str | None
    synthetic: bool


class CallReached(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent's audio reaches the number that was called.  ``wait_ms`` is since it was placed;
    ``again`` is true for every agent after the first."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    seat: SeatId
    wait_ms: int
    again: bool
    queue: QueueId
    synthetic: bool


class PlacedCallEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The last leg of an outbound call is gone."""

    at_ms: int
    call: CallId
    arrived_ms: int
    number: str
    outcome: Outcome
    person: AgentId | None
    agent: AgentId | None
    """Who talked first."""
    first_offer_ms: int | None
    reached_ms: int | None
    wait_ms: int
    ring_ms: int
    talk_ms: int
    offers: int
    queue: QueueId
    kind: EntryKind
    synthetic: bool
    response: Response | None = None


OutsideFact = NumberDialled | DialEnded | CallPlaced | CallReached | PlacedCallEnded
