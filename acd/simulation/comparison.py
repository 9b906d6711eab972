"""What days came to, and how sure a difference between two policies is.

Days are paired by their seed: the same people met both policies, so their differences are much
less scattered than the days themselves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

LIMIT_MS = 10_000
"""C01."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One day under one policy.  Shares are of all callers of the kind; who left counts as not
    answered, and as a wait of ``math.inf``."""

    within: float
    emergencies_within: float
    p50_s: float
    p99_s: float
    longest_s: float
    offers_per_call: float


def figures(waits_ms: Sequence[int | None], emergencies: Sequence[bool], *, offers: int) -> Figures:
    """Sum up a day from each caller's wait (None: left) and whether it was an emergency."""
    if not waits_ms:
        raise ValueError("a day without calls has no figures")
    waits = sorted(math.inf if wait is None else wait / 1_000 for wait in waits_ms)
    urgent = [wait for wait, is_urgent in zip(waits_ms, emergencies, strict=True) if is_urgent]
    return Figures(
        within=share_within(waits_ms),
        emergencies_within=share_within(urgent) if urgent else math.nan,
        p50_s=_quantile(waits, 0.50),
        p99_s=_quantile(waits, 0.99),
        longest_s=waits[-1],
        offers_per_call=offers / len(waits),
    )


def share_within(waits_ms: Sequence[int | None], limit_ms: int = LIMIT_MS) -> float:
    """Return the share answered within the limit; there must be calls."""
    return sum(wait is not None and wait <= limit_ms for wait in waits_ms) / len(waits_ms)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so many do not exceed: one that somebody really waited."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


@dataclass(frozen=True)
class Interval:
    """A mean over days, and between what it lies with 95 % confidence."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"

    def times(self, factor: float) -> "Interval":
        """Return the interval in another unit."""
        return Interval(self.mean * factor, self.low * factor, self.high * factor)


def interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return mean and confidence interval of independent days (Student's t); at least two."""
    if len(values) < 2:
        raise ValueError("one day alone says nothing of how much days differ")
    mean = fmean(values)
    half = student_t(confidence, len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Return the interval of ours minus theirs, day by day."""
    return interval([a - b for a, b in zip(ours, theirs, strict=True)])


def student_t(confidence: float, degrees: int) -> float:
    """Return the two-sided quantile of Student's t; to about 0.1 % from 5 degrees of freedom on
    (Abramowitz and Stegun 26.7.5), too small below by at most a fifth at 2."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    v = float(degrees)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92_160 * v**4)
    )
