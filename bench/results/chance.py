"""How much of a figure is chance: 95 % intervals of what a run counts or measures on its calls."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import binom, binomtest

CONFIDENCE = 0.95


def of_share(count: int, of: int) -> tuple[float, float]:
    """Return Wilson's interval of the share that ``count`` is of so many (one at least)."""
    found = binomtest(count, of).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def of_quantile(ordered: Sequence[float], share: float) -> tuple[float, float | None]:
    """Return the interval of a quantile of sorted times (one at least), by their ranks.

    It supposes nothing of how the times are spread.  A few say nothing of an end: then it begins at
    0, or is open above (None).
    """
    low, high = (int(rank) for rank in binom.interval(CONFIDENCE, len(ordered), share))
    return ordered[low - 1] if low else 0.0, ordered[high] if high < len(ordered) else None
