"""A real adapter on a real Asterisk, with an inbox that a test can wait on."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from acd.adapters.asterisk import AsteriskNode, Gate, NodeSettings, Phone, Trunk
from acd.adapters.asterisk.accounts import Accounts
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.errors import AsteriskRefused
from acd.adapters.asterisk.heard import ChannelArrived, LinkChanged
from acd.adapters.asterisk.listing import legs_of
from acd.adapters.asterisk.transport import Transport
from acd.core.events import CodeDialled, Event, PhoneReported, SwitchConnected
from acd.core.ids import CallId, LegId, Node, OfferId, PhoneId, RoomId, TrunkId
from servers.stack import Stack
from tests.switch import sip

WAIT_SECONDS = 60.0

NODE = Node("n1")
CALL = CallId("call-1")
OFFER = OfferId("offer-1")
TRUNKS = (
    Trunk(name=TrunkId("carrier-a"), addresses=("127.0.0.0/9",), trusts_asserted=True),
    Trunk(name=TrunkId("carrier-b"), addresses=("127.128.0.0/9",)),
)
PHONES = tuple(
    Phone(name=PhoneId(name), password=f"secret of {name}", display=f"坐席 {name[1:]}")
    for name in ("a7001", "a7002")
)

_numbers = itertools.count(1)

E = TypeVar("E", bound=object)
Heard = Event | ChannelArrived | CodeDialled | LinkChanged


class Inbox:
    """A ``SwitchInbox`` that remembers."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.counts: Counter[str] = Counter()
        self._changed = asyncio.Event()

    def put(self, event: Heard) -> None:
        self.heard.append(event)
        self._changed.set()

    def serve(self, event: Heard) -> None:
        """Nobody decides here."""
        self.put(event)

    def count(self, what: str, key: str) -> None:
        del key
        self.counts[what] += 1
        self._changed.set()

    def all(self, kind: type[E]) -> list[E]:
        """Return what came of this kind, in order."""
        return [event for event in self.heard if isinstance(event, kind)]

    async def wait(
        self, kind: type[E], condition: Callable[[E], bool] = lambda _: True, *, since: int = 0
    ) -> E:
        """Return the first event of this kind that holds, from position ``since`` on."""

        def found() -> list[E]:
            return [e for e in self.heard[since:] if isinstance(e, kind) and condition(e)]

        await self.until(lambda: bool(found()), kind.__name__)
        return found()[0]

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it holds; look again whenever something has come."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(
                f"waited in vain for {what}; heard {self.heard[-12:]}, counted {self.counts}"
            ) from None

    def mark(self) -> int:
        """Return the position behind what has come so far."""
        return len(self.heard)


def settings_of(stack: Stack) -> NodeSettings:
    """Where the session's Asterisk is, and how to log in."""
    host, port = stack.settings.ami_address
    return NodeSettings(
        node=NODE,
        ari_url=stack.settings.ari_address,
        ari_password=stack.secrets.ari_password,
        ami_host=host,
        ami_port=port,
        ami_password=stack.secrets.ami_password,
    )


