"""A real Chromium for the tests of pages: a private root of its own, made when they are run first.

It is 850 MB and nobody else needs it, so it is no part of the servers' root, and `make test` does
not ask for it: `make test-browser` does.
"""

from __future__ import annotations

from pathlib import Path

from servers.root import ensure
from servers.settings import Settings

# The font is the smallest free one that has all of the Chinese we write.
PACKAGES = ["chromium", "fonts-wqy-microhei"]


def ensure_browser(settings: Settings) -> Path:
    """Return the root with Chromium, building it first when it is not there (minutes, once).

    Raises Refusal when it cannot be built, naming the one command that would help.
    """
    return ensure(settings, PACKAGES, title="Chromium for the tests, minutes the first time")
