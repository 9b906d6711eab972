"""What somebody heard, moment by moment: whose tone, for how long not, and whether anything at all.

A recording of a robot is packets, one of a softphone is a WAV file; here both are sound with a
time.  A packet's place is that of its stream: how late its receiver was woken does not count.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from acd.proof.rtp import Recording
from acd.proof.tone import (
    ALAW_TO_LINEAR,
    FRAME_MS,
    FRAME_SAMPLES,
    PCMA,
    SAMPLE_RATE_HZ,
    SHARE_MIN,
    SILENCE_DBFS,
    Packet,
    goertzel_energy,
    level_dbfs,
)


@dataclass(slots=True)
class Frame:
    """So much sound as one packet holds."""

    at_ms: float
    """Epoch ms of its first sample."""
    samples: Sequence[int]
    energy: float


class Sound:
    """Frames in order of time; what was not received is missing."""

    def __init__(self, frames: Iterable[tuple[float, Sequence[int]]]) -> None:
        self._frames = [
            Frame(at_ms, samples, float(sum(one * one for one in samples)))
            for at_ms, samples in frames
            if samples
        ]
        self._times = [frame.at_ms for frame in self._frames]

    def between(self, from_ms: float, to_ms: float) -> list[Frame]:
        """The frames that begin in this time, epoch ms."""
        return self._frames[bisect_left(self._times, from_ms) : bisect_right(self._times, to_ms)]

    def seconds_of(self, frequency_hz: int, from_ms: float, to_ms: float) -> float:
        """How long this tone was heard in this time."""
        frames = self.between(from_ms, to_ms)
        return sum(holds(frame, frequency_hz) for frame in frames) * FRAME_MS / 1000

    def gap_ms(self, frequency_hz: int, from_ms: float, to_ms: float) -> float:
        """The longest time in which this tone was not heard, the ends of the time included."""
        return self._longest(from_ms, to_ms, lambda frame: holds(frame, frequency_hz))

    def silence_ms(self, from_ms: float, to_ms: float) -> float:
        """The longest time in which nothing at all was heard."""
        return self._longest(from_ms, to_ms, is_loud)

    def _longest(self, from_ms: float, to_ms: float, heard: Callable[[Frame], bool]) -> float:
        longest, last = 0.0, from_ms
        for frame in self.between(from_ms, to_ms):
            if heard(frame):
                longest = max(longest, frame.at_ms - last)
                last = frame.at_ms + len(frame.samples) * 1000 / SAMPLE_RATE_HZ
        return max(longest, to_ms - last)


def of_robot(recording: Recording) -> Sound:
    """A robot's recording as sound."""
    packets = [packet for packet in recording.packets if packet.payload_type == PCMA]
    return Sound(
        (at_ms, [ALAW_TO_LINEAR[octet] for octet in packet.payload])
        for at_ms, packet in _placed(packets)
    )


def of_samples(samples: Sequence[int], began_ms: float) -> Sound:
    """What a softphone has written from ``began_ms`` on, at 8 kHz."""
    return Sound(
        (began_ms + at * 1000 / SAMPLE_RATE_HZ, samples[at : at + FRAME_SAMPLES])
        for at in range(0, len(samples), FRAME_SAMPLES)
    )


def holds(frame: Frame, frequency_hz: int) -> bool:
    """Tell whether a tone is in a frame.  In 20 ms a tone is told from another that is 300 Hz away,
    and from up to five others beside it."""
    if not is_loud(frame):
        return False
    return goertzel_energy(frame.samples, frequency_hz) >= SHARE_MIN * frame.energy


def is_loud(frame: Frame) -> bool:
    """Tell whether there is anything in a frame."""
    return level_dbfs(frame.energy, len(frame.samples)) >= SILENCE_DBFS


def _placed(packets: Sequence[Packet]) -> list[tuple[float, Packet]]:
    """Each packet with its moment: a stream's timestamps, from where its promptest packet puts
    them."""
    placed: list[tuple[float, Packet]] = []
    stream: list[Packet] = []
    for packet in packets:
        if stream and not _same_stream(stream[-1], packet):
            placed += _anchored(stream)
            stream = []
        stream.append(packet)
    return placed + _anchored(stream)


_JUMP_SAMPLES = 10 * SAMPLE_RATE_HZ
"""A stream that leaps so far has been begun anew."""


def _same_stream(before: Packet, after: Packet) -> bool:
    leap = (after.timestamp - before.timestamp) & 0xFFFFFFFF
    return after.ssrc == before.ssrc and leap < _JUMP_SAMPLES


def _anchored(stream: Sequence[Packet]) -> list[tuple[float, Packet]]:
    if not stream:
        return []
    first = stream[0].timestamp
    places = [((one.timestamp - first) & 0xFFFFFFFF) * 1000 / SAMPLE_RATE_HZ for one in stream]
    anchor = min(one.at_ms - place for one, place in zip(stream, places, strict=True))
    return [(anchor + place, one) for one, place in zip(stream, places, strict=True)]
