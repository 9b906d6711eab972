"""The control API, health and metrics, as a FastAPI application.

It translates and nothing else: rules live in the core, so that a feature code and a request here
are refused alike.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST

from acd.adapters.http.access import ANSWERS, Door, Shown, needs
from acd.adapters.http.answers import (
    INVALID,
    UNANSWERED,
    answer_in_sentences,
    answered,
    in_a_sentence,
    of_records,
    of_request,
    unknown,
)
from acd.adapters.http.bodies import BoundedBody
from acd.adapters.http.case_reports import add_case_reports
from acd.adapters.http.cases import add_cases
from acd.adapters.http.control import ControlPort, Unanswered, Verb
from acd.adapters.http.elders import add_elders
from acd.adapters.http.guidance import add_guidance
from acd.adapters.http.models import (
    Agent,
    CallDetail,
    CallFilter,
    CallQuery,
    CallRecord,
    ConsultBody,
    ControlBody,
    DigitsBody,
    DoneAnswer,
    Explanation,
    GainBody,
    LeaveBody,
    LoginBody,
    NumberBody,
    OutcomeBody,
    PauseBody,
    Queue,
    Readiness,
    ReserveBody,
)
from acd.adapters.http.notes import add_notes
from acd.adapters.http.outbound import add_outbound
from acd.adapters.http.parameters import NONE_MISSPELT, AgentPath, CallPath
from acd.adapters.http.ratings import add_ratings
from acd.adapters.http.searches import OF_THE_SWITCH, TimedSearches
from acd.adapters.http.stream import add_stream
from acd.adapters.http.supervision import add_supervision
from acd.adapters.http.terminals import add_terminals
from acd.adapters.http.texts import add_texts
from acd.adapters.http.waiting import Duty
from acd.core.events import Control
from acd.core.replies import Refusal
from acd.core.roles import Right

_Decorator = Callable[[Callable[..., Awaitable[Any]]], Callable[..., Awaitable[Any]]]
_NOBODY = "Nobody and nothing of that id"
_RECORDS, _REQUEST = of_records(_NOBODY), of_request(_NOBODY)
_NOT_FOUND = frozenset({Refusal.UNKNOWN_AGENT, Refusal.UNKNOWN_CALL})


async def create_app(
    control: ControlPort,
    *,
    version: str,
    door: Door,
    searched: Callable[[str, float], None] | None = None,
) -> FastAPI:
    """Return the application.  ``door`` lets people in everywhere but at health, metrics and
    documentation, which hold nobody's data; ``searched`` hears how many seconds each search of
    records took.

    Its routes are put together in a thread: it is a quarter of a second of work, and two on a busy
    machine, and whoever has just taken over decides calls meanwhile (T18).
    """
    app = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Huling control API",
        version=version,
        description="Agents, queues and calls of a Huling switch (护铃).",
        responses=ANSWERS,
    )
    answer_in_sentences(app)
    app.add_exception_handler(Unanswered, _unanswered)
    app.add_middleware(BoundedBody)
    if searched is not None:
        app.add_middleware(TimedSearches, searches=OF_THE_SWITCH, searched=searched)
    app.state.door = door
    app.state.ties = control.ties
    await asyncio.to_thread(_add_routes, app, control, door)
    return app


def _add_routes(app: FastAPI, control: ControlPort, door: Door) -> None:
    _add_health(app, control)
    _add_agents(app, control)
    _add_calls(app, control)
    _add_call_control(app, control)
    add_ratings(app, control)
    add_notes(app, control)
    add_outbound(app, control)
    add_supervision(app, control)
    add_texts(app, control)
    add_guidance(app, control)
    add_cases(app, control)
    add_case_reports(app, control)
    add_elders(app, control)
    add_terminals(app, control)
    add_stream(app, control, door)


def _add_health(app: FastAPI, control: ControlPort) -> None:
    @app.get("/health/live", tags=["health"])
    async def live() -> dict[str, bool]:
        """Answered as long as the service's loop turns."""
        return {"live": True}

    @app.get("/health/ready", tags=["health"], responses={503: {"model": Readiness}})
    async def ready(response: Response) -> Readiness:
        """Whether calls can be served: directory read, ARI and AMI up."""
        reasons = control.not_ready()
        response.status_code = 503 if reasons else 200
        return Readiness(ready=not reasons, reasons=reasons, role=Duty.ACTIVE)

    @app.get("/metrics", tags=["health"], response_class=Response)
    async def metrics() -> Response:
        """Metrics in Prometheus' text format."""
        return Response(control.metrics(), media_type=CONTENT_TYPE_LATEST)


