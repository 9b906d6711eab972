"""Agents, their phones and open lines, and what a phone says to the switch itself."""

from dataclasses import dataclass, field

from acd.core import directory
from acd.core.entities.call_control import Watch
from acd.core.entities.queueing import Pool
from acd.core.facts import LeaveWhy
from acd.core.ids import (
    AgentId,
    CallId,
    CaseId,
    ElderId,
    EntryId,
    LegId,
    ObligationId,
    PhoneId,
    PlaybackId,
    QueueId,
    RoomId,
    SeatId,
    TerminalId,
)
from acd.core.tables import AgentState, DeskState


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
    """What the call was placed for; an obligation's own ``call`` is the one that it came from."""
    elders: tuple[ElderId, ...] = ()
    terminal: TerminalId | None = None
    number: str | None = None
    """Whose call it was; unknown of one that was over before the service began."""


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
