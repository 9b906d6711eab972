"""Agents: their phones, what they ask for, and what supervisors decide for them."""

from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, CallId, LegId, PhoneId, QueueId, RequestId, SeatId, TerminalId


class PhoneReported(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """What Asterisk says of a phone: registered and answering OPTIONS; busy on any channel."""

    phone: PhoneId
    registered: bool
    in_use: bool


class CodeDialled(msgspec.Struct, frozen=True, tag=True):
    """An agent's phone has dialled a feature code, digits and stars as dialled."""

    leg: LegId
    phone: PhoneId
    code: str
    terminal: TerminalId | None = None
    """The one that has the number, where an outside number was dialled."""


class LoginRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wants to start work at a seat and be ready."""

    request: RequestId
    agent: AgentId
    seat: SeatId


class ReadyRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: RequestId
    agent: AgentId


class PauseRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: RequestId
    agent: AgentId
    reason: str


class WrapUpEndRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: RequestId
    agent: AgentId


class WrapUpExtensionRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent needs more time for the notes."""

    request: RequestId
    agent: AgentId


class LeaveAnswerRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor answers an agent who has asked to go (D08)."""

    request: RequestId
    agent: AgentId
    supervisor: AgentId
    granted: bool


class LogoutRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: RequestId
    agent: AgentId


class ReservationRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody wants an agent kept for a callback or an outbound call, for ``hold_ms`` at most."""

    request: RequestId
    agent: AgentId
    reason: str
    hold_ms: int


class ReleaseRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A reserved agent is not needed any more."""

    request: RequestId
    agent: AgentId


class Force(StrEnum):
    """The states into which a supervisor can put an agent who does not do it themselves."""

    READY = "ready"
    PAUSE = "pause"
    LOG_OUT = "log_out"


class ForceRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor puts an agent into a state; after the conversation if there is one."""

    request: RequestId
    supervisor: AgentId
    agent: AgentId
    action: Force
    reason: str = "supervisor"
    """Of a pause."""


class Steer(StrEnum):
    """What a supervisor can do for a caller who waits (T06: by human intervention)."""

    RAISE = "raise"
    """Before everybody else in the line."""
    MOVE = "move"
    """To another queue, at the place of the arrival."""
    ASSIGN = "assign"
    """Ring this agent, whether or not they have the skills."""
    PULL = "pull"
    """Ring the supervisor themselves."""


class SteerRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor decides about a caller who waits."""

    request: RequestId
    supervisor: AgentId
    call: CallId
    action: Steer
    agent: AgentId | None = None
    queue: QueueId | None = None


StaffRequest = (
    LoginRequested
    | ReadyRequested
    | PauseRequested
    | WrapUpEndRequested
    | WrapUpExtensionRequested
    | LeaveAnswerRequested
    | LogoutRequested
    | ReservationRequested
    | ReleaseRequested
    | ForceRequested
    | SteerRequested
)
StaffEvent = PhoneReported | CodeDialled | StaffRequest
