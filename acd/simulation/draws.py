"""Chance that belongs to things, not to moments.

A caller's talk time, or whether agent 7 would miss the second ring of call 12, is drawn by naming
it: two policies that do different things at different times still meet the same people (common
random numbers), so that what differs between two runs is the policy.
"""

import math

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio: neighbours lie far apart (SplitMix64, Steele et al. 2014)."""


class Draws:
    """All the chance of one seed.  ``uniform(stream, …)`` is the same number whenever asked."""

    def __init__(self, seed: int) -> None:
        self._seed = _mix(seed & _MASK)

    def uniform(self, stream: int, *keys: int) -> float:
        """Return a number from 0 up to, not including, 1."""
        state = self._seed
        for key in (stream, *keys):
            state = _mix(state + key)
        return state / (1 << 64)

    def exponential(self, mean: float, stream: int, *keys: int) -> float:
        """Return an exponential number of this mean."""
        return -mean * math.log(1.0 - self.uniform(stream, *keys))

    def log_normal(self, mean: float, sigma: float, stream: int, *keys: int) -> float:
        """Return a log-normal number of this mean; ``sigma`` is its logarithm's deviation."""
        radius = math.sqrt(-2 * math.log(1.0 - self.uniform(stream, *keys, 1)))
        normal = radius * math.cos(2 * math.pi * self.uniform(stream, *keys, 2))
        return mean * math.exp(sigma * normal - sigma * sigma / 2)


def _mix(state: int) -> int:
    state = (state + _GOLDEN) & _MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
    return state ^ (state >> 31)
