"""The living things of the switch: plain records that the handlers change.

Each holds one ``state`` of its table in ``tables`` and the facts that state cannot tell.  A
record is changed only by the handlers of its kind; nothing here decides anything.  Times are
epoch milliseconds.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from acd.core import directory
from acd.core.emergency.case import CaseRole
from acd.core.emergency.guide import Flow
from acd.core.events import Hangup, Heard, Media, Watching
from acd.core.facts import DialResult, LeaveWhy, LegRole, Outcome, TransferKind
from acd.core.ids import (
    AgentId,
    AreaId,
    CallId,
    CaseId,
    DialId,
    ElderId,
    EntryId,
    LegId,
    Node,
    ObligationId,
    OfferId,
    PhoneId,
    PlaybackId,
    Purpose,
    QueueId,
    RecordingId,
    RoomId,
    SeatId,
    TerminalId,
    TrunkId,
)
from acd.core.scripts import Menu, RatingScale
from acd.core.tables import (
    AgentState,
    CallState,
    DeskState,
    DialogueState,
    DialState,
    LegState,
    OfferState,
    PartyState,
    RoomState,
    SilenceState,
    TransferState,
)

_AGENT, _NO_RESPONSE = LegRole.AGENT, SilenceState.NO_RESPONSE


class Standing(NamedTuple):
    """How a call stands in its line: whether a phone rings for it already, and from where one
    (more) may be rung."""

    ringing: bool
    tier: int
    """Agents of the line's pools up to this one are fit."""
    overflow: bool
    """Ready agents of the overflow queues too."""
    reach: directory.Reach
    is_spare: bool = False
    """Only free agents of the line's own, while one more stays free: see ``lines.is_spare``."""


class Stage(NamedTuple):
    """What holds for a caller from ``after_ms`` since the arrival on: ``phones`` may ring at once,
    and the call stands ``alone`` while none does, ``beside`` them after."""

    after_ms: int
    phones: int
    alone: Standing
    beside: Standing


class Preference(NamedTuple):
    """Whom a caller would rather have: an agent or anybody with a skill, and why."""

    why: str
    """``named``, ``owner``, ``last`` or ``skill``."""
    agent: AgentId | None
    skill: str | None

    @property
    def key(self) -> str:
        """Under what whoever is wanted is looked for; no skill's name begins so."""
        return self.skill or f"@{self.agent}"


@dataclass(slots=True)
class Contact:
    """Who knows a caller, and since when."""

    at_ms: int
    """The last conversation."""
    owner: AgentId | None = None
    """Who had the first contact and follows the matter to the end (W15)."""
    last: AgentId | None = None
    unserved_ms: int | None = None
    """When they were last gone from an emergency entry without an answer; None when answered
    since."""
    recent: tuple[tuple[int, CallId], ...] = ()
    """Their last emergency calls that no case was opened for, and when each was over."""


@dataclass(slots=True, eq=False)
class Shelf:
    """The agents of a pool who have one skill that callers may prefer."""

    agents: list[tuple[int, int, int, AgentId]] = field(default_factory=list)
    """Those who are free, as in ``Pool.agents``."""
    busy: int = 0
    """How many are at work and will be free."""


@dataclass(slots=True, eq=False)
class Pool:
    """The agents of one queue who are fit from one step of its relaxation on: the first pool has
    all the skills.  The heaps hold stale entries, told by their token; ``free`` counts live ones.
    """

    queue: QueueId
    tier: int
    agents: list[tuple[int, int, int, AgentId]] = field(default_factory=list)
    """(rank, idle since, token, agent): the head is the one to ring."""
    free: int = 0
    resting: dict[directory.Reach, dict[AgentId, None]] = field(
        default_factory=lambda: {directory.Reach.WRAP_UP: {}, directory.Reach.BREAK: {}}
    )
    """Who could be rung out of wrap-up and out of a break, the longest in it first."""
    members: dict[AgentState, int] = field(default_factory=lambda: dict.fromkeys(AgentState, 0))
    """How many are in which state."""
    shelves: dict[str, Shelf] = field(default_factory=dict)
    """By each skill that the queue lets its callers prefer."""


