"""What agents wrote down while the system was away becomes somebody's to do (D19, X14).

The desk puts what is handed in into PostgreSQL, also while we are away; here it is read, every few
seconds and first of all at a start, and told to the core.  Once it is owed PostgreSQL says so, to
the next life too; so that each is owed once, whatever dies in between.
"""

import asyncio
from collections.abc import Awaitable, Callable

from acd.adapters.postgres.errors import DatabaseError
from acd.core.events import Event, WrittenOffline
from acd.runtime.logs import logger

log = logger(__name__)

EVERY_S = 5.0

Look = Callable[[], Awaitable[list[WrittenOffline]]]


class OfflineRecords:
    """Looks, and tells the core."""

    def __init__(self, look: Look, put: Callable[[Event], None]) -> None:
        """``look`` returns those for which nothing was ever owed."""
        self._look = look
        self._put = put
        self._told: set[str] = set()
        """What is owed may be on its way to PostgreSQL still when we look again."""

    async def run(self) -> None:
        """Look every so often, for ever."""
        while True:
            try:
                await self.once()
            except DatabaseError as error:
                # What could not be read now is so next time.
                log.info("What was written offline could not be read.", why=str(error))
            await asyncio.sleep(EVERY_S)

    async def once(self) -> int:
        """Look once and tell the core of each that it has not been told of; return of how many.
        Raises DatabaseError."""
        found = [one for one in await self._look() if one.record not in self._told]
        for one in found:
            self._told.add(one.record)
            self._put(one)
        if found:
            log.info("What was written offline is owed.", found=len(found))
        return len(found)
