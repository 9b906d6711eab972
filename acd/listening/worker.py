"""The process that listens: orders on standard input, what is heard on standard output.

It lives as long as its input is open.  Its link to Asterisk may come and go: with it go all lines,
and ``Ready`` asks for them again.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import msgspec

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.backoff import Backoff
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused
from acd.adapters.asterisk.transport import Transport
from acd.adapters.listening.messages import (
    LINE_BYTES_MAX,
    Gives,
    Gone,
    Listen,
    Noticed,
    Order,
    Ready,
    Report,
    Setup,
    Stop,
)
from acd.listening.audiosocket import AudioServer, Sink
from acd.listening.copies import APPLICATION, Copies
from acd.listening.line import Line
from acd.listening.model import new_ear

STILL_SECONDS = 3.0
"""Copies bring fifty frames a second, whatever the leg does."""

_encode = msgspec.json.Encoder().encode
_decode_order = msgspec.json.Decoder(Order).decode
_decode_setup = msgspec.json.Decoder(Setup).decode


def main() -> None:
    """Work until the input ends."""
    # Ctrl-C is the service's to answer; it ends us by closing our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Not in the way of decisions: the service's own priority was inherited.
    os.setpriority(os.PRIO_PROCESS, 0, 0)
    asyncio.run(_run())


async def _run() -> None:
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    setup = _decode_setup(await orders.readline())
    worker = Worker(setup, _say)
    worker.start()
    try:
        await serve(orders, worker)
    finally:
        await worker.stop()


async def serve(orders: asyncio.StreamReader, worker: "Worker") -> None:
    """Do what is asked until the input ends.

    Raises whatever a task of the worker's has failed with: a process that is deaf must not live,
    for the service starts another when this one ends.
    """
    asked = asyncio.create_task(_take_all(orders, worker), name="orders")
    done, _ = await asyncio.wait((asked, *worker.tasks), return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    for one in done:
        one.result()


async def _take_all(orders: asyncio.StreamReader, worker: "Worker") -> None:
    while line := await orders.readline():
        worker.take(_decode_order(line))


def _say(report: Report) -> None:
    sys.stdout.buffer.write(_encode(report) + b"\n")
    sys.stdout.buffer.flush()


class Worker:
    """All lines, and the link to Asterisk."""

    def __init__(self, setup: Setup, say: Callable[[Report], None]) -> None:
        new_ear()  # a model that cannot be read is told now, not with the first caller
        self._say = say
        self._transport = Transport(url=setup.ari_url, user=setup.user, password=setup.password)
        self._ari = AriClient(self._transport, app=APPLICATION)
        self._lines: dict[str, _Listened] = {}
        self._expected: dict[UUID, Sink] = {}
        self._server = AudioServer(lambda name: self._expected.pop(name, None))
        self._copies = Copies(self._ari, address=self._server.address)
        self._linked = False
        self._task: asyncio.Task[None] | None = None

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What goes on as long as it works."""
        return [*self._server.tasks, *([] if self._task is None else [self._task])]

    def start(self) -> None:
        """Take connections, and begin to connect."""
        self._server.start()
        self._task = asyncio.create_task(self._keep_link(), name="ARI link")

    async def stop(self) -> None:
        """Take all copies away and close."""
        await self._close_lines()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._server.stop()
        await self._transport.close()

    def take(self, order: Order) -> None:
        """Do what is asked; said before ``Ready`` it is forgotten, and said again after."""
        match order:
            case Listen(channel) if self._linked and channel not in self._lines:
                self._lines[channel] = _Listened(
                    channel, self._copies, self._say, self._expected, self._ended
                )
            case Stop(channel) if channel in self._lines:
                self._lines.pop(channel).stop()

    def _ended(self, listened: "_Listened") -> None:
        if self._lines.get(listened.channel) is listened:
            del self._lines[listened.channel]

    async def _keep_link(self) -> None:
        backoff = Backoff()
        while True:
            try:
                await self._ari.load()
                socket = await self._ari.connect_events(self._copies.take)
                try:
                    await self._copies.sweep()
                    self._linked = True
                    self._say(Ready())
                    backoff.succeeded()
                    await socket.closed
                finally:
                    self._linked = False
                    socket.close()
            except AsteriskError as error:
                self._say(Noticed("listening link lost", str(error)))
            await self._close_lines()
            await asyncio.sleep(backoff.seconds())

    async def _close_lines(self) -> None:
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            line.stop()
        await asyncio.gather(*(line.closed for line in lines))


class _Listened:
    """One leg: its copies are made again when they end while the leg is there."""

    def __init__(
        self,
        channel: str,
        copies: Copies,
        say: Callable[[Report], None],
        expected: dict[UUID, Sink],
        ended: Callable[["_Listened"], None],
    ) -> None:
        self.channel = channel
        self._copies = copies
        self._say = say
        self._expected = expected
        self._on_end = ended
        self._asking: asyncio.Task[None] | None = None
        self._line = self._new_line()
        self._cut = asyncio.Event()
        self.closed = asyncio.create_task(self._life(), name=f"line {channel}")

    def stop(self) -> None:
        """Take the copies away; ``closed`` is done then."""
        self.closed.cancel()

    async def _life(self) -> None:
        backoff = Backoff()
        try:
            goes_on = True
            while goes_on:
                goes_on = await self._once()
                await asyncio.sleep(backoff.seconds() if goes_on else 0)
        except asyncio.CancelledError:
            return  # asked to end: everything has been taken away
        finally:
            if self._asking is not None:
                self._asking.cancel()
            self._on_end(self)

    async def _once(self) -> bool:
        """Listen until a copy ends; False when the leg is gone."""
        self._cut.clear()
        names: list[UUID] = []

        def connected(name: UUID, direction: str) -> None:
            names.append(name)
            self._expected[name] = _Copy(self._line, direction, self._cut)

        try:
            pair = await self._copies.open(self.channel, connected)
            try:
                await self._stands_still()
            finally:
                await asyncio.shield(pair.close())
        except AsteriskRefused as refused:
            if refused.status == 404:
                self._say(Gone(self.channel))
                return False
            self._say(Noticed("copy not made", str(refused)))
        except AsteriskError as error:
            self._say(Noticed("copy not made", str(error)))
        finally:
            for name in names:
                self._expected.pop(name, None)
        return True

    async def _stands_still(self) -> None:
        """Return when a copy has been cut, or when nothing has come for a while."""
        hops = -1
        while self._line.hops != hops:
            hops = self._line.hops
            with suppress(TimeoutError):
                await asyncio.wait_for(self._cut.wait(), STILL_SECONDS)
                return

    def _new_line(self) -> Line:
        return Line(
            new_ear(),
            changed=lambda heard: self._say(Gives(self.channel, heard)),
            ask=self._ask,
            dropped=lambda: self._say(Noticed("copy cut", self.channel)),
        )

    def _ask(self) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._count_packets(), name="packets")

    async def _count_packets(self) -> None:
        try:
            self._line.packets(await self._copies.packets_received(self.channel))
        except AsteriskError as error:
            self._say(Noticed("packets not counted", str(error)))


class _Copy:
    """One direction of a line, as a sink of its connection."""

    def __init__(self, line: Line, direction: str, cut: asyncio.Event) -> None:
        self._line = line
        self._direction = direction
        self._cut = cut

    def audio(self, samples: bytes) -> None:
        self._line.audio(self._direction, samples)

    def ended(self) -> None:
        self._cut.set()
