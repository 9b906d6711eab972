"""What happens within a conversation: hold, transfer, supervision, what the agent says of it."""

from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, CallId, QueueId


class CallHeld(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The conversation is interrupted: whoever talked has stepped aside, and the caller hears music
    and waits for them or for somebody else.  ``agent`` has the call."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None


class CallResumed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody talks with the caller again."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    hold_ms: int


class TransferKind(StrEnum):
    BLIND = "blind"
    CONSULT = "consult"
    """The agent talks with them before the caller does."""


class TransferResult(StrEnum):
    COMPLETED = "completed"
    JOINED = "joined"
    """They came into the conversation and the agent stayed: a conference."""
    TAKEN_BACK = "taken_back"
    FAILED = "failed"
    """They did not answer, or could not be brought to where they belong."""
    LEFT = "left"
    """They hung up in the consultation."""
    CALLER_LEFT = "caller_left"


class TransferStarted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wants to give the call to ``number``, or to ask there first: a colleague, a queue or
    an outside number."""

    at_ms: int
    call: CallId
    arrived_ms: int
    kind: TransferKind
    by: AgentId
    number: str
    agent: AgentId | None
    queue: QueueId | None


class TransferEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What became of it.  ``agent`` is the colleague, ``queue`` where the caller waits now."""

    at_ms: int
    call: CallId
    arrived_ms: int
    kind: TransferKind
    by: AgentId
    number: str
    agent: AgentId | None
    queue: QueueId | None
    result: TransferResult
    after_ms: int
    """Since it was started."""


class SupervisionStarted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor is with a conversation from now on, in this ``mode`` (D11, Q12).  Each change of
    the mode is a fact of its own."""

    at_ms: int
    call: CallId
    arrived_ms: int
    supervisor: AgentId
    agent: AgentId | None
    """Who has the call."""
    mode: str


class SupervisionEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor no longer listens; one who has barged in has a leg in the call instead."""

    at_ms: int
    call: CallId
    supervisor: AgentId
    mode: str


class CallDisposed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent has said how the call went; the last word counts.  ``code`` is the two digits."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    code: str
    disposition: str


class ResponseNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent says whether the caller responds; the last word counts."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    responds: bool


CallControlFact = (
    CallHeld
    | CallResumed
    | TransferStarted
    | TransferEnded
    | SupervisionStarted
    | SupervisionEnded
    | CallDisposed
    | ResponseNoted
)
