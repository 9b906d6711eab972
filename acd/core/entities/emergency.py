"""What goes on around the caller of an emergency, and a caller's silence."""

from dataclasses import dataclass, field

from acd.core import directory
from acd.core.emergency.case import CaseRole
from acd.core.ids import AgentId, CaseId, DialId, LegId, OfferId, RoomId
from acd.core.tables import PartyState, SilenceState


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
    rescue: str | None = None
    """The number, when that is a rescue service."""


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
class Agreeing:
    """A case waits for a second person's word."""

    rung: dict[AgentId, int] = field(default_factory=dict)
    """How often each was rung for it."""


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
    told_dead: bool = False
    """Whoever is with the caller has been told that no packet comes from there."""
