"""One day under one policy: the production core, a pretend Asterisk with its delays, and the
day's people, in virtual time.

Everything passes through the core's real door: events in, commands out, and what is measured is
read from its facts, as the records are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from acd.core.commands import Command, ListenTo, Play, RingPhone
from acd.core.directory import Agent, Entry, EntryKind, Queue, Seat
from acd.core.events import (
    AgentDefined,
    CallArrived,
    CallerHeard,
    Control,
    ControlRequested,
    EntryDefined,
    Event,
    Hangup,
    Heard,
    LoginRequested,
    LogoutRequested,
    QueueDefined,
    ReadyRequested,
    SeatDefined,
    SwitchConnected,
    TimePassed,
)
from acd.core.facts import AgentStateChanged, CallAnswered, CallOffered, OfferMade
from acd.core.ids import (
    AgentId,
    CallId,
    EntryId,
    LegId,
    Node,
    PhoneId,
    PlaybackId,
    RequestId,
    SeatId,
)
from acd.core.switch import Core
from acd.core.tables import AgentState
from acd.simulation.agenda import Agenda
from acd.simulation.day import HALF_HOUR_MS, Caller, Day
from acd.simulation.exchange import Channel, Exchange
from acd.simulation.policy import EMERGENCY_ENTRY, ENQUIRY_ENTRY

NODE = Node("n1")
MIDNIGHT_MS = 1_800_000_000_000
REQUEST = RequestId("r")


@dataclass(frozen=True)
class Delays:
    """How long things take outside the core, in ms."""

    command: int = 2
    """From a decision until Asterisk has acted on it (ARI on the same machine)."""
    event: int = 2
    """From what happens in Asterisk until the core hears of it."""
    phone: int = 80
    """From the INVITE to the first ring of a phone in the same town."""
    prompt: int = 3_000
    absent: int = 30_000
    """Until somebody notices that they have been taken for absent, and says that they are there."""


AT_ONCE = Delays(command=0, event=0, phone=0)
"""For comparison with formulas that know no delay."""


@dataclass
class Outcome:
    """What a day came to.  By caller: ``waits_ms`` until an agent's audio, None for who left."""

    waits_ms: list[int | None]
    offers: int = 0
    steps: int = 0


