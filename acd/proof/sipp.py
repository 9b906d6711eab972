"""SIPp as a process: found, started, listened to and stopped.

The scenarios log one line per event (``<log>``), SIPp stamps it itself, and this module reads the
lines from a named pipe while the calls run: that is how the tone endpoints learn in time where to
send, without a process per call and without privileges. Orders go the other way as SIP: a MESSAGE
with the call's own Call-ID, sent to SIPp's port, ends a pause of its scenario.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# -rxsf (calls out and calls in on one port, as a telephone does) came with 3.8.
VERSION_MIN = (3, 8)
# A pipe that holds 5,000 lines: SIPp must never wait for its reader.
_PIPE_BYTES = 1 << 20
_MARK = "huling"


class SippError(Exception):
    """SIPp could not do what we asked of it: a sentence for a person."""


class SippMissing(SippError):
    """There is no usable SIPp."""


@dataclass(frozen=True, slots=True)
class SippEvent:
    """One line a scenario logged. ``at_ms`` is SIPp's own clock in epoch milliseconds."""

    name: str
    call_number: int
    call_id: str
    at_ms: float
    fields: Mapping[str, str]


def parse_event(line: str) -> SippEvent | None:
    """Read one log line; None for a line that no scenario of ours wrote.

    The shape is ``huling|name|call number|Call-ID|timestamp|key=value|...``. Raises ValueError for
    a line that begins like ours and is broken.
    """
    parts = line.rstrip("\n").split("|")
    if parts[0] != _MARK:
        return None
    if len(parts) < 5:
        raise ValueError(f"a SIPp log line is cut short: {line!r}")
    pairs = (part.partition("=") for part in parts[5:])
    return SippEvent(
        name=parts[1],
        call_number=int(parts[2]),
        call_id=parts[3],
        at_ms=_epoch_ms(parts[4]),
        fields={key: value for key, _, value in pairs if key},
    )


def _epoch_ms(stamp: str) -> float:
    """SIPp's timestamp as epoch milliseconds; SIPp runs with TZ=UTC.

    It reads ``2026-01-31\\t13:45:00.123456\\t1769867100.123456`` or only the first two.
    """
    day, time = stamp.split()[:2]
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC).timestamp() * 1000


def _interpreter(binary: Path) -> str:
    """The program interpreter an ELF64 binary asks for (its dynamic loader)."""
    with binary.open("rb") as file:
        head = file.read(64)
        if head[:4] != b"\x7fELF" or head[4] != 2:
            raise SippMissing(f"{binary} is not a 64-bit Linux program")
        order = "<" if head[5] == 1 else ">"
        (table,) = struct.unpack_from(f"{order}Q", head, 32)
        size, count = struct.unpack_from(f"{order}HH", head, 54)
        for index in range(count):
            file.seek(table + index * size)
            entry = file.read(size)
            (kind,) = struct.unpack_from(f"{order}I", entry)
            if kind == 3:  # PT_INTERP
                (offset,) = struct.unpack_from(f"{order}Q", entry, 8)
                (length,) = struct.unpack_from(f"{order}Q", entry, 32)
                file.seek(offset)
                return file.read(length).rstrip(b"\0").decode()
    raise SippMissing(f"{binary} names no program interpreter")


def command_in_root(root: Path, program: str) -> list[str]:
    """Run a program of another Debian root as an ordinary process of this host.

    Its own loader and libraries are used, so nothing is installed and no chroot, privilege or
    mount is needed, and paths mean the same on both sides. Raises SippMissing.
    """
    binary = root / program
    if not binary.is_file():
        raise SippMissing(f"there is no {program} in {root}")
    loader = root / _interpreter(binary).lstrip("/")
    if not loader.exists():
        raise SippMissing(f"the loader {loader} is missing")
    libraries = [path for path in (root / "usr/lib").glob("*-linux-gnu*") if path.is_dir()]
    return [
        str(loader),
        "--library-path",
        ":".join(str(path) for path in (*libraries, root / "usr/lib")),
        str(binary),
    ]


def find_sipp(named: str | None = None, root: Path | None = None) -> list[str]:
    """The command that runs SIPp: the one named (HULING_SIPP), the host's, or the root's.

    A host's SIPp that is too old is passed over for the root's; one that was named is an error.
    Raises SippMissing with a sentence that says what to do.
    """
    if named:
        path = shutil.which(named)
        if path is None:
            raise SippMissing(f"HULING_SIPP names {named}, which is not a program; correct it")
        return _new_enough([path])
    tried = []
    path = shutil.which("sipp")
    if path:
        try:
            return _new_enough([path])
        except SippMissing as problem:
            tried.append(str(problem))
    if root is not None:
        try:
            return _new_enough(command_in_root(root, "usr/bin/sipp"))
        except SippMissing as problem:
            tried.append(str(problem))
    reasons = "; ".join(tried) or "none is in PATH"
    raise SippMissing(f"no usable SIPp: {reasons}; set HULING_SIPP to one of 3.8 or newer")


def _new_enough(command: list[str]) -> list[str]:
    try:
        # SIPp ends with 99 after -v.
        shown = subprocess.run([*command, "-v"], capture_output=True, text=True, check=False)
    except OSError as problem:
        raise SippMissing(f"{command[-1]} does not run: {problem.strerror}") from problem
    found = re.search(r"SIPp v(\d+)\.(\d+)", shown.stdout)
    if not found:
        raise SippMissing(f"{command[-1]} does not say its version: {shown.stderr.strip()[:200]}")
    if (int(found[1]), int(found[2])) < VERSION_MIN:
        raise SippMissing(f"{command[-1]} is SIPp {found[1]}.{found[2]}, 3.8 is needed")
    return command


