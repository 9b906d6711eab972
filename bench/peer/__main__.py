"""See the package."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence

from bench.peer.ratios import Pair, Ratio, figures, ratio
from bench.peer.stages import LOADS, STAGES, Mode, Stage
from bench.results import page
from bench.results.model import Line, Plot, Result, finish
from bench.results.report import keep, writable
from servers.steps import Failure, Refusal

SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when a target is not reached, 2 when it could not be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.peer", description="This switch beside Asterisk's own Queue()."
    )
    parser.add_argument("--mode", choices=[*Mode, "both"], default="both")
    parser.add_argument("--stage", choices=[one.__name__.lower() for one in STAGES], default=None)
    parser.add_argument("--pairs", type=int, default=5, help="at least so many")
    parser.add_argument("--pairs-max", type=int, default=12, help="no more, even if unsure")
    parser.add_argument("--out", type=writable, help="folder of the result")
    given = parser.parse_args(arguments)
    if not 2 <= given.pairs <= given.pairs_max:
        parser.error("at least two pairs, and --pairs-max not below --pairs")
    modes = list(Mode) if given.mode == "both" else [Mode(given.mode)]
    result = Result(
        bench="peer",
        command="make bench-peer" + (f' ARGS="{" ".join(sys.argv[1:])}"' if sys.argv[1:] else ""),
        given={"mode": given.mode, "pairs": given.pairs, "pairs_max": given.pairs_max},
    )
    code = 0
    try:
        for mode in modes:
            for stage in STAGES:
                if given.stage in (None, stage.__name__.lower()):
                    measured(result, mode, stage(mode, LOADS[mode], told), given)
    except (Failure, Refusal, ValueError, TimeoutError, RuntimeError) as problem:
        result.broken_off = str(problem)
        print(f"The comparison failed half-way: {problem}", file=sys.stderr)
        code = 2
    finish(result)
    missed = [one for one in result.figures if one.holds is False]
    result.ok = code == 0 and not missed
    if result.figures:
        print(table(result))
    keep(result, given.out)
    for one in missed:
        print(f"Not reached: {one.title}: {one.value:.3f}, wanted {one.wanted}.", file=sys.stderr)
    return code or (1 if missed else 0)


def measured(result: Result, mode: Mode, stage: Stage, given: argparse.Namespace) -> None:
    """Measure pairs until every ratio is known well enough; what is known goes into the result."""
    pairs: dict[str, list[Pair]] = {one.name: [] for one in stage.measures}
    name = type(stage).__name__.lower()
    found: list[Ratio] = []
    try:
        with stage.bed() as both:
            while True:
                count = len(pairs[stage.measures[0].name])
                found = [ratio(one, pairs[one.name]) for one in stage.measures] if count else []
                if count >= given.pairs and all(one.is_narrow for one in found):
                    break
                if count >= given.pairs_max:
                    break
                told(f"{mode}, {name}, pair {count + 1}, load {os.getloadavg()[0]:.1f}")
                for key, value in stage.pair(both).items():
                    pairs[key].append(value)
    finally:
        for one in found:
            result.figures += figures(mode, one)
            if not one.is_narrow:
                result.remarks.append(
                    f"{mode}: {one.measure.title}: after {len(one.pairs)} pairs the interval is "
                    f"still {one.high - one.low:.2f} wide: not known well enough."
                )
        result.plots += plots(mode, stage, found)


def plots(mode: Mode, stage: Stage, found: Sequence[Ratio]) -> Iterator[Plot]:
    """Draw the distribution where there is one, and each measure pair by pair."""
    lines = [
        Line(side, [quantile(values, share) for share in SHARES], [100 * s for s in SHARES])
        for side, values in zip(("Queue()", "switch"), stage.curves.values(), strict=True)
        if values
    ]
    if lines:
        yield Plot(
            title=f"{mode}: trunk INVITE to agent INVITE",
            x="ms",
            y="% of calls at most so long",
            lines=lines,
            log="x",
        )
    for one in found:
        numbers = [float(n) for n in range(1, len(one.pairs) + 1)]
        yield Plot(
            title=f"{mode}: {one.measure.title}, pair by pair",
            x="pair",
            y=one.measure.unit,
            lines=[
                Line("Queue()", numbers, [queue for queue, _ in one.pairs]),
                Line("switch", numbers, [switch for _, switch in one.pairs]),
            ],
            style="dots",
            log="y" if one.measure.name.startswith("idle") else "",
        )


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of them is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(result: Result) -> str:
    """The ratios as a Markdown table, as docs/benchmarks.md has it."""
    rows = ["| | `Queue()` | switch | ratio | wanted |", "|---|---|---|---|---|"]
    for one in result.figures:
        if not one.name.endswith("_ratio"):
            continue
        base = one.name.removesuffix("_ratio")
        queue, switch = result.figure(f"{base}_queue"), result.figure(f"{base}_switch")
        assert queue is not None and switch is not None
        reached = {None: "", True: ": reached", False: ": **not reached**"}[one.holds]
        rows.append(
            f"| {one.title.removesuffix(', switch ÷ Queue()')}, {queue.unit} | "
            f"{page.number(queue.value)} | {page.number(switch.value)} | "
            f"{page.interval(one)} | {one.wanted}{reached} |"
        )
    return "\n".join(rows)


def told(sentence: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')} {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
