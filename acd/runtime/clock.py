"""The only clock: epoch milliseconds that never step back.

Wall time is read once, at the start; from then on the monotonic clock counts, the one that goes on
while a machine sleeps.  So a correction of the system's clock by NTP or by hand moves no deadline
of a waiting caller, and a pause of a virtual machine makes none late.  After a restart the clock
goes on from the last journalled value, even when wall time has meanwhile been set back.
"""

import time
from collections.abc import Callable


def _boottime_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Clock:
    """Epoch milliseconds, anchored once.

    ``not_before_ms`` is the last value given out before the restart, 0 when there is none.
    """

    __slots__ = ("_anchor_ms", "_monotonic_ns", "_started_ns", "ahead_ms")

    def __init__(
        self,
        *,
        not_before_ms: int = 0,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = _boottime_ns,
    ) -> None:
        wall_ms = wall_ns() // 1_000_000
        self._anchor_ms = max(wall_ms, not_before_ms)
        self._monotonic_ns = monotonic_ns
        self._started_ns = monotonic_ns()
        self.ahead_ms = self._anchor_ms - wall_ms
        """How far ahead of wall time we had to begin so as not to step back; normally 0."""

    def now_ms(self) -> int:
        """Return the time; equal or greater at every call."""
        return self._anchor_ms + (self._monotonic_ns() - self._started_ns) // 1_000_000

    def go_on_from(self, ms: int) -> None:
        """Never again return less than ``ms``: what another service's clock has shown."""
        behind_ms = ms - self.now_ms()
        if behind_ms > 0:
            self._anchor_ms += behind_ms
            self.ahead_ms += behind_ms
