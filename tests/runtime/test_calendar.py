"""The greeting of a moment: the time of day, and the festival people are off for (V07, V10);
working days (C12), and what a day is (H09)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from acd.runtime.calendar import PROMPTS, Calendar
from prompts.texts import load

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp() * 1000)


@pytest.mark.parametrize(
    ("when", "greeting"),
    [
        ("2026-11-25T04:59", ()),  # no word fits the night
        ("2026-11-25T05:00", ("greeting-morning",)),
        ("2026-11-25T10:59", ("greeting-morning",)),
        ("2026-11-25T11:00", ("greeting-noon",)),
        ("2026-11-25T13:00", ("greeting-afternoon",)),
        ("2026-11-25T18:00", ("greeting-evening",)),
        ("2026-11-25T23:59", ("greeting-evening",)),
    ],
)
def test_the_time_of_day_is_greeted(when: str, greeting: tuple[str, ...]) -> None:
    """V07: morning, noon, afternoon and evening where the callers live, whatever the server's
    zone."""
    assert Calendar(SHANGHAI).greeting(_at(when)) == greeting


@pytest.mark.parametrize(
    ("day", "festival"),
    [
        ("2026-01-01", "new-year"),
        ("2026-01-02", "new-year"),  # given for the Sunday behind it
        ("2026-01-04", None),  # that Sunday is worked
        ("2026-02-16", "spring-festival"),
        ("2026-02-22", "spring-festival"),  # a Sunday within the nine days
        ("2026-02-28", None),  # a Saturday that is worked
        ("2026-04-05", None),  # Tomb-Sweeping Day: nothing is wished
        ("2026-05-05", "labour-day"),
        ("2026-06-19", "dragon-boat"),
        ("2026-09-26", "mid-autumn"),  # the Saturday behind the Friday
        ("2026-10-06", "national-day"),
        ("2026-10-10", None),
        ("2026-11-28", None),  # a Saturday like any other
        ("2027-02-06", "spring-festival"),
    ],
)
def test_festivals_last_as_long_as_people_are_off(day: str, festival: str | None) -> None:
    """V10: with days given for worked weekends, and without the weekends that are worked."""
    calendar = Calendar(SHANGHAI)
    greeting = calendar.greeting(_at(f"{day}T09:00"))

    assert greeting[0] == "greeting-morning"
    assert greeting[1:] == ((f"greeting-{festival}",) if festival else ())
    assert calendar.closing(_at(f"{day}T09:00")) == ((f"closing-{festival}",) if festival else ())


@pytest.mark.parametrize(
    ("today", "days", "over"),
    [
        ("2026-11-25T09:00", 1, "2026-11-26"),
        ("2026-11-25T23:59", 3, "2026-11-30"),  # over the weekend
        ("2026-11-28T10:00", 1, "2026-11-30"),  # from a Saturday
        ("2026-09-30T10:00", 1, "2026-10-08"),  # over the National Day's week
        ("2026-02-13T10:00", 3, "2026-02-25"),  # the Saturday behind it is worked
        ("2026-02-27T10:00", 1, "2026-02-28"),  # and so is this one
    ],
)
def test_a_deadline_in_working_days_leaves_out_when_nobody_works(
    today: str, days: int, over: str
) -> None:
    """C12, F22, F23: the offices' last hour of that day, where the callers live."""
    assert Calendar(SHANGHAI).working_days_over(_at(today), days) == _at(f"{over}T17:00")


@pytest.mark.parametrize(
    ("day", "holiday", "works"),
    [
        ("2026-09-18", False, True),
        ("2026-09-19", False, False),  # a Saturday like any other
        ("2026-09-20", False, True),  # a Sunday that is worked
        ("2026-09-27", True, False),  # the Sunday behind Mid-Autumn
        ("2026-10-07", True, False),  # given for a Saturday
        ("2026-10-10", False, True),  # that Saturday
        ("2026-04-04", True, False),  # before Tomb-Sweeping Day, on which nothing is wished
    ],
)
def test_a_day_is_a_holiday_a_working_day_or_a_weekend(
    day: str, *, holiday: bool, works: bool
) -> None:
    """H09: staff is planned by it."""
    calendar, at = Calendar(SHANGHAI), date.fromisoformat(day)
    assert (calendar.is_holiday(at), calendar.is_working_day(at)) == (holiday, works)


def test_every_greeting_can_be_said() -> None:
    assert set(PROMPTS) <= set(load().prompts)


def test_a_quarter_is_turned_to_by_whichever_is_asked_first() -> None:
    """The eve of a festival turns into it: neither keeps what was said before midnight."""
    for first, second in (("greeting", "closing"), ("closing", "greeting")):
        calendar = Calendar(SHANGHAI)
        eve, day = _at("2026-09-30T23:59"), _at("2026-10-01T00:00")
        said = {
            (name, at): getattr(calendar, name)(at) for at in (eve, day) for name in (first, second)
        }
        assert said["greeting", eve] == ("greeting-evening",)
        assert said["closing", eve] == ()
        assert said["greeting", day] == ("greeting-national-day",)
        assert said["closing", day] == ("closing-national-day",)


def test_a_moment_is_a_minute_of_a_working_day_or_of_a_day_off() -> None:
    """W34: a Sunday on which people work for a holiday is a working day, and the holiday none."""
    calendar = Calendar(SHANGHAI)
    assert calendar.time_of_day(_at("2026-09-20T14:05")) == (845, True)
    assert calendar.time_of_day(_at("2026-10-01T00:00")) == (0, False)
    assert calendar.time_of_day(_at("2026-09-19T23:59:59")) == (1_439, False)
