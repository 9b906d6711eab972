"""Busy tone: how the line of whoever was served is let go.

A terminal clears by busy tone (T25), so it hears one before its line is ended, whoever has called
whom.  Any other telephone is let go at once.
"""

from acd.core.call_control import speech
from acd.core.commands import Release
from acd.core.directory import EntryKind
from acd.core.entities import Call
from acd.core.facts import CallReleased
from acd.core.ids import AgentId, CallId
from acd.core.moves import hang_up
from acd.core.state import State

BUSY_TONE_MS = 10_000
"""A terminal has cleared by then, or never will."""


def let_go(s: State, call: Call, agent: AgentId | None) -> None:
    """End the far end's line, which is up; ``agent`` was the last who was with them."""
    tone = _clears_by_it(call)
    s.emit(
        CallReleased(
            at_ms=s.now, call=call.id, arrived_ms=call.arrived_ms, agent=agent, busy_tone=tone
        )
    )
    leg = s.legs[call.caller_leg]
    if tone:
        speech.busy(s, call, leg)
        s.timers.set(("release", call.id), s.now + BUSY_TONE_MS)
    else:
        hang_up(s, leg, Release.NORMAL)


def over(s: State, key: CallId) -> None:
    """The terminal has not cleared by itself."""
    call = s.calls[key]
    leg = s.legs.get(call.caller_leg)
    if leg is not None:
        hang_up(s, leg, Release.NORMAL)


def _clears_by_it(call: Call) -> bool:
    """Tell whether a terminal is at the other end: a known one, or an emergency from a line that
    nobody knows.  A contact has a telephone."""
    is_contact = call.placed is not None and call.placed.is_contact
    return call.terminal is not None or (call.kind is EntryKind.EMERGENCY and not is_contact)
