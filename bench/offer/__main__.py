"""See the package."""

from __future__ import annotations

import argparse
import json
import os
import sys
from statistics import median

import msgspec

from bench.offer.bed import DIALLED, bed
from bench.offer.figures import Figures, Spread, figures
from servers.steps import Failure, Refusal

RATIO_MAX = 1.15
TALK_MS = 1000

Round = tuple[str, Figures, float]


def main() -> int:
    """Run the rounds, print a table and one line of JSON; exit code 1 when the ratio is missed,
    2 when it could not be run to its end."""
    parser = argparse.ArgumentParser(prog="python -m bench.offer", description=__doc__)
    parser.add_argument("--rate", type=int, default=50, help="calls per second")
    parser.add_argument("--seconds", type=int, default=20, help="length of one round")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each kind, in turn")
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--recording", action="store_true", help="both record every call")
    given = parser.parse_args()
    rounds: list[Round] = []
    try:
        with bed(given.agents, recording=given.recording) as both:
            for _ in range(given.rounds):
                for kind in DIALLED:
                    seen, cpu_ms = both.round(
                        kind, rate=given.rate, seconds=given.seconds, talk_ms=TALK_MS
                    )
                    found = figures(seen)
                    rounds.append((kind, found, cpu_ms / max(1, found.calls)))
                    _print(rounds[-1])
    except (Failure, Refusal, TimeoutError, RuntimeError) as problem:
        print(f"The run ended before its time: {problem}", file=sys.stderr)
        return 2
    return _verdict(rounds)


def _print(done: Round) -> None:
    kind, found, cpu_ms = done
    parts = [found.before, found.ours, found.after] if kind == "service" else []
    print(
        f"{kind:8} {found.offered}/{found.calls} calls | offer {_show(found.offer)} | answer "
        f"{_show(found.answer)} | release {_show(found.release)} | CPU {cpu_ms:.1f} ms/call | "
        f"load {os.getloadavg()[0]:.1f}"
        + "".join(f" | {part.p10:.2f} {part.p50:.2f} {part.p99:.2f}" for part in parts),
        flush=True,
    )


def _show(values: Spread) -> str:
    return f"p10 {values.p10:.2f} p50 {values.p50:.2f} p99 {values.p99:.2f} ms"


def _verdict(rounds: list[Round]) -> int:
    """Compare the medians over the rounds: one bad second on a shared machine is not a finding."""

    def middle(kind: str, name: str) -> float:
        values = (getattr(one.offer, name) for which, one, _ in rounds if which == kind)
        return float(median(values))

    ratio = {
        name: round(middle("service", name) / middle("queue", name), 3) for name in ("p50", "p99")
    }
    complete = all(found.offered == found.calls for _, found, _ in rounds)
    ok = complete and all(value <= RATIO_MAX for value in ratio.values())
    result = {
        "ok": ok,
        "ratio_to_queue": ratio,
        "rounds": [
            {"kind": kind, "cpu_ms_per_call": round(cpu_ms, 2), **msgspec.to_builtins(found)}
            for kind, found, cpu_ms in rounds
        ],
    }
    print(json.dumps(result))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
