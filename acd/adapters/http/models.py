"""What goes over HTTP, as it is shown in the OpenAPI description.  Durations are milliseconds,
moments RFC 3339 in UTC."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from acd.adapters.http.veil import Veiled
from acd.core.replies import Done
from acd.core.staff.shifts import RESERVATION_MS_MAX
from acd.core.ties import Ties, marks


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("There must be no control character in it")
    return value


Word = Annotated[str, Field(max_length=128), AfterValidator(_printable)]
"""An id or a number to look for; PostgreSQL knows no NUL in texts."""

Moment = Annotated[
    datetime,
    AfterValidator(lambda moment: moment if moment.tzinfo else moment.replace(tzinfo=UTC)),
]
"""One without a zone is UTC."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AgentPhone(_Model):
    """A phone of an agent's seat as the switch sees it now."""

    id: str
    registered: bool
    in_use: bool = Field(description="What Asterisk says, whoever's call it is")
    legs: int = Field(description="Channels of ours on it")


class AgentLeave(_Model):
    """A wish to pause or log out that supervisors have been asked for (D08)."""

    what: str = Field(description="paused or logged_out")
    reason: str | None
    why: str = Field(description="reason: this kind of pause; staffing: too few others are ready")
    asked: datetime


class AgentCaller(_Model):
    """Whether the caller whom the agent is with responds (E33)."""

    response: str = Field(
        description="first_window or second_window: may still speak; responded; no_response"
    )
    heard: str | None = Field(
        description="speech, sound, silence or no_rtp; None when nothing judges the sound"
    )


class Agent(_Model):
    """An agent as the switch sees them now."""

    id: str
    name: str
    state: str
    reason: str | None = Field(description="Of a pause")
    later: str | None = Field(description="The state that follows the present conversation")
    since: datetime
    seat: str | None
    phone: str | None = Field(description="The phone that calls ring")
    available: bool = Field(description="Whether that phone could ring now")
    call: str | None
    queues: list[str]
    misses: int = Field(description="Missed or refused rings in a row")
    until: datetime | None = Field(
        default=None, description="When the state ends by itself: wrap-up, rest, reservation"
    )
    remaining_ms: int | None = Field(default=None, description="From now to then")
    role: str = Field(default="agent", description="agent or supervisor")
    robot: bool = Field(default=False, description="Serves nothing but the service's own calls")
    mode: str | None = Field(
        default=None, description="How calls reach the seat: ring, auto_answer or nailed_up"
    )
    phones: list[AgentPhone] = []
    leave: AgentLeave | None = Field(default=None, description="Asked for, not answered yet")
    caller: AgentCaller | None = Field(
        default=None, description="Of the agent's call, where silence means anything"
    )


class QueueHours(_Model):
    """When the people of a queue can be spoken to, by the clock of the callers; null: not then."""

    working_days: str | None
    days_off: str | None


class Queue(_Model):
    """A queue as it is now."""

    id: str
    waiting: int
    longest_wait_ms: int | None = Field(description="None when nobody waits")
    free: int = Field(description="Agents with the skills whose phone could ring now")
    calls: int = Field(description="Calls in it, waiting or talking")
    promise_ms: int
    proofs: bool = Field(description="Only the service's own calls come here, nobody else's")
    hours: QueueHours | None = Field(
        default=None, description="For which appointments are made (W34); null: for any time"
    )


