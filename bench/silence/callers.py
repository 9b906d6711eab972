"""Generated callers: what comes from the leg, what is sent to it, and whether somebody answers.

A call is a greeting, some seconds to answer, a prompt, some seconds to answer.  Everything about
it is drawn: who speaks and what, at what level, over what noise, through what room and line.
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

import numpy as np
from numpy.typing import NDArray

from acd.listening.frames import FRAME_SAMPLES, RATE_HZ
from bench.silence import sounds
from bench.silence.voices import Sound, Voices

WINDOW_S = 3.5
"""What the procedure gives a caller to answer, and the end of their word."""


class Kind(StrEnum):
    SPEECH = "speech"
    WHISPER = "whisper"
    BREATHING = "breathing"
    MOANING = "moaning"
    TELEVISION = "television"
    KNOCKS = "knocks"
    NOISE = "room noise"
    COMFORT = "comfort noise"
    ECHO = "prompt echo"
    SILENCE = "silence"
    NO_RTP = "no RTP"


RESPONSES = (Kind.SPEECH, Kind.WHISPER)


@dataclass(frozen=True, slots=True)
class Caller:
    """One call, both directions at ``RATE_HZ``."""

    kind: Kind
    near: NDArray[np.int16]
    sent: NDArray[np.int16]
    spoken: NDArray[np.bool_]
    """By frame: the caller is saying something."""
    marks: tuple[str, ...]
    """What else was drawn: loss, DTX, television …"""


def caller(rng: Random, kind: Kind, voices: Voices) -> Caller:
    """Draw one caller of a kind."""
    sent, windows, sent_dbfs = _agent(rng, voices)
    count = len(sent)
    marks: list[str] = []
    near_dbfs = rng.uniform(-36, -14)
    spoken = np.zeros(count, dtype=bool)
    sound = np.zeros(count)
    noise_dbfs = -90.0
    if kind in RESPONSES:
        if kind is Kind.WHISPER:
            near_dbfs = rng.uniform(-42, -26)
        sound, spoken = _answer(rng, kind, voices, windows, count, near_dbfs)
        noise_dbfs = near_dbfs - rng.uniform(15, 50)
        if rng.random() < 0.25:
            marks.append("television")
            sound += _television(rng, voices, count, near_dbfs - rng.uniform(12, 25))
    elif kind is Kind.BREATHING:
        sound = sounds.level(sounds.breathing(rng, count), rng.uniform(-50, -22))
    elif kind is Kind.MOANING:
        sound = sounds.level(sounds.moaning(rng, count), rng.uniform(-45, -15))
    elif kind is Kind.TELEVISION:
        sound = _television(rng, voices, count, near_dbfs - rng.uniform(10, 25))
    elif kind is Kind.KNOCKS:
        sound = sounds.level(sounds.knocks(rng, count), rng.uniform(-50, -20))
    elif kind is Kind.NOISE:
        noise_dbfs = rng.uniform(-55, -28)
    if kind not in RESPONSES and rng.random() < 0.6:
        noise_dbfs = max(noise_dbfs, rng.uniform(-75, -50))
    if kind is not Kind.NO_RTP and noise_dbfs > -80:
        marks.append(f"noise {noise_dbfs:.0f}")
        sound += sounds.level(
            sounds.noise(
                rng, count, tilt=rng.uniform(0, 9), low_hz=rng.uniform(50, 200), high_hz=3600
            ),
            noise_dbfs,
        )
    sound = sounds.band(sound, rng.uniform(100, 350), rng.uniform(2800, 3800))
    if kind is Kind.ECHO or (kind is not Kind.NO_RTP and rng.random() < 0.4):
        marks.append("echo")
        sound += _echo(rng, sent, sent_dbfs)
    if kind is Kind.COMFORT:
        sound += _comfort(rng, count)
    elif kind is not Kind.NO_RTP and rng.random() < 0.2:
        marks.append("dtx")
        sound = _dtx(rng, sound)
    near = _line(sound)
    if kind is Kind.NO_RTP:
        near[:] = 0
    elif rng.random() < 0.25:
        marks.append("loss")
        near = _lossy(rng, near)
    frames = count // FRAME_SAMPLES
    by_frame = spoken[: frames * FRAME_SAMPLES].reshape(frames, FRAME_SAMPLES).mean(axis=1) > 0.5
    return Caller(kind, near, _line(sent), by_frame, tuple(marks))


def _agent(rng: Random, voices: Voices) -> tuple[Sound, list[float], float]:
    """What is sent to the caller, when the two windows to answer begin, and its level."""
    parts, windows, at_s = [], [], rng.uniform(0.8, 2.0)
    speaker = rng.choice(voices.sent)
    dbfs = rng.uniform(-26, -14)
    for n in range(2):
        said = sounds.level(rng.choice(speaker), dbfs)
        parts.append((at_s, said))
        at_s += len(said) / RATE_HZ
        windows.append(at_s)
        at_s += WINDOW_S + (0.5 if n else 0.0)
    out = np.zeros(int(at_s * RATE_HZ) // FRAME_SAMPLES * FRAME_SAMPLES)
    for begin_s, said in parts:
        first = int(begin_s * RATE_HZ)
        out[first : first + len(said)] += said[: len(out) - first]
    if rng.random() < 0.5:
        hum = sounds.noise(rng, len(out), tilt=3, low_hz=100, high_hz=3500)
        out += sounds.level(hum, rng.uniform(-72, -52))
    return out, windows, dbfs


def _answer(
    rng: Random, kind: Kind, voices: Voices, windows: list[float], count: int, dbfs: float
) -> tuple[Sound, NDArray[np.bool_]]:
    """Somebody says something in one of the windows or in both."""
    speaker = rng.choice(voices.whispered if kind is Kind.WHISPER else voices.near)
    sound, spoken = np.zeros(count), np.zeros(count, dtype=bool)
    chosen = rng.choice(([0], [1], [0, 1]))
    for n in chosen:
        at_s = windows[n] + rng.uniform(0.2, 1.2)
        said = sounds.level(rng.choice(speaker), dbfs)
        first = int(at_s * RATE_HZ)
        piece = said[: count - first]
        sound[first : first + len(piece)] += piece
        loud = np.abs(piece) > 0.1 * np.max(np.abs(piece))
        near = np.convolve(loud, np.ones(800), mode="same") > 0
        spoken[first : first + len(piece)] |= near
    far = rng.random()
    if far < 0.5:
        sound = sounds.room(rng, sound, decay_s=rng.uniform(0.1, 0.6), direct=1 - 0.6 * far)
        sound = sounds.level(sound, dbfs) if np.any(sound) else sound
    return sound, spoken


def _television(rng: Random, voices: Voices, count: int, dbfs: float) -> Sound:
    """Other voices, one after the other or two at once, over music, from across a room."""
    out = np.zeros(count)
    for _ in range(rng.choice((1, 1, 2))):
        speaker = rng.choice(voices.television)
        at = rng.randint(-RATE_HZ, RATE_HZ // 2)
        while at < count:
            said = sounds.level(rng.choice(speaker), rng.uniform(-3, 3))
            first, skipped = max(at, 0), max(-at, 0)
            piece = said[skipped : skipped + count - first]
            out[first : first + len(piece)] += piece
            at += len(said) + int(rng.uniform(0.05, 0.6) * RATE_HZ)
    out += sounds.level(sounds.music(rng, count), rng.uniform(-14, 2))
    out = sounds.room(rng, out, decay_s=rng.uniform(0.2, 0.9), direct=rng.uniform(0.2, 0.6))
    return sounds.level(sounds.band(out, 150, rng.uniform(1200, 3500)), dbfs)


def _echo(rng: Random, sent: Sound, sent_dbfs: float) -> Sound:
    """What a hands-free terminal sends back of what it plays."""
    late = int(rng.uniform(0.02, 0.35) * RATE_HZ)
    back = np.concatenate((np.zeros(late), sent))[: len(sent)]
    back = sounds.room(rng, back, decay_s=rng.uniform(0.1, 0.5), direct=rng.uniform(0.3, 0.9))
    back = sounds.band(back, rng.uniform(200, 400), rng.uniform(2200, 3600))
    return sounds.level(back, sent_dbfs - rng.uniform(3, 30))


def _dtx(rng: Random, sound: Sound) -> Sound:
    """A phone that sends nothing while it hears nothing: Asterisk puts in silence."""
    frames = sound.reshape(-1, FRAME_SAMPLES)
    dbfs = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    quiet = dbfs < np.percentile(dbfs, 10) + rng.uniform(4, 8)
    hang = np.convolve(~quiet, np.ones(8), mode="full")[: len(quiet)] > 0
    return np.asarray(np.where(hang[:, None], frames, 0.0).reshape(-1))


def _comfort(rng: Random, count: int) -> Sound:
    """The soft hiss that a network puts in where nobody speaks."""
    hiss = sounds.noise(rng, count, tilt=rng.uniform(0, 3), low_hz=100, high_hz=3600)
    return sounds.level(hiss, rng.uniform(-70, -50))


def _lossy(rng: Random, near: NDArray[np.int16]) -> NDArray[np.int16]:
    """Five packets in a hundred do not arrive."""
    frames = near.reshape(-1, FRAME_SAMPLES).copy()
    for n in range(len(frames)):
        if rng.random() < 0.05:
            frames[n] = 0
    return frames.reshape(-1)


def _line(sound: Sound) -> NDArray[np.int16]:
    """A-law and back: eight bits for each sample, fine where it is quiet (G.711)."""
    linear = np.clip(sound, -0.98, 0.98)
    loud = np.abs(linear) * 32_768
    step = 2.0 ** np.maximum(np.floor(np.log2(np.maximum(loud, 1.0))) - 4, 4)
    return np.asarray(np.sign(linear) * (np.floor(loud / step) + 0.5) * step, dtype=np.int16)
