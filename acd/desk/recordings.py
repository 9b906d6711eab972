"""Recordings over HTTP: found by call, agent, terminal and time, and played (T21, T22).

Whatever is seen or heard is noted before it is sent: what cannot be noted is not shown (L2).
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from acd.adapters.http.access import Asker, Person, needs
from acd.adapters.http.models import AT_MOST
from acd.adapters.http.parameters import NONE_MISSPELT
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.recordings import (
    LIMIT_MAX,
    PostgresRecordings,
    RecordingRecord,
    RecordingState,
)
from acd.core.roles import Right
from acd.desk.archive import CHUNK_BYTES, Archive, wav_header
from acd.desk.metrics import DeskMetrics
from acd.desk.models import (
    MISSING,
    NOT_NOW,
    AgentWord,
    AuditNote,
    HoldBody,
    Recording,
    RecordingPath,
    Since,
    Until,
    Word,
)
from acd.desk.sealed import Altered, is_sealed
from acd.desk.sealed_answer import BadRange, heard
from acd.runtime.logs import logger
from acd.runtime.sealing import KeyMissing

log = logger(__name__)

_NOT_TO_BE_HEARD = {
    RecordingState.EMPTY: (404, "The line was never taken up: there was no sound to record."),
    RecordingState.MISSING: (404, "Its file is missing: restore it from the backup."),
    RecordingState.DELETED: (410, "It was deleted when its time was over."),
}


def recordings_router(
    recordings: PostgresRecordings,
    audit: PostgresAudit,
    archive: Archive,
    metrics: DeskMetrics,
) -> APIRouter:
    """The routes under ``/recordings`` and ``/audit``."""
    router = APIRouter()
    _add_search(router, recordings, audit)
    _add_sound(router, recordings, audit, archive, metrics)
    _add_holds(router, recordings, audit)
    _add_audit(router, audit)
    return router


def _add_search(router: APIRouter, recordings: PostgresRecordings, audit: PostgresAudit) -> None:
    hear = [needs(Right.HEAR)]

    @router.get("/recordings", tags=["recordings"], dependencies=[*hear, NONE_MISSPELT])
    async def find(
        person: Asker,
        call: Annotated[Word, Query(description="The call's id")] = None,
        agent: AgentWord = None,
        terminal: Annotated[Word, Query(description="The id of the caller's terminal")] = None,
        since: Since = None,
        until: Until = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description=AT_MOST)] = 100,
    ) -> list[Recording]:
        """Recordings, newest first; a moment without a zone is UTC.  ``agent`` finds whoever was
        joined to the call."""
        await _note(
            audit, person, "search recordings", None, call=call, agent=agent, terminal=terminal,
            since=_shown(since), until=_shown(until),
        )  # fmt: skip
        found = await recordings.find(
            call=call, agent=agent, terminal=terminal, since=since, until=until, limit=limit
        )
        return [_model(one) for one in found]

    @router.get(
        "/recordings/{recording}", tags=["recordings"], responses=MISSING, dependencies=hear
    )
    async def one(person: Asker, recording: RecordingPath) -> Recording:
        """One recording."""
        found = await _wanted(recordings, recording)
        await _note(audit, person, "see recording", recording)
        return _model(found)


def _add_sound(
    router: APIRouter,
    recordings: PostgresRecordings,
    audit: PostgresAudit,
    archive: Archive,
    metrics: DeskMetrics,
) -> None:
    @router.get(
        "/recordings/{recording}/audio",
        tags=["recordings"],
        dependencies=[needs(Right.HEAR)],
        response_class=Response,
        responses={
            200: {"content": {"audio/flac": {}, "audio/wav": {}}},
            206: {},
            **MISSING,
            **NOT_NOW,
        },
    )
    async def audio(person: Asker, recording: RecordingPath, request: Request) -> Response:
        """The sound: left what the caller said, right what the caller heard.

        FLAC, with range requests; WAV as far as it goes while it has not been compressed yet.
        """
        asked = request.headers.get("Range")
        found = await _wanted(recordings, recording)
        answer = await _sound(found, archive, asked)
        if answer is None:
            # Compressed between the two looks.
            answer = await _sound(await _wanted(recordings, recording), archive, asked)
        if answer is None:
            raise HTTPException(404, "Its file is missing: restore it from the backup.")
        await _note(audit, person, "play recording", recording, call=found.call_id, range=asked)
        metrics.plays.inc()
        return answer


def _add_holds(router: APIRouter, recordings: PostgresRecordings, audit: PostgresAudit) -> None:
    hold_it = [needs(Right.HOLD)]

    @router.post(
        "/recordings/{recording}/hold",
        tags=["recordings"],
        responses={**MISSING, **NOT_NOW},
        dependencies=hold_it,
    )
    async def hold(person: Asker, recording: RecordingPath, body: HoldBody) -> Recording:
        """Put on legal hold: kept until released, however old (C19)."""
        found = await _wanted(recordings, recording)
        now = datetime.now(UTC)
        if not await recordings.hold(recording, at=now, who=person.name, why=body.why):
            why = "deleted" if found.state is RecordingState.DELETED else "on hold already"
            raise HTTPException(409, f"The recording is {why}.")
        await _note(audit, person, "hold recording", recording, why=body.why)
        return _model(await _wanted(recordings, recording))

    @router.delete(
        "/recordings/{recording}/hold",
        tags=["recordings"],
        responses={**MISSING, **NOT_NOW},
        dependencies=hold_it,
    )
    async def release(person: Asker, recording: RecordingPath) -> Recording:
        """End a legal hold."""
        found = await _wanted(recordings, recording)
        if not await recordings.release(recording):
            raise HTTPException(409, "The recording is not on hold.")
        await _note(audit, person, "release recording", recording, held_why=found.held_why)
        return _model(await _wanted(recordings, recording))


def _add_audit(router: APIRouter, audit: PostgresAudit) -> None:
    @router.get("/audit", tags=["audit"], dependencies=[needs(Right.AUDIT), NONE_MISSPELT])
    async def notes(
        person: Asker,
        who: Annotated[Word, Query(description="The name of whoever did it")] = None,
        subject: Annotated[Word, Query(description="The id of what it was done to")] = None,
        since: Since = None,
        until: Until = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description=AT_MOST)] = 100,
    ) -> list[AuditNote]:
        """Who saw, heard and did what; newest first."""
        await _note(audit, person, "see audit", None, who=who, subject=subject)
        found = await audit.find(who=who, subject=subject, since=since, until=until, limit=limit)
        return [AuditNote.model_validate(one, from_attributes=True) for one in found]


async def _note(
    audit: PostgresAudit, person: Person, action: str, of: str | None, **details: str | None
) -> None:
    given = {key: value for key, value in details.items() if value is not None}
    await audit.note(
        who=person.name, address=person.address, action=action, subject=of, details=given
    )


async def _wanted(recordings: PostgresRecordings, recording: str) -> RecordingRecord:
    found = await recordings.one(recording)
    if found is None:
        raise HTTPException(404, f"There is no recording {recording}.")
    return found


async def _sound(found: RecordingRecord, archive: Archive, asked: str | None) -> Response | None:
    """The answer that carries the sound, None when the file is not where the row says.

    Raises HTTPException for a recording that cannot be heard."""
    refused = _NOT_TO_BE_HEARD.get(found.state)
    if refused is not None:
        raise HTTPException(*refused)
    if found.file is not None:
        path = archive.path(found.file)
        if not await asyncio.to_thread(path.is_file):
            return None
        if is_sealed(path.name):
            return await _unsealed(path, archive, asked)
        return FileResponse(path, media_type="audio/flac", filename=path.name,
                            content_disposition_type="inline")  # fmt: skip
    raw = await asyncio.to_thread(archive.raw, found.recording_id)
    if raw is None:
        if found.state is RecordingState.RECORDING:
            raise HTTPException(404, "There has been no sound on the line yet.")
        return None
    header = wav_header(raw.bytes)
    return StreamingResponse(
        _samples(raw.path, header, raw.bytes),
        media_type="audio/wav",
        headers={"Content-Length": str(len(header) + raw.bytes), "Cache-Control": "no-store"},
    )


async def _unsealed(path: Path, archive: Archive, asked: str | None) -> Response:
    """What a sealed file holds, opened as it is sent."""
    try:
        return await asyncio.to_thread(heard, path, archive.keys, asked)
    except BadRange as bad:
        raise HTTPException(bad.status, str(bad), headers=bad.headers) from None
    except Altered as altered:
        log.error("A recording is not what was sealed.", file=path.name, why=str(altered))
        raise HTTPException(
            404, "Its file is not what was written: restore it from the backup."
        ) from None
    except KeyMissing as missing:
        log.error("A recording cannot be opened.", file=path.name, why=str(missing))
        raise HTTPException(
            409, "It is sealed under a key that the desk does not have; its log says which."
        ) from None


def _samples(path: Path, header: bytes, size: int) -> Iterator[bytes]:
    """What has been recorded up to the question; the file may go on growing."""
    yield header
    with path.open("rb") as file:
        while size > 0 and (chunk := file.read(min(size, CHUNK_BYTES))):
            size -= len(chunk)
            yield chunk


def _model(found: RecordingRecord) -> Recording:
    return Recording.model_validate({name: getattr(found, name) for name in Recording.model_fields})


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
