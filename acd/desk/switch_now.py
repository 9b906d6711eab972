"""What the switch is doing this moment, asked of `acd serve` itself.

Who waits and what agents do now stands in no table as surely as in the service; while it does not
answer, nothing is known, and the wallboard says so instead of showing an old figure.
"""

import asyncio

import aiohttp
import msgspec

from acd.core.decoding import UNREADABLE

TIMEOUT_S = 1.5


class QueueNow(msgspec.Struct, frozen=True):
    """A queue this moment."""

    id: str
    waiting: int
    longest_wait_ms: int | None
    free: int
    promise_ms: int
    proofs: bool = False


class _Agent(msgspec.Struct):
    state: str
    robot: bool = False


class SwitchNow(msgspec.Struct, frozen=True):
    """Queues, and how many agents are in which state; no names, and nothing of the service's own
    calls and of the robot that takes them."""

    queues: list[QueueNow]
    agents: dict[str, int]


class SwitchAway(Exception):
    """The service does not answer; the sentence says why."""


class SwitchClient:
    """Asks the control API."""

    def __init__(self, url: str, *, token: str | None) -> None:
        """``url`` is the API's base, ``token`` its bearer token if it has one."""
        self._url = url
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None

    async def now(self) -> SwitchNow:
        """Raises SwitchAway."""
        queues, agents = await asyncio.gather(self._get("/queues"), self._get("/agents"))
        try:
            counted: dict[str, int] = {}
            for agent in msgspec.json.decode(agents, type=list[_Agent]):
                if not agent.robot:
                    counted[agent.state] = counted.get(agent.state, 0) + 1
            found = msgspec.json.decode(queues, type=list[QueueNow])
            return SwitchNow([queue for queue in found if not queue.proofs], counted)
        except UNREADABLE as error:
            raise SwitchAway(f"acd serve is of another version: {error}") from None

    async def _get(self, path: str) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
            )
        try:
            async with self._session.get(self._url + path) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise SwitchAway(f"acd serve does not answer: {why}") from None
        if answer.status != 200:
            raise SwitchAway(f"acd serve answers {answer.status} (HULING_API_TOKEN: a monitor's?)")
        return body

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
