"""A day to come is forecast from days like it, by nothing that was not known then, and what is said
of its accuracy is what came (H09)."""

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.runtime.calendar import Calendar
from acd.simulation.day import BUSY_DAY, HALF_HOURS
from acd.simulation.forecast import (
    COMPARED_MAX,
    GROWTH_MAX,
    TRIED_MAX,
    WEEK,
    Forecast,
    History,
    Range,
)
from acd.simulation.profile import ProfileError

CHINA = Calendar(ZoneInfo("Asia/Shanghai"))
TODAY = date(2026, 8, 31)
"""A Monday; in the eight weeks before it there is no holiday."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Past:
    """A day of the records."""

    calls: tuple[int, ...]
    talk_s: float | None = 240.0
    wrap_up_s: float | None = 30.0
    emergency_share: float | None = 0.03


def shaped(total: float) -> tuple[int, ...]:
    """So many calls, as the hours of a busy day have them."""
    return tuple(round(total * weight / 100) for weight in BUSY_DAY.weights)


WEEKDAYS = {day: shaped(4_000 - 300 * day) for day in range(7)}
"""Mondays are the busiest."""


def usual(weeks: int, until: date = TODAY) -> dict[date, Past]:
    """Whole weeks before a day, each as the other, and the day on which the line began."""
    days = (until - n * DAY for n in range(weeks * 7 + 1, 0, -1))
    return {day: Past(WEEKDAYS[day.weekday()]) for day in days}


def holidays(year_of: dict[date, Past], total: int) -> dict[date, Past]:
    """The same days, with so many calls on each holiday."""
    return {day: Past(shaped(total)) if CHINA.is_holiday(day) else one for day, one in
            year_of.items()}  # fmt: skip


def expected(forecast: Forecast) -> list[float]:
    return [one.expected for one in forecast.half_hours]


@pytest.mark.parametrize("ahead", [0, 1, 6, 7, 17, 56])
def test_what_is_always_the_same_is_forecast_as_it_is(ahead: int) -> None:
    """Each weekday as it was, however far ahead; no trend, and forecasts that were never off."""
    day = TODAY + ahead * DAY
    history = History(usual(20), CHINA)
    found = history.forecast(day, TODAY)
    weekday = WEEKDAYS[day.weekday()]
    assert expected(found) == pytest.approx(weekday)
    assert found.expected() == weekday
    assert found.growth == 0
    assert found.like == f"{day:%A}s"
    assert (found.talk_s, found.wrap_up_s, found.emergency_share) == (240, 30, 0.03)
    assert len(found.compared) == COMPARED_MAX and max(found.compared) < TODAY
    accuracy = history.accuracy(day, TODAY)
    assert accuracy is not None
    assert accuracy.days == TRIED_MAX
    for errors in (accuracy.forecast, accuracy.weekday_before):
        assert errors.days == pytest.approx(0)
        assert errors.half_hours == pytest.approx(0)
    assert accuracy.days_held == accuracy.half_hours_held == 1


def test_a_forecast_knows_nothing_of_what_came_later() -> None:
    """Else the trials on days that have been would flatter it."""
    known = holidays(usual(60), 1_000)
    later = {TODAY + n * DAY: Past(shaped(9_000), 100.0, 10.0, 0.5) for n in range(57)}
    knowing, then = History(known | later, CHINA), History(known, CHINA)
    for day in later:
        assert knowing.forecast(day, TODAY) == then.forecast(day, TODAY)


@given(
    weeks_ago=st.integers(1, 8),
    total=st.one_of(st.integers(0, 3_900), st.integers(4_100, 90_000)),
)
def test_one_odd_day_changes_nothing_but_the_range(weeks_ago: int, total: int) -> None:
    """A storm or an outage does not come again each week, and is no trend; what it says is how
    much such days can differ."""
    days = usual(9)
    days[TODAY - weeks_ago * WEEK] = Past(shaped(total))
    found = History(days, CHINA).forecast(TODAY, TODAY)
    assert expected(found) == pytest.approx(WEEKDAYS[0])
    assert found.growth == 0
    calm = History(usual(9), CHINA).forecast(TODAY, TODAY)
    assert found.whole.high >= calm.whole.high and found.whole.low <= calm.whole.low


@pytest.mark.parametrize("weekly", [0.98, 1.01, 1.03])
def test_steady_growth_goes_on(weekly: float) -> None:
    days = usual(20)
    days = {
        day: Past(
            tuple(round(10 * count * weekly ** ((day - TODAY) / WEEK)) for count in one.calls)
        )
        for day, one in days.items()
    }
    history = History(days, CHINA)
    found = history.forecast(TODAY + 3 * WEEK, TODAY)
    assert found.growth == pytest.approx(weekly - 1, abs=0.001)
    assert found.whole.expected == pytest.approx(10 * sum(WEEKDAYS[0]) * weekly**3, rel=0.01)
    accuracy = history.accuracy(TODAY + 3 * WEEK, TODAY)
    assert accuracy is not None
    assert accuracy.forecast.days < 0.01 < accuracy.weekday_before.days


def test_nothing_grows_without_end() -> None:
    days = usual(9)
    days = {
        day: Past(tuple(round(100 * count * 1.5 ** ((day - TODAY) / WEEK)) for count in one.calls))
        for day, one in days.items()
    }
    found = History(days, CHINA).forecast(TODAY, TODAY)
    assert found.growth == pytest.approx(math.expm1(GROWTH_MAX))


def chance(seed: int, weeks: int, level: float) -> dict[date, Past]:
    """Weeks in which each half hour's calls are Poisson, and each day a little busier or calmer."""
    draw = random.Random(seed)
    days = usual(weeks)
    for day in days:
        busier = draw.gauss(1, 0.05)
        days[day] = Past(
            tuple(poisson(draw, count * level * busier) for count in WEEKDAYS[day.weekday()])
        )
    return days


