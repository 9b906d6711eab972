"""Emergencies across deaths of the service: somebody is on the way from one room to another, 120
rings, a second phone is picked up, and the service is gone.

The next life has what PostgreSQL was told and what Asterisk shows.  Soon everybody must hear again
whom they should (``earshot``), rescue that was wanted is reached, rings or is owed, and nothing is
owed twice (``audit.debts``).
"""

from collections.abc import Iterator, Sequence

from acd.core.commands import Command
from acd.core.events import Event, GuidanceDefined
from acd.core.facts import CaseNoted
from acd.core.state import Effect
from acd.core.switch import Core
from acd.simulation.audit.debts import Debts
from acd.simulation.earshot import amiss, lasting
from acd.simulation.emergencies import EMERGENCY_ACTS, PLAYS, POLICIES, SCRIPTS, Emergencies
from acd.simulation.lives import UNWRITTEN_MS_MAX, Lives
from acd.simulation.mortal import Mortal
from acd.simulation.walk import walk

ACTIONS_BETWEEN = 80
"""Between two deaths, before the play in which the service dies."""

PACE_MAX = 12
"""So many words and requests at most arrive between two steps of that play."""


class MortalEmergencies(Mortal, Emergencies):
    """The world of emergencies, in which the service may die."""

    def is_born_again(self, remembered: Sequence[Event]) -> None:
        self.feed(GuidanceDefined(SCRIPTS))
        super().is_born_again(remembered)


class CaseLives(Lives):
    """One run: in each life a case is played and breaks off somewhere."""

    world: MortalEmergencies
    debts: Debts | None = None

    def _new_world(self) -> MortalEmergencies:
        policy = POLICIES[self._seed % len(POLICIES)]
        world = MortalEmergencies(self._tell, lambda: self.core.next_deadline(), policy)
        self.debts = Debts(world.exchange)
        return world

    def _new_core(self) -> Core:
        if self.debts is not None:  # the first life has nothing to forget
            written_ms = self.core.state.now - UNWRITTEN_MS_MAX
            self.debts.born_again(self.memory.owed, written_ms)
        return super()._new_core()

    def run(self, deaths: int) -> None:
        """Live and die so many times, and come to rest."""
        world, chance = self.world, self._chance
        for _ in range(deaths):
            walk(world, chance.randrange(1 << 30), ACTIONS_BETWEEN, EMERGENCY_ACTS)
            self.look()
            for _ in range(chance.randrange(3)):
                world.case_begins(chance.randrange(60), chance.randrange(60))
            for _ in range(1 + chance.randrange(2)):
                self._play_a_part()
            if chance.random() < 0.2:
                world.restart()
            else:
                self.die()
            if chance.random() < 0.7:
                self.look()
        self._converge()

    def _play_a_part(self) -> None:
        """Somebody begins with what the procedure has for them, faster or slower than Asterisk."""
        chance = self._chance
        play = chance.choice(PLAYS)
        part = play[: 1 + chance.randrange(len(play))]
        pace = chance.randrange(PACE_MAX)
        self.world.part_is_played(chance.randrange(60), part, chance.randrange(60), pace)

    def look(self) -> None:
        """Nobody does anything for a while: then everybody hears whom they should."""
        found = lasting(self.world, self._amiss)
        assert not found, found

    def _amiss(self) -> Iterator[str]:
        assert self.debts is not None
        yield from amiss(self.core.state, self.world.exchange)
        yield from self.debts.amiss()

    def _tell(self, now_ms: int, event: Event) -> list[Command]:
        commands = super()._tell(now_ms, event)
        if self.debts is not None:
            self.debts.see(self.recent[-1][2])
        return commands

    def _see(self, effect: Effect) -> None:
        super()._see(effect)
        if isinstance(effect, CaseNoted):
            self.world.cases[effect.case.id] = None

    def _converge(self) -> None:
        super()._converge()
        timers = self.core.state.timers
        assert len(timers) == 0, timers.next_due()


class StillLives(CaseLives):
    """The same, and before its death the service has often stood still for long."""

    def die(self) -> None:
        if self._chance.random() < 0.5:
            self.stand_still()
        super().die()
