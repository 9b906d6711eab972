"""How much of a figure is chance: 95 % intervals of what a run counts or measures on its calls."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import binom, binomtest

CONFIDENCE = 0.95


def of_share(count: int, of: int) -> tuple[float, float]:
    """Return Wilson's interval of the share that ``count`` is of so many (one at least)."""
    found = binomtest(count, of).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def of_quantile(ordered: Sequence[float], share: float) -> tuple[float, float]:
    """Return the interval of a quantile of sorted values (one at least), by their ranks.

    It supposes nothing of how the values are spread.  Of few values a high quantile has no upper
    end in truth; the largest stands in for it.
    """
    low, high = binom.interval(CONFIDENCE, len(ordered), share)
    return ordered[max(0, int(low) - 1)], ordered[min(len(ordered) - 1, int(high))]
