"""Erlang's formulas: how many are busy, who waits and how long, when chance is all there is.

*Load* is in erlangs: arrivals per second times the seconds that one keeps an agent.  Erlang B has
no waiting, C endless patience, A callers who leave after an exponential patience.  All take
Poisson arrivals, exponential handling and equal agents who are there at once; what a real line
has beyond that is what the simulator is for.

Sources: R. B. Cooper, *Introduction to Queueing Theory* (B, C); A. Mandelbaum and S. Zeltyn, *The
Palm/Erlang-A Queue* (A).
"""

import math
from collections.abc import Callable

AGENTS_MAX = 100_000
"""Nobody has more; a search that comes here was asked for what cannot be."""

QUEUED_MAX = 20_000
"""With patience as people have it, no line is near so long."""

_TAIL = 1e-12
"""Of the likeliest queue: what is rarer is left out."""

_HUGE = 1e200
"""Weights are scaled down before they overflow."""


def blocking(load: float, agents: int) -> float:
    """Return Erlang B: the share of calls that find all agents busy and are turned away."""
    _check(load, agents)
    share = 1.0
    for n in range(1, agents + 1):
        share = load * share / (n + load * share)
    return share


def lines_for(load: float, loss: float) -> int:
    """Return the fewest lines on which at most ``loss`` of the calls find none free (Erlang B);
    one at least.  Raises ``ValueError`` for a loss that is none."""
    _check(load, 1)
    if not 0 < loss < 1:
        raise ValueError(f"a loss of {loss} cannot be planned for: give more than 0 and below 1")
    share, lines = 1.0, 0
    while share > loss:
        lines += 1
        share = load * share / (lines + load * share)
    return lines


def waiting(load: float, agents: int) -> float:
    """Return Erlang C: the share of calls that must wait; 1 when there are too few agents for a
    line that ever ends."""
    if load >= agents:
        _check(load, agents)
        return 1.0
    blocked = blocking(load, agents)
    return agents * blocked / (agents - load * (1 - blocked))


def answered_within(load: float, agents: int, limit_s: float, handling_s: float) -> float:
    """Return the share of calls that reach an agent within ``limit_s`` when nobody ever leaves
    (Erlang C)."""
    if load >= agents:
        _check(load, agents)
        return 0.0
    return 1 - waiting(load, agents) * math.exp(-(agents - load) * limit_s / handling_s)


def mean_wait_s(load: float, agents: int, handling_s: float) -> float:
    """Return the mean wait over all calls (Erlang C); infinite when the line never ends."""
    if load >= agents:
        return math.inf
    return waiting(load, agents) * handling_s / (agents - load)


class Impatient:
    """Erlang A: ``load`` erlangs, each of ``handling_s``, on ``agents``; who waits leaves after an
    exponential patience of mean ``patience_s``.  Always stable."""

    def __init__(self, *, load: float, agents: int, handling_s: float, patience_s: float) -> None:
        _check(load, agents)
        if handling_s <= 0 or patience_s <= 0:
            raise ValueError("handling and patience last longer than nothing")
        self._arrivals = load / handling_s
        self._leaving = 1 / patience_s
        self._serving = agents / handling_s
        self._queued = self._steady_state(load, agents)

    @property
    def waiting(self) -> float:
        """The share of calls that do not reach an agent at once."""
        return sum(self._queued)

    @property
    def abandoned(self) -> float:
        """The share of calls that leave before an agent is free."""
        if not self._arrivals:
            return 0.0
        waiting = sum(k * p for k, p in enumerate(self._queued))
        return self._leaving * waiting / self._arrivals

    @property
    def mean_wait_s(self) -> float:
        """The mean wait over all calls, those that leave included."""
        return self.abandoned / self._leaving

    def answered_within(self, limit_s: float) -> float:
        """Return the share of all calls that reach an agent within ``limit_s``.

        With k before them a caller's wait is the sum of k+1 exponential times of rates
        ``serving + i * leaving``; that is minus the logarithm, over ``leaving``, of a Beta(r, k+1)
        variable with ``r = serving / leaving``, and the variable itself is the probability that
        the caller's patience outlasts the wait.  So the share is a mean of Beta tails.
        """
        ratio = self._serving / self._leaving
        x = math.exp(-limit_s * self._leaving)
        share = 1 - self.waiting
        below = _BetaBelow(x, ratio + 1)
        for k, probability in enumerate(self._queued):
            share += probability * ratio / (ratio + k + 1) * (1 - below.of(k + 1))
        return share

    def _steady_state(self, load: float, agents: int) -> list[float]:
        """Return the probability that all are busy and k wait, for k = 0, 1 …"""
        # Relative to all busy and nobody waiting, so that nothing overflows.
        busy, term = 1.0, 1.0
        for n in range(agents, 0, -1):
            if not load:
                return [0.0]
            term *= n / load
            busy += term
            if math.isinf(busy):
                return [0.0]
        queued, term, largest = [1.0], 1.0, 1.0
        while term > _TAIL * largest:
            if len(queued) > QUEUED_MAX:
                raise ValueError("so much patience is as good as endless: use Erlang C")
            term *= self._arrivals / (self._serving + len(queued) * self._leaving)
            queued.append(term)
            if term > largest:
                largest = term
            if largest > _HUGE:
                queued = [value / largest for value in queued]
                busy, term, largest = busy / largest, term / largest, 1.0
        # Nobody waiting is in both sums.
        total = busy + sum(queued) - queued[0]
        return [term / total for term in queued]


class _BetaBelow:
    """I_x(a, b), the chance that a Beta(a, b) variable is below x, for b = 1, 2, 3 … in turn."""

    def __init__(self, x: float, a: float) -> None:
        self._x, self._a = x, a
        self._b = 1
        self._value: float = x**a
        self._term = self._value
        """x^a (1-x)^b Γ(a+b) / (Γ(a) Γ(b+1)) of the next step but for its factor."""

    def of(self, b: int) -> float:
        while self._b < b:
            n = self._b
            self._term *= (1 - self._x) * (self._a + n - 1) / n
            self._value += self._term
            self._b += 1
        return min(self._value, 1.0)


def agents_for(share: float, reached: Callable[[int], float], *, at_least: int = 1) -> int:
    """Return the smallest number of agents, from ``at_least`` up, with which ``reached`` gives
    ``share`` or more; more agents must never reach less.  Raise ``ValueError`` when none does."""
    if not 0 <= share < 1:
        raise ValueError(f"a share of {share} cannot be planned for: give 0 to below 1")
    step, high = 1, at_least
    while reached(high) < share:
        if high >= AGENTS_MAX:
            raise ValueError(f"not even {AGENTS_MAX} agents reach a share of {share}")
        high, step = high + step, 2 * step
    low = at_least - 1
    while high - low > 1:
        middle = (low + high) // 2
        if middle >= at_least and reached(middle) >= share:
            high = middle
        else:
            low = middle
    return high


def _check(load: float, agents: int) -> None:
    if load < 0 or not math.isfinite(load):
        raise ValueError(f"a load of {load} erlangs cannot be")
    if agents < 1:
        raise ValueError(f"{agents} agents answer nothing")