def free_udp_port(host: str) -> int:
    """A UDP port nobody uses at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def write_csv(path: Path, rows: Iterable[Sequence[object]], *, order: str = "SEQUENTIAL") -> Path:
    """Write an injection file, one line per call, used in order; or USER, one line per user.

    A received call uses up a line of a SEQUENTIAL file too, but none of a USER file.
    """
    lines = [order]
    for row in rows:
        cells = [str(cell) for cell in row]
        if any(";" in cell or "\n" in cell for cell in cells):
            raise ValueError(f"SIPp's files cannot hold this row: {cells}")
        lines.append(";".join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Sipp:
    """One SIPp process, its log pipe and its files, all under ``folder``."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        name: str,
        *,
        scenario: Path,
        host: str,
        remote: tuple[str, int],
        receive_scenario: Path | None = None,
        injection: Path | None = None,
        calls: int = 1,
        rate: float = 10.0,
        per_user: bool = False,
        port: int | None = None,
        extra: Sequence[str] = (),
    ) -> None:
        """Start it. ``rate`` is in calls per second, ``extra`` further SIPp options.

        With ``per_user`` each line of the (USER) injection file has one call that stays up. It
        listens on ``port``; None takes any.
        """
        self.name, self.folder, self.host = name, folder, host
        self.port = port or free_udp_port(host)
        self._pipe_path = folder / f"{name}.pipe"
        os.mkfifo(self._pipe_path, 0o600)
        # Opened for both directions so that the pipe is never at its end while we read.
        self.pipe = os.open(self._pipe_path, os.O_RDWR | os.O_NONBLOCK)
        # An unprivileged process may have less: then the kernel's default must do.
        with contextlib.suppress(OSError):
            fcntl.fcntl(self.pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._rest = b""
        self._log = (folder / f"{name}.log").open("wb", buffering=0)
        self._errors = folder / f"{name}.errors"
        arguments = [
            *command, f"{remote[0]}:{remote[1]}", "-sf", str(scenario),
            "-i", host, "-p", str(self.port), "-bind_local", "-mi", host,
            "-m", str(calls), "-users" if per_user else "-l", str(calls), *_rate(rate),
            "-nostdin", "-skip_rlimit", "-aa", "-cid_str", f"%u-%p-{name}@%s",
            "-trace_logs", "-log_file", str(self._pipe_path),
            "-trace_err", "-error_file", str(self._errors),
            "-watchdog_minor_maxtriggers", "100000", "-watchdog_major_maxtriggers", "100000",
        ]  # fmt: skip
        if receive_scenario is not None:
            arguments += ["-rxsf", str(receive_scenario)]
        if injection is not None:
            arguments += ["-inf", str(injection)]
        with (folder / f"{name}.screen").open("wb") as screen:
            self.process = subprocess.Popen(
                [*arguments, *extra],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ.get("PATH", ""), "TZ": "UTC", "TERM": "dumb"},
            )
        self._orders = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._order_number = 0

    def events(self) -> list[SippEvent]:
        """The events logged since the last call of this; never waits."""
        while True:
            try:
                data = os.read(self.pipe, _PIPE_BYTES)
            except BlockingIOError:
                break
            self._log.write(data)
            self._rest += data
        *lines, self._rest = self._rest.split(b"\n")
        parsed = (parse_event(line.decode("utf-8", "replace")) for line in lines)
        return [event for event in parsed if event is not None]

    def order(self, call_id: str) -> None:
        """Tell this call's scenario to go on: to hang up, answer or unregister, as it stands."""
        self._order_number += 1
        message = (
            f"MESSAGE sip:order@{self.host}:{self.port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.host};branch=z9hG4bK-order-{self._order_number}\r\n"
            f"From: <sip:order@{self.host}>;tag=order\r\nTo: <sip:order@{self.host}>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: {self._order_number} MESSAGE\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        self._orders.sendto(message.encode(), (self.host, self.port))

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def problem(self) -> str | None:
        """What went wrong in SIPp's own words, shortened; None when nothing did."""
        code = self.process.poll()
        if code in (None, 0):
            return None
        if code < 0:  # what it said before says nothing of why
            return f"SIPp {self.name} was killed by signal {-code}"
        errors = self._errors.read_text("utf-8", "replace") if self._errors.exists() else ""
        screen = (self.folder / f"{self.name}.screen").read_text("utf-8", "replace")
        words = " ".join((errors or screen[-400:]).split())[:400]
        return f"SIPp {self.name} ended with {code}: {words}"

    def stop(self, patience_s: float = 2.0) -> None:
        """End the process, politely and then not, and give everything back."""
        if not self.ended:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.events()
        self._log.close()
        self._orders.close()
        os.close(self.pipe)
        self._pipe_path.unlink(missing_ok=True)


def _rate(calls_per_s: float) -> list[str]:
    """SIPp takes whole calls per period of whole milliseconds."""
    if calls_per_s >= 10:
        return ["-r", str(round(calls_per_s)), "-rp", "1000"]
    return ["-r", "1", "-rp", str(round(1000 / calls_per_s))]
