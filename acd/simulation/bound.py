"""What no policy of the compared kind can beat: the same day with the future known.

A relaxation.  Kept: the callers, their talk times, wrap-up, who is on duty when; emergencies before
enquiries, and within a class the order of arrival; nobody is interrupted.  Given up: everybody has
every skill; nobody misses a ring; no phone rings in vain, and no agent is held by a ring that
another answers; signalling takes no time; and it is known beforehand who would pick up soonest, so
each call takes only that long (``Foresight.QUICKEST``).

Why it bounds: with equal agents and a fixed order of service a caller's wait can only shrink when
somebody's service shrinks or an agent is added (Kiefer and Wolfowitz 1955), and every policy that
keeps the order holds an agent at least this long for every call.  Between two classes the order
could be traded against the total; all that are compared here put emergencies first.

``Foresight.ANYBODY`` knows who will not miss, but not who is quickest: a call takes as long as the
first who would answer it.  What lies between the two is the price of not ringing everybody.
"""

from collections import deque
from enum import StrEnum
from heapq import heappop, heappush

from acd.simulation.day import HALF_HOUR_MS, Caller, Day


class Foresight(StrEnum):
    """How much is known beforehand."""

    QUICKEST = "quickest"
    ANYBODY = "anybody"


def waits_ms(day: Day, foresight: Foresight = Foresight.QUICKEST) -> list[int]:
    """Return each caller's wait until an agent's audio.  For days whose callers are patient."""
    return _Relaxed(day, foresight).run()


_SHIFT, _FREED, _ARRIVED = range(3)
"""Of one moment, in this order: whoever is free can take whoever comes."""


class _Relaxed:
    def __init__(self, day: Day, foresight: Foresight) -> None:
        if day.traffic.patience_ms_mean is not None:
            raise ValueError("the bound is for callers who stay until somebody comes")
        self._day = day
        self._foresight = foresight
        self._waits = [0] * len(day.callers)
        self._free = 0
        self._leaving = 0
        """Agents whose shift is over and who are still talking."""
        self._lines: tuple[deque[Caller], deque[Caller]] = (deque(), deque())
        self._heap: list[tuple[int, int, int]] = []
        self._now = 0

    def run(self) -> list[int]:
        for n in range(len(self._day.staff)):
            heappush(self._heap, (n * HALF_HOUR_MS, _SHIFT, n))
        for caller in self._day.callers:
            heappush(self._heap, (caller.arrives_ms, _ARRIVED, caller.number))
        while self._heap:
            self._now, what, n = heappop(self._heap)
            if what == _SHIFT:
                self._change_shift(n)
            elif what == _FREED and self._leaving:
                self._leaving -= 1
            elif what == _FREED:
                self._free += 1
            else:
                caller = self._day.callers[n]
                self._lines[not caller.is_emergency].append(caller)
            self._serve()
        return self._waits

    def _change_shift(self, n: int) -> None:
        staff = self._day.staff
        more = staff[n] - (staff[n - 1] if n else 0)
        stay = min(max(more, 0), self._leaving)
        self._leaving -= stay
        self._free += max(more, 0) - stay
        go = min(max(-more, 0), self._free)
        self._free -= go
        self._leaving += max(-more, 0) - go

    def _serve(self) -> None:
        while self._free and any(self._lines):
            caller = next(line for line in self._lines if line).popleft()
            pick_up_ms = self._pick_up_ms(caller)
            self._waits[caller.number] = self._now + pick_up_ms - caller.arrives_ms
            busy_ms = pick_up_ms + caller.talk_ms + self._day.traffic.wrap_up_ms
            self._free -= 1
            heappush(self._heap, (self._now + busy_ms, _FREED, caller.number))

    def _pick_up_ms(self, caller: Caller) -> int:
        half_hour = caller.arrives_ms // HALF_HOUR_MS
        there = max(self._day.staff[half_hour : half_hour + 2])
        least = self._day.traffic.pick_up_ms[0]
        best: int | None = None
        for agent in range(there):
            pick_up_ms = self._day.pick_up_ms(caller.number, agent, 1)
            if pick_up_ms is None:
                continue
            best = pick_up_ms if best is None else min(best, pick_up_ms)
            if best == least or self._foresight is Foresight.ANYBODY:
                break  # nobody is quicker, or need be
        return least if best is None else best
