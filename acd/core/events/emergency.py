"""Emergencies: what is heard of a caller (E33), and what people do with a case."""

from enum import StrEnum

import msgspec

from acd.core.directory import RescueService
from acd.core.emergency.case import Case, CaseRole, Form
from acd.core.emergency.guide import Script
from acd.core.ids import AgentId, CallId, CaseId, LegId, QueueId, RequestId
from acd.core.scripts import RatingScale


class SpeechStarted(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Something loud comes from a leg that is listened to.  Energy only: noise counts."""

    leg: LegId


class SpeechEnded(msgspec.Struct, frozen=True, tag=True, gc=False):
    """It has been quiet for a while."""

    leg: LegId


class Heard(StrEnum):
    """What a caller's leg gives.  People are told it; only speech changes a procedure (E33)."""

    SPEECH = "speech"
    """Somebody near the telephone says something, aloud or in a whisper."""
    SOUND = "sound"
    """Something can be heard that is not near speech: a television, breath, moaning."""
    SILENCE = "silence"
    """Sound comes, and there is nothing in it; or only what we send comes back as echo."""
    NO_RTP = "no_rtp"
    """No packet comes.  A phone that sends none while it is quiet gives the same."""
    PACKETS = "packets"
    """Packets come again, and nobody judges what is in them."""


class CallerHeard(msgspec.Struct, frozen=True, tag=True, gc=False):
    """What can be heard from a leg that is listened to: told at the start and at each change."""

    leg: LegId
    heard: Heard


class CaseAction(StrEnum):
    """What people do with a case from outside its conversation."""

    FORM = "form"
    """Write the simple task form (E02)."""
    CAR_SENT = "car_sent"
    """120 says that a car is on its way (E21)."""
    OUTCOME = "outcome"
    CLOSE = "close"
    AGREE = "agree"
    """A second person agrees that nobody had to be sent."""
    DISAGREE = "disagree"
    HAND_OVER = "hand_over"
    """Ring somebody who shall have a role from now on."""
    ASSIGN = "assign"
    """Somebody else answers for the case from now on (C10)."""
    GUIDE = "guide"
    """Take up one more script (E19)."""
    STEP = "step"
    """Say that a step of a script was done."""
    UNDO_STEP = "undo_step"
    """Say that it was not done after all."""
    SEEN = "seen"
    """A supervisor has looked at it (E09)."""
    CALLED_BEFORE = "called_before"
    """The terminal, or somebody there, has called a rescue service without us (C18)."""
    SUMMARY = "summary"
    """Write what happened and how it ended (E12)."""


class CaseRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``agent`` wants something done with a case; the rest is read by the action alone."""

    request: RequestId
    case: CaseId
    action: CaseAction
    agent: AgentId
    to: AgentId | None = None
    """Who shall have the role, or answer for the case."""
    role: CaseRole | None = None
    outcome: str | None = None
    form: Form | None = None
    reason: str | None = None
    script: str | None = None
    step: str | None = None
    summary: str | None = None
    service: RescueService | None = None


class CaseRestored(msgspec.Struct, frozen=True, tag=True):
    """PostgreSQL had this case open when the service started."""

    case: Case


class GuidanceDefined(msgspec.Struct, frozen=True, tag=True):
    """These are the guidance scripts from now on."""

    scripts: tuple[Script, ...]


class ReportHandedIn(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``by`` hands in the report of an emergency (E11)."""

    request: RequestId
    case: CaseId
    by: AgentId
    family: str
    condition: str
    scale: RatingScale | None
    rating: str | None
    unrated: str = ""
    remarks: str = ""
    call: CallId | None = None
    """The first call of the case that was answered: the service that is rated."""
    arrived_ms: int = 0
    queue: QueueId | None = None
    served: AgentId | None = None


EmergencyEvent = (
    SpeechStarted
    | SpeechEnded
    | CallerHeard
    | CaseRequested
    | CaseRestored
    | GuidanceDefined
    | ReportHandedIn
)
