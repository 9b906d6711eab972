"""What persons are told to be done is stored first, away from this host.

An obligation and a case are promises to somebody.  Their facts go to PostgreSQL at once
(``records``), and the reply to whoever asked for the change waits until it has them: an alarm that
was acknowledged before it was stored has been lost elsewhere.  When PostgreSQL is away, or takes
longer than ``STORED_S``, the local disk must do, and the reply says so: ``stored`` is False.

Nothing else waits: commands to Asterisk, decisions and what callers hear go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from msgspec import structs

from acd.core.events import Event
from acd.core.facts import Fact
from acd.core.replies import Done, Refused
from acd.runtime.records import PROMISES
from acd.runtime.tasks import ended

STORED_S = 1.0
"""What the loss of the whole host may cost at most; normally it takes some milliseconds."""


class Pledging(Protocol):
    """The recorder."""

    @property
    def newest_pledge(self) -> "asyncio.Future[bool] | None": ...

    @property
    def away_since_ms(self) -> int | None: ...


class Acknowledgements:
    """Hands replies on when what they say is stored; a sink of the driver, behind the recorder."""

    wants = PROMISES

    def __init__(
        self,
        recorder: Pledging,
        synced: Callable[[], Awaitable[bool]],
        resolve: Callable[[Done | Refused], None],
    ) -> None:
        """``synced`` waits until everything journalled so far is on the disk."""
        self._recorder = recorder
        self._synced = synced
        self._resolve = resolve
        self._pledge: asyncio.Future[bool] | None = None
        self._waiting: set[asyncio.Task[None]] = set()
        self.unstored = 0
        """Replies that had to say that PostgreSQL does not have it yet."""

    def stepped(self, now_ms: int, event: Event, effects: Sequence[object], took_ns: int) -> None:
        """A step begins: what its facts promise belongs to its replies."""
        self._pledge = None

    def decided(self, fact: Fact) -> None:
        """Take a promise of the step; the recorder has it already."""
        self._pledge = self._recorder.newest_pledge

    def reply(self, reply: Done | Refused) -> None:
        """Hand a reply on, now or when its step's promises are stored."""
        if self._pledge is None or isinstance(reply, Refused):
            self._resolve(reply)
            return
        task = asyncio.create_task(self._acknowledge(reply, self._pledge), name="acknowledgement")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def stop(self) -> None:
        """Forget who still waits."""
        await ended(self._waiting.copy())

    async def _acknowledge(self, reply: Done, pledge: "asyncio.Future[bool]") -> None:
        stored = False
        if self._recorder.away_since_ms is None:
            await asyncio.wait([pledge], timeout=STORED_S)
            stored = pledge.done() and pledge.result()
        if not stored:
            self.unstored += 1
            await self._synced()
        self._resolve(structs.replace(reply, stored=stored))
