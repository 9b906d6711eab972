"""What the calendar says where the callers live: which greeting a moment asks for, by the time of
day and the festival if it is one (V07, V10), when so many working days are over (C12), and what a
day is for whoever plans staff for it (H09).

China's holidays move every year, and weekends are worked to make up for them; `holidays` knows
both.  A festival lasts as long as people are off for it: its own days, the days given for worked
weekends, and a weekend that touches them.  The core is told the outcome with each call.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

DAYPARTS = (
    (5, "greeting-morning"),
    (11, "greeting-noon"),
    (13, "greeting-afternoon"),
    (18, "greeting-evening"),
)
"""From this hour on.  Before the first nothing is said: at three in the night no word fits."""

FESTIVALS = {
    "New Year's Day": "new-year",
    "Chinese New Year's Eve": "spring-festival",
    "Chinese New Year (Spring Festival)": "spring-festival",
    "Labor Day": "labour-day",
    "Dragon Boat Festival": "dragon-boat",
    "Mid-Autumn Festival": "mid-autumn",
    "National Day": "national-day",
}
"""What is wished for on each.  Tomb-Sweeping Day is one of mourning: nothing is wished."""

QUARTER_MS = 15 * 60_000
"""Days, hours and changes of the clock begin with one, in every zone."""

OFF_DAYS_MAX = 10
"""The longest time off is nine days."""

OFFICES_CLOSE = time(17)
"""When a working day is over, as it is for the report of an emergency (F18)."""

PROMPTS = tuple(
    dict.fromkeys(
        (
            *(prompt for _, prompt in DAYPARTS),
            *(f"greeting-{name}" for name in FESTIVALS.values()),
            *(f"closing-{name}" for name in FESTIVALS.values()),
        )
    )
)
"""Every prompt this module can ask for."""


class Calendar:
    """The calendar of the place where the callers live."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._days = holidays.country_holidays("CN", language="en_US")
        self._quarter = -1
        self._greeting: tuple[str, ...] = ()
        self._closing: tuple[str, ...] = ()

    def greeting(self, at_ms: int) -> tuple[str, ...]:
        """Return the prompts that greet somebody at this moment (epoch milliseconds)."""
        self._turn_to(at_ms)
        return self._greeting

    def closing(self, at_ms: int) -> tuple[str, ...]:
        """Return the prompts that are added to a goodbye at this moment."""
        self._turn_to(at_ms)
        return self._closing

    def working_days_over(self, at_ms: int, days: int) -> int:
        """Return when the ``days``-th working day after this moment's day is over, in epoch
        milliseconds.  Holidays do not count, and weekends that are worked for them do."""
        day = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone).date()
        for _ in range(days):
            day += timedelta(days=1)
            while not self._days.is_working_day(day):
                day += timedelta(days=1)
        return int(datetime.combine(day, OFFICES_CLOSE, self._zone).timestamp() * 1000)

    def time_of_day(self, at_ms: int) -> tuple[int, bool]:
        """Return the minute of the day that a moment (epoch milliseconds) is, and whether that day
        is a working day."""
        there = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone)
        return there.hour * 60 + there.minute, self._days.is_working_day(there.date())

    def is_working_day(self, day: date) -> bool:
        """Return whether people work, as they do on some weekends to make up for a holiday."""
        return self._days.is_working_day(day)

    def is_holiday(self, day: date) -> bool:
        """Return whether people are off for a holiday: on its own days, those given for worked
        weekends, and a weekend that touches them."""
        return any(off in self._days for off in self._time_off(day))

    def _turn_to(self, at_ms: int) -> None:
        """Look up what is said in this quarter of an hour, once: it is asked for each call, while a
        phone could ring already."""
        quarter = at_ms // QUARTER_MS
        if quarter == self._quarter:
            return
        self._quarter = quarter
        there = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone)
        part = [prompt for hour, prompt in DAYPARTS if hour <= there.hour][-1:]
        festival = self._find(there.date())
        self._greeting = (*part, *((f"greeting-{festival}",) if festival else ()))
        self._closing = (f"closing-{festival}",) if festival else ()

    def _find(self, day: date) -> str | None:
        """Return the festival for which people are off on that day."""
        for off in self._time_off(day):
            for name in self._days.get_list(off):
                if found := FESTIVALS.get(name.removesuffix(" (observed)")):
                    return found
        return None

    def _time_off(self, day: date) -> Iterator[date]:
        """The days off in a row of which this is one, from it back and then forward; none for a
        working day."""
        for step in (-1, 1):
            off = day
            for _ in range(OFF_DAYS_MAX):
                if self._days.is_working_day(off):
                    break
                yield off
                off += timedelta(days=step)
