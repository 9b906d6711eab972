"""A switch of its own for a drill, on the demo directory: `make drill-NAME` ends up here."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from acd.adapters.postgres.database import connect
from acd.adapters.postgres.statements import sql
from acd.demo.directory import text
from acd.drill.cast import Directory, DrillFailure, Ground, refuse_real_rescue
from acd.drill.pause import MachineStoodStill
from acd.proof.phones import Account
from acd.proof.sipp import find_sipp
from acd.proof.stage import Switch, Tools
from servers.service import Service
from servers.settings import load
from servers.stack import Stack
from servers.steps import Failure, Refusal

AGENTS = {
    "ab": ("a8002", "a8001", "a8090"),
    "alone": ("a8002",),
    "silent": ("a8002", "a8001"),
}
"""Who is on duty in each drill."""

PLAYS_MAX = 3


@contextmanager
def ground(directory: Directory, users: tuple[str, ...]) -> Iterator[Ground]:
    """A running switch; stopped at the end of the block."""
    with Stack(load(), {"asterisk", "postgres"}, quiet=True) as stack:
        service = Service(stack)
        asyncio.run(refuse_a_house(stack.database_url))
        service.migrate()
        service.load(yaml.safe_dump(dict(directory), allow_unicode=True, sort_keys=False))
        service.start()
        try:
            settings = stack.settings
            folder = settings.run_dir / "drill"
            folder.mkdir(exist_ok=True)
            passwords = service.credentials()
            yield Ground(
                tools=Tools(
                    find_sipp(None, stack.root),
                    folder,
                    Switch(settings.local_host, settings.sip_port),
                ),
                api_url=settings.http_address,
                accounts=[Account(user, passwords[user]) for user in users],
                trunks=[
                    (trunk["outbound"]["host"], trunk["outbound"]["port"])
                    for trunk in directory["trunks"]
                ],
            )
        finally:
            service.stop()


async def refuse_a_house(database_url: str) -> None:
    """Raise DrillFailure when the database belongs to a house that calls real rescue services.

    `make` plays in a private world with a database of its own; whoever starts this module by hand
    has the house's settings, and a drill would load its people in place of the house's."""
    connection = await connect(database_url)
    try:
        if await connection.fetchval("SELECT to_regclass('rescue_numbers')") is None:
            return
        rows = await connection.fetch(sql("directory_rescue_numbers"))
    finally:
        await connection.close()
    refuse_real_rescue({"areas": [{"id": row["area"], row["service"]: dict(row)} for row in rows]})


def _play(name: str, directory: Directory) -> int:
    """Play it, again when the machine stood still meanwhile."""
    drill = importlib.import_module(f"acd.drill.{name}")
    for _ in range(PLAYS_MAX):
        try:
            with ground(directory, AGENTS[name]) as found:
                return int(drill.run(found))
        except MachineStoodStill as pause:
            print(pause, file=sys.stderr)
    raise DrillFailure(f"This machine is too busy to play a drill: it was tried {PLAYS_MAX} times.")


def main() -> int:
    """Play one drill; exit code 0 only when all of it held."""
    parser = argparse.ArgumentParser(prog="python -m servers.drill", description=__doc__)
    parser.add_argument("name", choices=sorted(AGENTS))
    parser.add_argument("--directory", type=Path, help="a directory file; the demo's by default")
    given = parser.parse_args()
    written = text() if given.directory is None else given.directory.read_text(encoding="utf-8")
    directory: Directory = yaml.safe_load(written)
    try:
        refuse_real_rescue(directory)
        return _play(given.name, directory)
    except (DrillFailure, Failure, Refusal, OSError) as problem:
        print(problem, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
