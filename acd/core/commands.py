"""What the switch shall do.  Every command may fail and then comes back as ``CommandFailed``.

``call`` and ``phone`` are the two keys of order: commands of one call, and commands to one phone,
reach Asterisk in the order in which they were decided; everything else may overtake.
"""

from enum import StrEnum

import msgspec

from acd.core.ids import CallId, LegId, OfferId, PhoneId, PlaybackId, RecordingId, RoomId, TrunkId
from acd.core.memo import Memo


class Release(StrEnum):
    """The reason we give the far end when we end a leg."""

    NORMAL = "normal"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    NO_ANSWER = "no_answer"
    UNALLOCATED = "unallocated"
    """404 to the trunk: the dialled number means nothing here."""


class RingPhone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Dial a phone into the application.  ``ring_ms`` bounds the INVITE should we be gone."""

    call: CallId
    phone: PhoneId
    leg: LegId
    offer: OfferId
    ring_ms: int
    caller: str | None
    """Shown to the agent."""
    picks_up: bool = False
    """The phone is asked to answer by itself, and what comes from it is listened to."""
    memo: Memo | None = None


class DialNumber(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Dial an outside number into the application.  ``number`` is in the operator's own form;
    ``ring_ms`` bounds the INVITE should we be gone."""

    call: CallId
    leg: LegId
    trunk: TrunkId
    number: str
    caller_id: str
    ring_ms: int
    memo: Memo | None = None


class KeepMemo(msgspec.Struct, frozen=True, tag=True):
    """Have a leg's channel keep what a later life of ours would not know of the call."""

    call: CallId
    leg: LegId
    memo: Memo


class KeepCaller(msgspec.Struct, frozen=True, tag=True):
    """End the time limit that the dialplan has set for us: the caller is looked after (T18)."""

    call: CallId
    leg: LegId


class CheckTrunk(msgspec.Struct, frozen=True, tag=True):
    """Ask the operator by OPTIONS whether it is there; ``TrunkReported`` tells of a change."""

    call: CallId
    trunk: TrunkId


class CallPhone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Dial a phone for the switch itself: no caller is behind it.  ``ring_ms`` bounds the INVITE
    should we be gone."""

    call: CallId
    phone: PhoneId
    leg: LegId
    ring_ms: int
    caller: str
    """Shown to the agent."""
    picks_up: bool = False
    """Ask the phone to answer by itself, and say when somebody speaks."""


class AnswerLeg(msgspec.Struct, frozen=True, tag=True):
    """Send 200 OK to a caller that is still ringing."""

    call: CallId
    leg: LegId


class HangUp(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End a leg, whatever its state.

    With a ``farewell`` only a leg that is not up ends at once: whoever has picked up hears
    ``prompts`` first, by that playback, and its end brings the next command."""

    call: CallId
    leg: LegId
    reason: Release
    phone: PhoneId | None
    farewell: PlaybackId | None = None
    prompts: tuple[str, ...] = ()


class OpenRoom(msgspec.Struct, frozen=True, tag=True):
    """Create the call's mixing bridge; harmless when it exists."""

    call: CallId
    room: RoomId


class OpenHoldingRoom(msgspec.Struct, frozen=True, tag=True):
    """Create a queue's holding bridge with music; harmless when it exists."""

    call: None
    room: RoomId


class JoinRoom(msgspec.Struct, frozen=True, tag=True):
    """Move legs into a room in one request, out of any room they are in."""

    call: CallId
    room: RoomId
    legs: tuple[LegId, ...]


class SeatAnew(msgspec.Struct, frozen=True, tag=True):
    """Take legs out of the room they are in and put each back at once, so that Asterisk sets up
    anew how it codes what it sends them (decision 24)."""

    call: CallId
    room: RoomId
    legs: tuple[LegId, ...]


class CloseRoom(msgspec.Struct, frozen=True, tag=True):
    """Destroy a room."""

    call: CallId
    room: RoomId


class Play(msgspec.Struct, frozen=True, tag=True):
    """Play prompts, one after the other, to one leg."""

    call: CallId
    leg: LegId
    playback: PlaybackId
    prompts: tuple[str, ...]


