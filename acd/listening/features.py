"""What is measured in a stretch of sound: the numbers by which near speech is told from the rest.

Pure arithmetic on frames of 20 ms.  Speech, whispered or not, changes its spectrum many times a
second and falls quiet between syllables; breath and moaning change slowly, music and a television
fill their own gaps, and both stand in the leg's background already.
"""

from typing import NamedTuple

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from acd.listening.frames import FRAME_MS, FRAME_SAMPLES, RATE_HZ

Floats = NDArray[np.float32]

BANDS = 16
FLOOR_DBFS = -72.0
"""Nothing below is told apart: G.711's own noise, digital silence, comfort noise."""
_FFT = 256
_OVERLAP = _FFT - FRAME_SAMPLES
_WINDOW = np.hanning(_FFT).astype(np.float32)


def _filters() -> Floats:
    """Triangles that are equally wide for the ear, from 120 to 3,900 Hz."""
    mel = np.linspace(1127 * np.log1p(120 / 700), 1127 * np.log1p(3_900 / 700), BANDS + 2)
    edges = 700 * np.expm1(mel / 1127)
    hz = np.arange(_FFT // 2 + 1) * RATE_HZ / _FFT
    rising = (hz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz[:, None]) / (edges[2:] - edges[1:-1])
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None), dtype=np.float32)


_FILTERS = _filters()

