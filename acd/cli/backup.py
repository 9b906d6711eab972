"""`acd backup`: the cold backup now; `acd backup verify` and `acd backup restore`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from acd.runtime.credentials import ConfigurationError
from acd.runtime.settings import load_settings

app = typer.Typer(
    help="Backups: the database and the recordings, near and elsewhere.",
    invoke_without_command=True,
)

Folder = Annotated[Path, typer.Argument(help="A backup, such as DIR/cold/20270115T190000Z.")]


@app.callback()
def backup(context: typer.Context) -> None:
    """Make a cold backup now, in HULING_BACKUP_DIR and HULING_BACKUP_OFFSITE_DIR."""
    if context.invoked_subcommand is not None:
        return
    from acd.adapters.postgres.errors import DatabaseError
    from acd.desk import service
    from acd.desk.backup import BackupFailed

    try:
        made = asyncio.run(service.backup(load_settings(), datetime.now(UTC)))
    except (BackupFailed, DatabaseError) as error:
        typer.echo(f"The backup is not complete: {error}.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{made} is a backup.")


@app.command()
def verify(folder: Folder) -> None:
    """Say whether a backup is what was written; exit code 2 when not."""
    from acd.desk.backup import checked

    manifest = checked(folder)
    typer.echo(
        f"{folder} is whole: {manifest.created_at:%Y-%m-%d %H:%M:%S %Z}, schema {manifest.schema}, "
        f"version {manifest.version}, {manifest.dump_bytes} bytes."
    )


@app.command()
def restore(folder: Folder) -> None:
    """Restore a backup into the empty database of HULING_DATABASE_URL, and check every record."""
    from acd.adapters.postgres.errors import DatabaseError
    from acd.desk.archive import Archive
    from acd.desk.backup import BackupFailed
    from acd.desk.backup import restore as bring_back

    settings = load_settings()
    archive = Archive(spool=settings.recordings_spool_dir, archive=settings.recordings_archive_dir)
    try:
        found, restored, lost = asyncio.run(
            bring_back(
                folder, settings.database_dsn(), archive, messages=settings.messages_spool_dir
            )
        )
    except (BackupFailed, DatabaseError) as error:
        raise ConfigurationError(str(error)) from error
    for sentence in found.wrong:
        typer.echo(f"WRONG: {sentence}.")
    for recording in lost:
        typer.echo(f"WRONG: the recording {recording} is in no backup here.")
    typer.echo(
        f"{found.facts} facts and {found.calls} calls are back, and {restored} recordings: "
        f"{len(found.wrong) + len(lost)} things are wrong."
    )
    raise typer.Exit(1 if found.wrong or lost else 0)
