"""What calls a day to come may bring by half hour, from the days that have been (H09, H11).

A day is held against the last of its weekday; a holiday against the last holidays, or Sundays while
there are too few; a weekend that is worked in a holiday's stead against weekdays.  The forecast is
their mean without the busiest and the quietest day, so that neither a storm nor an outage is
expected again, carried on by the trend of the last weeks as far as chance cannot explain it.

How good this is, is tried and not assumed: days that have been are forecast by what was known so
long before them, and beside a forecast stands how far those were off.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import accumulate, chain, islice, pairwise
from statistics import NormalDist, fmean, linear_regression, variance
from typing import Protocol

from acd.simulation.comparison import student_t
from acd.simulation.profile import ProfileError

WEEK = timedelta(weeks=1)
WEEKS_BACK = 8
"""Two months: long enough for one odd week not to count, short enough to follow the season."""

AHEAD_MAX = WEEKS_BACK * WEEK
"""As far as is looked back."""

HISTORY = 60 * WEEK
"""What is read: more than a year, so that last year's holidays are in it, the movable ones too."""

COMPARED_MAX, COMPARED_MIN = 8, 4
"""Days that a forecast is made from.  Of four, two are left without the outer ones."""

LEVEL_DAYS_MIN = 14
"""Ordinary days that tell how busy the line was in the weeks before a holiday."""

GROWTH_WEEKS_MIN = 5
GROWTH_CONFIDENCE = 0.9
"""One odd week alone is never a trend by it, wherever it stands among them."""
GROWTH_MAX = math.log(1.05)
"""Each week: twelvefold in a year.  Of what grows faster, nobody can tell for how long."""

RANGE = 0.8
"""So many lie within their range, and one in ten above it."""

TRIED_MAX, TRIED_MIN = 28, 7
"""Days that have been, on which forecasts are tried; of fewer nothing is said."""


class Kind(StrEnum):
    """What a day is, its weekday aside."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MADE_UP = "made up"
    """A weekend that is worked in a holiday's stead."""


class Calendar(Protocol):
    """Of the place where the callers live."""

    def is_holiday(self, day: date) -> bool:
        """Return whether people are off for a holiday."""
        ...

    def is_working_day(self, day: date) -> bool:
        """Return whether people work."""
        ...


class PastDay(Protocol):
    """A whole day of the records; means are None where nobody talked or took notes."""

    @property
    def calls(self) -> Sequence[int]:
        """By half hour."""
        ...

    @property
    def talk_s(self) -> float | None: ...

    @property
    def wrap_up_s(self) -> float | None: ...

    @property
    def emergency_share(self) -> float | None: ...


