"""`acd replay`: an incident once more, from its journal."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer

from acd.adapters.postgres.database import open_pool
from acd.adapters.postgres.errors import DatabaseError
from acd.adapters.postgres.records import PostgresRecords
from acd.core.codec import Frame
from acd.core.facts import Fact
from acd.core.ids import CallId
from acd.runtime.credentials import ConfigurationError
from acd.runtime.driver import Effect
from acd.runtime.explain.story import told
from acd.runtime.journal import Replay, core_of, replay
from acd.runtime.records import BATCH_FACTS_MAX, Numbering
from acd.runtime.settings import load_settings


def replay_journal(
    file: Path,
    *,
    show_effects: bool,
    write_records: bool,
    story: bool = False,
    call: str | None = None,
) -> int:
    """Replay ``file`` and print what came of it, as a story too; return the exit code.

    Raises ConfigurationError when the file cannot be read or does not tell of ``call``.
    """
    settings = load_settings()
    zone = settings.time_zone if story else None
    numbering = Numbering()
    facts: list[tuple[int, Fact]] = []
    lines = 0

    def each(frame: Frame, effects: Sequence[Effect]) -> None:
        nonlocal lines
        if show_effects:
            line = {"seq": frame.seq, "at_ms": frame.now_ms, "event": frame.event}
            typer.echo(msgspec.json.encode({**line, "effects": list(effects)}))
        if zone is not None:
            for said in told(frame, effects, zone, None if call is None else CallId(call)):
                typer.echo(said)
                lines += 1
        if write_records:
            facts.extend(numbering.kept(effects))

    result = replay(file, core_of, each, keys=settings.keys)
    _report(result)
    if call is not None and not lines:
        raise ConfigurationError(f"{file} does not tell of a call {call}.")
    if write_records:
        asyncio.run(_write(result.header.epoch, facts))
        typer.echo(f"records: {len(facts)} facts are in PostgreSQL")
    return 1 if result.diverged_at is not None else 0


def _report(result: Replay) -> None:
    typer.echo(f"events: {result.events}")
    typer.echo(f"digest: {result.digest or 'none'}")
    if result.defects:
        typer.echo(f"failures: the core raised an exception at {result.defects} of them")
    if result.torn is not None:
        typer.echo(f"torn: read up to the last whole frame; {result.torn}")
    if result.diverged_at is None:
        typer.echo("divergence: none")
        return
    frame = result.diverged_at
    typer.echo(f"divergence: at event {frame.seq}, {frame.now_ms} ms: {frame.event}")
    if result.other_core:
        typer.echo(
            f"note: the journal was written by another core ({result.header.version}, "
            f"{result.header.core}); use that one to reproduce the incident"
        )


async def _write(epoch: int, facts: Sequence[tuple[int, Fact]]) -> None:
    dsn = load_settings().database_dsn()
    try:
        pool = await open_pool(dsn, connections_max=1)
        try:
            records = PostgresRecords(pool, place=dsn)
            for start in range(0, len(facts), BATCH_FACTS_MAX):
                await records.write(epoch, facts[start : start + BATCH_FACTS_MAX])
        finally:
            await pool.close()
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
