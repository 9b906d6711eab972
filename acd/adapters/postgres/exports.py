"""Exports as PostgreSQL keeps them: who asked for what and why, and who agreed (L2)."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql


class ExportRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One export.  ``agreed`` is None until somebody else has decided."""

    export_id: int
    asked_at: datetime
    asked_by: str
    why: str
    recordings: list[str]
    decided_at: datetime | None
    decided_by: str | None
    agreed: bool | None


class PostgresExports:
    """Every method raises DatabaseAway and DatabaseRefused."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        self._pool = pool
        self._place = place

    async def ask(self, *, who: str, why: str, recordings: Sequence[str]) -> int:
        """Write down that somebody asks; return the export's number."""
        with translated(self._place):
            made: int = await self._pool.fetchval(sql("export_insert"), who, why, list(recordings))
        return made

    async def decide(
        self, export: int, *, who: str, agreed: bool, at: datetime, asked_after: datetime
    ) -> bool:
        """Decide; False when whoever asked does, when it is decided, or was asked long ago."""
        with translated(self._place):
            found = await self._pool.fetchval(
                sql("export_decide"), export, who, agreed, at, asked_after
            )
        return found is not None

    async def find(self, export: int | None = None, *, limit: int = 100) -> list[ExportRecord]:
        """Return one export, or the newest."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("exports_find"), export, limit)
        return [ExportRecord(**row) for row in rows]
