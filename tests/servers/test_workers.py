"""Tests side by side: each worker in a world of its own, one closing line, nothing left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from acd.runtime.settings import Settings
from servers import sharing, workers
from servers.settings import REPO
from servers.waiting import wait_until
from servers.workers import WITH_A_SWITCH

from .conftest import environment, family, start_time

ENDS_S = 240.0
"""Two workers begin within three seconds; on a machine that is busy, it may be thirty."""

# Two files that are run at the same time: each takes the same port, and goes on only when the other
# has it too.
TAKES_THE_PORT = """
import os, pathlib, socket, time

def test_the_port_is_mine():
    meet = pathlib.Path(__file__).parent
    with socket.create_server(("127.0.0.1", 5060)):
        (meet / f"here-{os.environ['HULING_RUN_DIR'].rpartition('/')[2]}").touch()
        end = time.monotonic() + 180
        while len(list(meet.glob("here-*"))) < 2:
            assert time.monotonic() < end, "the other one does not come"
            time.sleep(0.01)
    assert os.path.isdir(os.environ["HULING_RUN_DIR"])
"""

FAILS = """
def test_fails():
    assert 1 == 2
"""

DIES = """
import os

def test_dies():
    os._exit(3)

def test_after():
    pass
"""

GOES_ON = """
import pathlib, time

def test_goes_on():
    (pathlib.Path(__file__).parent / pathlib.Path(__file__).stem).touch()
    time.sleep(600)
"""


# In place of util-linux's: the first world is made (the run's own), a worker's is not.
UNSHARES_ONCE = """#!/bin/sh
[ -e {folder}/first ] && {{ echo 'unshare: unshare failed: No space left on device' >&2; exit 1; }}
case "$*" in *--net*) touch {folder}/first;; esac
exec {unshare} "$@"
"""


def by_two(
    folder: Path, settings: Settings, root: Path, *, path: str | None = None
) -> subprocess.Popen[str]:
    """`pytest` over a folder by two workers, as `make test` runs it; a group of its own."""
    program = (
        "import sys; from pathlib import Path; from servers import tiers; from servers.settings"
        " import load; sys.exit(tiers.pytest(sys.argv[2:], workers=2, settings=load(),"
        " root=Path(sys.argv[1])))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, str(root), "-c", os.devnull, "-p", "no:cacheprovider",
         "-p", "no:schemathesis",
         "--rootdir", str(folder), str(folder)],
        cwd=REPO,
        env=environment(settings) | ({"PATH": path} if path else {}),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip


def test_each_worker_has_ports_and_a_run_folder_of_its_own(
    settings: Settings, root: Path, tmp_path: Path
) -> None:
    for name in ("test_one.py", "test_two.py"):
        (tmp_path / name).write_text(TAKES_THE_PORT)
    process = by_two(tmp_path, settings, root)
    said = process.communicate(timeout=ENDS_S)[0]
    assert process.returncode == 0, said
    assert sorted(path.name for path in tmp_path.glob("here-*")) == ["here-0", "here-1"]
    assert "2 passed" in said.strip().splitlines()[-1]  # pytest's own line is the last


def test_a_failure_is_told_and_is_the_exit_code(
    settings: Settings, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "test_one.py").write_text(FAILS)
    process = by_two(tmp_path, settings, root)
    said = process.communicate(timeout=ENDS_S)[0]
    assert process.returncode == 1, said
    assert "test_one.py::test_fails" in said
    assert "1 failed" in said.strip().splitlines()[-1]


def test_a_worker_without_a_world_is_told_in_a_sentence(
    settings: Settings, root: Path, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    unshare = shutil.which("unshare")
    (programs / "unshare").write_text(UNSHARES_ONCE.format(folder=programs, unshare=unshare))
    (programs / "unshare").chmod(0o755)
    (tmp_path / "test_one.py").write_text(FAILS)
    path = f"{programs}:{os.environ['PATH']}"
    said = by_two(tmp_path, settings, root, path=path).communicate(timeout=ENDS_S)[0]
    assert "Traceback" not in said
    assert said.strip().splitlines()[-1].startswith("ERROR: A worker could not make its private")
    assert "No space left on device" in said


def test_a_worker_that_dies_is_told_and_nobody_takes_its_place(
    settings: Settings, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "test_one.py").write_text(DIES)
    process = by_two(tmp_path, settings, root)
    said = process.communicate(timeout=ENDS_S)[0]
    assert process.returncode == 1, said
    assert "crashed while running 'test_one.py::test_dies'" in said
    assert "1 failed" in said.strip().splitlines()[-1]


def test_what_needs_a_switch_goes_out_file_by_file_all_else_folder_by_folder() -> None:
    apart = {sharing.piece_of(f"tests/{name}/test_a.py::test_x[a::b]") for name in WITH_A_SWITCH}
    assert apart == {f"tests/{name}/test_a.py" for name in WITH_A_SWITCH}
    others = ("tests/core/test_a.py::test_x", "tests/core/test_b.py::TestY::test_z")
    assert {sharing.piece_of(nodeid) for nodeid in others} == {"tests/core"}
    assert sharing.piece_of("elsewhere/test_a.py::test_x") == "elsewhere/test_a.py"


@pytest.mark.parametrize("is_first", [True, False])
def test_adapters_go_out_before_the_service_and_long_before_short(is_first: bool) -> None:
    """The adapter's tests cannot have a worker whose service has taken their application."""
    adapter = [(f"{sharing.ADAPTER}a.py", 1)]
    waits = [*((one, 1) for one in sharing.LONG), ("tests/switch/test_b.py", 9),
             ("tests/softphone/test_c.py", 2)]  # fmt: skip
    busy = [(one, 2) for one in sharing.BUSY]
    pure = [("tests/core", 9), ("tests/desk", 2)]
    order = [*pure, *adapter, *busy, *waits] if is_first else [*adapter, *waits, *busy, *pure]
    mixed = order[1::2] + order[::2]
    assert sorted(mixed, key=lambda one: sharing.turn_of(*one, is_first=is_first)) == order
    assert [one for one, _ in [*waits[:-2], *busy] if not (REPO / one).is_file()] == []


