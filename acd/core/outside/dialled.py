"""Who hears what becomes of an outside number that was dialled, by what it was dialled for.

A module that dials has a ``Purpose`` and an ``outbound.Listener``, and one line in ``LISTENERS``.
"""

from acd.core.entities import Call, Dial, Leg, LegEnd
from acd.core.ids import Purpose
from acd.core.outside import outbound, placed, placing
from acd.core.outside.outbound import Listener as Listener
from acd.core.state import State

LISTENERS: dict[Purpose, Listener] = {
    placing.PLACED: placed.LISTENER,
}


def leg_rang(s: State, leg: Leg) -> None:
    """The number rings."""
    dial = _of(s, leg)
    if outbound.rang(s, dial):
        LISTENERS[dial.purpose].rang(s, dial)


def leg_answered(s: State, leg: Leg) -> None:
    """Somebody has picked up."""
    dial = _of(s, leg)
    if outbound.answered(s, dial):
        LISTENERS[dial.purpose].answered(s, dial)


def leg_gone(s: State, call: Call, leg: Leg, end: LegEnd) -> None:
    """The leg is gone: on to the next trunk, or the dial is over."""
    dial = _of(s, leg)
    dial.was_joined = leg.joined_ms is not None
    if outbound.leg_gone(s, call, dial, end):
        LISTENERS[dial.purpose].ended(s, call, dial, end)
    else:
        LISTENERS[dial.purpose].moved(s, dial)


def digit_pressed(s: State, leg: Leg, digit: str) -> None:
    """A key has been pressed at the far telephone."""
    dial = _of(s, leg)
    LISTENERS[dial.purpose].digit(s, dial, digit)


def _of(s: State, leg: Leg) -> Dial:
    assert leg.dial is not None
    return s.dials[leg.dial]
