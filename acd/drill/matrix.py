"""Who hears whom: one tone for each person, every mode, speaker × hearer, from their recordings.

A mode is a time in which nobody moves.  Within it each hearer must have heard everybody in their
room and nobody else; the caller must never have heard nothing for long; and while somebody moves,
two who stay together hear each other on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from acd.proof.hearing import Sound

HEARD_S, FOREIGN_S = 0.5, 0.2
"""Who is in the room was heard at least so long in a mode, and who is not less than that: a cut
smears over a frame or two."""

SILENCE_MS_MAX = 2_000.0
"""The caller hears something at least so often, in every mode and between them."""

GAP_MS_MAX = 200.0
"""While somebody moves, the others' sound breaks off for less than this."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a tone, and what they heard."""

    name: str
    tone_hz: int
    sound: Sound


@dataclass(frozen=True, slots=True)
class Mode:
    """A time in which nobody moves; epoch ms."""

    name: str
    hears: Mapping[str, frozenset[str]]
    """By hearer, whom they hear; who is not named is not there."""
    from_ms: float
    to_ms: float


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody goes from one room to another; epoch ms."""

    name: str
    stay: tuple[str, str]
    """Two who hear each other before it and after it."""
    from_ms: float
    to_ms: float


@dataclass(slots=True)
class Verdict:
    """What was measured, and what is wrong of it, in sentences."""

    cells: int
    silence_ms: dict[str, float]
    """The caller's longest time without sound, by mode."""
    gap_ms: dict[str, float]
    """The longest break between two who stay, by move."""
    wrong: list[str]


def rooms(*together: str) -> dict[str, frozenset[str]]:
    """Who hears whom when those named in one string, with blanks between, are in one room."""
    found = {}
    for room in together:
        names = room.split()
        found.update({name: frozenset(names) - {name} for name in names})
    return found


def judge(
    people: Sequence[Person], modes: Sequence[Mode], moves: Sequence[Move], caller: str
) -> Verdict:
    """Measure all of it."""
    by_name = {person.name: person for person in people}
    wrong: list[str] = []
    cells = 0
    silence_ms, gap_ms = {}, {}
    for mode in modes:
        for hearer, heard in mode.hears.items():
            for speaker in people:
                if speaker.name != hearer and speaker.name in mode.hears:
                    cells += 1
                    wrong += _cell(mode, by_name[hearer], speaker, speaker.name in heard)
        silence_ms[mode.name] = by_name[caller].sound.silence_ms(mode.from_ms, mode.to_ms)
    whole = by_name[caller].sound.silence_ms(modes[0].from_ms, modes[-1].to_ms)
    silence_ms["from the first to the last"] = whole
    wrong += [
        f"{caller} heard nothing for {ms:.0f} ms: {name}"
        for name, ms in silence_ms.items()
        if ms > SILENCE_MS_MAX
    ]
    for move in moves:
        one, other = (by_name[name] for name in move.stay)
        gap_ms[move.name] = max(
            one.sound.gap_ms(other.tone_hz, move.from_ms, move.to_ms),
            other.sound.gap_ms(one.tone_hz, move.from_ms, move.to_ms),
        )
    wrong += [
        f"two who stayed did not hear each other for {ms:.0f} ms: {name}"
        for name, ms in gap_ms.items()
        if ms >= GAP_MS_MAX
    ]
    return Verdict(cells, silence_ms, gap_ms, wrong)


def _cell(mode: Mode, hearer: Person, speaker: Person, wanted: bool) -> list[str]:
    seconds = hearer.sound.seconds_of(speaker.tone_hz, mode.from_ms, mode.to_ms)
    if wanted and seconds < HEARD_S:
        return [f"{mode.name}: {hearer.name} heard {speaker.name} for {seconds:.2f} s only"]
    if not wanted and seconds >= FOREIGN_S:
        return [f"{mode.name}: {hearer.name} heard {speaker.name} for {seconds:.2f} s"]
    return []


def page(modes: Sequence[Mode], verdict: Verdict, say: Callable[[str], None]) -> None:
    """Print who hears whom, and the figures."""
    for mode in modes:
        told = "; ".join(
            f"{hearer}: {' '.join(sorted(heard)) or '–'}" for hearer, heard in mode.hears.items()
        )
        say(f"{mode.name:12} caller without sound {verdict.silence_ms[mode.name]:4.0f} ms   {told}")
    for name, ms in verdict.gap_ms.items():
        say(f"{name:32} the others' longest break {ms:3.0f} ms")
