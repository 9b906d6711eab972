"""Deadlines in order.  Setting and cancelling are cheap; what is cancelled is dropped when met."""

from heapq import heapify, heappop, heappush

TimerKey = tuple[str, str]
"""(what is due, whose): ``("ring", offer)``, ``("wrap_up", agent)``."""


class Timers:
    """A heap of (due, sequence, key) in which only the newest entry of each key counts."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, TimerKey]] = []
        self._live: dict[TimerKey, tuple[int, int]] = {}
        """By key: (sequence, due)."""
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, key: TimerKey) -> bool:
        return key in self._live

    def set(self, key: TimerKey, due_ms: int) -> None:
        """Arm ``key``; an earlier time for the same key is forgotten."""
        self._sequence += 1
        self._live[key] = (self._sequence, due_ms)
        heappush(self._heap, (due_ms, self._sequence, key))
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._live):
            self._heap = [entry for entry in self._heap if self._is_live(entry)]
            heapify(self._heap)

    def cancel(self, key: TimerKey) -> None:
        """Disarm ``key`` if it is armed."""
        self._live.pop(key, None)

    def put(self, key: TimerKey, due_ms: int | None) -> None:
        """Have ``key`` armed for ``due_ms``, or not armed at all for None."""
        live = self._live.get(key)
        if due_ms is None:
            if live is not None:
                del self._live[key]
        elif live is None or live[1] != due_ms:
            self.set(key, due_ms)

    def due(self, key: TimerKey) -> int | None:
        """Return when ``key`` is due, epoch milliseconds, or None when it is not armed."""
        live = self._live.get(key)
        return None if live is None else live[1]

    def _is_live(self, entry: tuple[int, int, TimerKey]) -> bool:
        live = self._live.get(entry[2])
        return live is not None and live[0] == entry[1]

    def next_due(self) -> int | None:
        """Return the earliest deadline, epoch milliseconds."""
        heap = self._heap
        while heap:
            due_ms, sequence, key = heap[0]
            live = self._live.get(key)
            if live is not None and live[0] == sequence:
                return due_ms
            heappop(heap)
        return None

    def pop_due(self, now_ms: int) -> TimerKey | None:
        """Take the earliest key whose time has come, or None."""
        heap = self._heap
        if not heap or heap[0][0] > now_ms:  # what has been cancelled makes it no later
            return None
        due_ms = self.next_due()
        if due_ms is None or due_ms > now_ms:
            return None
        key = heappop(self._heap)[2]
        del self._live[key]
        return key
