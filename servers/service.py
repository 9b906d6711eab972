"""`acd serve` beside a running stack, for the tests and the benches: started, restarted, asked.

    service = Service(stack)
    service.migrate()
    service.load(text())          # a directory file's text
    service.start()
    service.stop()

Blocking on purpose, as the stack is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from servers.namespaces import Server
from servers.run import acd_argv, environment
from servers.settings import REPO, Settings
from servers.stack import Stack
from servers.steps import Failure
from servers.waiting import wait_until

READY_SECONDS = 120.0
STOP_SECONDS = 60.0
COMMAND_SECONDS = 240.0

_PASSED_ON = (
    "bind", "sip_port", "http_port", "desk_port", "ari_port", "ami_port", "postgres_port",
    "prometheus_port", "rtp_port_min", "rtp_port_max", "node", "standby",
)  # fmt: skip


class _Process:
    """One of our own programs, which `start` has started."""

    _server: Server | None = None

    def stop(self) -> int | None:
        """SIGTERM; the exit code, None when it had not been started."""
        if self._server is None:
            return None
        self._server.stop(signal.SIGTERM, seconds=STOP_SECONDS)
        code = self._server.exit_code
        self._server = None
        return code


class Service(_Process):
    """The service as a process of its own, with the settings of its stack."""

    def __init__(
        self, stack: Stack, settings: Settings | None = None, *, within: Sequence[str] = ()
    ) -> None:
        """``stack`` has PostgreSQL and Asterisk running; ``settings`` are those of a service beside
        its own, on other ports and in another run folder.  ``within`` comes before its command
        line."""
        self._within = list(within)
        self.stack = stack
        self.settings: Settings = settings or stack.settings
        self.log = self.settings.run_dir / "log" / "acd-serve.log"

    def environment(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a command of the service needs to find this stack; ``changes`` win."""
        own = {f"HULING_{name.upper()}": str(getattr(self.settings, name)) for name in _PASSED_ON}
        secrets = self.stack.secrets
        return {
            **environment(self.stack),
            **own,
            "HULING_RUN_DIR": str(self.settings.run_dir),
            "HULING_DATABASE_URL": self.stack.database_url,
            "HULING_ARI_PASSWORD": secrets.ari_password,
            "HULING_AMI_PASSWORD": secrets.ami_password,
            "HULING_LOG_FORMAT": "json",
            # Whoever wants the service's own calls says so: they would meet a test's.
            "HULING_SYNTHETIC_S": "0",
            **(changes or {}),
        }

    def command(
        self, *arguments: str, changes: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one `acd` command to its end, whatever its exit code."""
        return subprocess.run(
            acd_argv(*arguments),
            cwd=REPO,
            env=self.environment(changes),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def migrate(self) -> None:
        """Bring the database's schema up. Raises Failure."""
        self._must("db", "migrate")

    def load(self, directory: str) -> None:
        """Load a directory from its YAML. Raises Failure with the command's sentence."""
        path = self.settings.run_dir / "directory.yaml"
        path.write_text(directory, encoding="utf-8")
        self._must("directory", "load", str(path))

    def _must(self, *arguments: str) -> None:
        done = self.command(*arguments)
        if done.returncode != 0:
            raise Failure(f"`acd {' '.join(arguments)}` ended with {done.returncode}:\n"
                          f"{done.stdout}{done.stderr}")  # fmt: skip

    def start(self, changes: Mapping[str, str] | None = None) -> None:
        """Start it and wait until it says that it is ready, or stands by. Raises Failure when it
        does neither."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._server = Server(
            "acd",
            [*self._within, *acd_argv("serve")],
            log=self.log,
            env=self.environment(changes),
            cwd=REPO,
        )
        try:
            wait_until(
                lambda: not self.running or self.ready() or self.role() == "standby",
                seconds=READY_SECONDS,
                what="the service to be ready",
            )
        except TimeoutError:
            self._server.kill()
            raise Failure(f"The service was not ready in {READY_SECONDS:g} s:\n{self.log_end()}"
                          ) from None  # fmt: skip
        if not self.running:
            raise Failure(f"The service ended with {self._server.exit_code}:\n{self.log_end()}")

    @property
    def running(self) -> bool:
        """Whether it is alive."""
        return self._server is not None and self._server.running

    @property
    def server(self) -> Server:
        """The process. Raises Failure before the first start."""
        if self._server is None:
            raise Failure("The service has not been started.")
        return self._server

    def ready(self) -> bool:
        """Whether `/health/ready` says so."""
        return _says_ready(self.settings.http_address)

    def role(self) -> str:
        """What `/health/ready` says it is: active, standby, starting; empty when it is silent."""
        return _role(self.settings.http_address)

    def credentials(self) -> dict[str, str]:
        """The phones' SIP passwords, as the service wrote them."""
        found: dict[str, str] = json.loads(self.settings.credentials_path.read_bytes())
        return found

    def journals(self) -> list[Path]:
        """The journals of this run folder, oldest first."""
        return sorted(self.settings.journal_dir.glob("*.journal"))

    def log_size(self) -> int:
        """Where the log ends now, for `complaints`."""
        return self.log.stat().st_size if self.log.exists() else 0

    def complaints(self, since: int = 0) -> list[str]:
        """Lines of the log that tell of a defect: errors, exceptions, anything that is not ours."""
        return [line for line in self.logged(since).splitlines() if _is_complaint(line)]

    def logged(self, since: int = 0) -> str:
        """The log from there to its end."""
        with self.log.open("rb") as file:
            file.seek(since, os.SEEK_SET)
            return file.read().decode(errors="replace")

    def log_end(self, since: int = 0, lines: int = 20) -> str:
        """The last lines of the log from there on, for who has to understand a failure."""
        return "\n".join(self.logged(since).splitlines()[-lines:]) if self.log.exists() else ""


class Desk(_Process):
    """`acd desk` as a process of its own, beside a service that has migrated the database."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.settings = service.settings
        self.log = self.settings.run_dir / "log" / "acd-desk.log"

    def start(self, changes: Mapping[str, str] | None = None) -> None:
        """Start it and wait until it says that it is ready. Raises Failure when it does not."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        server = self._server = Server(
            "desk", acd_argv("desk"), log=self.log, env=self.service.environment(changes), cwd=REPO
        )
        try:
            wait_until(
                lambda: not server.running or _says_ready(self.settings.desk_address),
                seconds=READY_SECONDS,
                what="the desk to be ready",
            )
        except TimeoutError:
            server.kill()
            raise Failure(f"The desk was not ready in {READY_SECONDS:g} s: {self.log}") from None
        if not server.running:
            raise Failure(f"The desk ended with {server.exit_code}: {self.log.read_text()[-2000:]}")

    def complaints(self) -> list[str]:
        """Lines of the log that tell of an error."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if _is_complaint(line)]


class Watchdog(_Process):
    """`acd watchdog` as a process of its own, beside a service."""

    def __init__(self, service: Service) -> None:
        self.log = service.settings.run_dir / "log" / "acd-watchdog.log"
        self._service = service

    def start(self) -> None:
        """Start it; it needs nothing to be there."""
        self._server = Server(
            "watchdog",
            acd_argv("watchdog"),
            log=self.log,
            env=self._service.environment(),
            cwd=REPO,
        )


def _says_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _role(address: str) -> str:
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=2) as answer:
            return str(json.load(answer)["role"])
    except urllib.error.HTTPError as refused:
        return str(json.load(refused)["role"])
    except OSError:
        return ""


def _is_complaint(line: str) -> bool:
    """Whether a line of the log is an error, or no line of the log's at all (a traceback)."""
    if not line.strip():
        return False
    try:
        found = json.loads(line)
    except ValueError:
        return True
    return not isinstance(found, dict) or found.get("level") in ("error", "critical")
