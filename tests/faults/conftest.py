"""The world that the faults are done to: the session's servers, the service behind cables."""

from collections.abc import Iterator

import pytest

from acd.demo.directory import text
from bench.chaos.world import Size, World
from servers.service import Service

SMALL = Size(talking=9, waiting=5, ringing=2, arriving=4)


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
