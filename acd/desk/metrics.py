"""What Prometheus sees of the desk.  No label ever holds a number, a name or an id of a call."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from acd.adapters.http.access import TURNED_AWAY
from acd.adapters.http.searches import OF_THE_DESK
from acd.adapters.postgres.recordings import RecordingState
from acd.runtime.metrics.performance import SEARCH_BUCKETS_S

# Asked of the database; a state without recordings shows 0 and not nothing.
WATCHED = (
    RecordingState.RECORDING,
    RecordingState.FINISHED,
    RecordingState.ALTERED,
    RecordingState.MISSING,
)


class DeskMetrics:
    """The registry of one process."""

    def __init__(self) -> None:
        # `…_created` doubles the counters, and says nothing that process_start_time does not.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.compressed = Counter(
            "huling_desk_recordings_compressed",
            "Recordings brought into the archive",
            registry=self.registry,
        )
        self.compression_failures = Counter(
            "huling_desk_compression_failures",
            "Attempts to compress a recording that failed; its samples are kept",
            registry=self.registry,
        )
        self.raw_bytes = Counter(
            "huling_desk_raw_bytes", "Bytes that were compressed", registry=self.registry
        )
        self.flac_bytes = Counter(
            "huling_desk_flac_bytes", "Bytes that they became", registry=self.registry
        )
        self.verified = Counter(
            "huling_desk_recordings_verified",
            "Recordings whose digest was taken again, by what came of it",
            ["result"],
            registry=self.registry,
        )
        self.deleted = Counter(
            "huling_desk_recordings_deleted",
            "Recordings deleted because their time was over",
            registry=self.registry,
        )
        self.plays = Counter(
            "huling_desk_plays", "Recordings listened to, each noted", registry=self.registry
        )
        self._searches = Histogram(
            "huling_desk_search_seconds",
            "A search of the desk's records, from the request to the answer's last byte",
            ["what"],
            buckets=SEARCH_BUCKETS_S,
            registry=self.registry,
        )
        for what in OF_THE_DESK.values():
            self._searches.labels(what)
        self._turned_away = Counter(
            "huling_desk_turned_away",
            "Requests that the desk's door refused",
            ["why"],
            registry=self.registry,
        )
        for why in TURNED_AWAY:
            self._turned_away.labels(why)
        self.last_verify = Gauge(
            "huling_desk_last_verify_timestamp_seconds",
            "When the archive was last checked to the end of its time",
            registry=self.registry,
        )
        self.alarm = Gauge(
            "huling_desk_disk_alarm",
            "1 while a folder of recordings has less room than HULING_RECORDINGS_FREE_MB_MIN",
            ["folder"],
            registry=self.registry,
        )
        self.last_backup = Gauge(
            "huling_desk_last_backup_timestamp_seconds",
            "When the newest whole backup of a place was made; 0: there is none",
            ["place"],
            registry=self.registry,
        )
        self.backup_failures = Counter(
            "huling_desk_backup_failures",
            "Backups that were not complete everywhere",
            registry=self.registry,
        )
        self.recordings = Gauge(
            "huling_desk_recordings",
            "Recordings under way, waiting for compression, altered or missing",
            ["state"],
            registry=self.registry,
        )
        self.oldest_waiting = Gauge(
            "huling_desk_oldest_waiting_seconds",
            "How long the recording that ended first waits for its compression",
            registry=self.registry,
        )
        self.feed_unacknowledged = Gauge(
            "huling_desk_feed_unacknowledged_seconds",
            "How long the oldest record of a regulator's feed has waited for its acknowledgement",
            ["feed"],
            registry=self.registry,
        )
        for state in WATCHED:
            self.recordings.labels(state)
        for result in ("verified", "altered", "missing"):
            self.verified.labels(result)

    def searched(self, what: str, seconds: float) -> None:
        """Somebody has been shown records."""
        self._searches.labels(what).observe(seconds)

    def turned_away(self, why: str) -> None:
        """Count a request that the door has refused."""
        self._turned_away.labels(why).inc()

    def show(self, collector: Collector) -> None:
        """Show what it has at each scrape."""
        self.registry.register(collector)

    def watch_disks(self, free_bytes: Callable[[], Mapping[str, int]]) -> None:
        """Show what is free at each scrape."""
        self.registry.register(_Disks(free_bytes))

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)


class _Disks(Collector):
    def __init__(self, free_bytes: Callable[[], Mapping[str, int]]) -> None:
        self._free_bytes = free_bytes

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "huling_desk_disk_free_bytes", "Room for recordings", labels=["folder"]
        )
        for folder, free in self._free_bytes().items():
            family.add_metric([folder], free)
        yield family
