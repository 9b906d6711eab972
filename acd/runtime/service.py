"""`acd serve`: the process, and the lives of the service in it.

A life ends when somebody asks it to, or when another service has the switch.  After that this
process begins a new one, as a standby that knows nothing of the one before.
"""

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import Any

import uvloop

import acd
from acd.adapters.http import Front, HttpServer, create_waiting_app, why_not
from acd.runtime.credentials import ConfigurationError
from acd.runtime.life import begin
from acd.runtime.logs import configure_logs, logger
from acd.runtime.priority import go_first
from acd.runtime.role import Role
from acd.runtime.settings import Settings

log = logger(__name__)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.  Raises ConfigurationError."""
    secrets = settings.secrets()
    sealing = settings.keys.sealing
    token = "" if settings.api_token is None else settings.api_token.get_secret_value()
    stop_logs = configure_logs(
        style=settings.log_format,
        level=settings.log_level,
        secrets=[secrets.ari_password, secrets.ami_password, secrets.postgres_password, token],
    )
    if sealing is not None:
        log.info("The journal is sealed.", key=sealing.name)
    go_first(settings.nice)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    finally:
        stop_logs()


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.  Raises ConfigurationError."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    role = Role()
    front = Front(create_waiting_app(role, version=acd.__version__))
    http = _http(settings, front)
    http.start()
    log.info("The control API answers.", url=settings.http_address)
    stopping = asyncio.create_task(stop.wait(), name="signal")
    try:
        waits = settings.standby
        while not stop.is_set():
            async with AsyncExitStack() as stack:
                await _live(settings, stack, role, front, stopping, waits=waits)
            waits = True
    finally:
        stopping.cancel()
        await http.stop()
    log.info("Stopped.")


async def _live(
    settings: Settings,
    stack: AsyncExitStack,
    role: Role,
    front: Front,
    stopping: "asyncio.Task[Any]",
    *,
    waits: bool,
) -> None:
    """Live until asked to stop, or until the switch is another's.  Raises what has failed."""
    starting = asyncio.create_task(begin(settings, stack, role, front, waits=waits), name="start")
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        # Still waiting for a database, for Asterisk, or for its turn: there is no work to end.
        starting.cancel()
        await asyncio.wait({starting})
        return
    life = starting.result()
    running: list[asyncio.Future[Any]] = [life.failed, life.lost, stopping]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    log.info("Stopping.")
    if life.failed.done():
        life.failed.result()


def _http(settings: Settings, front: Front) -> HttpServer:
    try:
        return HttpServer(front, host=settings.bind, port=settings.http_port)
    except OSError as error:
        raise ConfigurationError(
            f"The control API cannot listen on {settings.bind} port {settings.http_port} "
            f"{why_not(error, 'HULING_HTTP_PORT')}"
        ) from None
