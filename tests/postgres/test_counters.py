"""PostgreSQL keeps numbers beyond 2^31: of facts, of milliseconds, of attempts at a month-long call
(field note 21)."""

from datetime import UTC, datetime, timedelta

import msgspec

from acd.adapters.postgres.database import Pool
from acd.adapters.postgres.record_check import check_records
from acd.adapters.postgres.records import PostgresRecords
from acd.core.facts import CallEnded, LegEnded, OfferEnded, OfferMade
from tests.postgres.test_records import life

ARRIVAL = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
CAP = 2**31
LONG_MS = CAP + 7
"""Nearly 25 days: a line that nobody has hung up."""


async def test_numbers_and_durations_beyond_two_to_the_31(pool: Pool, database_url: str) -> None:
    records = PostgresRecords(pool)
    facts = []
    for fact in life(arrival=ARRIVAL):
        match fact:
            case OfferMade():
                fact = msgspec.structs.replace(fact, idle_ms=LONG_MS, slack_ms=-LONG_MS)
            case OfferEnded():
                fact = msgspec.structs.replace(fact, ring_ms=LONG_MS)
            case CallEnded():
                fact = msgspec.structs.replace(
                    fact, wait_ms=LONG_MS, talk_ms=LONG_MS, at_ms=fact.at_ms + 3 * LONG_MS
                )
            case LegEnded():
                fact = msgspec.structs.replace(fact, at_ms=fact.at_ms + 3 * LONG_MS)
            case _:
                pass
        facts.append(fact)
    epoch = CAP - 1
    numbered = list(enumerate(facts, CAP - 2))
    await records.write(epoch, numbered)
    await records.write(epoch, numbered)
    kept = await pool.fetch("SELECT seq FROM fact WHERE epoch = $1 ORDER BY seq", epoch)
    assert [row["seq"] for row in kept] == [number for number, _ in numbered]
    assert kept[-1]["seq"] > CAP
    history = await records.call("call-1")
    assert history is not None
    assert (history.call.wait_ms, history.call.talk_ms) == (LONG_MS, LONG_MS)
    assert {offer.idle_ms for offer in history.offers} == {LONG_MS}
    assert (await check_records(database_url)).wrong == ()


async def test_no_counter_of_the_schema_that_grows_with_traffic_is_a_small_one(pool: Pool) -> None:
    """An integer holds 2^31: only what is small by its nature may be one.  A new column is judged
    here before it can stop a switch."""
    rows = await pool.fetch(
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type IN ('integer', 'smallint')"
        " AND table_name = ANY($1::text[])",
        ["fact", "call", "leg", "offer", "agent_state", "agent_state_now", "obligation", "cases",
         "recording", "message", "audit", "service_lease"],
    )  # fmt: skip
    assert {row["name"] for row in rows} <= {
        "fact.epoch",  # one for each start of a service: one each second is 68 years
        "service_lease.epoch",
        "call.offers",
        "call.precedence",
        "leg.cause",
        "offer.free",
        "offer.rank",
        "offer.phones",
        "offer.tier",
        "obligation.level",
    }
