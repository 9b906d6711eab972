"""Session fixtures for tests that need real servers: `pytest_plugins = ["servers.testing"]`.

One run folder and one lock for the whole session; each server starts when the first test asks for
it and is shared by all. Under `make test` the run folder and the ports are the private world's own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.asterisk import Asterisk
from servers.postgres import Postgres
from servers.settings import load
from servers.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The session's servers, none of them started yet; all are stopped at its end."""
    settings = load()
    made: Path | None = None
    if "HULING_RUN_DIR" not in os.environ:  # called without `make`: never touch the house's data
        made = Path(tempfile.mkdtemp(prefix="huling-"))
        made.chmod(0o755)
        settings = settings.model_copy(update={"run_dir": made})
    servers = Stack(settings, servers=(), quiet=True)
    try:
        yield servers
    finally:
        servers.stop()
        if made is not None:
            shutil.rmtree(made)


@pytest.fixture(scope="session")
def postgres(stack: Stack) -> Postgres:
    """The session's PostgreSQL, running."""
    stack.ensure("postgres")
    return stack.postgres


@pytest.fixture(scope="session")
def asterisk(stack: Stack) -> Asterisk:
    """The session's Asterisk, running with the house's configuration."""
    stack.ensure("asterisk")
    return stack.asterisk
