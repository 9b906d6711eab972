"""Figures of a day, and how sure a difference is."""

import math

import pytest

from acd.simulation.comparison import figures, interval, paired, share_within, student_t


def test_a_day_is_summed_up() -> None:
    """Exactly ten seconds are within; who left is not answered, and waited for ever."""
    waits = [1_000, 10_000, 10_001, None]
    day = figures(waits, [False, True, True, False], offers=6)
    assert (day.within, day.emergencies_within) == (0.5, 0.5)
    assert (day.p50_s, day.p99_s, day.longest_s) == (10.0, math.inf, math.inf)
    assert day.offers_per_call == 1.5
    assert math.isnan(figures([1], [False], offers=1).emergencies_within)


def test_no_calls_have_no_figures() -> None:
    """No invented zero."""
    with pytest.raises(ValueError, match="without calls"):
        figures([], [], offers=0)
    with pytest.raises(ZeroDivisionError):
        share_within([])


@pytest.mark.parametrize(
    ("degrees", "quantile"), [(4, 2.776), (5, 2.571), (9, 2.262), (19, 2.093), (39, 2.023)]
)
def test_students_t_is_the_table(degrees: int, quantile: float) -> None:
    """The column of 95 % of every table."""
    assert student_t(0.95, degrees) == pytest.approx(quantile, rel=2e-3)


def test_intervals() -> None:
    """Pairs cancel what days have in common; one day says nothing."""
    ours, theirs = [90.0, 80.0, 85.0, 95.0, 70.0], [89.0, 79.0, 84.0, 94.0, 69.0]
    assert (paired(ours, theirs).low, paired(ours, theirs).high) == (1.0, 1.0)
    assert interval(ours).low < 84 < interval(ours).high
    with pytest.raises(ValueError, match="one day"):
        interval([1.0])
