"""Emergencies over HTTP: cases, what goes on in them, and what their agents may do (E14–E18, E42).

What *90 to *99 do from a phone is done here from a desk, by the same rules and with the same
refusals.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import Shown, needs
from acd.adapters.http.answers import answered, of_records, of_request
from acd.adapters.http.guidance import FlowBody, GuideBody, GuideView, StepBody, SummaryBody
from acd.adapters.http.models import (
    AT_MOST,
    LIMIT_MAX,
    ControlBody,
    DoneAnswer,
    Identifier,
    Moment,
    Word,
)
from acd.adapters.http.outbound import ObligationView
from acd.adapters.http.parameters import CallPath, CasePath
from acd.adapters.http.veil import Veiled
from acd.core.directory import RescueService
from acd.core.emergency.case import CaseRole, Form
from acd.core.emergency.flows import FLOWS
from acd.core.events import CaseAction, CaseRequested, Control
from acd.core.ids import AgentId, CaseId, RequestId
from acd.core.replies import Done, Refusal, Refused
from acd.core.roles import Right
from acd.core.ties import Ties, marks

_UNKNOWN = of_records("There is no such case")
_REQUEST = of_request("There is no such call, case or agent")

_NOT_FOUND = (Refusal.UNKNOWN_AGENT, Refusal.UNKNOWN_CALL, Refusal.UNKNOWN_CASE)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContactView(_Model):
    """Somebody who is told when something happens to the elder."""

    kind: str = Field(description="relative, helper, committee, service_centre, …")
    number: str


class FormView(_Model):
    """The four facts of an emergency (E02); empty where nobody has said."""

    place: str
    identity: str
    harm: str
    asks: str


class CaseView(Veiled):
    """One emergency, over as many calls as it takes."""

    id: str
    state: str = Field(description="open, unconfirmed or closed")
    origin: str = Field(description="Who has opened it: agent, or the procedure no_response")
    opened: datetime
    opened_by: str | None
    queue: str
    number: str | None = Field(description="The elder's")
    terminal: str | None
    elders: list[str]
    area: str | None = Field(description="Whose 110, 119 and 120 are meant")
    contacts: list[ContactView] = Field(description="The first to be called first; *914# is one")
    calls: list[str]
    a: str | None = Field(description="Who commands, and talks with rescue and contacts")
    b: str | None = Field(description="Who stays with the caller")
    owner: str | None = Field(description="Who answers for it to the end: the first A")
    assignee: str | None = Field(description="Who has it in hand, where that is not the owner")
    services: list[str] = Field(description="Rescue services that know of it")
    called_before: list[str] = Field(
        description="Those of them that the terminal, or somebody there, has called itself (C18)"
    )
    no_response: bool = Field(description="Nobody has responded, and nobody has since (E33)")
    car_sent: datetime | None = Field(description="When 120 said that a car was sent (E21)")
    help: datetime | None = Field(description="When help was at the door")
    safe: datetime | None = Field(description="When an agent said that the elder is safe")
    form: FormView
    missed: list[str] = Field(description="Contacts whom an agent called and did not reach")
    seen_by: str | None = Field(description="The first supervisor who did something with it (E09)")
    guides: list[GuideView] = Field(description="Scripts of the case, and which steps are done")
    missing: list[str] = Field(description="Mandatory steps that are not done, as script/step")
    summary: str = Field(description="What happened and how it ended (E12)")
    outcome: str | None
    reason: str | None
    closed: datetime | None
    closed_by: str | None
    agreed_by: str | None = Field(description="The second person, where nobody was sent")

    def subject(self) -> Ties:
        return marks(
            calls=self.calls,
            cases=[self.id],
            elders=self.elders,
            terminals=[self.terminal],
            numbers=[self.number],
        )


class LegView(_Model):
    """One line of a live call."""

    leg: str
    role: str = Field(description="caller, agent, outside, or desk (a second line or phone)")
    agent: str | None
    number: str | None
    state: str
    place: str = Field(description="caller, rescue, private, aside, music or nowhere")
    since: datetime
    answered: datetime | None
    heard: str | None = Field(description="speech, sound, silence or no_rtp: people decide")


class PartyView(_Model):
    """A rescue service or a contact who is called."""

    number: str
    service: str | None = Field(description="police, fire or medical; null for a contact")
    state: str = Field(description="dialling, asked, waiting or talking")
    by: str | None = Field(description="On whose command")
    asks: bool = Field(description="Must press 1 to count as reached")
    leg: str


class WantedView(_Model):
    """A role that somebody shall have."""

    role: str = Field(description="a or b")
    since: datetime
    ringing: str | None = Field(description="Which agent is rung for it now")
    holder: str | None = Field(description="Who had it and hung up: rung first")
    successor: str | None = Field(description="The only one it is offered to")


class SceneView(_Model):
    """What goes on around the caller in one call of the case."""

    call: str
    state: str
    caller: str | None
    arrived: datetime
    agent: str | None
    responds: bool | None
    held: bool
    device: list[str] = Field(description="What the terminal says of itself: low_battery, test …")
    legs: list[LegView]
    parties: list[PartyView]
    wanted: list[WantedView]


class CaseDetail(CaseView):
    """One case with what goes on in it and what is owed."""

    scenes: list[SceneView] = Field(description="Its live calls; empty when nobody is on a line")
    obligations: list[ObligationView] = Field(description="What is owed, by deadline")


class TimelineEntry(_Model):
    """One moment of an emergency."""

    at: datetime = Field(description="To the millisecond")
    after_ms: int = Field(description="Since the first entry")
    call: str | None
    kind: str = Field(description="Name of the fact, such as CaseNoted or KeyPressed")
    sentence: str


class Timeline(Veiled):
    """An emergency from its first call to its end (E42)."""

    case: str
    elders: list[str]
    entries: list[TimelineEntry]

    def subject(self) -> Ties:
        return marks(cases=[self.case], elders=self.elders)


class CaseFilter(_Model):
    """Which cases, the newest first; without anything, those that are open.  A moment without a
    zone is UTC."""

    elder: Word | None = Field(default=None, description="The elder's id")
    terminal: Word | None = Field(default=None, description="The id of the elder's terminal")
    since: Moment | None = Field(default=None, description="Opened then (RFC 3339) or later")
    until: Moment | None = Field(default=None, description="Opened before then (RFC 3339)")
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX, description=AT_MOST)] = 100


class CaseQuery(CaseFilter):
    """Which cases, and whose."""

    number: Word | None = Field(default=None, description="The elder's, normalised")

    @property
    def is_for_open(self) -> bool:
        return not any((self.elder, self.terminal, self.number, self.since, self.until))


class RescueBody(ControlBody):
    """Whom to call in the rescue room: 1 to 3 for 120, 110, 119; 4 to 6 for the first three
    contacts; a number itself; nothing to talk with whoever waits."""

    digits: Annotated[str, Field(pattern=r"^[0-9]{0,32}$")] = ""


class PersonBody(_Model):
    """Who does it."""

    agent: Identifier


class FormBody(PersonBody):
    """The four facts; what is not known yet stays empty, and delays nothing (E02, C09)."""

    place: Annotated[str, Field(max_length=500)] = ""
    identity: Annotated[str, Field(max_length=500)] = ""
    harm: Annotated[str, Field(max_length=500)] = ""
    asks: Annotated[str, Field(max_length=500)] = ""


class ServiceBody(PersonBody):
    """Which rescue service."""

    service: RescueService


class CaseOutcomeBody(PersonBody):
    """How it went."""

    outcome: Annotated[str, Field(min_length=1, max_length=64, description="As *20 names them")]


class CloseBody(PersonBody):
    """What there is to say at the end."""

    reason: Annotated[str, Field(max_length=500)] | None = None


class AssignBody(PersonBody):
    """Who has it in hand from now on."""

    to: Identifier


class HandOverBody(AssignBody):
    """Who shall have the role, and is rung for it."""

    role: CaseRole


class CasesPort(Protocol):
    """What is asked of the service behind it."""

    async def cases(self, query: CaseQuery) -> list[CaseView]:
        """Return cases.  Raises Unanswered."""

    async def case(self, case: str) -> CaseDetail | None:
        """Return one case, or None.  Raises Unanswered."""

    async def timeline(self, case: str) -> Timeline | None:
        """Return a case's timeline, or None.  Raises Unanswered."""

    async def control_call(
        self, call: str, action: Control, *, agent: str | None, digits: str
    ) -> Done | Refused:
        """Do something with a live call.  Raises Unanswered."""

    async def case_request(self, make: Callable[[RequestId], CaseRequested]) -> Done | Refused:
        """Do something with a case from outside its conversation.  Raises Unanswered."""


