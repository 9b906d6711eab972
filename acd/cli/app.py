"""The commands.

What a person has done wrong ends in one sentence on standard error and exit code 2; 1 means that
the command worked and found something wrong.  Parts are imported when they are needed: a small
command should not wait for the whole service to load.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

import acd
from acd.cli import backup, desk, directory, journal, key, token
from acd.runtime.credentials import ConfigurationError
from acd.runtime.settings import load_settings

app = typer.Typer(
    name="acd",
    help="Huling (护铃): a call switch for elderly-care lines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(database, name="db")
app.add_typer(directory.app, name="directory")
app.add_typer(desk.app, name="desk")
app.add_typer(backup.app, name="backup")
app.add_typer(journal.app, name="journal")
app.add_typer(key.app, name="key")
app.add_typer(token.app, name="token")


@app.command()
def serve(
    standby: Annotated[
        bool,
        typer.Option(
            "--standby", help="Wait until no other service decides; HULING_STANDBY=yes does so too."
        ),
    ] = False,
) -> None:
    """Run the switch until SIGTERM or Ctrl-C."""
    settings = load_settings()  # what is set wrong is told before the service has been loaded

    from acd.runtime import service

    service.run(settings.model_copy(update={"standby": True}) if standby else settings)


@app.command()
def watchdog() -> None:
    """Give whoever waits to the dialplan when nobody serves: a process beside Asterisk."""
    from acd.runtime.watching import watchdog as process

    process.run(load_settings())


@app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
)
def prove(context: typer.Context) -> None:
    """Place one real call through a running switch, and say as JSON whether all of it worked."""
    from acd.proof import prove as proof

    raise typer.Exit(proof.main(context.args))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="A journal, from run/journal/.")],
    effects: Annotated[
        bool, typer.Option("--effects", help="Print every step with its effects, as JSON lines.")
    ] = False,
    story: Annotated[
        bool, typer.Option("--story", help="Tell what happened, a line for each moment.")
    ] = False,
    call: Annotated[
        str | None, typer.Option(help="Tell of this call alone; implies --story.")
    ] = None,
    write_records: Annotated[
        bool,
        typer.Option(
            "--write-records", help="Write the facts to PostgreSQL; those that are there stay."
        ),
    ] = False,
) -> None:
    """Run the core over a journal again; exit code 1 when it answers differently now."""
    from acd.cli import replay as command

    raise typer.Exit(
        command.replay_journal(
            file,
            show_effects=effects,
            write_records=write_records,
            story=story or call is not None,
            call=call,
        )
    )


@app.command()
def explain(
    call: Annotated[str, typer.Argument(help="A call's id, as in GET /calls.")],
    full: Annotated[
        bool, typer.Option("--full", help="With everybody who was weighed, from the journal.")
    ] = False,
) -> None:
    """Tell a call's life in plain words: who was chosen, why, and what became of it."""
    from acd.cli import explain as command

    raise typer.Exit(command.explain_call(load_settings(), call, full=full))


@app.command()
def case(
    case: Annotated[str, typer.Argument(help="A case's id, as in GET /cases.")],
) -> None:
    """Tell an emergency in plain words and to the millisecond: every line, dial, prompt and key."""
    from acd.cli import case as command

    raise typer.Exit(command.tell_case(load_settings(), case))


@app.command()
def plan(
    file: Annotated[
        Path | None, typer.Argument(help="A CSV file: half_hour,calls for each of 00:00 to 23:30.")
    ] = None,
    day: Annotated[
        str | None, typer.Option(help="A day of the records instead, such as 2027-01-15.")
    ] = None,
    forecast: Annotated[
        str | None, typer.Option(help="A day to come, by days like it in the records.")
    ] = None,
    upper: Annotated[
        bool,
        typer.Option("--upper", help="Of a forecast: plan for the upper edge of each half hour."),
    ] = False,
    share: Annotated[
        float, typer.Option(help="Percent of the calls to be answered in time (L4).")
    ] = 95.0,
    within: Annotated[float, typer.Option(help="In time: seconds from the INVITE (C01).")] = 10.0,
    talk: Annotated[float | None, typer.Option(help="Mean conversation in seconds.")] = None,
    wrap_up: Annotated[float | None, typer.Option(help="Wrap-up in seconds.")] = None,
    emergencies: Annotated[float | None, typer.Option(help="Percent of the calls.")] = None,
    patience: Annotated[
        float | None, typer.Option(help="Mean seconds until a caller leaves; without: nobody does.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Simulated days for each round.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with a chart here.")] = None,
) -> None:
    """Say how many agents each half hour of a day needs, by Erlang and by the simulator."""
    from acd.cli import plan as command

    wanted = command.Wanted(
        share_percent=share,
        limit_s=within,
        talk_s=talk,
        wrap_up_s=wrap_up,
        emergency_percent=emergencies,
        patience_s=patience,
        days=days,
        upper=upper,
    )
    raise typer.Exit(
        command.plan_day(
            load_settings, file=file, day=day, forecast=forecast, wanted=wanted, page=html
        )
    )


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(acd.__version__)


@database.command()
def migrate(
    revision: Annotated[str, typer.Option(help="Where to go; 'base' removes everything.")] = "head",
) -> None:
    """Bring the database's schema to this version's."""
    import asyncio

    from acd.adapters.postgres.database import head
    from acd.adapters.postgres.errors import DatabaseError
    from acd.adapters.postgres.migration import migrate as bring_to

    try:
        asyncio.run(bring_to(load_settings().database_dsn(), revision=revision))
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
    typer.echo(f"The schema is at {head() if revision == 'head' else revision}.")


@database.command()
def check() -> None:
    """Work every record out of the facts again and compare (K04); exit code 1 when one is wrong."""
    import asyncio

    from acd.adapters.postgres.errors import DatabaseError
    from acd.adapters.postgres.record_check import check_records

    try:
        found = asyncio.run(check_records(load_settings().database_dsn()))
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
    for sentence in found.wrong:
        typer.echo(f"WRONG: {sentence}.")
    typer.echo(f"{found.facts} facts, {found.calls} calls: {len(found.wrong)} things are wrong.")
    raise typer.Exit(1 if found.wrong else 0)


def _reach_the_tools() -> None:
    """`make run` puts SIPp, sox and PostgreSQL's programs into the run folder, so that `acd prove`
    and `acd backup` work in a shell of the operator's too.  They go first; of PostgreSQL's programs
    a backup takes the newest on the path."""
    folder = Path(os.environ.get("HULING_RUN_DIR") or "run").expanduser().absolute() / "bin"
    if folder.is_dir():
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def main() -> None:
    """Run the command line; ends the process."""
    _reach_the_tools()
    try:
        app()
    except ConfigurationError as error:
        sentence = str(error)
        print(sentence if sentence.endswith(".") else f"{sentence}.", file=sys.stderr)
        sys.exit(2)
