"""Calls that agents place, and what is owed to whom, over HTTP (T19, C02)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Protocol, Self

from fastapi import FastAPI, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from acd.adapters.http.access import Shown, needs
from acd.adapters.http.answers import INVALID, UNANSWERED, not_done, of_request
from acd.adapters.http.models import AT_MOST, STORED, Identifier, Moment
from acd.adapters.http.parameters import NONE_MISSPELT, ObligationPath
from acd.adapters.http.veil import Veiled
from acd.core.events import ObligationAction
from acd.core.follow_up.owed import ObligationKind
from acd.core.replies import Done, Refusal, Refused
from acd.core.roles import Right
from acd.core.ties import Ties, marks

_NOT_FOUND = (Refusal.UNKNOWN_AGENT, Refusal.UNKNOWN_OBLIGATION)
_ANSWERS = of_request("There is no such agent")


class PlaceBody(BaseModel):
    """Whom an agent wants to call, and what about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: Identifier
    number: Annotated[str, Field(min_length=1, max_length=40, description="In any usual form")]
    reference: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        default=None, description="The case or the order it is about"
    )


class PlacedAnswer(BaseModel):
    """The agent's phone is being rung; the number is dialled when they have answered."""

    call: str
    state: str = Field(description="Of the agent")


class Which(StrEnum):
    """Obligations as people ask for them."""

    OPEN = "open"
    DUE = "due"
    """To be done now: its moment has come, or its deadline is over."""
    LATE = "late"
    DONE = "done"
    CLOSED = "closed"


class ObligationView(Veiled):
    """Something owed by a deadline to somebody."""

    id: str
    kind: str
    why: str = Field(description="What it came from: abandoned, dropped, …")
    state: str
    queue: str | None
    emergency: bool
    number: str | None
    terminal: str | None
    elders: list[str]
    call: str | None = Field(description="What it came from")
    since: datetime = Field(description="Whose place in line it keeps")
    appointed: datetime | None = Field(
        default=None, description="The time of day that was promised: it is not tried before"
    )
    deadline: datetime
    next: datetime | None = Field(description="When it is tried by itself; null: by a person")
    about: str = Field(description="What is to be sent or looked up; empty for most callbacks")
    messages: list[str] = Field(description="Left after the beep; the desk plays them (/messages)")
    attempts: int
    busy: int
    level: int = Field(description="1: the shift leader has been told, 2 and more: supervisors")
    late: bool
    working: str | None = Field(description="The call in which it is being worked")
    case: str | None = Field(description="The emergency that it belongs to")
    owner: str | None
    assignee: str | None
    closing: str | None
    reason: str | None
    closed: datetime | None

    def subject(self) -> Ties:
        return marks(
            calls=[self.call, self.working],
            cases=[self.case],
            owed=[self.id],
            elders=self.elders,
            terminals=[self.terminal],
            numbers=[self.number],
        )


def _of_our_time(at: datetime) -> datetime:
    # Days at the ends of what a datetime can be have no time of day in another zone.
    if not 1970 < at.year < 2200:
        raise ValueError("should be a time of our days")
    return at


class OweBody(BaseModel):
    """Whom to call back, or what to send to whom, for whom, and by when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Annotated[str, Field(min_length=1, max_length=40)]
    queue: Identifier
    within_ms: Annotated[int, Field(ge=1_000, le=7 * 86_400_000)] | None = None
    working_days: Annotated[int, Field(ge=1, le=30)] | None = Field(
        default=None,
        description="Instead of within_ms: by 17:00 of so many working days from today (C12)",
    )
    at: Annotated[Moment, AfterValidator(_of_our_time)] | None = Field(
        default=None,
        description="An appointment: the call is made then and not before, within the queue's "
        "hours; its deadline runs from then (W34)",
    )
    task: bool = Field(default=False, description="Something to be done that is no call (V16)")
    revisit: bool = Field(
        default=False,
        description="The task is a revisit or a care call: it is done with a summary only (D26)",
    )
    about: Annotated[str, Field(max_length=200)] = Field(
        default="", description="What is to be sent or looked up"
    )
    call: Identifier | None = Field(default=None, description="In which it was promised")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.task and not self.about.strip():
            raise ValueError("about: a task should say what is to be done")
        if self.revisit and not self.task:
            raise ValueError("revisit: should stand with task: whoever calls writes the summary")
        if self.at is not None and (self.task or self.working_days is not None):
            raise ValueError("at: should stand with neither task nor working_days")
        if self.within_ms is not None and self.working_days is not None:
            raise ValueError("working_days: should stand alone, or within_ms should")
        return self


class ActBody(BaseModel):
    """Who takes it or is given it, or has made a revisit; why it is ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: Identifier | None = None
    reason: Annotated[str, Field(max_length=500)] | None = Field(
        default=None,
        description="Needed to close it undone; and as a summary for a revisit that is done: how "
        "the elder is, what was agreed (D26)",
    )


