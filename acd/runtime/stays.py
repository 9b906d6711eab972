"""Callers whom the dialplan alone has served get the records of any other call (T18, X14, K04).

The dialplan writes each caller's stay into Asterisk's own database, which outlives both; here it is
read, every few seconds and first of all at a start, and told to the core.  An entry is taken away
when PostgreSQL has the call with its end, and not before: whatever dies in between, the call has
one record.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from acd.adapters.asterisk import AsteriskError
from acd.adapters.asterisk.stays import Stay
from acd.adapters.postgres.errors import DatabaseError
from acd.core.events import Event, FallbackEnded
from acd.core.ids import CallId, LegId
from acd.core.resync.recovery import fallback_call
from acd.core.state import State
from acd.runtime.intake import Intake
from acd.runtime.logs import logger

log = logger(__name__)

EVERY_S = 3.0


class Stays:
    """Reads what the dialplan has written, until cancelled."""

    def __init__(
        self,
        *,
        first: Callable[[], Awaitable[list[Stay]]],
        read: Callable[[], Awaitable[list[Stay]]],
        forget: Callable[[Stay], Awaitable[None]],
        has_ended: Callable[[str], Awaitable[bool]],
        known_as: Callable[[LegId], CallId | None],
        intake: Intake,
        put: Callable[[Event], None],
    ) -> None:
        """``first`` reads those that are over, and needs no link; ``has_ended`` tells whether
        PostgreSQL has this call with its end, ``known_as`` which call of ours a leg belongs to."""
        self._first = first
        self._read = read
        self._forget = forget
        self._has_ended = has_ended
        self._known_as = known_as
        self._intake = intake
        self._put = put
        self._told: set[str] = set()
        self._doubts: set[str] = set()
        self._names: dict[str, set[CallId]] = {}
        """By entry: the ids under which its call may be in the record."""

    async def keep(self) -> None:
        """Look every so often."""
        while True:
            await self._look(self._read)
            await asyncio.sleep(EVERY_S)

    async def begin(self) -> None:
        """Tell of those who came and went while nobody served, before Asterisk tells who is there:
        a call that went on in the fallback has not just ended unseen."""
        await self._look(self._first)

    async def _look(self, read: Callable[[], Awaitable[list[Stay]]]) -> None:
        try:
            await self._tell(await read())
        except (AsteriskError, DatabaseError, msgspec.DecodeError) as error:
            # What could not be read or taken away now is so next time.
            log.info("Who was in the fallback could not be read.", why=str(error))

    async def _tell(self, found: list[Stay]) -> None:
        """Tell of each stay once, and take those away that are in the record."""
        doubts, self._doubts = self._doubts, set()
        written = []
        for stay in found:
            if not stay.is_over and stay.key not in doubts:
                self._doubts.add(stay.key)  # its end may just be being written
                continue
            if await self._is_written(stay):
                written.append(stay)
            elif stay.key not in self._told:
                self._told.add(stay.key)
                self._put(self._event(stay))
        for stay in written:  # last of all: at a start there is no link for it yet
            await self._forget(stay)
            self._told.discard(stay.key)
            del self._names[stay.key]

    async def _is_written(self, stay: Stay) -> bool:
        """Whether PostgreSQL has the call, under whatever id.  A call that went to the fallback
        before its channel could bear a memo has one that its entry does not tell."""
        leg, memo = stay.arrival.leg, stay.arrival.memo
        names = self._names.setdefault(stay.key, set())
        names.add(fallback_call(leg) if memo is None else memo.call)
        known = self._known_as(leg)
        if known is not None:
            names.add(known)
        for name in sorted(names):
            if await self._has_ended(name):
                return True
        return False

    def _event(self, stay: Stay) -> FallbackEnded:
        return FallbackEnded(
            arrival=self._intake.call_of(stay.arrival),
            left_ms=stay.left_ms,
            talk_ms=stay.talk_ms,
            phone=stay.phone,
            cut=not stay.is_over,
        )


def call_of_leg(state: State, leg: LegId) -> CallId | None:
    """Return the id of the call that a caller's leg belongs to here, whether it goes on or is with
    the dialplan; None of a leg of which nobody has heard."""
    known = state.legs.get(leg)
    return state.unmarked.get(leg) if known is None else known.call
