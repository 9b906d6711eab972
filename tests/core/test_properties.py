"""Whatever people and Asterisk do, in any order: the invariants hold after every step, an
independent auditor agrees, and when calm returns everything comes to its end (K04, Q08, C01, C07).
"""

import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from acd.simulation import watched
from acd.simulation.shift import POLICIES
from acd.simulation.walk import ORDINARY, walk
from acd.simulation.world import World

# The same runs each time, so that a failure is this change's; HULING_EXPLORE=1 looks for new ones.
EXPLORE = os.environ.get("HULING_EXPLORE") == "1"

N = st.integers(0, 11)

WHOLE_EVERY = 1 if EXPLORE else 4
"""Steps of a long day between two looks at everything, which cost more than all else together.
What a step has touched is looked at after each; what is wrong elsewhere and stays so is seen within
these.  ``CareLine`` and the stories look at everything after each step."""


class Watched(watched.Watched):
    """A core, the world around it, and the auditor that watches both."""

    def __init__(self, policy: int = 0, *, whole_every: int = 1) -> None:
        super().__init__(whole_every=whole_every)
        self.world = World(self.tell, self.core.next_deadline, POLICIES[policy % len(POLICIES)])

    def converge(self) -> None:
        """The calm phase: no surprise any more, and everything comes to its end."""
        self.world.calm_down()
        self.close()


@pytest.mark.parametrize("seed", range(2_000 if EXPLORE else 60))
def test_a_long_day_breaks_no_promise(seed: int) -> None:
    """K04, Q08, C01, C07: hundreds of things happen, each at its wrong moment; then it is calm."""
    watched = Watched(policy=seed, whole_every=WHOLE_EVERY)
    walk(watched.world, seed, 600, ORDINARY)
    watched.converge()


class CareLine(RuleBasedStateMachine):
    """The same, with every choice hypothesis's, so that a failure shrinks to the few moments
    that matter."""

    @initialize(policy=N)
    def the_directory_is_read(self, policy: int) -> None:
        self.watched = Watched(policy)
        self.world = self.watched.world

    # More rules for what is common than for what is rare: hypothesis picks evenly.

    @rule(n=N, late=st.sampled_from([0, 0, 0, 700, 3_000]))
    def a_caller_calls(self, n: int, late: int) -> None:
        self.world.caller_calls(n, late)
        self.world.go_on(1)

    @rule(n=N)
    def a_caller_calls_and_is_rung(self, n: int) -> None:
        self.world.caller_calls(n)
        self.world.go_on(3)

    @rule(n=N)
    def a_caller_hangs_up(self, n: int) -> None:
        self.world.caller_hangs_up(n)

    @rule(n=N)
    def an_agent_hangs_up(self, n: int) -> None:
        self.world.agent_hangs_up(n)

    @rule(n=N)
    def a_channel_sticks(self, n: int) -> None:
        self.world.channel_sticks(n)

    @rule(n=N)
    def a_phone_rings(self, n: int) -> None:
        self.world.phone_rings(n)

    @rule(n=N)
    def an_agent_answers(self, n: int) -> None:
        self.world.phone_is_answered(n)

    @rule(n=N)
    def an_agent_answers_and_is_joined(self, n: int) -> None:
        self.world.phone_is_answered(n)
        self.world.go_on(8)

    @rule(n=N, why=N)
    def a_phone_refuses(self, n: int, why: int) -> None:
        self.world.phone_refuses(n, why)

    @rule(n=N)
    def asterisk_obeys(self, n: int) -> None:
        self.world.perform(n)

    @rule(n=N)
    def asterisk_refuses(self, n: int) -> None:
        self.world.perform(n, fails=True)

    @rule(n=N, twice=st.sampled_from([False, False, False, True]))
    def asterisk_tells(self, n: int, twice: bool) -> None:
        self.world.deliver(n, twice=twice)

    @rule(steps=st.integers(1, 12))
    def things_go_on(self, steps: int) -> None:
        self.world.go_on(steps)

    @rule(ms=st.sampled_from([1, 20, 500, 1_000, 2_000, 6_500, 15_000]))
    def time_passes(self, ms: int) -> None:
        self.world.wait(ms)

    @rule(n=N)
    def a_prompt_ends(self, n: int) -> None:
        self.world.prompt_ends(n)

    @rule(n=N, what=N, where=N)
    def an_agent_asks(self, n: int, what: int, where: int) -> None:
        self.world.agent_asks(n, what, where)

    @rule(n=N, what=N)
    def a_caller_is_heard(self, n: int, what: int) -> None:
        self.world.caller_is_heard(n, what)

    @rule(n=N, code=N)
    def an_agent_dials(self, n: int, code: int) -> None:
        self.world.agent_dials(n, code)

    @rule(n=N, digit=N)
    def a_key_is_pressed(self, n: int, digit: int) -> None:
        self.world.key_is_pressed(n, digit)

    @rule(n=N, what=N, who=N)
    def an_agent_controls_the_call(self, n: int, what: int, who: int) -> None:
        self.world.agent_controls(n, what, who)
        self.world.go_on(4)

    @rule(n=N, who=N, how=N)
    def an_agent_brings_a_colleague(self, n: int, who: int, how: int) -> None:
        self.world.agent_brings_a_colleague(n, who, how)

    @rule(n=N, who=N, how=N)
    def an_agent_asks_on_another_line(self, n: int, who: int, how: int) -> None:
        self.world.agent_asks_on_another_line(n, who, how)

    @rule(n=N, what=N, who=N)
    def a_supervisor_asks(self, n: int, what: int, who: int) -> None:
        self.world.supervisor_asks(n, what, who)

    @rule(n=N, what=N, who=N)
    def a_supervisor_steers(self, n: int, what: int, who: int) -> None:
        self.world.supervisor_steers(n, what, who)

    @rule(n=N)
    def a_desk_call_ends(self, n: int) -> None:
        self.world.desk_hangs_up(n)

    @rule(n=N, state=N)
    def a_phone_changes(self, n: int, state: int) -> None:
        self.world.phone_changes(n, state)

    @rule(what=N, n=N, level=st.integers(1, 10))
    def the_directory_changes(self, what: int, n: int, level: int) -> None:
        self.world.directory_changes(what, n, level)

    @precondition(lambda self: len(self.world.channels) > 3)
    @rule()
    def the_link_was_away(self) -> None:
        self.world.relink()

    @rule()
    def order_is_restored(self) -> None:
        self.world.order_is_restored()

    @rule(n=N)
    def nonsense_is_heard(self, n: int) -> None:
        self.world.nonsense(n)

    def teardown(self) -> None:
        """Not after a failure: one is enough."""
        if sys.exc_info()[0] is None and hasattr(self, "watched"):
            self.watched.converge()


TestCareLine = CareLine.TestCase
TestCareLine.settings = settings(
    max_examples=2_000 if EXPLORE else 120,
    stateful_step_count=100 if EXPLORE else 50,
    derandomize=not EXPLORE,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
