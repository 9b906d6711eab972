"""What is owed: what people do with it, and what PostgreSQL remembers of it."""

from enum import StrEnum

import msgspec

from acd.core.follow_up.owed import Obligation
from acd.core.ids import AgentId, CallId, ObligationId, QueueId, RequestId


class ObligationAction(StrEnum):
    """What a person can do with an obligation."""

    TAKE = "take"
    PUT_BACK = "put_back"
    ASSIGN = "assign"
    DONE = "done"
    CLOSE = "close"


class ObligationRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person wants something done with an obligation.  ``agent`` is who takes it or is given
    it, or has made a revisit; ``reason`` has to be there to close it undone, and is the summary
    that no revisit is done without (D26)."""

    request: RequestId
    obligation: ObligationId
    action: ObligationAction
    agent: AgentId | None = None
    reason: str | None = None


class Appointment(msgspec.Struct, frozen=True, kw_only=True):
    """A time for which a call is promised, with what the calendar says of it: the core has none."""

    at_ms: int
    minute: int
    """Of the day, where the callers live."""
    on_working_day: bool


class CallbackRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person asks that something be owed: a callback that was asked for elsewhere, or a task that
    was promised in a conversation (V16)."""

    request: RequestId
    queue: QueueId
    number: str
    within_ms: int | None = None
    """To the deadline, from now or from the appointment on."""
    appointment: Appointment | None = None
    """No sooner than then (W34)."""
    is_task: bool = False
    is_revisit: bool = False
    """Whoever does it writes a summary (D26)."""
    about: str = ""
    call: CallId | None = None
    """In which it was promised."""


class ObligationRestored(msgspec.Struct, frozen=True, tag=True):
    """PostgreSQL had this obligation open when the service started."""

    obligation: Obligation


class WrittenOffline(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wrote down what somebody asked for while the system was away, and something is left
    to be done (D19).  The words are PostgreSQL's alone (decision 31)."""

    record: str
    """By which whoever does it finds the words."""
    written_ms: int
    agent: AgentId
    number: str | None
    """As the agent wrote it."""
    urgent: bool
    """An emergency that is not settled."""


FollowUpEvent = ObligationRequested | CallbackRequested | ObligationRestored | WrittenOffline
