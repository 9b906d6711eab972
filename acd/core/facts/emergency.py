"""Emergencies: the case, what is heard and said in its calls (E42), silence (E33)."""

import msgspec

from acd.core.directory import EntryKind
from acd.core.emergency.case import Case, Place
from acd.core.emergency.guide import Flow
from acd.core.events import Heard
from acd.core.facts.calls import LegRole, Response
from acd.core.ids import AgentId, CallId, CaseId, LegId, QueueId
from acd.core.scripts import RatingScale


class CallClassified(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent has said what the call turns out to be (E01); the last word holds."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    flow: Flow


class CaseNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A case has changed; it is told whole, as it is from now on.  ``what`` says how, in a few
    words, and ``by`` on whose word."""

    at_ms: int
    call: CallId | None
    what: str
    by: AgentId | None
    case: Case


class LegMoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody in a case hears and is heard in another room from now on (E42)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    role: LegRole
    agent: AgentId | None
    number: str | None
    place: Place


class PromptStarted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something is being said to a leg of an emergency call (E42)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    role: LegRole
    agent: AgentId | None
    number: str | None
    prompts: tuple[str, ...]


class KeyPressed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody in an emergency call has pressed a key (E42)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    role: LegRole
    agent: AgentId | None
    number: str | None
    key: str


class LegHeard(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a leg gives has changed (E42)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    heard: Heard


class SilencePrompted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The system has asked a caller who was not heard to speak (V13)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    """Who is there; None when the system is alone with the caller."""
    prompts: tuple[str, ...]
    heard: Heard | None
    """What was heard instead of speech; None when nothing judges it."""


class CallerResponded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody near the telephone has spoken, as a machine judges it; ``after_ms`` since the clock
    of the silence began."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    after_ms: int


class NoResponseFlagged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Nobody has spoken in time: the call is presumed to be an emergency (E33), until a person says
    otherwise.  ``after_ms`` is since the clock began."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    after_ms: int
    heard: Heard | None
    queue: QueueId
    kind: EntryKind


class AfterwordNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent who writes the notes of a call says whether somebody responded in it, or how it
    went (``disposition``)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    response: Response
    disposition: str | None


class EmergencyReported(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The report of an emergency has been handed in (E11)."""

    at_ms: int
    call: CallId | None
    """The first of the case that was answered."""
    case: CaseId
    agent: AgentId
    family: str
    """Whom of the family they have called."""
    condition: str
    """How the elder is."""
    scale: RatingScale | None
    rating: str | None
    """How content they are, in the scale's own word (C04)."""
    unrated: str
    """Why nobody could be asked."""
    remarks: str


EmergencyFact = (
    CallClassified
    | CaseNoted
    | LegMoved
    | PromptStarted
    | KeyPressed
    | LegHeard
    | SilencePrompted
    | CallerResponded
    | NoResponseFlagged
    | AfterwordNoted
    | EmergencyReported
)
