"""uvicorn as a guest in our loop: it takes no signals, keeps no log of its own, and leaves."""

import asyncio
import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from acd.adapters.http.waiting import Application

HEAD_S = 10.0
"""How long whoever has connected may take to say what they want."""

PATIENCE_S = 2
"""How long an answer under way may take at the end."""


class _Connection(H11Protocol):
    """uvicorn's, but who connects must say what they want: a connection that never does counts
    among those that there may be, and some hundred of them shut everybody out."""

    _head_by: float | None = None
    """When the head of the next request must be here, in the loop's time."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._head_by = None
        elif self.timeout_keep_alive_task is None and self.transport.get_protocol() is self:
            self._await_head()  # a piece of a head ended uvicorn's own waiting

    def _await_head(self) -> None:
        if self._head_by is None:
            self._head_by = self.loop.time() + HEAD_S
        self.timeout_keep_alive_task = self.loop.call_at(
            self._head_by, self.timeout_keep_alive_handler
        )


class _Guest(uvicorn.Server):
    """SIGTERM and SIGINT belong to the service; uvicorn would take them and end only itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def why_not(error: OSError, setting: str) -> str:
    """Why an address could not be taken, and what helps; ``setting`` names its port."""
    helps = f"stop what does, or set {setting}"
    if error.errno == errno.EADDRNOTAVAIL:
        helps = "set HULING_BIND to an address of this machine"
    return f"({os.strerror(error.errno or 0)}): {helps}."


class HttpServer:
    """Serves an application on one address."""

    def __init__(self, app: Application, *, host: str, port: int) -> None:
        """Take the address.  Raises OSError: ``why_not`` says it in words."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._server = _Guest(
            uvicorn.Config(
                app,
                http=_Connection,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="websockets-sansio",
                # Readers of /events have nothing to say, and what they are told is on its way in
                # the moment: deflating it would cost the switch more than it saves a house's wire.
                ws_max_size=4096,
                ws_per_message_deflate=False,
                server_header=False,
                timeout_graceful_shutdown=PATIENCE_S,
                timeout_keep_alive=30,
                limit_concurrency=200,
            )
        )
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._task = asyncio.create_task(self._server.serve([self._socket]), name="http")

    async def stop(self) -> None:
        """Answer what is under way, and close the address; once more does nothing."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