@dataclass(slots=True, eq=False)
class Room:
    """A mixing bridge of one call.  Members are the legs that Asterisk says are in it."""

    id: RoomId
    state: RoomState = RoomState.EMPTY
    members: dict[LegId, None] = field(default_factory=dict)
    recorder: LegId | None = None
    """Whose leg is recorded while people talk in a side room."""


@dataclass(slots=True, eq=False)
class Leg:
    """One channel.  ``phone`` is set when it occupies an agent's phone."""

    id: LegId
    role: LegRole
    call: CallId
    started_ms: int
    state: LegState
    number: str | None = None
    phone: PhoneId | None = None
    agent: AgentId | None = None
    offer: OfferId | None = None
    queue: QueueId | None = None
    """For which an agent's leg was rung."""
    dial: DialId | None = None
    """Set on the leg of an outside number."""
    room: RoomId | None = None
    """Where it is, as Asterisk says."""
    wanted: RoomId | None = None
    """Where it was last asked to be."""
    attempts: int = 0
    """How often that has been asked."""
    speech: PlaybackId | None = None
    """What is being said to it in a conversation."""
    to_say: tuple[str, ...] = ()
    """What is to be said to it as soon as it is where it is wanted."""
    is_stale: bool = False
    """It is to be seated anew as soon as it has heard what is being said to it."""
    rang_ms: int | None = None
    answered_ms: int | None = None
    joined_ms: int | None = None
    engaged_ms: int | None = None
    """When this agent's leg first talked with the caller."""
    speaks: bool = False
    """Something loud comes from it, where that is listened for."""
    heard: Heard | None = None
    """What it gives; None while nothing has been judged."""
    heard_ms: int = 0
    """Since when."""
    detected: bool = False
    """Asterisk tells when something loud comes from it."""
    talked_ms: int | None = None
    """Length of the conversation that this agent's leg has had, time on hold included; None
    without one.  Known when it is over."""
    keys: str | None = None
    """A code that the agent is pressing, from its star on."""
    ended_by_us: bool = False
    line: CallId | None = None
    """The desk call whose open line this is; set for the line itself and for each of its parts."""
    part: int = 0
    """Which of its line's calls this is."""

    @property
    def is_agents(self) -> bool:
        """Whether an agent speaks by it in a call: by their seat's phone, or at a duty phone."""
        return self.role is _AGENT or (self.dial is not None and self.agent is not None)

    @property
    def is_lent(self) -> bool:
        """Whether this is an open line's part in a call: it ends when the leg is in the line's own
        room again."""
        return self.line is not None and self.line != self.call

    @property
    def account(self) -> LegId:
        """Under what it is written down: an open line may be in one call twice."""
        return LegId(f"{self.id}#{self.part}") if self.part else self.id


@dataclass(slots=True, eq=False)
class Offer:
    """One attempt to ring one agent for one call."""

    id: OfferId
    call: CallId
    agent: AgentId
    leg: LegId
    phone: PhoneId
    made_ms: int
    picks_up: bool = False
    """The phone is to answer by itself: a word or a key accepts, see ``presence``."""
    beep: PlaybackId | None = None
    """Sounds on the agent's phone now."""
    personal: bool = False
    """Made on a colleague's word, to bring this very agent into a conversation."""
    role: CaseRole | None = None
    """Made to give the agent a role in a case."""
    state: OfferState = OfferState.DIALLING
    rang_ms: int | None = None


@dataclass(slots=True, eq=False)
class Trunk:
    """An operator's connection, and how it has been of late."""

    trunk: directory.Trunk
    reachable: bool = True
    failed_ms: int | None = None
    """When it last could not carry a call."""


@dataclass(slots=True, eq=False)
class Dial:
    """One attempt to reach one outside number for a call, over one trunk after the other."""

    id: DialId
    call: CallId
    number: str
    """Normalised: equal numbers are equal."""
    purpose: Purpose
    person: AgentId | None
    caller_ids: tuple[str, ...]
    """What to show, best first, if the trunk's operator lets us."""
    started_ms: int
    leg: LegId
    trunk: TrunkId
    trunks_left: list[TrunkId]
    state: DialState = DialState.DIALLING
    attempts: int = 1
    rang_ms: int | None = None
    answered_ms: int | None = None
    result: DialResult | None = None
    """Set once, at the answer or at the end."""


