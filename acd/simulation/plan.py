"""How many agents each half hour needs, so that the promise is kept.

Erlang's formulas give the first guess.  They know nothing of who has which skill, of rings that
nobody answers, of a second phone beside the first, or of the line that a busy half hour leaves to
the next; so the plan is then bettered on simulated days of the production core, half hour by half
hour, until those that keep the promise can spare nobody and no other needs more.  What it promises
is what it reached there, and is checked on days that it has not seen.

Never fewer than two: an emergency takes two agents at once (C17, L4).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from acd.simulation import erlang, policy
from acd.simulation.comparison import Interval, interval, share_within
from acd.simulation.day import HALF_HOUR_MS, HALF_HOURS, Day
from acd.simulation.profile import Profile
from acd.simulation.staffing import SEATS_MIN, by_erlang, handling_s, line_loads, loads
from acd.simulation.trial import Trial

LOSS = 0.001
"""Share of the calls that may find all lines taken in the busiest half hour (T30): one in a
thousand, an order of magnitude below those whom the promise may fail."""

ROUNDS_MAX = 8
CALLS_MIN = 12_000
"""Simulated for each round, over all days: fewer, and a half hour's share is mostly chance."""

DAYS_MIN = 4
PLANNING_SEED, CHECKING_SEED = 1_000_000, 2_000_000
"""Days of the plan and of its check; never the same."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One half hour."""

    calls: int
    load: float
    """Erlangs."""
    erlang: int
    erlang_share: float
    """What Erlang expects of its own number."""
    agents: int
    share: float | None
    """Of this half hour's calls on the planning days; None without calls."""
    line_load: float
    """Erlangs on the operators' lines."""
    lines: int
    """Of the operators, so that at most LOSS of the calls finds none free."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Agents per half hour.  Shares are of calls answered within ``limit_ms``."""

    profile: Profile
    share_wanted: float
    limit_ms: int
    rows: tuple[Row, ...]
    share: float
    """Over all planning days."""
    erlang_reached: float
    """What Erlang's own numbers reach on the same days."""
    days: int

    @property
    def agents(self) -> tuple[int, ...]:
        """By half hour."""
        return tuple(row.agents for row in self.rows)

    @property
    def busiest(self) -> int:
        """The half hour in which most lines are taken: for it they are ordered (T30)."""
        return max(range(HALF_HOURS), key=lambda n: self.rows[n].line_load)

    def erlang_share(self) -> float:
        """Return what Erlang expects of the whole day with its own numbers."""
        calls = sum(row.calls for row in self.rows)
        return sum(row.calls * row.erlang_share for row in self.rows) / calls


@dataclass(frozen=True)
class _Tried:
    """A number of agents by half hour, and what it reached on the planning days."""

    staff: tuple[int, ...]
    offered: tuple[int, ...]
    within: tuple[int, ...]

    @property
    def share(self) -> float:
        return sum(self.within) / sum(self.offered)

    def share_of(self, n: int) -> float | None:
        return self.within[n] / self.offered[n] if self.offered[n] else None


