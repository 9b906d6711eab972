"""The events' websocket (RFC 6455), read in the very callback in which its bytes arrive.

No task stands between the socket and the decision: a frame that is complete is handed on before
the loop's next round.  Only what a client of Asterisk's needs is here: text frames in, pings and
a close out, nothing compressed.  What breaks the protocol ends the connection and is never
guessed at.

``FrameParser`` is pure; ``EventSocket`` is one connection of its.
"""

import asyncio
import base64
import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import cast

from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnreachable

HEAD_BYTES_MAX = 16 * 1024
EVENT_BYTES_MAX = 1024 * 1024
CONTROL_BYTES_MAX = 125  # RFC 6455 §5.5

BEAT_SECONDS = 1.5
"""A peer is asked by a ping when it has been silent for so long, and is gone when it is silent so
long again: a peer that went away without a word is noticed within three of these, in time to keep a
promise of ten seconds to whoever calls meanwhile."""

_ACCEPT_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3


class Opcode(IntEnum):
    """RFC 6455 §5.2."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


Frame = tuple[Opcode, bytes]


class FrameParser:
    """Bytes in, whole messages and control frames out; strict and bounded."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._pieces = bytearray()
        self._kind: Opcode | None = None
        """Of the message that has begun and not ended."""
        self.between = True
        """Whether what comes next begins a message."""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Add what has arrived and yield what is complete.

        Raises AsteriskUnreachable for what no server may send.
        """
        self._data += data
        self.between = False
        while (frame := self._take()) is not None:
            yield frame
        self.between = self._kind is None and not self._data

    def _take(self) -> Frame | None:
        """Return the next whole message or control frame, None when more bytes are needed."""
        while (found := self._next_frame()) is not None:
            opcode, final, payload = found
            if opcode >= Opcode.CLOSE:
                if not final or len(payload) > CONTROL_BYTES_MAX:
                    raise _broken("a control frame in pieces")
                return opcode, payload
            if (opcode is Opcode.CONTINUATION) is (self._kind is None):
                raise _broken("pieces of messages out of order")
            if final and self._kind is None:
                return opcode, payload
            self._kind = self._kind or opcode
            self._pieces += payload
            if len(self._pieces) > EVENT_BYTES_MAX:
                raise _broken("a message that is too long")
            if final:
                whole = self._kind, bytes(self._pieces)
                self._kind = None
                self._pieces.clear()
                return whole
        return None

    def _next_frame(self) -> tuple[Opcode, bool, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        first, length = data[0], data[1]
        start = 2
        if length == 126:
            if len(data) < 4:
                return None
            length, start = int.from_bytes(data[2:4]), 4
        elif length == 127:
            if len(data) < 10:
                return None
            length, start = int.from_bytes(data[2:10]), 10
        elif length > 127:
            raise _broken("a masked frame")  # only a client masks (§5.1)
        if length > EVENT_BYTES_MAX:
            raise _broken("a frame that is too long")
        if first & 0x70:
            raise _broken("a frame with an extension that was not asked for")
        end = start + length
        if len(data) < end:
            return None
        try:
            opcode = _OPCODES[first & 0x0F]
        except KeyError:
            raise _broken("a frame of an unknown kind") from None
        payload = bytes(data[start:end])
        del data[:end]
        return opcode, first >= 0x80, payload


_LONG_TEXT = b"\x81\x7e"
"""Begins a whole message of 126 to 65,535 bytes; two bytes that say how long it is follow."""

_OPCODES = {int(opcode): opcode for opcode in Opcode}


def _broken(what: str) -> AsteriskUnreachable:
    return AsteriskUnreachable(f"Asterisk's websocket sent {what}.")


def client_frame(opcode: Opcode, payload: bytes) -> bytes:
    """Return a short frame as a client must send it: whole and masked (§5.3)."""
    assert len(payload) <= CONTROL_BYTES_MAX
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload)) + mask + masked


def upgrade_request(path: str, *, host: str, authorization: str, key: str) -> bytes:
    """Return the request that opens a websocket (§4.1)."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n"
    ).encode("ascii")


