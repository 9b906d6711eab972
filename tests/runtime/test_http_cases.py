"""A desk does with an emergency what a phone's keys do, and what no keys can (E14–E18, E42)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from acd.adapters.http.case_models import CaseQuery
from acd.adapters.http.case_reports import ReportBody
from acd.core.directory import RescueService
from acd.core.emergency.case import CaseRole, Form
from acd.core.events import CaseAction, CaseRequested
from acd.core.events import Control as CallControl
from acd.core.ids import AgentId, CaseId, RequestId
from acd.core.replies import Done, Refusal, Refused
from tests.runtime.test_http import CASE, Control, client_of

CONTACT = {"grade": 1, "name": "李某", "relation": "女儿", "phones": ["13900000077"]}


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
async def client(control: Control) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(control) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "body", "asked"),
    [
        ("flow", {"flow": "complaint"}, (CallControl.FLOW, "1-7", None, "4")),
        ("flow", {"flow": "emergency", "agent": "8001"}, (CallControl.FLOW, "1-7", "8001", "1")),
        ("case", None, (CallControl.CASE, "1-7", None, "")),
        ("case", {"agent": "8001"}, (CallControl.CASE, "1-7", "8001", "")),
        ("rescue", None, (CallControl.RESCUE, "1-7", None, "")),
        ("rescue-on-second-phone", {"digits": "1"}, (CallControl.RESCUE_BESIDE, "1-7", None, "1")),
        ("rescue", {"agent": "8001", "digits": "1"}, (CallControl.RESCUE, "1-7", "8001", "1")),
        ("return", None, (CallControl.RETURN, "1-7", None, "")),
        ("recording", None, (CallControl.RECORDING, "1-7", None, "")),
        ("merge", None, (CallControl.MERGE, "1-7", None, "")),
        ("split", None, (CallControl.SPLIT, "1-7", None, "")),
        ("private", None, (CallControl.PRIVATE, "1-7", None, "")),
        ("fan-out", None, (CallControl.FAN_OUT, "1-7", None, "")),
        ("safe", None, (CallControl.SAFE, "1-7", None, "")),
        ("help-arrived", None, (CallControl.HELP_ARRIVED, "1-7", None, "")),
    ],
)
async def test_everything_that_star_90_to_98_does(
    client: httpx.AsyncClient, control: Control, path: str, body: object, asked: tuple[Any, ...]
) -> None:
    answer = await client.post(f"/calls/1-7/{path}", json=body)
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert control.asked == [asked]


@pytest.mark.parametrize(
    ("path", "body", "details"),
    [
        (
            "form",
            {"place": "厨房", "asks": "120"},
            {"action": CaseAction.FORM, "form": Form(place="厨房", asks="120")},
        ),
        ("car-sent", {}, {"action": CaseAction.CAR_SENT}),
        ("outcome", {"outcome": "test"}, {"action": CaseAction.OUTCOME, "outcome": "test"}),
        ("close", {}, {"action": CaseAction.CLOSE}),
        ("close", {"reason": "误触"}, {"action": CaseAction.CLOSE, "reason": "误触"}),
        ("seen", {}, {"action": CaseAction.SEEN}),
        (
            "called-before",
            {"service": "medical"},
            {"action": CaseAction.CALLED_BEFORE, "service": RescueService.MEDICAL},
        ),
        ("agree", {}, {"action": CaseAction.AGREE}),
        ("disagree", {}, {"action": CaseAction.DISAGREE}),
        (
            "hand-over",
            {"to": "8003", "role": "b"},
            {"action": CaseAction.HAND_OVER, "to": AgentId("8003"), "role": CaseRole.B},
        ),
        ("assign", {"to": "8003"}, {"action": CaseAction.ASSIGN, "to": AgentId("8003")}),
        (
            "guide",
            {"script": "first_aid"},
            {"action": CaseAction.GUIDE, "script": "first_aid"},
        ),
        (
            "step",
            {"script": "first_aid", "step": "awake"},
            {"action": CaseAction.STEP, "script": "first_aid", "step": "awake"},
        ),
        (
            "undo-step",
            {"script": "first_aid", "step": "awake"},
            {"action": CaseAction.UNDO_STEP, "script": "first_aid", "step": "awake"},
        ),
        ("summary", {"summary": "摔倒"}, {"action": CaseAction.SUMMARY, "summary": "摔倒"}),
    ],
)
async def test_what_is_done_with_a_case_from_outside(
    client: httpx.AsyncClient,
    control: Control,
    path: str,
    body: dict[str, str],
    details: dict[str, Any],
) -> None:
    """C09, C10, E02, E21, E35: form, car, outcome, end, agreement, roles and owner."""
    answer = await client.post(f"/cases/1-c1/{path}", json={"agent": "8001", **body})
    assert answer.status_code == 200
    who: dict[str, Any] = {
        "request": RequestId("r1"),
        "case": CaseId("1-c1"),
        "agent": AgentId("8001"),
    }
    assert control.asked == [(CaseRequested(**who, **details),)]


async def test_the_words_of_the_scripts_are_there_for_the_desk(client: httpx.AsyncClient) -> None:
    """E07, E19: what to say and do at each step, all or of one flow; the four flows each have some
    (E01)."""
    scripts = (await client.get("/guidance")).json()
    flows = {"emergency", "enquiry", "referral", "complaint", None}
    assert {one["flow"] for one in scripts} == flows
    (medical,) = [one for one in scripts if one["id"] == "medical"]
    (card,) = [one for one in medical["steps"] if one["id"] == "cash_and_card"]
    assert (card["say"], card["mandatory"], card["clauses"]) == (
        "请带好现金和医保卡。",
        True,
        ["E22"],
    )
    some = (await client.get("/guidance", params={"flow": "referral"})).json()
    assert [one["id"] for one in some] == ["referral"]


async def test_a_second_person_is_asked_first(client: httpx.AsyncClient, control: Control) -> None:
    control.reply = Done(RequestId("r"), "unconfirmed", asked=True)
    answer = await client.post("/cases/1-c1/close", json={"agent": "8001"})
    assert (answer.json()["state"], answer.json()["asked"]) == ("unconfirmed", True)


async def test_refusals_are_the_core_s(client: httpx.AsyncClient, control: Control) -> None:
    control.reply = Refused(RequestId("r"), Refusal.NO_OUTCOME, "Say first how it went.")
    answer = await client.post("/cases/1-c1/close", json={"agent": "8001"})
    assert (answer.status_code, answer.json()["refusal"]) == (409, "no_outcome")
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_CASE, "There is no open case 1-c9.")
    answer = await client.post("/cases/1-c9/agree", json={"agent": "8001"})
    assert (answer.status_code, answer.json()) == (404, {"sentence": "There is no open case 1-c9."})
    control.reply = Refused(RequestId("r"), Refusal.NO_CASE, "There is no case of call 1-7.")
    answer = await client.post("/calls/1-7/merge")
    assert (answer.status_code, answer.json()["refusal"]) == (409, "no_case")


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/calls/1-7/rescue", {"digits": "1#"}),
        ("/calls/1-7/rescue", {"digits": "1" * 33}),
        ("/cases/1-c1/close", None),
        ("/cases/1-c1/form", {"agent": "8001", "place": "x" * 501}),
        ("/cases/1-c1/hand-over", {"agent": "8001", "to": "8002"}),
        ("/cases/1-c1/hand-over", {"agent": "8001", "to": "8002", "role": "c"}),
        ("/cases/1-c1/assign", {"agent": "8001", "to": "no body"}),
    ],
)
async def test_bad_input_is_one_sentence_and_asks_nothing(
    client: httpx.AsyncClient, control: Control, url: str, body: object
) -> None:
    answer = await client.post(url, json=body)
    assert (answer.status_code, list(answer.json())) == (422, ["sentence"])
    assert not control.asked


async def test_cases_are_listed_and_shown(client: httpx.AsyncClient, control: Control) -> None:
    (case,) = (await client.get("/cases")).json()
    assert (case["id"], case["state"], case["a"], case["calls"]) == (
        "1-c1",
        "open",
        "8001",
        ["1-7"],
    )
    await client.get("/cases?elder=e0001&terminal=t1&since=2026-03-01T08:00:00&limit=5")
    await client.post("/cases/search", json={"number": "02160000001"})
    since = datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert control.asked == [
        ("cases", CaseQuery()),
        ("cases", CaseQuery(elder="e0001", terminal="t1", since=since, limit=5)),
        ("cases", CaseQuery(number="02160000001")),
    ]
    assert [query.is_for_open for _, query in control.asked] == [True, False, False]
    shown = (await client.get("/cases/1-c1")).json()
    assert (shown["scenes"], shown["obligations"]) == ([], [])
    told = (await client.get("/cases/1-c1/timeline")).json()
    assert [entry["sentence"] for entry in told["entries"]] == ["It began."]
    assert (await client.get("/cases/1-c2/timeline")).status_code == 404
    missing = await client.get("/cases/1-c2")
    assert (missing.status_code, missing.json()) == (404, {"sentence": "There is no case 1-c2."})


async def test_the_elders_record_is_there_for_whoever_sends_help(client: httpx.AsyncClient) -> None:
    """E04, E08, E20: place, way in and condition; an elder whom nobody knows is told."""
    shown = (await client.get("/elders/e0001")).json()
    assert (shown["entrance"], shown["route"]) == ("东门", "右转")
    assert (shown["history"], shown["living"]) == (["高血压"], "alone")
    assert shown["emergency_only"] is False
    missing = await client.get("/elders/e0002")
    assert (missing.status_code, missing.json()) == (404, {"sentence": "There is no elder e0002."})


async def test_what_an_agent_has_learnt_goes_into_the_elders_file(
    client: httpx.AsyncClient, control: Control
) -> None:
    """E12, E17: only the fields that are given, and null is a word too."""
    words: dict[str, Any] = {"gate_code": " 9911 ", "lift": None, "history": []}
    body = {"agent": "8001", "case": "1-c1", "words": words}
    shown = await client.patch("/elders/e0001", json=body)
    assert (shown.status_code, shown.json()["id"]) == (200, "e0001")
    assert control.asked == [
        ("e0001", {"gate_code": "9911", "lift": None, "history": []}, "8001", "1-c1")
    ]
    assert (await client.patch("/elders/e0002", json=body)).status_code == 404
    control.reply = Refused(RequestId("r1"), Refusal.UNKNOWN_AGENT, "There is no agent 8001.")
    refused = await client.patch("/elders/e0001", json=body)
    assert (refused.status_code, refused.json()["sentence"]) == (404, "There is no agent 8001.")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({}, "says nothing"),
        ({"name": "李某"}, "name"),
        ({"living": None}, "living"),
        ({"hearing": "so-so"}, "hearing"),
        ({"gate_code": "  "}, "should be words in one line"),
        ({"gate_code": "99\n11"}, "should be words in one line"),
        ({"contacts": [{**CONTACT, "phones": ["12"]}]}, "should be a telephone number"),
        ({"contacts": [CONTACT, CONTACT]}, "two contacts of one grade"),
        ({"medication": [{"name": "阿司匹林", "times": ["25:00"]}]}, "times"),
    ],
)
async def test_what_cannot_stand_in_a_file_is_one_sentence_and_asks_nothing(
    client: httpx.AsyncClient, control: Control, words: dict[str, Any], sentence: str
) -> None:
    answer = await client.patch("/elders/e0001", json={"agent": "8001", "words": words})
    assert answer.status_code == 422
    assert sentence in answer.json()["sentence"]
    assert control.asked == []


async def test_the_documentation_has_it_all(client: httpx.AsyncClient) -> None:
    """A desk can be built from /openapi.json: every action says what it does and how it fails."""
    paths = (await client.get("/openapi.json")).json()["paths"]
    actions = [path for path in paths if path.startswith(("/cases", "/calls/{call}/"))]
    assert {"/cases", "/cases/{case}", "/cases/{case}/close", "/calls/{call}/fan-out"} <= set(
        actions
    )
    for path in actions:
        for what in paths[path].values():
            assert what["description"], path
            assert {"404", "503"} <= set(what["responses"]), path


async def test_the_report_is_handed_in_for_an_open_or_a_closed_case(
    client: httpx.AsyncClient, control: Control
) -> None:
    """E11: the family called, how the elder is, how content they are."""
    body = {
        "agent": "8001", "family": "女儿", "condition": "已出院", "scale": "s0", "rating": "满意",
    }  # fmt: skip
    control.reply = Done(RequestId("r"), "ready")
    path = f"/cases/{CASE.id}/report"
    assert (await client.post(path, json=body)).status_code == 200
    assert control.asked == [(CASE.id, ReportBody.model_validate(body))]
    missing = await client.post("/cases/9-c9/report", json=body)
    assert (missing.status_code, missing.json()["sentence"]) == (404, "There is no case 9-c9.")
    control.reply = Refused(RequestId("r"), Refusal.NO_REPORT_OWED, "No report is owed.")
    refused = await client.post(path, json=body)
    assert (refused.status_code, refused.json()["refusal"]) == (409, "no_report_owed")
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_AGENT, "There is no agent 8999.")
    assert (await client.post(path, json=body | {"agent": "8999"})).status_code == 404
    for wrong in ({"rating": ""}, {"scale": "s1"}, {"family": None}):
        assert (await client.post(path, json=body | wrong)).status_code == 422
