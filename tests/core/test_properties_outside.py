"""Whatever people, phones, operators and outside numbers do: the invariants hold after every step,
no number has two legs of ours, what is owed is never forgotten, and when calm returns everything
comes to its end (T19, T31, C02)."""

import os
from collections.abc import Sequence
from random import Random
from typing import get_args

import pytest

from acd.core.commands import Command, DialNumber
from acd.core.events import Event
from acd.core.facts import CallPlaced, DialEnded, NumberDialled, ObligationNoted, PlacedCallEnded
from acd.core.ids import CallId, DialId, ObligationId
from acd.core.invariants import check_all, check_touched
from acd.core.numbers import is_rescue_form
from acd.core.state import Effect
from acd.core.switch import Core
from acd.simulation.audit.hearing import Hearing
from acd.simulation.outside import OUTSIDE_ACTS, OUTSIDE_POLICIES, Outside
from acd.simulation.walk import walk

COMMANDS = get_args(Command)
EXPLORE = os.environ.get("HULING_EXPLORE") == "1"

WHOLE_EVERY = 1 if EXPLORE else 4
"""Steps between two looks at everything; what a step has touched is looked at after each."""


class Watched:
    """A core, the world with its outside, and books on every dial and placed call."""

    def __init__(self, policy: int) -> None:
        self.core = Core(epoch=1, dice=Random(1), strict=True)
        self.placed: dict[CallId, None] = {}
        self.dialling: dict[DialId, None] = {}
        self.hearing = Hearing()
        self.ended = 0
        self.owed = 0
        self.steps = 0
        self.seen: dict[ObligationId, None] = {}
        queues = OUTSIDE_POLICIES[policy % len(OUTSIDE_POLICIES)]
        self.world = Outside(self._tell, self.core.next_deadline, queues)

    def _tell(self, now_ms: int, event: Event) -> Sequence[Command]:
        effects = self.core.step(now_ms, event)
        self.steps += 1
        wrong = check_touched(self.core.state)
        if self.steps % WHOLE_EVERY == 0:
            wrong += check_all(self.core.state)
        assert not wrong, wrong
        for effect in effects:
            self._note(effect)
        self.hearing.see(event, effects)
        return [effect for effect in effects if isinstance(effect, COMMANDS)]

    def _note(self, effect: Effect) -> None:
        match effect:
            case CallPlaced(call=call):
                self.placed[call] = None
            case PlacedCallEnded(call=call):
                del self.placed[call]  # one account for each, and none without its beginning
                self.ended += 1
            case NumberDialled(dial=dial, person=person, number=number):
                self.dialling[dial] = None
                assert person is not None or not is_rescue_form(number)
            case DialEnded(dial=dial):
                del self.dialling[dial]
            case ObligationNoted(obligation=owed):
                if owed.is_open:
                    self.world.owed[owed.id] = None
                    self.owed += owed.id not in self.seen
                    self.seen[owed.id] = None
                else:
                    del self.world.owed[owed.id]  # it ends once
            case DialNumber(number=number):
                assert number != "110", "nobody has listed it"
            case _:
                pass

    def converge(self) -> None:
        self.world.calm_down()
        s = self.core.state
        wrong = check_all(s)
        assert not wrong, wrong
        left = (s.calls, s.desk_calls, s.legs, s.offers, s.rooms, s.playbacks, s.dials, s.dialled)
        assert not any(left), left
        assert not self.placed and not self.dialling
        # Whose phone is another's by now is never rung by a test, and waits for a change of seats.
        phoneless = [a for a in s.agents.values() if a.trial and s.ringing_phone(a) is None]
        assert len(s.timers) == len(phoneless)


@pytest.mark.parametrize("week", range(150 if EXPLORE else 5))
def test_long_days_with_the_world_outside(week: int) -> None:
    ended = owed = 0
    for seed in range(7 * week, 7 * week + 7):
        watched = Watched(seed)
        walk(watched.world, seed, 600, OUTSIDE_ACTS)
        watched.converge()
        ended += watched.ended
        owed += watched.owed
    assert ended and owed, "nobody has called anybody, or nothing was owed"
