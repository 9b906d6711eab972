"""Calls that agents place, over HTTP (T19)."""

from typing import Annotated, Any, Protocol

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.models import ErrorAnswer, Identifier, RefusedAnswer
from acd.core.replies import Done, Refusal, Refused

_ANSWERS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorAnswer, "description": "There is no such agent"},
    409: {"model": RefusedAnswer, "description": "Refused, and nothing has changed"},
    422: {"model": ErrorAnswer, "description": "What is wrong, in one sentence"},
    503: {"model": ErrorAnswer, "description": "No answer now; try again"},
}


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


class OutboundPort(Protocol):
    """What is asked of the service behind it."""

    async def place(self, agent: str, number: str, reference: str | None) -> Done | Refused:
        """Have an agent call an outside number.  Raises Unanswered."""


def add_outbound(app: FastAPI, control: OutboundPort, guard: list[Any]) -> None:
    """Add the paths."""

    @app.post(
        "/calls",
        tags=["calls"],
        status_code=201,
        responses=_ANSWERS,
        response_model=PlacedAnswer,
        dependencies=guard,
    )
    async def place(body: PlaceBody) -> Any:
        """Call an outside number for an agent: their phone first, then the number."""
        reply = await control.place(body.agent, body.number, body.reference)
        if isinstance(reply, Refused):
            if reply.refusal is Refusal.UNKNOWN_AGENT:
                raise HTTPException(404, reply.sentence)
            refused = RefusedAnswer(refusal=reply.refusal, sentence=reply.sentence)
            return JSONResponse(refused.model_dump(), 409)
        return PlacedAnswer(call=str(reply.call), state=reply.state)
