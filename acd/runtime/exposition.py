"""How metrics are shown: counters, histograms and gauges under one registry, in bounded numbers.

No label is ever a telephone number or a person's name, and no label has more than ``VALUES_MAX``
values: the next ones are counted as ``other``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from acd.core.facts import Fact

VALUES_MAX = 200

Read = Callable[[], Iterable[tuple[Sequence[str], float]]]

Child = TypeVar("Child", Counter, Histogram)
F = TypeVar("F", bound=Fact)


class Labelled(Generic[Child]):
    """The children of one metric, looked up without building label strings each time."""

    def __init__(self, metric: Child) -> None:
        self._metric: Child = metric
        self._children: dict[tuple[str, ...], Child] = {}

    def __call__(self, *values: str | None) -> Child:
        key = tuple("none" if value is None else str(value) for value in values)
        child = self._children.get(key)
        if child is None:
            if len(self._children) >= VALUES_MAX:
                key = ("other",) * len(key)
            child = self._children[key] = self._metric.labels(*key)
        return child


class Exposition(Collector):
    """Counts facts for who has asked to; gauges are read when somebody scrapes."""

    def __init__(self) -> None:
        # A second series per counter that nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._counts: dict[type[Any], list[Callable[[Any], object]]] = {}
        self._read: list[
            tuple[type[GaugeMetricFamily | CounterMetricFamily], str, str, Sequence[str], Read]
        ] = []
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def counter(self, name: str, text: str) -> Counter:
        """Return a counter; Prometheus adds ``_total`` to its name."""
        return Counter(name, text, registry=self.registry)

    def counter_by(self, name: str, text: str, *labels: str) -> Labelled[Counter]:
        """Return a counter with labels."""
        return Labelled(Counter(name, text, labels, registry=self.registry))

    def histogram(self, name: str, text: str, buckets: Sequence[float]) -> Histogram:
        """Return a histogram with these upper bounds."""
        return Histogram(name, text, buckets=buckets, registry=self.registry)

    def histogram_by(
        self, name: str, text: str, buckets: Sequence[float], *labels: str
    ) -> Labelled[Histogram]:
        """Return a histogram with labels."""
        return Labelled(Histogram(name, text, labels, buckets=buckets, registry=self.registry))

    def on(self, kind: type[F], count: Callable[[F], object]) -> None:
        """Have ``count`` called with every fact of a kind."""
        self._counts.setdefault(kind, []).append(count)

    def decided(self, fact: Fact) -> None:
        """Count one fact."""
        for count in self._counts.get(type(fact), ()):
            count(fact)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Show what ``read`` returns at each scrape."""
        self._read.append((GaugeMetricFamily, name, text, (), lambda: [((), read())]))

    def gauge_if_known(self, name: str, text: str, read: Callable[[], float | None]) -> None:
        """The same, and nothing while ``read`` returns None: an unknown figure is not 0."""

        def known() -> Iterable[tuple[Sequence[str], float]]:
            value = read()
            return [] if value is None else [((), value)]

        self._read.append((GaugeMetricFamily, name, text, (), known))

    def gauges(self, name: str, text: str, labels: Sequence[str], read: Read) -> None:
        """Show what ``read`` yields at each scrape: (label values, value)."""
        self._read.append((GaugeMetricFamily, name, text, labels, read))

    def counters(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        counts: Mapping[str, int] | Callable[[], Mapping[str, int]],
    ) -> None:
        """Show counts kept elsewhere, by the value of the one label (or of none)."""

        def read() -> Iterable[tuple[Sequence[str], float]]:
            found = counts() if callable(counts) else counts
            for key, count in list(found.items())[:VALUES_MAX]:
                yield (key,)[: len(labels)], count

        self._read.append((CounterMetricFamily, name, text, labels, read))

    def describe(self) -> Iterable[Metric]:
        """Keeps the registry from reading the gauges when this is registered."""
        return []

    def collect(self) -> Iterable[Metric]:
        for family_of, name, text, labels, read in self._read:
            family = family_of(name, text, labels=labels)
            for values, value in read():
                family.add_metric(list(values), value)
            yield family

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
