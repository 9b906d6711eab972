"""A long day in the make-believe world, told by a seed: mostly ordinary, not always."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias, TypeVar

from acd.simulation.world import World

_W = TypeVar("_W", bound=World)

Act: TypeAlias = tuple[int, Callable[[_W, Random], object]]
"""How often something happens beside the others, and what it is."""

ORDINARY: tuple[Act[World], ...] = (
    (20, lambda w, r: w.caller_calls(pick(r), r.choice((0, 0, 0, 900)))),
    (8, lambda w, r: w.caller_hangs_up(pick(r))),
    (4, lambda w, r: w.agent_hangs_up(pick(r))),
    (20, lambda w, r: w.phone_rings(pick(r))),
    (20, lambda w, r: w.phone_is_answered(pick(r))),
    (5, lambda w, r: w.phone_refuses(pick(r), pick(r))),
    (60, lambda w, r: w.go_on(r.randint(1, 10))),
    (30, lambda w, r: w.perform(pick(r))),
    (4, lambda w, r: w.perform(pick(r), fails=True)),
    (30, lambda w, r: w.deliver(pick(r))),
    (3, lambda w, r: w.deliver(pick(r), twice=True)),
    (30, lambda w, r: w.wait(r.choice((1, 20, 500, 1_000, 2_000, 6_500)))),
    (8, lambda w, r: w.prompt_ends(pick(r))),
    (4, lambda w, r: w.message_ends(pick(r))),
    (10, lambda w, r: w.caller_presses(pick(r), pick(r))),
    (12, lambda w, r: w.agent_asks(pick(r), pick(r), pick(r))),
    (8, lambda w, r: w.agent_dials(pick(r), pick(r))),
    (5, lambda w, r: w.desk_hangs_up(pick(r))),
    (20, lambda w, r: w.phone_speaks(pick(r), pick(r))),
    (20, lambda w, r: w.caller_is_heard(pick(r), pick(r))),
    (5, lambda w, r: w.key_is_pressed(pick(r), pick(r))),
    (20, lambda w, r: w.agent_brings_a_colleague(pick(r), pick(r), pick(r))),
    (20, lambda w, r: w.agent_asks_on_another_line(pick(r), pick(r), pick(r))),
    (20, lambda w, r: w.agent_controls(pick(r), pick(r), pick(r))),
    (12, lambda w, r: w.supervisor_asks(pick(r), pick(r), pick(r))),
    (12, lambda w, r: w.supervisor_steers(pick(r), pick(r), pick(r))),
    (8, lambda w, r: w.phone_changes(pick(r), r.choice((0, 0, 1, 2)))),
    (5, lambda w, r: w.directory_changes(pick(r), pick(r), r.randint(1, 10))),
    (3, lambda w, r: w.nonsense(pick(r))),
    (1, lambda w, r: w.relink()),
    (4, lambda w, r: w.compare()),
    (1, lambda w, r: w.vanishes(pick(r))),
    (3, lambda w, r: w.channel_sticks(pick(r))),
    (8, lambda w, r: w.order_is_restored()),
)


def walk(
    world: _W,
    seed: int,
    actions: int,
    acts: Sequence[Act[_W]],
    *,
    every: int = 1,
    look: Callable[[], None] = lambda: None,
) -> None:
    """Let so many things happen, with a look after every so many."""
    chance = Random(seed)
    weights = [weight for weight, _ in acts]
    for number in range(1, actions + 1):
        _, act = chance.choices(acts, weights)[0]
        act(world, chance)
        if number % every == 0:
            look()


def pick(chance: Random) -> int:
    """Say which of those whom it may concern: the world takes it modulo how many there are."""
    return chance.randrange(60)
