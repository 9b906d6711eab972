"""A drill's page: the timeline with what was wanted of it, what is wrong, one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from acd.drill.judge import Entry, Tone, Wanted, dials, differences, not_heard
from acd.drill.pause import doubt
from acd.proof.operators import CarriedCall


def report(
    name: str,
    timeline: Sequence[Entry],
    script: Sequence[Wanted],
    tones: Sequence[Tone],
    *,
    carried: Sequence[CarriedCall],
    more: Sequence[str],
    stood_still_ms: float,
    figures: Mapping[str, object] | None = None,
) -> int:
    """Print it; 0 only when nothing is wrong.  ``more`` are differences found elsewhere,
    ``figures`` what else was measured.  Raises MachineStoodStill when something is wrong and the
    machine may be why."""
    found, wrong = differences(timeline, script)
    for index, entry in enumerate(timeline):
        clause = found[index].clause if index in found else ""
        print(f"{entry['after_ms']:>9,} ms  {clause:4} {entry['sentence']}")
    wrong += [*dials(timeline, carried), *not_heard(tones), *more]
    for sentence in wrong:
        print(f"wrong: {sentence}")
    shown = {
        "drill": name,
        "ok": not wrong,
        "entries": len(timeline),
        "wanted": len(script),
        "found": len(found),
        "seen_by_robots": sum(one.seen_ms is not None for one in script),
        "dials": len(carried),
        "tones": len(tones),
        "stood_still_ms": round(stood_still_ms),
        **(figures or {}),
        "wrong": wrong,
    }
    print(json.dumps(shown, ensure_ascii=False), flush=True)
    if wrong:
        doubt(stood_still_ms, f"{len(wrong)} of it is not as wanted.")
    return 1 if wrong else 0
