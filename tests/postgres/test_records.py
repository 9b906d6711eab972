"""Facts and their rows: once, whole, in their month, and found again."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import msgspec
import pytest

from acd.adapters.postgres.database import Pool, open_pool
from acd.adapters.postgres.errors import DatabaseAway
from acd.adapters.postgres.records import PostgresRecords
from acd.core.directory import Contact, ContactKind, EntryKind, Reach, RescueService, Selection
from acd.core.emergency.case import Case, CaseOrigin, Form
from acd.core.emergency.guide import Flow
from acd.core.events import Hangup, Heard
from acd.core.facts import (
    AfterwordNoted,
    AgentStateChanged,
    CallAnswered,
    CallClassified,
    CallEnded,
    CallOffered,
    CallPickedUp,
    CallPlaced,
    CallRated,
    CallReached,
    CallRequeued,
    CaseNoted,
    Defect,
    Fact,
    IncidentOpened,
    LegEnded,
    LegRecorded,
    LegRole,
    NoResponseFlagged,
    ObligationNoted,
    OfferEnded,
    OfferMade,
    OfferResult,
    Outcome,
    PlacedCallEnded,
    PromiseBroken,
    Response,
    WrapUpEnded,
)
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import (
    AgentId,
    AreaId,
    CallId,
    CaseId,
    ElderId,
    EntryId,
    LegId,
    ObligationId,
    OfferId,
    PhoneId,
    QueueId,
    SeatId,
    TerminalId,
    TrunkId,
)
from acd.core.scripts import RatingScale, RatingSource
from acd.core.tables import CaseState, ObligationState

ARRIVAL = datetime(2026, 3, 14, 2, 30, tzinfo=UTC)

Batch = Sequence[tuple[int, Fact]]


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def life(
    call: str = "call-1",
    arrival: datetime = ARRIVAL,
    agent: str = "8003",
    terminal: str = "02160000001",
    called: str = "95001",
) -> list[Fact]:
    """A call that 8002 misses and ``agent`` answers after 9 s, speaks 60 s, wraps up 5 s."""
    zero = ms(arrival)
    id_, queue, chosen = CallId(call), QueueId("emergency"), AgentId(agent)
    caller_leg, first, second = (LegId(f"n1:{call}-{name}") for name in ("c", "a", "b"))

    def offer(n: int, at: int, to: str, leg: LegId) -> OfferMade:
        return OfferMade(
            at_ms=zero + at,
            call=id_,
            arrived_ms=zero,
            offer=OfferId(f"{call}-offer-{n}"),
            agent=AgentId(to),
            seat=SeatId(f"s{to}"),
            phone=PhoneId(f"a{to}"),
            leg=leg,
            slack_ms=10_000 - at,
            free=3,
            idle_ms=45_000,
            selection=Selection.HIGHEST_SKILL,
            rank=-8,
            next=(AgentId("8004"), AgentId("8005")),
            skipped=(("talking", 2), ("paused", 1)),
            reach=Reach.READY,
            ring_limit_ms=6_500,
            phones=1,
        )

    def offer_end(n: int, at: int, to: str, result: OfferResult, ring_ms: int) -> OfferEnded:
        return OfferEnded(
            at_ms=zero + at,
            call=id_,
            arrived_ms=zero,
            offer=OfferId(f"{call}-offer-{n}"),
            agent=AgentId(to),
            result=result,
            ring_ms=ring_ms,
            why=Hangup.NO_ANSWER if result is OfferResult.MISSED else None,
        )

    def leg(leg: LegId, role: LegRole, of: str | None, *times: int | None) -> LegEnded:
        started, rang, answered, joined, ended = (t if t is None else zero + t for t in times)
        assert started is not None
        assert ended is not None
        return LegEnded(
            at_ms=ended,
            call=id_,
            call_arrived_ms=zero,
            leg=leg,
            role=role,
            number=terminal if of is None else f"a{of}",
            agent=AgentId(of) if of else None,
            started_ms=started,
            rang_ms=rang,
            answered_ms=answered,
            joined_ms=joined,
            why=Hangup.NORMAL,
            cause=16,
        )

    return [
        CallOffered(
            at_ms=zero,
            call=id_,
            arrived_ms=zero,
            leg=caller_leg,
            trunk=TrunkId("carrier-a"),
            caller=terminal,
            called=EntryId(called),
            entry=EntryId(called),
            kind=EntryKind.EMERGENCY,
            queue=queue,
            terminal=TerminalId(terminal),
            elders=(ElderId("e1"), ElderId("e2")),
            synthetic=False,
            recording=f"{call}.raw",
        ),
        offer(1, 1, "8002", first),
        CallPickedUp(at_ms=zero + 2_000, call=id_, arrived_ms=zero),
        offer_end(1, 6_501, "8002", OfferResult.MISSED, 6_400),
        leg(first, LegRole.AGENT, "8002", 1, 101, None, None, 6_540),
        offer(2, 6_502, agent, second),
        offer_end(2, 8_900, agent, OfferResult.ACCEPTED, 2_300),
        CallAnswered(
            at_ms=zero + 9_000,
            call=id_,
            arrived_ms=zero,
            agent=chosen,
            seat=SeatId(f"s{agent}"),
            wait_ms=9_000,
            again=False,
            queue=queue,
            kind=EntryKind.EMERGENCY,
            synthetic=False,
        ),
        leg(second, LegRole.AGENT, agent, 6_502, 6_600, 8_900, 9_000, 69_000),
        leg(caller_leg, LegRole.CALLER, None, 0, None, 2_000, 9_000, 69_020),
        CallEnded(
            at_ms=zero + 69_020,
            call=id_,
            arrived_ms=zero,
            outcome=Outcome.ANSWERED,
            agent=chosen,
            first_offer_ms=zero + 1,
            answered_ms=zero + 9_000,
            wait_ms=9_000,
            ring_ms=8_700,
            talk_ms=60_000,
            hold_ms=0,
            offers=2,
            queue=queue,
            kind=EntryKind.EMERGENCY,
            synthetic=False,
        ),
        WrapUpEnded(
            at_ms=zero + 74_000,
            agent=chosen,
            call=id_,
            arrived_ms=zero,
            wrap_up_ms=5_000,
            talk_ms=60_000,
            queue=queue,
            entry=EntryId("95001"),
            synthetic=False,
        ),
    ]


def numbered(facts: Sequence[Fact], first: int = 1) -> Batch:
    return list(enumerate(facts, first))


TABLES = ("fact", "call", "leg", "offer", "agent_state", "agent_state_now")


async def everything(pool: Pool) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the record, in no particular order made particular."""
    return {
        table: sorted((tuple(row) for row in await pool.fetch(f"SELECT * FROM {table}")), key=repr)
        for table in TABLES
    }


