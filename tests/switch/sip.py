"""A telephone of a few lines: real SIP over UDP, with every byte in the test's hand.

It speaks as much SIP as a test needs to say something exact, or something wrong: a caller without
a name, a header of four kilobytes, an answer 50 ms before a hang-up.  For load there is SIPp, for
ordinary phones pjsua2.
"""

import asyncio
import hashlib
import itertools
import re
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Self, cast
from urllib.parse import quote

WAIT_SECONDS = 60.0
"""Generous: a machine that stands still for a while has done nothing wrong."""
PACKET_MAX = 2048
KEY_APART = 50
"""In frames of 20 ms: no key has the time stamp of another."""

_numbers = itertools.count(1)


PCMU, PCMA = 0, 8
CODINGS = {PCMU: "PCMU", PCMA: "PCMA"}
"""G.711, as RTP payload types and as they are called in SDP."""


class Message:
    """One SIP message as it came."""

    def __init__(self, data: bytes) -> None:
        text = data.decode(errors="replace")
        head, _, self.body = text.partition("\r\n\r\n")
        self.first, *self.lines = head.split("\r\n")
        self.is_reply = self.first.startswith("SIP/2.0 ")
        self.code = int(self.first.split()[1]) if self.is_reply else 0
        self.method = (self["CSeq"].split() or ["?"])[-1]

    def __getitem__(self, name: str) -> str:
        """Return the first header of that name, empty when there is none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Return all headers of that name."""
        prefix = name.lower() + ":"
        return [
            line.partition(":")[2].strip() for line in self.lines if line.lower().startswith(prefix)
        ]

    def __repr__(self) -> str:
        return f"<{self.first}>"


