"""Is every recording whole (T21): can it be played, and is it as long as the line was up?

Each is fetched from the desk, as whoever wants to hear it does: as FLAC from the archive, or as WAV
when the desk, which yields to everything else, has not compressed it yet.
A call may have several: the caller's leg, which the call's row names, whoever was dialled outside,
and what was said where the caller was not.  How long the caller's line was up is what the terminal
says, not what our rows say: a row ends with its last leg, and perhaps wrongly.
"""

from __future__ import annotations

import io
import subprocess
import urllib.error
import urllib.request
import wave
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from acd.proof.terminals import TerminalCall
from bench.switch.running import Running
from servers.waiting import wait_until

LENGTH_MS = 1_000
"""So much a recording may be shorter or longer than the line was up; shorter too by the time for
which the terminal's robot stood still and sent nothing, which a busy machine makes it do."""
APART_MS = 2_000
"""At most so long before the row's arrival a terminal has sent its INVITE, or after."""
ENDED_S = 60.0
"""By then what has ended is told to PostgreSQL."""
ANSWER_S = 60.0
"""The desk yields to everything else that the machine does."""
ENDED = ("finished", "compressed", "verified", "empty")
RATE_HZ, FRAME_BYTES = 8_000, 4

Json = dict[str, Any]


StoodStill = Callable[[float, float], float]
"""For how many ms between two moments the robots sent nothing."""


def of_recordings(
    switch: Running, rows: Sequence[Json], terminals: Iterable[TerminalCall], still: StoodStill
) -> tuple[Json, list[str]]:
    """How many there are, and what is wrong with them; ``rows`` are of the calls that came in."""
    found = _all_ended(switch)
    lengths_ms = {}
    for one in found:
        length_ms = _played_ms(switch, one["recording_id"])
        if length_ms is not None:
            lengths_ms[one["recording_id"]] = length_ms
    wrong = unplayable(found, lengths_ms) + too_short(rows, found, lengths_ms, terminals, still)
    told = {
        "recordings": len(found),
        "with_sound": len(lengths_ms),
        "archived": sum(one["file"] is not None for one in found),
        "played_s": round(sum(lengths_ms.values()) / 1000),
    }
    return told, wrong


def unplayable(found: Iterable[Json], lengths_ms: Mapping[str, int]) -> list[str]:
    """Every recording has come to its end, and what is in the archive can be decoded, all of it."""
    wrong = []
    for one in found:
        name = f"{one['recording_id']} of {one['call_id']}"
        length_ms = lengths_ms.get(one["recording_id"], 0)
        if one["state"] not in ENDED:
            wrong.append(f"{name} is {one['state']}")
        elif one["duration_ms"] is not None and length_ms != one["duration_ms"]:
            wrong.append(f"{name}: {length_ms} ms can be played of {one['duration_ms']}")
    return wrong


def too_short(
    rows: Iterable[Json],
    found: Iterable[Json],
    lengths_ms: Mapping[str, int],
    terminals: Iterable[TerminalCall],
    still: StoodStill,
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
        up = _up(row, calls)
        if up is None:
            wrong.append(f"{row['call_id']} is no terminal's call")
            continue
        up_ms, silent_ms = up[1] - up[0], still(*up)
        if not -LENGTH_MS - silent_ms <= lengths_ms[recording] - up_ms <= LENGTH_MS:
            wrong.append(
                f"{row['call_id']}: {lengths_ms[recording]} ms are recorded of {up_ms:.0f},"
                f" for {silent_ms:.0f} of which the terminal stood still ({recording})"
            )
    return wrong


def _up(row: Json, terminals: Iterable[TerminalCall]) -> tuple[float, float] | None:
    """From when to when the line was up, by the terminal; None when there is no such call."""
    arrived_ms = datetime.fromisoformat(row["arrived_at"]).timestamp() * 1000
    for call in terminals:
        if (
            call.number == row["caller"]
            and call.invite_ms is not None
            and abs(call.invite_ms - arrived_ms) <= APART_MS
            and call.answered_ms is not None
            and call.ended_ms is not None
        ):
            return call.answered_ms, call.ended_ms
    return None


def _all_ended(switch: Running) -> list[Json]:
    """Every recording, when all that the facts tell of has ended, or it is late."""
    found: list[Json] = []

    def over() -> bool:
        found[:] = switch.table("recording")
        return all(one["state"] != "recording" for one in found)

    with suppress(TimeoutError):  # what goes on is told, one by one
        wait_until(over, seconds=ENDED_S, what="every recording to end", look_s=1.0)
    return found


def _played_ms(switch: Running, recording: str) -> int | None:
    """Fetch it from the desk and decode all of it, as a player would; None when the desk has no
    sound of it, 0 when it cannot be decoded."""
    request = urllib.request.Request(
        f"{switch.settings.desk_address}/recordings/{recording}/audio",
        headers={"X-Huling-User": "show"},  # whoever hears something has a name (L2)
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
            kind = answer.headers.get_content_type()
            sound: bytes = answer.read()
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return None
    if kind == "audio/wav":
        with wave.open(io.BytesIO(sound)) as file:
            frames: int = file.getnframes()
            rate_hz: int = file.getframerate()
            return frames * 1000 // rate_hz
    command = switch.stack.tool_argv(["/usr/bin/sox", "-t", "flac", "-", "-t", "raw", "-"])
    done = subprocess.run(command, input=sound, capture_output=True, check=False)
    decoded: bytes = b"" if done.returncode else done.stdout
    return len(decoded) * 1000 // (RATE_HZ * FRAME_BYTES)
