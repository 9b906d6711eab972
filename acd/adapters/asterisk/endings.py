"""The ends of legs: each is heard, and each is told once."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused
from acd.adapters.asterisk.heard import SwitchInbox
from acd.core.events import Hangup, LegGone
from acd.core.ids import LegId, local_part

LOST_SECONDS = 1.0
"""A command named a channel that is not there: its end may be on its way through the websocket,
with the true cause.  So long we wait for it before we call the leg lost."""

WATCH_SECONDS = 0.1
"""How long a new caller's channel waits for its subscription: out of the way of the first offer,
and so that callers of one moment share a request."""

GONE_LEGS_KEPT = 4096
"""Ended legs remembered, so that a late command to one is told from a lost leg."""


class Endings:
    """Knows which legs of one node have ended, and has Asterisk tell of those that will."""

    def __init__(
        self,
        ari: AriClient,
        inbox: SwitchInbox,
        *,
        is_up: Callable[[], bool],
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        heard: Callable[[LegGone], None],
        forget: Callable[[LegId], None],
    ) -> None:
        """``is_up`` tells whether the link is: Asterisk has told which legs there are.  ``heard``
        takes an end that Asterisk tells us by not knowing the channel, as if it came from the
        websocket; ``forget`` drops what is kept of a leg that has ended."""
        self._ari = ari
        self._inbox = inbox
        self._is_up = is_up
        self._spawn = spawn
        self._heard = heard
        self._forget = forget
        self._suspects: dict[LegId, asyncio.TimerHandle] = {}
        self._unwatched: list[LegId] = []
        self._watching: asyncio.TimerHandle | None = None
        self._gone: dict[LegId, None] = {}
        self._gone_order: deque[LegId] = deque()

    def __contains__(self, leg: LegId) -> bool:
        """Whether a leg's end is known."""
        return leg in self._gone

    def stop(self) -> None:
        """Wait for no end any more."""
        for timer in self._suspects.values():
            timer.cancel()
        self._suspects.clear()
        if self._watching is not None:
            self._watching.cancel()

    def told(self, end: LegGone) -> None:
        """Asterisk tells of an end."""
        timer = self._suspects.pop(end.leg, None)
        if timer is not None:
            timer.cancel()
        if end.leg in self._gone:
            self._inbox.count("second end of a leg", end.leg)
        else:
            self._tell(end)

    def left(self, leg: LegId) -> None:
        """A leg had ended before it came."""
        self._tell(LegGone(leg, Hangup.NORMAL))

    def came(self, leg: LegId) -> None:
        """A leg that was taken for lost was only late."""
        self._gone.pop(leg, None)

    def missing(self, leg: LegId) -> None:
        """A command found no such channel: wait for the leg's own end, else report it lost."""
        if leg in self._gone:
            self._inbox.count("command to an ended leg", leg)
        elif leg not in self._suspects:
            loop = asyncio.get_running_loop()
            self._suspects[leg] = loop.call_later(LOST_SECONDS, self.lost, leg)

    def lost(self, leg: LegId) -> None:
        """A leg is nowhere, and how it ended is not known."""
        self._suspects.pop(leg, None)
        self._tell(LegGone(leg, Hangup.LOST))

    def watch(self, leg: LegId) -> None:
        """Make sure that we hear of a leg's end.

        A channel that we dialled is ours to its end.  One that came to us is so only while it is in
        the application: its hang-up takes it out, and ChannelDestroyed would go unheard.
        """
        self._unwatched.append(leg)
        if len(self._unwatched) == 1:
            loop = asyncio.get_running_loop()
            self._watching = loop.call_later(WATCH_SECONDS, self._watch_now)

    def _watch_now(self) -> None:
        legs, self._unwatched = self._unwatched, []
        self._spawn(self._subscribe(legs), "subscriptions")

    async def _subscribe(self, legs: list[LegId]) -> None:
        try:
            await self._ari.subscribe([local_part(leg) for leg in legs])
        except AsteriskRefused as refused:
            if not self._is_up():
                # An Asterisk that was started again knows nobody.  They have not hung up, they were
                # cut off, which is found when the legs are compared.
                self._inbox.count("leg not watched", str(refused))
            elif len(legs) > 1:  # one of them has gone: find out which
                for leg in legs:
                    await self._subscribe([leg])
            else:
                self._heard(LegGone(legs[0], Hangup.NORMAL))
        except AsteriskError as error:
            # The link is going down; the legs are compared when it comes back.
            self._inbox.count("leg not watched", str(error))

    def _tell(self, end: LegGone) -> None:
        self._forget(end.leg)
        self._gone[end.leg] = None
        self._gone_order.append(end.leg)
        if len(self._gone_order) > GONE_LEGS_KEPT:
            self._gone.pop(self._gone_order.popleft(), None)
        self._inbox.put(end)
