"""The service dies in the middle of everything, again and again, and nobody is forgotten (T18, K04,
X14)."""

import os

import pytest

from acd.simulation.lives import Lives

SEEDS = int(os.environ.get("HULING_LIVES", "24"))
DEATHS = 4


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nobody_is_forgotten_when_the_service_dies(seed: int) -> None:
    """Whoever is there is known again at once, with their place; whoever talks is left alone; who
    waited for long is with the dialplan, and known too; and in the end every call has its end."""
    lives = Lives(seed)
    lives.run(DEATHS)
    assert lives.epoch == DEATHS + 1
    assert lives.taken_up, "nobody was there when the service died"
