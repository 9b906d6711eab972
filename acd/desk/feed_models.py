"""What the regulator's feeds hold (L3; docs/feeds.md says where each field comes from).

Numbers, elders and terminals stand as pseudonyms, and nobody's words stand at all: what people
wrote down may name anybody (L2).  Agents are the house's own and stand under their numbers.
Durations are milliseconds, moments RFC 3339 in UTC.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Pseudonym = Annotated[
    str, Field(pattern=r"^[net]-[0-9a-f]{32}$", description="The same for the same, and not undone")
]


class FeedRecord(BaseModel):
    """One record of a feed."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class User(FeedRecord):
    """An elder of the directory, as far as the authority counts them (L1)."""

    user: Pseudonym
    status: str = Field(
        description="in_use, stopped, returned; removed: the directory has them no more"
    )
    district: str | None = None
    street: str | None = None
    born: int | None = Field(default=None, description="The decade: 1940 is 1940 to 1949")
    category: str | None = Field(default=None, description="government_paid or self_paid")
    living: str | None = Field(
        default=None, description="alone, spouse, children, relatives, carer, institution"
    )
    terminal: Pseudonym | None = None
    installed: date | None = Field(default=None, description="When the terminal was")
    terminal_state: str | None = Field(default=None, description="in_use, faulty, removed")


class Call(FeedRecord):
    """A call that is over; the service's own proofs are none."""

    call: str
    direction: str = Field(description="inbound or outbound")
    number: Pseudonym | None = Field(description="The far end: who called, or who was called")
    entry: str | None = Field(description="The house's number that was dialled")
    kind: str | None = Field(description="emergency, enquiry or outbound")
    queue: str | None = Field(description="Whose skills the agent has")
    trunk: str | None
    terminal: Pseudonym | None
    elders: list[Pseudonym]
    agent: str | None
    seat: str | None
    arrived_at: datetime
    first_offer_at: datetime | None = Field(description="An agent's phone rings")
    answered_at: datetime | None = Field(description="An agent's audio reaches the far end")
    ended_at: datetime
    wait_ms: int | None
    ring_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    wrap_up_ms: int
    outcome: str | None = Field(description="The switch's own word: answered, abandoned, ...")
    response: str | None = Field(description="responded or no_response, where it was asked")
    disposition: str | None = Field(
        description="The agent's word: accidental, test, no response, ..."
    )
    test_kind: str | None = Field(description="Who tested a terminal with it")
    flow: str | None = Field(description="emergency, enquiry, referral or complaint")
    rating_scale: str | None = Field(description="s0 or s2: whose words")
    rating: str | None = Field(description="How content the caller is, in the scale's own word")
    rating_source: str | None = Field(description="digits, agent, revisit or sms")
    recording: str | None
    case: str | None = Field(description="The emergency that it belongs to")


class Emergency(FeedRecord):
    """A case, from its first call to its report."""

    case: str
    state: str = Field(description="open, unconfirmed, closed")
    origin: str = Field(description="agent or no_response")
    queue: str
    area: str | None = Field(description="Whose 110, 119 and 120 are meant")
    number: Pseudonym | None
    terminal: Pseudonym | None
    elders: list[Pseudonym]
    calls: list[str]
    a: str | None
    b: str | None
    owner: str | None
    services: list[str] = Field(description="Whom an agent has talked with: medical, police, fire")
    no_response: bool
    opened_at: datetime
    answered_at: datetime | None = Field(description="The first of its calls that was")
    medical_dialled_at: datetime | None = Field(description="120")
    medical_reached_at: datetime | None
    police_dialled_at: datetime | None = Field(description="110")
    police_reached_at: datetime | None
    fire_dialled_at: datetime | None = Field(description="119")
    fire_reached_at: datetime | None
    contact_reached_at: datetime | None = Field(description="The first contact")
    car_sent_at: datetime | None
    help_at: datetime | None = Field(description="Help is at the door")
    safe_at: datetime | None
    outcome: str | None
    closed_at: datetime | None
    revisit_due_at: datetime | None
    revisited_at: datetime | None
    report_due_at: datetime | None
    reported_at: datetime | None
    rating_scale: str | None = Field(description="Of the report, as the family says")
    rating: str | None


