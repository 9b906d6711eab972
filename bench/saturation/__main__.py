"""See the package."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import msgspec

from bench.offer.bed import DIALLED, bed
from bench.saturation.idling import Round, read
from servers.steps import Failure, Refusal

IDLE_MS_MAX = 10.0
"""p95 of the switch."""
SHORTER_MIN = 50.0
"""Times that p95 is shorter than the queue's."""
MORE_ANSWERED_MIN = 1.5

WARM_UP_S = 3
"""Every agent has a call after one second; by then each has had a second one."""
PATIENCE_MS = 120_000
HEADINGS = "answered/s   idle p50 ms   p95 ms   waiting at the end   CPU ms/call   load"


def main() -> int:
    """Run the rounds; print a table, JSON, and what does not hold (then the exit code is 1);
    2 when it could not be run to its end."""
    parser = argparse.ArgumentParser(prog="python -m bench.saturation", description=__doc__)
    parser.add_argument("--rate", type=int, default=60, help="calls offered per second")
    parser.add_argument("--seconds", type=int, default=15, help="for so long, in each round")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each kind, in turn")
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--talk-ms", type=int, default=1100)
    given = parser.parse_args()
    if given.seconds <= WARM_UP_S or given.rounds < 1:
        parser.error(f"at least one round, of more than the {WARM_UP_S} s that it takes to fill up")
    rounds: list[Round] = []
    try:
        with bed(given.agents, recording=False, change=waits_as_in_the_queue) as both:
            print(f"{'':8} {HEADINGS}")
            for _ in range(given.rounds):
                for kind in DIALLED:
                    seen, cpu_ms = both.round(
                        kind, rate=given.rate, seconds=given.seconds, talk_ms=given.talk_ms
                    )
                    load = os.getloadavg()[0]
                    rounds.append(read(kind, seen, warm_up_s=WARM_UP_S, cpu_ms=cpu_ms, load=load))
                    _print(rounds[-1])
    except (Failure, Refusal, TimeoutError, ValueError, RuntimeError) as problem:
        print(f"The run ended before its time: {problem}", file=sys.stderr)
        return 2
    return verdict(rounds)


def waits_as_in_the_queue(queue: dict[str, Any]) -> None:
    """Ring-back until an agent answers, however long that takes, and one phone at a time."""
    queue.update(
        promise_ms=PATIENCE_MS,
        incident_ms=PATIENCE_MS,
        pick_up_ms=PATIENCE_MS - 1,
        overflow=[],
        overflow_ms=PATIENCE_MS,
        widening=[{"after_ms": 0, "phones": 1, "reach": "ready"}],
    )


def _print(one: Round) -> None:
    print(
        f"{one.kind:8} {one.answered_per_s:10.1f} {one.idle.p50:13.2f} {one.idle.p95:8.2f} "
        f"{one.waiting_at_the_end:20} {one.cpu_ms_per_call:13.1f} {one.load:6.1f}",
        flush=True,
    )


def verdict(rounds: Sequence[Round]) -> int:
    """Compare the medians over the rounds: one bad second on a shared machine is not a finding."""

    def of(kind: str) -> dict[str, float]:
        mine = [one for one in rounds if one.kind == kind]
        return {
            "answered_per_s": round(median(one.answered_per_s for one in mine), 2),
            "idle_p50_ms": round(median(one.idle.p50 for one in mine), 3),
            "idle_p95_ms": round(median(one.idle.p95 for one in mine), 3),
        }

    queue, switch = of("queue"), of("service")
    more = switch["answered_per_s"] / queue["answered_per_s"] if queue["answered_per_s"] else 0.0
    shorter = {name: _times(queue[name], switch[name]) for name in ("idle_p50_ms", "idle_p95_ms")}
    idle_ms = switch["idle_p95_ms"]
    missed = [*_unfit(rounds), *_missed(idle_ms, more=more, shorter=shorter["idle_p95_ms"])]
    print(
        f"{'ratio':8} {more:10.2f} {shorter['idle_p50_ms']:13.0f} {shorter['idle_p95_ms']:8.0f}\n"
        f"wanted: {MORE_ANSWERED_MIN:g} times as many answered; idle p95 at most {IDLE_MS_MAX:g} "
        f"ms and {SHORTER_MIN:g} times shorter"
    )
    result = {
        "ok": not missed,
        "queue": queue,
        "switch": switch,
        "times_more_answered": round(more, 3),
        "times_shorter_idle": {name: round(value, 1) for name, value in shorter.items()},
        "rounds": [msgspec.to_builtins(one) for one in rounds],
    }
    print(json.dumps(result))
    for sentence in missed:
        print(f"Does not hold: {sentence}", file=sys.stderr)
    return 1 if missed else 0


def _times(queue_ms: float, switch_ms: float) -> float:
    """An idle time below what the clock tells apart counts as that."""
    return queue_ms / max(switch_ms, 0.001)


def _unfit(rounds: Sequence[Round]) -> Iterator[str]:
    for n, one in enumerate(rounds, 1):
        if one.waiting_min < 1:
            yield f"round {n} ({one.kind}) was not saturated: at some moment no caller waited."
        if not one.answered_per_s:
            yield f"round {n} ({one.kind}) answered nobody."
        if not one.idle.count:
            yield f"in round {n} ({one.kind}) no agent was freed."


def _missed(idle_p95_ms: float, *, more: float, shorter: float) -> Iterator[str]:
    if idle_p95_ms > IDLE_MS_MAX:
        yield f"a freed agent idles {idle_p95_ms:.1f} ms (p95), wanted at most {IDLE_MS_MAX:g}."
    if shorter < SHORTER_MIN:
        yield f"that is {shorter:.1f} times shorter than Queue()'s, wanted {SHORTER_MIN:g}."
    if more < MORE_ANSWERED_MIN:
        yield f"{more:.2f} times as many calls are answered, wanted {MORE_ANSWERED_MIN:g}."


if __name__ == "__main__":
    sys.exit(main())
