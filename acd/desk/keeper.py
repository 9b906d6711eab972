"""Keeps recordings: brings what has ended into the archive, and says when there is no more room.

It works from what PostgreSQL says, one recording at a time, and can be killed at any moment: each
step is done again when its end was not written down.  It never touches a file that is still being
written, and never deletes samples whose FLAC has not been read back (compression).
"""

import asyncio
import errno
from datetime import UTC, datetime, timedelta

from acd.adapters.postgres.errors import DatabaseAway
from acd.adapters.postgres.recordings import Ended, PostgresRecordings, RecordingState
from acd.desk.archive import Archive, RawFile, duration_ms
from acd.desk.compression import CompressionFailed, compress
from acd.desk.metrics import WATCHED, DeskMetrics
from acd.runtime.logs import logger

log = logger(__name__)

LOOK_S = 2.0
"""Between two looks; a recording can be played before that, from the spool."""

SWEEP_S = 60.0
"""Between two walks over the spool for what nobody has told us of."""

QUIET = timedelta(seconds=3)
"""After the leg's end Asterisk writes what it still has in hand."""

STALE = timedelta(minutes=10)
"""A recording whose file has not grown for so long has ended, whoever forgot to say so: Asterisk
writes 32 KB each second as long as the line is up."""

BATCH = 50
RETRY_S = 300.0
"""Before a failed compression is tried again: its file is in nobody's way."""


class Keeper:
    """The desk's background work on recordings."""

    def __init__(
        self,
        recordings: PostgresRecordings,
        archive: Archive,
        metrics: DeskMetrics,
        *,
        free_bytes_min: int,
        quiet: timedelta = QUIET,
        stale: timedelta = STALE,
    ) -> None:
        """``quiet`` and ``stale`` are shorter in tests only."""
        self._recordings = recordings
        self._archive = archive
        self._metrics = metrics
        self._free_bytes_min = free_bytes_min
        self._quiet = quiet
        self._stale = stale
        self._again_at: dict[str, float] = {}
        self._alarmed: set[str] = set()

    async def run(self) -> None:
        """Work until cancelled.  A database that is away is waited for, and so is a disk."""
        swept = float("-inf")
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self.look()
                if loop.time() - swept >= SWEEP_S:
                    swept = loop.time()
                    await self.sweep()
            except DatabaseAway as away:
                log.warning("PostgreSQL is away; recordings wait in the spool.", why=str(away))
            except OSError as error:
                # A spool that may not be read, or a disk that fails, ends nobody's wallboard.
                log.error("Recordings cannot be kept now; they wait in the spool.", why=str(error))
            await asyncio.sleep(LOOK_S)

    async def look(self) -> int:
        """Compress what has ended; return how many recordings were."""
        await self.watch()
        done = 0
        before = datetime.now(UTC) - self._quiet
        for ended in await self._recordings.to_compress(ended_before=before, limit=BATCH):
            if self._again_at.get(ended.recording_id, 0.0) <= asyncio.get_running_loop().time():
                done += await self._keep(ended)
        return done

    async def watch(self) -> None:
        """Look at the disks and at what waits."""
        for folder, free in (await asyncio.to_thread(self._archive.free_bytes)).items():
            short = free < self._free_bytes_min
            self._metrics.alarm.labels(folder).set(short)
            if short and folder not in self._alarmed:
                self._alarmed.add(folder)
                log.error(
                    "The disk of the recordings is nearly full: calls go on and will soon not be "
                    "recorded. Make room, or move the folder.",
                    folder=folder,
                    free_mb=free >> 20,
                    wanted_mb=self._free_bytes_min >> 20,
                )
            elif not short and folder in self._alarmed:
                self._alarmed.discard(folder)
                log.info("There is room for recordings again.", folder=folder, free_mb=free >> 20)
        counts = {one.state: one for one in await self._recordings.counts()}
        for state in WATCHED:
            self._metrics.recordings.labels(state).set(
                counts[state].recordings if state in counts else 0
            )
        waiting = counts.get(RecordingState.FINISHED)
        oldest = waiting.oldest if waiting else None
        age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
        self._metrics.oldest_waiting.set(max(0.0, age))

    async def sweep(self) -> None:
        """Find what ended without a word, what nobody has claimed, and what was left behind."""
        now = datetime.now(UTC)
        for begun in await self._recordings.going_on(started_before=now - self._stale, limit=BATCH):
            raw = await asyncio.to_thread(self._archive.raw, begun.recording_id)
            rested_at = begun.started_at if raw is None else raw.changed_at
            if now - rested_at >= self._stale:
                await self._recordings.finished(begun.recording_id, rested_at)
                log.warning(
                    "A recording had ended and nobody had said so.", recording=begun.recording_id
                )
        raws = await asyncio.to_thread(lambda: list(self._archive.raws()))
        resting = [raw for raw in raws if now - raw.changed_at >= self._stale]
        known = await self._recordings.known([raw.recording for raw in resting])
        for raw in resting:
            standing = known.get(raw.recording)
            if standing is None:
                await self._recordings.adopted(
                    raw.recording, started_at=raw.begun_at, ended_at=raw.changed_at
                )
                log.warning(
                    "A recording belongs to no call in the record; it is kept.",
                    recording=raw.recording,
                )
            elif standing.state in (RecordingState.COMPRESSED, RecordingState.VERIFIED):
                await self._clear(raw, standing.file)

    async def _clear(self, raw: RawFile, file: str | None) -> None:
        """We ended between the row and the file: the archive has it, the spool still too."""
        if file is not None and await asyncio.to_thread(self._archive.path(file).is_file):
            await asyncio.to_thread(raw.path.unlink)

    async def _keep(self, ended: Ended) -> bool:
        """Bring one recording into the archive; False when there is nothing or it failed."""
        recording = ended.recording_id
        raw = await asyncio.to_thread(self._archive.raw, recording)
        now = datetime.now(UTC)
        if raw is None or raw.bytes == 0:
            await self._without_sound(ended, raw, now)
            return False
        file = self._archive.new_file(recording, ended.started_at)
        try:
            made = await compress(
                raw.path, self._archive.path(file), key=self._archive.keys.sealing
            )
        except (CompressionFailed, OSError) as error:
            self._failed(recording, error)
            return False
        await self._recordings.compressed(
            recording,
            file=file,
            duration_ms=duration_ms(raw.bytes),
            size=made.bytes,
            sha256=made.sha256,
            at=now,
        )
        await asyncio.to_thread(raw.path.unlink)
        self._again_at.pop(recording, None)
        self._metrics.compressed.inc()
        self._metrics.raw_bytes.inc(raw.bytes)
        self._metrics.flac_bytes.inc(made.bytes)
        return True

    async def _without_sound(self, ended: Ended, raw: RawFile | None, now: datetime) -> None:
        state = RecordingState.MISSING if ended.taken_up else RecordingState.EMPTY
        await self._recordings.checked(ended.recording_id, state, now)
        if raw is not None:
            await asyncio.to_thread(raw.path.unlink)
        if ended.taken_up:
            log.error("A call was taken up and has no recording.", recording=ended.recording_id)

    def _failed(self, recording: str, error: Exception) -> None:
        self._again_at[recording] = asyncio.get_running_loop().time() + RETRY_S
        self._metrics.compression_failures.inc()
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            log.error("There is no room to compress a recording; it stays.", recording=recording)
        else:
            log.error(
                "A recording could not be compressed; it stays as it is.",
                recording=recording,
                why=str(error),
            )
