"""The embedded PostgreSQL: the default when HULING_DATABASE_URL names no other.

Data under run/postgres, owned by the private root's `postgres` user (PostgreSQL refuses root). It
listens on this machine's own address, with a scram password from run/secrets.json. fsync stays on:
this is the record of emergency calls.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from acd.runtime.settings import DATABASE_NAME, DATABASE_USER
from servers import namespaces
from servers.daemon import Daemon
from servers.namespaces import Server
from servers.settings import Secrets, Settings
from servers.steps import Failure

USER = "postgres"
STANZA = "huling"
ARCHIVE_SECONDS = 60
"""A quiet line's changes leave for the archive after this too, not only when a piece is full."""

# Small enough for a laptop, large enough for ten million rows; what matters for safety (fsync,
# synchronous_commit, full_page_writes) is left at PostgreSQL's safe defaults.
OPTIONS = {
    "max_connections": "60",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %d ",
}


class Postgres(Daemon):
    """One PostgreSQL cluster under run/postgres."""

    name = "postgres"
    title = "PostgreSQL"
    start_seconds = 120.0  # after a crash it reads its log first
    stop_seconds = 20.0
    # Fast shutdown: open transactions are rolled back, the log is closed.
    stop_signal = signal.SIGINT

    def __init__(self, settings: Settings, secrets: Secrets, *, root: Path) -> None:
        """`root` is the private root with the `postgresql` package."""
        super().__init__()
        self._settings = settings
        self._password = secrets.postgres_password
        self._root = root
        self.home = settings.run_dir / "postgres"
        self.data = self.home / "data"
        self.log = self.home / "log"

    @property
    def url(self) -> str:
        """Where the database is, for any client: postgresql://role:password@host:port/name."""
        return self._settings.database_dsn()

    @property
    def _bin(self) -> Path:
        """The newest PostgreSQL in the root, as seen inside it."""
        folders = sorted(
            (self._root / "usr/lib/postgresql").iterdir(), key=lambda path: int(path.name)
        )
        return Path("/usr/lib/postgresql") / folders[-1].name / "bin"

    @property
    def version(self) -> str:
        """The major version of the program."""
        return self._bin.parent.name

    def launch(self) -> Server:
        """Make the cluster if there is none, and start it."""
        self._prepare()
        options = {
            **OPTIONS,
            "listen_addresses": self._settings.local_host,
            "port": str(self._settings.postgres_port),
            "unix_socket_directories": str(self.home / "socket"),
            **self._archiving(),
        }
        if self._is_restoring():
            options["hot_standby"] = "off"  # else it calls itself ready while it can only read
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return Server(
            self.name,
            [str(self._bin / "postgres"), "-D", str(self.data), *flags],
            root=self._root,
            share=self._shares(),
            user=USER,
            log=self.log,
        )

    def start(self) -> None:
        """Start it; with a place for backups the archive of its log begins at once."""
        super().start()
        if self._settings.backup_dir is not None:
            self.backrest("stanza-create")

    def backrest(self, command: str, *options: str) -> None:
        """Run one command of pgBackRest as the cluster's owner.  Raises Failure."""
        self._as_postgres(
            ["/usr/bin/pgbackrest", f"--config={self._backrest_conf}", f"--stanza={STANZA}",
             "--log-level-console=warn", command, *options]
        )  # fmt: skip

    @property
    def _backrest_conf(self) -> Path:
        return self.home / "pgbackrest.conf"

    def _archiving(self) -> dict[str, str]:
        """The options that send finished pieces of the log to the archive; none without a place."""
        if self._settings.backup_dir is None:
            return {}
        push = f"pgbackrest --config={self._backrest_conf} --stanza={STANZA} archive-push %p"
        return {
            "archive_mode": "on",
            "archive_command": push,
            "archive_timeout": str(ARCHIVE_SECONDS),
        }

    def _shares(self) -> list[Path]:
        place = self._settings.backup_dir
        return [self.home, *([place.resolve() / "hot"] if place is not None else [])]

    def ready(self) -> bool:
        """Line 8 of postmaster.pid is PostgreSQL's own word for its state (pg_ctl reads it too)."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _prepare(self) -> None:
        """initdb on the first run; afterwards only what may have changed."""
        self.make_folders()
        # One supervisor per run folder holds the lock, and the old server died with the old
        # supervisor's namespace: what it left behind names a process id of a vanished namespace.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        if not self._is_restoring():
            self._set_password()

    def _is_restoring(self) -> bool:
        """Whether the archived log has not been played to its end."""
        return (self.data / "recovery.signal").exists()

    def make_folders(self) -> None:
        """Make what must be there before the cluster is, and tell pgBackRest where all is."""
        uid, gid = self._owner()
        place = self._settings.backup_dir
        folders = [self.home, self.home / "socket"]
        if place is not None:
            place.mkdir(parents=True, exist_ok=True, mode=0o711)
            place.chmod(0o711)  # PostgreSQL's user passes through to its own folder
            folders += [place / "hot", self.home / "pgbackrest"]
            self._backrest_conf.parent.mkdir(parents=True, exist_ok=True)
            self._backrest_conf.write_text(self._backrest_text(place.resolve()), encoding="utf-8")
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            os.chown(folder, uid, gid)

    def _backrest_text(self, place: Path) -> str:
        return f"""\
