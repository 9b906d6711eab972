"""Persons' requests on their way through the core, each with whoever waits for the reply."""

import asyncio
from collections.abc import Callable

from acd.adapters.http.control import Unanswered
from acd.core.events import Event, Request
from acd.core.ids import RequestId
from acd.core.replies import Done, Refused

REPLY_S = 5.0
"""A request waits this long for its turn in the core; normally it takes a millisecond."""

REQUESTS_MAX = 1000
"""Requests waiting at once; the next ones are told to try again."""


class Requests:
    """Persons' requests on their way through the core, each with whoever waits for the reply."""

    def __init__(self, put: Callable[[Event], None], *, epoch: int) -> None:
        self._put = put
        self._epoch = epoch
        self._number = 0
        self._waiting: dict[RequestId, asyncio.Future[Done | Refused]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def resolve(self, reply: Done | Refused) -> None:
        """Hand a reply to whoever waits for it; feature codes have nobody waiting here."""
        future = self._waiting.get(reply.request)
        if future is not None and not future.done():
            future.set_result(reply)

    async def ask(self, make: Callable[[RequestId], Request]) -> Done | Refused:
        """Send a request to the core and return the reply.  Raises Unanswered."""
        if len(self._waiting) >= REQUESTS_MAX:
            raise Unanswered("Too many requests are waiting; try again in a moment.")
        self._number += 1
        request = RequestId(f"http-{self._epoch}-{self._number}")
        future: asyncio.Future[Done | Refused] = asyncio.get_running_loop().create_future()
        self._waiting[request] = future
        try:
            self._put(make(request))
            async with asyncio.timeout(REPLY_S):
                return await future
        except TimeoutError:
            raise Unanswered(
                f"The switch did not answer within {REPLY_S:.0f} s; ask for the agent's state "
                "before trying again."
            ) from None
        finally:
            del self._waiting[request]
