"""How events are kept, and how a run is compared with a later one of the same core.

A journal is a header and a row of frames; each frame is one input of ``Core.step`` with the
digest of everything the core has answered so far.  Every frame stands for itself: it has its own
length and checksum, so a file torn by a crash is read up to its last whole frame.  Nothing here
reads or writes files; ``acd.runtime.journal`` does.

Layout, integers little-endian: the eight bytes of ``MAGIC``; then records of
``length: u32, crc32 of body: u32, body``.  The first record's body is the MessagePack of
``Header``, every later one that of ``Frame``.  In a sealed journal (``MAGIC_SEALED``) the later
bodies are sealed, one by one, by whoever hands the cipher in; lengths and checksums are of what
lies on the disk, so a torn end is found, and cut off, without any key.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator

import msgspec

from acd.core.commands import Command
from acd.core.decoding import UNREADABLE
from acd.core.events import Event
from acd.core.facts import Fact
from acd.core.ids import Node
from acd.core.replies import Reply

MAGIC = b"HULINGJ1"
MAGIC_SEALED = b"HULINGJ2"
BODY_BYTES_MAX = 16 << 20
"""No event comes near this (what is there at a start, with 5,000 channels, is 4 MB); a greater
length means that the file is damaged."""

_PREFIX = struct.Struct("<II")
_DIGEST_BYTES = 16


Cipher = Callable[[int, bytes], bytes]
"""Seals or opens the body of the frame with this number; opening raises ``DamageError``."""


class Seal(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Under which key a journal is sealed: its name, what tells it from another of that name, and
    what makes this file's own key out of it."""

    key: str
    check: bytes
    salt: bytes


class Header(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Who wrote a journal.  ``core`` is the fingerprint of the core's source: another core may
    rightly answer differently."""

    version: str
    core: str
    epoch: int
    node: Node
    started_ms: int
    seal: Seal | None = None


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """One step: its number from 1, the time it was given, its input, and the digest after it."""

    seq: int
    now_ms: int
    event: Event
    digest: bytes


_encoder = msgspec.msgpack.Encoder()
_header_decoder = msgspec.msgpack.Decoder(Header)
_frame_decoder = msgspec.msgpack.Decoder(Frame)


class DamageError(Exception):
    """A journal cannot be read from here on; the message says why."""


class Digest:
    """A running digest of effects.  Two runs with equal digests have answered alike, byte for
    byte and in the same order, from the first step to this one."""

    __slots__ = ("_hash",)

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=_DIGEST_BYTES)

    def add(self, effects: Iterable[Command | Fact | Reply]) -> bytes:
        """Take in one step's effects and return the digest so far."""
        self._hash.update(_encoder.encode(effects))
        return self._hash.digest()


def encode_header(header: Header) -> bytes:
    """Return the beginning of a journal."""
    magic = MAGIC if header.seal is None else MAGIC_SEALED
    return magic + _record(_encoder.encode(header))


def encode_frame(frame: Frame, seal: Cipher | None = None) -> bytes:
    """Return one frame with its length and checksum."""
    body = _encoder.encode(frame)
    return _record(body if seal is None else seal(frame.seq, body))


def decode_header(data: bytes | memoryview) -> tuple[Header, int]:
    """Return the header and where the frames begin; ``DamageError`` if it is not ours."""
    magic = bytes(data[: len(MAGIC)])
    if magic not in (MAGIC, MAGIC_SEALED):
        raise DamageError("it does not begin like a journal")
    body, after = _body(data, len(MAGIC))
    try:
        header = _header_decoder.decode(body)
    except UNREADABLE as error:
        raise DamageError(f"its header is not one: {error}") from None
    if (header.seal is not None) != (magic == MAGIC_SEALED):
        raise DamageError("its header does not say what its beginning does")
    return header, after


def decode_frames(
    data: bytes | memoryview, start: int, unseal: Cipher | None = None
) -> Iterator[Frame]:
    """Yield frames from ``start``; ``DamageError`` behind the last whole one.

    Numbers must follow one another: a missing frame is damage too.
    """
    expected = 1
    while start < len(data):
        body, start = _body(data, start)
        if unseal is not None:
            body = unseal(expected, body)
        try:
            frame = _frame_decoder.decode(body)
        except UNREADABLE as error:
            raise DamageError(f"frame {expected} is not one: {error}") from None
        if frame.seq != expected:
            raise DamageError(f"frame {expected} is missing, {frame.seq} follows")
        yield frame
        expected += 1


def last_frame(data: bytes | memoryview, start: int, unseal: Cipher | None = None) -> Frame | None:
    """Return the last whole frame, None when there is none; looks only at lengths on the way."""
    bounds = (start, start)
    number = 0
    while start + _PREFIX.size <= len(data):
        length, _ = _PREFIX.unpack_from(data, start)
        after = start + _PREFIX.size + length
        if after > len(data):
            break
        bounds = (start, after)
        start = after
        number += 1
    if bounds[0] == bounds[1]:
        return None
    body, _ = _body(data, bounds[0])
    if unseal is not None:
        body = unseal(number, body)
    try:
        return _frame_decoder.decode(body)
    except UNREADABLE as error:
        raise DamageError(f"the last frame is not one: {error}") from None


def end_of_whole(data: bytes | memoryview, start: int) -> int:
    """Return where the last whole record ends; looks at lengths on the way, and at the last
    records' checksums, which are what a crash can have left unwritten."""
    end = len(data)
    while (whole := _whole_until(data, start, end)) < end:
        end = whole  # what is the last now may not have reached the disk either
    return end


def _whole_until(data: bytes | memoryview, start: int, end: int) -> int:
    while start + _PREFIX.size <= end:
        length, checksum = _PREFIX.unpack_from(data, start)
        after = start + _PREFIX.size + length
        if length > BODY_BYTES_MAX or after > end:
            return start
        if after == end:
            body = bytes(data[start + _PREFIX.size : after])
            return after if zlib.crc32(body) == checksum else start
        start = after
    return start


def _record(body: bytes) -> bytes:
    return _PREFIX.pack(len(body), zlib.crc32(body)) + body


def _body(data: bytes | memoryview, start: int) -> tuple[bytes, int]:
    begin = start + _PREFIX.size
    if begin > len(data):
        raise DamageError(f"{len(data) - start} bytes are left over at the end")
    length, checksum = _PREFIX.unpack_from(data, start)
    if length > BODY_BYTES_MAX:
        raise DamageError(f"a frame of {length} bytes at byte {start} is impossible")
    if begin + length > len(data):
        raise DamageError(f"the last frame is torn: {begin + length - len(data)} bytes are missing")
    body = bytes(data[begin : begin + length])
    if zlib.crc32(body) != checksum:
        raise DamageError(f"the checksum at byte {start} is wrong")
    return body, begin + length
