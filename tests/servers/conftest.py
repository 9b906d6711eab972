"""A place of its own for each test that starts servers: run folder, ports, processes, mounts."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from acd.runtime.settings import Settings
from servers import namespaces
from servers.root import ensure_root
from servers.settings import REPO, load
from servers.waiting import wait_until

PORTS = (
    "sip_port",
    "http_port",
    "desk_port",
    "ari_port",
    "ami_port",
    "postgres_port",
    "prometheus_port",
)


def free_ports(count: int) -> list[int]:
    """Ports that nobody has, below those that the kernel gives to whoever asks for any."""
    found: list[int] = []
    for port in random.sample(range(21_000, 29_000), 1_000):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("there are no free ports")


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Settings of a Huling that meets no other one on this machine."""
    run = Path(tempfile.mkdtemp(prefix="huling-"))
    run.chmod(0o755)
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    yield load().model_copy(update={"run_dir": run, **ports})
    shutil.rmtree(run)


@pytest.fixture(scope="session")
def root() -> Path:
    return ensure_root(load())


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives another process these settings."""
    own = {f"HULING_{name.upper()}": str(getattr(settings, name)) for name in (*PORTS, "run_dir")}
    return {**os.environ, **own, "PYTHONUNBUFFERED": "1"}


def family(pid: int) -> dict[int, str]:
    """A process and all its descendants: id → name."""
    found = {pid: namespaces.command_of(pid)}
    for child in namespaces.children(pid):
        found |= family(child)
    return found


def start_time(pid: int) -> str | None:
    """Tells a process from a later one with the same id; None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def mounts() -> str:
    return Path("/proc/mounts").read_text()


class Supervisor:
    """`python -m servers run …` (or make) as a process that a test may interrupt or kill."""

    def __init__(self, settings: Settings, command: list[str]) -> None:
        self.output = settings.run_dir / "supervisor.out"
        self.mounts_before = mounts()
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=REPO,
                env=environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.family: dict[int, str] = {}
        self._born: dict[int, str | None] = {}

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_serving(self) -> None:
        """Until it serves; then remember every process it has."""
        wait_until(
            lambda: "Ctrl-C stops" in self.said() or self.process.poll() is not None,
            seconds=240,
            what="the servers",
        )
        assert self.process.poll() is None, self.said()
        self.family = family(self.process.pid)
        self._born = {pid: start_time(pid) for pid in self.family}

    def wait_nothing_left(self) -> None:
        """Until no process of it is alive and no mount has been added; fails naming what is."""

        def left() -> list[str]:
            return [
                name
                for pid, name in self.family.items()
                if (born := start_time(pid)) is not None and born == self._born[pid]
            ]

        try:
            wait_until(lambda: not left(), seconds=240, what="all processes to end")
        except TimeoutError:
            pytest.fail(f"still alive: {left()}\n{self.said()}")
        assert mounts() == self.mounts_before


@pytest.fixture
def supervise(settings: Settings) -> Iterator[Callable[..., Supervisor]]:
    """Start supervisors with the test's settings; none survives the test."""
    started: list[Supervisor] = []

    def start(*arguments: str, command: list[str] | None = None) -> Supervisor:
        prefix = command or [sys.executable, "-m", "servers", "run"]
        started.append(Supervisor(settings, [*prefix, *arguments]))
        return started[-1]

    yield start
    for supervisor in started:
        supervisor.process.kill()
        supervisor.process.wait()
        supervisor.wait_nothing_left()
