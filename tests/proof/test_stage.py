"""The loop of a run knows when it stood still: what no robot could send, nobody misses."""

from functools import partial

import pytest

from acd.proof import stage as module
from acd.proof.stage import Stage


def test_a_turn_that_came_late_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """An action takes half a second by the clock; the turns before and after it are in time."""
    clock = [1_000.0]
    monkeypatch.setattr(module, "now_ms", lambda: clock[0])

    def take(ms: float) -> None:
        clock[0] += ms

    with Stage() as stage:
        for ms in (20.0, 500.0, 30.0, 0.0):
            over: list[None] = []
            stage.after(0.0, partial(take, ms))
            stage.after(0.0, partial(over.append, None))
            assert stage.run(partial(bool, over), 1.0)
        assert stage.stalls == [(1_020.0, 1_520.0)]
        assert stage.stood_still_ms(0.0, 1_120.0) == 100.0
        assert stage.stood_still_ms(1_520.0, 9_000.0) == 0.0
