"""The regulator's port: feeds of records with id and version, and what was acknowledged (L3, G02).

Whoever reads is in the audit before anything is shown (L2).
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, HTTPException, Path, Query, Response

from acd.adapters.http.access import Asker, Person, needs
from acd.adapters.http.models import AT_MOST
from acd.adapters.http.parameters import NONE_MISSPELT
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.feeds import FeedRow, NoSuchVersion, PostgresFeeds
from acd.core.roles import Right
from acd.desk.feed_models import (
    FEEDS,
    Acknowledgement,
    Feed,
    FeedRecord,
    Kept,
    Page,
    Receipts,
    Standing,
)
from acd.desk.models import NOT_NOW, Word

LIMIT_MAX = 1_000

FeedPath = Annotated[Feed, Path(description="The feed's name, as `GET /feeds` has it")]
AfterWord = Annotated[
    int, Query(ge=0, lt=2**63, description="``next`` of the page before; 0: from the beginning")
]
LimitWord = Annotated[int, Query(ge=1, le=LIMIT_MAX, description=AT_MOST)]


def feeds_router(feeds: PostgresFeeds, audit: PostgresAudit) -> APIRouter:
    """The routes under ``/feeds``."""
    router = APIRouter(prefix="/feeds", tags=["feeds"])
    see, acknowledge = [needs(Right.FEED)], [needs(Right.ACKNOWLEDGE)]

    async def note(person: Person, action: str, feed: str, **details: object) -> None:
        await audit.note(
            who=person.name,
            address=person.address,
            action=action,
            subject=feed,
            details={name: str(value) for name, value in details.items()},
        )

    @router.get("", dependencies=see)
    async def listed(person: Asker) -> list[Standing]:
        """Every feed, how many records it has, and what waits for an acknowledgement."""
        del person
        return [
            Standing(what=_what(FEEDS[Feed(one.feed)]), **msgspec.structs.asdict(one))
            for one in await feeds.standing(list(FEEDS))
        ]

    def reading(feed: Feed) -> Callable[..., Awaitable[Response]]:
        async def read(person: Asker, after: AfterWord = 0, limit: LimitWord = 100) -> Response:
            newest = await feeds.newest(feed)
            if after > newest:
                raise HTTPException(
                    409,
                    f"{feed} has come to {newest} and not to {after}: the house was brought back "
                    "from a backup. Begin again with after=0; ids and versions tell what you have.",
                )
            await note(person, "read feed", feed, after=after, limit=limit)
            return _page(await feeds.page(feed, after=after, limit=limit), after)

        return read

    for name, model in FEEDS.items():
        router.get(
            f"/{name}",
            name=name,
            description=f"{_what(model)} In the order in which they became what they are.",
            response_class=Response,
            responses={200: {"model": Page[model]}, **NOT_NOW},  # type: ignore[valid-type]
            dependencies=[*see, NONE_MISSPELT],
        )(reading(name))

    @router.post("/{feed}/acknowledgements", dependencies=acknowledge, responses=NOT_NOW)
    async def acknowledged(person: Asker, feed: FeedPath, body: Receipts) -> Kept:
        """Say which versions of which records have arrived.  Said twice it is kept once; a version
        that has never been there is refused, and then nothing is kept."""
        versions = [(one.id, one.version) for one in body.records]
        try:
            kept = await feeds.acknowledge(feed, versions, who=person.name)
        except NoSuchVersion as wrong:
            raise HTTPException(409, str(wrong)) from None
        await note(person, "acknowledge feed", feed, records=len(versions), kept=kept)
        return Kept(kept=kept)

    @router.get("/{feed}/acknowledgements", dependencies=[*see, NONE_MISSPELT])
    async def receipts(
        person: Asker,
        feed: FeedPath,
        record: Annotated[Word, Query(description="Of this record alone")] = None,
        limit: LimitWord = 100,
    ) -> list[Acknowledgement]:
        """The newest acknowledgements: who has which version of which record, and since when."""
        await note(person, "see acknowledgements", feed, record=record or "")
        return [
            Acknowledgement.model_validate(one)
            for one in await feeds.acknowledged(feed, record=record, limit=limit)
        ]

    return router


def _page(rows: list[FeedRow], after: int) -> Response:
    """Records go out as they were made: what has an id and a version does not change again."""
    page = {
        "sent_at": datetime.now(UTC),
        "records": [
            {
                "id": one.record_id,
                "version": one.version,
                "changed_at": one.changed_at,
                "record": msgspec.Raw(one.body.encode()),
            }
            for one in rows
        ],
        "next": rows[-1].position if rows else after,
    }
    return Response(msgspec.json.encode(page), media_type="application/json")


def _what(model: type[FeedRecord]) -> str:
    return (model.__doc__ or "").replace("\n", " ")
