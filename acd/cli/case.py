"""`acd case CASE`: an emergency's timeline, from the records in PostgreSQL."""

import asyncio

import typer

from acd.adapters.postgres.cases import CaseFact
from acd.adapters.postgres.database import open_pool
from acd.adapters.postgres.errors import DatabaseError
from acd.adapters.postgres.records import PostgresRecords
from acd.core.emergency.case import Case
from acd.runtime.credentials import ConfigurationError
from acd.runtime.explain.timeline import entries
from acd.runtime.settings import Settings


def tell_case(settings: Settings, case: str) -> int:
    """Print the case and its timeline, a line per moment: seconds since the first, the call, then a
    sentence.

    Returns 0.  Raises ConfigurationError for a case that is not there and for what the database
    says."""
    try:
        found = asyncio.run(_read(settings, case))
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
    if found is None:
        raise ConfigurationError(f"There is no case {case} in the records.")
    standing, facts = found
    told = entries(facts)
    at = [entry.at.astimezone(settings.time_zone) for entry in told[:1]]
    begin = "".join(f", {one.isoformat(sep=' ', timespec='milliseconds')}" for one in at)
    typer.echo(f"Case {standing.id}, {standing.state}{begin}")
    people = f"A {standing.a or 'nobody'}, B {standing.b or 'nobody'}"
    typer.echo(f"{people}; outcome: {standing.outcome or 'none yet'}")
    width = max((len(entry.call or "") for entry in told), default=0)
    for entry in told:
        typer.echo(f"{entry.after_ms / 1000:9.3f}  {entry.call or '':{width}}  {entry.sentence}")
    return 0


async def _read(settings: Settings, case_id: str) -> tuple[Case, list[CaseFact]] | None:
    pool = await open_pool(settings.database_dsn(), connections_max=1)
    try:
        records = PostgresRecords(pool)
        case = await records.case(case_id)
        return None if case is None else (case, await records.case_facts(case))
    finally:
        await pool.close()
