"""Writes facts and their rows, and answers questions about calls (``history`` has the answers)."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from acd.adapters.postgres import cases, obligations
from acd.adapters.postgres.agent_days import AgentNow, stretches
from acd.adapters.postgres.cases import CaseFact
from acd.adapters.postgres.database import Connection, Pool
from acd.adapters.postgres.elders import Elder, note_elder, note_verified, read_elder
from acd.adapters.postgres.errors import NotTheOwner, translated
from acd.adapters.postgres.history import (
    HAPPENINGS,
    AgentStateRecord,
    CallHistory,
    CallRecord,
    HappeningRecord,
    LegRecord,
    OfferRecord,
)
from acd.adapters.postgres.moments import moment
from acd.adapters.postgres.notes import CallNote, PostgresNotes
from acd.adapters.postgres.projection import fact_row, moments_of, project
from acd.adapters.postgres.remembered import agents_at_work, calls_without_end, outside_spent
from acd.adapters.postgres.statements import sql
from acd.adapters.postgres.terminals import Terminal, read_terminal
from acd.core.emergency.case import Case
from acd.core.events import AgentRemembered, CallRemembered
from acd.core.facts import AgentStateChanged, Fact
from acd.core.follow_up.owed import Obligation

LIMIT_MAX = 1_000
"""So many rows at most answer one question; whoever wants more asks for the time before."""

_Row = TypeVar("_Row", CallRecord, LegRecord, AgentStateRecord)

_DAY_MS = 86_400_000
_ZONE_MS = 8 * 3_600_000
"""Months of partitions are China's (migrations/sql/0002_records_up.sql)."""


