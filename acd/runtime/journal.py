"""The local journal: every input of the core, one file per start of the service.

Frames are collected by the loop and written and synced by a thread, at most ``SYNC_S`` apart as
long as the disk keeps up; no decision waits for the disk.  What happens at the limits: when the
file reaches ``bytes_max``, the disk fails, or ``BUFFER_BYTES_MAX`` wait for it, the journal of
this start ends at a whole frame, with one line in the log and ``huling_journal_writing`` at 0,
and the switch goes on without.  So it does at a step that cannot be written, which is our own bug.
A hole in the middle would be worse: a replay could not pass it.
"""

import asyncio
import fcntl
import hashlib
import mmap
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from random import Random

import acd.core
from acd.core import switch
from acd.core.codec import (
    Cipher,
    DamageError,
    Digest,
    Frame,
    Header,
    decode_frames,
    decode_header,
    encode_frame,
    encode_header,
    last_frame,
)
from acd.core.events import Event
from acd.core.ids import Node
from acd.runtime.credentials import ConfigurationError
from acd.runtime.driver import Core, Effect, safe_step
from acd.runtime.journal_seal import journal_ciphers, new_seal
from acd.runtime.logs import logger
from acd.runtime.sealing import NO_KEYS, KeyMissing, Keys

log = logger(__name__)

SYNC_S = 0.02
"""From the first unwritten frame to its write; with the write itself well below 50 ms."""
BUFFER_BYTES_MAX = 64 << 20
SUFFIX = ".journal"


@cache
def core_fingerprint() -> str:
    """Return the digest of the core's source: equal when two cores decide alike."""
    return source_digest(Path(acd.core.__file__).parent)


def source_digest(package: Path) -> str:
    """Return the digest of every module of a package, at whatever depth, with its place in it."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


class Journal:
    """Appends steps to one file; a sink of the driver."""

    def __init__(
        self,
        folder: Path,
        *,
        epoch: int,
        node: Node,
        started_ms: int,
        files_keep: int,
        bytes_max: int,
        keys: Keys = NO_KEYS,
    ) -> None:
        """Open the file of this start, sealed when there is a key.  Raises ConfigurationError when
        the folder is not ours."""
        self.path = folder / f"{started_ms:015d}-{epoch:06d}{SUFFIX}"
        key = keys.sealing
        seal = None if key is None else new_seal(key)
        header = Header(
            version=acd.__version__,
            core=core_fingerprint(),
            epoch=epoch,
            node=node,
            started_ms=started_ms,
            seal=seal,
        )
        beginning = encode_header(header)
        self._seal: Cipher | None = None
        if key is not None and seal is not None:
            self._seal, _ = journal_ciphers(key, seal, beginning)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Of the older ones all but the newest ``files_keep - 1``: this one is the last.
            for old in journal_files(folder)[: -(files_keep - 1) or None]:
                old.unlink()
            # Callers' numbers are in it: for its owner's eyes.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._file = os.open(self.path, flags, 0o600)
            # Whoever repairs a folder's journals leaves this one alone.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(
                f"The journal cannot be written in {folder} ({error.strerror}): make the folder "
                "writable, or set HULING_RUN_DIR."
            ) from None
        self._digest = Digest()
        self._buffer = bytearray(beginning)
        self._bytes_max = bytes_max
        self._bytes = len(self._buffer)
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Future[None] | None = None
        self._written_frames = 0
        """Frames that are on the disk, or in the write that is under way."""
        self._waiting: list[tuple[int, asyncio.Future[bool]]] = []
        """Who waits until so many frames are on the disk."""
        self._loop = asyncio.get_running_loop()
        self._to_write: SimpleQueue[bytearray | None] = SimpleQueue()
        """None ends the thread.  A pool's bookkeeping costs a write as much as the write itself."""
        self._thread = threading.Thread(target=self._append_all, name="journal", daemon=True)
        self._thread.start()
        self.ended: str | None = None
        """Why nothing more is written; None as long as it is."""
        self.frames = 0

    def stepped(self, now_ms: int, event: Event, effects: Sequence[Effect], took_ns: int) -> None:
        """Take one step; it is on the disk about ``SYNC_S`` later."""
        if self.ended is not None:
            return
        number = self.frames + 1
        try:
            digest = self._digest.add(effects)
            frame = encode_frame(Frame(number, now_ms, event, digest), self._seal)
        except Exception as error:
            self._end(f"a step cannot be written ({error})")
            raise
        self.frames = number
        if self._bytes + len(frame) > self._bytes_max:
            self._end(f"it has reached its limit of {self._bytes_max} bytes")
            return
        if len(self._buffer) > BUFFER_BYTES_MAX:
            self._end("the disk is too slow")
            return
        self._bytes += len(frame)
        self._buffer += frame
        if self._timer is None and self._writing is None:
            self._timer = asyncio.get_running_loop().call_later(SYNC_S, self._write)

    async def synced(self) -> bool:
        """Wait until every step taken so far is on the disk; False when it will never be."""
        if self.ended is not None:
            return False
        if not self._buffer and self._writing is None:
            return True
        on_disk: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((self.frames, on_disk))
        return await on_disk

    async def close(self) -> None:
        """Write and sync what is left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._buffer or self._writing is not None:
            if self._writing is None:
                self._write()
            else:
                await asyncio.wait([self._writing])
        self._to_write.put(None)
        await asyncio.to_thread(self._thread.join)
        os.close(self._file)
        if not self.frames:
            # A start that came to nothing must not push an older, fuller file out.
            self.path.unlink(missing_ok=True)

    def _end(self, why: str) -> None:
        self.ended = why
        log.error("The journal of this start ends here; the switch goes on.", why=why)

    def _write(self) -> None:
        if self._timer is not None:  # armed by the write before, where the end came first
            self._timer.cancel()
            self._timer = None
        data, self._buffer = self._buffer, bytearray()
        self._written_frames = self.frames
        self._writing = self._loop.create_future()
        self._to_write.put(data)

    def _append_all(self) -> None:
        """Runs in the thread."""
        while (data := self._to_write.get()) is not None:
            try:
                self._append(data)
                error = None
            except Exception as failure:
                error = failure
            self._loop.call_soon_threadsafe(self._written, error)

    def _append(self, data: bytearray) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        os.fdatasync(self._file)

    def _written(self, error: Exception | None) -> None:
        if self._writing is not None:
            self._writing.set_result(None)
            self._writing = None
        if error is not None:
            self._buffer.clear()
            if self.ended is None:
                self._end(str(error))
        for frames, on_disk in self._waiting:
            if (frames <= self._written_frames or error is not None) and not on_disk.done():
                on_disk.set_result(error is None)
        self._waiting = [one for one in self._waiting if not one[1].done()]
        if self._buffer:
            # Behind an end there is nothing to gather, but somebody may wait for what came before.
            pause_s = SYNC_S if self.ended is None else 0
            self._timer = self._loop.call_later(pause_s, self._write)


def journal_files(folder: Path) -> list[Path]:
    """Return the journals in a folder, oldest first; empty when there is no such folder."""
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def journal_of(folder: Path, epoch: int) -> Path | None:
    """Return the journal of one start of the service, None when it is not there (any more)."""
    return next(iter(folder.glob(f"*-{epoch:06d}{SUFFIX}")), None)


def last_ms(folder: Path, keys: Keys = NO_KEYS) -> int:
    """Return the newest time in the newest journal that holds one, 0 when there is none.  Raises
    KeyMissing for one that is sealed under a key we do not have: whoever goes on without it would
    write in the clear, or under a wrong key, without anybody's having noticed."""
    for path in reversed(journal_files(folder)):
        try:
            with _Reading(path, keys) as reading:
                return reading.last_ms()
        except (DamageError, OSError, ValueError) as error:
            log.warning("A journal could not be read for its last time.", file=path.name, why=error)
    return 0


