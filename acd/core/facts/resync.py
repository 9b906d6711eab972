"""What was found when Asterisk was read again."""

import msgspec

from acd.core.directory import EntryKind
from acd.core.ids import CallId, ElderId, EntryId, LegId, QueueId, TerminalId


class CallTakenUp(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A call that lived on in Asterisk while the service was away is served on, as the same call.
    ``state`` is the one in which it was found."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    state: str
    caller: str | None
    called: str | None
    """The entry dialled; of a call that we placed, the number."""
    entry: EntryId | None
    kind: EntryKind
    queue: QueueId
    terminal: TerminalId | None
    elders: tuple[ElderId, ...]
    synthetic: bool
    is_placed: bool
    answered_ms: int | None


class Repaired(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What we believed and what Asterisk said differed, and we followed Asterisk."""

    at_ms: int
    what: str
    key: str


ResyncFact = CallTakenUp | Repaired
