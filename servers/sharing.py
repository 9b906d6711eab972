"""How pytest's workers share the tests out, and what is said when one cannot begin (a plugin).

Only what needs a switch of its own is worth a world of its own: those tests go out file by file, in
the order of collection, so that a file's tests keep their order, and so does the rule of
tests/switch/conftest.py. All others are one piece for one worker, one after the other as without
workers: beside the waiting of the switch's tests they have a core for themselves.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from servers.workers import OWN_TIER


def piece_of(nodeid: str) -> str:
    """The name of the piece of work that a test belongs to; a piece is never split."""
    path = nodeid.split("::", 1)[0]
    within = path.removeprefix("tests/")
    if within != path and within.split("/", 1)[0] not in OWN_TIER:
        return "core"
    return path


class ByPiece(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """pytest-xdist's scheduler with our pieces."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPiece:
    """Called in the process that shares the tests out."""
    return ByPiece(config, log)


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
