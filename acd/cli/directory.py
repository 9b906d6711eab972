"""`acd directory …`: what the switch knows of people, numbers and policies."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from acd.adapters.postgres.errors import DatabaseError
from acd.runtime.credentials import ConfigurationError
from acd.runtime.settings import Settings, load_settings

app = typer.Typer(help="The directory: who may call, who answers, and how.", no_args_is_help=True)

T = TypeVar("T")


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="A directory file (YAML).")],
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Leave a directory alone that has anything in it.")
    ] = False,
) -> None:
    """Check a file whole, and load it whole or not at all; a running switch follows at once."""
    _load_and_report(file, if_empty=if_empty)


@app.command()
def demo() -> None:
    """Print the demo directory as YAML, to read, to change, and to load."""
    from acd.demo.directory import text

    typer.echo(text(), nl=False)


@app.command()
def credentials() -> None:
    """Write the phones' SIP passwords to credentials.json in the run directory."""
    from acd.runtime.directory_load import export_credentials

    settings = load_settings()
    path = settings.credentials_path
    try:
        written = _with_pool(settings, lambda pool: export_credentials(pool, path))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from None
    typer.echo(f"{len(written)} passwords are in {path}.")


def _load_and_report(file: Path, *, if_empty: bool) -> None:
    from acd.adapters.postgres import directory
    from acd.adapters.postgres.database import Pool
    from acd.adapters.postgres.directory_write import Change
    from acd.runtime.directory_load import load as load_file

    async def work(pool: Pool) -> dict[str, Change] | None:
        if if_empty:
            async with pool.acquire() as connection:
                found = await directory.read(connection)
            if found.trunks or found.staffing.queues or found.staffing.agents:
                return None
        return await load_file(file, pool)

    changes = _with_pool(load_settings(), work)
    if changes is None:
        typer.echo("The directory is not empty and has been left as it is.")
        return
    lines = [
        f"{section}: {change.written} written, {change.removed} removed"
        for section, change in changes.items()
        if change.written or change.removed
    ]
    typer.echo("; ".join(lines) + "." if lines else "Nothing has changed.")


def _with_pool(settings: Settings, work: Callable[..., Awaitable[T]]) -> T:
    """Run ``work(pool)``.  Raises ConfigurationError for what the database says."""
    from acd.adapters.postgres.database import open_pool

    async def run() -> T:
        pool = await open_pool(settings.database_dsn(), connections_max=1)
        try:
            return await work(pool)
        finally:
            await pool.close()

    try:
        return asyncio.run(run())
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
