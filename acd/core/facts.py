"""What has happened, as decided here: the only source of records, metrics and reports.

A fact is written once and never changed.  Each carries ``at_ms`` (epoch milliseconds); durations
are milliseconds.  Rows in PostgreSQL are projections of these, and so are the metrics.
"""

from enum import StrEnum

import msgspec

from acd.core.directory import DeviceMeaning, DeviceTest, EntryKind
from acd.core.emergency.case import Case, Place
from acd.core.emergency.guide import Flow
from acd.core.events import Hangup, Heard, Media
from acd.core.follow_up.owed import Obligation
from acd.core.ids import (
    AgentId,
    CallId,
    CaseId,
    DialId,
    ElderId,
    EntryId,
    LegId,
    MenuId,
    OfferId,
    PhoneId,
    Purpose,
    QueueId,
    SeatId,
    TerminalId,
    TrunkId,
)
from acd.core.scripts import RatingScale, RatingSource, Then


class Outcome(StrEnum):
    """How a call ended for the caller; exactly one per call (K04)."""

    ANSWERED = "answered"
    """An agent's audio reached the caller."""
    ABANDONED = "abandoned"
    """The caller left before that."""
    VOICEMAIL = "voicemail"
    """Left by choice: the caller has left a message for a person."""
    CALLBACK = "callback"
    """Left by choice: the caller is called back, at the place they had."""
    SELF_SERVED = "self_served"
    """The caller got what they wanted from recorded information, or left a task (V03)."""
    REFUSED = "refused"
    """The dialled number means nothing here."""
    FALLBACK = "fallback"
    """Handed to the dialplan because we had lost the thread."""
    LOST = "lost"
    """Gone while the link to Asterisk was away, before an agent answered."""
    BUSY = "busy"
    """This and what follows: outbound calls alone, by what the number said (C24)."""
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    NO_TRUNK = "no_trunk"
    WITHDRAWN = "withdrawn"
    """Given up on our side before the number answered."""


class ReplyKind(StrEnum):
    """What is owed to a caller who left by choice, or whom we failed."""

    CALLBACK = "callback"
    MESSAGE = "message"
    """Listen to the message, then call back."""
    TASK = "task"


class OfferResult(StrEnum):
    """How one attempt to ring one agent ended."""

    ACCEPTED = "accepted"
    MISSED = "missed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    UNATTENDED = "unattended"
    """The phone picked up by itself, and nobody was there."""


class TransferKind(StrEnum):
    BLIND = "blind"
    CONSULT = "consult"
    """The agent talks with them before the caller does."""


class TransferResult(StrEnum):
    COMPLETED = "completed"
    JOINED = "joined"
    """They came into the conversation and the agent stayed: a conference."""
    TAKEN_BACK = "taken_back"
    FAILED = "failed"
    """They did not answer, or could not be brought to where they belong."""
    LEFT = "left"
    """They hung up in the consultation."""
    CALLER_LEFT = "caller_left"


class LegRole(StrEnum):
    CALLER = "caller"
    AGENT = "agent"
    OUTSIDE = "outside"
    """A number that we have dialled over a trunk."""
    DESK = "desk"
    """An agent's phone dialling a feature code."""


class DialResult(StrEnum):
    """How an attempt to reach an outside number ended.  Told apart, because each asks for another
    next step (T19, C24, E34)."""

    ANSWERED = "answered"
    """Somebody, or something, picked up; how long they stayed is the leg's to tell."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    """Six rings, or 45 s in all, or the network's own patience (T19, F07)."""
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    """No such number, or no such telephone now."""
    NO_TRUNK = "no_trunk"
    """No operator could carry it; the number has not been tried."""
    WITHDRAWN = "withdrawn"
    """Whoever asked for it did not want it any more."""


class Response(StrEnum):
    """Whether somebody has responded in a call, when all is said."""

    RESPONDED = "responded"
    NO_RESPONSE = "no_response"


class CallOffered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A call has entered; the word is the field's: offered = everything that came in."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    trunk: TrunkId | None
    caller: str | None
    called: EntryId
    entry: EntryId | None
    kind: EntryKind | None
    queue: QueueId | None
    terminal: TerminalId | None
    elders: tuple[ElderId, ...]
    synthetic: bool
    recording: str | None
    precedence: int = 0
    repeat: bool = False
    """Has just called an emergency entry and not been answered."""
    menu: MenuId | None = None
    """What the machine asks first; None where people are rung at once."""


