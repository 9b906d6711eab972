"""Samples of recordings, drawn by chance from the record (Q12)."""

from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

TIMEOUT_S = 120.0
"""Months of a large centre; the desk may be slow, a person is told after that."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What was drawn, and from how much."""

    recordings: list[str]
    """In the order in which chance took them; those for each agent first."""
    talks: int
    """How many conversations of the span could have been drawn."""
    agents: int
    """How many agents had part in them."""


class PostgresSamples:
    """Raises DatabaseAway when the database cannot be reached and DatabaseRefused when it says
    no."""

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL") -> None:
        self._pool = pool
        self._place = place

    async def draw(
        self,
        *,
        since: datetime,
        until: datetime,
        agent: str | None,
        queues: list[str] | None,
        seed: int,
        count: int,
        each_agent: bool,
    ) -> Drawn:
        """Draw ``count`` of the conversations from ``since``, included, to ``until``, not; by
        whom ``agent`` had part in and ``queues``, None for all.  With ``each_agent`` every agent's
        come before anybody's second."""
        with translated(self._place):
            rows = await self._pool.fetch(
                sql("sample_draw"), since, until, agent, queues, str(seed), count, each_agent,
                timeout=TIMEOUT_S,
            )  # fmt: skip
        return Drawn(
            recordings=[row["recording_id"] for row in rows],
            talks=rows[0]["talks"] if rows else 0,
            agents=rows[0]["agents"] if rows else 0,
        )
