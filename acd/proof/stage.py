"""The one loop of a run: SIPp's log pipes, RTP sockets, the 20 ms tick and a few timers."""

from __future__ import annotations

import heapq
import selectors
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from acd.proof.rtp import RtpEndpoint
from acd.proof.sipp import Sipp, SippEvent
from acd.proof.tone import FRAME_MS

# How long a process's end may go unnoticed, in seconds.
_IDLE_S = 0.05
_STOOD_STILL_MS = 200.0
"""So long without a turn: a telephone sends nothing, and its frames then come in a heap."""


class ProofFailure(Exception):
    """Something the proof needs did not happen: one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Where the switch under test listens, and where our side of it does."""

    host: str = "127.0.0.1"
    sip_port: int = 5060
    local_host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with: the SIPp command and a folder for its files."""

    sipp: Sequence[str]
    folder: Path
    switch: Switch


def now_ms() -> float:
    """Epoch milliseconds: the same clock SIPp stamps its lines with."""
    return time.time() * 1000


class Stage:
    """Holds what runs and turns it until a condition is true."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._endpoints: list[RtpEndpoint] = []
        self._readers: dict[IO[bytes], Callable[[], None]] = {}
        self._sipps: dict[Sipp, Callable[[SippEvent], None]] = {}
        self._timers: list[tuple[float, int, Callable[[], object]]] = []
        self._timer_number = 0
        self._turned_ms: float | None = None
        self.stalls: list[tuple[float, float]] = []
        """From when to when it did not turn: a busy machine, or an action that took long."""

    def add_sipp(self, sipp: Sipp, handler: Callable[[SippEvent], None]) -> None:
        """Read this process's log; each line's event goes to the handler."""
        self._sipps[sipp] = handler
        self._selector.register(sipp.pipe, selectors.EVENT_READ, sipp)

    def remove_sipp(self, sipp: Sipp) -> None:
        """Hand on what it still logged, and stop it."""
        handler = self._sipps.pop(sipp, None)
        if handler is None:
            return
        self._selector.unregister(sipp.pipe)
        for event in sipp.events():
            handler(event)
        sipp.stop()

    def add_endpoints(self, endpoints: Sequence[RtpEndpoint]) -> None:
        """Let these speak and receive; the stage closes them at its end."""
        for endpoint in endpoints:
            self._endpoints.append(endpoint)
            self._selector.register(endpoint.socket, selectors.EVENT_READ, endpoint)

    def add_reader(self, pipe: IO[bytes], read: Callable[[], None]) -> None:
        """Have ``read`` called whenever there is something in this pipe."""
        self._readers[pipe] = read
        self._selector.register(pipe, selectors.EVENT_READ, read)

    def remove_reader(self, pipe: IO[bytes]) -> None:
        """Read this pipe no more."""
        if self._readers.pop(pipe, None) is not None:
            self._selector.unregister(pipe)

    def after(self, delay_ms: float, action: Callable[[], object]) -> None:
        """Do this once, so many milliseconds from now."""
        self._timer_number += 1
        heapq.heappush(self._timers, (now_ms() + delay_ms, self._timer_number, action))

    def run(self, until: Callable[[], bool], timeout_s: float) -> bool:
        """Turn until the condition holds; False when the time is over before it does."""
        end = time.monotonic() + timeout_s
        while not until():
            if time.monotonic() >= end:
                return False
            self._turn()
        return True

    def stood_still_ms(self, from_ms: float, until_ms: float) -> float:
        """For how much of this time no telephone could send."""
        return sum(max(0.0, min(end, until_ms) - max(begin, from_ms)) for begin, end in self.stalls)

    def _turn(self) -> None:
        speaking = [endpoint for endpoint in self._endpoints if endpoint.speaking]
        wait_s = FRAME_MS / 2000 if speaking else _IDLE_S
        if self._timers:
            wait_s = min(wait_s, max(0.0, (self._timers[0][0] - now_ms()) / 1000))
        for key, _ in self._selector.select(wait_s):
            if isinstance(key.data, RtpEndpoint):
                key.data.receive(now_ms())
            elif key.fileobj in self._readers:
                key.data()
            else:
                handler = self._sipps[key.data]
                for event in key.data.events():
                    handler(event)
        now = now_ms()
        if self._turned_ms is not None and now - self._turned_ms > _STOOD_STILL_MS:
            self.stalls.append((self._turned_ms, now))
        self._turned_ms = now
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()
        for endpoint in speaking:
            endpoint.speak_until(now)

    def close(self) -> None:
        """Stop every process and close every port this stage holds."""
        for sipp in list(self._sipps):
            self.remove_sipp(sipp)
        for endpoint in self._endpoints:
            endpoint.close()
        self._endpoints.clear()
        self._selector.close()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
