"""Is a journal whole?  And what a crash has torn is cut off when the service starts.

A tear is an end that was being written: a frame that is not all there, or one of the right length
that never reached the disk and is the last.  Anything else that cannot be read is damage: what lies
behind it cannot be trusted, so it is told and never touched.  A sealed journal is cut off without
its key.
"""

import fcntl
import os
from pathlib import Path

import msgspec

from acd.core.codec import DamageError, Header, decode_frames, decode_header, end_of_whole
from acd.runtime.credentials import ConfigurationError
from acd.runtime.journal import journal_files, opening
from acd.runtime.logs import logger
from acd.runtime.sealing import NO_KEYS, Keys

log = logger(__name__)


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a journal holds.  ``torn_bytes`` at its end can be cut off; ``damage`` cannot."""

    path: Path
    header: Header
    frames: int
    last_ms: int
    torn_bytes: int
    damage: str | None


def check(path: Path, keys: Keys = NO_KEYS) -> Checked:
    """Read a journal to its end.  Raises ConfigurationError when it is none, and KeyMissing."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        header, start = decode_header(data)
    except DamageError as damage:
        raise ConfigurationError(f"{path} is no journal: {damage}.") from None
    opened = opening(header, data[:start], keys, of=path)
    whole = end_of_whole(data, start)
    frames, last_ms, fault = 0, header.started_ms, None
    try:
        for frame in decode_frames(memoryview(data)[:whole], start, opened):
            frames, last_ms = frame.seq, frame.now_ms
    except DamageError as damage:
        fault = str(damage)
    return Checked(
        path=path,
        header=header,
        frames=frames,
        last_ms=last_ms,
        torn_bytes=len(data) - whole,
        damage=fault,
    )


def repair(folder: Path) -> int:
    """Cut off what the last life's end has torn from the newest journal; return how many bytes.

    Nothing is done to a file that a running service is writing, nor to one without a tear.
    """
    files = journal_files(folder)
    if not files:
        return 0
    path = files[-1]
    try:
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            data = file.read()
            _, start = decode_header(data)
            whole = end_of_whole(data, start)
            torn = len(data) - whole
            if torn:
                file.truncate(whole)
                os.fsync(file.fileno())
                log.warning("The torn end of a journal was cut off.", file=path.name, bytes=torn)
            return torn
    except BlockingIOError:
        log.warning("The newest journal is being written by another service.", file=path.name)
    except (DamageError, OSError) as error:
        log.warning("A journal could not be looked at.", file=path.name, why=str(error))
    return 0
