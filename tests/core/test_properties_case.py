"""Cases under everything at once: all case commands, hang-ups and failures in any order never
silence, drop or forget a caller (E14–E18, E37, C07, C08), rescue is a person's to call, and no case
ends without an outcome or with something owed (E44, F09)."""

import os
from collections.abc import Iterator, Sequence
from random import Random
from typing import get_args

import pytest

from acd.core.call_control.keys import CODES
from acd.core.commands import Command, HangUp, Play, Release
from acd.core.directory import EntryKind
from acd.core.emergency.case import Case, Place
from acd.core.emergency.requests import AFTERWARDS
from acd.core.events import Control, Event, TimePassed
from acd.core.facts import CaseNoted, LegMoved, LegRole, ObligationNoted
from acd.core.follow_up.owed import Obligation
from acd.core.ids import CallId, CaseId, LegId, ObligationId, PlaybackId, RoomId
from acd.core.invariants import check_all, check_touched
from acd.core.state import Effect
from acd.core.switch import Core
from acd.simulation import earshot
from acd.simulation.audit.debts import Debts
from acd.simulation.audit.hearing import Hearing
from acd.simulation.callers import Callers
from acd.simulation.earshot import lasting
from acd.simulation.emergencies import EMERGENCY_ACTS, POLICIES, WORKED, Emergencies
from acd.simulation.exchange import Channel, Exchange
from acd.simulation.habits import CONTROLS
from acd.simulation.walk import walk

COMMANDS = get_args(Command)
EXPLORE = os.environ.get("HULING_EXPLORE") == "1"

HAPPENS = {
    "opened", "another call", "closed", "assigned", "form", "summary", "seen", "car sent",
    "no response", "responds", "agreement asked", "agreed", "not agreed",
    "a taken", "b taken", "a gone", "b gone", "a handed over", "b handed over",
    "one agent on duty", "two callbacks without response", "rescue room on the second phone",
    "all called", "safe", "help arrived", "medical reached", "medical was a recording",
    "to the rescue room", "by the second phone", "in private", "merged", "split",
}  # fmt: skip
"""What people do with a case, and what comes of it: a walk in which it is refused each time shows
nothing."""
WALKS_MAX = 120
"""By then all of it has happened, or the walks have become too tame: the rarest, two callbacks
without response, comes in one walk of fifty."""


class Watched:
    """A core, the world of emergencies, and everybody's eyes on both."""

    def __init__(self, policy: int) -> None:
        self.core = Core(epoch=1, dice=Random(1), strict=True)
        self.owed: dict[ObligationId, Obligation] = {}
        self.opened: dict[CaseId, None] = {}
        self.happened: set[str] = set()
        """Of ``HAPPENS``."""
        self._cases: dict[CaseId, Case] = {}
        self._places: dict[LegId, Place] = {}
        self.hearing = Hearing()
        self.callers: Callers | None = None
        self.debts: Debts | None = None
        queues = POLICIES[policy % len(POLICIES)]
        self.world = Emergencies(self._tell, self.core.next_deadline, queues)
        self.callers = Callers(self.world.exchange)
        self.debts = Debts(self.world.exchange)

    def _tell(self, now_ms: int, event: Event) -> Sequence[Command]:
        effects = self.core.step(now_ms, event)
        wrong = check_touched(self.core.state)
        assert not wrong, wrong
        for effect in effects:
            self._note(effect)
        self.hearing.see(event, effects)
        if self.callers is not None:
            self.callers.see(event, effects)
        if self.debts is not None:
            self.debts.see(effects)
        return [effect for effect in effects if isinstance(effect, COMMANDS)]

    def _note(self, effect: Effect) -> None:
        match effect:
            case ObligationNoted(obligation=owed) if owed.is_open:
                self.owed[owed.id] = owed
                self.world.owed[owed.id] = None
            case ObligationNoted(obligation=owed):
                self.owed.pop(owed.id, None)
                self.world.owed.pop(owed.id, None)
            case CaseNoted(case=case):
                self.world.cases[case.id] = None
                self.opened[case.id] = None
                self._note_case(effect.what, case)
                left = [one.why for one in self.owed.values() if one.case == case.id]
                assert case.is_open or all(why in AFTERWARDS for why in left), left
            case LegMoved(leg=leg, role=role, place=place):
                self._note_place(leg, role, place)
            case _:
                pass

    def _note_case(self, what: str, case: Case) -> None:
        self.happened.add(what)
        before = self._cases.get(case.id, case)
        for role in ("a", "b"):
            had, has = getattr(before, role), getattr(case, role)
            if had is not None and has not in (None, had):
                self.happened.add(f"{role} handed over")
        self._cases[case.id] = case

    def _note_place(self, leg: LegId, role: LegRole, place: Place) -> None:
        match role, place, self._places.get(leg):
            case LegRole.AGENT, Place.RESCUE, _:
                self.happened.add("to the rescue room")
            case LegRole.DESK, Place.RESCUE, _:
                self.happened.add("by the second phone")
            case LegRole.AGENT, Place.PRIVATE, _:
                self.happened.add("in private")
            case LegRole.OUTSIDE, Place.CALLER, Place.RESCUE | Place.MUSIC:
                self.happened.add("merged")
            case LegRole.OUTSIDE, Place.RESCUE, Place.CALLER:
                self.happened.add("split")
            case _:
                pass
        self._places[leg] = place

    def look(self) -> None:
        """Nobody does anything for a while: what was under way arrives, every caller in danger
        hears somebody or something, everybody hears whom they should and nobody else, and what was
        wanted of rescue is reached or owed, once."""
        wrong = check_all(self.core.state)
        assert not wrong, wrong
        found = lasting(self.world, self._amiss)
        assert not found, found

    def _amiss(self) -> Iterator[str]:
        assert self.callers is not None and self.debts is not None
        yield from self.callers.in_silence()
        yield from earshot.amiss(self.core.state, self.world.exchange)
        yield from self.debts.amiss()

    def converge(self) -> None:
        self.world.calm_down()
        s = self.core.state
        left = (
            s.calls, s.desk_calls, s.legs, s.offers, s.rooms, s.playbacks, s.dials, s.dialled,
            s.snoops, s.farewells, s.duty, s.lacking, s.recordings, s.calls_from, s.withheld,
            s.callbacks, s.obligations,
        )  # fmt: skip
        assert not any(left), left
        assert not len(s.timers), s.timers.next_due()