class CallRecord(Veiled):
    """One call.  ``answered_at`` is when an agent's audio reached the caller."""

    call_id: str
    arrived_at: datetime
    queue: str | None
    first_offer_at: datetime | None
    picked_up_at: datetime | None = Field(description="The system's own pick-up, not an answer")
    answered_at: datetime | None
    ended_at: datetime | None
    wait_ms: int | None
    ring_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    wrap_up_ms: int
    trunk: str | None
    caller: str | None
    called: str | None
    entry: str | None
    kind: str | None
    terminal: str | None
    elders: list[str]
    agent: str | None
    seat: str | None
    outcome: str | None
    offers: int | None
    synthetic: bool | None
    recording: str | None
    promise_broken_at: datetime | None = Field(description="When the queue's promise was over")
    incident_at: datetime | None = Field(description="When a person had to know of the wait")
    direction: str = Field(description="inbound or outbound")
    reference: str | None = Field(description="The case or order an outbound call was about")
    precedence: int | None = Field(
        default=None, description="Steps by which the caller went before others of the queue"
    )
    repeat: bool | None = Field(
        default=None, description="Had just called an emergency entry and not been answered"
    )
    rating_scale: str | None = Field(default=None, description="s0 or s2: whose words (C04)")
    rating: str | None = Field(
        default=None, description="How content the caller was, in the scale's own word"
    )
    rating_source: str | None = Field(
        default=None, description="digits, the caller's own key; or agent, revisit, sms (C28)"
    )
    rating_by: str | None = Field(default=None, description="Who wrote it down; null for digits")
    case_id: str | None = Field(default=None, description="The emergency that it belongs to")
    response: str | None = Field(
        default=None,
        description="responded or no_response, by an agent's word or an outcome (E33)",
    )
    disposition: str | None = Field(
        default=None, description="How it went, by an agent's last word, as *20 names it (E44)"
    )
    test_kind: str | None = Field(
        default=None, description="Who tested a terminal: user, revisit or maintenance (W48)"
    )
    test_staff: str | None = Field(default=None, description="The tester's staff number")
    flow: str | None = Field(
        default=None,
        description="What it turned out to be, by an agent's last word, as *21 names it (E01)",
    )
    note: str | None = Field(
        default=None, description="What an agent has written down of it, by the newest word (D06)"
    )
    note_category: str | None = Field(
        default=None, description="emergency, enquiry, referral or complaint"
    )
    noted_by: str | None = None
    noted_at: datetime | None = None

    def subject(self) -> Ties:
        if self.synthetic:
            return frozenset()  # its robot is an agent, and compares what stands here
        return marks(
            calls=[self.call_id],
            cases=[self.case_id],
            elders=self.elders,
            terminals=[self.terminal],
            numbers=[self.caller],
        )


class LegRecord(_Model):
    """One channel of a call."""

    leg_id: str
    role: str
    number: str | None
    agent: str | None
    started_at: datetime
    rang_at: datetime | None
    answered_at: datetime | None
    joined_at: datetime | None
    ended_at: datetime
    why: str
    cause: int = Field(description="Q.850, 0 when Asterisk gave none")
    packets_received: int | None = Field(
        description="From the far end; none: Asterisk told nothing"
    )
    packets_lost: int | None = Field(
        description="Sent by the far end and never come, up to its last report"
    )
    jitter_us: int | None = Field(description="Of what came, RFC 3550")
    packets_sent: int | None = Field(description="To the far end")
    far_packets_lost: int | None = Field(
        description="Of ours, as the far end says; none: it answers no report"
    )
    far_jitter_us: int | None
    round_trip_us: int | None


class OfferRecord(_Model):
    """One attempt to ring one agent for a call."""

    offer_id: str
    agent: str
    seat: str | None
    phone: str | None
    leg_id: str | None
    made_at: datetime | None
    slack_ms: int | None = Field(description="What was left of the promise; negative when broken")
    free: int | None = Field(description="Agents with the skills who could have been chosen")
    idle_ms: int | None
    selection: str | None = Field(description="The queue's rule")
    rank: int | None = Field(description="The winner's key under that rule; smaller is better")
    next: list[str] | None = Field(description="Who would have been next, at most five")
    skipped: dict[str, int] | None = Field(
        description="How many others with the skills were not to be rung, by why"
    )
    reach: str | None = Field(
        description="Whence the agent was rung: ready, wrap_up, break, supervisor or outside"
    )
    ring_limit_ms: int | None
    phones: int | None = Field(description="Phones ringing for the call then, this one included")
    ended_at: datetime | None
    result: str | None
    ring_ms: int | None
    why: str | None
    tier: int | None = Field(
        default=None, description="Steps of relaxation that the agent needed; 0: has all the skills"
    )
    overflow: str | None = Field(
        default=None, description="The queue whose agent it was, when not the call's own"
    )
    preferred: str | None = Field(
        default=None,
        description="Why before the rule: named, owner, last, or the skill that was preferred",
    )


