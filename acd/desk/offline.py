"""What agents wrote down while the system was away is handed in here (D19, X14).

A record has an id that the browser made, and is taken once, however often it comes.  What is still
open, or was an emergency, the service makes somebody's task
(``acd.runtime.watching.offline_records``).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from acd.adapters.http.access import Asker, needs
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.offline import OfflineRecord, PostgresOffline
from acd.core.roles import Right
from acd.desk.models import (
    MISSING,
    NOT_NOW,
    OfflineBody,
    OfflineFilter,
    OfflineTaken,
    OfflineView,
)

AHEAD_MAX = timedelta(minutes=5)
BACK_MAX = timedelta(days=366)
"""A clock that is further off is wrong, and what it says would stand in the record."""


def offline_router(
    records: PostgresOffline,
    audit: PostgresAudit,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """The routes under ``/offline``."""
    router = APIRouter(prefix="/offline", tags=["offline"])

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
        if not await records.knows_agent(body.agent):
            raise HTTPException(404, f"There is no agent {body.agent}.")
        at = await records.take(OfflineRecord(**body.model_dump()), by=person.name)
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
        """What was written offline, the newest first; a task `offline` names one by its `about`."""
        asked = query.model_dump(include={"record", "since", "until"}, exclude_none=True)
        await audit.note(
            who=person.name,
            address=person.address,
            action="search offline records",
            subject=query.record,
            details={key: str(value) for key, value in asked.items() if key != "record"},
        )
        found = await records.find(**query.model_dump())
        return [OfflineView.model_validate(one) for one in found]

    return router
