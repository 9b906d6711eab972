"""Storms by their seeds: ``python -m acd.simulation`` (``make sim``, ``make sim-long``).

Prints each seed that broke a promise with what led there, and a last line that counts; the exit
code is 1 when there was one.  ``--digests`` prints a line per seed with the digest of everything
the core answered: the same under every PYTHONHASHSEED.
"""

import argparse
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from typing import NamedTuple

from acd.simulation.careline import EPOCH_MS
from acd.simulation.storm import Storm

SHOWN = 25
"""Steps before a failure that are shown."""

WIDTH = 300


class Told(NamedTuple):
    """How one run went; ``failure`` is empty when every promise was kept."""

    seed: int
    steps: int
    calls: int
    digest: str
    failure: str


def run(seed: int) -> Told:
    """Run one storm to its end, or to the first promise broken."""
    storm = Storm(seed)
    failure = ""
    try:
        storm.run()
    except Exception:
        failure = f"{traceback.format_exc(limit=-4)}{storm.weather}\n{_led_there(storm)}"
    calls = storm.happened["call"]
    return Told(seed, storm.watched.steps, calls, storm.digest, failure)


def _led_there(storm: Storm) -> str:
    lines = []
    for now_ms, event, effects in list(storm.watched.recent)[-SHOWN:]:
        lines.append(f"{(now_ms - EPOCH_MS) / 1000:9.3f}  {event}"[:WIDTH])
        lines += [f"{'':11}{effect}"[:WIDTH] for effect in effects]
    return "\n".join(lines)


def fresh(for_s: float) -> Iterator[int]:
    """Yield seeds that nobody has tried, until the time is over."""
    end_s = time.monotonic() + for_s
    while time.monotonic() < end_s:
        yield secrets.randbelow(1 << 48)


def main() -> int:
    """Run storms, and tell of those that broke something."""
    parser = argparse.ArgumentParser(prog="python -m acd.simulation", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seed", type=int, help="repeat one run exactly")
    which.add_argument("--seeds", type=int, help="the first so many, from --first on")
    which.add_argument("--for-s", type=float, help="fresh seeds, for so many seconds")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--digests", action="store_true", help="one line per seed")
    options = parser.parse_args()
    if options.seed is not None:
        told: Iterator[Told] = map(run, (options.seed,))
    elif options.for_s is not None:
        told = map(run, fresh(options.for_s))
    elif options.jobs > 1:
        pool = ProcessPoolExecutor(options.jobs)
        told = pool.map(run, range(options.first, options.first + options.seeds))
    else:
        told = map(run, range(options.first, options.first + options.seeds))
    return _report(told, digests=options.digests)


def _report(told: Iterator[Told], *, digests: bool) -> int:
    steps = calls = broken = runs = 0
    for runs, one in zip(count(1), told, strict=False):  # noqa: B007  # its last value counts
        steps, calls = steps + one.steps, calls + one.calls
        if digests:
            print(one.seed, one.steps, one.digest, flush=True)
        if one.failure:
            broken += 1
            print(f"seed {one.seed} broke a promise; repeat it by `make sim SEED={one.seed}`")
            print(one.failure, flush=True)
    if not digests or broken:
        print(f"{runs} storms, {calls} calls, {steps} steps: {broken} broke a promise")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
