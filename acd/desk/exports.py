"""Recordings that leave the house: one person asks, another agrees, the first takes them (L2).

Each step is in the audit before it is answered.  Who the two are must be known, so a desk that is
open to everybody on its machine exports nothing.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from acd.adapters.http.access import Asker, Person, needs
from acd.adapters.http.models import AT_MOST
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.exports import ExportRecord, PostgresExports
from acd.adapters.postgres.recordings import PostgresRecordings, RecordingRecord
from acd.core.roles import Right
from acd.desk.archive import Archive
from acd.desk.compression import CompressionFailed
from acd.desk.models import MISSING, NOT_NOW, Export, ExportBody, ExportPath
from acd.desk.package import NotThere, pack
from acd.desk.sealed import Altered
from acd.runtime.logs import logger
from acd.runtime.sealing import KeyMissing

log = logger(__name__)

GOOD_FOR = timedelta(hours=24)
"""So long a wish may be agreed to, and so long after that its package may be taken."""


def exports_router(
    exports: PostgresExports,
    recordings: PostgresRecordings,
    audit: PostgresAudit,
    archive: Archive,
) -> APIRouter:
    """The routes under ``/exports``."""
    router = APIRouter(prefix="/exports", tags=["exports"], dependencies=[needs(Right.EXPORT)])
    one_at_a_time = asyncio.Lock()

    async def note(person: Person, action: str, export: int, **details: str) -> None:
        await audit.note(
            who=person.name,
            address=person.address,
            action=action,
            subject=f"x{export}",
            details=details,
        )

    async def wanted(export: int) -> ExportRecord:
        found = await exports.find(export)
        if not found:
            raise HTTPException(404, f"There is no export {export}.")
        return found[0]

    async def sounds(ids: list[str]) -> list[RecordingRecord]:
        found = await recordings.these(ids)
        for one, row in zip(ids, found, strict=True):
            if row is None:
                raise HTTPException(404, f"There is no recording {one}.")
        return [row for row in found if row is not None]

    async def decide(person: Person, export: int, *, agreed: bool) -> Export:
        named(person)
        known = await wanted(export)
        if known.asked_by == person.name:
            raise HTTPException(409, "Whoever asks for an export does not decide on it.")
        now = datetime.now(UTC)
        # Noted first: what cannot be noted is not agreed to.
        await note(person, "agree to export" if agreed else "refuse export", export)
        if not await exports.decide(
            export, who=person.name, agreed=agreed, at=now, asked_after=now - GOOD_FOR
        ):
            raise HTTPException(409, "It has been decided, or was asked for too long ago.")
        return _model(await wanted(export))

    @router.post("", status_code=201, responses={**MISSING, **NOT_NOW})
    async def ask(person: Asker, body: ExportBody) -> Export:
        """Ask for recordings; somebody else must agree within 24 hours."""
        named(person)
        ids = list(dict.fromkeys(body.recordings))
        await sounds(ids)
        made = await exports.ask(who=person.name, why=body.why, recordings=ids)
        await note(person, "ask for export", made, why=body.why, recordings=" ".join(ids))
        return _model(await wanted(made))

    @router.get("")
    async def listed(
        person: Asker, limit: Annotated[int, Query(ge=1, le=1000, description=AT_MOST)] = 100
    ) -> list[Export]:
        """The newest exports, with who asked for what and who decided."""
        del person
        return [_model(one) for one in await exports.find(limit=limit)]

    @router.post("/{export}/agree", responses={**MISSING, **NOT_NOW})
    async def agree(person: Asker, export: ExportPath) -> Export:
        """Agree to what another has asked for."""
        return await decide(person, export, agreed=True)

    @router.post("/{export}/refuse", responses={**MISSING, **NOT_NOW})
    async def refuse(person: Asker, export: ExportPath) -> Export:
        """Refuse what another has asked for."""
        return await decide(person, export, agreed=False)

    @router.get(
        "/{export}/package",
        response_class=Response,
        responses={200: {"content": {"application/zip": {}}}, **MISSING, **NOT_NOW},
    )
    async def take(person: Asker, export: ExportPath) -> Response:
        """The sounds, each with the export's mark in it, and a list, as ZIP: for whoever asked,
        within 24 hours of the agreement."""
        named(person)
        known = await wanted(export)
        if known.asked_by != person.name:
            raise HTTPException(409, "Only whoever has asked for an export takes it.")
        decided_at = known.decided_at
        if not known.agreed or decided_at is None or datetime.now(UTC) - decided_at > GOOD_FOR:
            raise HTTPException(409, "Nobody has agreed to it within the last 24 hours.")
        found = await sounds(known.recordings)
        await note(person, "take export", export, agreed_by=known.decided_by or "")
        async with one_at_a_time:
            package = await _packed(known, found, archive)
        return FileResponse(
            package,
            media_type="application/zip",
            filename=package.name,
            headers={"Cache-Control": "no-store"},
            background=BackgroundTask(shutil.rmtree, package.parent, ignore_errors=True),
        )

    return router


def named(person: Person) -> None:
    """Raises HTTPException where anybody may give any name: two persons would mean nothing."""
    if person.grant is None:
        raise HTTPException(409, "Exports need tokens, by which two persons are told apart.")


async def _packed(export: ExportRecord, found: Sequence[RecordingRecord], archive: Archive) -> Path:
    """Return the package, alone in a folder that is the caller's to remove.  Raises HTTPException,
    with nothing left, where it cannot be made."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="huling-export-"))
    try:
        return await pack(export, found, archive, folder)
    except BaseException as error:
        await asyncio.to_thread(shutil.rmtree, folder)
        if isinstance(error, NotThere):
            raise HTTPException(404, str(error)) from None
        if isinstance(error, CompressionFailed | Altered | KeyMissing | OSError):
            log.error("An export could not be packed.", export=export.export_id, why=str(error))
            raise HTTPException(409, "It could not be packed; the desk's log says why.") from error
        raise


def _model(one: ExportRecord) -> Export:
    return Export.model_validate(one, from_attributes=True)
