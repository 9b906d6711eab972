"""How long to wait before connecting again: longer each time, and never in step with others."""

import random

FIRST_SECONDS = 0.1
LAST_SECONDS = 5.0
"""Emergency calls are in the fallback meanwhile, so never wait long."""


class Backoff:
    """Doubling waits with jitter between half and the whole."""

    def __init__(self, first_seconds: float = FIRST_SECONDS, last_seconds: float = LAST_SECONDS):
        self._first = first_seconds
        self._last = last_seconds
        self._next = first_seconds
        self._random = random.Random()

    def succeeded(self) -> None:
        """Begin anew: the connection has been of use."""
        self._next = self._first

    def seconds(self) -> float:
        """Return how long to wait now."""
        wait = self._next
        self._next = min(self._next * 2, self._last)
        return wait * self._random.uniform(0.5, 1.0)
