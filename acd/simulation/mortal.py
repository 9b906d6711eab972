"""The world in which the service may die: what goes on without it, and how it is born again."""

from collections.abc import Container, Sequence
from random import Random

from msgspec import structs

from acd.core.events import (
    AgentDefined,
    AreaDefined,
    CallArrived,
    CodeDialled,
    EntryDefined,
    Event,
    FallbackEnded,
    Hangup,
    LegAway,
    QueueDefined,
    SeatDefined,
    TrunkDefined,
)
from acd.core.ids import CallId, LegId
from acd.simulation.careline import AREA, ENTRIES, NODE, TRUNKS
from acd.simulation.exchange import Channel
from acd.simulation.outside import DUTY, Outside
from acd.simulation.shift import AGENTS, PHONES, agent_of, seat_of

WATCHDOG_MS = 6_000
"""So long nobody has served when who waits is given to the dialplan (decision 21)."""


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
        for duty in DUTY:
            self.feed(AgentDefined(duty))
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
