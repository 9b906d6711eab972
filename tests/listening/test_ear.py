"""The ear by itself: what counts and what does not, on sounds made by arithmetic (E33, T28).

How well it tells people from televisions is not shown here but by `make bench-silence`.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from acd.core.events import Heard
from acd.listening.ear import CERTAIN, HOP_SAMPLES, STRANGE, Ear, Judge, beyond, faintness
from acd.listening.features import NAMES, Floats
from acd.listening.frames import RATE_HZ

Sound = NDArray[np.int16]


def sound(seconds: float, dbfs: float, *, seed: int = 1) -> Sound:
    """Noise at a level; below -90 it is digital silence."""
    count = int(seconds * RATE_HZ)
    if dbfs < -90:
        return np.zeros(count, dtype=np.int16)
    draws = np.random.default_rng(seed).standard_normal(count)
    return np.asarray(np.clip(draws * 32_768 * 10 ** (dbfs / 20), -32_768, 32_767), dtype=np.int16)


def believing(numbers: Floats) -> float:
    """A judge to whom everything is speech."""
    del numbers
    return 1.0


def doubting(numbers: Floats) -> float:
    """A judge to whom nothing is."""
    del numbers
    return -1.0


def labels(near: Sound, sent: Sound, judge: Judge = believing) -> list[Heard]:
    """What an ear says, one label for each hop."""
    ear = Ear(judge)
    return [
        ear.hear(near[at : at + HOP_SAMPLES], sent[at : at + HOP_SAMPLES])
        for at in range(0, len(near) - HOP_SAMPLES + 1, HOP_SAMPLES)
    ]


def greatest(name: str, near: Sound) -> float:
    """The greatest that a number is while this is listened to."""
    seen: list[float] = []

    def keeping(numbers: Floats) -> float:
        seen.append(float(numbers[NAMES.index(name)]))
        return -1.0

    labels(near, sound(len(near) / RATE_HZ, -100), keeping)
    return max(seen)


def test_nothing_is_silence() -> None:
    near = sound(5, -100)
    assert set(labels(near, sound(5, -100))) == {Heard.SILENCE}


def test_what_is_loud_and_no_speech_is_sound_and_ends_a_second_after_it() -> None:
    near = np.concatenate((sound(3, -70), sound(2, -30), sound(3, -70)))
    said = labels(near, sound(8, -100), doubting)
    assert set(said[:10]) == {Heard.SILENCE}
    assert said[15] is Heard.SOUND
    assert said[-1] is Heard.SILENCE


@pytest.mark.parametrize(
    ("before_dbfs", "then_dbfs", "is_near"),
    [(-70.0, -30.0, True), (-40.0, -30.0, True), (-35.0, -30.0, False), (-30.0, -30.0, False)],
)
def test_only_what_stands_out_from_before_is_asked_about(
    before_dbfs: float, then_dbfs: float, is_near: bool
) -> None:
    """A television is as loud as it was: it is never taken for somebody near the telephone."""
    near = np.concatenate((sound(5, before_dbfs), sound(3, then_dbfs, seed=2)))
    assert (Heard.SPEECH in labels(near, sound(8, -100))) is is_near


@pytest.mark.parametrize("loss_db", [3.0, 10.0, 25.0])
@pytest.mark.parametrize("late_s", [0.0, 0.1, 0.4])
def test_our_own_echo_counts_for_nothing(loss_db: float, late_s: float) -> None:
    sent = np.concatenate((sound(1, -100), sound(3, -20), sound(3, -100)))
    late = int(late_s * RATE_HZ)
    back = np.concatenate((np.zeros(late), sent * 10 ** (-loss_db / 20)))[: len(sent)]
    assert set(labels(np.asarray(back, dtype=np.int16), sent)) == {Heard.SILENCE}


def test_who_answers_at_once_is_heard_where_the_telephone_gives_nothing_back() -> None:
    """A prompt is loud, the answer soft and quick: the leg has shown that it has no echo."""
    sent = np.concatenate((sound(1, -100), sound(3, -16), sound(3, -100)))
    near = np.concatenate((sound(4.1, -68), sound(1.2, -38, seed=2), sound(1.7, -68)))
    assert Heard.SPEECH in labels(near, sent)


def test_who_speaks_louder_than_any_echo_is_heard_while_we_speak() -> None:
    sent = sound(6, -40)
    near = np.concatenate((sound(3, -70), sound(3, -20, seed=2)))
    assert Heard.SPEECH in labels(near, sent)


def test_a_long_conversation_stays_speech() -> None:
    """What a person has said is no background to the next thing they say."""
    turn = np.concatenate((sound(2.5, -25), sound(0.7, -70)))
    near = np.concatenate((sound(2, -70), *[turn] * 20))
    assert set(labels(near, sound(80, -100)[: len(near)])[12:]) == {Heard.SPEECH}


def test_one_look_is_not_enough() -> None:
    """A score that passes once and not again is a slip of the model's."""
    asked = 0

    def slipping(numbers: Floats) -> float:
        nonlocal asked
        assert len(numbers) == len(NAMES)
        asked += 1
        return 1.0 if asked % 2 else -1.0

    near = np.concatenate((sound(3, -70), sound(3, -30)))
    assert Heard.SPEECH not in labels(near, sound(6, -100), slipping)
    assert asked > 4


