"""Whether anything comes from callers at all, where nobody judges what it is.

A terminal that loses its power in the middle of a call sends no BYE, and a line that is held open
for as long as it takes has no timer that would find it out (``rtp_timeout`` ends calls).  So
Asterisk is asked how many packets have come.  A telephone that sends none while it is quiet gives
the same, and what it means is the core's and people's to say.
"""

import asyncio
from collections.abc import Awaitable, Callable

from acd.adapters.done import DONE
from acd.core.commands import ListenTo, StopListening
from acd.core.events import CallerHeard, Heard
from acd.core.ids import CallId, LegId

LOOK_SECONDS = 5.0
"""Between two looks at each leg: one that went dead is known after one to two."""

PAUSE_SECONDS_MIN = 0.05
"""Between two requests: with more than a hundred legs each is looked at less often."""

Count = Callable[[LegId], Awaitable[int | None]]


class Pulse:
    """Stands where a judge would (``listening.Listens``)."""

    def __init__(
        self,
        count: Count,
        tell: Callable[[CallerHeard], None],
        *,
        concerns: Callable[[CallId], bool],
    ) -> None:
        """``count`` returns how many packets have come from a leg, None when nobody knows.
        ``concerns`` tells in which calls it matters: on a line that may be let go no packet is no
        silence."""
        self._count = count
        self._tell = tell
        self._concerns = concerns
        self._seen: dict[LegId, int | None] = {}
        """How many had come at the last look; None before the first."""
        self._dead: set[LegId] = set()

    def perform(self, command: ListenTo | StopListening) -> Awaitable[None]:
        """Begin or end to look at a leg."""
        if isinstance(command, StopListening):
            self.gone(command.leg)
        elif self._concerns(command.call):
            self._seen.setdefault(command.leg, None)
        return DONE

    def gone(self, leg: LegId) -> None:
        """A leg has ended."""
        self._seen.pop(leg, None)
        self._dead.discard(leg)

    async def run(self) -> None:
        """Look at all of them, one after the other, for as long as this lasts."""
        while True:
            legs = list(self._seen)
            for leg in legs:
                await asyncio.sleep(max(LOOK_SECONDS / len(legs), PAUSE_SECONDS_MIN))
                await self.look_at(leg)
            if not legs:
                await asyncio.sleep(LOOK_SECONDS)

    async def look_at(self, leg: LegId) -> None:
        """Tell when no packet has come since the last look, and when they come again."""
        came = await self._count(leg) if leg in self._seen else None
        if came is None or leg not in self._seen:
            return
        before, self._seen[leg] = self._seen[leg], came
        if came == before and leg not in self._dead:
            self._dead.add(leg)
            self._tell(CallerHeard(leg, Heard.NO_RTP))
        elif came != before and leg in self._dead:
            self._dead.remove(leg)
            self._tell(CallerHeard(leg, Heard.PACKETS))
