"""Lives: the service dies in the middle of everything and begins again, over and over.

The world with its outside goes on meanwhile: callers hang up, conversations go on, what was asked
of Asterisk arrives or does not, and what Asterisk says is heard by nobody.  The new life has a core
that knows nothing, the directory, what a pretended PostgreSQL was told (but for the last moments),
and what Asterisk shows.  ``Lives`` checks after each rebirth that nobody who was there has been
forgotten, that who talked was left alone, and that places are kept; and in the end that every call
that ever came in has exactly one end.
"""

from collections.abc import Container, Sequence
from random import Random
from typing import get_args

from msgspec import structs

from acd.core.commands import Command, HandToFallback, HangUp
from acd.core.events import (
    AgentDefined,
    AgentRemembered,
    AreaDefined,
    CallArrived,
    CallRemembered,
    CodeDialled,
    EntryDefined,
    Event,
    FallbackEnded,
    Hangup,
    LegAway,
    ObligationRestored,
    QueueDefined,
    SeatDefined,
    TrunkDefined,
    WrapUpRemembered,
)
from acd.core.facts import (
    AgentStateChanged,
    CallAnswered,
    CallEnded,
    CallOffered,
    CallPlaced,
    CallReached,
    CallTakenUp,
    Defect,
    Fact,
    LegEnded,
    ObligationNoted,
    PlacedCallEnded,
    Repaired,
)
from acd.core.follow_up.owed import Obligation
from acd.core.ids import AgentId, CallId, LegId, ObligationId
from acd.core.invariants import check_all, check_touched
from acd.core.state import Effect
from acd.core.switch import Core
from acd.core.tables import AgentState
from acd.simulation.careline import AREA, ENTRIES, NODE, TRUNKS
from acd.simulation.exchange import Channel
from acd.simulation.outside import Outside, walk_outside
from acd.simulation.shift import AGENTS, PHONES, POLICIES, agent_of, seat_of

COMMANDS = get_args(Command)
FACTS = get_args(Fact)

ACTIONS_BETWEEN = 120
"""Between two deaths."""

WATCHDOG_MS = 6_000
"""So long nobody has served when who waits is given to the dialplan (decision 21)."""

UNWRITTEN_MS_MAX = 100
"""Facts so young may be lost with the service."""


class Memory:
    """PostgreSQL as far as a start reads it: who was at work, which calls go on, what is owed."""

    def __init__(self) -> None:
        self.agents: dict[AgentId, AgentStateChanged] = {}
        self.calls: dict[CallId, CallRemembered] = {}
        self.ended: dict[CallId, None] = {}
        self.owed: dict[ObligationId, Obligation] = {}
        self._unwritten: list[Fact] = []

    def take(self, fact: Fact) -> None:
        """Take a fact; it is written a moment later."""
        self._unwritten.append(fact)

    def write(self, *, until_ms: int) -> None:
        """Write what is older, in order."""
        while self._unwritten and self._unwritten[0].at_ms <= until_ms:
            self._write(self._unwritten.pop(0))

    def lose_the_rest(self) -> None:
        """The service is dead, and with it what it had not written."""
        self._unwritten.clear()

    def _write(self, fact: Fact) -> None:
        match fact:
            case AgentStateChanged():
                self.agents[fact.agent] = fact
            case CallOffered() | CallPlaced() | CallTakenUp() if fact.call not in self.ended:
                self.calls.setdefault(fact.call, _remembered(fact))
            case CallAnswered() | CallReached() if fact.call in self.calls:
                known = self.calls[fact.call]
                if known.answered_ms is None:
                    self.calls[fact.call] = structs.replace(
                        known, answered_ms=fact.at_ms, agent=fact.agent
                    )
            case CallEnded() | PlacedCallEnded():
                self.calls.pop(fact.call, None)
                self.ended[fact.call] = None
            case ObligationNoted(obligation=owed):
                self.owed.pop(owed.id, None)
                if owed.is_open:
                    self.owed[owed.id] = owed
            case _:
                pass

    def told_at_start(self, seen_ms: int) -> list[Event]:
        """Return what a new life is told, in the service's order."""
        at_work = [
            AgentRemembered(
                agent=fact.agent,
                seat=fact.seat,
                state=AgentState(fact.now),
                reason=fact.reason,
                since_ms=fact.at_ms,
                last=self._last(fact),
            )
            for fact in self.agents.values()
            if fact.now != AgentState.LOGGED_OUT and fact.seat is not None
        ]
        calls = [structs.replace(call, seen_ms=seen_ms) for call in self.calls.values()]
        return [*map(ObligationRestored, self.owed.values()), *at_work, *calls]

    def _last(self, fact: AgentStateChanged) -> WrapUpRemembered | None:
        call = None if fact.call is None else self.calls.get(fact.call)
        if call is None or call.queue is None:
            return None
        return WrapUpRemembered(
            call=call.call,
            arrived_ms=call.arrived_ms,
            talk_ms=0,
            queue=call.queue,
            synthetic=call.synthetic,
            entry=call.called,
        )


