"""What supervisors do, over HTTP (D11, Q12, T06)."""

from collections.abc import Callable
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Path
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import needs
from acd.adapters.http.answers import answered, of_request
from acd.adapters.http.models import (
    DoneAnswer,
    Identifier,
)
from acd.adapters.http.parameters import CallPath, SupervisorPath
from acd.core.events import (
    Force,
    ForceRequested,
    Request,
    Steer,
    SteerRequested,
    SupervisionEndRequested,
    SupervisionRequested,
    Watching,
)
from acd.core.ids import AgentId, CallId, QueueId, RequestId
from acd.core.replies import Done, Refused
from acd.core.roles import Right

_ANSWERS = of_request("There is no such agent")


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WatchBody(_Body):
    """At which conversation, and how."""

    call: Identifier | None = Field(default=None, description="None: one drawn at random (Q12)")
    mode: Watching = Watching.LISTEN


class ForceBody(_Body):
    """Into which state an agent is put."""

    agent: Identifier
    action: Force
    reason: Annotated[str, Field(max_length=40)] = "supervisor"


class SteerBody(_Body):
    """To whom or where a caller goes."""

    agent: Identifier | None = None
    queue: Identifier | None = None


class SupervisionPort(Protocol):
    """What is asked of the service behind it."""

    async def supervise(self, make: Callable[[RequestId], Request]) -> Done | Refused:
        """Put a supervisor's request to the core and return its reply.  Raises Unanswered."""


def add_supervision(app: FastAPI, control: SupervisionPort) -> None:
    """Add the paths."""

    def post(path: str) -> Callable[[Any], Any]:
        return app.post(
            f"/supervisors/{{supervisor}}/{path}",
            tags=["supervisors"],
            responses=_ANSWERS,
            response_model=DoneAnswer,
            dependencies=[needs(Right.LEAD, under="supervisor")],
        )

    async def answer(make: Callable[[RequestId], Request]) -> Any:
        return answered(await control.supervise(make))

    @post("watch")
    async def watch(supervisor: SupervisorPath, body: WatchBody | None = None) -> Any:
        """Listen to a conversation, whisper, barge in or take over; again to change the way."""
        wish = body or WatchBody()
        return await answer(
            lambda request: SupervisionRequested(
                request=request,
                supervisor=AgentId(supervisor),
                call=None if wish.call is None else CallId(wish.call),
                mode=wish.mode,
            )
        )

    @post("watch/end")
    async def end(supervisor: SupervisorPath) -> Any:
        """Stop listening."""
        return await answer(
            lambda request: SupervisionEndRequested(request=request, supervisor=AgentId(supervisor))
        )

    @post("force")
    async def force(supervisor: SupervisorPath, body: ForceBody) -> Any:
        """Make an agent ready, pause them or log them out."""
        return await answer(
            lambda request: ForceRequested(
                request=request,
                supervisor=AgentId(supervisor),
                agent=AgentId(body.agent),
                action=body.action,
                reason=body.reason,
            )
        )

    @post("calls/{call}/{action}")
    async def steer(
        supervisor: SupervisorPath,
        call: CallPath,
        action: Annotated[
            Steer,
            Path(
                description="raise: before the whole line; move: to the body's queue; "
                "assign: to the body's agent; pull: to the supervisor"
            ),
        ],
        body: SteerBody | None = None,
    ) -> Any:
        """Raise a caller who waits, move them to another queue, or give them to somebody."""
        target = body or SteerBody()
        return await answer(
            lambda request: SteerRequested(
                request=request,
                supervisor=AgentId(supervisor),
                call=CallId(call),
                action=action,
                agent=None if target.agent is None else AgentId(target.agent),
                queue=None if target.queue is None else QueueId(target.queue),
            )
        )