@pytest.fixture
async def records(pool: Pool) -> PostgresRecords:
    return PostgresRecords(pool)


async def test_one_row_says_what_became_of_a_call(pool: Pool, records: PostgresRecords) -> None:
    await records.write(1, numbered(life()))
    assert dict((await pool.fetch("SELECT * FROM call_records"))[0]) == {
        "call_id": "call-1",
        "arrived_at": ARRIVAL,
        "queue": "emergency",
        "first_offer_at": ARRIVAL + timedelta(milliseconds=1),
        "picked_up_at": ARRIVAL + timedelta(seconds=2),
        "answered_at": ARRIVAL + timedelta(seconds=9),
        "ended_at": ARRIVAL + timedelta(seconds=69, milliseconds=20),
        "wait_ms": 9_000,
        "ring_ms": 8_700,
        "talk_ms": 60_000,
        "hold_ms": 0,
        "wrap_up_ms": 5_000,
        "trunk": "carrier-a",
        "caller": "02160000001",
        "called": "95001",
        "entry": "95001",
        "kind": "emergency",
        "terminal": "02160000001",
        "elders": ["e1", "e2"],
        "agent": "8003",
        "seat": "s8003",
        "outcome": "answered",
        "offers": 2,
        "synthetic": False,
        "recording": "call-1.raw",
        "promise_broken_at": None,
        "incident_at": None,
        "direction": "inbound",
        "reference": None,
        "precedence": 0,
        "repeat": False,
        "rating_scale": None,
        "rating": None,
        "rating_source": None,
        "rating_by": None,
        "case_id": None,
        "response": None,
        "disposition": None,
        "test_kind": None,
        "test_staff": None,
        "flow": None,
    }
    history = await records.call("call-1")
    assert history is not None
    assert [(leg.role, leg.agent) for leg in history.legs] == [
        ("caller", None),
        ("agent", "8002"),
        ("agent", "8003"),
    ]
    assert [(o.agent, o.result, o.ring_ms, o.slack_ms) for o in history.offers] == [
        ("8002", "missed", 6_400, 9_999),
        ("8003", "accepted", 2_300, 3_498),
    ]
    first = history.offers[0]
    assert (first.selection, first.rank, first.reach) == ("highest_skill", -8, "ready")
    assert (first.next, first.skipped) == (["8004", "8005"], {"talking": 2, "paused": 1})
    assert (first.ring_limit_ms, first.phones) == (6_500, 1)
    assert await records.call("call-2") is None


