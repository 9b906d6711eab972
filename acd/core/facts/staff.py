"""What agents do, and what supervisors decide for them."""

from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, CallId, EntryId, LegId, PhoneId, QueueId, SeatId


class AgentStateChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent's state has changed; together these facts leave no gap (Q08).

    ``from_ms`` is when ``was`` began.  ``seat`` is where the agent sat during ``was``, or, at a
    log-in, where they sit from now on."""

    at_ms: int
    agent: AgentId
    seat: SeatId | None
    was: str
    now: str
    reason: str | None
    from_ms: int
    call: CallId | None


class WrapUpEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    at_ms: int
    agent: AgentId
    call: CallId
    arrived_ms: int
    wrap_up_ms: int
    talk_ms: int
    queue: QueueId
    entry: EntryId | None
    """Which the caller had dialled; None of a call that we placed."""
    synthetic: bool


class WrapUpExtended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The agent has asked for more time for the notes."""

    at_ms: int
    agent: AgentId
    call: CallId
    by_ms: int
    until_ms: int


class LeaveWhy(StrEnum):
    """Which rule wants a supervisor's consent before an agent goes (D08)."""

    REASON = "reason"
    """The queue wants consent for this kind of pause."""
    STAFFING = "staffing"
    """Too few others would be ready for an emergency."""


class LeaveResult(StrEnum):
    """What became of a wish to go."""

    GRANTED = "granted"
    DENIED = "denied"
    LAPSED = "lapsed"
    """Nobody answered in time."""
    WITHDRAWN = "withdrawn"


class LeaveAsked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wants to pause or log out (``what``), and the supervisors are asked first."""

    at_ms: int
    agent: AgentId
    seat: SeatId
    what: str
    reason: str | None
    why: LeaveWhy


class LeaveAnswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What became of it.  ``by`` is the supervisor; None when nobody answered."""

    at_ms: int
    agent: AgentId
    what: str
    reason: str | None
    result: LeaveResult
    by: AgentId | None
    waited_ms: int


class LeftWithoutConsent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody who should have asked goes, as no supervisor is logged in.  Raises an alarm."""

    at_ms: int
    agent: AgentId
    seat: SeatId
    what: str
    reason: str | None
    why: LeaveWhy


class TestResult(StrEnum):
    """How one test ring ended."""

    READY = "ready"
    MISSED = "missed"
    REFUSED = "refused"
    FAILED = "failed"
    ENDED = "ended"
    """The agent had come back, paused or left meanwhile."""


class TestRang(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The switch rings the phone of an agent who is not responding; no caller is behind it."""

    at_ms: int
    agent: AgentId
    seat: SeatId
    phone: PhoneId
    leg: LegId
    number: int
    """How many in a row, from 1."""


class TestRingEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    at_ms: int
    agent: AgentId
    number: int
    result: TestResult


class StateForced(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor has put an agent into a state."""

    at_ms: int
    supervisor: AgentId
    agent: AgentId
    action: str
    reason: str | None


class CallSteered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor has decided about a caller who waits (T06)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    supervisor: AgentId
    action: str
    agent: AgentId | None
    queue: QueueId | None


StaffFact = (
    AgentStateChanged
    | WrapUpEnded
    | WrapUpExtended
    | LeaveAsked
    | LeaveAnswered
    | LeftWithoutConsent
    | TestRang
    | TestRingEnded
    | StateForced
    | CallSteered
)
