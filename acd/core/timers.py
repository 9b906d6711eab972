"""Deadlines in order.  Setting and cancelling are cheap; what is cancelled is dropped when met."""

from heapq import heapify, heappop, heappush
from typing import Literal

TimerName = Literal[
    "ring",
    "clearing",
    "home",
    "unanswered",
    "unheard",
    "unfollowed",
    "told",
    "silence",
    "silent",
    "dead",
    "let_go",
    "owed",
    "escalate",
    "no_agent",
    "pick_up",
    "treatment",
    "dialogue",
    "widen",
    "prefer",
    "promise",
    "incident",
    "place",
    "speech",
    "hush",
    "hold_notice",
    "release",
    "keys",
    "role",
    "asked",
    "agree",
    "line",
    "beside",
    "memo",
    "wrap_up",
    "rest",
    "unread",
    "leave",
    "echo",
    "reserved",
    "desk",
    "test_ring",
    "open_line",
    "HangUp",
    "AnswerLeg",
]
"""What may be due; ``due`` says what is done then.  Names, and no enumeration: a member takes
longer to look up, and keys are made in nearly every step."""

TimerKey = tuple[TimerName, str]
"""(what is due, whose): ``("ring", offer)``, ``("wrap_up", agent)``."""

Entry = tuple[int, int, TimerKey]
"""(due, sequence, key): of what is due at once, what was set first comes first."""

STALE_SHARE = 2
"""The heap may hold so many times what is armed.  To sift out what is stale costs less than to meet
it: most timers are cancelled, and each one met costs the logarithm of all."""

HEAP_MIN = 64
"""A heap so small is not worth it."""


class Timers:
    """A heap in which only the newest entry of each key counts."""

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._live: dict[TimerKey, Entry] = {}
        """What is armed."""
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, key: TimerKey) -> bool:
        return key in self._live

    def set(self, key: TimerKey, due_ms: int) -> None:
        """Arm ``key``; an earlier time for the same key is forgotten."""
        self._sequence += 1
        heap, live = self._heap, self._live
        entry = live[key] = (due_ms, self._sequence, key)
        heappush(heap, entry)
        if len(heap) > HEAP_MIN and len(heap) > STALE_SHARE * len(live):
            self._heap = list(live.values())
            heapify(self._heap)

    def cancel(self, key: TimerKey) -> None:
        """Disarm ``key`` if it is armed."""
        self._live.pop(key, None)

    def put(self, key: TimerKey, due_ms: int | None) -> None:
        """Have ``key`` armed for ``due_ms``, or not armed at all for None."""
        entry = self._live.get(key)
        if due_ms is None:
            if entry is not None:
                del self._live[key]
        elif entry is None or entry[0] != due_ms:
            self.set(key, due_ms)

    def due(self, key: TimerKey) -> int | None:
        """Return when ``key`` is due, epoch milliseconds, or None when it is not armed."""
        entry = self._live.get(key)
        return None if entry is None else entry[0]

    def next_due(self) -> int | None:
        """Return the earliest deadline, epoch milliseconds."""
        heap, live = self._heap, self._live
        while heap:
            entry = heap[0]
            if live.get(entry[2]) is entry:
                return entry[0]
            heappop(heap)
        return None

    def may_be_due(self, now_ms: int) -> bool:
        """Tell whether a time has come that is armed, or was; changes nothing."""
        return bool(self._heap) and self._heap[0][0] <= now_ms

    def pop_due(self, now_ms: int) -> TimerKey | None:
        """Take the earliest key whose time has come, or None."""
        heap, live = self._heap, self._live
        while heap and heap[0][0] <= now_ms:
            entry = heappop(heap)
            key = entry[2]
            if live.get(key) is entry:
                del live[key]
                return key
        return None