@dataclass(frozen=True)
class Range:
    """How many calls are expected, and between what they lie."""

    expected: float
    low: int
    high: int

    def holds(self, calls: int) -> bool:
        """Return whether so many are within it."""
        return self.low <= calls <= self.high


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What a day may bring."""

    day: date
    like: str
    """What it was held against, in the plural: Mondays, weekdays, Sundays or holidays."""
    compared: tuple[date, ...]
    """Which ones, the newest first, with the two that were left out."""
    growth: float
    """From week to week, as a share; 0 where chance explains what there is."""
    half_hours: tuple[Range, ...]
    whole: Range
    talk_s: float | None
    wrap_up_s: float | None
    emergency_share: float | None

    def expected(self) -> tuple[int, ...]:
        """Return whole calls by half hour: what one leaves over counts in the next, so that a quiet
        night is not rounded away."""
        sums = map(round, accumulate(one.expected for one in self.half_hours))
        return tuple(after - before for before, after in pairwise(chain((0,), sums)))

    def upper(self) -> tuple[int, ...]:
        """Return the upper edge of each half hour."""
        return tuple(one.high for one in self.half_hours)


@dataclass(frozen=True)
class Errors:
    """How far off, by the calls that came: the errors of all days, and of all half hours."""

    days: float
    half_hours: float


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """How forecasts did on days that have been, and how the same weekday before would have done."""

    days: int
    forecast: Errors
    weekday_before: Errors
    days_held: float
    """Share of the days that came within their range."""
    half_hours_held: float


@dataclass(frozen=True)
class _Like:
    """A day that another is held against."""

    day: date
    factor: float
    """What one of its calls counts for, but for growth."""
    since: date
    """From when on growth counts."""


@dataclass(frozen=True)
class _Growth:
    """Of calls from week to week, as logarithms."""

    weekly: float
    unsure: float
    """How far it may be off: by chance, and because the least is taken."""


class History:
    """The days that have been, and what they say of others."""

    def __init__(self, days: Mapping[date, PastDay], calendar: Calendar) -> None:
        """``days``: whole civil days in a row, those without calls too.  The first one with calls
        is left out with all before it: on it the line may have begun."""
        first = min((day for day, one in days.items() if any(one.calls)), default=date.max)
        self._days = {day: days[day] for day in sorted(days) if day > first}
        self._totals = {day: sum(one.calls) for day, one in self._days.items()}
        self._calendar = calendar
        self._kind = cache(self._kind_of)

    def forecast(self, day: date, made: date) -> Forecast:
        """Return what ``day`` may bring, by what was known when ``made`` began.

        Raises ProfileError with one sentence when too few days are like it."""
        name, like = self._like(day, made)
        if len(like) < COMPARED_MIN:
            raise ProfileError(
                f"A forecast for {day} is made from {name} of the last {WEEKS_BACK} weeks: the "
                f"records hold {len(like)}, and {COMPARED_MIN} are needed."
            )
        growth = self._growth(made)
        scaled = {
            one.day: self._scaled(one, math.exp(growth.weekly * ((day - one.since) / WEEK)))
            for one in like
        }
        kept = sorted(scaled, key=lambda one: sum(scaled[one]))[1:-1]
        expected = _means([scaled[one] for one in kept])
        drift = growth.unsure * fmean((day - one.since) / WEEK for one in like)
        half_hours, whole = _ranges(expected, list(scaled.values()), len(kept), drift)

        def mean(values: Iterator[float | None]) -> float | None:
            known = [value for value in values if value is not None]
            return fmean(known) if known else None

        return Forecast(
            day=day,
            like=name,
            compared=tuple(scaled),
            growth=math.expm1(growth.weekly),
            half_hours=half_hours,
            whole=whole,
            talk_s=mean(self._days[one].talk_s for one in kept),
            wrap_up_s=mean(self._days[one].wrap_up_s for one in kept),
            emergency_share=mean(self._days[one].emergency_share for one in kept),
        )

    def accuracy(self, day: date, made: date) -> Accuracy | None:
        """Return how far forecasts of such days, made so long before them, were off; None when too
        few can be tried."""
        tried = list(islice(self._tried(self._kind(day), day - made, made), TRIED_MAX))
        came = [(forecast, self._days[forecast.day].calls) for forecast, _ in tried]
        if len(tried) < TRIED_MIN or not any(any(calls) for _, calls in came):
            return None
        return Accuracy(
            days=len(tried),
            forecast=_errors(
                ([one.expected for one in forecast.half_hours], calls) for forecast, calls in came
            ),
            weekday_before=_errors(
                (self._days[before].calls, self._days[forecast.day].calls)
                for forecast, before in tried
            ),
            days_held=fmean(forecast.whole.holds(sum(calls)) for forecast, calls in came),
            half_hours_held=fmean(
                half_hour.holds(count)
                for forecast, calls in came
                for half_hour, count in zip(forecast.half_hours, calls, strict=True)
            ),
        )

    def _tried(self, kind: Kind, ahead: timedelta, made: date) -> Iterator[tuple[Forecast, date]]:
        """Forecasts of days of this kind, the newest first, each with the newest day of the same
        weekday that was known by then."""
        for day in reversed(self._days):
            before = day - (ahead // WEEK + 1) * WEEK
            if day >= made or self._kind(day) is not kind or before not in self._days:
                continue
            if len(self._like(day, day - ahead)[1]) >= COMPARED_MIN:
                yield self.forecast(day, day - ahead), before

    def _kind_of(self, day: date) -> Kind:
        if self._calendar.is_holiday(day):
            return Kind.HOLIDAY
        weekend = day.weekday() >= 5
        return Kind.MADE_UP if weekend and self._calendar.is_working_day(day) else Kind.ORDINARY

    def _like(self, day: date, made: date) -> tuple[str, list[_Like]]:
        """What a day is held against, in the plural, and which there are, the newest first."""
        kind = self._kind(day)
        if kind is Kind.HOLIDAY:
            holidays = self._holidays(made)
            if len(holidays) >= COMPARED_MIN:
                return "holidays", holidays
            return "Sundays", self._weekdays((6,), made)
        if kind is Kind.MADE_UP:
            return "weekdays", self._weekdays(range(5), made)
        return f"{day:%A}s", self._weekdays((day.weekday(),), made)

    def _weekdays(self, weekdays: Sequence[int], made: date) -> list[_Like]:
        found = [day for day in self._ordinary(made) if day.weekday() in weekdays]
        return [_Like(day, 1.0, day) for day in found[:COMPARED_MAX]]

    def _holidays(self, made: date) -> list[_Like]:
        """The last holidays: months lie between, so each counts by how busy the line was then."""
        now, found = self._level(made), []
        for day in reversed(self._days):
            if day < made and self._kind(day) is Kind.HOLIDAY and (then := self._level(day)):
                found.append(_Like(day, now / then, made))
        return found[:COMPARED_MAX]

    def _ordinary(self, until: date) -> list[date]:
        """The ordinary days of the weeks before, the newest first."""
        days = (until - timedelta(days=n) for n in range(1, WEEKS_BACK * 7 + 1))
        return [day for day in days if day in self._days and self._kind(day) is Kind.ORDINARY]

    def _level(self, until: date) -> float:
        """Calls of an ordinary day in the weeks before; 0 when too few are known."""
        days = self._ordinary(until)
        return fmean(self._totals[day] for day in days) if len(days) >= LEVEL_DAYS_MIN else 0.0

    def _growth(self, made: date) -> _Growth:
        """Return the least growth by which the last weeks can be explained: none where chance
        explains them.

        A week's level is what came on its ordinary days, by what usually comes on such weekdays, so
        that a week with a holiday is not one of decline."""
        days = self._ordinary(made)
        usual = {
            weekday: fmean(self._totals[day] for day in days if day.weekday() == weekday)
            for weekday in {day.weekday() for day in days}
        }
        came, due = [0.0] * WEEKS_BACK, [0.0] * WEEKS_BACK
        for day in days:
            week = (day - made) // WEEK
            came[week] += self._totals[day]
            due[week] += usual[day.weekday()]
        weeks = [n for n in range(WEEKS_BACK) if due[n]]
        if len(weeks) < GROWTH_WEEKS_MIN or not all(came[n] for n in weeks):
            return _Growth(0.0, 0.0)
        levels = [math.log(came[n] / due[n]) for n in weeks]
        slope, start = linear_regression(weeks, levels)
        left = sum((level - start - slope * n) ** 2 for n, level in zip(weeks, levels, strict=True))
        middle, degrees = fmean(weeks), len(weeks) - 2
        error = math.sqrt(left / degrees / sum((n - middle) ** 2 for n in weeks))
        sure = abs(slope) - student_t(GROWTH_CONFIDENCE, degrees) * error
        weekly = math.copysign(min(max(sure, 0.0), GROWTH_MAX), slope)
        return _Growth(weekly, math.hypot(error, slope - weekly))

    def _scaled(self, like: _Like, growth: float) -> list[float]:
        return [calls * like.factor * growth for calls in self._days[like.day].calls]


def _means(days: Sequence[Sequence[float]]) -> list[float]:
    return [fmean(half_hour) for half_hour in zip(*days, strict=True)]


def _ranges(
    expected: Sequence[float], days: Sequence[Sequence[float]], kept: int, drift: float
) -> tuple[tuple[Range, ...], Range]:
    """Return the range of each half hour and of the whole day, by how much the days differ.

    Chance alone makes calls differ by the root of their number (Poisson).  What half hours differ
    by beyond that is taken for the same share of each: single ones are too few to tell.  A mean of
    few days is off itself, by one over their number; and until then calls may have drifted by such
    a share of all."""
    means = _means(days)
    beyond = sum(
        variance(half_hour) - mean
        for half_hour, mean in zip(zip(*days, strict=True), means, strict=True)
    ) / max(sum(mean**2 for mean in means), 1.0)
    unsure = 1 + 1 / kept
    z = NormalDist().inv_cdf((1 + RANGE) / 2)
    half_hours = tuple(
        _range(
            one,
            z * math.sqrt((one + max(beyond, 0.0) * one**2) * unsure + (drift * one) ** 2),
        )
        for one in expected
    )
    total = sum(expected)
    scatter = math.sqrt(max(variance(map(sum, days)), total) * unsure + (drift * total) ** 2)
    return half_hours, _range(total, student_t(RANGE, len(days) - 1) * scatter)


def _range(expected: float, half: float) -> Range:
    return Range(expected, max(round(expected - half), 0), round(expected + half))


def _errors(days: Iterator[tuple[Sequence[float], Sequence[int]]]) -> Errors:
    """``days``: what was said and what came, by half hour."""
    all_days = list(days)
    came = sum(sum(real) for _, real in all_days)
    return Errors(
        days=sum(abs(sum(said) - sum(real)) for said, real in all_days) / came,
        half_hours=sum(
            abs(one - count)
            for said, real in all_days
            for one, count in zip(said, real, strict=True)
        )
        / came,
    )
