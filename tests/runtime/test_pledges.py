"""Nobody is told that something is done before it is stored, and nothing untrue of it."""

import asyncio
from collections.abc import Sequence

import pytest

from acd.adapters.postgres.errors import DatabaseAway, NotTheOwner
from acd.core.directory import EntryKind
from acd.core.events import TimePassed
from acd.core.facts import Fact, ObligationNoted, Repaired
from acd.core.follow_up.owed import Obligation, ObligationKind, OwedFor
from acd.core.ids import ObligationId, RequestId
from acd.core.replies import Done, Refusal, Refused
from acd.core.tables import ObligationState
from acd.runtime import pledges, records
from acd.runtime.clock import Clock
from acd.runtime.pledges import Acknowledgements
from acd.runtime.records import Recorder
from tests.runtime.test_records import Store, refused

DONE = Done(RequestId("r"), "owed")


def promise(key: str = "1-o1") -> ObligationNoted:
    owed = Obligation(
        id=ObligationId(key),
        kind=ObligationKind.CALLBACK,
        why=OwedFor.REQUESTED,
        state=ObligationState.OWED,
        queue=None,
        entry=None,
        entry_kind=EntryKind.ENQUIRY,
        number="02160000001",
        terminal=None,
        elders=(),
        call=None,
        since_ms=1,
        created_ms=1,
        deadline_ms=2,
        next_ms=None,
        escalate_ms=2,
    )
    return ObligationNoted(at_ms=1, call=None, what="owed", obligation=owed)


class House:
    """A recorder on a store, a disk, and a person who waits for replies."""

    def __init__(self, store: Store, *, facts_max: int = 100) -> None:
        self.recorder = Recorder(store, Clock(), epoch=1, facts_max=facts_max)
        self.replies: asyncio.Queue[Done | Refused] = asyncio.Queue()
        self.disk = asyncio.Event()
        self.disk.set()
        self.pledges = Acknowledgements(self.recorder, self._synced, self.replies.put_nowait)
        self.recorder.start()

    async def _synced(self) -> bool:
        await self.disk.wait()
        return True

    def step(self, *facts: Fact, reply: Done | Refused = DONE) -> None:
        """What the driver does of a step."""
        self.pledges.stepped(1, TimePassed(), facts, 0)
        for fact in facts:
            self.recorder.decided(fact)
            if type(fact) in self.pledges.wants:
                self.pledges.decided(fact)
        self.pledges.reply(reply)

    async def told(self) -> Done:
        async with asyncio.timeout(5):
            reply = await self.replies.get()
        assert isinstance(reply, Done)
        return reply

    async def end(self) -> None:
        await self.recorder.stop(patience_s=0)
        await self.pledges.stop()


async def turns(count: int = 20) -> None:
    """Let everything that can go on do so."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_promise_is_acknowledged_when_the_store_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And it does not linger for others to come along (field notes 23)."""
    monkeypatch.setattr(records, "LINGER_S", 3600)
    store = Store()
    store.gate.clear()
    house = House(store)
    house.step(promise())
    await turns()
    assert house.replies.empty()
    store.gate.set()
    reply = await house.told()
    assert reply.stored
    assert [type(fact) for _, fact in store.written] == [ObligationNoted]
    await house.end()


async def test_what_promises_nothing_is_answered_at_once() -> None:
    store = Store()
    store.gate.clear()
    house = House(store)
    house.step(promise())
    house.step(Repaired(at_ms=1, what="w", key="k"), reply=Done(RequestId("other"), "ready"))
    assert house.replies.get_nowait() == Done(RequestId("other"), "ready")
    refusal = Refused(RequestId("r"), Refusal.NO_REASON, "Say why.")
    house.step(promise(), reply=refusal)
    assert house.replies.get_nowait() is refusal
    await house.end()


async def test_with_postgresql_away_the_disk_must_do_and_the_reply_says_so() -> None:
    store = Store(*[DatabaseAway("gone")] * 100)
    house = House(store)
    house.disk.clear()
    house.recorder.decided(promise())
    await turns()
    assert house.recorder.away_since_ms is not None
    house.step(promise("1-o2"))
    await turns()
    assert house.replies.empty()
    house.disk.set()
    assert not (await house.told()).stored
    assert house.pledges.unstored == 1
    await house.end()


async def test_a_slow_postgresql_is_waited_for_only_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pledges, "STORED_S", 0)
    store = Store()
    store.gate.clear()
    house = House(store)
    house.step(promise())
    assert not (await house.told()).stored
    await house.end()


async def test_what_is_refused_given_up_or_fenced_is_not_called_stored() -> None:
    store = Store(refused(ValueError("a value")))
    house = House(store)
    house.step(promise())
    assert not (await house.told()).stored
    assert house.recorder.refused == 1
    await house.end()

    store = Store()
    store.gate.clear()
    house = House(store, facts_max=1)
    house.recorder.decided(Repaired(at_ms=1, what="w", key="k"))
    house.step(promise())
    assert not (await house.told()).stored
    assert house.recorder.given_up == 1
    await house.end()

    house = House(Store(NotTheOwner("another has it")))
    house.step(promise("1-o1"))
    house.step(promise("1-o2"))
    assert [(await house.told()).stored for _ in range(2)] == [False, False]
    house.step(promise("1-o3"))
    assert not (await house.told()).stored
    await house.end()


async def test_each_waits_for_its_own_promise() -> None:
    """One that cannot be stored takes no other with it."""

    class Picky(Store):
        async def write(self, epoch: int, batch: Sequence[tuple[int, Fact]]) -> None:
            if any(getattr(fact, "what", "") == "odd" for _, fact in batch):
                raise refused(ValueError("odd"))
            await super().write(epoch, batch)

    house = House(Picky())
    odd = ObligationNoted(at_ms=1, call=None, what="odd", obligation=promise().obligation)
    house.step(promise("1-o1"), reply=Done(RequestId("first"), "owed"))
    house.step(odd, reply=Done(RequestId("odd"), "owed"))
    house.step(promise("1-o3"), reply=Done(RequestId("last"), "owed"))
    told = [await house.told() for _ in range(3)]
    assert {one.request: one.stored for one in told} == {"first": True, "odd": False, "last": True}
    await house.end()
