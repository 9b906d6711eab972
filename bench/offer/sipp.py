"""SIPp beside a bed: started, waited for, and asked how it ended.

A SIPp that fails must end the measurement with its own words: figures of half a load look like
those of a whole one.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from servers.steps import Failure

SCENARIOS = Path(__file__).with_name("scenarios")
LOOK_S = 0.25
"""The end of whoever should not end is noticed within this."""
SAID_MAX = 300
SOME_CALLS_FAILED = 1
"""SIPp's exit code when it went through all its calls, and some were not as the scenario has it."""


class SippFailed(Failure):
    """SIPp did not do what was asked of it: one sentence with its own words."""


class CallsFailed(SippFailed):
    """It placed every call, and some went otherwise than its scenario says."""


class Sipp:
    """One SIPp process; ``command`` ends with its options.  A context that ends the process."""

    def __init__(self, command: Sequence[str], *, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._errors.unlink(missing_ok=True)  # of the round before
        with self._screen.open("wb") as screen:
            self._process = subprocess.Popen(
                [*command, "-nostdin", "-trace_err", "-error_file", str(self._errors)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Sipp:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def _screen(self) -> Path:
        return self._folder / f"{self.name}.screen"

    @property
    def _errors(self) -> Path:
        return self._folder / f"{self.name}.errors"

    def wait(self, *beside: Sipp) -> None:
        """Wait until it is through, while those ``beside`` it run.

        Raises CallsFailed when some of its calls failed, SippFailed when it could not place them,
        or one beside it ended.
        """
        while self._process.poll() is None:
            for other in beside:
                other.must_run()
            try:
                self._process.wait(LOOK_S)
            except subprocess.TimeoutExpired:
                continue
        code = self._process.returncode
        if code:
            kind = CallsFailed if code == SOME_CALLS_FAILED else SippFailed
            raise kind(self._ended_with(code))

    def must_run(self) -> None:
        """Raise SippFailed when it has ended."""
        code = self._process.poll()
        if code is not None:
            raise SippFailed(self._ended_with(code))

    def _ended_with(self, code: int) -> str:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
        said = self._said()
        return f"SIPp ({self.name}) {how}" + (f" and said: {said}" if said else ", saying nothing.")

    def _said(self) -> str:
        """What it wrote of errors, else the end of its screen; shortened."""
        errors, screen = (
            path.read_text("utf-8", "replace") if path.exists() else ""
            for path in (self._errors, self._screen)
        )
        words = " ".join(errors.split())
        return words[:SAID_MAX] if words else " ".join(screen.split())[-SAID_MAX:]
