"""Tests side by side: pytest's workers, each in a private world of its own within the run's.

A worker has its own loopback, processes, shared memory and run folder, so each one's `stack` uses
the default ports and knows nothing of the others. Most of a test on a real switch is waiting for
rings, prompts and clocks, which costs no CPU: two such tests disturb each other little. Which test
goes to which worker is in sharing.py.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

# A worker's Asterisk, PostgreSQL, service and telephones are a dozen processes that mostly wait for
# rings, prompts and clocks: one for each core, one for what only calculates, and one that fills
# what the others leave of the cores while they wait.
WORKERS_MAX = 4

# The folders of tests/ that need a switch of their own, each a tier.
WITH_A_SWITCH = ("switch", "softphone", "servers", "faults", "browser")

# Those that are a tier. One that is not named here belongs to the tier `core`: pure, or PostgreSQL
# only.
OWN_TIER = ("simulation", *WITH_A_SWITCH)


def usual_workers() -> int:
    """Two workers more than there are cores for us, within WORKERS_MAX; a lone core has one."""
    cores = len(os.sched_getaffinity(0))
    return min(cores + 2, WORKERS_MAX) if cores > 1 else 1


def world() -> list[str]:
    """What to put before a command for network, mount, pid and ipc namespaces of its own.

    Should whoever waits for it be killed, the kernel ends everything within.
    """
    return [
        "unshare", "--net", "--mount", "--pid", "--ipc", "--mount-proc", "--fork",
        "--kill-child", sys.executable, str(Path(__file__).with_name("private_world.py")),
    ]  # fmt: skip


def arguments(run: Path, workers: int) -> list[str]:
    """What pytest is told so that it shares the tests out; nothing for a single worker.

    Makes a run folder for each worker within `run`.
    """
    if workers < 2:
        return []
    python = shlex.join([*world(), sys.executable])
    # A worker that dies leaves its servers' files behind: none takes its place, and pytest says so.
    asked = ["-p", "servers.sharing", "--dist=loadscope", "--no-loadscope-reorder"]
    asked += ["--max-worker-restart=0"]
    for number in range(workers):
        folder = run / str(number)
        folder.mkdir(mode=0o755)  # PostgreSQL's user passes through
        asked += ["--tx", f"popen//python={python}//env:HULING_RUN_DIR={folder}"]
    return asked
