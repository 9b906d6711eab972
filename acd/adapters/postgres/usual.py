"""How many calls usually come, by the hour of the week."""

from datetime import datetime, timedelta

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

WEEK = timedelta(weeks=1)
WEEKS_MAX = 8
"""Two months: long enough for one odd week not to count, short enough to follow the season."""


class CallHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of the last weeks: ``calls[weeks_ago][hour of the week]``, the whole weeks since the
    first call only, at most ``WEEKS_MAX``; ``last`` is when one last came in these weeks."""

    calls: tuple[tuple[int, ...], ...]
    last: datetime | None


HOURS = 7 * 24


async def read_history(pool: Pool, now: datetime, zone: str, *, place: str) -> CallHistory:
    """Return the inbound calls before ``now``; synthetic ones are proofs and do not count.
    ``place`` names the database in errors.  Raises DatabaseAway, DatabaseRefused."""
    since = now - WEEKS_MAX * WEEK
    with translated(place):
        known = await pool.fetchrow(sql("last_call"), since)
        rows = await pool.fetch(sql("usual_calls"), since, now, zone)
    assert known is not None
    weeks = 0 if known["first"] is None else min(WEEKS_MAX, -(-(now - known["first"]) // WEEK))
    calls = [[0] * HOURS for _ in range(weeks)]
    for row in rows:
        if row["weeks_ago"] < weeks:
            calls[row["weeks_ago"]][row["hour"]] += row["calls"]
    return CallHistory(calls=tuple(map(tuple, calls)), last=known["last"])