def _add_agents(app: FastAPI, control: ControlPort) -> None:
    state = [needs(Right.STATE), NONE_MISSPELT]

    @app.get("/agents", tags=["agents"], responses=INVALID, dependencies=state)
    async def agents() -> list[Agent]:
        """All agents, in the directory's order."""
        return control.agents()

    @app.get(
        "/agents/{agent}",
        tags=["agents"],
        responses={**unknown(_NOBODY), **INVALID},
        dependencies=state,
    )
    async def one_agent(
        agent: Annotated[str, Path(description="The agent's id, which is their number")],
    ) -> Agent:
        """One agent."""
        found = control.agent(agent)
        if found is None:
            raise HTTPException(404, f"There is no agent {agent}.")
        return found

    async def ask(verb: Verb, agent: str, **details: Any) -> Any:
        reply = await control.ask(verb, agent, **details)
        return answered(reply, nobody=_NOT_FOUND)

    work, lead = needs(Right.WORK, under="agent"), needs(Right.LEAD, under="supervisor")

    def post(path: str, needed: Any = work) -> _Decorator:
        return app.post(
            f"/agents/{{agent}}/{path}",
            tags=["agents"],
            responses=_REQUEST,
            response_model=DoneAnswer,
            dependencies=[needed],
        )

    @post("login")
    async def login(agent: AgentPath, body: LoginBody | None = None) -> Any:
        """Start work at a seat, and be ready."""
        return await ask(Verb.LOGIN, agent, seat=None if body is None else body.seat)

    @post("ready")
    async def ready(agent: AgentPath) -> Any:
        """Take calls (again)."""
        return await ask(Verb.READY, agent)

    @post("pause")
    async def pause(agent: AgentPath, body: PauseBody) -> Any:
        """Take no calls, for a reason."""
        return await ask(Verb.PAUSE, agent, reason=body.reason)

    @post("wrap-up/end")
    async def end_wrap_up(agent: AgentPath) -> Any:
        """Be done with the work after a call before its time is over."""
        return await ask(Verb.END_WRAP_UP, agent)

    @post("wrap-up/extend")
    async def extend_wrap_up(agent: AgentPath) -> Any:
        """Have more time for the work after a call, within the queue's limit."""
        return await ask(Verb.EXTEND_WRAP_UP, agent)

    @post("leave/approve", lead)
    async def approve_leave(agent: AgentPath, body: LeaveBody) -> Any:
        """Let an agent go who has asked (D08)."""
        return await ask(Verb.GRANT_LEAVE, agent, supervisor=body.supervisor)

    @post("leave/deny", lead)
    async def deny_leave(agent: AgentPath, body: LeaveBody) -> Any:
        """Do not let an agent go who has asked (D08)."""
        return await ask(Verb.DENY_LEAVE, agent, supervisor=body.supervisor)

    @post("reserve")
    async def reserve(agent: AgentPath, body: ReserveBody | None = None) -> Any:
        """Keep a free agent for a callback or an outbound call."""
        what = body or ReserveBody()
        return await ask(Verb.RESERVE, agent, reason=what.reason, hold_ms=what.hold_ms)

    @post("release")
    async def release(agent: AgentPath) -> Any:
        """Let a reserved agent take calls again."""
        return await ask(Verb.RELEASE, agent)

    @post("logout")
    async def logout(agent: AgentPath) -> Any:
        """End work, after the present conversation if there is one."""
        return await ask(Verb.LOGOUT, agent)


