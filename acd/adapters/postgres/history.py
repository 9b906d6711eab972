"""What is recorded of a call, as it is read: the call itself, its legs, its offers, and what was
done with it; and the stretches of an agent's day."""

from datetime import datetime
from typing import Any

import msgspec


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``call_records``.  None stands for what has not happened, or never will."""

    call_id: str
    arrived_at: datetime
    queue: str | None
    first_offer_at: datetime | None
    picked_up_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    wait_ms: int | None
    ring_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    wrap_up_ms: int
    trunk: str | None
    caller: str | None
    called: str | None
    entry: str | None
    kind: str | None
    terminal: str | None
    elders: list[str]
    agent: str | None
    seat: str | None
    outcome: str | None
    offers: int | None
    synthetic: bool | None
    recording: str | None
    promise_broken_at: datetime | None
    incident_at: datetime | None
    direction: str
    """inbound or outbound."""
    reference: str | None
    """The case or the order that an outbound call was about."""
    precedence: int | None = None
    repeat: bool | None = None
    rating_scale: str | None = None
    rating: str | None = None
    rating_source: str | None = None
    rating_by: str | None = None
    """How content the caller said they were, in the scale's own word (V17, C04)."""
    response: str | None = None
    disposition: str | None = None
    """How it went, by an agent's last word (E44)."""
    test_kind: str | None = None
    test_staff: str | None = None
    flow: str | None = None
    """What it turned out to be, by an agent's last word (E01)."""
    case_id: str | None = None
    """The emergency that the call belongs to."""
    note: str | None = None
    """What an agent has written down of it, by the newest word (D06)."""
    note_category: str | None = None
    noted_by: str | None = None
    noted_at: datetime | None = None


class LegRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One leg of a call; legs are recorded when they end."""

    leg_id: str
    role: str
    number: str | None
    agent: str | None
    started_at: datetime
    rang_at: datetime | None
    answered_at: datetime | None
    joined_at: datetime | None
    ended_at: datetime
    why: str
    cause: int
    packets_received: int | None
    packets_lost: int | None
    jitter_us: int | None
    packets_sent: int | None
    far_packets_lost: int | None
    far_jitter_us: int | None
    round_trip_us: int | None


class OfferRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to ring one agent; ``result`` is None while it rings."""

    offer_id: str
    agent: str
    seat: str | None
    phone: str | None
    leg_id: str | None
    made_at: datetime | None
    slack_ms: int | None
    free: int | None
    idle_ms: int | None
    selection: str | None
    rank: int | None
    next: list[str] | None
    skipped: dict[str, int] | None
    reach: str | None
    ring_limit_ms: int | None
    phones: int | None
    ended_at: datetime | None
    result: str | None
    ring_ms: int | None
    why: str | None
    tier: int | None = None
    overflow: str | None = None
    preferred: str | None = None


class HappeningRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of what was done with a call while it went on; ``body`` holds its fields."""

    at: datetime
    kind: str
    body: dict[str, Any]


HAPPENINGS = (
    "CallHeld",
    "CallResumed",
    "CallRequeued",
    "TransferStarted",
    "TransferEnded",
    "CallDisposed",
    "DeviceReported",
    "TerminalTested",
    "EmergencyReported",
    "CallClassified",
    "ResponseNoted",
    "AfterwordNoted",
    "CallRated",
    "SilencePrompted",
    "CallerResponded",
    "NoResponseFlagged",
    "CallReleased",
)
"""Facts that belong to a call's history and stand in no row of it."""


class CallHistory(msgspec.Struct, frozen=True, kw_only=True):
    """One call with everything recorded of it."""

    call: CallRecord
    legs: list[LegRecord]
    offers: list[OfferRecord]
    happenings: list[HappeningRecord]


class AgentStateRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of an agent's day; ``to_at`` is None while it goes on."""

    agent: str
    seat: str | None
    state: str
    reason: str | None
    call_id: str | None
    from_at: datetime
    to_at: datetime | None
    lasted_ms: int | None