@dataclass(slots=True, eq=False)
class Spending:
    """How long chosen outside numbers were on the line; see ``spending``."""

    ceiling_ms: int | None = None
    """Within 24 hours; None: no ceiling."""
    by_hour: dict[int, int] = field(default_factory=dict)
    """Hour since the epoch to milliseconds."""


class Topic(StrEnum):
    """What the machine is asking a caller about."""

    MENU = "menu"
    MESSAGE = "message"
    NUMBER_RIGHT = "number right"
    NUMBER = "number"
    RATING = "rating"
    GOODBYE = "goodbye"


@dataclass(slots=True, eq=False)
class Dialogue:
    """A caller with the machine; see ``dialogue``."""

    state: DialogueState
    topic: Topic = Topic.MENU
    digits: str = ""
    keys_max: int = 1
    answer_ms: int = 0
    tries: int = 0
    """Questions of this kind without a valid answer."""
    steps: int = 0
    """Questions in all."""
    menu: Menu | None = None
    above: list[Menu] = field(default_factory=list)
    number: str = ""
    """Keyed in by the caller, to be called back there."""
    recording: RecordingId | None = None
    recording_since_ms: int = 0


@dataclass(slots=True, eq=False)
class Transfer:
    """One attempt of an agent to bring somebody else into a call: a colleague or an outside
    number.  ``by_leg`` is None once that agent is gone."""

    kind: TransferKind
    by: AgentId
    by_leg: LegId | None
    number: str
    started_ms: int
    leg: LegId
    agent: AgentId | None = None
    offer: OfferId | None = None
    dial: DialId | None = None
    refer: LegId | None = None
    """The line whose phone has asked by REFER, and waits to hear what became of it."""
    second: LegId | None = None
    """The phone's other line, by which the agent talks with whoever was asked: see
    ``second_lines``."""
    state: TransferState = TransferState.RINGING


@dataclass(slots=True, eq=False)
class Party:
    """A rescue service or a contact who is called in a case."""

    number: str
    service: directory.RescueService | None
    """None for a contact."""
    by: AgentId | None
    """On whose command; a rescue service always on somebody's."""
    asks: bool
    """Whoever picks up has to press a key first."""
    leg: LegId
    state: PartyState = PartyState.DIALLING
    answered_ms: int | None = None
    counts: bool = False
    """By its pick-up the service counts as reached."""
    is_recording: bool = False
    """The agent has said that nobody is there."""


@dataclass(slots=True, eq=False)
class Wanted:
    """A role in a case that somebody shall have."""

    since_ms: int
    holder: AgentId | None = None
    """Who had it and has hung up, perhaps by accident: rung first, and twice."""
    successor: AgentId | None = None
    """Who shall have it and nobody else: a hand-over."""
    missed: dict[AgentId, int] = field(default_factory=dict)
    """How often whoever was rung for it has not answered."""
    told: bool = False
    """It has been told that nobody has come in time."""


@dataclass(slots=True, eq=False)
class Beside:
    """The rescue room on somebody's second phone; see ``emergency.beside``."""

    leg: LegId
    agent: AgentId
    digits: str
    """Whom to call there once it is picked up; none: talk with whoever waits."""


@dataclass(slots=True, eq=False)
class Scene:
    """What goes on around the caller of an emergency; see ``emergency.roles``, ``.parties`` and
    ``.scene``."""

    case: CaseId
    rescue: RoomId | None = None
    """Where A talks with those who are called; a side room, which may have been closed since."""
    private: RoomId | None = None
    """Where A and B talk between themselves, likewise."""
    ringing: dict[OfferId, CaseRole] = field(default_factory=dict)
    """Who is being rung to be A or B."""
    wanted: dict[CaseRole, Wanted] = field(default_factory=dict)
    """Roles that nobody has and somebody shall have."""
    beside: Beside | None = None
    rounds: int = 0
    """How often the switch has called all contacts, for want of a B."""
    parties: dict[DialId, Party] = field(default_factory=dict)
    rescue_before: Party | None = None
    """The rescue service whose line has ended last."""


