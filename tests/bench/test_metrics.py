"""The bench of metrics and events: half of its rounds go through a journal; both tell a share."""

import asyncio

from bench.core.lives import Lives
from bench.metrics.__main__ import measured, once, once_journalled


def test_a_round_with_a_journal_counts_it_as_part_of_the_step() -> None:
    world = Lives(agents=3, waiting=2, keeps_steps=True)
    world.live(5)
    inputs = [(now_ms, event) for now_ms, event, _ in world.steps]
    bare, served = once(inputs), asyncio.run(once_journalled(inputs))
    assert (bare.journalling, bare.step) == (0, bare.deciding)
    assert served.journalling > 0
    assert served.step == served.deciding + served.journalling


def test_both_shares_are_told_with_what_is_wanted_of_them() -> None:
    found = {one.name: one for one in asyncio.run(measured(5, rounds=1))}
    for name in ("share", "served_share"):
        assert found[name].wanted == "under 3"
        assert found[name].holds is (found[name].value < 3)
