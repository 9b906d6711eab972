"""Civil days, weeks, months, quarters and years, as people in China count them (K02)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from acd.desk.periods import Kind, ReportRefused, period, span

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("kind", "day", "first", "last", "part", "parts"),
    [
        ("day", "2026-03-14", "2026-03-14", "2026-03-14", "hour", 24),
        ("week", "2026-03-14", "2026-03-09", "2026-03-15", "day", 7),
        ("week", "2026-03-09", "2026-03-09", "2026-03-15", "day", 7),
        ("week", "2027-01-01", "2026-12-28", "2027-01-03", "day", 7),
        ("month", "2026-02-14", "2026-02-01", "2026-02-28", "day", 28),
        ("month", "2028-02-29", "2028-02-01", "2028-02-29", "day", 29),
        ("month", "2026-12-31", "2026-12-01", "2026-12-31", "day", 31),
        ("quarter", "2026-03-14", "2026-01-01", "2026-03-31", "month", 3),
        ("quarter", "2026-11-01", "2026-10-01", "2026-12-31", "month", 3),
        ("year", "2026-03-14", "2026-01-01", "2026-12-31", "month", 12),
    ],
)
def test_a_day_lies_in_its_period(
    kind: str, day: str, first: str, last: str, part: str, parts: int
) -> None:
    found = period(Kind(kind), date.fromisoformat(day), CHINA)
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert (found.part, len(found.parts())) == (part, parts)
    assert found.before().until == found.since


def test_a_day_begins_at_midnight_in_china() -> None:
    found = period(Kind.DAY, date(2026, 3, 14), CHINA)
    assert found.since.astimezone(UTC) == datetime(2026, 3, 13, 16, tzinfo=UTC)
    assert found.until.astimezone(UTC) == datetime(2026, 3, 14, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("day", "2026-03-14", "2025-03-15", "2025-03-15"),  # a Saturday as this one
        ("week", "2026-03-14", "2025-03-10", "2025-03-16"),
        ("month", "2028-02-29", "2027-02-01", "2027-02-28"),
        ("quarter", "2026-03-14", "2025-01-01", "2025-03-31"),
    ],
)
def test_a_period_is_held_against_last_years(kind: str, day: str, first: str, last: str) -> None:
    """H09: days and weeks against those of the same weekdays, the others by the calendar."""
    found = period(Kind(kind), date.fromisoformat(day), CHINA).year_before()
    assert found is not None
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


def test_last_years_span_has_the_same_dates() -> None:
    found = span(date(2027, 6, 1), date(2028, 2, 29), CHINA).year_before()
    assert found is not None
    assert (found.first, found.last) == (date(2026, 6, 1), date(2027, 2, 28))


def test_a_years_year_before_is_what_came_before_it() -> None:
    """It is not compared twice."""
    assert period(Kind.YEAR, date(2026, 3, 14), CHINA).year_before() is None


def test_a_span_is_compared_with_as_many_days_before() -> None:
    found = span(date(2026, 3, 10), date(2026, 3, 12), CHINA)
    assert (found.before().first, found.before().last) == (date(2026, 3, 7), date(2026, 3, 9))
    assert found.part == "day"
    assert span(date(2026, 1, 1), date(2026, 12, 31), CHINA).part == "month"


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-14", "2026-03-13"), ("2000-01-01", "2026-01-01")]
)
def test_a_span_that_cannot_be_is_refused(first: str, last: str) -> None:
    with pytest.raises(ReportRefused):
        span(date.fromisoformat(first), date.fromisoformat(last), CHINA)
