"""`acd explain CALL`: why a call went as it went, from the records in PostgreSQL.

With ``--full``, everybody who was weighed for each offer, from the journal of that start of the
service: a replay, so it needs the version of the core that wrote it."""

import asyncio
from pathlib import Path

import typer

from acd.adapters.postgres.database import open_pool
from acd.adapters.postgres.errors import DatabaseError
from acd.adapters.postgres.history import CallHistory
from acd.adapters.postgres.moments import moment
from acd.adapters.postgres.records import PostgresRecords
from acd.runtime.credentials import ConfigurationError
from acd.runtime.explain.decisions import Decision, decisions_of, lines_of
from acd.runtime.explain.explanation import Line, explain
from acd.runtime.journal import Replay, journal_of
from acd.runtime.settings import Settings


def explain_call(settings: Settings, call: str, *, full: bool) -> int:
    """Print the call's life, a line per event: seconds since the arrival, then a sentence.

    Returns 0.  Raises ConfigurationError for a call that is not there, for what the database says,
    and when ``full`` is wanted and the journal is not there or answers differently."""
    try:
        history = asyncio.run(_read(settings, call))
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
    if history is None:
        raise ConfigurationError(f"There is no call {call} in the records.")
    decisions = _decisions(settings, call) if full else []
    arrived_at = history.call.arrived_at.astimezone(settings.time_zone)
    typer.echo(f"Call {call}, {arrived_at.isoformat(sep=' ', timespec='seconds')}")
    for line in explain(history):
        typer.echo(f"{line.after_ms / 1000:9.3f}  {line.sentence}")
        for told in _weighed(line, decisions):
            typer.echo(f"{'':11}{told}")
    return 0


def _decisions(settings: Settings, call: str) -> list[Decision]:
    folder = settings.journal_dir
    epoch, _, _ = call.partition("-")
    journal = journal_of(folder, int(epoch)) if epoch.isdigit() else None
    if journal is None:
        raise ConfigurationError(
            f"The journal of call {call} is not in {folder} (any more): without it nobody can say "
            "who else was weighed. `acd explain` without --full needs only the records."
        )
    found, result = decisions_of(call, journal, settings.keys)
    _must_be_true(journal, result)
    return found


def _must_be_true(journal: Path, result: Replay) -> None:
    if result.diverged_at is None:
        return
    why = (
        f"it was written by another core ({result.header.version}, {result.header.core})"
        if result.other_core
        else f"it diverges at event {result.diverged_at.seq}"
    )
    raise ConfigurationError(f"{journal.name} is not answered as it was: {why}.")


def _weighed(line: Line, decisions: list[Decision]) -> list[str]:
    """Return who was weighed for the offer that a line tells of, none for any other line."""
    offer = line.decision
    if offer is None:
        return []
    for decision in decisions:
        if moment(decision.at_ms) == offer.made_at and decision.agent == offer.agent:
            return list(lines_of(decision, offer))
    return []


async def _read(settings: Settings, call: str) -> CallHistory | None:
    pool = await open_pool(settings.database_dsn(), connections_max=1)
    try:
        return await PostgresRecords(pool).call(call)
    finally:
        await pool.close()
