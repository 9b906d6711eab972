"""T16: what went over each line stands in its row, and who could not be heard is found by it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec

from acd.adapters.postgres.database import Pool, open_pool
from acd.adapters.postgres.migration import migrate
from acd.adapters.postgres.records import PostgresRecords
from acd.core.events import Media
from acd.core.facts import Fact, LegEnded, LegRole
from tests.postgres.test_records import life, numbered

HEARD = Media(
    received=2_970, lost=30, jitter_us=4_500, sent=3_000, far_lost=2, far_jitter_us=700,
    round_trip_us=12_000,
)  # fmt: skip
DUMB = msgspec.structs.replace(
    HEARD, received=0, lost=0, far_lost=0, far_jitter_us=0, round_trip_us=0
)


def told(media: Mapping[LegRole, Media | None], *, up_ms: int | None = None) -> list[Fact]:
    """A call of which Asterisk has told so much, by the legs' roles; its legs up for so long."""
    facts: list[Fact] = []
    for fact in life():
        if isinstance(fact, LegEnded):
            answered_ms = fact.answered_ms
            if up_ms is not None and answered_ms is not None:
                answered_ms = fact.at_ms - up_ms
            fact = msgspec.structs.replace(
                fact, media=media.get(fact.role), answered_ms=answered_ms
            )
        facts.append(fact)
    return facts


async def sound(pool: Any) -> dict[str, dict[str, Any]]:
    """The view's rows by the legs' roles; of a pool, or of one connection."""
    return {row["role"]: dict(row) for row in await pool.fetch("SELECT * FROM leg_sound")}


async def test_packets_losses_and_jitter_stand_in_the_legs_row(pool: Pool) -> None:
    records = PostgresRecords(pool)
    await records.write(1, numbered(told({LegRole.CALLER: HEARD, LegRole.AGENT: DUMB})))
    history = await records.call("call-1")
    assert history is not None
    rows = {(leg.role, leg.answered_at is not None): leg for leg in history.legs}
    caller, agent = rows["caller", True], rows["agent", True]
    assert (caller.packets_received, caller.packets_lost, caller.jitter_us) == (2_970, 30, 4_500)
    assert (caller.packets_sent, caller.far_packets_lost) == (3_000, 2)
    assert (caller.far_jitter_us, caller.round_trip_us) == (700, 12_000)
    # A far end that answers no report has said nothing: that is no zero.
    assert (agent.packets_received, agent.packets_sent) == (0, 3_000)
    assert (agent.far_packets_lost, agent.far_jitter_us, agent.round_trip_us) == (None,) * 3
    found = await sound(pool)
    assert (found["caller"]["loss"], found["caller"]["silent"]) == (0.01, None)
    assert (found["caller"]["jitter_ms"], found["caller"]["round_trip_ms"]) == (4.5, 12)
    assert (found["agent"]["loss"], found["agent"]["jitter_ms"]) == (None, None)
    assert found["agent"]["silent"] == "from"


async def test_the_way_in_which_nothing_went_is_named(pool: Pool) -> None:
    deaf = msgspec.structs.replace(HEARD, sent=0)
    await PostgresRecords(pool).write(
        1,
        numbered(
            told({LegRole.CALLER: deaf, LegRole.AGENT: msgspec.structs.replace(DUMB, sent=0)})
        ),
    )
    found = await sound(pool)
    assert (found["caller"]["silent"], found["agent"]["silent"]) == ("to", "both")


async def test_who_hangs_up_at_once_is_not_judged(pool: Pool) -> None:
    await PostgresRecords(pool).write(1, numbered(told({LegRole.CALLER: DUMB}, up_ms=4_999)))
    found = await sound(pool)
    assert found["caller"]["silent"] is None
    assert found["caller"]["ended_at"] - found["caller"]["answered_at"] < timedelta(seconds=5)
    assert set(found) == {"caller"}  # of the agent's line Asterisk has told nothing


async def test_legs_from_before_get_it_from_their_facts(empty_url: str) -> None:
    """Else the rows would not follow from the facts any more."""
    await migrate(empty_url)
    pool = await open_pool(empty_url)
    await PostgresRecords(pool).write(
        1, numbered(told({LegRole.CALLER: HEARD, LegRole.AGENT: DUMB}))
    )
    before = sorted(map(tuple, await pool.fetch("SELECT * FROM leg")), key=repr)
    await pool.close()
    await migrate(empty_url, revision="0032")
    await migrate(empty_url)
    connection = await asyncpg.connect(empty_url)
    try:
        after = sorted(map(tuple, await connection.fetch("SELECT * FROM leg")), key=repr)
        assert {"caller", "agent"} <= set(await sound(connection))
    finally:
        await connection.close()
    assert after == before