class HappeningRecord(_Model):
    """What was done with a call while it went on: hold, transfer, outcome, release."""

    at: datetime
    kind: str = Field(description="Name of the fact, such as CallHeld or TransferEnded")
    body: dict[str, Any] = Field(description="Its fields")


class CallNoteView(_Model):
    """What somebody has written down of a call."""

    at: datetime
    agent: str
    category: str
    words: str | None = Field(description="null: erased, as recordings of that age are deleted")
    erased_at: datetime | None


class CallDetail(CallRecord):
    """One call with everything that happened to it."""

    notes: list[CallNoteView] = Field(default=[], description="Every note, the newest first")

    legs: list[LegRecord]
    offer_list: list[OfferRecord]
    happenings: list[HappeningRecord]


class ExplanationLine(_Model):
    """One sentence of a call's life."""

    at: datetime
    after_ms: int = Field(description="Since the arrival")
    sentence: str


class Explanation(Veiled):
    """Why a call went as it went, in plain words."""

    call_id: str
    elders: list[str]
    lines: list[ExplanationLine]

    def subject(self) -> Ties:
        return marks(calls=[self.call_id], elders=self.elders)


LIMIT_MAX = 1000
"""Rows of one answer."""
AT_MOST = "So many at most"


class CallFilter(_Model):
    """Which calls, newest first; a moment without a zone is UTC."""

    entry: Word | None = Field(default=None, description="Which number of ours was called")
    agent: Word | None = Field(default=None, description="The id of whoever answered")
    terminal: Word | None = Field(default=None, description="The id of the caller's terminal")
    since: Moment | None = Field(default=None, description="That arrived then (RFC 3339) or later")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description=AT_MOST)] = 100


class CallQuery(CallFilter):
    """Which calls, and whose."""

    caller: Word | None = Field(default=None, description="Their number, normalised")


class LoginBody(_Model):
    """Where to sit down; without it, the agent's usual seat."""

    seat: Identifier | None = None


class PauseBody(_Model):
    """Why the agent pauses."""

    reason: Annotated[str, Field(min_length=1, max_length=64)]


class LeaveBody(_Model):
    """Who answers; they must be logged in, and be a supervisor."""

    supervisor: Identifier


class ReserveBody(_Model):
    """What the agent is kept for, and for how long at the most."""

    reason: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] = "callback"
    hold_ms: Annotated[int, Field(ge=1_000, le=RESERVATION_MS_MAX)] = 60_000


class ControlBody(_Model):
    """For whom; without it, whoever has the call."""

    agent: Identifier | None = None


class NumberBody(ControlBody):
    """To whom: an agent's number, an entry, or an outside number."""

    number: Annotated[str, Field(pattern=r"^[0-9*+#]{1,32}$")]


class ConsultBody(ControlBody):
    """Whom to ask: an agent's number or an outside number; without one, a supervisor."""

    number: Annotated[str, Field(pattern=r"^[0-9*+#]{1,32}$")] | None = None


class DigitsBody(ControlBody):
    """Which keys."""

    digits: Annotated[str, Field(pattern=r"^[0-9*#]{1,32}$")]


class GainBody(ControlBody):
    """Which way."""

    change: Literal["louder", "softer"]


class OutcomeBody(ControlBody):
    """How the call went, by its two digits."""

    code: Annotated[str, Field(pattern=r"^[0-9]{2}$")]


STORED = "False: PostgreSQL is away; as yet only this host's disk has what was promised"


def done(reply: Done) -> "DoneAnswer":
    """What a person is told whose request was carried out."""
    return DoneAnswer(state=reply.state, later=reply.later, asked=reply.asked, stored=reply.stored)


class DoneAnswer(_Model):
    """The request was carried out."""

    state: str
    later: str | None
    asked: bool = Field(default=False, description="A supervisor has been asked first")
    stored: bool = Field(default=True, description=STORED)


class RefusedAnswer(_Model):
    """The request was not carried out; ``refusal`` is a stable id."""

    refusal: str
    sentence: str


class ErrorAnswer(_Model):
    """What was wrong, in one sentence."""

    sentence: str


class Readiness(_Model):
    """Whether calls can be served here, and if not, why not."""

    ready: bool
    reasons: list[str]
    role: str = Field(description="active, standby, or starting")
