"""From the spool's samples to FLAC, losslessly and by sox, at the desk's own low priority.

The samples are deleted only after what was written has been read back and found to be the very
same: a court hears what was said (T21), and a broken disk or tool costs nothing but the saving.
Under a key the FLAC is made, and read back, in memory (27 MB per hour of talk): in the clear it
touches no disk.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from acd.desk.archive import BYTES_PER_SAMPLE, CHANNELS, CHUNK_BYTES, RATE_HZ, sha256_of
from acd.desk.sealed import Altered, SealedFile, is_sealed, seal
from acd.runtime.sealing import NO_KEYS, Key, Keys

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


async def compress(
    raw: Path, target: Path, *, key: Key | None = None, sox: str = "sox"
) -> Compressed:
    """Write ``raw`` as FLAC to ``target``, whole or not at all, sealed when there is a key.

    Raises CompressionFailed, FileNotFoundError when the samples are gone, and OSError with ENOSPC
    when there is no room.
    """
    await asyncio.to_thread(_make_folder, target.parent)
    part = target.with_name(f"{target.name}.part")
    try:
        with raw.open("rb") as source, part.open("w+b") as sink:
            if key is None:
                await _encode(source, sink, sox)
            else:
                with _in_memory() as clear:
                    await _encode(source, clear, sox)
                    await asyncio.to_thread(seal, clear, sink, key=key, name=target.name)
            await asyncio.to_thread(_sync, sink)
        try:
            keys = Keys(() if key is None else (key,))
            await _must_be_the_same(raw, part, sox, keys, target.name)
        except Altered as altered:
            raise CompressionFailed(f"{raw.name}: {altered} while it was written") from None
        found, size = await asyncio.to_thread(sha256_of, part)
        part.replace(target)
        await asyncio.to_thread(_sync_folder, target.parent)
    finally:
        part.unlink(missing_ok=True)
    return Compressed(size, found)


async def decompress(flac: Path, raw: Path, *, keys: Keys = NO_KEYS, sox: str = "sox") -> None:
    """Write the samples of a FLAC file, sealed or not, to ``raw``, as the spool has them.  Raises
    CompressionFailed, KeyMissing, Altered and OSError."""
    with raw.open("wb") as sink:
        async with _clear(flac, keys, flac.name) as source:
            await _run([sox, "-D", "-V1", "-t", "flac", "-", *_RAW, "-"],
                       source.fileno(), sink.fileno())  # fmt: skip


async def _encode(source: BinaryIO, sink: BinaryIO, sox: str) -> None:
    await _run([sox, "-D", "-V1", *_RAW, "-", "--comment", "", "-t", "flac", "-"],
               source.fileno(), sink.fileno())  # fmt: skip


@contextmanager
def _in_memory() -> Iterator[BinaryIO]:
    """A file that sox can seek in, as it must to write its header, and that is on no disk."""
    with os.fdopen(os.memfd_create("huling-sound"), "w+b") as file:
        yield file


@asynccontextmanager
async def _clear(flac: Path, keys: Keys, name: str) -> AsyncIterator[BinaryIO]:
    """A FLAC file as sox reads it; a sealed one in memory."""
    if not is_sealed(name):
        with flac.open("rb") as file:
            yield file
        return
    with _in_memory() as clear:
        await asyncio.to_thread(_unseal, flac, clear, keys, name)
        yield clear


def _unseal(flac: Path, clear: BinaryIO, keys: Keys, name: str) -> None:
    with SealedFile(flac, keys, name=name) as sealed:
        for piece in sealed.read(0, sealed.size):
            clear.write(piece)
    clear.seek(0)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


async def _must_be_the_same(raw: Path, flac: Path, sox: str, keys: Keys, name: str) -> None:
    wanted = await asyncio.to_thread(_samples_digest, raw)
    async with _clear(flac, keys, name) as source:
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
