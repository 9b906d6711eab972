"""Asking whoever picks up: who has called, and a key to press (C17).

A voicemail box presses nothing, and whoever picks up by mistake does not press 1.
"""

from acd.core import spoken
from acd.core.call_control import speech
from acd.core.entities import Call, Dial
from acd.core.state import State

ASK_MS = 20_000
"""From the pick-up to the key; the announcement takes some ten seconds."""

ANNOUNCEMENT = ("contact-emergency-for",)
REQUEST = ("contact-press-one",)
PROMPTS = (*ANNOUNCEMENT, *REQUEST)
"""Every prompt this module asks for."""

ACCEPT_KEY, LEAVE_KEY = "1", "2"


def ask(s: State, call: Call, dial: Dial, about: str | None) -> None:
    """Tell whoever has picked up whose number it is about, and what to press."""
    words = (*ANNOUNCEMENT, *spoken.digits(about or ""), *REQUEST)
    speech.say(s, call, s.legs[dial.leg], words)
    s.timers.set(("asked", dial.id), s.now + ASK_MS)


def heard(s: State, call: Call, dial: Dial, digit: str) -> bool | None:
    """Tell whether they can help; None when the key says nothing of it."""
    if digit not in (ACCEPT_KEY, LEAVE_KEY):
        s.ignored("a key of an outside party", f"{dial.id} {digit}")
        return None
    s.timers.cancel(("asked", dial.id))
    speech.hush(s, call, s.legs[dial.leg])
    return digit == ACCEPT_KEY
