"""Answers that may take so long each, and no longer: one timer for all of them.

Twenty answers are waited for in a call, and nearly each comes within milliseconds: a timer of the
loop for each costs more than the waiting.  All have the same patience, so it ends for them in the
order in which they began.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Deadlines(Generic[T]):
    """Those that are still waited for, and some that have come meanwhile."""

    def __init__(
        self, seconds: float, give_up: Callable[["asyncio.Future[Any]", T], object]
    ) -> None:
        """``give_up`` is called with each that is not done after so many ``seconds``, and with what
        it was added with."""
        self._seconds = seconds
        self._give_up = give_up
        self._waiting: deque[tuple[float, asyncio.Future[Any], T]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, answer: "asyncio.Future[Any]", of: T) -> None:
        """Begin to wait for an answer (a task is one too)."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        waiting = self._waiting
        while waiting and waiting[0][1].done():
            waiting.popleft()
        waiting.append((loop.time() + self._seconds, answer, of))
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._due)

    def stop(self) -> None:
        """Give nothing up any more."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        waiting = self._waiting
        while waiting and (waiting[0][1].done() or waiting[0][0] <= loop.time()):
            _, answer, of = waiting.popleft()
            if not answer.done():
                self._give_up(answer, of)
        if waiting:
            self._timer = loop.call_later(waiting[0][0] - loop.time(), self._due)