[global]
repo1-path={place}/hot
repo1-retention-full=2
log-path={self.home}/pgbackrest
lock-path={self.home}/pgbackrest
spool-path={self.home}/pgbackrest
compress-type=zst
start-fast=y

[{STANZA}]
pg1-path={self.data}
pg1-port={self._settings.postgres_port}
pg1-socket-path={self.home}/socket
pg1-user={USER}
"""

    def _initdb(self) -> None:
        """Build the cluster aside and rename it, so that a broken first run leaves none behind."""
        part = self.home / "data.part"
        if part.exists():
            shutil.rmtree(part)
        self._as_postgres(
            [str(self._bin / "initdb"), "-D", str(part), "--username", USER, "--encoding=UTF8",
             "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
             "--auth-local=peer", "--auth-host=scram-sha-256"]
        )  # fmt: skip
        with (part / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.write("host all all samehost scram-sha-256\n")  # HULING_BIND may be any of ours
        self._single_user(part, f"CREATE ROLE {DATABASE_USER} LOGIN CREATEDB;")
        self._single_user(part, f"CREATE DATABASE {DATABASE_NAME} OWNER {DATABASE_USER};")
        part.rename(self.data)

    def _set_password(self) -> None:
        """Give the role the password of run/secrets.json, when that has changed."""
        mark = self.home / "password.sha256"
        digest = hashlib.sha256(self._password.encode()).hexdigest()
        if mark.exists() and mark.read_text(encoding="utf-8") == digest:
            return
        quoted = self._password.replace("'", "''")
        self._single_user(self.data, f"ALTER ROLE {DATABASE_USER} PASSWORD '{quoted}';")
        mark.write_text(digest, encoding="utf-8")

    def _single_user(self, data: Path, sql: str) -> None:
        """Run one statement without a server, as the cluster's owner."""
        self._as_postgres(
            [str(self._bin / "postgres"), "--single", "-D", str(data), "postgres"], stdin=sql + "\n"
        )

    def _as_postgres(self, argv: list[str], *, stdin: str = "") -> None:
        done = subprocess.run(
            namespaces.server_argv(argv, root=self._root, share=self._shares(), user=USER),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        # Single-user mode reports a failed statement in words only.
        if done.returncode != 0 or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
            said = (done.stderr + done.stdout).strip()[-800:]
            raise Failure(f"{Path(argv[0]).name} failed: {said}")

    def _owner(self) -> tuple[int, int]:
        """The root's own `postgres` user: its numbers, for files on the host's disk."""
        for line in (self._root / "etc/passwd").read_text(encoding="utf-8").splitlines():
            name, _, uid, gid, *_ = line.split(":")
            if name == USER:
                return int(uid), int(gid)
        raise Failure(f"the private root {self._root} has no user {USER}: delete it to rebuild it")

    def why(self) -> str:
        """The end of its log, for a message."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return f"Its log ({self.log}) ends with:\n" + "\n".join(text.splitlines()[-8:])
