"""HTTP to Asterisk, as lean as it can be: one request costs about 0.1 ms of our time.

aioari takes an ``http_client``; this is one.  It speaks just the HTTP/1.1 that Asterisk's server
speaks, over kept connections, and refuses everything else: an answer that we do not understand
closes the connection and fails the request, it is never guessed at.  A request is never sent
twice by itself, since most of them change something.

The password travels in a header, never in a URL, and no text made here repeats it.

A request leaves in the call of ``request`` itself when a connection is idle: an INVITE to an agent
waits for no round of the loop.  What ``request`` returns is awaited for the answer.
"""

import asyncio
import base64
import re
import socket
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlsplit

import msgspec

from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnreachable
from acd.adapters.asterisk.gate import Gate, always_open
from acd.adapters.asterisk.websocket import EventSocket
from acd.adapters.deadlines import Deadlines
from acd.core.decoding import UNREADABLE

T = TypeVar("T")

CONNECTIONS_MAX = 64
"""Half of ``sessionlimit`` in asterisk-conf/http.conf: one connection is one thread there."""

IDLE_SECONDS_MAX = 300.0
"""Half of ``session_keep_alive`` there, so that we never write into a connection being closed."""

HEAD_BYTES_MAX = 16 * 1024
BODY_BYTES_MAX = 64 * 1024 * 1024
"""``GET /channels`` is about 1 KB per channel; this is an answer about every channel there is."""

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\Z")
_LENGTH = re.compile(rb"[0-9]{1,9}\Z")
_PLAIN = re.compile(r"[A-Za-z0-9:._-]*\Z")
_PLAIN_IN_QUERY = re.compile(r"[A-Za-z0-9:._/,-]*\Z")
"""What needs no escape: most of our values, and quicker to see than to rewrite."""

_NO_BODY = frozenset({204, 304})

Answer = tuple[int, bytes, bool]
"""Status, body, and whether the connection may be kept."""


class Reply(msgspec.Struct, frozen=True):
    """An answer of Asterisk's with a status below 400."""

    status: int
    body: bytes

    async def text(self) -> str:
        """Return the body; a coroutine because aioari awaits it."""
        return self.body.decode()

    def json(self) -> Any:
        """Return the decoded body, None when it is empty.  Raises AsteriskUnreachable."""
        return self.read(Any) if self.body else None

    def read(self, kind: type[T]) -> T:
        """Return the body as ``kind``.  Raises AsteriskUnreachable when it is none."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except UNREADABLE as error:
            raise AsteriskUnreachable(f"Asterisk's answer cannot be read ({error}).") from None


class ReplyParser:
    """Bytes in, at most one reply out; strict and bounded.

    ``feed`` returns (status, body, keep) when the reply is complete, None while it is not, and
    raises ``AsteriskUnreachable`` for what is not an answer of Asterisk's kind.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._head: tuple[int, int, bool] | None = None

    def feed(self, data: bytes) -> Answer | None:
        """Add what has arrived."""
        # As nearly every answer comes: whole, and with a head as those of the same second.
        if not self._data and self._head is None:
            end = data.find(b"\r\n\r\n")
            if 0 <= end <= HEAD_BYTES_MAX:
                status, length, keep = _parse_head(data[:end])
                if len(data) == end + 4 + length:
                    return status, data[end + 4 :], keep
        self._data += data
        if self._head is None:
            end = self._data.find(b"\r\n\r\n")
            if end > HEAD_BYTES_MAX or (end < 0 and len(self._data) > HEAD_BYTES_MAX):
                raise AsteriskUnreachable("Asterisk's answer has a header that never ends.")
            if end < 0:
                return None
            self._head = _parse_head(bytes(self._data[:end]))
            del self._data[: end + 4]
        status, length, keep = self._head
        if len(self._data) < length:
            return None
        if len(self._data) > length:
            raise AsteriskUnreachable("Asterisk sent more than one answer to one request.")
        body = bytes(self._data)
        self._data.clear()
        self._head = None
        return status, body, keep


@lru_cache(maxsize=64)
def _parse_head(head: bytes) -> tuple[int, int, bool]:
    """Return (status, length of the body, whether the connection may be kept)."""
    first, *lines = head.split(b"\r\n")
    match = _STATUS_LINE.match(first)
    if match is None:
        raise AsteriskUnreachable("What answers at Asterisk's HTTP port does not speak HTTP/1.")
    status = int(match[1])
    length: int | None = None
    keep = first.startswith(b"HTTP/1.1")
    for line in lines:
        name, colon, value = line.partition(b":")
        name, value = name.lower(), value.strip()
        if not colon or not name or name != name.strip():
            raise AsteriskUnreachable("Asterisk's answer has a malformed header line.")
        if name == b"content-length":
            if length is not None or _LENGTH.match(value) is None:
                raise AsteriskUnreachable("Asterisk's answer has an impossible length.")
            length = int(value)
        elif name == b"transfer-encoding":
            raise AsteriskUnreachable("Asterisk's answer is chunked, which ARI never is.")
        elif name == b"connection":
            keep = keep and value.lower() != b"close"
    if status < 200:
        raise AsteriskUnreachable(f"Asterisk gave an interim answer ({status}).")
    if status in _NO_BODY:
        length = 0
    if length is None or length > BODY_BYTES_MAX:
        raise AsteriskUnreachable("Asterisk's answer does not say how long it is, or is too long.")
    return status, length, keep


