"""Terminals by the directory and the records: one with its tests, and which of them have not called
for long (W48, U12)."""

from datetime import date, datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql
from acd.core.events import TerminalSilent
from acd.core.ids import ElderId, TerminalId


class NotedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is the terminal's by an agent's word, and not yet by the directory's file."""

    number: str
    agent: str
    staff: str
    at: datetime
    call: str


class TerminalTest(msgspec.Struct, frozen=True, kw_only=True):
    """A call that was a test of the terminal; ``kind`` and ``staff`` are None where nobody has said
    who tested."""

    at: datetime
    call: str
    kind: str | None
    staff: str | None
    agent: str | None
    number: str | None


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """One terminal, with its newest tests first."""

    id: str
    device: str | None
    model: str | None
    state: str
    installed: date | None
    numbers: tuple[str, ...]
    noted: tuple[NotedNumber, ...]
    elders: tuple[str, ...]
    last_call: datetime | None
    tests: tuple[TerminalTest, ...]


async def read_terminal(pool: Pool, place: str, terminal: str) -> Terminal | None:
    """Return a terminal of the directory, or None.  ``place`` names the database in errors.  Raises
    DatabaseAway, DatabaseRefused."""
    with translated(place):
        body = await pool.fetchval(sql("terminal_find"), terminal)
    return None if body is None else msgspec.json.decode(body, type=Terminal)


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
