"""Sums for reports, straight from the record; one pass over the span's partitions each."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.statements import sql

TIMEOUT_S = 120.0
"""A year of a large centre; the desk may be slow, a person is told after that."""


class CallSums(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of the calls of one group with one outcome; None is "no outcome yet".

    ``by`` is the kind of group (all, total, part, queue, entry, agent, seat, flow, trend), ``what``
    its member, None for calls that have none.  ``trend`` is a flow's part of the span, ``within``.
    """

    by: str
    what: str | None
    within: str | None = None
    outcome: str | None
    calls: int
    within_10_s: int
    within_15_s: int
    within_20_s: int
    left_within_5_s: int
    promises_broken: int
    incidents: int
    wait_ms: int
    talk_ms: int
    hold_ms: int
    wrap_up_ms: int
    longest_wait_ms: int | None
    made_good: int
    uncallable: int
    rated: int
    satisfied: int
    impossible: int


class AgentTime(msgspec.Struct, frozen=True):
    """How long an agent was in a state."""

    agent: str
    state: str
    ms: int


class PlacedSums(msgspec.Struct, frozen=True):
    """Calls that we placed, with one outcome; None is "no outcome yet"."""

    outcome: str | None
    calls: int
    talk_ms: int


class PostgresReports:
    """Every method raises DatabaseAway when the database cannot be reached and DatabaseRefused when
    it says no."""

    def __init__(self, pool: Pool, *, content: Sequence[str], place: str = "PostgreSQL") -> None:
        """``content`` are the ratings, as "scale word", that count as satisfied."""
        self._pool = pool
        self._content = list(content)
        self._place = place

    async def queue_names(self) -> dict[str, str]:
        """Return what each queue of the directory is called, the most important first."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("wall_queues"), timeout=TIMEOUT_S)
        return {row["id"]: row["name"] for row in rows}

    async def calls(
        self,
        since: datetime,
        until: datetime,
        *,
        part: str,
        zone: str,
        agent: str | None = None,
        seat: str | None = None,
        queues: list[str] | None = None,
        entry: str | None = None,
        flow: str | None = None,
    ) -> list[CallSums]:
        """Return the sums of a span's calls; ``part`` is hour, day or month."""
        with translated(self._place):
            rows = await self._pool.fetch(
                sql("report_calls"), since, until, part, zone, agent, seat, queues, entry,
                self._content, flow,
                timeout=TIMEOUT_S,
            )  # fmt: skip
        return [CallSums(**row) for row in rows]

    async def agents(
        self,
        since: datetime,
        until: datetime,
        now: datetime,
        *,
        agent: str | None = None,
        seat: str | None = None,
    ) -> list[AgentTime]:
        """Return what agents did in a span; a state that goes on lasts until ``now``."""
        with translated(self._place):
            rows = await self._pool.fetch(
                sql("report_agents"), since, until, now, agent, seat, timeout=TIMEOUT_S
            )
        return [AgentTime(**row) for row in rows]

    async def placed(
        self,
        since: datetime,
        until: datetime,
        *,
        agent: str | None = None,
        seat: str | None = None,
    ) -> list[PlacedSums]:
        """Return the sums of the calls that we placed in a span."""
        with translated(self._place):
            rows = await self._pool.fetch(
                sql("report_outside"), since, until, agent, seat, timeout=TIMEOUT_S
            )
        return [PlacedSums(**row) for row in rows]

    async def tests(
        self,
        since: datetime,
        until: datetime,
        *,
        agent: str | None = None,
        seat: str | None = None,
        queues: list[str] | None = None,
        entry: str | None = None,
        flow: str | None = None,
    ) -> int:
        """Return how many calls of a span tested a terminal, which no other figure holds."""
        with translated(self._place):
            count: int = await self._pool.fetchval(
                sql("report_tests"), since, until, agent, seat, queues, entry, flow,
                timeout=TIMEOUT_S,
            )  # fmt: skip
        return count

    async def queues_of(self, skill: str) -> list[str]:
        """Return the queues that ask for a skill."""
        with translated(self._place):
            rows = await self._pool.fetch(sql("report_queues"), skill)
        return [row["queue"] for row in rows]
