"""Facts reach PostgreSQL in order, once, and whatever PostgreSQL does meanwhile."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import pytest

from acd.adapters.postgres.errors import DatabaseAway, DatabaseRefused, NotTheOwner
from acd.core.events import DigitPressed
from acd.core.facts import Defect, Fact, Ignored, Repaired
from acd.core.ids import LegId
from acd.runtime import records
from acd.runtime.clock import Clock
from acd.runtime.records import Numbering, Recorder
from acd.runtime.shortfall import Shortfall


class Store:
    """Keeps what is written, and fails as told: an exception is raised, None is a success."""

    def __init__(self, *failures: Exception | None) -> None:
        self._failures = list(failures)
        self.written: list[tuple[int, Fact]] = []
        self.batches: list[int] = []
        self.poison: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, epoch: int, batch: Sequence[tuple[int, Fact]]) -> None:
        await self.gate.wait()
        self.batches.append(len(batch))
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        if any(getattr(fact, "key", "") in self.poison for _, fact in batch):
            raise refused(asyncpg.CheckViolationError("wait_ms"))
        self.written.extend(batch)


def refused(cause: Exception) -> DatabaseRefused:
    error = DatabaseRefused("no")
    error.__cause__ = cause
    return error


def fact(key: str) -> Fact:
    return Repaired(at_ms=1, what="w", key=key)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LINGER_S", 0)
    monkeypatch.setattr(records, "BACKOFF_S", (0,))


async def run(store: Store, keys: str, *, facts_max: int = 100) -> Recorder:
    recorder = Recorder(store, Clock(), epoch=1, facts_max=facts_max)
    recorder.start()
    for key in keys:
        recorder.decided(fact(key))
    async with asyncio.timeout(60):
        await recorder.flush()
    await recorder.stop(patience_s=1)
    return recorder


def keys(store: Store) -> str:
    return "".join(getattr(fact, "key", "?") for _, fact in store.written)


async def test_in_order_and_in_few_batches() -> None:
    store = Store()
    recorder = await run(store, "abcdef")
    assert keys(store) == "abcdef"
    assert [number for number, _ in store.written] == [1, 2, 3, 4, 5, 6]
    assert len(store.batches) == 1
    assert (recorder.written, len(recorder), recorder.lag_ms()) == (6, 0, 0)


async def test_while_postgresql_is_away_they_wait() -> None:
    store = Store(DatabaseAway("gone"), DatabaseAway("gone"), OSError("gone"))
    recorder = await run(store, "abc")
    assert keys(store) == "abc"
    assert recorder.refused == 0


async def test_a_full_disk_is_waited_for_and_costs_nothing() -> None:
    store = Store(refused(asyncpg.DiskFullError("no space")))
    recorder = await run(store, "abc")
    assert keys(store) == "abc"
    assert recorder.refused == 0


@pytest.mark.parametrize(
    ("failures", "facts_max", "in_the_end"),
    [
        ([DatabaseAway("gone")], 100, None),
        ([DatabaseAway("gone"), DatabaseAway("gone"), NotTheOwner("another's")], 100, (1, 1)),
        ([DatabaseAway("our sessions are ended"), NotTheOwner("another's")], 100, None),
        ([DatabaseAway("gone")], 2, (1, 1)),
    ],
    ids=["written", "away and fenced", "fenced", "given up"],
)
async def test_what_postgresql_lacks_is_noted_until_it_has_it(
    tmp_path: Path, failures: list[Exception], facts_max: int, in_the_end: tuple[int, int] | None
) -> None:
    """Who dies meanwhile would leave nothing that says so, and the journal would not be asked."""
    shortfall = Shortfall(tmp_path)
    noted: list[tuple[int, int] | None] = []

    class Looks(Store):
        async def write(self, epoch: int, batch: Sequence[tuple[int, Fact]]) -> None:
            noted.append(shortfall.read())
            await super().write(epoch, batch)

    recorder = Recorder(
        Looks(*failures), Clock(), epoch=1, facts_max=facts_max, shortfall=shortfall
    )
    recorder.start()
    for key in "abc":
        recorder.decided(fact(key))
    async with asyncio.timeout(60):
        await recorder.flush()
    await recorder.stop(patience_s=1)
    assert noted[:2] == [None, (1, 1)]
    assert shortfall.read() == in_the_end


@pytest.mark.parametrize("poison", ["a", "d", "g"])
async def test_a_fact_that_cannot_be_written_is_left_out_alone(poison: str) -> None:
    store = Store()
    store.poison = {poison}
    recorder = await run(store, "abcdefg")
    assert keys(store) == "abcdefg".replace(poison, "")
    assert recorder.refused == 1


async def test_at_the_limit_new_facts_are_given_up_and_counted() -> None:
    store = Store()
    store.gate.clear()
    recorder = Recorder(store, Clock(), epoch=1, facts_max=4)
    recorder.start()
    for key in "abcdefg":
        recorder.decided(fact(key))
    assert (len(recorder), recorder.given_up) == (4, 3)
    assert recorder.lag_ms() > 0
    store.gate.set()
    async with asyncio.timeout(60):
        await recorder.flush()
    recorder.decided(fact("h"))
    async with asyncio.timeout(60):
        await recorder.flush()
    assert keys(store) == "abcdh"
    assert store.written[-1][0] == 8, "a number is used up by each fact, so a replay finds it"
    await recorder.stop(patience_s=1)


async def test_the_end_does_not_wait_for_ever() -> None:
    store = Store()
    store.gate.clear()
    recorder = Recorder(store, Clock(), epoch=1, facts_max=4)
    recorder.start()
    recorder.decided(fact("a"))
    async with asyncio.timeout(60):
        await recorder.stop(patience_s=0)
    assert len(recorder) == 1


def test_a_storm_of_harmless_events_is_counted_and_not_kept() -> None:
    numbering = Numbering()
    ignored = Ignored(at_ms=1, reason="a digit with no meaning here", key="")
    assert numbering.of(fact("a")) == 1
    assert numbering.of(ignored) is None
    assert numbering.of(fact("b")) == 3


def test_a_replay_gives_facts_the_numbers_they_had() -> None:
    numbering = Numbering()
    defect = Defect(at_ms=1, sentence="s", call=None)
    ignored = Ignored(at_ms=1, reason="r", key="")
    assert list(numbering.kept([ignored, defect])) == [(2, defect)]
    assert list(numbering.kept([])) == []
    assert list(numbering.kept([fact("a")])) == [(3, fact("a"))]
    assert not list(numbering.kept([DigitPressed(LegId("n1:1"), "1")]))  # type: ignore[list-item]


async def test_a_lost_cancellation_does_not_keep_it_alive() -> None:
    """asyncpg may turn a cancellation into an error of its own, after which the writer tries again:
    a service that had lost the switch went on for ever so, and never stood by (T18)."""

    class Swallowing(Store):
        async def write(self, epoch: int, batch: Sequence[tuple[int, Fact]]) -> None:
            try:
                await super().write(epoch, batch)
            except asyncio.CancelledError:
                self.gate.set()
                raise DatabaseAway("another operation is in progress") from None

    store = Swallowing()
    store.gate.clear()
    recorder = Recorder(store, Clock(), epoch=1, facts_max=100)
    recorder.start()
    recorder.decided(fact("a"))
    async with asyncio.timeout(60):
        await recorder.stop(patience_s=0.01)
    assert keys(store) == "a", "it had gone on, and was told again"