async def test_a_recording_told_of_later_is_the_calls(records: PostgresRecords) -> None:
    """T21, T22: whether the word comes with the arrival or a batch later."""
    offered, *rest = life()
    assert isinstance(offered, CallOffered)
    await records.write(1, [(1, msgspec.structs.replace(offered, recording=None))])
    told = LegRecorded(
        at_ms=offered.at_ms + 1,
        call=offered.call,
        arrived_ms=offered.arrived_ms,
        leg=offered.leg,
        recording="call-1.raw",
        is_callers=True,
    )
    agents = msgspec.structs.replace(
        told, leg=LegId("n1:call-1-b"), recording="b.raw", is_callers=False
    )
    await records.write(1, [*enumerate([told, agents, *rest], start=2)])
    history = await records.call("call-1")
    assert history is not None
    assert history.call.recording == "call-1.raw"


async def test_marks_of_a_long_wait_stand_in_the_row(records: PostgresRecords) -> None:
    """T14: when the promise was broken, and the first time that a person had to know."""
    zero = ms(ARRIVAL)
    id_, queue = CallId("call-1"), QueueId("emergency")

    def incident(after_ms: int) -> IncidentOpened:
        return IncidentOpened(
            at_ms=zero + after_ms,
            call=id_,
            arrived_ms=zero,
            queue=queue,
            waited_ms=60_000,
            synthetic=False,
        )

    broken = PromiseBroken(
        at_ms=zero + 10_000, call=id_, arrived_ms=zero, queue=queue, synthetic=False
    )
    await records.write(1, numbered([broken, incident(60_000)]))
    await records.write(1, numbered([incident(300_000)], 3))
    (call,) = await records.calls()
    assert call.promise_broken_at == ARRIVAL + timedelta(seconds=10)
    assert call.incident_at == ARRIVAL + timedelta(seconds=60)


async def test_what_the_caller_said_of_the_service_stands_in_the_row(
    records: PostgresRecords,
) -> None:
    """V17, C04: the scale and its own word; and the sentence in the call's history."""
    rated = CallRated(
        at_ms=ms(ARRIVAL) + 75_000,
        call=CallId("call-1"),
        arrived_ms=ms(ARRIVAL),
        agent=AgentId("8003"),
        queue=QueueId("enquiry"),
        scale=RatingScale.S0,
        rating="满意",
    )
    await records.write(1, numbered([*life(), rated]))
    history = await records.call("call-1")
    assert history is not None
    assert (history.call.rating_scale, history.call.rating) == ("s0", "满意")
    assert [one.kind for one in history.happenings] == ["CallRated"]
    assert (await records.calls())[0].rating == "满意"


async def test_a_rating_that_people_were_told_gives_way_to_the_callers_own_key(
    records: PostgresRecords,
) -> None:
    """C28: whoever writes one down is named; the last word counts, but the caller's key stands
    before and after it, in one batch and over several."""
    first = 1

    def rated(word: str, source: RatingSource, by: str | None) -> CallRated:
        return CallRated(
            at_ms=ms(ARRIVAL) + 75_000,
            call=CallId("call-1"),
            arrived_ms=ms(ARRIVAL),
            agent=AgentId("8003"),
            queue=QueueId("enquiry"),
            scale=RatingScale.S0,
            rating=word,
            source=source,
            by=None if by is None else AgentId(by),
        )

    async def standing(*facts: Any) -> tuple[str | None, ...]:
        nonlocal first
        await records.write(1, numbered(facts, first))
        first += len(facts)
        (call,) = await records.calls()
        return call.rating, call.rating_source, call.rating_by

    said, asked, key = RatingSource.AGENT, RatingSource.REVISIT, RatingSource.DIGITS
    assert await standing(*life(), rated("一般", said, "8003")) == ("一般", "agent", "8003")
    assert await standing(rated("满意", asked, "8005")) == ("满意", "revisit", "8005")
    assert await standing(rated("不满意", key, None), rated("非常满意", said, "8003")) == (
        "不满意", "digits", None,
    )  # fmt: skip
    assert await standing(rated("非常满意", asked, "8003")) == ("不满意", "digits", None)