def _add_calls(app: FastAPI, control: ControlPort) -> None:
    @app.get(
        "/queues",
        tags=["queues"],
        responses=INVALID,
        dependencies=[needs(Right.STATE), NONE_MISSPELT],
    )
    async def queues() -> list[Queue]:
        """All queues as they are now."""
        return control.queues()

    records = [needs(Right.RECORDS)]

    @app.get("/calls", tags=["calls"], dependencies=records, responses={**INVALID, **UNANSWERED})
    async def calls(shown: Shown, query: Annotated[CallFilter, Query()]) -> list[CallRecord]:
        """Recorded calls, newest first; by their caller's number: `POST /calls/search`."""
        return shown.over(await control.calls(CallQuery(**query.model_dump())))

    @app.post(
        "/calls/search",
        tags=["calls"],
        dependencies=[needs(Right.RECORDS, notes_body=True)],
        responses={**INVALID, **UNANSWERED},
    )
    async def search_calls(shown: Shown, query: CallQuery) -> list[CallRecord]:
        """Recorded calls, newest first.  A telephone number belongs into a body: addresses stand
        in the logs of whatever lies between."""
        return shown.over(await control.calls(query))

    @app.get(
        "/calls/{call}",
        tags=["calls"],
        dependencies=records,
        responses=_RECORDS,
    )
    async def one_call(shown: Shown, call: CallPath) -> CallDetail:
        """One call with its legs and offers."""
        found = await control.call(call)
        if found is None:
            raise HTTPException(404, f"There is no call {call}.")
        return shown.over(found)

    @app.get(
        "/calls/{call}/explanation",
        tags=["calls"],
        dependencies=records,
        responses=_RECORDS,
    )
    async def explanation(shown: Shown, call: CallPath) -> Explanation:
        """Why a call went as it went: who was chosen and why, and what became of it."""
        found = await control.explanation(call)
        if found is None:
            raise HTTPException(404, f"There is no call {call}.")
        return shown.over(found)


def _add_call_control(app: FastAPI, control: ControlPort) -> None:
    async def act(call: str, action: Control, body: ControlBody | None, digits: str = "") -> Any:
        agent = None if body is None else body.agent
        reply = await control.control_call(call, action, agent=agent, digits=digits)
        return answered(reply, nobody=_NOT_FOUND)

    def post(path: str) -> _Decorator:
        return app.post(
            f"/calls/{{call}}/{path}",
            tags=["call control"],
            responses=_REQUEST,
            response_model=DoneAnswer,
            dependencies=[needs(Right.WORK, under="agent")],
        )

    @post("hold")
    async def hold(call: CallPath, body: ControlBody | None = None) -> Any:
        """Step aside; a caller left alone hears music, and every 10 s that they are not forgotten
        (*10)."""
        return await act(call, Control.HOLD, body)

    @post("resume")
    async def resume(call: CallPath, body: ControlBody | None = None) -> Any:
        """Come back to the caller, who is thanked first (*10)."""
        return await act(call, Control.RESUME, body)

    @post("transfer")
    async def transfer(call: CallPath, body: NumberBody) -> Any:
        """Give the call to an agent, a queue's entry or an outside number; one that does not answer
        brings it back, and the caller is told first (*11)."""
        return await act(call, Control.TRANSFER, body, body.number)

    @post("consult")
    async def consult(call: CallPath, body: ConsultBody) -> Any:
        """Ask an agent, an outside number or, without one, a supervisor, out of the caller's
        hearing (*12)."""
        return await act(call, Control.CONSULT, body, body.number or "")

    @post("complete")
    async def complete(call: CallPath, body: ControlBody | None = None) -> Any:
        """Leave the caller to whoever was asked (*13)."""
        return await act(call, Control.COMPLETE, body)

    @post("join")
    async def join(call: CallPath, body: ControlBody | None = None) -> Any:
        """Bring everybody together, at most eight (*14)."""
        return await act(call, Control.JOIN, body)

    @post("back")
    async def back(call: CallPath, body: ControlBody | None = None) -> Any:
        """Let go of whoever was asked, and be with the caller again (*15)."""
        return await act(call, Control.BACK, body)

    @post("digits")
    async def digits(call: CallPath, body: DigitsBody) -> Any:
        """Press keys towards the caller or the outside party whom the agent is with (*16)."""
        return await act(call, Control.DIGITS, body, body.digits)

    @post("gain")
    async def gain(call: CallPath, body: GainBody) -> Any:
        """Let the caller hear louder (*17) or softer (*18)."""
        return await act(call, Control(body.change), body)

    @post("outcome")
    async def outcome(call: CallPath, body: OutcomeBody) -> Any:
        """Say how the call went; with that an emergency may be ended (*20)."""
        return await act(call, Control.OUTCOME, body, body.code)

    @post("no-response")
    async def no_response(call: CallPath, body: ControlBody | None = None) -> Any:
        """Say that nobody speaks at the other end (*30)."""
        return await act(call, Control.NO_RESPONSE, body)

    @post("responded")
    async def responded(call: CallPath, body: ControlBody | None = None) -> Any:
        """Say that somebody has responded (*31)."""
        return await act(call, Control.RESPONDED, body)


async def _unanswered(request: Request, error: Exception) -> JSONResponse:
    return in_a_sentence(503, str(error))
