"""From the spool's samples to FLAC, losslessly and by sox, at the desk's own low priority.

The samples are deleted only after what was written has been read back and found to be the very
same: a court hears what was said (T21), and a broken disk or tool costs nothing but the saving.
"""

import asyncio
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from acd.desk.archive import BYTES_PER_SAMPLE, CHANNELS, CHUNK_BYTES, RATE_HZ, sha256_of

_RAW = ("-t", "raw", "-r", str(RATE_HZ), "-e", "signed-integer", "-b", "16", "-c", str(CHANNELS))
_FRAME = CHANNELS * BYTES_PER_SAMPLE

TIME_MAX_S = 600.0
"""An hour of talk takes about a second."""


class CompressionFailed(Exception):
    """The samples are still there; the sentence says what was wrong."""


@dataclass(frozen=True)
class Compressed:
    """A finished file of the archive."""

    bytes: int
    sha256: str


async def compress(raw: Path, target: Path, *, sox: str = "sox") -> Compressed:
    """Write ``raw`` as FLAC to ``target``, whole or not at all.

    Raises CompressionFailed, FileNotFoundError when the samples are gone, and OSError with ENOSPC
    when there is no room.
    """
    await asyncio.to_thread(_make_folder, target.parent)
    part = target.with_name(f"{target.name}.part")
    try:
        with raw.open("rb") as source, part.open("wb") as sink:
            await _run([sox, "-D", "-V1", *_RAW, "-", "--comment", "", "-t", "flac", "-"],
                       source.fileno(), sink.fileno())  # fmt: skip
            await asyncio.to_thread(os.fsync, sink.fileno())
        await _must_be_the_same(raw, part, sox)
        found, size = await asyncio.to_thread(sha256_of, part)
        part.replace(target)
        await asyncio.to_thread(_sync_folder, target.parent)
    finally:
        part.unlink(missing_ok=True)
    return Compressed(size, found)


async def decompress(flac: Path, raw: Path, *, sox: str = "sox") -> None:
    """Write the samples of a FLAC file to ``raw``, as the spool has them.  Raises
    CompressionFailed and OSError."""
    with flac.open("rb") as source, raw.open("wb") as sink:
        await _run([sox, "-D", "-V1", "-t", "flac", "-", *_RAW, "-"],
                   source.fileno(), sink.fileno())  # fmt: skip


async def _must_be_the_same(raw: Path, flac: Path, sox: str) -> None:
    wanted = await asyncio.to_thread(_samples_digest, raw)
    with flac.open("rb") as source:
        process = await asyncio.create_subprocess_exec(
            sox, "-D", "-V1", "-t", "flac", "-", *_RAW, "-",
            stdin=source.fileno(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        found = hashlib.sha256()
        try:
            async with asyncio.timeout(TIME_MAX_S):
                while chunk := await process.stdout.read(CHUNK_BYTES):
                    found.update(chunk)
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if found.hexdigest() != wanted:
        raise CompressionFailed(f"{raw.name}: what was compressed does not sound the same")


def _samples_digest(raw: Path) -> str:
    """Of whole frames only: a crash may have left half a sample at the end."""
    digest = hashlib.sha256()
    with raw.open("rb") as file:
        left = os.fstat(file.fileno()).st_size // _FRAME * _FRAME
        while left > 0 and (chunk := file.read(min(left, CHUNK_BYTES))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


async def _run(argv: list[str], source: int, sink: int) -> None:
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=source, stdout=sink, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(TIME_MAX_S):
            _, said = await process.communicate()
    except TimeoutError:
        raise CompressionFailed(f"{argv[0]} took longer than {TIME_MAX_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        words = said.decode(errors="replace").strip().splitlines()
        raise CompressionFailed(
            f"{argv[0]} ended with {process.returncode}: {' '.join(words[-2:])}"
        )


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _sync_folder(folder: Path) -> None:
    """A renamed file outlives a power cut only when its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