def poisson(draw: random.Random, mean: float) -> int:
    """How many exponential gaps fit into one."""
    count, at = 0, draw.expovariate(1)
    while at < mean:
        count, at = count + 1, at + draw.expovariate(1)
    return count


@pytest.mark.parametrize(("level", "most"), [(0.3, 0.88), (0.05, 0.94)])
def test_where_chance_is_all_there_is_the_range_is_what_it_says(level: float, most: float) -> None:
    """Four of five days and half hours within it, rather more on a quiet line, for calls are whole;
    and the mean of weeks is nearer than one week."""
    found = []
    for seed in range(6):
        accuracy = History(chance(seed, 15, level), CHINA).accuracy(TODAY + WEEK, TODAY)
        assert accuracy is not None
        found.append(accuracy)
    assert 0.76 <= fmean(one.half_hours_held for one in found) <= most
    assert 0.76 <= fmean(one.days_held for one in found) <= most
    for one in found:
        assert one.forecast.half_hours < 0.9 * one.weekday_before.half_hours
        assert one.forecast.days < one.weekday_before.days


def test_a_trend_that_chance_hides_is_within_the_range_still() -> None:
    """Four weeks ahead of calls that grow by 1 % a week: one day in three came outside a range that
    took it for certain that there is none."""
    held = []
    for seed in range(6):
        days = {
            day: Past(tuple(round(c * 1.01 ** ((day - TODAY) / WEEK)) for c in one.calls))
            for day, one in chance(seed, 20, 0.3).items()
        }
        accuracy = History(days, CHINA).accuracy(TODAY + 4 * WEEK, TODAY)
        assert accuracy is not None
        held.append(accuracy.days_held)
    assert 0.72 <= fmean(held) <= 0.92


def test_chance_is_seldom_taken_for_a_trend() -> None:
    """One time in ten by its confidence, and then for less than it looks like."""
    grown = [History(chance(n, 9, 0.05), CHINA).forecast(TODAY, TODAY).growth for n in range(40)]
    assert sum(growth != 0 for growth in grown) <= 8
    assert max(map(abs, grown)) < 0.01


def test_how_far_off_is_of_the_calls_that_came() -> None:
    """Ten more calls on each day than on any before: 10 of all, each day and in each half hour."""
    days = usual(20)
    for n in range(1, 15):
        day = TODAY - n * DAY
        days[day] = Past(tuple(count + 10 for count in days[day].calls))
    found = History(days, CHINA).accuracy(TODAY + 13 * DAY, TODAY)
    assert found is not None
    newest = [days[TODAY - n * DAY] for n in range(1, TRIED_MAX + 1)]
    came = sum(sum(one.calls) for one in newest)
    off = 14 * HALF_HOURS * 10 / came
    assert found.forecast.days == pytest.approx(off)
    assert found.forecast.half_hours == pytest.approx(off)
    assert found.weekday_before.half_hours == pytest.approx(off)
    assert found.days_held == pytest.approx(0.5)


