"""Counters and histograms of one thread, as cheap as counting is.

A step of the core is followed by a few counts, so they cost a share of every decision; those of
prometheus_client take a lock and look labels up each time, many times as long.  Everything here is
counted and read by the one loop of the service.  What a histogram observes waits in a list, whole
numbers as they stand in the facts, until somebody reads or enough has come: to look at many at once
is cheaper than to look for each one's bucket.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import add
from typing import Any, Generic, TypeVar

VALUES_MAX = 200
"""A label has no more values; the next ones are counted as ``other``."""


class Count:
    """One series of a counter."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self, by: int = 1) -> None:
        """Count so many more."""
        self.value += by


class Ordered:
    """Values in ascending order, looked at once for all histograms with the same buckets."""

    __slots__ = ("_below", "_values", "count", "total")

    def __init__(self, values: Sequence[float]) -> None:
        self.count = len(values)
        self.total = sum(values)
        self._values = values
        self._below: dict[tuple[float, ...], list[int]] = {}

    def below(self, bounds: tuple[float, ...]) -> list[int]:
        """Return how many lie at each bound and below it."""
        found = self._below.get(bounds)
        if found is None:
            values = self._values
            found = self._below[bounds] = [bisect_right(values, bound) for bound in bounds]
        return found


class Distribution:
    """One series of a histogram."""

    __slots__ = (
        "_below",
        "_bounds",
        "_per",
        "_sum",
        "_waiting",
        "extend",
        "names",
        "observe",
        "value",
    )

    def __init__(self, bounds: Sequence[float], per: int = 1) -> None:
        """``bounds`` are the buckets' upper ends, ascending, each within its bucket; so many of
        what is observed make one of their unit: 1000 milliseconds a second."""
        self._per = per
        self.names = [*(str(float(bound)) for bound in bounds), "+Inf"]
        """The buckets' upper ends, as Prometheus writes them."""
        self._bounds = tuple(_whole(round(bound * per, 6)) for bound in bounds)
        self._below = [0] * len(bounds)
        self._sum: float = 0
        self._waiting: list[float] = []
        self.value = 0
        """How many have been counted."""
        self.observe: Callable[[float], None] = self._waiting.append
        """Takes one value; ``fold`` counts it."""
        self.extend: Callable[[Iterable[float]], None] = self._waiting.extend
        """Takes several."""

    def fold(self) -> None:
        """Count what was observed."""
        if self._waiting:
            self._waiting.sort()
            self.count_sorted(self._waiting)
            self._waiting.clear()

    def count(self, values: Sequence[float]) -> None:
        """Count these, in whatever order; most values lie in the first buckets."""
        self.value += len(values)
        self._sum += sum(values)
        above = values
        for n, bound in enumerate(self._bounds):
            above = [value for value in above if value > bound]
            if not above:
                for rest in range(n, len(self._below)):
                    self._below[rest] += len(values)
                return
            self._below[n] += len(values) - len(above)

    def count_sorted(self, values: Sequence[float]) -> None:
        """Count these, which ascend."""
        self.add(Ordered(values))

    def add(self, found: Ordered) -> None:
        """Count these, which several may count."""
        self.value += found.count
        self._sum += found.total
        self._below = list(map(add, self._below, found.below(self._bounds)))

    @property
    def total(self) -> float:
        """The sum of what was counted."""
        return self._sum / self._per

    def below(self) -> tuple[int, ...]:
        """Return how many lie in each bucket and below it, then how many there are, twice: for the
        bucket without an end, and as the count."""
        return (*self._below, self.value, self.value)


def _whole(bound: float) -> float:
    """Return it as a whole number if it is one: to compare two of these costs half as much."""
    return int(bound) if bound == int(bound) else bound


Child = TypeVar("Child", Count, Distribution)
Values = str | tuple[str | None, ...] | None


class Labelled(dict[Values, Child], Generic[Child]):
    """The series of one metric, by the value of its label or the values of its labels.

    What it holds as a mapping are the values as they came, so that no text is made twice; read it
    with ``[]``, which makes a series that is not there yet.
    """

    def __init__(self, make: Callable[[], Child]) -> None:
        super().__init__()
        self._make: Callable[[], Child] = make
        self.children: dict[tuple[str, ...], Child] = {}

    def __missing__(self, values: Values) -> Child:
        several = values if isinstance(values, tuple) else (values,)
        key = tuple("none" if value is None else str(value) for value in several)
        if key not in self.children and len(self.children) >= VALUES_MAX:
            other = ("other",) * len(key)
            return self.children.setdefault(other, self._make())
        child = self[values] = self.children.setdefault(key, self._make())
        return child


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Tally(defaultdict[Key, list[Value]]):
    """Values in lists by a key, until somebody reads: then several take what is made of each."""

    def __init__(self, make: Callable[[list[Value]], Any]) -> None:
        super().__init__(list)
        self._make = make
        self._takers: list[Callable[[Key, Any], None]] = []

    def into(self, take: Callable[[Key, Any], None]) -> None:
        """Have ``take`` called with each key and what is made of its list."""
        self._takers.append(take)

    def fold(self) -> None:
        """Hand everything on."""
        for key, values in self.items():
            made = self._make(values)
            for take in self._takers:
                take(key, made)
        self.clear()
