"""Dialogues: the machine asks a caller something, and they answer by keys or speak a message.

One question at a time.  A key is heard while the question is still being said and stops it
(barge-in); a single key answers at once, a number ends with # or when no further digit comes.  A
question whose end is never reported counts as heard after a while, and no caller is kept by a
prompt that cannot be played.  What the answer means is said by the module of its topic, see
``answers``; a call is in at most one dialogue, and an agent's answer ends it.
"""

from acd.core.entities import Call, Dialogue, Topic
from acd.core.ids import PlaybackId
from acd.core.queueing import treatment
from acd.core.state import State
from acd.core.tables import DIALOGUE, DialogueMove, DialogueState, Ignore

PROMPT_MS_MAX = 60_000
"""Recorded information may be long; nothing that is said is longer than this."""

INTERDIGIT_MS = 4_000
"""Between two digits of a number old fingers take their time."""

NUMBER_END = "#"


def begin(s: State, call: Call) -> Dialogue:
    """The machine turns to the caller."""
    dialogue = call.dialogue = Dialogue(state=DialogueState.LISTENING)
    s.touched[call] = None
    return dialogue


def ask(
    s: State, call: Call, topic: Topic, prompts: tuple[str, ...], *, answer_ms: int, keys: int = 1
) -> None:
    """Say a question whose answer has so many digits at the most, and wait so long for the
    first."""
    dialogue = _of(call)
    if _move(s, call, DialogueMove.ASKED):
        dialogue.topic = topic
        dialogue.digits = ""
        dialogue.keys_max = keys
        dialogue.answer_ms = answer_ms
        treatment.say(s, call, prompts)
        s.timers.set(("dialogue", call.id), s.now + PROMPT_MS_MAX)


def close(s: State, call: Call, prompts: tuple[str, ...]) -> None:
    """Say goodbye; ``over`` and ``timed_out`` tell when it has been heard."""
    if _move(s, call, DialogueMove.CLOSED):
        _of(call).topic = Topic.GOODBYE
        treatment.say(s, call, prompts)
        s.timers.set(("dialogue", call.id), s.now + PROMPT_MS_MAX)


def drop(s: State, call: Call) -> None:
    """The dialogue is over, whatever it was about: an agent is there, or the caller is gone."""
    if call.dialogue is not None:
        s.timers.cancel(("dialogue", call.id))
        call.dialogue = None
        s.touched[call] = None


def key(s: State, call: Call, digit: str) -> bool:
    """Take a key; return whether the question is answered now."""
    if not _move(s, call, DialogueMove.KEY):
        return False
    dialogue = _of(call)
    treatment.hush(s, call)
    if dialogue.keys_max == 1:
        dialogue.digits = digit
        return _answered(s, call)
    if digit == NUMBER_END:
        return _answered(s, call)
    dialogue.digits += digit
    if len(dialogue.digits) >= dialogue.keys_max:
        return _answered(s, call)
    s.timers.set(("dialogue", call.id), s.now + INTERDIGIT_MS)
    return False


def over(s: State, call: Call, playback: PlaybackId) -> None:
    """Something has been heard to its end: from now on the time for an answer runs."""
    if call.playback == playback:
        call.playback = None
        if _move(s, call, DialogueMove.HEARD):
            s.timers.set(("dialogue", call.id), s.now + _of(call).answer_ms)


def timed_out(s: State, call: Call) -> bool:
    """Nothing has come; return whether the question counts as answered, with what was pressed."""
    was = _of(call).state
    if not _move(s, call, DialogueMove.TIMED_OUT):
        return False
    if was is DialogueState.ASKING:
        treatment.hush(s, call)
        s.timers.set(("dialogue", call.id), s.now + _of(call).answer_ms)
        return False
    return _answered(s, call)


def record(s: State, call: Call, limit_ms: int) -> None:
    """The caller's message is being recorded, for so long at the most."""
    if _move(s, call, DialogueMove.RECORDED):
        s.timers.set(("dialogue", call.id), s.now + limit_ms)


def recording_ended(s: State, call: Call) -> bool:
    """The message is over; return whether one was being recorded."""
    if not _move(s, call, DialogueMove.RECORDING_ENDED):
        return False
    return _answered(s, call)


def _answered(s: State, call: Call) -> bool:
    s.timers.cancel(("dialogue", call.id))
    return True


def _of(call: Call) -> Dialogue:
    assert call.dialogue is not None
    return call.dialogue


def _move(s: State, call: Call, what: DialogueMove) -> bool:
    dialogue = _of(call)
    state = DIALOGUE.after(dialogue.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, call.id)
        return False
    dialogue.state = state
    s.touched[call] = None
    return True
