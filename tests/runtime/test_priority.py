"""Calls go before everything else on the machine, and nothing that the service starts does."""

import os
import subprocess
import sys

import pytest
import structlog

from acd.runtime import priority

PROGRAM = """
import os, subprocess, sys, threading
from acd.runtime.priority import go_as_usual, go_first, go_in_real_time

def how() -> str:
    kind = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
    nice = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    return f"{kind} {os.sched_getparam(0).sched_priority} {nice}"

go_first(1)
go_in_real_time()
found = [how()]

def in_a_thread() -> None:
    thread = threading.Thread(target=lambda: found.append(how()))
    thread.start()
    thread.join()

in_a_thread()
ask = "import os; print(os.sched_getscheduler(0), os.sched_getparam(0).sched_priority, os.nice(0))"
child = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
found.append(child.stdout.strip())
go_as_usual()
found.append(how())
in_a_thread()
print(*found, sep=",")
"""


def _may_go_in_real_time() -> bool:
    ask = "import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))"
    return subprocess.run([sys.executable, "-c", ask], capture_output=True).returncode == 0


def test_the_loop_alone_goes_first_and_what_it_starts_does_not() -> None:
    """A process that listens, or a proof's callers, must not keep calls from the processor."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    said = done.stdout.splitlines()
    ours = f"{os.SCHED_RR} {priority.REAL_TIME_PRIORITY} 1"
    usual = f"{os.SCHED_OTHER} 0 1"
    if _may_go_in_real_time():
        # The kernel forgets nice too, of what a thread in real time starts.
        started = f"{os.SCHED_OTHER} 0 0"
        assert said == [",".join([ours, started, started, usual, usual])]
    else:
        assert "CAP_SYS_NICE" in said[0]
        assert said[1:] == [",".join([usual] * 5)]


def test_without_the_right_to_it_the_service_says_so_once_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "setpriority", refuse)
    with structlog.testing.capture_logs() as said:
        priority.go_first(-10)
        priority.go_in_real_time()
    assert [(line["log_level"], "right to" in line["event"]) for line in said] == [
        ("warning", True),
        ("warning", True),
    ]