async def test_what_a_call_turned_out_to_be_stands_in_the_row(records: PostgresRecords) -> None:
    """K11, E01: the agent's last word, also when it comes in a later batch."""
    await records.write(1, numbered(life()))
    for n, flow in enumerate((Flow.REFERRAL, Flow.ENQUIRY)):
        word = CallClassified(
            at_ms=ms(ARRIVAL) + 30_000 + n,
            call=CallId("call-1"),
            arrived_ms=ms(ARRIVAL),
            agent=AgentId("8003"),
            flow=flow,
        )
        await records.write(1, [(100 + n, word)])
    history = await records.call("call-1")
    assert history is not None
    assert history.call.flow == "enquiry"


async def test_whether_anybody_responded_stands_in_the_row(records: PostgresRecords) -> None:
    """E33: by the agent's word or an outcome; the system's prompts and its flag stand beside it."""
    flagged = NoResponseFlagged(
        at_ms=ms(ARRIVAL) + 20_000,
        call=CallId("call-1"),
        arrived_ms=ms(ARRIVAL),
        agent=AgentId("8003"),
        after_ms=9_000,
        heard=Heard.SOUND,
        queue=QueueId("emergency"),
        kind=EntryKind.EMERGENCY,
    )
    *before, last = life()
    ends = [
        msgspec.structs.replace(fact, response=Response.NO_RESPONSE)
        if isinstance(fact, CallEnded)
        else fact
        for fact in (*before, last)
    ]
    await records.write(1, numbered([*ends, flagged]))
    word = AfterwordNoted(
        at_ms=ms(ARRIVAL) + 90_000,
        call=CallId("call-1"),
        arrived_ms=ms(ARRIVAL),
        agent=AgentId("8003"),
        response=Response.RESPONDED,
        disposition=None,
    )
    history = await records.call("call-1")
    assert history is not None
    assert history.call.response == "no_response"
    assert [(one.kind, one.body["heard"]) for one in history.happenings] == [
        ("NoResponseFlagged", "sound")
    ]
    await records.write(1, numbered([word], 50))
    assert (await records.calls())[0].response == "responded"


async def test_writing_again_changes_nothing(pool: Pool, records: PostgresRecords) -> None:
    batch = numbered([*life(), state(0, "logged_out", "ready"), state(5, "ready", "offered")])
    await records.write(1, batch)
    before = await everything(pool)
    await records.write(1, batch)
    await records.write(1, batch[3:9])
    assert await everything(pool) == before
    assert len(before["fact"]) == len(batch)


@pytest.mark.parametrize("size", [1, 2, 5])
async def test_it_does_not_matter_where_batches_are_cut(
    pool: Pool, records: PostgresRecords, size: int
) -> None:
    await records.write(1, numbered(life("call-1")))
    whole = await everything(pool)
    await pool.execute("TRUNCATE fact, call, leg, offer")
    batch = numbered(life("call-1"))
    for start in range(0, len(batch), size):
        # Each batch overlaps the one before, as after a lost answer.
        await records.write(1, batch[max(0, start - 1) : start + size])
    assert await everything(pool) == whole


async def test_two_writers_of_the_same_batch_count_it_once(
    pool: Pool, records: PostgresRecords
) -> None:
    batch = numbered(life())
    await asyncio.gather(*(records.write(1, batch) for _ in range(5)))
    assert (await records.calls())[0].wrap_up_ms == 5_000
    assert await pool.fetchval("SELECT count(*) FROM fact") == len(batch)


async def test_numbers_of_another_epoch_are_others(pool: Pool, records: PostgresRecords) -> None:
    first, second = await records.next_epoch(), await records.next_epoch()
    assert second > first
    await records.write(first, numbered(life("call-1")))
    await records.write(second, numbered(life("call-2")))
    assert {call.call_id for call in await records.calls()} == {"call-1", "call-2"}


async def test_a_call_that_goes_on_in_the_next_epoch_stays_one_row(
    records: PostgresRecords,
) -> None:
    facts = life()
    await records.write(1, numbered(facts[:8]))
    await records.write(2, numbered(facts[8:]))
    (call,) = await records.calls()
    assert (call.outcome, call.caller, call.wrap_up_ms) == ("answered", "02160000001", 5_000)


async def test_nothing_stays_of_a_batch_that_fails(pool: Pool, records: PostgresRecords) -> None:
    await pool.execute("DROP TABLE agent_state_now CASCADE")
    with pytest.raises(Exception, match="agent_state_now"):
        await records.write(1, numbered([*life(), state(0, "logged_out", "ready")]))
    assert await pool.fetchval("SELECT count(*) FROM fact") == 0
    assert await pool.fetchval("SELECT count(*) FROM call") == 0


