"""`acd journal`: what the journals hold, and whether they are whole."""

from pathlib import Path
from typing import Annotated

import typer

from acd.runtime.settings import load_settings

app = typer.Typer(help="The journals of the service's starts.", no_args_is_help=True)


@app.callback()
def journal() -> None:
    """Keep `verify` a command of its own, though it is the only one."""


@app.command()
def verify(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Journals; without, all of run/journal/.")
    ] = None,
) -> None:
    """Read journals to their end; exit code 1 when one is damaged.  A torn end is none: a crash
    leaves one, and the next start cuts it off."""
    from acd.runtime.journal import journal_files
    from acd.runtime.journal_check import check

    damaged = False
    settings = load_settings()
    keys = settings.keys
    for path in files or journal_files(settings.journal_dir):
        found = check(path, keys)
        state = "whole" if found.damage is None else f"DAMAGED: {found.damage}"
        torn = f", {found.torn_bytes} torn bytes at the end" if found.torn_bytes else ""
        typer.echo(
            f"{path.name}: {state}{torn}; epoch {found.header.epoch}, "
            f"version {found.header.version}, {found.frames} frames"
            + ("" if found.header.seal is None else f", key {found.header.seal.key}")
        )
        damaged = damaged or found.damage is not None
    raise typer.Exit(1 if damaged else 0)
