"""`acd desk` beside the running switch, for whoever looks at both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from servers.service import Desk, Service


@contextmanager
def desk_beside(running: Service, changes: Mapping[str, str] | None = None) -> Iterator[Desk]:
    """A desk that ends with exit code 0; ``changes`` are to its environment."""
    desk = Desk(running)
    desk.start(changes)
    yield desk
    assert desk.stop() == 0, desk.log.read_text()[-3000:]
