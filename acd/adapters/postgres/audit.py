"""Who looked at or listened to what (L2, X10): rows are added and never changed."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

LIMIT_MAX = 1_000


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody did."""

    audit_id: int
    at: datetime
    who: str
    address: str | None
    action: str
    subject: str | None
    details: dict[str, str]


class PostgresAudit:
    """Raises DatabaseAway and DatabaseRefused: what cannot be noted must not be shown."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        self._pool = pool
        self._place = place

    async def note(
        self,
        *,
        who: str,
        address: str | None,
        action: str,
        subject: str | None,
        details: Mapping[str, str],
    ) -> None:
        """Write it down; when this returns, it is on the disk."""
        text = msgspec.json.encode(dict(details)).decode()
        with translated(self._place):
            await self._pool.execute(sql("audit_insert"), who, address, action, subject, text)

    async def find(
        self,
        *,
        who: str | None = None,
        subject: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> list[AuditRecord]:
        """Return the newest notes for which everything given holds; at most LIMIT_MAX."""
        with translated(self._place):
            rows = await self._pool.fetch(
                sql("audit_find"), who, subject, since, until, min(limit, LIMIT_MAX)
            )
        return [
            AuditRecord(**{**row, "details": msgspec.json.decode(row["details"])}) for row in rows
        ]
