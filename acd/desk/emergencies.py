"""The report of an emergency as a page to print and hand in (E11, E12).  Opening it is noted, and
an agent sees all of it who has a part in the open case, or something owed for it (L2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, HTTPException, Response

from acd.adapters.http.access import Asker, Person, needs
from acd.adapters.http.parameters import CasePath
from acd.adapters.http.veil import hidden
from acd.adapters.postgres.audit import PostgresAudit
from acd.adapters.postgres.cases import CaseFact
from acd.adapters.postgres.elders import Elder
from acd.adapters.postgres.moments import moment
from acd.adapters.postgres.records import PostgresRecords
from acd.core import ties
from acd.core.emergency.case import Case
from acd.core.follow_up.owed import Closing, OwedFor
from acd.core.roles import Right
from acd.desk.models import MISSING
from acd.desk.page import templates

SERVICES = {"police": "110", "fire": "119", "medical": "120"}
OUTCOMES = {
    "settled": "已办结", "safe": "平安", "help sent": "已派救援", "passed on": "已转办",
    "call back promised": "约定回电", "accidental": "误碰", "test": "测试", "wrong number": "错号",
    "nuisance": "骚扰", "no response": "无人应答",
}  # fmt: skip
CONTACTS = {"reached": "已接通", "accepted": "已答应前往", "not reached": "未接通"}
MOMENTS = {
    "opened": "立案", "another call": "再次来电", "a taken": "A 席接手", "b taken": "B 席接手",
    "one agent on duty": "一人值守，系统代行 B 席", "medical reached": "接通 120",
    "police reached": "接通 110", "fire reached": "接通 119", "car sent": "120 已派车",
    "all called": "同时呼叫全部联系人", "no response": "无应答", "responds": "有应答",
    "safe": "确认平安", "help arrived": "救援到场", "form": "填写任务单", "summary": "填写小结",
    "seen": "领导已阅", "agreed": "第二人同意不派救援", "closed": "结案",
}  # fmt: skip
"""What stands on the page of all that the timeline has; the rest is in the control API."""


def emergencies_router(
    records: PostgresRecords, audit: PostgresAudit, *, zone: ZoneInfo
) -> APIRouter:
    """The route ``/cases/{case}/report``; ``zone`` is where its times are read."""
    router = APIRouter(prefix="/cases", tags=["cases"], dependencies=[needs(Right.RECORDS)])

    @router.get(
        "/{case}/report",
        response_class=Response,
        responses={200: {"content": {"text/html": {}}}, **MISSING},
    )
    async def report(person: Asker, case: CasePath) -> Response:
        """The report of an emergency, to print, sign and hand in: who and where, what happened
        when, who was called, how it ended, and what the family said the day after."""
        found = await records.case(case)
        if found is None:
            raise HTTPException(404, f"There is no case {case}.")
        await audit.note(
            who=person.name,
            address=person.address,
            action="see emergency report",
            subject=case,
            details={},
        )
        known = [await records.elder(elder) for elder in found.elders]
        facts = await records.case_facts(found)
        is_masked = await is_strange(person, found)
        if is_masked:
            found = msgspec.convert(hidden(msgspec.to_builtins(found)), Case)
            facts = [msgspec.structs.replace(one, body=hidden(one.body)) for one in facts]
        elders = [one for one in known if one is not None]
        page = as_page(found, elders, facts, zone, is_masked=is_masked)
        return Response(page, media_type="text/html")

    async def is_strange(person: Person, case: Case) -> bool:
        """Tell whether nothing that the records have ties an agent to a case."""
        agent = person.veiled_as
        if agent is None:
            return False
        open_cases = [case] if case.is_open else []
        theirs = ties.recorded(agent, open_cases, await records.open_obligations())
        return theirs.isdisjoint(ties.of_case(case))

    return router


def as_page(
    case: Case,
    elders: Sequence[Elder],
    facts: Sequence[CaseFact],
    zone: ZoneInfo,
    *,
    is_masked: bool,
) -> str:
    """Return the page's HTML; what nobody has said stands as a dash to fill in by hand."""

    def clock(at: datetime) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    reports = [one for one in facts if one.kind == "EmergencyReported"]
    handed: dict[str, Any] | None = reports[-1].body if reports else None
    revisits = [one for one in facts if one.kind == "ObligationNoted" and _is_revisit(one.body)]
    return templates.get_template("emergency.html").render(
        case=case,
        is_masked=is_masked,
        elders=elders,
        opened=clock(moment(case.opened_ms)),
        closed=None if case.closed_ms is None else clock(moment(case.closed_ms)),
        outcome=None if case.outcome is None else OUTCOMES.get(case.outcome, case.outcome),
        services=[SERVICES[one] for one in case.services],
        moments=[
            (clock(one.at), words, one.body["by"])
            for one in facts
            if one.kind == "CaseNoted" and (words := _moment(one.body["what"])) is not None
        ],
        form=msgspec.structs.asdict(case.form),
        report=handed,
        reported=clock(reports[-1].at) if reports else None,
        revisits=[(clock(one.at), one.body["obligation"]) for one in revisits],
    )


def _is_revisit(body: dict[str, Any]) -> bool:
    """Tell whether somebody has said here that a revisit was made; its summary is the reason."""
    owed = body["obligation"]
    return (owed["why"], owed["closing"]) == (OwedFor.REVISIT, Closing.DONE)


def _moment(what: str) -> str | None:
    if what.startswith("outcome "):
        outcome = what.removeprefix("outcome ")
        return f"结果：{OUTCOMES.get(outcome, outcome)}"
    if what.startswith("contact "):
        _, number, became = what.split(" ", 2)
        return f"联系人 {number} {CONTACTS.get(became, became)}"
    return MOMENTS.get(what)
