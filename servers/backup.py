"""`make backup` and `make restore`: the hot backup of the embedded PostgreSQL, and the cold one.

Hot: pgBackRest takes each finished piece of PostgreSQL's log as it comes, at most a minute after
the change, and a copy of the cluster whenever `make backup` is run; a restore plays the log to its
end, and brings the recordings and messages of the cold one, which lie beside it.
Cold: `acd backup`, a dump and the recordings, which needs no PostgreSQL of the same version.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from acd.desk.backup import MESSAGES, RECORDINGS, mirror
from servers import locks
from servers.postgres import Postgres
from servers.root import ensure_root
from servers.run import acd_argv
from servers.settings import REPO, Settings, load, settled_secrets
from servers.stack import write_tools
from servers.steps import Failure, Refusal, Step, say

RECOVERY_SECONDS = 6 * 3600.0
"""A day of a busy line's log is read in minutes; a month of it may take hours."""


def backup(arguments: Sequence[str] = ()) -> int:
    """Make both backups of the running house; exit code 1 when the cold one is not complete."""
    settings, place, postgres = _of_the_house()
    if not (postgres.data / "postmaster.pid").exists():
        raise Refusal("PostgreSQL is not running: start it with `make run` and try again.")
    with Step("Hot backup") as step:
        postgres.backrest("backup", *arguments)
        step.result(f"in {place}/hot")
    tools = write_tools(settings.run_dir, ensure_root(settings))
    environment = {
        **os.environ,
        "HULING_RUN_DIR": str(settings.run_dir),
        "PATH": f"{tools}:{os.environ.get('PATH', os.defpath)}",
    }
    return subprocess.run(acd_argv("backup"), cwd=REPO, env=environment, check=False).returncode


def restore() -> int:
    """Bring the hot backup into an empty run folder; PostgreSQL is left stopped and whole."""
    settings, place, postgres = _of_the_house()
    lock = locks.RunLock(settings.run_dir)
    try:
        bring_back(postgres)
        _bring_files_back(settings, place)
    finally:
        lock.release()
    say(
        "The cluster is back: `make run` starts it; `acd db check` works every record out again, "
        "`acd desk verify` every recording."
    )
    return 0


def bring_back(postgres: Postgres) -> None:
    """Restore into a cluster that is not there, and play the log to its end.  Raises Refusal."""
    if postgres.data.exists() and any(postgres.data.iterdir()):
        raise Refusal(f"{postgres.data} is not empty: move it away, then restore.")
    with Step("Restore") as step:
        postgres.make_folders()
        postgres.backrest("restore")
        step.note("the log")
        postgres.start_seconds = RECOVERY_SECONDS
        postgres.start()
        postgres.stop()
        step.result(str(postgres.data))


def _bring_files_back(settings: Settings, place: Path) -> None:
    """Recordings and messages, where they are not yet.  Raises Failure."""
    with Step("Recordings and messages") as step:
        try:
            copied = mirror(place / RECORDINGS, settings.recordings_archive_dir)
            copied += mirror(place / MESSAGES, settings.messages_spool_dir)
        except OSError as error:
            raise Failure(
                f"The cluster is back, recordings and messages not all: {error.filename}: "
                f"{error.strerror}. Make room, and copy {place / RECORDINGS} to "
                f"{settings.recordings_archive_dir} and {place / MESSAGES} to "
                f"{settings.messages_spool_dir}."
            ) from None
        step.result(f"{copied} brought back")


def _of_the_house() -> tuple[Settings, Path, Postgres]:
    settings = load()
    if settings.backup_dir is None:
        raise Refusal("There is no place for backups: set HULING_BACKUP_DIR.")
    if settings.database_url is not None:
        raise Refusal(
            "HULING_DATABASE_URL names a PostgreSQL of your own: its hot backup is made on its own "
            "machine, see docs/operations.md; `acd backup` makes the cold one."
        )
    postgres = Postgres(settings, settled_secrets(settings), root=ensure_root(settings))
    return settings, settings.backup_dir, postgres
