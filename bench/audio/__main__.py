"""See the package."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence

from bench.audio.probe import Call, Probing, waits_ms
from bench.offer.bed import DIALLED, bed
from bench.results import page
from bench.results.model import Figure, Line, Plot, Result
from bench.results.report import report, writable
from servers.steps import Failure, Refusal

BOTH_P99_MS_MAX = 5.0
TALK_MS = 1000
SIDES = {"queue": "Queue()", "service": "switch"}
WAYS = {
    "both": "both hear each other",
    "caller": "caller hears agent",
    "agent": "agent hears caller",
}
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when something that is wanted does not hold, 2 when it failed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.audio", description="From an agent's answer to sound in both ways."
    )
    parser.add_argument("--rate", type=int, default=50, help="calls per second")
    parser.add_argument("--seconds", type=int, default=20, help="length of one round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each kind, in turn")
    parser.add_argument("--every", type=int, default=10, help="of so many calls one has sound")
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--recording", action="store_true", help="both record every call")
    parser.add_argument("--out", type=writable, help="folder of the result")
    given = parser.parse_args(arguments)
    result = Result(
        bench="audio",
        command="make bench-audio" + (f' ARGS="{" ".join(sys.argv[1:])}"' if sys.argv[1:] else ""),
        given={
            name: getattr(given, name)
            for name in ("rate", "seconds", "rounds", "every", "agents", "recording")
        },
    )
    calls: dict[str, list[Call]] = {kind: [] for kind in DIALLED}
    code = 0
    try:
        with bed(given.agents, recording=given.recording) as both:
            for _ in range(given.rounds):
                for kind in DIALLED:
                    probing = Probing(sip_port=both.stack.settings.sip_port, every=given.every)
                    probing.start()
                    try:
                        both.round(kind, rate=given.rate, seconds=given.seconds, talk_ms=TALK_MS)
                    finally:
                        found = probing.stop()
                    calls[kind] += found
                    told(kind, found)
    except (Failure, Refusal, TimeoutError, ValueError, RuntimeError) as problem:
        result.broken_off = str(problem)
        print(f"The run ended before its time: {problem}", file=sys.stderr)
        code = 2
    if not any(calls.values()):
        return code or nothing()
    result.figures = list(figures(calls))
    result.plots = list(plots(calls))
    missed = [one for one in result.figures if one.holds is False]
    result.ok = code == 0 and not missed
    report(result, given.out)
    for one in missed:
        print(
            f"Does not hold: {one.title}: {page.number(one.value)}, wanted {one.wanted}.",
            file=sys.stderr,
        )
    return code or (1 if missed else 0)


def nothing() -> int:
    """No call had sound: there is nothing to tell."""
    print("No call had sound, so there is nothing to tell: give more of them.", file=sys.stderr)
    return 2


def figures(calls: dict[str, list[Call]]) -> Iterator[Figure]:
    """Return the figures of both sides; who was not heard in time has no wait, and is counted."""
    for kind, side in SIDES.items():
        mine = calls[kind]
        if not mine:
            continue
        ours = kind == "service"
        unheard = sum(not call.is_two_way for call in mine)
        yield Figure(
            name=f"unheard_{kind}", title=f"calls with sound in one way or none, {side}",
            unit=f"of {len(mine)}", value=unheard, wanted="0", holds=unheard == 0,
        )  # fmt: skip
        waits = waits_ms(mine)
        for way, words in WAYS.items():
            for share in (0.5, 0.99) if waits[way] else ():
                judged = ours and way == "both" and share == 0.99
                value = at(waits[way], share)
                yield Figure(
                    name=f"{way}_p{100 * share:.0f}_{kind}",
                    title=f"agent's 200 until {words}, p{100 * share:.0f}, {side}",
                    unit="ms", value=value,
                    wanted=f"at most {BOTH_P99_MS_MAX:g}" if judged else "",
                    holds=value <= BOTH_P99_MS_MAX if judged else None,
                )  # fmt: skip


def plots(calls: dict[str, list[Call]]) -> Iterator[Plot]:
    """Draw how long it takes until both hear each other."""
    lines = [
        Line(side, [at(waits, share) for share in SHARES], [100 * share for share in SHARES])
        for kind, side in SIDES.items()
        if (waits := waits_ms(calls[kind])["both"])
    ]
    if lines:
        yield Plot(
            title="agent's 200 until both hear each other", x="ms", y="% of calls at most so long",
            lines=lines, log="x",
        )  # fmt: skip


def at(values: Sequence[float], share: float) -> float:
    """Return a quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def told(kind: str, found: Sequence[Call]) -> None:
    """A line of progress."""
    waits = waits_ms(found)
    words = ", ".join(
        f"{WAYS[way]} p50 {at(values, 0.5):.2f} p99 {at(values, 0.99):.2f} ms"
        for way, values in waits.items()
        if values
    )
    print(
        f"{time.strftime('%H:%M:%S')} {SIDES[kind]:8} {len(waits['both'])} of {len(found)} calls "
        f"with sound both ways: {words} | load {os.getloadavg()[0]:.1f}",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
