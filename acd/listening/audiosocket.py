"""AudioSocket, Asterisk's plainest way to give audio to a program: TCP, and frames in it.

A frame is one byte of kind, two of length (big-endian), and the payload.  The first names the
connection by a UUID that we have chosen; audio is signed 16-bit samples at 8 kHz, little-endian.
Source: Asterisk's ``res_audiosocket.c``, its documentation page "AudioSocket".

Asterisk must never be left to wait for us: it reads a connection with the channel's lock held, and
where nothing comes it goes on waiting with the lock, until whatever needs that channel, and then
every channel, stands still (seen on 22.10.1).  So each connection gets a frame of silence every
20 ms, which nobody hears: behind it is a copy.

Frames come every 20 ms on every connection.  To be woken by each would cost more than to judge what
is in them, so all connections are read ten times a second; the kernel keeps what comes meanwhile.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

KIND_HANGUP, KIND_UUID, KIND_AUDIO, KIND_ERROR = 0x00, 0x01, 0x10, 0xFF
READ_SECONDS = 0.1
READ_BYTES = 65_536
"""Two seconds of audio and more: what a connection may have waiting for us."""
_HEAD = 3
ANSWER_SECONDS = 0.02
SILENCE = bytes((KIND_AUDIO,)) + (320).to_bytes(2, "big") + bytes(320)
"""20 ms of it, as one frame."""


class Sink(Protocol):
    """Takes one copy of audio."""

    def audio(self, samples: bytes) -> None: ...

    def ended(self) -> None: ...


Find = Callable[[UUID], Sink | None]


class Copy:
    """One connection's frames: says who it is, then brings audio until it ends."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._data = bytearray()
        self._sink: Sink | None = None

    def take(self, data: bytes) -> bool:
        """Take in what has come; False when nothing more is wanted of this connection."""
        self._data += data
        at, goes_on = 0, True
        while goes_on and len(self._data) - at >= _HEAD:
            end = at + _HEAD + int.from_bytes(self._data[at + 1 : at + _HEAD], "big")
            if len(self._data) < end:
                break
            goes_on = self._frame(self._data[at], bytes(self._data[at + _HEAD : end]))
            at = end
        del self._data[:at]
        return goes_on

    def over(self) -> None:
        """The connection has ended."""
        if self._sink is not None:
            self._sink.ended()
            self._sink = None

    def _frame(self, kind: int, payload: bytes) -> bool:
        if kind == KIND_UUID and len(payload) == 16 and self._sink is None:
            self._sink = self._find(UUID(bytes=payload))
        elif kind == KIND_AUDIO and self._sink is not None:
            self._sink.audio(payload)
        elif kind in (KIND_HANGUP, KIND_ERROR):
            return False
        # Without a sink it is not ours, or of a leg that nobody listens to any more.
        return self._sink is not None


class AudioServer:
    """Takes connections on the loopback and reads them all."""

    def __init__(self, find: Find) -> None:
        """``find`` gives the sink of a name, None for a name that nobody waits for."""
        self._find = find
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self._connections: dict[socket.socket, Copy] = {}
        self.tasks: list[asyncio.Task[None]] = []
        """They end by ``stop`` alone, or by a fault."""

    @property
    def address(self) -> str:
        """Where it is: host:port."""
        host, port = self._listening.getsockname()
        return f"{host}:{port}"

    def start(self) -> None:
        """Begin to take connections and to read."""
        self.tasks = [
            asyncio.create_task(self._accept(), name="AudioSocket connections"),
            asyncio.create_task(self._read(), name="AudioSocket frames"),
            asyncio.create_task(self._answer(), name="AudioSocket silence"),
        ]

    async def stop(self) -> None:
        """End everything."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self._listening.close()
        for connection in list(self._connections):
            self._end(connection)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(self._listening)
            connection.setblocking(False)
            self._connections[connection] = Copy(self._find)
            _answer_one(connection)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for connection, copy in list(self._connections.items()):
                if not _read_one(connection, copy):
                    self._end(connection)
            due = max(due + READ_SECONDS, loop.time())
            await asyncio.sleep(due - loop.time())

    async def _answer(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for connection in list(self._connections):
                if not _answer_one(connection):
                    self._end(connection)
            due = max(due + ANSWER_SECONDS, loop.time())
            await asyncio.sleep(due - loop.time())

    def _end(self, connection: socket.socket) -> None:
        copy = self._connections.pop(connection, None)
        if copy is not None:
            connection.close()
            copy.over()


def _read_one(connection: socket.socket, copy: Copy) -> bool:
    """Read what has come; False when the connection is of no more use."""
    try:
        data = connection.recv(READ_BYTES)
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    return bool(data) and copy.take(data)


def _answer_one(connection: socket.socket) -> bool:
    """Give Asterisk something to read; False when the connection is of no more use."""
    try:
        # A frame that goes out in part would leave it waiting for the rest.
        return connection.send(SILENCE) == len(SILENCE)
    except BlockingIOError:
        return True  # it has plenty to read
    except ConnectionError:
        return True  # gone: what it has said before is still to be read
