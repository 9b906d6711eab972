"""SIP, ARI and AMI as they pass the loopback device, with the kernel's own time stamps.

Runs as a process of its own (``python -m bench.offer.capture SIP_PORT ARI_PORT AMI_PORT``) so that
it takes nothing from the loop being measured.  A filter in the kernel lets only what comes from or
goes to these ports of Asterisk through.  When its standard input closes, it writes what it has seen
as JSON, and ends.
"""

import ctypes
import json
import re
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

_SO_TIMESTAMPNS = 35
_SO_ATTACH_FILTER = 26
_SO_RCVBUF_BYTES = 32 * 1024 * 1024
_ETH_P_IP = 0x0800
_PACKET_OUTGOING = 4  # loopback shows each packet twice, on its way out and on its way in

_TCP = 6

_CALL_ID = re.compile(rb"\r\nCall-ID: *([^\r\n]+)", re.IGNORECASE)
_CSEQ = re.compile(rb"\r\nCSeq: *\d+ +([A-Z]+)", re.IGNORECASE)
_CALLER_ID = re.compile(rb"callerId=(\d+)")
_CALLER = re.compile(rb'"args": ?\["call"\].*?"caller":\{[^}]*"number": ?"(\d+)"')
_NEW_CALLER = re.compile(rb"\r\nCallerIDNum: (\d+)\r\n")
_CALLED = re.compile(rb"INVITE sips?:([^@;> ]*)@")
_FROM_USER = re.compile(rb"\r\nFrom:[^\r\n<]*<sips?:([^@>;]*)@", re.IGNORECASE)


def _filter(ports: Sequence[int]) -> bytes:
    """Return a classic BPF program: from or to these ports, as seen from the IP header on."""
    count = len(ports)
    program = [
        (0xB1, 0, 0, 0),  # ldx header length
        (0x48, 0, 0, 0),  # ldh [x+0]: source port
        *((0x15, 2 * count - n, 0, port) for n, port in enumerate(ports)),
        (0x48, 0, 0, 2),  # ldh [x+2]: destination port
        *((0x15, count - 1 - n, int(n == count - 1), port) for n, port in enumerate(ports)),
        (0x06, 0, 0, 0xFFFF),
        (0x06, 0, 0, 0),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in program)


class Passing(NamedTuple):
    """A UDP packet that passed: when, in ns of the kernel's clock, between which ports."""

    at_ns: int
    source: int
    target: int
    payload: bytes


def passing(sock: socket.socket) -> Iterator[Passing]:
    """Yield the UDP packets that have passed; the socket (``open_loopback``) does not block."""
    with suppress(BlockingIOError):
        while True:
            packet, ancillary, _, address = sock.recvmsg(65535, 128)
            if address[2] == _PACKET_OUTGOING or packet[9] == _TCP:
                continue
            header = (packet[0] & 0x0F) * 4
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
            source, target = struct.unpack_from("!HH", packet, header)
            at_ns = seconds * 1_000_000_000 + nanoseconds
            yield Passing(at_ns, source, target, packet[header + 8 :])


def open_loopback(ports: Sequence[int]) -> socket.socket:
    """Open a socket that sees what comes from or goes to these ports.  Needs root."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_IP))
    program = _filter(ports)
    memory = ctypes.create_string_buffer(program)
    fprog = struct.pack("HL", len(program) // 8, ctypes.addressof(memory))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)
    sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SO_RCVBUF_BYTES)
    sock.bind(("lo", _ETH_P_IP))
    return sock


def _told(payload: bytes) -> tuple[str, str] | None:
    """Return what a packet of ARI's or AMI's is and whose call it is about; only what an offer
    needs counts: the words that tell of a caller, and the request that rings an agent."""
    if payload.startswith(b"POST /ari/channels/"):
        number = _CALLER_ID.search(payload)
        return None if number is None else ("request", number[1].decode())
    if payload.startswith(b"Event: Newchannel"):
        number = _NEW_CALLER.search(payload)
        return None if number is None else ("event", number[1].decode())
    if b'"StasisStart"' in payload[:64]:
        number = _CALLER.search(payload)
        return None if number is None else ("event", number[1].decode())
    return None


def _kind(payload: bytes) -> str | None:
    if payload.startswith(b"INVITE "):
        return "INVITE"
    if payload.startswith(b"BYE "):
        return "BYE"
    if payload.startswith(b"SIP/2.0 200 "):
        method = _CSEQ.search(payload)
        if method is not None and method[1] in (b"INVITE", b"BYE"):
            return f"200 {method[1].decode()}"
    return None


def _record(ports: Sequence[int]) -> None:
    seen: list[tuple[int, str, bool, str, str, str]] = []
    # when, what, whether into Asterisk, Call-ID, From user, user of the INVITE's address
    sip_port, sock = ports[0], open_loopback(ports)
    sock.settimeout(0.2)
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not ended.is_set():
        try:
            packet, ancillary, _, address = sock.recvmsg(65535, 128)
        except TimeoutError:
            continue
        if address[2] == _PACKET_OUTGOING:
            continue
        header = (packet[0] & 0x0F) * 4
        seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
        if packet[9] == _TCP:
            said = _told(packet[header + (packet[header + 12] >> 4) * 4 :])
            if said is not None:
                seen.append(
                    (seconds * 1_000_000_000 + nanoseconds, said[0], False, "", said[1], "")
                )
            continue
        kind = _kind(packet[header + 8 :])
        if kind is None:
            continue
        call_id, user = _CALL_ID.search(packet), _FROM_USER.search(packet)
        called = _CALLED.match(packet, header + 8)
        seen.append(
            (
                seconds * 1_000_000_000 + nanoseconds,
                kind,
                struct.unpack("!H", packet[header + 2 : header + 4])[0] == sip_port,
                call_id[1].decode() if call_id else "",
                user[1].decode() if user else "",
                called[1].decode() if called else "",
            )
        )
    json.dump(seen, sys.stdout)


class Capture:
    """Records from ``start`` to ``stop``."""

    def __init__(self, *, sip_port: int, ari_port: int, ami_port: int) -> None:
        self._ports = (str(sip_port), str(ari_port), str(ami_port))
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Begin; returns when packets are being recorded."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.offer.capture", *self._ports],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError("The capture could not start: it needs root and a loopback device.")

    def stop(self) -> list[list[Any]]:
        """End, and return what was seen, in order."""
        assert self._process is not None
        output, _ = self._process.communicate()
        seen: list[list[Any]] = json.loads(output)
        return seen


if __name__ == "__main__":
    _record([int(port) for port in sys.argv[1:]])
