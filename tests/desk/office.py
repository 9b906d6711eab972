"""A desk with a database of its own and two folders, and the calls that fill them."""

import math
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI

from acd.adapters.http.access import Door, Tokens
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.exports import PostgresExports
from acd.adapters.postgres.feeds import PostgresFeeds
from acd.adapters.postgres.messages import PostgresMessages
from acd.adapters.postgres.notes import PostgresNotes
from acd.adapters.postgres.offline import PostgresOffline
from acd.adapters.postgres.recordings import PostgresRecordings, RecordingRecord
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.reports import PostgresReports
from acd.adapters.postgres.samples import PostgresSamples
from acd.core.facts import CallOffered, Fact
from acd.desk.agents import agents_router
from acd.desk.app import create_desk
from acd.desk.archive import CHINA, RATE_HZ, Archive
from acd.desk.emergencies import emergencies_router
from acd.desk.environment import Environment, environment_router
from acd.desk.exports import exports_router
from acd.desk.feeder import Feeder
from acd.desk.feeds import feeds_router
from acd.desk.figures import words_of_the_content
from acd.desk.keeper import Keeper
from acd.desk.messages import messages_router
from acd.desk.metrics import DeskMetrics
from acd.desk.nightly import Nightly
from acd.desk.offline import offline_router
from acd.desk.recordings import recordings_router
from acd.desk.reports import reports_router
from acd.desk.samples import samples_router
from acd.runtime.sealing import NO_KEYS, Keys
from tests.postgres.test_records import life, numbered

NAME = {"X-Huling-User": "wang"}
"""Who asks in these tests, as a header carries it."""


def samples(seconds: float, left_hz: float = 440.0, right_hz: float = 620.0) -> bytes:
    """What Asterisk would have written: two tones side by side."""
    made = bytearray()
    for n in range(int(seconds * RATE_HZ)):
        for hz in (left_hz, right_hz):
            made += struct.pack("<h", int(8000 * math.sin(2 * math.pi * hz * n / RATE_HZ)))
    return bytes(made)


class Office:
    """Everything of a desk but its process."""

    def __init__(
        self, pool: Pool, folder: Path, *, keep_months: int = 36, keys: Keys = NO_KEYS
    ) -> None:
        self.pool = pool
        self.records = PostgresRecords(pool)
        self.recordings = PostgresRecordings(pool)
        self.notes = PostgresNotes(pool)
        self.offline = PostgresOffline(pool)
        self.audit = PostgresAudit(pool)
        self.metrics = DeskMetrics()
        self.environment = Environment()
        self.metrics.show(self.environment)
        self.archive = Archive(spool=folder / "spool", archive=folder / "archive", keys=keys)
        self.archive.spool.mkdir()
        self.archive.folder.mkdir()
        self.keeper = Keeper(
            self.recordings, self.archive, self.metrics, free_bytes_min=1,
            quiet=timedelta(0), stale=timedelta(seconds=5),
        )  # fmt: skip
        self.nightly = Nightly(
            self.recordings, self.notes, self.offline, self.audit, self.archive, self.metrics,
            keep_months=keep_months, verify_s=60.0,
        )  # fmt: skip
        self.content = words_of_the_content(neutral_counts=True)
        self._seq = 0

    async def write(self, facts: list[Fact]) -> None:
        """Facts as the service would send them."""
        await self.records.write(1, [(self._seq + n, fact) for n, fact in numbered(facts)])
        self._seq += len(facts) + 1

    async def call(
        self,
        call: str = "call-1",
        *,
        arrival: datetime | None = None,
        agent: str = "8003",
        terminal: str = "02160000001",
        sound: bytes | None = b"",
    ) -> str:
        """A whole call with its samples in the spool (None: no file); its recording's id."""
        facts = life(call, arrival or datetime(2026, 3, 14, 2, 30, tzinfo=UTC), agent, terminal)
        await self.write(facts)
        offered = facts[0]
        assert isinstance(offered, CallOffered) and offered.recording
        recording = offered.recording.rpartition(".")[0]
        if sound is not None:
            self.archive.raw_path(recording).write_bytes(sound or samples(0.5))
        return recording

    async def kept(self, call: str = "call-1", **more: object) -> str:
        """The same, brought into the archive; its recording's id."""
        recording = await self.call(call, **more)  # type: ignore[arg-type]
        assert await self.keeper.look() == 1
        return recording

    async def row(self, recording: str) -> RecordingRecord:
        found = await self.recordings.one(recording)
        assert found is not None
        return found

    def metric(self, name: str, **labels: str) -> float:
        value = self.metrics.registry.get_sample_value(name, labels)
        assert value is not None, name
        return value

    def feeder(self, now: datetime) -> Feeder:
        """What takes up the regulator's feeds, at a moment."""
        return Feeder(
            PostgresFeeds(self.pool), PostgresReports(self.pool, content=self.content),
            self.metrics, zone=CHINA, clock=lambda: now,
        )  # fmt: skip

    def app(self, tokens: Tokens | None = None, now: datetime | None = None) -> FastAPI:
        """The desk's application; without ``tokens`` it is open."""

        async def ready() -> str | None:
            return None

        return create_desk(
            [
                recordings_router(self.recordings, self.audit, self.archive, self.metrics),
                agents_router(self.records, self.audit),
                emergencies_router(self.records, self.audit, zone=CHINA),
                environment_router(self.environment),
                exports_router(
                    PostgresExports(self.pool), self.recordings, self.audit, self.archive
                ),
                feeds_router(PostgresFeeds(self.pool), self.audit),
                messages_router(
                    PostgresMessages(self.pool), self.audit, self.archive.spool, self.metrics
                ),
                offline_router(
                    self.offline, self.records, self.audit,
                    clock=lambda: now or datetime.now(UTC)
                ),
                samples_router(
                    PostgresSamples(self.pool), self.recordings,
                    PostgresReports(self.pool, content=self.content), self.audit,
                ),
                reports_router(
                    PostgresReports(self.pool, content=self.content), self.audit, zone=CHINA,
                    clock=lambda: now or datetime.now(UTC),
                ),
            ],
            door=Door(tokens), metrics=self.metrics, ready=ready, version="test",
        )  # fmt: skip

    @asynccontextmanager
    async def client(
        self,
        *,
        tokens: Tokens | None = None,
        headers: dict[str, str] | None = None,
        now: datetime | None = None,
    ) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody at the desk's API."""
        app = self.app(tokens, now)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://127.0.0.1",
            headers=NAME if headers is None else headers,
        ) as client:
            yield client
