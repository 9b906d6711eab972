"""Sound for some calls, and the moments when it comes out on the other side.

Runs as a process of its own (``python -m bench.audio.probe SIP_PORT EVERY``) beside the bed's SIPp,
whose telephones name two RTP ports in their session descriptions and leave them to us.  It reads
SIP and RTP as they pass the loopback device, with the kernel's time stamps
(``bench.offer.capture``).  When its standard input closes, it writes what became of each call as
JSON, and ends.
"""

from __future__ import annotations

import json
import os
import re
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from bench.offer.capture import Passing, open_loopback, passing

HOST = "127.0.0.1"
CALLERS_RTP_PORT, AGENTS_RTP_PORT = 6000, 6002
"""As the bed's scenarios have them."""
EVERY_S = 0.001
GIVEN_UP_S = 0.5
"""A direction that is not open by then is not heard."""
PRIORITY = 5
"""In the kernel's real-time class, below Asterisk and the service: telephones are not on their
machine, and send when it is time."""

_SDP_PORT = re.compile(rb"\r\nm=audio (\d+) ")
_CALL_ID = re.compile(rb"\r\nCall-ID: *([^\r\n]+)", re.IGNORECASE)
_CSEQ = re.compile(rb"\r\nCSeq: *\d+ +([A-Z]+)", re.IGNORECASE)
_FROM_USER = re.compile(rb"\r\nFrom:[^\r\n<]*<sips?:0*(\d+)@", re.IGNORECASE)
_FRAME_BYTES = 160
MARKS = {"caller": 0x2A, "agent": 0x6C}
"""What each of them says: one A-law value, which coding to linear and back leaves as it is."""


class Call(msgspec.Struct):
    """One call with sound; ns of the kernel's clock, None: it did not happen."""

    number: int
    answered: int | None = None
    """The agent's 200 came in."""
    agent_hears: int | None = None
    """The first packet of the caller's went out to the agent."""
    caller_hears: int | None = None

    @property
    def is_two_way(self) -> bool:
        """Whether both hear each other."""
        return self.agent_hears is not None and self.caller_hears is not None


class Stream:
    """What one telephone sends to Asterisk, a packet each millisecond."""

    def __init__(self, call: Call, side: str, port: int, *, until_s: float) -> None:
        self.call, self.until_s = call, until_s
        self.side, self._to = side, (HOST, port)
        self._number = 0

    def packet(self) -> tuple[bytes, tuple[str, int]]:
        """The next one, and where it goes."""
        self._number += 1
        header = struct.pack(
            "!BBHII", 0x80, 8, self._number, self._number * _FRAME_BYTES, self.call.number
        )
        return header + bytes([MARKS[self.side]]) * _FRAME_BYTES, self._to


class Probe:
    """Follows the calls of which every ``every``-th gets sound; no sockets, no clock."""

    def __init__(self, *, sip_port: int, every: int) -> None:
        self._sip_port, self._every = sip_port, every
        self.calls: dict[int, Call] = {}
        self._legs: dict[bytes, tuple[str, Call]] = {}
        """By Call-ID: whose telephone, and of which call."""
        self._ports: dict[bytes, int] = {}
        """By Call-ID: where Asterisk listens for that telephone."""
        self._hears: dict[int, tuple[str, Call]] = {}
        """By that port: who hears what leaves from it."""

    def see(self, packet: Passing, *, now_s: float) -> Stream | None:
        """Take note of a packet; returns what a telephone begins to send because of it."""
        if self._sip_port in (packet.source, packet.target):
            return self._sip(packet, now_s=now_s)
        if packet.target in (CALLERS_RTP_PORT, AGENTS_RTP_PORT):
            self._rtp(packet)
        return None

    def _sip(self, packet: Passing, *, now_s: float) -> Stream | None:
        text, inbound = packet.payload, packet.target == self._sip_port
        call_id, method = _CALL_ID.search(text), _CSEQ.search(text)
        if call_id is None or method is None or method[1] != b"INVITE":
            return None
        key = call_id[1]
        if text.startswith(b"INVITE "):
            self._invited(key, text, "caller" if inbound else "agent")
            return None
        if not text.startswith(b"SIP/2.0 200 ") or key not in self._legs:
            return None
        side, call = self._legs.pop(key)
        if inbound != (side == "agent"):
            return None
        if side == "agent":
            call.answered = packet.at_ns
        elif (port := _SDP_PORT.search(text)) is not None:
            self._ports[key] = int(port[1])
        self._hears[self._ports[key]] = (side, call)
        return Stream(call, side, self._ports[key], until_s=now_s + GIVEN_UP_S)

    def _invited(self, key: bytes, text: bytes, side: str) -> None:
        user, port = _FROM_USER.search(text), _SDP_PORT.search(text)
        if user is None or port is None or int(user[1]) % self._every:
            return
        call = self.calls.setdefault(int(user[1]), Call(number=int(user[1]) % 2**32))
        self._legs.setdefault(key, (side, call))
        self._ports.setdefault(key, int(port[1]))

    def _rtp(self, packet: Passing) -> None:
        side, call = self._hears.get(packet.source, ("", None))
        if call is None:
            return
        if side == "caller" and call.caller_hears is None and says(packet.payload, "agent"):
            call.caller_hears = packet.at_ns
        elif side == "agent" and call.agent_hears is None and says(packet.payload, "caller"):
            call.agent_hears = packet.at_ns