def test_a_holiday_is_like_the_last_holidays() -> None:
    """National Day's week, from May's and June's: by how busy the line was then."""
    days = holidays(usual(60), 1_000)
    grown = date(2026, 7, 1)
    days = {day: one if day < grown else Past(tuple(2 * c for c in one.calls))
            for day, one in days.items()}  # fmt: skip
    found = History(days, CHINA).forecast(date(2026, 10, 1), TODAY)
    assert found.like == "holidays"
    assert all(CHINA.is_holiday(day) for day in found.compared)
    assert found.compared[0] == date(2026, 6, 21), "the Sunday behind the Dragon Boat Festival"
    assert found.whole.expected == pytest.approx(2 * sum(shaped(1_000)), rel=0.01)


def test_a_holiday_is_like_sundays_while_few_holidays_are_known() -> None:
    days = holidays(usual(10), 1_000)
    found = History(days, CHINA).forecast(date(2026, 10, 1), TODAY)
    assert found.like == "Sundays"
    assert expected(found) == pytest.approx(WEEKDAYS[6])


def test_a_weekend_that_is_worked_is_like_weekdays() -> None:
    """20 September 2026 is a Sunday on which people work for National Day."""
    found = History(usual(10), CHINA).forecast(date(2026, 9, 20), TODAY)
    assert found.like == "weekdays"
    assert {day.weekday() for day in found.compared} == set(range(5))


def test_a_holiday_is_no_weekday_and_no_decline() -> None:
    """After National Day's week a Thursday is like Thursdays, without the two that were none."""
    today = date(2026, 10, 19)
    days = holidays(usual(20, until=today), 1_000)
    found = History(days, CHINA).forecast(date(2026, 10, 22), today)
    assert found.growth == 0
    assert expected(found) == pytest.approx(WEEKDAYS[3])
    assert date(2026, 10, 1) not in found.compared


@pytest.mark.parametrize(
    ("weeks", "sentence"),
    [
        (0, "the records hold 0, and 4 are needed."),
        (3, "A forecast for 2026-08-31 is made from Mondays of the last 8 weeks: the records hold"),
    ],
)
def test_of_too_few_days_nothing_is_said(weeks: int, sentence: str) -> None:
    history = History(usual(weeks) if weeks else {}, CHINA)
    with pytest.raises(ProfileError, match=sentence):
        history.forecast(TODAY, TODAY)
    assert history.accuracy(TODAY, TODAY) is None


def test_how_good_forecasts_are_is_said_from_the_seventh_trial_on() -> None:
    """Four weeks to forecast from, a week ahead, and seven days on which to try it."""
    day = TODAY + WEEK
    assert History(usual(6), CHINA).forecast(day, TODAY)
    assert History(usual(5), CHINA).accuracy(day, TODAY) is None
    found = History(usual(6), CHINA).accuracy(day, TODAY)
    assert found is not None
    assert found.days == 7


def test_the_day_on_which_the_line_began_is_not_a_whole_one() -> None:
    days = {day: Past((0,) * HALF_HOURS) for day in usual(20)} | usual(6)
    began = min(usual(6))
    days[began] = Past((5,) * HALF_HOURS)
    history = History(days, CHINA)
    assert began not in history.forecast(began + 6 * WEEK, TODAY).compared
    assert history.forecast(TODAY, TODAY) == History(usual(6), CHINA).forecast(TODAY, TODAY)


@given(st.lists(st.floats(0, 500), min_size=HALF_HOURS, max_size=HALF_HOURS))
def test_whole_calls_keep_the_days_sum(means: list[float]) -> None:
    """A night with a third of a call each half hour has its calls; no half hour is off by one."""
    made = Forecast(
        day=TODAY, like="Mondays", compared=(), growth=0.0,
        half_hours=tuple(Range(one, 0, 0) for one in means),
        whole=Range(sum(means), 0, 0), talk_s=None, wrap_up_s=None, emergency_share=None,
    )  # fmt: skip
    whole = made.expected()
    assert abs(sum(whole) - math.fsum(means)) < 0.501
    assert all(count >= 0 for count in whole)
    assert all(abs(count - one) < 1.001 for count, one in zip(whole, means, strict=True))
