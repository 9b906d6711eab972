"""Tones as the proof of a talk path: what each side says, and what is found in what it hears.

Every speaker of a run has a frequency of its own. A listener that finds the other's frequency, and
no third one, has proved that this audio, and only this audio, reached it: silence, one-way audio,
cross-talk and an endless ring-back all fail.

Frequencies are multiples of 20 Hz and windows last 100 ms, so a window holds whole periods of each
of them and two tones cannot be taken for one another (they are orthogonal over the window). The
codec is G.711 A-law at 8,000 Hz throughout, as on the trunk.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import mul

SAMPLE_RATE_HZ = 8000
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE_HZ * FRAME_MS // 1000
WINDOW_MS = 100
WINDOW_SAMPLES = SAMPLE_RATE_HZ * WINDOW_MS // 1000
# Amplitude of what we send: -12 dBFS, loud speech; loud enough to survive a mixing room, far from
# clipping when two are mixed.
SEND_AMPLITUDE = 8000
# A window quieter than this holds no tone: below the quietest caller anybody could understand.
SILENCE_DBFS = -50.0
# A tone is present if it holds this share of its window's energy. Two tones mixed hold half each;
# A-law's own noise is below one part in a thousand.
SHARE_MIN = 0.10
# Once this share is explained, no other tone can reach SHARE_MIN and the search may stop.
SHARE_ENOUGH = 0.91
# A cut in the middle of a window smears a tone over its neighbours up to here; only the strongest
# of such a group counts.
SMEAR_HZ = 40
PCMA = 8


def _decode_alaw(code: int) -> int:
    """One A-law octet as a 16-bit linear sample (ITU-T G.711)."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 0x07, code & 0x0F
    value = (mantissa << 4) + 8
    if exponent:
        value = (value + 0x100) << (exponent - 1)
    return value if code & 0x80 else -value


ALAW_TO_LINEAR: tuple[int, ...] = tuple(_decode_alaw(code) for code in range(256))
_LEVELS: list[tuple[int, int]] = sorted((value, code) for code, value in enumerate(ALAW_TO_LINEAR))
_LEVEL_VALUES: list[int] = [value for value, _ in _LEVELS]
ALAW_SILENCE = 0xD5


def encode_alaw(sample: float) -> int:
    """The A-law octet whose value is nearest to a 16-bit linear sample."""
    right = min(bisect_left(_LEVEL_VALUES, sample), len(_LEVELS) - 1)
    left = max(right - 1, 0)
    nearer = left if sample - _LEVEL_VALUES[left] < _LEVEL_VALUES[right] - sample else right
    return _LEVELS[nearer][1]


def _all_tones_hz() -> tuple[int, ...]:
    # 450 Hz is China's dial, busy and ring-back tone: a window of it leaks into 440 and 460.
    return tuple(hz for hz in range(320, 3400, 20) if not 420 <= hz <= 480)


TONES_HZ: tuple[int, ...] = _all_tones_hz()
AGENT_TONES_HZ: tuple[int, ...] = TONES_HZ[0::5]
"""One per agent: 30 of them, spread over the band."""
CALLER_TONES_HZ: tuple[int, ...] = tuple(hz for hz in TONES_HZ if hz not in set(AGENT_TONES_HZ))
"""One per call, taken in turn: calls that share one are this many calls apart."""


