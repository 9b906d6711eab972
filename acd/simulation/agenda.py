"""Virtual time: what will happen when.  Nothing ever sleeps."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any


class Agenda:
    """Actions by their moment; those of one moment happen in the order in which they were put
    in."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self._heap: list[tuple[int, int, Callable[..., object], tuple[Any, ...]]] = []
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._heap)

    def at(self, at_ms: int, act: Callable[..., object], *args: Any) -> None:
        """Have ``act(*args)`` happen at a moment; one that has passed is now."""
        self._sequence += 1
        heappush(self._heap, (max(at_ms, self.now_ms), self._sequence, act, args))

    def after(self, delay_ms: int, act: Callable[..., object], *args: Any) -> None:
        """Have ``act(*args)`` happen so much later."""
        self.at(self.now_ms + delay_ms, act, *args)

    def next_ms(self) -> int | None:
        """Return when the next action is due; None when there is none."""
        return self._heap[0][0] if self._heap else None

    def advance(self) -> None:
        """Let the next action happen; there must be one."""
        self.now_ms, _, act, args = heappop(self._heap)
        act(*args)
