"""A call and its legs, as Asterisk reports them."""

from enum import StrEnum

import msgspec

from acd.core.directory import Contact
from acd.core.events.devices import Device
from acd.core.ids import AreaId, ElderId, EntryId, LegId, PlaybackId, RoomId, TerminalId, TrunkId
from acd.core.memo import Memo


class Hangup(StrEnum):
    """Why a leg is gone, from the Q.850 cause that Asterisk reports (16, 17, 19, 21 …)."""

    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    LOST = "lost"
    """Found missing when the link to Asterisk came back, or by a command that named it."""


class CallArrived(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A trunk's INVITE has reached us.  Numbers are normalised; who it is has been looked up."""

    leg: LegId
    arrived_ms: int
    trunk: TrunkId | None
    caller: str | None
    called: EntryId
    terminal: TerminalId | None = None
    elders: tuple[ElderId, ...] = ()
    recording: str | None = None
    recording_follows: bool = False
    """The caller is to be recorded, and ``RecordingStarted`` tells of it."""
    greeting: tuple[str, ...] = ()
    """Prompts for the time of day, and for the holiday when it is one (V07, V10)."""
    closing: tuple[str, ...] = ()
    """Prompts that are added to a goodbye, on a holiday (V10)."""
    precedence: int = 0
    """How urgent the caller is among those of the same queue, by the directory's marks."""
    left: bool = False
    """The caller has hung up already and the leg's end follows: a call with a record that rings
    nobody."""
    languages: tuple[str, ...] = ()
    """Skills that the caller prefers an agent to have, the dearest first (C15)."""
    has_keys: bool = True
    """The caller can answer by digits; a one-key terminal cannot (C28)."""
    area: AreaId | None = None
    """Where the elder lives, as far as 110, 119 and 120 are concerned."""
    contacts: tuple[Contact, ...] = ()
    """Whom to call for them, the first to be called first (U03)."""
    memo: Memo | None = None
    """The channel has been with us before, and the dialplan gives it back."""
    is_up: bool = False
    """Answered already, by the dialplan."""


class LegRang(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The far phone says it is ringing (180 or 183)."""

    leg: LegId


class LegAnswered(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A leg that we dialled is up and under our control."""

    leg: LegId


class LegJoined(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A leg has entered a room: from now on it hears and is heard there."""

    leg: LegId
    room: RoomId


class RecordingStarted(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A leg is being recorded: one that we dialled, or a caller's of which this was not known when
    they arrived.  ``recording`` is the file's name in the spool."""

    leg: LegId
    recording: str


class DigitPressed(msgspec.Struct, frozen=True, tag=True, gc=False):
    """One DTMF digit from a leg."""

    leg: LegId
    digit: str
    device: Device | None = None
    """Whose it may be: a call keeps no codes, so that one that outlived a restart, or that we have
    placed, knows them like any other."""


class PromptFinished(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A playback of ours has ended, by itself or because we stopped it."""

    playback: PlaybackId


class LegHungUp(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The far end has hung up; Asterisk has not let go of the channel yet.  ``LegGone`` follows,
    within milliseconds unless Asterisk is stuck."""

    leg: LegId


class Media(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What went over a leg in its whole life, as Asterisk counted it (T16)."""

    received: int
    """Packets from the far end."""
    lost: int
    """Packets that the far end sent and that never came; counted up to the last report by RTCP, so
    0 for legs of less than five seconds."""
    jitter_us: int
    """Of what came, as RFC 3550 has it (microseconds)."""
    sent: int
    """Packets to the far end."""
    far_lost: int
    """What the far end says of ours, and 0 when it says nothing."""
    far_jitter_us: int
    round_trip_us: int
    """0 when the far end answers no report."""


class LegGone(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A leg no longer exists in Asterisk.  The only event that frees a phone."""

    leg: LegId
    why: Hangup
    cause: int = 0
    """The Q.850 cause as reported, 0 when Asterisk gave none."""
    sip: int = 0
    """The status that ended it (486, 503 …), 0 when none did."""
    media: Media | None = None
    """None where there was none, or Asterisk did not say."""


CallEvent = (
    CallArrived
    | LegRang
    | LegAnswered
    | LegJoined
    | RecordingStarted
    | DigitPressed
    | PromptFinished
    | LegHungUp
    | LegGone
)
