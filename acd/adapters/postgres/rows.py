"""What facts become, one shape for each table.

Each row holds only what one batch of facts says; the statements add it to what stands.
"""

from datetime import datetime

import msgspec

from acd.core.facts import AgentStateChanged, CaseNoted, Fact, ObligationNoted


class FactRow(msgspec.Struct):
    """A fact as it is kept."""

    seq: int
    at: datetime
    kind: str
    call: str | None
    body: Fact


class CallRow(msgspec.Struct, omit_defaults=True):
    """What a batch says of one call.  Missing fields leave the table's value alone."""

    call_id: str
    arrived_at: datetime
    trunk: str | None = None
    caller: str | None = None
    called: str | None = None
    entry: str | None = None
    kind: str | None = None
    queue: str | None = None
    terminal: str | None = None
    elders: tuple[str, ...] | None = None
    synthetic: bool | None = None
    recording: str | None = None
    picked_up_at: datetime | None = None
    first_offer_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    agent: str | None = None
    seat: str | None = None
    outcome: str | None = None
    offers: int | None = None
    wait_ms: int | None = None
    ring_ms: int | None = None
    talk_ms: int | None = None
    hold_ms: int | None = None
    wrap_up_ms: int = 0
    """To be added: a call put back in the queue has a wrap-up for each agent."""
    promise_broken_at: datetime | None = None
    incident_at: datetime | None = None
    direction: str | None = None
    """None: as it stands, which is inbound."""
    reference: str | None = None
    precedence: int | None = None
    repeat: bool | None = None
    rating_scale: str | None = None
    rating: str | None = None
    rating_source: str | None = None
    rating_by: str | None = None
    response: str | None = None
    disposition: str | None = None
    test_kind: str | None = None
    test_staff: str | None = None
    flow: str | None = None


class OfferRow(msgspec.Struct, omit_defaults=True):
    """What a batch says of one offer."""

    offer_id: str
    call_id: str
    arrived_at: datetime
    agent: str
    seat: str | None = None
    phone: str | None = None
    leg_id: str | None = None
    made_at: datetime | None = None
    slack_ms: int | None = None
    free: int | None = None
    idle_ms: int | None = None
    selection: str | None = None
    rank: int | None = None
    next: tuple[str, ...] | None = None
    skipped: dict[str, int] | None = None
    reach: str | None = None
    ring_limit_ms: int | None = None
    phones: int | None = None
    tier: int | None = None
    overflow: str | None = None
    preferred: str | None = None
    ended_at: datetime | None = None
    result: str | None = None
    ring_ms: int | None = None
    why: str | None = None


class LegRow(msgspec.Struct, omit_defaults=True):
    """One leg, whole: legs are written at their end."""

    leg_id: str
    call_id: str
    arrived_at: datetime
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
    packets_received: int | None = None
    packets_lost: int | None = None
    jitter_us: int | None = None
    packets_sent: int | None = None
    far_packets_lost: int | None = None
    """What the far end says: None where it answers no report."""
    far_jitter_us: int | None = None
    round_trip_us: int | None = None


class RecordingRow(msgspec.Struct, frozen=True):
    """A recording that has begun, under the recorded channel's own unique id."""

    recording_id: str
    call_id: str
    arrived_at: datetime
    leg_id: str
    started_at: datetime


class MessageRow(msgspec.Struct, frozen=True):
    """A message that a caller has left."""

    message_id: str
    call_id: str
    arrived_at: datetime
    left_at: datetime
    number: str | None
    queue: str
    terminal: str | None
    duration_ms: int
    due_at: datetime


class NumberRow(msgspec.Struct, frozen=True):
    """A number that is a terminal's by an agent's word, and not yet by the directory's file."""

    number: str
    terminal: str
    at: datetime
    agent: str
    call_id: str
    staff: str


class Rows(msgspec.Struct):
    """Everything a batch has to say, one row per call, offer and leg."""

    calls: dict[tuple[str, datetime], CallRow]
    offers: dict[tuple[str, str], OfferRow]
    legs: list[LegRow]
    changes: list[AgentStateChanged]
    recordings: list[RecordingRow]
    obligations: dict[str, ObligationNoted]
    """The newest word on each."""
    cases: dict[str, CaseNoted]
    """Likewise."""
    messages: list[MessageRow]
    numbers: list[NumberRow]
