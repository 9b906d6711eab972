"""The whole host is lost in the moment in which somebody was told: what they were told stands."""

import asyncio
from random import Random

import pytest

from acd.adapters.postgres.database import Pool, open_pool
from acd.adapters.postgres.records import PostgresRecords
from acd.core.events import CallbackRequested, QueueDefined, TrunkDefined
from acd.core.replies import Done
from acd.core.switch import Core
from acd.runtime import records
from acd.runtime.api.requests import Requests
from acd.runtime.clock import Clock
from acd.runtime.driver import Driver
from acd.runtime.inbox import Inbox
from acd.runtime.pledges import Acknowledgements
from acd.runtime.records import Recorder
from acd.simulation.careline import ENQUIRY, TRUNKS


async def test_an_obligation_that_was_acknowledged_is_in_postgresql(
    database_url: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of this host is left but what PostgreSQL has: no journal, no flush at the end, and
    facts that would linger for an hour."""
    monkeypatch.setattr(records, "LINGER_S", 3600)
    clock = Clock()
    inbox = Inbox(events_max=1000)
    requests = Requests(inbox.put, epoch=1)
    recorder = Recorder(PostgresRecords(pool), clock, epoch=1, facts_max=1000)

    async def no_disk() -> bool:
        raise AssertionError("the disk is lost with the host")

    pledges = Acknowledgements(recorder, no_disk, requests.resolve)
    driver = Driver(
        Core(epoch=1, dice=Random(1)),
        inbox,
        clock,
        translate=lambda raw: pytest.fail(f"nobody calls: {raw}"),
        links=lambda link: None,
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
    numbers = [f"0216000{n:04}" for n in range(20)]

    async def owe(number: str) -> None:
        """Ask for a callback, and look from elsewhere in the moment of the answer."""
        reply = await requests.ask(
            lambda request: CallbackRequested(
                request=request,
                queue=ENQUIRY.id,
                number=number,
                within_ms=None,
                is_task=False,
                about="",
                call=None,
            )
        )
        assert isinstance(reply, Done) and reply.stored
        owed = await PostgresRecords(elsewhere).open_obligations()
        assert number in [one.number for one in owed]

    elsewhere = await open_pool(database_url)
    try:
        async with asyncio.timeout(30):
            await owe(numbers[0])
            await asyncio.gather(*map(owe, numbers[1:]))
        recorder._task.cancel()  # type: ignore[union-attr]  # the host is gone
        owed = await PostgresRecords(elsewhere).open_obligations()
        assert sorted(one.number or "" for one in owed) == numbers
    finally:
        driver.stop()
        await elsewhere.close()
