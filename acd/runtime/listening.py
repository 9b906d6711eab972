"""Listening: who is asked to judge what legs give, if anybody can.

The service goes on without it: an agent hears the caller, and the procedures for silent callers go
by their clocks.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from acd.adapters.done import DONE
from acd.core.commands import Command, ListenTo, StopListening
from acd.core.events import Event, LegGone
from acd.core.ids import LegId

_OURS = (ListenTo, StopListening)

Perform = Callable[[Command], Awaitable[None]]


class Listens(Protocol):
    """What judges legs; it tells ``CallerHeard`` by itself."""

    def perform(self, command: ListenTo | StopListening) -> Awaitable[None]:
        """Begin or end to judge a leg; never blocks, never fails."""

    def gone(self, leg: LegId) -> None:
        """A leg has ended."""


class Listening:
    """Gives commands to whom they are for, and sees legs end (a ``driver.StepSink``)."""

    def __init__(self, others: Perform, listens: Listens | None) -> None:
        """``listens`` is a ``Pulse`` where listening is turned off, and None where not even that is
        there: nothing judges a leg before somebody says so."""
        self._others = others
        self._listens = listens

    def perform(self, command: Command) -> Awaitable[None]:
        """Begin to carry out a command and return what is to be awaited."""
        if not isinstance(command, _OURS):
            return self._others(command)
        return DONE if self._listens is None else self._listens.perform(command)

    def stepped(self, now_ms: int, event: Event, effects: Sequence[object], took_ns: int) -> None:
        """See ``driver.StepSink``."""
        del now_ms, effects, took_ns
        if self._listens is not None and isinstance(event, LegGone):
            self._listens.gone(event.leg)
