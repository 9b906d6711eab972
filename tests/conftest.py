"""Fixtures that several tiers share: the session's servers, and the switch running on them."""

pytest_plugins = ["servers.testing", "tests.switch.live", "tests.postgres.databases"]
