"""What goes on beside a test for as long as it is open."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Alongside:
    """Runs ``go_on`` from its beginning to its end."""

    _task: asyncio.Task[None]

    async def go_on(self) -> None:
        """What is done; ended in the middle."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.go_on())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task  # what has gone wrong in it fails the test
