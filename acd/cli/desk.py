"""`acd desk`: recordings, reports and the wallboard; `acd desk verify` checks the archive now."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from acd.runtime.credentials import ConfigurationError
from acd.runtime.settings import load_settings

app = typer.Typer(
    help="Recordings, reports and the wallboard: a process beside `acd serve`.",
    invoke_without_command=True,
)


@app.callback()
def serve(context: typer.Context) -> None:
    """Serve recordings, reports and the wallboard until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is None:
        from acd.desk import service

        service.run(load_settings())


@app.command()
def verify() -> None:
    """Check every recording against its digest now; exit code 1 when one is not what it was."""
    from acd.adapters.postgres.recordings import RecordingState
    from acd.desk import service

    found = service.verify(load_settings())
    whole = found.pop(RecordingState.VERIFIED, 0)
    for state, count in sorted(found.items()):
        typer.echo(f"{count} {state}: `GET /recordings` and the log say which.")
    typer.echo(f"{whole} of {whole + sum(found.values())} recordings are what they were.")
    raise typer.Exit(1 if found else 0)


@app.command()
def watermark(
    file: Annotated[Path, typer.Argument(help="A FLAC file, or raw samples (.raw).")],
) -> None:
    """Say which export a sound came from; exit code 1 when it bears no mark."""
    from acd.desk.compression import CompressionFailed, decompress
    from acd.desk.watermark import read_mark

    try:
        if file.suffix == ".raw":
            samples = file.read_bytes()
        else:
            with tempfile.TemporaryDirectory() as folder:
                raw = Path(folder) / "sound.raw"
                asyncio.run(decompress(file, raw))
                samples = raw.read_bytes()
    except OSError as error:  # of the file, or of sox
        raise ConfigurationError(f"{error.filename} cannot be used: {error.strerror}.") from None
    except CompressionFailed as error:
        raise ConfigurationError(f"{file} cannot be read: {error}.") from None
    found = read_mark(samples)
    if found is None:
        typer.echo("This sound bears no mark of an export.")
        raise typer.Exit(1)
    typer.echo(f"This sound was handed out as export {found}: `GET /exports` says to whom.")
