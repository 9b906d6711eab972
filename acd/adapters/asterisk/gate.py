"""Whether this service may act: the last thing that every request which changes something passes.

A process that has stood still does not know it: it wakes up in the middle of what it was doing,
with timers overdue and decisions made, and by then another service may have its calls.  So the gate
closes by itself when it has not been told for ``GAP_S`` that time goes on, and stays closed until
somebody has found out who owns the switch.  Once lost it never opens again.

Time is CLOCK_BOOTTIME, which goes on while a machine sleeps.
"""

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial

from acd.adapters.asterisk.errors import AsteriskUnreachable

GAP_S = 1.0


class GateState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    LOST = "lost"


_now_s = partial(time.clock_gettime, time.CLOCK_BOOTTIME)


class Gate:
    """Closed at first."""

    def __init__(self, *, gap_s: float = GAP_S, now_s: Callable[[], float] = _now_s) -> None:
        self._gap_s = gap_s
        self._now_s = now_s
        self._beat_s = 0.0
        self._state = GateState.CLOSED
        self._changed = asyncio.Event()
        self._on_change: list[Callable[[GateState], object]] = []
        self.why = ""
        """Why it was lost."""

    @property
    def state(self) -> GateState:
        return self._state

    def on_change(self, call: Callable[[GateState], object]) -> None:
        """Have ``call`` called with every new state."""
        self._on_change.append(call)

    def is_open(self) -> bool:
        """Tell whether one may act; closes when time has jumped."""
        if self._state is not GateState.OPEN:
            return False
        if self._now_s() - self._beat_s <= self._gap_s:
            return True
        self._set(GateState.CLOSED)
        return False

    def stood_still_s(self) -> float:
        """Return since how many seconds nobody has said that time goes on; 0 while the gate is open
        or when it never was."""
        if self.is_open() or not self._beat_s:
            return 0.0
        return self._now_s() - self._beat_s

    def beat(self) -> None:
        """Time goes on.  Whoever comes too late with this has found a gap."""
        if self.is_open():
            self._beat_s = self._now_s()

    def confirm(self) -> None:
        """We are the owner, as was found out just now."""
        if self._state is GateState.LOST:
            return
        self._beat_s = self._now_s()
        if self._state is GateState.CLOSED:
            self._set(GateState.OPEN)

    def lose(self, why: str) -> None:
        """Another owns the switch: nothing is sent any more."""
        if self._state is not GateState.LOST:
            self.why = why
            self._set(GateState.LOST)

    async def passed(self) -> None:
        """Return when one may act.  Raises AsteriskUnreachable when one never may again."""
        while not self.is_open():
            if self._state is GateState.LOST:
                raise AsteriskUnreachable(self.why)
            await self._changed.wait()

    def _set(self, state: GateState) -> None:
        self._state = state
        # Whoever waits now is woken; whoever waits from now on waits for the next change.
        self._changed.set()
        self._changed = asyncio.Event()
        for call in self._on_change:
            call(state)


def always_open() -> Gate:
    """Return the gate of somebody who owns nothing, and so can lose nothing."""
    gate = Gate(gap_s=float("inf"))
    gate.confirm()
    return gate
