"""Reports over HTTP: as JSON, CSV, XLSX and a printable page (K02, K07).  Each is noted (L2)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response

from acd.adapters.http.access import Asker, needs
from acd.adapters.http.parameters import NONE_MISSPELT
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.reports import PostgresReports
from acd.core.emergency.guide import Flow
from acd.core.roles import Right
from acd.desk.figures import DoesNotAddUp
from acd.desk.models import NOT_NOW, AgentWord, Answers, SeatWord, Word
from acd.desk.page import as_page
from acd.desk.periods import Kind, Period, ReportRefused, period, span
from acd.desk.report import Filter, Report, make_report
from acd.desk.spreadsheet import as_csv, as_xlsx

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Form(StrEnum):
    """How a report is sent."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


QueueWord = Annotated[Word, Query(description="The queue's id")]
SkillWord = Annotated[Word, Query(description="The id of a skill that the queue needs")]
EntryWord = Annotated[Word, Query(description="Which number of ours was called")]
FlowWord = Annotated[Flow | None, Query(description="What the call turned out to be (*21)")]


def _filter(
    agent: AgentWord = None,
    seat: SeatWord = None,
    queue: QueueWord = None,
    skill: SkillWord = None,
    entry: EntryWord = None,
    flow: FlowWord = None,
) -> Filter:
    return Filter(agent=agent, seat=seat, queue=queue, skill=skill, entry=entry, flow=flow)


Of = Annotated[Filter, Depends(_filter)]
"""Which calls a report is of."""

FormWord = Annotated[
    Form, Query(alias="format", description="csv and xlsx are files; html is a page to print")
]

_REPORT: Answers = {
    200: {"content": {kind: {} for kind in ("application/json", "text/csv", _XLSX, "text/html")}}
}


def _now() -> datetime:
    return datetime.now(UTC)


def reports_router(
    reports: PostgresReports,
    audit: PostgresAudit,
    *,
    zone: ZoneInfo,
    clock: Callable[[], datetime] = _now,
) -> APIRouter:
    """The routes under ``/reports``; ``zone`` is where days begin."""
    router = APIRouter(
        prefix="/reports", tags=["reports"], dependencies=[needs(Right.REPORT), NONE_MISSPELT]
    )

    async def answer(person: Asker, wanted: Period, filter_: Filter, form: Form) -> Response:
        try:
            report = await make_report(reports, wanted, filter_, clock())
        except ReportRefused as refused:
            raise HTTPException(422, str(refused)) from None
        except DoesNotAddUp as wrong:
            raise HTTPException(409, str(wrong)) from None
        await audit.note(
            who=person.name,
            address=person.address,
            action="see report" if form in (Form.JSON, Form.HTML) else "export report",
            subject=report.title,
            details={"form": form, "of": filter_.words()},
        )
        return _written(report, wanted, form)

    def today() -> date:
        return clock().astimezone(zone).date()

    @router.get("/span", response_class=Response, responses={**_REPORT, **NOT_NOW})
    async def of_span(
        person: Asker,
        first: Annotated[date, Query(description="The first day, such as 2026-03-14")],
        last: Annotated[date, Query(description="The last day, which is part of it")],
        of: Of,
        form: FormWord = Form.JSON,
    ) -> Response:
        """From one day to another, both included."""
        try:
            wanted = span(first, last, zone)
        except ReportRefused as refused:
            raise HTTPException(422, str(refused)) from None
        return await answer(person, wanted, of, form)

    @router.get("/{kind}", response_class=Response, responses={**_REPORT, **NOT_NOW})
    async def of_kind(
        person: Asker,
        kind: Annotated[Kind, Path(description="How long its span is; a week begins on Monday")],
        of: Of,
        day: Annotated[
            date | None, Query(alias="date", description="A day in it, such as 2026-03-14")
        ] = None,
        form: FormWord = Form.JSON,
    ) -> Response:
        """The day, week, month, quarter or year in which ``date`` lies; without it, today's."""
        try:
            wanted = period(kind, day or today(), zone)
        except ReportRefused as refused:
            raise HTTPException(422, str(refused)) from None
        return await answer(person, wanted, of, form)

    return router


def _written(report: Report, wanted: Period, form: Form) -> Response:
    name = f"huling-{report.kind}-{report.first}"
    match form:
        case Form.CSV:
            return Response(as_csv(report), media_type="text/csv", headers=_attached(f"{name}.csv"))
        case Form.XLSX:
            return Response(as_xlsx(report), media_type=_XLSX, headers=_attached(f"{name}.xlsx"))
        case Form.HTML:
            return Response(as_page(report, wanted), media_type="text/html")
    return Response(msgspec.json.encode(report), media_type="application/json")


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
