"""Who saw what over the control API, and who acted for others: on its way into the audit (L2, X10).

An agent with a caller on the line must not wait for a database: the answer goes out at once, the
note follows.  It stands in the log first, and is kept here until PostgreSQL has it.  A desk asks
for the same thing again and again; the same question of the same person is noted once a minute.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from acd.adapters.http.access import Person
from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused
from acd.runtime.logs import logger
from acd.runtime.metrics.exposition import Exposition

log = logger(__name__)

AGAIN_S = 60.0
NOTES_MAX = 20_000
"""Kept while PostgreSQL is away; at the limit the oldest goes and is counted; the log has it."""
SEEN_MAX = 10_000
VALUE_MAX = 128
"""Characters of an id or a number that are kept: longer is none of ours."""
RETRY_S = 2.0
END_S = 2.0


class AuditPort(Protocol):
    """Where notes go."""

    async def note(
        self,
        *,
        who: str,
        address: str | None,
        action: str,
        subject: str | None,
        details: Mapping[str, str],
    ) -> None:
        """Write one down.  Raises DatabaseAway and DatabaseRefused."""


class Note(msgspec.Struct, frozen=True):
    """One thing that somebody asked for."""

    who: str
    address: str | None
    action: str
    subject: str | None
    details: tuple[tuple[str, str], ...]


class Trail:
    """Takes notes at once and writes them in their order."""

    def __init__(self, audit: AuditPort, *, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` is in seconds."""
        self._audit = audit
        self._clock = clock
        self._waiting: deque[Note] = deque()
        self._seen: OrderedDict[Note, float] = OrderedDict()
        self._more = asyncio.Event()
        self.lost = 0
        """Notes that the audit will not have; the log has them."""

    @property
    def waiting(self) -> int:
        """How many are not in PostgreSQL yet."""
        return len(self._waiting)

    def note(
        self, person: Person, action: str, subject: str | None, details: Mapping[str, str]
    ) -> None:
        """Take a note of what somebody asks for."""
        asked = tuple(sorted((_plain(key), _plain(value)) for key, value in details.items()))
        of = None if subject is None else _plain(subject)
        note = Note(person.name, person.address, action, of, asked)
        now = self._clock()
        if now - self._seen.get(note, -AGAIN_S) < AGAIN_S:
            return
        self._seen.pop(note, None)
        self._seen[note] = now
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)
        log.info("Somebody asks for what is noted.", who=note.who, action=action, of=of)
        self._waiting.append(note)
        if len(self._waiting) > NOTES_MAX:
            self._waiting.popleft()
            self.lost += 1
        self._more.set()

    async def run(self) -> None:
        """Write what is waiting, for ever."""
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                await self._write(self._waiting[0])

    async def end(self) -> None:
        """Write what is left, if that can be done in ``END_S``; ``run`` must have ended."""
        try:
            async with asyncio.timeout(END_S):
                while self._waiting:
                    await self._once(self._waiting[0])
        except (DatabaseAway, DatabaseRefused, TimeoutError) as error:
            log.error(
                "Notes for the audit stand in this log alone.",
                notes=len(self._waiting),
                why=str(error),
            )

    async def _write(self, note: Note) -> None:
        try:
            await self._once(note)
        except DatabaseAway:
            await asyncio.sleep(RETRY_S)
        except DatabaseRefused as error:
            log.error("A note for the audit is refused.", action=note.action, why=str(error))
            self._done(note)
            self.lost += 1

    async def _once(self, note: Note) -> None:
        await self._audit.note(
            who=note.who,
            address=note.address,
            action=note.action,
            subject=note.subject,
            details=dict(note.details),
        )
        self._done(note)

    def _done(self, note: Note) -> None:
        # At the limit the oldest may have gone while it was being written.
        if self._waiting and self._waiting[0] is note:
            self._waiting.popleft()


def _plain(value: str) -> str:
    """What stands in an address, as text that PostgreSQL takes and that breaks no line of a log."""
    return "".join(one if one.isprintable() else "\ufffd" for one in value[:VALUE_MAX])


def add_trail_metrics(metrics: Exposition, trail: Trail) -> None:
    """Show what the audit lacks."""
    metrics.gauge(
        "huling_audit_waiting", "Notes that PostgreSQL has not got yet.", lambda: trail.waiting
    )
    metrics.counters(
        "huling_audit_lost",
        "Notes that the log has and the audit will not have.",
        (),
        lambda: {"": trail.lost},
    )
