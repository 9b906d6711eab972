"""What the show of random calls says of recordings."""

from datetime import UTC, datetime
from typing import Any

from acd.proof.terminals import TerminalCall
from bench.random_calls.recordings import too_short, unplayable

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


def test_a_calls_recording_is_its_line_s_and_not_a_consultation_s() -> None:
    """T21: whichever row comes last; and the row ends with its last leg, 23 s after the caller."""
    found = [OF_THE_LINE, OF_A_CONSULTATION]
    assert too_short([ROW], found, LENGTHS, [terminal()]) == []


def test_what_is_missing_of_the_line_is_told() -> None:
    short = LENGTHS | {"n1-1700000000.7": 12_440}
    assert too_short([ROW], [OF_THE_LINE], short, [terminal()]) == [
        "1-17: 12440 ms are recorded of 15000 (n1-1700000000.7)"
    ]
    without = {"hl-1-c9-2": 4_000}
    waits = recording("n1-1700000000.7", None, "finished")
    assert too_short([ROW], [waits], without, [terminal()]) == ["1-17 has no recording: finished"]
    assert too_short([ROW], [OF_A_CONSULTATION], without, [terminal()]) == [
        "1-17 has no recording: nobody knows of it"
    ]


def test_a_terminals_other_call_is_not_compared() -> None:
    later = terminal(invite_ms=T0_MS + 60_000.0)
    assert too_short([ROW], [OF_THE_LINE], LENGTHS, [later]) == ["1-17 is no terminal's call"]


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
