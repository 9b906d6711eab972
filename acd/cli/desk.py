"""`acd desk`: recordings, reports and the wallboard; `acd desk verify` checks the archive now."""

import typer

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
