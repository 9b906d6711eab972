"""`acd key`: keys under which recordings and journals lie on the disk."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Keys of recordings and journals on the disk.", no_args_is_help=True)


@app.callback()
def key() -> None:
    """Keep `new` a command of its own, though it is the only one."""


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="Of HULING_SEALING_KEYS_FILE; made, or added to.")],
    name: Annotated[str, typer.Option(help="Up to 16 small letters, digits and -.")],
) -> None:
    """Put a new key first: what is written from the next start on is sealed under it, what was
    written before is opened by the keys behind it."""
    from acd.runtime.sealing import add_key

    add_key(file, name)
    typer.echo(
        f"{file}: the key {name} seals from the next start of `acd serve` and `acd desk` on. Keep "
        "a copy of the file in another place than the backups: without it nobody can read what it "
        "sealed."
    )
