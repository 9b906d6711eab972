"""Recordings as files: the spool into which Asterisk writes, and the archive that is kept.

In the spool a recording is ``<id>.raw``: two channels of 16-bit samples at 8,000 Hz, interleaved,
without a header (left what the caller says, right what the caller hears).  In the archive it is
``YYYY/MM/DD/<id>.flac`` under the civil day in China on which it began, or ``<id>.flac.sealed``
when a key seals (``acd.desk.sealed``).  An id is the recorded
channel's unique id, which no two channels of a house ever share.
"""

import hashlib
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from acd.desk.sealed import SUFFIX
from acd.runtime.sealing import NO_KEYS, Keys

CHINA = ZoneInfo("Asia/Shanghai")
RATE_HZ = 8000
CHANNELS = 2
BYTES_PER_SAMPLE = 2
BYTES_PER_MS = RATE_HZ * CHANNELS * BYTES_PER_SAMPLE // 1000

CHUNK_BYTES = 1 << 16

# Asterisk's unique ids (n1-1764256297.12) and ours (hl-1-c12): nothing that could leave a folder.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class RawFile:
    """A file in the spool."""

    recording: str
    path: Path
    bytes: int
    changed_at: datetime
    begun_at: datetime


class Archive:
    """The two folders.  Blocking: called from a thread wherever a loop must not wait."""

    def __init__(self, *, spool: Path, archive: Path, keys: Keys = NO_KEYS) -> None:
        self.spool = spool
        self.folder = archive
        self.keys = keys

    def raw_path(self, recording: str) -> Path:
        """Where Asterisk writes it.  Raises ValueError for what is no id."""
        if _ID.fullmatch(recording) is None:
            raise ValueError(f"{recording!r} is not the id of a recording")
        return self.spool / f"{recording}.raw"

    def raw(self, recording: str) -> RawFile | None:
        """The file in the spool, None when there is none."""
        path = self.raw_path(recording)
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        return RawFile(
            recording,
            path,
            found.st_size,
            datetime.fromtimestamp(found.st_mtime, UTC),
            _begun(recording, found.st_mtime),
        )

    def raws(self) -> Iterator[RawFile]:
        """Everything in the spool that may be a recording."""
        if not self.spool.is_dir():
            return
        for entry in os.scandir(self.spool):
            name = entry.name.removesuffix(".raw")
            if name != entry.name and _ID.fullmatch(name) is not None:
                found = self.raw(name)
                if found is not None:
                    yield found

    def new_file(self, recording: str, started_at: datetime) -> str:
        """The name in the archive that a recording is to have."""
        day = started_at.astimezone(CHINA)
        sealed = "" if self.keys.sealing is None else SUFFIX
        return f"{day:%Y/%m/%d}/{recording}.flac{sealed}"

    def path(self, file: str) -> Path:
        """Where a file of the archive is.  Raises ValueError for a name that leads out of it."""
        path = (self.folder / file).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise ValueError(f"{file!r} lies outside the archive")
        return path

    def wipe(self, file: str) -> bool:
        """Overwrite and remove a file; False when it is not there any more.

        One pass of zeros.  A disk that writes elsewhere what is overwritten (flash, snapshots)
        keeps the old blocks for a while: only its own encryption helps against whoever has it.
        """
        path = self.path(file)
        try:
            with path.open("r+b") as opened:
                left = os.fstat(opened.fileno()).st_size
                while left > 0:
                    left -= opened.write(bytes(min(left, CHUNK_BYTES)))
                opened.flush()
                os.fsync(opened.fileno())
        except FileNotFoundError:
            return False
        path.unlink()
        return True

    def free_bytes(self) -> dict[str, int]:
        """What is left on the disks of the two folders, to whoever is not root."""
        found = {}
        for name, folder in (("spool", self.spool), ("archive", self.folder)):
            if folder.is_dir():
                disk = os.statvfs(folder)
                found[name] = disk.f_bavail * disk.f_frsize
        return found


def sha256_of(path: Path) -> tuple[str, int]:
    """The digest and the size of a file.  Raises FileNotFoundError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def duration_ms(raw_bytes: int) -> int:
    """How long so many bytes of the spool's format play."""
    return raw_bytes // BYTES_PER_MS


def wav_header(data_bytes: int) -> bytes:
    """The header that makes the spool's samples a WAV file."""
    frame = CHANNELS * BYTES_PER_SAMPLE
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + data_bytes, b"WAVE", b"fmt ", 16, 1, CHANNELS, RATE_HZ, RATE_HZ * frame,
        frame, 8 * BYTES_PER_SAMPLE, b"data", data_bytes,
    )  # fmt: skip


def _begun(recording: str, changed: float) -> datetime:
    """When the channel was made: its id holds the second (`<node>-<epoch>.<number>`)."""
    found = re.search(r"(?:^|-)(\d{10})\.\d+$", recording)
    return datetime.fromtimestamp(float(found[1]) if found else changed, UTC)