class Audio:
    """An RTP port: counts what comes, sends what it is told to, as one stream.

    Its numbers go on whoever speaks next, as with a telephone.  Asterisk takes a stream that jumps
    back for packets out of order, which reach the other telephone, but no recording and no
    TALK_DETECT (seen on 22.10.1: up to a hundred back, and half of all numbers ahead)."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.keys: list[int] = []
        """Codes of telephone events that came, one per packet."""
        self.changed = asyncio.Event()
        self._number = self._key = self._begun = self._ahead = 0
        self.port = 0
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Bind a port at once: a call is known from its INVITE on, which may come again."""
        self._socket = opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setblocking(False)
        opened.bind(("127.0.0.1", 0))
        self.port = opened.getsockname()[1]
        asyncio.get_running_loop().add_reader(opened, self._read, opened)

    def _read(self, opened: socket.socket) -> None:
        with suppress(BlockingIOError):
            while True:
                self._received(opened.recv(PACKET_MAX))

    def _received(self, data: bytes) -> None:
        if len(data) >= 12 and data[1] & 0x7F == 101:
            self.keys.append(data[12])
        elif len(data) >= 12 and data[1] & 0x7F < 72:  # RTP, not RTCP
            self.received.append(data[12:])
            self.changed.set()

    def begin(self) -> None:
        """Begin to say something: what is sent from now on is later than all before."""
        self._begun = self._ahead

    def send(self, payload: bytes, *, to: int, number: int) -> None:
        """Send one A-law packet of 20 ms, the ``number``-th of what is said."""
        if number == 0:
            self.begin()
        self.send_packet(8, payload, to=to, stamp=number)

    def send_packet(self, kind: int, payload: bytes, *, to: int, stamp: int) -> None:
        """Send one RTP packet; ``stamp`` counts 20 ms since ``begin``."""
        stamp += self._begun
        self._ahead = max(self._ahead, stamp + 1)
        self._send(kind, payload, to, stamp)

    def send_event(self, payload: bytes, *, to: int, number: int) -> None:
        """Send one packet of a telephone event; all of one key carry the same time stamp, and the
        next key another: with the same it would be taken for the same key again."""
        if number == 0:
            self._key = self._ahead
            self._ahead += KEY_APART
        self._send((0x80 if number == 0 else 0) | 101, payload, to, self._key)

    def _send(self, kind: int, payload: bytes, to: int, stamp: int) -> None:
        self._number += 1
        head = bytes([0x80, kind]) + (self._number % (1 << 16)).to_bytes(2, "big")
        head += (stamp * 160 % (1 << 32)).to_bytes(4, "big")
        self.send_raw(head + b"\0\0\0\1" + payload, to=to)

    def send_raw(self, packet: bytes, *, to: int) -> None:
        """Send any packet; nothing once it is closed, and as long as nobody has said where to."""
        if self._socket is not None and to:
            with suppress(BlockingIOError):  # lost, as on any network
                self._socket.sendto(packet, ("127.0.0.1", to))

    def close(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None


class Call:
    """One dialog, placed or received."""

    def __init__(self, phone: "Phone", call_id: str) -> None:
        self.phone = phone
        self.id = call_id
        self.audio = Audio()
        self.invite: Message | None = None
        """The INVITE that came, for a received call."""
        self.replies: list[Message] = []
        """Replies to our INVITE, for a placed call."""
        self.ended: Message | str = ""
        """The BYE or CANCEL that came, or what we ended it with."""
        self.reasons: list[str] = []
        """What each BYE and CANCEL that came gave as its reason: our 200 may cross a CANCEL, and a
        BYE follows."""
        self.acknowledged = False
        self.crosses = False
        """Whether we have picked up when a CANCEL comes: our 200 crosses it."""
        self.told = ""
        """What NOTIFY has said of a transfer, all of it."""
        self.replied = 0
        """The last status that we have replied to a received INVITE."""
        self.tag = secrets.token_hex(4)
        self.target = ""
        self.local = ""
        self.remote = ""
        self.sequence = 1
        self.branch = ""
        """Of the last INVITE that we have sent."""
        self.branches: dict[str, str] = {}
        """Of each, by its CSeq."""

    # ── A call that was placed ───────────────────────────────────────────────────────────────

    @property
    def code(self) -> int:
        """The last reply's status, 0 before the first."""
        return self.replies[-1].code if self.replies else 0

    async def until(self, condition: "Callable[[Call], bool]", what: str) -> Self:
        """Wait until it holds."""
        await self.phone.until(lambda: condition(self), what)
        return self

    async def answered(self) -> Self:
        return await self.until(lambda call: call.code == 200, "200 OK")

    async def ringing(self) -> Self:
        return await self.until(lambda call: call.code in (180, 183), "180 Ringing")

    async def over(self) -> Self:
        """Wait until the other side has ended or refused it; one that we have given up is over
        when the other side has said so."""
        return await self.until(_is_over, "the end")

    def cancel(self) -> None:
        """Give up before the answer.  A 200 that crosses this is ended by BYE as soon as it comes
        (RFC 3261 9.1), as by any telephone."""
        self.ended = "CANCEL"
        self.phone.send(
            f"CANCEL {self.target} SIP/2.0",
            {"From": self.local, "To": f"<{self.target}>", "CSeq": f"{self.sequence} CANCEL"},
            call_id=self.id,
            branch=self.branch,
        )

    # ── A call that was received ─────────────────────────────────────────────────────────────

    def reply(
        self, status: str, *, sdp: bool = False, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer the INVITE with any status line, such as ``486 Busy Here``."""
        assert self.invite is not None
        self.replied = int(status.split()[0])
        self.phone.reply(
            self.invite, status, tag=self.tag, body=self.sdp() if sdp else "", headers=headers
        )

    def ring(self) -> None:
        self.reply("180 Ringing")

    def answer(self) -> None:
        self.reply("200 OK", sdp=True)

    # ── Both ─────────────────────────────────────────────────────────────────────────────────

    def hang_up(self) -> None:
        """Send BYE; CANCEL as long as our own INVITE has no answer.  Whoever sees in Asterisk that
        a caller has been joined may be here before the caller's 200 is, and a BYE of no dialog
        would leave the call where it is."""
        if self.invite is None and self.code < 200:
            self.cancel()
            return
        self.ended = "BYE"
        self.sequence += 1
        self.phone.send(
            f"BYE {self.target} SIP/2.0",
            {"From": self.local, "To": self.remote, "CSeq": f"{self.sequence} BYE"},
            call_id=self.id,
        )

    def send_digit(self, digit: str) -> None:
        """Press a key: RFC 4733 events with the end marked three times."""
        code = "0123456789*#ABCD".index(digit)
        for number, (end, duration) in enumerate([(0, 160), (0, 320), *[(0x80, 480)] * 3]):
            self.audio.send_event(
                bytes([code, end | 10]) + duration.to_bytes(2, "big"),
                to=self.media_port,
                number=number,
            )

    def reinvite(self, direction: str) -> None:
        """Offer the media anew: ``sendonly`` holds, ``sendrecv`` takes back."""
        self.sequence += 1
        self.phone.send(
            f"INVITE {self.target} SIP/2.0",
            {"From": self.local, "To": self.remote, "CSeq": f"{self.sequence} INVITE"},
            call_id=self.id,
            body=self.sdp(direction),
        )

    def refer(self, number: str, *, replaces: "Call | None" = None) -> None:
        """Ask for a transfer (RFC 3515): blind, or to the far end of another call of this phone's
        own (RFC 3891)."""
        self.sequence += 1
        host, port = self.phone.server
        self.told = ""
        put = "" if replaces is None else f"?Replaces={quote(replaces.dialog, safe='')}"
        self.phone.send(
            f"REFER {self.target} SIP/2.0",
            {
                "From": self.local,
                "To": self.remote,
                "CSeq": f"{self.sequence} REFER",
                "Refer-To": f"<sip:{number}@{host}:{port}{put}>",
                "Referred-By": f"<sip:{self.phone.user}@{host}>",
            },
            call_id=self.id,
        )

    @property
    def dialog(self) -> str:
        """The dialog as a Replaces header names it to the other side."""
        theirs, ours = (one.partition(";tag=")[2] for one in (self.remote, self.local))
        return f"{self.id};to-tag={theirs};from-tag={ours}"

    def sdp(self, direction: str = "sendrecv") -> str:
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.audio.port} RTP/AVP {self.phone.payload} 101\r\n"
            f"a=rtpmap:{self.phone.payload} {CODINGS[self.phone.payload]}/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
            f"a={direction}\r\n"
        )

    @property
    def media_port(self) -> int:
        """Where Asterisk wants our audio."""
        message = self.invite or self.replies[-1]
        match = re.search(r"m=audio (\d+)", message.body)
        return int(match[1]) if match else 0


def _is_over(call: Call) -> bool:
    return call.code >= 300 or (bool(call.ended) and call.ended != "CANCEL")


class Phone(asyncio.DatagramProtocol):
    """A SIP user at 127.0.0.1; answers OPTIONS by itself unless ``deaf``."""

    def __init__(self, user: str, *, server: tuple[str, int], password: str = "") -> None:
        self.user = user
        self.password = password
        self.server = server
        self.port = 0
        self.deaf = False
        self.payload = PCMA
        """How it codes its audio, and wants to have it coded: an RTP payload type."""
        self.calls: dict[str, Call] = {}
        self.received: list[Message] = []
        self.heard_at: list[float] = []
        """When each of them came, seconds of the monotonic clock."""
        self._changed = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None
        self._lost = asyncio.Event()
        self._register_id = secrets.token_hex(8)

    # ── What a test does ─────────────────────────────────────────────────────────────────────

    async def open(self, host: str = "127.0.0.1", port: int = 0) -> Self:
        """Bind a port: of its own, or where an operator is to be found."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        return self

    async def register(self, *, expires: int = 300) -> int:
        """Register with digest; return the final status."""
        reply = await self._register_once(expires, "")
        if reply.code == 401 and self.password:
            reply = await self._register_once(expires, self._authorization(reply, "REGISTER"))
        return reply.code

    async def call(
        self,
        number: str,
        *,
        from_: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """Send an INVITE; ``from_`` is the From header's address, tag excepted.

        A phone with a password answers one challenge.
        """
        call = Call(self, f"{next(_numbers)}-{secrets.token_hex(8)}")
        call.audio.open()
        self.calls[call.id] = call
        at = f"{self.server[0]}:{self.server[1]}"
        call.target = f"sip:{number}@{at}" if number else f"sip:{at}"
        who = f"<sip:{self.user}@127.0.0.1>" if from_ is None else from_
        call.local = f"{who};tag={call.tag}"
        self._invite(call, dict(headers or {}))
        if self.password:
            await call.until(lambda call: call.code not in (0, 100), "a reply")
            if call.code == 401:
                authorization = self._authorization(call.replies[-1], "INVITE", call.target)
                call.replies.clear()
                call.sequence += 1
                self._invite(call, {**(headers or {}), "Authorization": authorization})
        return call

    async def rung(self) -> Call:
        """Wait for the next call that rings us and has not been answered yet."""

        def waiting() -> list[Call]:
            return [call for call in self.calls.values() if call.invite and not call.sequence]

        await self.until(lambda: bool(waiting()), f"an INVITE to {self.user}")
        call = waiting()[0]
        call.sequence = 1
        return call

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it holds; look again whenever a message has come."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(
                f"{self.user} waited in vain for {what}; it got {self.received[-8:]}"
            ) from None

    def close(self) -> None:
        for call in self.calls.values():
            call.audio.close()
        if self._transport is not None:
            self._transport.close()

    async def closed(self) -> None:
        """Close it, and wait until its place is free again."""
        self.close()
        if self._transport is not None:
            await self._lost.wait()

    # ── SIP ──────────────────────────────────────────────────────────────────────────────────

    def send(
        self,
        first: str,
        headers: Mapping[str, str],
        *,
        call_id: str,
        branch: str = "",
        body: str = "",
    ) -> str:
        """Send a request; return its branch."""
        branch = branch or f"z9hG4bK{secrets.token_hex(8)}"
        lines = [
            first,
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch={branch}",
            f"Call-ID: {call_id}",
            "Max-Forwards: 70",
            f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>",
            *(f"{name}: {value}" for name, value in headers.items()),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.send_raw(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        return branch

    def send_raw(self, data: bytes) -> None:
        """Send anything at all."""
        assert self._transport is not None
        self._transport.sendto(data, self.server)

    def reply(
        self,
        request: Message,
        status: str,
        *,
        tag: str = "",
        body: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Reply to a request."""
        to = request["To"]
        if tag and ";tag=" not in to:
            to = f"{to};tag={tag}"
        own = {"Contact": f"<sip:{self.user}@127.0.0.1:{self.port}>"}
        lines = [
            f"SIP/2.0 {status}",
            *(f"Via: {via}" for via in request.all("Via")),
            f"From: {request['From']}",
            f"To: {to}",
            f"Call-ID: {request['Call-ID']}",
            f"CSeq: {request['CSeq']}",
            *(f"{name}: {value}" for name, value in {**own, **(headers or {})}.items()),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.send_raw(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._lost.set()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = Message(data)
        self.received.append(message)
        self.heard_at.append(time.monotonic())
        call = self.calls.get(message["Call-ID"])
        if message.is_reply:
            if call is not None and message.method == "INVITE":
                self._invite_replied(call, message)
        else:
            self._asked(message, call)
        self._changed.set()

    def _asked(self, message: Message, call: Call | None) -> None:
        method = message.first.split()[0]
        if method == "OPTIONS" and not self.deaf:
            self.reply(message, "200 OK", tag="options")
        elif method == "INVITE" and call is None:
            self._invited(message)
        elif method == "ACK" and call is not None:
            call.acknowledged = True
        elif method == "NOTIFY" and call is not None:
            self.reply(message, "200 OK", tag=call.tag)
            call.told += message.body
        elif method in ("BYE", "CANCEL") and call is not None:
            self.reply(message, "200 OK", tag=call.tag)
            if method == "CANCEL" and call.crosses:
                call.answer()
            elif method == "CANCEL":
                call.reply("487 Request Terminated")
            call.ended = message
            call.reasons += message.all("Reason")

    def _invited(self, message: Message) -> None:
        call = Call(self, message["Call-ID"])
        call.audio.open()
        call.invite = message
        call.sequence = 0
        call.local = f"{message['To']};tag={call.tag}"
        call.remote = message["From"]
        contact = re.search(r"<([^>]+)>", message["Contact"])
        call.target = contact[1] if contact else ""
        self.calls[call.id] = call

    def _invite(self, call: Call, headers: dict[str, str]) -> None:
        call.branch = self.send(
            f"INVITE {call.target} SIP/2.0",
            {
                "From": call.local,
                "To": f"<{call.target}>",
                "CSeq": f"{call.sequence} INVITE",
                **headers,
            },
            call_id=call.id,
            body=call.sdp(),
        )
        call.branches[f"{call.sequence} INVITE"] = call.branch

    def _invite_replied(self, call: Call, message: Message) -> None:
        """Asterisk repeats a challenge until it has heard our ACK: one that comes again when we
        have answered it already is acknowledged again, and is no reply to the answer."""
        branch = call.branches.get(message["CSeq"], call.branch)
        is_late = branch != call.branch
        if not is_late:
            call.replies.append(message)
        if message.code < 200:
            return
        if not is_late:
            call.remote = message["To"]
        # RFC 3261 17.1.1.3: the ACK of a refusal belongs to the INVITE's transaction.
        self.send(
            f"ACK {call.target} SIP/2.0",
            {"From": call.local, "To": message["To"], "CSeq": f"{message['CSeq'].split()[0]} ACK"},
            call_id=call.id,
            branch=branch if message.code >= 300 else "",
        )
        if message.code < 300 and call.ended == "CANCEL":
            call.hang_up()

    async def _register_once(self, expires: int, authorization: str) -> Message:
        sequence = next(_numbers)
        self.send(
            f"REGISTER sip:{self.server[0]}:{self.server[1]} SIP/2.0",
            {
                "From": f"<sip:{self.user}@127.0.0.1>;tag=r",
                "To": f"<sip:{self.user}@127.0.0.1>",
                "CSeq": f"{sequence} REGISTER",
                "Expires": str(expires),
                **({"Authorization": authorization} if authorization else {}),
            },
            call_id=self._register_id,
        )

        def found() -> list[Message]:
            mark = f"{sequence} REGISTER"
            return [m for m in self.received if m.is_reply and m["CSeq"] == mark and m.code >= 200]

        await self.until(lambda: bool(found()), "a reply to REGISTER")
        return found()[0]

    def _authorization(self, challenge: Message, method: str, uri: str = "") -> str:
        """Return the answer to a digest challenge (RFC 2617, with or without qop)."""
        fields = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge["WWW-Authenticate"]))
        uri = uri or f"sip:{self.server[0]}:{self.server[1]}"

        def digest(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        first = digest(f"{self.user}:{fields['realm']}:{self.password}")
        second = digest(f"{method}:{uri}")
        extra, middle = "", ""
        opaque = f', opaque="{fields["opaque"]}"' if "opaque" in fields else ""
        if "qop" in fields:
            extra = ', qop=auth, nc=00000001, cnonce="c"'
            middle = "00000001:c:auth:"
        response = digest(f"{first}:{fields['nonce']}:{middle}{second}")
        return (
            f'Digest username="{self.user}", realm="{fields["realm"]}", '
            f'nonce="{fields["nonce"]}", uri="{uri}", response="{response}", '
            f"algorithm=MD5{extra}{opaque}"
        )


@asynccontextmanager
async def phones(*users: Phone) -> AsyncIterator[tuple[Phone, ...]]:
    """Open phones and close them at the end."""
    try:
        for user in users:
            await user.open()
        yield users
    finally:
        for user in users:
            user.close()
