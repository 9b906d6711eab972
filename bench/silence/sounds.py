"""What a leg gives when nobody speaks into it: breath, moaning, music, noise, and what rooms and
lines do to any sound."""

from random import Random

import numpy as np
from scipy.fft import next_fast_len

from acd.listening.frames import RATE_HZ
from bench.silence.voices import Sound


def level(sound: Sound, dbfs: float) -> Sound:
    """Bring the loud part of a sound to a level: the 90th percentile of its 20 ms, quiet ones left
    out."""
    size = len(sound) // 160 * 160
    rms = np.sqrt(np.mean(sound[:size].reshape(-1, 160) ** 2, axis=1))
    reference = float(np.percentile(rms[rms >= rms.max() / 30], 90))
    return sound * (10 ** (dbfs / 20) / max(reference, 1e-9))


def noise(rng: Random, samples: int, *, tilt: float, low_hz: float, high_hz: float) -> Sound:
    """Noise whose power falls by ``tilt`` dB per octave within a band."""
    source = np.random.default_rng(rng.getrandbits(32))
    size = next_fast_len(samples, real=True)
    spectrum = np.fft.rfft(source.standard_normal(size))
    frequency = np.fft.rfftfreq(size, 1 / RATE_HZ)
    gain = (np.maximum(frequency, 50.0) / 1000) ** (-tilt / 6.02)
    gain[(frequency < low_hz) | (frequency > high_hz)] *= 0.02
    return np.asarray(np.fft.irfft(spectrum * gain, size)[:samples])


def breathing(rng: Random, samples: int) -> Sound:
    """In and out, ten to forty times a minute, through mouth or nose."""
    cycle_s = 60 / rng.uniform(10, 40)
    share = rng.uniform(0.25, 0.45)
    out = np.zeros(samples)
    inward = noise(rng, samples, tilt=rng.uniform(-2, 3), low_hz=300, high_hz=3700)
    outward = noise(
        rng, samples, tilt=rng.uniform(0, 6), low_hz=rng.uniform(100, 400), high_hz=3400
    )
    at = rng.uniform(-cycle_s, 0.3)
    while at * RATE_HZ < samples:
        for begin, length, which, gain in (
            (at, share * cycle_s, inward, rng.uniform(0.3, 1.0)),
            (at + (share + 0.08) * cycle_s, share * 1.2 * cycle_s, outward, 1.0),
        ):
            source = np.roll(which, rng.randrange(samples))
            _swell(out, source, begin, length * rng.uniform(0.8, 1.1), gain, rng.uniform(0.6, 2.0))
        at += cycle_s * rng.uniform(0.85, 1.2)
    return out


def moaning(rng: Random, samples: int) -> Sound:
    """A voice without words: one vowel, a slow melody, breath in it."""
    out = np.zeros(samples)
    base_hz = rng.uniform(90, 320)
    formants = [(rng.uniform(280, 750), 90.0), (rng.uniform(850, 1800), 120.0), (2600.0, 200.0)]
    at = rng.uniform(-0.5, 1.5)
    while at * RATE_HZ < samples:
        length_s = rng.uniform(0.6, 2.6)
        count = int(length_s * RATE_HZ)
        time = np.arange(count) / RATE_HZ
        slide = rng.uniform(-0.35, 0.15)
        drift = noise(rng, count, tilt=6, low_hz=0, high_hz=6)
        drift /= max(float(np.std(drift)), 1e-9)
        pitch = base_hz * (1 + slide * time / length_s + 0.015 * drift)
        phase = np.cumsum(pitch) / RATE_HZ
        pulses = np.diff(np.floor(phase), prepend=0.0)
        pulses += noise(rng, count, tilt=0, low_hz=100, high_hz=3800) * rng.uniform(0.02, 0.15)
        voice = _resonant(pulses, formants)
        voice /= max(float(np.max(np.abs(voice))), 1e-9)
        _swell(out, voice, at, length_s, rng.uniform(0.5, 1.0), 1.0)
        at += length_s + rng.uniform(0.5, 4.0)
    return out


