"""Makes the model of the ear: `make bench-silence ARGS=--train`.

From the generator's half that is for tuning, and a seed; espeak-ng's voices differ a little from
run to run, and the file with them.  The threshold is the score that hardly any caller who does not
respond has reached in a model that has heard none of their voices, and a margin.
"""

from collections.abc import Iterator
from random import Random

import msgspec
import numpy as np
from numpy.typing import NDArray

from acd.listening.ear import (
    CERTAIN,
    HOP_FRAMES,
    HOP_SAMPLES,
    SEGMENT_FRAMES,
    Ear,
    beyond,
    faintness,
    strangeness,
)
from acd.listening.features import NAMES, Floats
from acd.listening.model import FILE, Forest, Model
from bench.silence import trees
from bench.silence.callers import RESPONSES, Caller, Kind, caller
from bench.silence.voices import record

KINDS = (
    *(Kind.SPEECH, Kind.WHISPER, Kind.SPEECH, Kind.WHISPER, Kind.SPEECH, Kind.SPEECH),
    *(Kind.TELEVISION, Kind.BREATHING, Kind.MOANING, Kind.KNOCKS) * 2,
    *(Kind.TELEVISION, Kind.TELEVISION, Kind.TELEVISION, Kind.ECHO),
)
MORE_TELEVISIONS = (3, 7)
"""How many of the callers are televisions besides: of all that is no response they come nearest to
one, and what comes rarely has to be looked for among many."""
PARTS = 6
"""The speakers are parted, neighbours in the list together; a caller, the agent and the
television are of one part.  Who is judged by a model that has not heard their part is as new to it
as a caller of the other half is to the model that is kept."""
SPEAKERS = 24
"""In each part."""
SILENT_SHARE = 1 / 1500
"""How many of those who do not respond may surpass the score from which the threshold is reckoned:
it must not hang on the strangest of all …"""
MARGIN = 4.8
"""… and lies by so much above it: a miss is worse than a false flag.  Two in a hundred of those who
respond may be flagged for it, so that more than five in a hundred of one run hardly ever are."""
ABOVE_BEFORE = NAMES.index("above_before")
SPOKEN_FRAMES_MIN = 20
"""A segment with less of a word in it than 0.4 s is neither one nor the other."""


class Rows:
    """Segments that passed the ear's own conditions, in order."""

    def __init__(self) -> None:
        self.numbers: list[Floats] = []
        self.is_speech: list[bool] = []
        self.is_clear: list[bool] = []
        self.caller: list[int] = []
        self.part: list[int] = []
        self.hop: list[int] = []


def train(seed: int, callers: int) -> None:
    """Write ``acd/listening/model.json``."""
    rows = _rows(seed, callers)
    table, speech = np.array(rows.numbers), np.array(rows.is_speech)
    clear = np.array(rows.is_clear)
    print(f"{len(table)} segments of {callers} callers, {int(speech.sum())} of speech")
    scores = unheard_scores(rows, table, speech, clear, seed)
    threshold = reached(rows, scores) + MARGIN
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


def _rows(seed: int, callers: int) -> Rows:
    rows = Rows()
    each = callers // PARTS
    mixed = each - each * MORE_TELEVISIONS[0] // MORE_TELEVISIONS[1]
    for part in range(PARTS):
        rng = Random(1000 * seed + part)
        voices = record(rng, "tuned", speakers=SPEAKERS, part=part, parts=PARTS)
        for number in range(each):
            kind = KINDS[number % len(KINDS)] if number < mixed else Kind.TELEVISION
            one = caller(rng, kind, voices)
            for hop, numbers in _numbers(one):
                end = (hop + 1) * HOP_FRAMES
                spoken = int(one.spoken[max(end - SEGMENT_FRAMES, 0) : end].sum())
                rows.numbers.append(numbers)
                rows.is_speech.append(one.kind in RESPONSES)
                rows.is_clear.append(one.kind not in RESPONSES or spoken >= SPOKEN_FRAMES_MIN)
                rows.caller.append(each * part + number)
                rows.part.append(part)
                rows.hop.append(hop)
        print(f"part {part + 1} of {PARTS}: {len(rows.hop)} segments so far", flush=True)
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


def unheard_scores(
    rows: Rows,
    table: NDArray[np.float32],
    speech: NDArray[np.bool_],
    clear: NDArray[np.bool_],
    seed: int,
) -> NDArray[np.float64]:
    """What models say of callers whose part of the speakers they have not heard, less what the ear
    takes off where they hardly stand out."""
    parts = np.array(rows.part)
    scores = np.array([-faintness(above) for above in table[:, ABOVE_BEFORE].tolist()])
    for part in range(PARTS):
        held = parts == part
        begins_at, grown = trees.fit(table[clear & ~held], speech[clear & ~held], seed)
        forest = Forest(Model("", 0.0, begins_at, grown))
        scores[held] += [forest.odds(numbers) for numbers in table[held]]
    return scores


def reached(rows: Rows, scores: NDArray[np.float64]) -> float:
    """The threshold that no more than ``SILENT_SHARE`` of the silent callers would have passed."""
    silent: dict[int, float] = {}
    answered: dict[int, float] = {}
    looks: list[float] = []
    for n, score in enumerate(scores.tolist()):
        who, hop = rows.caller[n], rows.hop[n]
        if n and (who, hop) != (rows.caller[n - 1], rows.hop[n - 1] + 1):
            looks = []
        looks = [*looks, score - strangeness(hop)][-len(CERTAIN) :]
        of = answered if rows.is_speech[n] else silent
        of[who] = max(of.get(who, -np.inf), beyond(looks))
    best = sorted(silent.values())
    said = np.array(list(answered.values()))
    print(f"{len(best)} silent, best", end=" ")
    print(*(f"{score:.1f}" for score in best[-10:]), end=f"; {len(said)} who answer, below")
    for at in range(-2, 6):
        print(f" {at}: {np.mean(said <= at):.3f}", end="")
    print(flush=True)
    return best[-1 - int(SILENT_SHARE * len(best))]
