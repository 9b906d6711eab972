"""A call from its arrival to its end, and the life of each leg."""

from enum import StrEnum

import msgspec

from acd.core.directory import EntryKind
from acd.core.events import Hangup, Media
from acd.core.ids import (
    AgentId,
    CallId,
    ElderId,
    EntryId,
    LegId,
    MenuId,
    QueueId,
    SeatId,
    TerminalId,
    TrunkId,
)


class Outcome(StrEnum):
    """How a call ended for the caller; exactly one per call (K04)."""

    ANSWERED = "answered"
    """An agent's audio reached the caller."""
    ABANDONED = "abandoned"
    """The caller left before that."""
    VOICEMAIL = "voicemail"
    """Left by choice: the caller has left a message for a person."""
    CALLBACK = "callback"
    """Left by choice: the caller is called back, at the place they had."""
    SELF_SERVED = "self_served"
    """The caller got what they wanted from recorded information, or left a task (V03)."""
    REFUSED = "refused"
    """The dialled number means nothing here."""
    FALLBACK = "fallback"
    """Handed to the dialplan because we had lost the thread."""
    LOST = "lost"
    """Gone while the link to Asterisk was away, before an agent answered."""
    BUSY = "busy"
    """This and what follows: outbound calls alone, by what the number said (C24)."""
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    NO_TRUNK = "no_trunk"
    WITHDRAWN = "withdrawn"
    """Given up on our side before the number answered."""


class Response(StrEnum):
    """Whether somebody has responded in a call, when all is said."""

    RESPONDED = "responded"
    NO_RESPONSE = "no_response"


class LegRole(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    OUTSIDE = "outside"
    """A number that we have dialled over a trunk."""
    DESK = "desk"
    """An agent's phone dialling a feature code."""


class CallOffered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A call has come in.  The field's word: whatever comes in is *offered*."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    trunk: TrunkId | None
    caller: str | None
    called: EntryId
    entry: EntryId | None
    kind: EntryKind | None
    queue: QueueId | None
    terminal: TerminalId | None
    elders: tuple[ElderId, ...]
    synthetic: bool
    recording: str | None
    precedence: int = 0
    repeat: bool = False
    """Has just called an emergency entry and not been answered."""
    menu: MenuId | None = None
    """What the machine asks first; None where people are rung at once."""


class CallPickedUp(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The system has answered the line with an acknowledgement.  Not an answer."""

    at_ms: int
    call: CallId
    arrived_ms: int


class CallQueued(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller leaves the machine and waits for a person, in this queue.  Without a menu a caller
    waits from the arrival on, and there is no such fact."""

    at_ms: int
    call: CallId
    arrived_ms: int
    queue: QueueId


class CallAnswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent's audio reaches the caller.  ``wait_ms`` counts from the INVITE (C01, C03).

    ``again`` is true for every answer after the first: a caller put back in the queue keeps the
    first answer's time in the figures."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    seat: SeatId
    wait_ms: int
    again: bool
    queue: QueueId
    kind: EntryKind
    synthetic: bool


class CallRequeued(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller whose agent went away waits again, with the original place."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    """Who was there last; None after an outside party."""


class CallReleased(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The system lets the caller go: a terminal hears busy tone for a while, and then its line is
    ended (T25)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    busy_tone: bool


class LegRecorded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A leg is being recorded (T21): one that we dialled, or a caller's of whom it was not known
    yet at ``CallOffered``."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    recording: str
    is_callers: bool = False
    """The leg is the caller's own: this is the recording of the call."""


class LegEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One channel's whole life.  Times are None where the moment never came."""

    at_ms: int
    call: CallId
    call_arrived_ms: int
    leg: LegId
    role: LegRole
    number: str | None
    agent: AgentId | None
    started_ms: int
    rang_ms: int | None
    answered_ms: int | None
    joined_ms: int | None
    why: Hangup
    cause: int
    media: Media | None = None


class CallEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The last leg is gone.  Sums are over the whole call; ``talk_ms`` is without ``hold_ms``."""

    at_ms: int
    call: CallId
    arrived_ms: int
    outcome: Outcome
    agent: AgentId | None
    """Who answered first."""
    first_offer_ms: int | None
    answered_ms: int | None
    wait_ms: int
    ring_ms: int
    talk_ms: int
    hold_ms: int
    offers: int
    queue: QueueId | None
    kind: EntryKind | None
    synthetic: bool
    response: Response | None = None
    """Whether anybody responded (E33); None where that is not asked."""


CallFact = (
    CallOffered
    | CallPickedUp
    | CallQueued
    | CallAnswered
    | CallRequeued
    | CallReleased
    | LegRecorded
    | LegEnded
    | CallEnded
)
