"""What the desk sends and takes over HTTP.  Durations are milliseconds, moments RFC 3339 in UTC."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.models import AT_MOST, Identifier, Moment
from acd.adapters.http.veil import Veiled
from acd.adapters.postgres.messages import LIMIT_MAX
from acd.core.ties import Ties, marks

Phrase = Annotated[str, Field(max_length=128, pattern=r"^[^\x00-\x1f]*$")]
Word = Annotated[str | None, Query(max_length=128, pattern=r"^[^\x00-\x1f]*$")]
"""An id or a number to look for; PostgreSQL has no NUL in texts."""
AgentWord = Annotated[Word, Query(description="The agent's id")]
SeatWord = Annotated[Word, Query(description="The seat's id")]
Since = Annotated[Moment | None, Query(description="Then (RFC 3339) or later")]
Until = Annotated[Moment | None, Query(description="Before then (RFC 3339)")]
RecordingPath = Annotated[str, Path(description="The recording's id")]
MessagePath = Annotated[str, Path(description="The message's id")]
ExportPath = Annotated[int, Path(description="The export's id")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Recording(_Model):
    """A recording and whose it is."""

    recording_id: str
    call_id: str | None = Field(description="None: found on the disk, claimed by no call")
    started_at: datetime
    ended_at: datetime | None
    state: str = Field(
        description="recording, finished, empty, compressed, verified, altered, missing, deleted"
    )
    duration_ms: int | None
    bytes: int | None
    sha256: str | None
    verified_at: datetime | None
    held_at: datetime | None = Field(description="Legal hold: kept until released")
    held_by: str | None
    held_why: str | None
    deleted_at: datetime | None
    deleted_why: str | None
    caller: str | None
    called: str | None
    queue: str | None
    terminal: str | None
    agents: list[str] = Field(description="All who were joined to the call")


class Message(_Model):
    """What a caller said after the beep, and what is owed for it."""

    message_id: str
    call_id: str
    left_at: datetime
    number: str | None
    queue: str
    terminal: str | None
    duration_ms: int
    due_at: datetime = Field(description="What the caller was told: by then a person answers")
    obligation: str | None = Field(description="See the control API's /obligations")
    state: str | None = Field(description="Of the obligation")
    closed_at: datetime | None


class MessageFilter(_Model):
    """Which messages, newest first; a moment without a zone is UTC."""

    terminal: Phrase | None = Field(default=None, description="The id of the caller's terminal")
    queue: Phrase | None = Field(default=None, description="The id of the queue they waited in")
    since: Moment | None = Field(default=None, description="Left then (RFC 3339) or later")
    until: Moment | None = Field(default=None, description="Left before then (RFC 3339)")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description=AT_MOST)] = 100


class MessageSearch(MessageFilter):
    """Which messages, and whose."""

    number: Phrase | None = Field(default=None, description="Their number, normalised")


Text = r"^[^\x00]*$"
"""PostgreSQL has no NUL in texts."""


class OfflineBody(_Model):
    """What an agent wrote down while the system was away (D19)."""

    record: Annotated[
        str, Field(pattern=r"^[0-9a-f]{32}$", description="128 random bits that the browser threw")
    ]
    written_at: Moment = Field(description="When it was asked for, by the browser's clock")
    agent: Identifier = Field(description="Who wrote it")
    emergency: bool
    settled: bool = Field(description="Nothing is left to be done")
    number: Annotated[str, Field(max_length=40, pattern=r"^[0-9+*# ()-]*$")] | None = Field(
        default=None, description="The caller's, in any usual form"
    )
    name: Annotated[str, Field(max_length=100, pattern=Text)] | None = None
    address: Annotated[str, Field(max_length=200, pattern=Text)] | None = None
    need: Annotated[str, Field(min_length=1, max_length=2_000, pattern=Text)] = Field(
        description="What they ask for"
    )
    handled: Annotated[str, Field(max_length=2_000, pattern=Text)] | None = Field(
        default=None, description="What was done about it"
    )


class OfflineTaken(_Model):
    """It is in PostgreSQL."""

    record: str
    handed_in_at: datetime = Field(description="The first time")


class OfflineFilter(_Model):
    """Which records, newest first; a moment without a zone is UTC."""

    record: Phrase | None = Field(default=None, description="One by its id: a task's `about`")
    since: Moment | None = Field(default=None, description="Written then (RFC 3339) or later")
    until: Moment | None = Field(default=None, description="Written before then (RFC 3339)")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description=AT_MOST)] = 100


class OfflineView(Veiled):
    """What was written down; once erased, `need` and all that says whose it was is null."""

    record: str
    written_at: datetime
    handed_in_at: datetime
    handed_in_by: str = Field(description="Whose token it was")
    agent: str
    emergency: bool
    settled: bool
    number: str | None
    name: str | None
    address: str | None
    need: str | None
    handled: str | None
    erased_at: datetime | None

    def subject(self) -> Ties:
        return marks(offline=[self.record], numbers=[self.number])


class HoldBody(_Model):
    """Why a recording must be kept."""

    why: Annotated[str, Field(min_length=3, max_length=500)]


SEEDS = 1_000_000_000
"""Nine digits: a person can read one out, and two throws are hardly ever the same."""

SAMPLE_MAX = 200


class SampleBody(_Model):
    """What to draw from, and how many; a moment without a zone is UTC."""

    since: Moment
    until: Moment
    count: Annotated[int, Field(ge=1, le=SAMPLE_MAX)]
    agent: Phrase | None = Field(default=None, description="Whoever was joined to the call")
    queue: Phrase | None = None
    skill: Phrase | None = Field(default=None, description="Of queues that ask for it")
    each_agent: bool = Field(
        default=False, description="Everybody who had a conversation is heard at least once"
    )
    seed: Annotated[int, Field(ge=0, lt=SEEDS)] | None = Field(
        default=None, description="Of an earlier draw, to draw it again; null: thrown"
    )


class Sample(_Model):
    """Recordings drawn by chance."""

    seed: int = Field(description="Draws the same again while the record is the same")
    talks: int = Field(description="How many could have been drawn")
    agents: int = Field(description="How many agents had part in those")
    recordings: list[Recording] = Field(description="In the order in which they were drawn")


class ExportBody(_Model):
    """What shall leave the house, and why."""

    recordings: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._-]+$")]],
        Field(min_length=1, max_length=100),
    ]
    why: Annotated[str, Field(min_length=3, max_length=500, pattern=r"^[^\x00]*$")]


class Export(_Model):
    """Recordings that one person asks for, and another agrees to hand out."""

    export_id: int
    asked_at: datetime
    asked_by: str
    why: str
    recordings: list[str]
    decided_at: datetime | None
    decided_by: str | None
    agreed: bool | None = Field(description="None until another person has decided")


class AgentStretch(_Model):
    """A stretch of an agent's day."""

    agent: str
    seat: str | None
    state: str
    reason: str | None
    call_id: str | None
    from_at: datetime
    to_at: datetime | None = Field(description="None while it goes on")
    lasted_ms: int | None


class AuditNote(_Model):
    """Something that somebody saw, heard or did."""

    at: datetime
    who: str
    address: str | None
    action: str
    subject: str | None
    details: dict[str, str]


class Answer(_Model):
    """In one sentence."""

    sentence: str


Answers = dict[int | str, dict[str, Any]]

ANYWHERE: Answers = {
    422: {"model": Answer, "description": "What is wrong, in one sentence"},
    503: {"model": Answer, "description": "The database is away; try again"},
}
MISSING: Answers = {404: {"model": Answer, "description": "There is nothing of that id"}}
NOT_NOW: Answers = {409: {"model": Answer, "description": "Refused, and nothing has changed"}}
