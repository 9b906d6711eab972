"""An obligation as a plain value: what is owed to whom, by when, and how far it has come.

The same struct is the switch's own state, what a fact tells of it, the row in PostgreSQL, and what
is read back from there at a start; so nothing can be remembered in one place and forgotten in
another.  ``tables.OBLIGATION`` says which state follows which; ``obligations`` changes them.
"""

from enum import StrEnum

import msgspec

from acd.core.directory import Contact, EntryKind
from acd.core.ids import (
    AgentId,
    AreaId,
    CallId,
    CaseId,
    ElderId,
    EntryId,
    ObligationId,
    QueueId,
    TerminalId,
)
from acd.core.tables import ObligationState


class ObligationKind(StrEnum):
    CALLBACK = "callback"
    TASK = "task"
    """Something a person has to do that the switch does not dial for: send a fax, read out a long
    text (V16), give an answer that was promised by a deadline (V06, V11)."""


class OwedFor(StrEnum):
    """What it came from."""

    ABANDONED = "abandoned"
    DROPPED = "dropped"
    """Cut off, while they waited or while they talked."""
    SILENT = "silent"
    """Nobody has responded, or no agent has said that somebody did (E33, E34)."""
    VOICEMAIL = "voicemail"
    REQUESTED = "requested"
    RESCUE_TO_CANCEL = "rescue_to_cancel"
    """The elder is safe, and help is on its way: it is told, and the committee too (E41)."""
    CONTACT = "contact"
    """A contact of somebody who does not respond, or has one agent alone (E36, C17)."""
    SEND_POLICE = "send_police"
    """110 to the door: no contact was reached (E36, E40)."""
    CALL_RESCUE = "call_rescue"
    """120 or 119: it was called and not reached, or a recording answered there (E03)."""
    ASK_MEDICAL = "ask_medical"
    """120: has a car been sent, where is it (F10, F11)?"""
    CALL_ELDER = "call_elder"
    """Until 110 or 119 is there (F12)."""
    ASK_CONTACT = "ask_contact"
    """Are they there (F13)?"""
    LINE_OPEN = "line_open"
    """An emergency's line is up for long; nobody responds, or the caller is on hold (C07)."""
    AGREEMENT = "agreement"
    """Does a second person agree that nobody had to be sent (E35)?"""
    DEVICE = "device"
    """What a terminal has said of itself asks for somebody's hands: a new battery (T27)."""
    TERMINAL_TEST = "terminal_test"
    """A terminal has not called for so long that nobody knows whether it can (W48)."""
    LEADER = "leader"
    """The shift leader looks at an emergency that has begun (E09)."""
    HAND_OVER = "hand_over"
    """Whoever has an open emergency in hand has left work: somebody takes it over (C10)."""
    FILE = "file"
    """What the emergency has shown goes into the elder's file: health, contacts, way in (E17)."""
    REPORT = "report"
    """The family called, the report handed in (E11, F18)."""
    REVISIT = "revisit"
    """Of an emergency (E18, F19), or promised, like any care call; it ends with a summary (D26)."""
    OFFLINE = "offline"
    """Written down while the system was away (D19); ``about`` is the record's id."""


OF_TERMINALS = (OwedFor.DEVICE, OwedFor.TERMINAL_TEST)
"""What is owed once to a terminal, however often it comes up."""


class Closing(StrEnum):
    """How it came to its end."""

    REACHED = "reached"
    """We called, and an agent has talked with them."""
    CALLED_AGAIN = "called_again"
    """They called, and an agent has talked with them."""
    DONE = "done"
    """A person says that it is done."""
    NOT_NEEDED = "not_needed"
    """Help is there, or nobody needs it any more."""
    CLOSED = "closed"
    """A person has closed it undone, with a reason."""


class Obligation(msgspec.Struct, frozen=True, kw_only=True):
    """Times are epoch milliseconds."""

    id: ObligationId
    kind: ObligationKind
    why: OwedFor
    state: ObligationState
    queue: QueueId | None
    entry: EntryId | None
    """The number they dialled, which is the one their terminal trusts."""
    entry_kind: EntryKind
    number: str | None
    """Whom to call, normalised; None when nobody knows, and a person has to find out."""
    terminal: TerminalId | None
    elders: tuple[ElderId, ...]
    call: CallId | None
    """What it came from."""
    since_ms: int
    """The arrival whose place in line it keeps."""
    created_ms: int
    deadline_ms: int
    next_ms: int | None
    """When it is tried (again) by itself; None when only a person can go on."""
    escalate_ms: int
    """When the next person up is told."""
    attempts: int = 0
    about: str = ""
    """What is to be sent or looked up, or why a call is owed that nobody asked for."""
    messages: tuple[str, ...] = ()
    """What the caller has said after the beep, as files, the oldest first."""
    unanswered: int = 0
    """For how many calls that no agent answered it stands: a redial is the same matter (C02)."""
    busy: int = 0
    """Calls that met a busy line, which are no attempts (C24)."""
    unmade: bool = False
    """Nobody could be called for it by its deadline, and people have been told instead."""
    level: int = 0
    """How far it has been escalated: 1 the shift leader, 2 and more the supervisors."""
    late: bool = False
    working: CallId | None = None
    """The call in which it is being worked."""
    area: AreaId | None = None
    contacts: tuple[Contact, ...] = ()
    """Of whoever is called, should a case come of it."""
    case: CaseId | None = None
    """The emergency that it belongs to."""
    appointed_ms: int | None = None
    """The time of day that was promised: it is not tried before, and its deadline runs from then
    (W34)."""
    every_ms: int | None = None
    """Done, it is owed again after so long, until it is not needed any more."""
    owner: AgentId | None = None
    """Who answers for it (W15)."""
    assignee: AgentId | None = None
    """Who is at it."""
    closing: Closing | None = None
    reason: str | None = None
    closed_ms: int | None = None

    @property
    def is_emergency(self) -> bool:
        return self.entry_kind is EntryKind.EMERGENCY

    @property
    def is_open(self) -> bool:
        return self.state not in (ObligationState.DONE, ObligationState.CLOSED)
