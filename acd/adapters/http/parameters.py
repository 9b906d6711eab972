"""What stands in the addresses of routes, with the words that ``/docs`` has for it."""

from typing import Annotated

from fastapi import Path

from acd.adapters.http.models import Identifier

AgentPath = Annotated[Identifier, Path(description="The agent's id, which is their number")]
SupervisorPath = Annotated[
    Identifier, Path(description="The id of the supervisor who asks, which is their number")
]
CallPath = Annotated[Identifier, Path(description="The call's id, such as 17-42")]
CasePath = Annotated[Identifier, Path(description="The case's id, as `GET /cases` has it")]
ObligationPath = Annotated[
    Identifier, Path(description="The obligation's id, as `GET /obligations` has it")
]
ElderPath = Annotated[Identifier, Path(description="The elder's id in the directory")]
TerminalPath = Annotated[Identifier, Path(description="The terminal's id in the directory")]
