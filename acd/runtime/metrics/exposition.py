"""How metrics are shown: counters, histograms and gauges under one registry, in bounded numbers.

No label is ever a telephone number or a person's name, and no label has more than ``VALUES_MAX``
values: the next ones are counted as ``other``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, get_args

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from acd.core.facts import CallEnded, CallOffered, CallTakenUp, Fact, PlacedCallEnded
from acd.runtime.metrics.series import VALUES_MAX, Count, Distribution, Labelled, Tally
from acd.runtime.metrics.series_text import CounterText, HistogramText
from acd.runtime.past import Batch, Past

UNFOLDED_MAX = 20_000
"""Facts of which observations may wait in the histograms when nobody scrapes."""
MS_PER_S = 1000

_BEGIN: tuple[type[Fact], ...] = (CallOffered, CallTakenUp)
_END: tuple[type[Fact], ...] = (CallEnded, PlacedCallEnded)
_ORDER = (*_BEGIN, *(kind for kind in get_args(Fact) if kind not in _BEGIN + _END), *_END)
"""In which kinds that came together are counted: what a call begins with before the rest, and what
it ends with after it."""

Read = Callable[[], Iterable[tuple[Sequence[str], float]]]

F = TypeVar("F", bound=Fact)


class Exposition(Collector):
    """Counts facts for who has asked to; gauges are read when somebody scrapes."""

    def __init__(self, past: Past | None = None) -> None:
        """``past`` says what has happened; without it there is one of our own."""
        self.past = Past() if past is None else past
        self.past.follow(self._take)
        self.registry = CollectorRegistry()
        self._unfolded = 0
        self._counts: dict[type[Any], list[Callable[[list[Any]], object]]] = {
            kind: [] for kind in _ORDER
        }
        self._read: list[
            tuple[type[GaugeMetricFamily | CounterMetricFamily], str, str, Sequence[str], Read]
        ] = []
        self._tallies: list[Tally[Any, Any]] = []
        self._texts: list[CounterText | HistogramText] = []
        self._histograms: list[Labelled[Distribution]] = []
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def counter(self, name: str, text: str) -> Count:
        """Return a counter; Prometheus adds ``_total`` to its name."""
        return self.counter_by(name, text)[()]

    def counter_by(self, name: str, text: str, *labels: str) -> Labelled[Count]:
        """Return a counter with labels."""
        made = Labelled(Count)
        self._texts.append(CounterText(name, text, labels, made))
        return made

    def counter_of(self, times: Labelled[Distribution], name: str, text: str, *labels: str) -> None:
        """Show as a counter too how many a histogram has observed."""
        self._texts.append(CounterText(name, text, labels, times))

    def histogram(
        self, name: str, text: str, buckets: Sequence[float], *, per: int = MS_PER_S
    ) -> Distribution:
        """Return a histogram with these upper bounds; ``per`` of what it observes make one of
        their unit."""
        return self.histogram_by(name, text, buckets, per=per)[()]

    def histogram_by(
        self, name: str, text: str, buckets: Sequence[float], *labels: str, per: int = MS_PER_S
    ) -> Labelled[Distribution]:
        """Return a histogram with labels."""
        made = Labelled(lambda: Distribution(buckets, per))
        self._histograms.append(made)
        self._texts.append(HistogramText(name, text, labels, made))
        return made

    def tally(self, make: Callable[[list[Any]], Any]) -> Tally[Any, Any]:
        """Return lists of values; what ``make`` makes of each is handed on before anything is
        shown."""
        made: Tally[Any, Any] = Tally(make)
        self._tallies.append(made)
        return made

    def on(self, kind: type[F], count: Callable[[F], object]) -> None:
        """Have ``count`` called with every fact of a kind."""

        def each(facts: list[F]) -> None:
            for fact in facts:
                try:
                    count(fact)
                except Exception:
                    self.past.failed(kind.__name__, getattr(fact, "call", None))

        self.on_all(kind, each)

    def on_all(self, kind: type[F], count: Callable[[list[F]], object]) -> None:
        """Have ``count`` called with the facts of a kind, many at once.

        Facts of one kind come in order; of several kinds, what a call begins with comes first and
        what it ends with last.
        """
        self._counts[kind].append(count)

    def settle(self) -> None:
        """Count everything that has happened."""
        self.past.settle()
        self._fold()

    def _take(self, batch: Batch) -> None:
        by_kind = batch.by_kind
        for kind, counts in self._counts.items():
            if kind in by_kind:
                for count in counts:
                    try:
                        count(by_kind[kind])
                    except Exception:
                        self.past.failed(kind.__name__)
        self._unfolded += len(batch.facts)
        if self._unfolded > UNFOLDED_MAX:
            self._fold()

    def _fold(self) -> None:
        self._unfolded = 0
        for tally in self._tallies:
            tally.fold()
        for times in self._histograms:
            for one in times.children.values():
                one.fold()

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
        """Return all metrics in Prometheus' text format, with all that has happened."""
        self.settle()
        counted = "".join(line for one in self._texts for line in one.write())
        return counted.encode() + generate_latest(self.registry)
