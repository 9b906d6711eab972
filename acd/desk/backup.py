"""The cold backup: a dump of the database and a copy of every recording, each night (X02–X04).

    DIR/cold/20270115T190000Z/database.dump    pg_dump's custom format
    DIR/cold/20270115T190000Z/manifest.json    what it is, written last: without it, it is none
    DIR/recordings/2027/01/15/….flac           as in the archive; copied once, compared by digest
    DIR/messages/…                             what callers have left after the beep

Every place gets the same: the first is near, the others are elsewhere (a mounted folder of another
site).  A place that cannot be reached costs the others nothing and is told.  What the archive has
deleted for good is overwritten in the copies too; what was altered or is missing there never
replaces a good copy.
"""

import asyncio
import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

import msgspec

import acd
from acd.adapters.postgres.database import connect, head, open_pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.record_check import RecordCheck, check_records
from acd.adapters.postgres.recordings import Kept, PostgresRecordings
from acd.desk.archive import CHUNK_BYTES, Archive, sha256_of
from acd.runtime.credentials import ConfigurationError
from acd.runtime.logs import logger

log = logger(__name__)

DUMP = "database.dump"
MANIFEST = "manifest.json"
RECORDINGS = "recordings"
MESSAGES = "messages"
STAMP = "%Y%m%dT%H%M%SZ"
BATCH = 500
DELETED_WITHIN = timedelta(days=40)
"""A copy that was away for longer than this is made anew."""
NICE = 19
LOOK_S = 0.2
"""How soon a backup sees that another one has ended."""


class BackupFailed(Exception):
    """The sentence says which part, where, and why; what was there before stands."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a cold backup is."""

    version: str
    schema: str
    created_at: datetime
    dump_bytes: int
    dump_sha256: str


class Copied(msgspec.Struct, kw_only=True):
    """What one place got."""

    files: int = 0
    wiped: int = 0
    unsound: list[str] = msgspec.field(default_factory=list)
    """Recordings whose file in the archive is not what was written: not copied."""


