"""What a bench says at its end: every figure, and where the result is."""

from pathlib import Path

from bench.results import page
from bench.results.model import Result, finish, write


def report(result: Result, folder: Path | None) -> None:
    """Note the end, keep the result in ``folder`` and print it; a figure that does not hold is
    marked."""
    finish(result)
    path = write(result, folder)
    for one in result.figures:
        mark = "  BROKEN" if one.holds is False else ""
        print(f"{one.title}: {page.number(one.value)} {one.unit}{mark}")
    if result.broken_off:
        print("The run ended before its time: these are figures of a part of it.")
    print(f"Result: {path} and {page.write(result, path)}")
