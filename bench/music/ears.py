"""Where the callers' sound arrives: counted for every caller, kept for some of them.

Eight hundred callers get 40,000 packets a second, and whoever took them out of their sockets would
measure itself.  So a filter throws them away in the kernel, which counts what it throws away for
each socket.  Of a sample the kernel keeps every packet with the time of its arrival, in a buffer
that holds a minute; they are read when the time is over.
"""

from __future__ import annotations

import ctypes
import errno
import itertools
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 20_000, 31_998
"""Even ones: a caller's RTCP goes to the port above, where nobody is."""
PACKETS_PER_S = 50
"""A-law in frames of 20 ms."""

_SO_ATTACH_FILTER, _SO_TIMESTAMPNS, _SO_MEMINFO = 26, 35, 55
_SO_RCVBUFFORCE = 33
_MEMINFO_DROPS, _MEMINFO_WORDS = 8, 9
_THROW_AWAY = struct.pack("HBBI", 0x06, 0, 0, 0)
_KEPT_BYTES = 8 * 1024 * 1024
_RTP_HEADER_BYTES = 12
_PCMA = 8
_A_LAW_QUIET = frozenset((0xD5, 0x55, 0xD4, 0x54))
"""The two least levels of either sign."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What one caller of the sample got, over the time of listening."""

    packets: int
    missing: int
    """By the packets' own sequence numbers."""
    gap_ms: float
    """The longest time between two packets."""
    sounding: float
    """The share of packets in which there is more than silence."""


class Ears:
    """So many callers' sockets, of which the first ``sample`` keep what they get."""

    def __init__(self, callers: int, *, sample: int) -> None:
        """Raises ValueError when there are not so many ports."""
        self._sockets: list[socket.socket] = []
        self._sample = sample
        self._before: list[int] = []
        self._began_s = 0.0
        for port in range(FIRST_PORT, LAST_PORT + 1, 2):
            if len(self._sockets) == callers:
                return
            one = _bound(port)
            if one is not None:
                self._sockets.append(one)
        if len(self._sockets) < callers:
            self.close()
            raise ValueError(f"{callers} callers need as many even ports from {FIRST_PORT} on.")

    def __enter__(self) -> Ears:
        for n, one in enumerate(self._sockets):
            if n < self._sample:
                one.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
                with suppress(PermissionError):  # else the kernel's default, which holds seconds
                    one.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _KEPT_BYTES)
                one.setblocking(False)
            else:
                _throw_away(one)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the ports back."""
        for one in self._sockets:
            one.close()

    @property
    def ports(self) -> list[int]:
        """The callers' ports, in order."""
        return [int(one.getsockname()[1]) for one in self._sockets]

    def begin(self) -> None:
        """Forget what has arrived until now."""
        for one in self._sockets[: self._sample]:
            for _ in _packets(one):
                pass
        self._before = [_thrown_away(one) for one in self._sockets]
        self._began_s = time.monotonic()

    def all_hear(self) -> bool:
        """Tell whether every caller has got something since ``begin``."""
        kept = self._sockets[: self._sample]
        rest = zip(self._sockets[self._sample :], self._before[self._sample :], strict=True)
        return all(map(_has_something, kept)) and all(_thrown_away(one) > was for one, was in rest)

    @property
    def listening_s(self) -> float:
        """For how long, since ``begin``."""
        return time.monotonic() - self._began_s

    def end(self) -> tuple[list[int], list[Heard]]:
        """Return how many packets each caller got since ``begin``, and what the sample heard."""
        counts = [
            _thrown_away(one) - was for one, was in zip(self._sockets, self._before, strict=True)
        ]
        heard = [read(list(_packets(one))) for one in self._sockets[: self._sample]]
        for n, one in enumerate(heard):
            counts[n] += one.packets
        return counts, heard


def read(packets: Sequence[tuple[int, bytes]]) -> Heard:
    """Judge packets of RTP with the times of their arrival in ns.

    Fewer than two have no gap that could be told: it is infinite.
    """
    arrived = [at for at, _ in packets]
    numbers = [struct.unpack_from("!H", packet, 2)[0] for _, packet in packets]
    steps = [(b - a) % 65_536 for a, b in itertools.pairwise(numbers)]
    sounding = sum(
        any(sample not in _A_LAW_QUIET for sample in packet[_RTP_HEADER_BYTES:])
        for _, packet in packets
    )
    return Heard(
        packets=len(packets),
        missing=sum(step - 1 for step in steps if 1 < step < 32_768),
        gap_ms=max(
            ((b - a) / 1e6 for a, b in itertools.pairwise(arrived)),
            default=float("inf"),
        ),
        sounding=sounding / len(packets) if packets else 0.0,
    )


def _bound(port: int) -> socket.socket | None:
    """A socket at the port, None where somebody else is."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        one.bind((HOST, port))
    except OSError as error:
        one.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise
    return one


def _throw_away(one: socket.socket) -> None:
    memory = ctypes.create_string_buffer(_THROW_AWAY)
    program = struct.pack("HL", 1, ctypes.addressof(memory))
    one.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def _thrown_away(one: socket.socket) -> int:
    """How many packets the kernel has thrown away at this socket."""
    words = one.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * _MEMINFO_WORDS)
    return int(struct.unpack(f"{_MEMINFO_WORDS}I", words)[_MEMINFO_DROPS])


def _has_something(one: socket.socket) -> bool:
    try:
        return bool(one.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False


def _packets(one: socket.socket) -> Iterator[tuple[int, bytes]]:
    """Take out the packets of sound that the kernel has kept, with their arrival in ns."""
    with suppress(BlockingIOError):
        while True:
            packet, ancillary, _, _ = one.recvmsg(2048, 64)
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
            if len(packet) > _RTP_HEADER_BYTES and packet[1] & 0x7F == _PCMA:
                yield seconds * 1_000_000_000 + nanoseconds, packet