def tone_frames(frequency_hz: int) -> tuple[bytes, ...]:
    """The A-law frames (20 ms each) of one endlessly repeatable 100 ms of a tone.

    Raises ValueError for a frequency that does not fit whole periods into the window.
    """
    if frequency_hz % (1000 // WINDOW_MS) or not 0 < frequency_hz < SAMPLE_RATE_HZ // 2:
        raise ValueError(f"a tone of {frequency_hz} Hz does not repeat every {WINDOW_MS} ms")
    step = 2 * math.pi * frequency_hz / SAMPLE_RATE_HZ
    octets = bytes(encode_alaw(SEND_AMPLITUDE * math.sin(step * n)) for n in range(WINDOW_SAMPLES))
    return tuple(octets[at : at + FRAME_SAMPLES] for at in range(0, WINDOW_SAMPLES, FRAME_SAMPLES))


def goertzel_energy(samples: Sequence[int], frequency_hz: float) -> float:
    """The energy a tone of this frequency contributes to the samples (sum of squares)."""
    coefficient = 2 * math.cos(2 * math.pi * frequency_hz / SAMPLE_RATE_HZ)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return 2 * power / len(samples)


def level_dbfs(energy: float, samples: int) -> float:
    """Root mean square against a full-scale square wave, in dB; silence is minus infinity."""
    if energy <= 0 or not samples:
        return -math.inf
    return 10 * math.log10(energy / samples / 32768**2)


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet as it arrived. ``at_ms`` is epoch milliseconds."""

    at_ms: float
    ssrc: int
    sequence: int
    timestamp: int
    payload_type: int
    payload: bytes


@dataclass(slots=True)
class ToneFound:
    """One frequency in what was heard. Times are epoch milliseconds of packets' arrival."""

    frequency_hz: int
    seconds: float
    first_ms: float
    last_ms: float
    level_dbfs: float


@dataclass(slots=True)
class Heard:
    """What a recording holds: packets, losses and the tones found, by frequency."""

    packets: int = 0
    lost: int = 0
    other_packets: int = 0
    """Packets that are not A-law audio (telephone events, comfort noise, foreign codecs)."""
    sources: int = 0
    """Distinct synchronisation sources; a switch may change it when it re-bridges."""
    seconds: float = 0.0
    loud_seconds: float = 0.0
    """Seconds above silence, whatever they hold: a prompt, ring-back or a tone."""
    tones: dict[int, ToneFound] = field(default_factory=dict)

    def seconds_of(self, frequency_hz: int) -> float:
        """How long this frequency was heard."""
        found = self.tones.get(frequency_hz)
        return found.seconds if found else 0.0

    def foreign(self, own: Iterable[int], seconds_min: float = 0.3) -> list[int]:
        """Frequencies, other than these, heard for at least so long: cross-talk.

        The default is three windows: a cut in a tone can smear over one, speech over two.
        """
        expected = set(own)
        return sorted(
            hz
            for hz, found in self.tones.items()
            if hz not in expected and found.seconds >= seconds_min - 1e-9
        )


def tones_in(
    samples: Sequence[int], candidates: Sequence[int], first: Sequence[int] = ()
) -> dict[int, float]:
    """The candidates present in one window, each with its energy.

    ``first`` are looked for before the others: a pure tone then costs one filter, not one per
    candidate, because what it leaves unexplained can hide nothing.
    """
    total = float(sum(map(mul, samples, samples)))
    if level_dbfs(total, len(samples)) < SILENCE_DBFS:
        return {}
    energies: dict[int, float] = {}
    explained = 0.0
    for hz in (*first, *(hz for hz in candidates if hz not in first)):
        energies[hz] = goertzel_energy(samples, hz)
        explained += energies[hz]
        if energies[hz] >= SHARE_ENOUGH * total:
            return {hz: energies[hz]}
        if explained >= SHARE_ENOUGH * total and len(energies) == len(first):
            break
    present = {hz: energy for hz, energy in energies.items() if energy >= SHARE_MIN * total}
    return {
        hz: energy
        for hz, energy in present.items()
        if not any(
            other != hz and abs(other - hz) <= SMEAR_HZ and more > energy
            for other, more in present.items()
        )
    }


def _frame_holds(packet: Packet, frequency_hz: int) -> bool:
    samples = [ALAW_TO_LINEAR[octet] for octet in packet.payload]
    total = float(sum(map(mul, samples, samples)))
    if not samples or level_dbfs(total, len(samples)) < SILENCE_DBFS:
        return False
    return goertzel_energy(samples, frequency_hz) >= 0.5 * total


def listen(packets: Iterable[Packet], candidates: Sequence[int]) -> Heard:
    """Find which of the candidate frequencies are in these packets, and for how long.

    Windows never span a loss, a jump of the RTP timestamp or a change of source, so that a gap is
    a gap and not a wrong frequency.
    """
    heard = Heard()
    sources: set[int] = set()
    window: list[Packet] = []
    samples: list[int] = []
    previous: Packet | None = None
    last_found: tuple[int, ...] = ()
    sums: dict[int, float] = {}
    for packet in packets:
        sources.add(packet.ssrc)
        if previous is not None and not _continues(previous, packet):
            if previous.ssrc == packet.ssrc:
                missing = (packet.sequence - previous.sequence - 1) & 0xFFFF
                heard.lost += missing if missing < 0x8000 else 0
            window, samples = [], []
        previous = packet
        if packet.payload_type != PCMA:
            heard.other_packets += 1
            window, samples = [], []
            continue
        heard.packets += 1
        heard.seconds += len(packet.payload) / SAMPLE_RATE_HZ
        window.append(packet)
        samples.extend(map(ALAW_TO_LINEAR.__getitem__, packet.payload))
        if len(samples) < WINDOW_SAMPLES:
            continue
        present = tones_in(samples, candidates, last_found)
        if level_dbfs(float(sum(map(mul, samples, samples))), len(samples)) >= SILENCE_DBFS:
            heard.loud_seconds += len(samples) / SAMPLE_RATE_HZ
        for hz, energy in present.items():
            _note(heard, hz, window, len(samples))
            sums[hz] = sums.get(hz, 0.0) + energy
        last_found = tuple(present) or last_found
        window, samples = [], []
    heard.sources = len(sources)
    for hz, found in heard.tones.items():
        found.level_dbfs = round(level_dbfs(sums[hz], round(found.seconds * SAMPLE_RATE_HZ)), 1)
        found.seconds = round(found.seconds, 3)
    heard.seconds = round(heard.seconds, 3)
    heard.loud_seconds = round(heard.loud_seconds, 3)
    return heard


def _continues(previous: Packet, packet: Packet) -> bool:
    return (
        packet.ssrc == previous.ssrc
        and packet.sequence == (previous.sequence + 1) & 0xFFFF
        and packet.timestamp == (previous.timestamp + len(previous.payload)) & 0xFFFFFFFF
    )


def _note(heard: Heard, hz: int, window: list[Packet], samples: int) -> None:
    found = heard.tones.get(hz)
    if found is None:
        # The first window may begin in the middle of the silence before it: find the frame, so
        # that an answer's time is right to 20 ms and not to 100.
        first = next((packet for packet in window if _frame_holds(packet, hz)), window[0])
        found = heard.tones[hz] = ToneFound(hz, 0.0, first.at_ms, first.at_ms, -math.inf)
    found.seconds += samples / SAMPLE_RATE_HZ
    found.last_ms = window[-1].at_ms
