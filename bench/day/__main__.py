"""Is deadline scheduling worth it?  The same simulated days under three policies:
``python -m bench.day``.

A day has 5,000 calls, a tenth of them in the busy hour; what people do is described in
docs/simulation.md.  Compared, by the share answered within 10 s (C01): longest idle with a fixed
ring time, the best one from 4 to 12 s (chosen on other days); deadline scheduling as the demo
directory has it, without interrupting anybody; and a bound that knows every pick-up beforehand.
Days are paired by their seed.  Prints a table on standard error and one line of JSON on standard
output; ``--check`` makes the exit code 1 when something that is wanted does not hold.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from statistics import fmean
from typing import Any

from acd.core.directory import Queue
from acd.simulation import bound, erlang, policy
from acd.simulation.comparison import (
    Figures,
    Interval,
    figures,
    interval,
    paired,
    share_within,
)
from acd.simulation.day import BUSY_DAY, HALF_HOURS, Day, Traffic
from acd.simulation.staffing import by_erlang
from acd.simulation.trial import AT_ONCE, Trial

PLANNED_SHARE = 0.85
"""Staff by Erlang C for this share; with people who miss rings the baseline then lies between
``BASELINE_SHARE``, which is where a line is that has just enough agents."""

BASELINE_SHARE = (0.85, 0.92)
RING_S = range(4, 13)
CHOOSING_SEEDS = 4
"""Days on which the baseline's ring time is chosen, none of them among those compared."""

BOUND_POINTS_MAX = 2.0
ERLANG_POINTS_MAX = 1.0
ERLANG_AGENTS = 20
"""For 5,000 calls of 240 s: 13.9 erlangs, and some share between 90 and 100 % in time."""

WARM_UP_CALLS = 500

ERLANGS_OWN = Traffic(
    weights=(1.0,) * HALF_HOURS,
    calls=5_000,
    emergency_share=0.0,
    talk="exponential",
    wrap_up_ms=0,
    pick_up_ms=(0, 0),
    miss_share=0.0,
    equal_skills=True,
)
"""Issue 3: exponential talk, constant arrivals, no abandonment, equal skills, instant pick-up."""


@dataclass(frozen=True)
class DayResult:
    """One seed under every policy."""

    seed: int
    baseline: Figures
    deadline: Figures
    bound: Figures
    anybody: Figures
    deadline_s: float
    """Running time of the simulation."""


def simulate(day: Day, queues: Sequence[Queue]) -> Figures:
    """Run one day under one policy."""
    outcome = Trial(day, queues).run()
    return figures(outcome.waits_ms, _emergencies(day), offers=outcome.offers)


def _emergencies(day: Day) -> list[bool]:
    return [caller.is_emergency for caller in day.callers]


def one_day(seed: int, *, traffic: Traffic, staff: tuple[int, ...], ring_ms: int) -> DayResult:
    """Run one seed under every policy."""
    day = Day(traffic, staff, seed)
    wrap_up_ms = traffic.wrap_up_ms
    baseline = simulate(day, policy.fixed_ring(ring_ms, wrap_up_ms=wrap_up_ms))
    began = time.perf_counter()
    deadline = simulate(day, policy.deadline(wrap_up_ms=wrap_up_ms))
    took_s = time.perf_counter() - began
    known, anybody = (
        figures(bound.waits_ms(day, foresight), _emergencies(day), offers=len(day.callers))
        for foresight in bound.Foresight
    )
    return DayResult(seed, baseline, deadline, known, anybody, took_s)


def ring_share(
    ring_s: int, *, traffic: Traffic, staff: tuple[int, ...], seeds: tuple[int, ...]
) -> float:
    """Return the baseline's mean share with this ring time."""
    queues = policy.fixed_ring(ring_s * 1_000, wrap_up_ms=traffic.wrap_up_ms)
    return fmean(simulate(Day(traffic, staff, seed), queues).within for seed in seeds)


def erlang_day(seed: int) -> float:
    """Return the model's share where it must be Erlang's."""
    day = Day(ERLANGS_OWN, [ERLANG_AGENTS] * HALF_HOURS, seed)
    waits = Trial(day, policy.deadline(wrap_up_ms=0), AT_ONCE).run().waits_ms
    return share_within(waits[WARM_UP_CALLS:])


def run(*, seeds: int, calls: int, jobs: int) -> dict[str, Any]:
    """Measure everything."""
    traffic = replace(BUSY_DAY, calls=calls)
    staff = tuple(by_erlang(traffic, share=PLANNED_SHARE, limit_ms=policy.PROMISE_MS))
    measured = range(1, seeds + 1)
    choosing = tuple(range(10_001, 10_001 + min(CHOOSING_SEEDS, seeds)))
    with ProcessPoolExecutor(jobs) as pool:
        by_ring = dict(
            zip(
                RING_S,
                pool.map(partial(ring_share, traffic=traffic, staff=staff, seeds=choosing), RING_S),
                strict=True,
            )
        )
        best = max(by_ring, key=by_ring.__getitem__)
        one = partial(one_day, traffic=traffic, staff=staff, ring_ms=best * 1_000)
        days = list(pool.map(one, measured))
        erlang_shares = list(pool.map(erlang_day, measured))
    load = ERLANGS_OWN.calls * ERLANGS_OWN.talk_ms_mean / (HALF_HOURS * 1_800_000)
    return {
        "calls": calls,
        "staff": staff,
        "ring_s": best,
        "by_ring_s": by_ring,
        "days": [asdict(day) for day in days],
        "differences": _differences(days),
        "erlang_c": erlang.answered_within(load, ERLANG_AGENTS, 10, 240),
        "erlang_model": asdict(interval(erlang_shares)),
        "day_s_max": max(day.deadline_s for day in days),
    }


