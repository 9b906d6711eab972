"""What is wanted within a conversation: by the agent, by their phone, by a supervisor."""

from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, CallId, LegId, RequestId


class Control(StrEnum):
    """What an agent may do with the call they are in."""

    HOLD = "hold"
    RESUME = "resume"
    TRANSFER = "transfer"
    CONSULT = "consult"
    COMPLETE = "complete"
    JOIN = "join"
    BACK = "back"
    DIGITS = "digits"
    LOUDER = "louder"
    SOFTER = "softer"
    OUTCOME = "outcome"
    FLOW = "flow"
    """Say what the call turns out to be (E01)."""
    NO_RESPONSE = "no_response"
    RESPONDED = "responded"
    RECORDING = "recording"
    """Say that a recording has answered at a rescue service: nobody was reached."""
    CASE = "case"
    """Open a case for this emergency and call agent B (E14)."""
    RESCUE = "rescue"
    """Go to the rescue room and call whoever the digits mean there (E15)."""
    RESCUE_BESIDE = "rescue_beside"
    """The same on the agent's second phone, while the first stays with the caller (T29)."""
    RETURN = "return"
    """Come back to the caller, out of the rescue room or the private talk."""
    MERGE = "merge"
    SPLIT = "split"
    PRIVATE = "private"
    """A and B talk between themselves."""
    FAN_OUT = "fan_out"
    """Call every contact at once, and 120 for the agent (T35)."""
    SAFE = "safe"
    """The elder is safe: what is pending is withdrawn (E37, E41)."""
    HELP_ARRIVED = "help_arrived"


class ControlRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody wants something done with a live call, for ``agent``, or for whoever has it."""

    request: RequestId
    call: CallId
    agent: AgentId | None
    action: Control
    digits: str = ""


class PhoneHeld(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A phone has put its line on hold by itself (re-INVITE, RFC 6337)."""

    leg: LegId


class PhoneUnheld(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A phone has taken its line off hold."""

    leg: LegId


class ReferRequested(msgspec.Struct, frozen=True, tag=True):
    """A phone wants its line transferred (REFER, RFC 3515): to a number as dialled there, or to the
    far end of another of its lines (RFC 3891)."""

    leg: LegId
    number: str | None
    other: LegId | None


class Watching(StrEnum):
    """How a supervisor is at somebody's conversation (D11, Q12)."""

    LISTEN = "listen"
    """Hears what the caller says and hears; is heard by nobody."""
    WHISPER = "whisper"
    """Hears the agent and what they hear, and is heard by the agent alone."""
    BARGE = "barge"
    """Is one more in the conversation."""
    TAKE_OVER = "take_over"
    """Is in the conversation in the place of the agent."""


class SupervisionRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor wants to be with a conversation: this call's, or one drawn at random (Q12)."""

    request: RequestId
    supervisor: AgentId
    call: CallId | None
    mode: Watching


class SupervisionEndRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor has heard enough."""

    request: RequestId
    supervisor: AgentId


class SnoopStarted(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A copy of what a leg says and hears can be put into a room."""

    snoop: LegId


class SnoopGone(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The copy has ended: we let go of it, or its leg is gone."""

    snoop: LegId


CallControlEvent = (
    ControlRequested
    | PhoneHeld
    | PhoneUnheld
    | ReferRequested
    | SupervisionRequested
    | SupervisionEndRequested
    | SnoopStarted
    | SnoopGone
)
