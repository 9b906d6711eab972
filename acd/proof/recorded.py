"""The call's recording, found where Asterisk has written it, and both tones in it.

In the spool a recording is ``<id>.raw``: two channels of 16-bit samples at 8,000 Hz, interleaved,
without a header; left what the caller says, right what the caller hears.  The desk may have brought
it into the archive meanwhile (``YYYY/MM/DD/<id>.flac``, or ``.flac.sealed``), and has then compared
every sample itself.
"""

from __future__ import annotations

import array
import sys
from pathlib import Path

from acd.proof.tone import SAMPLE_RATE_HZ, WINDOW_SAMPLES, tones_in

SECONDS_MIN = 0.5
"""Of each tone: the first second of a call may hold a prompt, and its end is cut."""


def missing_from(
    recording: str | None, *, spool: Path, archive: Path, caller_hz: int, agent_hz: int | None
) -> str | None:
    """What is wrong with the recording, in one sentence; None when nothing is.

    ``caller_hz`` and ``agent_hz`` are the tones that the two sides have said; None: unknown.
    """
    if not recording:
        return "the call was not recorded"
    recording = recording.removesuffix(".raw")  # the record names the file
    raw = spool / f"{recording}.raw"
    try:
        samples = array.array("h", _whole_frames(raw.read_bytes()))
    except FileNotFoundError:
        kept = next(archive.glob(f"????/??/??/{recording}.flac*"), None)
        if kept is None:
            return f"the recording {recording} is neither in {spool} nor in {archive}"
        return None if kept.stat().st_size else f"the recording {kept} is empty"
    except OSError as problem:
        return f"the recording {raw} cannot be read ({problem.strerror})"
    if sys.byteorder == "big":
        samples.byteswap()
    for side, hz, channel in (("caller", caller_hz, 0), ("agent", agent_hz, 1)):
        if hz is None:
            continue
        heard_s = _seconds_of(samples[channel::2], hz)
        if heard_s < SECONDS_MIN:
            return (
                f"the recording holds the {side}'s tone for {heard_s:g} s of the "
                f"{SECONDS_MIN:g} s wanted"
            )
    return None


def _whole_frames(data: bytes) -> bytes:
    """Asterisk may be in the middle of writing the last one."""
    return data[: len(data) // 4 * 4]


def _seconds_of(samples: array.array[int], hz: int) -> float:
    windows = range(0, len(samples) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES)
    found = sum(bool(tones_in(samples[at : at + WINDOW_SAMPLES], [hz])) for at in windows)
    return found * WINDOW_SAMPLES / SAMPLE_RATE_HZ
