"""Three times as many calls as a line can take, and a flood from one number: who keeps what.

The production core, as in ``trial``, with the lines of the demo directory: ten agents for
emergencies and ten for enquiries, announcements with the place in the line, and a callback offered
to whoever waits long.  Callers press 1 or stay; what is owed is called back, and answered there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from acd.core import invariants
from acd.core.commands import Command, DialNumber, ListenTo, Play, RingPhone
from acd.core.directory import Callback, Queue, Reach, Widening
from acd.core.events import (
    Control,
    ControlRequested,
    DigitPressed,
    Hangup,
    TrunkDefined,
)
from acd.core.facts import CallReached, ReplyOwed
from acd.core.ids import CallId, LegId
from acd.core.queueing.treatment import AHEAD, CALLBACK_OFFER, LONG, MANY_AHEAD, NEXT, SOON, WAIT
from acd.core.scripts import Treatment
from acd.simulation import policy
from acd.simulation.careline import TRUNKS
from acd.simulation.day import HALF_HOUR_MS, HALF_HOURS, Caller, Day, Traffic
from acd.simulation.draws import Draws
from acd.simulation.trial import MIDNIGHT_MS, NODE, REQUEST, Delays, Trial

EMERGENCY_AGENTS = ENQUIRY_AGENTS = 10
TALK_MS = 240_000
WRAP_UP_MS = 10_000
PICK_UP_MS = (1_000, 6_000)
CAPACITY_PER_HOUR = ENQUIRY_AGENTS * 3_600_000 / (TALK_MS + WRAP_UP_MS + sum(PICK_UP_MS) / 2)
"""Enquiries that ten agents can take in an hour without a pause: 142."""
EMERGENCIES_PER_HOUR = 30
"""Some 2.1 of the ten agents for emergencies are talking."""
FIRST_HOUR = 8
PATIENCE_MS = 240_000
PRESS_SHARE = 0.5
"""Of those who are offered a callback."""
PRESS_AFTER_MS = 1_500
HONEST = frozenset({NEXT, AHEAD, MANY_AHEAD, WAIT, SOON, LONG})
TOLD_WITHIN_MS = 30_000
"""Who has waited so long must have heard where they stand: the first announcement comes 20 s after
the opening."""

FLOOD_CALLS = 1_000
FLOOD_NUMBER = "02169999999"
FLOOD_MS = 100_000
FLOOD_STAY_MS = 60_000
REAL_AT_MS = (5_000, 35_000, 65_000, 95_000, 155_000)
"""When the real call may come: at the beginning, in the middle, and when all of the flood is gone
and each of its calls is owed one."""

SETTLED = "01"
_PRESS = 100


def lines() -> tuple[Queue, Queue]:
    """The demo directory's two lines, as far as they matter here."""
    emergency, enquiry = policy.deadline(wrap_up_ms=WRAP_UP_MS)
    return (
        replace(
            emergency,
            widening=(
                *policy.WIDENING[:2],
                Widening(after_ms=7_000, phones=3, reach=Reach.WRAP_UP),
                Widening(after_ms=10_000, phones=5, reach=Reach.BREAK),
            ),
        ),
        replace(
            enquiry,
            priority=10,
            promise_ms=20_000,
            treatment=Treatment(
                comfort="caller-comfort",
                comfort_every_ms=20_000,
                tells_position=True,
                callback_from_ms=120_000,
            ),
            callback=Callback(within_ms=1_800_000, first_ms=30_000, attempts_max=4),
        ),
    )


class House(Day):
    """Agents who serve one line each, the first ten emergencies."""

    def skills(self, agent: int) -> tuple[int, int]:
        return (10, 0) if agent < EMERGENCY_AGENTS else (0, 10)


class OneCall(House):
    """Nobody but one emergency, and whoever the flood is."""

    def __init__(self, traffic: Traffic, staff: Sequence[int], at_ms: int) -> None:
        self._at_ms = FIRST_HOUR * 2 * HALF_HOUR_MS + at_ms
        super().__init__(traffic, staff, seed=1)

    def _arrivals(self) -> list[Caller]:
        return [Caller(0, self._at_ms, is_emergency=True, talk_ms=TALK_MS, patience_ms=None)]


@dataclass
class Heard:
    """What came of it, by caller's number in the day."""

    told_ms: dict[int, int] = field(default_factory=dict)
    """From the arrival to the first announcement of where they stand."""
    offered: set[int] = field(default_factory=set)
    pressed: set[int] = field(default_factory=set)
    owed: set[int] = field(default_factory=set)
    """Callers to whom a callback is owed because they asked for it."""
    reached: set[str] = field(default_factory=set)
    """Numbers that were called back and spoken with."""
    left_ms: dict[int, int] = field(default_factory=dict)
    """From the arrival of whoever went unserved to their going."""
    calls_max: int = 0
    """Calls in the core at once."""
    broken: list[str] = field(default_factory=list)


