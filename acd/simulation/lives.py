"""Lives: the service dies in the middle of everything and begins again, over and over.

The world with its outside goes on meanwhile: callers hang up, conversations go on, what was asked
of Asterisk arrives or does not, and what Asterisk says is heard by nobody.  The new life has a core
that knows nothing, the directory, what a pretended PostgreSQL was told (but for the last moments),
and what Asterisk shows.  ``Lives`` checks after each rebirth that nobody who was there has been
forgotten, that who talked was left alone, and that places are kept; and in the end that every call
that ever came in has exactly one end.
"""

from collections.abc import Sequence
from random import Random
from typing import get_args

from acd.core.commands import Command, HandToFallback, HangUp
from acd.core.events import Event, FallbackEnded
from acd.core.facts import (
    CallEnded,
    CallOffered,
    CallPlaced,
    CallTakenUp,
    Defect,
    Fact,
    LegEnded,
    ObligationNoted,
    PlacedCallEnded,
    Repaired,
)
from acd.core.ids import CallId, LegId
from acd.core.invariants import check_all, check_touched
from acd.core.state import Effect
from acd.core.switch import Core
from acd.simulation.careline import NODE
from acd.simulation.memory import Memory
from acd.simulation.mortal import WATCHDOG_MS, Mortal
from acd.simulation.outside import OUTSIDE_ACTS
from acd.simulation.shift import POLICIES
from acd.simulation.walk import walk

COMMANDS = get_args(Command)
FACTS = get_args(Fact)

ACTIONS_BETWEEN = 120
"""Between two deaths."""

UNWRITTEN_MS_MAX = 100
"""Facts so young may be lost with the service."""