class Wire:
    """A TCP connection's middle, where a test can cut it, keep it cut, or hold an answer back."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._cut = False
        self._hold_at: bytes | None = None
        self._asked: asyncio.StreamWriter | None = None
        """To whom the answer goes that is to be held."""
        self.held = asyncio.Event()
        """Set when that answer is here: what happens from now on is not in it."""
        self._go_on = asyncio.Event()

    async def open(self) -> int:
        """Return the port to connect to."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """End all connections and accept no more."""
        self._cut = True
        for end in list(self._ends):
            end.transport.abort()

    def mend(self) -> None:
        """Accept connections again."""
        self._cut = False

    def hold(self, request: bytes) -> None:
        """Let the next request that begins so through, but not its answer, until ``release``."""
        self._hold_at = request

    def release(self) -> None:
        self._go_on.set()

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._join(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            await asyncio.gather(
                self._ask(reader, far_writer, asks=writer), self._answer(far_reader, writer)
            )
        except ConnectionError:
            pass  # it was cut: that is what we are here for
        finally:
            self._ends -= ends
            for end in ends:
                end.transport.abort()

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        asks: asyncio.StreamWriter,
    ) -> None:
        while data := await reader.read(65536):
            if self._hold_at is not None and data.startswith(self._hold_at):
                self._hold_at, self._asked = None, asks
            writer.write(data)
        raise ConnectionResetError

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            # Events are frames of the websocket and are not held.
            if data.startswith(b"HTTP/"):
                if writer is self._asked:
                    self.held.set()
                if self.held.is_set():
                    await self._go_on.wait()
            writer.write(data)
        raise ConnectionResetError


class Desk:
    """An adapter under test with all that belongs to a test."""

    def __init__(
        self,
        stack: Stack,
        settings: NodeSettings,
        expects: Callable[[ChannelArrived], bool] | None,
        gate: Gate | None,
    ) -> None:
        self.stack = stack
        self.inbox = Inbox()
        self.switch = AsteriskNode(settings, self.inbox, expects=expects, gate=gate)
        self._phones: list[sip.Phone] = []
        self._ari = Transport(
            url=stack.settings.ari_address, user="acd", password=stack.secrets.ari_password
        )

    async def phone(self, user: str = "a7001") -> sip.Phone:
        """Return an agent's phone, registered and reported so."""
        password = next(phone.password for phone in PHONES if phone.name == user)
        phone = sip.Phone(user, server=self.address, password=password)
        self._phones.append(phone)
        await phone.open()
        assert await phone.register() == 200
        await self.inbox.wait(PhoneReported, lambda event: event.phone == user and event.registered)
        return phone

    async def terminal(self, number: str = "02160000001", *, host: str = "127.0.0.1") -> sip.Phone:
        """Return a caller on a trunk."""
        phone = sip.Phone(number, server=self.address)
        self._phones.append(phone)
        return await phone.open(host)

    async def arrival(self, called: str = "95001") -> tuple[sip.Call, LegId]:
        """Place a call and return it with the leg that it has become."""
        since = self.inbox.mark()
        call = await (await self.terminal()).call(called)
        arrived = await self.inbox.wait(ChannelArrived, since=since)
        return call, arrived.leg

    @property
    def address(self) -> tuple[str, int]:
        return self.stack.settings.local_host, self.stack.settings.sip_port

    def new_leg(self) -> LegId:
        return LegId(f"{NODE}:hl-test-{next(_numbers)}")

    def new_room(self) -> RoomId:
        return RoomId(f"{NODE}:hl-room-test-{next(_numbers)}")

    async def ari(self, method: str, path: str, **query: str) -> object:
        """Ask Asterisk directly, past the adapter."""
        return (await self._ari.request(method, f"/ari{path}", query)).json()

    async def legs(self) -> tuple[LegId, ...]:
        """Return the legs that Asterisk has now."""
        reply = await self._ari.request("GET", "/ari/channels")
        return legs_of(reply.body, node=NODE, app="acd")

    async def cli(self, command: str) -> str:
        return await asyncio.to_thread(self.stack.cli, command)

    async def close(self) -> None:
        """Hang up what is left and delete the accounts: the next test starts from nothing.  Some
        caller may still be in the dialplan, on their way to the application."""
        for phone in self._phones:
            phone.close()
        async with asyncio.timeout(60):
            while left := await self._left():
                for path in left:
                    with suppress(AsteriskRefused):  # gone meanwhile, by itself or with another
                        await self._ari.request("DELETE", path)
        await self.switch.sync_accounts([], [])
        await self.switch.stop()
        await self._ari.close()

    async def _left(self) -> list[str]:
        """Return what is still in Asterisk, as ARI's addresses."""
        return [
            f"/ari/{kind}/{one['id']}"
            for kind in ("channels", "bridges")
            for one in (await self._ari.request("GET", f"/ari/{kind}")).json()
        ]


@asynccontextmanager
async def accounts_of(stack: Stack) -> AsyncIterator[Accounts]:
    """The SIP accounts of an Asterisk, as a service finds them that knows nothing of them yet."""
    transport = Transport(
        url=stack.settings.ari_address, user="acd", password=stack.secrets.ari_password
    )
    try:
        ari = AriClient(transport, app="acd")
        await ari.load()
        yield Accounts(ari)
    finally:
        await transport.close()


@asynccontextmanager
async def open_desk(
    stack: Stack,
    settings: NodeSettings | None = None,
    *,
    expects: Callable[[ChannelArrived], bool] | None = None,
    gate: Gate | None = None,
) -> AsyncIterator[Desk]:
    """Connect an adapter, push trunks and phones, and leave nothing behind."""
    desk = Desk(stack, settings or settings_of(stack), expects, gate)
    try:
        await desk.switch.start("first")
        await desk.inbox.wait(SwitchConnected)
        await desk.switch.sync_accounts(TRUNKS, PHONES)
        yield desk
    finally:
        await desk.close()
