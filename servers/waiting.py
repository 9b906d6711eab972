"""Waiting for a condition with a deadline: the only way anything here waits."""

from __future__ import annotations

import time
from collections.abc import Callable

# Between two looks: short enough to be felt as at once, long enough to cost nothing.
_LOOK_SECONDS = 0.02


def wait_until(
    condition: Callable[[], bool],
    *,
    seconds: float,
    what: str,
    log_hint: str = "",
    look_s: float = _LOOK_SECONDS,
) -> None:
    """Return as soon as `condition()` holds; raise TimeoutError naming `what` after `seconds`.

    ``look_s`` is longer where a look costs something."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}{log_hint}")
        time.sleep(look_s)