async def test_a_caller_put_back_keeps_the_first_answer_and_both_wrap_ups(
    records: PostgresRecords,
) -> None:
    facts = life()
    zero = ms(ARRIVAL)
    answered = facts[7]
    assert isinstance(answered, CallAnswered)
    again = msgspec.structs.replace(
        answered, at_ms=zero + 20_000, agent=AgentId("8004"), seat=SeatId("s8004"), again=True
    )
    put_back = CallRequeued(
        at_ms=zero + 15_000, call=CallId("call-1"), arrived_ms=zero, agent=AgentId("8003")
    )
    more = msgspec.structs.replace(facts[-1], agent=AgentId("8004"), wrap_up_ms=3_000)
    await records.write(1, numbered([*facts[:8], put_back]))
    await records.write(1, numbered([again, *facts[8:], more], 10))
    (call,) = await records.calls()
    assert (call.agent, call.seat, call.wait_ms) == ("8003", "s8003", 9_000)
    assert call.answered_at == ARRIVAL + timedelta(seconds=9)
    assert call.wrap_up_ms == 8_000


async def test_a_row_is_there_even_when_its_first_fact_is_not(records: PostgresRecords) -> None:
    await records.write(1, numbered(life()[1:]))
    (call,) = await records.calls()
    assert (call.outcome, call.caller, call.queue) == ("answered", None, "emergency")


async def test_rows_stand_under_the_civil_month_of_the_call_s_arrival(
    pool: Pool, records: PostgresRecords
) -> None:
    # Ten past midnight on the first of May in China is still April in UTC.
    arrival = datetime(2031, 4, 30, 16, 10, tzinfo=UTC)
    late = datetime(2031, 5, 31, 15, 59, 30, tzinfo=UTC)
    await records.write(1, numbered(life("call-1", arrival) + life("call-2", late)))
    rows = await pool.fetch("SELECT tableoid::regclass::text, call_id FROM call ORDER BY 2")
    assert [tuple(row) for row in rows] == [("call_2031_05", "call-1"), ("call_2031_05", "call-2")]
    legs = await pool.fetch("SELECT DISTINCT tableoid::regclass::text FROM leg")
    assert [name for (name,) in legs] == ["leg_2031_05"]
    # The end of call-2 is a fact of June, and July is there already.
    kinds = await pool.fetch("SELECT kind FROM fact_2031_06")
    assert {"CallEnded"} <= {kind for (kind,) in kinds}
    assert await pool.fetchval("SELECT to_regclass('call_2031_07')") is not None


async def test_partitions_are_made_once_however_many_ask(pool: Pool) -> None:
    stores = [PostgresRecords(pool) for _ in range(4)]
    await asyncio.gather(
        *(
            store.write(n, numbered(life(f"call-{n}", ARRIVAL.replace(year=2032))))
            for n, store in enumerate(stores)
        )
    )
    assert await pool.fetchval("SELECT count(*) FROM call_2032_03") == 4


async def test_what_cannot_be_text_in_postgresql_is_replaced(records: PostgresRecords) -> None:
    odd = "a\x00b \\u0000 \\\x00 \N{GRINNING FACE}"
    fact = Defect(at_ms=ms(ARRIVAL), sentence=odd, call=CallId("call-1"))
    await records.write(1, numbered([fact, *life(terminal="0\x00")]))
    (call,) = await records.calls()
    assert call.caller == "0\N{REPLACEMENT CHARACTER}"


async def test_facts_can_be_read_back(pool: Pool, records: PostgresRecords) -> None:
    facts = life()
    await records.write(1, numbered(facts))
    bodies = await pool.fetch("SELECT body FROM fact WHERE call = 'call-1' ORDER BY seq")
    assert [msgspec.json.decode(body, type=Fact) for (body,) in bodies] == facts


async def test_calls_are_found_by_what_one_asks(records: PostgresRecords) -> None:
    hour = timedelta(hours=1)
    batch = [
        *life("call-1", ARRIVAL, agent="8001"),
        *life("call-2", ARRIVAL + hour, agent="8002", terminal="02160000002"),
        *life("call-3", ARRIVAL + 2 * hour, agent="8001", called="95002"),
    ]
    await records.write(1, numbered(batch))

    async def ids(**asked: Any) -> list[str]:
        return [call.call_id for call in await records.calls(**asked)]

    assert await ids() == ["call-3", "call-2", "call-1"]
    assert await ids(limit=1) == ["call-3"]
    assert await ids(agent="8001") == ["call-3", "call-1"]
    assert await ids(terminal="02160000002") == ["call-2"]
    assert await ids(caller="02160000001", entry="95001") == ["call-1"]
    assert await ids(since=ARRIVAL + hour) == ["call-3", "call-2"]
    assert await ids(until=ARRIVAL + hour) == ["call-1"]
    assert await ids(caller="8003") == []