@pytest.mark.parametrize("week", range(100 if EXPLORE else 5))
def test_no_command_of_a_case_silences_drops_or_forgets_a_caller(week: int) -> None:
    opened = closed = 0
    for seed in range(5 * week, 5 * week + 5):
        watched = Watched(seed)
        walk(watched.world, seed, 500, EMERGENCY_ACTS, every=100, look=watched.look)
        watched.converge()
        opened += len(watched.opened)
        assert watched.callers is not None
        closed += watched.callers.cases_closed
    assert opened and closed, "nobody has opened or closed a case"


def test_all_of_it_happens_and_is_not_only_refused() -> None:
    """E14–E18, C17, T29: seeds of their own, one after the other, until everything has been done
    with success, under the same eyes."""
    happened: set[str] = set()
    for seed in range(1_000, 1_000 + WALKS_MAX):
        watched = Watched(seed)
        walk(watched.world, seed, 500, EMERGENCY_ACTS, every=100, look=watched.look)
        happened |= watched.happened
        if happened >= HAPPENS:
            return
    raise AssertionError(f"never: {sorted(HAPPENS - happened)}")


def test_every_code_and_every_action_is_in_the_walk() -> None:
    """A new code of a conversation, or a new thing to do with a case, is tried here too."""
    walked = [*WORKED, *CONTROLS]
    keyed = {keys[:3] for action, keys in walked if action is None}
    assert not set(CODES) - keyed - {"*17", "*18"}, "louder and softer change nobody's place"
    asked = {action for action, _ in walked if action is not None}
    assert not set(Control) - asked - {Control.DIGITS}, "which has a code"


def test_the_watch_sees_a_caller_in_silence_and_one_who_is_let_go() -> None:
    """What nobody can get wrong here would be no test of anything."""
    said: list[Event] = []
    exchange = Exchange(lambda leg, event: said.append(event), lambda phone: True)
    callers, leg, call = Callers(exchange), LegId("n1:c1"), CallId("1-1")
    exchange.channels[leg] = Channel(leg, "caller", up=True, room=RoomId("n1:hl-room-1-1"))
    callers.kinds[leg], callers.calls[call] = EntryKind.EMERGENCY, leg
    assert callers.in_silence() == ["n1:c1 is in n1:hl-room-1-1, with nobody and without a sound"]
    exchange.carry_out(Play(call, leg, PlaybackId("n1:hl-p1"), ("comfort",)))
    assert not callers.in_silence()
    with pytest.raises(AssertionError, match="was let go"):
        callers.see(TimePassed(), [HangUp(call=call, leg=leg, reason=Release.NORMAL, phone=None)])
