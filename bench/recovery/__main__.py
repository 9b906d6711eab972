"""See the package."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any

from acd.proof.load import dial_all
from acd.proof.phones import Behaviour, Phones
from acd.proof.stage import ProofFailure, Stage, Tools
from acd.proof.terminals import Terminals
from bench.operators import at_demo_trunks
from bench.results.model import Figure, Line, Plot, Result
from bench.results.report import report, writable
from bench.switch.running import Running, running, said, settled
from servers.steps import Failure

ENTRY = "95001"
FIRST_AGENT = 8101
CALLS_PER_S = 10.0
TAKEN_UP_S = 30.0
HANG_UPS_AT_ONCE, HANG_UPS_EVERY_S = 20, 0.2
PATIENCE_MS = 1_800_000
"""Callers wait for as long as the measurement takes."""


class Recovered:
    """One crash: calls in flight, and seconds from the new start."""

    def __init__(self, calls: int, ready_s: float, all_s: float) -> None:
        self.calls, self.ready_s, self.all_s = calls, ready_s, all_s


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when a call was not taken up, 2 when it could not be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.recovery", description="Recovery time against calls in flight."
    )
    parser.add_argument("--calls", type=int, nargs="+", default=[2, 20, 50, 100, 200])
    parser.add_argument("--out", type=writable, help="folder of the result")
    given = parser.parse_args(arguments)
    sizes = sorted(set(given.calls))
    if sizes[0] < 2:
        parser.error("two calls at least: one that talks and one that waits")
    result = Result(
        bench="recovery", command="make bench-recovery", given={"calls": " ".join(map(str, sizes))}
    )
    code = 0
    found: list[Recovered] = []
    try:
        measure(sizes, found)
    except (ProofFailure, Failure, TimeoutError) as problem:
        result.broken_off = str(problem)
        print(f"The recovery could not be measured to its end: {problem}", file=sys.stderr)
        code = 2
    for one in found:
        for name, title, value in (
            ("ready", "able to serve", one.ready_s),
            ("all", "every call taken up", one.all_s),
        ):
            result.figures.append(
                Figure(
                    name=f"{name}_{one.calls}",
                    title=f"{one.calls} calls in flight: {title}",
                    unit="s",
                    value=value,
                )
            )
    if found:
        counts = [float(one.calls) for one in found]
        result.plots.append(
            Plot(
                title="from the start of the new service",
                x="calls in flight",
                y="s",
                lines=[
                    Line("able to serve", counts, [one.ready_s for one in found]),
                    Line("every call taken up", counts, [one.all_s for one in found]),
                ],
                style="dots",
            )
        )
    result.ok = code == 0
    report(result, given.out)
    return code


def measure(sizes: Sequence[int], found: list[Recovered]) -> None:
    """Hold more and more calls, and kill the service at each number of them.

    Raises ProofFailure when the calls do not come, or one is not taken up.
    """
    agents = [str(FIRST_AGENT + n) for n in range(sizes[-1] // 2)]

    def change(directory: dict[str, list[dict[str, Any]]]) -> None:
        for agent in agents:
            skills = {"emergency": 5}
            directory["agents"].append({"id": agent, "name": agent, "skills": skills})
            seat = {"id": f"s{agent}", "phones": [f"a{agent}"], "agent": agent}
            directory["seats"].append(seat)

    with at_demo_trunks(), running(change) as switch, Stage() as stage:
        tools = Tools(switch.sipp, switch.folder, switch.sip)
        phones = Phones(stage, tools, switch.accounts(agents), Behaviour(), audio=False)
        phones.wait_registered(timeout_s=60)
        rows: list[Terminals] = []
        there = 0
        for size in sizes:
            # So many agents that half of the calls talk.
            dial_all(phones, "*60", [f"a{agent}" for agent in agents[there // 2 : size // 2]])
            numbers = [f"021600{n:05d}" for n in range(there + 1, size + 1)]
            row = Terminals(
                stage, tools, numbers, called=ENTRY, rate=CALLS_PER_S, audio=False,
                name=f"terminals-{size}", answer_timeout_ms=PATIENCE_MS,
            )  # fmt: skip
            rows.append(row)
            there = size
            _wait(stage, switch, {"huling_calls_live": size}, seconds=size / CALLS_PER_S + 30)
            stage.run(lambda: False, 4.0)  # the last ones are picked up, and wait with music
            found.append(_crash(stage, switch, size))
            said(f"{size} calls: {found[-1].ready_s:.2f} s, {found[-1].all_s:.2f} s")
        _hang_up(stage, rows)
        phones.close()
        settled(switch)


def _crash(stage: Stage, switch: Running, calls: int) -> Recovered:
    """Kill the service, start it, and wait until it has every call again."""
    switch.service.server.kill()
    began = time.monotonic()
    switch.service.start()
    ready_s = time.monotonic() - began
    _wait(stage, switch, {"huling_calls_taken_up_total": calls}, seconds=TAKEN_UP_S)
    return Recovered(calls, ready_s, time.monotonic() - began)


def _wait(stage: Stage, switch: Running, wanted: dict[str, int], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    seen: dict[str, int] = {}
    while time.monotonic() < end:
        metrics = switch.metrics()
        seen = {
            name: int(sum(value for (key, _), value in metrics.items() if key == name))
            for name in wanted
        }
        if seen == wanted:
            return
        stage.run(lambda: False, 0.1)
    raise ProofFailure(f"after {seconds:.0f} s there were {seen} instead of {wanted}")


def _hang_up(stage: Stage, rows: Sequence[Terminals]) -> None:
    """Those who wait first, or they would be offered to whoever is freed."""
    for row in reversed(rows):
        for at in range(0, len(row.calls), HANG_UPS_AT_ONCE):
            for call in row.calls[at : at + HANG_UPS_AT_ONCE]:
                row.hang_up(call)
            stage.run(lambda: False, HANG_UPS_EVERY_S)
    for row in rows:
        row.wait(60)


if __name__ == "__main__":
    sys.exit(main())
