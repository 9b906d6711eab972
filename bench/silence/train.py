"""Makes the model of the ear: `make bench-silence ARGS=--train`.

From the generator's half that is for tuning, and a seed; espeak-ng's voices differ a little from
run to run, and the file with them.  The threshold is the score that hardly any caller who does not
respond has reached in a model that has not seen them, and a margin.
"""

from collections.abc import Iterator
from random import Random

import msgspec
import numpy as np
from numpy.typing import NDArray

from acd.listening.ear import HOP_FRAMES, HOP_SAMPLES, SEGMENT_FRAMES, Ear
from acd.listening.features import Floats
from acd.listening.model import FILE, Forest, Model
from bench.silence import trees
from bench.silence.callers import RESPONSES, Caller, Kind, caller
from bench.silence.voices import Voices, record

KINDS = (
    *(Kind.SPEECH, Kind.WHISPER, Kind.SPEECH, Kind.WHISPER),
    *(Kind.TELEVISION, Kind.BREATHING, Kind.MOANING, Kind.KNOCKS) * 2,
    *(Kind.TELEVISION, Kind.NOISE, Kind.COMFORT, Kind.ECHO),
)
SPEAKERS = 72
SPOKEN_FRAMES_MIN = 20
"""A segment with less of a word in it than 0.4 s is neither one nor the other."""
FOLDS = 5
SILENT_SHARE = 1 / 400
"""How many of those who do not respond may surpass the score from which the threshold is reckoned,
in a model that knows only four fifths of the callers: it must not hang on the few strangest …"""
MARGIN = 2.5
"""… and lies by so much above it: odds twelve times as high.  The model that is kept knows all."""


class _Rows:
    """Segments that passed the ear's own conditions, in order."""

    def __init__(self) -> None:
        self.numbers: list[Floats] = []
        self.is_speech: list[bool] = []
        self.is_clear: list[bool] = []
        self.caller: list[int] = []
        self.hop: list[int] = []


def train(seed: int, callers: int) -> None:
    """Write ``acd/listening/model.json``."""
    rng = Random(seed)
    rows = _rows(rng, record(rng, "tuned", speakers=SPEAKERS), callers)
    table, speech = np.array(rows.numbers), np.array(rows.is_speech)
    clear = np.array(rows.is_clear)
    print(f"{len(table)} segments of {callers} callers, {int(speech.sum())} of speech")
    scores = _unseen_scores(rows, table, speech, clear, seed)
    threshold = _reached(rows, scores) + MARGIN
    begins_at, grown = trees.fit(table[clear], speech[clear], seed)
    model = Model(
        made_by=f"make bench-silence ARGS='--train --seed {seed} --callers {callers}'",
        threshold=round(threshold, 2),
        begins_at=round(begins_at, 4),
        trees=grown,
    )
    lines = msgspec.json.encode(model).replace(b'],["', b'],\n["').replace(b"[[", b"[\n[")
    FILE.write_bytes(lines + b"\n")
    print(f"threshold {threshold:.2f}: {FILE}")


def _rows(rng: Random, voices: Voices, callers: int) -> _Rows:
    rows = _Rows()
    for number in range(callers):
        one = caller(rng, KINDS[number % len(KINDS)], voices)
        for hop, numbers in _numbers(one):
            end = (hop + 1) * HOP_FRAMES
            spoken = int(one.spoken[max(end - SEGMENT_FRAMES, 0) : end].sum())
            rows.numbers.append(numbers)
            rows.is_speech.append(one.kind in RESPONSES)
            rows.is_clear.append(one.kind not in RESPONSES or spoken >= SPOKEN_FRAMES_MIN)
            rows.caller.append(number)
            rows.hop.append(hop)
    return rows


def _numbers(one: Caller) -> Iterator[tuple[int, Floats]]:
    """What the ear would have judged, by hop."""
    found: list[Floats] = []

    def judge(numbers: Floats) -> float:
        found.append(numbers)
        return -np.inf

    ear = Ear(judge)
    for hop in range(len(one.near) // HOP_SAMPLES):
        part = slice(hop * HOP_SAMPLES, (hop + 1) * HOP_SAMPLES)
        ear.hear(one.near[part], one.sent[part])
        if found:
            yield hop, found.pop()


def _unseen_scores(
    rows: _Rows,
    table: NDArray[np.float32],
    speech: NDArray[np.bool_],
    clear: NDArray[np.bool_],
    seed: int,
) -> NDArray[np.float64]:
    """What models say of callers whom they have not seen."""
    callers = np.array(rows.caller)
    scores = np.empty(len(table))
    for fold in range(FOLDS):
        held = callers % FOLDS == fold
        begins_at, grown = trees.fit(table[clear & ~held], speech[clear & ~held], seed)
        forest = Forest(Model("", 0.0, begins_at, grown))
        scores[held] = [forest.odds(numbers) for numbers in table[held]]
    return scores


def _reached(rows: _Rows, scores: NDArray[np.float64]) -> float:
    """The score, twice in a row, that no more than ``SILENT_SHARE`` of the silent callers
    surpass."""
    best: dict[int, float] = {}
    answered: dict[int, float] = {}
    for n in range(1, len(scores)):
        if (rows.caller[n], rows.hop[n]) != (rows.caller[n - 1], rows.hop[n - 1] + 1):
            continue
        one = answered if rows.is_speech[n] else best
        score = float(min(scores[n], scores[n - 1]))
        one[rows.caller[n]] = max(one.get(rows.caller[n], -np.inf), score)
    silent = sorted(best.values())
    said = np.array(list(answered.values()))
    print(f"{len(silent)} silent, best", end=" ")
    print(*(f"{score:.1f}" for score in silent[-10:]), end=f"; {len(said)} who answer, below")
    for at in range(-2, 6):
        print(f" {at}: {np.mean(said <= at):.3f}", end="")
    print(flush=True)
    return silent[-1 - int(SILENT_SHARE * len(silent))]
