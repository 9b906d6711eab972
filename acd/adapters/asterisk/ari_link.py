"""The application's websocket: kept, read, and made good after each loss.

An application has one websocket: a second one replaces the first, which is told so.  So whoever
connects again must be sure that it is still theirs: the owner has written its mark into Asterisk
before it connected, and a mark of somebody else's ends this link for good.

The wire is ordered and nothing on it is ever repeated, so after each connect the order of things
is: open the socket and buffer what comes; read which channels there are; tell the core that the
node can be commanded and which legs live; then hand out the buffer.  In between no command is
under way, so that no leg can be both missing from the list and alive, but one that was dialled
after the list had been read, before the core took it in (``SwitchConnected.read_ms``).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from msgspec.structs import replace

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.backoff import Backoff
from acd.adapters.asterisk.errors import (
    AsteriskError,
    AsteriskRefused,
    AsteriskUnreachable,
    ari_password_refused,
)
from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.asterisk.listing import Listing, listing_of, started_ms
from acd.adapters.asterisk.translate import (
    EVENT_TYPES,
    Heard,
    Replaced,
    sent_ms,
    translate,
)
from acd.adapters.asterisk.transport import Transport
from acd.adapters.asterisk.versions import check_version
from acd.core.decoding import UNREADABLE
from acd.core.events import CodeDialled
from acd.core.ids import LegId, Node

_log = structlog.get_logger(__name__)

BUFFER_EVENTS_MAX = 100_000
"""Events that may come while the channels are being read: at 20 events per call, a flood that
would mean that we can never catch up."""


class AriLink:
    """Runs until cancelled, or until another service takes the application over."""

    def __init__(
        self,
        *,
        node: Node,
        app: str,
        client: AriClient,
        transport: Transport,
        clock: Callable[[], int],
        on_heard: Callable[[Heard], None],
        on_up: Callable[[Listing], None],
        on_down: Callable[[str], None],
        on_replaced: Callable[[str], None],
        quiet: Callable[[], Awaitable[None]],
        stood_still_s: Callable[[], float],
    ) -> None:
        """``clock`` gives epoch ms; ``quiet()`` is done when no command is under way;
        ``stood_still_s`` is ``Gate.stood_still_s``."""
        self._stood_still_s = stood_still_s
        self._on_replaced = on_replaced
        self._node = node
        self._app = app
        self._client = client
        self._transport = transport
        self._clock = clock
        self._on_heard = on_heard
        self._on_up = on_up
        self._on_down = on_down
        self._quiet = quiet
        self._sink: Callable[[Heard], None] = on_heard
        self._loaded_version = ""
        self._mark = ""
        self._beats = 0
        self.claimed = False
        """Whether our mark has been written."""
        self.up = False
        self.replaced = False
        self.reason = "Not connected yet."

    async def check(self) -> None:
        """Ask Asterisk whether it will have us.

        Raises AsteriskUnfit for a wrong password or a version we refuse, and AsteriskUnreachable.
        """
        try:
            version = await self._client.version()
            check_version(version)
            if version != self._loaded_version:
                await self._client.load()
                self._loaded_version = version
        except AsteriskRefused as refused:
            if refused.is_of_password:
                raise ari_password_refused() from None
            # Nothing was asked that it could mean: it is still loading its modules.
            raise AsteriskUnreachable(f"Asterisk is not ready yet ({refused}).") from None

    async def run(self, mark: str) -> None:
        """Connect, and connect again; ``mark`` is ours alone, and not empty."""
        backoff = Backoff()
        self._mark = mark
        self.claimed = False
        self.replaced = False
        while True:
            reason = "Asterisk closed the websocket."
            try:
                await self.check()
                await self._one_connection(backoff)
            except AsteriskError as error:
                reason = str(error)
            except Exception as error:
                # A fault of ours must not end the link for good: calls would go on in the fallback
                # and nobody would know why.
                _log.exception("ARI link failed by a defect", node=self._node)
                reason = f"Defect in the ARI link: {error!r}"
            if self._was_replaced():
                why = f"Another service has taken the application {self._app} over."
                self._on_replaced(why)
                self._down(why)
                return
            self._down(reason)
            await asyncio.sleep(backoff.seconds())

    def _was_replaced(self) -> bool:
        return self.replaced

    def stopped(self) -> None:
        """Say that the link is down because we were asked to end."""
        self._down("Stopped.")

    def _down(self, reason: str) -> None:
        self.up = False
        self._transport.close_connections()
        if reason != self.reason:
            self.reason = reason
            self._on_down(reason)

    async def still_ours(self, *, may_write: bool = True) -> bool:
        """Ask Asterisk whose it is; a mark that it has forgotten is written again, if we
        ``may_write``, which waits for the gate.  False when it is another's.  Raises
        AsteriskError."""
        found = await self._client.owner()
        if self.claimed and not found and may_write:
            await self._client.put_owner(self._mark)
        return not self.claimed or found in ("", self._mark)

    async def beat(self) -> None:
        """Give a sign of life, once Asterisk is ours.  Raises AsteriskError."""
        if self.claimed:
            self._beats += 1
            await self._client.put_beat(f"{self._mark}.{self._beats}")

    async def _claim(self) -> None:
        """Be the owner: by our word the first time, and after that only if nobody else is.  Who may
        command from now on has given a sign of life before."""
        if not self.claimed:
            await self._client.put_owner(self._mark)
            self.claimed = True
        elif not await self.still_ours():
            self._replaced()
        await self.beat()

    def _replaced(self) -> None:
        self.replaced = True
        raise AsteriskUnreachable("The websocket is of no more use.")  # ends this connection

    async def _one_connection(self, backoff: Backoff) -> None:
        buffer: list[Heard] = []
        await self._claim()
        self._sink = buffer.append
        socket = await self._client.connect_events(self._on_text)
        reading = asyncio.create_task(self._read(), name=f"{self._node} channels")
        try:
            either: set[asyncio.Future[Any]] = {socket.closed, reading}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                return
            listing = reading.result()
            if len(buffer) > BUFFER_EVENTS_MAX:
                raise AsteriskUnreachable("More events than can be caught up with.")
            # A channel that introduces itself in the buffer is not one of the past.
            new = {event.leg for event in buffer if isinstance(event, ChannelArrived | CodeDialled)}
            self.up = True
            self.reason = ""
            self._on_up(_without(listing, new))
            self._sink = self._on_heard
            for event in buffer:
                self._on_heard(event)
            backoff.succeeded()
            await socket.closed
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            socket.close()

    async def _read(self) -> Listing:
        # Whoever writes their mark after this also connects after us, and we are told of it.
        if not await self.still_ours():
            self._replaced()
        await self._client.filter_events(EVENT_TYPES)
        await self._quiet()
        started = started_ms(await self._client.status())
        # Channels first: whoever moves meanwhile tells of it, and the telling is in the buffer.
        channels = await self._client.channels()
        bridges = await self._client.bridges()
        try:
            return listing_of(
                channels,
                bridges,
                node=self._node,
                app=self._app,
                now_ms=self._clock(),
                started_ms=started,
            )
        except UNREADABLE:
            raise AsteriskUnreachable("Asterisk's list of channels cannot be read.") from None

    def _on_text(self, text: bytes) -> None:
        """Translate and pass on, nothing else: a slow reader is cut off by Asterisk."""
        now_ms = self._clock()
        if still_s := self._stood_still_s():
            # A caller who came while we stood still has waited since then, not since now.
            now_ms = sent_ms(text, now_ms=now_ms, stood_still_ms=round(still_s * 1000))
        heard = translate(text, node=self._node, now_ms=now_ms)
        if type(heard) is Replaced:
            self._replaced()
        self._sink(heard)


def _without(listing: Listing, new: set[LegId]) -> Listing:
    """Leave out the legs that introduce themselves."""
    connected = listing.connected
    return replace(
        listing,
        connected=replace(
            connected,
            legs=tuple(leg for leg in connected.legs if leg not in new),
            found=tuple(one for one in connected.found if one.leg not in new),
        ),
        unheard=tuple(one for one in listing.unheard if one.leg not in new),
    )
