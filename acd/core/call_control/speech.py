"""Speech: what the system says to one leg during a conversation.

A leg that is spoken to hears nothing else and is not heard: Asterisk takes it out of its room for
so long.  So what is said in a conversation is short, and a leg is never moved before its prompt
has ended or been stopped.
"""

from acd.core.commands import Play, PlayTone, StopPlay
from acd.core.emergency import witness
from acd.core.entities import Call, Leg
from acd.core.state import State

RING_BACK = ("tone:ring",)
"""What an agent hears while a number rings: 1 s on, 4 s off."""

BUSY_TONE = ("tone:busy",)
"""What busy tone is called where it is told what somebody heard."""

SPEECH_MS_MAX = 15_000
"""A prompt whose end has not been reported by then is cut off."""

TONE = "tone:"
TONE_MS_MAX = 60_000
"""A tone has no end but ours, and whoever hears it hears nobody else: nobody lets a number ring for
so long (``outbound.DIAL_MS_MAX``)."""


def say(s: State, call: Call, leg: Leg, prompts: tuple[str, ...]) -> None:
    """Say something to a leg, instead of what is being said; to one that is being moved, as soon as
    it is there.  A prompt that meets the move is lost in Asterisk (seen on 22.10)."""
    hush(s, call, leg)
    if leg.ended_by_us or not prompts:
        return
    limit_ms = TONE_MS_MAX if prompts[0].startswith(TONE) else SPEECH_MS_MAX
    s.timers.set(("speech", leg.id), s.now + limit_ms)
    if leg.wanted != leg.room:
        leg.to_say = prompts
    else:
        _play(s, call, leg, prompts)


def arrived(s: State, call: Call, leg: Leg) -> None:
    """The leg is where it is wanted: say what has waited for that."""
    prompts, leg.to_say = leg.to_say, ()
    if prompts:
        _play(s, call, leg, prompts)


def is_speaking(leg: Leg) -> bool:
    """Tell whether something is being said to the leg, or is about to be."""
    return leg.speech is not None or bool(leg.to_say)


def _play(s: State, call: Call, leg: Leg, prompts: tuple[str, ...]) -> None:
    leg.speech = s.new_playback_id(call.node, call.id)
    leg.is_ringing_back = prompts == RING_BACK
    s.emit(Play(call.id, leg.id, leg.speech, prompts))
    witness.prompted(s, call, leg, prompts)


def busy(s: State, call: Call, leg: Leg) -> None:
    """Let a leg hear busy tone until its line is ended."""
    hush(s, call, leg)
    leg.speech = s.new_playback_id(call.node, call.id)
    s.emit(PlayTone(call.id, leg.id, leg.speech))
    witness.prompted(s, call, leg, BUSY_TONE)


def hush(s: State, call: Call, leg: Leg) -> None:
    """Stop what is being said to a leg."""
    if leg.speech is not None:
        s.emit(StopPlay(call.id, leg.speech))
    over(s, leg)


def interrupt(s: State, call: Call, leg: Leg) -> None:
    """Stop what a leg hears: it is still to be moved.  What waits for its arrival is said there."""
    if leg.speech is not None:
        hush(s, call, leg)


def over(s: State, leg: Leg) -> None:
    """What was said has been heard, or is let go."""
    if not is_speaking(leg):
        return
    if leg.speech is not None:
        s.playbacks.pop(leg.speech, None)
        leg.speech = None
        call = s.calls.get(leg.call)
        if call is not None and call.playback is not None:
            s.touched[call] = None  # what lay under it is what the leg hears now
        leg.is_ringing_back = False
    leg.to_say = ()
    s.timers.cancel(("speech", leg.id))