def _differences(days: Sequence[DayResult]) -> dict[str, dict[str, Any]]:
    """By figure: deadline scheduling less the baseline, and the bounds less deadline scheduling."""
    found: dict[str, dict[str, Any]] = {}
    for field in fields(Figures):
        of = {
            name: [getattr(getattr(day, name), field.name) for day in days]
            for name in ("baseline", "deadline", "bound", "anybody")
        }
        found[field.name] = {
            "gain": asdict(paired(of["deadline"], of["baseline"])),
            "to_bound": asdict(paired(of["bound"], of["deadline"])),
            "to_anybody": asdict(paired(of["anybody"], of["deadline"])),
        } | {name: fmean(values) for name, values in of.items()}
    return found


def missed(result: dict[str, Any]) -> list[str]:
    """Return what is wanted and does not hold, as sentences."""
    differences, found = result["differences"], []
    baseline = differences["within"]["baseline"]
    if not BASELINE_SHARE[0] <= baseline <= BASELINE_SHARE[1]:
        found.append(f"The baseline reaches {baseline:.1%}: staff it for {BASELINE_SHARE}.")
    for name, of in (("within", "all calls"), ("emergencies_within", "emergencies")):
        if not differences[name]["gain"]["low"] > 0:
            found.append(f"Deadline scheduling is not surely above the baseline for {of}.")
    for name, what in (("p99_s", "p99"), ("longest_s", "longest wait")):
        if not differences[name]["gain"]["low"] <= 0:
            found.append(f"Deadline scheduling has the worse {what}.")
    gap = 100 * differences["within"]["to_bound"]["mean"]
    if not gap <= BOUND_POINTS_MAX:
        found.append(f"It stays {gap:.1f} points below the bound, more than {BOUND_POINTS_MAX}.")
    off = 100 * abs(result["erlang_model"]["mean"] - result["erlang_c"])
    if not off <= ERLANG_POINTS_MAX:
        found.append(f"The model is {off:.1f} points off Erlang C.")
    return found


_ROWS = (
    ("within", "within 10 s, all", 100, "%"),
    ("emergencies_within", "within 10 s, emergencies", 100, "%"),
    ("p50_s", "median wait", 1, "s"),
    ("p99_s", "p99", 1, "s"),
    ("longest_s", "longest wait", 1, "s"),
    ("offers_per_call", "phones rung per call", 1, ""),
)


def table(result: dict[str, Any]) -> str:
    """Return the result for people."""
    days = len(result["days"])
    rings = ", ".join(f"{s} s {share:.1%}" for s, share in result["by_ring_s"].items())
    lines = [
        f"{days} days of {result['calls']:,} calls; baseline's ring time on other days: {rings}",
        f"mean of the days {'':12} {'fixed':>8} {'deadline':>8} {'bound':>8}   "
        "deadline − fixed [95 %]      bound − deadline [95 %]",
    ]
    for name, label, factor, unit in _ROWS:
        row = result["differences"][name]
        values = " ".join(f"{row[key] * factor:8.2f}" for key in ("baseline", "deadline", "bound"))
        gain, gap = (Interval(**row[key]).times(factor) for key in ("gain", "to_bound"))
        lines.append(f"{f'{label} {unit}':29} {values}   {gain!s:28} {gap!s}")
    anybody = Interval(**result["differences"]["within"]["to_anybody"]).times(100)
    lines.append(
        "of the distance to the bound, what a policy that knows who will answer, but not who is "
        f"quickest, has over deadline scheduling: {anybody} points"
    )
    lines.append(
        f"pure chance: model {Interval(**result['erlang_model']).times(100)} %, Erlang C "
        f"{100 * result['erlang_c']:.2f} %;  a day took {result['day_s_max']:.1f} s at most"
    )
    return "\n".join([*lines, *(missed(result) or ["Everything wanted holds."])])


def main() -> int:
    """Simulate, print, and judge when asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench.day", description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 when something is missed")
    parser.add_argument("--seeds", type=int, default=20, help="days compared (at least 2)")
    parser.add_argument("--calls", type=int, default=BUSY_DAY.calls, help="calls of a day")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    options = parser.parse_args()
    if options.seeds < 2 or options.calls < 1_000 or options.jobs < 1:
        parser.error("at least 2 seeds, 1,000 calls and 1 job: fewer say nothing")
    result = run(seeds=options.seeds, calls=options.calls, jobs=options.jobs)
    print(table(result), file=sys.stderr)
    print(json.dumps(result, allow_nan=False))
    return 1 if options.check and missed(result) else 0


if __name__ == "__main__":
    sys.exit(main())
