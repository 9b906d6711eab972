pytest_plugins = ["servers.testing"]
