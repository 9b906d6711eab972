"""Too quiet for this hour of the week: told in calls that should have come (T18)."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from acd.adapters.postgres.errors import DatabaseRefused
from acd.adapters.postgres.usual import HOURS, CallHistory
from acd.core.facts import CallOffered
from acd.core.ids import CallId, EntryId, LegId
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.watching import usual as module
from acd.runtime.watching.usual import Usual, expected, usual

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2027, 3, 1, tzinfo=SHANGHAI)
WEEK = [0] * HOURS


def week(**hours: int) -> list[int]:
    """A week with so many calls in some of its hours: ``h9=60`` is Monday from nine to ten."""
    return [hours.get(f"h{hour}", 0) for hour in range(HOURS)]


def test_the_usual_is_the_mean_without_the_busiest_week() -> None:
    """One storm does not make every later Monday look quiet."""
    rates = usual([week(h9=60), week(h9=40), week(h9=900)])
    assert rates is not None
    assert rates[9] == 50
    assert sum(rates) == 50


def test_of_too_few_weeks_nothing_is_said() -> None:
    assert usual([]) is None
    assert usual([week(h9=60), week(h9=60)]) is None


def test_hours_count_for_as_long_as_they_last() -> None:
    """A quarter of Sunday's last hour and half of Monday's first."""
    rates = [0.0] * HOURS
    rates[167], rates[0] = 8.0, 100.0
    since = MONDAY - timedelta(minutes=15)
    assert expected(rates, since, MONDAY, SHANGHAI) == pytest.approx(2)
    assert expected(rates, since, MONDAY + timedelta(minutes=30), SHANGHAI) == pytest.approx(52)
    assert expected(rates, MONDAY, since, SHANGHAI) == 0


def test_a_silence_of_months_is_told_as_a_week() -> None:
    rates = [1.0] * HOURS
    assert expected(rates, MONDAY - timedelta(days=90), MONDAY, SHANGHAI) == pytest.approx(168)


def offered(at: datetime, *, synthetic: bool = False) -> CallOffered:
    return CallOffered(
        at_ms=int(at.timestamp() * 1000), call=CallId("1-1"),
        arrived_ms=int(at.timestamp() * 1000), leg=LegId("n1:1.1"), trunk=None, caller=None,
        called=EntryId("95001"), entry=EntryId("95001"), kind=None, queue=None, terminal=None,
        elders=(), synthetic=synthetic, recording=None,
    )  # fmt: skip


async def test_each_call_begins_the_silence_anew_and_a_proof_does_not() -> None:
    now = MONDAY + timedelta(hours=9, minutes=30)
    history = [CallHistory(calls=(tuple(week(h9=60)),) * 3, last=now - timedelta(minutes=20))]

    async def read(at: datetime) -> CallHistory:
        return history[0]

    metrics = Exposition()
    found = Usual(read, metrics, zone=SHANGHAI, now_ms=lambda: int(now.timestamp() * 1000))
    assert found.expected() is None
    await found.once()
    assert found.expected() == pytest.approx(20)
    metrics.past.add(offered(now - timedelta(minutes=5), synthetic=True))
    metrics.settle()
    assert found.expected() == pytest.approx(20)
    metrics.past.add(offered(now - timedelta(minutes=5)))
    metrics.settle()
    assert found.expected() == pytest.approx(5)
    await found.once()
    assert found.expected() == pytest.approx(5), "the database is behind, not ahead"
    history[0] = CallHistory(calls=(), last=None)
    await found.once()
    assert b"\nhuling_calls_expected_since_last " not in metrics.exposition()
    assert found.expected() is None
    assert now.astimezone(UTC).hour == 1


async def test_a_history_that_is_refused_costs_the_switch_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The task ended by it, and the whole service with the task."""
    monkeypatch.setattr(module, "AGAIN_S", 0)
    answers: list[Exception | None] = [DatabaseRefused("permission denied for table call"), None]
    read_twice = asyncio.Event()

    async def read(at: datetime) -> CallHistory:
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        read_twice.set()
        return CallHistory(calls=(), last=None)

    found = Usual(read, Exposition(), zone=SHANGHAI, now_ms=lambda: 0)
    running = asyncio.create_task(found.run())
    either = {running, asyncio.ensure_future(read_twice.wait())}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    assert read_twice.is_set() and not running.done()
    running.cancel()
