"""What agents write down of calls (D06).

The words go from the agent straight into PostgreSQL and back to who asks for the call: they are in
no fact, no journal and no log, so that erasing them here erases them.
"""

from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql


class CallNote(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has written down of a call; ``words`` is None once they were erased."""

    at: datetime
    agent: str
    category: str
    words: str | None
    erased_at: datetime | None


class PostgresNotes:
    """Every method raises DatabaseAway and DatabaseRefused."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        """``place`` names the database in errors."""
        self._pool = pool
        self._place = place

    async def add(self, call: str, *, agent: str, category: str, words: str) -> CallNote | None:
        """Write a note down, and return it; None when there is no such call.  When this returns it
        is on the disk."""
        with translated(self._place):
            row = await self._pool.fetchrow(sql("call_note_insert"), call, agent, category, words)
        return None if row is None else CallNote(**row)

    async def of_call(self, call: str) -> list[CallNote]:
        """Return what was written down of a call, the newest first."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("call_notes_find"), call)
        return [CallNote(**row) for row in rows]

    async def erase(self, *, before: datetime, at: datetime) -> int:
        """Erase the words of what was written down before a moment and is not held; return of how
        many notes."""
        with translated(self._place):
            erased: int = await self._pool.fetchval(sql("call_notes_erase"), before, at)
        return erased
