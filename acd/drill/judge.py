"""What the switch tells of an emergency, against what was wanted and what the robots saw.

A script is written by hand: sentences in their order, each with the time that may have passed since
the one before it and, where a robot was there, the robot's own moment of it.  Between two of them
other entries may stand.  A dial that no robot has seen, or one that the switch does not tell of,
is a difference too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acd.proof.operators import CarriedCall
from acd.proof.rtp import Recording

SEEN_MS = 1_000.0
"""So far the switch's moment and the robot's may lie apart: a SIP message, and a busy machine."""

HEARD_S = 0.5
"""Who was in a room heard the others for at least so long."""

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entry of the script."""

    clause: str
    says: str
    """The sentence, or its beginning where it ends with `…`."""
    after_ms: tuple[float, float] = (0.0, 60_000.0)
    """At least and at most since the entry before it in the script."""
    seen_ms: float | None = None
    """When a robot saw it, epoch ms; None: no robot could."""

    def fits(self, entry: Entry) -> bool:
        """Tell whether an entry says this."""
        said = str(entry["sentence"])
        return said.startswith(self.says[:-1]) if self.says.endswith("…") else said == self.says


@dataclass(frozen=True, slots=True)
class Tone:
    """Somebody's voice that somebody else must have heard, or must not."""

    what: str
    recording: Recording | None
    tone_hz: int
    heard: bool = True


def entry_ms(entry: Entry) -> float:
    """Epoch ms of a timeline entry."""
    return datetime.fromisoformat(entry["at"]).timestamp() * 1000


def differences(
    timeline: Sequence[Entry], script: Sequence[Wanted]
) -> tuple[dict[int, Wanted], list[str]]:
    """Return which entries were wanted, by index, and what is wrong, in sentences."""
    found: dict[int, Wanted] = {}
    wrong: list[str] = []
    at, before_ms = 0, None
    for wanted in script:
        index = next((n for n in range(at, len(timeline)) if wanted.fits(timeline[n])), None)
        if index is None:
            early = any(wanted.fits(entry) for entry in timeline[:at])
            how = "comes too early" if early else "is missing"
            wrong.append(f"{wanted.clause}: “{wanted.says}” {how}")
            continue
        now_ms = entry_ms(timeline[index])
        if before_ms is not None:
            wrong += _out_of_time(wanted, now_ms - before_ms)
        if wanted.seen_ms is not None and abs(now_ms - wanted.seen_ms) > SEEN_MS:
            apart = now_ms - wanted.seen_ms
            wrong.append(f"{wanted.clause}: “{wanted.says}” is {apart:+.0f} ms from what was seen")
        found[index], at, before_ms = wanted, index + 1, now_ms
    return found, wrong


def _out_of_time(wanted: Wanted, passed_ms: float) -> Iterable[str]:
    least, most = wanted.after_ms
    if not least <= passed_ms <= most:
        yield (
            f"{wanted.clause}: “{wanted.says}” came after {passed_ms:.0f} ms, "
            f"wanted {least:.0f} to {most:.0f} ms"
        )


def dials(timeline: Sequence[Entry], seen: Sequence[CarriedCall]) -> list[str]:
    """Return which dials only one side knows of, and which lie too far apart."""
    wrong = []
    told = [entry for entry in timeline if entry["kind"] == "NumberDialled"]
    for number in dict.fromkeys(call.number for call in seen):
        theirs = [call.invite_ms for call in seen if call.number == number]
        ours = [entry_ms(e) for e in told if e["sentence"].startswith(f"{number} was dialled")]
        if len(theirs) != len(ours):
            wrong.append(f"{number}: {len(ours)} dials are told, {len(theirs)} INVITEs were seen")
        wrong += [
            f"{number}: a dial is told {one - other:+.0f} ms from its INVITE"
            for one, other in zip(ours, theirs, strict=False)
            if abs(one - other) > SEEN_MS
        ]
    known = {call.number for call in seen}
    wrong += [
        f"nobody was called at: {entry['sentence']}"
        for entry in told
        if entry["sentence"].split(" ", 1)[0] not in known
    ]
    return wrong


def not_heard(tones: Iterable[Tone]) -> list[str]:
    """Return what somebody should have heard and did not, or the other way round."""
    wrong = []
    for tone in tones:
        heard = None if tone.recording is None else tone.recording.heard()
        seconds = 0.0 if heard is None else heard.seconds_of(tone.tone_hz)
        if (seconds >= HEARD_S) is not tone.heard:
            wrong.append(f"{tone.what}: {tone.tone_hz} Hz was heard for {seconds:.1f} s")
    return wrong