class Lives:
    """One run.  ``run`` raises AssertionError, or what the core raises, at the first promise
    broken."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._seed = seed
        self.epoch = 1
        self.core = self._new_core()
        self.memory = Memory()
        self.offered: dict[CallId, int] = {}
        """By when it arrived, every call that came in or was placed."""
        self.let_go: dict[LegId, None] = {}
        self.stuck: dict[LegId, None] = {}
        self.kept: dict[CallId, None] = {}
        """Calls that were over, with a channel that Asterisk would not let go of."""
        self.taken_up = 0
        self.in_fallback = 0
        self.stays: dict[LegId, FallbackEnded] = {}
        """What the dialplan has written down of those who are gone."""
        self.recent: list[tuple[int, Event, list[Effect]]] = []
        self.world = self._new_world()

    def _new_world(self) -> Mortal:
        policy = POLICIES[self._seed % len(POLICIES)]
        return Mortal(self._tell, lambda: self.core.next_deadline(), policy)

    def _new_core(self) -> Core:
        return Core(epoch=self.epoch, dice=Random(self.epoch), strict=True)

    def _go_on(self) -> None:
        walk(self.world, self._chance.randrange(1 << 30), ACTIONS_BETWEEN // 2, OUTSIDE_ACTS)

    def run(self, deaths: int) -> None:
        """Live and die so many times, and come to rest."""
        for _ in range(deaths):
            self._go_on()
            if self._chance.random() < 0.5:
                self.stand_still()
            self._go_on()
            self.die()
        self._converge()

    def stand_still(self) -> None:
        """The same life goes on after a standstill, with what must hold across it."""
        together = self._together()
        self.let_go.clear()
        before = len(self.world.exchange.away)
        self.world.stands_still(self.memory.calls, self._chance)
        self.in_fallback += len(self.world.exchange.away) - before
        disturbed = [leg for leg in together if leg in self.world.exchange.away]
        assert not disturbed, f"{disturbed} were talking"
        self._the_fallback_is_known()
        self._leave_fallback(self.world.fallback_goes_on(self._chance, is_served=True))

    def die(self) -> None:
        """One death and rebirth, with what must hold across it."""
        world, chance = self.world, self._chance
        world.service_dies(chance)
        seen_ms = self.core.state.now
        self.memory.write(until_ms=seen_ms - chance.randrange(UNWRITTEN_MS_MAX))
        self.memory.lose_the_rest()
        world.life_goes_on(chance)
        together = self._together()
        if world.away_ms > WATCHDOG_MS:
            self.in_fallback += len(world.watchdog_acts(self.memory.calls))
            world.heard.clear()
        self._note(world.fallback_goes_on(chance, is_served=False))
        world.owed = dict.fromkeys(self.memory.owed)
        self.epoch += 1
        self.core = self._new_core()
        self.let_go.clear()
        world.is_born_again([*self.memory.told_at_start(seen_ms), *self._stays()])
        disturbed = [leg for leg in together if leg in self.let_go]
        assert not disturbed, f"{disturbed} were talking"
        self._nobody_is_forgotten()
        self._leave_fallback(world.fallback_goes_on(chance, is_served=True))

    def _note(self, written: Sequence[FallbackEnded]) -> None:
        self.stays.update((one.arrival.leg, one) for one in written)

    def _stays(self) -> list[FallbackEnded]:
        """Return what the dialplan has written down and PostgreSQL does not have."""
        for leg, one in list(self.stays.items()):
            if one.arrival.memo is not None and one.arrival.memo.call in self.memory.ended:
                del self.stays[leg]
        return list(self.stays.values())

    def _leave_fallback(self, written: Sequence[FallbackEnded]) -> None:
        self._note(written)
        for one in written:
            self.world.feed(one)

    def _together(self) -> list[LegId]:
        """Who is in conversation, as Asterisk has it and the memos say."""
        rooms: dict[str, list[LegId]] = {}
        over = set()
        for channel in self.world.channels.values():
            if channel.room is not None and "room-" in channel.room and channel.memo is not None:
                rooms.setdefault(channel.room, []).append(channel.leg)
                if channel.memo.is_over or channel.memo.answered_ms is None:
                    over.add(channel.room)
        callers = {c.leg for c in self.world.channels.values() if c.role == "caller"}
        return [
            leg
            for room, legs in rooms.items()
            if room not in over and len(legs) > 1 and callers & set(legs)
            for leg in legs
        ]

    def _nobody_is_forgotten(self) -> None:
        s = self.core.state
        for channel in self.world.channels.values():
            if channel.role != "caller" or channel.leg in self.let_go:
                continue
            assert channel.leg in s.legs, f"{channel.leg} is there, and nobody knows"
            call = s.calls[s.legs[channel.leg].call]
            assert call.arrived_ms == self.offered[call.id], f"{call.id} has lost its place"
        self._the_fallback_is_known()

    def _the_fallback_is_known(self) -> None:
        s = self.core.state
        for channel in self.world.exchange.away.values():
            assert channel.leg in s.away, f"{channel.leg} is in the fallback, and nobody knows"
            known = s.remembered_calls.get(s.away[channel.leg])
            assert known is not None, f"the call of {channel.leg} has been given an end"
            assert known.arrived_ms == self.offered[known.call], f"{known.call} has lost its place"

    # What the core is told and answers ----------------------------------------------------------

    def _tell(self, now_ms: int, event: Event) -> list[Command]:
        effects = self.core.step(now_ms, event)
        self.recent = [*self.recent[-40:], (now_ms, event, effects)]
        wrong = check_touched(self.core.state) + check_all(self.core.state)
        assert not wrong, wrong
        self.memory.write(until_ms=self.core.state.now - UNWRITTEN_MS_MAX)
        for effect in effects:
            self._see(effect)
        return [effect for effect in effects if isinstance(effect, COMMANDS)]

    def _see(self, effect: Effect) -> None:
        match effect:
            case HangUp(leg=leg) | HandToFallback(leg=leg):
                # ARI ends any channel, in our application or not.
                assert leg not in self.world.exchange.away, f"{leg} is with the dialplan"
                self.let_go[leg] = None
            case Defect(sentence=sentence):
                raise AssertionError(sentence)
            case CallOffered() | CallPlaced():
                assert effect.call not in self.offered, f"{effect.call} came in twice"
                self.offered[effect.call] = effect.arrived_ms
            case CallTakenUp():
                assert effect.call in self.offered, "taken up, and it never came in"
                assert effect.arrived_ms == self.offered[effect.call]
                self.taken_up += 1
            case CallEnded() | PlacedCallEnded():
                assert effect.call in self.offered
                # An end that had not been written yet may be told again by the next life.
                ended = effect.call in self.memory.ended and effect.call not in self.kept
                assert not ended, f"{effect.call} ended twice"
            case Repaired(what="leg hung up and was not gone", key=leg):
                self.stuck[LegId(leg)] = None
            case LegEnded(leg=leg, call=call) if leg in self.stuck:
                self.kept[call] = None
            case ObligationNoted(obligation=owed):
                self.world.owed.pop(owed.id, None)
                if owed.is_open:
                    self.world.owed[owed.id] = None
            case _:
                pass
        if isinstance(effect, FACTS):
            self.memory.take(effect)

    def _converge(self) -> None:
        while self.world.exchange.away:
            self._leave_fallback(self.world.fallback_goes_on(self._chance, is_served=True))
        self.world.order_is_restored()
        self.world.calm_down()
        s = self.core.state
        left = (s.calls, s.desk_calls, s.legs, s.offers, s.rooms, s.playbacks, s.dials, s.dialled)
        assert not any(left), left
        # What came and went in the last moment of a life stands in its journal alone.
        self.memory.write(until_ms=s.now)
        assert not self.memory.calls, f"{list(self.memory.calls)} have no end"
        assert not self.world.exchange.rooms.keys() - self._waiting_rooms(), "a room is left"

    def _waiting_rooms(self) -> set[str]:
        s = self.core.state
        return {s.holding_room_id(NODE, queue.id) for queue in self.world.queues}
