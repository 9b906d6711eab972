"""The clock counts on, whatever is done to the system's time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.runtime.clock import Clock


class Fake:
    """Wall and monotonic nanoseconds, moved by hand."""

    def __init__(self, wall_ms: int = 1_700_000_000_000) -> None:
        self.wall_ns = wall_ms * 1_000_000
        self.monotonic_ns = 5_000_000_000

    def clock(self, *, not_before_ms: int = 0) -> Clock:
        return Clock(
            not_before_ms=not_before_ms,
            wall_ns=lambda: self.wall_ns,
            monotonic_ns=lambda: self.monotonic_ns,
        )


def test_starts_at_wall_time_and_counts_monotonically() -> None:
    fake = Fake()
    clock = fake.clock()
    assert clock.now_ms() == 1_700_000_000_000
    fake.monotonic_ns += 1_234_999_999
    assert clock.now_ms() == 1_700_000_001_234


def test_a_corrected_system_clock_moves_nothing() -> None:
    fake = Fake()
    clock = fake.clock()
    fake.wall_ns -= 3_600_000_000_000
    fake.monotonic_ns += 1_000_000
    assert clock.now_ms() == 1_700_000_000_001


def test_time_goes_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual machine that was paused for an hour was an hour late until its next restart, in
    every deadline, greeting and record."""
    clock = Clock()
    before, real = clock.now_ms(), time.clock_gettime_ns
    woken_ns = {time.CLOCK_BOOTTIME: 3_600_000_000_000}
    monkeypatch.setattr(time, "clock_gettime_ns", lambda one: real(one) + woken_ns.get(one, 0))
    assert clock.now_ms() - before >= 3_600_000


def test_goes_on_from_the_journal_when_wall_time_was_set_back() -> None:
    fake = Fake(wall_ms=1_000)
    clock = fake.clock(not_before_ms=5_000)
    assert clock.now_ms() == 5_000
    assert clock.ahead_ms == 4_000


def test_an_older_journal_does_not_hold_it_back() -> None:
    clock = Fake(wall_ms=9_000).clock(not_before_ms=5_000)
    assert clock.now_ms() == 9_000
    assert clock.ahead_ms == 0


@given(st.lists(st.integers(min_value=0, max_value=10**12), max_size=50))
def test_never_steps_back(moves_ns: list[int]) -> None:
    fake = Fake()
    clock = fake.clock()
    last = clock.now_ms()
    for move in moves_ns:
        fake.monotonic_ns += move
        assert clock.now_ms() >= last
        last = clock.now_ms()