class Overload(Trial):
    """A trial of which the callers hear what is said to them, press keys and are called back."""

    def __init__(self, day: Day, *, flood: int = 0, delays: Delays | None = None) -> None:
        super().__init__(day, lines(), delays)
        self.heard = Heard()
        self._presses = Draws(day.seed)
        self._silent: set[LegId] = set()
        self._by_number = {number_of(one.number): one for one in day.callers}
        for trunk in TRUNKS:
            self._feed(TrunkDefined(trunk))
        begins_ms = MIDNIGHT_MS + FIRST_HOUR * 2 * HALF_HOUR_MS
        for n in range(flood):
            self._agenda.at(begins_ms + n * FLOOD_MS // flood, self._flood, n)

    @property
    def callers(self) -> Sequence[Caller]:
        """The day's, without the flood's."""
        return self._day.callers

    def after(self) -> list[str]:
        """What must hold at the end: nothing left in the core, nothing broken."""
        return [*self.heard.broken, *invariants.check_all(self._core.state)]

    # People -------------------------------------------------------------------------------------

    def _arrive(self, n: int) -> None:
        super()._arrive(n)
        if n % 50 == 0:
            self.heard.broken += invariants.check_all(self._core.state)

    def _shown(self, caller: int) -> str | None:
        return number_of(caller)

    def _flood(self, n: int) -> None:
        """A line that is broken calls, says nothing, and goes."""
        leg = LegId(f"{NODE}:f{n}")
        number = len(self._day.callers) + n
        self._callers[leg] = Caller(
            number, 0, is_emergency=True, talk_ms=FLOOD_STAY_MS, patience_ms=None
        )
        self._silent.add(leg)
        self._legs[number] = leg
        self.outcome.waits_ms.append(None)
        self._call(leg, policy.EMERGENCY_ENTRY, FLOOD_NUMBER)
        self._agenda.after(FLOOD_STAY_MS, self._goes, leg)

    def _hang_up(self, caller: Caller) -> None:
        """A conversation is over; what it came to has been keyed in (``*20``)."""
        if self.outcome.waits_ms[caller.number] is not None:
            known = self._core.state.legs.get(self._legs[caller.number])
            if known is not None:
                self._settle(known.call)
        super()._hang_up(caller)

    def _settle(self, call: CallId) -> None:
        self._feed(
            ControlRequested(
                request=REQUEST, call=call, agent=None, action=Control.OUTCOME, digits=SETTLED
            )
        )

    def _spoken_with(self, call: CallId, leg: LegId) -> None:
        if leg in self._exchange.channels:
            self._settle(call)
            self._goes(leg)

    def _goes(self, leg: LegId) -> None:
        channel = self._exchange.channels.get(leg)
        if channel is not None:
            self._exchange.kill(channel, Hangup.NORMAL)

    def _lose_patience(self, caller: Caller) -> None:
        if caller.is_emergency or caller.number in self.heard.pressed:
            return
        if self.outcome.waits_ms[caller.number] is None:
            self.heard.left_ms[caller.number] = caller.patience_ms or 0
            self._hang_up(caller)

    def _ring(self, command: RingPhone) -> None:
        if command.call in self._calls:
            super()._ring(command)
        elif (channel := self._exchange.channels.get(command.leg)) is not None:
            # For a callback: people who are asked to call somebody are there.
            self._exchange.rings(channel)
            self._agenda.after(PICK_UP_MS[0], self._pick_up, command.leg)

    def _press(self, leg: LegId) -> None:
        if leg in self._exchange.channels:
            self._feed(DigitPressed(leg, "1"))

    # Between the core and Asterisk --------------------------------------------------------------

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, ListenTo) and command.leg in self._silent:
            self._exchange.carry_out(command)
            return
        super()._carry_out(command)
        if isinstance(command, Play):
            self._hear(command)
        elif isinstance(command, DialNumber):
            self._agenda.after(PICK_UP_MS[1], self._pick_up, command.leg)

    def _hear(self, command: Play) -> None:
        caller = self._calls.get(command.call)
        if caller is None or command.leg != self._legs.get(caller.number):
            return
        number = caller.number
        waited_ms = self._agenda.now_ms - MIDNIGHT_MS - caller.arrives_ms
        if HONEST & set(command.prompts):
            self.heard.told_ms.setdefault(number, waited_ms)
        if CALLBACK_OFFER in command.prompts and number not in self.heard.offered:
            self.heard.offered.add(number)
            if self._presses.uniform(_PRESS, number) < PRESS_SHARE:
                self.heard.pressed.add(number)
                self._agenda.after(PRESS_AFTER_MS, self._press, command.leg)
        elif number in self.heard.pressed and number not in self.heard.owed:
            # "Is this the number?"
            self._agenda.after(self._delays.prompt + PRESS_AFTER_MS, self._press, command.leg)

    # What the core says -------------------------------------------------------------------------

    def _read(self, effect: object) -> None:
        self.heard.calls_max = max(self.heard.calls_max, len(self._core.state.calls))
        if (read := _READ.get(type(effect))) is not None:
            read(self, effect)

    def _reply_owed(self, fact: ReplyOwed) -> None:
        caller = self._calls.get(fact.call)
        if caller is not None and caller.number in self.heard.pressed:
            self.heard.owed.add(caller.number)

    def _reached(self, fact: CallReached) -> None:
        if fact.again:
            return
        number, leg = self._outside(fact.call)
        self.heard.reached.add(number)
        known = self._by_number.get(number)
        talk_ms = FLOOD_STAY_MS if known is None else known.talk_ms
        self._agenda.after(talk_ms, self._spoken_with, fact.call, leg)

    def _outside(self, call: CallId) -> tuple[str, LegId]:
        """The outside line of a call that we have placed."""
        for leg, channel in self._exchange.channels.items():
            if channel.role == "outside" and leg in self._core.state.legs:
                known = self._core.state.legs[leg]
                if known.call == call:
                    return str(channel.number), leg
        raise AssertionError(f"{call} has reached somebody and has no line")


