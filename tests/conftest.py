"""Fixtures that more than one tier shares: the session's servers, and the switch running on them."""

pytest_plugins = ["servers.testing", "tests.switch.live"]
