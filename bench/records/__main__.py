"""See the package."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from acd.adapters.postgres.database import Connection, Pool, open_pool
from acd.adapters.postgres.migration import migrate
from acd.adapters.postgres.records import PostgresRecords
from acd.adapters.postgres.statements import sql
from bench.records.facts import facts
from servers.settings import load
from servers.stack import Stack

HERE = Path(__file__).parent
CHINA = timezone(timedelta(hours=8))
CHINA_ZONE = "Asia/Shanghai"
FIRST = datetime(2025, 1, 1, tzinfo=CHINA)
DATABASE = "huling_bench_records"
FACTS_PER_BATCH = 1_000
PATIENCE_S = 3_600
"""Instead of the service's own limit of a statement."""
FORM = ("day", CHINA_ZONE, None, None, None, None)
"""A month by day, of all calls: what a report of the desk asks for."""
SECONDARY_INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index WHERE indrelid = 'call'::regclass AND NOT indisprimary
"""


def main() -> int:
    """Measure, print one line of JSON; exit code 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.records", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="calls, over all months")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--written-calls", type=int, default=5_000, help="through the writer")
    parser.add_argument("--report-s-max", type=float, default=10.0)
    parser.add_argument("--url", help="a PostgreSQL whose user may create a database")
    given = parser.parse_args()
    if given.url:
        return asyncio.run(measure(given.url, given))
    settings = load().model_copy(update={"database_url": None})
    with Stack(settings, servers={"postgres"}) as stack:
        return asyncio.run(measure(stack.database_url, given))


async def measure(server_url: str, given: argparse.Namespace) -> int:
    """Make a database, fill it, ask it, and drop it."""
    server = await asyncpg.connect(server_url)
    await server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    await server.execute(f"CREATE DATABASE {DATABASE}")
    url = urlsplit(server_url)._replace(path=f"/{DATABASE}").geturl()
    try:
        await migrate(url)
        pool = await open_pool(url)
        try:
            figures = await fill(pool, given.rows, given.months)
            figures |= await report(pool, given.months)
            figures |= await find(pool)
            figures |= await write(pool, given.written_calls)
        finally:
            await pool.close()
    finally:
        await server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        await server.close()
    figures["ok"] = figures["only_its_month"] and figures["report_s"] <= given.report_s_max
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


async def fill(pool: Pool, rows: int, months: int) -> dict[str, Any]:
    """Make the calls inside PostgreSQL; its indexes are built afterwards, as a restore would."""
    begun = time.perf_counter()
    insert = (HERE / "generate.sql").read_text(encoding="utf-8")
    async with pool.acquire() as connection:
        await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
        indexes = await connection.fetch(SECONDARY_INDEXES)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        for n, (since, until) in enumerate(month_spans(months), 1):
            await connection.execute("SELECT ensure_partitions($1, 0)", since)
            await connection.execute(insert, since, until, rows // months, timeout=PATIENCE_S)
            say(f"month {n} of {months}: {rows // months:,} calls", begun)
        for index in indexes:
            # PostgreSQL writes ON ONLY, which would leave the partitions without.
            definition = index["definition"].replace(" ON ONLY ", " ON ")
            await connection.execute(definition, timeout=PATIENCE_S)
            say(f"index {index['name']}", begun)
        await connection.execute("VACUUM ANALYZE call", timeout=PATIENCE_S)
        size = await connection.fetchval(
            "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('call')"
        )
    return {
        "rows": rows // months * months,
        "months": months,
        "fill_s": round(time.perf_counter() - begun, 1),
        "size_mb": int(size) >> 20,
    }


async def report(pool: Pool, months: int) -> dict[str, Any]:
    """Ask for the middle month, twice: the first reads it from the disk or the system's cache."""
    query = sql("report_calls")
    since, until = list(month_spans(months))[months // 2]
    async with pool.acquire() as connection:
        read = await partitions_read(connection, query, since, until)
        first_s, rows = await timed(connection, query, since, until)
        again_s, _ = await timed(connection, query, since, until)
    (whole,) = [row for row in rows if row["by"] == "all"]
    return {
        "partitions_read": sorted(read),
        "only_its_month": read == {f"call_{since:%Y_%m}"},
        "report_s": round(first_s, 2),
        "report_again_s": round(again_s, 2),
        "report_rows": len(rows),
        "month": {
            name: int(value)
            for name, value in whole.items()
            if name not in ("by", "what", "outcome") and value is not None
        },
    }


async def find(pool: Pool) -> dict[str, Any]:
    """The questions of the API, newest 20 calls each, in milliseconds."""
    records = PostgresRecords(pool)
    questions: dict[str, dict[str, Any]] = {
        "newest": {},
        "caller_and_entry": {"caller": "02160012345", "entry": "95001"},
        "agent": {"agent": "8123"},
        "terminal": {"terminal": "02160012345"},
    }
    took = {}
    for name, asked in questions.items():
        # Often enough for PostgreSQL to have settled on a plan (it tries five times).
        for _ in range(8):
            begun = time.perf_counter()
            await records.calls(limit=20, **asked)
            took[name] = round((time.perf_counter() - begun) * 1000, 1)
    return {"find_ms": took}


async def write(pool: Pool, calls: int) -> dict[str, Any]:
    """Send facts through the writer, beside all the rows that are there."""
    records = PostgresRecords(pool)
    epoch = await records.next_epoch()
    since_ms = round(datetime.now(CHINA).timestamp() * 1000)
    numbered = list(enumerate(facts(calls, since_ms=since_ms), 1))
    begun, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(numbered), FACTS_PER_BATCH):
        await records.write(epoch, numbered[start : start + FACTS_PER_BATCH])
    took_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    return {
        "write_facts_per_s": round(len(numbered) / took_s),
        "write_calls_per_s": round(calls / took_s),
        "write_python_us_per_fact": round(cpu_s / len(numbered) * 1e6, 1),
    }


async def timed(
    connection: Connection, query: str, since: datetime, until: datetime
) -> tuple[float, list[asyncpg.Record]]:
    begun = time.perf_counter()
    rows = await connection.fetch(query, since, until, *FORM, timeout=PATIENCE_S)
    return time.perf_counter() - begun, rows


async def partitions_read(
    connection: Connection, query: str, since: datetime, until: datetime
) -> set[str]:
    """The tables that PostgreSQL's plan for the query touches."""
    plan = json.loads(
        await connection.fetchval(f"EXPLAIN (FORMAT JSON) {query}", since, until, *FORM)
    )
    return set(relations(plan[0]["Plan"]))


def relations(node: dict[str, Any]) -> Iterator[str]:
    if "Relation Name" in node:
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from relations(child)


def month_spans(months: int) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end of each civil month."""
    for n in range(months):
        year, month = divmod(FIRST.month - 1 + n, 12)
        since = FIRST.replace(year=FIRST.year + year, month=month + 1)
        year, month = divmod(FIRST.month + n, 12)
        yield since, FIRST.replace(year=FIRST.year + year, month=month + 1)


def say(what: str, begun: float) -> None:
    print(f"{time.perf_counter() - begun:6.1f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