HOW_NICE = """
import os

def test_it():
    assert os.getpriority(os.PRIO_PROCESS, 0) - int(os.environ["USUAL"]) == {wanted}
"""


def test_what_needs_no_switch_steps_back_before_telephones(
    settings: Settings, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USUAL", str(os.getpriority(os.PRIO_PROCESS, 0)))
    for folder, wanted in (("core", sharing.NICE), ("switch", 0), ("desk", sharing.NICE)):
        test = tmp_path / "tests" / folder / f"test_{folder}.py"
        test.parent.mkdir(parents=True)
        test.write_text(HOW_NICE.format(wanted=wanted))
    said = by_two(tmp_path, settings, root).communicate(timeout=ENDS_S)[0]
    assert "3 passed" in said.strip().splitlines()[-1], said


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_whatever_ends_the_run_no_worker_is_left(
    number: signal.Signals, settings: Settings, root: Path, tmp_path: Path
) -> None:
    """Killed, told to end, and Ctrl-C, which a terminal sends to all of them."""
    for name in ("test_one.py", "test_two.py"):
        (tmp_path / name).write_text(GOES_ON)
    process = by_two(tmp_path, settings, root)
    wait_until(
        lambda: (tmp_path / "test_one").exists() and (tmp_path / "test_two").exists(),
        seconds=ENDS_S,
        what="both tests to begin",
    )
    born = {pid: start_time(pid) for pid in family(process.pid)}
    if number is signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    process.communicate(timeout=ENDS_S)
    wait_until(
        lambda: all(start_time(pid) != was for pid, was in born.items()),
        seconds=ENDS_S,
        what="all processes to end",
    )


def test_one_worker_is_pytest_alone(tmp_path: Path) -> None:
    assert workers.arguments(tmp_path, 1) == []
    assert not list(tmp_path.iterdir())
    assert 1 <= workers.usual_workers() <= workers.WORKERS_MAX
