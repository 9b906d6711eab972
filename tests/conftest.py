"""Fixtures that several tiers share: the session's servers, and the switch running on them."""

from collections.abc import Iterator

import pytest
import structlog

pytest_plugins = ["servers.testing", "tests.switch.live", "tests.postgres.databases"]


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """What a test makes of this process's logs ends with it: the next may come in any order."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
