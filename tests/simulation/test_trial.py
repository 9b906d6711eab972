"""The simulated day: people are the same under every policy, the model is Erlang's where it must
be, and no policy beats the bound."""

from dataclasses import replace
from statistics import fmean

import pytest

from acd.simulation import bound, erlang, policy
from acd.simulation.bound import Foresight
from acd.simulation.comparison import share_within
from acd.simulation.day import BUSY_DAY, HALF_HOURS, Day, Traffic
from acd.simulation.staffing import SEATS_MIN, by_erlang, loads
from acd.simulation.trial import AT_ONCE, Trial

ERLANGS_OWN = Traffic(
    weights=(1.0,) * HALF_HOURS,
    calls=4_000,
    emergency_share=0.0,
    talk="exponential",
    wrap_up_ms=0,
    pick_up_ms=(0, 0),
    miss_share=0.0,
    equal_skills=True,
)
"""Chance is all there is: exponential talk, a constant rate, equal agents who are there at once."""

WARM_UP = 400
"""Calls of the first hours, while the empty line fills."""

LOAD = 4_000 / 86_400 * 240
SMALL_DAY = replace(BUSY_DAY, calls=600)
SMALL_STAFF = by_erlang(SMALL_DAY, share=0.8, limit_ms=10_000)


def test_a_line_of_pure_chance_is_erlang_c() -> None:
    """Issue 3: within one point of the formula for the share answered within 10 s.

    One day is off by two points either way, so many are needed.  Where nobody misses a ring and
    all are equal, the bound is the plain line that Erlang means: it is held against the formula
    over many days, and the production core against it on the same days.
    """
    days = [Day(ERLANGS_OWN, [16] * HALF_HOURS, seed) for seed in range(60)]
    plain = [share_within(bound.waits_ms(day)[WARM_UP:]) for day in days]
    assert fmean(plain) == pytest.approx(erlang.answered_within(LOAD, 16, 10, 240), abs=0.01)
    for day, share in zip(days[:3], plain, strict=False):
        waits = Trial(day, policy.deadline(wrap_up_ms=0), AT_ONCE).run().waits_ms
        assert share_within(waits[WARM_UP:]) == pytest.approx(share, abs=0.002)


def test_a_line_of_impatient_callers_is_erlang_a() -> None:
    """Callers who leave after an exponential patience: as many as Palm says, and so many of the
    others in time."""
    line = erlang.Impatient(load=LOAD, agents=12, handling_s=240, patience_s=90)
    left, within = [], []
    for seed in range(6):
        traffic = replace(ERLANGS_OWN, patience_ms_mean=90_000)
        day = Day(traffic, [12] * HALF_HOURS, seed)
        waits = Trial(day, policy.deadline(wrap_up_ms=0), AT_ONCE).run().waits_ms[WARM_UP:]
        left.append(sum(wait is None for wait in waits) / len(waits))
        within.append(share_within(waits))
    assert fmean(left) == pytest.approx(line.abandoned, abs=0.01)
    assert fmean(within) == pytest.approx(line.answered_within(10), abs=0.01)


def test_every_caller_is_answered_once_and_the_day_ends() -> None:
    """Nobody is forgotten at a shift's end, and the same seed tells the same day."""
    day = Day(SMALL_DAY, SMALL_STAFF, 7)
    outcome = Trial(day, policy.deadline(wrap_up_ms=30_000)).run()
    assert None not in outcome.waits_ms
    assert outcome.offers >= len(day.callers)
    assert Trial(day, policy.deadline(wrap_up_ms=30_000)).run() == outcome
    other = Day(SMALL_DAY, SMALL_STAFF, 8)
    assert Trial(other, policy.deadline(wrap_up_ms=30_000)).run() != outcome


def test_a_line_that_nobody_can_serve_is_told() -> None:
    """Nobody on duty is a mistake of whoever plans, and not a day that never ends."""
    with pytest.raises(ValueError, match="nobody on duty"):
        Trial(Day(SMALL_DAY, [0] * HALF_HOURS, 7), policy.deadline(wrap_up_ms=30_000)).run()


def test_policies_meet_the_same_people() -> None:
    """What chance has in store for a ring does not depend on when it is asked, or how often."""
    day, again = Day(SMALL_DAY, SMALL_STAFF, 7), Day(SMALL_DAY, [40] * HALF_HOURS, 7)
    assert day.callers == again.callers
    rings = [
        (caller, agent, ring) for caller in range(40) for agent in range(40) for ring in (1, 2)
    ]
    forwards = [day.pick_up_ms(*ring) for ring in rings]
    assert forwards == [again.pick_up_ms(*ring) for ring in reversed(rings)][::-1]
    missed = forwards.count(None) / len(rings)
    picked_up = [ms for ms in forwards if ms is not None]
    assert missed == pytest.approx(0.08, abs=0.02)
    assert 1_000 <= min(picked_up) < 1_100 < 5_900 < max(picked_up) <= 6_000


def test_a_day_is_as_described() -> None:
    """5,000 calls, a tenth in the busy hour, talk of mean 240 s, three in a hundred urgent."""
    callers = [caller for seed in range(4) for caller in Day(BUSY_DAY, [1] * 48, seed).callers]
    assert len(callers) == 20_000
    busy = [caller for caller in callers if caller.arrives_ms // 3_600_000 == 9]
    assert len(busy) / len(callers) == pytest.approx(0.10, abs=0.01)
    assert fmean(caller.talk_ms for caller in callers) == pytest.approx(240_000, rel=0.03)
    assert fmean(caller.is_emergency for caller in callers) == pytest.approx(0.03, abs=0.005)
    assert [c.arrives_ms for c in callers[:5_000]] == sorted(c.arrives_ms for c in callers[:5_000])


@pytest.mark.parametrize("seed", range(3))
def test_no_policy_beats_the_bound(seed: int) -> None:
    """The relaxation answers at least as many in time, and waits less on average."""
    day = Day(SMALL_DAY, SMALL_STAFF, seed)
    known = bound.waits_ms(day)
    anybody = bound.waits_ms(day, Foresight.ANYBODY)
    for queues in (policy.fixed_ring(6_500, wrap_up_ms=30_000), policy.deadline(wrap_up_ms=30_000)):
        waits = Trial(day, queues).run().waits_ms
        assert share_within(known) >= share_within(waits)
        assert fmean(known) <= fmean(wait for wait in waits if wait is not None)
    assert fmean(known) <= fmean(anybody)


def test_the_bound_takes_no_impatient_callers() -> None:
    """It would be none: who leaves makes room."""
    day = Day(replace(SMALL_DAY, patience_ms_mean=1_000), SMALL_STAFF, 1)
    with pytest.raises(ValueError, match="callers who stay"):
        bound.waits_ms(day)


def test_staff_by_erlang() -> None:
    """Never below the two seats that an emergency takes (C17), more where more call."""
    staff = by_erlang(BUSY_DAY, share=0.9, limit_ms=10_000)
    assert min(by_erlang(replace(BUSY_DAY, calls=20), share=0.9, limit_ms=10_000)) == SEATS_MIN
    assert all(agents > load for agents, load in zip(staff, loads(BUSY_DAY), strict=True))
    impatient = by_erlang(replace(BUSY_DAY, patience_ms_mean=60_000), share=0.9, limit_ms=10_000)
    assert all(fewer <= more for fewer, more in zip(impatient, staff, strict=True))
    assert sum(impatient) < sum(staff)
    with pytest.raises(ValueError, match="half hours"):
        Day(BUSY_DAY, staff[:-1], 1)