def _remembered(fact: CallOffered | CallPlaced | CallTakenUp) -> CallRemembered:
    if isinstance(fact, CallPlaced):
        return CallRemembered(
            call=fact.call,
            arrived_ms=fact.arrived_ms,
            caller=fact.number,
            called=None,
            kind=fact.kind,
            queue=fact.queue,
            terminal=None,
            elders=(),
            synthetic=fact.synthetic,
            answered_ms=None,
            first_offer_ms=None,
            agent=None,
            number=fact.number,
            reference=fact.reference,
        )
    return CallRemembered(
        call=fact.call,
        arrived_ms=fact.arrived_ms,
        caller=fact.caller,
        called=fact.entry,
        kind=fact.kind,
        queue=fact.queue,
        terminal=fact.terminal,
        elders=fact.elders,
        synthetic=fact.synthetic,
        answered_ms=None,
        first_offer_ms=None,
        agent=None,
        number=fact.called if isinstance(fact, CallTakenUp) and fact.is_placed else None,
    )


class Mortal(Outside):
    """The world, in which the service may die."""

    announced: dict[LegId, CallArrived | CodeDialled]
    """With what word each channel that came to us was announced."""
    away_ms: int
    """How long nobody served when it died last."""

    def feed(self, event: Event) -> None:
        if isinstance(event, CallArrived | CodeDialled):
            self.announced[event.leg] = event
        super().feed(event)

    def _set_up(self) -> None:
        self.announced = {}
        self.away_ms = 0
        super()._set_up()

    def service_dies(self, chance: Random) -> None:
        """What was under way to Asterisk arrives or is lost; what comes from there is lost."""
        while self.pending:
            self.perform(0) if chance.random() < 0.5 else self.pending.pop(0)
        self.heard.clear()
        self.inbox.clear()

    def life_goes_on(self, chance: Random) -> None:
        """People do what they do while there is no service."""
        for _ in range(chance.randrange(4)):
            act = chance.choice((self.caller_hangs_up, self.agent_hangs_up, self.prompt_ends))
            act(chance.randrange(60))
        self.away_ms = chance.choice((0, 400, 3_000, 30_000))
        self.now_ms += self.away_ms
        self.heard.clear()

    def stands_still(self, known: Container[CallId], chance: Random) -> None:
        """The service is stopped for long, and goes on with all that it has not heard; the watchdog
        has acted meanwhile."""
        self.is_asleep = True
        for _ in range(chance.randrange(4)):
            self.caller_hangs_up(chance.randrange(60))
        self.wait(2 * WATCHDOG_MS)
        taken = self.watchdog_acts(known)
        self.wake_up()
        for leg in taken:
            self.feed(LegAway(leg))

    def watchdog_acts(self, known: Container[CallId]) -> list[LegId]:
        """Nobody has served for long: whoever waits goes to the dialplan's fallback, and phones
        that are with nobody are freed before (``acd watchdog``).  Of calls that are not ``known``
        the journal alone tells."""
        waiting = [one for one in self.channels.values() if self._waits(one)]
        waiting = [one for one in waiting if one.memo is not None and one.memo.call in known]
        calls = [one.memo.call for one in waiting if one.memo is not None]
        for one in list(self.channels.values()):
            rings_in_vain = one.memo is not None and one.memo.call in calls
            if one.role == "agent" and (rings_in_vain or self._is_idle_line(one)):
                self.exchange.kill(one, Hangup.NORMAL)
        for one in waiting:
            self.exchange.take_away(one)
        return [one.leg for one in waiting]

    def _waits(self, one: Channel) -> bool:
        memo = one.memo
        if one.role != "caller" or one.is_stuck or memo is None or memo.is_over:
            return False
        return not any(
            other.up and other is not one and other.room is not None and _is_of(other, memo.call)
            for other in self.channels.values()
        )

    def _is_idle_line(self, one: Channel) -> bool:
        return one.is_line and one.up and one.call is not None and _is_of(one, one.call)

    def fallback_goes_on(self, chance: Random, *, is_served: bool) -> list[FallbackEnded]:
        """Those in the fallback are answered there and hang up, give up, or come back to a service
        that ``is_served``; return what the dialplan has written down of them."""
        written: list[FallbackEnded] = []
        for one in list(self.exchange.away.values()):
            match chance.randrange(4):
                case 0:
                    written.append(self._left_fallback(one, talk_ms=chance.randrange(60_000)))
                case 1:
                    written.append(self._left_fallback(one, talk_ms=None))
                case 2 if is_served:
                    self.exchange.give_back(one)
                    self.feed(structs.replace(self._arrival(one), is_up=one.up))
                case _:
                    pass
        return written

    def _left_fallback(self, one: Channel, *, talk_ms: int | None) -> FallbackEnded:
        del self.exchange.away[one.leg]
        return FallbackEnded(
            arrival=self._arrival(one),
            left_ms=self.now_ms,
            talk_ms=talk_ms,
            phone=None if talk_ms is None else PHONES[0],
            cut=False,
        )

    def _arrival(self, one: Channel) -> CallArrived:
        announced = self.announced[one.leg]
        assert isinstance(announced, CallArrived)
        return structs.replace(announced, memo=one.memo)

    def is_born_again(self, remembered: Sequence[Event]) -> None:
        """The new life is told the directory, what was remembered, and what there is."""
        for queue in self.queues:
            self.feed(QueueDefined(queue))
        for entry in ENTRIES:
            self.feed(EntryDefined(entry))
        self.feed(AreaDefined(AREA))
        for trunk in TRUNKS:
            self.feed(TrunkDefined(trunk))
        for agent in AGENTS:
            self.feed(AgentDefined(agent_of(agent)))
            self.feed(SeatDefined(seat_of(agent)))
        for event in remembered:
            self.feed(event)
        self.feed(self.exchange.shows(NODE))
        for channel in list(self.channels.values()):
            if channel.memo is None and channel.leg in self.announced:
                self.feed(self.announced[channel.leg])
        for event in self._phone_states():
            self.feed(event)


def _is_of(one: Channel, call: CallId) -> bool:
    """Tell whether a leg is in a room of this call's."""
    return one.room is not None and one.room.endswith(f"-{call}")


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
        self.world = Mortal(
            self._tell, lambda: self.core.next_deadline(), POLICIES[seed % len(POLICIES)]
        )

    def _new_core(self) -> Core:
        return Core(epoch=self.epoch, dice=Random(self.epoch), strict=True)

    def run(self, deaths: int) -> None:
        """Live and die so many times, and come to rest."""
        for _ in range(deaths):
            walk_outside(self.world, self._chance.randrange(1 << 30), ACTIONS_BETWEEN // 2)
            if self._chance.random() < 0.5:
                self.stand_still()
            walk_outside(self.world, self._chance.randrange(1 << 30), ACTIONS_BETWEEN // 2)
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
