"""`acd directory …`: what the switch knows of people, numbers and policies."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from acd.adapters.postgres.errors import DatabaseError
from acd.runtime.credentials import ConfigurationError
from acd.runtime.settings import Settings, load_settings

app = typer.Typer(help="The directory: who may call, who answers, and how.", no_args_is_help=True)

if TYPE_CHECKING:
    from acd.adapters.postgres.database import Pool
    from acd.adapters.postgres.directory_versions import Difference
    from acd.adapters.postgres.directory_write import Change

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
    from acd.runtime.directory.load import export_credentials

    settings = load_settings()
    path = settings.credentials_path
    try:
        written = _with_pool(settings, lambda pool: export_credentials(pool, path))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}.") from None
    typer.echo(f"{len(written)} passwords are in {path}.")


@app.command()
def trunk_password(
    trunk: Annotated[str, typer.Argument(help="A trunk whose operator has given us an account.")],
) -> None:
    """Take the trunk's password at its operator, one line from the keyboard (not shown) or from
    standard input; a running switch follows at once."""
    from acd.runtime.directory.load import keep_trunk_password

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    _with_pool(load_settings(), lambda pool: keep_trunk_password(pool, trunk, password))
    typer.echo(f"The password of {trunk} is kept.")


@app.command()
def versions() -> None:
    """List what the directory was after each of the last changes; the first line is what it is."""
    from acd.adapters.postgres.directory_versions import versions as read

    found = _with_pool(load_settings(), read)
    if not found:
        typer.echo("There is no version yet: nothing has been loaded.")
    for one in found:
        ready = "" if one.ready_at is None else " (ready)"
        made = f"{one.made_at:%Y-%m-%d %H:%M:%S%z}  {one.made_by}"
        typer.echo(f"{one.version:5}  {made}: {one.why}{ready}")


@app.command()
def difference(
    old: Annotated[int, typer.Argument(help="A version, as `acd directory versions` lists them.")],
    new: Annotated[
        int | None, typer.Argument(help="A later one; if not given, the newest.")
    ] = None,
) -> None:
    """Show row by row what has changed from one version to another; of elders, terminals and duty
    phones only which fields."""
    from acd.adapters.postgres import directory_versions as kept
    from acd.adapters.postgres.database import Pool

    async def work(pool: Pool) -> list[kept.Difference]:
        newest = new if new is not None else await _newest(pool)
        return await kept.difference(pool, old, newest)

    try:
        found = _with_pool(load_settings(), work)
    except kept.NoSuchVersion as error:
        raise ConfigurationError(str(error)) from None
    for one in found:
        typer.echo(_in_words(one))
    if not found:
        typer.echo("There is no difference.")


@app.command()
def rollback(
    version: Annotated[
        int | None, typer.Argument(help="A version; if not given, the one before the newest.")
    ] = None,
) -> None:
    """Make the directory what it was; a running switch follows at once.  One can go back from that
    too.  A phone that is gone now and comes back gets a new password."""
    from acd.adapters.postgres.database import Pool
    from acd.adapters.postgres.directory_versions import NoSuchVersion
    from acd.adapters.postgres.directory_write import Change, StillUsed, roll_back
    from acd.runtime.directory.load import whoever_we_are

    async def work(pool: Pool) -> dict[str, Change]:
        wanted = version if version is not None else await _newest(pool) - 1
        if wanted < 1:
            raise NoSuchVersion("There is no version before the first.")
        return await roll_back(pool, wanted, by=whoever_we_are())

    try:
        changes = _with_pool(load_settings(), work)
    except NoSuchVersion as error:
        raise ConfigurationError(str(error)) from None
    except StillUsed as error:
        raise ConfigurationError(f"That version no longer fits what is kept now: {error}") from None
    _report(changes)


async def _newest(pool: "Pool") -> int:
    from acd.adapters.postgres.directory_versions import NoSuchVersion, versions

    found = await versions(pool)
    if not found:
        raise NoSuchVersion("There is no version yet: nothing has been loaded.")
    return found[0].version


def _in_words(one: "Difference") -> str:
    """A row that has changed, as a line."""
    name = f"{one.table} {' '.join(one.key)}"
    if one.before is None:
        return f"{name}: new"
    if one.after is None:
        return f"{name}: removed"
    columns = ", ".join(
        f"{column} {one.before.get(column)} → {one.after[column]}" for column in one.after
    )
    return f"{name}: {columns}"


def _load_and_report(file: Path, *, if_empty: bool) -> None:
    from acd.adapters.postgres.database import Pool
    from acd.adapters.postgres.directory_write import Change
    from acd.runtime.directory.load import load as load_file

    async def work(pool: Pool) -> dict[str, Change] | None:
        if if_empty:
            from acd.adapters.postgres import directory

            async with pool.acquire() as connection:
                found = await directory.read(connection)
            if found.trunks or found.staffing.queues or found.staffing.agents:
                return None
        return await load_file(file, pool)

    changes = _with_pool(load_settings(), work)
    if changes is None:
        typer.echo("The directory is not empty and has been left as it is.")
        return
    _report(changes)


def _report(changes: "Mapping[str, Change]") -> None:
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
