"""Whether the machine itself stood still while a drill was played.

Where everything stops for seconds (a virtual machine being moved, a computer that is overloaded)
robots press keys too late and the switch hears them too late: what is wrong then says nothing of
either.  Such a drill is played again.  A switch that alone stands still is a finding.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from acd.drill.judge import SEEN_MS

_LOOK_S = 0.05


class MachineStoodStill(Exception):
    """What was played cannot be judged: one sentence."""


class Watch:
    """Measures, while it is open, for how long at most this process could not go on."""

    def __init__(self) -> None:
        self.longest_ms = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        last = time.monotonic()
        while not self._over.wait(_LOOK_S):
            now = time.monotonic()
            self.longest_ms = max(self.longest_ms, (now - last - _LOOK_S) * 1000)
            last = now


def doubt(longest_ms: float, what: str, *, more_than_ms: float = SEEN_MS) -> None:
    """Raise MachineStoodStill when something is wrong and the machine may be why."""
    if longest_ms > more_than_ms:
        raise MachineStoodStill(
            f"{what} But the machine stood still for {longest_ms / 1000:.1f} s meanwhile, which "
            "may be why."
        )