class Owed(FeedRecord):
    """Something owed to somebody by a deadline: a callback, a revisit, a report, a test."""

    obligation: str
    kind: str = Field(description="callback or task")
    why: str = Field(
        description="What it came from: abandoned, revisit, report, terminal_test, ..."
    )
    queue: str | None
    emergency: bool
    number: Pseudonym | None
    terminal: Pseudonym | None
    elders: list[Pseudonym]
    call: str | None
    case: str | None
    owed_at: datetime
    deadline_at: datetime
    appointed_at: datetime | None = Field(description="The time of day that was promised")
    state: str = Field(description="owed, due, worked, done, closed")
    closing: str | None = Field(description="reached, called_again, done, not_needed, closed")
    closed_at: datetime | None
    late: bool
    level: int = Field(description="How far it was escalated")
    attempts: int = Field(description="How often somebody was called for it")


class DayFigures(FeedRecord):
    """Of the calls that came in; shares are 0 to 1, and none of nothing."""

    offered: int
    outcomes: dict[str, int]
    answered: int
    abandoned: int
    left_within_5_s: int
    promises_broken: int
    incidents: int
    made_good: int
    uncallable: int
    connect: float | None
    connect_adjusted: float | None
    connect_finally: float | None
    abandonment: float | None
    level_10: float | None
    level_15: float | None
    level_20: float | None
    speed_of_answer_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    wrap_up_ms: int | None
    handle_ms: int | None
    longest_wait_ms: int | None
    rated: int
    satisfied: int
    satisfaction: float | None


class Day(FeedRecord):
    """The figures of a day that is over (K09), as the day's report has them."""

    day: date
    sentence: str = Field(description="The report's own; where there are no figures, why")
    figures: DayFigures | None
    placed: int | None = Field(description="Calls that the house placed (K01)")
    placed_answered: int | None
    tests: int | None = Field(description="Calls that tested a terminal, in no other figure")


class AgentDay(FeedRecord):
    """What an agent did in a day that is over."""

    day: date
    agent: str
    figures: DayFigures | None = Field(description="Of the calls that they answered")
    states: dict[str, int] = Field(description="State, and for how many milliseconds")


class Device(FeedRecord):
    """A terminal."""

    terminal: Pseudonym
    state: str = Field(description="in_use, faulty, removed; gone: the directory has it no more")
    model: str | None = None
    installed: date | None = None
    reported_at: datetime | None = None
    reported: str | None = Field(
        default=None, description="What it said of itself last: low_battery, fault, ..."
    )
    tested_at: datetime | None = None
    test_kind: str | None = Field(default=None, description="user, revisit or maintenance")
    needs_hands: bool = Field(
        default=False, description="Somebody has to see to it: a battery, a fault"
    )
    is_silent: bool = Field(default=False, description="Not heard for so long that a test is owed")


T = TypeVar("T", bound=FeedRecord)


class Versioned(BaseModel, Generic[T]):
    """A record under its id and version; the same two always hold the same."""

    id: str
    version: int = Field(description="1, and one more each time that anything in it changes")
    changed_at: datetime = Field(description="When this version was made")
    record: T


class Page(BaseModel, Generic[T]):
    """Records in the order in which they became what they are."""

    sent_at: datetime
    records: list[Versioned[T]]
    next: int = Field(description="What to give as ``after`` for what comes behind these")


class Standing(FeedRecord):
    """How far a feed has come."""

    feed: str
    what: str
    records: int
    unacknowledged: int = Field(description="Whose newest version nobody has acknowledged")
    oldest_at: datetime | None = Field(description="Since when the oldest of those is so")
    acknowledged_at: datetime | None = Field(
        description="When anything of it was acknowledged last"
    )


class Receipt(BaseModel):
    """That a version of a record has arrived."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f]*$")]
    version: Annotated[int, Field(ge=1, lt=2**31)]


class Receipts(BaseModel):
    """What has arrived: all of it is kept, or nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    records: Annotated[list[Receipt], Field(min_length=1, max_length=1_000)]


class Kept(BaseModel):
    """What was kept."""

    kept: int = Field(description="How many of them were not acknowledged before")


class Acknowledgement(FeedRecord):
    """Who said when that they have a version of a record."""

    record_id: str
    version: int
    at: datetime
    who: str


class Feed(StrEnum):
    """The feeds' names, as they stand in addresses."""

    USERS = "users"
    CALLS = "calls"
    EMERGENCIES = "emergencies"
    OBLIGATIONS = "obligations"
    DAYS = "days"
    AGENT_DAYS = "agent-days"
    DEVICES = "devices"


FEEDS: dict[Feed, type[FeedRecord]] = {
    Feed.USERS: User,
    Feed.CALLS: Call,
    Feed.EMERGENCIES: Emergency,
    Feed.OBLIGATIONS: Owed,
    Feed.DAYS: Day,
    Feed.AGENT_DAYS: AgentDay,
    Feed.DEVICES: Device,
}
"""What the records of each are."""