@pytest.mark.parametrize(
    ("looks", "enough"),
    [
        ([], False),
        ([CERTAIN[0]], False),
        ([CERTAIN[0] + 0.1], True),
        ([-5.0, CERTAIN[0] + 0.1], True),
        ([CERTAIN[0] + 0.1, -5.0], False),
        ([CERTAIN[1], 9.0 - CERTAIN[0]], False),
        ([CERTAIN[1] + 0.1, CERTAIN[1] + 0.1], True),
        ([0.1, 0.1], False),
        ([0.1, 0.1, 0.1], True),
        ([0.1, 0.0, 0.1], False),
    ],
)
def test_what_lasts_need_not_be_beyond_doubt(looks: list[float], enough: bool) -> None:
    """Three looks in a row above the threshold, or two that are beyond doubt, or one beyond all."""
    assert (beyond(looks) > 0) is enough


@pytest.mark.parametrize(
    ("before_s", "odds", "is_heard"),
    [(0.3, STRANGE, False), (0.3, STRANGE + 0.1, True), (2.7, STRANGE, True), (2.7, 0.1, True)],
)
def test_what_a_leg_begins_with_needs_more(before_s: float, odds: float, is_heard: bool) -> None:
    """A television that has been on all along is as new in the first moment as a word is."""
    near = np.concatenate((sound(before_s, -70), sound(1.8, -30, seed=2)))
    assert (Heard.SPEECH in labels(near, sound(5, -100), lambda _: odds)) is is_heard


@pytest.mark.parametrize(
    ("above_db", "odds", "is_heard"),
    [(8.0, 1.0, False), (8.0, 7.0, True), (12.0, 0.1, True), (5.0, 99.0, False)],
)
def test_what_hardly_stands_out_must_sound_the_more_like_speech(
    above_db: float, odds: float, is_heard: bool
) -> None:
    """A television in a louder moment: it passed for a person at 7 dB above what was before."""
    near = np.concatenate((sound(5, -40), sound(3, -40 + above_db, seed=2)))
    assert (Heard.SPEECH in labels(near, sound(8, -100), lambda _: odds)) is is_heard


def test_what_stands_out_by_10_db_loses_nothing() -> None:
    assert [faintness(above_db) for above_db in (40.0, 10.0, 9.0, 6.0)] == [0.0, 0.0, 2.0, 8.0]


def test_a_breath_after_a_pause_without_packets_is_not_the_end_of_the_last_word() -> None:
    """Discontinuous transmission: what came before the gap is not looked at again."""
    seen: list[float] = []

    def level_of(numbers: Floats) -> float:
        seen.append(float(numbers[NAMES.index("level")]))
        return -1.0

    near = np.concatenate(
        (sound(1, -70), sound(2, -20), sound(3, -100), sound(1.5, -40), sound(1, -100))
    )
    labels(near, sound(9, -100)[: len(near)], level_of)
    assert seen
    assert min(seen) > -25, seen  # the breath is no news after what was before: nobody is asked


def test_lost_packets_make_no_edges() -> None:
    near = np.concatenate((sound(3, -70), sound(3, -30)))
    drops = {}
    for every in (1_000_000, 20):
        seen: list[Floats] = []

        def keeping(numbers: Floats, seen: list[Floats] = seen) -> float:
            seen.append(numbers)
            return -1.0

        frames = near.copy().reshape(-1, 160)
        frames[7::every] = 0
        labels(frames.reshape(-1), sound(6, -100), keeping)
        drops[every] = max(float(numbers[NAMES.index("drops")]) for numbers in seen)
    assert abs(drops[20] - drops[1_000_000]) < 3


def test_a_voice_has_its_own_period_and_noise_has_none() -> None:
    pulses = np.zeros(3 * RATE_HZ)
    pulses[:: RATE_HZ // 125] = 1.0
    voice = np.convolve(pulses, np.hanning(12), mode="same")
    quiet, name = sound(3, -70), "harmonic_share"
    assert greatest(name, np.concatenate((quiet, np.asarray(voice * 6_000, dtype=np.int16)))) > 0.9
    assert greatest(name, np.concatenate((quiet, sound(3, -30)))) < 0.2


def test_a_room_fills_the_time_between_the_pulses_of_a_voice_and_after_its_words() -> None:
    """Somebody near, and the same from across a room: only the first comes sharp (E33)."""
    pulses = np.zeros(3 * RATE_HZ)
    pulses[:: RATE_HZ // 125] = 1.0
    words = np.arange(len(pulses)) % (RATE_HZ // 2) < RATE_HZ // 4
    near = np.convolve(pulses * words, np.hanning(12), mode="same")
    draws = np.random.default_rng(1).standard_normal(RATE_HZ // 2)
    tail = draws * np.exp(-6.9 * np.arange(len(draws)) / len(draws))
    far = np.convolve(near, tail)[: len(near)]
    heard = {
        name: np.concatenate(
            (sound(3, -60), sound(3, -60, seed=2) + np.asarray(voice, dtype=np.int16))
        )
        for name, voice in (
            ("near", near * 9_000),
            ("far", far * 9_000 / np.abs(far).max()),
        )
    }
    for name, least in (("peaked", 0.5), ("drops_fast", 3.0)):
        assert greatest(name, heard["near"]) > greatest(name, heard["far"]) + least


def test_what_goes_on_as_it_was_is_told_from_what_is_new() -> None:
    """A television that becomes louder is like itself, a person over it is not."""
    louder = sound(2, -20, seed=2)
    behind_a_wall = np.asarray(np.convolve(louder, np.ones(8) / 4, mode="same"), dtype=np.int16)
    before = sound(3, -40)
    assert greatest("unlike_before", np.concatenate((before, louder))) < 1.5
    assert greatest("unlike_before", np.concatenate((before, behind_a_wall))) > 4
