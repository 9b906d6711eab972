"""Spans of time that a report covers: civil days, weeks, months, quarters and years (K02)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Kind(StrEnum):
    """How long a report's span is; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    SPAN = "span"
    """From one day to another, both included."""


class ReportRefused(Exception):
    """There is no such report; the sentence says why and what to ask instead."""


SPAN_DAYS_MAX = 3660
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)

_PARTS = {
    Kind.DAY: "hour",
    Kind.WEEK: "day",
    Kind.MONTH: "day",
    Kind.QUARTER: "month",
    Kind.YEAR: "month",
}
_NAMES = {
    Kind.DAY: "日报",
    Kind.WEEK: "周报",
    Kind.MONTH: "月报",
    Kind.QUARTER: "季报",
    Kind.YEAR: "年报",
    Kind.SPAN: "时段报表",
}


@dataclass(frozen=True)
class Period:
    """A report's span; ``last`` is included, ``until`` is not."""

    kind: Kind
    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)

    @property
    def part(self) -> str:
        """Into what the span is divided: ``hour``, ``day`` or ``month``."""
        if self.kind is Kind.SPAN:
            days = (self.last - self.first).days + 1
            return "hour" if days == 1 else "day" if days <= 92 else "month"
        return _PARTS[self.kind]

    @property
    def title(self) -> str:
        """As it stands above a report."""
        name = _NAMES[self.kind]
        match self.kind:
            case Kind.DAY:
                return f"{name} {self.first:%Y年%m月%d日}"
            case Kind.MONTH:
                return f"{name} {self.first:%Y年%m月}"
            case Kind.QUARTER:
                return f"{name} {self.first:%Y年}第{(self.first.month + 2) // 3}季度"
            case Kind.YEAR:
                return f"{name} {self.first:%Y年}"
        return f"{name} {self.first:%Y年%m月%d日}至{self.last:%Y年%m月%d日}"

    def parts(self) -> list[str]:
        """The names of all parts, also of those in which nothing happened."""
        if self.part == "hour":
            return [f"{hour:02}:00" for hour in range(24)]
        days = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        if self.part == "day":
            return [day.isoformat() for day in days]
        return list(dict.fromkeys(f"{day:%Y-%m}" for day in days))

    def before(self) -> "Period":
        """The span of the same kind that ended where this one begins."""
        if self.kind is Kind.SPAN:
            days = self.last - self.first
            end = self.first - timedelta(days=1)
            return Period(self.kind, end - days, end, self.zone)
        return period(self.kind, self.first - timedelta(days=1), self.zone)

    def year_before(self) -> "Period | None":
        """The span of the same kind a year earlier: days and weeks by the weekday, the others by
        the calendar.  None for a year: it is the one before."""
        match self.kind:
            case Kind.YEAR:
                return None
            case Kind.SPAN:
                first, last = _year_earlier(self.first), _year_earlier(self.last)
                return Period(self.kind, first, last, self.zone)
            case Kind.DAY | Kind.WEEK:
                return period(self.kind, self.first - timedelta(weeks=52), self.zone)
        return period(self.kind, _year_earlier(self.first), self.zone)


def period(kind: Kind, day: date, zone: ZoneInfo) -> Period:
    """Return the span of this kind in which ``day`` lies; any kind but SPAN.

    Raises ReportRefused for a day before any record."""
    if not EARLIEST <= day <= LATEST:
        raise ReportRefused(f"There is no {kind} around {day}: days are {EARLIEST} to {LATEST}.")
    match kind:
        case Kind.DAY:
            first = last = day
        case Kind.WEEK:
            first = day - timedelta(days=day.weekday())
            last = first + timedelta(days=6)
        case Kind.MONTH:
            first, last = day.replace(day=1), _month_end(day)
        case Kind.QUARTER:
            first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            last = _month_end(first.replace(month=first.month + 2))
        case _:
            first, last = day.replace(month=1, day=1), day.replace(month=12, day=31)
    return Period(kind, first, last, zone)


def span(first: date, last: date, zone: ZoneInfo) -> Period:
    """Return the span between two days.  Raises ReportRefused."""
    if first < EARLIEST or last > LATEST:
        raise ReportRefused(f"Days are {EARLIEST} to {LATEST}.")
    if last < first:
        raise ReportRefused(f"The last day, {last}, lies before the first, {first}.")
    if (last - first).days >= SPAN_DAYS_MAX:
        raise ReportRefused(f"A span has at most {SPAN_DAYS_MAX} days.")
    return Period(Kind.SPAN, first, last, zone)


def _year_earlier(day: date) -> date:
    """29 February comes after 28 February's."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - 1, day=last)


def _month_end(day: date) -> date:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)
