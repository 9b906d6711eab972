"""The servers together: what `make run`, the tests and the benches start.

    with Stack(settings, servers={"asterisk", "postgres"}) as stack:
        stack.asterisk.cli("core show channels")
        stack.restart("asterisk")

Blocking on purpose: a test wraps a call in `asyncio.to_thread` where it must not wait.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal

from servers import locks, namespaces
from servers import root as roots
from servers.asterisk import TEMPLATES, Asterisk
from servers.namespaces import Server
from servers.postgres import Postgres
from servers.prometheus import Prometheus
from servers.settings import REPO, Settings, settled, settled_secrets
from servers.steps import Failure, Refusal, Step

Name = Literal["asterisk", "postgres", "prometheus"]
ORDER: tuple[Name, ...] = ("postgres", "asterisk", "prometheus")

# What the service and the tests call by name, each a two-line script in run/bin.
TOOLS = ("sipp", "sox", "espeak-ng", "psql", "pg_dump", "pg_restore", "promtool", "ip")


class Stack:
    """The chosen servers of one run folder, under one lock."""

    def __init__(
        self,
        settings: Settings,
        servers: Collection[str] = ("asterisk", "postgres"),
        *,
        asterisk_templates: Iterable[Path] = TEMPLATES,
        prompts: Path | None = None,
        quiet: bool = False,
    ) -> None:
        """Check the machine, take the run folder's lock, make the root; start nothing yet.

        `quiet` leaves out the line per step. Raises Refusal in one sentence.
        """
        unknown = set(servers) - set(ORDER)
        if unknown:
            raise Refusal(f"There is no server {min(unknown)!r}: choose from {', '.join(ORDER)}.")
        refusal = namespaces.refusal()
        if refusal:
            raise Refusal(refusal)
        settings = settled(settings)
        self.settings = settings
        self.servers: tuple[Name, ...] = tuple(name for name in ORDER if name in servers)
        if settings.database_url is not None:
            self.servers = tuple(name for name in self.servers if name != "postgres")
        self._quiet = quiet
        self._lock = locks.RunLock(settings.run_dir)
        try:
            self.secrets = settled_secrets(settings)
            self.root = roots.ensure_root(settings)
            if settings.asterisk is not None:
                roots.system_asterisk(settings.asterisk)
            self.asterisk = Asterisk(
                settings,
                self.secrets,
                root=None if settings.asterisk is not None else self.root,
                templates=asterisk_templates,
                prompts=prompts,
            )
            self.postgres = Postgres(settings, self.secrets, root=self.root)
            self.prometheus = Prometheus(settings, root=self.root)
            self.bin = write_tools(settings.run_dir, self.root)
        except BaseException:
            self._lock.release()
            raise

    @property
    def database_url(self) -> str:
        """The database's address: HULING_DATABASE_URL, else the embedded one."""
        return self.settings.database_dsn()

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the chosen servers in order; on failure stop those already started."""
        try:
            locks.refuse_taken_ports(self.settings, self.servers)
            for name in self.servers:
                self._start(name)
        except BaseException:
            self.stop()
            raise

    def ensure(self, name: Name) -> None:
        """Start a server that was not among the chosen ones, or has died; else do nothing."""
        if name not in self.servers:
            locks.refuse_taken_ports(self.settings, [name])
            self.servers = tuple(one for one in ORDER if one in (*self.servers, name))
        if not self._one(name).running:
            self._start(name)

    def _start(self, name: Name) -> None:
        one = self._one(name)
        if self._quiet:
            one.start()
            return
        with Step(one.title) as step:
            one.start()
            step.result(self._ready_words(name))

    def _ready_words(self, name: Name) -> str:
        settings = self.settings
        if name == "asterisk":
            return f"{self.asterisk.version}, SIP on {settings.bind}:{settings.sip_port}/udp"
        if name == "postgres":
            return f"{self.postgres.version} on {settings.local_host}:{settings.postgres_port}"
        return f"on {settings.bind}:{settings.prometheus_port}"

    def stop(self) -> None:
        """Stop in reverse order and release the lock. Does nothing twice."""
        try:
            for name in reversed(self.servers):
                self._one(name).stop()
        finally:
            self._lock.release()

    def restart(self, name: Name) -> None:
        """Stop one server in order and start it again, with all it keeps on disk."""
        self._one(name).stop()
        self._one(name).start()

    def kill(self, name: Name) -> None:
        """End one server at once, as a crash would; `restart` brings it back."""
        self._one(name).kill()

    def server(self, name: Name) -> Server:
        """The server's process. Raises Failure before its first start."""
        return self._one(name).server

    def pid(self, name: Name) -> int:
        """The server's process id."""
        return self._one(name).server.pid

    def running(self, name: Name) -> bool:
        """Whether the server is alive."""
        return self._one(name).running

    def cpu_ms(self, name: Name) -> int:
        """CPU time the server has used since its start, in milliseconds (one process)."""
        return self._one(name).server.cpu_ms()

    def cli(self, command: str) -> str:
        """One command of Asterisk's command line."""
        return self.asterisk.cli(command)

    def tool_argv(self, argv: Sequence[str], *, share: Iterable[Path] = ()) -> list[str]:
        """The command line that runs a tool of the private root on the checkout's files."""
        return namespaces.tool_argv(
            argv, root=self.root, share=[REPO, self.settings.run_dir, Path.cwd(), *share]
        )

    def environment(self) -> dict[str, str]:
        """Our environment, with the root's tools first on the path."""
        return {**os.environ, "PATH": f"{self.bin}:{os.environ.get('PATH', os.defpath)}"}

    def _one(self, name: Name) -> Asterisk | Postgres | Prometheus:
        match name:
            case "asterisk":
                return self.asterisk
            case "postgres":
                return self.postgres
            case "prometheus":
                return self.prometheus
        raise Failure(f"There is no server {name!r}.")


def write_tools(run: Path, root: Path) -> Path:
    """Write run/bin: the root's tools as commands, usable by their plain names, and asterisk-cli,
    which has the running Asterisk carry out what stands behind it.

    A command sees the folder it is called from, /tmp, the checkout and the run folder at their own
    paths, keeps the caller's process id, and its private mounts end with it.
    """
    folder = run / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    *enter, _, _ = namespaces.tool_argv(["a tool"], root=root, share=[REPO, run, Path("/tmp")])
    quoted = " ".join(f"'{part}'" for part in enter)
    etc = run.absolute() / "asterisk" / "etc"
    asterisk = f"'/usr/sbin/asterisk' -C '{etc}/asterisk.conf' -rx \"$*\""
    calls = {name: f"'/usr/bin/{name}' \"$@\"" for name in TOOLS} | {"asterisk-cli": asterisk}
    for name, call in calls.items():
        path = folder / name
        path.write_text(
            f'#!/bin/sh\n# {name} of the private root.\nexec {quoted} "$PWD" -- {call}\n',
            encoding="utf-8",
        )
        path.chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    return folder
