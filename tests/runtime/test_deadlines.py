"""One timer for all answers of the same patience."""

import asyncio
from typing import Any

from acd.adapters.deadlines import Deadlines
from acd.adapters.done import DONE


async def test_what_is_not_done_in_time_is_given_up_in_its_order() -> None:
    loop = asyncio.get_running_loop()
    given_up: list[tuple[asyncio.Future[Any], str]] = []
    all_given_up = asyncio.Event()

    def give_up(answer: asyncio.Future[Any], of: str) -> None:
        given_up.append((answer, of))
        if of == "third":
            all_given_up.set()

    deadlines = Deadlines(0.01, give_up)
    first, second, third = (loop.create_future() for _ in range(3))
    began = loop.time()
    deadlines.add(first, "first")
    deadlines.add(second, "second")
    second.set_result(None)
    deadlines.add(third, "third")
    await asyncio.wait_for(all_given_up.wait(), 60)
    assert given_up == [(first, "first"), (third, "third")]
    assert loop.time() - began >= 0.01


async def test_a_later_one_has_its_whole_time() -> None:
    """The timer that is set belongs to whoever began first, and may be done long before."""
    loop = asyncio.get_running_loop()
    given_up: asyncio.Future[float] = loop.create_future()
    deadlines: Deadlines[None] = Deadlines(
        0.05, lambda answer, of: given_up.set_result(loop.time())
    )
    early, late = loop.create_future(), loop.create_future()
    deadlines.add(early, None)
    began: asyncio.Future[float] = loop.create_future()

    def begin() -> None:
        deadlines.add(late, None)
        began.set_result(loop.time())

    early.set_result(None)
    loop.call_later(0.02, begin)
    assert await asyncio.wait_for(given_up, 60) - await began >= 0.049


async def test_nothing_is_given_up_after_the_end() -> None:
    loop = asyncio.get_running_loop()
    given_up: list[str] = []
    deadlines: Deadlines[str] = Deadlines(0.0, lambda answer, of: given_up.append(of))
    deadlines.add(loop.create_future(), "one")
    deadlines.stop()
    passed: asyncio.Future[None] = loop.create_future()
    loop.call_later(0.005, passed.set_result, None)
    await passed
    assert not given_up


async def test_what_is_done_may_be_awaited_again_and_again() -> None:
    await DONE
    await DONE
