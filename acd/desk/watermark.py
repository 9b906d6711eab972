"""A mark in the sound itself that says which export it came from (L2).

It lies in the lowest bit of each 16-bit sample, 90 dB below the loudest: telephone speech has 13
bits, so nobody hears it, and 8 ms of the sound are enough to read it.  It outlives cutting and
copying; a lossy copy (MP3, a telephone) loses it, as it would any mark that cannot be heard.
"""

import struct
import zlib
from typing import BinaryIO

_MAGIC = b"\xa5HLx"
_FRAME_BYTES = 16
FRAME_SAMPLES = _FRAME_BYTES * 8
"""Both channels counted: 128 samples are 8 ms."""

_CHUNK_SAMPLES = FRAME_SAMPLES * 4096

_WITHOUT = bytes(value & 0xFE for value in range(256))
_LOWEST = bytes(value & 1 for value in range(256))


def _frame(export: int) -> bytes:
    """A frame as one byte of 0 or 1 per bit."""
    said = _MAGIC + struct.pack(">Q", export)
    whole = said + struct.pack(">I", zlib.crc32(said))
    return bytes((byte >> shift) & 1 for byte in whole for shift in range(7, -1, -1))


_MAGIC_BITS = bytes((byte >> shift) & 1 for byte in _MAGIC for shift in range(7, -1, -1))


def stamp(source: BinaryIO, sink: BinaryIO, export: int) -> None:
    """Copy samples (16 bits, low byte first) with the export's number in them, again and again."""
    pattern = _frame(export) * (_CHUNK_SAMPLES // FRAME_SAMPLES)
    while chunk := source.read(_CHUNK_SAMPLES * 2):
        low = chunk[0::2].translate(_WITHOUT)
        bits = pattern[: len(low)]
        marked = int.from_bytes(low, "little") | int.from_bytes(bits, "little")
        made = bytearray(chunk)
        made[0::2] = marked.to_bytes(len(low), "little")
        sink.write(made)


def read_mark(samples: bytes) -> int | None:
    """Return the number of the export that these samples came from, None when they bear no mark.
    They may begin anywhere, but on a whole sample."""
    bits = samples[0::2].translate(_LOWEST)
    at = bits.find(_MAGIC_BITS)
    while at >= 0:
        text = bits[at : at + FRAME_SAMPLES]
        if len(text) == FRAME_SAMPLES:
            whole = int("".join(map(str, text)), 2).to_bytes(_FRAME_BYTES, "big")
            if struct.unpack(">I", whole[12:])[0] == zlib.crc32(whole[:12]):
                return int(struct.unpack(">Q", whole[4:12])[0])
        at = bits.find(_MAGIC_BITS, at + 1)
    return None
