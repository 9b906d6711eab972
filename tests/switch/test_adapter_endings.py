"""When an unknown channel means that somebody has hung up, and when it does not.  No Asterisk."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import cast

from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.endings import Endings
from acd.adapters.asterisk.errors import AsteriskRefused
from acd.core.events import Hangup, LegGone
from acd.core.ids import LegId
from tests.switch.adapter import Inbox

LEG = LegId("n1:1")


class Stranger:
    """An Asterisk that knows no channel, as one that was just started (``AriClient.subscribe``)."""

    async def subscribe(self, channels: Iterable[str]) -> None:
        raise AsteriskRefused(422, f"One or more event sources do not exist: {list(channels)}.")


async def asked_of(*, is_up: bool) -> Inbox:
    """Watch a leg of which the new Asterisk knows nothing; return what was told."""
    inbox = Inbox()
    tasks: list[asyncio.Task[None]] = []
    begun = asyncio.Event()

    def spawn(work: Coroutine[None, None, None], _: str) -> None:
        tasks.append(asyncio.ensure_future(work))
        begun.set()

    endings = Endings(
        cast(AriClient, Stranger()),
        inbox,
        is_up=lambda: is_up,
        spawn=spawn,
        heard=inbox.put,
        forget=lambda leg: None,
    )
    endings.watch(LEG)
    await asyncio.wait_for(begun.wait(), 60)
    await asyncio.gather(*tasks)
    return inbox


async def test_who_is_not_there_any_more_has_hung_up() -> None:
    assert (await asked_of(is_up=True)).heard == [LegGone(LEG, Hangup.NORMAL)]


async def test_whom_an_asterisk_that_was_started_again_does_not_know_has_not_hung_up() -> None:
    """The callers that it had were cut off: taken for hung up, they were owed nothing (T14)."""
    inbox = await asked_of(is_up=False)
    assert inbox.heard == []
    assert inbox.counts["leg not watched"] == 1