@dataclass(slots=True, eq=False)
class Silence:
    """The clock of a call that may turn out to be silent; see ``emergency.silence``."""

    begun_ms: int
    state: SilenceState = SilenceState.FIRST_WINDOW
    open_ms: int | None = None
    """Since when nothing that we let the caller hear can come back as an echo; None while it
    can."""
    spoke_ms: int = 0
    """When somebody near the telephone was last heard to stop, or an agent said so."""
    due_ms: int | None = None
    """For when the timer of the window, or of the silence after a response, is set."""
    overdue_ms: int | None = None
    """The same of the time after which it does not matter why."""
    listened: bool = False
    """The caller's leg is being judged."""
    leaving: bool = False
    """Has been told goodbye, and is let go when that has been heard."""


@dataclass(slots=True, eq=False)
class Placement:
    """What makes a call outbound: whom it goes to, and for whom."""

    number: str
    since_ms: int
    """Whose place in line it has: of the call that it answers, or of the moment it was placed."""
    person: AgentId | None
    """Who placed it, and is the only one to be rung for it; None for the switch itself."""
    reference: str | None
    """The case or the order it is about, as the person named it."""
    caller_ids: tuple[str, ...]
    dial: DialId | None = None
    """While its number is being called, or its leg is there."""
    is_contact: bool = False
    """Goes to a contact, and not to whoever is owed a call."""
    asks: bool = False
    """Whoever picks up has to press a key before anybody is rung for them."""
    given_away: bool = False
    """Who placed it has given the call to a queue."""
    result: DialResult | None = None
    obligation: ObligationId | None = None
    """What the switch placed it for."""
    agrees: CaseId | None = None
    """The case that whoever picks up is asked about, and nobody else is rung."""
    agreeing: AgentId | None = None
    """The duty phone that it goes to, then."""