async def test_a_call_has_its_newest_note_and_keeps_the_others(
    pool: Pool, records: PostgresRecords
) -> None:
    """D06: with category, who and when, where calls are looked for and where one is shown; of no
    call there is none.  No fact has the words."""
    await records.write(1, numbered([*life("call-1", ARRIVAL), *life("call-2", ARRIVAL)]))
    said = "问助餐点，已告知，女儿明天来电"
    assert await records.add_note("call-9", agent="8003", category="enquiry", words=said) is None
    first = await records.add_note("call-1", agent="8003", category="enquiry", words="问助餐点")
    second = await records.add_note("call-1", agent="8004", category="referral", words=said)
    assert first is not None and second is not None
    shown = await records.call("call-1")
    assert shown is not None
    (listed,) = (call for call in await records.calls() if call.call_id == "call-1")
    for noted in (shown.call, listed):
        assert (noted.note, noted.note_category) == (said, "referral")
        assert (noted.noted_by, noted.noted_at) == ("8004", second.at)
    (other,) = (call for call in await records.calls() if call.call_id == "call-2")
    assert (other.note, other.noted_at) == (None, None)
    assert await records.notes("call-1") == [second, first]
    assert await pool.fetchval("SELECT count(*) FROM fact WHERE body::text LIKE '%助餐%'") == 0


