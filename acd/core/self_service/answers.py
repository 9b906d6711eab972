"""Self-service: which module a caller's answer to the machine belongs to.

Keys, ends of prompts and recordings, and the clock of a dialogue come in here; what they mean
depends on what was asked.
"""

from collections.abc import Callable

from acd.core import calls
from acd.core.entities import Call, Topic
from acd.core.events import MessageEnded
from acd.core.facts import Outcome
from acd.core.ids import CallId, PlaybackId
from acd.core.queueing import treatment
from acd.core.self_service import callback, dialogue, menu, message, rating
from acd.core.state import State
from acd.core.tables import CallState, DialogueState

_ANSWERED: dict[Topic, Callable[[State, Call], None]] = {
    Topic.MENU: menu.answered,
    Topic.MESSAGE: message.answered,
    Topic.NUMBER_RIGHT: callback.number_right,
    Topic.NUMBER: callback.number_given,
    Topic.RATING: rating.answered,
    Topic.GOODBYE: lambda s, call: _goodbye_heard(s, call),
}


def digit(s: State, call: Call, key: str) -> bool:
    """Take a caller's key; return whether it meant anything here."""
    if call.dialogue is not None:
        if dialogue.key(s, call, key):
            _ANSWERED[call.dialogue.topic](s, call)
        return True
    in_line = call.state in (CallState.WAITING, CallState.OFFERING)
    if in_line and call.callback_offered and key == callback.OFFER_KEY:
        callback.wanted(s, call)
        return True
    return False


def prompt_over(s: State, call: Call, playback: PlaybackId) -> None:
    """Something said to the caller has been heard, or was stopped."""
    if call.dialogue is None:
        treatment.over(s, call, playback)
        return
    dialogue.over(s, call, playback)
    _go_on(s, call)


def play_failed(s: State, call: Call) -> None:
    """Something could not be said: go on as if it had been, for silence helps nobody."""
    if call.dialogue is None or call.playback is None:
        treatment.play_failed(s, call)
        return
    s.ignored("Play failed", call.id)
    s.playbacks.pop(call.playback, None)
    prompt_over(s, call, call.playback)


def timed_out(s: State, key: CallId) -> None:
    """No answer has come in time."""
    call = s.calls[key]
    assert call.dialogue is not None
    was = call.dialogue.state
    answered = dialogue.timed_out(s, call)
    if was is DialogueState.RECORDING:
        message.timed_out(s, call)
    elif answered:
        _ANSWERED[call.dialogue.topic](s, call)
    else:
        _go_on(s, call)


def recording_failed(s: State, call: Call) -> None:
    """Asterisk would not record: a full disk, a folder that is not there."""
    recording = None if call.dialogue is None else call.dialogue.recording
    if recording is None:
        s.ignored("RecordLeg failed", call.id)
    else:
        recording_ended(s, MessageEnded(recording, failed=True))


def recording_ended(s: State, event: MessageEnded) -> None:
    """A message is over, or could not be recorded."""
    key = s.recordings.pop(event.recording, None)
    call = None if key is None else s.calls.get(key)
    if call is None or call.dialogue is None or call.dialogue.recording != event.recording:
        s.ignored("end of a recording that was let go", event.recording)
    elif dialogue.recording_ended(s, call):
        message.ended(s, call, failed=event.failed)


def caller_left(s: State, call: Call) -> None:
    """The caller has hung up in the middle of it: that too may be an outcome."""
    message.caller_left(s, call)
    if call.outcome is None and call.dialogue is not None and call.served:
        call.outcome = Outcome.SELF_SERVED
    dialogue.drop(s, call)


def _go_on(s: State, call: Call) -> None:
    """What waits for no answer goes on at once: a message after its beep, a release after the
    goodbye."""
    asked = call.dialogue
    if asked is None or call.playback is not None:
        return
    if asked.topic is Topic.GOODBYE and asked.state is DialogueState.ENDED:
        _goodbye_heard(s, call)
    elif asked.topic is Topic.MESSAGE and asked.state is DialogueState.LISTENING:
        s.timers.cancel(("dialogue", call.id))
        message.answered(s, call)


def _goodbye_heard(s: State, call: Call) -> None:
    dialogue.drop(s, call)
    calls.release(s, call, None)
