"""A call, its legs and its rooms."""

from dataclasses import dataclass, field
from typing import Any

from acd.core import directory
from acd.core.emergency.guide import Flow
from acd.core.entities.call_control import Transfer
from acd.core.entities.emergency import Scene, Silence
from acd.core.entities.outside import Placement
from acd.core.entities.queueing import Preference, Standing
from acd.core.entities.self_service import Dialogue
from acd.core.events import Hangup, Heard, Media
from acd.core.facts import LegRole, Outcome
from acd.core.ids import (
    AgentId,
    AreaId,
    CallId,
    DialId,
    ElderId,
    EntryId,
    LegId,
    Node,
    OfferId,
    PhoneId,
    PlaybackId,
    QueueId,
    RoomId,
    TerminalId,
    TrunkId,
)
from acd.core.scripts import Menu, RatingScale
from acd.core.tables import CallState, LegState, RoomState, SilenceState

_AGENT, _NO_RESPONSE = LegRole.AGENT, SilenceState.NO_RESPONSE


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
    is_ringing_back: bool = False
    """That is the ring-back tone, until somebody who is called answers."""
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
    hung_up: bool = False
    """Its far end has hung up, by itself."""
    unjoined: bool = False
    """This agent's leg was let go because it could not be joined with the caller."""
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


@dataclass(slots=True)
class LegEnd:
    """How a leg ended; passed along while its departure is worked through."""

    why: Hangup
    cause: int
    sip: int = 0
    media: Media | None = None


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
    trunk: TrunkId | None = None
    """Over which the caller came; the line is theirs until their leg is gone."""
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
    def is_apart(self) -> bool:
        """Whether agents are to be rung for it only later: when somebody has said that they can
        help, or when its number rings."""
        return self.is_asking or (self.placed is not None and self.placed.must_ring)

    @property
    def is_for_one(self) -> bool:
        """Whether it is placed by an agent, and so rings nobody else; not any more when they have
        given it to a queue."""
        return (
            self.placed is not None
            and self.placed.person is not None
            and not self.placed.given_away
        )
