"""One run per run folder, and ports that are free: said in sentences a person can act on."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Literal

from servers.settings import Settings
from servers.steps import Refusal
from servers.waiting import wait_until


class RunLock:
    """Holds run/lock while a supervisor lives; the kernel lets go of it however that ends."""

    def __init__(self, run: Path) -> None:
        """Take the lock of this run folder, or raise Refusal naming who has it."""
        try:
            run.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = (run / "lock").open("a+", encoding="utf-8")
        except OSError as problem:
            raise Refusal(
                f"Nothing can be written into {run} ({problem.strerror}): "
                "name another folder by HULING_RUN_DIR."
            ) from problem
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            owner = self._file.read().strip() or "unknown"
            self._file.close()
            raise Refusal(
                f"Another Huling runs in {run} (process {owner}): stop it there with Ctrl-C, "
                "or set HULING_RUN_DIR and the ports for a second one."
            ) from None
        self._file.seek(0)
        self._file.truncate()
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Let the next one in."""
        self._file.close()


Kind = Literal["TCP", "UDP"]


def port_is_free(host: str, port: int, kind: Kind) -> bool:
    """Whether nobody listens there (a connection in TIME_WAIT does not count)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    stream = socket.SOCK_STREAM if kind == "TCP" else socket.SOCK_DGRAM
    with socket.socket(family, stream) as probe:
        if kind == "TCP":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return False
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise Refusal(
                    f"HULING_BIND={host} is not an address of this machine: "
                    "name one that `ip addr` shows, or 0.0.0.0 for all."
                ) from None
            return False
        return True


def refuse_taken_ports(settings: Settings, servers: Iterable[str]) -> None:
    """Raise Refusal naming the first taken port and the setting that moves it."""
    bind, local = settings.bind, settings.local_host
    wanted: dict[str, list[tuple[str, int, Kind, str, str]]] = {
        "asterisk": [
            (bind, settings.sip_port, "UDP", "SIP", "HULING_SIP_PORT"),
            (bind, settings.ari_port, "TCP", "Asterisk's ARI", "HULING_ARI_PORT"),
            (bind, settings.ami_port, "TCP", "Asterisk's AMI", "HULING_AMI_PORT"),
        ],
        "postgres": [(local, settings.postgres_port, "TCP", "PostgreSQL", "HULING_POSTGRES_PORT")],
        "prometheus": [
            (bind, settings.prometheus_port, "TCP", "Prometheus", "HULING_PROMETHEUS_PORT")
        ],
        "acd": [(bind, settings.http_port, "TCP", "the service's HTTP", "HULING_HTTP_PORT")],
        "desk": [(bind, settings.desk_port, "TCP", "the desk's HTTP", "HULING_DESK_PORT")],
    }
    for server in servers:
        for host, port, kind, what, setting in wanted.get(server, []):
            _refuse_taken(host, port, kind, what=what, setting=setting)


def _refuse_taken(host: str, port: int, kind: Kind, *, what: str, setting: str) -> None:
    # A run that was killed a moment ago may still be leaving: give it ten seconds.
    try:
        wait_until(lambda: port_is_free(host, port, kind), seconds=10, what="the port")
    except TimeoutError:
        raise Refusal(
            f"{kind} port {port} on {host}, meant for {what}, is taken by another program: "
            f"set {setting} to a free port (`ss -lntup | grep :{port}` shows who has it)."
        ) from None
