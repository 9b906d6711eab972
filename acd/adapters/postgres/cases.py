"""Cases in PostgreSQL: rows from facts, and back at a start."""

from datetime import datetime
from typing import Any

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.moments import moment, moment_or_none
from acd.adapters.postgres.statements import sql
from acd.core.emergency.case import Case
from acd.core.facts import CaseNoted

_decode = msgspec.json.Decoder(Case).decode


class CaseFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of a case or of one of its calls; ``body`` holds its fields."""

    at: datetime
    kind: str
    call: str | None
    body: dict[str, Any]


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case as it was last known."""

    case_id: str
    noted_at: datetime
    state: str
    origin: str
    queue: str
    number: str | None
    terminal: str | None
    elders: tuple[str, ...]
    area: str | None
    calls: tuple[str, ...]
    a: str | None
    b: str | None
    owner: str | None
    services: tuple[str, ...]
    opened_at: datetime
    help_at: datetime | None
    safe_at: datetime | None
    outcome: str | None
    closed_by: str | None
    closed_at: datetime | None
    body: Case


def row_of(fact: CaseNoted) -> CaseRow:
    """Return the row that a fact makes."""
    case = fact.case
    return CaseRow(
        case_id=case.id,
        noted_at=moment(fact.at_ms),
        state=case.state,
        origin=case.origin,
        queue=case.queue,
        number=case.number,
        terminal=case.terminal,
        elders=case.elders,
        area=case.area,
        calls=case.calls,
        a=case.a,
        b=case.b,
        owner=case.owner,
        services=case.services,
        opened_at=moment(case.opened_ms),
        help_at=moment_or_none(case.help_ms),
        safe_at=moment_or_none(case.safe_ms),
        outcome=case.outcome,
        closed_by=case.closed_by,
        closed_at=moment_or_none(case.closed_ms),
        body=case,
    )


async def open_cases(pool: Pool, place: str) -> list[Case]:
    """Return what has not been closed, the oldest first.  Raises DatabaseAway, DatabaseRefused."""
    with translated(place):
        rows = await pool.fetch(sql("cases_open"))
    return [_decode(row["body"]) for row in rows]


async def find_cases(
    pool: Pool,
    place: str,
    *,
    elder: str | None,
    terminal: str | None,
    number: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> list[Case]:
    """Return the newest cases for which everything given holds; ``since`` is included and
    ``until`` is not."""
    with translated(place):
        rows = await pool.fetch(sql("cases_find"), elder, terminal, number, since, until, limit)
    return [_decode(row["body"]) for row in rows]


async def one_case(pool: Pool, place: str, case_id: str) -> Case | None:
    """Return one case as it was last known, or None."""
    with translated(place):
        body = await pool.fetchval(sql("case_find"), case_id)
    return None if body is None else _decode(body)


async def facts_of(pool: Pool, place: str, case: Case) -> list[CaseFact]:
    """Return every fact of a case and of its calls, in the order in which they happened."""
    with translated(place):
        rows = await pool.fetch(sql("case_facts"), case.id, list(case.calls))
    return [
        CaseFact(
            at=row["at"],
            kind=row["kind"],
            call=row["call"],
            body=msgspec.json.decode(row["body"]),
        )
        for row in rows
    ]
