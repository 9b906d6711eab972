"""A recording sealed in pieces, each of which can be opened alone (decision 23).

    magic: 8 bytes, key's name: 16 (zeros behind it), key's check: 8, salt: 32
    pieces: 65,536 bytes of sound and a tag of 16; the last one holds what is left, perhaps nothing

A piece's nonce is its number (11 bytes) and whether it is the last (1 byte): whoever cuts pieces
off the end, changes their order or takes one from another file is found out.  The file's own key is
made with its header and its name in it, so a file under another's name does not open.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag

from acd.runtime.sealing import (
    CHECK_BYTES,
    NAME_BYTES_MAX,
    NONCE_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    Key,
    Keys,
)

MAGIC = b"HULINGR1"
SUFFIX = ".sealed"
PIECE_BYTES = 1 << 16

_HEADER_BYTES = len(MAGIC) + NAME_BYTES_MAX + CHECK_BYTES + SALT_BYTES
_SEALED_PIECE_BYTES = PIECE_BYTES + TAG_BYTES


class Altered(Exception):
    """A sealed file is not what was written; the sentence says where."""


def is_sealed(name: str) -> bool:
    """Whether a file of the archive is a sealed one."""
    return name.endswith(SUFFIX)


def seal(source: BinaryIO, target: BinaryIO, *, key: Key, name: str) -> None:
    """Write all of ``source``, which can be sought in, sealed to ``target``; ``name`` is what the
    file is to be called."""
    header = b"".join(
        (MAGIC, key.name.encode().ljust(NAME_BYTES_MAX, b"\0"), key.check, os.urandom(SALT_BYTES))
    )
    cipher = key.cipher(header[-SALT_BYTES:], _purpose(header, name))
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    target.write(header)
    last = _pieces(size) - 1
    for number in range(last + 1):
        piece = source.read(PIECE_BYTES)
        target.write(cipher.encrypt(_nonce(number, last), piece, None))


class SealedFile:
    """A sealed file that is read; ``size`` is that of what it holds, in bytes."""

    def __init__(self, path: Path, keys: Keys, *, name: str | None = None) -> None:
        """``name`` is what it is or will be called.  Raises Altered, KeyMissing and OSError."""
        self._path = path
        self._file = path.open("rb")
        try:
            header = self._file.read(_HEADER_BYTES)
            rest = os.fstat(self._file.fileno()).st_size - _HEADER_BYTES
            if len(header) < _HEADER_BYTES or not header.startswith(MAGIC) or rest < TAG_BYTES:
                raise Altered(f"{path.name} does not begin like a sealed recording")
            self._last = -(-rest // _SEALED_PIECE_BYTES) - 1
            self.size = rest - (self._last + 1) * TAG_BYTES
            if self.size < self._last * PIECE_BYTES:
                raise Altered(f"{path.name} ends in the middle of a seal")
            key_name = header[len(MAGIC) : len(MAGIC) + NAME_BYTES_MAX].rstrip(b"\0")
            check = header[len(MAGIC) + NAME_BYTES_MAX : -SALT_BYTES]
            key = keys.find(key_name.decode("ascii", "replace"), check, of=path)
            self._cipher = key.cipher(header[-SALT_BYTES:], _purpose(header, name or path.name))
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield what stands from ``start`` to before ``stop``, within the size.  Raises Altered."""
        for number in range(start // PIECE_BYTES, _pieces(stop)):
            self._file.seek(_HEADER_BYTES + number * _SEALED_PIECE_BYTES)
            sealed = self._file.read(_SEALED_PIECE_BYTES)
            try:
                piece = self._cipher.decrypt(_nonce(number, self._last), sealed, None)
            except InvalidTag:
                raise Altered(f"piece {number} of {self._path.name} was altered") from None
            begin = number * PIECE_BYTES
            yield piece[max(0, start - begin) : stop - begin]


def _pieces(size: int) -> int:
    """How many hold so many bytes: one at least, so that an empty file has its seal too."""
    return max(1, -(-size // PIECE_BYTES))


def _nonce(number: int, last: int) -> bytes:
    return number.to_bytes(NONCE_BYTES - 1, "big") + bytes([number == last])


def _purpose(header: bytes, name: str) -> bytes:
    return b"recording " + header + name.encode()
