"""The report of an emergency, over HTTP (E11)."""

from typing import Annotated, Any, Protocol

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import needs
from acd.adapters.http.answers import answered, of_request
from acd.adapters.http.models import DoneAnswer, Identifier
from acd.adapters.http.parameters import CasePath
from acd.core.replies import Done, Refused
from acd.core.roles import Right
from acd.core.scripts import RatingScale

_ANSWERS = of_request("There is no such case or agent")
_Words = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]


class ReportBody(BaseModel):
    """What the family has said, the day after."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: Identifier = Field(description="Who hands it in")
    family: _Words = Field(description="Whom of the family they have called, and what they told")
    condition: _Words = Field(description="How the elder is")
    scale: RatingScale | None = Field(default=None, description="s0 or s2: whose words (C04)")
    rating: Annotated[str, Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="How content they are, a word of the scale"
    )
    unrated: _Words = Field(default="", description="Why nobody could be asked")
    remarks: _Words = ""


class CaseReportsPort(Protocol):
    """What the service offers to this route."""

    async def hand_in(self, case: str, body: ReportBody) -> Done | Refused | None:
        """Hand the report of a case in; None when there is no such case.  Raises Unanswered."""


def add_case_reports(app: FastAPI, port: CaseReportsPort) -> None:
    """The route ``/cases/{case}/report``."""

    @app.post(
        "/cases/{case}/report",
        tags=["cases"],
        responses=_ANSWERS,
        response_model=DoneAnswer,
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def report(case: CasePath, body: ReportBody) -> Any:
        """Hand in the report that is owed by 17:00 of the next day, open case or closed: the family
        called, how the elder is, how content they are.  The desk prints it
        (`GET /cases/{case}/report` there); what they say is the rating of the case's first call."""
        reply = await port.hand_in(case, body)
        if reply is None:
            raise HTTPException(404, f"There is no case {case}.")
        return answered(reply)