class PostgresRecords:
    """The record store (``acd.runtime.records.RecordStore``).

    Every method raises DatabaseAway when the database cannot be reached (try again with the same
    arguments) and DatabaseRefused when it says no.
    """

    def __init__(self, pool: Pool, *, place: str = "PostgreSQL", fenced: bool = False) -> None:
        """``place`` names the database in errors: its URL, of which no password is shown.
        ``fenced`` records are those of a service that may have been taken over from."""
        self._pool = pool
        self._place = place
        self._fenced = fenced
        self._notes = PostgresNotes(pool, place=place)
        self._months: set[tuple[int, int]] = set()

    async def next_epoch(self) -> int:
        """Return a number that no other writer has had or will have."""
        with translated(self._place):
            epoch: int = await self._pool.fetchval(sql("next_epoch"))
        return epoch

    async def write(self, epoch: int, batch: Sequence[tuple[int, Fact]]) -> None:
        """Write facts and their rows in one transaction; ``batch`` is (sequence number, fact) in
        order.  Facts that are there already change nothing, so a batch may be written again when
        nobody knows whether it arrived.  Raises NotTheOwner when they are fenced and another epoch
        has the lease: whoever took it has ended our sessions, so none of ours is under way."""
        if not batch:
            return
        with translated(self._place):
            async with self._pool.acquire() as connection:
                await self._ensure_partitions(connection, batch)
                async with connection.transaction():
                    if self._fenced:
                        await _require_lease(connection, epoch)
                    await _write(connection, epoch, batch)

    async def open_obligations(self) -> list[Obligation]:
        """Return what is still owed, in the order in which it was promised."""
        return await obligations.open_ones(self._pool, self._place)

    async def agents_at_work(self, *, seen_ms: int) -> list[AgentRemembered]:
        """Return who was at work when the life before ended, seen last at ``seen_ms``."""
        return await agents_at_work(self._pool, self._place, seen_ms=seen_ms)

    async def outside_spent(self, *, since: datetime) -> tuple[tuple[int, int], ...]:
        """Return how long calls that agents placed outside were talked since then: hour since the
        epoch of their end, and milliseconds."""
        return await outside_spent(self._pool, self._place, since=since)

    async def calls_without_end(self, *, seen_ms: int) -> list[CallRemembered]:
        """Return the calls that were going on when the life before ended."""
        return await calls_without_end(self._pool, self._place, seen_ms=seen_ms)

    async def ended_obligations(
        self, *, state: str | None, kind: str | None, queue: str | None, limit: int
    ) -> list[Obligation]:
        """Return what has been done or closed, the newest first; at most LIMIT_MAX."""
        return await obligations.ended_ones(
            self._pool,
            self._place,
            state=state,
            kind=kind,
            queue=queue,
            limit=min(limit, LIMIT_MAX),
        )

    async def open_cases(self) -> list[Case]:
        """Return the cases that have not been closed, the oldest first."""
        return await cases.open_cases(self._pool, self._place)

    async def cases(
        self,
        *,
        elder: str | None = None,
        terminal: str | None = None,
        number: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> list[Case]:
        """Return the newest cases for which everything given holds, open ones and closed ones.
        ``number`` is the elder's, normalised; at most LIMIT_MAX."""
        return await cases.find_cases(
            self._pool,
            self._place,
            elder=elder,
            terminal=terminal,
            number=number,
            since=since,
            until=until,
            limit=min(limit, LIMIT_MAX),
        )

    async def case(self, case_id: str) -> Case | None:
        """Return one case as it was last known, or None when there is no such case."""
        return await cases.one_case(self._pool, self._place, case_id)

    async def elder(self, elder: str) -> Elder | None:
        """Return an elder of the directory, or None."""
        return await read_elder(self._pool, self._place, elder)

    async def note_elder(
        self, elder: str, words: Mapping[str, object], *, agent: str, case: str | None
    ) -> bool:
        """Note what an agent has learnt of an elder; False when there is none of this id."""
        return await note_elder(self._pool, self._place, elder, words, agent=agent, case=case)

    async def note_verified(
        self, elder: str, *, agent: str, call: str | None, contacts: tuple[int, ...]
    ) -> None:
        """Note that an agent went through an elder's record and the contacts of these grades."""
        await note_verified(
            self._pool, self._place, elder, agent=agent, call=call, contacts=contacts
        )

    async def add_note(
        self, call: str, *, agent: str, category: str, words: str
    ) -> CallNote | None:
        """Write a note of a call down; None when there is no such call."""
        return await self._notes.add(call, agent=agent, category=category, words=words)

    async def notes(self, call: str) -> list[CallNote]:
        """Return what was written down of a call, the newest first."""
        return await self._notes.of_call(call)

    async def terminal(self, terminal: str) -> Terminal | None:
        """Return a terminal of the directory with its tests, or None."""
        return await read_terminal(self._pool, self._place, terminal)

    async def case_facts(self, case: Case) -> list[CaseFact]:
        """Return every fact of a case and of its calls, in order."""
        return await cases.facts_of(self._pool, self._place, case)

    async def calls(
        self,
        *,
        caller: str | None = None,
        entry: str | None = None,
        agent: str | None = None,
        terminal: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> list[CallRecord]:
        """Return the newest calls for which everything given holds.

        ``caller`` is a normalised number, ``entry`` the dialled one; ``since`` is included and
        ``until`` is not.  At most LIMIT_MAX rows.
        """
        return await self._fetch(
            CallRecord,
            "calls_find",
            caller,
            entry,
            agent,
            terminal,
            since,
            until,
            min(limit, LIMIT_MAX),
        )

    async def has_ended(self, call_id: str) -> bool:
        """Tell whether a call has its end in the record."""
        found = await self._fetch(CallRecord, "call_find", call_id)
        return bool(found) and found[0].ended_at is not None

    async def call(self, call_id: str) -> CallHistory | None:
        """Return one call with its legs and offers, or None when there is no such call."""
        found = await self._fetch(CallRecord, "call_find", call_id)
        if not found:
            return None
        key = (call_id, found[0].arrived_at)
        return CallHistory(
            call=found[0],
            legs=await self._fetch(LegRecord, "call_legs", *key),
            offers=await self._offers(*key),
            happenings=await self._happenings(call_id),
        )

    async def agent_states(
        self,
        *,
        since: datetime,
        until: datetime,
        agent: str | None = None,
        seat: str | None = None,
        limit: int = LIMIT_MAX,
    ) -> list[AgentStateRecord]:
        """Return what agents did between two times, oldest first (K07, Q08).  The first stretch may
        have begun before ``since``.  At most LIMIT_MAX rows."""
        return await self._fetch(
            AgentStateRecord, "agent_states_find", agent, seat, since, until, min(limit, LIMIT_MAX)
        )

    async def _happenings(self, call_id: str) -> list[HappeningRecord]:
        with translated(self._place):
            rows = await self._pool.fetch(sql("call_happenings"), call_id, list(HAPPENINGS))
        return [
            HappeningRecord(at=row["at"], kind=row["kind"], body=msgspec.json.decode(row["body"]))
            for row in rows
        ]

    async def _offers(self, *key: object) -> list[OfferRecord]:
        with translated(self._place):
            rows = await self._pool.fetch(sql("call_offers"), *key)
        return [OfferRecord(**{**row, "skipped": _counts(row["skipped"])}) for row in rows]

    async def _fetch(self, kind: type[_Row], name: str, *arguments: object) -> list[_Row]:
        with translated(self._place):
            return [kind(**row) for row in await self._pool.fetch(sql(name), *arguments)]

    async def _ensure_partitions(
        self, connection: Connection, batch: Sequence[tuple[int, Fact]]
    ) -> None:
        """Make what is missing, each month once.  The month after is made along with each, so that
        at midnight on the first there is nothing left to do."""
        days = {(at_ms + _ZONE_MS) // _DAY_MS for _, fact in batch for at_ms in moments_of(fact)}
        for day in sorted(days):
            civil = moment(day * _DAY_MS)
            month = (civil.year, civil.month)
            if month not in self._months:
                await connection.execute(sql("partitions_ensure"), civil)
                self._months.add(month)


async def _require_lease(connection: Connection, epoch: int) -> None:
    holder = await connection.fetchval(sql("lease_epoch"))
    if holder != epoch:
        raise NotTheOwner(f"The service of epoch {holder} has the lease, and this is {epoch}")


async def _write(connection: Connection, epoch: int, batch: Sequence[tuple[int, Fact]]) -> None:
    kept = [fact_row(seq, fact) for seq, fact in batch]
    new = {seq for (seq,) in await connection.fetch(sql("facts_insert"), epoch, _json(kept))}
    await write_rows(connection, [fact for seq, fact in batch if seq in new])


async def write_rows(connection: Connection, facts: Sequence[Fact]) -> None:
    """Write what follows from facts that are new, into whatever the tables' names mean there."""
    rows = project(facts)
    # Sorted by key: two writers that touch the same rows then lock them in the same order.
    await _upsert(connection, "calls_upsert", [row for _, row in sorted(rows.calls.items())])
    await _upsert(connection, "offers_upsert", [row for _, row in sorted(rows.offers.items())])
    await _upsert(connection, "legs_insert", rows.legs)
    await _upsert(connection, "recordings_insert", rows.recordings)
    # After the beginnings: a short call begins and ends in one batch.
    await _upsert(connection, "recordings_end", rows.legs)
    owed = map(obligations.row_of, rows.obligations.values())
    await _upsert(connection, "obligations_upsert", [*owed])
    await _upsert(connection, "cases_upsert", [*map(cases.row_of, rows.cases.values())])
    await _upsert(connection, "messages_insert", rows.messages)
    await _upsert(connection, "noted_numbers_insert", rows.numbers)
    await _write_agent_states(connection, rows.changes)


async def _write_agent_states(connection: Connection, changes: list[AgentStateChanged]) -> None:
    if not changes:
        return
    agents = sorted({change.agent for change in changes})
    standing = await connection.fetch(sql("agents_now"), agents)
    now = {row["agent"]: AgentNow(**row) for row in standing}
    finished = stretches(now, changes)
    await _upsert(connection, "agent_states_insert", finished)
    await _upsert(connection, "agents_now_upsert", [now[agent] for agent in agents])


async def _upsert(connection: Connection, name: str, rows: Sequence[Any]) -> None:
    if rows:
        await connection.execute(sql(name), _json(rows))


def _counts(text: str | None) -> dict[str, int] | None:
    return None if text is None else msgspec.json.decode(text, type=dict[str, int])


_NUL = re.compile(r"((?:^|[^\\])(?:\\\\)*)\\u0000")


def _json(rows: Sequence[Any]) -> str:
    text = msgspec.json.encode(rows).decode()
    # PostgreSQL has no NUL in texts.  One in a dialled number must not hold back a night's records.
    return _NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text
