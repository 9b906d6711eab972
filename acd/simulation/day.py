"""A day at a care line, before anybody has answered: who calls when, who is on duty, what they
are like.

Everything is drawn from the day's seed by name (``draws``), so a policy cannot change whom it
meets.  Times of day are milliseconds from midnight.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from acd.simulation.draws import Draws

HALF_HOUR_MS = 1_800_000
HALF_HOURS = 48
DAY_MS = HALF_HOURS * HALF_HOUR_MS

HOURLY = (
    1.0, 0.8, 0.7, 0.7, 0.9, 1.6, 3.2, 5.6, 8.4, 10.0, 9.2, 7.2,
    5.2, 4.8, 6.2, 6.8, 6.4, 5.4, 4.4, 3.8, 2.9, 2.2, 1.5, 1.1,
)  # fmt: skip
"""Percent of a day's calls by hour; old people rise early, and the morning is the busy hour."""

_ARRIVAL, _EMERGENCY, _TALK, _PATIENCE, _MISSES, _PICK_UP, _SKILL = range(7)
"""Streams of chance."""


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """How the people of a day behave.  Shares are 0 to 1."""

    weights: tuple[float, ...]
    """The expected calls of each half hour, up to a factor."""
    calls: int
    emergency_share: float = 0.03
    talk_ms_mean: int = 240_000
    talk: Literal["log_normal", "exponential"] = "log_normal"
    talk_sigma: float = 0.8
    """Of the logarithm; 0.8 makes the deviation about as great as the mean, as lines report."""
    wrap_up_ms: int = 30_000
    pick_up_ms: tuple[int, int] = (1_000, 6_000)
    """From the first ring to the hand set, evenly between."""
    miss_share: float = 0.08
    """Rings that nobody answers, however long they last."""
    patience_ms_mean: int | None = None
    """Exponential; None: whoever calls stays until somebody comes."""
    equal_skills: bool = False


BUSY_DAY = Traffic(weights=tuple(share / 2 for share in HOURLY for _ in (0, 1)), calls=5_000)
"""5,000 calls, a tenth of them in the busy hour."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One contact."""

    number: int
    arrives_ms: int
    is_emergency: bool
    talk_ms: int
    patience_ms: int | None


class Day:
    """One day: its callers in order of arrival, and what chance has in store for each ring."""

    def __init__(self, traffic: Traffic, staff: Sequence[int], seed: int) -> None:
        """``staff``: agents on duty in each half hour.  Agent 0 works most, the last one only
        when all are needed."""
        if len(staff) != len(traffic.weights):
            raise ValueError(
                f"{len(staff)} half hours of staff for {len(traffic.weights)} of calls"
            )
        self.traffic = traffic
        self.staff = tuple(staff)
        self.seed = seed
        self._draws = Draws(seed)
        self.callers = self._arrivals()

    @property
    def agents(self) -> int:
        """How many different people work that day."""
        return max(self.staff)

    def skills(self, agent: int) -> tuple[int, int]:
        """Return the agent's levels, 1 to 10, in emergencies and in enquiries.

        The first two, who are always there, are good at emergencies: no line is ever without (C17).
        """
        if self.traffic.equal_skills:
            return 5, 5
        first, second = (self._draws.uniform(_SKILL, agent, n) for n in (0, 1))
        return 10 if agent < 2 else 1 + int(first * 10), 1 + int(second * 10)

    def pick_up_ms(self, caller: int, agent: int, ring: int) -> int | None:
        """Return how long this agent lets the ``ring``-th ring for this caller go on before they
        pick up; None when they miss it."""
        low, high = self.traffic.pick_up_ms
        if low == high and not self.traffic.miss_share:
            return low
        if self._draws.uniform(_MISSES, caller, agent, ring) < self.traffic.miss_share:
            return None
        return low + int((high - low) * self._draws.uniform(_PICK_UP, caller, agent, ring))

    def _arrivals(self) -> list[Caller]:
        sums = list(accumulate(self.traffic.weights))
        moments = []
        for n in range(self.traffic.calls):
            half_hour = bisect_right(sums, self._draws.uniform(_ARRIVAL, n, 0) * sums[-1])
            into = self._draws.uniform(_ARRIVAL, n, 1)
            moments.append(int((half_hour + into) * HALF_HOUR_MS))
        return [self._caller(n, moment) for n, moment in enumerate(sorted(moments))]

    def _caller(self, n: int, arrives_ms: int) -> Caller:
        traffic, draws = self.traffic, self._draws
        if traffic.talk == "exponential":
            talk = draws.exponential(traffic.talk_ms_mean, _TALK, n)
        else:
            talk = draws.log_normal(traffic.talk_ms_mean, traffic.talk_sigma, _TALK, n)
        patience = traffic.patience_ms_mean
        stays_ms = None if patience is None else int(draws.exponential(patience, _PATIENCE, n))
        return Caller(
            number=n,
            arrives_ms=arrives_ms,
            is_emergency=draws.uniform(_EMERGENCY, n) < traffic.emergency_share,
            talk_ms=max(int(talk), 1),
            patience_ms=stays_ms,
        )
