"""A long day in the make-believe world, told by a seed: mostly ordinary, not always."""

from collections.abc import Callable
from random import Random

from acd.simulation.world import World

ACTIONS: tuple[tuple[int, Callable[[World, Random], object]], ...] = (
    (20, lambda w, r: w.caller_calls(_n(r), r.choice((0, 0, 0, 900)))),
    (8, lambda w, r: w.caller_hangs_up(_n(r))),
    (4, lambda w, r: w.agent_hangs_up(_n(r))),
    (20, lambda w, r: w.phone_rings(_n(r))),
    (20, lambda w, r: w.phone_is_answered(_n(r))),
    (5, lambda w, r: w.phone_refuses(_n(r), _n(r))),
    (60, lambda w, r: w.go_on(r.randint(1, 10))),
    (30, lambda w, r: w.perform(_n(r))),
    (4, lambda w, r: w.perform(_n(r), fails=True)),
    (30, lambda w, r: w.deliver(_n(r))),
    (3, lambda w, r: w.deliver(_n(r), twice=True)),
    (30, lambda w, r: w.wait(r.choice((1, 20, 500, 1_000, 2_000, 6_500)))),
    (8, lambda w, r: w.prompt_ends(_n(r))),
    (4, lambda w, r: w.message_ends(_n(r))),
    (10, lambda w, r: w.caller_presses(_n(r), _n(r))),
    (12, lambda w, r: w.agent_asks(_n(r), _n(r), _n(r))),
    (8, lambda w, r: w.agent_dials(_n(r), _n(r))),
    (5, lambda w, r: w.desk_hangs_up(_n(r))),
    (20, lambda w, r: w.phone_speaks(_n(r), _n(r))),
    (20, lambda w, r: w.caller_is_heard(_n(r), _n(r))),
    (5, lambda w, r: w.key_is_pressed(_n(r), _n(r))),
    (20, lambda w, r: w.agent_brings_a_colleague(_n(r), _n(r), _n(r))),
    (20, lambda w, r: w.agent_asks_on_another_line(_n(r), _n(r), _n(r))),
    (20, lambda w, r: w.agent_controls(_n(r), _n(r), _n(r))),
    (12, lambda w, r: w.supervisor_asks(_n(r), _n(r), _n(r))),
    (12, lambda w, r: w.supervisor_steers(_n(r), _n(r), _n(r))),
    (8, lambda w, r: w.phone_changes(_n(r), r.choice((0, 0, 1, 2)))),
    (5, lambda w, r: w.directory_changes(_n(r), _n(r), r.randint(1, 10))),
    (3, lambda w, r: w.nonsense(_n(r))),
    (1, lambda w, r: w.relink()),
    (4, lambda w, r: w.compare()),
    (1, lambda w, r: w.vanishes(_n(r))),
    (3, lambda w, r: w.channel_sticks(_n(r))),
    (8, lambda w, r: w.order_is_restored()),
)
_WEIGHTS = [weight for weight, _ in ACTIONS]


def walk(world: World, seed: int, actions: int) -> None:
    """Let so many things happen."""
    chance = Random(seed)
    for _ in range(actions):
        _, act = chance.choices(ACTIONS, _WEIGHTS)[0]
        act(world, chance)


def _n(chance: Random) -> int:
    return chance.randrange(60)
