"""Callers who have left our application, or never came to it: whether the dialplan has them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskError
from acd.adapters.asterisk.heard import SwitchInbox
from acd.adapters.asterisk.listing import InFallback, in_fallback
from acd.core.events import Hangup, LegAway, LegGone
from acd.core.ids import LegId, local_part

LEFT_SECONDS = 0.2
"""A caller who leaves the application has hung up, as a rule, and is gone by then; else we look
whether the dialplan has them."""

AGAIN_SECONDS = 30.0
"""Between two looks at a caller in the fallback whose channel bears no memo.  By then what the
dialplan has written of them has been read (acd/runtime/stays.py)."""


class Elsewhere:
    """Finds out where callers of one node are."""

    def __init__(
        self,
        ari: AriClient,
        inbox: SwitchInbox,
        *,
        app: str,
        is_up: Callable[[], bool],
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        lost: Callable[[LegId], None],
    ) -> None:
        """``is_up`` tells whether Asterisk can be asked; ``lost`` takes a leg that is nowhere."""
        self._ari = ari
        self._inbox = inbox
        self._app = app
        self._is_up = is_up
        self._spawn = spawn
        self._lost = lost
        self._leaving: dict[LegId, asyncio.TimerHandle] = {}
        self._elsewhere: set[LegId] = set()

    def __contains__(self, leg: LegId) -> bool:
        """Whether a caller's end is found out here, once what the dialplan has written has been
        read: told at once, the call would have an end before that, and a second one by it."""
        return leg in self._elsewhere

    def stop(self) -> None:
        """Look for nobody any more."""
        for timer in self._leaving.values():
            timer.cancel()
        self._leaving.clear()

    def left(self, leg: LegId) -> None:
        """A caller is not in the application any more."""
        if leg not in self._leaving:
            loop = asyncio.get_running_loop()
            self._leaving[leg] = loop.call_later(LEFT_SECONDS, self._look_for, leg)

    def told(self, leg: LegId) -> None:
        """Where a leg is need not be found out any more."""
        timer = self._leaving.pop(leg, None)
        if timer is not None:
            timer.cancel()

    def arrived(self, leg: LegId) -> None:
        """It is in the application (again)."""
        self.told(leg)
        self._elsewhere.discard(leg)

    def did_not_come(self, leg: LegId) -> None:
        """A caller who was announced has not come: the dialplan has them, or nobody."""
        self._spawn(self._look_elsewhere(leg), "search")

    def is_elsewhere(self, leg: LegId) -> None:
        """The dialplan is taken to have a caller whose channel bears no memo: nothing else finds
        out when it has gone."""
        if leg in self._elsewhere:
            return
        self._inbox.put(LegAway(leg, marked=False))
        self._elsewhere.add(leg)
        self._spawn(self._outlive(leg), "a caller in the fallback")

    def _look_for(self, leg: LegId) -> None:
        del self._leaving[leg]
        self._spawn(self._find(leg), "search")

    async def _look_elsewhere(self, leg: LegId) -> None:
        if await self._in_fallback(leg) is InFallback.NO:
            self._lost(leg)
        else:
            self.is_elsewhere(leg)

    async def _outlive(self, leg: LegId) -> None:
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            if leg not in self._elsewhere:
                return
            try:
                if self._is_up() and await self._ari.channel(local_part(leg)) is None:
                    break
            except AsteriskError as error:
                self._inbox.count("caller not found", str(error))
        self._elsewhere.discard(leg)
        self._inbox.put(LegGone(leg, Hangup.LOST))

    async def _find(self, leg: LegId) -> None:
        """Tell of a caller whom the dialplan's fallback has."""
        match await self._in_fallback(leg):
            case InFallback.MARKED:
                self._inbox.put(LegAway(leg))
            case InFallback.UNMARKED:
                self.is_elsewhere(leg)

    async def _in_fallback(self, leg: LegId) -> InFallback | None:
        """Tell whether the dialplan's fallback has a caller; None when Asterisk does not say: the
        link is going down, and the next one tells who is where."""
        try:
            found = await self._ari.channel(local_part(leg))
            return InFallback.NO if found is None else in_fallback(found, app=self._app)
        except (AsteriskError, msgspec.DecodeError) as error:
            self._inbox.count("caller not found", str(error))
            return None
