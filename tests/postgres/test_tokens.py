"""Tokens from the command line to the door: made once, kept as digests, over when revoked."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import DatabaseRefused
from acd.adapters.postgres.tokens import KnownToken, PostgresTokens, digest, watch_tokens
from acd.cli.app import app
from acd.core.roles import Role
from acd.runtime.api.tokens import TokenList, token_list
from acd.runtime.credentials import ConfigurationError

PATIENCE_S = 20.0
Run = Callable[..., "asyncio.Future[Result]"]


@pytest.fixture
def acd(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HULING_DATABASE_URL", database_url)
    # The command's output is this process's own, in which the followed list would write too.
    monkeypatch.setattr(
        "acd.runtime.api.tokens.log", structlog.wrap_logger(structlog.PrintLogger(sys.__stderr__))
    )

    def run(*arguments: str) -> "asyncio.Future[Result]":
        return asyncio.ensure_future(
            asyncio.to_thread(lambda: CliRunner().invoke(app, ["token", *arguments]))
        )

    return run


@pytest.fixture
async def known(pool: Pool, database_url: str) -> AsyncIterator[TokenList]:
    del pool
    tokens = token_list(database_url)
    following = asyncio.create_task(tokens.follow())
    await asyncio.wait_for(tokens.read.wait(), PATIENCE_S)
    yield tokens
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the list tells nobody when it has changed
            await asyncio.sleep(0.005)


async def test_a_trial_has_a_token_of_each_role_in_a_private_file(
    acd: Run, known: TokenList, tmp_path: Path
) -> None:
    """Made once: those that somebody uses already stay good."""
    path = tmp_path / "tokens.json"
    assert (await acd("trial", str(path))).exit_code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    made = json.loads(path.read_bytes())
    await until(lambda: known.find(made["monitor"]) is not None)
    granted = {name: known.find(token) for name, token in made.items()}
    assert {one.role for one in granted.values() if one} == set(Role)
    numbers = {name: one.agent for name, one in granted.items() if one}
    assert (numbers["robot"], numbers["supervisor"]) == ("8099", "8090")
    before = path.read_bytes()
    assert "is there already" in (await acd("trial", str(path))).output
    assert path.read_bytes() == before


async def test_a_token_is_made_shown_once_and_revoked(
    acd: Run, pool: Pool, known: TokenList
) -> None:
    await pool.execute("INSERT INTO agents (id, name, role) VALUES ('8090', '李敏', 'supervisor')")
    made = await acd("create", "--role", "supervisor", "--person", "李敏", "--agent", "8090")
    assert made.exit_code == 0
    token = made.stdout.strip()
    assert re.fullmatch(r"hl_[\w-]{43}", token)
    await until(lambda: known.find(token) is not None)
    granted = known.find(token)
    assert granted is not None
    assert (granted.person, granted.role, granted.agent) == ("李敏", Role.SUPERVISOR, "8090")
    # Nothing that is kept or shown afterwards has the token in it.
    rows = await pool.fetch("SELECT row(t.*)::text AS all FROM api_token t")
    listed = await acd("list")
    assert token not in str(rows) + listed.output
    assert re.fullmatch(r"t1 +good +until \d{4}-\d\d-\d\d  supervisor +李敏 \(8090\)\n",
                        listed.output)  # fmt: skip
    over = asyncio.create_task(known.until_over(granted))
    assert (await acd("revoke", "t1")).output == "Revoked: t1.\n"
    await asyncio.wait_for(over, PATIENCE_S)
    assert known.find(token) is None
    assert "t1     revoked" in (await acd("list")).output
    assert isinstance((await acd("revoke", "t1")).exception, ConfigurationError)


async def test_whoever_leaves_loses_all_of_theirs_at_once(
    acd: Run, pool: Pool, known: TokenList
) -> None:
    """L2: rights are revoked the same day; here, the same second."""
    tokens = PostgresTokens(pool)
    soon = datetime.now(UTC) + timedelta(days=1)
    texts = [
        (await tokens.make(person=person, role="regulator", agent=None, expires_at=soon))[1]
        for person in ("赵强", "赵强", "王芳")
    ]
    await until(lambda: known.size == 3)
    assert (await acd("revoke", "--person", "赵强")).exit_code == 0
    await until(lambda: known.size == 1)
    assert [known.find(text) is not None for text in texts] == [False, False, True]


async def test_a_token_expires(pool: Pool, database_url: str) -> None:
    now = [datetime.now(UTC)]
    tokens = TokenList(lambda: watch_tokens(database_url), clock=lambda: now[0])
    until_then = now[0] + timedelta(days=1)
    _, text = await PostgresTokens(pool).make(
        person="王芳", role="agent", agent="8001", expires_at=until_then
    )
    following = asyncio.create_task(tokens.follow())
    await asyncio.wait_for(tokens.read.wait(), PATIENCE_S)
    granted = tokens.find(text)
    assert granted is not None
    now[0] = until_then
    assert tokens.find(text) is None
    assert tokens.size == 0
    await asyncio.wait_for(tokens.until_over(granted), PATIENCE_S)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_while_postgresql_is_away_the_last_tokens_stay_good() -> None:
    """X14: nobody is locked out of their work because a database is down."""
    one = KnownToken(
        id="t1", sha256=digest("hl_x"), person="王芳", role="agent", agent="8001",
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )  # fmt: skip
    refused = asyncio.Event()

    async def readings() -> AsyncGenerator[list[KnownToken], None]:
        yield [one]
        refused.set()
        raise DatabaseRefused("no")

    tokens = TokenList(readings)
    following = asyncio.create_task(tokens.follow())
    await asyncio.wait_for(refused.wait(), PATIENCE_S)
    assert tokens.find("hl_x") is not None
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["create", "--role", "agent", "--person", "x"], "An agent's token needs --agent"),
        (["create", "--role", "agent", "--person", "x", "--agent", "9999"],
         "--agent 9999 is nobody's number"),
        (["create", "--role", "monitor", "--person", " "], "--person is empty"),
        (["create", "--role", "monitor", "--person", "a\nb"], "--person is empty"),
        (["revoke"], "Name a token's id or --person"),
        (["revoke", "t1", "--person", "x"], "Name a token's id or --person"),
        (["revoke", "t99"], "There is no good token of t99."),
    ],
)  # fmt: skip
async def test_mistakes_are_one_sentence(
    acd: Run, pool: Pool, arguments: list[str], sentence: str
) -> None:
    del pool
    told = await acd(*arguments)
    assert isinstance(told.exception, ConfigurationError)
    assert str(told.exception).startswith(sentence)
