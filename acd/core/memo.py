"""What Asterisk keeps of a call for us: a memo on its channels, by which a later life of the
service takes the call up again (what is alive is Asterisk's to tell, and needs no other witness).

The caller's channel has the newest memo of the call; a channel that we dial carries one from its
first moment on, with its own part in the call.  What Asterisk tells by itself, such as who is in
which room and which phone rings, stands in no memo and cannot be wrong in one.  Names of fields are
what is written, so that a newer release reads what an older one wrote, and a person can too.
"""

from collections.abc import Callable

import msgspec
from msgspec import structs

from acd.core.decoding import UNREADABLE
from acd.core.directory import EntryKind
from acd.core.ids import (
    AgentId,
    CallId,
    CaseId,
    DialId,
    ElderId,
    EntryId,
    ObligationId,
    OfferId,
    PhoneId,
    PlaybackId,
    Purpose,
    QueueId,
    TerminalId,
    TrunkId,
)
from acd.core.tables import AgentState, SilenceState

BYTES_MAX = 1_000
"""Of a memo as text: AMI, by which it is written, refuses a line of more than 1,024 bytes
(``inbuf`` in main/manager.c), and would for as long as the call goes on."""

READ_BYTES_MAX = 4_000
"""Of one that is read: a channel that we dial has its first from ARI, which takes longer lines."""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a channel that we dialled, or that an agent dialled with, is to the call."""

    made_ms: int
    until_ms: int | None = None
    """When its ring ends."""
    phone: PhoneId | None = None
    agent: AgentId | None = None
    offer: OfferId | None = None
    queue: QueueId | None = None
    picks_up: bool = False
    dial: DialId | None = None
    """Set on a channel that goes to an outside number; the others are phones'."""
    number: str | None = None
    trunk: TrunkId | None = None
    purpose: Purpose | None = None
    person: AgentId | None = None
    is_awaited: bool = False
    """Whoever has had it dialled waits for the answer, and nobody is asked to press a key."""


class Placed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What makes the call an outbound one."""

    number: str
    since_ms: int
    person: AgentId | None = None
    reference: str | None = None
    caller_ids: tuple[str, ...] = ()
    given_away: bool = False
    obligation: ObligationId | None = None
    is_contact: bool = False
    asks: bool = False
    """Whoever picks up has not pressed the key yet that makes them a caller."""


class Memo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call as far as Asterisk would not know it.  Times are epoch milliseconds."""

    call: CallId
    arrived_ms: int
    kind: EntryKind
    queue: QueueId
    entered: QueueId | None = None
    called: EntryId | None = None
    trunk: TrunkId | None = None
    caller: str | None = None
    terminal: TerminalId | None = None
    elders: tuple[ElderId, ...] = ()
    precedence: int = 0
    skills: tuple[str, ...] = ()
    """Which the caller would rather be met with."""
    has_keys: bool = True
    recorded: bool = False
    placed: Placed | None = None
    case: CaseId | None = None
    alone_since_ms: int | None = None
    promise_broken: bool = False
    incident_opened: bool = False
    raised: bool = False
    answered_ms: int | None = None
    first_agent: AgentId | None = None
    agent: AgentId | None = None
    """Who has the conversation."""
    later: AgentState | None = None
    """What they have asked to be after it, and why."""
    later_reason: str | None = None
    talking_since_ms: int | None = None
    held_since_ms: int | None = None
    talk_ms: int = 0
    hold_ms: int = 0
    playback: PlaybackId | None = None
    """What is perhaps being said to the caller: a playback holds its channel until it ends."""
    calling: tuple[str, ...] = ()
    """Rescue services that are being called, or are to be at once, by their numbers."""
    disposition: str | None = None
    responds: bool | None = None
    silence: SilenceState | None = None
    """How far the clock of a silent call has come, while it runs."""
    is_over: bool = False
    """The call is at its end, and the caller is only to be let go."""
    offers: int = 0
    ring_ms: int = 0
    first_offer_ms: int | None = None
    part: Part | None = None
    """None on the caller's own channel."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Memo).decode


def to_text(memo: Memo) -> str:
    """Return a memo as what is written to a channel.  One that would be too long goes without what
    the call can be served without, the dearest last."""
    text = _encode(memo)
    for shorter in _SHORTER:
        if len(text) <= BYTES_MAX:
            break
        memo = shorter(memo)
        text = _encode(memo)
    while len(text) > BYTES_MAX and memo.elders:
        memo = structs.replace(memo, elders=memo.elders[:-1])
        text = _encode(memo)
    return text.decode()


def _without_reference(memo: Memo) -> Memo:
    """What the call is about, as a person has named it, stands in its fact."""
    if memo.placed is None:
        return memo
    return structs.replace(memo, placed=structs.replace(memo.placed, reference=None))


_SHORTER: tuple[Callable[[Memo], Memo], ...] = (
    lambda memo: structs.replace(memo, later_reason=None),
    lambda memo: structs.replace(memo, skills=()),
    _without_reference,
)


def from_text(text: str) -> Memo | None:
    """Return what a channel's memo says; None for none, and for what is not ours or damaged: such
    a channel is one of which we know nothing."""
    if not text or len(text) > READ_BYTES_MAX:
        return None
    try:
        return _decode(text)
    except UNREADABLE:
        return None
