"""The ways of speech, as a sum of small trees over the numbers of ``acd.listening.features``.

``model.json`` is made by ``python -m bench.silence.train`` from generated callers and is never
edited by hand.  Each tree asks two questions and adds one number to the odds (log) of speech.
"""

from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from acd.listening.ear import Ear
from acd.listening.features import NAMES, Floats

FILE = Path(__file__).with_name("model.json")


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """``first > first_at``? then the second pair of questions, else the first; each leads to two
    numbers, the greater values' one behind."""

    first: str
    first_at: float
    low: str
    low_at: float
    high: str
    high_at: float
    adds: tuple[float, float, float, float]


class Model(msgspec.Struct, frozen=True):
    """What the training wrote."""

    made_by: str
    threshold: float
    begins_at: float
    trees: tuple[Tree, ...]


class Forest:
    """A model, ready to judge: a whole judgement is a handful of array operations."""

    def __init__(self, model: Model) -> None:
        place = {name: n for n, name in enumerate(NAMES)}
        trees = model.trees
        self._begins_at = model.begins_at
        self._threshold = model.threshold
        self._first = np.array([place[tree.first] for tree in trees])
        self._first_at = np.array([tree.first_at for tree in trees], dtype=np.float32)
        self._second = np.array([(place[tree.low], place[tree.high]) for tree in trees])
        self._second_at = np.array(
            [(tree.low_at, tree.high_at) for tree in trees], dtype=np.float32
        )
        self._adds = np.array([tree.adds for tree in trees], dtype=np.float32)
        self._rows = np.arange(len(trees))

    def judge(self, numbers: Floats) -> float:
        """Return by how much these numbers pass for near speech: above 0 they do."""
        return self.odds(numbers) - self._threshold

    def odds(self, numbers: Floats) -> float:
        """Return the odds (log) that these numbers are near speech."""
        side = (numbers[self._first] > self._first_at).astype(np.intp)
        second = numbers[self._second[self._rows, side]] > self._second_at[self._rows, side]
        return self._begins_at + float(self._adds[self._rows, 2 * side + second].sum())


def load(file: Path = FILE) -> Model:
    """Read a model.  Raises ``msgspec.DecodeError`` when it is none."""
    return msgspec.json.decode(file.read_bytes(), type=Model)


@cache
def _forest() -> Forest:
    return Forest(load())


def new_ear() -> Ear:
    """An ear for one leg."""
    return Ear(_forest().judge)
