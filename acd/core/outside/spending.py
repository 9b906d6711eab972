"""How long outside numbers that somebody chose have been on the line within a day: what it costs.

Counted by the hour in which a conversation ended, over the last 24 of them, so that nothing happens
at midnight.  Whose number was chosen, and what is refused at the ceiling, ``toll`` says.
"""

from acd.core.entities import Dial
from acd.core.events import SpendingDefined
from acd.core.ids import Purpose
from acd.core.state import State

CHOSEN = frozenset({Purpose("placed"), Purpose("transfer")})
"""Dials whose number somebody has chosen; rescue services and contacts are not among them."""

HOUR_MS = 3_600_000
HOURS = 24


def defined(s: State, event: SpendingDefined) -> None:
    """So much may be spent, and so much has been, by the record of the life before."""
    s.spending.ceiling_ms = event.ceiling_ms
    for hour, spent_ms in event.spent:
        s.spending.by_hour[hour] = s.spending.by_hour.get(hour, 0) + spent_ms


def is_counted(dial: Dial) -> bool:
    return dial.person is not None and dial.purpose in CHOSEN


def over(s: State, dial: Dial) -> None:
    """A dial is followed no more: what it has cost is known."""
    if dial.answered_ms is None or not is_counted(dial):
        return
    hour = s.now // HOUR_MS
    by_hour = s.spending.by_hour
    by_hour[hour] = by_hour.get(hour, 0) + s.now - dial.answered_ms
    for old in [one for one in by_hour if one <= hour - HOURS]:
        del by_hour[old]


def spent_ms(s: State, now_ms: int) -> int:
    """Return what the last 24 hours have cost, conversations that go on included."""
    hour = now_ms // HOUR_MS
    ended = sum(ms for one, ms in s.spending.by_hour.items() if one > hour - HOURS)
    going_on = sum(
        max(0, now_ms - dial.answered_ms)
        for dial in s.dials.values()
        if dial.answered_ms is not None and is_counted(dial)
    )
    return ended + going_on


def is_spent(s: State) -> bool:
    """Tell whether the ceiling is reached; False where there is none."""
    ceiling_ms = s.spending.ceiling_ms
    return ceiling_ms is not None and spent_ms(s, s.now) >= ceiling_ms
