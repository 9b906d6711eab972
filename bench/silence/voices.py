"""Voices of the generated callers: espeak-ng, many speakers, speeds and pitches.

Speakers and sentences are in two halves that have nothing in common: one to tune the ear on, one
to judge it by.  The half to tune on is the more varied: it has more speakers, and some of them a
throat that is longer or shorter than espeak-ng's.
"""

import io
import subprocess
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from acd.listening.frames import RATE_HZ

Sound = NDArray[np.float64]
"""Samples at ``RATE_HZ``, full scale 1."""

HALVES = ("tuned", "judged")

SPEAKERS = {
    "tuned": "m1 m3 m5 m7 f1 f3 f5 adam aunty boris edward grandma klatt klatt3 klatt6 linda max "
    "norbert pablo pedro rob steph victor Alex Alicia Andrea Andy Annie Denis Diogo ed edward2 "
    "Gene Gene2 Henrique Hugo ian iven iven2 iven3 iven4 Jacky john kaukovalta Lee Marco Mario "
    "Michael mike mike2 Nguyen Reed steph2 steph3 travis",
    "judged": "m2 m4 m6 m8 f2 f4 anika antonio belinda benjamin caleb david grandpa gustave klatt2 "
    "klatt4 marcelo michel miguel paul quincy robert sandro shelby zac",
}
"""espeak-ng's variants that sound like people."""

WHISPERERS = {"tuned": "whisper", "judged": "whisper whisperf"}

SENTENCES = {
    "tuned": (
        "喂,你好,我在家里",
        "我摔倒了,起不来了",
        "哎哟,救救我吧",
        "我胸口疼得厉害",
        "没事,我按错了",
        "听得见,听得见",
        "你们快点来",
        "我老伴昏过去了,叫不醒",
        "家里有烟,我害怕",
        "我要找我女儿",
        "是的,就是我",
        "门没有锁,你们进来吧",
        "救命啊,救命",
        "你是哪位",
        "好的,谢谢",
        "我听见了",
        "我在家呢",
        "腿疼得很",
        "是我,是我",
        "你们是谁啊",
    ),
    "judged": (
        "喂,谁呀",
        "我头晕,站不住",
        "快来人啊,疼死我了",
        "我喘不过气来",
        "不好意思,碰到了",
        "我听到了,你说",
        "请叫一辆救护车",
        "我一个人在家,动不了",
        "厨房着火了",
        "帮我打电话给儿子",
        "对,我住在三楼",
        "哎,我在,我在",
    ),
}

ABROAD = {
    "tuned": ("cmn", "cmn", "yue", "yue", "en-gb", "ko", "vi", "fr-fr", "de", "es", "ru"),
    "judged": ("cmn", "yue", "ja", "en-us"),
}
"""What a television speaks."""

THROATS = {"tuned": (0.8, 1.25), "judged": (1.0, 1.0)}
"""Between which of espeak-ng's own lengths every second throat is: it moves pitch and formants."""

CHINESE = ("cmn", "cmn", "yue")

_PAUSE_MS = 900
_GAP_MS = 450
"""A silence this long parts two sentences: longer than any pause within one."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Utterances of one half, by what they are for; each inner list is one speaker's."""

    near: Sequence[Sequence[Sound]]
    whispered: Sequence[Sequence[Sound]]
    sent: Sequence[Sequence[Sound]]
    television: Sequence[Sequence[Sound]]


@dataclass(frozen=True, slots=True)
class Speaker:
    """One way of speaking."""

    language: str
    variant: str
    words_per_minute: int
    pitch: int
    throat: float = 1.0
    """Its length beside that of espeak-ng's own voice; it speaks as much more slowly."""


def record(rng: Random, half: str, *, speakers: int, part: int = 0, parts: int = 1) -> Voices:
    """Have as many speakers of a half say their sentences, and half as many of each other kind;
    with ``parts``, only those whose voice is in one of so many parts of the half."""
    some = max(speakers // 2, 1)
    voices = names(half, part, parts)

    def said(count: int, variants: Sequence[str], languages: Sequence[str]) -> list[list[Sound]]:
        who = [_speaker(rng, half, variants, languages) for _ in range(count)]
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda one: utterances(one, half), who))

    return Voices(
        near=said(speakers, voices, CHINESE),
        whispered=said(some, WHISPERERS[half].split(), CHINESE),
        sent=said(some, voices, CHINESE),
        television=said(speakers, voices, ABROAD[half]),
    )


def names(half: str, part: int, parts: int) -> Sequence[str]:
    """The variants of one part of a half, neighbours in the list together."""
    every = SPEAKERS[half].split()
    return every[len(every) * part // parts : len(every) * (part + 1) // parts]


def _speaker(rng: Random, half: str, variants: Sequence[str], languages: Sequence[str]) -> Speaker:
    return Speaker(
        language=rng.choice(languages),
        variant=rng.choice(variants),
        words_per_minute=rng.randint(90, 200),
        pitch=rng.randint(15, 85),
        throat=rng.choice((1.0, rng.uniform(*THROATS[half]))),
    )


def utterances(who: Speaker, half: str) -> list[Sound]:
    """Have somebody say every sentence of a half; the loudest sample of each is 1."""
    breaks = f'<break time="{_PAUSE_MS}ms"/>'
    text = f"<speak>{breaks.join(SENTENCES[half])}</speak>"
    said = subprocess.run(
        [
            "espeak-ng", "-m", "--stdout", "-v", f"{who.language}+{who.variant}",
            "-s", str(who.words_per_minute), "-p", str(who.pitch), text,
        ],
        capture_output=True,
        check=True,
    ).stdout  # fmt: skip
    with wave.open(io.BytesIO(said)) as file:
        rate_hz = file.getframerate()
        raw = np.frombuffer(file.readframes(1 << 30), dtype="<i2").astype(np.float64)
    return [
        one / np.max(np.abs(one)) for one in _parts(resampled(raw, round(rate_hz / who.throat)))
    ]


def resampled(sound: Sound, rate_hz: int) -> Sound:
    """Bring a sound to ``RATE_HZ``, with nothing left above its half."""
    size = next_fast_len(len(sound), real=True)
    spectrum = np.fft.rfft(sound, size)
    length = size * RATE_HZ // rate_hz
    return np.asarray(np.fft.irfft(spectrum[: length // 2 + 1], length) * (length / size))


def _parts(sound: Sound) -> list[Sound]:
    """Cut at the long pauses."""
    block = RATE_HZ // 100
    loud = np.abs(sound[: len(sound) // block * block]).reshape(-1, block).max(axis=1) > 100
    edges = np.flatnonzero(loud)
    ends = np.flatnonzero(np.diff(edges) > _GAP_MS // 10)
    starts = np.concatenate(([0], ends + 1))
    stops = np.concatenate((ends, [len(edges) - 1]))
    parts = [
        sound[edges[a] * block : (edges[b] + 1) * block] for a, b in zip(starts, stops, strict=True)
    ]
    return [part for part in parts if len(part) > RATE_HZ // 4]
