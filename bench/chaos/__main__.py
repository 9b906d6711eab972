"""Every fault under calls, on a real Asterisk and PostgreSQL: ``make chaos``.

Prints a table; the exit code is 1 when a caller was forgotten, a call was cut although its own
Asterisk lived, or something else broke.
"""

import argparse
import sys

from acd.proof.stage import ProofFailure
from bench.chaos.faults import FAULTS
from bench.chaos.trial import trial
from bench.chaos.verdict import Line, table
from bench.chaos.world import Size, World
from servers.service import Service
from servers.settings import load
from servers.stack import Stack

LARGE = Size(talking=100, waiting=50, ringing=10, arriving=10, cases=3)


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
    chosen = [fault for fault in FAULTS if only in fault.name]
    lines: list[Line] = []
    problems: list[str] = []
    with Stack(load(), {"asterisk", "postgres"}, quiet=True) as stack:
        service = Service(stack)
        service.migrate()
        world = World(service, Size(**given))
        try:
            world.open()
            for number, fault in enumerate(chosen, 1):
                print(f"{fault.name} …", file=sys.stderr, flush=True)
                folder = stack.settings.run_dir / "chaos" / str(number)
                try:
                    line = trial(world, fault, folder, number, long=True)
                except ProofFailure as failed:
                    problems.append(f"{fault.name}: {failed}")
                    break
                lines.append(line)
                problems += line.problems(cuts=fault.cuts)
                print(" | ".join(line.cells), *line.wrong, file=sys.stderr, flush=True)
        finally:
            world.close()
    print(table(lines))
    print(*problems, sep="\n", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