async def test_a_lost_database_says_so_and_the_next_attempt_succeeds(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    records = PostgresRecords(pool)
    await records.write(1, numbered(life()))
    # A lock that the writer waits for, so that its connection is lost in the middle.
    holder, watcher = [await asyncpg.connect(database_url) for _ in range(2)]
    await holder.execute("BEGIN; LOCK TABLE call")
    writing = asyncio.create_task(records.write(1, numbered(life("call-2"), 100)))
    end_it = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(60):
        while not await watcher.fetch(end_it):
            pass
    with pytest.raises(DatabaseAway):
        await writing
    await holder.close()
    await watcher.close()
    await records.write(1, numbered(life("call-2"), 100))
    assert await records.call("call-2") is not None
    await pool.close()


# ── agents' days ────────────────────────────────────────────────────────────────────────────


def state(
    at_s: float, was: str, now: str, *, since_s: float = 0, agent: str = "8003", seat: str = "s1"
) -> AgentStateChanged:
    zero = ms(ARRIVAL)
    return AgentStateChanged(
        at_ms=zero + round(at_s * 1000),
        agent=AgentId(agent),
        seat=SeatId(seat),
        was=was,
        now=now,
        reason="lunch" if now == "paused" else None,
        from_ms=zero + round(since_s * 1000),
        call=None,
    )


async def stretches(
    records: PostgresRecords, **asked: Any
) -> list[tuple[str, float, float | None]]:
    """(state, from, to) of an agent in seconds after ARRIVAL."""
    found = await records.agent_states(
        since=ARRIVAL - timedelta(days=1), until=ARRIVAL + timedelta(days=90), **asked
    )
    return [
        (
            one.state,
            (one.from_at - ARRIVAL).total_seconds(),
            None if one.to_at is None else (one.to_at - ARRIVAL).total_seconds(),
        )
        for one in found
    ]


DAY = [
    state(60, "logged_out", "ready", since_s=0),
    state(70, "ready", "offered", since_s=60),
    state(72.5, "offered", "talking", since_s=70),
    state(90, "talking", "wrap_up", since_s=72.5),
    state(90, "wrap_up", "ready", since_s=90),
    state(100, "ready", "paused", since_s=90),
    state(400, "paused", "logged_out", since_s=100),
]


@pytest.mark.parametrize("size", [1, 3, 7])
async def test_an_agent_s_day_has_no_gap(records: PostgresRecords, size: int) -> None:
    for start in range(0, len(DAY), size):
        await records.write(1, numbered(DAY[start : start + size], start + 1))
    found = await stretches(records, agent="8003")
    assert found == [
        ("logged_out", 0, 60),
        ("ready", 60, 70),
        ("offered", 70, 72.5),
        ("talking", 72.5, 90),
        # The wrap-up of no length is a fact and no row.
        ("ready", 90, 100),
        ("paused", 100, 400),
        ("logged_out", 400, None),
    ]
    assert all(one[2] == other[1] for one, other in pairwise(found))


async def test_lost_facts_leave_no_gap_either(records: PostgresRecords) -> None:
    await records.write(1, numbered(DAY[:2]))
    # The service died at 80 s, and knows after its restart at 200 s that the agent was logged out.
    await records.write(2, numbered([state(230, "logged_out", "ready", since_s=200)]))
    assert await stretches(records, agent="8003") == [
        ("logged_out", 0, 60),
        ("ready", 60, 70),
        ("offered", 70, 200),
        ("logged_out", 200, 230),
        ("ready", 230, None),
    ]


async def test_a_clock_behind_the_record_makes_no_overlap(records: PostgresRecords) -> None:
    await records.write(1, numbered(DAY[:2]))
    await records.write(2, numbered([state(50, "offered", "ready", since_s=40)]))
    await records.write(2, numbered([state(95, "ready", "paused", since_s=50)], 2))
    assert await stretches(records, agent="8003") == [
        ("logged_out", 0, 60),
        ("ready", 60, 70),
        ("ready", 70, 95),
        ("paused", 95, None),
    ]


async def test_a_seat_is_named_only_while_somebody_sits_there(
    pool: Pool, records: PostgresRecords
) -> None:
    await records.write(1, numbered(DAY))
    rows = await pool.fetch("SELECT state, seat, reason FROM agent_state_records ORDER BY from_at")
    assert [tuple(row) for row in rows] == [
        ("logged_out", None, None),
        ("ready", "s1", None),
        ("offered", "s1", None),
        ("talking", "s1", None),
        ("ready", "s1", None),
        ("paused", "s1", "lunch"),
        ("logged_out", None, None),
    ]


async def test_days_are_found_by_agent_seat_and_time(records: PostgresRecords) -> None:
    other = [state(65, "logged_out", "ready", agent="8004", seat="s2")]
    await records.write(1, numbered([*DAY, *other]))
    assert await stretches(records, seat="s2") == [("ready", 65, None)]
    within = await records.agent_states(
        since=ARRIVAL + timedelta(seconds=71), until=ARRIVAL + timedelta(seconds=73), agent="8003"
    )
    assert [one.state for one in within] == ["offered", "talking"]
    assert within[0].lasted_ms == 2_500


async def test_a_call_that_we_placed_is_a_row_that_says_so(
    pool: Pool, records: PostgresRecords
) -> None:
    """T19, K04: outbound, with the number and what it was about; nothing of it looks as if it had
    come in."""
    at_ms = ms(ARRIVAL)
    call, agent, queue = CallId("call-9"), AgentId("8001"), QueueId("emergency")
    placed = CallPlaced(
        at_ms=at_ms,
        call=call,
        arrived_ms=at_ms,
        number="13900000001",
        queue=queue,
        kind=EntryKind.OUTBOUND,
        person=agent,
        reference="case-7",
        synthetic=False,
    )
    reached = CallReached(
        at_ms=at_ms + 9_000,
        call=call,
        arrived_ms=at_ms,
        agent=agent,
        seat=SeatId("s8001"),
        wait_ms=9_000,
        again=False,
        queue=queue,
        synthetic=False,
    )
    ended = PlacedCallEnded(
        at_ms=at_ms + 69_000,
        call=call,
        arrived_ms=at_ms,
        number="13900000001",
        outcome=Outcome.ANSWERED,
        person=agent,
        agent=agent,
        first_offer_ms=at_ms,
        reached_ms=at_ms + 9_000,
        wait_ms=9_000,
        ring_ms=1_000,
        talk_ms=60_000,
        offers=1,
        queue=queue,
        kind=EntryKind.OUTBOUND,
        synthetic=False,
    )
    await records.write(1, numbered([placed]))
    # In batches, and the last one twice.
    await records.write(1, [(2, reached), (3, ended)])
    await records.write(1, [(2, reached), (3, ended)])
    (row,) = await pool.fetch("SELECT * FROM call_records")
    assert (row["direction"], row["called"], row["caller"]) == ("outbound", "13900000001", None)
    assert (row["reference"], row["agent"], row["outcome"]) == ("case-7", "8001", "answered")
    assert (row["wait_ms"], row["talk_ms"]) == (9_000, 60_000)


async def test_what_is_owed_outlives_the_service(pool: Pool, records: PostgresRecords) -> None:
    """Design behaviour 5: open ones are read back whole, an older word changes nothing, and what
    has ended stays ended."""
    owed = Obligation(
        id=ObligationId("1-o1"),
        kind=ObligationKind.CALLBACK,
        why=OwedFor.ABANDONED,
        state=ObligationState.OWED,
        queue=QueueId("emergency"),
        entry=EntryId("95001"),
        entry_kind=EntryKind.EMERGENCY,
        number="02160000001",
        terminal=TerminalId("02160000001"),
        elders=(ElderId("e0001"),),
        call=CallId("1-1"),
        since_ms=ms(ARRIVAL),
        created_ms=ms(ARRIVAL) + 5_000,
        deadline_ms=ms(ARRIVAL) + 35_000,
        next_ms=ms(ARRIVAL) + 7_000,
        escalate_ms=ms(ARRIVAL) + 35_000,
    )

    def noted(at_ms: int, **changes: Any) -> ObligationNoted:
        changed = msgspec.structs.replace(owed, **changes)
        return ObligationNoted(
            at_ms=ms(ARRIVAL) + at_ms, call=None, what="test", obligation=changed
        )

    worked = noted(7_000, state=ObligationState.WORKED, working=CallId("1-2"), next_ms=None)
    await records.write(1, [(1, noted(5_000)), (2, worked)])
    await records.write(1, [(1, noted(5_000)), (2, worked)])  # again, for nobody knew
    assert await records.open_obligations() == [worked.obligation]
    # Another life of the service, whose first facts come late.
    await records.write(2, [(1, noted(6_000))])
    assert await records.open_obligations() == [worked.obligation]
    done = noted(
        60_000,
        state=ObligationState.DONE,
        closing=Closing.REACHED,
        closed_ms=ms(ARRIVAL) + 60_000,
    )
    await records.write(2, [(2, done)])
    await records.write(2, [(3, noted(61_000))])
    assert await records.open_obligations() == []
    ended = records.ended_obligations
    assert await ended(state="done", kind=None, queue=None, limit=10) == [done.obligation]
    assert await ended(state="closed", kind=None, queue=None, limit=10) == []
    assert await ended(state=None, kind="task", queue=None, limit=10) == []
    (row,) = await pool.fetch("SELECT * FROM obligation")
    assert (row["closing"], row["emergency"], row["late"]) == ("reached", True, False)


CASE = Case(
    id=CaseId("1-c1"),
    state=CaseState.OPEN,
    origin=CaseOrigin.AGENT,
    opened_ms=ms(ARRIVAL) + 3_000,
    opened_by=AgentId("8001"),
    queue=QueueId("emergency"),
    entry=EntryId("95001"),
    number="02160000001",
    terminal=TerminalId("02160000001"),
    elders=(ElderId("e0001"),),
    area=AreaId("east"),
    contacts=(Contact(ContactKind.RELATIVE, "13900000001"),),
    calls=(CallId("call-1"),),
    a=AgentId("8001"),
    owner=AgentId("8001"),
)


def noted(case: Case, after_ms: int) -> CaseNoted:
    return CaseNoted(at_ms=ms(ARRIVAL) + after_ms, call=None, what="test", by=None, case=case)


async def test_a_case_is_one_row_as_it_was_last_known(pool: Pool) -> None:
    """E14, E42: written once or twice, from one life of the service or the next, it comes back
    whole, and its calls say to which case they belong."""
    records = PostgresRecords(pool)
    await records.write(1, numbered(life()))
    opened, joined = noted(CASE, 3_000), msgspec.structs.replace(CASE, b=AgentId("8002"))
    batch = [(101, opened), (102, noted(joined, 5_000))]
    await records.write(1, batch)
    await records.write(1, batch)
    assert await records.open_cases() == [joined]
    assert await records.case("1-c1") == joined
    await records.write(2, [(1, opened)])  # late, from the life before
    assert await records.open_cases() == [joined]
    closed = msgspec.structs.replace(
        joined,
        state=CaseState.CLOSED,
        services=(RescueService.MEDICAL,),
        form=Form(place="kitchen"),
        outcome="accident",
        closed_ms=ms(ARRIVAL) + 600_000,
    )
    await records.write(2, [(2, noted(closed, 600_000))])
    await records.write(2, [(3, noted(joined, 601_000))])
    assert await records.open_cases() == []
    found = records.cases
    assert await found() == [closed]
    assert await found(elder="e0001", terminal="02160000001", number="02160000001") == [closed]
    assert await found(elder="e0002") == await found(until=ARRIVAL) == []
    assert await records.case("1-c2") is None
    history = await records.call("call-1")
    assert history is not None
    assert history.call.case_id == "1-c1"
    (row,) = await pool.fetch("SELECT case_id, call_id, caller, outcome FROM case_calls")
    assert tuple(row) == ("1-c1", "call-1", "02160000001", "answered")
