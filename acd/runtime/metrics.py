"""What Prometheus sees, counted from facts: the same facts that make the rows in PostgreSQL.

So the two agree by construction: ``huling_calls_answered_total`` is the number of first answers
of calls that are not synthetic, and so is the count of such rows.  Synthetic calls have counters
of their own and are in no other.  No label is ever a telephone number or a person's name, and no
label has more than ``VALUES_MAX`` values: the next ones are counted as ``other``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

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

from acd.core.directory import EntryKind
from acd.core.directory_diff import Staffing
from acd.core.events import Event
from acd.core.facts import (
    CallAnswered,
    CallEnded,
    CallOffered,
    CallRequeued,
    Defect,
    Fact,
    Ignored,
    IncidentOpened,
    OfferEnded,
    OfferMade,
    Outcome,
    PromiseBroken,
    Repaired,
    RequestRefused,
    WrapUpEnded,
)
from acd.core.ids import CallId
from acd.runtime.driver import Effect

VALUES_MAX = 200

ANSWER_BUCKETS_S = (1, 2, 3, 5, 10, 15, 20, 60, 180)
"""10 s is the promise (C01), 180 s is three rounds of ringing outside; below 5 s to see drift."""
HANDLE_BUCKETS_S = (15, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
STEP_BUCKETS_S = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 2e-2, 0.1)
LAG_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)

Read = Callable[[], Iterable[tuple[Sequence[str], float]]]

Child = TypeVar("Child", Counter, Histogram)


class _Labelled(Generic[Child]):
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


class Metrics(Collector):
    """Counts facts and steps; a sink of the driver.  Gauges are read when somebody asks."""

    def __init__(self) -> None:
        # A second series per counter that nobody reads.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._read: list[
            tuple[type[GaugeMetricFamily | CounterMetricFamily], str, str, Sequence[str], Read]
        ] = []

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=self.registry)

        def histogram(name: str, text: str, buckets: Sequence[float], *labels: str) -> Histogram:
            return Histogram(name, text, labels, buckets=buckets, registry=self.registry)

        self._offered = _Labelled(
            counter("huling_calls_offered", "Calls that came in.", "entry", "queue")
        )
        self._answered = _Labelled(
            counter("huling_calls_answered", "Calls an agent answered, once each.", "queue")
        )
        self._abandoned = _Labelled(
            counter("huling_calls_abandoned", "Calls whose caller left unanswered.", "queue")
        )
        self._ended = _Labelled(
            counter("huling_calls_ended", "Calls that ended, by outcome.", "queue", "outcome")
        )
        self._broken = _Labelled(
            counter("huling_promises_broken", "Callers unanswered at their deadline.", "queue")
        )
        self._incidents = _Labelled(
            counter(
                "huling_incidents_opened", "Callers unanswered until a person must know.", "queue"
            )
        )
        self._requeued = counter("huling_calls_requeued", "Callers put back in their queue.")
        self._answer_time = _Labelled(
            histogram(
                "huling_answer_time_seconds",
                "From the INVITE to the first agent's audio.",
                ANSWER_BUCKETS_S,
                "queue",
            )
        )
        self._handle_time = _Labelled(
            histogram(
                "huling_handle_time_seconds",
                "Talk and wrap-up of one conversation.",
                HANDLE_BUCKETS_S,
                "queue",
            )
        )
        self._synthetic_offered = counter(
            "huling_synthetic_calls_offered", "Synthetic calls that came in."
        )
        self._synthetic_answered = counter(
            "huling_synthetic_calls_answered", "Synthetic calls answered."
        )
        self._synthetic_ended = _Labelled(
            counter("huling_synthetic_calls_ended", "Synthetic calls that ended.", "outcome")
        )
        self._synthetic_broken = counter(
            "huling_synthetic_promises_broken", "Synthetic calls unanswered at their deadline."
        )
        self._synthetic_incidents = counter(
            "huling_synthetic_incidents_opened", "Synthetic calls unanswered for too long."
        )
        self._synthetic_answer_time = histogram(
            "huling_synthetic_answer_time_seconds",
            "From a synthetic call's INVITE to the answer.",
            ANSWER_BUCKETS_S,
        )
        self._offers = counter("huling_offers", "Agents rung.")
        self._offers_ended = _Labelled(
            counter("huling_offers_ended", "How ringing an agent ended.", "result")
        )
        self._refused = _Labelled(
            counter("huling_requests_refused", "Requests refused.", "refusal")
        )
        self._ignored = _Labelled(
            counter("huling_events_ignored", "Events harmless where they came.", "reason")
        )
        self._repaired = _Labelled(
            counter("huling_repairs", "Differences from Asterisk that were followed.", "what")
        )
        self._defects = counter("huling_defects", "Bugs met; must stay 0.")
        self._invariants = counter(
            "huling_invariants_violated", "Invariants found broken; must stay 0."
        )
        self._step_time = histogram(
            "huling_decision_seconds", "One step of the core.", STEP_BUCKETS_S
        )
        self._loop_lag = histogram(
            "huling_loop_lag_seconds", "How late the event loop comes.", LAG_BUCKETS_S
        )
        self._synthetic_calls: set[CallId] = set()
        self._counts: dict[type, Callable[..., None]] = {
            CallOffered: self._count_offered,
            CallAnswered: self._count_answered,
            PromiseBroken: self._count_broken,
            IncidentOpened: self._count_incident,
            CallRequeued: lambda f: self._requeued.inc(),
            CallEnded: self._count_ended,
            WrapUpEnded: self._count_wrap_up,
            OfferMade: self._count_offer,
            OfferEnded: self._count_offer_ended,
            RequestRefused: lambda f: self._refused(f.refusal).inc(),
            Ignored: lambda f: self._ignored(f.reason).inc(),
            Repaired: lambda f: self._repaired(f.what).inc(),
            Defect: lambda f: self._defects.inc(),
        }
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def stepped(self, now_ms: int, event: Event, effects: Sequence[Effect], took_ns: int) -> None:
        """Take the time of one step."""
        self._step_time.observe(took_ns / 1e9)

    def decided(self, fact: Fact) -> None:
        """Count one fact."""
        count = self._counts.get(type(fact))
        if count is not None:
            count(fact)

    def expect(self, staffing: Staffing) -> None:
        """Show the directory's entries and queues at 0 before their first call: a counter that
        begins at 1 hides its first step from Prometheus."""
        entries = staffing.entries.values()
        synthetic = {entry.queue for entry in entries if entry.kind is EntryKind.SYNTHETIC}
        others = {entry.queue for entry in entries if entry.kind is not EntryKind.SYNTHETIC}
        for queue in staffing.queues:
            if queue in synthetic and queue not in others:
                continue
            for labelled in (self._answered, self._abandoned, self._broken, self._incidents):
                labelled(queue).inc(0)
            self._answer_time(queue)
            self._handle_time(queue)
        for entry in entries:
            if entry.kind is not EntryKind.SYNTHETIC:
                self._offered(entry.id, entry.queue).inc(0)

    def loop_lag(self, lag_s: float) -> None:
        self._loop_lag.observe(lag_s)

    def invariant_violated(self) -> None:
        self._invariants.inc()

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Show what ``read`` returns at each scrape."""
        self._read.append((GaugeMetricFamily, name, text, (), lambda: [((), read())]))

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

    def _count_offered(self, fact: CallOffered) -> None:
        if fact.synthetic:
            self._synthetic_calls.add(fact.call)
            self._synthetic_offered.inc()
        else:
            # What was dialled may be anything; only an entry of the directory is a label.
            self._offered(fact.entry or "unknown", fact.queue).inc()

    def _count_offer(self, fact: OfferMade) -> None:
        if fact.call not in self._synthetic_calls:
            self._offers.inc()

    def _count_offer_ended(self, fact: OfferEnded) -> None:
        if fact.call not in self._synthetic_calls:
            self._offers_ended(fact.result).inc()

    def _count_answered(self, fact: CallAnswered) -> None:
        if fact.again:
            return
        if fact.synthetic:
            self._synthetic_answered.inc()
            self._synthetic_answer_time.observe(fact.wait_ms / 1000)
        else:
            self._answered(fact.queue).inc()
            self._answer_time(fact.queue).observe(fact.wait_ms / 1000)

    def _count_broken(self, fact: PromiseBroken) -> None:
        if fact.synthetic:
            self._synthetic_broken.inc()
        else:
            self._broken(fact.queue).inc()

    def _count_incident(self, fact: IncidentOpened) -> None:
        if fact.synthetic:
            self._synthetic_incidents.inc()
        else:
            self._incidents(fact.queue).inc()

    def _count_ended(self, fact: CallEnded) -> None:
        if fact.synthetic:
            self._synthetic_calls.discard(fact.call)
            self._synthetic_ended(fact.outcome).inc()
            return
        self._ended(fact.queue, fact.outcome).inc()
        if fact.outcome is Outcome.ABANDONED:
            self._abandoned(fact.queue).inc()

    def _count_wrap_up(self, fact: WrapUpEnded) -> None:
        if not fact.synthetic:
            self._handle_time(fact.queue).observe((fact.talk_ms + fact.wrap_up_ms) / 1000)
