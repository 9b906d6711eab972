"""Guidance over HTTP: the scripts' words, and what of them is done in a case (E01, E07, E19)."""

from datetime import datetime
from typing import Annotated, Protocol

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import needs
from acd.adapters.http.answers import INVALID
from acd.adapters.http.models import ControlBody, Identifier
from acd.adapters.http.parameters import NONE_MISSPELT
from acd.core.emergency.guide import Flow
from acd.core.roles import Right


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScriptStep(_Model):
    """One step, as a desk shows it."""

    id: str
    say: str | None = Field(description="What the agent says, in Chinese")
    do: str | None = Field(description="What the agent does")
    mandatory: bool
    blocks: bool = Field(description="The case is not closed without it")
    sign: str | None = Field(description="What shows that it was done: nobody has to say so")
    clauses: list[str]


class ScriptView(_Model):
    """One script."""

    id: str
    version: int
    flow: str | None = Field(
        description="emergency, enquiry, referral or complaint; null: of use in every call"
    )
    title: str
    when: str | None = Field(description="What gives it to a case; null: an agent takes it up")
    steps: list[ScriptStep]


class GuideStep(_Model):
    """How far one step of a case is."""

    id: str
    mandatory: bool
    blocks: bool
    done: datetime | None
    by: str | None


class GuideView(_Model):
    """One script of a case; its words are at ``GET /guidance``."""

    script: str
    version: int = Field(description="As it held when the case was given it")
    steps: list[GuideStep]


class GuideBody(_Model):
    """Who takes up which script."""

    agent: Identifier
    script: Identifier


class StepBody(GuideBody):
    """Who has done which step of it."""

    step: Identifier


class SummaryBody(_Model):
    """What happened and how it ended."""

    agent: Identifier
    summary: Annotated[str, Field(min_length=1, max_length=4000)]


class FlowBody(ControlBody):
    """What the call turns out to be; without an agent, by whoever has the call."""

    flow: Flow


class GuidancePort(Protocol):
    """What is asked of the service behind it."""

    def guidance(self) -> list[ScriptView]:
        """Return every script, in the file's order."""


def add_guidance(app: FastAPI, control: GuidancePort) -> None:
    """Add the path of the words."""

    @app.get(
        "/guidance",
        tags=["texts"],
        responses=INVALID,
        dependencies=[needs(Right.STATE), NONE_MISSPELT],
    )
    async def guidance(
        flow: Annotated[
            Flow | None, Query(description="Only this flow's, without those of every call")
        ] = None,
    ) -> list[ScriptView]:
        """The guidance scripts, all or of one flow, with what to say and do at each step."""
        return [one for one in control.guidance() if flow is None or one.flow == flow]