class Trial:
    """Run by ``run`` once."""

    def __init__(self, day: Day, queues: Sequence[Queue], delays: Delays | None = None) -> None:
        self._day = day
        self._delays = delays or Delays()
        self._core = Core(epoch=1, dice=Random(day.seed), strict=True)
        self._agenda = Agenda(MIDNIGHT_MS)
        self._exchange = Exchange(self._say, lambda phone: True)
        self._callers: dict[LegId, Caller] = {}
        self._calls: dict[CallId, Caller] = {}
        self._legs: dict[int, LegId] = {}
        self._rings: dict[tuple[int, int], int] = {}
        self._on_duty = 0
        self.outcome = Outcome([None] * len(day.callers))
        self._open(queues)

    def run(self) -> Outcome:
        """Let the day pass, until the last conversation is over.

        Raises ValueError when callers are left whom nobody on duty can serve.
        """
        for n, staff in enumerate(self._day.staff):
            self._agenda.at(MIDNIGHT_MS + n * HALF_HOUR_MS, self._change_shift, staff)
        if self._day.callers:
            self._agenda.at(MIDNIGHT_MS + self._day.callers[0].arrives_ms, self._arrive, 0)
        core, agenda = self._core, self._agenda
        while (next_ms := agenda.next_ms()) is not None or core.state.calls:
            due_ms = core.next_deadline()
            if due_ms is not None and (next_ms is None or due_ms <= next_ms):
                agenda.now_ms = max(due_ms, agenda.now_ms)
                self._feed(TimePassed())
            elif next_ms is None:
                raise ValueError("somebody waits whom nobody on duty can serve")
            else:
                agenda.advance()
        return self.outcome

    def _open(self, queues: Sequence[Queue]) -> None:
        for queue in queues:
            self._feed(QueueDefined(queue))
        for entry, kind in (
            (EMERGENCY_ENTRY, EntryKind.EMERGENCY), (ENQUIRY_ENTRY, EntryKind.ENQUIRY)
        ):  # fmt: skip
            queue_id = queues[0].id if kind is EntryKind.EMERGENCY else queues[-1].id
            self._feed(EntryDefined(Entry(id=EntryId(entry), kind=kind, queue=queue_id)))
        self._feed(SwitchConnected(NODE, ()))
        for n in range(self._day.agents):
            emergency, enquiry = self._day.skills(n)
            skills = (("emergency", emergency), ("enquiry", enquiry))
            agent = Agent(id=AgentId(str(n)), name=f"agent {n}", skills=skills)
            self._feed(AgentDefined(agent))
            seat = Seat(id=SeatId(f"s{n}"), phones=(PhoneId(f"a{n}"),), agent=agent.id)
            self._feed(SeatDefined(seat))

    # People -------------------------------------------------------------------------------------

    def _change_shift(self, staff: int) -> None:
        """Agents come and go; who is talking goes when the call is over."""
        for n in range(self._on_duty, staff):
            agent, seat = AgentId(str(n)), SeatId(f"s{n}")
            self._feed(LoginRequested(request=REQUEST, agent=agent, seat=seat))
        for n in range(staff, self._on_duty):
            self._feed(LogoutRequested(request=REQUEST, agent=AgentId(str(n))))
        self._on_duty = staff

    def _arrive(self, n: int) -> None:
        caller = self._day.callers[n]
        if n + 1 < len(self._day.callers):
            self._agenda.at(MIDNIGHT_MS + self._day.callers[n + 1].arrives_ms, self._arrive, n + 1)
        leg = LegId(f"{NODE}:c{n}")
        self._callers[leg] = caller
        self._legs[n] = leg
        self._call(leg, EMERGENCY_ENTRY if caller.is_emergency else ENQUIRY_ENTRY, self._shown(n))
        if caller.patience_ms is not None:
            self._agenda.after(caller.patience_ms, self._lose_patience, caller)

    def _call(self, leg: LegId, entry: str, number: str | None) -> None:
        """An INVITE comes."""
        self._exchange.channels[leg] = Channel(leg, "caller")
        arrived = CallArrived(
            leg=leg,
            arrived_ms=self._agenda.now_ms,
            trunk=None,
            caller=number,
            called=EntryId(entry),
        )
        self._agenda.after(self._delays.event, self._feed, arrived)

    def _shown(self, caller: int) -> str | None:
        """The number that a caller shows: a day's are each a person of their own, whom nobody can
        call back."""
        return f"caller {caller}"

    def _lose_patience(self, caller: Caller) -> None:
        if self.outcome.waits_ms[caller.number] is None:
            self._hang_up(caller)

    def _hang_up(self, caller: Caller) -> None:
        channel = self._exchange.channels.get(self._legs[caller.number])
        if channel is not None:
            self._exchange.kill(channel, Hangup.NORMAL)

    def _ring(self, command: RingPhone) -> None:
        """A phone begins to ring, and somebody picks it up or does not."""
        channel = self._exchange.channels.get(command.leg)
        if channel is None:
            return
        self._exchange.rings(channel)
        caller, agent = self._calls[command.call].number, int(command.phone[1:])
        ring = self._rings[caller, agent] = self._rings.get((caller, agent), 0) + 1
        pick_up_ms = self._day.pick_up_ms(caller, agent, ring)
        if pick_up_ms is not None:
            self._agenda.after(pick_up_ms, self._pick_up, command.leg)

    def _pick_up(self, leg: LegId) -> None:
        channel = self._exchange.channels.get(leg)
        if channel is not None:
            self._exchange.is_answered(channel)

    def _be_ready(self, agent: AgentId) -> None:
        self._feed(ReadyRequested(request=REQUEST, agent=agent))

    # Between the core and Asterisk --------------------------------------------------------------

    def _feed(self, event: Event) -> None:
        self.outcome.steps += 1
        for effect in self._core.step(self._agenda.now_ms, event):
            kind = type(effect)
            if kind in _READ:
                _READ[kind](self, effect)
            elif isinstance(effect, Command):
                self._agenda.after(self._delays.command, self._carry_out, effect)
            else:
                self._read(effect)

    def _read(self, effect: object) -> None:
        """Nothing else is of interest; to a trial of something else it may be."""

    def _say(self, leg: LegId | None, event: Event) -> None:
        self._agenda.after(self._delays.event, self._feed, event)

    def _carry_out(self, command: Command) -> None:
        self._exchange.carry_out(command)
        if isinstance(command, RingPhone):
            self._agenda.after(self._delays.phone, self._ring, command)
        elif isinstance(command, ListenTo):
            # Whoever calls has something to say.
            self._say(command.leg, CallerHeard(command.leg, Heard.SPEECH))
        elif isinstance(command, Play):
            self._agenda.after(self._delays.prompt, self._finish, command.playback)

    def _finish(self, playback: PlaybackId) -> None:
        self._exchange.finish(playback)

    # What the core says -------------------------------------------------------------------------

    def _offered(self, fact: CallOffered) -> None:
        self._calls[fact.call] = self._callers.pop(fact.leg)

    def _answered(self, fact: CallAnswered) -> None:
        caller = self._calls[fact.call]
        if not fact.again:
            self.outcome.waits_ms[caller.number] = fact.at_ms - MIDNIGHT_MS - caller.arrives_ms
            self._agenda.after(caller.talk_ms, self._hang_up, caller)
            if caller.is_emergency:
                self._give_the_word(fact.call, fact.agent)

    def _give_the_word(self, call: CallId, agent: AgentId) -> None:
        """Agents say that the caller responds (E33): otherwise a callback would be owed for each,
        and be escalated through all of the day to nobody."""
        said = ControlRequested(request=REQUEST, call=call, agent=agent, action=Control.RESPONDED)
        self._agenda.after(self._delays.event, self._feed, said)

    def _made(self, fact: OfferMade) -> None:
        self.outcome.offers += 1

    def _changed(self, fact: AgentStateChanged) -> None:
        if fact.now == AgentState.NOT_RESPONDING:
            self._agenda.after(self._delays.absent, self._be_ready, fact.agent)


_READ: dict[type, Callable[..., None]] = {
    CallOffered: Trial._offered,
    CallAnswered: Trial._answered,
    OfferMade: Trial._made,
    AgentStateChanged: Trial._changed,
}
