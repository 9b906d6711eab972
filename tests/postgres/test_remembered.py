"""What a start reads of the life before: who was at work, which calls have no end (T18, K04)."""

from datetime import UTC, datetime, timedelta

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.records import PostgresRecords
from acd.core.directory import EntryKind
from acd.core.facts import AgentStateChanged, CallAnswered, CallTakenUp
from acd.core.ids import AgentId, CallId, LegId, QueueId, SeatId
from acd.core.tables import AgentState
from tests.postgres.test_records import life, ms

ARRIVAL = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)


def changed(at_ms: int, was: AgentState, now: AgentState, from_ms: int) -> AgentStateChanged:
    return AgentStateChanged(
        at_ms=ms(ARRIVAL) + at_ms,
        agent=AgentId("8003"),
        seat=SeatId("s8003"),
        was=was,
        now=now,
        reason=None,
        from_ms=ms(ARRIVAL) + from_ms,
        call=CallId("call-1") if now is AgentState.TALKING else None,
    )


async def test_a_call_without_an_end_and_its_agent_are_remembered(pool: Pool) -> None:
    """A conversation of which nobody wrote the end lasted until the service was last seen."""
    records = PostgresRecords(pool)
    whole = life(arrival=ARRIVAL)
    answer = next(n for n, fact in enumerate(whole) if isinstance(fact, CallAnswered))
    facts = [*whole[: answer + 1]]
    facts += [
        changed(0, AgentState.LOGGED_OUT, AgentState.READY, -1_000),
        changed(9_000, AgentState.READY, AgentState.TALKING, 0),
    ]
    await records.write(1, list(enumerate(facts, 1)))
    seen_ms = ms(ARRIVAL) + 30_000
    (call,) = await records.calls_without_end(seen_ms=seen_ms)
    assert (call.call, call.arrived_ms, call.seen_ms) == ("call-1", ms(ARRIVAL), seen_ms)
    assert (call.caller, call.queue, call.number) == ("02160000001", "emergency", None)
    (agent,) = await records.agents_at_work(seen_ms=seen_ms)
    assert (agent.agent, agent.seat, agent.state) == ("8003", "s8003", AgentState.TALKING)
    assert agent.since_ms == ms(ARRIVAL) + 9_000
    assert agent.last is not None and agent.last.call == "call-1"
    assert agent.last.entry == "95001"
    assert call.answered_ms is not None
    assert agent.last.talk_ms == seen_ms - call.answered_ms


async def test_nothing_is_remembered_of_what_has_ended(pool: Pool) -> None:
    records = PostgresRecords(pool)
    facts = [
        *life(arrival=ARRIVAL),
        changed(0, AgentState.LOGGED_OUT, AgentState.READY, -1_000),
        changed(90_000, AgentState.READY, AgentState.LOGGED_OUT, 0),
    ]
    await records.write(1, list(enumerate(facts, 1)))
    assert await records.calls_without_end(seen_ms=0) == []
    assert await records.agents_at_work(seen_ms=0) == []


async def test_a_call_whose_arrival_was_lost_has_a_row_all_the_same(pool: Pool) -> None:
    """The last moment of a life may never have been written: the memo in Asterisk says what it
    was, and nothing that stands is overwritten by it."""
    records = PostgresRecords(pool)
    offered = life(arrival=ARRIVAL)[0]
    taken = CallTakenUp(
        at_ms=ms(ARRIVAL) + 20_000,
        call=CallId("call-1"),
        arrived_ms=ms(ARRIVAL),
        leg=LegId("n1:call-1-c"),
        state="talking",
        caller="02160000001",
        called="95001",
        entry=None,
        kind=EntryKind.EMERGENCY,
        queue=QueueId("emergency"),
        terminal=None,
        elders=(),
        synthetic=False,
        is_placed=False,
        answered_ms=ms(ARRIVAL) + 9_000,
    )
    await records.write(2, [(1, taken)])
    (row,) = await pool.fetch("SELECT * FROM call")
    assert (row["caller"], row["queue"], row["terminal"]) == ("02160000001", "emergency", None)
    await records.write(1, [(1, offered)])
    (row,) = await pool.fetch("SELECT * FROM call")
    assert (row["caller"], row["terminal"]) == ("02160000001", "02160000001")
    assert ms(row["answered_at"]) == ms(ARRIVAL) + 9_000


async def test_what_agents_calls_cost_is_read_by_the_hour(pool: Pool) -> None:
    """X11: chosen by agents and talked, within the span; nothing that came in, was not answered, or
    was owed to somebody."""
    now = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
    records = PostgresRecords(pool)
    await records.write(1, list(enumerate(life(arrival=now - timedelta(days=3)), 1)))
    rows = [
        ("c1", "outbound", "outbound", "8001", 0, 60_000),
        ("c2", "outbound", "outbound", "8002", 0, 1_000),
        ("c3", "outbound", "outbound", "8001", 3, 5_000),
        ("c4", "outbound", "outbound", "8001", 30, 7_000),
        ("c5", "inbound", "enquiry", "8001", 0, 9_000),
        ("c6", "outbound", "enquiry", "8001", 0, 11_000),
        ("c7", "outbound", "outbound", None, 0, 13_000),
        ("c8", "outbound", "outbound", "8001", 0, 0),
    ]
    for call, direction, kind, agent, hours, talk_ms in rows:
        ended = now - timedelta(hours=hours)
        await pool.execute(
            "INSERT INTO call (call_id, arrived_at, direction, kind, agent, ended_at, talk_ms)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            call, ended - timedelta(minutes=2), direction, kind, agent, ended, talk_ms,
        )  # fmt: skip
    hour = int(now.timestamp()) // 3600
    found = await records.outside_spent(since=now - timedelta(hours=24))
    assert found == ((hour - 3, 5_000), (hour, 61_000))