def make(
    profile: Profile,
    *,
    share: float,
    limit_ms: int,
    days: int | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Plan:
    """Return a plan with which ``share`` of the calls is answered within ``limit_ms``.

    ``tell`` is given a sentence for each round, for it takes a while.  Raises ValueError for a
    share that nobody can promise.
    """
    traffic = profile.traffic()
    guess = by_erlang(traffic, share=share, limit_ms=limit_ms)
    days = days or max(DAYS_MIN, math.ceil(CALLS_MIN / traffic.calls))
    seeds = range(PLANNING_SEED, PLANNING_SEED + days)
    tried = [_try(profile, tuple(guess), seeds, limit_ms)]
    raised: set[int] = set()
    for number in range(1, ROUNDS_MAX + 1):
        last = tried[-1]
        tell(
            f"round {number}: {sum(last.staff) / 2:.0f} agent hours reach {last.share:.1%} "
            f"on {days} days"
        )
        changed = tuple(_bettered(last, n, share, raised) for n in range(HALF_HOURS))
        if changed == last.staff:
            break
        tried.append(_try(profile, changed, seeds, limit_ms))
    best = _best(tried, share)
    return Plan(
        profile=profile,
        share_wanted=share,
        limit_ms=limit_ms,
        rows=tuple(_rows(profile, guess, best, limit_ms)),
        share=best.share,
        erlang_reached=tried[0].share,
        days=days,
    )


def check(plan: Plan, days: int | None = None) -> Interval:
    """Return the share that the plan reaches on days that it has not seen, with its interval."""
    first = CHECKING_SEED
    traffic = plan.profile.traffic()
    shares = []
    for seed in range(first, first + max(days or plan.days, 2)):
        day = Day(traffic, plan.agents, seed)
        shares.append(share_within(_waits(day), plan.limit_ms))
    return interval(shares)


def _waits(day: Day) -> list[int | None]:
    queues = policy.deadline(wrap_up_ms=day.traffic.wrap_up_ms)
    return Trial(day, queues).run().waits_ms


def _try(profile: Profile, staff: tuple[int, ...], seeds: Sequence[int], limit_ms: int) -> _Tried:
    offered, within = [0] * HALF_HOURS, [0] * HALF_HOURS
    for seed in seeds:
        day = Day(profile.traffic(), staff, seed)
        for caller, wait_ms in zip(day.callers, _waits(day), strict=True):
            half_hour = caller.arrives_ms // HALF_HOUR_MS
            offered[half_hour] += 1
            within[half_hour] += wait_ms is not None and wait_ms <= limit_ms
    return _Tried(staff, tuple(offered), tuple(within))


def _error(reached: float, offered: int) -> float:
    """The standard error of a share, never quite nothing."""
    return math.sqrt(max(reached * (1 - reached), 0.01) / offered)


def _bettered(tried: _Tried, n: int, share: float, raised: set[int]) -> int:
    """One more where the promise is not kept, one fewer where it is by more than chance; what has
    been raised once is not lowered again, or it would go to and fro."""
    reached, staff = tried.share_of(n), tried.staff[n]
    if reached is None:
        return SEATS_MIN
    error = _error(reached, tried.offered[n])
    if reached < share - error / 2:
        raised.add(n)
        return staff + max(1, staff // 25)
    if reached > share + error and n not in raised and staff > SEATS_MIN:
        return staff - 1
    return staff


def _best(tried: Sequence[_Tried], share: float) -> _Tried:
    """Return what keeps the promise over the day, in most half hours, with the fewest agents."""

    def worth(one: _Tried) -> tuple[bool, int, int]:
        return (one.share < share, _short(one, share), sum(one.staff))

    return min(tried, key=worth)


def _short(tried: _Tried, share: float) -> int:
    """Return how many half hours miss the promise by more than chance."""
    shares = ((n, tried.share_of(n)) for n in range(HALF_HOURS))
    return sum(
        reached is not None and reached < share - 2 * _error(reached, tried.offered[n])
        for n, reached in shares
    )


def _rows(profile: Profile, guess: Sequence[int], best: _Tried, limit_ms: int) -> list[Row]:
    traffic = profile.traffic()
    handling = handling_s(traffic)
    waiting_s = max(limit_ms - sum(traffic.pick_up_ms) / 2, 0) / 1_000
    on_lines = line_loads(traffic)
    rows = []
    for n, load in enumerate(loads(traffic)):
        if traffic.patience_ms_mean is None:
            expected = erlang.answered_within(load, guess[n], waiting_s, handling)
        else:
            expected = erlang.Impatient(
                load=load,
                agents=guess[n],
                handling_s=handling,
                patience_s=traffic.patience_ms_mean / 1_000,
            ).answered_within(waiting_s)
        rows.append(
            Row(
                calls=profile.calls[n],
                load=load,
                erlang=guess[n],
                erlang_share=expected,
                agents=best.staff[n],
                share=best.share_of(n),
                line_load=on_lines[n],
                lines=erlang.lines_for(on_lines[n], LOSS),
            )
        )
    return rows
