"""The voice comes from the private Debian root, which is made when it is not there."""

import pytest

from servers.namespaces import tool_argv
from servers.root import ensure_root
from servers.settings import load


@pytest.fixture(scope="session")
def voice_prefix() -> tuple[str, ...]:
    """What stands before espeak-ng and sox so that they run with the root's files."""
    return tuple(tool_argv((), root=ensure_root(load())))