@dataclass(slots=True, eq=False)
class Call:
    """One contact from the INVITE until its last leg is gone."""

    id: CallId
    number: int
    """Order of arrival; breaks ties of equal arrival times."""
    node: Node
    caller_leg: LegId
    """The far end's leg.  On an outbound call nobody's until the number answers."""
    arrived_ms: int
    caller: str | None
    queue: QueueId | None
    """Where the call waits or last waited; a transfer may change it."""
    entered: QueueId | None
    """Where the call entered; the figures count it there (K04)."""
    kind: directory.EntryKind | None
    synthetic: bool
    called: EntryId | None = None
    elders: tuple[ElderId, ...] = ()
    dropped: bool = False
    """The far end was cut off: gone without a word."""
    placed: Placement | None = None
    """Set on an outbound call."""
    state: CallState = CallState.WAITING
    room: Room | None = None
    """The main room, where the caller talks."""
    sides: dict[RoomId, None] = field(default_factory=dict)
    """Rooms of those who have stepped aside."""
    legs: dict[LegId, None] = field(default_factory=dict)
    ringing: dict[OfferId, None] = field(default_factory=dict)
    """Offers that have not ended."""
    step: int = 0
    """Which of the line's stages the call has reached."""
    precedence: int = 0
    """How urgent the caller is among those of the same queue: see ``Queue.precedence_ms``."""
    raised: bool = False
    """A supervisor has put the caller before everybody else in the line."""
    contact: str | None = None
    """Under what the caller is remembered: see ``preferences``."""
    prefers: list[Preference] = field(default_factory=list)
    """Whom the caller would rather have, the dearest first."""
    patient: bool = False
    """Waits a little for one of them."""
    agent: AgentId | None = None
    """Who is talking, or being connected, now."""
    agent_leg: LegId | None = None
    place: int = 0
    """Token of the live entry in the waiting line; anything else there is stale.  A call is in
    the line while it wants a phone (more) to ring, and none is to be had."""
    standing: Standing | None = None
    """Where in the line; None while the caller waits for somebody in particular."""
    has_place: bool = False
    """Waits, and has a place among the queue's callers: see ``Line.order``."""
    alone_since_ms: int = 0
    """Since when the caller has had no agent: the arrival, or when the last one went away."""
    promise_broken: bool = False
    incident_opened: bool = False
    """Both told already; the latter of this time alone."""
    picked_up: bool = False
    recorded: bool = False
    """The caller's leg is recorded from its first media on, and the caller may be told so."""
    greeting: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    playback: PlaybackId | None = None
    menus: tuple[Menu, ...] = ()
    dialogue: Dialogue | None = None
    served: bool = False
    """The machine has given what was wanted, or taken it down."""
    has_keys: bool = True
    callback_offered: bool = False
    told_ahead: int | None = None
    told_minutes: int | None = None
    """What the caller was last told of their place and wait; 0 minutes is less than one."""
    outcome: Outcome | None = None
    first_agent: AgentId | None = None
    first_offer_ms: int | None = None
    answered_ms: int | None = None
    left_ms: int | None = None
    """When the caller left; None while they are there."""
    talking_since_ms: int | None = None
    terminal: TerminalId | None = None
    area: AreaId | None = None
    contacts: tuple[directory.Contact, ...] = ()
    device_digits: str = ""
    """The beginning of a code that the terminal may be sending."""
    device_digit_ms: int = 0
    device_reports: dict[str, directory.DeviceMeaning] = field(default_factory=dict)
    """What the terminal has said of itself, by the code."""
    scene: Scene | None = None
    """Set while the call belongs to an open case."""
    disposition: str | None = None
    """The outcome that an agent has given; with one, an emergency may be ended (C07)."""
    settled: bool = False
    """While it went on somebody has said that help is there or not needed, or how its case ended:
    nobody is called back for it (E36–E41)."""
    flow: Flow | None = None
    """What an agent has said that it turns out to be (E01)."""
    responds: bool | None = None
    """What an agent has said of it last; a silence since then has undone that."""
    rating_scale: RatingScale | None = None
    """In whose words the caller is asked how content they are; None before that."""
    rated: AgentId | None = None
    """With whom."""
    silence: Silence | None = None
    """Set from the first moment in which the caller should have spoken."""
    gain: int = 0
    """How much louder the caller hears, in steps."""
    transfer: Transfer | None = None
    held: bool = False
    """The caller hears music because whoever talked has stepped aside."""
    thanked: bool = False
    """What the caller is to hear before the conversation goes on has been begun."""
    held_since_ms: int | None = None
    """When the conversation was last broken off; None while it goes on, or there is none."""
    hold_ms: int = 0
    ring_ms: int = 0
    talk_ms: int = 0
    offers: int = 0
    kept: tuple[Any, ...] = ()
    """What the last memo was written for: see ``memos``."""

    @property
    def is_without_response(self) -> bool:
        """Whether it is presumed now that nobody responds: by the clock, or an agent's word."""
        if self.silence is None:
            return self.responds is False
        return self.silence.state is _NO_RESPONSE

    @property
    def since_ms(self) -> int:
        """The moment that gives the call its place in line."""
        return self.arrived_ms if self.placed is None else self.placed.since_ms

    @property
    def is_asking(self) -> bool:
        """Whether the machine is still to hear that somebody is there who can help."""
        return self.placed is not None and self.placed.asks

    @property
    def is_for_one(self) -> bool:
        """Whether it is placed by an agent, and so rings nobody else; not any more when they have
        given it to a queue."""
        return (
            self.placed is not None
            and self.placed.person is not None
            and not self.placed.given_away
        )


@dataclass(slots=True, eq=False)
class Phone:
    """A SIP account.  Taken to be registered until Asterisk says otherwise: a ring tells."""

    id: PhoneId
    registered: bool = True
    in_use: bool = False
    legs: dict[LegId, None] = field(default_factory=dict)
    """Live legs of ours on it."""
    shared: bool = False
    """A private call stands beside the open line."""


@dataclass(slots=True, eq=False)
class WrapUp:
    """The notes of one conversation.  ``spent_ms`` and ``left_ms`` are true while it is
    interrupted."""

    call: CallId
    arrived_ms: int
    talk_ms: int
    queue: QueueId
    entry: EntryId | None
    synthetic: bool
    until_ms: int
    spent_ms: int = 0
    left_ms: int = 0
    obligation: ObligationId | None = None
    """What the call was placed for."""


