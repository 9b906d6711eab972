"""Tasks that must run as long as the service, and waiting for what is not up yet."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, TypeVar

from acd.adapters.asterisk import AsteriskUnreachable
from acd.adapters.asterisk.errors import AsteriskUnfit
from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused
from acd.runtime.credentials import ConfigurationError
from acd.runtime.logs import logger

log = logger(__name__)

RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
AGAIN_S = 0.5

T = TypeVar("T")


class Tasks:
    """Tasks that must run as long as the service."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets the first exception of a task."""

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.append(task)
        task.add_done_callback(self._ended)

    async def stop(self) -> None:
        await ended(self._tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self.failed.done():
            return
        error = task.exception() or RuntimeError(f"The task {task.get_name()} has ended.")
        if isinstance(error, DatabaseRefused):
            error = ConfigurationError(str(error).rstrip(".") + ".")
        else:
            log.error("A task of the service has failed.", task=task.get_name(), exc_info=error)
        self.failed.set_exception(error)


async def ended(tasks: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel tasks and wait until each has ended, whatever it ends with.

    A cancellation can be lost on its way through a library that turns it into an error of its own:
    whoever goes on is told again, for a life that cannot end could never stand by.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)


async def either(wanted: Coroutine[Any, Any, T], failed: "asyncio.Future[None]") -> T:
    """Wait for ``wanted`` and return what it gives; raise what has failed meanwhile."""
    task = asyncio.ensure_future(wanted)
    both: set[asyncio.Future[Any]] = {task, failed}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
        return await task
    finally:
        task.cancel()


async def retried(sentence: str, attempt: Callable[[], Awaitable[T]]) -> T:
    """Try until the peer is there.  Raises ConfigurationError when it is there and says no."""
    tries = 0
    while True:
        try:
            return await attempt()
        except (DatabaseRefused, AsteriskUnfit) as error:
            raise ConfigurationError(str(error).rstrip(".") + ".") from None
        except (DatabaseAway, AsteriskUnreachable) as error:
            log.warning(sentence, why=str(error))
        await asyncio.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
        tries += 1
