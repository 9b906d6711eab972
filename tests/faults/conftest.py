"""The world that the faults are done to: the session's servers, the service behind cables."""

from collections.abc import Generator, Iterator

import pytest

from acd.demo.directory import text
from bench.chaos.world import Size, World
from servers.service import Service

SMALL = Size(talking=9, waiting=5, ringing=2, arriving=4)
LOG_LINES = 60
"""Of the service's log, with a trial that failed: the run folder is gone when a person reads it."""


@pytest.fixture(scope="module")
def world(running: Service) -> Iterator[World]:
    """Twenty calls around each fault.  The session's own service gives way, and comes back."""
    running.stop()
    made = World(running, SMALL)
    try:
        made.open()
        yield made
    finally:
        made.close()
        running.load(text())
        running.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Function) -> Generator[None, object, object]:
    """A failure shows the end of what the service said in this trial."""
    service = item.funcargs.get("running")
    if not isinstance(service, Service):
        return (yield)
    since = service.log_size()
    try:
        return (yield)
    except BaseException:
        item.add_report_section("call", "log of the service", service.log_end(since, LOG_LINES))
        raise
