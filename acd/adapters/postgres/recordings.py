"""Recordings as PostgreSQL knows them: whose they are, where they are, and how they fare.

Rows are made and ended with the facts (``projection``); from then on they are the desk's.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

LIMIT_MAX = 1_000


class RecordingState(StrEnum):
    """How a recording fares: ``recording → finished → compressed → verified``.

    From ``finished`` also to ``empty`` (the line was never taken up, so there was no sound) and to
    ``missing``; from the last two to ``altered`` and ``missing`` (and back, should the file come
    back) or ``deleted``."""

    RECORDING = "recording"
    FINISHED = "finished"
    EMPTY = "empty"
    COMPRESSED = "compressed"
    VERIFIED = "verified"
    ALTERED = "altered"
    MISSING = "missing"
    DELETED = "deleted"


class RecordingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A recording with what is known of its call.  ``agents`` are all who were joined to it."""

    recording_id: str
    call_id: str | None
    arrived_at: datetime | None
    leg_id: str | None
    started_at: datetime
    ended_at: datetime | None
    state: RecordingState
    file: str | None
    duration_ms: int | None
    bytes: int | None
    sha256: str | None
    verified_at: datetime | None
    held_at: datetime | None
    held_by: str | None
    held_why: str | None
    deleted_at: datetime | None
    deleted_why: str | None
    caller: str | None
    called: str | None
    queue: str | None
    terminal: str | None
    agents: list[str]


class Begun(msgspec.Struct, frozen=True):
    """A recording that has begun; ``started_at`` is the leg's arrival."""

    recording_id: str
    started_at: datetime


class Ended(msgspec.Struct, frozen=True):
    """A recording that has ended; ``taken_up`` is whether its line was up, and so had sound."""

    recording_id: str
    started_at: datetime
    taken_up: bool


class Kept(msgspec.Struct, frozen=True):
    """A recording in its final form."""

    recording_id: str
    state: RecordingState
    file: str
    bytes: int
    sha256: str


class Standing(msgspec.Struct, frozen=True):
    """What the record says of a file that was found."""

    recording_id: str
    state: RecordingState
    file: str | None


class Count(msgspec.Struct, frozen=True):
    """How many are in a state, and when the one that ended first ended."""

    state: RecordingState
    recordings: int
    oldest: datetime | None


_Row = TypeVar("_Row", bound=msgspec.Struct)


class PostgresRecordings:
    """Every method raises DatabaseAway when the database cannot be reached and DatabaseRefused when
    it says no."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        """``place`` names the database in errors: its URL, of which no password is shown."""
        self._pool = pool
        self._place = place

    async def find(
        self,
        *,
        recordings: Sequence[str] | None = None,
        call: str | None = None,
        agent: str | None = None,
        terminal: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> list[RecordingRecord]:
        """Return the newest recordings for which everything given holds (T22).  ``since`` is
        included and ``until`` is not.  At most LIMIT_MAX."""
        return await self._fetch(
            RecordingRecord,
            "recordings_find",
            recordings,
            call,
            agent,
            terminal,
            since,
            until,
            min(limit, LIMIT_MAX),
        )

    async def one(self, recording: str) -> RecordingRecord | None:
        found = await self.find(recordings=[recording], limit=1)
        return found[0] if found else None

    async def these(self, recordings: Sequence[str]) -> list[RecordingRecord | None]:
        """Return them in the order in which they are named, None for one that there is not.  At
        most LIMIT_MAX."""
        found = await self.find(recordings=recordings, limit=len(recordings))
        known = {one.recording_id: one for one in found}
        return [known.get(one) for one in recordings]

    async def to_compress(self, *, ended_before: datetime, limit: int) -> list[Ended]:
        return await self._fetch(Ended, "recordings_to_compress", ended_before, limit)

    async def going_on(self, *, started_before: datetime, limit: int) -> list[Begun]:
        return await self._fetch(Begun, "recordings_going_on", started_before, limit)

    async def finished(self, recording: str, at: datetime) -> None:
        """The file has come to rest, though nobody told us of the leg's end."""
        await self._execute("recording_finished", recording, at)

    async def adopted(self, recording: str, *, started_at: datetime, ended_at: datetime) -> None:
        """A file was found that no call has claimed."""
        await self._execute("recording_adopted", recording, started_at, ended_at)

    async def known(self, recordings: Sequence[str]) -> dict[str, Standing]:
        """Return what is recorded of these, those that are not known left out."""
        found = await self._fetch(Standing, "recordings_known", list(recordings))
        return {one.recording_id: one for one in found}

    async def compressed(
        self,
        recording: str,
        *,
        file: str,
        duration_ms: int,
        size: int,
        sha256: str,
        at: datetime,
    ) -> None:
        await self._execute("recording_compressed", recording, file, duration_ms, size, sha256, at)

    async def checked(self, recording: str, state: RecordingState, at: datetime) -> None:
        await self._execute("recording_checked", recording, state, at)

    async def to_verify(self, *, checked_before: datetime, limit: int) -> list[Kept]:
        return await self._fetch(Kept, "recordings_to_verify", checked_before, limit)

    async def kept(self, *, after: str, limit: int) -> list[Kept]:
        """Return what has its final file, in the order of their ids, behind ``after``."""
        return await self._fetch(Kept, "recordings_kept", after, limit)

    async def to_delete(self, *, started_before: datetime, limit: int) -> list[tuple[str, str]]:
        """Return ids and files of what may be deleted now."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("recordings_to_delete"), started_before, limit)
        return [(row["recording_id"], row["file"]) for row in rows]

    async def deleted(self, recording: str, *, at: datetime, why: str) -> bool:
        """Mark it so; False when it has been put on hold meanwhile, and then it stays."""
        return await self._changed("recording_deleted", recording, at, why)

    async def wiped(self, *, since: datetime) -> list[str]:
        """Return the files of what was deleted since then."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("recordings_wiped"), since)
        return [row["file"] for row in rows]

    async def hold(self, recording: str, *, at: datetime, who: str, why: str) -> bool:
        """Put it on legal hold; False when it is already, or is deleted."""
        return await self._changed("recording_held", recording, at, who, why)

    async def release(self, recording: str) -> bool:
        """End a legal hold; False when there is none."""
        return await self._changed("recording_released", recording)

    async def counts(self) -> list[Count]:
        """Return how many wait or are in trouble, by state; states without any are left out."""
        return await self._fetch(Count, "recordings_count")

    async def _fetch(self, kind: type[_Row], name: str, *arguments: object) -> list[_Row]:
        with translated(self._place):
            rows = await self._pool.fetch(sql(name), *arguments)
        return [msgspec.convert(dict(row), kind) for row in rows]

    async def _execute(self, name: str, *arguments: object) -> None:
        with translated(self._place):
            await self._pool.execute(sql(name), *arguments)

    async def _changed(self, name: str, *arguments: object) -> bool:
        with translated(self._place):
            return await self._pool.fetchval(sql(name), *arguments) is not None
