"""See the package."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from acd.adapters.postgres.database import open_pool
from acd.adapters.postgres.migration import migrate
from acd.core.ids import Node
from acd.core.switch import Core
from acd.runtime.journal import Journal, replay
from acd.runtime.sealing import NO_KEYS, Keys, new_key, parse_keys
from bench.core.lives import EPOCH_MS, Lives
from bench.records.__main__ import write as write_records
from bench.results.model import Figure, Result
from bench.results.report import report, writable
from servers.settings import load
from servers.stack import Stack

AGENTS = 100
EPOCH, SEED = 1, 1
"""Of ``Lives``, and so of the core that decides again."""
STEPS_AT_ONCE = 200
"""The loop turns after so many, so that the journal's timer comes in time."""
DATABASE = "huling_bench_durable"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit code 1 when the journal ended early or the replay decides otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.durable", description="Journal, replay and PostgreSQL."
    )
    parser.add_argument("--lives", type=int, default=20_000, help="calls through the journal")
    parser.add_argument("--calls", type=int, default=5_000, help="calls through PostgreSQL")
    parser.add_argument("--out", type=writable, help="folder of the result")
    given = parser.parse_args(arguments)
    if given.lives < 1 or given.calls < 1:
        parser.error("at least one call for each")
    result = Result(
        bench="durable",
        command="make bench-durable",
        given={"lives": given.lives, "calls": given.calls},
    )
    with tempfile.TemporaryDirectory(prefix="huling-durable-") as folder:
        result.figures += asyncio.run(journalled(Path(folder), given.lives))
        result.figures += replayed(Path(folder))
        result.figures.append(asyncio.run(sealed(Path(folder) / "sealed", given.lives)))
    settings = load().model_copy(update={"database_url": None})
    with Stack(settings, servers={"postgres"}, quiet=True) as stack:
        result.figures += asyncio.run(recorded(stack.database_url, given.calls))
    result.ok = not any(one.holds is False for one in result.figures)
    report(result, given.out)
    return 0 if result.ok else 1


async def journalled(folder: Path, lives: int, keys: Keys = NO_KEYS) -> list[Figure]:
    """Write the steps of so many calls as fast as they can be taken."""
    world = Lives(agents=AGENTS, waiting=0, keeps_steps=True)
    world.live(lives)
    journal = Journal(
        folder, epoch=EPOCH, node=Node("n1"), started_ms=EPOCH_MS, files_keep=2, bytes_max=1 << 40,
        keys=keys,
    )  # fmt: skip
    spent_ns = 0
    began = time.perf_counter()
    for start in range(0, len(world.steps), STEPS_AT_ONCE):
        before_ns = time.perf_counter_ns()
        for now_ms, event, effects in world.steps[start : start + STEPS_AT_ONCE]:
            journal.stepped(now_ms, event, effects, 0)
        spent_ns += time.perf_counter_ns() - before_ns
        await asyncio.sleep(0)
    on_disk = await journal.synced()
    took_s = time.perf_counter() - began
    await journal.close()
    size = journal.path.stat().st_size
    steps = len(world.steps)
    return [
        Figure(
            name="journal_steps_per_s", title="steps journalled and synced", unit="1/s",
            value=steps / took_s, better="higher", wanted="all on the disk", holds=on_disk,
        ),
        Figure(
            name="journal_mb_per_s", title="journal written", unit="MB/s",
            value=size / took_s / 1e6, better="higher",
        ),
        Figure(
            name="journal_bytes", title="a step in the journal", unit="bytes", value=size / steps
        ),
        Figure(
            name="journal_us", title="what a step costs the loop", unit="µs",
            value=spent_ns / steps / 1000,
        ),
    ]  # fmt: skip


async def sealed(folder: Path, lives: int) -> Figure:
    """The same under a key: what a step costs the loop then."""
    found = {
        one.name: one.value for one in await journalled(folder, lives, parse_keys(new_key("k1")))
    }
    return Figure(
        name="journal_sealed_us", title="what a step costs the loop, sealed", unit="µs",
        value=found["journal_us"], better="lower",
    )  # fmt: skip


def replayed(folder: Path) -> list[Figure]:
    """Decide it all again."""
    (path,) = folder.glob("*.journal")
    began = time.perf_counter()
    found = replay(path, lambda header: Core(epoch=header.epoch, dice=Random(SEED)))
    took_s = time.perf_counter() - began
    same = found.diverged_at is None and found.torn is None
    return [
        Figure(
            name="replay_steps_per_s", title="steps replayed", unit="1/s",
            value=found.events / took_s, better="higher", wanted="the same decisions", holds=same,
        )
    ]  # fmt: skip


async def recorded(server_url: str, calls: int) -> list[Figure]:
    """Send the facts of so many calls through the service's writer into an empty database."""
    server = await asyncpg.connect(server_url)
    try:
        await server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await server.execute(f"CREATE DATABASE {DATABASE}")
        url = urlsplit(server_url)._replace(path=f"/{DATABASE}").geturl()
        await migrate(url)
        pool = await open_pool(url)
        try:
            found: dict[str, Any] = await write_records(pool, calls)
        finally:
            await pool.close()
        await server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    finally:
        await server.close()
    names = {
        "write_facts_per_s": ("facts into PostgreSQL", "1/s", "higher"),
        "write_calls_per_s": ("whole calls into PostgreSQL", "1/s", "higher"),
        "write_python_us_per_fact": ("what a fact costs the service", "µs", "lower"),
    }
    return [
        Figure(name=name, title=title, unit=unit, value=float(found[name]), better=better)  # type: ignore[arg-type]  # a table's word
        for name, (title, unit, better) in names.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
