"""One end of a talk path: a UDP port that speaks a tone in RTP and keeps what arrives.

The endpoint has no thread and no clock of its own: its owner calls ``speak_until`` on every tick
and ``receive`` when the socket is readable. Nothing is judged while calls run; recordings are
listened to afterwards, so that measuring costs the machine as little as possible.

    python -m acd.proof.rtp --port 40000 --remote 127.0.0.1:10000 --tone 440 --seconds 5

runs one alone and prints what it heard as one line of JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import secrets
import selectors
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

from acd.proof.tone import (
    ALAW_SILENCE,
    FRAME_MS,
    FRAME_SAMPLES,
    PCMA,
    TONES_HZ,
    Heard,
    Packet,
    listen,
    tone_frames,
)

TELEPHONE_EVENT = 101
DIGITS = "0123456789*#ABCD"
# RFC 4733 2.5.1.4: the final packet of an event is sent three times.
EVENT_END_REPEATS = 3
_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_MARKER = 0x80
_SILENT_FRAME = bytes([ALAW_SILENCE]) * FRAME_SAMPLES
_RTCP_TYPES = range(200, 208)
# A starved endpoint catches up, but never with more than a second of audio at once.
_CATCH_UP_FRAMES_MAX = 1000 // FRAME_MS


class PortTaken(OSError):
    """No free RTP port in the range asked for."""


@dataclass(slots=True)
class Recording:
    """What one endpoint received during one call."""

    started_ms: float
    packets: list[Packet] = field(default_factory=list, repr=False)
    remotes: set[tuple[str, int]] = field(default_factory=set)

    def heard(self, candidates: Sequence[int] = TONES_HZ) -> Heard:
        """Listen to it: 3 ms of work per second of a pure tone, 70 per second of speech."""
        return listen(self.packets, candidates)


class RtpEndpoint:
    """A bound RTP port. It may serve one call after another, each with its own recording."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.socket.bind((host, port))
        except OSError:
            self.socket.close()
            raise
        self.socket.setblocking(False)
        self.host, self.port = self.socket.getsockname()
        self.recording: Recording | None = None
        self.sent = 0
        self.quiet = False
        """Send frames with nothing in them instead of the tone: somebody who says nothing."""
        self._frames: Iterator[tuple[int, int, bytes, int]] | None = None
        self._digits: list[tuple[str, int, int]] = []
        self._remote = ("", 0)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._ssrc = secrets.randbits(32)
        self._due_ms = 0.0

    def record(self, now_ms: float) -> Recording:
        """Begin a new recording and return it; what arrives before the next one goes there."""
        self.recording = Recording(started_ms=now_ms)
        return self.recording

    def speak(self, remote: tuple[str, int], frequency_hz: int, now_ms: float) -> None:
        """Send this tone to the remote from now on. Told again, only the remote changes."""
        self._remote = remote
        if self._frames is None:
            self._frames = self._speech(tone_frames(frequency_hz))
            self._due_ms = now_ms

    def dial(self, digits: str, *, tone_ms: int = 80, pause_ms: int = 60) -> None:
        """Queue RFC 4733 digits; they replace the tone while they last.

        Raises ValueError for a character no telephone has.
        """
        unknown = set(digits) - set(DIGITS)
        if unknown:
            raise ValueError(f"no telephone key sends {''.join(sorted(unknown))!r}")
        self._digits.extend((digit, tone_ms, pause_ms) for digit in digits)

    def hush(self) -> None:
        """Stop sending; receiving goes on."""
        self._frames = None
        self._digits.clear()

    def stop(self, recording: Recording | None) -> None:
        """The call that was recorded there has ended: be silent and record nothing, unless the next
        call has begun already.  A telephone can be rung again before the end is told."""
        if self.recording is recording:
            self.hush()
            self.recording = None

    @property
    def speaking(self) -> bool:
        """Whether a tone is being sent."""
        return self._frames is not None

    def speak_until(self, now_ms: float) -> None:
        """Send every frame due by now, with the timestamps of a steady 20 ms clock; a key goes out
        whole, see ``_event``."""
        if self._frames is None:
            return
        if now_ms - self._due_ms > _CATCH_UP_FRAMES_MAX * FRAME_MS:
            skipped = int((now_ms - self._due_ms) // FRAME_MS)
            self._due_ms += skipped * FRAME_MS
            self._timestamp += skipped * FRAME_SAMPLES
        while self._due_ms <= now_ms:
            marked_type, timestamp, payload, lasts_ms = next(self._frames)
            header = _HEADER.pack(
                0x80, marked_type, self._sequence & 0xFFFF, timestamp & 0xFFFFFFFF, self._ssrc
            )
            # A closed port on the other side comes back as an error of our next send: the call has
            # ended there before it ended here, which SIP will tell us.
            with contextlib.suppress(ConnectionRefusedError, BlockingIOError):
                self.socket.sendto(header + payload, self._remote)
            self.sent += 1
            self._sequence += 1
            self._due_ms += lasts_ms

    def receive(self, now_ms: float) -> None:
        """Take everything that has arrived; without a recording it is thrown away."""
        while True:
            try:
                data, remote = self.socket.recvfrom(2048)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            if self.recording is None or len(data) < _HEADER.size or data[1] in _RTCP_TYPES:
                continue
            first, marked_type, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
            offset = _HEADER.size + 4 * (first & 0x0F)
            if first >> 6 != 2 or first & 0x10 or offset > len(data):
                continue
            self.recording.remotes.add(remote)
            self.recording.packets.append(
                Packet(now_ms, ssrc, sequence, timestamp, marked_type & 0x7F, data[offset:])
            )

    def close(self) -> None:
        """Give the port back."""
        self.hush()
        self.socket.close()

    def _speech(self, frames: tuple[bytes, ...]) -> Iterator[tuple[int, int, bytes, int]]:
        """Marked payload type, timestamp and payload of each packet, for ever, and how many
        milliseconds lie between it and the next."""
        at, marker = 0, _MARKER
        while True:
            if self._digits:
                yield from self._event(*self._digits.pop(0))
                marker = _MARKER
                continue
            frame = _SILENT_FRAME if self.quiet else frames[at % len(frames)]
            yield PCMA | marker, self._timestamp, frame, FRAME_MS
            marker = 0
            at += 1
            self._timestamp += FRAME_SAMPLES

    def _event(
        self, digit: str, tone_ms: int, pause_ms: int
    ) -> Iterator[tuple[int, int, bytes, int]]:
        """One RFC 4733 event: its timestamp stands still, its duration grows.

        Its packets go out together, before its time passes.  Spread over it, a busy machine could
        tear them apart, and after 150 ms without one Asterisk ends the key and takes the rest of
        it for another: *90 would become *990.
        """
        started, code, marker = self._timestamp, DIGITS.index(digit), _MARKER
        steps = max(1, tone_ms // FRAME_MS)
        for step in range(1, steps + 1):
            payload = _EVENT.pack(code, 10, step * FRAME_SAMPLES)
            yield TELEPHONE_EVENT | marker, started, payload, 0
            marker = 0
        lasts = steps + EVENT_END_REPEATS
        for left in reversed(range(EVENT_END_REPEATS)):
            payload = _EVENT.pack(code, 10 | 0x80, steps * FRAME_SAMPLES)
            yield TELEPHONE_EVENT, started, payload, 0 if left else lasts * FRAME_MS
        pause = max(0, pause_ms // FRAME_MS)
        self._timestamp += lasts * FRAME_SAMPLES
        for _ in range(pause):
            yield PCMA, self._timestamp, _SILENT_FRAME, FRAME_MS
            self._timestamp += FRAME_SAMPLES


def open_endpoints(
    host: str, count: int, *, port_min: int = 16000, port_max: int = 29998
) -> list[RtpEndpoint]:
    """Bind this many even ports in the range, leaving out those in use.

    The default range lies above a switch's usual RTP ports and below the kernel's ephemeral ones.
    The odd neighbours stay free, because the other side sends its RTCP there. Raises PortTaken.
    """
    found: list[RtpEndpoint] = []
    for port in range(port_min + port_min % 2, port_max + 1, 2):
        if len(found) == count:
            break
        with contextlib.suppress(OSError):
            found.append(RtpEndpoint(host, port))
    if len(found) < count:
        for endpoint in found:
            endpoint.close()
        raise PortTaken(
            f"only {len(found)} of {count} RTP ports are free between {port_min} and {port_max}"
        )
    return found


def _talk_alone(endpoint: RtpEndpoint, seconds: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(endpoint.socket, selectors.EVENT_READ)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if selector.select(FRAME_MS / 2000):
                endpoint.receive(time.time() * 1000)
            endpoint.speak_until(time.time() * 1000)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one endpoint alone for some seconds and print what it heard as JSON."""
    parser = argparse.ArgumentParser(prog="acd.proof.rtp", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="local RTP port; 0 takes any")
    parser.add_argument("--remote", help="HOST:PORT to send to; without it only listen")
    parser.add_argument("--tone", type=int, default=TONES_HZ[0], help="frequency sent, in Hz")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--dial", default="", help="digits sent as RFC 4733 events")
    options = parser.parse_args(argv)
    endpoint = RtpEndpoint(options.host, options.port)
    now_ms = time.time() * 1000
    recording = endpoint.record(now_ms)
    if options.remote:
        host, _, port = options.remote.rpartition(":")
        endpoint.speak((host, int(port)), options.tone, now_ms)
        endpoint.dial(options.dial)
    _talk_alone(endpoint, options.seconds)
    endpoint.close()
    print(json.dumps({"port": endpoint.port, "sent": endpoint.sent} | asdict(recording.heard())))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
