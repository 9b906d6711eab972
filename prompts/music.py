"""The music a waiting caller hears, and the beep: computed, so free of anybody's rights.

A slow piece in the five-note scale on D, composed for this project: sixteen bars, plucked tones
over a soft ground. Every note lies between 290 Hz and 1.2 kHz: the telephone cuts below 300 Hz, and
old ears lose the high tones first. It rises from silence and sinks back into it, so the end joins
the beginning when it is repeated.
"""

import cmath
import math
from array import array

from prompts.wav import FULL_SCALE, RATE_HZ

MUSIC_NAME = "music-on-hold"
MUSIC_DBFS = -20.0
BEEP_DBFS = -20.0

BAR_SECONDS = 4.5
FADE_SECONDS = 2.0

# The scale's steps as semitones above D4 (293.7 Hz): gong, shang, jue, zhi, yu.
_D4_HZ = 293.665
_STEPS = (0, 2, 4, 7, 9)

# One line per bar: the ground (two notes), then the tune as eight half-beats, '-' for none.
# A note is a step of the scale counted from 0; 5 is the octave of 0.
_BARS = """
0 3 | 5 - 7 - 8 - 7 -
0 3 | 6 - 5 - 3 - - -
1 4 | 6 - 8 - 9 - 8 -
0 3 | 7 - 5 - - - - -
2 4 | 9 - 8 - 7 - 8 -
1 4 | 6 - 7 - 6 - 4 -
1 3 | 3 - 6 - 8 - 6 -
0 3 | 5 - - - 3 - - -
0 3 | 5 - 7 - 10 - 9 -
2 4 | 9 - 7 - 9 - - -
1 4 | 8 - 9 - 8 - 6 -
1 3 | 8 - 6 - 3 - - -
0 2 | 7 - 8 - 7 - 5 -
1 4 | 6 - 4 - 6 - - -
1 3 | 8 - 6 - 3 - 6 -
0 3 | 5 - - - - - - -
"""

# Partials as (multiple, share, decay in seconds) of a plucked tone; the ground lasts longer.
_PLUCK = ((1, 1.0, 1.1), (2, 0.35, 0.6), (3, 0.12, 0.3))
_GROUND = ((1, 1.0, 3.0), (2, 0.15, 1.6))


def music_on_hold() -> "array[int]":
    """72 seconds of calm music at -20 dBFS RMS, silent at both ends."""
    bars = [line.split("|") for line in _BARS.split("\n") if line]
    length = round(len(bars) * BAR_SECONDS * RATE_HZ)
    mix = [0.0] * length
    for number, (ground, tune) in enumerate(bars):
        start = round(number * BAR_SECONDS * RATE_HZ)
        for step in ground.split():
            _add_note(mix, start, int(step), volume=0.35, attack_ms=250, partials=_GROUND)
        half_beat = BAR_SECONDS * RATE_HZ / 8
        for place, step in enumerate(tune.split()):
            if step != "-":
                at = start + round(place * half_beat)
                _add_note(mix, at, int(step), volume=1.0, attack_ms=15, partials=_PLUCK)
    _fade(mix, round(FADE_SECONDS * RATE_HZ))
    return _at_level(mix, MUSIC_DBFS)


def tone(hz: int, ms: int) -> "array[int]":
    """A plain tone at -20 dBFS RMS with 5 ms ends, so that it does not click."""
    length = RATE_HZ * ms // 1000
    wave = [math.sin(2 * math.pi * hz * at / RATE_HZ) for at in range(length)]
    _fade(wave, RATE_HZ // 200)
    return _at_level(wave, BEEP_DBFS)


def _add_note(
    mix: list[float],
    start: int,
    step: int,
    *,
    volume: float,
    attack_ms: int,
    partials: tuple[tuple[int, float, float], ...],
) -> None:
    octave, degree = divmod(step, len(_STEPS))
    hz = _D4_HZ * 2 ** (octave + _STEPS[degree] / 12)
    attack = RATE_HZ * attack_ms // 1000
    for multiple, share, decay_seconds in partials:
        # A damped oscillator by one complex multiplication per sample: no table, no sine calls.
        radians = math.tau * hz * multiple / RATE_HZ
        turn = cmath.exp(complex(-1 / (decay_seconds * RATE_HZ), radians))
        state = complex(volume * share, 0)
        # After five decays a partial is 43 dB down and gone in the mix.
        end = min(len(mix), start + round(5 * decay_seconds * RATE_HZ))
        for at in range(start, end):
            state *= turn
            since = at - start
            mix[at] += state.imag if since >= attack else state.imag * since / attack


def _fade(mix: list[float], length: int) -> None:
    for at in range(min(length, len(mix) // 2)):
        # A raised cosine: the ear hears no corner where the fade begins.
        share = (1 - math.cos(math.pi * at / length)) / 2
        mix[at] *= share
        mix[-1 - at] *= share


def _at_level(mix: list[float], level_dbfs: float) -> "array[int]":
    rms = math.sqrt(sum(value * value for value in mix) / len(mix))
    gain = FULL_SCALE * 10 ** (level_dbfs / 20) / rms
    return array("h", (max(-32768, min(32767, round(value * gain))) for value in mix))
