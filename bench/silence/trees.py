"""Gradient boosting of trees with two questions, in numpy: a hundred lines instead of a library
that the service would not need."""

from random import Random

import numpy as np
from numpy.typing import NDArray

from acd.listening.features import NAMES
from acd.listening.model import Tree

Table = NDArray[np.float32]
Marks = NDArray[np.bool_]

BINS = 48
ROUNDS = 400
RATE = 0.15
LEAF_ROWS_MIN = 40
LEAF_PRIOR = 4.0
"""Rows of no opinion added to every leaf: few rows persuade little."""
SAMPLE = 0.5


def fit(table: Table, is_speech: Marks, seed: int) -> tuple[float, tuple[Tree, ...]]:
    """Return where the odds begin, and the trees that add to them."""
    draws = np.random.default_rng(Random(seed).getrandbits(32))
    shares = np.linspace(0, 1, BINS + 1)[1:-1]
    edges = [np.unique(np.quantile(column, shares).round(3)) for column in table.T]
    bins = np.stack(
        [
            np.searchsorted(at, column, side="left")
            for at, column in zip(edges, table.T, strict=True)
        ]
    )
    share = float(is_speech.mean())
    begins_at = float(np.log(share / (1 - share)))
    odds = np.full(len(table), begins_at)
    trees = []
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-odds))
        pull, weight = is_speech - chance, chance * (1 - chance)
        rows = np.flatnonzero(draws.random(len(table)) < SAMPLE)
        tree, adds = _tree(bins, edges, pull, weight, rows)
        trees.append(tree)
        odds += adds
    return begins_at, tuple(trees)


def _tree(
    bins: NDArray[np.intp],
    edges: list[NDArray[np.float64]],
    pull: NDArray[np.float64],
    weight: NDArray[np.float64],
    rows: NDArray[np.intp],
) -> tuple[Tree, NDArray[np.float64]]:
    """Grow one tree on some rows; return it with what it adds to every row."""
    first, place = _question(bins, pull, weight, rows)
    above = bins[first] > place
    adds = np.zeros(bins.shape[1])
    asked: list[tuple[str, float]] = []
    leaves: list[float] = []
    for side in (False, True):
        here = above == side
        mine = rows[here[rows]]
        second, at = _question(bins, pull, weight, mine)
        asked.append((NAMES[second], _edge(edges[second], at)))
        for answer in (False, True):
            leaf = here & ((bins[second] > at) == answer)
            own = mine[leaf[mine]]
            value = RATE * float(pull[own].sum() / (weight[own].sum() + LEAF_PRIOR))
            leaves.append(round(value, 4))
            adds[leaf] = leaves[-1]
    (low, low_at), (high, high_at) = asked
    adds_of = (leaves[0], leaves[1], leaves[2], leaves[3])
    tree = Tree(NAMES[first], _edge(edges[first], place), low, low_at, high, high_at, adds_of)
    return tree, adds


def _question(
    bins: NDArray[np.intp],
    pull: NDArray[np.float64],
    weight: NDArray[np.float64],
    rows: NDArray[np.intp],
) -> tuple[int, int]:
    """The column and the bin that part the rows best."""
    best, found = -np.inf, (0, 0)
    here, strength = pull[rows], weight[rows]
    for column in range(len(bins)):
        mine = bins[column, rows]
        sums = np.bincount(mine, here, BINS).cumsum()
        weights = np.bincount(mine, strength, BINS).cumsum()
        counts = np.bincount(mine, minlength=BINS).cumsum()
        gain = sums**2 / (weights + LEAF_PRIOR) + (sums[-1] - sums) ** 2 / (
            weights[-1] - weights + LEAF_PRIOR
        )
        gain[(counts < LEAF_ROWS_MIN) | (len(rows) - counts < LEAF_ROWS_MIN)] = -np.inf
        place = int(gain.argmax())
        if gain[place] > best:
            best, found = float(gain[place]), (column, place)
    return found


def _edge(edges: NDArray[np.float64], place: int) -> float:
    return float(edges[min(place, len(edges) - 1)])
