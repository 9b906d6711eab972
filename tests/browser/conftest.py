"""The desk beside the session's switch, for pages opened in a browser."""

from collections.abc import Iterator

import pytest

from servers.service import Desk, Service

TOKEN = "desk-token"
CHANGES = {"HULING_DESK_TOKEN": TOKEN}


@pytest.fixture(scope="session")
def desk(running: Service) -> Iterator[Desk]:
    desk = Desk(running)
    desk.start(CHANGES)
    yield desk
    assert desk.stop() == 0
