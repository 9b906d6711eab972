"""One fault under calls, from the gathering to the verdict."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.chaos.crowd import Crowd
from bench.chaos.faults import Fault
from bench.chaos.verdict import Line, forgotten, late
from bench.chaos.world import World

RECOVERY_S = 60.0
SERVED_S = 30.0
"""Those for whom somebody is free are answered so soon after it, or never."""


def trial(world: World, fault: Fault, folder: Path, number: int, *, long: bool = False) -> Line:
    """Do the fault to the world; ``number`` is its own among all.  Raises ProofFailure."""
    began = datetime.now(UTC) - timedelta(milliseconds=100)
    log_from = world.service.log_size()
    with Crowd(world, folder, number) as crowd:
        crowd.gather()
        ups = _ups(world, fault.link)
        fault.begin(world)
        if not fault.cuts:  # else nobody is there to be called: they call when it is back
            crowd.arrive()
        crowd.pass_time(fault.long_s if long and fault.long_s is not None else fault.stands_s)
        ended = time.monotonic()
        fault.end(world)
        if fault.cuts:
            crowd.arrive()
        recovered = crowd.until(
            lambda: (fault.link is None or _ups(world, fault.link) > ups) and _knows_all(world),
            RECOVERY_S,
        )
        recovered_s = time.monotonic() - ended
        urgent = [*crowd.calls("ringing"), *crowd.calls("arriving")]
        lost = [] if not fault.cuts else [c for g in ("talking", "waiting", "ringing")
                                          for c in crowd.calls(g)]  # fmt: skip
        crowd.until(
            lambda: all(
                call in lost or call.number in crowd.answered(group)
                for group in ("ringing", "arriving")
                for call in crowd.calls(group)
            ),
            SERVED_S,
        )
        cut = [call.number for call in crowd.callers if call.ended_ms is not None]
        cut += [call.number for call in lost]
        served = crowd.serve_some() if not fault.cuts else []
        still = 0 if fault.cuts else len(crowd.calls("waiting")) - len(served)
        crowd.until(lambda: world.metric("huling_calls_waiting") == still, SERVED_S)
        crowd.part()
        rows = world.records(began)
        owed = {one["number"] for one in world.get("/obligations?state=open&limit=1000")}
        line = Line(fault.name, len(crowd.callers), len(set(cut)), [], 0, None)
        line.recovered_s = recovered_s if recovered else None
        for call in crowd.callers:
            mine = [row for row in rows if row["caller"] == call.number]
            is_lost = call in lost
            why = forgotten(
                call.number,
                mine,
                outcomes=_outcomes(crowd, call.number, served, is_lost=is_lost),
                must_be_owed=is_lost and call.number not in owed,
            )
            line.forgotten += [] if why is None else [why]
            line.late += call in urgent and not is_lost and late(mine)
        if not fault.cuts:
            first = [call.number for call in crowd.calls("waiting")[: len(served)]]
            line.order_kept = sorted(served) == first
        crowd.must(lambda: _all_is_closed(world), "all cases and all that is owed to be closed")
        crowd.leave()
    world.step_clock(0)
    if fault.restarts:
        world.service.stop()
        world.start()
    line.wrong += _complaints(world, fault, log_from)
    return line


def _ups(world: World, link: str | None) -> int:
    """How often this link has come up, by the log."""
    lines = world.service.log.read_text(encoding="utf-8").splitlines()
    return sum(f'"link": "{link}"' in line and "is up" in line for line in lines)


def _knows_all(world: World) -> bool:
    return world.ready() and world.metric("huling_calls_live") == len(world.in_stasis())


def _outcomes(crowd: Crowd, number: str, served: list[str], *, is_lost: bool) -> set[str]:
    if is_lost:  # whom the service did not keep within 3 s was the dialplan's when Asterisk died
        return {"answered", "lost", "fallback"}
    if number in {call.number for call in crowd.calls("waiting")} and number not in served:
        return {"abandoned"}
    return {"answered", "fallback"}


def _all_is_closed(world: World) -> bool:
    """Close what is open; asked until nothing is.  While a number is still being tried, a case may
    yet be opened for whom nobody can call, and would take an agent from the next fault's calls."""
    cases = world.get("/cases")
    for case in cases:
        word = {"agent": "7001", "outcome": "test"}
        world.post(f"/cases/{case['id']}/outcome", word)
        world.post(f"/cases/{case['id']}/close", {"agent": "7001", "reason": "trial over"})
        world.post(f"/cases/{case['id']}/agree", {"agent": "7401"})
    owed = world.close_what_is_owed()
    return not cases and not owed and world.metric("huling_calls_live") == 0


def _complaints(world: World, fault: Fault, log_from: int) -> list[str]:
    found = [
        line[:300]
        for line in world.service.complaints(log_from)
        if not any(allowed in line for allowed in fault.complaints)
    ]
    defects = world.defects()
    return [*found, *([f"{defects:g} defects"] if defects else [])]
