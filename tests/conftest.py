"""Fixtures that several tiers share: the session's servers, and the switch running on them."""

import gc
from collections.abc import Generator, Iterator

import hypothesis
import pytest
import structlog

# Tests are never timed: what takes 20 ms here takes 300 on a machine that has other things to do.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

pytest_plugins = ["servers.testing", "tests.switch.live", "tests.postgres.databases"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: five thousand tests and their modules are
    half a million objects, which the collector would go over again and again, while they are made
    and while the tests run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """What a test makes of this process's logs ends with it: the next may come in any order."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
