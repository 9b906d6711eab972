"""Processes that cannot outlive us: each in its own pid and mount namespace.

The chain is: this process → `unshare` → PID 1 of a new pid namespace → the program. The kernel
kills each link when the one before it dies (PR_SET_PDEATHSIG, `unshare --kill-child`), and with
PID 1 go all processes of its namespace and, with the last of them, its private mounts. So
`kill -9` of the supervisor leaves no process and no mount, and no clean-up code has to run for it.

The kernel ties the bond to the *thread* that forked. All programs are therefore started from one
thread of this module, which lives as long as the interpreter: a caller's short-lived worker thread
never takes a server down with it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from servers.waiting import wait_until

ENTER = Path(__file__).with_name("enter.sh")

_PR_SET_PDEATHSIG = 1
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="servers-spawner")


def die_with_parent(sig: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send `sig` to this process when its parent ends (`make` killed by -9)."""
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, sig.value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # it ended while we asked
        os.kill(os.getpid(), sig)


def refusal() -> str | None:
    """Why this machine cannot make namespaces, as one sentence, or None when it can."""
    if os.geteuid() != 0:
        return (
            "Huling starts its servers in private namespaces and must be root for that: "
            "run the same command with sudo, or use docker/compose.yml."
        )
    probe = subprocess.run(
        ["unshare", "--mount", "--pid", "--ipc", "--fork", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode != 0:
        return (
            "This machine does not let root make namespaces "
            f"({probe.stderr.strip() or 'unshare failed'}): inside a container start it with "
            "`docker run --privileged`, or use docker/compose.yml."
        )
    return None


def tool_argv(argv: Sequence[str], *, root: Path | None, share: Iterable[Path] = ()) -> list[str]:
    """The command line that runs one tool with the root's files, as the caller's own process.

    No pid namespace and no fork: signals, exit code and process id are the tool's own. `share` are
    host folders that it sees at the same paths.
    """
    if root is None:
        return list(argv)
    return [
        "unshare", "--mount", "sh", str(ENTER), str(root), "exec",
        *_shares(share), "--", *argv,
    ]  # fmt: skip


def server_argv(
    argv: Sequence[str],
    *,
    root: Path | None,
    share: Iterable[Path] = (),
    user: str | None = None,
) -> list[str]:
    """The command line that runs a program under its own PID 1, bound to its parent's life."""
    if user is not None:
        argv = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *argv]
    return [
        *bond(),
        "unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child",
        "sh", str(ENTER), str(root or ""), "pid1", *_shares(share), "--", *argv,
    ]  # fmt: skip


def bond() -> list[str]:
    """What to put before a command that must die with this process.

    Should we die before the kernel has been told, the shell sees another parent and does not begin.
    """
    same_parent = 'parent=$0; [ "$PPID" = "$parent" ] && exec "$@"'
    return ["setpriv", "--pdeathsig", "KILL", "sh", "-c", same_parent, str(os.getpid())]


def _shares(folders: Iterable[Path]) -> list[str]:
    """Each folder once, parents before children, so that no mount hides another."""
    return [str(folder) for folder in sorted({path.resolve() for path in folders})]


@contextmanager
def piped(argv: Sequence[str], *, cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a program of the host under its own PID 1 and read what it prints (both streams).

    It is over when the block is: ended at once when the block raises, waited for otherwise.
    """

    def spawn() -> subprocess.Popen[str]:
        return subprocess.Popen(
            server_argv(argv, root=None),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    process = _spawner.submit(spawn).result()
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


class Server:
    """One running program under its own PID 1."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        root: Path | None = None,
        share: Iterable[Path] = (),
        user: str | None = None,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Start it. Output goes to `log` (appended), or to our own when `log` is None.

        Its session is its own, so a terminal's Ctrl-C reaches only the supervisor, which then
        stops the servers in order.
        """
        self.name = name
        self.log = log
        command = server_argv(argv, root=root, share=share, user=user)

        def spawn() -> subprocess.Popen[bytes]:
            output: IO[bytes] | None = None
            if log is not None:
                log.parent.mkdir(parents=True, exist_ok=True)
                output = log.open("ab")
            try:
                return subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT if output is not None else None,
                    env=dict(env) if env is not None else None,
                    cwd=cwd,
                    start_new_session=True,
                )
            finally:
                if output is not None:
                    output.close()

        self._process = _spawner.submit(spawn).result()
        self._pid: int | None = None

    @property
    def running(self) -> bool:
        """Whether the program has not ended yet."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The program's exit code once it has ended (negative: ended by that signal)."""
        return self._process.poll()

    @property
    def pid(self) -> int:
        """The program's process id as this process sees it (waits until it has been started).

        Raises ProcessLookupError when it ended before.
        """
        if self._pid is None:
            wait_until(self._find_pid, seconds=60, what=f"{self.name} to start")
        if self._pid is None or not self.running:
            raise ProcessLookupError(f"{self.name} is not running")
        return self._pid

    def _find_pid(self) -> bool:
        if not self.running:
            return True
        # setpriv, sh and unshare become each other by exec: one process, then PID 1, the program.
        for init in children(self._process.pid):
            for program in children(init):
                # "" is one of the steps that has ended between the two looks.
                if command_of(program) not in ("", *_HELPERS):
                    self._pid = program
                    return True
        return False

    def send(self, sig: signal.Signals) -> None:
        """Send a signal to the program itself."""
        os.kill(self.pid, sig)

    def kill(self) -> None:
        """End it at once, with everything it started (SIGKILL to its PID 1's bond)."""
        if self.running:
            self._process.kill()
        self._process.wait()

    def stop(self, sig: signal.Signals, *, seconds: float) -> bool:
        """Ask it to end and wait; after `seconds` end it at once. True when it ended by itself."""
        try:
            # One that ends just now is as good as stopped: the wait below sees it.
            with suppress(ProcessLookupError):
                if self.running:
                    self.send(sig)
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        return True

    def wait(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        return self._process.wait()

    def pidfd(self) -> int:
        """A descriptor that becomes readable when it ends; the caller closes it."""
        return os.pidfd_open(self._process.pid)

    def cpu_ms(self) -> int:
        """CPU time the program has used, user and system, in milliseconds."""
        fields = _stat_fields(self.pid)
        ticks = int(fields[11]) + int(fields[12])
        return ticks * 1000 // os.sysconf("SC_CLK_TCK")

    def rss_kb(self) -> int:
        """Memory the program holds (resident), in KiB."""
        return int(_stat_fields(self.pid)[21]) * os.sysconf("SC_PAGE_SIZE") // 1024


# What the program is before it is itself: enter.sh's steps on the way to it.
_HELPERS = frozenset({"sh", "dash", "bash", "busybox", "chroot", "setpriv", "mount", "mkdir", "cp",
                      "ln", "chmod", "pwd", "unshare", "nsenter"})  # fmt: skip


def children(pid: int) -> list[int]:
    """Direct children of a process, by id. (Not /proc/…/children: kernels may lack it.)"""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int(_stat_fields(int(entry.name))[1]) == pid:
                    found.append(int(entry.name))
            except (ProcessLookupError, FileNotFoundError):
                continue
    return sorted(found)


def command_of(pid: int) -> str:
    """A process's short name, or "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except (ProcessLookupError, FileNotFoundError):
        return ""


def _stat_fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat after the name: [0] state, [1] parent, [11] utime, [12] stime."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text[text.rindex(")") + 2 :].split()