def check_upgrade(head: bytes, *, key: str) -> None:
    """Accept the answer to the request.

    Raises AsteriskRefused for a status of 400 and above (401: a wrong password), and
    AsteriskUnreachable for anything else that is not the websocket we asked for.
    """
    first, *lines = head.split(b"\r\n")
    parts = first.split(b" ", 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.1") or not parts[1].isdigit():
        raise AsteriskUnreachable("What answers at Asterisk's HTTP port does not speak HTTP/1.1.")
    status = int(parts[1])
    if status >= 400:
        raise AsteriskRefused(
            status, (parts[2] if len(parts) > 2 else b"").decode(errors="replace")
        )
    fields = {
        name.strip().lower(): value.strip()
        for name, colon, value in (line.partition(b":") for line in lines)
        if colon
    }
    digest = hashlib.sha1(key.encode("ascii") + _ACCEPT_KEY).digest()
    if status != 101 or fields.get(b"sec-websocket-accept") != base64.b64encode(digest):
        raise AsteriskUnreachable("Asterisk did not open the websocket that it was asked for.")


class EventSocket(asyncio.Protocol):
    """One websocket.  ``on_text`` gets each message as it arrives; it must not block.

    ``opened`` is done when Asterisk has accepted; ``closed`` when the connection has ended.  Either
    may carry the exception that says why.
    """

    def __init__(
        self,
        *,
        path: str,
        host: str,
        authorization: str,
        on_text: Callable[[bytes], None],
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._key = base64.b64encode(os.urandom(16)).decode("ascii")
        self._request = upgrade_request(path, host=host, authorization=authorization, key=self._key)
        self._on_text = on_text
        self._beat_seconds = beat_seconds
        self._head = bytearray()
        self._parser = FrameParser()
        self._transport: asyncio.Transport | None = None
        self._beat: asyncio.TimerHandle | None = None
        self._heard = True
        self._asked = False
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self._loop.create_future()
        self.closed: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)
        self._beat = self._loop.call_later(self._beat_seconds, self._on_beat)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        if self.closed.done():
            return
        # The edge of a callback: a fault here must end this connection, with its reason told.
        try:
            if self.opened.done():
                # As nearly every event comes: nothing is to be put together, or taken apart.
                if (
                    self._parser.between
                    and data[:2] == _LONG_TEXT
                    and len(data) == 4 + int.from_bytes(data[2:4])
                ):
                    self._on_text(data[4:])
                else:
                    self._frames(data)
            else:
                self._handshake(data)
        except Exception as error:
            self._end(error)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc if exc is None else AsteriskUnreachable(f"The websocket broke ({exc})."))

    def close(self) -> None:
        """Say good-bye and close; harmless when that has happened."""
        if self._transport is not None and not self._transport.is_closing():
            if self.opened.done():
                self._transport.write(client_frame(Opcode.CLOSE, b"\x03\xe8"))
            self._transport.close()
        self._end(None)

    def _handshake(self, data: bytes) -> None:
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end > HEAD_BYTES_MAX or (end < 0 and len(self._head) > HEAD_BYTES_MAX):
            raise AsteriskUnreachable("Asterisk's answer has a header that never ends.")
        if end >= 0:
            check_upgrade(bytes(self._head[:end]), key=self._key)
            self.opened.set_result(None)
            self._frames(bytes(self._head[end + 4 :]))

    def _frames(self, data: bytes) -> None:
        for opcode, payload in self._parser.feed(data):
            if opcode is Opcode.TEXT:
                self._on_text(payload)
            elif opcode is Opcode.PING:
                self._write(Opcode.PONG, payload)
            elif opcode is Opcode.CLOSE:
                self.close()
            if self.closed.done():
                return

    def _on_beat(self) -> None:
        if self._heard:
            self._asked = False
        elif not self._asked and self.opened.done():
            self._write(Opcode.PING, b"")
            self._asked = True
        else:
            self._end(AsteriskUnreachable("Asterisk's websocket has been silent for too long."))
            return
        self._heard = False
        self._beat = self._loop.call_later(self._beat_seconds, self._on_beat)

    def _write(self, opcode: Opcode, payload: bytes) -> None:
        assert self._transport is not None
        self._transport.write(client_frame(opcode, payload))

    def _end(self, error: Exception | None) -> None:
        """The connection is of no more use: tell whoever waits for it, once."""
        if self._beat is not None:
            self._beat.cancel()
        if self._transport is not None:
            self._transport.close()
        for future in (self.opened, self.closed):
            if not future.done():
                if error is None and future is self.opened:
                    error = AsteriskUnreachable("Asterisk closed the websocket before it opened.")
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)
                    future.exception()  # whoever does not ask shall not be warned
