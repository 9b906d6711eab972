"""A recording is there, and both sides are in it (T21)."""

import array
import math
from pathlib import Path

import pytest

from acd.proof.recorded import missing_from
from acd.proof.tone import SAMPLE_RATE_HZ

CALLER_HZ, AGENT_HZ = 600, 1000


def tone(hz: int, seconds: float) -> list[int]:
    return [
        round(8000 * math.sin(2 * math.pi * hz * n / SAMPLE_RATE_HZ))
        for n in range(int(seconds * SAMPLE_RATE_HZ))
    ]


def write(spool: Path, left: list[int], right: list[int], *, tail: bytes = b"") -> None:
    samples = array.array("h", [side for pair in zip(left, right, strict=True) for side in pair])
    (spool / "n1-1.2.raw").write_bytes(samples.tobytes() + tail)


def judged(tmp_path: Path, recording: str | None = "n1-1.2.raw") -> str | None:
    return missing_from(
        recording, spool=tmp_path, archive=tmp_path / "kept", caller_hz=CALLER_HZ,
        agent_hz=AGENT_HZ,
    )  # fmt: skip


def test_both_tones_are_found_in_their_channels(tmp_path: Path) -> None:
    """Also when Asterisk has written half a sample more."""
    write(tmp_path, tone(CALLER_HZ, 1), tone(AGENT_HZ, 1), tail=b"\1\2\3")
    assert judged(tmp_path) is None


@pytest.mark.parametrize(
    ("left", "right", "side"),
    [(0, AGENT_HZ, "caller"), (CALLER_HZ, 0, "agent"), (AGENT_HZ, CALLER_HZ, "caller")],
)
def test_a_missing_side_is_named(tmp_path: Path, left: int, right: int, side: str) -> None:
    """Silence, or the two exchanged."""
    write(tmp_path, tone(left, 1), tone(right, 1))
    assert judged(tmp_path) == (
        f"the recording holds the {side}'s tone for 0 s of the 0.5 s wanted"
    )


def test_no_recording_is_told(tmp_path: Path) -> None:
    assert judged(tmp_path, None) == "the call was not recorded"
    assert judged(tmp_path) == (
        f"the recording n1-1.2 is neither in {tmp_path} nor in {tmp_path / 'kept'}"
    )


def test_what_the_desk_has_archived_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "kept" / "2027" / "03" / "01"
    folder.mkdir(parents=True)
    (folder / "n1-1.2.flac").write_bytes(b"fLaC")
    assert judged(tmp_path) is None
    (folder / "n1-1.2.flac").write_bytes(b"")
    assert "is empty" in str(judged(tmp_path))
