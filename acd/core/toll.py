"""Toll: which outside numbers somebody may choose themselves, and how many at once (X11).

A stolen account or token earns money by calls abroad and to paid services, many at a time.  So an
agent does not choose such a number; a supervisor may, and whoever is known to the call (the caller,
the elder's contacts) is called for anybody.  What the switch calls by itself is not chosen.
110, 119 and 120 never come here: nothing may stand between a person and rescue.
"""

import re
from collections.abc import Iterable

from acd.core import directory, outbound
from acd.core.entities import Call
from acd.core.ids import AgentId, Purpose
from acd.core.outbound import NotDialled
from acd.core.replies import Refusal
from acd.core.state import State

AT_ONCE_MAX = 3
"""A caller given to an outside number and one who is being asked: three is more than the work
needs, and a fraud wants dozens."""

CHOSEN = frozenset({Purpose("placed"), Purpose("transfer")})
"""Dials whose number somebody has chosen; rescue services and contacts are not among them."""

# Abroad (numbers.py), and the paid information services 160 and 168 with what follows them.
_COSTLY = re.compile(r"00.*|16[08][0-9]{2,}")


def refused(
    s: State, written: str, *, by: AgentId | None, known: Iterable[str | None] = ()
) -> NotDialled | None:
    """Return why a number that ``by`` has chosen is not dialled, None when it may be or is none.

    ``by`` None is a person whom the switch does not know; ``known`` are numbers of the call.
    """
    if by is not None and _chosen(s, by) >= AT_ONCE_MAX:
        sentence = f"Agent {by} has {AT_ONCE_MAX} outside numbers on the line already."
        return NotDialled(Refusal.TOO_MANY_AT_ONCE, sentence)
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


def known_to(call: Call) -> tuple[str | None, ...]:
    """Return the numbers that belong to a call: its far end's and the elder's contacts'."""
    return (call.caller, *(contact.number for contact in call.contacts))


def _chosen(s: State, agent: AgentId) -> int:
    return sum(dial.person == agent and dial.purpose in CHOSEN for dial in s.dials.values())
