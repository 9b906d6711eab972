"""The HTTP underneath ARI: strict, bounded, and never sending anything twice.  No Asterisk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from acd.adapters.asterisk import AsteriskNode, NodeSettings
from acd.adapters.asterisk import transport as module
from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.gate import Gate
from acd.adapters.asterisk.transport import ReplyParser, Transport, in_query
from acd.core.ids import Node
from tests.switch.adapter import Inbox
from tests.switch.sip import WAIT_SECONDS

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (OK, (200, b"{}", True)),
        (b"HTTP/1.1 200\r\nContent-length:2\r\n\r\n{}", (200, b"{}", True)),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"", True)),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", (204, b"", True)),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", (404, b"", True)),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", (200, b"", False)),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", (200, b"", False)),
    ],
)
def test_a_reply_is_read_however_it_is_cut(data: bytes, reply: tuple[int, bytes, bool]) -> None:
    assert ReplyParser().feed(data) == reply
    parser = ReplyParser()
    *first, last = (bytes([byte]) for byte in data)
    assert [parser.feed(piece) for piece in first] == [None] * len(first)
    assert parser.feed(last) == reply


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n folded: x\r\nContent-Length: 0\r\n\r\n",
        OK + b"more than was asked for",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * module.HEAD_BYTES_MAX,
    ],
    ids=lambda data: data[:40].decode().replace("\r\n", "|"),
)
def test_what_is_not_understood_is_refused(data: bytes) -> None:
    with pytest.raises(AsteriskUnreachable):
        ReplyParser().feed(data)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("hl-1-7", "hl-1-7"),
        ("PJSIP/a8001", "PJSIP/a8001"),
        ("offer,o-1", "offer,o-1"),
        ("<021>", "%3C021%3E"),
        ("a&b=c d#e%+", "a%26b%3Dc%20d%23e%25%2B"),
        ("护", "%E6%8A%A4"),
        (9, "9"),
    ],
)
def test_values_are_escaped(value: object, text: str) -> None:
    assert in_query(value) == text


Answer = Callable[[bytes, asyncio.StreamWriter], None]


class Server:
    """What stands in for Asterisk's HTTP server; the real one is in the other files here."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()
        self._answer = answer
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                self.asked.set()
                self._answer(self.requests[-1], writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has closed
        finally:
            writer.close()
            self.closed.set()


@asynccontextmanager
async def served(
    answer: Answer, *, timeout_seconds: float = WAIT_SECONDS, gate: Gate | None = None
) -> AsyncIterator[tuple[Server, Transport]]:
    server = Server(answer)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    transport = Transport(
        url=f"http://127.0.0.1:{port}",
        user="acd",
        password="s3cret",
        timeout_seconds=timeout_seconds,
        gate=gate,
    )
    try:
        yield server, transport
    finally:
        await transport.close()
        listener.close()


async def test_a_connection_is_kept_and_used_again() -> None:
    async with served(lambda _, writer: writer.write(OK)) as (server, transport):
        for _ in range(5):
            assert (await transport.request("GET", "/ari/asterisk/ping")).json() == {}
        assert (len(server.requests), server.connections) == (5, 1)
        await asyncio.gather(*(transport.request("GET", "/x") for _ in range(10)))
        assert server.connections <= 10


async def test_over_an_idle_connection_a_request_leaves_in_the_call_itself() -> None:
    """T09: before anything is awaited, the INVITE to the agent is on its way."""
    async with served(lambda _, writer: writer.write(OK)) as (server, transport):
        await transport.request("GET", "/first")
        server.asked.clear()
        reply = transport.request("GET", "/second")
        await asyncio.wait_for(server.asked.wait(), WAIT_SECONDS)
        assert (await reply).json() == {}


async def test_no_more_connections_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTIONS_MAX", 3)
    async with served(lambda _, writer: writer.write(OK)) as (server, transport):
        await asyncio.gather(*(transport.request("GET", "/x") for _ in range(50)))
        assert len(server.requests) == 50
        assert server.connections == 3


async def test_room_for_a_connection_is_the_next_ones_when_its_taker_is_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given to a request that is cancelled before it has heard of that: whoever waits behind it
    must not wait for good."""
    monkeypatch.setattr(module, "CONNECTIONS_MAX", 1)

    def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        if not request.startswith(b"GET /silent"):
            writer.write(OK)

    async with served(answer) as (server, transport):
        silent, taker, last = [
            asyncio.create_task(transport.request("GET", path))
            for path in ("/silent", "/taker", "/last")
        ]
        await asyncio.wait_for(server.asked.wait(), WAIT_SECONDS)
        silent.cancel()
        # Behind the end of the first, which makes room, and before its taker's turn.
        asyncio.get_running_loop().call_soon(taker.cancel)
        assert (await asyncio.wait_for(last, WAIT_SECONDS)).status == 200
        assert taker.cancelled()


async def test_the_password_is_in_a_header_only() -> None:
    async with served(lambda _, writer: writer.write(OK)) as (server, transport):
        await transport.request("POST", "/ari/x", {"a": "b c"})
        first, *headers = server.requests[0].decode().split("\r\n")
        assert first == "POST /ari/x?a=b%20c HTTP/1.1"
        assert "Authorization: Basic YWNkOnMzY3JldA==" in headers
        assert "s3cret" not in repr(vars(transport))


async def test_a_refusal_has_asterisks_words() -> None:
    body = b'{"message": "Channel not found"}'
    head = b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with served(lambda _, writer: writer.write(head + body)) as (_, transport):
        with pytest.raises(AsteriskRefused, match="Channel not found") as caught:
            await transport.request("GET", "/x")
        assert caught.value.status == 404


async def test_a_connection_lost_in_mid_answer_fails_and_is_not_tried_again() -> None:
    """Most requests change something: sent twice, a phone would ring twice."""

    def half(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(OK[:20])
        writer.close()

    async with served(half) as (server, transport):
        with pytest.raises(AsteriskUnreachable, match="before it answered"):
            await transport.request("POST", "/x")
        assert len(server.requests) == 1


async def test_silence_ends_in_time_and_spoils_the_connection() -> None:
    """A late answer must never be taken for the next request's."""
    silent = True

    def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        if not silent:
            writer.write(OK)

    async with served(answer, timeout_seconds=0.3) as (server, transport):
        with pytest.raises(AsteriskUnreachable, match=r"within 0\.3 s"):
            await transport.request("GET", "/x")
        silent = False
        transport._timeout_seconds = WAIT_SECONDS  # the machine may be busy
        assert (await transport.request("GET", "/y")).status == 200
        assert server.connections == 2


async def test_whoever_waits_for_an_answer_is_told_when_the_way_to_it_is_gone() -> None:
    """A connection that carries nothing more is found out by another; nobody waits on for it."""
    async with served(lambda _, __: None) as (server, transport):
        asked = asyncio.create_task(transport.request("GET", "/x"))
        await asyncio.wait_for(server.asked.wait(), WAIT_SECONDS)
        transport.close_connections()
        with pytest.raises(AsteriskUnreachable, match="before it answered"):
            await asked


async def test_what_waited_at_the_gate_when_the_way_was_closed_is_not_sent() -> None:
    """The Asterisk behind it may be a new one, and the call that a phone was to ring for gone."""
    now_s = [0.0]
    gate = Gate(now_s=lambda: now_s[0])
    gate.confirm()
    async with served(lambda _, writer: writer.write(OK), gate=gate) as (server, transport):
        now_s[0] += 60.0
        waits = asyncio.create_task(transport.request("POST", "/ari/channels"))
        await asyncio.sleep(0)
        transport.close_connections()
        gate.confirm()
        with pytest.raises(AsteriskUnreachable, match="closed meanwhile"):
            await waits
        assert (await transport.request("POST", "/x")).json() == {}
        assert [line.split()[1] for line in server.requests] == [b"/x"]


async def test_what_waited_for_a_connection_when_the_way_was_closed_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An Asterisk that stood still under load and was started again rang phones for callers whom
    it had cut off."""
    monkeypatch.setattr(module, "CONNECTIONS_MAX", 1)

    def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        if b"/silence" not in head:
            writer.write(OK)

    async with served(answer) as (server, transport):
        asked = asyncio.create_task(transport.request("GET", "/silence"))
        await server.asked.wait()
        waits = asyncio.create_task(transport.request("POST", "/ari/channels"))
        await asyncio.sleep(0)
        transport.close_connections()
        with pytest.raises(AsteriskUnreachable, match="before it answered"):
            await asked
        with pytest.raises(AsteriskUnreachable, match="closed meanwhile"):
            await waits
        assert (await transport.request("POST", "/x")).json() == {}
        assert [line.split()[1] for line in server.requests] == [b"/silence", b"/x"]


@pytest.mark.parametrize("status", [b"404 Not Found", b"503 Service Unavailable"])
async def test_an_asterisk_that_is_still_starting_is_not_there_yet(status: bytes) -> None:
    """Its HTTP server answers before ARI is loaded, and ARI refuses until all is: a service that
    was started with it ended by that, where it waits for an Asterisk that is not there at all."""
    message = b'{"message": "Asterisk not booted"}'
    head = b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n" % (status, len(message))
    async with served(lambda _, writer: writer.write(head + message)) as (_, transport):
        settings = NodeSettings(
            node=Node("n1"),
            ari_url=transport.base,
            ari_password="s3cret",
            ami_host="127.0.0.1",
            ami_port=1,
            ami_password="s3cret",
        )
        node = AsteriskNode(settings, Inbox())
        with pytest.raises(AsteriskUnreachable, match="Asterisk not booted"):
            await node.check()
        await node.stop()


async def test_a_cancelled_request_spoils_the_connection_too() -> None:
    async with served(lambda _, __: None) as (server, transport):
        asked = asyncio.create_task(transport.request("GET", "/x"))
        await asyncio.wait_for(server.asked.wait(), WAIT_SECONDS)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await asyncio.wait_for(server.closed.wait(), WAIT_SECONDS)


async def test_a_connection_that_asterisk_has_closed_is_not_used() -> None:
    def answer_and_close(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        writer.close()

    async with served(answer_and_close) as (server, transport):
        await transport.request("GET", "/x")
        async with asyncio.timeout(WAIT_SECONDS):
            while transport.kept:  # noqa: ASYNC110 (nothing tells a test when a socket has closed)
                await asyncio.sleep(0)
        await transport.request("GET", "/y")
        assert server.connections == 2


async def test_nobody_there() -> None:
    transport = Transport(url="http://127.0.0.1:1", user="acd", password="s3cret")
    with pytest.raises(AsteriskUnreachable, match=r"127\.0\.0\.1:1") as caught:
        await transport.request("GET", "/x")
    assert "s3cret" not in str(caught.value)
    with pytest.raises(AsteriskUnreachable):
        await transport.open_events("/ari/events", {"app": "acd"}, lambda text: None)
    await transport.close()


@pytest.mark.parametrize("url", ["127.0.0.1:8088", "ftp://x", "https://x", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        Transport(url=url, user="acd", password="s3cret")
