"""Whether the records add up, and are what the facts say (K04): after a restore, or in doubt.

Every fact is read again and its rows are worked out anew, into temporary tables of the same names;
then each row is compared with the one that stands.  All of it in one transaction that sees one
moment, so a service that writes meanwhile disturbs nothing.  It reads the whole record: on a busy
database, on a copy.
"""

from collections.abc import Mapping

import asyncpg
import msgspec

from acd.adapters.postgres.database import connect
from acd.adapters.postgres.errors import translated
from acd.adapters.postgres.records import write_rows
from acd.core.facts import Fact

BATCH = 1_000
PATIENCE_S = 24 * 3600.0

DERIVED: Mapping[str, str] = {
    "call": "*",
    "offer": "*",
    "leg": "*",
    "obligation": "*",
    "cases": "*",
    "agent_state": "*",
    "agent_state_now": "*",
    # The desk goes on with these; the facts know their beginnings.
    "recording": "recording_id, call_id, arrived_at, leg_id, started_at",
    "noted_numbers": "*",
    "message": "message_id, call_id, arrived_at, left_at, number, queue, terminal, duration_ms",
}
"""Tables whose rows follow from facts alone, with the columns that do."""

OWN_ROWS = frozenset({"recording"})
"""The desk adds rows here: what it has found on the disk."""

IMPOSSIBLE: Mapping[str, str] = {
    "calls have ended without an outcome, or have one and no end": """
        SELECT count(*) FROM call WHERE (ended_at IS NULL) <> (outcome IS NULL)""",
    "calls were answered and have no moment of it, or were abandoned and have one": """
        SELECT count(*) FROM call WHERE outcome = 'answered' AND answered_at IS NULL
            OR outcome = 'abandoned' AND answered_at IS NOT NULL""",
    "calls ended before they came, or took less than no time": """
        SELECT count(*) FROM call WHERE ended_at < arrived_at OR answered_at < arrived_at
            OR least(wait_ms, ring_ms, talk_ms, hold_ms, wrap_up_ms) < 0""",
    "legs belong to no call": """
        SELECT count(*) FROM leg WHERE call_id NOT LIKE '%-d%'
            AND NOT EXISTS (SELECT FROM call WHERE call.call_id = leg.call_id)""",
    "offers belong to no call": """
        SELECT count(*) FROM offer
        WHERE NOT EXISTS (SELECT FROM call WHERE call.call_id = offer.call_id)""",
    "calls were offered and have no row": """
        SELECT count(*) FROM fact
        WHERE kind = 'CallOffered' AND NOT EXISTS (SELECT FROM call WHERE call_id = fact.call)""",
    "calls are counted twice or not at all": """
        SELECT abs(count(*) - count(*) FILTER (WHERE outcome IS NULL)
            - (SELECT coalesce(sum(parts.n), 0)
               FROM (SELECT count(*) AS n FROM call WHERE outcome IS NOT NULL GROUP BY outcome)
               AS parts)) FROM call""",
}
"""What can never be, and how often it is; the sentence begins with the number."""


class RecordCheck(msgspec.Struct, frozen=True):
    """What was looked at, and what is wrong with it: one sentence each, none when all is well."""

    facts: int
    calls: int
    wrong: tuple[str, ...]


async def check_records(database_url: str) -> RecordCheck:
    """Check everything.  Raises DatabaseAway and DatabaseRefused."""
    with translated(database_url):
        connection = await connect(database_url)
        try:
            await connection.execute("SET statement_timeout = 0")
            async with connection.transaction(isolation="repeatable_read"):
                wrong = [
                    f"{count} {sentence}"
                    for sentence, query in IMPOSSIBLE.items()
                    if (count := await connection.fetchval(query, timeout=PATIENCE_S))
                ]
                calls = await connection.fetchval("SELECT count(*) FROM call", timeout=PATIENCE_S)
                facts = await _work_out(connection)
                wrong += await _compare(connection)
        finally:
            await connection.close()
    return RecordCheck(facts, calls, tuple(wrong))


async def _work_out(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Make every row anew from the facts; return how many facts there are."""
    for table in DERIVED:
        # Temporary tables come before all others of their name.
        await connection.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING ALL)")
    decode = msgspec.json.Decoder(Fact).decode
    facts = 0
    cursor = await connection.cursor("SELECT body::text FROM fact ORDER BY epoch, seq")
    while rows := await cursor.fetch(BATCH):
        facts += len(rows)
        await write_rows(connection, [decode(row["body"]) for row in rows])
    return facts


async def _compare(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    wrong = []
    for table, columns in DERIVED.items():
        stand, follow = f"public.{table}", f"pg_temp.{table}"
        for here, there, words in (
            (follow, stand, "follow from the facts and do not stand so"),
            (stand, follow, "stand and do not follow from the facts"),
        ):
            if here == stand and table in OWN_ROWS:
                continue
            count = await connection.fetchval(
                f"SELECT count(*) FROM (SELECT {columns} FROM {here}"
                f" EXCEPT SELECT {columns} FROM {there}) AS odd",
                timeout=PATIENCE_S,
            )
            if count:
                wrong.append(f"{count} rows of {table} {words}")
    return wrong
