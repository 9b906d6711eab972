"""Order of the tests on a real switch, and what the switch had to say when one fails; their
fixtures are in tests/switch/live.py."""

from collections.abc import Generator

import pytest

from tests.switch.live import Switch


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Adapter tests first: the application `acd` on the shared Asterisk is theirs until the service
    takes it, and Asterisk gives it to one of both only."""
    items.sort(key=lambda item: item.path.name.startswith("test_adapter_"), reverse=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what Asterisk and the service's log have at that moment."""
    report = yield
    switch = getattr(item, "funcargs", {}).get("switch")
    if report.when == "call" and report.failed and isinstance(switch, Switch):
        report.sections.append(("the switch at that moment", switch.at_this_moment()))
    return report
