"""Obligations in PostgreSQL: rows from facts, and back at a start."""

from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.moments import moment, moment_or_none
from acd.adapters.postgres.statements import sql
from acd.core.facts import ObligationNoted
from acd.core.follow_up.owed import Obligation

_decode = msgspec.json.Decoder(Obligation).decode


class ObligationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One obligation as it was last known."""

    obligation_id: str
    noted_at: datetime
    state: str
    kind: str
    why: str
    queue: str | None
    emergency: bool
    number: str | None
    call_id: str | None
    owed_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    closing: str | None
    late: bool
    level: int
    body: Obligation


def row_of(fact: ObligationNoted) -> ObligationRow:
    """Return the row that a fact makes."""
    owed = fact.obligation
    return ObligationRow(
        obligation_id=owed.id,
        noted_at=moment(fact.at_ms),
        state=owed.state,
        kind=owed.kind,
        why=owed.why,
        queue=owed.queue,
        emergency=owed.is_emergency,
        number=owed.number,
        call_id=owed.call,
        owed_at=moment(owed.created_ms),
        deadline_at=moment(owed.deadline_ms),
        closed_at=moment_or_none(owed.closed_ms),
        closing=owed.closing,
        late=owed.late,
        level=owed.level,
        body=owed,
    )


async def open_ones(pool: Pool, place: str) -> list[Obligation]:
    """Return what is still owed.  Raises DatabaseAway, DatabaseRefused."""
    with translated(place):
        rows = await pool.fetch(sql("obligations_open"))
    return [_decode(row["body"]) for row in rows]


async def ended_ones(
    pool: Pool, place: str, *, state: str | None, kind: str | None, queue: str | None, limit: int
) -> list[Obligation]:
    """Return what has been done or closed, the newest first."""
    with translated(place):
        rows = await pool.fetch(sql("obligations_ended"), state, kind, queue, limit)
    return [_decode(row["body"]) for row in rows]
