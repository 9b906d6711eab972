"""What an agent writes down of a call, over HTTP (D06)."""

from typing import Annotated, Protocol

from fastapi import FastAPI, HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from acd.adapters.http.access import needs
from acd.adapters.http.answers import of_records
from acd.adapters.http.models import CallNoteView, Identifier
from acd.adapters.http.parameters import CallPath
from acd.core.emergency.guide import Flow
from acd.core.replies import Refused
from acd.core.roles import Right

WORDS_MAX = 2_000
"""As the database has it: key details, and no minutes of the talk, which is recorded."""

_ANSWERS = of_records("There is no such call or agent")


def _said(written: str) -> str:
    words = written.strip()
    if not words or "\x00" in words:
        raise ValueError("should say something, and hold no NUL character")
    return words


class CallNoteBody(BaseModel):
    """Key details, and what the call turned out to be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: Identifier = Field(description="Who writes it down")
    category: Flow = Field(description="emergency, enquiry, referral or complaint, as for *21")
    words: Annotated[str, Field(max_length=WORDS_MAX), AfterValidator(_said)] = Field(
        description="Who wants what, what was answered or promised"
    )


class NotesPort(Protocol):
    """What the service offers to these routes."""

    async def note_call(self, call: str, body: CallNoteBody) -> CallNoteView | Refused | None:
        """Write a note of a recorded call down; None when there is no such call.  Raises
        Unanswered."""


def add_notes(app: FastAPI, port: NotesPort) -> None:
    """The route ``/calls/{call}/note``."""

    @app.post(
        "/calls/{call}/note",
        tags=["calls"],
        status_code=201,
        responses=_ANSWERS,
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def note(call: CallPath, body: CallNoteBody) -> CallNoteView:
        """Write down what a call was about, while it goes on or afterwards (D06).  A later note
        takes the place of an earlier one, which stays; `GET /calls` shows the newest.  Answered, it
        is in PostgreSQL, and nowhere else.  The category opens no case: `flow` does."""
        written = await port.note_call(call, body)
        if written is None:
            raise HTTPException(404, f"There is no call {call}.")
        if isinstance(written, Refused):
            raise HTTPException(404, written.sentence)
        return written
