"""The tokens that are good now, in memory: asking costs no journey to PostgreSQL and goes on while
it is away; a change is here a moment after it was committed.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from acd.adapters.http.access import Door, Grant, Noted
from acd.adapters.postgres.errors import DatabaseRefused
from acd.adapters.postgres.tokens import KnownToken, digest, watch_tokens
from acd.core.roles import Role
from acd.runtime.logs import logger
from acd.runtime.settings import Settings

log = logger(__name__)

AGAIN_S = 5.0


class Granted(msgspec.Struct, frozen=True):
    """What a token grants."""

    id: str
    person: str
    role: Role
    agent: str | None
    expires_at: datetime


def _now() -> datetime:
    return datetime.now(UTC)


class TokenList:
    """Follows the tokens in PostgreSQL."""

    def __init__(
        self,
        readings: Callable[[], AsyncGenerator[list[KnownToken], None]],
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """``readings`` yields the tokens that are not revoked, at each change."""
        self._readings = readings
        self._clock = clock
        self._known: dict[bytes, Granted] = {}
        self._changed = asyncio.Event()
        self.read = asyncio.Event()
        """Set once there has been a first reading."""

    @property
    def size(self) -> int:
        """How many tokens are good now."""
        now = self._clock()
        return sum(one.expires_at > now for one in self._known.values())

    @property
    def are_known(self) -> bool:
        """Whether there has been a first reading."""
        return self.read.is_set()

    async def follow(self) -> None:
        """Take over every change, for ever.  A refused reading is tried again."""
        while True:
            try:
                async with aclosing(self._readings()) as readings:
                    async for tokens in readings:
                        self._take_over(tokens)
            except DatabaseRefused as error:
                log.error("The tokens cannot be read; the last ones stay.", why=str(error))
            await asyncio.sleep(AGAIN_S)

    def find(self, token: str) -> Granted | None:
        """Return what a token grants, None when it is unknown, expired or revoked."""
        found = self._known.get(digest(token))
        return found if found is not None and found.expires_at > self._clock() else None

    async def until_over(self, grant: Grant) -> None:
        """Return when a token has expired or been revoked."""
        while True:
            changed = self._changed
            found = next((one for one in self._known.values() if one.id == grant.id), None)
            left_s = (found.expires_at - self._clock()).total_seconds() if found else 0.0
            if left_s <= 0:
                return
            try:
                await asyncio.wait_for(changed.wait(), left_s)
            except TimeoutError:
                continue

    def _take_over(self, tokens: list[KnownToken]) -> None:
        known = {
            one.sha256: Granted(one.id, one.person, Role(one.role), one.agent, one.expires_at)
            for one in tokens
        }
        if known != self._known or not self.read.is_set():
            self._known = known
            self._changed.set()
            self._changed = asyncio.Event()
            log.info("The tokens of the HTTP API have been read.", good=self.size)
        self.read.set()


def token_list(dsn: str) -> TokenList:
    """Return the list of the tokens in a database."""
    return TokenList(lambda: watch_tokens(dsn))


def door(
    settings: Settings,
    tokens: TokenList,
    *,
    unnamed: str | None,
    count: Callable[[str], None],
    noted: Noted = lambda person, action, subject, details: None,
) -> Door:
    """Return the door of one HTTP address: open, or for those with tokens.

    ``unnamed`` is the name of whoever gives none at an open one; ``count`` hears why somebody was
    refused, ``noted`` what is to be noted and is not noted by the routes themselves.
    """

    def refused(why: str, source: str) -> None:
        count(why)
        # One line of one shape, for whatever bans addresses (docs/operations.md).
        if why in ("wrong_token", "locked_now"):
            log.warning("A wrong token was shown.", source=source, locked=why == "locked_now")

    return Door(
        None if settings.api_is_open else tokens, unnamed=unnamed, refused=refused, noted=noted
    )