class RecordLeg(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Record what one leg says, until #, silence or the longest time.  It may be in no room."""

    call: CallId
    leg: LegId
    recording: RecordingId
    ms_max: int
    silence_ms: int


class StopRecording(msgspec.Struct, frozen=True, tag=True):
    """End a recording; harmless when it has ended."""

    call: CallId
    recording: RecordingId


class RecordSide(msgspec.Struct, frozen=True, tag=True):
    """Record what an agent's leg says and hears, into a file of the spool, until told otherwise or
    until it is gone.  ``RecordingStarted`` tells that it is being done."""

    call: CallId
    leg: LegId
    file: str


class StopSide(msgspec.Struct, frozen=True, tag=True):
    """End what ``RecordSide`` has begun on a leg; harmless when it has ended."""

    call: CallId
    leg: LegId


class LeaveRoom(msgspec.Struct, frozen=True, tag=True):
    """Take a leg out of a room; harmless when it is not in it."""

    call: CallId
    room: RoomId
    leg: LegId


class StopPlay(msgspec.Struct, frozen=True, tag=True):
    """End a playback; harmless when it has ended."""

    call: CallId
    playback: PlaybackId


class Hush(msgspec.Struct, frozen=True, tag=True):
    """End what is being played to a leg, whoever has begun it: an earlier life's playbacks nobody
    can name any more.  Harmless when nothing is."""

    call: CallId
    leg: LegId


class OpenSnoop(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Make a copy of what ``of`` says and hears; with ``whisper`` what is said to the copy is heard
    by ``of`` alone.  ``SnoopStarted`` tells when it is there."""

    call: CallId
    leg: LegId
    """The copy's own channel."""
    of: LegId
    whisper: bool


class ListenTo(msgspec.Struct, frozen=True, tag=True):
    """Judge what comes from a leg, until told otherwise or until it is gone: ``CallerHeard`` says
    what.  Harmless when it is listened to already."""

    call: CallId
    leg: LegId


class StopListening(msgspec.Struct, frozen=True, tag=True):
    """Judge a leg no longer; harmless when it is not listened to."""

    call: CallId
    leg: LegId


class DetectTalk(msgspec.Struct, frozen=True, tag=True):
    """Tell when something loud begins and ends on a leg: ``SpeechStarted``, ``SpeechEnded``.
    Energy only; harmless when it is told already."""

    call: CallId
    leg: LegId


class StopDetecting(msgspec.Struct, frozen=True, tag=True):
    """Tell it no longer; harmless when it is not told."""

    call: CallId
    leg: LegId


class PlayTone(msgspec.Struct, frozen=True, tag=True):
    """Play busy tone to one leg, without end."""

    call: CallId
    leg: LegId
    playback: PlaybackId


class SendKeys(msgspec.Struct, frozen=True, tag=True):
    """Press keys (0-9, *, #) towards the far end of one leg."""

    call: CallId
    leg: LegId
    keys: str


class SetGain(msgspec.Struct, frozen=True, tag=True):
    """Make what one leg hears louder or softer.  ``level`` 0 is as it comes; each level is a step
    that can be heard."""

    call: CallId
    leg: LegId
    level: int


class ReferResult(StrEnum):
    """What a phone is told of the transfer that it has asked for."""

    TRYING = "trying"
    DONE = "done"
    UNAVAILABLE = "unavailable"
    DECLINED = "declined"


class AnswerRefer(msgspec.Struct, frozen=True, tag=True):
    """Tell a phone what becomes of its REFER."""

    call: CallId
    leg: LegId
    result: ReferResult


class HandToFallback(msgspec.Struct, frozen=True, tag=True):
    """Give a caller to the dialplan's own fallback: we have lost the thread of this call."""

    call: CallId
    leg: LegId


Command = (
    RingPhone
    | DialNumber
    | KeepMemo
    | KeepCaller
    | CheckTrunk
    | CallPhone
    | AnswerLeg
    | HangUp
    | OpenRoom
    | OpenHoldingRoom
    | JoinRoom
    | SeatAnew
    | CloseRoom
    | Play
    | RecordLeg
    | StopRecording
    | RecordSide
    | StopSide
    | LeaveRoom
    | StopPlay
    | Hush
    | PlayTone
    | SendKeys
    | SetGain
    | OpenSnoop
    | ListenTo
    | StopListening
    | DetectTalk
    | StopDetecting
    | AnswerRefer
    | HandToFallback
)
