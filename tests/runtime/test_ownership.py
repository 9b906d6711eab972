"""Who may act: the gate that closes after a standstill, and the standby's judgement of a lease."""

import asyncio
from typing import cast

import pytest

from acd.adapters.asterisk import AsteriskNodes, AsteriskUnreachable, Gate, GateState
from acd.adapters.postgres.lease import Lease, PostgresLease
from acd.runtime import ownership
from acd.runtime.clock import Clock
from acd.runtime.ownership import Ownership
from acd.runtime.standby import Watch


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def gate(time: Time) -> Gate:
    return Gate(gap_s=1.0, now_s=time)


def test_a_gate_is_closed_until_somebody_has_found_out(gate: Gate) -> None:
    assert not gate.is_open()
    gate.confirm()
    assert gate.is_open()


def test_a_gate_stays_open_while_time_goes_on(gate: Gate, time: Time) -> None:
    gate.confirm()
    for _ in range(50):
        time.s += 0.9
        gate.beat()
    assert gate.is_open()


def test_a_standstill_closes_the_gate_whoever_comes_first(gate: Gate, time: Time) -> None:
    """The late tick itself must not hide that it is late."""
    seen: list[GateState] = []
    gate.on_change(seen.append)
    gate.confirm()
    time.s += 1.1
    gate.beat()
    assert not gate.is_open()
    assert seen == [GateState.OPEN, GateState.CLOSED]
    gate.confirm()
    assert gate.is_open()


def test_a_gate_knows_for_how_long_nothing_went_on(gate: Gate, time: Time) -> None:
    assert gate.stood_still_s() == 0.0, "it was never open"
    gate.confirm()
    time.s += 0.9
    assert gate.stood_still_s() == 0.0
    time.s += 2.1
    assert gate.stood_still_s() == 3.0
    gate.confirm()
    assert gate.stood_still_s() == 0.0


def test_what_is_lost_never_opens_again(gate: Gate) -> None:
    gate.confirm()
    gate.lose("Another.")
    gate.confirm()
    gate.beat()
    assert not gate.is_open()
    assert gate.state is GateState.LOST


async def test_who_waits_at_a_gate_goes_on_or_is_told(gate: Gate) -> None:
    first = asyncio.create_task(gate.passed())
    await asyncio.sleep(0)
    gate.confirm()
    await first
    gate.lose("Another service has it.")
    with pytest.raises(AsteriskUnreachable, match="Another service has it"):
        await gate.passed()


def lease(renewals: int, *, epoch: int = 7, released: bool = False) -> Lease:
    return Lease(
        epoch=epoch,
        owner="huling abc",
        address="http://127.0.0.1:8080",
        renewals=renewals,
        seen_ms=0,
        released=released,
    )


def test_a_lease_that_is_renewed_is_never_free() -> None:
    watch = Watch()
    assert not any(watch.is_free(lease(n), float(n)) for n in range(100))


def test_a_lease_is_free_when_it_has_not_grown_for_three_seconds() -> None:
    watch = Watch()
    assert not watch.is_free(lease(5), 10.0)
    assert not watch.is_free(lease(5), 12.9)
    assert watch.is_free(lease(5), 13.0)


def test_a_new_holder_has_its_own_time() -> None:
    watch = Watch()
    watch.is_free(lease(5), 10.0)
    assert not watch.is_free(lease(5, epoch=8), 13.0)
    assert watch.is_free(lease(5, epoch=8), 16.0)


def test_what_was_seen_before_a_gap_says_nothing() -> None:
    """PostgreSQL has been away: its holder could not renew, and has the whole time again."""
    watch = Watch()
    watch.is_free(lease(5), 10.0)
    watch.blind()
    assert not watch.is_free(lease(5), 14.0)
    assert watch.is_free(lease(5), 17.0)


def test_nobodys_lease_and_one_given_back_are_free_at_once() -> None:
    assert Watch().is_free(None, 0.0)
    assert Watch().is_free(lease(5, released=True), 0.0)


class Asked:
    """An Asterisk and a lease that are ours; the first question meets a defect of our own."""

    def __init__(self) -> None:
        self.questions = 0
        self.renewed = asyncio.Event()

    async def renew(self, *_: object, **__: object) -> bool:
        self.questions += 1
        if self.questions == 1:
            raise KeyError("a defect of ours")
        self.renewed.set()
        return True

    async def release(self, *_: object, **__: object) -> None:
        pass


async def test_a_defect_does_not_end_the_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task ended without a word: no lease was renewed, no sign of life given, and the gate
    stayed closed after the next standstill, for as long as the process lived."""
    monkeypatch.setattr(ownership, "RENEW_S", 0)
    monkeypatch.setattr(ownership, "AGAIN_S", 0)
    gate, asked = Gate(), Asked()
    node, lease_of = cast(AsteriskNodes, asked), cast(PostgresLease, asked)
    kept = Ownership(lease_of, gate, node, Clock(), epoch=1)
    kept.start()
    async with asyncio.timeout(60):
        await asked.renewed.wait()
    assert gate.is_open()
    await kept.stop()
