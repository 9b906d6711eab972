"""Counters and histograms of one thread, as cheap as counting is.

A step of the core is followed by a few counts, so they cost a share of every decision; those of
prometheus_client take a lock and look labels up each time, ten times as long.  Everything here is
counted and read by the one loop of the service.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

VALUES_MAX = 200
"""A label has no more values; the next ones are counted as ``other``."""


class Count:
    """One series of a counter."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def inc(self, by: float = 1) -> None:
        """Count so many more."""
        self.value += by


class Distribution:
    """One series of a histogram."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        """``bounds`` are the buckets' upper ends, ascending, each within its bucket."""
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """Return each bucket's upper end, as Prometheus writes it, and how many lie below it."""
        names = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        return list(zip(names, map(float, accumulate(self._counts)), strict=True))


Child = TypeVar("Child", Count, Distribution)


class Labelled(Generic[Child]):
    """The series of one metric by the values of its labels."""

    def __init__(self, make: Callable[[], Child]) -> None:
        self._make: Callable[[], Child] = make
        self.children: dict[tuple[str, ...], Child] = {}
        self._known: dict[tuple[str | None, ...], Child] = {}
        """The same by the values as they came, so that no text is made twice."""

    def __call__(self, *values: str | None) -> Child:
        child = self._known.get(values)
        return self._new(values) if child is None else child

    def _new(self, values: tuple[str | None, ...]) -> Child:
        key = tuple("none" if value is None else str(value) for value in values)
        if key not in self.children and len(self.children) >= VALUES_MAX:
            other = ("other",) * len(key)
            return self.children.setdefault(other, self._make())
        child = self._known[values] = self.children.setdefault(key, self._make())
        return child
