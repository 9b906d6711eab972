"""What is owed to whom, and what became of it."""

from enum import StrEnum

import msgspec

from acd.core.follow_up.owed import Obligation
from acd.core.ids import CallId, QueueId, TerminalId


class ReplyKind(StrEnum):
    """What is owed to a caller who left by choice, or whom we failed."""

    CALLBACK = "callback"
    MESSAGE = "message"
    """Listen to the message, then call back."""
    TASK = "task"


class ReplyOwed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person must answer by ``due_ms``, and the caller has been told so (V06, V11).

    ``place_ms`` is the arrival whose place in the line a callback keeps; ``about`` says what a
    task is about, or why a call is owed that nobody asked for."""

    at_ms: int
    call: CallId
    arrived_ms: int
    kind: ReplyKind
    queue: QueueId
    number: str | None
    terminal: TerminalId | None
    place_ms: int
    due_ms: int
    about: str
    recording: str | None
    message_ms: int | None
    synthetic: bool


class ObligationNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An obligation has changed; it is told whole, as it is from now on.  ``what`` is one of owed,
    added to, called again, restored, due, taken up, handed over, raised, put back, escalated,
    assigned, ended."""

    at_ms: int
    call: CallId | None
    what: str
    obligation: Obligation


FollowUpFact = ReplyOwed | ObligationNoted
