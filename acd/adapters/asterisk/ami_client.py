"""AMI through panoramisk, and the only file that knows panoramisk.

panoramisk parses the protocol and matches answers to actions.  It would also reconnect by itself
at a fixed pace, and send unanswered actions again after that, so that an old Originate would become
a ghost call; therefore each connection gets a manager of its own, which is thrown away with it, and
connecting again is our own affair.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from acd.adapters.asterisk.errors import AsteriskRefused, AsteriskUnfit, AsteriskUnreachable
from acd.adapters.deadlines import Deadlines

TIMEOUT_SECONDS = 5.0
PING_SECONDS = 3.0
PONG_SECONDS = 2.0
"""So often it is asked whether the connection really stands, and so long an answer may take: one
that went away without a word is noticed within both together."""

MUTATING = (
    "originate",
    "redirect",
    "hangup",
    "mixmonitor",
    "stopmixmonitor",
    "controlplayback",
    "setvar",
    "dbput",
    "dbdel",
)
"""Never to be sent again: a manager here has no second connection, and this says so twice."""

NO_ANSWER = "Asterisk's AMI does not answer."

MESSAGE_CHARS_MAX = 1024 * 1024
"""Of one message; the longest of ours has some hundred."""

AmiEvent = Mapping[str, Any]

_PLAIN = (b"Event: Newchannel\r\n", b"Event: DeviceStateChange\r\n")
"""What comes with each call, and nearly always alone."""

TOLD = "told-"
"""Begins the ActionID of what is told; panoramisk's begin otherwise."""

_PLAIN_OR_ANSWER = (*_PLAIN, f"Response: Success\r\nActionID: {TOLD}".encode())

_CLOSED = "Asterisk closed the AMI connection."

_log = structlog.get_logger(__name__)


class AmiClient:
    """One login.  ``on_event`` gets every event that manager.conf lets through."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        password: str,
        on_event: Callable[[AmiEvent], None],
    ) -> None:
        self._address = (host, port)
        self._deadlines = Deadlines(TIMEOUT_SECONDS, _give_up)
        self._manager = _Manager(
            username=user,
            secret=password,
            # Ours asks whether the other side is there; panoramisk's does not read the answer.
            ping_delay=10**8,
            forgetable_actions=("ping", "login", *MUTATING),
        )
        self._manager.loop = asyncio.get_running_loop()
        self._manager.closed = self._manager.loop.create_future()
        self._manager.on_plain = on_event
        self._manager.register_event("*", lambda _, event: on_event(event))

    async def connect(self) -> None:
        """Log in.  Raises AsteriskUnreachable, or AsteriskUnfit when the password is wrong."""
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[Any] = loop.create_future()
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                opened.set_result(await loop.create_connection(self.protocol, *self._address))
                self._manager.connection_made(opened)
                answer = await self._unless_closed(self._manager.authenticated_future)
        except TimeoutError:
            self.close()
            raise AsteriskUnreachable(NO_ANSWER) from None
        except OSError as error:
            host, port = self._address
            raise AsteriskUnreachable(
                f"Asterisk's AMI at {host}:{port} cannot be reached ({error.strerror or error})."
            ) from None
        if not answer.success:
            self.close()
            raise AsteriskUnfit(
                "Asterisk refuses the AMI password of its user acd: HULING_AMI_PASSWORD or "
                "ami_password in secrets.json must be the secret in Asterisk's manager.conf."
            )

    def protocol(self) -> asyncio.Protocol:
        """Return what takes in the bytes of this client's one connection."""
        return _Protocol(self._manager)

    async def ask(self, action: str, **fields: str) -> list[AmiEvent]:
        """Send an action and return the events it lists; none when there is nothing to list."""
        return await self._ask(action, fields, TIMEOUT_SECONDS)

    async def _ask(
        self, action: str, fields: Mapping[str, str], patience_seconds: float
    ) -> list[AmiEvent]:
        future = self._manager.send_action({"Action": action, **fields})
        try:
            async with asyncio.timeout(patience_seconds):
                answer = await self._unless_closed(future)
        except TimeoutError:
            raise AsteriskUnreachable(f"Asterisk's AMI does not answer to {action}.") from None
        if isinstance(answer, list):
            return [event for event in answer if "event" in event]
        message = str(answer.message)
        # An empty list is told as an error by some actions ("No Contacts found").
        if answer.success or (message.startswith("No ") and not message.startswith("No such ")):
            return []
        raise AsteriskRefused(400, f"{action}: {message}")

    async def tell(self, action: str, **fields: str) -> None:
        """Send an action whose answer is yes or no, at less than half of what ``ask`` costs.

        Raises AsteriskRefused with Asterisk's reason, and AsteriskUnreachable."""
        answered = self._manager.protocol.tell(action, fields)
        self._deadlines.add(answered, action)
        answer = await answered
        if answer.get("Response") != "Success":
            raise AsteriskRefused(400, f"{action}: {answer.get('Message', '')}")

    async def wait_closed(self, seconds: float) -> bool:
        """Wait for the end of the connection for so long, and return whether it has come; asks
        every so often whether the connection really stands."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        closed = self._manager.closed
        while not closed.done() and (left := until - loop.time()) > 0:
            await asyncio.wait({closed}, timeout=min(PING_SECONDS, left))
            if not closed.done():
                await self._ask("Ping", {}, PONG_SECONDS)
        return closed.done()

    async def _unless_closed(self, future: "asyncio.Future[Any]") -> Any:
        closed = self._manager.closed
        await asyncio.wait({future, closed}, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            raise AsteriskUnreachable(_CLOSED)
        return future.result()

    def close(self) -> None:
        """End the connection."""
        self._manager.close()
        self._deadlines.stop()


def _give_up(answered: "asyncio.Future[AmiEvent]", action: str) -> None:
    answered.set_exception(AsteriskUnreachable(f"Asterisk's AMI does not answer to {action}."))


class _Manager(Manager):  # type: ignore[misc]  # panoramisk is untyped
    """panoramisk's, but it does not reconnect: it only says that the connection has ended."""

    closed: "asyncio.Future[None]"
    protocol: "_Protocol"
    on_plain: Callable[[AmiEvent], None]

    def close(self) -> None:
        # Closed from here, the protocol does not tell it: whoever waits for an answer hears it.
        super().close()
        self.connection_lost(None)

    def connection_lost(self, exc: object) -> None:
        del exc
        if not self.closed.done():
            self.closed.set_result(None)


