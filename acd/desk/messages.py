"""Messages over HTTP: what callers said after the beep, by number, terminal, queue and time (V03).

As with recordings, whatever is seen or heard is noted before it is sent (L2).
"""

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import FileResponse

from acd.adapters.http.access import Asker, Person, needs
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.messages import PostgresMessages
from acd.core.roles import Right
from acd.desk.metrics import DeskMetrics
from acd.desk.models import MISSING, Message, MessageFilter, MessagePath, MessageSearch


def messages_router(
    messages: PostgresMessages, audit: PostgresAudit, folder: Path, metrics: DeskMetrics
) -> APIRouter:
    """The routes under ``/messages``; ``folder`` is where Asterisk writes them."""
    router = APIRouter(dependencies=[needs(Right.HEAR)])

    @router.get("/messages", tags=["messages"])
    async def find(person: Asker, query: Annotated[MessageFilter, Query()]) -> list[Message]:
        """Messages; those of one number: `POST /messages/search`."""
        return await look_up(person, MessageSearch(**query.model_dump()))

    @router.post("/messages/search", tags=["messages"])
    async def search(person: Asker, query: MessageSearch) -> list[Message]:
        """Messages, also by a telephone number, which belongs into a body: addresses stand in the
        logs of whatever lies between."""
        return await look_up(person, query)

    async def look_up(person: Person, query: MessageSearch) -> list[Message]:
        asked = query.model_dump(include={"number", "terminal", "queue"})
        await audit.note(
            who=person.name,
            address=person.address,
            action="search messages",
            subject=None,
            details={key: value for key, value in asked.items() if value is not None},
        )
        found = await messages.find(**query.model_dump())
        return [Message.model_validate(one) for one in found]

    @router.get(
        "/messages/{message}/audio",
        tags=["messages"],
        response_class=Response,
        responses={200: {"content": {"audio/wav": {}}}, 206: {}, **MISSING},
    )
    async def audio(person: Asker, message: MessagePath) -> Response:
        """What was said, with range requests."""
        found = await messages.find(message=message, limit=1)
        if not found:
            raise HTTPException(404, f"There is no message {message}.")
        # The name comes from the record, where only the switch writes.
        path = folder / f"{found[0].message_id}.wav"
        if not await asyncio.to_thread(path.is_file):
            raise HTTPException(404, "Its file is missing; the call's own recording has it too.")
        await audit.note(
            who=person.name,
            address=person.address,
            action="play message",
            subject=message,
            details={"call": found[0].call_id},
        )
        metrics.plays.inc()
        return FileResponse(
            path, media_type="audio/wav", filename=path.name, content_disposition_type="inline"
        )

    return router