def add_cases(app: FastAPI, control: CasesPort) -> None:
    """Add the paths."""
    records = [needs(Right.RECORDS)]

    @app.get("/cases", tags=["cases"], responses=_UNKNOWN, dependencies=records)
    async def cases(shown: Shown, query: Annotated[CaseFilter, Query()]) -> list[CaseView]:
        """The cases that are open; or, by elder, terminal or time of opening, the newest first,
        those that are closed too.  By the elder's number: `POST /cases/search`."""
        return shown.over(await control.cases(CaseQuery(**query.model_dump())))

    @app.post(
        "/cases/search",
        tags=["cases"],
        responses=_UNKNOWN,
        dependencies=[needs(Right.RECORDS, notes_body=True)],
    )
    async def search_cases(shown: Shown, query: CaseQuery) -> list[CaseView]:
        """The same, also by the elder's number, which belongs into a body: addresses stand in the
        logs of whatever lies between."""
        return shown.over(await control.cases(query))

    @app.get("/cases/{case}", tags=["cases"], responses=_UNKNOWN, dependencies=records)
    async def one_case(shown: Shown, case: CasePath) -> CaseDetail:
        """One case: who is A and B, every line and where it is, who is called, what is pending."""
        found = await control.case(case)
        if found is None:
            raise HTTPException(404, f"There is no case {case}.")
        return shown.over(found)

    @app.get("/cases/{case}/timeline", tags=["cases"], responses=_UNKNOWN, dependencies=records)
    async def timeline(shown: Shown, case: CasePath) -> Timeline:
        """Every line, dial, prompt, key, sound, person and change of role, in ms and in words."""
        found = await control.timeline(case)
        if found is None:
            raise HTTPException(404, f"There is no case {case}.")
        return shown.over(found)

    _add_requests(app, control)
    _add_controls(app, control)


