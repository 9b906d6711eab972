"""The auditor's books: what it has written down of calls, lines, agents and legs."""

from collections import Counter
from dataclasses import dataclass, field

from acd.core.directory import Agent, Queue, SeatMode
from acd.core.emergency.case import Case
from acd.core.events import Heard
from acd.core.facts import (
    AgentStateChanged,
    CallEnded,
    CallOffered,
    LeaveAsked,
    OfferMade,
    Outcome,
    TestRang,
    TransferStarted,
)
from acd.core.ids import AgentId, CallId, EntryId, LegId, OfferId, PhoneId, QueueId, RoomId, SeatId


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


class Books:
    """What has been written down so far."""

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
        self.living: dict[CallId, CallBook] = {}
        """Of ``calls``, those that have no outcome yet."""
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


def leg_gone(b: Books, leg: LegId, *, lost: bool) -> None:
    b.live_legs.pop(leg, None)
    b.whereabouts.pop(leg, None)
    b.lines.pop(leg, None)
    for legs in b.legs_on.values():
        legs.pop(leg, None)
    for book in b.calls.values():
        if book.offered.leg == leg and not book.caller_gone:
            hold_over(b, book)
            book.caller_gone = True
            book.open = False
            book.lost = lost


def hold_over(b: Books, book: CallBook) -> None:
    if book.held_at_ms is not None:
        book.hold_ms += b.now_ms - book.held_at_ms
        book.held_at_ms = None
