"""Messages over HTTP: what callers said after the beep, by number, terminal, queue and time (V03).

As with recordings, whatever is seen or heard is noted before it is sent (L2).
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import FileResponse

from acd.adapters.http.access import Asker, needs
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.messages import LIMIT_MAX, PostgresMessages
from acd.core.roles import Right
from acd.desk.metrics import DeskMetrics
from acd.desk.models import MISSING, Message, Word


def messages_router(
    messages: PostgresMessages, audit: PostgresAudit, folder: Path, metrics: DeskMetrics
) -> APIRouter:
    """The routes under ``/messages``; ``folder`` is where Asterisk writes them."""
    router = APIRouter(dependencies=[needs(Right.HEAR)])

    @router.get("/messages", tags=["messages"])
    async def find(
        person: Asker,
        number: Word = None,
        terminal: Word = None,
        queue: Word = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 100,
    ) -> list[Message]:
        """Messages, newest first; a moment without a zone is UTC."""
        asked = {"number": number, "terminal": terminal, "queue": queue}
        await audit.note(
            who=person.name,
            address=person.address,
            action="search messages",
            subject=None,
            details={key: value for key, value in asked.items() if value is not None},
        )
        found = await messages.find(**asked, since=_utc(since), until=_utc(until), limit=limit)
        return [Message.model_validate(one) for one in found]

    @router.get(
        "/messages/{message}/audio",
        tags=["messages"],
        response_class=Response,
        responses={200: {"content": {"audio/wav": {}}}, 206: {}, **MISSING},
    )
    async def audio(person: Asker, message: str) -> Response:
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


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
