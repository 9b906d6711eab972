"""uvicorn as a guest in our loop: it takes no signals, keeps no log of its own, and leaves."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from acd.adapters.http.waiting import Application

PATIENCE_S = 2
"""How long an answer under way may take at the end."""


class _Guest(uvicorn.Server):
    """SIGTERM and SIGINT belong to the service; uvicorn would take them and end only itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """Serves an application on one address."""

    def __init__(self, app: Application, *, host: str, port: int) -> None:
        """Take the address.  Raises OSError when it is taken already."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self._server = _Guest(
            uvicorn.Config(
                app,
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
