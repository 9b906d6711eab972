"""`make run` and its end: whatever ends it, no process and no mount is left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from acd.runtime.settings import Settings
from servers.locks import RunLock
from servers.settings import REPO
from servers.steps import Refusal
from servers.waiting import wait_until

from .conftest import PORTS, Supervisor, environment, family, start_time

Supervise = Callable[..., Supervisor]
ONLY = ("--only", "asterisk,postgres")


def refused(settings: Settings, *arguments: str) -> str:
    """What a run that must be refused says; it ends with exit code 2 and without a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "servers", "run", *arguments],
        cwd=REPO,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_ctrl_c_stops_everything_it_started(supervise: Supervise) -> None:
    run = supervise(*ONLY)
    run.wait_serving()
    assert {"asterisk", "postgres"} <= set(run.family.values())
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(timeout=240) == 0
    run.wait_nothing_left()
    assert "nothing is left running" in run.said()


def test_kill_9_of_the_supervisor_leaves_nothing(supervise: Supervise) -> None:
    run = supervise(*ONLY)
    run.wait_serving()
    run.process.kill()
    run.process.wait()
    run.wait_nothing_left()


def test_kill_9_of_make_leaves_nothing(supervise: Supervise) -> None:
    """The middle link: make itself is killed, and the supervisor notices."""
    make = supervise(command=["make", "--no-print-directory", "run", f"ARGS={' '.join(ONLY)}"])
    make.wait_serving()
    assert "make" in make.family.values()
    make.process.kill()
    make.process.wait()
    make.wait_nothing_left()


def test_after_kill_9_the_next_run_starts_on_the_same_data(supervise: Supervise) -> None:
    first = supervise(*ONLY)
    first.wait_serving()
    first.process.kill()
    first.process.wait()
    second = supervise(*ONLY)  # at once: it waits for the ports by itself
    second.wait_serving()
    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(timeout=240) == 0


def test_a_second_run_is_refused_with_a_sentence(supervise: Supervise, settings: Settings) -> None:
    first = supervise("--only", "postgres")
    first.wait_serving()
    words = refused(settings, "--only", "postgres")
    assert f"process {first.process.pid}" in words
    assert "HULING_RUN_DIR" in words
    assert first.process.poll() is None


def test_a_taken_port_is_named_with_the_setting_that_moves_it(settings: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", settings.sip_port))
        words = refused(settings, *ONLY)
    assert f"UDP port {settings.sip_port}" in words
    assert "HULING_SIP_PORT" in words


def test_a_server_that_dies_is_named_and_the_rest_is_stopped(supervise: Supervise) -> None:
    run = supervise(*ONLY)
    run.wait_serving()
    asterisk = next(pid for pid, name in run.family.items() if name == "asterisk")
    os.kill(asterisk, signal.SIGKILL)
    assert run.process.wait(timeout=240) == 1
    assert "asterisk has ended by itself" in run.said()
    run.wait_nothing_left()


def test_an_interrupt_while_starting_leaves_nothing(supervise: Supervise) -> None:
    run = supervise(*ONLY)
    wait_until(
        lambda: "PostgreSQL" in run.said() or run.process.poll() is not None,
        seconds=240,
        what="PostgreSQL to begin",
    )
    assert run.process.poll() is None
    run.family = family(run.process.pid)
    run._born = {}
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(timeout=240) == 0
    born = {pid: start_time(pid) for pid in run.family}
    wait_until(
        lambda: all(start_time(pid) != was for pid, was in born.items() if was is not None),
        seconds=240,
        what="all processes to end",
    )
    run.family = {}


def test_the_whole_run_proves_itself(settings: Settings) -> None:
    """The main job: everything up, one call through real SIP and RTP, and all of it was true."""
    done = subprocess.run(
        [sys.executable, "-m", "servers", "run", "--once"],
        cwd=REPO,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    assert verdict["ok"]
    assert verdict["audio_to_agent"]
    assert verdict["audio_to_terminal"]
    assert verdict["record"]
    for setting in PORTS:
        assert str(getattr(settings, setting)) in done.stdout or setting in ("ari_port", "ami_port")


def test_unknown_names_are_refused(settings: Settings) -> None:
    assert "no server 'asterix'" in refused(settings, "--only", "asterix")


def test_a_run_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A disk that is full or read-only ended in a traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="HULING_RUN_DIR"):
        RunLock(tmp_path / "file" / "run")
