"""Is every recording whole (T21): in the archive, playable, and as long as the line was up?

A call may have several: the caller's leg, which the call's row names, whoever was dialled outside,
and what was said where the caller was not.  How long the caller's line was up is what the terminal
says, not what our rows say: a row ends with its last leg, and perhaps wrongly.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from acd.proof.terminals import TerminalCall
from bench.switch.running import Running
from servers.waiting import wait_until

LENGTH_MS = 1_000
"""So much a recording may be shorter or longer than the line was up."""
APART_MS = 2_000
"""At most so long before the row's arrival a terminal has sent its INVITE, or after."""
STANDS_STILL_S = 120.0
"""The desk yields to everything else that the machine does: it is waited for as long as it brings
one recording after the other into the archive."""
ENDED = ("compressed", "verified", "empty")
RATE_HZ, FRAME_BYTES = 8_000, 4

Json = dict[str, Any]


def of_recordings(
    switch: Running, rows: Sequence[Json], terminals: Iterable[TerminalCall]
) -> tuple[Json, list[str]]:
    """How many there are, and what is wrong with them; ``rows`` are of the calls that came in."""
    found, wrong = _archived(switch)
    lengths_ms = {
        one["recording_id"]: _decoded_ms(switch, one["file"])
        for one in found
        if one["file"] is not None
    }
    wrong += unplayable(found, lengths_ms) + too_short(rows, found, lengths_ms, terminals)
    return {"files": len(lengths_ms), "played_s": round(sum(lengths_ms.values()) / 1000)}, wrong


def unplayable(found: Iterable[Json], lengths_ms: Mapping[str, int]) -> list[str]:
    """Every recording has come to its end, and what is in the archive can be decoded, all of it."""
    wrong = []
    for one in found:
        name = f"{one['recording_id']} of {one['call_id']}"
        length_ms = lengths_ms.get(one["recording_id"])
        if one["state"] not in ENDED:
            wrong.append(f"{name} is {one['state']}")
        elif length_ms is not None and length_ms != one["duration_ms"]:
            wrong.append(f"{name}: {length_ms} ms can be played of {one['duration_ms']}")
    return wrong


def too_short(
    rows: Iterable[Json],
    found: Iterable[Json],
    lengths_ms: Mapping[str, int],
    terminals: Iterable[TerminalCall],
) -> list[str]:
    """Each call that was answered has a recording of the caller's line from the 200 to its end."""
    known = {one["recording_id"]: one for one in found}
    calls = list(terminals)
    wrong = []
    for row in rows:
        if row["answered_at"] is None or row["ended_at"] is None:
            continue
        recording = (row["recording"] or "").removesuffix(".raw")
        one = known.get(recording)
        if recording not in lengths_ms:
            standing = "nobody knows of it" if one is None else one["state"]
            wrong.append(f"{row['call_id']} has no recording: {standing}")
            continue
        up_ms = _up_ms(row, calls)
        if up_ms is None:
            wrong.append(f"{row['call_id']} is no terminal's call")
        elif abs(lengths_ms[recording] - up_ms) > LENGTH_MS:
            wrong.append(
                f"{row['call_id']}: {lengths_ms[recording]} ms are recorded of {up_ms:.0f}"
                f" ({recording})"
            )
    return wrong


def _up_ms(row: Json, terminals: Iterable[TerminalCall]) -> float | None:
    """How long the terminal's line was up, by the terminal; None when there is no such call."""
    arrived_ms = datetime.fromisoformat(row["arrived_at"]).timestamp() * 1000
    for call in terminals:
        if (
            call.number == row["caller"]
            and call.invite_ms is not None
            and abs(call.invite_ms - arrived_ms) <= APART_MS
            and call.answered_ms is not None
            and call.ended_ms is not None
        ):
            return call.ended_ms - call.answered_ms
    return None


def _archived(switch: Running) -> tuple[list[Json], list[str]]:
    """Every recording when the desk is through, or has stood still; and what is wrong then."""
    found: list[Json] = []
    moved_at, ended = time.monotonic(), -1

    def over() -> bool:
        nonlocal moved_at, ended
        found[:] = switch.table("recording")
        now_ended = sum(one["state"] in ENDED for one in found)
        if now_ended != ended:
            moved_at, ended = time.monotonic(), now_ended
        return ended == len(found) or time.monotonic() - moved_at > STANDS_STILL_S

    wait_until(over, seconds=STANDS_STILL_S * (len(switch.table("recording")) + 1),
               what="every recording to be in the archive", look_s=1.0)  # fmt: skip
    if ended == len(found):
        return found, []
    left = len(found) - ended
    return found, [f"{left} recordings wait, and the desk stands still for {STANDS_STILL_S:g} s"]


def _decoded_ms(switch: Running, file: str) -> int:
    """Decode all of it, as a player would; 0 when it cannot be."""
    path = switch.settings.recordings_archive_dir / file
    command = switch.stack.tool_argv(
        ["/usr/bin/sox", str(path), "-t", "raw", "-"], share=[path.parent]
    )
    done = subprocess.run(command, capture_output=True, check=False)
    return 0 if done.returncode else len(done.stdout) * 1000 // (RATE_HZ * FRAME_BYTES)
