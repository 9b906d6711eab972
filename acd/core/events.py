"""What has happened, in the past tense: the only things that change the core.

Three origins: the switch (legs, rooms, playbacks, phones), persons (requests), and the directory.
The same structs are what the journal keeps, so a field once published keeps its meaning.
Times are epoch milliseconds; durations are milliseconds.
"""

from enum import StrEnum

import msgspec

from acd.core.directory import (
    Agent,
    Area,
    Contact,
    DeviceCode,
    DeviceTest,
    Entry,
    EntryKind,
    Queue,
    RescueService,
    Seat,
    Trunk,
)
from acd.core.emergency.case import Case, CaseRole, Form
from acd.core.emergency.guide import Script
from acd.core.follow_up.owed import Obligation
from acd.core.ids import (
    AgentId,
    AreaId,
    CallId,
    CaseId,
    ElderId,
    EntryId,
    LegId,
    Node,
    ObligationId,
    PhoneId,
    PlaybackId,
    QueueId,
    RecordingId,
    RequestId,
    RoomId,
    SeatId,
    TerminalId,
    TrunkId,
)
from acd.core.memo import Memo
from acd.core.scripts import RatingScale, RatingSource
from acd.core.tables import AgentState


class Hangup(StrEnum):
    """Why a leg is gone, from the Q.850 cause that Asterisk reports (16, 17, 19, 21 …)."""

    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    LOST = "lost"
    """Found missing when the link to Asterisk came back, or by a command that named it."""


