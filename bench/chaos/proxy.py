"""A cable that can be cut, or go silent: a TCP port in front of another."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import cast


class _End(asyncio.Protocol):
    """One end of a connection; what comes goes out at the other."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _End | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        for data in self._early:
            self.transport.write(data)

    def write(self, data: bytes) -> None:
        """Send it, or keep it until there is a connection."""
        if self.transport is None:
            self._early.append(data)
        else:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class Proxy:
    """Carries what is connected to ``port`` to another port; runs in a thread of its own."""

    def __init__(self, host: str, to_port: int) -> None:
        self._host, self._to_port = host, to_port
        self._ends: list[_End] = []
        self._hushed: list[_End] = []
        self._loop = asyncio.new_event_loop()
        self._connecting: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        listening = self._loop.create_server(self._accepted, host, 0)
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _accepted(self) -> _End:
        near = _End()
        task = self._loop.create_task(self._join(near))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return near

    async def _join(self, near: _End) -> None:
        far = _End()
        near.other, far.other = far, near
        try:
            await self._loop.create_connection(lambda: far, self._host, self._to_port)
        except OSError:  # nobody is there: neither is there for whoever has connected to us
            if near.transport is not None:
                near.transport.abort()
            return
        self._ends += [near, far]

    def cut(self) -> None:
        """End every connection of this moment, as a reset does."""
        self._do(self._cut)

    def hush(self) -> None:
        """Let every connection of this moment stand and carry nothing more, as one that a firewall
        has forgotten; new ones are carried."""
        self._do(self._hush)

    async def _cut(self) -> None:
        for end in (*self._ends, *self._hushed):
            if end.transport is not None:
                end.transport.abort()
        self._ends.clear()
        self._hushed.clear()

    async def _hush(self) -> None:
        for end in self._ends:
            if end.transport is not None and not end.transport.is_closing():
                end.transport.pause_reading()
                self._hushed.append(end)
        self._ends.clear()

    async def _stop(self) -> None:
        self._server.close()
        await self._cut()

    def _do(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        asyncio.run_coroutine_threadsafe(work(), self._loop).result()

    def close(self) -> None:
        """End everything and the thread."""
        self._do(self._stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
