"""Outside numbers: who wants one dialled, over what, and for how long it may be."""

import msgspec

from acd.core.ids import AgentId, RequestId, TerminalId, TrunkId


class CallRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wants to call an outside number, about a case or an order (T19)."""

    request: RequestId
    agent: AgentId
    number: str
    """As written."""
    reference: str | None = None
    terminal: TerminalId | None = None
    """The one that has this number."""


class TrunkReported(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """Whether an operator answers OPTIONS.  Taken to be there until Asterisk says otherwise."""

    trunk: TrunkId
    reachable: bool


class SpendingDefined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How long outside numbers that agents choose may be talked with within 24 hours, and how long
    they were."""

    ceiling_ms: int | None
    spent: tuple[tuple[int, int], ...] = ()
    """Hour since the epoch, and milliseconds of conversations that ended in it."""


OutsideEvent = CallRequested | TrunkReported | SpendingDefined
