"""What people are told of how content somebody is with a call, over HTTP (C28)."""

from typing import Annotated, Any, Literal, Protocol

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import needs
from acd.adapters.http.answers import answered, of_request
from acd.adapters.http.models import DoneAnswer, Identifier
from acd.adapters.http.parameters import CallPath
from acd.core.replies import Done, Refused
from acd.core.roles import Right
from acd.core.scripts import RatingScale

_ANSWERS = of_request("There is no such call or agent")


class RatingBody(BaseModel):
    """How content somebody said they are, in their own standard's word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: Identifier = Field(description="Who writes it down")
    scale: RatingScale = Field(description="s0 or s2: whose words (C04)")
    rating: Annotated[str, Field(min_length=1, max_length=20, description="A word of the scale")]
    source: Literal["agent", "revisit", "sms"] = Field(
        description="Said in the conversation, when asked later, or by SMS"
    )


class RatingPort(Protocol):
    """What the service offers to these routes."""

    async def rate(self, call: str, body: RatingBody) -> Done | Refused | None:
        """Write a rating down for a recorded call; None when there is no such call.  Raises
        Unanswered."""


def add_ratings(app: FastAPI, port: RatingPort) -> None:
    """The route ``/calls/{call}/rating``."""

    @app.post(
        "/calls/{call}/rating",
        tags=["calls"],
        responses=_ANSWERS,
        response_model=DoneAnswer,
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def rating(call: CallPath, body: RatingBody) -> Any:
        """Write down how content somebody said they are with a call that was answered, at any time
        (V17).  A key that the caller has pressed themselves stands all the same."""
        reply = await port.rate(call, body)
        if reply is None:
            raise HTTPException(404, f"There is no call {call}.")
        return answered(reply)