_VOICE_BINS = 51
_PERIODS = np.arange(RATE_HZ // 400, RATE_HZ // 80)


def _cosines() -> Floats:
    """Power by frequency to autocorrelation at each of ``_PERIODS``."""
    own = np.correlate(_WINDOW, _WINDOW, mode="full")[_FFT - 1 :]
    phases = 2 * np.pi * np.outer(np.arange(_VOICE_BINS), _PERIODS) / _FFT
    return np.asarray(np.cos(phases) * (own[0] / own[_PERIODS]), dtype=np.float32)


_COSINES = _cosines()


class Frames(NamedTuple):
    """Some frames, measured one by one; the first axis is time."""

    level: Floats
    """dBFS of each frame, not below ``FLOOR_DBFS``."""
    bands: Floats
    """dB in each of ``BANDS`` bands."""
    voiced: Floats
    """1 where the voice-activity library hears a voice, else 0."""
    harmonic: Floats
    """How alike the sound is to itself one period of a voice later, from 0 to about 1."""
    peaked: Floats
    """How far its peaks stand out: the log of its kurtosis.  A voice close by is a train of pulses;
    a room fills the time between them."""

    def some(self, which: slice | NDArray[np.bool_] | NDArray[np.intp]) -> "Frames":
        """Some of these frames."""
        return Frames(*(numbers[which] for numbers in self))

    def and_then(self, others: "Frames") -> "Frames":
        """These frames and others after them."""
        return Frames(*map(np.concatenate, zip(self, others, strict=True)))


class Meter:
    """Measures the frames of one direction as they come."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(3)
        self._before: Floats = np.zeros(_OVERLAP, dtype=np.float32)

    def measure(self, samples: NDArray[np.int16]) -> Frames:
        """Measure whole frames; what came before them is remembered."""
        count = len(samples) // FRAME_SAMPLES
        sound = full_scale(samples)
        whole: Floats = np.concatenate((self._before, sound))
        self._before = whole[-_OVERLAP:]
        windows = np.lib.stride_tricks.as_strided(
            whole, (count, _FFT), (whole.strides[0] * FRAME_SAMPLES, whole.strides[0])
        )
        spectrum = np.abs(np.fft.rfft(windows * _WINDOW, axis=1)).astype(np.float32) ** 2
        bands = 10 * np.log10(spectrum @ _FILTERS + 1e-5)
        raw = samples.tobytes()
        size = 2 * FRAME_SAMPLES
        voiced = [
            self._vad.is_speech(raw[n * size : (n + 1) * size], RATE_HZ) for n in range(count)
        ]
        return Frames(
            levels(sound),
            bands,
            np.array(voiced, dtype=np.float32),
            _harmonic(spectrum),
            _peaked(sound),
        )


def _harmonic(spectrum: Floats) -> Floats:
    """The highest autocorrelation of each frame at the periods of a voice, its window's own fall
    taken out; what lies above 1.6 kHz tells little and is left out."""
    power = spectrum[:, :_VOICE_BINS]
    alike = power @ _COSINES
    return np.asarray(
        np.clip(alike.max(axis=1) / (power.sum(axis=1) + np.float32(1e-6)), 0, 2), dtype=np.float32
    )


def _peaked(sound: Floats) -> Floats:
    """The log of each frame's kurtosis: 0.4 for a sine, 1.1 for noise."""
    power = sound.reshape(-1, FRAME_SAMPLES) ** 2
    square = np.einsum("ij,ij->i", power, power) / FRAME_SAMPLES
    return np.asarray(
        np.log((square + 1e-20) / (power.mean(axis=1) ** 2 + 1e-20)), dtype=np.float32
    )


def full_scale(samples: NDArray[np.int16]) -> Floats:
    """Samples between -1 and 1."""
    return np.asarray(samples, dtype=np.float32) / np.float32(32_768)


def levels(sound: Floats) -> Floats:
    """The level of each frame in dBFS."""
    frames = sound.reshape(-1, FRAME_SAMPLES)
    power = np.einsum("ij,ij->i", frames, frames) / FRAME_SAMPLES
    return np.asarray(np.maximum(10 * np.log10(power + 1e-12), FLOOR_DBFS), dtype=np.float32)


NAMES = (
    "above_floor",
    "level",
    "range",
    "flux",
    "shape_flux",
    "voiced",
    "syllables",
    "slow",
    "variety",
    "centroid",
    "centroid_spread",
    "tilt",
    "flatness",
    "active",
    "drops",
    "rises",
    "gaps",
    "busy_before",
    "above_before",
    "above_loudest",
    "frames",
    "harmonic",
    "harmonic_share",
    "harmonic_spread",
    "harmonic_quiet",
    "variety_quiet",
    "flatness_quiet",
    "peaked",
    "peaked_most",
    "drops_fast",
    "unlike_before",
)
"""What ``describe`` measures, in this order; the model speaks of it by these names."""

HISTORY_FRAMES_MIN = 25
_PLACES = np.arange(BANDS, dtype=np.float32)


def describe(segment: Frames, before: Frames, floor: float) -> Floats:
    """Return the numbers of ``NAMES`` for a segment of 25 to 75 frames.

    ``before`` is what was heard in the seconds before it, ``floor`` the leg's own noise in dBFS.
    """
    ordered = np.sort(segment.level)
    count = len(ordered)
    low, high = float(ordered[count // 10]), float(ordered[(9 * count) // 10])
    loud = segment.level >= max(high - 20, floor + 4)
    said = segment.some(loud) if loud.any() else segment
    return np.array(
        (
            high - floor,
            high,
            high - low,
            *_changes(segment.bands, loud),
            segment.voiced.mean(),
            *_rhythm(segment.level, max(floor, high - 30)),
            *_colour(said.bands),
            (segment.level > floor + 6).mean(),
            *_edges(segment.level, floor),
            (segment.level < high - 12).mean(),
            *_news(high, before.level, floor),
            count,
            *_voice(said.harmonic),
            *_under(segment),
            *_near(said.peaked, np.maximum(segment.level, floor)),
            _unlike(said.bands, before, floor),
        ),
        dtype=np.float32,
    )


def above_before(level: Floats, before: Floats, floor: float) -> float:
    """The number of that name alone: most segments are told by it."""
    place = (9 * len(level)) // 10
    return _news(float(np.partition(level, place)[place]), before, floor)[1]


def _changes(bands: Floats, loud: NDArray[np.bool_]) -> tuple[float, float]:
    """dB per frame and band, as a whole and of the spectrum's shape alone."""
    pairs = loud[1:] & loud[:-1]
    if pairs.sum() < 3:
        return 0.0, 0.0
    change = (bands[1:] - bands[:-1])[pairs]
    shape = change - change.mean(axis=1, keepdims=True)
    return float(np.abs(change).mean()), float(np.abs(shape).mean())


def _rhythm(level: Floats, lowest: float) -> tuple[float, float]:
    """How strongly the level swings two to nine times a second (syllables; log of power), and the
    share of what swings more slowly."""
    envelope = np.maximum(level, lowest)
    count = len(envelope)
    swing = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(count)))[1:] ** 2
    hz = np.arange(1, len(swing) + 1) * (1_000 / FRAME_MS) / count
    syllables = swing[(hz >= 2) & (hz <= 9)].sum() / count
    return float(np.log10(syllables + 1e-3)), float(swing[hz < 2].sum() / (swing.sum() + 1e-3))


def _colour(bands: Floats) -> tuple[float, float, float, float, float]:
    """Of the loud frames: how much their spectra differ in shape (dB), where their middle is and
    how far it wanders (bands), the fall from the lower to the upper half (dB), and flatness (dB).
    """
    shape = bands - bands.mean(axis=1, keepdims=True)
    power = np.exp(bands * (np.log(10) / 10))
    total = power.sum(axis=1)
    middle = (power @ _PLACES) / total
    mean = shape.mean(axis=0)
    half = BANDS // 2
    flatness = (bands.mean(axis=1) - 10 * np.log10(total / BANDS)).mean()
    return (
        float(shape.std(axis=0).mean()),
        float(middle.mean()),
        float(middle.std()),
        float(mean[:half].mean() - mean[half:].mean()),
        float(flatness),
    )


def _voice(harmonic: Floats) -> tuple[float, float, float]:
    """Of the loud frames: how much a voice's period is in them, in which share it is clear, and
    how much that differs between them."""
    return float(harmonic.mean()), float((harmonic > 0.6).mean()), float(harmonic.std())


def _under(segment: Frames) -> tuple[float, float, float]:
    """Of the quietest third of the frames, where music under a voice shows: how clear a period is
    in them, how much their spectra differ in shape, and their flatness (dB)."""
    quiet = np.argpartition(segment.level, len(segment.level) // 3)[: len(segment.level) // 3]
    variety, *_, flatness = _colour(segment.bands[quiet])
    return float(segment.harmonic[quiet].mean()), variety, flatness


def _near(peaked: Floats, held: Floats) -> tuple[float, float, float]:
    """What a room takes away: how peaked the loud frames are, usually and at best (the log of
    kurtosis), and the steepest falls of the level from one frame to the next (dB)."""
    falls = np.sort(held[1:] - held[:-1])
    best = float(np.sort(peaked)[(4 * len(peaked)) // 5])
    return float(peaked.mean()), best, float(-falls[:4].mean())


def _unlike(now: Floats, before: Frames, floor: float) -> float:
    """How far the mean spectrum of the loud frames (``now``, bands) is in its shape from that of
    what was loud before (dB): a television goes on as it was."""
    count = len(before.level)
    if count < HISTORY_FRAMES_MIN:
        return 0.0
    ordered = np.sort(before.level)
    usual = float(ordered[(9 * count) // 10])
    least = min(max(usual - 12, floor + 3), float(ordered[count - 5]))
    then = before.bands[before.level >= least].mean(axis=0)
    apart = now.mean(axis=0) - then
    return float((apart - apart.mean()).std())


def _edges(level: Floats, floor: float) -> tuple[float, float]:
    """The steepest falls and rises within 60 ms, in dB."""
    held = np.maximum(level, floor)
    steps = np.sort(held[3:] - held[:-3])
    return float(-steps[:4].mean()), float(steps[-4:].mean())


def _news(high: float, before: Floats, floor: float) -> tuple[float, float, float]:
    """How much busier than its floor the leg was before, and by how much the segment is louder than
    what was usually, and at most, to be heard before (dB)."""
    count = len(before)
    if count < HISTORY_FRAMES_MIN:
        return 0.0, high - floor, high - floor
    places = (count // 2, (9 * count) // 10, count - max(count // 33, 1))
    middle, usual, loudest = np.partition(before, places)[list(places)].tolist()
    return middle - floor, high - usual, high - loudest
