"""Order of the tests on a real switch; their fixtures are in tests/switch/live.py."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Adapter tests first: the application `acd` on the shared Asterisk is theirs until the service
    takes it, and Asterisk gives it to one of both only."""
    items.sort(key=lambda item: item.path.name.startswith("test_adapter_"), reverse=True)
