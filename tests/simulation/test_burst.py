"""A burst of a thousand arrivals is dealt out at once, and nobody's phone rings for two."""

import pytest

from acd.simulation.burst import Burst


@pytest.mark.parametrize("agents", [2_000, 1_000, 300])
def test_a_thousand_arrivals_in_one_second_ring_nobody_twice(agents: int) -> None:
    """Issue 3, speed: with people enough, each caller has one phone rung for them within the
    second; with too few, each agent is rung once and the rest wait."""
    ticks = iter(range(10_000))
    took_ns: list[int] = []
    dealt = Burst(agents=agents, queues=50, calls=1_000).run(lambda: next(ticks), took_ns)
    assert dealt.rung_twice == 0
    assert all(len(phones) == 1 for phones in dealt.rung.values())
    assert len(dealt.rung) == min(agents, 1_000)
    assert len(took_ns) == 1_000
