"""See the package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from time import thread_time_ns
from typing import get_args

from acd.core.events import Event
from acd.core.facts import Fact
from acd.core.state import Effect
from acd.core.switch import Core
from acd.runtime import collector
from acd.runtime.clock import Clock
from acd.runtime.driver import Sink
from acd.runtime.metrics import Metrics
from acd.runtime.stream import Stream
from bench.core.lives import Lives
from bench.results.model import Figure, Result
from bench.results.report import report

AGENTS, WAITING = 100, 100
ROUNDS = 7
STEP_NS = 20_000
"""What the metrics are told that a step took; which bucket it falls into costs the same."""
STEPS_AT_ONCE = 20
SHARE_MAX = 0.03
_FACTS = get_args(Fact)
Told = tuple[int, Event, list[Effect], list[Fact]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when metrics and stream cost more than they may."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.metrics",
        description="What metrics and events cost, as a share of a step (CPU time).",
    )
    parser.add_argument("--lives", type=int, default=5_000, help="calls in each round")
    parser.add_argument("--out", type=Path, help="folder of the result")
    given = parser.parse_args(arguments)
    if given.lives < 1:
        parser.error("at least one call")
    result = Result(bench="metrics", command="make bench-metrics", given={"lives": given.lives})
    result.figures = measured(given.lives)
    result.ok = all(one.holds is not False for one in result.figures)
    report(result, given.out)
    return 0 if result.ok else 1


def measured(lives: int, rounds: int = ROUNDS) -> list[Figure]:
    """Decide whole lives of so many calls and tell of them; medians over rounds."""
    world = Lives(agents=AGENTS, waiting=WAITING, keeps_steps=True)
    world.live(lives)
    inputs = [(now_ms, event) for now_ms, event, _ in world.steps]
    del world
    collector.settle()  # as in the service
    found = [once(inputs) for _ in range(rounds)]
    step, metrics, stream = (median(one) for one in zip(*found, strict=True))
    share = median((metrics + stream) / step for step, metrics, stream in found)
    return [
        Figure(name="step_us", title="a step of the core", unit="µs of CPU", value=step),
        Figure(name="metrics_us", title="its metrics", unit="µs of CPU", value=metrics),
        Figure(name="stream_us", title="its events in the stream", unit="µs of CPU", value=stream),
        Figure(
            name="share", title="metrics and events, of a step", unit="%", value=share * 100,
            wanted=f"under {SHARE_MAX * 100:g}", holds=share < SHARE_MAX,
        ),
    ]  # fmt: skip


def once(inputs: Sequence[tuple[int, Event]]) -> tuple[float, float, float]:
    """Decide the inputs in a new core, and tell of each few steps at once, while what they made is
    as near to the processor as in the service.  Returns the CPU time of a step, of its metrics and
    of its events, in microseconds."""
    core = Core(epoch=1, dice=Random(1))
    metrics, stream = Metrics(), Stream(core, Clock(), epoch=1)
    spent = [0, 0, 0]
    for start in range(0, len(inputs), STEPS_AT_ONCE):
        chosen = inputs[start : start + STEPS_AT_ONCE]
        began = thread_time_ns()
        decided = [core.step(now_ms, event) for now_ms, event in chosen]
        spent[0] += thread_time_ns() - began
        told: list[Told] = [
            (now_ms, event, effects, [one for one in effects if isinstance(one, _FACTS)])
            for (now_ms, event), effects in zip(chosen, decided, strict=True)
        ]
        sinks: tuple[Sink, Sink] = (metrics, stream)
        for n, sink in enumerate(sinks, start=1):
            began = thread_time_ns()
            tell(sink, told)
            spent[n] += thread_time_ns() - began
    deciding, counting, streaming = (ns / len(inputs) / 1_000 for ns in spent)
    return deciding, counting, streaming


def tell(sink: Sink, steps: Sequence[Told]) -> None:
    """Tell a sink of steps as the driver does."""
    for now_ms, event, effects, facts in steps:
        sink.stepped(now_ms, event, effects, STEP_NS)
        for fact in facts:
            sink.decided(fact)


if __name__ == "__main__":
    sys.exit(main())
