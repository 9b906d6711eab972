"""Tokens for tests of doors, without a database."""

import asyncio

import msgspec

from acd.adapters.http.access import Grant
from acd.core.roles import Role


class Granted(msgspec.Struct, frozen=True):
    """What a token grants."""

    id: str
    person: str
    role: Role
    agent: str | None


def granted(role: Role, *, agent: str | None = None, person: str = "王芳") -> Granted:
    return Granted(f"t-{person}-{role}-{agent}", person, role, agent)


class Keys:
    """The tokens that are good, each under its own text."""

    def __init__(self, **known: Granted) -> None:
        self._known = known
        self._changed = asyncio.Condition()
        self.are_known = True

    def find(self, token: str) -> Granted | None:
        return self._known.get(token)

    async def until_over(self, grant: Grant) -> None:
        while grant in self._known.values():
            async with self._changed:
                await self._changed.wait()

    def revoke(self, token: str) -> None:
        del self._known[token]
        self._waking = asyncio.ensure_future(self._wake())

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()
