"""The night's work on the archive: every recording is looked at again, and what is old is deleted.

A check takes the digest of a file anew and compares it with the one of the day it was written.
Eleven terabytes cannot be read in a night, so it goes on where it stopped: never checked first,
then the longest unchecked, until the night's time is over.  What is missing or was altered stays
so in the record, in the metrics and in the log until a person has put it right (T21, X06, X08).

Deletion: 36 months are the least (T21, C19); what is on legal hold stays, however old.  A row is
marked first and its file overwritten afterwards, so that a hold placed in between wins.  What
agents have written down, of calls (D06) or while the system was away (D19), is kept as long as
recordings are.
"""

import asyncio
import calendar
from collections import Counter
from datetime import UTC, datetime, timedelta

from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.errors import DatabaseAway
from acd.adapters.postgres.notes import PostgresNotes
from acd.adapters.postgres.offline import PostgresOffline
from acd.adapters.postgres.recordings import Kept, PostgresRecordings, RecordingState
from acd.desk.archive import CHINA, Archive, sha256_of
from acd.desk.backup import Backup, BackupFailed
from acd.desk.metrics import DeskMetrics
from acd.runtime.logs import logger

log = logger(__name__)

HOUR = 3
"""The quietest one on a care line, in China."""

DAY_S = 86_400.0

BATCH = 200
WIPE_AGAIN = timedelta(days=7)
"""Files of rows deleted within this are looked for once more: a crash may have left them."""

KEEPER = "desk"
"""Who deletes, in the audit."""


