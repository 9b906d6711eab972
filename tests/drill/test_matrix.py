"""The hearing matrix's verdict: who is missing or should not be there, silence, breaks (E16)."""

import pytest

from acd.drill.matrix import GAP_MS_MAX, SILENCE_MS_MAX, Mode, Move, Person, judge, rooms
from acd.drill.pause import MachineStoodStill, doubt
from acd.proof.hearing import Sound, of_samples
from acd.proof.tone import ALAW_TO_LINEAR, tone_frames

BEGAN_MS = 1_800_000_000_000.0
TONES_HZ = {"elder": 1_060, "A": 1_400, "B": 1_720}


def heard(*parts: tuple[str, int]) -> Sound:
    """Each part in turn: who is heard (names with blanks between), and for how many frames."""
    samples: list[int] = []
    for names, frames in parts:
        voices = [tone_frames(TONES_HZ[name]) for name in names.split()]
        for n in range(frames):
            octets = zip(*(voice[n % len(voice)] for voice in voices), strict=True)
            mixed = [sum(ALAW_TO_LINEAR[o] for o in all_) // len(voices) for all_ in octets]
            samples += mixed or [0] * 160
    return of_samples(samples, BEGAN_MS)


def verdict(elder: Sound, a: Sound, b: Sound, seconds: float = 4.0) -> list[str]:
    people = [
        Person(name, TONES_HZ[name], sound)
        for name, sound in (("elder", elder), ("A", a), ("B", b))
    ]
    end_ms = BEGAN_MS + seconds * 1000
    mode = Mode("two and one", rooms("elder A", "B"), BEGAN_MS, end_ms)
    move = Move("B goes", ("elder", "A"), BEGAN_MS, end_ms)
    return judge(people, [mode], [move], "elder").wrong


def test_everybody_hears_whom_they_should() -> None:
    assert verdict(heard(("A", 200)), heard(("elder", 200)), heard(("", 200))) == []


def test_who_hears_whom_they_should_not_or_does_not_is_said() -> None:
    assert verdict(heard(("A", 200)), heard(("elder", 200)), heard(("A", 20), ("", 180))) == [
        "two and one: B heard A for 0.40 s"
    ]
    wrong = verdict(heard(("A", 200)), heard(("", 200)), heard(("", 200)))
    assert wrong[0] == "two and one: A heard elder for 0.00 s only"


def test_a_break_between_two_who_stay_is_said() -> None:
    frames = round(GAP_MS_MAX / 20)
    good = heard(("A", 100), ("", frames - 1), ("A", 101 - frames))
    assert verdict(good, heard(("elder", 200)), heard(("", 200))) == []
    bad = heard(("A", 100), ("", frames), ("A", 100 - frames))
    assert verdict(bad, heard(("elder", 200)), heard(("", 200))) == [
        f"two who stayed did not hear each other for {GAP_MS_MAX:.0f} ms: B goes"
    ]


def test_a_caller_who_hears_nothing_for_long_is_said() -> None:
    frames = round(SILENCE_MS_MAX / 20) + 1
    elder = heard(("A", 60), ("", frames), ("A", 139 - frames + 1))
    wrong = verdict(elder, heard(("elder", 200)), heard(("", 200)))
    assert "elder heard nothing for 2020 ms: two and one" in wrong
    assert "elder heard nothing for 2020 ms: from the first to the last" in wrong


def test_what_is_wrong_after_the_machine_stood_still_is_in_doubt() -> None:
    """And only then: a drill is not played again because the switch was wrong."""
    doubt(900.0, "One line is missing.")
    with pytest.raises(MachineStoodStill, match=r"One line is missing\. But .* for 10\.4 s"):
        doubt(10_400.0, "One line is missing.")
