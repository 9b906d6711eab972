"""An independent auditor: keeps its own books from events and effects alone, never from the core's
state, and raises ``AssertionError`` at the first moment in which a promise is broken.

It knows the directory, who is registered, which legs live, which calls wait, who is ready.  What
it holds the core to are the invariants of the design: one outcome per call, one conversation per
phone, one winner among many phones, nobody wants a phone while somebody fit and within reach has
one, order by urgency and then by arrival, nobody interrupted without need, an emergency caller
never ended by us, a gapless trace of every agent, totals that add up.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from acd.core.commands import (
    AnswerLeg,
    CallPhone,
    CloseRoom,
    Command,
    HandToFallback,
    HangUp,
    JoinRoom,
    OpenRoom,
    OpenSnoop,
    Play,
    RingPhone,
    SeatAnew,
)
from acd.core.directory import Agent, EntryKind, Queue, Reach, SeatMode, Selection, Widening
from acd.core.emergency.case import Case
from acd.core.events import (
    AgentDefined,
    CallArrived,
    CallerHeard,
    ChannelsCompared,
    CodeDialled,
    CommandFailed,
    DigitPressed,
    EntryDefined,
    Event,
    Hangup,
    Heard,
    LegGone,
    LegHungUp,
    LegJoined,
    PhoneHeld,
    PhoneReported,
    PhoneUnheld,
    QueueDefined,
    QueueRemoved,
    SeatDefined,
    SeatRemoved,
    SnoopGone,
    SpeechEnded,
    SpeechStarted,
    Steer,
    SteerRequested,
    SwitchConnected,
)
from acd.core.facts import (
    AgentStateChanged,
    CallAnswered,
    CallDisposed,
    CallEnded,
    CallerResponded,
    CallHeld,
    CallOffered,
    CallQueued,
    CallRated,
    CallReleased,
    CallRequeued,
    CallResumed,
    CallSteered,
    CaseNoted,
    Defect,
    IncidentOpened,
    LeaveAnswered,
    LeaveAsked,
    LegEnded,
    MenuAnswered,
    NoResponseFlagged,
    OfferEnded,
    OfferMade,
    OfferResult,
    Outcome,
    PromiseBroken,
    RatingAsked,
    ReplyKind,
    ReplyOwed,
    Response,
    ResponseNoted,
    TestRang,
    TestResult,
    TestRingEnded,
    TransferEnded,
    TransferKind,
    TransferStarted,
    WrapUpEnded,
    WrapUpExtended,
)
from acd.core.ids import (
    OUR_PREFIX,
    AgentId,
    CallId,
    EntryId,
    LegId,
    OfferId,
    PhoneId,
    QueueId,
    RoomId,
    SeatId,
)
from acd.core.queueing.lines import KEPT_FREE, SAME_NUMBER_MAX, SAME_TERMINAL_MAX, WITHHELD_MAX
from acd.core.resync import healing
from acd.core.scripts import RATINGS, Then
from acd.core.state import Effect
from acd.simulation.careline import NODE

ORDER = (Reach.READY, Reach.WRAP_UP, Reach.BREAK)
REFUSED = (OfferResult.REJECTED, OfferResult.FAILED)
"""After such an end whoever was rung out of wrap-up or a break is left alone."""
RING_ALL_PHONES_MAX = 50
WINDOW_MS = 3_000
STATES = ("reserved", "talking", "offered", "wrap_up", "paused", "not_responding")
NEAR = ("rest", "training", "paperwork")
"""Breaks that a caller in danger may interrupt."""
LEAVE_MS_MAX = 120_000
TEST_RING_MS = 30_000
TEST_RING_MS_MAX = 900_000
TEST_RINGS_MAX = 6
"""Of every queue of the make-believe world."""
STEERED = "supervisor"
"""Why somebody was preferred whom a supervisor has named."""
PERSONAL = tuple(TransferKind)
"""What stands for the rule in an offer that a colleague has asked for."""
FROM = {"ready": Reach.READY, "wrap_up": Reach.WRAP_UP, "paused": Reach.BREAK}


@dataclass
class CallBook:
    """What is known of one call."""

    offered: CallOffered
    queue: QueueId | None
    """Where the caller waits, or waited last; a menu or a transfer may have changed it."""
    with_machine: bool
    """In a menu, gone from the line by choice, or asked to rate: no phone may ring."""
    order: int
    open: bool
    """The caller is there and no agent has answered: phones may ring."""
    alone_since_ms: int
    caller_gone: bool = False
    queued: bool = False
    """Has been in a line at all."""
    informed: bool = False
    of_case: Case | None = None
    """The emergency that the call is about, once one is open."""
    chose: Outcome | None = None
    """What the caller left by choice for."""
    lost: bool = False
    ringing: dict[OfferId, OfferMade] = field(default_factory=dict)
    broken: bool = False
    incident: bool = False
    talking: AgentId | None = None
    """The agent whose audio reaches the caller now."""
    answered: int = 0
    offers: int = 0
    refused: bool = False
    handed_over: bool = False
    rooms: Counter[str] = field(default_factory=Counter)
    transfer: TransferStarted | None = None
    raised: bool = False
    """A supervisor has put the caller before everybody else."""
    asked_to_rate: bool = False
    rated: bool = False
    disposed: str | None = None
    """How it went, by an agent: the caller may be let go."""
    responds: bool | None = None
    """An agent's last word of it; None again when the call was flagged since."""
    flagged: bool = False
    released: bool = False
    held_at_ms: int | None = None
    hold_ms: int = 0
    ended: CallEnded | None = None


@dataclass
class LineBook:
    """What is known of one line that stays open."""

    phone: PhoneId
    room: RoomId
    is_open: bool = False
    """Has been in its own room, and we have not ended it."""
    held: bool = False
    lent: LegId | None = None
    """Under what its part in a call will be written down."""

    @property
    def is_free(self) -> bool:
        return self.is_open and not self.held and self.lent is None


