"""Days of the records for `acd plan`, and what they say of a day to come, in words."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from acd.adapters.postgres.database import open_pool
from acd.adapters.postgres.errors import DatabaseError
from acd.adapters.postgres.profile import DayProfile, read_profiles
from acd.runtime.calendar import Calendar
from acd.runtime.credentials import ConfigurationError
from acd.runtime.settings import Settings
from acd.simulation.forecast import (
    AHEAD_MAX,
    HISTORY,
    RANGE,
    TRIED_MIN,
    Accuracy,
    Forecast,
    History,
)


@dataclass(frozen=True)
class Foreseen:
    """A forecast, and how good such ones were; None: too few to say."""

    forecast: Forecast
    accuracy: Accuracy | None

    def sentences(self) -> list[str]:
        """Return what whoever plans should know of it."""
        made, whole = self.forecast, self.forecast.whole
        grows = f"{made.growth:+.1%} a week" if made.growth else "no trend beyond chance"
        return [
            f"Forecast for {made.day}: {whole.expected:,.0f} calls, with {RANGE:.0%} between "
            f"{whole.low:,} and {whole.high:,}; by {len(made.compared)} {made.like} from "
            f"{made.compared[-1]} to {made.compared[0]} without the busiest and the quietest; "
            f"{grows}.",
            self._how_good(),
        ]

    def _how_good(self) -> str:
        found = self.accuracy
        if found is None:
            return (
                "How far such forecasts are off is not known: the records let fewer than "
                f"{TRIED_MIN} be tried."
            )
        return (
            f"Such forecasts of the last {found.days} days of this kind, made as long before, were "
            f"off by {found.forecast.days:.1%} a day and {found.forecast.half_hours:.1%} a half "
            f"hour, the last such weekday known then by {found.weekday_before.days:.1%} and "
            f"{found.weekday_before.half_hours:.1%}; {found.days_held:.0%} of the days and "
            f"{found.half_hours_held:.0%} of the half hours were within the range."
        )


def foresee(settings: Settings, text: str, now: datetime) -> Foreseen:
    """Return the forecast of a day, from the records before today.

    Raises ConfigurationError for what a person got wrong or the database refuses, and ProfileError
    when the records say too little."""
    day, today = day_of("--forecast", text), now.astimezone(settings.time_zone).date()
    if not today <= day <= today + AHEAD_MAX:
        raise ConfigurationError(
            f"--forecast is {day}: it should be from today, {today}, to {today + AHEAD_MAX}."
        )
    days = recorded(settings, today - HISTORY, today - timedelta(days=1))
    history = History(days, Calendar(settings.time_zone))
    return Foreseen(history.forecast(day, today), history.accuracy(day, today))


def day_of(option: str, text: str) -> date:
    """Return the day that an option names.  Raises ConfigurationError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{option} is {text!r}: it should be like 2027-01-15.") from error


def recorded(settings: Settings, first: date, last: date) -> dict[date, DayProfile]:
    """Return the days of the records, both ends included.  Raises ConfigurationError."""

    async def read() -> dict[date, DayProfile]:
        dsn = settings.database_dsn()
        pool = await open_pool(dsn, connections_max=1)
        try:
            return await read_profiles(pool, first, last, settings.zone, place=dsn)
        finally:
            await pool.close()

    try:
        return asyncio.run(read())
    except DatabaseError as error:
        raise ConfigurationError(str(error)) from error
