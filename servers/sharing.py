"""How pytest's workers share the tests out, and what is said when one cannot begin (a plugin).

A piece of work is never split. What needs a switch of its own goes out file by file, all else
folder by folder, so that a file's tests stay together and in order.

The first worker begins with what needs no switch and takes a core; the others begin with the
switch's tests, which wait for rings, prompts and clocks. Whoever has no more of its own helps the
others. What needs no switch steps back (nice) before telephones, which must be heard in time. Long
pieces go out first: whoever gets one at the end lets the others wait. The rule of
tests/switch/conftest.py holds for each worker: the adapter's tests go out before all that need the
service.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import cache

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from servers.workers import WITH_A_SWITCH

ADAPTER = "tests/switch/test_adapter_"

LONG = (
    "tests/faults/test_faults.py",
    "tests/switch/test_directory_change.py",
    "tests/switch/test_call_control.py",
    "tests/switch/test_recordings.py",
    "tests/switch/test_main_job.py",
)
"""Longer than two minutes on a busy machine, however few their tests; those with twenty calls at
once stand apart. A file that is missing here costs the run some of its last minutes, nothing else.
"""

BUSY = ("tests/switch/test_openapi.py",)
"""Does not wait: a request follows the other. The first worker's, after what needs no switch."""

NICE = 10
"""How far what needs no switch steps back: a tenth of a telephone's weight (sched(7))."""


def piece_of(nodeid: str) -> str:
    """The name of the piece of work that a test belongs to; a piece is never split."""
    path = nodeid.split("::", 1)[0]
    folder = path.removeprefix("tests/").split("/", 1)[0]
    return path if needs_a_switch(path) else f"tests/{folder}"


def needs_a_switch(piece: str) -> bool:
    """Whether it has a world to wait in; whatever lies outside tests/ may have."""
    folder = piece.removeprefix("tests/")
    return folder == piece or folder.split("/", 1)[0] in WITH_A_SWITCH


def turn_of(piece: str, tests: int, *, is_first: bool) -> tuple[int, int]:
    """When a piece of so many tests goes to the first worker or another: the least first, of equals
    in order of collection."""
    if not needs_a_switch(piece):
        return (0 if is_first else 6), -tests
    if piece.startswith(ADAPTER):
        return 1, 0
    if piece in BUSY:
        return (2 if is_first else 5), 0
    if piece in LONG:
        return 3, LONG.index(piece)
    return 4, -tests


class ByPiece(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """pytest-xdist's scheduler with our pieces, in our order."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        waiting = self.workqueue
        is_first = node is self.nodes[0]
        next_one = min(
            waiting, key=lambda piece: turn_of(piece, len(waiting[piece]), is_first=is_first)
        )
        waiting.move_to_end(next_one, last=False)
        super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        # A worker begins its last test when it knows the next one: no piece is bound to it before.
        if self.workqueue and self._pending_of(self.assigned_work[node]) > 1:
            return
        super()._reschedule(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPiece:
    """Called in the process that shares the tests out."""
    return ByPiece(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Called in a worker for each test: those that need no switch step back."""
    if needs_a_switch(piece_of(item.nodeid)) or not _may_come_back():
        return (yield)
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, usual + NICE)
    try:
        return (yield)
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, usual)


@cache
def _may_come_back() -> bool:
    """Whether we may take a niceness back: root may, unless a container lacks CAP_SYS_NICE."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, usual + 1)
        os.setpriority(os.PRIO_PROCESS, 0, usual)
    except PermissionError:
        return False
    return True


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionstart() -> Generator[None]:
    """A worker that cannot begin ends the run in one sentence, not in execnet's traceback."""
    try:
        yield
    except (EOFError, OSError) as error:
        raise pytest.UsageError(
            "A worker could not make its private world (the line above, if any, says why): "
            f"{error or type(error).__name__}. WORKERS=1 runs the tests without workers."
        ) from None
