"""A case as a plain value: one emergency, over as many calls as it takes (E14, E42).

Like an obligation it is one struct everywhere: the switch's own state, what a fact tells of it, the
row in PostgreSQL, and what is read back from there at a start.  ``tables.CASE`` says which state
follows which; ``cases`` changes it.
"""

from enum import StrEnum

import msgspec

from acd.core.directory import Contact, RescueService
from acd.core.emergency.guide import Script
from acd.core.ids import AgentId, AreaId, CallId, CaseId, ElderId, EntryId, QueueId, TerminalId
from acd.core.tables import CaseState


class CaseOrigin(StrEnum):
    """Who or what has opened it."""

    AGENT = "agent"
    """The agent's own key, or the API."""
    NO_RESPONSE = "no_response"
    """The procedure: nobody responds, and calling back has come to nothing (E33, E35)."""


class CaseRole(StrEnum):
    """The two seats of an emergency (E14)."""

    A = "a"
    """Commands the case and talks with rescue and contacts (E15)."""
    B = "b"
    """Stays with the caller (E16)."""


class Place(StrEnum):
    """Where somebody is, among the rooms of the caller's call."""

    CALLER = "caller"
    """In the main room, where the caller talks."""
    RESCUE = "rescue"
    PRIVATE = "private"
    ASIDE = "aside"
    """In another side room: a consultation."""
    MUSIC = "music"
    NOWHERE = "nowhere"
    """In no room: rings, is being asked something, or is on the way."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """The simple task form: four facts, none of which ever delays a dial (E02, C09)."""

    place: str = ""
    identity: str = ""
    harm: str = ""
    asks: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Times are epoch milliseconds."""

    id: CaseId
    state: CaseState
    origin: CaseOrigin
    opened_ms: int
    opened_by: AgentId | None
    queue: QueueId
    entry: EntryId | None
    """The number they dialled, which is the one their terminal trusts."""
    number: str | None
    """The elder's, normalised."""
    terminal: TerminalId | None
    elders: tuple[ElderId, ...]
    area: AreaId | None
    """Whose 110, 119 and 120 are meant."""
    contacts: tuple[Contact, ...]
    """Whom to call, the first to be called first (U03)."""
    calls: tuple[CallId, ...]
    """All that belong to it, in order."""
    a: AgentId | None = None
    b: AgentId | None = None
    owner: AgentId | None = None
    """Who answers for it to the end (W15, C10): the first A, also when others have it in hand."""
    assignee: AgentId | None = None
    """Who has it in hand when the owner has not (C10)."""
    services: tuple[RescueService, ...] = ()
    """Which rescue services an agent has talked with (E03, E05)."""
    called_before: tuple[RescueService, ...] = ()
    """Those of them that the terminal, or somebody there, had called without us (C18)."""
    no_response: bool = False
    """Nobody has responded, and nobody has since (E33)."""
    car_ms: int | None = None
    """When 120 said that a car was sent (E21)."""
    reached: tuple[str, ...] = ()
    """Contacts with whom an agent has talked."""
    missed: tuple[str, ...] = ()
    """Contacts whom an agent called and did not reach (E28, E46)."""
    seen_by: AgentId | None = None
    """The first supervisor who has done something with it (E09)."""
    guides: tuple[Script, ...] = ()
    """What people are guided by, and which steps are done (E19)."""
    summary: str = ""
    """What happened and how it ended, for the file (E12, E17)."""
    alone_ms: int | None = None
    """Since when the switch does what a B would (C17)."""
    help_ms: int | None = None
    """When help was at the door (E17)."""
    safe_ms: int | None = None
    """When an agent said that the elder is safe (E41)."""
    form: Form = Form()
    """As far as it has been written."""
    outcome: str | None = None
    reason: str | None = None
    """What whoever closed it has said."""
    closed_by: AgentId | None = None
    agreed_by: AgentId | None = None
    """The second person, where nobody was sent (E35)."""
    closed_ms: int | None = None

    @property
    def is_open(self) -> bool:
        return self.state is not CaseState.CLOSED

    @property
    def in_hand(self) -> AgentId | None:
        """Who does what is still to be done: whoever it was given to, else the owner."""
        return self.assignee or self.owner

    @property
    def is_settled(self) -> bool:
        """Whether help is there or not needed: nobody is to be asked or called again."""
        return self.help_ms is not None or self.safe_ms is not None

    @property
    def needs_agreement(self) -> bool:
        """Whether nobody was sent though nobody responded: no one person decides that (E35)."""
        return self.no_response and not self.services and not self.is_settled

    def holder(self, role: CaseRole) -> AgentId | None:
        """Return who has a role."""
        return self.a if role is CaseRole.A else self.b