def _add_requests(app: FastAPI, control: CasesPort) -> None:
    async def act(case: str, action: CaseAction, agent: str, **details: Any) -> Any:
        reply = await control.case_request(
            lambda request: CaseRequested(
                request=request,
                case=CaseId(case),
                action=action,
                agent=AgentId(agent),
                **details,
            )
        )
        return answered(reply, nobody=_NOT_FOUND)

    def post(path: str) -> Callable[[Any], Any]:
        return app.post(
            f"/cases/{{case}}/{path}",
            tags=["cases"],
            responses=_REQUEST,
            response_model=DoneAnswer,
            dependencies=[needs(Right.WORK, under="agent")],
        )

    @post("form")
    async def form(case: CasePath, body: FormBody) -> Any:
        """Write the simple task form (E02); again to change it."""
        facts = Form(place=body.place, identity=body.identity, harm=body.harm, asks=body.asks)
        return await act(case, CaseAction.FORM, body.agent, form=facts)

    @post("car-sent")
    async def car_sent(case: CasePath, body: PersonBody) -> Any:
        """120 says that a car is on its way (E21)."""
        return await act(case, CaseAction.CAR_SENT, body.agent)

    @post("called-before")
    async def called_before(case: CasePath, body: ServiceBody) -> Any:
        """The terminal, or somebody there, has called a rescue service already (C18): it counts as
        called, and is asked like one that we have called."""
        return await act(case, CaseAction.CALLED_BEFORE, body.agent, service=body.service)

    @post("outcome")
    async def outcome(case: CasePath, body: CaseOutcomeBody) -> Any:
        """Say how the emergency went: no case is closed without."""
        return await act(case, CaseAction.OUTCOME, body.agent, outcome=body.outcome)

    @post("close")
    async def close(case: CasePath, body: CloseBody) -> Any:
        """End the case.  Nobody sent to somebody who did not respond: ``asked`` is true then, and a
        second person has to agree (E35)."""
        return await act(case, CaseAction.CLOSE, body.agent, reason=body.reason)

    @post("guide")
    async def guide(case: CasePath, body: GuideBody) -> Any:
        """Take up one more script, such as first_aid (E07)."""
        return await act(case, CaseAction.GUIDE, body.agent, script=body.script)

    @post("step")
    async def step(case: CasePath, body: StepBody) -> Any:
        """Say that a step of a script was done; the person and the time are kept (E19)."""
        return await act(case, CaseAction.STEP, body.agent, script=body.script, step=body.step)

    @post("undo-step")
    async def undo_step(case: CasePath, body: StepBody) -> Any:
        """Say that a step was not done after all: it is missing again, and the timeline has both.
        What the case itself shows, such as a form that is filled in, cannot be taken back."""
        return await act(case, CaseAction.UNDO_STEP, body.agent, script=body.script, step=body.step)

    @post("summary")
    async def summary(case: CasePath, body: SummaryBody) -> Any:
        """Write what happened and how it ended, for the file (E12, E17); again to change it."""
        return await act(case, CaseAction.SUMMARY, body.agent, summary=body.summary)

    @post("seen")
    async def seen(case: CasePath, body: PersonBody) -> Any:
        """Say, as a supervisor, that you have looked at the case: whatever else you do with it says
        so too (E09)."""
        return await act(case, CaseAction.SEEN, body.agent)

    @post("agree")
    async def agree(case: CasePath, body: PersonBody) -> Any:
        """Agree, as a second person, that nobody had to be sent."""
        return await act(case, CaseAction.AGREE, body.agent)

    @post("disagree")
    async def disagree(case: CasePath, body: PersonBody) -> Any:
        """Do not agree: the case goes on."""
        return await act(case, CaseAction.DISAGREE, body.agent)

    @post("hand-over")
    async def hand_over(case: CasePath, body: HandOverBody) -> Any:
        """Ring somebody who shall be A or B from now on."""
        return await act(
            case, CaseAction.HAND_OVER, body.agent, to=AgentId(body.to), role=body.role
        )

    @post("assign")
    async def assign(case: CasePath, body: AssignBody) -> Any:
        """Give the case into somebody's hands, such as at the end of a shift, and what is still to
        be done for it; its owner stays who they are (C10)."""
        return await act(case, CaseAction.ASSIGN, body.agent, to=AgentId(body.to))


