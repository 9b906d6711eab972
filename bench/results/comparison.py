"""Two runs of one bench side by side: what got better, what got worse, what nobody can tell."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from bench.results.model import Figure, Result

TIE = 1.25
"""Two runs of one load on a shared machine differed by 1.17 in CPU per call and 1.22 in a p95."""
COUNTED = frozenset({"calls", "%", "ratio", ""})
"""Units of what a busier machine does not change by itself: there an interval is enough.  A time
or a rate also moves from run to run, which no interval of one run's calls can know."""


class Different(Exception):
    """The two cannot be compared: one sentence for a person."""


class Change(msgspec.Struct, frozen=True):
    """One figure in both runs.  ``ratio`` is B to A; None where A is 0."""

    before: Figure
    after: Figure
    ratio: float | None
    verdict: str
    """``better``, ``worse``, ``changed`` or ``same``."""


def compare(a: Result, b: Result) -> list[Change]:
    """Compare the figures that both have, in A's order.

    With intervals a change is one when these do not touch, and for times and rates the ratio is
    not a tie either; without, when the ratio is not a tie.  Raises Different.
    """
    if a.bench != b.bench:
        raise Different(f"A is a run of {a.bench}, B of {b.bench}: only two of one bench compare.")
    changes = [
        Change(one, other, _ratio(one, other), _verdict(one, other))
        for one in a.figures
        if (other := b.figure(one.name)) is not None
    ]
    if not changes:
        raise Different("The two runs have no figure in common.")
    return changes


def differences_of_settings(a: Result, b: Result) -> Iterator[str]:
    """Say what was asked for otherwise, or of another machine: such runs compare badly."""
    for which, run in (("A", a), ("B", b)):
        if run.broken_off:
            yield f"{which} ended before its time, and is a part of a run: {run.broken_off}"
    for where, one, other in (("asked", a.given, b.given), ("machine", a.machine, b.machine)):
        for name in sorted({*one, *other} - {"load_before", "out", "seed"}):
            if one.get(name) != other.get(name):
                yield f"{where} {name}: A {one.get(name, 'not')}, B {other.get(name, 'not')}"


def _ratio(before: Figure, after: Figure) -> float | None:
    return after.value / before.value if before.value else None


def _verdict(before: Figure, after: Figure) -> str:
    if before.value == after.value or not _is_told_apart(before, after):
        return "same"
    if before.better == "neither":
        return "changed"
    grew = after.value > before.value
    return "better" if grew == (before.better == "higher") else "worse"


def _is_told_apart(before: Figure, after: Figure) -> bool:
    if before.wanted == "0" and not (before.value and after.value):
        return True  # Where none may be, the first is one too many.
    if before.low is not None and after.low is not None:
        if before.low <= _top(after) and after.low <= _top(before):
            return False
        if before.unit in COUNTED:
            return True
    ratio = _ratio(before, after)
    return ratio is None or ratio <= 0 or max(ratio, 1 / ratio) >= TIE


def _top(figure: Figure) -> float:
    return math.inf if figure.high is None else figure.high
