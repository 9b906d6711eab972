"""Shows whether PostgreSQL's log reaches its archive and its replicas (X02, X07)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from acd.adapters.postgres.durability import Durability
from acd.adapters.postgres.errors import DatabaseAway

LOOK_S = 30.0


class DurabilityWatch(Collector):
    """The newest answer; what is not known, or not meant to be, has no figure."""

    def __init__(self, read: Callable[[], Awaitable[Durability]]) -> None:
        self._read = read
        self._found: Durability | None = None

    async def run(self) -> None:
        """Ask every so often, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Ask once.  Raises DatabaseRefused."""
        try:
            self._found = await self._read()
        except DatabaseAway:
            self._found = None  # the keeper says so

    def collect(self) -> Iterable[Metric]:
        found = self._found
        shown: list[tuple[str, str, float | None]] = [
            (
                "huling_desk_wal_archive_failing",
                "1 while PostgreSQL's log cannot be archived",
                float(found.failing) if found and found.archives else None,
            ),
            (
                "huling_desk_wal_archived_timestamp_seconds",
                "When PostgreSQL's log was last archived",
                found.archived_at_s if found and found.archives else None,
            ),
            (
                "huling_desk_replicas",
                "PostgreSQL servers that follow this one",
                float(found.replicas) if found else None,
            ),
            (
                "huling_desk_replica_lag_seconds",
                "How far the slowest of them is behind",
                (found.lag_s or 0.0) if found and found.replicas else None,
            ),
        ]
        for name, what, value in shown:
            family = GaugeMetricFamily(name, what)
            if value is not None:
                family.add_metric([], value)
            yield family
