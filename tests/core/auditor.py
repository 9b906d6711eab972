"""An independent auditor: keeps its own books from events and effects alone, never from the core's
state, and raises ``AssertionError`` at the first moment in which a promise is broken.

It knows the directory, who is registered, which legs live, which calls wait, who is ready.  What
it holds the core to are the invariants of the design: one outcome per call, one conversation per
phone, nobody waits while somebody fit is free, order by urgency and then by arrival, an emergency
caller never ended by us, a gapless trace of every agent, totals that add up.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from acd.core.commands import (
    AnswerLeg,
    CloseRoom,
    Command,
    HandToFallback,
    HangUp,
    JoinRoom,
    OpenRoom,
    Play,
    RingPhone,
)
from acd.core.directory import Agent, EntryKind, Queue
from acd.core.events import (
    AgentDefined,
    CallArrived,
    CodeDialled,
    CommandFailed,
    Event,
    Hangup,
    LegGone,
    PhoneReported,
    QueueDefined,
    SeatDefined,
    SeatRemoved,
    SwitchConnected,
)
from acd.core.facts import (
    AgentStateChanged,
    CallAnswered,
    CallEnded,
    CallOffered,
    CallRequeued,
    Defect,
    LegEnded,
    OfferEnded,
    OfferMade,
    OfferResult,
    Outcome,
    WrapUpEnded,
)
from acd.core.ids import AgentId, CallId, LegId, OfferId, PhoneId, QueueId, RoomId, SeatId
from acd.core.state import Effect


@dataclass
class CallBook:
    """What is known of one call."""

    offered: CallOffered
    order: int
    waiting: bool
    caller_gone: bool = False
    lost: bool = False
    offer: OfferId | None = None
    talking: AgentId | None = None
    """The agent whose audio reaches the caller now."""
    answered: int = 0
    offers: int = 0
    refused: bool = False
    handed_over: bool = False
    rooms: Counter[str] = field(default_factory=Counter)
    ended: CallEnded | None = None


class Auditor:
    """Shown every step by ``see``; asked at the end by ``close``."""

    def __init__(self) -> None:
        self.queues: dict[QueueId, Queue] = {}
        self.profiles: dict[AgentId, Agent] = {}
        self.phones_of: dict[SeatId, tuple[PhoneId, ...]] = {}
        self.registered: dict[PhoneId, bool] = {}
        self.in_use: dict[PhoneId, bool] = {}
        self.legs_on: dict[PhoneId, dict[LegId, None]] = {}
        self.agents: dict[AgentId, AgentStateChanged] = {}
        self.calls: dict[CallId, CallBook] = {}
        self.offers: dict[OfferId, OfferMade] = {}
        self.live_legs: dict[LegId, CallId | None] = {}
        self.hung_up: dict[LegId, None] = {}
        self.wrapping: dict[AgentId, int] = {}
        self.ended_legs: Counter[LegId] = Counter()
        self.now_ms = 0

    def see(self, now_ms: int, event: Event, effects: Sequence[Effect]) -> None:
        """Take one step into the books and check what must hold after it."""
        assert now_ms >= self.now_ms, "time ran backwards"
        self.now_ms = now_ms
        self._hear(event)
        rung = [e.offer for e in effects if isinstance(e, RingPhone)]
        made = [e.offer for e in effects if isinstance(e, OfferMade)]
        assert rung == made, "a ring without its offer, or an offer without its ring"
        for effect in effects:
            if isinstance(effect, Command):
                self._command(effect, event)
            else:
                self._fact(effect)
        self._nobody_waits_in_vain()
        self._books_balance()

    # Events ---------------------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        match event:
            case QueueDefined(queue):
                self.queues[queue.id] = queue
            case AgentDefined(agent):
                self.profiles[agent.id] = agent
            case SeatDefined(seat):
                for other, phones in self.phones_of.items():
                    self.phones_of[other] = tuple(p for p in phones if p not in seat.phones)
                self.phones_of[seat.id] = seat.phones
            case SeatRemoved(seat_id):
                self.phones_of.pop(seat_id, None)
            case PhoneReported():
                self.registered[event.phone] = event.registered
                self.in_use[event.phone] = event.in_use
            case CallArrived(leg=leg):
                self.live_legs.setdefault(leg, None)
            case CodeDialled(leg, phone):
                self.registered[phone] = True
                self.live_legs.setdefault(leg, None)
                self.legs_on.setdefault(phone, {})[leg] = None
            case LegGone(leg, why):
                self._leg_gone(leg, lost=why is Hangup.LOST)
            case CommandFailed(command="RingPhone", leg=leg) if leg is not None:
                self._leg_gone(leg, lost=False)
            case CommandFailed(command="HangUp", leg=leg) if leg is not None:
                self.hung_up.pop(leg, None)
            case SwitchConnected(_, legs):
                self.hung_up.clear()
                for leg in [known for known in self.live_legs if known not in legs]:
                    self._leg_gone(leg, lost=True)
            case _:
                pass

    def _leg_gone(self, leg: LegId, *, lost: bool) -> None:
        self.live_legs.pop(leg, None)
        for legs in self.legs_on.values():
            legs.pop(leg, None)
        for book in self.calls.values():
            if book.offered.leg == leg and not book.caller_gone:
                book.caller_gone = True
                book.waiting = False
                book.lost = lost

    # Effects --------------------------------------------------------------------------------------

    def _command(self, command: Command, event: Event) -> None:
        match command:
            case RingPhone():
                held = self.legs_on.setdefault(command.phone, {})
                assert not held, f"{command.phone} is rung while {list(held)} is on it"
                held[command.leg] = None
                self.live_legs[command.leg] = command.call
            case HangUp(leg=leg, call=call):
                if isinstance(event, SwitchConnected) or call == "orphan":
                    return
                assert leg in self.live_legs, f"{leg} is hung up and is not there"
                assert leg not in self.hung_up, f"{leg} is hung up twice"
                self.hung_up[leg] = None
                book = self.calls.get(call)
                if book is not None and leg == book.offered.leg:
                    assert book.offered.kind is not EntryKind.EMERGENCY, f"we ended {call}"
            case HandToFallback(call, leg):
                assert leg in self.live_legs
                del self.live_legs[leg]
                self.calls[call].handed_over = True
                self.calls[call].waiting = False
            case JoinRoom(call, room, legs):
                assert all(leg in self.live_legs for leg in legs), f"{legs} join and are not there"
                if f"room-{call}" in room:
                    assert self.calls[call].rooms["open"] > self.calls[call].rooms["close"]
            case AnswerLeg(_, leg) | Play(_, leg):
                assert leg in self.live_legs, f"{leg} is spoken to and is not there"
            case OpenRoom(call):
                self._room(call, command.room)["open"] += 1
            case CloseRoom(call):
                self._room(call, command.room)["close"] += 1
            case _:
                pass

    def _room(self, call: CallId, room: RoomId) -> Counter[str]:
        assert room.endswith(call)
        return self.calls[call].rooms

    def _fact(self, fact: Effect) -> None:
        match fact:
            case Defect():
                raise AssertionError(fact.sentence)
            case CallOffered():
                assert fact.call not in self.calls, "offered twice"
                self.calls[fact.call] = CallBook(
                    fact, order=len(self.calls), waiting=fact.queue is not None
                )
            case OfferMade():
                self._offer_made(fact)
            case OfferEnded():
                self._offer_ended(fact)
            case CallAnswered():
                book = self.calls[fact.call]
                assert book.talking is None, f"{fact.call}: {book.talking} and {fact.agent}"
                assert not book.caller_gone
                assert fact.wait_ms == fact.at_ms - book.offered.arrived_ms
                assert fact.again == (book.answered > 0)
                book.talking = fact.agent
                book.answered += 1
            case CallRequeued():
                book = self.calls[fact.call]
                book.talking = None
                book.waiting = not book.caller_gone
            case LegEnded():
                self.ended_legs[fact.leg] += 1
                assert self.ended_legs[fact.leg] == 1, "a leg ended twice"
            case AgentStateChanged():
                self._agent_changed(fact)
            case WrapUpEnded():
                assert fact.wrap_up_ms == fact.at_ms - self.wrapping.pop(fact.agent)
            case CallEnded():
                self._call_ended(fact)
            case _:
                pass

    def _offer_made(self, made: OfferMade) -> None:
        book = self.calls[made.call]
        assert book.offered.queue is not None
        assert book.waiting, f"{made.call} is offered and does not wait"
        assert self._serves(made.agent, book.offered.queue), f"{made.agent} is not fit"
        mine = self._urgency(book)
        for other in self._waiting():
            if other is not book and self._serves(made.agent, other.offered.queue):
                assert mine < self._urgency(other), (
                    f"{made.call} goes before {other.offered.call}, which is more urgent"
                )
        book.waiting = False
        book.offer = made.offer
        book.offers += 1
        assert made.offer not in self.offers
        self.offers[made.offer] = made

    def _offer_ended(self, ended: OfferEnded) -> None:
        made = self.offers.pop(ended.offer)  # fails when it had ended before
        assert (made.agent, made.call) == (ended.agent, ended.call)
        book = self.calls[ended.call]
        assert book.offer == ended.offer
        book.offer = None
        if ended.result is not OfferResult.ACCEPTED:
            book.waiting = not book.caller_gone and not book.handed_over

    def _agent_changed(self, fact: AgentStateChanged) -> None:
        before = self.agents.get(fact.agent)
        assert fact.was == ("logged_out" if before is None else before.now)
        # Who is removed and comes back begins anew; so does who is seen for the first time.
        if before is not None and before.now != "logged_out":
            assert fact.from_ms == before.at_ms, f"a gap in the trace of {fact.agent}"
            assert fact.seat == before.seat, f"{fact.agent} changed seats while at work"
        assert fact.seat is not None
        if fact.now == "wrap_up":
            self.wrapping[fact.agent] = fact.at_ms
        self.agents[fact.agent] = fact

    def _call_ended(self, ended: CallEnded) -> None:
        book = self.calls[ended.call]
        assert book.ended is None, "two outcomes"
        assert book.caller_gone or book.handed_over, "ended while the caller is there"
        assert book.offer is None, "ended with an offer open"
        assert ended.offers == book.offers
        assert ended.outcome is self._right_outcome(book)
        assert (ended.answered_ms is not None) == (book.answered > 0)
        assert ended.wait_ms >= 0 and ended.talk_ms >= 0 and ended.ring_ms >= 0
        assert ended.queue == book.offered.queue
        had_room = book.offered.queue is not None
        assert book.rooms["close"] == had_room, "a room left, or closed twice"
        book.ended = ended
        book.waiting = False
        book.talking = None

    def _right_outcome(self, book: CallBook) -> Outcome:
        if book.answered:
            return Outcome.ANSWERED
        if book.handed_over:
            return Outcome.FALLBACK
        if book.offered.queue is None:
            return Outcome.REFUSED
        return Outcome.LOST if book.lost else Outcome.ABANDONED

    # What must hold -------------------------------------------------------------------------------

    def _waiting(self) -> Iterator[CallBook]:
        return (book for book in self.calls.values() if book.waiting and book.ended is None)

    def _urgency(self, book: CallBook) -> tuple[int, int, int]:
        assert book.offered.queue is not None
        queue = self.queues[book.offered.queue]
        return (queue.priority, book.offered.arrived_ms + queue.promise_ms, book.order)

    def _serves(self, agent: AgentId, queue: QueueId | None) -> bool:
        if queue is None:
            return False
        levels = dict(self.profiles[agent].skills)
        return all(levels.get(n.skill, 0) >= n.level_min for n in self.queues[queue].needs)

    def _could_be_rung(self, agent: AgentId) -> bool:
        last = self.agents[agent]
        if last.now != "ready" or last.seat is None:
            return False
        phones = self.phones_of.get(last.seat, ())
        return bool(phones) and (
            self.registered.get(phones[0], True)
            and not self.in_use.get(phones[0], False)
            and not self.legs_on.get(phones[0])
        )

    def _nobody_waits_in_vain(self) -> None:
        free = [agent for agent in self.agents if self._could_be_rung(agent)]
        for book in self._waiting():
            fit = [agent for agent in free if self._serves(agent, book.offered.queue)]
            assert not fit, f"{book.offered.call} waits while {fit} are free"

    def _books_balance(self) -> None:
        """K04: every call that came in has one outcome or is still there."""
        live = sum(1 for book in self.calls.values() if book.ended is None)
        outcomes = Counter(book.ended.outcome for book in self.calls.values() if book.ended)
        assert len(self.calls) == live + sum(outcomes[o] for o in Outcome)

    def close(self) -> None:
        """After the calm phase: everything has come to its end."""
        for call, book in self.calls.items():
            assert book.ended is not None, f"{call} never ended"
        assert not self.offers, "an offer never ended"
        assert not any(self.legs_on.values()), "a phone is still held"
        assert not self.live_legs
        for agent, last in self.agents.items():
            assert last.now not in ("offered", "talking", "wrap_up"), f"{agent} is {last.now}"
            if last.now != "logged_out":
                assert last.seat in self.phones_of, f"{agent} sits at {last.seat}"
