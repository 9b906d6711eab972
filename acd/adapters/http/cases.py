"""Emergencies over HTTP: cases, what goes on in them, and what their agents may do (E14–E18, E42).

What *90 to *99 do from a phone is done here from a desk, by the same rules and with the same
refusals.
"""

from collections.abc import Callable
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, HTTPException, Query

from acd.adapters.http.access import Shown, needs
from acd.adapters.http.answers import answered, of_records, of_request
from acd.adapters.http.case_models import (
    AssignBody,
    CaseDetail,
    CaseFilter,
    CaseOutcomeBody,
    CaseQuery,
    CaseView,
    CloseBody,
    FormBody,
    HandOverBody,
    PersonBody,
    RescueBody,
    ServiceBody,
    Timeline,
)
from acd.adapters.http.guidance import FlowBody, GuideBody, StepBody, SummaryBody
from acd.adapters.http.models import ControlBody, DoneAnswer
from acd.adapters.http.parameters import CallPath, CasePath
from acd.core.emergency.case import Form
from acd.core.emergency.flows import FLOWS
from acd.core.events import CaseAction, CaseRequested, Control
from acd.core.ids import AgentId, CaseId, RequestId
from acd.core.replies import Done, Refusal, Refused
from acd.core.roles import Right

_UNKNOWN = of_records("There is no such case")
_REQUEST = of_request("There is no such call, case or agent")

_NOT_FOUND = (Refusal.UNKNOWN_AGENT, Refusal.UNKNOWN_CALL, Refusal.UNKNOWN_CASE)


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