class Backup:
    """Makes cold backups of one house."""

    def __init__(
        self,
        dsn: str,
        recordings: PostgresRecordings,
        archive: Archive,
        *,
        messages: Path,
        places: Sequence[Path],
        keep_days: int,
    ) -> None:
        """``places`` are folders, the near one first."""
        self._dsn = dsn
        self._recordings = recordings
        self._archive = archive
        self._messages = messages
        self.places = tuple(places)
        self._keep = timedelta(days=keep_days)

    def newest(self, place: Path) -> Manifest | None:
        """Return the newest backup of a place, None when there is none or it is not there."""
        return next((manifest for _, manifest in sorted(_backups(place), reverse=True)), None)

    async def run(self, now: datetime) -> Path:
        """Make one and bring it everywhere; return its folder in the first place.  Of two at once
        the later one waits: what it was asked for is what holds when it was asked.

        Raises BackupFailed, naming every place that did not get all of it.
        """
        near = self.places[0]
        async with _alone(near):
            made = await self._dump(near, now)
            wrong = []
            for place in self.places:
                if not place.is_dir():  # never made: it would hide that nothing is mounted there
                    wrong.append(f"{place} is not there")
                    continue
                try:
                    if place is not near:
                        await asyncio.to_thread(_copy_folder, made, place / "cold" / made.name)
                    copied = await self._copy_recordings(place, now)
                    await asyncio.to_thread(mirror, self._messages, place / MESSAGES)
                    await asyncio.to_thread(self._forget_old, place, now)
                except OSError as error:
                    wrong.append(f"{place} did not get all of it ({error.strerror})")
                    continue
                wrong += [f"{one} is not what was written; not copied" for one in copied.unsound]
                log.info("A backup is complete.", place=str(place), files=copied.files)
        if wrong:
            raise BackupFailed("; ".join(wrong))
        return made

    async def _dump(self, near: Path, now: datetime) -> Path:
        final = near / "cold" / now.astimezone(UTC).strftime(STAMP)
        part = final.with_name(f"{final.name}.part")
        try:
            await asyncio.to_thread(lambda: shutil.rmtree(part, ignore_errors=True))
            await asyncio.to_thread(_make_private, part)
            with (part / DUMP).open("wb") as sink:
                await _tool(["pg_dump", "--format=custom"], self._dsn, stdout=sink.fileno())
                await asyncio.to_thread(os.fsync, sink.fileno())
            digest, size = await asyncio.to_thread(sha256_of, part / DUMP)
            manifest = Manifest(
                version=acd.__version__,
                schema=head(),
                created_at=now,
                dump_bytes=size,
                dump_sha256=digest,
            )
            (part / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
            part.rename(final)
        except OSError as error:
            raise BackupFailed(f"{near} cannot be written ({error.strerror})") from error
        return final

    async def _copy_recordings(self, place: Path, now: datetime) -> Copied:
        copies = Archive(spool=place, archive=place / RECORDINGS)
        copied = Copied()
        for file in await self._recordings.wiped(since=now - DELETED_WITHIN):
            copied.wiped += await asyncio.to_thread(copies.wipe, file)
        after = ""
        while batch := await self._recordings.kept(after=after, limit=BATCH):
            after = batch[-1].recording_id
            for kept in batch:
                await asyncio.to_thread(_copy_recording, self._archive, copies, kept, copied)
        return copied

    def _forget_old(self, place: Path, now: datetime) -> None:
        """Remove dumps that are too old, and never the last one."""
        folders = [folder for folder, _ in sorted(_backups(place))]
        for folder in folders[:-1]:
            if now - datetime.strptime(folder.name, STAMP).replace(tzinfo=UTC) > self._keep:
                shutil.rmtree(folder)


async def restore(
    folder: Path, dsn: str, archive: Archive, *, messages: Path
) -> tuple[RecordCheck, int, list[str]]:
    """Bring a cold backup into an empty database, its recordings into the archive, and what callers
    have left after the beep into ``messages``.

    Return what the record check says, how many recordings came back, and the ids of those that the
    backup has not got.  Raises ConfigurationError with nothing done, BackupFailed, and what the
    database says.
    """
    manifest = await asyncio.to_thread(checked, folder)
    if manifest.schema != head():
        raise ConfigurationError(
            f"{folder} was made by version {manifest.version} with schema {manifest.schema}; "
            f"restore it with that version, and migrate afterwards (this one needs {head()})."
        )
    await _must_be_empty(dsn)
    with (folder / DUMP).open("rb") as source:
        await _tool(
            ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname="],
            dsn,
            stdin=source.fileno(),
        )
    found = await check_records(dsn)
    place = folder.parent.parent
    await asyncio.to_thread(mirror, place / MESSAGES, messages)
    copies = Archive(spool=folder, archive=place / RECORDINGS)
    restored, lost = 0, []
    for kept in await _kept_in(dsn):
        back = Copied()
        await asyncio.to_thread(_copy_recording, copies, archive, kept, back)
        restored += back.files
        if not archive.path(kept.file).is_file():
            lost.append(kept.recording_id)
    return found, restored, lost


def checked(folder: Path) -> Manifest:
    """Return a backup's manifest; raises ConfigurationError unless the dump is what was written."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise ConfigurationError(f"{folder} is no backup: it has no {MANIFEST}.") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"{folder / MANIFEST} cannot be read: {error}.") from None
    try:
        found = sha256_of(folder / DUMP)
    except OSError as error:
        raise ConfigurationError(f"{folder / DUMP} cannot be read: {error.strerror}.") from None
    if found != (manifest.dump_sha256, manifest.dump_bytes):
        raise ConfigurationError(f"{folder / DUMP} is not what was written; take another backup.")
    return manifest


async def _must_be_empty(dsn: str) -> None:
    with translated(dsn):
        connection = await connect(dsn)
        try:
            tables = await connection.fetchval(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            )
        finally:
            await connection.close()
    if tables:
        raise ConfigurationError(
            f"The database has {tables} tables already: restore into an empty one, and point "
            "HULING_DATABASE_URL at it."
        )


async def _kept_in(dsn: str) -> list[Kept]:
    pool = await open_pool(dsn, connections_max=1)
    try:
        recordings, found, after = PostgresRecordings(pool, place=dsn), [], ""
        while batch := await recordings.kept(after=after, limit=BATCH):
            found += batch
            after = batch[-1].recording_id
        return found
    finally:
        await pool.close()


def _backups(place: Path) -> Iterator[tuple[Path, Manifest]]:
    try:
        folders = list((place / "cold").iterdir())
    except OSError:
        return
    for folder in folders:
        try:
            yield folder, msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError):
            continue  # unfinished, or a place that is away


def _copy_recording(source: Archive, target: Archive, kept: Kept, copied: Copied) -> None:
    there = target.path(kept.file)
    if there.exists() and there.stat().st_size == kept.bytes:
        return
    part = there.with_name(f"{there.name}.part")
    try:
        _make_private(there.parent)
        _copy_file(source.path(kept.file), part)
        if sha256_of(part)[0] != kept.sha256:
            copied.unsound.append(kept.recording_id)
            return
        part.rename(there)
        copied.files += 1
    except FileNotFoundError:
        copied.unsound.append(kept.recording_id)
    finally:
        part.unlink(missing_ok=True)


def _copy_folder(source: Path, target: Path) -> None:
    """Copy a finished backup; it is there under its name only when all of it is."""
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    _make_private(part)
    for name in (DUMP, MANIFEST):
        _copy_file(source / name, part / name)
    if sha256_of(part / DUMP) != sha256_of(source / DUMP):
        raise OSError(5, os.strerror(5))
    part.rename(target)


def mirror(source: Path, target: Path) -> int:
    """Copy the files below one folder that are not there yet; return how many.  Raises OSError."""
    copied = 0
    for file in sorted(source.rglob("*")):
        there = target / file.relative_to(source)
        if not file.is_file() or (there.exists() and there.stat().st_size == file.stat().st_size):
            continue
        _make_private(there.parent)
        part = there.with_name(f"{there.name}.part")
        _copy_file(file, part)
        part.rename(there)
        copied += 1
    return copied


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing, CHUNK_BYTES)
        writing.flush()
        os.fsync(writing.fileno())


def _make_private(folder: Path) -> None:
    """Callers' voices and numbers are in it: for its owner's eyes."""
    for part in reversed([folder, *folder.parents]):
        if not part.exists():
            part.mkdir(exist_ok=True, mode=0o700)


@asynccontextmanager
async def _alone(place: Path) -> AsyncIterator[None]:
    """Hold a place once no other backup is at it; raises BackupFailed when it cannot be written."""
    try:
        _make_private(place)
        lock = (place / ".lock").open("w")
    except OSError as error:
        raise BackupFailed(f"{place} cannot be written ({error.strerror})") from error
    with lock:
        if not _taken(lock):
            log.warning("Another backup is being made; waiting for its end.", place=str(place))
        # Asked again and again: a thread that waits would hold up the end of the desk.
        while not _taken(lock):  # noqa: ASYNC110 (a lock, which tells nobody)
            await asyncio.sleep(LOOK_S)
        yield


def _taken(lock: IO[str]) -> bool:
    """Take the lock, or say that another has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _tool(
    command: list[str], dsn: str, *, stdin: int | None = None, stdout: int | None = None
) -> None:
    """Run one of PostgreSQL's programs on our database, behind everything else."""
    parts = urlsplit(dsn)
    database = parts.path.lstrip("/")
    program = await asyncio.to_thread(newest, command[0])
    options = [f"{one}{database}" if one == "--dbname=" else one for one in command[1:]]
    try:
        process = await asyncio.create_subprocess_exec(
            "nice", "-n", str(NICE), program, *options,
            stdin=asyncio.subprocess.DEVNULL if stdin is None else stdin,
            stdout=asyncio.subprocess.DEVNULL if stdout is None else stdout,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **_place(dsn)},
        )  # fmt: skip
    except FileNotFoundError:
        raise BackupFailed("the program `nice` is missing") from None
    _, said = await process.communicate()
    if process.returncode != 0:
        words = said.decode(errors="replace").strip().splitlines()
        raise BackupFailed(f"{command[0]} failed: {words[-1] if words else process.returncode}")


def newest(program: str) -> str:
    """Return the newest of PostgreSQL's programs of this name on the path: an older pg_dump refuses
    the server, and an older pg_restore the dump.  Its name alone when there is none."""
    found = []
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = shutil.which(program, path=folder)
        if path is not None:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            version = [int(part) for part in re.findall(r"\d+", said.stdout)[:2]]
            found.append((version, path))
    return max(found, key=lambda one: one[0])[1] if found else program


def _place(dsn: str) -> Mapping[str, str]:
    """The database's address for PostgreSQL's programs; the password in no command line."""
    parts = urlsplit(dsn)
    found = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
    }
    return {name: value for name, value in found.items() if value}
