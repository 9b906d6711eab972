"""Every fault under calls, on a real Asterisk and PostgreSQL: ``make chaos``.

Prints a table; the exit code is 1 when a caller was forgotten, a call was cut although its own
Asterisk lived, or something else broke.  First one service and one Asterisk, under calls that talk,
wait, ring and come in; then two of each under a stream of calls, of which each is killed in turn.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from acd.proof.stage import ProofFailure
from bench.chaos import deaths
from bench.chaos.deaths import DEATHS, Death, Load
from bench.chaos.faults import FAULTS, Fault
from bench.chaos.pair import Pair
from bench.chaos.trial import trial
from bench.chaos.verdict import Line, table
from bench.chaos.world import Size, World
from bench.operators import at_demo_trunks
from servers.service import Service
from servers.settings import load
from servers.stack import Stack

LARGE = Size(talking=100, waiting=50, ringing=10, arriving=10, cases=3)
STREAM = Load(rate=10.0, talking=20, waiting=12)
AGENTS_PER_NODE = 80
"""So many are left when a node is lost: ten calls a second keep 45 of them busy, and whoever is
called back some more."""


class Table:
    """What has been found so far."""

    def __init__(self, folder: Path) -> None:
        self.lines: list[Line] = []
        self.problems: list[str] = []
        self._folder = folder

    def add(self, name: str, run: Callable[[Path, int], Line], *, cuts: bool) -> bool:
        """Run one trial in a folder and by a number of its own; False when it broke off."""
        number = len(self.lines) + 1
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            line = run(self._folder / str(number), number)
        except ProofFailure as failed:
            self.problems.append(f"{name}: {failed}")
            return False
        self.lines.append(line)
        self.problems += line.problems(cuts=cuts)
        print(" | ".join(line.cells), *line.wrong, file=sys.stderr, flush=True)
        return True


def main() -> int:
    """Do one fault after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--only", default="", help="faults with this in their name")
    parser.add_argument("--talking", type=int, default=LARGE.talking)
    parser.add_argument("--waiting", type=int, default=LARGE.waiting)
    parser.add_argument("--ringing", type=int, default=LARGE.ringing)
    parser.add_argument("--arriving", type=int, default=LARGE.arriving)
    parser.add_argument("--cases", type=int, default=LARGE.cases)
    given = vars(parser.parse_args())
    only = given.pop("only")
    faults = [fault for fault in FAULTS if only in fault.name]
    chosen = [death for death in DEATHS if only in death.name]
    with Stack(load(), {"asterisk", "postgres"}, quiet=True) as stack, at_demo_trunks():
        found = Table(stack.settings.run_dir / "chaos")
        service = Service(stack)
        service.migrate()
        if faults:
            _one_of_each(found, World(service, Size(**given)), faults)
        if chosen:
            _two_of_each(found, Pair(stack, AGENTS_PER_NODE), chosen)
    print(table(found.lines))
    print(*found.problems, sep="\n", file=sys.stderr)
    return 1 if found.problems else 0


def _one_of_each(found: Table, world: World, faults: list[Fault]) -> None:
    try:
        world.open()
        for fault in faults:

            def run(folder: Path, number: int, fault: Fault = fault) -> Line:
                return trial(world, fault, folder, number, long=True)

            if not found.add(fault.name, run, cuts=fault.cuts):
                break
    finally:
        world.close()


def _two_of_each(found: Table, pair: Pair, chosen: list[Death]) -> None:
    try:
        pair.open()
        for death in chosen:

            def run(folder: Path, number: int, death: Death = death) -> Line:
                return deaths.trial(pair, death, folder, number, STREAM)

            if not found.add(death.name, run, cuts=death.node is not None):
                break
    finally:
        pair.close()


if __name__ == "__main__":
    sys.exit(main())
