"""What a state table is."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


E = TypeVar("E", bound=StrEnum)


class IllegalTransition(Exception):
    """The core's one exception: an event met a state for which nobody wrote an answer."""


class Ignore(str):
    """A cell that changes nothing; its text is the name under which it is counted."""

    __slots__ = ()


class Table(Generic[S, E]):
    """The moves of one kind of entity."""

    def __init__(
        self,
        name: str,
        states: type[S],
        events: type[E],
        cells: Mapping[S, Mapping[E, S | Ignore]],
    ) -> None:
        self.name = name
        self.states = states
        self.events = events
        self._cells: dict[tuple[S, E], S | Ignore] = {
            (state, event): cell for state, row in cells.items() for event, cell in row.items()
        }

    def cell(self, state: S, event: E) -> S | Ignore | None:
        """Return the move, the named ignore, or None where the meeting is illegal."""
        return self._cells.get((state, event))

    def after(self, state: S, event: E) -> S | Ignore:
        """Return what follows; raise ``IllegalTransition`` where nothing can."""
        cell = self._cells.get((state, event))
        if cell is None:
            raise IllegalTransition(f"{self.name} in state {state} met {event}")
        return cell

    def moves(self) -> Iterator[tuple[S, E, S]]:
        """Yield every real move, for diagrams."""
        for (state, event), cell in self._cells.items():
            if not isinstance(cell, Ignore):
                yield state, event, cell
