"""What was said on a line: A-law packets against the prompts' own files."""

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acd.proof.tone import ALAW_TO_LINEAR

RATE_HZ = 8000
LIKENESS_MIN = 0.85
"""Of a prompt and its passage through A-law, which stays above 0.95; other prompts of that voice
come to 0.8 where they say the same words."""

Samples = NDArray[np.float64]

_LINEAR = np.array(ALAW_TO_LINEAR, dtype=np.float64)


def heard(payloads: Iterable[bytes]) -> Samples:
    """The samples of received A-law packets, end to end."""
    return _LINEAR[np.frombuffer(b"".join(payloads), dtype=np.uint8)]


def wav(path: Path) -> Samples:
    """The samples of a mono WAV file of 16 bits."""
    with wave.open(str(path), "rb") as file:
        assert file.getnchannels() == 1 and file.getsampwidth() == 2, path
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float64)


def likeness(samples: Samples, prompt: Samples) -> float:
    """How surely the prompt is in the samples, wherever it begins: 0 nothing, 1 the very same."""
    # Two seconds tell one from another; the end may be cut by the hang-up behind it.
    piece = prompt[: min(2 * RATE_HZ, len(prompt) * 7 // 10)]
    if len(samples) < len(piece) or not piece.any():
        return 0.0
    size = 1 << (len(samples) + len(piece)).bit_length()
    product = np.fft.irfft(np.fft.rfft(samples, size) * np.conj(np.fft.rfft(piece, size)), size)
    places = len(samples) - len(piece) + 1
    energy = np.cumsum(np.concatenate(([0.0], samples**2)))
    windows = energy[len(piece) :] - energy[: -len(piece)]
    norms = np.sqrt(np.maximum(windows, 1.0) * float(piece @ piece))
    return float(np.max(product[:places] / norms))


def tone_seconds(samples: Samples, frequency_hz: float, share_min: float = 0.5) -> float:
    """How long this frequency dominates, in windows of 100 ms."""
    size = RATE_HZ // 10
    angle = 2 * np.pi * frequency_hz / RATE_HZ * np.arange(size)
    wave_ = np.exp(-1j * angle)
    found = 0
    for start in range(0, len(samples) - size + 1, size):
        window = samples[start : start + size]
        total = float(window @ window)
        if total < size * 100.0**2:  # below -50 dBFS
            continue
        if 2 * abs(window @ wave_) ** 2 / size / total >= share_min:
            found += 1
    return found / 10
