"""How long it takes until a promise is safe: from the request to the answer that it is stored.

Callbacks are asked of the production core through its recorder into a real PostgreSQL, beside the
facts of a busy line (``--facts-per-s``), first one after the other, then many at once.  What the
loss of the whole host could cost is what is not yet stored, so the longest answer is its bound.
"""

import argparse
import asyncio
import json
import sys
import time
from random import Random
from typing import NoReturn

import asyncpg

from acd.adapters.postgres.database import open_pool
from acd.adapters.postgres.migration import migrate
from acd.adapters.postgres.records import PostgresRecords
from acd.core.events import CallbackRequested, QueueDefined, TrunkDefined
from acd.core.facts import Repaired
from acd.core.replies import Done
from acd.core.switch import Core
from acd.runtime.api.requests import Requests
from acd.runtime.clock import Clock
from acd.runtime.driver import Driver
from acd.runtime.inbox import Inbox
from acd.runtime.pledges import STORED_S, Acknowledgements
from acd.runtime.records import Recorder
from acd.simulation.careline import ENQUIRY, TRUNKS
from servers.settings import load
from servers.stack import Stack

DATABASE = "huling_bench_promises"
TICK_S = 0.01


def main() -> int:
    """Measure, print one line of JSON; exit code 1 when an answer took longer than the bound."""
    parser = argparse.ArgumentParser(prog="python -m bench.promises", description=__doc__)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--facts-per-s", type=int, default=1_000, help="50 calls a second make it")
    given = parser.parse_args()
    with Stack(load().model_copy(update={"database_url": None}), servers={"postgres"}) as stack:
        result = asyncio.run(measure(stack.database_url, given))
    print(json.dumps(result))
    return 0 if result["unstored"] == 0 and result["max_ms"] <= STORED_S * 1000 else 1


async def measure(server_url: str, given: argparse.Namespace) -> dict[str, float]:
    """Make a database, promise things, and say how long each took."""
    server = await asyncpg.connect(server_url)
    await server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    await server.execute(f"CREATE DATABASE {DATABASE}")
    await server.close()
    url = f"{server_url.rpartition('/')[0]}/{DATABASE}"
    await migrate(url)
    pool = await open_pool(url)
    inbox, clock = Inbox(events_max=10_000), Clock()
    requests = Requests(inbox.put, epoch=1)
    recorder = Recorder(PostgresRecords(pool), clock, epoch=1, facts_max=500_000)
    pledges = Acknowledgements(recorder, _no_disk, requests.resolve)
    driver = Driver(
        Core(epoch=1, dice=Random(1)),
        inbox,
        clock,
        translate=_nobody_calls,
        links=_nobody_calls,
        command=lambda command: None,
        reply=pledges.reply,
        sinks=[recorder, pledges],
        may_act=lambda: True,
    )
    recorder.start()
    driver.start()
    inbox.put(QueueDefined(ENQUIRY))
    for trunk in TRUNKS:
        inbox.put(TrunkDefined(trunk))
    traffic = asyncio.create_task(_traffic(recorder, clock, given.facts_per_s))
    took: list[float] = []
    for first in range(given.requests):
        took.append(await _promise(requests, first))
    for first in range(given.requests, 2 * given.requests, given.at_once):
        took += await asyncio.gather(*(_promise(requests, first + n) for n in range(given.at_once)))
    traffic.cancel()
    driver.stop()
    await recorder.stop(patience_s=10)
    await pledges.stop()
    await pool.close()
    took.sort()
    return {
        "promises": len(took),
        "p50_ms": round(took[len(took) // 2], 1),
        "p99_ms": round(took[len(took) * 99 // 100], 1),
        "max_ms": round(took[-1], 1),
        "unstored": pledges.unstored,
    }


async def _promise(requests: Requests, number: int) -> float:
    """Ask for a callback; how long it took in ms until it was stored."""
    begun = time.perf_counter()
    reply = await requests.ask(
        lambda request: CallbackRequested(
            request=request,
            queue=ENQUIRY.id,
            number=f"0216{number:07}",
            within_ms=None,
            is_task=False,
            about="",
            call=None,
        )
    )
    assert isinstance(reply, Done), reply
    return (time.perf_counter() - begun) * 1000


async def _traffic(recorder: Recorder, clock: Clock, facts_per_s: int) -> None:
    while True:
        for _ in range(round(facts_per_s * TICK_S)):
            recorder.decided(Repaired(at_ms=clock.now_ms(), what="bench", key="k"))
        await asyncio.sleep(TICK_S)


async def _no_disk() -> bool:
    return False


def _nobody_calls(word: object) -> NoReturn:
    raise AssertionError(word)


if __name__ == "__main__":
    sys.exit(main())