def says(rtp: bytes, side: str) -> bool:
    """Tell whether more than half of a packet is what this side says."""
    return rtp[12:].count(MARKS[side]) > _FRAME_BYTES // 2


def _run(sip_port: int, every: int) -> None:
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    probe = Probe(sip_port=sip_port, every=every)
    seeing = open_loopback([sip_port, CALLERS_RTP_PORT, AGENTS_RTP_PORT])
    seeing.setblocking(False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.bind((HOST, CALLERS_RTP_PORT))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
            agent.bind((HOST, AGENTS_RTP_PORT))
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            _follow(probe, seeing, {"caller": caller, "agent": agent})
    json.dump([msgspec.to_builtins(call) for call in probe.calls.values()], sys.stdout)


def _follow(probe: Probe, seeing: socket.socket, telephones: dict[str, socket.socket]) -> None:
    """Until standard input closes."""
    streams: list[tuple[Stream, socket.socket]] = []
    next_s = 0.0
    while True:
        wait_s = max(0.0, next_s - time.monotonic()) if streams else None
        ready, _, _ = select.select([seeing, sys.stdin], [], [], wait_s)
        if sys.stdin in ready:
            return
        now_s = time.monotonic()
        for packet in passing(seeing):
            stream = probe.see(packet, now_s=now_s)
            if stream is not None:
                streams.append((stream, telephones[stream.side]))
                next_s = now_s
        if now_s < next_s:
            continue
        # A late turn sends once: a telephone does not catch up either.
        next_s = max(next_s + EVERY_S, now_s)
        streams = [
            (one, way) for one, way in streams if now_s < one.until_s and not one.call.is_two_way
        ]
        for one, way in streams:
            way.sendto(*one.packet())


class Probing:
    """The process, from ``start`` to ``stop``."""

    def __init__(self, *, sip_port: int, every: int) -> None:
        self._arguments = [str(sip_port), str(every)]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Begin; returns when it sees what passes.  Raises RuntimeError."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.audio.probe", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError("The probe could not start: it needs root and a loopback device.")

    def stop(self) -> list[Call]:
        """End, and return the calls with sound.  Raises RuntimeError when it has died."""
        assert self._process is not None
        output, _ = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(f"The probe ended with {self._process.returncode}.")
        return msgspec.json.decode(output, type=list[Call])


def waits_ms(calls: Iterable[Call]) -> dict[str, list[float]]:
    """Return, from each agent's 200, ms until either hears the other and until both do."""
    found: dict[str, list[float]] = {"caller": [], "agent": [], "both": []}
    for call in calls:
        if call.answered is None or call.caller_hears is None or call.agent_hears is None:
            continue
        one, other = ((at - call.answered) / 1e6 for at in (call.caller_hears, call.agent_hears))
        found["caller"].append(one)
        found["agent"].append(other)
        found["both"].append(max(one, other))
    return found


if __name__ == "__main__":
    _run(int(sys.argv[1]), int(sys.argv[2]))
