"""Ratios of the switch to ``Queue()`` over pairs, with bootstrap intervals, and what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
import scipy

from bench.results.model import Figure

NARROW = 0.15
"""An interval narrower than this says where the ratio is (issue of the comparison, point 6)."""
RESAMPLES = 9999
Pair = tuple[float, float]
"""What ``Queue()`` showed, and what the switch showed in the round after it."""


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """Something that both are measured by."""

    name: str
    title: str
    unit: str
    ratio_max: float | None = None
    ratio_min: float | None = None
    value_max: float | None = None
    """Of the switch itself, whatever the queue does."""

    @property
    def wanted(self) -> str:
        """The target of the ratio, in words; empty when there is none."""
        if self.ratio_max is not None:
            return f"at most {self.ratio_max:g}"
        return "" if self.ratio_min is None else f"at least {self.ratio_min:g}"


class Ratio(msgspec.Struct, frozen=True, kw_only=True):
    """The geometric mean of the pairs' ratios and its 95 % interval."""

    measure: Measure
    pairs: list[Pair]
    value: float
    low: float
    high: float

    @property
    def is_narrow(self) -> bool:
        """Whether enough is known of it."""
        return len(self.pairs) > 1 and self.high - self.low < NARROW

    @property
    def holds(self) -> bool | None:
        """Whether the target is reached: by the point, and with a narrow interval."""
        most, least = self.measure.ratio_max, self.measure.ratio_min
        if most is None and least is None:
            return None
        reached = (most is None or self.value <= most) and (least is None or self.value >= least)
        return reached and self.is_narrow


def ratio(measure: Measure, pairs: Sequence[Pair]) -> Ratio:
    """Return the ratio and its interval by the bias-corrected bootstrap over the pairs.

    The mean is geometric, so that A to B is the inverse of B to A.  One pair has no interval: it is
    as wide as can be.  Raises ValueError without pairs, or with a value that is not above 0.
    """
    if not pairs or any(value <= 0 for pair in pairs for value in pair):
        raise ValueError(f"{measure.title}: a ratio needs values above 0, not {list(pairs)}")
    logs = np.log([switch / queue for queue, switch in pairs])
    value = float(np.exp(logs.mean()))
    if len(pairs) == 1:
        low, high = 0.0, float("inf")
    elif np.ptp(logs) == 0:
        low = high = value
    else:
        found = scipy.stats.bootstrap(
            (logs,), np.mean, n_resamples=RESAMPLES, method="BCa", rng=np.random.default_rng(1)
        ).confidence_interval
        low, high = float(np.exp(found.low)), float(np.exp(found.high))
    return Ratio(measure=measure, pairs=list(pairs), value=value, low=low, high=high)


def figures(mode: str, one: Ratio) -> list[Figure]:
    """Return the ratio, and the medians of both sides, as figures of a result."""
    measure, name = one.measure, f"{mode}_{one.measure.name}"
    queue, switch = (float(np.median(side)) for side in zip(*one.pairs, strict=True))
    better: Literal["higher", "lower"] = "higher" if measure.ratio_min is not None else "lower"
    finite = len(one.pairs) > 1
    own = measure.value_max
    return [
        Figure(
            name=f"{name}_ratio",
            title=f"{mode}: {measure.title}, switch ÷ Queue()",
            unit="ratio",
            value=one.value,
            low=one.low if finite else None,
            high=one.high if finite else None,
            better=better,
            wanted=measure.wanted,
            holds=one.holds,
        ),
        Figure(
            name=f"{name}_queue",
            title=f"{mode}: {measure.title}, Queue()",
            unit=measure.unit,
            value=queue,
            better="neither",
        ),
        Figure(
            name=f"{name}_switch",
            title=f"{mode}: {measure.title}, switch",
            unit=measure.unit,
            value=switch,
            better=better,
            wanted="" if own is None else f"at most {own:g}",
            holds=None if own is None else switch <= own,
        ),
    ]
