"""Asterisk and PostgreSQL as tests and benches use them: started, restarted, killed, asked."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from acd.runtime.settings import Settings
from servers.settings import REPO, settled_secrets
from servers.stack import Stack
from servers.steps import Refusal


@pytest.fixture
def stack(settings: Settings) -> Iterator[Stack]:
    with Stack(settings, quiet=True) as stack:
        yield stack


def sql(stack: Stack, statement: str) -> str:
    done = subprocess.run(
        ["psql", "-XAtq", stack.database_url, "-c", statement],
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip()


def test_what_asterisk_and_postgres_keep_survives_restart_and_crash(stack: Stack) -> None:
    stack.cli("database put huling account kept")
    sql(stack, "create table kept (n int); insert into kept values (42)")
    # an orderly restart, then a crash of each
    for end in (stack.restart, stack.kill):
        for name in stack.servers:
            end(name)
            stack.ensure(name)
        assert "kept" in stack.cli("database get huling account")
        assert sql(stack, "select n from kept") == "42"


def test_whoever_is_woken_can_ask_asterisk(stack: Stack) -> None:
    """operations.md says `pjsip show endpoints` and the like, and there was no way to say it."""
    done = subprocess.run(
        [stack.bin / "asterisk-cli", "core", "show", "settings"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "System name:" in done.stdout


def test_asterisk_knows_each_command_that_a_page_names(stack: Stack) -> None:
    """The watchdog's sign of life was said to be in `core show globals`, which there is not."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (REPO / "docs").glob("*.md"))
    named = set(re.findall(r"`((?:core|database|dialplan|pjsip) show [\w -]+)`", pages))
    assert len(named) > 3
    assert {one for one in named if "No such command" in stack.cli(one)} == set()


def test_a_restart_is_another_process(stack: Stack) -> None:
    before = stack.pid("asterisk")
    stack.restart("asterisk")
    assert stack.pid("asterisk") != before
    assert stack.asterisk.version.startswith("22.")


def test_the_database_is_safe_and_ours(stack: Stack) -> None:
    assert sql(stack, "show fsync; show synchronous_commit; show full_page_writes") == "on\non\non"
    assert sql(stack, "select current_user, current_database()") == "huling|huling"
    assert sql(stack, "select rolsuper from pg_roles where rolname = current_user") == "f"
    assert sql(stack, "create database another") == ""
    assert sql(stack, "drop database another") == ""


def test_a_new_password_takes_effect_at_the_next_start(stack: Stack) -> None:
    stack.stop()
    path = stack.settings.secrets_path
    path.write_text(json.dumps({**json.loads(path.read_text()), "postgres_password": "it's new"}))
    with Stack(stack.settings, servers={"postgres"}, quiet=True) as again:
        assert "it%27s%20new" in again.database_url
        assert sql(again, "select 1") == "1"


def test_secrets_are_made_once_and_only_for_us(settings: Settings) -> None:
    first = settled_secrets(settings)
    assert settings.secrets_path.stat().st_mode & 0o777 == 0o600
    assert settled_secrets(settings) == first
    assert len({first.ari_password, first.ami_password, first.postgres_password}) == 3


def test_one_run_folder_has_one_owner(stack: Stack) -> None:
    with pytest.raises(Refusal, match="Another Huling runs in"):
        Stack(stack.settings, quiet=True)


def test_asterisk_finds_the_mandarin_prompts(stack: Stack) -> None:
    shown = stack.cli("core show settings")
    assert str(stack.settings.run_dir / "asterisk") in shown
    prompts = stack.settings.run_dir / "asterisk" / "data" / "sounds" / "zh"
    assert prompts.readlink().parts[-2:] == ("prompts", "built")