class _Protocol(AMIProtocol):  # type: ignore[misc]
    """panoramisk's, but it knows its manager from the first byte on, and what it cannot read ends
    the connection."""

    def __init__(self, manager: _Manager) -> None:
        super().__init__()
        self._manager = manager
        self._told: dict[str, asyncio.Future[AmiEvent]] = {}
        """Actions that panoramisk does not know of, by their ActionID."""
        self._count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.factory = self._manager

    def send(self, data: Mapping[str, str], as_list: bool | None = False) -> "asyncio.Future[Any]":
        # Written to a connection whose end is still to be told, panoramisk would complain; who has
        # asked waits for that end as well, and hears of it.
        if self.transport.is_closing():
            return asyncio.get_running_loop().create_future()
        return super().send(data, as_list=as_list)  # type: ignore[no-any-return]

    def tell(self, action: str, fields: Mapping[str, str]) -> "asyncio.Future[AmiEvent]":
        """Send an action; the future is its answer."""
        answered: asyncio.Future[AmiEvent] = asyncio.get_running_loop().create_future()
        if self.transport.is_closing():
            answered.set_exception(AsteriskUnreachable(_CLOSED))
            return answered
        self._count += 1
        name = f"{TOLD}{self._count}"
        lines = [f"Action: {action}", f"ActionID: {name}"]
        for key, value in fields.items():
            if "\r" in value or "\n" in value:
                raise ValueError(f"{key} of {action} is more than one line")
            lines.append(f"{key}: {value}")
        self._told[name] = answered
        self.transport.write("\r\n".join([*lines, "\r\n"]).encode())
        return answered

    def handle_message(self, message: Any) -> None:
        # Answered by panoramisk's reading of it: something else came along with it.
        if not self._is_told(message):
            super().handle_message(message)

    def _is_told(self, answer: AmiEvent) -> bool:
        """Take an answer to what was told; tell whether it is one."""
        answered = self._told.pop(str(answer.get("ActionID", "")), None)
        if answered is None:
            return False
        if not answered.done():
            answered.set_result(answer)
        return True

    def close(self) -> None:
        # Called when the connection has ended as well.  Closed from here, it may not end before
        # somebody reads who stands still.
        for answered in self._told.values():
            if not answered.done():
                answered.set_exception(AsteriskUnreachable(_CLOSED))
        self._told.clear()
        super().close()

    def data_received(self, data: bytes) -> None:
        # The edge of a callback: a fault here must end this connection, with its reason told.
        try:
            # A ring waits for a new channel: read here it takes a third of the time.
            if not any(self.queue) and self._is_plain(data):
                return
            super().data_received(data)
        except Exception:
            _log.exception("What AMI has sent cannot be read.")
            self.transport.close()
        if sum(map(len, self.queue)) > MESSAGE_CHARS_MAX:
            _log.error("AMI has sent a message that never ends.")
            self.transport.close()

    def _is_plain(self, data: bytes) -> bool:
        """Read what comes with each call by itself; tell whether this was nothing else."""
        if (event := plain_event(data)) is not None:
            self._manager.on_plain(event)
            return True
        messages = plain_messages(data)
        for message in messages:
            if "Event" in message:
                self._manager.on_plain(message)
            elif not self._is_told(message):
                _log.warning("AMI has answered to what nobody has asked any more.")
        return bool(messages)


def plain_messages(data: bytes) -> list[AmiEvent]:
    """Return the messages that these bytes are when each is plain (``plain_event``) or an answer to
    what was told, and whole; else none."""
    if not data.startswith(_PLAIN_OR_ANSWER) or not data.endswith(b"\r\n\r\n"):
        return []
    found: list[AmiEvent] = []
    for part in data[:-4].split(b"\r\n\r\n"):
        fields = _fields(part) if part.startswith(_PLAIN_OR_ANSWER) else None
        if fields is None or ("ActionID" in fields) is ("Event" in fields):
            return []
        found.append(fields)
    return found


def plain_event(data: bytes) -> AmiEvent | None:
    """Return the one event of ``_PLAIN`` that these bytes are, None when they are anything else, or
    less or more: whatever stands in its fields, it cannot be two events or say anything twice.  One
    with an ActionID belongs to an answer, and is none."""
    if not data.startswith(_PLAIN) or data.find(b"\r\n\r\n") != len(data) - 4:
        return None
    fields = _fields(data[:-4])
    return fields if fields is not None and "ActionID" not in fields else None


def _fields(part: bytes) -> dict[str, str] | None:
    """Return a message's fields; None when a line is none, or a field comes twice."""
    try:
        lines = part.decode().split("\r\n")
        fields = dict([line.split(": ", 1) for line in lines])
    except ValueError:
        return None
    return fields if len(fields) == len(lines) else None
