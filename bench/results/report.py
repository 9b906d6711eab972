"""Where a bench leaves its result, and what it says at its end."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.results import page
from bench.results.model import FOLDER, Result, finish, path_of, write


def writable(text: str) -> Path:
    """Return the folder that ``--out`` names, made where it was not: for argparse.

    Raises ArgumentTypeError when nothing can be kept there, before anything is measured in vain.
    """
    folder = Path(text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"a")
    except OSError as error:
        words = f"nothing can be kept in {text}: {error.strerror}"
        raise argparse.ArgumentTypeError(words) from None
    return folder


def report(result: Result, folder: Path | None) -> None:
    """Note the end, print every figure and keep the result; a figure that does not hold is marked.

    Raises SystemExit as ``keep`` does.
    """
    finish(result)
    for one in result.figures:
        mark = "  BROKEN" if one.holds is False else ""
        print(f"{one.title}: {page.number(one.value)} {one.unit}{mark}")
    if result.broken_off:
        print("The run ended before its time: these are figures of a part of it.")
    keep(result, folder)


def keep(result: Result, folder: Path | None) -> None:
    """Write file and page into ``folder`` (the usual one: None), and print where they are.

    Raises SystemExit with 2, after a sentence, when they cannot be kept; what has been measured
    should have been printed by then.
    """
    folder = folder or FOLDER
    try:
        path = write(result, folder)
        print(f"Result: {path} and {page.write(result, path)}")
    except OSError as error:
        # Half a file would look like a result.
        path = path_of(result, folder)
        for half in (path, path.with_suffix(".html")):
            if half.is_file():
                half.unlink()
        print(
            f"The result could not be kept in {folder} ({error.strerror}): its figures are above, "
            "and nowhere else.",
            file=sys.stderr,
        )
        raise SystemExit(2) from None
