"""All that the switch remembers between two steps, and the few ways to add to it.

Only ordered containers: the same events give the same effects, byte for byte, whatever the hash
seed.  Identifiers come from counters.  Handlers leave notes in ``seeking_calls`` and
``seeking_agents``; ``matching.settle`` reads them once at the end of the step.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from acd.core import directory
from acd.core.commands import Command
from acd.core.emergency.case import Case
from acd.core.emergency.guide import Script
from acd.core.entities import (
    Agent,
    Agreeing,
    Call,
    Contact,
    DeskCall,
    Dial,
    Leg,
    Offer,
    Phone,
    Pool,
    Room,
    Spending,
    Stage,
    Standing,
    Trunk,
)
from acd.core.events import AgentRemembered, CallRemembered
from acd.core.facts import Fact, Ignored, Repaired
from acd.core.follow_up.owed import Obligation, OwedFor
from acd.core.ids import (
    HOLDING_PREFIX,
    OUR_PREFIX,
    AgentId,
    AreaId,
    CallId,
    CaseId,
    DialId,
    EntryId,
    LegId,
    Node,
    ObligationId,
    OfferId,
    PhoneId,
    PlaybackId,
    QueueId,
    RecordingId,
    RoomId,
    SeatId,
    TerminalId,
    TrunkId,
    local_part,
)
from acd.core.replies import Reply
from acd.core.tables import DeskState
from acd.core.timers import Timers

Effect = Command | Fact | Reply

KINDS = (
    "call",
    "offer",
    "dial",
    "obligation",
    "case",
    "leg",
    "playback",
    "room",
    "recording",
    "token",
    "rung",
    "agent",
)
"""What is numbered: see ``State.next_number``."""


_NAILED_UP = directory.SeatMode.NAILED_UP


@dataclass(slots=True, eq=False)
class Line:
    """A queue's policy, its callers who want a phone to ring, and its agents.

    The heaps hold stale entries, told by their token; ``waiting`` counts live ones.
    """

    queue: directory.Queue
    stages: tuple[Stage, ...] = ()
    callers: dict[Standing, list[tuple[int, int, int, CallId]]] = field(default_factory=dict)
    """By standing: (due, arrival number, token, call); each head is the most urgent."""
    pools: list[Pool] = field(default_factory=list)
    """By tier; no agent is in two."""
    wanted: dict[str, list[tuple[int, int, int, CallId]]] = field(default_factory=dict)
    """Patient callers, by whom they want: an agent or a skill."""
    outside: dict[AgentId, None] = field(default_factory=dict)
    """Duty phones that could be rung, the longest idle first."""
    feeders: tuple[QueueId, ...] = ()
    """Queues that overflow into this one."""
    waiting: int = 0
    drawn: int = 0
    """The greatest rank that chance has chosen: see ``selection.rank_of``."""
    calls: int = 0
    order: list[tuple[int, int, CallId]] = field(default_factory=list)
    """(due, number, call) of everybody who waits here, rung for or not, in order."""
    pace_ms: int | None = None
    """How long one call keeps an agent, as a moving mean; None before the first."""
    retired: bool = False

    @property
    def free(self) -> int:
        """How many agents with all the skills could be rung now."""
        return self.pools[0].free


class Dice(Protocol):
    """A seeded source of chance, such as ``random.Random(epoch)``: replayed, it falls the same."""

    def random(self) -> float:
        """Return a number from 0 up to, not including, 1."""


@dataclass(slots=True, eq=False, kw_only=True)
class State:
    """Everything alive.  One per core.

    It has slots for their speed: nearly every line of the core reads one of its fields, and of a
    class with so many Python keeps them in a plain dict otherwise.
    """

    epoch: int
    dice: Dice
    now: int = 0
    effects: list[Effect] = field(default_factory=list)
    sender: Callable[[Sequence[Effect]], None] | None = None
    timers: Timers = field(default_factory=Timers)
    calls: dict[CallId, Call] = field(default_factory=dict)
    desk_calls: dict[CallId, DeskCall] = field(default_factory=dict)
    open_lines: dict[AgentId, CallId] = field(default_factory=dict)
    """The desk call of each agent's line that stays open, or is being opened or ended."""
    snoops: dict[LegId, CallId] = field(default_factory=dict)
    """Copies of a leg's sound, by whose desk call they are made for."""
    legs: dict[LegId, Leg] = field(default_factory=dict)
    offers: dict[OfferId, Offer] = field(default_factory=dict)
    dials: dict[DialId, Dial] = field(default_factory=dict)
    obligations: dict[ObligationId, Obligation] = field(default_factory=dict)
    """Open ones."""
    cases: dict[CaseId, Case] = field(default_factory=dict)
    """Open ones."""
    guidance: dict[str, Script] = field(default_factory=dict)
    """The scripts that there are, in their order."""
    spending: Spending = field(default_factory=Spending)
    case_of: dict[str, CaseId] = field(default_factory=dict)
    """Open cases by every number that they are about: the elder's, and whoever was called."""
    owed_to: dict[str, ObligationId] = field(default_factory=dict)
    """Open callbacks, by the number that they are owed to; a case's calls to contacts apart, and
    appointments."""
    contacts_owed: dict[str, dict[CaseId, ObligationId]] = field(default_factory=dict)
    """Those, by the number and the case: one may be the contact of several elders."""
    appointments: dict[str, dict[ObligationId, None]] = field(default_factory=dict)
    """Open calls that were promised for a time of day, by number: each is a matter of its own."""
    owed_to_terminal: dict[tuple[TerminalId, OwedFor, str], ObligationId] = field(
        default_factory=dict
    )
    """Open ones that are a terminal's own, by what they are for and about."""
    calls_from: dict[str, dict[CallId, None]] = field(default_factory=dict)
    """Live calls that came in and found a queue, by their caller's number."""
    withheld: dict[EntryId, dict[CallId, None]] = field(default_factory=dict)
    """The same of callers without a number, by the entry that they dialled."""
    callbacks_due: dict[QueueId, list[tuple[bool, int, ObligationId]]] = field(default_factory=dict)
    """Heaps of (not an emergency, whose place, obligation): the head begins first."""
    callbacks: dict[CallId, None] = field(default_factory=dict)
    """Calls that are being made for one."""
    unfollowed: dict[LegId, str] = field(default_factory=dict)
    """Legs that are being ended for a call that is not ours any more, and the outside numbers to
    which nobody else is to be sent until they are gone."""
    dialled: dict[str, DialId] = field(default_factory=dict)
    """Outside numbers that a leg of ours goes to: one at a time each, over everything."""
    rooms: dict[RoomId, Room] = field(default_factory=dict)
    playbacks: dict[PlaybackId, CallId] = field(default_factory=dict)
    recordings: dict[RecordingId, CallId] = field(default_factory=dict)
    agreeing: dict[CaseId, Agreeing] = field(default_factory=dict)
    """Cases that wait for a second person."""
    phones: dict[PhoneId, Phone] = field(default_factory=dict)
    agents: dict[AgentId, Agent] = field(default_factory=dict)
    supervisors: dict[AgentId, None] = field(default_factory=dict)
    """Who of them is free, the longest first."""
    farewells: dict[PlaybackId, LegId] = field(default_factory=dict)
    """What is perhaps being said to legs before they end."""
    duty: dict[DialId, OfferId] = field(default_factory=dict)
    """Which offer each dial to a duty phone is for, until somebody picks up."""
    contacts: dict[str, Contact] = field(default_factory=dict)
    """By terminal, else by number; the oldest first."""
    seats: dict[SeatId, directory.Seat] = field(default_factory=dict)
    entries: dict[EntryId, directory.Entry] = field(default_factory=dict)
    lines: dict[QueueId, Line] = field(default_factory=dict)
    trunks: dict[TrunkId, Trunk] = field(default_factory=dict)
    areas: dict[AreaId, directory.Area] = field(default_factory=dict)
    nodes: dict[Node, None] = field(default_factory=dict)
    """Those that can be commanded."""
    drained: dict[Node, None] = field(default_factory=dict)
    """Those of all that are to become empty."""
    started_ms: int = 0
    """Since when Asterisk lives, the youngest of all nodes; calls before were cut."""
    doubts: dict[Node, dict[str, None]] = field(default_factory=dict)
    """Differences from Asterisk that a node's last comparison has found for the first time."""
    remembered_agents: dict[AgentId, AgentRemembered] = field(default_factory=dict)
    """Who was at work in the last life, until Asterisk has been read."""
    unread: dict[AgentId, None] = field(default_factory=dict)
    """Those of them who may be in a conversation on a node that has not been read yet."""
    remembered_calls: dict[CallId, CallRemembered] = field(default_factory=dict)
    """Calls of an earlier life of which nobody knows the end."""
    away: dict[LegId, CallId] = field(default_factory=dict)
    """Those of them whose caller is in the dialplan's fallback."""
    unmarked: dict[LegId, CallId] = field(default_factory=dict)
    """The same of those whose channels bear no memo; ``LegGone`` tells of their end."""
    occupants: dict[SeatId, AgentId] = field(default_factory=dict)
    seat_of_phone: dict[PhoneId, SeatId] = field(default_factory=dict)
    lacking: dict[CallId, None] = field(default_factory=dict)
    """Calls of cases in which somebody is wanted as A or B."""
    seeking_calls: dict[CallId, None] = field(default_factory=dict)
    seeking_agents: dict[AgentId, None] = field(default_factory=dict)
    lines_to_follow: dict[AgentId, None] = field(default_factory=dict)
    """Whose open line this step may have given a reason to be dialled or ended."""
    rooms_to_open: list[CallId] = field(default_factory=list)
    touched: dict[object, None] = field(default_factory=dict)
    _numbers: dict[str, int] = field(init=False, default_factory=lambda: dict.fromkeys(KINDS, 0))
    """The last one of each kind."""

    def send(self) -> None:
        """Let the commands of the step so far go on their way (``Core.send_early``): a phone is to
        ring, and what else follows from the step can be thought of meanwhile."""
        if self.sender is not None:
            self.sender(self.effects)

    def emit(self, effect: Effect) -> None:
        """Add one effect of this step; they are carried out in this order."""
        self.effects.append(effect)

    def next_number(self, kind: str) -> int:
        """Count up; the source of every identifier and tie-break."""
        number = self._numbers[kind] + 1
        self._numbers[kind] = number
        return number

    def coming(self, node: Node) -> tuple[CallId, LegId, OfferId]:
        """Return what the next call, leg and offer on a node will be called."""
        numbers, epoch = self._numbers, self.epoch
        return (
            CallId(f"{epoch}-{numbers['call'] + 1}"),
            LegId(f"{node}:{OUR_PREFIX}{epoch}-{numbers['leg'] + 1}"),
            OfferId(f"{epoch}-{numbers['offer'] + 1}"),
        )

    def node_for_new(self) -> Node | None:
        """Return where a call of ours begins; None when no Asterisk can be commanded."""
        serving = (node for node in self.nodes if node not in self.drained)
        return next(serving, next(iter(self.nodes), None))

    def new_leg_id(self, node: Node) -> LegId:
        return LegId(f"{node}:{OUR_PREFIX}{self.epoch}-{self.next_number('leg')}")

    def new_playback_id(self, node: Node, call: CallId) -> PlaybackId:
        playback = PlaybackId(f"{node}:{OUR_PREFIX}p{self.epoch}-{self.next_number('playback')}")
        self.playbacks[playback] = call
        if (record := self.calls.get(call)) is not None:
            self.touched[record] = None
        return playback

    def new_recording_id(self, node: Node, call: CallId) -> RecordingId:
        recording = RecordingId(f"{node}:{OUR_PREFIX}m{self.epoch}-{self.next_number('recording')}")
        self.recordings[recording] = call
        return recording

    def room_id(self, node: Node, call: CallId) -> RoomId:
        return RoomId(f"{node}:{OUR_PREFIX}room-{call}")

    def side_room_id(self, node: Node, call: CallId) -> RoomId:
        return RoomId(f"{node}:{OUR_PREFIX}side{self.next_number('room')}-{call}")

    def holding_room_id(self, node: Node, queue: QueueId) -> RoomId:
        return RoomId(f"{node}:{HOLDING_PREFIX}{queue}")

    def phone(self, phone: PhoneId) -> Phone:
        """Return the record of a phone, made at first sight."""
        record = self.phones.get(phone)
        if record is None:
            record = self.phones[phone] = Phone(id=phone)
        return record

    def agent_at(self, phone: PhoneId) -> Agent | None:
        """Return who is logged in at the phone's seat."""
        seat = self.seat_of_phone.get(phone)
        agent = None if seat is None else self.occupants.get(seat)
        return None if agent is None else self.agents[agent]

    def ringing_phone(self, agent: Agent) -> Phone | None:
        """Return the phone that calls for this agent ring: the first of the seat."""
        seat = None if agent.seat is None else self.seats.get(agent.seat)
        return self.phone(seat.phones[0]) if seat is not None and seat.phones else None

    def available(self, agent: Agent) -> bool:
        """Tell whether a call could reach the agent now: the phone is registered, with no leg of
        ours but the open line and no private call on it, and none that we have yet to read of."""
        phone = self.ringing_phone(agent)
        if phone is None or not phone.registered or agent.id in self.unread:
            return False
        line = self.open_line(agent)
        if line is not None:
            assert line.line is not None
            return len(phone.legs) == 1 and not phone.shared and not line.line.held
        return not self.wants_line(agent) and not phone.legs and not phone.in_use

    def is_nailed_up(self, agent: Agent) -> bool:
        """Tell whether the agent sits where the line stays open."""
        seat = None if agent.seat is None else self.seats.get(agent.seat)
        if seat is None or not seat.phones:
            return False
        return seat.mode is _NAILED_UP

    def wants_line(self, agent: Agent) -> bool:
        """Tell whether the agent's line is to be open: whoever is tested is rung, as they were not
        there to hear a beep."""
        return self.is_nailed_up(agent) and agent.trial is None

    def open_line(self, agent: Agent) -> DeskCall | None:
        """Return the agent's line while it is open, on the phone that calls ring, and lent to
        nobody."""
        key = self.open_lines.get(agent.id)
        desk = None if key is None else self.desk_calls.get(key)
        if desk is None or desk.line is None or desk.state is not DeskState.OPEN:
            return None
        leg = self.legs[desk.leg]
        phone = self.ringing_phone(agent)
        is_home = leg.call == desk.id and leg.room == desk.line.room and not leg.ended_by_us
        return desk if is_home and phone is not None and phone.id == desk.phone else None

    def lacks_line(self, agent: Agent) -> bool:
        """Tell whether no call could reach the agent, for want of the open line."""
        return self.is_nailed_up(agent) and self.open_line(agent) is None

    def ignored(self, reason: str, key: str) -> None:
        """Note that an event changed nothing, under its name."""
        # A plain string: the journal cannot encode a table's ``Ignore``.
        self.emit(Ignored(at_ms=self.now, reason=str(reason), key=key))

    def repaired(self, what: str, key: str) -> None:
        """Note that we followed Asterisk where it and we differed."""
        self.emit(Repaired(at_ms=self.now, what=what, key=key))

    def is_ours(self, leg: LegId) -> bool:
        """Tell whether a channel was made by us (by this or an earlier life of the service)."""
        return local_part(leg).startswith(OUR_PREFIX)

    def is_of_this_life(self, call: CallId) -> bool:
        """Tell whether a call came in this very life of the service."""
        return call.startswith(f"{self.epoch}-")

    def live_lines(self) -> Iterator[Line]:
        """Yield the lines that may take new calls."""
        return (line for line in self.lines.values() if not line.retired)
