"""What the show of random calls says of recordings, and of itself."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from acd.proof.stage import Stage
from acd.proof.terminals import TerminalCall
from bench.random_calls.recordings import too_short, unplayable
from bench.random_calls.tally import of_facts
from bench.random_calls.verdict import WANTED, too_thin

T0_MS = 1_700_000_000_000
ROW = {
    "call_id": "1-17",
    "caller": "02160000017",
    "arrived_at": datetime.fromtimestamp(T0_MS / 1000, UTC).isoformat(),
    "answered_at": datetime.fromtimestamp(T0_MS / 1000 + 3, UTC),
    "ended_at": datetime.fromtimestamp(T0_MS / 1000 + 40, UTC),
    "recording": "n1-1700000000.7.raw",
}


def recording(name: str, ms: int | None, state: str = "compressed") -> dict[str, Any]:
    file = None if ms is None else f"{name}.flac"
    return {"recording_id": name, "call_id": "1-17", "state": state, "file": file,
            "duration_ms": ms}  # fmt: skip


def terminal(**changed: Any) -> TerminalCall:
    standing: dict[str, Any] = {
        "invite_ms": T0_MS - 5.0, "answered_ms": T0_MS + 2_000.0, "ended_ms": T0_MS + 17_000.0
    }  # fmt: skip
    return TerminalCall("02160000017", 500, **(standing | changed))


OF_THE_LINE = recording("n1-1700000000.7", 14_990)
OF_A_CONSULTATION = recording("hl-1-c9-2", 4_000)
LENGTHS = {"n1-1700000000.7": 14_990, "hl-1-c9-2": 4_000}


def never(_from_ms: float, _until_ms: float) -> float:
    return 0.0


def test_a_calls_recording_is_its_line_s_and_not_a_consultation_s() -> None:
    """T21: whichever row comes last; and the row ends with its last leg, 23 s after the caller."""
    found = [OF_THE_LINE, OF_A_CONSULTATION]
    assert too_short([ROW], found, LENGTHS, [terminal()], never) == []


def test_what_is_missing_of_the_line_is_told() -> None:
    short = LENGTHS | {"n1-1700000000.7": 12_440}
    assert too_short([ROW], [OF_THE_LINE], short, [terminal()], never) == [
        "1-17: 12440 ms are recorded of 15000, for 0 of which the terminal stood still"
        " (n1-1700000000.7)"
    ]
    without = {"hl-1-c9-2": 4_000}
    waits = recording("n1-1700000000.7", None, "finished")
    assert too_short([ROW], [waits], without, [terminal()], never) == [
        "1-17 has no recording: finished"
    ]
    assert too_short([ROW], [OF_A_CONSULTATION], without, [terminal()], never) == [
        "1-17 has no recording: nobody knows of it"
    ]


def test_what_no_robot_sent_is_not_missed() -> None:
    """2 s of the line's 15 a busy machine kept the robots from sending; a second more is missed."""
    stage = Stage()
    with closing(stage):
        stage.stalls += [(T0_MS - 9_000.0, T0_MS - 8_000.0), (T0_MS + 1_000.0, T0_MS + 4_000.0)]
        still = stage.stood_still_ms
        for length_ms, missed in ((12_100, 0), (11_900, 1)):
            lengths = {"n1-1700000000.7": length_ms}
            assert len(too_short([ROW], [OF_THE_LINE], lengths, [terminal()], still)) == missed


def test_a_show_in_which_little_happens_shows_nothing() -> None:
    happened = dict.fromkeys(WANTED, 1)
    rows = [{"outcome": "answered"}] * 90 + [{"outcome": "abandoned"}] * 10
    assert too_thin(rows, happened) == []
    assert too_thin(rows, happened | {"held": 0}) == ["nobody saw: held"]
    assert too_thin(rows[50:] * 2, happened) == []
    assert too_thin(rows[85:] * 10, happened) == ["only 50 of 150 calls were answered"]
    assert too_thin(rows[95:], {}) == []


def test_what_happened_is_counted_from_the_facts() -> None:
    counted: list[dict[str, Any]] = [
        {"kind": "CallHeld", "way": None, "result": None, "times": 4},
        {"kind": "TransferEnded", "way": "consult", "result": "joined", "times": 2},
        {"kind": "DialEnded", "way": None, "result": "answered", "times": 3},
        {"kind": "AgentStateChanged", "way": None, "result": None, "times": 99},
    ]
    assert of_facts(counted) == {"held": 4, "consult joined": 2, "outside answered": 3}


def test_a_terminals_other_call_is_not_compared() -> None:
    later = terminal(invite_ms=T0_MS + 60_000.0)
    assert too_short([ROW], [OF_THE_LINE], LENGTHS, [later], never) == [
        "1-17 is no terminal's call"
    ]


def test_every_recording_comes_to_its_end_and_can_be_played_whole() -> None:
    lost = recording("n1-1700000000.8", None, "missing")
    waits = recording("n1-1700000000.11", 14_000, "finished") | {"duration_ms": None}
    going_on = recording("n1-1700000000.9", None, "recording")
    silent = recording("n1-1700000000.10", None, "empty")
    found = [OF_THE_LINE, lost, going_on, silent, waits]
    assert unplayable(found, {"n1-1700000000.7": 9_000}) == [
        "n1-1700000000.7 of 1-17: 9000 ms can be played of 14990",
        "n1-1700000000.8 of 1-17 is missing",
        "n1-1700000000.9 of 1-17 is recording",
    ]
