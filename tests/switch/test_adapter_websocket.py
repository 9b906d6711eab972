"""The events' websocket: read as it arrives, strict, bounded, and never silently dead.  No Asterisk
here: the far end is the `websockets` library, or bytes that no server should send."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from acd.adapters.asterisk import websocket as module
from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.websocket import (
    EVENT_BYTES_MAX,
    EventSocket,
    FrameParser,
    Opcode,
    check_upgrade,
)
from tests.switch.sip import WAIT_SECONDS

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 §1.3
ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """A frame as a server sends it."""
    size = len(payload)
    if size < 126:
        length = bytes([size])
    elif size < 65536:
        length = b"\x7e" + size.to_bytes(2)
    else:
        length = b"\x7f" + size.to_bytes(8)
    return bytes([(0x80 if final else 0) | opcode]) + length + payload


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (frame(1, b"{}"), [(Opcode.TEXT, b"{}")]),
        (frame(1, b""), [(Opcode.TEXT, b"")]),
        (frame(1, b"x" * 126), [(Opcode.TEXT, b"x" * 126)]),
        (frame(1, b"x" * 70_000), [(Opcode.TEXT, b"x" * 70_000)]),
        (frame(1, b"a") + frame(1, b"b"), [(Opcode.TEXT, b"a"), (Opcode.TEXT, b"b")]),
        (frame(1, b"a", final=False) + frame(0, b"b"), [(Opcode.TEXT, b"ab")]),
        # A ping may come between the pieces of a message (§5.4).
        (
            frame(1, b"a", final=False) + frame(9, b"p") + frame(0, b"b"),
            [(Opcode.PING, b"p"), (Opcode.TEXT, b"ab")],
        ),
        (frame(8, b"\x03\xe8"), [(Opcode.CLOSE, b"\x03\xe8")]),
    ],
    ids=["text", "empty", "16 bit", "64 bit", "two", "pieces", "ping between", "close"],
)
def test_messages_are_read_however_they_are_cut(
    data: bytes, messages: list[tuple[Opcode, bytes]]
) -> None:
    assert list(FrameParser().feed(data)) == messages
    parser = FrameParser()
    cuts = [data[start : start + 7] for start in range(0, len(data), 7)]
    assert [message for piece in cuts for message in parser.feed(piece)] == messages


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x81\x81abcde", "masked"),
        (b"\xc1\x01a", "extension"),
        (b"\x83\x01a", "unknown kind"),
        (b"\x81\x7f" + (EVENT_BYTES_MAX + 1).to_bytes(8), "too long"),
        (b"\x81\x7f" + b"\xff" * 8, "too long"),
        (frame(0, b"a"), "out of order"),
        (frame(1, b"a", final=False) + frame(1, b"b"), "out of order"),
        (frame(9, b"", final=False), "in pieces"),
        (frame(9, b"x" * 126), "in pieces"),
        (2 * frame(1, b"x" * EVENT_BYTES_MAX, final=False), "out of order"),
        (
            frame(1, b"x" * EVENT_BYTES_MAX, final=False) + frame(0, b"x"),
            "too long",
        ),
    ],
)
def test_what_no_server_may_send_ends_the_connection(data: bytes, sentence: str) -> None:
    with pytest.raises(AsteriskUnreachable, match=sentence):
        list(FrameParser().feed(data))


def test_the_upgrade_is_proved() -> None:
    check_upgrade(ANSWER + ACCEPT, key=KEY)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"SSH-2.0-OpenSSH",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 101 Switching Protocols",
        ANSWER + b"bm9wZQ==",
    ],
)
def test_an_upgrade_that_is_none(head: bytes) -> None:
    with pytest.raises(AsteriskUnreachable):
        check_upgrade(head, key=KEY)


def test_a_wrong_password_is_a_refusal() -> None:
    with pytest.raises(AsteriskRefused, match="Unauthorized") as caught:
        check_upgrade(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0", key=KEY)
    assert caught.value.status == 401


Talk = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def connected(talk: Talk, *, beat_seconds: float = 60) -> AsyncIterator[list[bytes]]:
    """What an ``EventSocket`` hears of a server that talks; both are closed at the end."""
    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        heard: list[bytes] = []
        await _hear(port, heard, beat_seconds)
        yield heard


async def _hear(port: int, heard: list[bytes], beat_seconds: float) -> None:
    socket = await _open(port, heard.append, beat_seconds)
    async with asyncio.timeout(WAIT_SECONDS):
        await socket.opened
        await socket.closed


async def _open(
    port: int, on_text: Callable[[bytes], None], beat_seconds: float = 60
) -> EventSocket:
    _, socket = await asyncio.get_running_loop().create_connection(
        lambda: EventSocket(
            path="/ari/events?app=acd",
            host="h",
            authorization="Basic eA==",
            on_text=on_text,
            beat_seconds=beat_seconds,
        ),
        "127.0.0.1",
        port,
    )
    return socket


async def test_a_real_server_is_heard_pinged_and_let_go() -> None:
    """A contract with a library that was not written by us: handshake, text, ping, close."""
    ponged = asyncio.Event()

    async def talk(server: ServerConnection) -> None:
        assert server.request is not None
        assert server.request.path == "/ari/events?app=acd"
        assert server.request.headers["Authorization"] == "Basic eA=="
        await server.send('{"type": "StasisStart"}')
        await (await server.ping())
        ponged.set()
        await server.send("护铃" * 30_000)

    async with connected(talk) as heard:
        assert ponged.is_set()
        assert heard == [b'{"type": "StasisStart"}', ("护铃" * 30_000).encode()]


async def test_an_idle_server_that_answers_pings_is_kept() -> None:
    async def talk(server: ServerConnection) -> None:
        await server.wait_closed()

    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        socket = await _open(port, lambda text: None)
        await socket.opened
        async with asyncio.timeout(WAIT_SECONDS):
            for _ in range(10):
                # By hand: a busy machine would miss those of a clock.
                socket._on_beat()
                socket._on_beat()  # nothing has come since: a ping goes out
                while not socket._heard:  # noqa: ASYNC110 (a pong is told to nobody)
                    await asyncio.sleep(0)
        assert not socket.closed.done(), "silent beats, each answered by a pong"
        socket.close()
        await socket.closed


@asynccontextmanager
async def raw_server(answer: bytes) -> AsyncIterator[int]:
    """A server that accepts the websocket and then sends these bytes, and nothing more."""
    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        digest = base64.b64encode(hashlib.sha1(key + module._ACCEPT_KEY).digest())
        writer.write(ANSWER + digest + b"\r\n\r\n" + answer)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.wait_for(gone.wait(), WAIT_SECONDS)


async def test_a_peer_gone_without_a_word_is_noticed() -> None:
    async with raw_server(b"") as port:
        socket = await _open(port, lambda text: None, beat_seconds=0.05)
        with pytest.raises(AsteriskUnreachable, match="silent"):
            await asyncio.wait_for(socket.closed, WAIT_SECONDS)


async def test_a_frame_that_comes_with_the_handshake_is_not_lost() -> None:
    heard: list[bytes] = []
    async with raw_server(frame(1, b"first") + frame(8, b"")) as port:
        await _hear(port, heard, 60)
    assert heard == [b"first"]


async def test_a_fault_of_the_reader_ends_the_link_and_is_told() -> None:
    """aioari#2: a link that goes on without its reader looks alive and hears nothing."""

    def broken(text: bytes) -> None:
        raise RuntimeError("oh")

    async with raw_server(frame(1, b"x")) as port:
        socket = await _open(port, broken)
        with pytest.raises(RuntimeError, match="oh"):
            await asyncio.wait_for(socket.closed, WAIT_SECONDS)


async def test_rubbish_ends_the_link_with_its_reason() -> None:
    async with raw_server(b"\x83\x00") as port:
        socket = await _open(port, lambda text: None)
        with pytest.raises(AsteriskUnreachable, match="unknown kind"):
            await asyncio.wait_for(socket.closed, WAIT_SECONDS)
