"""Messages: a caller speaks after the beep instead of waiting, and a person answers in time (V03).

The message is recorded on the caller's own leg, in no room.  It ends with #, with silence, at its
longest, or when the caller hangs up: that too has left a message.  What is too short to be one is
asked for again, once.  Where nothing can be recorded the caller is told so and owed a call (V14).
"""

from acd.core.commands import LeaveRoom, RecordLeg, StopRecording
from acd.core.entities import Call, Topic
from acd.core.facts import Outcome, ReplyKind
from acd.core.follow_up import promises
from acd.core.ids import local_part
from acd.core.moves import leave_room
from acd.core.self_service import dialogue
from acd.core.state import State

ASK = ("caller-leave-message", "beep")
TAKEN = "caller-message-taken"
EMPTY = "caller-message-empty"
APOLOGY = "caller-apology-owed"
GOODBYE = "caller-goodbye"

PROMPTS = (*ASK, TAKEN, EMPTY, APOLOGY, GOODBYE)

MESSAGE_MS_MAX = 180_000
SILENCE_MS = 5_000
"""So long a pause is the end; old people think before they go on."""

MESSAGE_MS_MIN = 1_500
"""Less is a breath and a hang-up."""

TRIES_MAX = 2
MARGIN_MS = 5_000
"""A recording whose end is not reported by then is taken to have ended."""


def ask(s: State, call: Call) -> None:
    """Ask for a message; it is recorded once the beep has been heard."""
    leg = s.legs[call.caller_leg]
    if leg.room is not None:
        # Asterisk records no leg that is in a room.
        s.emit(LeaveRoom(call.id, leg.room, leg.id))
        leave_room(s, leg)
        leg.wanted = None
    dialogue.ask(s, call, Topic.MESSAGE, ASK, answer_ms=0)


def answered(s: State, call: Call) -> None:
    """The beep has been heard, or a key has cut it short."""
    asked = call.dialogue
    assert asked is not None
    asked.recording = s.new_recording_id(call.node, call.id)
    asked.recording_since_ms = s.now
    s.emit(
        RecordLeg(
            call=call.id,
            leg=call.caller_leg,
            recording=asked.recording,
            ms_max=MESSAGE_MS_MAX,
            silence_ms=SILENCE_MS,
        )
    )
    dialogue.record(s, call, MESSAGE_MS_MAX + MARGIN_MS)


def ended(s: State, call: Call, *, failed: bool) -> None:
    """The recording is over: thank for it, ask again, or apologise."""
    if failed:
        _apologise(s, call)
    elif _taken(s, call):
        words = (TAKEN, *promises.within(s, call), GOODBYE, *call.closing)
        dialogue.close(s, call, words)
    else:
        _ask_again(s, call)


def timed_out(s: State, call: Call) -> None:
    """Its end was never reported."""
    assert call.dialogue is not None and call.dialogue.recording is not None
    s.emit(StopRecording(call.id, call.dialogue.recording))
    ended(s, call, failed=False)


def caller_left(s: State, call: Call) -> None:
    """The caller has hung up while speaking: what was said so far is the message."""
    if call.dialogue is not None and call.dialogue.recording is not None:
        _taken(s, call)


def _taken(s: State, call: Call) -> bool:
    """Write the message down, if it is one."""
    asked = call.dialogue
    assert asked is not None and asked.recording is not None
    length_ms = s.now - asked.recording_since_ms
    recording, asked.recording = asked.recording, None
    s.recordings.pop(recording, None)
    if length_ms < MESSAGE_MS_MIN:
        return False
    call.outcome = call.outcome or Outcome.VOICEMAIL
    promises.owe(
        s,
        call,
        ReplyKind.MESSAGE,
        recording=f"{local_part(recording)}.wav",
        message_ms=length_ms,
    )
    return True


def _ask_again(s: State, call: Call) -> None:
    asked = call.dialogue
    assert asked is not None
    asked.tries += 1
    if asked.tries < TRIES_MAX:
        dialogue.ask(s, call, Topic.MESSAGE, (EMPTY, *ASK), answer_ms=0)
    else:
        dialogue.close(s, call, (GOODBYE, *call.closing))


def _apologise(s: State, call: Call) -> None:
    assert call.dialogue is not None
    if call.dialogue.recording is not None:
        s.recordings.pop(call.dialogue.recording, None)
        call.dialogue.recording = None
    call.outcome = call.outcome or Outcome.CALLBACK
    promises.owe(s, call, ReplyKind.CALLBACK, about="message could not be recorded")
    dialogue.close(s, call, (APOLOGY, *promises.within(s, call)))
