"""What agents did, searched by agent, seat and time, without a gap (Q08, K07); noted (L2)."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from acd.adapters.http.access import Asker, needs
from acd.adapters.http.models import AT_MOST, Moment
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.records import LIMIT_MAX, PostgresRecords
from acd.core.roles import Right
from acd.desk.models import AgentStretch, AgentWord, SeatWord


def agents_router(records: PostgresRecords, audit: PostgresAudit) -> APIRouter:
    """The route ``/agent-states``."""
    router = APIRouter(tags=["agents"], dependencies=[needs(Right.REPORT)])

    @router.get("/agent-states")
    async def states(
        person: Asker,
        since: Annotated[Moment, Query(description="Where the span begins (RFC 3339)")],
        until: Annotated[Moment, Query(description="Where it ends (RFC 3339)")],
        agent: AgentWord = None,
        seat: SeatWord = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description=AT_MOST)] = LIMIT_MAX,
    ) -> list[AgentStretch]:
        """Stretches of agents' days that touch a span, oldest first; the one that goes on has no
        end.  A moment without a zone is UTC."""
        if until <= since:
            raise HTTPException(422, "until: must lie after since.")
        await audit.note(
            who=person.name,
            address=person.address,
            action="see agent states",
            subject=agent or seat,
            details={"since": since.isoformat(), "until": until.isoformat()},
        )
        found = await records.agent_states(
            since=since, until=until, agent=agent, seat=seat, limit=limit
        )
        return [AgentStretch.model_validate(one, from_attributes=True) for one in found]

    return router
