"""What stands in the addresses of routes, with the words that ``/docs`` has for it."""

from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request, params
from fastapi.dependencies.utils import get_flat_params

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


async def _none_misspelt(request: Request) -> None:
    """A misspelt filter would be passed over, and the answer be about everything."""
    asked = get_flat_params(request.scope["route"].dependant)
    known = sorted(one.alias for one in asked if isinstance(one.field_info, params.Query))
    for name in request.query_params:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there is nothing"
            raise HTTPException(422, f"{name} is not asked for here: {there}.")


NONE_MISSPELT = Depends(_none_misspelt)
"""For whatever is looked for by words in the address: all of them must be known."""
