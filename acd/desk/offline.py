"""What agents write down while the system is away: the page, and where it hands them in (D19, X14).

The page keeps what is written in the browser and hands it in by itself when the desk is back; how
it comes to be there without the desk is told in docs/desk.md.  A record has an id that the browser
made, and is taken once, however often it comes.  What is still open, or was an emergency, the
service makes somebody's task (``acd.runtime.watching.offline_records``).
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from acd.adapters.http.access import Asker, Person, needs
from acd.adapters.http.veil import Veil
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.offline import HandedIn, OfflineRecord, PostgresOffline
from acd.adapters.postgres.records import PostgresRecords
from acd.core import ties
from acd.core.roles import Right
from acd.desk.models import (
    MISSING,
    NOT_NOW,
    OfflineBody,
    OfflineFilter,
    OfflineTaken,
    OfflineView,
)
from acd.desk.wall import STATIC

KEPT = "private, max-age=31536000"
"""The page is there when the desk is not: browsers open it from their cache, and it renews itself
there while the desk answers.  There is nothing of anybody in it."""

FILES = StaticFiles(directory=STATIC)
"""Answers 304 for a copy that is still good: no answer that breaks off takes its place."""

AHEAD_MAX = timedelta(minutes=5)
BACK_MAX = timedelta(days=366)
"""A clock that is further off is wrong, and what it says would stand in the record."""


def offline_router(
    offline: PostgresOffline,
    records: PostgresRecords,
    audit: PostgresAudit,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """The routes under ``/offline``."""
    router = APIRouter(prefix="/offline", tags=["offline"])

    @router.get(
        "",
        response_class=FileResponse,
        responses={200: {"content": {"text/html": {}}}},
        dependencies=[needs(Right.WORK)],
    )
    async def page(request: Request) -> Response:
        """The page on which agents write down what is asked for while the system is away."""
        return await kept("offline.html", request)

    @router.get("/offline.js", response_class=FileResponse, include_in_schema=False)
    async def script(request: Request) -> Response:
        return await kept("offline.js", request)

    async def kept(file: str, request: Request) -> Response:
        answer = await FILES.get_response(file, request.scope)
        answer.headers["Cache-Control"] = KEPT
        return answer

    @router.post(
        "/records",
        status_code=201,
        responses={**MISSING, **NOT_NOW},
        dependencies=[needs(Right.WORK, under="agent")],
    )
    async def hand_in(person: Asker, body: OfflineBody) -> OfflineTaken:
        """Hand in what was written offline.  The same again is taken once and answered alike; what
        is still open, or was an emergency, is owed as a task (`offline`) within seconds of the
        service being there."""
        now = clock()
        if not now - BACK_MAX < body.written_at < now + AHEAD_MAX:
            raise HTTPException(
                422, "written_at: should be a time of the last year, and not lie ahead."
            )
        if not await offline.knows_agent(body.agent):
            raise HTTPException(404, f"There is no agent {body.agent}.")
        at = await offline.take(OfflineRecord(**body.model_dump()), by=person.name)
        if at is None:
            raise HTTPException(409, f"The id {body.record} is another record's.")
        await audit.note(
            who=person.name,
            address=person.address,
            action="hand in offline record",
            subject=body.record,
            details={"agent": body.agent},
        )
        return OfflineTaken(record=body.record, handed_in_at=at)

    @router.get("/records", dependencies=[needs(Right.RECORDS)])
    async def find(person: Asker, query: Annotated[OfflineFilter, Query()]) -> list[OfflineView]:
        """What was written offline, the newest first; a task `offline` names one by its `about`.
        Agents see all of what they have written, or have the task of."""
        asked = query.model_dump(include={"record", "since", "until"}, exclude_none=True)
        await audit.note(
            who=person.name,
            address=person.address,
            action="search offline records",
            subject=query.record,
            details={key: str(value) for key, value in asked.items() if key != "record"},
        )
        found = await offline.find(**query.model_dump())
        veil = Veil(await tied(person, found))
        return veil.over([OfflineView.model_validate(one, from_attributes=True) for one in found])

    async def tied(person: Person, found: Sequence[HandedIn]) -> ties.Ties | None:
        """Return what ties whoever asks to records; None: nothing is hidden from them (L2)."""
        agent = person.veiled_as
        if agent is None:
            return None
        written = ties.marks(offline=[one.record for one in found if one.agent == agent])
        return written | ties.recorded(agent, (), await records.open_obligations())

    return router