class Replay:
    """What came of running a journal through the core again."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.events = 0
        self.digest = ""
        self.diverged_at: Frame | None = None
        """The first frame after which the answers differ from the recorded ones."""
        self.defects = 0
        self.torn: str | None = None
        """Why reading ended before the end of the file, if it did."""
        self.other_core = header.core != core_fingerprint()


def core_of(header: Header) -> Core:
    """Return a core as the life began with that wrote this journal."""
    return switch.Core(epoch=header.epoch, dice=Random(header.epoch))


def replay(
    path: Path,
    make_core: Callable[[Header], Core],
    each: Callable[[Frame, Sequence[Effect]], None] | None = None,
    *,
    until: Callable[[], bool] | None = None,
    keys: Keys = NO_KEYS,
) -> Replay:
    """Run the core over a journal and compare its answers with the recorded ones.

    ``each`` sees every frame with the effects it has now; ``until`` is asked after each, and ends
    the reading when what was looked for has been seen.  Goes on behind a divergence only to
    count events.  Raises ConfigurationError when the file is no journal of ours, and KeyMissing.
    """
    try:
        reading = _Reading(path, keys)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    except (DamageError, ValueError) as damage:
        raise ConfigurationError(f"{path} is no journal: {damage}.") from None
    with reading:
        result = Replay(reading.header)
        core = make_core(reading.header)
        digest = Digest()
        found = b""
        try:
            for frame in reading.frames():
                effects, failure = safe_step(core, frame.now_ms, frame.event)
                found = digest.add(effects)
                result.events += 1
                result.defects += failure is not None
                if each is not None:
                    each(frame, effects)
                if found != frame.digest and result.diverged_at is None:
                    result.diverged_at = frame
                if until is not None and until():
                    break
        except DamageError as damage:
            result.torn = str(damage)
        result.digest = found.hex()
    return result


def opening(header: Header, beginning: bytes, keys: Keys, *, of: Path) -> Cipher | None:
    """Return what opens the frames of a journal that begins so, None when it is not sealed.
    Raises KeyMissing."""
    if header.seal is None:
        return None
    key = keys.find(header.seal.key, header.seal.check, of=of)
    _, opened = journal_ciphers(key, header.seal, beginning)
    return opened


class _Reading:
    """A journal mapped into memory."""

    def __init__(self, path: Path, keys: Keys) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._view = memoryview(self._map)
        try:
            self.header, self._start = decode_header(self._view)
            self._opened = opening(self.header, bytes(self._view[: self._start]), keys, of=path)
        except (DamageError, KeyMissing):
            self.__exit__()
            raise

    def __enter__(self) -> "_Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self._view.release()
        self._map.close()

    def frames(self) -> Iterator[Frame]:
        return decode_frames(self._view, self._start, self._opened)

    def last_ms(self) -> int:
        frame = last_frame(self._view, self._start, self._opened)
        return self.header.started_ms if frame is None else frame.now_ms
