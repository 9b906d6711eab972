"""The result of a run, as its JSON file holds it.

Whoever measures fills a ``Result``; the page (``page``) and the comparison (``compare``) know
nothing else.  A figure that could not be measured is not in it: there is no invented zero.
"""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

FOLDER = Path(__file__).resolve().parents[2] / "run" / "bench"
QUIET_LOAD = 0.5
"""A machine with more than this before the run begins has something else to do."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number, with its 95 % interval where there is one, and what is wanted of it.

    With ``low`` alone the interval is open above.
    """

    name: str
    """Unlike any other of the result; the same in each run."""
    title: str
    unit: str
    value: float
    low: float | None = None
    high: float | None = None
    better: Literal["lower", "higher", "neither"] = "lower"
    wanted: str = ""
    holds: bool | None = None
    """None where nothing is wanted."""


class Line(msgspec.Struct, frozen=True):
    """One curve of a plot; as many x as y."""

    name: str
    x: list[float]
    y: list[float]


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of curves or dots over a common axis."""

    title: str
    x: str
    y: str
    lines: list[Line]
    style: Literal["line", "dots", "steps"] = "line"
    log: Literal["", "x", "y", "xy"] = ""


class Result(msgspec.Struct, kw_only=True):
    """One run of one bench."""

    bench: str
    command: str
    """Repeats it."""
    given: dict[str, str | int | float | bool] = {}
    began: str = msgspec.field(default_factory=lambda: _now())
    ended: str = ""
    machine: dict[str, str | int | float] = msgspec.field(default_factory=lambda: machine())
    figures: list[Figure] = []
    plots: list[Plot] = []
    remarks: list[str] = []
    """Sentences a reader must know: what was not reached, what disturbed the run."""
    ok: bool = False
    broken_off: str = ""
    """Why the run ended before its time: its figures are of a part of it.  Empty: it did not."""

    def figure(self, name: str) -> Figure | None:
        """Return the figure of this name, if there is one."""
        return next((one for one in self.figures if one.name == name), None)


class Unreadable(Exception):
    """A file is no result: one sentence for a person."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def machine() -> dict[str, str | int | float]:
    """Return what a reader of the figures must know of the machine, and how busy it is now."""
    return {
        "cores": os.cpu_count() or 1,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def finish(result: Result) -> None:
    """Note the end, and say so when the machine had something else to do."""
    result.ended = _now()
    load = float(result.machine["load_before"])
    if load > QUIET_LOAD:
        result.remarks.append(
            f"Measured beside other work (load {load:g} before it began): latencies and rates are "
            "worse than on a quiet machine; the ratios of one run compare like with like."
        )


def path_of(result: Result, folder: Path) -> Path:
    """Return where the JSON file lies in a folder; its name tells bench and moment."""
    stamp = result.began.replace(":", "").replace("-", "")[:15]
    return folder / f"{result.bench}-{stamp}.json"


def write(result: Result, folder: Path) -> Path:
    """Write the JSON file.  Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(result, folder)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    return path


def read(path: Path) -> Result:
    """Read a result.  Raises Unreadable with one sentence."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Result)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Unreadable(f"{path} is not the result of a bench: {error}.") from None
