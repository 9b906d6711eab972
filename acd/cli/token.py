"""`acd token …`: who may use the HTTP APIs, as what, and until when."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from acd.core.roles import Role
from acd.runtime.credentials import ConfigurationError, write_private
from acd.runtime.settings import load_settings

app = typer.Typer(help="Tokens of the HTTP APIs, each a person's.", no_args_is_help=True)

DAYS_MAX = 366

TRIAL_DAYS = 30
TRIAL: dict[str, tuple[Role, str | None]] = {
    "robot": (Role.AGENT, "8099"),
    "agent": (Role.AGENT, "8001"),
    "supervisor": (Role.SUPERVISOR, "8090"),
    "administrator": (Role.ADMINISTRATOR, None),
    "regulator": (Role.REGULATOR, None),
    "collector": (Role.COLLECTOR, None),
    "monitor": (Role.MONITOR, None),
}
"""Whose tokens a trial has: the demo directory's people, and its robot."""

if TYPE_CHECKING:
    from acd.adapters.postgres.tokens import PostgresTokens

T = TypeVar("T")


@app.command()
def create(
    role: Annotated[Role, typer.Option(help="What they are here for: docs/security.md.")],
    person: Annotated[str, typer.Option(help="Whose it is, as the audit shall name them.")],
    agent: Annotated[
        str | None, typer.Option(help="The agent's or supervisor's number that they are.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long it is good.", min=1, max=DAYS_MAX)] = 90,
) -> None:
    """Make a token, and print it: once, it is kept nowhere."""
    if not person.strip() or not person.isprintable():
        raise ConfigurationError("--person is empty: say whose the token is.")
    if role is Role.AGENT and agent is None:
        raise ConfigurationError("An agent's token needs --agent: agents act as themselves.")
    expires_at = datetime.now(UTC) + timedelta(days=days)

    async def make(tokens: "PostgresTokens") -> tuple[str, str]:
        if agent is not None and not await tokens.knows_agent(agent):
            # Whoever is given that number one day would have somebody act in their name.
            raise ConfigurationError(
                f"--agent {agent} is nobody's number: load the directory that has it first, or "
                "correct it."
            )
        return await tokens.make(
            person=person.strip(), role=role, agent=agent, expires_at=expires_at
        )

    made, token = _with_tokens(make)
    typer.echo(token)
    typer.echo(f"{made}: {role} of {person.strip()}, until {expires_at:%Y-%m-%d}.", err=True)


@app.command()
def trial(
    path: Annotated[Path, typer.Argument(help="Where to write them: a file of its owner alone.")],
) -> None:
    """Make a token of each role for the demo directory, and one of its robot, into a file.

    One that is there already stays as it is.
    """
    if path.exists():
        typer.echo(f"{path} is there already.")
        return
    expires_at = datetime.now(UTC) + timedelta(days=TRIAL_DAYS)

    async def make(tokens: "PostgresTokens") -> dict[str, str]:
        made = {}
        for name, (role, agent) in TRIAL.items():
            _, made[name] = await tokens.make(
                person=name, role=role, agent=agent, expires_at=expires_at
            )
        return made

    write_private(path, _with_tokens(make))
    typer.echo(f"{len(TRIAL)} tokens, until {expires_at:%Y-%m-%d}: {path}")


@app.command()
def revoke(
    token: Annotated[str | None, typer.Argument(help="A token's id, as `acd token list`.")] = None,
    person: Annotated[str | None, typer.Option(help="All of this person's.")] = None,
) -> None:
    """End a token, or all of a person's, at once."""
    if (token is None) == (person is None):
        raise ConfigurationError("Name a token's id or --person, and not both.")
    ended = _with_tokens(lambda tokens: tokens.revoke(token_id=token, person=person))
    if not ended:
        raise ConfigurationError(f"There is no good token of {token or person}.")
    typer.echo(f"Revoked: {', '.join(ended)}.")


@app.command("list")
def list_() -> None:
    """Show all tokens there have been, without what is secret of them."""
    now = datetime.now(UTC)
    for one in _with_tokens(lambda tokens: tokens.all()):
        state = "revoked" if one.revoked_at else "good" if one.expires_at > now else "expired"
        number = f" ({one.agent})" if one.agent else ""
        typer.echo(
            f"{one.id:6} {state:8} until {one.expires_at:%Y-%m-%d}  {one.role:13} "
            f"{one.person}{number}"
        )


def _with_tokens(work: "Callable[[PostgresTokens], Awaitable[T]]") -> T:
    """Raises ConfigurationError for what the database says."""
    from acd.adapters.postgres.database import open_pool
    from acd.adapters.postgres.errors import DatabaseError
    from acd.adapters.postgres.tokens import PostgresTokens

    async def run() -> T:
        dsn = load_settings().database_dsn()
        pool = await open_pool(dsn, connections_max=1)
        try:
            return await work(PostgresTokens(pool, place=dsn))
        finally:
            await pool.close()

    try:
        return asyncio.run(run())
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
