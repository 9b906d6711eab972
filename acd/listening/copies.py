"""Copies of a leg's audio out of Asterisk: a snoop in each direction, each with a line to us.

For each direction a snoop channel and an AudioSocket channel stand in a bridge of their own.  All
of it belongs to an application of its own, so that the service hears none of these events, and all
names begin with ``ear-``, so that whatever a life has left behind is found by the next.
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import msgspec

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused, AsteriskUnreachable
from acd.core.decoding import UNREADABLE

APPLICATION = "ears"
PREFIX = "ear-"
DIRECTIONS = ("in", "out")
START_SECONDS = 5.0


class _Named(msgspec.Struct):
    """A channel or a bridge."""

    id: str


class _Event(msgspec.Struct):
    type: str
    channel: _Named | None = None


_decode = msgspec.json.Decoder(_Event).decode
_decode_list = msgspec.json.Decoder(list[_Named]).decode

Connected = Callable[[UUID, str], None]
"""Told before a copy is asked for: under which name it will come, and its direction."""


class Copies:
    """Makes copies and takes them away; one ARI client."""

    def __init__(self, ari: AriClient, *, address: str) -> None:
        """``address`` is where AudioSocket connections are taken, host:port."""
        self._ari = ari
        self._address = address
        self._starting: dict[str, asyncio.Future[None]] = {}

    def take(self, text: bytes) -> None:
        """Take in one event of the application's."""
        event = _decode(text)
        if event.type == "StasisStart" and event.channel is not None:
            started = self._starting.get(event.channel.id)
            if started is not None and not started.done():
                started.set_result(None)

    async def sweep(self) -> None:
        """Take away what an earlier life has left.  Raises ``AsteriskError``."""
        await self._ari.filter_events(("StasisStart",))
        for channel in _listed(await self._ari.channels()):
            if channel.id.startswith(PREFIX):
                await _gone(self._ari.hang_up(channel.id, reason="normal"))
        for bridge in _listed(await self._ari.bridges()):
            if bridge.id.startswith(PREFIX):
                await _gone(self._ari.destroy_bridge(bridge.id))

    async def open(self, channel: str, connected: Connected) -> "Pair":
        """Copy both directions of a channel.

        Raises ``AsteriskRefused`` with status 404 when the channel is not there, and
        ``AsteriskError`` for all else; nothing is left behind then.
        """
        pair = Pair(self._ari)
        try:
            for direction in DIRECTIONS:
                await self._open(pair, channel, direction, connected)
        except BaseException:
            await pair.close()
            raise
        return pair

    async def _open(self, pair: "Pair", channel: str, direction: str, connected: Connected) -> None:
        name = uuid4()
        snoop, socket, bridge = (f"{PREFIX}{kind}-{name}" for kind in ("snoop", "socket", "room"))
        loop = asyncio.get_running_loop()
        started = [loop.create_future() for _ in range(2)]
        self._starting |= {snoop: started[0], socket: started[1]}
        connected(name, direction)
        try:
            pair.channels.append(snoop)
            await self._ari.snoop(channel, snoop, spy=direction, whisper="none", args="")
            pair.channels.append(socket)
            await self._ari.external_audio(socket, address=self._address, name=str(name))
            pair.bridges.append(bridge)
            await self._ari.create_bridge(bridge, kind="mixing")
            async with asyncio.timeout(START_SECONDS):
                await asyncio.gather(*started)
            await self._ari.add_channels(bridge, [snoop, socket])
        except TimeoutError:
            raise AsteriskRefused(408, "The copy did not start.") from None
        finally:
            del self._starting[snoop], self._starting[socket]

    async def packets_received(self, channel: str) -> int:
        """How many RTP packets have come from a channel.  Raises ``AsteriskError``."""
        return await self._ari.packets_received(channel)


class Pair:
    """The copies of one leg."""

    def __init__(self, ari: AriClient) -> None:
        self._ari = ari
        self.channels: list[str] = []
        self.bridges: list[str] = []

    async def close(self) -> None:
        """Take them away, as far as they are there."""
        for channel in self.channels:
            await _gone(self._ari.hang_up(channel, reason="normal"))
        for bridge in self.bridges:
            await _gone(self._ari.destroy_bridge(bridge))


def _listed(answer: bytes) -> list[_Named]:
    try:
        return _decode_list(answer)
    except UNREADABLE as error:
        raise AsteriskUnreachable(f"Asterisk's list cannot be read ({error}).") from None


async def _gone(ending: Awaitable[object]) -> None:
    """Wait for an end that may have come already, or come with the end of the link: then the sweep
    of the next one is the end."""
    try:
        await ending
    except AsteriskError:
        return
