"""What the switch says, as words (V04): an agent's screen shows the very text that callers hear."""

from typing import Protocol

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from acd.adapters.http.access import needs
from acd.core.roles import Right


class Text(BaseModel):
    """One prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="As directories and facts name it")
    audience: str = Field(description="caller or agent: who hears it")
    text: str = Field(description="Empty for a plain tone")
    key: int | None = Field(description="The digit by which an agent chooses it")
    clauses: list[str] = Field(description="What asks for it, see docs/clauses.md")


class TextsPort(Protocol):
    """What is asked of the service behind it."""

    def texts(self) -> list[Text]:
        """Return every prompt, in the order of the list that the sounds are made from."""


def add_texts(app: FastAPI, control: TextsPort) -> None:
    """Add the path."""

    @app.get("/texts", tags=["texts"], dependencies=[needs(Right.STATE)])
    async def texts() -> list[Text]:
        """Every text that callers and agents hear, from the list that the sounds are made from."""
        return control.texts()
