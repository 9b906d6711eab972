"""Who the dialplan rings when we are away (T18, X14): a list in Asterisk's own database.

`dialplan/extensions.conf` reads it when `Stasis()` finds nobody; it outlives both sides.  It holds
the phones of whoever is logged in, those of emergency queues first and never the robot of the
synthetic call, which would answer a caller in need.  It is written when somebody logs in or out,
some moments later so that a change of shift is one write, and anew with each AMI link, since a
write may have been lost with the last one.  A list of nobody is never written: after a restart, and
after the last log-out, the phones of before are better than an apology.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from acd.adapters.asterisk import AsteriskError
from acd.core import views
from acd.core.directory import EntryKind
from acd.core.facts import AgentStateChanged, Fact
from acd.core.ids import PhoneId
from acd.core.state import State
from acd.core.tables import AgentState
from acd.runtime.logs import logger

log = logger(__name__)

GATHER_S = 0.5
"""Log-ins of one moment are one write."""


def phones_of(s: State) -> tuple[PhoneId, ...]:
    """Return the phones to ring natively, in order; how many of them a node rings is its own."""
    emergency = {entry.queue for entry in s.entries.values() if entry.kind is EntryKind.EMERGENCY}
    first: dict[PhoneId, None] = {}
    others: dict[PhoneId, None] = {}
    proofs = views.proof_queues(s)
    for agent in s.agents.values():
        phone = s.ringing_phone(agent)
        if agent.state is AgentState.LOGGED_OUT or phone is None:
            continue
        if any(queue in emergency for queue in agent.queues):
            first[phone.id] = None
        elif agent.queues and not views.is_robot(agent, proofs):
            others[phone.id] = None
    return (*first, *others)


class FallbackList:
    """A sink of the driver; ``keep`` does the writing."""

    wants = frozenset({AgentStateChanged})

    def __init__(self, state: State, write: Callable[[Sequence[PhoneId]], Awaitable[None]]) -> None:
        """``write`` puts the list into Asterisk; it may raise an ``AsteriskError``."""
        self._state = state
        self._write = write
        self._changed = asyncio.Event()
        self._written: tuple[PhoneId, ...] | None = None

    def decided(self, fact: Fact) -> None:
        """Look at who has logged in or out."""
        if isinstance(fact, AgentStateChanged) and AgentState.LOGGED_OUT in (fact.was, fact.now):
            self._changed.set()

    def again(self) -> None:
        """What stands in Asterisk is not known any more: write the list whatever it is."""
        self._written = None
        self._changed.set()

    def due(self) -> tuple[PhoneId, ...]:
        """Return the list to write now; empty when there is nothing to write."""
        phones = phones_of(self._state)
        return () if phones == self._written else phones

    async def keep(self) -> None:
        """Write until cancelled."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(GATHER_S)
            self._changed.clear()
            phones = self.due()
            if not phones:
                continue
            try:
                await self._write(phones)
                self._written = phones
            except AsteriskError as error:
                # The next AMI link writes it; until then the list of before is rung.
                log.warning("The fallback list could not be written.", why=str(error))