class CallArrived(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A trunk's INVITE has reached us.  Numbers are normalised; who it is has been looked up."""

    leg: LegId
    arrived_ms: int
    trunk: TrunkId | None
    caller: str | None
    called: EntryId
    terminal: TerminalId | None = None
    elders: tuple[ElderId, ...] = ()
    recording: str | None = None
    recording_follows: bool = False
    """The caller is to be recorded, and ``RecordingStarted`` tells of it."""
    greeting: tuple[str, ...] = ()
    """Prompts for the time of day, and for the holiday when it is one (V07, V10)."""
    closing: tuple[str, ...] = ()
    """Prompts that are added to a goodbye, on a holiday (V10)."""
    precedence: int = 0
    """How urgent the caller is among those of the same queue, by the directory's marks."""
    left: bool = False
    """Has hung up already, and its end follows: it is a call with a record, and rings nobody."""
    languages: tuple[str, ...] = ()
    """Skills that the caller would rather be met with, the dearest first (C15)."""
    has_keys: bool = True
    """The caller can answer by digits; a one-key terminal cannot (C28)."""
    area: AreaId | None = None
    """Where the elder lives, as far as 110, 119 and 120 are concerned."""
    contacts: tuple[Contact, ...] = ()
    """Whom to call for them, the first to be called first (U03)."""
    memo: Memo | None = None
    """The channel has been with us before, and the dialplan gives it back."""
    is_up: bool = False
    """Answered already, by the dialplan."""


class CodeDialled(msgspec.Struct, frozen=True, tag=True):
    """An agent's phone has dialled a feature code, digits and stars as dialled."""

    leg: LegId
    phone: PhoneId
    code: str


class LegRang(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The far phone says it is ringing (180 or 183)."""

    leg: LegId


class RecordingStarted(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A leg that we dialled is being recorded, or a caller's of whom it was not known yet when they
    arrived; ``recording`` is the file's name in the spool."""

    leg: LegId
    recording: str


class LegAnswered(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A leg that we dialled is up and under our control."""

    leg: LegId


class LegJoined(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A leg has entered a room: from now on it hears and is heard there."""

    leg: LegId
    room: RoomId


class LegHungUp(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The far end has hung up; Asterisk has not let go of the channel yet.  ``LegGone`` follows,
    within milliseconds unless Asterisk is stuck."""

    leg: LegId


class Media(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What went over a leg in its whole life, as Asterisk counted it (T16)."""

    received: int
    """Packets from the far end."""
    lost: int
    """Packets that the far end sent and that never came; counted up to the last report by RTCP, so
    0 for legs of less than five seconds."""
    jitter_us: int
    """Of what came, as RFC 3550 has it (microseconds)."""
    sent: int
    """Packets to the far end."""
    far_lost: int
    """What the far end says of ours, and 0 when it says nothing."""
    far_jitter_us: int
    round_trip_us: int
    """0 when the far end answers no report."""


class LegGone(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A leg no longer exists in Asterisk.  The only event that frees a phone."""

    leg: LegId
    why: Hangup
    cause: int = 0
    """The Q.850 cause as reported, 0 when Asterisk gave none."""
    sip: int = 0
    """The status that ended it (486, 503 …), 0 when none did."""
    media: Media | None = None
    """None where there was none, or Asterisk did not say."""


class LegAway(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The dialplan's fallback has taken a caller whom we did not look after in time."""

    leg: LegId
    marked: bool = True
    """Whether the channel bears the call's memo, by which it is found again."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A known terminal at the other end of a line, and what it may say of itself by DTMF (T27)."""

    terminal: TerminalId
    elders: tuple[ElderId, ...] = ()
    codes: tuple[DeviceCode, ...] = ()


class DigitPressed(msgspec.Struct, frozen=True, tag=True, gc=False):
    """One DTMF digit from a leg."""

    leg: LegId
    digit: str
    device: Device | None = None
    """Whose it may be: a call keeps no codes, so that one that outlived a restart, or that we have
    placed, knows them like any other."""


class SpeechStarted(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Something loud comes from a leg that is listened to.  Energy only: noise counts."""

    leg: LegId


class SpeechEnded(msgspec.Struct, frozen=True, tag=True, gc=False):
    """It has been quiet for a while."""

    leg: LegId


class Heard(StrEnum):
    """What a caller's leg gives.  People are told it; only speech changes a procedure (E33)."""

    SPEECH = "speech"
    """Somebody near the telephone says something, aloud or in a whisper."""
    SOUND = "sound"
    """Something is to be heard, and it is no near speech: a television, breath, moaning."""
    SILENCE = "silence"
    """Sound comes, and there is nothing in it; or only what we send comes back as echo."""
    NO_RTP = "no_rtp"
    """No packet comes.  A phone that sends none while it is quiet gives the same."""


class CallerHeard(msgspec.Struct, frozen=True, tag=True, gc=False):
    """What a leg that is listened to gives from now on; told at each change, and once at the
    beginning."""

    leg: LegId
    heard: Heard


class SnoopStarted(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A copy of what a leg says and hears can be put into a room."""

    snoop: LegId


class SnoopGone(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The copy has ended: we let go of it, or its leg is gone."""

    snoop: LegId


class PhoneHeld(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A phone has put its line on hold by itself (re-INVITE, RFC 6337)."""

    leg: LegId


class PhoneUnheld(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A phone has taken its line off hold."""

    leg: LegId


class ReferRequested(msgspec.Struct, frozen=True, tag=True):
    """A phone wants its line transferred (REFER, RFC 3515): to a number as dialled there, or to the
    far end of another of its lines (RFC 3891)."""

    leg: LegId
    number: str | None
    other: LegId | None


class PromptFinished(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A playback of ours has ended, by itself or because we stopped it."""

    playback: PlaybackId


class MessageEnded(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A recording of ours has ended: by a key, by silence, at its longest, or because we or the
    leg's end stopped it.  ``failed`` when there is no file."""

    recording: RecordingId
    failed: bool = False


class CommandFailed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Asterisk refused a command, or could not be asked.  ``command`` is its class name."""

    command: str
    call: CallId | None
    leg: LegId | None
    room: RoomId | None
    reason: str


class PhoneReported(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """What Asterisk says of a phone: registered and answering OPTIONS; busy on any channel."""

    phone: PhoneId
    registered: bool
    in_use: bool


class TrunkReported(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """Whether an operator answers OPTIONS.  Taken to be there until Asterisk says otherwise."""

    trunk: TrunkId
    reachable: bool


class FoundLeg(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A channel that keeps a memo of ours, as Asterisk has it when the link comes up."""

    leg: LegId
    memo: Memo
    is_up: bool
    room: RoomId | None = None
    is_away: bool = False
    """The dialplan has it: nobody of ours can be given a command for it."""


class SwitchConnected(msgspec.Struct, frozen=True, tag=True):
    """A node can be commanded (again).  ``legs`` are all channels of our application there."""

    node: Node
    legs: tuple[LegId, ...]
    found: tuple[FoundLeg, ...] = ()
    copies: tuple[LegId, ...] = ()
    """Snoops of ours."""
    rooms: tuple[RoomId, ...] = ()
    """Rooms of ours."""
    since_ms: int = 0
    """When this Asterisk was started: nothing there is older."""
    awaited: bool = False
    """Another node has not been read yet: what is nowhere may be there."""


class NodeLost(msgspec.Struct, frozen=True, tag=True):
    """A node's Asterisk has ended, or cannot be reached for so long that it counts as ended: its
    calls were cut."""

    node: Node
    awaited: bool = False
    """As in ``SwitchConnected``."""


class NodeDrained(msgspec.Struct, frozen=True, tag=True):
    """A person wants a node to become empty, or to be used again."""

    node: Node
    drained: bool


class ChannelsCompared(msgspec.Struct, frozen=True, tag=True):
    """What a node has, read again: all channels of our application, and the phones that have any
    channel at all, whoever's call it is."""

    node: Node
    legs: tuple[LegId, ...]
    occupied: tuple[PhoneId, ...]
    private: tuple[PhoneId, ...] = ()
    """Those of them that have a channel which is none of ours."""


class LoginRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wants to start work at a seat and be ready."""

    request: RequestId
    agent: AgentId
    seat: SeatId


class ReadyRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: RequestId
    agent: AgentId


class PauseRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: RequestId
    agent: AgentId
    reason: str


class WrapUpEndRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: RequestId
    agent: AgentId


class WrapUpExtensionRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent needs more time for the notes."""

    request: RequestId
    agent: AgentId


class LeaveAnswerRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor lets an agent go who has asked, or does not (D08)."""

    request: RequestId
    agent: AgentId
    supervisor: AgentId
    granted: bool


class LogoutRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    request: RequestId
    agent: AgentId


class ReservationRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody wants an agent kept for a callback or an outbound call, for ``hold_ms`` at most."""

    request: RequestId
    agent: AgentId
    reason: str
    hold_ms: int


class ReleaseRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A reserved agent is not needed any more."""

    request: RequestId
    agent: AgentId


class Control(StrEnum):
    """What an agent may do with the call they are in."""

    HOLD = "hold"
    RESUME = "resume"
    TRANSFER = "transfer"
    CONSULT = "consult"
    COMPLETE = "complete"
    JOIN = "join"
    BACK = "back"
    DIGITS = "digits"
    LOUDER = "louder"
    SOFTER = "softer"
    OUTCOME = "outcome"
    FLOW = "flow"
    """Say what the call turns out to be (E01)."""
    NO_RESPONSE = "no_response"
    RESPONDED = "responded"
    RECORDING = "recording"
    """Say that a recording has answered at a rescue service: nobody was reached."""
    CASE = "case"
    """Open a case for this emergency and call agent B (E14)."""
    RESCUE = "rescue"
    """Go to the rescue room and call whoever the digits mean there (E15)."""
    RESCUE_BESIDE = "rescue_beside"
    """The same on the agent's second phone, while the first stays with the caller (T29)."""
    RETURN = "return"
    """Come back to the caller, out of the rescue room or the private talk."""
    MERGE = "merge"
    SPLIT = "split"
    PRIVATE = "private"
    """A and B talk between themselves."""
    FAN_OUT = "fan_out"
    """Call every contact at once, and 120 for the agent (T35)."""
    SAFE = "safe"
    """The elder is safe: what is pending is withdrawn (E37, E41)."""
    HELP_ARRIVED = "help_arrived"


class ControlRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Somebody wants something done with a live call, for ``agent``, or for whoever has it."""

    request: RequestId
    call: CallId
    agent: AgentId | None
    action: Control
    digits: str = ""


class RatingGiven(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``by`` writes down how content somebody said they are with a call that an agent has
    answered, whether it goes on or is long over (C28)."""

    request: RequestId
    call: CallId
    arrived_ms: int
    answered_ms: int | None
    queue: QueueId | None
    """Of which line the call was; None: of none."""
    served: AgentId | None
    """Whose service it was; None after an outside party."""
    by: AgentId
    scale: RatingScale
    rating: str
    """A word of the scale."""
    source: RatingSource


class CallRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent wants to call an outside number, about a case or an order (T19)."""

    request: RequestId
    agent: AgentId
    number: str
    """As written."""
    reference: str | None = None


class ObligationAction(StrEnum):
    """What a person can do with an obligation."""

    TAKE = "take"
    PUT_BACK = "put_back"
    ASSIGN = "assign"
    DONE = "done"
    CLOSE = "close"


class ObligationRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person wants something done with an obligation.  ``agent`` is who takes it or is given
    it; ``reason`` has to be there to close it undone."""

    request: RequestId
    obligation: ObligationId
    action: ObligationAction
    agent: AgentId | None = None
    reason: str | None = None


class CallbackRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person asks that something be owed: a callback that was asked for elsewhere, or a task that
    was promised in a conversation (V16)."""

    request: RequestId
    queue: QueueId
    number: str
    within_ms: int | None = None
    is_task: bool = False
    about: str = ""
    call: CallId | None = None
    """In which it was promised."""


class ObligationRestored(msgspec.Struct, frozen=True, tag=True):
    """PostgreSQL had this obligation open when the service started."""

    obligation: Obligation


class CaseAction(StrEnum):
    """What people do with a case from outside its conversation."""

    FORM = "form"
    """Write the simple task form (E02)."""
    CAR_SENT = "car_sent"
    """120 says that a car is on its way (E21)."""
    OUTCOME = "outcome"
    CLOSE = "close"
    AGREE = "agree"
    """A second person agrees that nobody had to be sent."""
    DISAGREE = "disagree"
    HAND_OVER = "hand_over"
    """Ring somebody who shall have a role from now on."""
    ASSIGN = "assign"
    """Somebody else answers for the case from now on (C10)."""
    GUIDE = "guide"
    """Take up one more script (E19)."""
    STEP = "step"
    """Say that a step of a script was done."""
    UNDO_STEP = "undo_step"
    """Say that it was not done after all."""
    SEEN = "seen"
    """A supervisor has looked at it (E09)."""
    CALLED_BEFORE = "called_before"
    """The terminal, or somebody there, has called a rescue service without us (C18)."""
    SUMMARY = "summary"
    """Write what happened and how it ended (E12)."""


class CaseRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``agent`` wants something done with a case; the rest is read by the action alone."""

    request: RequestId
    case: CaseId
    action: CaseAction
    agent: AgentId
    to: AgentId | None = None
    """Who shall have the role, or answer for the case."""
    role: CaseRole | None = None
    outcome: str | None = None
    form: Form | None = None
    reason: str | None = None
    script: str | None = None
    step: str | None = None
    summary: str | None = None
    service: RescueService | None = None


class CaseRestored(msgspec.Struct, frozen=True, tag=True):
    """PostgreSQL had this case open when the service started."""

    case: Case


class GuidanceDefined(msgspec.Struct, frozen=True, tag=True):
    """These are the guidance scripts from now on."""

    scripts: tuple[Script, ...]


class SpendingDefined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """So long chosen outside numbers may be on the line within 24 hours, and so long they were."""

    ceiling_ms: int | None
    spent: tuple[tuple[int, int], ...] = ()
    """Hour since the epoch, and milliseconds of conversations that ended in it."""


class ConfigurationRefused(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Calls could not be served after a change of ``what`` (directory or nodes), so it was taken
    back; ``to_version`` is the directory's."""

    what: str
    why: str
    to_version: int | None = None


class TerminalSilent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The record has no call from this terminal for so long that it has to be tested (W48)."""

    terminal: TerminalId
    number: str | None
    """One of its numbers, normalised."""
    elders: tuple[ElderId, ...]
    last_ms: int | None
    """Its last call; None when the record has none."""


class TerminalTestNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``by`` says that somebody tested a terminal with a recorded call, which goes on or is long
    over (W48)."""

    request: RequestId
    call: CallId
    arrived_ms: int
    answered_ms: int | None
    number: str | None
    """From which the call came, normalised."""
    known: TerminalId | None
    """Whose number that is by the directory."""
    terminal: TerminalId | None
    """Which one was tested, by the agent's word; None: the one that called."""
    elders: tuple[ElderId, ...]
    """Of that terminal."""
    by: AgentId
    kind: DeviceTest
    staff: str = ""


class ReportHandedIn(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``by`` hands in the report of an emergency (E11)."""

    request: RequestId
    case: CaseId
    by: AgentId
    family: str
    condition: str
    scale: RatingScale | None
    rating: str | None
    unrated: str = ""
    remarks: str = ""
    call: CallId | None = None
    """The first call of the case that was answered: the service that is rated."""
    arrived_ms: int = 0
    queue: QueueId | None = None
    served: AgentId | None = None


class WrapUpRemembered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The conversation that an agent was in, or whose notes they were writing."""

    call: CallId
    arrived_ms: int
    talk_ms: int
    queue: QueueId
    synthetic: bool
    entry: EntryId | None = None


class AgentRemembered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """PostgreSQL had this agent at work when the service started."""

    agent: AgentId
    seat: SeatId
    state: AgentState
    reason: str | None
    since_ms: int
    last: WrapUpRemembered | None = None


class CallRemembered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """PostgreSQL had this call without an end when the service started."""

    call: CallId
    arrived_ms: int
    caller: str | None
    called: EntryId | None
    kind: EntryKind | None
    queue: QueueId | None
    terminal: TerminalId | None
    elders: tuple[ElderId, ...]
    synthetic: bool
    answered_ms: int | None
    first_offer_ms: int | None
    agent: AgentId | None
    number: str | None = None
    """Whom we called; None for a call that came in."""
    reference: str | None = None
    seen_ms: int = 0
    """When the service that had it was last known to live."""


class FallbackEnded(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A caller whom the dialplan's fallback had is gone, as the dialplan has written it down."""

    arrival: CallArrived
    left_ms: int
    """When they left the fallback."""
    talk_ms: int | None
    """How long somebody talked to them there; None when nobody answered."""
    phone: PhoneId | None
    """Who answered."""
    cut: bool
    """Asterisk itself had ended before it was written how it went."""


class Watching(StrEnum):
    """How a supervisor is at somebody's conversation (D11, Q12)."""

    LISTEN = "listen"
    """Hears what the caller says and hears; is heard by nobody."""
    WHISPER = "whisper"
    """Hears the agent and what they hear, and is heard by the agent alone."""
    BARGE = "barge"
    """Is one more in the conversation."""
    TAKE_OVER = "take_over"
    """Is in the conversation in the place of the agent."""


class SupervisionRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor wants to be at a conversation; at one drawn at random without ``call`` (Q12)."""

    request: RequestId
    supervisor: AgentId
    call: CallId | None
    mode: Watching


class SupervisionEndRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor has heard enough."""

    request: RequestId
    supervisor: AgentId


class Force(StrEnum):
    """Into what a supervisor can put an agent who does not do it themselves."""

    READY = "ready"
    PAUSE = "pause"
    LOG_OUT = "log_out"


class ForceRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor puts an agent into a state; after the conversation if there is one."""

    request: RequestId
    supervisor: AgentId
    agent: AgentId
    action: Force
    reason: str = "supervisor"
    """Of a pause."""


class Steer(StrEnum):
    """What a supervisor can do for a caller who waits (T06: by human intervention)."""

    RAISE = "raise"
    """Before everybody else in the line."""
    MOVE = "move"
    """To another queue, at the place of the arrival."""
    ASSIGN = "assign"
    """Ring this agent, whether or not they have the skills."""
    PULL = "pull"
    """Ring the supervisor themselves."""


class SteerRequested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A supervisor decides about a caller who waits."""

    request: RequestId
    supervisor: AgentId
    call: CallId
    action: Steer
    agent: AgentId | None = None
    queue: QueueId | None = None


class QueueDefined(msgspec.Struct, frozen=True, tag=True):
    queue: Queue


class QueueRemoved(msgspec.Struct, frozen=True, tag=True):
    """Callers already waiting there are still served; nobody new can enter."""

    queue: QueueId


class EntryDefined(msgspec.Struct, frozen=True, tag=True):
    entry: Entry


class EntryRemoved(msgspec.Struct, frozen=True, tag=True):
    entry: EntryId


class AgentDefined(msgspec.Struct, frozen=True, tag=True):
    agent: Agent


class AgentRemoved(msgspec.Struct, frozen=True, tag=True):
    """Logged out at once, or after the conversation that is going on."""

    agent: AgentId


class SeatDefined(msgspec.Struct, frozen=True, tag=True):
    seat: Seat


class SeatRemoved(msgspec.Struct, frozen=True, tag=True):
    seat: SeatId


class TrunkDefined(msgspec.Struct, frozen=True, tag=True):
    """Outside numbers can be dialled over this trunk."""

    trunk: Trunk


class TrunkRemoved(msgspec.Struct, frozen=True, tag=True):
    """Out of service, or gone.  What goes over it already goes on."""

    trunk: TrunkId


class AreaDefined(msgspec.Struct, frozen=True, tag=True):
    area: Area


class AreaRemoved(msgspec.Struct, frozen=True, tag=True):
    area: AreaId


class TimePassed(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Nothing happened but time: whatever was due by now is done."""


Request = (
    LoginRequested
    | ReadyRequested
    | PauseRequested
    | WrapUpEndRequested
    | WrapUpExtensionRequested
    | LeaveAnswerRequested
    | LogoutRequested
    | ReservationRequested
    | ReleaseRequested
    | ControlRequested
    | CallRequested
    | RatingGiven
    | TerminalTestNoted
    | ReportHandedIn
    | ObligationRequested
    | CallbackRequested
    | CaseRequested
    | SupervisionRequested
    | SupervisionEndRequested
    | ForceRequested
    | SteerRequested
)
DirectoryChange = (
    QueueDefined
    | QueueRemoved
    | EntryDefined
    | EntryRemoved
    | AgentDefined
    | AgentRemoved
    | SeatDefined
    | SeatRemoved
    | TrunkDefined
    | TrunkRemoved
    | AreaDefined
    | AreaRemoved
)
Event = (
    CallArrived
    | CodeDialled
    | LegRang
    | RecordingStarted
    | LegAnswered
    | LegJoined
    | LegHungUp
    | LegGone
    | LegAway
    | DigitPressed
    | PhoneHeld
    | PhoneUnheld
    | ReferRequested
    | SpeechStarted
    | SpeechEnded
    | CallerHeard
    | SnoopStarted
    | SnoopGone
    | PromptFinished
    | MessageEnded
    | CommandFailed
    | PhoneReported
    | TrunkReported
    | ObligationRestored
    | CaseRestored
    | TerminalSilent
    | GuidanceDefined
    | SpendingDefined
    | ConfigurationRefused
    | AgentRemembered
    | CallRemembered
    | FallbackEnded
    | SwitchConnected
    | NodeLost
    | NodeDrained
    | ChannelsCompared
    | Request
    | DirectoryChange
    | TimePassed
)
