"""Sound as the switch plays it: 8 kHz, 16 bit, one channel, in WAV files.

Samples are `array('h')`; levels are dBFS, where 0 dB is the largest 16-bit value and a level
of speech counts only the stretches in which somebody speaks (pauses would hide how loud it is).
"""

import math
import sys
import wave
from array import array
from pathlib import Path

from prompts.texts import PromptError

RATE_HZ = 8000
FULL_SCALE = 32768
SILENCE_DBFS = -90.0

# 20 ms, the frame of the telephone network.
_FRAME = RATE_HZ // 50
# A frame this much below the loudest one is a pause, not speech.
_PAUSE_DB = 25.0
# A recording quieter than this is an empty one with hiss.
_RECORDING_MIN_DBFS = -45.0
_RECORDING_MIN_MS = 50


def samples_of(raw: bytes) -> "array[int]":
    """Samples from little-endian 16-bit bytes."""
    samples = array("h")
    samples.frombytes(raw[: len(raw) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def raw_of(samples: "array[int]") -> bytes:
    """Little-endian 16-bit bytes from samples."""
    if sys.byteorder == "little":
        return samples.tobytes()
    swapped = array("h", samples)
    swapped.byteswap()
    return swapped.tobytes()


def speech_dbfs(samples: "array[int]") -> float:
    """How loud it is while somebody speaks, RMS in dBFS; -90 for silence."""
    powers = [
        sum(value * value for value in samples[start : start + _FRAME]) / _FRAME
        for start in range(0, len(samples) - _FRAME + 1, _FRAME)
    ]
    loudest = max(powers, default=0.0)
    spoken = [power for power in powers if power > loudest * 10 ** (-_PAUSE_DB / 10)]
    return _dbfs(math.sqrt(sum(spoken) / len(spoken))) if spoken else SILENCE_DBFS


def rms_dbfs(samples: "array[int]") -> float:
    """RMS of the whole in dBFS; -90 for silence."""
    if not samples:
        return SILENCE_DBFS
    return _dbfs(math.sqrt(sum(value * value for value in samples) / len(samples)))


def peak_dbfs(samples: "array[int]") -> float:
    """The largest value in dBFS; -90 for silence."""
    return _dbfs(max((abs(value) for value in samples), default=0))


def _dbfs(amplitude: float) -> float:
    return 20 * math.log10(amplitude / FULL_SCALE) if amplitude > 1 else SILENCE_DBFS


def write(file: Path, samples: "array[int]") -> None:
    """Write a WAV file so that a reader sees the old one or the whole new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.new")
    with wave.open(str(aside), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(raw_of(samples))
    aside.replace(file)


def read_recording(file: Path) -> "array[int]":
    """The samples of somebody's recording, checked.

    Raises:
        PromptError: not a WAV file, another format, shorter than it claims, too short, or
            nothing to be heard in it.
    """
    try:
        with wave.open(str(file), "rb") as source:
            shape = (source.getframerate(), source.getsampwidth() * 8, source.getnchannels())
            claimed = source.getnframes()
            samples = samples_of(source.readframes(claimed)) if shape == (RATE_HZ, 16, 1) else None
    except (EOFError, wave.Error) as error:
        reason = str(error) or "it ends too early"
        raise PromptError(f"{file} is not a PCM WAV file ({reason}).") from error
    if samples is None:
        rate, bits, channels = shape
        raise PromptError(
            f"{file} has {rate} Hz, {bits} bit and {channels} channel(s), but 8000 Hz, 16 bit and "
            f"1 channel are needed: sox {file.name} -r 8000 -b 16 -c 1 new.wav"
        )
    if len(samples) < claimed:
        raise PromptError(f"{file} is cut off: {len(samples)} of {claimed} samples are there.")
    length_ms = len(samples) * 1000 // RATE_HZ
    if length_ms < _RECORDING_MIN_MS:
        raise PromptError(f"{file} is empty: it lasts {length_ms} ms.")
    level = speech_dbfs(samples)
    if level < _RECORDING_MIN_DBFS:
        raise PromptError(f"{file} has nothing to be heard in it: its level is {level:.0f} dBFS.")
    return samples
