"""Messages after the beep as PostgreSQL knows them; rows come with the facts (``projection``)."""

from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

LIMIT_MAX = 1_000


class MessageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A message and what is owed for it; ``state`` is the obligation's, None where nothing is."""

    message_id: str
    call_id: str
    left_at: datetime
    number: str | None
    queue: str
    terminal: str | None
    duration_ms: int
    due_at: datetime
    obligation: str | None
    state: str | None
    closed_at: datetime | None


class PostgresMessages:
    """Every method raises DatabaseAway and DatabaseRefused."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        """``place`` names the database in errors."""
        self._pool = pool
        self._place = place

    async def find(
        self,
        *,
        message: str | None = None,
        number: str | None = None,
        terminal: str | None = None,
        queue: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> list[MessageRecord]:
        """Return the newest messages for which everything given holds; ``until`` is not included.
        At most LIMIT_MAX."""
        with translated(self._place):
            rows = await self._pool.fetch(
                sql("messages_find"), message, number, terminal, queue, since, until,
                min(limit, LIMIT_MAX),
            )  # fmt: skip
        return [MessageRecord(**row) for row in rows]