class ActedAnswer(BaseModel):
    state: str = Field(description="Of the obligation")
    stored: bool = Field(default=True, description=STORED)


class OutboundPort(Protocol):
    """What is asked of the service behind it."""

    async def place(self, agent: str, number: str, reference: str | None) -> Done | Refused:
        """Have an agent call an outside number.  Raises Unanswered."""

    async def obligations(
        self, which: Which, *, kind: ObligationKind | None, queue: str | None, limit: int
    ) -> list[ObligationView]:
        """Return obligations: open ones by deadline, ended ones the newest first."""

    async def act(
        self, obligation: str, action: ObligationAction, *, agent: str | None, reason: str | None
    ) -> Done | Refused:
        """Have a person do something about one.  Raises Unanswered."""

    async def owe(self, body: OweBody) -> Done | Refused:
        """Owe a callback or a task that was asked for.  Raises Unanswered."""


def add_outbound(app: FastAPI, control: OutboundPort) -> None:
    """Add the paths."""

    @app.post(
        "/calls",
        tags=["calls"],
        status_code=201,
        responses=_ANSWERS,
        response_model=PlacedAnswer,
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def place(body: PlaceBody) -> Any:
        """Call an outside number for an agent: their phone first, then the number."""
        reply = await control.place(body.agent, body.number, body.reference)
        if isinstance(reply, Refused):
            return not_done(reply, nobody=_NOT_FOUND)
        return PlacedAnswer(call=str(reply.call), state=reply.state)

    _add_obligations(app, control)


def _add_obligations(app: FastAPI, control: OutboundPort) -> None:
    @app.get(
        "/obligations",
        tags=["obligations"],
        responses={**INVALID, **UNANSWERED},
        dependencies=[needs(Right.RECORDS), NONE_MISSPELT],
    )
    async def obligations(
        shown: Shown,
        state: Annotated[
            Which, Query(description="due: to be done now; late: after its deadline")
        ] = Which.OPEN,
        kind: Annotated[ObligationKind | None, Query(description="Only this kind")] = None,
        queue: Annotated[str | None, Query(description="Only this queue's, by its id")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description=AT_MOST)] = 100,
    ) -> list[ObligationView]:
        """What is owed: open, due, late, done or closed."""
        return shown.over(await control.obligations(state, kind=kind, queue=queue, limit=limit))

    @app.post(
        "/obligations",
        tags=["obligations"],
        status_code=201,
        responses=_ANSWERS,
        response_model=ActedAnswer,
        dependencies=[needs(Right.WORK)],
    )
    async def owe(body: OweBody) -> Any:
        """Owe somebody a callback that they have asked for (W16), at a time of day if one was
        promised (W34), or a task (V16)."""
        reply = await control.owe(body)
        return not_done(reply, nobody=_NOT_FOUND) if isinstance(reply, Refused) else _acted(reply)

    @app.post(
        "/obligations/{obligation}/{action}",
        tags=["obligations"],
        responses=_ANSWERS,
        response_model=ActedAnswer,
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def act(
        obligation: ObligationPath,
        action: Annotated[
            ObligationAction, Path(description="assign: to the body's agent; close: undone")
        ],
        body: ActBody | None = None,
    ) -> Any:
        """Take it, put it back, assign it, say that it is done, or close it with a reason.  A
        revisit is done with a summary as its reason only (D26)."""
        what = body or ActBody()
        reply = await control.act(obligation, action, agent=what.agent, reason=what.reason)
        return not_done(reply, nobody=_NOT_FOUND) if isinstance(reply, Refused) else _acted(reply)


def _acted(reply: Done) -> ActedAnswer:
    return ActedAnswer(state=reply.state, stored=reply.stored)
