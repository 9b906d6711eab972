"""Which terminals have not called for long, from the records (W48)."""

from datetime import datetime

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql
from acd.core.events import TerminalSilent
from acd.core.ids import ElderId, TerminalId


async def read_silent(
    pool: Pool, since: datetime, limit: int, *, place: str
) -> list[TerminalSilent]:
    """Return at most ``limit`` terminals in use that have not called since a moment and of which no
    test has been owed or made since.  ``place`` names the database in errors.  Raises DatabaseAway,
    DatabaseRefused."""
    with translated(place):
        rows = await pool.fetch(sql("silent_terminals"), since, limit)
    return [
        TerminalSilent(
            terminal=TerminalId(row["terminal"]),
            number=row["number"],
            elders=tuple(map(ElderId, row["elders"])),
            last_ms=None if row["last"] is None else int(row["last"].timestamp() * 1000),
        )
        for row in rows
    ]
