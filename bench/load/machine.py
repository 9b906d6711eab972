"""What is read of the loaded switch meanwhile: its service's ``/metrics``, and Asterisk's CPU."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from bench.load.outcome import Sample

TIMEOUT_S = 0.5
"""The robots stand still meanwhile."""


class Machine:
    """Asks once every few seconds.  Nobody there to be asked is no fault of the calls."""

    def __init__(
        self, metrics_url: str | None, asterisk_cpu_ms: Callable[[], int] | None = None
    ) -> None:
        self._url, self._asterisk_cpu_ms = metrics_url, asterisk_cpu_ms
        self.silent = 0
        """How often nobody answered."""

    def sample(self, at_s: float, live: int) -> Sample:
        """Return what stands there now."""
        found = self._metrics()
        cpu_s = found.get("process_cpu_seconds_total")
        if cpu_s is not None and self._asterisk_cpu_ms is not None:
            try:
                cpu_s += self._asterisk_cpu_ms() / 1000
            except ProcessLookupError:
                cpu_s = None  # half of it would be no figure
        memory = found.get("process_resident_memory_bytes")
        return Sample(
            at_s=at_s,
            live=live,
            cpu_s=cpu_s,
            memory_mb=None if memory is None else memory / 1e6,
        )

    def _metrics(self) -> dict[str, float]:
        if self._url is None:
            return {}
        try:
            with urllib.request.urlopen(self._url, timeout=TIMEOUT_S) as answer:
                text = answer.read().decode()
            return {
                sample.name: sample.value
                for family in text_string_to_metric_families(text)
                for sample in family.samples
                if sample.name.startswith("process_")
            }
        except (OSError, ValueError):
            self.silent += 1
            return {}
