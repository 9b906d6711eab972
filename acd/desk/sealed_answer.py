"""A sealed recording as an answer over HTTP, with range requests (RFC 9110 14); opened piece by
piece as it is sent, never on a disk."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from acd.desk.sealed import SUFFIX, SealedFile
from acd.runtime.sealing import Keys

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class BadRange(Exception):
    """A range that cannot be answered, with the status and headers that say so."""

    def __init__(self, sentence: str, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers


def heard(path: Path, keys: Keys, asked: str | None) -> Response:
    """The answer to a request with the header ``Range: asked``.  Blocking.

    Its first piece is opened before: raises Altered, KeyMissing, BadRange and OSError.  One that
    turns out to be altered later breaks the answer off.
    """
    sealed = SealedFile(path, keys)
    try:
        found = None if asked is None else span(asked, sealed.size)
        start, stop = found or (0, sealed.size)
        pieces = sealed.read(start, stop)
        first = next(pieces, b"")
    except BaseException:
        sealed.close()
        raise
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{path.name.removesuffix(SUFFIX)}"',
        "Content-Length": str(stop - start),
    }
    if found is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{sealed.size}"
    return StreamingResponse(
        _closing(sealed, first, pieces),
        status_code=200 if found is None else 206,
        media_type="audio/flac",
        headers=headers,
        background=BackgroundTask(sealed.close),
    )


def span(asked: str, size: int) -> tuple[int, int] | None:
    """What part of ``size`` bytes is asked for: its first, and the one behind its last; None for
    all of it, which is also the answer to several parts at once.  Raises BadRange."""
    if "," in asked:
        return None
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match[1] == match[2] == "":
        raise BadRange("A range looks like bytes=0-99.", 400)
    if match[1] == "":
        start, stop = max(0, size - int(match[2])), size
    else:
        start = int(match[1])
        stop = size if match[2] == "" else min(size, int(match[2]) + 1)
        if match[2] != "" and int(match[2]) < start:
            raise BadRange("A range begins before it ends.", 400)
    if start >= stop:
        raise BadRange(f"The sound has {size} bytes.", 416, {"Content-Range": f"bytes */{size}"})
    return start, stop


def _closing(sealed: SealedFile, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Whoever hangs up in the middle leaves no file open."""
    try:
        yield from chain((first,), rest)
    finally:
        sealed.close()
