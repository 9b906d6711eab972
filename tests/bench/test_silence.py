"""What `make bench-silence` rests on: halves with nothing in common, and a threshold that counts
callers as the ear does (E33)."""

from itertools import combinations

import numpy as np
import pytest

from acd.listening.ear import CERTAIN, STRANGE, STRANGE_HOPS, faintness
from acd.listening.features import NAMES
from acd.listening.model import Tree
from bench.silence import train, trees, voices

Call = tuple[bool, list[float]]
"""Whether somebody answers, and the scores of hops one after the other, not a leg's first."""


def rows_of(calls: list[Call]) -> tuple[train.Rows, list[float]]:
    """Segments of some calls, with a hop left out between any two calls."""
    rows, scores = train.Rows(), []
    for number, (answers, odds) in enumerate(calls):
        for hop, score in enumerate(odds):
            rows.caller.append(number)
            rows.hop.append(STRANGE_HOPS + hop)
            rows.is_speech.append(answers)
            scores.append(score)
    return rows, scores


def test_the_half_that_is_judged_has_no_speaker_and_no_sentence_of_the_other() -> None:
    for halves in (voices.SPEAKERS, voices.WHISPERERS):
        tuned, judged = (set(halves[half].split()) for half in voices.HALVES)
        assert not (tuned & judged) - {"whisper"}  # espeak-ng has two whispers in all
    tuned, judged = (set(voices.SENTENCES[half]) for half in voices.HALVES)
    assert tuned
    assert judged
    assert not tuned & judged


def test_no_speaker_is_in_two_parts() -> None:
    parts = [set(voices.names("tuned", part, train.PARTS)) for part in range(train.PARTS)]
    assert set.union(*parts) == set(voices.SPEAKERS["tuned"].split())
    assert not any(one & other for one, other in combinations(parts, 2))


def test_the_threshold_counts_looks_as_the_ear_does() -> None:
    one, two, _ = CERTAIN
    answers = (True, [9.0, 9.0])
    rows, scores = rows_of([(False, [-5.0, one + 1.5, -5.0]), answers])
    assert train.reached(rows, np.array(scores)) == 1.5
    rows, scores = rows_of([(False, [-5.0, two + 0.5, two + 1.5, -5.0]), answers])
    assert train.reached(rows, np.array(scores)) == 0.5
    rows, scores = rows_of([(False, [-5.0, 0.25, 1.5, 0.5, -5.0]), answers])
    assert train.reached(rows, np.array(scores)) == 0.25


def test_two_callers_who_follow_one_another_are_not_one() -> None:
    rows, scores = rows_of([(False, [-9.0, 4.0]), (False, [4.0, -9.0]), (True, [9.0])])
    assert train.reached(rows, np.array(scores)) == 4.0 - CERTAIN[0]


def test_a_look_that_was_not_asked_about_parts_two_that_were() -> None:
    rows, scores = rows_of([(False, [4.0, 4.0]), (True, [9.0])])
    assert train.reached(rows, np.array(scores)) == 4.0 - CERTAIN[1]
    rows.hop[1] += 1
    assert train.reached(rows, np.array(scores)) == 4.0 - CERTAIN[0]


def test_the_first_looks_at_a_leg_count_for_less() -> None:
    rows, scores = rows_of([(False, [CERTAIN[0] + 4.0]), (True, [9.0])])
    assert train.reached(rows, np.array(scores)) == 4.0
    rows.hop[0] = STRANGE_HOPS - 1
    assert train.reached(rows, np.array(scores)) == 4.0 - STRANGE


def test_the_threshold_takes_off_what_the_ear_takes_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hardly stands out counts for less in the training, by as much as in a call."""
    even = Tree("level", 0.0, "level", 0.0, "level", 0.0, (0.0, 0.0, 0.0, 0.0))
    monkeypatch.setattr(trees, "fit", lambda *_: (1.5, (even,)))
    table = np.zeros((2, len(NAMES)), dtype=np.float32)
    table[:, NAMES.index("above_before")] = (7.0, 30.0)
    rows = train.Rows()
    rows.part = [0, 1]
    scores = train.unheard_scores(rows, table, np.ones(2, bool), np.ones(2, bool), seed=1)
    assert scores.tolist() == [1.5 - faintness(7.0), 1.5]
