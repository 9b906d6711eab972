"""Outside numbers and what they cost; what makes a call outbound."""

from dataclasses import dataclass, field

from acd.core import directory
from acd.core.facts import DialResult
from acd.core.ids import AgentId, CallId, CaseId, DialId, LegId, ObligationId, Purpose, TrunkId
from acd.core.tables import DialState


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
    is_awaited: bool = False
    """Whoever has had it dialled waits for the answer; otherwise who answers is asked for a key."""
    may_ring: bool = False
    """An earlier life has dialled it, and nobody knows whether it rings by now."""
    was_joined: bool = False
    """Known at its end: whoever answered was in some room, and may have been heard there."""


@dataclass(slots=True, eq=False)
class Spending:
    """How long chosen outside numbers were on the line; see ``spending``."""

    ceiling_ms: int | None = None
    """Within 24 hours; None: no ceiling."""
    by_hour: dict[int, int] = field(default_factory=dict)
    """Hour since the epoch to milliseconds."""


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
    must_ring: bool = False
    """No agent is rung before its number rings: nobody knows whether an operator carries it."""
    given_away: bool = False
    """Who placed it has given the call to a queue."""
    result: DialResult | None = None
    obligation: ObligationId | None = None
    """What the switch placed it for."""
    agrees: CaseId | None = None
    """The case that whoever picks up is asked about, and nobody else is rung."""
    agreeing: AgentId | None = None
    """The duty phone that it goes to, then."""
