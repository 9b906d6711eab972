"""One line per step on the terminal: what is being done, how far it is, how long it took.

On a terminal the line is rewritten while the step runs; elsewhere (CI, a pipe) its parts are
appended, so that the log shows progress too. Standard library only: the bootstrap uses it before
anything is installed.
"""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TextIO


class Refusal(Exception):
    """We cannot go on; the message is one sentence that says what to do. Ends with exit code 2."""


class Failure(Exception):
    """Something we started did not do its work; the message says which. Ends with exit code 1."""


class Step:
    """`with Step("PostgreSQL") as step: …; step.note("starting"); …; step.result("18.6")`."""

    def __init__(self, title: str, *, out: TextIO | None = None) -> None:
        self._title = title
        self._out = out or sys.stdout
        self._live = self._out.isatty()
        self._note = ""
        self._result = "done"
        self._stop = threading.Event()
        self._ticker: threading.Thread | None = None
        self._begun = 0.0

    def note(self, text: str) -> None:
        """Say how far it is (a few words)."""
        if text == self._note:
            return
        self._note = text
        if self._live:
            self._draw()
        else:
            self._write(f" {text} …")

    def result(self, text: str) -> None:
        """What to print at the end instead of "done"."""
        self._result = text

    def __enter__(self) -> Step:
        self._begun = time.monotonic()
        if self._live:
            self._draw()
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()
        else:
            self._write(f"· {self._title} …")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._ticker is not None:
            self._ticker.join()
        seconds = time.monotonic() - self._begun
        end = self._result if kind is None else "stopped" if kind is KeyboardInterrupt else "failed"
        mark = "✓" if kind is None else "✗"
        if self._live:
            self._write(f"\r\x1b[K{mark} {self._title}: {end} ({seconds:.1f} s)\n")
        else:
            self._write(f" {end} ({seconds:.1f} s)\n")

    def _tick(self) -> None:
        while not self._stop.wait(0.5):
            self._draw()

    def _draw(self) -> None:
        seconds = time.monotonic() - self._begun
        note = f" {self._note} …" if self._note else ""
        self._write(f"\r\x1b[K· {self._title} …{note} {seconds:.0f} s")

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
        except UnicodeEncodeError:  # a terminal that is not UTF-8 still gets its lines
            self._out.write(text.encode("ascii", "replace").decode("ascii"))
        self._out.flush()


def say(text: str, *, out: TextIO | None = None) -> None:
    """Print a line at once."""
    print(text, file=out or sys.stdout, flush=True)