class _Connection(asyncio.Protocol):
    """One kept connection with at most one request under way."""

    def __init__(self) -> None:
        self._parser = ReplyParser()
        self._waiter: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self.idle_since = 0.0
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asyncio.Transport by class: uvloop's has another one.
        self._transport = cast(asyncio.Transport, transport)
        self.open = True
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # uvloop would else keep what is written until the end of the loop's round.
        self._transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            self.close()  # nobody asked: whatever it is, it is not an answer
            return
        try:
            reply = self._parser.feed(data)
        except AsteriskUnreachable as error:
            self._waiter.set_exception(error)
            self.close()
            return
        if reply is not None:
            self._waiter.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(
                AsteriskUnreachable("Asterisk closed the connection before it answered.")
            )

    def ask(self, request: bytes) -> "asyncio.Future[Answer]":
        """Send one request; the future is its answer.  Whoever gives up closes the connection."""
        assert self._transport is not None
        self._transport.write(request)
        self._waiter = self._loop.create_future()
        return self._waiter

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End it without waiting for what has not been sent yet."""
        self.open = False
        if self._transport is not None:
            self._transport.abort()


class Transport:
    """Requests and one websocket to one Asterisk.

    ``url`` is the base of Asterisk's HTTP server, such as ``http://127.0.0.1:8088``.
    """

    def __init__(
        self,
        *,
        url: str,
        user: str,
        password: str,
        timeout_seconds: float = 5.0,
        gate: Gate | None = None,
    ) -> None:
        """What changes something passes the ``gate``, and waits while it is closed."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of Asterisk's HTTP server.")
        self._netloc = parts.netloc
        self.base = f"http://{parts.netloc}/"
        self._host, self._port = parts.hostname, parts.port or 80
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._authorization = f"Basic {token}"
        self._fixed = (
            f" HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: {self._authorization}\r\n"
        )
        self._timeout_seconds = timeout_seconds
        self._gate = gate or always_open()
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._count = 0
        self._closings = 0
        self._queue: deque[asyncio.Future[_Connection | None]] = deque()
        self._deadlines: Deadlines[None] = Deadlines(
            timeout_seconds, lambda asked, _: asked.set_exception(self._silence())
        )

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Coroutine[Any, Any, Reply]:
        """Send one request, now if a connection is idle; what is returned gives its reply.

        ``data`` is a JSON body.  The reply raises AsteriskRefused for a status of 400 and above,
        and AsteriskUnreachable when there is no answer within the timeout, or the gate is lost.
        """
        del headers  # aioari's are those that we send anyway
        request = self._request_bytes(method, url, params, data)
        if method != "GET" and not self._gate.is_open():
            return self._reply_when_allowed(request, self._closings)
        connection = self._take_idle()
        if connection is None:
            return self._reply_later(request, self._closings)
        return self._reply(connection, connection.ask(request))

    def sign_of_life(self, url: str, params: Mapping[str, Any]) -> Coroutine[Any, Any, Reply]:
        """Send the one POST that passes a closed gate: it is told before the gate opens that
        somebody is about to act (decision 21)."""
        return self._reply_later(self._request_bytes("POST", url, params, None), self._closings)

    async def _reply_when_allowed(self, request: bytes, closings: int) -> Reply:
        await self._gate.passed()
        return await self._reply_later(request, closings)

    async def _reply_later(self, request: bytes, closings: int) -> Reply:
        """Send the request when there is a connection for it, if the way has not been closed since
        it was made: Asterisk may have been started again, and what was meant for the calls of
        before would ring for somebody who is gone."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                connection = await self._take()
        except TimeoutError:
            raise self._silence() from None
        if self._closings != closings:
            self._discard(connection)
            raise AsteriskUnreachable("The way to Asterisk was closed meanwhile.")
        return await self._reply(connection, connection.ask(request))

    async def _reply(self, connection: _Connection, asked: "asyncio.Future[Answer]") -> Reply:
        # asyncio.timeout costs as much as all the rest of this.
        self._deadlines.add(asked, None)
        try:
            status, body, keep = await asked
        except BaseException:
            # A late answer must never be taken for the next request's.
            self._discard(connection)
            raise
        self._give_back(connection, keep=keep)
        if status >= 400:
            raise AsteriskRefused(status, _message(body))
        return Reply(status, body)

    def _silence(self) -> AsteriskUnreachable:
        return AsteriskUnreachable(f"Asterisk did not answer within {self._timeout_seconds:g} s.")

    def _request_bytes(
        self, method: str, url: str, params: Mapping[str, Any] | None, data: str | bytes | None
    ) -> bytes:
        # aioari makes whole URLs out of what Asterisk says its own name is: only the path counts.
        path = url if url.startswith("/") else urlsplit(url).path
        if params:
            path = f"{path}?{_query(params)}"
        if data is None:
            tail = "\r\n" if method == "GET" else "Content-Length: 0\r\n\r\n"
            return f"{method} {path}{self._fixed}{tail}".encode("ascii")
        body = data.encode() if isinstance(data, str) else data
        head = (
            f"{method} {path}{self._fixed}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode("ascii") + body

    def _take_idle(self) -> _Connection | None:
        """Return the connection used last, None when all are busy."""
        while self._idle:
            connection = self._idle.pop()
            idle_seconds = asyncio.get_running_loop().time() - connection.idle_since
            if connection.open and idle_seconds < IDLE_SECONDS_MAX:
                return connection
            self._discard(connection)
        return None

    async def _take(self) -> _Connection:
        """Return a connection of our own: an idle one, a new one, or the next given back."""
        loop = asyncio.get_running_loop()
        if (idle := self._take_idle()) is not None:
            return idle
        if self._count >= CONNECTIONS_MAX:
            waiter: asyncio.Future[_Connection | None] = loop.create_future()
            self._queue.append(waiter)
            try:
                handed = await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._pass_on(waiter.result())
                raise
            if handed is not None:
                return handed
        self._count += 1
        try:
            _, connection = await loop.create_connection(_Connection, self._host, self._port)
        except OSError as error:
            self._lower()
            raise AsteriskUnreachable(
                f"Asterisk's HTTP server at {self._host}:{self._port} cannot be reached "
                f"({error.strerror or error})."
            ) from None
        except BaseException:
            self._lower()
            raise
        self._all.add(connection)
        return connection

    def _give_back(self, connection: _Connection, *, keep: bool) -> None:
        if not keep or not connection.open:
            self._discard(connection)
            return
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)

    def _pass_on(self, handed: _Connection | None) -> None:
        """Who was handed a connection, or the room for one, is cancelled: it is the next one's."""
        if handed is not None:
            self._give_back(handed, keep=True)
        else:
            self._next_may_open()

    def _discard(self, connection: _Connection) -> None:
        self._all.discard(connection)
        connection.close()
        self._lower()

    def _lower(self) -> None:
        """One connection fewer: whoever waits may open one instead."""
        self._count -= 1
        self._next_may_open()

    def _next_may_open(self) -> None:
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def open_events(
        self, path: str, params: Mapping[str, Any], on_text: Callable[[bytes], None]
    ) -> EventSocket:
        """Open the events' websocket; ``on_text`` gets each message as it arrives.

        Raises AsteriskRefused (401 for a wrong password) or AsteriskUnreachable.
        """
        opened = None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                _, opened = await asyncio.get_running_loop().create_connection(
                    lambda: EventSocket(
                        path=f"{path}?{_query(params)}",
                        host=self._netloc,
                        authorization=self._authorization,
                        on_text=on_text,
                    ),
                    self._host,
                    self._port,
                )
                await opened.opened
        except BaseException as error:
            if opened is not None:
                opened.close()
            if not isinstance(error, OSError | TimeoutError):
                raise
            raise AsteriskUnreachable(
                f"Asterisk's websocket cannot be opened ({type(error).__name__})."
            ) from None
        return opened

    @property
    def kept(self) -> int:
        """How many open connections wait for a request."""
        return sum(connection.open for connection in self._idle)

    def close_connections(self) -> None:
        """End every connection, because Asterisk has been restarted or the way to it is gone.
        Whoever waits for an answer is told at once: it would not come.  What waits at the gate is
        not sent."""
        self._closings += 1
        while self._idle:
            self._discard(self._idle.pop())
        for connection in tuple(self._all):
            connection.abort()

    async def close(self) -> None:
        """Close everything; aioari awaits it."""
        self.close_connections()
        self._deadlines.stop()


def _query(params: Mapping[str, Any]) -> str:
    return "&".join([f"{key}={in_query(value)}" for key, value in params.items()])


def in_path(value: object) -> str:
    """Return a value as it stands in the path of a URL."""
    text = str(value)
    return text if _PLAIN.match(text) else quote(text, safe="")


def is_plain_in_query(text: str) -> bool:
    """Tell whether a text stands behind the path as it is."""
    return _PLAIN_IN_QUERY.match(text) is not None


def in_query(value: object) -> str:
    """Return a value as it stands behind the path, where ``/``, ``,`` and ``:`` mean nothing."""
    text = str(value)
    return text if is_plain_in_query(text) else quote(text, safe="/,:")


def _message(body: bytes) -> str:
    """Return Asterisk's own words from an error's body: ``{"message": "…"}``."""
    try:
        found = msgspec.json.decode(body)
    except UNREADABLE:
        return body[:200].decode(errors="replace")
    message = found.get("message", found.get("error")) if isinstance(found, dict) else None
    return str(message if message is not None else found)[:200]