_READ: dict[type, Callable[..., None]] = {
    ReplyOwed: Overload._reply_owed,
    CallReached: Overload._reached,
}


def number_of(caller: int) -> str:
    """The number that a caller of the day calls from, and is called back at."""
    return f"021{60_000_000 + caller}"


def rush(seed: int, *, times: float) -> House:
    """An hour with ``times`` the enquiries that the agents can take, and the emergencies of any
    hour; then nobody calls any more."""
    enquiries = CAPACITY_PER_HOUR * times
    calls = round(enquiries + EMERGENCIES_PER_HOUR)
    return House(
        Traffic(
            weights=_in_hour(1.0),
            calls=calls,
            emergency_share=EMERGENCIES_PER_HOUR / calls,
            talk_ms_mean=TALK_MS,
            wrap_up_ms=WRAP_UP_MS,
            pick_up_ms=PICK_UP_MS,
            patience_ms_mean=PATIENCE_MS,
        ),
        [EMERGENCY_AGENTS + ENQUIRY_AGENTS] * HALF_HOURS,
        seed,
    )


def alone(at_ms: int) -> OneCall:
    """One emergency, so long after the flood's first call, at a line where everybody is at work and
    picks up in 3 s."""
    return OneCall(
        Traffic(
            weights=_in_hour(1.0),
            calls=1,
            talk_ms_mean=TALK_MS,
            wrap_up_ms=WRAP_UP_MS,
            pick_up_ms=(3_000, 3_000),
            miss_share=0.0,
        ),
        [EMERGENCY_AGENTS + ENQUIRY_AGENTS] * HALF_HOURS,
        at_ms,
    )


def _in_hour(weight: float) -> tuple[float, ...]:
    return tuple(weight if n // 2 == FIRST_HOUR else 0.0 for n in range(HALF_HOURS))


def within(waits_ms: Sequence[int | None], limit_ms: int) -> float:
    """Return the share that was answered within the limit; of nobody, all."""
    if not waits_ms:
        return 1.0
    return sum(one is not None and one <= limit_ms for one in waits_ms) / len(waits_ms)


@dataclass(kw_only=True)
class Rush:
    """What an hour of too many calls came to; callers are counted."""

    emergency_waits_ms: list[int | None] = field(default_factory=list)
    enquiries: int = 0
    answered: int = 0
    """By an agent, while they waited."""
    long: int = 0
    """Waited for ``TOLD_WITHIN_MS`` or longer."""
    untold: int = 0
    """Of those: who did not hear where they stand."""
    offered: int = 0
    asked: int = 0
    """For a callback, by key 1."""
    lost: int = 0
    """Of those: who is owed none, or was never reached."""
    left: int = 0
    calls_max: int = 0
    broken: int = 0


def play(seed: int, *, times: float) -> Rush:
    """Play one rush to the end of all that it left owed."""
    trial = Overload(rush(seed, times=times))
    waits_ms, heard = trial.run().waits_ms, trial.heard
    found = Rush(calls_max=heard.calls_max, broken=len(trial.after()))
    for caller in trial.callers:
        wait_ms = waits_ms[caller.number]
        if caller.is_emergency:
            found.emergency_waits_ms.append(wait_ms)
            continue
        found.enquiries += 1
        found.answered += wait_ms is not None
        found.left += caller.number in heard.left_ms
        stayed_ms = wait_ms if wait_ms is not None else heard.left_ms.get(caller.number)
        if stayed_ms is None or stayed_ms >= TOLD_WITHIN_MS:
            found.long += 1
            found.untold += heard.told_ms.get(caller.number, TOLD_WITHIN_MS) >= TOLD_WITHIN_MS
        found.offered += caller.number in heard.offered
        if caller.number in heard.pressed and wait_ms is None:
            found.asked += 1
            kept = caller.number in heard.owed and number_of(caller.number) in heard.reached
            found.lost += not kept
    return found


def delay_ms(at_ms: int, *, flood: int) -> tuple[int, int]:
    """Return how long one real emergency waits beside a flood, and without it, in ms."""
    found = []
    for calls in (flood, 0):
        trial = Overload(alone(at_ms), flood=calls)
        wait_ms = trial.run().waits_ms[0]
        broken = trial.after()
        assert wait_ms is not None and not broken, broken
        found.append(wait_ms)
    return found[0], found[1]
