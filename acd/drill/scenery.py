"""What the drills share: whose numbers are dialled, how one begins and how it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from acd.drill.cast import Cast, DrillFailure, Ground, Json
from acd.drill.judge import SEEN_MS, entry_ms
from acd.drill.pause import Watch, doubt
from acd.proof.operators import CarriedCall
from acd.proof.phones import AgentCall
from acd.proof.stage import Stage

ELDER, VOICEMAIL, NEIGHBOUR = "02160000031", "02100000311", "02100000312"
POLICE, MEDICAL = "90110", "90120"
ENTRY = "95001"

PICKS_UP_MS = 1_000
"""From the first ring to the answer, of everybody outside who answers."""

TALK_S = 2.0
"""Two talk for so long before the next thing is done: enough to hear each other."""


@contextmanager
def on_stage(ground: Ground) -> Iterator[Cast]:
    """The cast of a drill, at their telephones; what has happened is printed when it cannot go
    on.  Raises MachineStoodStill when that may be why."""
    with Watch() as watch, Stage() as stage:
        cast = Cast(stage, ground, watch)
        cast.begin()
        try:
            yield cast
        except DrillFailure as failure:
            tell_so_far(cast)
            doubt(watch.longest_ms, str(failure))
            raise


def talk_with_police(cast: Cast, a: AgentCall) -> tuple[CarriedCall, float]:
    """A calls 110 (``*912#``) and talks with them until they hang up.  The call, and when A began
    to press, in epoch ms."""
    cast.answers(POLICE, PICKS_UP_MS)
    commanded_ms = cast.keys(a, "*912#")
    cast.until(lambda: cast.dialled(POLICE), "110 to be called")
    (police,) = cast.dialled(POLICE)
    cast.until(lambda: police.ack_ms, "110 to be connected")
    cast.flow(TALK_S)
    cast.hang_up(police)
    cast.until(lambda: police.ended_ms, "110 to be gone")
    return police, commanded_ms


def tell_so_far(cast: Cast) -> None:
    """Print the timeline of what has happened, for a drill that cannot go on."""
    for found in cast.get("/cases", terminal=ELDER):
        for entry in cast.get(f"/cases/{found['id']}/timeline")["entries"]:
            print(f"{entry['after_ms']:>9,} ms  {entry['sentence']}", flush=True)


def told_until(cast: Cast, kind: str, over_ms: float) -> tuple[Json, list[Json]]:
    """The case with its obligations, and its timeline once the last call's end, which is told by
    a fact of this kind, is in it."""
    (found,) = cast.get("/cases", terminal=ELDER)
    told: list[Json] = []

    def complete() -> bool:
        told[:] = cast.get(f"/cases/{found['id']}/timeline")["entries"]
        return any(e["kind"] == kind and entry_ms(e) >= over_ms - SEEN_MS for e in told)

    cast.asked(complete, "the end of the last call in the timeline")
    return cast.get(f"/cases/{found['id']}"), told
