"""The desk beside the session's switch, for pages opened in a browser by somebody with a token."""

from collections.abc import Iterator

import pytest

from servers.service import Desk, Service
from tests.switch.desks import desk_beside

CHANGES = {"HULING_API_OPEN": "no"}


@pytest.fixture(scope="session")
def desk(running: Service) -> Iterator[Desk]:
    with desk_beside(running, CHANGES) as desk:
        yield desk


@pytest.fixture(scope="session")
def token(running: Service) -> str:
    """A supervisor's, made as a person makes it."""
    made = running.command("token", "create", "--role", "supervisor", "--person", "王芳")
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()
