"""Two results of one bench side by side.

    make bench-compare ARGS="run/bench/peer-A.json run/bench/peer-B.json"

A is the run before, B the one after.  The exit code is 1 when a figure got worse, 2 when the two
cannot be compared.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.results.comparison import Different, compare, differences_of_settings
from bench.results.model import Unreadable, read
from bench.results.page import interval


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table of the figures that both runs have."""
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__)
    parser.add_argument("a", type=Path, metavar="A", help="JSON file of the run before")
    parser.add_argument("b", type=Path, metavar="B", help="JSON file of the run after")
    given = parser.parse_args(arguments)
    try:
        a, b = read(given.a), read(given.b)
        changes = compare(a, b)
    except (Unreadable, Different) as problem:
        print(problem, file=sys.stderr)
        return 2
    table = Table(title=f"{a.bench}: A {a.began}, B {b.began}", title_justify="left")
    for name in ("what", "unit", "A", "B", "B ÷ A", ""):
        table.add_column(name, justify="left" if name in ("what", "unit", "") else "right")
    for change in changes:
        ratio = "" if change.ratio is None else f"{change.ratio:.3f}"
        before, after = change.before, change.after
        table.add_row(
            before.title, before.unit, interval(before), interval(after), ratio, change.verdict
        )
    console = Console(highlight=False)
    console.print(table)
    for sentence in differences_of_settings(a, b):
        console.print(f"Differs: {sentence}", soft_wrap=True)
    return 1 if any(change.verdict == "worse" for change in changes) else 0


if __name__ == "__main__":
    sys.exit(main())
