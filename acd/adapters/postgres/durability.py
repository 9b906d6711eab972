"""How far what PostgreSQL has written is on other disks too (X02)."""

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql


class Durability(msgspec.Struct, frozen=True, kw_only=True):
    """``archived_at_s`` is epoch seconds, None before the first; ``lag_s`` is the slowest
    replica's, None without one that lags."""

    archives: bool
    archived_at_s: float | None
    failing: bool
    replicas: int
    lag_s: float | None


async def read(pool: Pool, *, place: str = "PostgreSQL") -> Durability:
    """Ask PostgreSQL.  Raises DatabaseAway and DatabaseRefused."""
    with translated(place):
        row = await pool.fetchrow(sql("durability"))
    assert row is not None
    return Durability(**row)
