"""`acd explain CALL`: why a call went as it went, from the records in PostgreSQL."""

import asyncio

import typer

from acd.adapters.postgres.database import open_pool
from acd.adapters.postgres.errors import DatabaseError
from acd.adapters.postgres.records import CallHistory, PostgresRecords
from acd.runtime.credentials import ConfigurationError
from acd.runtime.explanation import explain
from acd.runtime.settings import Settings


def explain_call(settings: Settings, call: str) -> int:
    """Print the call's life, a line per event: seconds since the arrival, then a sentence.

    Returns 0, or 1 when there is no such call.  Raises ConfigurationError for what the database
    says."""
    try:
        history = asyncio.run(_read(settings, call))
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
    if history is None:
        typer.echo(f"There is no call {call} in the records.", err=True)
        return 1
    typer.echo(f"Call {call}, {history.call.arrived_at.isoformat(sep=' ', timespec='seconds')}")
    for line in explain(history):
        typer.echo(f"{line.after_ms / 1000:9.3f}  {line.sentence}")
    return 0


async def _read(settings: Settings, call: str) -> CallHistory | None:
    pool = await open_pool(settings.database_dsn(), connections_max=1)
    try:
        return await PostgresRecords(pool).call(call)
    finally:
        await pool.close()
