"""A server lives in its own namespaces, sees what it should, and dies with its parent."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from servers import namespaces
from servers.namespaces import Server
from servers.settings import REPO
from servers.waiting import wait_until

from .conftest import family, mounts, start_time

PARENT = """
import sys, time
from pathlib import Path
from servers.namespaces import Server
server = Server("sleeper", ["/usr/bin/sleep", "600"], root=Path(sys.argv[1]))
print(server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def sleeper(root: Path) -> Iterator[Server]:
    server = Server("sleeper", ["/usr/bin/sleep", "600"], root=root)
    yield server
    server.kill()


def test_it_dies_with_a_parent_killed_by_kill_9(root: Path) -> None:
    before = mounts()
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(root)],
        cwd=REPO,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        everyone = family(parent.pid)
        assert pid in everyone
        assert "unshare" in everyone.values()
        born = {one: start_time(one) for one in everyone}
        parent.kill()
    wait_until(
        lambda: not any(born[one] and start_time(one) == born[one] for one in everyone),
        seconds=240,
        what="all to end",
    )
    assert mounts() == before


def test_it_outlives_the_thread_that_started_it(root: Path) -> None:
    """The kernel's bond is to a thread: ours is one that stays."""
    servers: list[Server] = []

    def start() -> None:
        servers.append(Server("sleeper", ["/usr/bin/sleep", "600"], root=root))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert servers[0].pid  # it got as far as its own program after the thread was gone
    assert servers[0].running
    servers[0].kill()


def test_it_has_its_own_pid_1_mounts_and_shared_memory(sleeper: Server) -> None:
    for kind in ("pid", "mnt", "ipc"):
        mine = Path(f"/proc/self/ns/{kind}").readlink()
        assert Path(f"/proc/{sleeper.pid}/ns/{kind}").readlink() != mine
    status = Path(f"/proc/{sleeper.pid}/status").read_text()
    inner_pid = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[-1]
    assert 1 < int(inner_pid) < 1000


def test_its_exit_code_is_the_programs(root: Path) -> None:
    assert Server("seven", ["/bin/sh", "-c", "exit 7"], root=root).wait() == 7


def test_it_stops_by_the_signal_asked_for(sleeper: Server) -> None:
    assert sleeper.pid
    assert sleeper.stop(signal.SIGTERM, seconds=60)
    assert not sleeper.running
    with pytest.raises(ProcessLookupError):
        _ = sleeper.pid


def test_one_that_does_not_listen_is_ended_after_its_time(root: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    deaf = Server(
        "deaf",
        ["/usr/bin/perl", "-e", '$SIG{TERM} = "IGNORE"; $| = 1; print "deaf\n"; sleep 600'],
        root=root,
        log=log,
    )
    wait_until(lambda: log.exists() and "deaf" in log.read_text(), seconds=240, what="its word")
    assert not deaf.stop(signal.SIGTERM, seconds=0.3)
    assert not deaf.running


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        # the root's files, not the host's
        ("test -x /usr/sbin/asterisk && echo yes", "yes"),
        ("test -e {hidden} || echo absent", "absent"),
        # a shared folder, at the same path, writable
        ("cat {shared}/note && echo more >> {shared}/note", "hello"),
        # the root itself cannot be changed
        ("touch /usr/bin/new 2>/dev/null || echo refused", "refused"),
        ("touch /etc/new 2>/dev/null || echo refused", "refused"),
        # a place for temporary files
        ("touch /tmp/new /run/new && echo made", "made"),
    ],
)
def test_it_sees_the_root_and_the_shared_folders_only(
    root: Path, tmp_path: Path, script: str, answer: str
) -> None:
    shared, hidden = tmp_path / "it's shared", tmp_path / "hidden"
    shared.mkdir()
    hidden.touch()
    (shared / "note").write_text("hello\n")
    script = script.format(shared=shlex.quote(str(shared)), hidden=shlex.quote(str(hidden)))
    log = tmp_path / "log"
    code = Server("look", ["/bin/sh", "-c", script], root=root, share=[shared], log=log).wait()
    assert (code, log.read_text().strip()) == (0, answer)


@pytest.mark.parametrize("name", ["library", "process"])
def test_a_checkout_beside_the_systems_folders_is_shared(root: Path, name: str) -> None:
    """/library and /process begin like /lib and /proc, and were taken for them: a switch in such a
    folder did not find its own files."""
    with TemporaryDirectory(prefix=name, dir="/") as folder:
        shared = Path(folder)
        (shared / "note").write_text("hello\n")
        argv = namespaces.tool_argv(["/bin/cat", f"{folder}/note"], root=root, share=[shared])
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("hello\n", 0), done.stderr


def test_it_can_run_as_another_user(root: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    Server("who", ["/usr/bin/id", "-un"], root=root, user="postgres", log=log).wait()
    assert log.read_text().strip() == "postgres"


def test_a_tool_is_the_callers_own_process(root: Path, tmp_path: Path) -> None:
    """SIPp is stopped by its process id: nothing may stand between."""
    argv = namespaces.tool_argv(["/bin/sh", "-c", "echo $$; pwd"], root=root, share=[tmp_path])
    with subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as tool:
        assert tool.stdout is not None
        assert tool.stdout.read().split() == [str(tool.pid), str(tmp_path)]


def test_memory_and_time_of_the_program_are_known(sleeper: Server) -> None:
    assert sleeper.cpu_ms() < 1000
    assert 100 < sleeper.rss_kb() < 10_000


def test_what_a_piped_block_leaves_behind_is_ended(tmp_path: Path) -> None:
    seen = -1

    def interrupted() -> None:
        nonlocal seen
        with namespaces.piped(["sh", "-c", "echo up; sleep 600"], cwd=tmp_path) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            seen = process.pid
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(ProcessLookupError):
        os.kill(seen, 0)