class CallTakenUp(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A call that lived on in Asterisk while the service was away is served on, as the same call.
    ``state`` is the one in which it was found."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    state: str
    caller: str | None
    called: str | None
    """The entry dialled; of a call that we placed, the number."""
    entry: EntryId | None
    kind: EntryKind
    queue: QueueId
    terminal: TerminalId | None
    elders: tuple[ElderId, ...]
    synthetic: bool
    is_placed: bool
    answered_ms: int | None


class OfferMade(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent's phone is being rung, and why this one.

    ``slack_ms`` is what is left of the promise (negative when it is broken), ``ring_limit_ms``
    how long it will ring, ``phones`` how many ring for the call now, this one included.  ``free``
    is how many agents with the skills could have been chosen; ``rank`` the winner's key (smaller
    is better; what it means is the queue's ``selection``), ``next`` who would have been next, at
    most five.  ``skipped`` counts the others with the skills, by why they could not be rung.
    ``reach`` tells from where the agent was taken: ready, or out of wrap-up or a break."""

    at_ms: int
    call: CallId
    arrived_ms: int
    offer: OfferId
    agent: AgentId
    seat: SeatId
    phone: PhoneId
    leg: LegId
    slack_ms: int
    free: int
    idle_ms: int
    """How long the chosen agent had been free."""
    selection: str
    rank: int
    next: tuple[AgentId, ...]
    skipped: tuple[tuple[str, int], ...]
    reach: str
    ring_limit_ms: int
    phones: int
    tier: int = 0
    """How many steps of the queue's relaxation the agent needed; 0: has all the skills."""
    overflow: QueueId | None = None
    """The queue whose agent it is, when it is not the call's own."""
    preferred: str | None = None
    """Why this agent went before the queue's rule: ``named``, ``owner``, ``last``, or the skill
    that the caller prefers."""


class OfferEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``ring_ms`` is 180 to the end; None when the phone never rang."""

    at_ms: int
    call: CallId
    arrived_ms: int
    offer: OfferId
    agent: AgentId
    result: OfferResult
    ring_ms: int | None
    why: Hangup | None


class PromiseBroken(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The caller has waited longer than the queue's promise.  A mark, not an outcome (K04)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    queue: QueueId
    synthetic: bool


class IncidentOpened(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller has waited so long that a person must look into it; nobody is dropped."""

    at_ms: int
    call: CallId
    arrived_ms: int
    queue: QueueId
    waited_ms: int
    synthetic: bool


class CallPickedUp(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The system has answered the line with an acknowledgement.  Not an answer."""

    at_ms: int
    call: CallId
    arrived_ms: int


class CallAnswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent's audio reaches the caller.  ``wait_ms`` counts from the INVITE (C01, C03).

    ``again`` is true for every answer after the first: a caller put back in the queue keeps the
    first answer's time in the figures."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    seat: SeatId
    wait_ms: int
    again: bool
    queue: QueueId
    kind: EntryKind
    synthetic: bool


class MenuAnswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One step in a menu: what was pressed (None: nothing in time) and what came of it; ``then``
    is None when the question was asked again.  ``chosen`` is false for what happens without a
    valid key."""

    at_ms: int
    call: CallId
    arrived_ms: int
    menu: MenuId
    key: str | None
    then: Then | None
    target: str
    chosen: bool


class ReplyOwed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person must answer by ``due_ms``, and the caller has been told so (V06, V11).

    ``place_ms`` is the arrival whose place in the line a callback keeps; ``about`` says what a
    task is about, or why a call is owed that nobody asked for."""

    at_ms: int
    call: CallId
    arrived_ms: int
    kind: ReplyKind
    queue: QueueId
    number: str | None
    terminal: TerminalId | None
    place_ms: int
    due_ms: int
    about: str
    recording: str | None
    message_ms: int | None
    synthetic: bool


class CallQueued(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller who has been with the machine waits for people now, in this queue.  Who comes to an
    entry without a menu waits from the arrival on, and has no such fact."""

    at_ms: int
    call: CallId
    arrived_ms: int
    queue: QueueId


class CallRequeued(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller whose agent went away waits again, with the original place."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    """Who was there last; None after an outside party."""


class NumberDialled(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An INVITE to an outside number has gone out.  ``attempt`` counts the trunks tried for this
    dial, from 1."""

    at_ms: int
    call: CallId
    arrived_ms: int
    dial: DialId
    leg: LegId
    number: str
    trunk: TrunkId
    caller_id: str
    purpose: Purpose
    person: AgentId | None
    """On whose command; None for what the switch does by itself."""
    attempt: int


class DialEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An outside number has been reached, or has not.  ``ring_ms`` is 180 or 183 to the answer or
    the end; None when it never rang.  At the answer, not at the end of the conversation."""

    at_ms: int
    call: CallId
    arrived_ms: int
    dial: DialId
    number: str
    trunk: TrunkId | None
    purpose: Purpose
    person: AgentId | None
    result: DialResult
    ring_ms: int | None
    attempts: int


class CallHeld(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The conversation is broken off: whoever talked has stepped aside, and the caller, who hears
    music, waits for them or for somebody else.  ``agent`` has the call."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None


class CallResumed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody talks with the caller again."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    hold_ms: int


class LegRecorded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A leg is being recorded (T21): one that we dialled, or a caller's of whom it was not known
    yet at ``CallOffered``."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    recording: str
    is_callers: bool = False
    """The leg is the caller's own: this is the recording of the call."""


class TransferStarted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wants to give the call to ``number``, or to ask there first: a colleague, a queue or
    an outside number."""

    at_ms: int
    call: CallId
    arrived_ms: int
    kind: TransferKind
    by: AgentId
    number: str
    agent: AgentId | None
    queue: QueueId | None


class TransferEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What became of it.  ``agent`` is the colleague, ``queue`` where the caller waits now."""

    at_ms: int
    call: CallId
    arrived_ms: int
    kind: TransferKind
    by: AgentId
    number: str
    agent: AgentId | None
    queue: QueueId | None
    result: TransferResult
    after_ms: int
    """Since it was started."""


class CallPlaced(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An outbound call has begun: an agent's phone is being rung for it, or the number itself.

    Outbound calls have facts of their own, so that no figure of what came in can count them
    (K04)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    number: str
    queue: QueueId
    kind: EntryKind
    person: AgentId | None
    reference: str | None
    synthetic: bool


class CallReached(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent's audio reaches the number that was called.  ``wait_ms`` is since it was placed;
    ``again`` is true for every agent after the first."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    seat: SeatId
    wait_ms: int
    again: bool
    queue: QueueId
    synthetic: bool


class PlacedCallEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The last leg of an outbound call is gone."""

    at_ms: int
    call: CallId
    arrived_ms: int
    number: str
    outcome: Outcome
    person: AgentId | None
    agent: AgentId | None
    """Who talked first."""
    first_offer_ms: int | None
    reached_ms: int | None
    wait_ms: int
    ring_ms: int
    talk_ms: int
    offers: int
    queue: QueueId
    kind: EntryKind
    synthetic: bool
    response: Response | None = None


class CallDisposed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent has said how the call went; the last word counts.  ``code`` is the two digits."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    code: str
    disposition: str


class CallClassified(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent has said what the call turns out to be (E01); the last word holds."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    flow: Flow


class ResponseNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent says whether the caller responds; the last word counts."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    responds: bool


class RatingAsked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The agent has gone, and the caller is asked how content they are (V17)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    """Who was there last; None after an outside party."""
    queue: QueueId
    scale: RatingScale


class CallRated(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The caller has said how content they are, in the scale's own word (C04)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    """Whose service it was."""
    queue: QueueId
    scale: RatingScale
    rating: str
    source: RatingSource = RatingSource.DIGITS
    by: AgentId | None = None
    """Who wrote it down; None: the caller pressed the key (C28)."""


class AfterwordNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent who writes the notes of a call says whether somebody responded in it, or how it
    went (``disposition``)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId
    response: Response
    disposition: str | None


class LegHeard(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a leg gives has changed (E42)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    heard: Heard


class SilencePrompted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The system has asked a caller to speak from whom nothing was heard (V13)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    """Who is there; None when the system is alone with the caller."""
    prompts: tuple[str, ...]
    heard: Heard | None
    """What was heard instead of speech; None when nothing judges it."""


class CallerResponded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody near the telephone has spoken, as a machine judges it; ``after_ms`` since the clock
    of the silence began."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    after_ms: int


class NoResponseFlagged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Nobody has spoken in time: the call is presumed to be an emergency (E33), until a person says
    otherwise.  ``after_ms`` is since the clock began."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    after_ms: int
    heard: Heard | None
    queue: QueueId
    kind: EntryKind


class CallReleased(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The system lets the caller go: a terminal hears busy tone for a while, and then its line is
    ended (T25)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    agent: AgentId | None
    busy_tone: bool


class ObligationNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something has become of an obligation; it is told whole, as it is from now on.  ``what`` is
    one of owed, added to, called again, restored, due, taken up, handed over, raised, put back,
    escalated, assigned, ended."""

    at_ms: int
    call: CallId | None
    what: str
    obligation: Obligation


class CaseNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something has become of a case; it is told whole, as it is from now on.  ``what`` says it in
    a few words, ``by`` on whose word."""

    at_ms: int
    call: CallId | None
    what: str
    by: AgentId | None
    case: Case


class PromptStarted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something is being said to a leg of an emergency call (E42)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    role: LegRole
    agent: AgentId | None
    number: str | None
    prompts: tuple[str, ...]


class KeyPressed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody in an emergency call has pressed a key (E42)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    role: LegRole
    agent: AgentId | None
    number: str | None
    key: str


class DeviceReported(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A terminal has said something of itself by DTMF (T27); once in a call for each code."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    terminal: TerminalId | None
    agent: AgentId | None
    """Who has the call then."""
    digits: str
    meaning: DeviceMeaning


class TerminalTested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent has said of a call that somebody tested a terminal with it (W48)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    terminal: TerminalId
    agent: AgentId
    kind: DeviceTest
    staff: str
    """The staff number of whoever tests; empty where nobody has one."""
    new_number: str | None
    """From which it called, where the directory does not know that it is this terminal's."""


class EmergencyReported(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The report of an emergency has been handed in (E11)."""

    at_ms: int
    call: CallId | None
    """The first of the case that was answered."""
    case: CaseId
    agent: AgentId
    family: str
    """Whom of the family they have called."""
    condition: str
    """How the elder is."""
    scale: RatingScale | None
    rating: str | None
    """How content they are, in the scale's own word (C04)."""
    unrated: str
    """Why nobody could be asked."""
    remarks: str


class LegMoved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody in a case hears and is heard in another room from now on (E42)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    role: LegRole
    agent: AgentId | None
    number: str | None
    place: Place


class LegEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One channel's whole life.  Times are None where the moment never came."""

    at_ms: int
    call: CallId
    call_arrived_ms: int
    leg: LegId
    role: LegRole
    number: str | None
    agent: AgentId | None
    started_ms: int
    rang_ms: int | None
    answered_ms: int | None
    joined_ms: int | None
    why: Hangup
    cause: int
    media: Media | None = None


class CallEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The last leg is gone.  Sums are over the whole call; ``talk_ms`` is without ``hold_ms``."""

    at_ms: int
    call: CallId
    arrived_ms: int
    outcome: Outcome
    agent: AgentId | None
    """Who answered first."""
    first_offer_ms: int | None
    answered_ms: int | None
    wait_ms: int
    ring_ms: int
    talk_ms: int
    hold_ms: int
    offers: int
    queue: QueueId | None
    kind: EntryKind | None
    synthetic: bool
    response: Response | None = None
    """Whether anybody responded (E33); None where that is not asked."""


class AgentStateChanged(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One step of an agent; together they leave no gap (Q08).

    ``from_ms`` is when ``was`` began.  ``seat`` is where the agent sat during ``was``, or, at a
    log-in, where they sit from now on."""

    at_ms: int
    agent: AgentId
    seat: SeatId | None
    was: str
    now: str
    reason: str | None
    from_ms: int
    call: CallId | None


class WrapUpEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    at_ms: int
    agent: AgentId
    call: CallId
    arrived_ms: int
    wrap_up_ms: int
    talk_ms: int
    queue: QueueId
    entry: EntryId | None
    """Which the caller had dialled; None of a call that we placed."""
    synthetic: bool


class WrapUpExtended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The agent has asked for more time for the notes."""

    at_ms: int
    agent: AgentId
    call: CallId
    by_ms: int
    until_ms: int


class LeaveWhy(StrEnum):
    """By which rule a supervisor is asked before an agent goes (D08)."""

    REASON = "reason"
    """The queue wants consent for this kind of pause."""
    STAFFING = "staffing"
    """Too few others would be ready for an emergency."""


class LeaveResult(StrEnum):
    """What became of a wish to go."""

    GRANTED = "granted"
    DENIED = "denied"
    LAPSED = "lapsed"
    """Nobody has answered in time."""
    WITHDRAWN = "withdrawn"


class LeaveAsked(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wants to pause or log out (``what``), and the supervisors are asked first."""

    at_ms: int
    agent: AgentId
    seat: SeatId
    what: str
    reason: str | None
    why: LeaveWhy


class LeaveAnswered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``by`` is the supervisor; None when nobody has answered."""

    at_ms: int
    agent: AgentId
    what: str
    reason: str | None
    result: LeaveResult
    by: AgentId | None
    waited_ms: int


class LeftWithoutConsent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody goes who should have asked, and no supervisor is logged in.  Raises an alarm."""

    at_ms: int
    agent: AgentId
    seat: SeatId
    what: str
    reason: str | None
    why: LeaveWhy


class ChairFoundEmpty(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A phone that answers by itself did, and nobody said a word or pressed a key."""

    at_ms: int
    call: CallId
    agent: AgentId
    seat: SeatId


class TestResult(StrEnum):
    """How one test ring ended."""

    READY = "ready"
    MISSED = "missed"
    REFUSED = "refused"
    FAILED = "failed"
    ENDED = "ended"
    """The agent had come back, paused or left meanwhile."""


class TestRang(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The switch rings the phone of an agent who is not responding; no caller is behind it."""

    at_ms: int
    agent: AgentId
    seat: SeatId
    phone: PhoneId
    leg: LegId
    number: int
    """Which in a row, from 1."""


class TestRingEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    at_ms: int
    agent: AgentId
    number: int
    result: TestResult


class SupervisionStarted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor is at a conversation from now on, in this way (D11, Q12).  Every change of the
    way is one more."""

    at_ms: int
    call: CallId
    arrived_ms: int
    supervisor: AgentId
    agent: AgentId | None
    """Who has the call."""
    mode: str


class SupervisionEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor is not listening any more; who barged in has a leg of the call instead."""

    at_ms: int
    call: CallId
    supervisor: AgentId
    mode: str


class StateForced(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor has put an agent into a state."""

    at_ms: int
    supervisor: AgentId
    agent: AgentId
    action: str
    reason: str | None


class CallSteered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor has decided about a caller who waits (T06)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    supervisor: AgentId
    action: str
    agent: AgentId | None
    queue: QueueId | None


class RequestRefused(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    at_ms: int
    agent: AgentId | None
    refusal: str


class ConfigurationTakenBack(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Calls could not be served under a new configuration, so that of before is used again."""

    at_ms: int
    what: str
    """``directory`` or ``nodes``."""
    why: str
    to_version: int | None


class Repaired(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What we believed and what Asterisk said differed, and we followed Asterisk."""

    at_ms: int
    what: str
    key: str


class Ignored(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An event that a table names as harmless where it came, such as an answer to a withdrawn
    offer."""

    at_ms: int
    reason: str
    key: str


class Defect(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Our own bug: an event the tables call illegal.  Must never happen; metric must stay 0."""

    at_ms: int
    sentence: str
    call: CallId | None


Fact = (
    CallOffered
    | CallTakenUp
    | OfferMade
    | OfferEnded
    | CallPickedUp
    | PromiseBroken
    | IncidentOpened
    | CallAnswered
    | CallRequeued
    | CallHeld
    | CallResumed
    | CallDisposed
    | CallClassified
    | ResponseNoted
    | AfterwordNoted
    | RatingAsked
    | CallRated
    | CaseNoted
    | LegHeard
    | SilencePrompted
    | CallerResponded
    | NoResponseFlagged
    | CallReleased
    | TransferStarted
    | TransferEnded
    | CallPlaced
    | CallReached
    | PlacedCallEnded
    | CallQueued
    | MenuAnswered
    | ReplyOwed
    | ObligationNoted
    | PromptStarted
    | KeyPressed
    | DeviceReported
    | TerminalTested
    | EmergencyReported
    | LegMoved
    | NumberDialled
    | DialEnded
    | LegEnded
    | LegRecorded
    | CallEnded
    | AgentStateChanged
    | WrapUpEnded
    | WrapUpExtended
    | LeaveAsked
    | LeaveAnswered
    | LeftWithoutConsent
    | ChairFoundEmpty
    | TestRang
    | TestRingEnded
    | SupervisionStarted
    | SupervisionEnded
    | StateForced
    | CallSteered
    | RequestRefused
    | ConfigurationTakenBack
    | Repaired
    | Ignored
    | Defect
)