def music(rng: Random, samples: int) -> Sound:
    """Chords and a melody of plucked and bowed notes, with a beat."""
    out = np.zeros(samples)
    scale = [0, 2, 4, 7, 9]
    root_hz = rng.uniform(110, 220)
    beat_s = rng.uniform(0.25, 0.6)
    at = 0.0
    while at * RATE_HZ < samples:
        for octave, gain in ((1, 1.0), (2, 0.7), (4, 0.4)):
            hz = root_hz * octave * 2 ** (rng.choice(scale) / 12)
            length_s = beat_s * rng.choice((1, 2, 4))
            time = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
            decay = np.exp(-time * rng.uniform(0.5, 4.0)) * np.minimum(time / 0.02, 1)
            tone = sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 5) if hz * k < 3800)
            _add(out, tone * decay * gain, at)
        if rng.random() < 0.3:
            hit = noise(rng, 800, tilt=0, low_hz=200, high_hz=3800)
            _add(out, hit * np.exp(-np.arange(800) / 160), at)
        at += beat_s
    return out


def knocks(rng: Random, samples: int) -> Sound:
    """Things that fall, doors, dishes, a stick on the floor."""
    out = np.zeros(samples)
    at = rng.uniform(0, 1.5)
    while at * RATE_HZ < samples:
        count = int(rng.uniform(0.05, 0.4) * RATE_HZ)
        hit = noise(rng, count, tilt=rng.uniform(0, 6), low_hz=80, high_hz=rng.uniform(800, 3800))
        _add(out, hit * np.exp(-np.arange(count) / (count / 5)), at)
        at += rng.uniform(0.4, 4.0)
    return out


def room(rng: Random, sound: Sound, *, decay_s: float, direct: float) -> Sound:
    """Let a sound pass through a room; ``direct`` is the share that comes straight."""
    count = max(int(decay_s * RATE_HZ), 2)
    source = np.random.default_rng(rng.getrandbits(32))
    tail = source.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    tail *= (1 - direct) / max(float(np.sqrt(tail @ tail)), 1e-9)
    tail[0] = direct
    size = 1 << (len(sound) + count).bit_length()
    whole = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)
    return np.asarray(whole[: len(sound)])


def band(sound: Sound, low_hz: float, high_hz: float) -> Sound:
    """What a small loudspeaker, a wall or a terminal's microphone leaves of a sound."""
    size = next_fast_len(len(sound), real=True)
    spectrum = np.fft.rfft(sound, size)
    frequency = np.fft.rfftfreq(size, 1 / RATE_HZ)
    gain = 1 / (1 + (low_hz / np.maximum(frequency, 1.0)) ** 4) / (1 + (frequency / high_hz) ** 4)
    return np.asarray(np.fft.irfft(spectrum * gain, size)[: len(sound)])


def _resonant(source: Sound, formants: list[tuple[float, float]]) -> Sound:
    size = next_fast_len(len(source), real=True)
    spectrum = np.fft.rfft(source, size)
    frequency = np.fft.rfftfreq(size, 1 / RATE_HZ)
    gain = sum(
        weight / (1 + ((frequency - hz) / width) ** 2)
        for weight, (hz, width) in zip((1.0, 0.5, 0.15), formants, strict=True)
    )
    return np.asarray(np.fft.irfft(spectrum * gain, size)[: len(source)])


def _swell(
    out: Sound, source: Sound, begin_s: float, length_s: float, gain: float, shape: float
) -> None:
    """Add a stretch of a source that swells and fades."""
    count = min(int(length_s * RATE_HZ), len(source))
    envelope = np.sin(np.pi * np.arange(count) / count) ** shape
    _add(out, source[:count] * envelope * gain, begin_s)


def _add(out: Sound, piece: Sound, begin_s: float) -> None:
    first = int(begin_s * RATE_HZ)
    piece = piece[max(-first, 0) :][: max(len(out) - max(first, 0), 0)]
    if len(piece):
        out[max(first, 0) : max(first, 0) + len(piece)] += piece
