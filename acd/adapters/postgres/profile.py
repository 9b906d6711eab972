"""Calls of days by half hour, for planning staff."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

HALF_HOURS = 48

TIMEOUT_S = 120.0
"""A year of a large centre; a plan takes minutes anyway."""


@dataclass(frozen=True, kw_only=True)
class DayProfile:
    """What the records say of one day; means are None where nobody talked or took notes."""

    calls: tuple[int, ...]
    talk_s: float | None
    wrap_up_s: float | None
    emergency_share: float | None


async def read_profiles(
    pool: Pool, first: date, last: date, zone: str, *, place: str
) -> dict[date, DayProfile]:
    """Return each day from ``first`` to ``last``, both included: the inbound calls that arrived on
    it in ``zone``; synthetic ones are proofs and do not count.  ``place`` names the database in
    errors.  Raises DatabaseAway, DatabaseRefused."""
    midnight = datetime.combine(first, time(), ZoneInfo(zone))
    after = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone))
    with translated(place):
        rows = await pool.fetch(sql("day_profiles"), midnight, after, zone, timeout=TIMEOUT_S)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    found: dict[date, list[asyncpg.Record]] = {day: [] for day in days}
    for row in rows:
        found[row["day"]].append(row)
    return {day: _profile(of_day) for day, of_day in found.items()}


def _profile(rows: list[asyncpg.Record]) -> DayProfile:
    calls = [0] * HALF_HOURS
    for row in rows:
        calls[row["half_hour"]] = row["calls"]

    def mean_s(sum_ms: str, count: str) -> float | None:
        of = sum(row[count] for row in rows)
        return sum(row[sum_ms] for row in rows) / of / 1_000 if of else None

    offered = sum(calls)
    emergencies = sum(row["emergencies"] for row in rows)
    return DayProfile(
        calls=tuple(calls),
        talk_s=mean_s("talk_ms", "talks"),
        wrap_up_s=mean_s("wrap_up_ms", "wrap_ups"),
        emergency_share=emergencies / offered if offered else None,
    )