@dataclass(slots=True, eq=False)
class Leave:
    """An agent's wish to go, put to the supervisors and not answered yet."""

    what: AgentState
    reason: str | None
    why: LeaveWhy
    asked_ms: int


@dataclass(slots=True, eq=False)
class Trial:
    """The test rings of an agent who is not responding."""

    pause_ms: int
    """Before the next ring."""
    rings_max: int
    rung: int = 0
    waits: bool = False
    """The next ring is due, and there is no phone to ring."""
    call: CallId | None = None
    """The desk call of the ring that is going on."""


@dataclass(slots=True, eq=False)
class Agent:
    """A person.  ``later`` is the state asked for during a conversation, taken on at its end."""

    id: AgentId
    profile: directory.Agent
    since_ms: int
    state: AgentState = AgentState.LOGGED_OUT
    reason: str | None = None
    seat: SeatId | None = None
    queues: tuple[QueueId, ...] = ()
    pools: tuple[Pool, ...] = ()
    """One of each of ``queues``, in the same order."""
    idle_since_ms: int = 0
    free_token: int = 0
    """Token of the live entries among the free; 0 when not free."""
    resting: directory.Reach | None = None
    """Among whom the agent stands who may be rung out of wrap-up or a break; None: nowhere."""
    call: CallId | None = None
    """The call being offered, talked or wrapped up."""
    leg: LegId | None = None
    reserved_until_ms: int | None = None
    """When the reservation ends by itself."""
    trial: Trial | None = None
    leave: Leave | None = None
    misses: int = 0
    interrupted: bool = False
    """Is being rung out of wrap-up or a break: not to answer is no miss."""
    left_alone: bool = False
    """Has refused to be interrupted: not asked again until they have been at work."""
    position: int = 0
    """Place in the directory's list."""
    last_rung: int = 0
    calls_taken: int = 0
    talked_ms: int = 0
    """Both since the log-in."""
    later: AgentState | None = None
    later_reason: str | None = None
    removed: bool = False
    wrap_up: WrapUp | None = None
    """Set in wrap-up, and while it is interrupted by a ring."""
    line_pause_ms: int = 0
    """Before the open line was last dialled again."""


@dataclass(slots=True, eq=False)
class OpenLine:
    """The line of a seat that is nailed up: one leg in a room of its own, lent to one call after
    the other."""

    agent: AgentId
    room: RoomId
    wanted: bool = True
    """We have not ended it ourselves."""
    opened_ms: int | None = None
    held: bool = False
    """The phone has put it on hold: nobody would hear a beep."""
    parts: int = 0
    """Calls that it has been lent to."""
    given_up: bool = False
    """It did not come home, and its channel is being ended."""


@dataclass(slots=True, eq=False)
class Watch:
    """A supervisor beside somebody's conversation, with a copy of its sound."""

    supervisor: AgentId
    call: CallId
    mode: Watching
    room: RoomId
    """Of the supervisor and the copy; none of the call's."""
    is_open: bool = False
    snoop: LegId | None = None
    """The copy that is wanted in the room."""
    of: LegId | None = None
    """The leg that it is a copy of."""


@dataclass(slots=True, eq=False)
class DeskCall:
    """An agent's phone talking to the switch itself: a feature code and its confirmation, a test
    ring, a supervisor who listens, or an open line."""

    id: CallId
    leg: LegId
    phone: PhoneId
    started_ms: int
    state: DeskState
    code: str
    tested: AgentId | None = None
    """Who is being rung by the switch itself; None when the phone has dialled a code."""
    watch: Watch | None = None
    """At whose conversation the phone is; None for everything else."""
    line: OpenLine | None = None
    """Set on an open line."""
    agrees: CaseId | None = None
    """Whoever is there is asked about this case: see ``emergency.agreement``."""
    playback: PlaybackId | None = None


@dataclass(slots=True, eq=False)
class Agreeing:
    """A case waits for a second person's word."""

    rung: dict[AgentId, int] = field(default_factory=dict)
    """How often each was rung for it."""


@dataclass(slots=True)
class LegEnd:
    """How a leg ended; passed along while its departure is worked through."""

    why: Hangup
    cause: int
    sip: int = 0
    media: Media | None = None
