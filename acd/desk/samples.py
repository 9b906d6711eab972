"""A sample of recordings drawn by chance, for whoever judges how agents talk (Q12, S4 Art 39).

Chance is a seed: without one the desk throws it and tells it, and whoever gives it again draws the
same.  Every draw is in the audit before it is shown (L2), so that nobody throws until they like
what comes.
"""

import secrets
from datetime import datetime, timedelta

from fastapi import APIRouter, HTTPException

from acd.adapters.http.access import Asker, needs
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.recordings import PostgresRecordings
from acd.adapters.postgres.reports import PostgresReports
from acd.adapters.postgres.samples import Drawn, PostgresSamples
from acd.core.roles import Right
from acd.desk.models import SEEDS, Recording, Sample, SampleBody

SPAN_MAX = timedelta(days=366)


def samples_router(
    samples: PostgresSamples,
    recordings: PostgresRecordings,
    reports: PostgresReports,
    audit: PostgresAudit,
) -> APIRouter:
    """The route ``/samples``."""
    router = APIRouter(prefix="/samples", tags=["recordings"], dependencies=[needs(Right.HEAR)])

    async def queues_of(body: SampleBody) -> list[str] | None:
        if body.skill is None:
            return None if body.queue is None else [body.queue]
        asking = await reports.queues_of(body.skill)
        if not asking:
            raise HTTPException(422, f"No queue asks for the skill {body.skill}.")
        return [one for one in asking if body.queue in (None, one)]

    @router.post("")
    async def draw(person: Asker, body: SampleBody) -> Sample:
        """Draw recordings of a span by chance; each conversation is as likely as any other.

        Drawn from are conversations of callers with agents: with sound in the archive, no proofs
        and no tests of terminals.  ``each_agent``: everybody who had part in one is heard at least
        once.  The same ``seed`` draws the same again."""
        _check_span(body.since, body.until)
        queues = await queues_of(body)
        seed = secrets.randbelow(SEEDS) if body.seed is None else body.seed
        drawn = await samples.draw(
            since=body.since,
            until=body.until,
            agent=body.agent,
            queues=queues,
            seed=seed,
            count=body.count,
            each_agent=body.each_agent,
        )
        if body.each_agent and drawn.agents > body.count:
            raise HTTPException(
                422,
                f"{drawn.agents} agents had conversations then, so {body.count} cannot hold one of "
                f"each: ask for {drawn.agents} or more, or not for each agent.",
            )
        await audit.note(
            who=person.name,
            address=person.address,
            action="draw sample",
            subject=f"seed {seed}",
            details=_details(body, drawn),
        )
        rows = await recordings.these(drawn.recordings)
        return Sample(
            seed=seed,
            talks=drawn.talks,
            agents=drawn.agents,
            recordings=[Recording.model_validate(row) for row in rows if row is not None],
        )

    return router


def _check_span(since: datetime, until: datetime) -> None:
    if until <= since:
        raise HTTPException(422, "The span's end should lie behind its beginning.")
    if until - since > SPAN_MAX:
        raise HTTPException(422, f"A span has at most {SPAN_MAX.days} days.")


def _details(body: SampleBody, drawn: Drawn) -> dict[str, str]:
    """What the audit keeps: all that is needed to draw it again, and what came."""
    asked = {
        "since": body.since.isoformat(),
        "until": body.until.isoformat(),
        "agent": body.agent,
        "queue": body.queue,
        "skill": body.skill,
        "count": str(body.count),
        "each_agent": "yes" if body.each_agent else "no",
        "talks": str(drawn.talks),
        "recordings": " ".join(drawn.recordings),
    }
    return {key: value for key, value in asked.items() if value is not None}
