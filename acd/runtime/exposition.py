"""How metrics are shown: counters, histograms and gauges under one registry, in bounded numbers.

No label is ever a telephone number or a person's name, and no label has more than ``VALUES_MAX``
values: the next ones are counted as ``other``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from acd.core.facts import Fact
from acd.runtime.counts import VALUES_MAX, Count, Distribution, Labelled

UNCOUNTED_MAX = 200
"""Facts that wait to be counted; as many take a quarter of a millisecond."""

Read = Callable[[], Iterable[tuple[Sequence[str], float]]]

F = TypeVar("F", bound=Fact)


class Exposition(Collector):
    """Counts facts for who has asked to; gauges are read when somebody scrapes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._uncounted: list[Fact] = []
        self._counts: dict[type[Any], list[Callable[[Any], object]]] = {}
        self._read: list[
            tuple[type[GaugeMetricFamily | CounterMetricFamily], str, str, Sequence[str], Read]
        ] = []
        self._counters: list[tuple[str, str, tuple[str, ...], Labelled[Count]]] = []
        self._histograms: list[tuple[str, str, tuple[str, ...], Labelled[Distribution]]] = []
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def counter(self, name: str, text: str) -> Count:
        """Return a counter; Prometheus adds ``_total`` to its name."""
        return self.counter_by(name, text)()

    def counter_by(self, name: str, text: str, *labels: str) -> Labelled[Count]:
        """Return a counter with labels."""
        made = Labelled(Count)
        self._counters.append((name, text, labels, made))
        return made

    def histogram(self, name: str, text: str, buckets: Sequence[float]) -> Distribution:
        """Return a histogram with these upper bounds."""
        return self.histogram_by(name, text, buckets)()

    def histogram_by(
        self, name: str, text: str, buckets: Sequence[float], *labels: str
    ) -> Labelled[Distribution]:
        """Return a histogram with labels."""
        made = Labelled(lambda: Distribution(buckets))
        self._histograms.append((name, text, labels, made))
        return made

    def on(self, kind: type[F], count: Callable[[F], object]) -> None:
        """Have ``count`` called with every fact of a kind."""
        self._counts.setdefault(kind, []).append(count)

    def decided(self, fact: Fact) -> None:
        """Take one fact, to be counted with others: many at once cost a third of one by one."""
        self._uncounted.append(fact)
        if len(self._uncounted) >= UNCOUNTED_MAX:
            self.count()

    def count(self) -> None:
        """Count what was taken, in order."""
        facts, self._uncounted = self._uncounted, []
        for fact in facts:
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
        self.count()
        for name, text, keys, counts in self._counters:
            counter = CounterMetricFamily(name, text, labels=keys)
            for key, count in counts.children.items():
                counter.add_metric(key, count.value)
            yield counter
        for name, text, keys, times in self._histograms:
            histogram = HistogramMetricFamily(name, text, labels=keys)
            for key, one in times.children.items():
                histogram.add_metric(key, one.buckets(), one.total)
            yield histogram
        for family_of, name, text, labels, read in self._read:
            family = family_of(name, text, labels=labels)
            for values, value in read():
                family.add_metric(list(values), value)
            yield family

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
