"""Who hears what becomes of an outside number that was dialled, by what it was dialled for.

A module that dials has a ``Purpose`` and a ``Listener``, and one line in ``LISTENERS``.
"""

from collections.abc import Callable
from typing import NamedTuple

from acd.core import outbound
from acd.core.entities import Call, Dial, Leg, LegEnd
from acd.core.ids import Purpose
from acd.core.state import State


class Listener(NamedTuple):
    """What follows for whoever dialled.  ``ended`` comes once for each dial, when its last leg is
    gone: ``dial.result`` says how it ended, and ``ANSWERED`` means that the far side, after an
    answer, is gone now.  ``digit`` is a key pressed at the far telephone."""

    rang: Callable[[State, Dial], None]
    answered: Callable[[State, Dial], None]
    ended: Callable[[State, Call, Dial, LegEnd], None]
    digit: Callable[[State, Dial, str], None]


LISTENERS: dict[Purpose, Listener] = {}


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
    if outbound.leg_gone(s, call, dial, end):
        LISTENERS[dial.purpose].ended(s, call, dial, end)


def digit_pressed(s: State, leg: Leg, digit: str) -> None:
    """A key has been pressed at the far telephone."""
    dial = _of(s, leg)
    LISTENERS[dial.purpose].digit(s, dial, digit)


def _of(s: State, leg: Leg) -> Dial:
    assert leg.dial is not None
    return s.dials[leg.dial]
