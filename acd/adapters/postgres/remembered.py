"""What PostgreSQL remembers at a start of the life before: who was at work, and which calls have
no end in the record.  Whether those live on is Asterisk's to say."""

from datetime import datetime, timedelta

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.moments import moment
from acd.adapters.postgres.statements import sql
from acd.core.directory import EntryKind
from acd.core.events import AgentRemembered, CallRemembered, WrapUpRemembered
from acd.core.ids import (
    AgentId,
    CallId,
    ElderId,
    EntryId,
    QueueId,
    SeatId,
    TerminalId,
)
from acd.core.tables import AgentState

_EPOCH = moment(0)
_MS = timedelta(milliseconds=1)


async def agents_at_work(pool: Pool, place: str, *, seen_ms: int) -> list[AgentRemembered]:
    """Return who was at work.  ``seen_ms`` is when the life before was last known to live, which
    ends a conversation whose end nobody saw.  Raises DatabaseAway, DatabaseRefused."""
    with translated(place):
        rows = await pool.fetch(sql("agents_at_work"))
    return [
        AgentRemembered(
            agent=AgentId(row["agent"]),
            seat=SeatId(row["seat"]),
            state=AgentState(row["state"]),
            reason=row["reason"],
            since_ms=_ms(row["from_at"]),
            last=None
            if row["call_id"] is None or row["queue"] is None
            else WrapUpRemembered(
                call=CallId(row["call_id"]),
                arrived_ms=_ms(row["arrived_at"]),
                talk_ms=_talk_ms(row["talk_ms"], row["answered_at"], seen_ms),
                queue=QueueId(row["queue"]),
                synthetic=row["synthetic"],
                entry=None if row["entry"] is None else EntryId(row["entry"]),
            ),
        )
        for row in rows
    ]


async def outside_spent(pool: Pool, place: str, *, since: datetime) -> tuple[tuple[int, int], ...]:
    """Return how long calls that agents placed outside were talked since then: hour since the
    epoch of their end, and milliseconds.  Raises DatabaseAway, DatabaseRefused."""
    with translated(place):
        rows = await pool.fetch(sql("outside_spent"), since)
    return tuple((row["hour"], row["spent_ms"]) for row in rows)


async def calls_without_end(pool: Pool, place: str, *, seen_ms: int) -> list[CallRemembered]:
    """Return the calls that were going on.  Raises DatabaseAway, DatabaseRefused."""
    with translated(place):
        rows = await pool.fetch(sql("calls_without_end"))
    return [
        CallRemembered(
            call=CallId(row["call_id"]),
            arrived_ms=_ms(row["arrived_at"]),
            caller=row["caller"],
            called=None if row["entry"] is None else EntryId(row["entry"]),
            kind=None if row["kind"] is None else EntryKind(row["kind"]),
            queue=None if row["queue"] is None else QueueId(row["queue"]),
            terminal=None if row["terminal"] is None else TerminalId(row["terminal"]),
            elders=tuple(ElderId(elder) for elder in row["elders"]),
            synthetic=row["synthetic"],
            answered_ms=_ms_or_none(row["answered_at"]),
            first_offer_ms=_ms_or_none(row["first_offer_at"]),
            agent=None if row["agent"] is None else AgentId(row["agent"]),
            number=row["called"] if row["direction"] == "outbound" else None,
            reference=row["reference"],
            seen_ms=seen_ms,
        )
        for row in rows
    ]


def _talk_ms(talk_ms: int | None, answered_at: datetime | None, seen_ms: int) -> int:
    if talk_ms is not None:
        return talk_ms
    return 0 if answered_at is None else max(seen_ms - _ms(answered_at), 0)


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // _MS


def _ms_or_none(at: datetime | None) -> int | None:
    return None if at is None else _ms(at)