class Auditor:
    """Shown every step by ``see``; asked at the end by ``close``."""

    def __init__(self) -> None:
        self.queues: dict[QueueId, Queue] = {}
        self.retired: dict[QueueId, None] = {}
        """Removed: still there while somebody of theirs is."""
        self.entries: dict[EntryId, bool] = {}
        """Whether each has a menu."""
        self.profiles: dict[AgentId, Agent] = {}
        self.languages: dict[LegId, tuple[str, ...]] = {}
        self.phones_of: dict[SeatId, tuple[PhoneId, ...]] = {}
        self.modes: dict[SeatId, SeatMode] = {}
        self.registered: dict[PhoneId, bool] = {}
        self.in_use: dict[PhoneId, bool] = {}
        self.legs_on: dict[PhoneId, dict[LegId, None]] = {}
        self.lines: dict[LegId, LineBook] = {}
        self.shared: dict[PhoneId, None] = {}
        """Phones with a private call, as two comparisons in a row have found."""
        self.agents: dict[AgentId, AgentStateChanged] = {}
        self.calls: dict[CallId, CallBook] = {}
        self.offers: dict[OfferId, OfferMade] = {}
        self.live_legs: dict[LegId, CallId | None] = {}
        self.hung_up: dict[LegId, None] = {}
        self.doubtful: dict[object, None] = {}
        self.asking: dict[AgentId, LeaveAsked] = {}
        self.is_steered = False
        """A supervisor has decided something in this step: a person has named who is rung."""
        self.late_ms = 0
        """How long before the present step the last one was."""
        self.watch_rooms: dict[CallId, Counter[str]] = {}
        self.snoops: dict[LegId, None] = {}
        """Copies of a leg's sound that are, or are being, made."""
        self.silent: dict[OfferId, None] = {}
        """Offers on phones that pick up by themselves: a word or a key must come first."""
        self.heard: dict[LegId, None] = {}
        self.sounds: dict[LegId, Heard] = {}
        """What each leg gives, as it was judged last."""
        self.speaking: dict[LegId, None] = {}
        self.clearing: dict[LegId, None] = {}
        """Legs whose far end has hung up: the switch may give them up before Asterisk does."""
        self.tested: dict[AgentId, TestRang] = {}
        self.wrapping: dict[AgentId, int] = {}
        """Milliseconds that each has spent on the notes of their last conversation."""
        self.left_alone: dict[AgentId, None] = {}
        """Who has refused a ring in this wrap-up or break."""
        self.ended_legs: Counter[LegId] = Counter()
        self.whereabouts: dict[LegId, RoomId] = {}
        """Where each leg was last asked to be."""
        self.let_go: dict[LegId, None] = {}
        """Whom we have hung up on, whether or not it has been heard yet."""
        self.now_ms = 0
        self.is_catching_up = False
        """Deadlines are overdue, for the process was stopped: the core works them off one by one,
        each as if the later ones had not come, so whoever has a claim to the agent only *by now*
        may come second.  Whoever had it before may not."""

    def see(self, now_ms: int, event: Event, effects: Sequence[Effect]) -> None:
        """Take one step into the books and check what must hold after it."""
        assert now_ms >= self.now_ms, "time ran backwards"
        self.late_ms = now_ms - self.now_ms
        self.now_ms = now_ms
        self.is_steered = isinstance(event, SteerRequested)
        self._hear(event)
        rung = [e.offer for e in effects if isinstance(e, RingPhone)]
        told = [e for e in effects if isinstance(e, OfferMade) if not _is_supervisor(e)]
        made = [e.offer for e in told if not _over_a_line(e)]
        self.silent.update(dict.fromkeys(e.offer for e in told if _over_a_line(e)))
        picks_up = [e.offer for e in effects if isinstance(e, RingPhone) and e.picks_up]
        self.silent.update(dict.fromkeys(picks_up))
        assert rung == made, "a ring without its offer, or an offer without its ring"
        for effect in effects:
            if isinstance(effect, Command):
                self._command(effect, event)
            else:
                self._fact(effect)
        self._nobody_waits_in_vain()
        self._nobody_hears_silence()
        self._one_winner()
        self._marks_are_made()
        self._notes_are_under_way()
        self._books_balance()

    # Events ---------------------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        match event:
            case QueueDefined(queue):
                self.queues[queue.id] = queue
                self.retired.pop(queue.id, None)
            case QueueRemoved(queue_id):
                self.retired[queue_id] = None
            case AgentDefined(agent):
                self.profiles[agent.id] = agent
            case SeatDefined(seat):
                for other, phones in self.phones_of.items():
                    self.phones_of[other] = tuple(p for p in phones if p not in seat.phones)
                self.phones_of[seat.id] = seat.phones
                self.modes[seat.id] = seat.mode
            case SeatRemoved(seat_id):
                self.phones_of.pop(seat_id, None)
            case PhoneHeld(leg) | PhoneUnheld(leg):
                if leg in self.lines:
                    self.lines[leg].held = isinstance(event, PhoneHeld)
            case LegJoined(leg, room):
                line = self.lines.get(leg)
                if line is not None and room == line.room and leg not in self.let_go:
                    line.is_open = True
            case PhoneReported():
                self.registered[event.phone] = event.registered
                self.in_use[event.phone] = event.in_use
            case EntryDefined(entry):
                self.entries[entry.id] = bool(entry.menus)
            case CallArrived(leg=leg):
                self.live_legs.setdefault(leg, None)
                self.languages.setdefault(leg, event.languages)
            case CodeDialled(leg, phone):
                self.registered[phone] = True
                self.live_legs.setdefault(leg, None)
                self.legs_on.setdefault(phone, {})[leg] = None
            case DigitPressed(leg) | SpeechStarted(leg):
                self.heard[leg] = None
                if isinstance(event, SpeechStarted):
                    self.speaking[leg] = None
            case SpeechEnded(leg):
                self.speaking.pop(leg, None)
            case CallerHeard(leg, heard):
                self.sounds[leg] = heard
            case SnoopGone(snoop):
                self.snoops.pop(snoop, None)
            case LegHungUp(leg):
                self.clearing[leg] = None
            case LegGone(leg, why):
                self._leg_gone(leg, lost=why is Hangup.LOST)
            case CommandFailed(command="RingPhone" | "CallPhone", leg=leg) if leg is not None:
                self._leg_gone(leg, lost=False)
            case CommandFailed(command="HangUp", leg=leg) if leg is not None:
                self.hung_up.pop(leg, None)
            case ChannelsCompared(_, legs, occupied, private):
                self._compared(legs, occupied, private)
            case SwitchConnected(_, legs):
                self.hung_up.clear()
                for leg in [known for known in self.live_legs if known not in legs]:
                    self._leg_gone(leg, lost=True)
            case _:
                pass

    def _compared(
        self,
        legs: tuple[LegId, ...],
        occupied: tuple[PhoneId, ...],
        private: tuple[PhoneId, ...],
    ) -> None:
        """What differs twice in a row is so."""
        differs = [leg for leg in self.live_legs if leg not in legs]
        for leg in differs:
            if leg in self.doubtful:
                self._leg_gone(leg, lost=True)
        # After the legs: a phone of which one has just been found gone may still be in use.
        phones = [
            (p, p in occupied)
            for p in self.in_use
            if self.in_use[p] != (p in occupied) and not (p in occupied and self.legs_on.get(p))
        ]
        for phone, in_use in phones:
            if (phone, in_use) in self.doubtful:
                self.in_use[phone] = in_use
        shared = [
            f"{phone} shared: {phone in private}"
            for phone in self.registered
            if (phone in self.shared) != (phone in private)
        ]
        for phone in self.registered:
            if f"{phone} shared: {phone in private}" in self.doubtful:
                self.shared.pop(phone, None)
                if phone in private:
                    self.shared[phone] = None
        self.doubtful = dict.fromkeys([*differs, *phones, *shared])

    def _leg_gone(self, leg: LegId, *, lost: bool) -> None:
        self.live_legs.pop(leg, None)
        self.whereabouts.pop(leg, None)
        self.lines.pop(leg, None)
        for legs in self.legs_on.values():
            legs.pop(leg, None)
        for book in self.calls.values():
            if book.offered.leg == leg and not book.caller_gone:
                self._hold_over(book)
                book.caller_gone = True
                book.open = False
                book.lost = lost

    # Effects --------------------------------------------------------------------------------------

    def _command(self, command: Command, event: Event) -> None:
        match command:
            case CallPhone():
                held = self.legs_on.setdefault(command.phone, {})
                others = [leg for leg in held if command.picks_up or leg not in self.lines]
                assert not others, f"{command.phone} is called while {others} is on it"
                held[command.leg] = None
                self.live_legs[command.leg] = None
                if command.picks_up:
                    room = RoomId(f"{NODE}:{OUR_PREFIX}room-{command.call}")
                    self.lines[command.leg] = LineBook(command.phone, room)
            case RingPhone():
                held = self.legs_on.setdefault(command.phone, {})
                others = [leg for leg in held if leg not in self.lines]
                assert not others, f"{command.phone} is rung while {others} is on it"
                assert not command.picks_up or not held, "an INVITE while the line is open"
                held[command.leg] = None
                self.live_legs[command.leg] = command.call
            case HangUp(leg=leg, call=call):
                self.let_go[leg] = None
                if leg in self.lines:
                    self.lines[leg].is_open = False
                book = self.calls.get(call)
                if book is not None and leg == book.offered.leg:
                    self._hold_over(book)
                if isinstance(event, SwitchConnected | ChannelsCompared) or call == "orphan":
                    return
                if self.snoops.pop(leg, leg) is None:
                    return
                assert leg in self.live_legs, f"{leg} is hung up and is not there"
                again = leg in self.hung_up and leg not in self.clearing
                assert not again, f"{leg} is hung up twice"
                if command.farewell is None:
                    self.hung_up[leg] = None
                if book is not None and leg == book.offered.leg:
                    kept = book.offered.kind is EntryKind.EMERGENCY and not book.disposed
                    assert not kept or leg in self.clearing, f"we ended {call}"
            case HandToFallback(call, leg):
                if isinstance(event, SwitchConnected) and leg not in self.live_legs:
                    return  # given up, and Asterisk has kept the channel
                assert leg in self.live_legs
                del self.live_legs[leg]
                self._hold_over(self.calls[call])
                self.calls[call].handed_over = True
                self.calls[call].open = False
            case JoinRoom(call, room, legs):
                if all(leg in self.snoops for leg in legs):
                    return
                there = all(leg in self.live_legs for leg in legs)
                assert there or _found_out(event), f"{legs} join and are not there"
                self.whereabouts.update(dict.fromkeys(legs, room))
                if f"room-{call}" in room:
                    rooms = self._room(call, room)
                    assert rooms["open"] > rooms["close"]
            case SeatAnew(_, room, legs):
                there = all(leg in self.live_legs for leg in legs)
                assert there or _found_out(event), f"{legs} are seated anew and are not there"
                # Who is gone with a lost link, too, is nowhere: that is found out leg by leg.
                places = {self.whereabouts.get(leg) for leg in legs if leg in self.live_legs}
                assert places <= {room}, f"{legs} are seated anew in {room} from {places}"
            case OpenSnoop():
                assert command.of in self.live_legs, f"a copy of {command.of}, which is not there"
                self.snoops[command.leg] = None
            case AnswerLeg(_, leg) | Play(_, leg):
                there = leg in self.live_legs or _found_out(event)
                assert there, f"{leg} is spoken to and is not there"
            case OpenRoom(call):
                self._room(call, command.room)["open"] += 1
            case CloseRoom(call, room) if call == healing.ORPHAN:
                inside = [leg for leg in self.live_legs if self.whereabouts.get(leg) == room]
                assert not inside, f"{room} is closed with {inside} in it"
            case CloseRoom(call):
                self._room(call, command.room)["close"] += 1
            case _:
                pass

    def _room(self, call: CallId, room: RoomId) -> Counter[str]:
        assert room.endswith(call)
        if call not in self.calls:
            return self.watch_rooms.setdefault(call, Counter())
        return self.calls[call].rooms

    def _fact(self, fact: Effect) -> None:
        match fact:
            case Defect():
                raise AssertionError(fact.sentence)
            case CallOffered():
                assert fact.call not in self.calls, "offered twice"
                menu = self.entries.get(fact.called, False) and fact.queue is not None
                self.calls[fact.call] = CallBook(
                    fact,
                    queue=fact.queue,
                    with_machine=menu,
                    queued=fact.queue is not None and not menu,
                    order=len(self.calls),
                    open=fact.queue is not None and not menu,
                    alone_since_ms=fact.arrived_ms,
                )
            case CallQueued():
                book = self.calls[fact.call]
                assert book.with_machine and not book.queued and not book.caller_gone
                assert fact.queue in self.queues
                book.queue, book.with_machine, book.queued, book.open = (
                    fact.queue, False, True, True,
                )  # fmt: skip
            case MenuAnswered():
                book = self.calls[fact.call]
                assert book.with_machine and not book.caller_gone
                assert book.offered.kind is not EntryKind.EMERGENCY, "a menu in an emergency"
                book.informed = book.informed or fact.then in (Then.INFORMATION, Then.TASK)
            case ReplyOwed():
                self._reply_owed(fact)
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
                if book.talking is not None:
                    book.alone_since_ms, book.incident = fact.at_ms, False
                book.talking = None
                self._hold_over(book)
                book.open = not book.caller_gone
            case CallHeld():
                book = self.calls[fact.call]
                assert book.talking is not None and book.held_at_ms is None
                book.held_at_ms = fact.at_ms
            case CallResumed():
                book = self.calls[fact.call]
                assert book.held_at_ms is not None and not book.caller_gone
                assert fact.hold_ms == fact.at_ms - book.held_at_ms
                self._hold_over(book)
            case CaseNoted():
                self._case(fact)
            case CallDisposed():
                self.calls[fact.call].disposed = fact.disposition
            case ResponseNoted():
                book = self.calls[fact.call]
                book.responds, book.flagged = fact.responds, not fact.responds
            case CallerResponded():
                book = self.calls[fact.call]
                assert self.sounds[book.offered.leg] is Heard.SPEECH, "nobody spoke"
            case NoResponseFlagged():
                self._flagged(fact)
            case RatingAsked():
                book = self.calls[fact.call]
                assert book.answered and not book.caller_gone and not book.asked_to_rate
                assert book.offered.kind is EntryKind.ENQUIRY, "nobody rates an emergency (C28)"
                self._hold_over(book)
                book.asked_to_rate = book.with_machine = True
            case CallRated():
                book = self.calls[fact.call]
                assert book.asked_to_rate and not book.rated and not book.caller_gone
                assert fact.rating in RATINGS[fact.scale], "a word of another scale (C04)"
                book.rated = True
            case CallReleased():
                book = self.calls[fact.call]
                assert not book.caller_gone and (book.answered or book.with_machine)
                assert book.disposed or book.offered.kind is not EntryKind.EMERGENCY
                known = book.offered.terminal is not None and not book.with_machine
                assert book.disposed or not (book.flagged and known), "let go in silence (C05)"
                self._hold_over(book)
                book.released = True
            case TransferStarted():
                book = self.calls[fact.call]
                assert book.transfer is None, "two transfers at once"
                assert not book.open and not book.caller_gone, "nobody talks with the caller"
                book.transfer = fact
            case TransferEnded():
                book = self.calls[fact.call]
                begun, book.transfer = book.transfer, None
                assert begun is not None and (begun.by, begun.number) == (fact.by, fact.number)
                assert fact.after_ms == fact.at_ms - begun.at_ms
                book.queue = fact.queue or book.queue
            case CallSteered():
                book = self.calls[fact.call]
                assert book.open and not book.caller_gone, f"{fact.call} does not wait"
                book.raised = book.raised or fact.action is Steer.RAISE
                if fact.action is Steer.MOVE:
                    book.queue = fact.queue
            case PromiseBroken():
                book = self.calls[fact.call]
                assert not book.broken, "broken twice"
                assert not book.answered and not book.caller_gone
                book.broken = True
            case IncidentOpened():
                book = self.calls[fact.call]
                assert not book.incident, "one incident for one time alone"
                assert book.talking is None and not book.caller_gone
                assert fact.waited_ms == fact.at_ms - book.alone_since_ms
                book.incident = True
            case LegEnded():
                self.ended_legs[fact.leg] += 1
                assert self.ended_legs[fact.leg] == 1, "a leg ended twice"
                for line in self.lines.values():
                    if line.lent == fact.leg:
                        line.lent = None
                if fact.leg in self.clearing:
                    self._leg_gone(fact.leg, lost=False)
            case AgentStateChanged():
                self._agent_changed(fact)
            case LeaveAsked():
                assert fact.agent not in self.asking, "asked twice"
                assert self.agents[fact.agent].now != "logged_out"
                self.asking[fact.agent] = fact
            case LeaveAnswered():
                asked = self.asking.pop(fact.agent)  # fails when it had been answered before
                assert (fact.what, fact.reason) == (asked.what, asked.reason)
                # Whoever was not woken in time (a freeze) cannot have answered in time.
                assert fact.waited_ms == fact.at_ms - asked.at_ms <= LEAVE_MS_MAX + self.late_ms
                if fact.by is not None:
                    assert fact.by != fact.agent and self.agents[fact.by].now != "logged_out"
            case TestRang():
                self._tested(fact)
            case TestRingEnded():
                assert fact.agent in self.tested, "a test ring ended that never began"
                if fact.result is TestResult.READY:
                    assert self.agents[fact.agent].now == "not_responding"
            case WrapUpExtended():
                assert self.agents[fact.agent].now == "wrap_up" and fact.by_ms > 0
            case WrapUpEnded():
                queue = self.queues[fact.queue]
                most_ms = max(queue.wrap_up_ms, queue.rules.wrap_up_ms_max, 5_000)
                assert fact.wrap_up_ms <= most_ms, f"{fact.agent} wrapped up for ever"
                assert fact.wrap_up_ms == self.wrapping.pop(fact.agent)
            case CallEnded():
                self._call_ended(fact)
            case _:
                pass

    def _reply_owed(self, owed: ReplyOwed) -> None:
        """V06, V11: what a caller was promised has a deadline ahead and keeps their place."""
        book = self.calls[owed.call]
        assert owed.due_ms > owed.at_ms
        assert owed.place_ms == book.offered.arrived_ms
        if owed.about == "system failure":
            return
        assert book.offered.kind is not EntryKind.EMERGENCY, "an emergency was put off"
        book.open, book.with_machine = False, True
        book.chose = {
            ReplyKind.MESSAGE: Outcome.VOICEMAIL,
            ReplyKind.CALLBACK: Outcome.CALLBACK,
            ReplyKind.TASK: Outcome.SELF_SERVED,
        }[owed.kind]

    def _offer_made(self, made: OfferMade) -> None:
        book = self.calls[made.call]
        if _is_supervisor(made):
            assert self.agents[made.agent].was in ("ready", "wrap_up", "paused")
            assert book.answered and not book.caller_gone
            self.offers[made.offer] = made
            book.offers += 1
            return
        if made.selection in PERSONAL:
            self._asked_for(made, book)
            return
        if made.preferred == STEERED:
            self._given_by_name(made, book)
            return
        if _is_for_a_role(made):
            self._called_to_a_case(made, book)
            return
        self._lend(made)
        if made.offer in self.silent:
            alone = self.is_catching_up or self._phones(book, self.now_ms - 1) == 1
            assert alone, "one of several picks up by itself"
            assert made.reach == Reach.READY
        came_from = FROM[self.agents[made.agent].was]
        assert made.reach == came_from
        assert book.open, f"{made.call} is offered and is in nobody's need of a phone"
        assert len(book.ringing) < self._phones(book, self.now_ms), f"{made.call} rings enough"
        assert made.agent not in self.left_alone, f"{made.agent} has said no"
        assert self._may_serve(made.agent, came_from, book, self.now_ms), f"{made.agent} is not fit"
        tier = self._tier(made.agent, book.queue)
        at_home = tier is not None and tier <= self._relaxed(book, self.now_ms)
        assert (made.overflow is None) == at_home or self.is_catching_up
        assert made.tier == (tier if made.overflow is None else 0)
        # What falls due in this very millisecond may have been before or after the choice.
        self._is_preferred(made, book)
        moments = self._moments(book)
        self._is_the_nearest(made, self._others(made, moments[0]), came_from)
        assert any(self._is_explained(made, book, self._others(made, at_ms)) for at_ms in moments)
        mine = self._urgency(book)
        # Who wanted this agent before what is overdue, or falls due in this very millisecond.
        before_ms = self.now_ms - (self.late_ms if self.is_catching_up else 1)
        patient_ms = before_ms if self.is_catching_up else self.now_ms
        for other in self._wanting(before_ms):
            if self._may_be_patient(other, patient_ms) or self._is_spare(other):
                continue
            if other is not book and self._may_serve(made.agent, came_from, other, before_ms):
                assert mine < self._urgency(other), (
                    f"{made.call} goes before {other.offered.call}, which is more urgent"
                )
        if self._is_spare(book):
            assert self._is_one_kept(made, book), f"{made.call} has no number, and gets the last"
        assert made.offer not in self.offers
        book.ringing[made.offer] = self.offers[made.offer] = made
        book.offers += 1

    def _is_one_kept(self, made: OfferMade, book: CallBook) -> bool:
        """Tell whether an agent who could have served the call instead stays free."""
        return any(
            self._could_be_rung_from(agent) is Reach.READY
            and self._may_serve(agent, Reach.READY, book, self.now_ms)
            for agent in self.agents
            if agent != made.agent
        )

    def _moments(self, book: CallBook) -> list[int]:
        """Return as of which moments an offer of this step may have been chosen: each deadline that
        is overdue is worked off as if the later ones had not come."""
        if not self.is_catching_up:
            return [self.now_ms - 1, self.now_ms]
        queue, since_ms = self._queue(book), self.now_ms - self.late_ms
        after_ms = [step.after_ms for step in queue.widening]
        after_ms += [step.after_ms for step in queue.relaxation]
        due_ms = [book.offered.arrived_ms + one for one in (*after_ms, queue.overflow_ms)]
        return [since_ms, *(one for one in due_ms if since_ms < one <= self.now_ms), self.now_ms]

    def _is_the_nearest(self, made: OfferMade, others: list[AgentId], came_from: Reach) -> None:
        """Nobody of the call's own queue who is nearer, or as near and fitter, is passed over."""
        queue = self.calls[made.call].queue
        nearer = [*ORDER[: ORDER.index(came_from)]]
        if made.overflow is not None:
            nearer.append(Reach.READY)
        for reach in nearer:
            spared = [a for a in others if self._could_be_rung_from(a) is reach]
            assert not spared, f"{made.agent} is rung from {came_from}, and {spared} from {reach}"
        for other in others if made.overflow is None and made.preferred is None else ():
            if self._could_be_rung_from(other) is came_from:
                tier = self._tier(other, queue)
                assert tier is not None
                assert tier >= made.tier, f"{made.agent} is rung, and {other} is fitter"

    def _is_preferred(self, made: OfferMade, book: CallBook) -> None:
        """C15: among those who could be rung at once, who speaks the caller's language goes first;
        who goes before the rule for a reason has that reason."""
        queue = self._queue(book)
        wanted = [one for one in self.languages.get(book.offered.leg, ()) if one in queue.prefers]
        if made.preferred is not None:
            assert made.reach == Reach.READY and made.overflow is None
            if made.preferred == "case":
                assert book.of_case is not None
            elif made.preferred not in ("named", "owner", "last"):
                assert made.preferred in wanted
                assert made.preferred in dict(self.profiles[made.agent].skills)
            return
        ready = [a for a in self.agents if a != made.agent and self._could_be_rung_from(a)
                 is Reach.READY and self._is_at_home(a, book, self.now_ms - 1)]  # fmt: skip
        passed_over = [a for a in ready for one in wanted if one in dict(self.profiles[a].skills)]
        assert not passed_over, f"{made.call} would rather have {passed_over} than {made.agent}"

    def _may_be_patient(self, book: CallBook, at_ms: int) -> bool:
        """Tell whether the call may wait for somebody in particular: never an emergency, never
        longer than its queue says, never after a ring."""
        queue = self._queue(book)
        return (
            book.offered.kind is not EntryKind.EMERGENCY
            and not book.offers
            and at_ms <= book.offered.arrived_ms + queue.prefer_wait_ms
            and queue.prefer_wait_ms > 0
        )

    def _others(self, made: OfferMade, at_ms: int) -> list[AgentId]:
        """Who else served the call's own queue, as its needs were at a moment."""
        book = self.calls[made.call]
        return [a for a in self.agents if a != made.agent and self._is_at_home(a, book, at_ms)]

    def _is_explained(self, made: OfferMade, book: CallBook, at_home: list[AgentId]) -> bool:
        """Tell whether what an offer says of its choice is so."""
        queue = self._queue(book)
        assert made.slack_ms == book.offered.arrived_ms + queue.promise_ms - made.at_ms
        assert queue.ring_ms_min <= made.ring_limit_ms <= max(queue.ring_ms, queue.ring_ms_min)
        assert made.phones == len(book.ringing) + 1
        others = at_home
        if made.overflow is not None:
            others = [a for a in self.agents if self._tier(a, made.overflow) == 0
                      and a != made.agent]  # fmt: skip
        ready = [a for a in others if self._could_be_rung_from(a) is Reach.READY]
        assert all(self._could_be_rung_from(a) == made.reach for a in made.next)
        assert len(set(made.next)) == len(made.next)
        states = Counter(self.agents[a].now for a in at_home)
        del states["ready"], states["logged_out"]
        told = {why: count for why, count in made.skipped if why in STATES}
        return (
            made.free == (len(ready) + 1 if made.reach == Reach.READY else 0)
            and set(made.next) <= set(others)
            and (len(made.next) in (5, len(ready)) or made.reach != Reach.READY)
            and told == +states
        )

    def _asked_for(self, made: OfferMade, book: CallBook) -> None:
        """A colleague is rung into a conversation: somebody free, for a caller who was served."""
        assert self.agents[made.agent].was == "ready", f"{made.agent} was not free"
        assert not book.open and not book.caller_gone and book.answered
        assert made.offer not in self.offers
        self.offers[made.offer] = made
        book.offers += 1

    def _case(self, noted: CaseNoted) -> None:
        """E45: a call that is about an open case goes before everybody else in its line."""
        case = noted.case
        if noted.call is not None:
            assert noted.call in case.calls
            self.calls[noted.call].of_case = case
        for key in case.calls:
            if key in self.calls and self.calls[key].of_case is not None:
                self.calls[key].of_case = case

    def _called_to_a_case(self, made: OfferMade, book: CallBook) -> None:
        """An agent is rung to be A or B: out of wrap-up or a break too, unless they said no."""
        assert made.reach == FROM[self.agents[made.agent].was]
        assert made.agent not in self.left_alone, f"{made.agent} has said no"
        assert not book.open and not book.caller_gone and book.answered
        self._lend(made)
        if made.offer in self.silent:
            assert made.reach == Reach.READY, "out of a break every phone rings"
        assert made.offer not in self.offers
        self.offers[made.offer] = made
        book.offers += 1

    def _lend(self, made: OfferMade) -> None:
        """An offer over an open line borrows it: it must be free, and proof is asked for anew."""
        if _over_a_line(made):
            line = self.lines[_channel(made.leg)]
            assert line.is_open and line.lent is None, f"{made.leg}: its line is not free"
            line.lent = made.leg
            if _channel(made.leg) not in self.speaking:
                self.heard.pop(_channel(made.leg), None)

    def _given_by_name(self, made: OfferMade, book: CallBook) -> None:
        """A supervisor has somebody rung for a caller who waits, fit or not, near or not."""
        assert self.agents[made.agent].was in FROM, (
            f"{made.agent} was {self.agents[made.agent].was}"
        )
        assert made.reach == FROM[self.agents[made.agent].was]
        assert book.open and made.offer not in self.offers
        book.ringing[made.offer] = self.offers[made.offer] = made
        book.offers += 1

    def _offer_ended(self, ended: OfferEnded) -> None:
        made = self.offers.pop(ended.offer)  # fails when it had ended before
        assert (made.agent, made.call) == (ended.agent, ended.call)
        book = self.calls[ended.call]
        if made.selection in PERSONAL or _is_supervisor(made):
            return
        if self.silent.pop(made.offer, made.offer) is None:
            accepted = ended.result is OfferResult.ACCEPTED
            assert not accepted or _channel(made.leg) in self.heard, "answered by an empty chair"
        if _is_for_a_role(made):
            if made.reach != Reach.READY and ended.result in REFUSED:
                self.left_alone[made.agent] = None
            return
        del book.ringing[ended.offer]
        if ended.result is OfferResult.ACCEPTED:
            assert book.open, "two winners"
            book.open = False
        elif made.reach != Reach.READY and ended.result in REFUSED:
            self.left_alone[made.agent] = None

    def _agent_changed(self, fact: AgentStateChanged) -> None:
        before = self.agents.get(fact.agent)
        assert fact.was == ("logged_out" if before is None else before.now)
        # Who is removed and comes back begins anew; so does who is seen for the first time.
        if before is not None and before.now != "logged_out":
            assert fact.from_ms == before.at_ms, f"a gap in the trace of {fact.agent}"
            assert fact.seat == before.seat, f"{fact.agent} changed seats while at work"
        assert fact.seat is not None
        if fact.was == "wrap_up":
            self.wrapping[fact.agent] += fact.at_ms - fact.from_ms
        if fact.now == "wrap_up" and fact.was != "offered":
            assert fact.agent not in self.wrapping, "new notes before the old ones ended"
            self.wrapping[fact.agent] = 0
        if fact.now in ("ready", "talking"):
            self.left_alone.pop(fact.agent, None)
        if fact.was == "paused" and fact.now == "offered" and not self.is_steered:
            assert before is not None and before.reason in NEAR, f"{fact.agent} is far away"
        self.agents[fact.agent] = fact

    def _tested(self, rang: TestRang) -> None:
        """Only who is not responding, never in a circle: the pauses grow."""
        last = self.agents[rang.agent]
        assert last.now == "not_responding" and last.seat == rang.seat
        before = self.tested.get(rang.agent)
        if rang.number == 1:
            assert rang.at_ms - last.at_ms >= TEST_RING_MS
        else:
            assert before is not None and before.number == rang.number - 1
            pause_ms = min(TEST_RING_MS << (rang.number - 1), TEST_RING_MS_MAX)
            assert rang.at_ms - before.at_ms >= pause_ms
            assert rang.number <= TEST_RINGS_MAX
        self.tested[rang.agent] = rang

    def _call_ended(self, ended: CallEnded) -> None:
        book = self.calls[ended.call]
        assert book.ended is None, "two outcomes"
        assert book.caller_gone or book.handed_over, "ended while the caller is there"
        assert not book.ringing, "ended with an offer open"
        assert ended.offers == book.offers
        assert ended.outcome is self._right_outcome(book)
        assert (ended.answered_ms is not None) == (book.answered > 0)
        assert ended.wait_ms >= 0 and ended.talk_ms >= 0 and ended.ring_ms >= 0
        assert book.transfer is None, "a transfer that never ended"
        assert ended.hold_ms == book.hold_ms, f"{book} {ended}"
        assert ended.queue == book.offered.queue
        self._right_response(book, ended.response)
        assert book.rooms["close"] >= book.queued, "a room left"
        assert book.rooms["close"] <= book.rooms["open"], "a room closed twice"
        book.ended = ended
        book.open = False
        book.talking = None

    def _flagged(self, fact: NoResponseFlagged) -> None:
        """E33: not before both windows, never after an outcome, and nobody is let go for it whom
        nothing judges or who is known."""
        book = self.calls[fact.call]
        assert not book.caller_gone and not book.disposed
        assert fact.at_ms - fact.arrived_ms >= 2 * WINDOW_MS
        kept = fact.kind is EntryKind.EMERGENCY or book.offered.terminal is not None
        assert kept or fact.heard is not None
        book.responds, book.flagged = None, True

    def _right_response(self, book: CallBook, response: Response | None) -> None:
        """E33: an emergency that was answered is without response unless an agent has said
        otherwise, or how it went."""
        if book.offered.kind is not EntryKind.EMERGENCY or not book.answered or book.handed_over:
            return
        responded = book.disposed != "no response" if book.disposed else book.responds
        assert response is (Response.RESPONDED if responded else Response.NO_RESPONSE)

    def _right_outcome(self, book: CallBook) -> Outcome:
        if book.answered:
            return Outcome.ANSWERED
        if book.chose is not None:
            return book.chose
        if book.handed_over:
            return Outcome.FALLBACK
        if book.with_machine and book.informed:
            return Outcome.SELF_SERVED
        if book.queue is None:
            return Outcome.REFUSED
        return Outcome.LOST if book.lost else Outcome.ABANDONED

    def _hold_over(self, book: CallBook) -> None:
        if book.held_at_ms is not None:
            book.hold_ms += self.now_ms - book.held_at_ms
            book.held_at_ms = None

    def _nobody_hears_silence(self) -> None:
        """Whoever is on an answered line is at the music or with somebody (design, behaviour 4)."""
        for key, book in self.calls.items():
            caller = book.offered.leg
            if book.ended is not None or caller not in self.live_legs:
                continue
            if caller in self.let_go or book.released or book.asked_to_rate:
                continue
            room = self.whereabouts.get(caller)
            if room is None or key not in room:
                continue  # 180, or the music
            others = [
                leg for leg, there in self.whereabouts.items()
                if there == room and leg != caller and leg not in self.let_go
            ]  # fmt: skip
            assert others, f"the caller of {key} is alone in {room}"

    # What must hold -------------------------------------------------------------------------------

    def _queue(self, book: CallBook) -> Queue:
        assert book.queue is not None
        return self.queues[book.queue]

    def _waited_ms(self, book: CallBook, at_ms: int) -> int:
        """How long a call has waited, as far as the queue's stages go; answered once and left
        alone, nothing is more urgent."""
        return 10**9 if book.answered else at_ms - book.offered.arrived_ms

    def _step(self, book: CallBook, at_ms: int) -> Widening:
        """The widening step that a call has reached by a moment."""
        waited_ms = self._waited_ms(book, at_ms)
        steps = self._queue(book).widening
        return [step for n, step in enumerate(steps) if not n or step.after_ms <= waited_ms][-1]

    def _phones(self, book: CallBook, at_ms: int) -> int:
        if self._is_spare(book):
            return 1
        everybody = self._queue(book).selection is Selection.RING_ALL
        return RING_ALL_PHONES_MAX if everybody else self._step(book, at_ms).phones

    def _relaxed(self, book: CallBook, at_ms: int) -> int:
        """How many steps of the relaxation a call has reached by a moment."""
        waited_ms = self._waited_ms(book, at_ms)
        return sum(step.after_ms <= waited_ms for step in self._queue(book).relaxation)

    def _within(self, book: CallBook, at_ms: int) -> tuple[Reach, ...]:
        """Whence an agent may be rung for a call; while no phone rings, as far as it ever goes."""
        step = self._step(book, at_ms) if book.ringing else self._queue(book).widening[-1]
        return ORDER[: ORDER.index(step.reach) + 1]

    def _is_at_home(self, agent: AgentId, book: CallBook, at_ms: int) -> bool:
        """Tell whether the agent serves the call's own queue, as its needs are at a moment."""
        tier = self._tier(agent, book.queue)
        return tier is not None and tier <= self._relaxed(book, at_ms)

    def _may_serve(self, agent: AgentId, whence: Reach, book: CallBook, at_ms: int) -> bool:
        """Tell whether the agent, rung from there, may serve the call at a moment."""
        tier = self._tier(agent, book.queue)
        if self._is_spare(book) and whence is not Reach.READY:
            return False
        if tier is not None and tier <= self._relaxed(book, at_ms):
            return whence in self._within(book, at_ms)
        queue = self._queue(book)
        return (
            whence is Reach.READY
            and not self._is_spare(book)
            and queue.overflow_ms <= self._waited_ms(book, at_ms)
            and any(
                self._tier(agent, other) == 0 for other in queue.overflow if self._is_there(other)
            )
        )

    def _is_there(self, queue: QueueId) -> bool:
        if queue not in self.retired:
            return queue in self.queues
        return any(book.queue == queue and book.ended is None for book in self.calls.values())

    def _wanting(self, at_ms: int) -> Iterator[CallBook]:
        """Calls that may have one phone more; for whoever has hung up none rings."""
        for book in self.calls.values():
            may_ring = book.open and book.ended is None and not self._is_held_back(book)
            is_there = book.offered.leg not in self.clearing
            if may_ring and is_there and len(book.ringing) < self._phones(book, at_ms):
                yield book

    def _is_held_back(self, book: CallBook) -> bool:
        """A flood from one number is one caller: its first calls are served, the others wait."""
        offered = book.offered
        if offered.caller is None or offered.synthetic:
            return False
        before = sum(
            other.offered.caller == offered.caller
            and other.order < book.order
            and other.ended is None
            and other.offered.queue is not None
            and not other.offered.synthetic
            for other in self.calls.values()
        )
        return before >= (SAME_NUMBER_MAX if offered.terminal is None else SAME_TERMINAL_MAX)

    def _is_spare(self, book: CallBook) -> bool:
        """Beyond the first of an entry, who has no number leaves an agent free for who has one."""
        offered = book.offered
        if offered.caller is not None or offered.synthetic:
            return False
        if book.raised or book.of_case is not None or book.answered:
            return False
        before = sum(
            other.offered.caller is None
            and other.offered.called == offered.called
            and other.order < book.order
            and other.ended is None
            and other.offered.queue is not None
            and not other.offered.synthetic
            for other in self.calls.values()
        )
        return before >= WITHHELD_MAX

    def _urgency(self, book: CallBook) -> tuple[int, bool, int, int, int]:
        queue = self._queue(book)
        ahead_ms = book.offered.precedence * queue.precedence_ms
        due_ms = 0 if book.raised else book.offered.arrived_ms + queue.promise_ms - ahead_ms
        if book.of_case is not None:
            due_ms = 0
        slack_ms = due_ms - self.now_ms
        weighed = slack_ms if slack_ms >= 0 else slack_ms * queue.weight
        return (queue.priority, bool(book.ringing), weighed, due_ms, book.order)

    def _tier(self, agent: AgentId, queue: QueueId | None) -> int | None:
        """From which step of the queue's relaxation on the agent will do."""
        if queue is None or queue not in self.queues:
            return None
        levels = dict(self.profiles[agent].skills)
        steps = (self.queues[queue].needs, *(r.needs for r in self.queues[queue].relaxation))
        for tier, needs in enumerate(steps):
            if all(levels.get(n.skill, 0) >= n.level_min for n in needs):
                return tier
        return None

    def _could_be_rung_from(self, agent: AgentId) -> Reach | None:
        last = self.agents[agent]
        if last.now not in FROM or last.seat is None or agent in self.left_alone:
            return None
        if last.now == "paused" and last.reason not in NEAR:
            return None
        phones = self.phones_of.get(last.seat, ())
        if not phones or not self.registered.get(phones[0], True):
            return None
        legs = list(self.legs_on.get(phones[0], ()))
        if self.modes.get(last.seat) is SeatMode.NAILED_UP:
            line = self.lines.get(legs[0]) if len(legs) == 1 else None
            is_free = line is not None and line.is_free and phones[0] not in self.shared
        else:
            is_free = not self.in_use.get(phones[0], False) and not legs
        return FROM[last.now] if is_free else None

    def _nobody_waits_in_vain(self) -> None:
        wanting = list(self._wanting(self.now_ms))
        if not wanting:
            return
        there = [(agent, self._could_be_rung_from(agent)) for agent in self.agents]
        for book in wanting:
            fit = [a for a, whence in there if whence is not None
                   and self._may_serve(a, whence, book, self.now_ms)]  # fmt: skip
            if not self._may_be_patient(book, self.now_ms):
                fit = fit[KEPT_FREE:] if self._is_spare(book) else fit
                assert not fit, f"{book.offered.call} waits while {fit} could be rung"

    def _one_winner(self) -> None:
        for book in self.calls.values():
            assert book.open or not book.ringing, f"{book.offered.call} rings on for nobody"

    def _marks_are_made(self) -> None:
        """T14: when the promise is over, and when a person must know."""
        for book in self.calls.values():
            served = book.queue is None or book.with_machine
            if book.ended is None and not book.caller_gone and not served:
                queue = self._queue(book)
                waited_ms = self.now_ms - book.offered.arrived_ms
                if not book.answered and not book.handed_over and waited_ms >= queue.promise_ms:
                    assert book.broken, f"{book.offered.call}: the promise is over, nothing said"
                alone_ms = self.now_ms - book.alone_since_ms
                if book.talking is None and not book.handed_over and alone_ms >= queue.incident_ms:
                    assert book.incident, f"{book.offered.call} is alone, and nobody told"

    def _notes_are_under_way(self) -> None:
        for agent in self.wrapping:
            assert self.agents[agent].now in ("wrap_up", "offered"), f"{agent} has notes open"

    def _books_balance(self) -> None:
        """K04: every call that came in has one outcome or is still there."""
        live = sum(1 for book in self.calls.values() if book.ended is None)
        outcomes = Counter(book.ended.outcome for book in self.calls.values() if book.ended)
        assert len(self.calls) == live + sum(outcomes[o] for o in Outcome)

    def close(self) -> None:
        """After the calm phase: everything has come to its end."""
        for call, book in self.calls.items():
            assert book.ended is not None, f"{call} never ended"
        assert not self.asking, "a wish to go was never answered"
        assert not self.offers, "an offer never ended"
        assert not any(self.legs_on.values()), "a phone is still held"
        assert not self.live_legs
        for agent, last in self.agents.items():
            assert last.now not in ("reserved", "offered", "talking", "wrap_up"), (
                f"{agent} is {last.now}"
            )
            if last.now != "logged_out":
                assert last.seat in self.phones_of, f"{agent} sits at {last.seat}"


def _found_out(event: Event) -> bool:
    """Tell whether this event says what legs there are.  What was due before is done first, and
    speaks to legs of which only then is known that they have gone."""
    return isinstance(event, SwitchConnected | ChannelsCompared)


def _over_a_line(made: OfferMade) -> bool:
    """Tell whether the offer is a beep in a line that was open."""
    return "#" in made.leg


def _channel(account: LegId) -> LegId:
    """The channel of a leg that stands in the records under its line's number and a count."""
    return LegId(account.partition("#")[0])


def _is_supervisor(made: OfferMade) -> bool:
    """Tell whether somebody came into a conversation over a phone that was up already."""
    return made.selection.startswith("supervisor ")


def _is_for_a_role(made: OfferMade) -> bool:
    """Tell whether somebody was rung to be A or B of a case."""
    return made.selection.startswith("case role ")