def _add_controls(app: FastAPI, control: CasesPort) -> None:
    async def act(call: str, action: Control, body: ControlBody | None, digits: str = "") -> Any:
        agent = None if body is None else body.agent
        reply = await control.control_call(call, action, agent=agent, digits=digits)
        return answered(reply, nobody=_NOT_FOUND)

    def post(path: str) -> Callable[[Any], Any]:
        return app.post(
            f"/calls/{{call}}/{path}",
            tags=["emergencies"],
            responses=_REQUEST,
            response_model=DoneAnswer,
            dependencies=[needs(Right.WORK, under="agent")],
        )

    @post("flow")
    async def flow(call: CallPath, body: FlowBody) -> Any:
        """Say what the call turns out to be (*21, E01); an emergency opens its case and calls B."""
        digits = next(digit for digit, flow in FLOWS.items() if flow is body.flow)
        return await act(call, Control.FLOW, body, digits)

    @post("case")
    async def case(call: CallPath, body: ControlBody | None = None) -> Any:
        """Open a case for this emergency and call agent B; on one that lacks a B, call one again
        (*90, E14)."""
        return await act(call, Control.CASE, body)

    @post("rescue")
    async def rescue(call: CallPath, body: RescueBody | None = None) -> Any:
        """Go to the rescue room, out of the caller's hearing, and call somebody there (*91, E05,
        E15)."""
        return await act(call, Control.RESCUE, body, "" if body is None else body.digits)

    @post("rescue-on-second-phone")
    async def rescue_beside(call: CallPath, body: RescueBody | None = None) -> Any:
        """The same on the second phone of the agent's seat, which rings; the first stays with the
        caller (*99, T29).  Nobody is dialled before it is picked up."""
        return await act(call, Control.RESCUE_BESIDE, body, "" if body is None else body.digits)

    @post("return")
    async def come_back(call: CallPath, body: ControlBody | None = None) -> Any:
        """Come back to the caller, out of the rescue room or the private talk (*92)."""
        return await act(call, Control.RETURN, body)

    @post("recording")
    async def recording(call: CallPath, body: ControlBody | None = None) -> Any:
        """Say that a recording has answered at the rescue service: it is let go, counts as never
        reached, and is owed to be called (*22, E03)."""
        return await act(call, Control.RECORDING, body)

    @post("merge")
    async def merge(call: CallPath, body: ControlBody | None = None) -> Any:
        """Bring whoever was called, and the agent, to the caller (*93)."""
        return await act(call, Control.MERGE, body)

    @post("split")
    async def split(call: CallPath, body: ControlBody | None = None) -> Any:
        """Take whoever was called away from the caller again, with the agent (*94)."""
        return await act(call, Control.SPLIT, body)

    @post("private")
    async def private(call: CallPath, body: ControlBody | None = None) -> Any:
        """Have A and B talk between themselves while the caller hears music, or bring both back
        (*95, E16)."""
        return await act(call, Control.PRIVATE, body)

    @post("fan-out")
    async def fan_out(call: CallPath, body: ControlBody | None = None) -> Any:
        """Call every contact at once, and 120 for the agent (*96, T35)."""
        return await act(call, Control.FAN_OUT, body)

    @post("safe")
    async def safe(call: CallPath, body: ControlBody | None = None) -> Any:
        """The elder is safe: whoever still rings is not called any more, and what has been set
        going is owed to be cancelled (*97, E37, E41)."""
        return await act(call, Control.SAFE, body)

    @post("help-arrived")
    async def help_arrived(call: CallPath, body: ControlBody | None = None) -> Any:
        """Help is at the door (*98, E17)."""
        return await act(call, Control.HELP_ARRIVED, body)
