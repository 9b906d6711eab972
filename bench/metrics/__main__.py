"""See the package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from time import thread_time_ns
from typing import NamedTuple, get_args

from acd.core.events import Event
from acd.core.facts import Fact
from acd.core.state import Effect
from acd.core.switch import Core
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
SHARE_MAX = 0.03
_FACTS = get_args(Fact)


class Step(NamedTuple):
    """One step as the driver has it."""

    now_ms: int
    event: Event
    effects: list[Effect]
    facts: list[Fact]


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
    """Decide the same steps again, and tell them to each sink, in turn; medians over rounds."""
    steps = lived(lives)
    decided: list[float] = []
    told: dict[str, list[float]] = {"metrics": [], "stream": []}
    for _ in range(rounds):
        core = Core(epoch=1, dice=Random(1))
        decided.append(deciding_us(core, steps))
        sinks: dict[str, Sink] = {
            "metrics": Metrics(),
            "stream": Stream(core, Clock(), epoch=1),
        }
        for name, sink in sinks.items():
            told[name].append(telling_us(sink, steps))
    step, metrics, stream = median(decided), median(told["metrics"]), median(told["stream"])
    share = (metrics + stream) / step
    return [
        Figure(name="step_us", title="a step of the core", unit="µs of CPU", value=step),
        Figure(name="metrics_us", title="its metrics", unit="µs of CPU", value=metrics),
        Figure(name="stream_us", title="its events in the stream", unit="µs of CPU", value=stream),
        Figure(
            name="share", title="metrics and events, of a step", unit="%", value=share * 100,
            wanted=f"under {SHARE_MAX * 100:g}", holds=share < SHARE_MAX,
        ),
    ]  # fmt: skip


def lived(lives: int) -> list[Step]:
    """Return the steps of whole lives of so many calls, from the first definition on."""
    world = Lives(agents=AGENTS, waiting=WAITING, keeps_steps=True)
    world.live(lives)
    return [
        Step(now_ms, event, effects, [one for one in effects if isinstance(one, _FACTS)])
        for now_ms, event, effects in world.steps
    ]


def deciding_us(core: Core, steps: Sequence[Step]) -> float:
    """Decide them again.  Returns the CPU time of one."""
    began = thread_time_ns()
    for step in steps:
        core.step(step.now_ms, step.event)
    return (thread_time_ns() - began) / len(steps) / 1_000


def telling_us(sink: Sink, steps: Sequence[Step]) -> float:
    """Tell a sink of them as the driver does.  Returns the CPU time of one step's telling."""
    began = thread_time_ns()
    for step in steps:
        sink.stepped(step.now_ms, step.event, step.effects, STEP_NS)
        for fact in step.facts:
            sink.decided(fact)
    return (thread_time_ns() - began) / len(steps) / 1_000


if __name__ == "__main__":
    sys.exit(main())
