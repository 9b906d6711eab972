"""Terminals over HTTP: what is known of one, and that a call was a test of it (W48, U12)."""

from datetime import date, datetime
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import Shown, needs
from acd.adapters.http.answers import answered, of_records, of_request
from acd.adapters.http.models import DoneAnswer, Identifier
from acd.adapters.http.outbound import ObligationView
from acd.adapters.http.parameters import CallPath, TerminalPath
from acd.adapters.http.veil import Veiled
from acd.core.directory import DeviceTest
from acd.core.replies import Done, Refused
from acd.core.roles import Right
from acd.core.ties import Ties, marks

_NOBODY = "There is no such terminal, call or agent"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TestBody(_Model):
    """Who tested, and which terminal."""

    __test__ = False
    """Its name begins like a test's."""

    agent: Identifier = Field(description="Who says so")
    kind: DeviceTest = Field(description="user, revisit or maintenance")
    staff: Annotated[str, Field(max_length=32, pattern=r"^[\w.-]*$")] = Field(
        default="", description="The staff number of whoever tested; empty: has none"
    )
    terminal: Identifier | None = Field(
        default=None,
        description="Which one was swapped, where the call came from a number that the directory "
        "does not know: from then on that number is the terminal's and its elder's",
    )


class NotedNumberView(_Model):
    """A number that is the terminal's by an agent's word, until the directory's file has it."""

    number: str
    agent: str
    staff: str
    at: datetime
    call: str


class TerminalTestView(_Model):
    """A call that was a test."""

    at: datetime
    call: str
    kind: str | None = Field(description="user, revisit, maintenance; null: nobody has said")
    staff: str | None
    agent: str | None
    number: str | None


class TerminalView(Veiled):
    """One terminal by the directory and by its calls."""

    id: str
    device: str | None
    model: str | None
    state: str = Field(description="in_use, faulty or removed")
    installed: date | None
    numbers: list[str]
    noted: list[NotedNumberView]
    elders: list[str]
    last_call: datetime | None
    last_test: datetime | None
    tests: list[TerminalTestView] = Field(description="The newest 20, the newest first")
    owed: list[ObligationView] = Field(description="What has to be done with it")

    def subject(self) -> Ties:
        return marks(elders=self.elders, terminals=[self.id], numbers=self.numbers)


class TerminalsPort(Protocol):
    """What the service offers to these routes."""

    async def terminal(self, terminal: str) -> TerminalView | None:
        """Return a terminal, or None.  Raises Unanswered."""

    async def note_test(self, call: str, body: TestBody) -> Done | Refused | str:
        """Note that a recorded call was a test; a sentence when there is no such call or terminal.
        Raises Unanswered."""


def add_terminals(app: FastAPI, port: TerminalsPort) -> None:
    """The routes ``/terminals/{terminal}`` and ``/calls/{call}/test``."""

    @app.get(
        "/terminals/{terminal}",
        tags=["calls"],
        responses=of_records(_NOBODY),
        dependencies=[needs(Right.RECORDS)],
    )
    async def terminal(shown: Shown, terminal: TerminalPath) -> TerminalView:
        """What is known of a terminal: its numbers and elders, when it last called, and by whom it
        was tested when (W48, U12)."""
        found = await port.terminal(terminal)
        if found is None:
            raise HTTPException(404, f"There is no terminal {terminal}.")
        return shown.over(found)

    @app.post(
        "/calls/{call}/test",
        tags=["calls"],
        responses=of_request(_NOBODY),
        response_model=DoneAnswer,
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def test(call: CallPath, body: TestBody) -> Any:
        """Say that a call was a test of a terminal, and by whom, while it goes on or afterwards:
        its outcome is ``test`` (as by *2007), and no test of that terminal is owed any more.  It is
        never the terminal that says so: whoever presses its key may need help."""
        reply = await port.note_test(call, body)
        if isinstance(reply, str):
            raise HTTPException(404, reply)
        return answered(reply)