class Nightly:
    """Check and deletion, one file after the other."""

    def __init__(
        self,
        recordings: PostgresRecordings,
        notes: PostgresNotes,
        offline: PostgresOffline,
        audit: PostgresAudit,
        archive: Archive,
        metrics: DeskMetrics,
        *,
        keep_months: int,
        verify_s: float,
        backup: Backup | None = None,
    ) -> None:
        """``keep_months`` is at least 36 (settings); ``verify_s`` bounds a night's check; without
        ``backup`` there are none."""
        self._recordings = recordings
        self._words: dict[str, PostgresNotes | PostgresOffline] = {
            "notes": notes,
            "offline records": offline,
        }
        self._audit = audit
        self._archive = archive
        self._metrics = metrics
        self._keep_months = keep_months
        self._verify_s = verify_s
        self._backup = backup

    async def run(self) -> None:
        """Work each night until cancelled; a backup that is more than a day old is made at once."""
        if self._backup is not None and self.show_backups(datetime.now(UTC)):
            await self.back_up(datetime.now(UTC))
        while True:
            await asyncio.sleep(until_next(datetime.now(UTC)).total_seconds())
            try:
                await self.verify(self._verify_s)
                await self.delete_old()
                await self.erase_old_words()
            except (DatabaseAway, OSError) as error:
                log.error("The night's work on recordings was cut short.", why=str(error))
            await self.back_up(datetime.now(UTC))

    async def back_up(self, now: datetime) -> None:
        """Make the night's backup, if there are to be any; what fails is told."""
        if self._backup is None:
            return
        try:
            await self._backup.run(now)
        except (BackupFailed, DatabaseAway, OSError) as error:
            self._metrics.backup_failures.inc()
            log.error("The backup is not complete.", why=str(error))
        self.show_backups(now)

    def show_backups(self, now: datetime) -> bool:
        """Show how old each place's newest backup is; tell whether one is more than a day old."""
        is_due = False
        for place in () if self._backup is None else self._backup.places:
            newest = self._backup.newest(place) if self._backup else None
            at = 0.0 if newest is None else newest.created_at.timestamp()
            self._metrics.last_backup.labels(str(place)).set(at)
            is_due = is_due or now.timestamp() - at > DAY_S
        return is_due

    async def verify(self, seconds_max: float | None = None) -> Counter[RecordingState]:
        """Check until everything is checked or the time is over; count what was found."""
        loop = asyncio.get_running_loop()
        end = None if seconds_max is None else loop.time() + seconds_max
        begun = datetime.now(UTC)
        found: Counter[RecordingState] = Counter()
        while batch := await self._recordings.to_verify(checked_before=begun, limit=BATCH):
            for kept in batch:
                if end is not None and loop.time() >= end:
                    log.warning(
                        "The night was too short to check every recording; the rest comes next.",
                        checked=found.total(),
                    )
                    return found
                found[await self._check(kept)] += 1
        self._metrics.last_verify.set_to_current_time()
        log.info("Every recording was checked.", **{str(state): n for state, n in found.items()})
        return found

    async def _check(self, kept: Kept) -> RecordingState:
        path = self._archive.path(kept.file)
        try:
            sha256, size = await asyncio.to_thread(sha256_of, path)
            whole = (sha256, size) == (kept.sha256, kept.bytes)
            state = RecordingState.VERIFIED if whole else RecordingState.ALTERED
        except FileNotFoundError:
            state = RecordingState.MISSING
        except OSError as error:
            # Not to be read is as good as altered: somebody must look at the disk.
            log.error("A recording cannot be read.", recording=kept.recording_id, why=str(error))
            state = RecordingState.ALTERED
        await self._recordings.checked(kept.recording_id, state, datetime.now(UTC))
        self._metrics.verified.labels(state).inc()
        if state is not RecordingState.VERIFIED and state is not kept.state:
            log.error(
                "A recording is not what it was: restore it from the backup.",
                recording=kept.recording_id,
                state=state,
            )
        return state

    async def delete_old(self, now: datetime | None = None) -> int:
        """Delete what is older than its time and not on hold; return how many were."""
        now = now or datetime.now(UTC)
        for file in await self._recordings.wiped(since=now - WIPE_AGAIN):
            await asyncio.to_thread(self._archive.wipe, file)
        before, deleted = months_before(now, self._keep_months), 0
        while batch := await self._recordings.to_delete(started_before=before, limit=BATCH):
            for recording, file in batch:
                why = f"older than {self._keep_months} months"
                if not await self._recordings.deleted(recording, at=now, why=why):
                    continue
                wiped = await asyncio.to_thread(self._archive.wipe, file)
                await self._audit.note(
                    who=KEEPER,
                    address=None,
                    action="delete",
                    subject=recording,
                    details={"why": why, "file": "overwritten" if wiped else "was not there"},
                )
                self._metrics.deleted.inc()
                deleted += 1
        if deleted:
            log.info("Old recordings were deleted.", deleted=deleted, before=before.isoformat())
        return deleted

    async def erase_old_words(self, now: datetime | None = None) -> int:
        """Erase what agents wrote down longer ago than recordings are kept, a note not while its
        call's is on hold; return of how many notes and records."""
        now = now or datetime.now(UTC)
        before = months_before(now, self._keep_months)
        total = 0
        for what, store in self._words.items():
            erased = await store.erase(before=before, at=now)
            if erased:
                details = {"why": f"older than {self._keep_months} months", what: str(erased)}
                await self._audit.note(
                    who=KEEPER, address=None, action=f"erase {what}", subject=None, details=details
                )
                log.info(
                    "Old words were erased.", of=what, erased=erased, before=before.isoformat()
                )
            total += erased
        return total


def until_next(now: datetime) -> timedelta:
    """How long until the night's work begins."""
    here = now.astimezone(CHINA)
    begins = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if begins <= here:
        begins += timedelta(days=1)
    return begins - here


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many calendar months earlier; the month's last day where there is none."""
    here = moment.astimezone(CHINA)
    number = here.year * 12 + here.month - 1 - months
    year, month = number // 12, number % 12 + 1
    day = min(here.day, calendar.monthrange(year, month)[1])
    return here.replace(year=year, month=month, day=day)
