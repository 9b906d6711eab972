"""Toll: which outside numbers somebody may choose themselves, and how many at once (X11).

A stolen account or token earns money by calls abroad and to paid services, many at a time.  So an
agent does not choose such a number; a supervisor may, and whoever is known to the call (the caller,
the elder's contacts) is called for anybody.  What the switch calls by itself is not chosen.
110, 119 and 120 never come here: nothing may stand between a person and rescue.

What has been chosen may cost so many minutes within a day, over all agents (``spending``).  At the
ceiling nothing is cut, and whoever is cared for is called on: numbers of a call, of something owed,
and all that an emergency asks for.
"""

import re
from collections.abc import Iterable

from acd.core import directory
from acd.core.entities import Call
from acd.core.ids import AgentId
from acd.core.outside import outbound
from acd.core.outside.outbound import NotDialled
from acd.core.outside.spending import CHOSEN, is_spent
from acd.core.replies import Refusal
from acd.core.state import State

AT_ONCE_MAX = 3
"""A caller given to an outside number and one who is being asked: three is more than the work
needs, and a fraud wants dozens."""

# Abroad (numbers.py), and the paid information services 160 and 168 with what follows them.
_COSTLY = re.compile(r"00.*|16[08][0-9]{2,}")


def refused(
    s: State,
    written: str,
    *,
    by: AgentId | None,
    known: Iterable[str | None] = (),
    call: Call | None = None,
) -> NotDialled | None:
    """Return why a number that ``by`` has chosen is not dialled, None when it may be or is none.

    ``by`` None is a person whom the switch does not know; ``known`` are numbers of the ``call`` for
    which it is dialled; what an emergency costs nobody asks.
    """
    if by is not None and _chosen(s, by) >= AT_ONCE_MAX:
        sentence = f"Agent {by} has {AT_ONCE_MAX} outside numbers on the line already."
        return NotDialled(Refusal.TOO_MANY_AT_ONCE, sentence)
    free = by is None or (call is not None and _is_emergency(call))
    if not free and is_spent(s) and not _is_ours(s, written, known):
        sentence = "Outside calls have cost a day's minutes; only who is cared for may be called."
        return NotDialled(Refusal.COST_CEILING, sentence)
    return costly(s, written, by=by, known=known)


def costly(
    s: State, written: str, *, by: AgentId | None, known: Iterable[str | None] = ()
) -> NotDialled | None:
    """The same, however many there are: in an emergency nobody counts."""
    number = outbound.form(s, written)
    if number is None or not _COSTLY.fullmatch(number) or number in known:
        return None
    agent = None if by is None else s.agents.get(by)
    if agent is not None and agent.profile.role is directory.Role.SUPERVISOR:
        return None
    sentence = f"{number} is abroad or a paid service: a supervisor may call it."
    return NotDialled(Refusal.TOLL_NUMBER, sentence)


def _is_emergency(call: Call) -> bool:
    return call.kind is directory.EntryKind.EMERGENCY or call.scene is not None


def _is_ours(s: State, written: str, known: Iterable[str | None]) -> bool:
    """Tell whether a number belongs to a call, to an open case or to something owed: those are
    called whatever it costs."""
    number = outbound.form(s, written)
    if number is None or number in known:
        return number is not None
    return any(owed.number == number for owed in s.obligations.values()) or any(
        number in known_to(call) for call in s.calls.values()
    )


def known_to(call: Call) -> tuple[str | None, ...]:
    """Return the numbers that belong to a call: its far end's and the elder's contacts'."""
    return (call.caller, *(contact.number for contact in call.contacts))


def _chosen(s: State, agent: AgentId) -> int:
    return sum(dial.person == agent and dial.purpose in CHOSEN for dial in s.dials.values())
