"""A drill's verdict: what is missing, too early, too late, unseen or unheard is said (F39)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from acd.demo.directory import document
from acd.drill.cast import DrillFailure, refuse_real_rescue
from acd.drill.judge import Entry, Tone, Wanted, dials, differences, not_heard
from acd.proof.operators import CarriedCall
from acd.proof.rtp import Recording
from acd.proof.tone import PCMA, Packet, tone_frames

BEGAN_MS = 1_800_000_000_000.0
ELDER = "02160000031"


def entry(at_ms: float, sentence: str, kind: str = "CaseNoted") -> Entry:
    at = datetime.fromtimestamp((BEGAN_MS + at_ms) / 1000, UTC)
    return {"at": at.isoformat(), "after_ms": at_ms, "kind": kind, "sentence": sentence}


TOLD = [
    entry(0, "The case was opened."),
    entry(400, "Something else."),
    entry(2_000, f"{ELDER} was dialled over carrier-a, by the switch itself.", "NumberDialled"),
    entry(5_000, "Send police (task) was owed."),
]
OPENED = Wanted("E39", "The case was opened.")
DIALLED = Wanted("E37", f"{ELDER} was dialled over…", (1_000, 3_000), BEGAN_MS + 2_003)
OWED = Wanted("E36", "Send police (task) was owed.", (0, 4_000))


def test_a_timeline_that_is_as_wanted() -> None:
    found, wrong = differences(TOLD, [OPENED, DIALLED, OWED])
    assert (list(found), wrong) == ([0, 2, 3], [])


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([OPENED, replace(OWED, says="Nobody is there.")], "E36: “Nobody is there.” is missing"),
        ([OWED, OPENED], "E39: “The case was opened.” comes too early"),
        ([OPENED, replace(DIALLED, after_ms=(0, 500))], "came after 2000 ms, wanted 0 to 500 ms"),
        ([OPENED, replace(DIALLED, after_ms=(2_500, 9_000))], "came after 2000 ms, wanted 2500"),
        ([replace(DIALLED, seen_ms=BEGAN_MS)], "is +2000 ms from what was seen"),
    ],
    ids=["missing", "too early in the order", "too late", "too soon", "not as seen"],
)
def test_what_is_not_as_wanted_is_said(script: list[Wanted], said: str) -> None:
    _, (wrong,) = differences(TOLD, script)
    assert said in wrong


def carried(number: str, at_ms: float) -> CarriedCall:
    return CarriedCall(number, "95001", f"id-{at_ms}", 700, BEGAN_MS + at_ms)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ([carried(ELDER, 2_001)], []),
        ([], [f"nobody was called at: {TOLD[2]['sentence']}"]),
        (
            [carried(ELDER, 2_001), carried("90110", 3_000)],
            ["90110: 0 dials are told, 1 INVITEs were seen"],
        ),
        ([carried(ELDER, 500)], [f"{ELDER}: a dial is told +1500 ms from its INVITE"]),
    ],
    ids=["as seen", "only told", "only seen: 110 by nobody's command", "at another time"],
)
def test_each_dial_is_known_to_both_sides(seen: list[CarriedCall], said: list[str]) -> None:
    assert dials(TOLD, seen) == said


def test_who_was_not_heard_is_said() -> None:
    """One second of 700 Hz: heard; 900 Hz is not, and no recording holds nothing."""
    frames = tone_frames(700)
    packets = [Packet(n * 20.0, 1, n, n * 160, PCMA, frames[n % len(frames)]) for n in range(50)]
    heard = Recording(0.0, packets)
    assert not_heard([Tone("A hears B", heard, 700), Tone("nor C", heard, 900, heard=False)]) == []
    assert not_heard([Tone("A hears C", heard, 900), Tone("A hears B", None, 700)]) == [
        "A hears C: 900 Hz was heard for 0.0 s",
        "A hears B: 700 Hz was heard for 0.0 s",
    ]
    assert not_heard([Tone("A does not hear B", heard, 700, heard=False)])


def test_no_drill_begins_where_a_rescue_number_is_real() -> None:
    """The demo's are simulators; one that is real, in any area, is named."""
    directory: dict[str, list[dict[str, Any]]] = document()
    refuse_real_rescue(directory)
    directory["areas"][1]["police"] = {"number": "110", "kind": "real"}
    with pytest.raises(DrillFailure, match="shifan-west has 110 as its real police number"):
        refuse_real_rescue(directory)
