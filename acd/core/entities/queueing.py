"""A place in line, the agents of a queue, whom a caller would rather have; an offer."""

from dataclasses import dataclass, field
from typing import NamedTuple

from acd.core import directory
from acd.core.emergency.case import CaseRole
from acd.core.ids import AgentId, CallId, LegId, OfferId, PhoneId, PlaybackId, QueueId
from acd.core.tables import AgentState, OfferState


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
