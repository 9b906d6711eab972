"""The control API says what the switch says, refuses as it refuses, and needs no network."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from acd.adapters.http import HttpServer, Unanswered, create_app
from acd.adapters.http import server as server_module
from acd.adapters.http.access import Door
from acd.adapters.http.case_models import CaseDetail, CaseQuery, CaseView, Timeline, TimelineEntry
from acd.adapters.http.case_reports import ReportBody
from acd.adapters.http.control import ControlPort, Verb
from acd.adapters.http.elders import ElderView, VerificationBody
from acd.adapters.http.guidance import ScriptView
from acd.adapters.http.models import (
    Agent,
    CallDetail,
    CallNoteView,
    CallQuery,
    CallRecord,
    Explanation,
    ExplanationLine,
    Queue,
)
from acd.adapters.http.notes import CallNoteBody
from acd.adapters.http.outbound import ObligationView, OweBody, Which
from acd.adapters.http.ratings import RatingBody
from acd.adapters.http.stream import Reader
from acd.adapters.http.terminals import TerminalView, TestBody
from acd.adapters.http.texts import Text
from acd.adapters.postgres.elders import Elder
from acd.adapters.postgres.terminals import NotedNumber, Terminal, TerminalTest
from acd.core.emergency.case import Case, CaseOrigin
from acd.core.events import CaseRequested, ObligationAction, Request
from acd.core.events import Control as CallControl
from acd.core.follow_up.owed import ObligationKind
from acd.core.ids import AgentId, CallId, CaseId, QueueId, RequestId
from acd.core.replies import Done, Refusal, Refused
from acd.core.tables import CaseState
from acd.core.ties import Ties
from acd.runtime.api.cases import case_detail, case_view
from acd.runtime.api.elders import elder_view
from acd.runtime.api.terminals import terminal_view
from acd.runtime.guidance import load

OPEN = Door(None, unnamed="local")
WHEN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

AGENT = Agent(
    id="8001",
    name="林静怡",
    state="ready",
    reason=None,
    later=None,
    since=WHEN,
    seat="s8001",
    phone="a8001",
    available=True,
    call=None,
    queues=["emergency"],
    misses=0,
)
CALL: dict[str, Any] = dict.fromkeys(CallRecord.model_fields.keys() - {"masked"}) | {
    "call_id": "1-7",
    "arrived_at": WHEN,
    "wrap_up_ms": 0,
    "elders": [],
    "direction": "inbound",
}


UNSAID = (
    *("estate", "building", "room", "terminal", "gate_code", "key_place", "lift", "latitude"),
    *("longitude", "blood_group", "rhesus", "mobility", "hearing", "speech", "cognition"),
    *("hospital", "insurance", "pets", "notes", "helper_name", "helper_phone"),
)
ELDER = msgspec.convert(
    {
        **dict.fromkeys(UNSAID),
        "id": "e0001",
        "name": "王某",
        "sex": "female",
        "born": "1940-02-03",
        "living": "alone",
        "status": "in_use",
        "district": "示范区",
        "street": "示范街道",
        "phones": [],
        "entrance": "东门",
        "route": "右转",
        "history": ["高血压"],
        "allergies": [],
        "medication": [],
        "languages": [],
        "contacts": [],
        "organisations": [],
    },
    Elder,
)
TERMINAL = Terminal(
    id="t1", device="D-1", model=None, state="in_use", installed=None, numbers=("02160000001",),
    noted=(NotedNumber(number="02160000001", agent="8001", staff="M-17", at=WHEN, call="1-6"),),
    elders=("e0001",), last_call=WHEN,
    tests=(TerminalTest(at=WHEN, call="1-6", kind="maintenance", staff="M-17", agent="8001",
                        number="02160000001"),),
)  # fmt: skip
CASE = Case(
    id=CaseId("1-c1"),
    state=CaseState.OPEN,
    origin=CaseOrigin.AGENT,
    opened_ms=1_772_352_000_000,
    opened_by=AgentId("8001"),
    queue=QueueId("emergency"),
    entry=None,
    number="02160000001",
    terminal=None,
    elders=(),
    area=None,
    contacts=(),
    calls=(CallId("1-7"),),
    a=AgentId("8001"),
)


@dataclass
class Control:
    """A switch of one agent that does as it is told."""

    reply: Done | Refused | Exception = field(
        default_factory=lambda: Done(RequestId("r"), "ready", None)
    )
    reasons: list[str] = field(default_factory=list)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    queries: list[CallQuery] = field(default_factory=list)
    tied: Ties = frozenset()

    def not_ready(self) -> list[str]:
        return self.reasons

    def metrics(self) -> bytes:
        return b"huling_ready 1.0\n"

    def texts(self) -> list[Text]:
        return [Text(name="beep", audience="caller", text="", key=None, clauses=["V03"])]

    def guidance(self) -> list[ScriptView]:
        return [ScriptView.model_validate(one, from_attributes=True) for one in load(None)]

    def ties(self, agent: AgentId) -> Ties:
        return self.tied

    def agents(self) -> list[Agent]:
        return [AGENT]

    def agent(self, agent: str) -> Agent | None:
        return AGENT if agent == AGENT.id else None

    def queues(self) -> list[Queue]:
        return [
            Queue(
                id="emergency",
                waiting=2,
                longest_wait_ms=900,
                free=0,
                calls=3,
                promise_ms=10_000,
                proofs=False,
            )
        ]

    async def ask(
        self,
        verb: Verb,
        agent: str,
        *,
        seat: str | None = None,
        reason: str | None = None,
        hold_ms: int = 0,
        supervisor: str | None = None,
    ) -> Done | Refused:
        held = tuple(more for more in (hold_ms, supervisor) if more)
        self.asked.append((verb, agent, seat, reason, *held))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def control_call(
        self, call: str, action: CallControl, *, agent: str | None, digits: str
    ) -> Done | Refused:
        self.asked.append((action, call, agent, digits))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def rate(self, call: str, body: RatingBody) -> Done | Refused | None:
        if call != "1-7":
            return None
        self.asked.append((call, body))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def hand_in(self, case: str, body: ReportBody) -> Done | Refused | None:
        if case != CASE.id:
            return None
        self.asked.append((case, body))
        assert not isinstance(self.reply, Exception)
        return self.reply

    async def terminal(self, terminal: str) -> TerminalView | None:
        return terminal_view(TERMINAL, []) if terminal == TERMINAL.id else None

    async def note_test(self, call: str, body: TestBody) -> Done | Refused | str:
        if call != "1-7":
            return f"There is no call {call}."
        self.asked.append((call, body))
        assert not isinstance(self.reply, Exception)
        return self.reply

    async def obligations(
        self, which: Which, *, kind: ObligationKind | None, queue: str | None, limit: int
    ) -> list[ObligationView]:
        self.asked.append((which, kind, queue, limit))
        return []

    async def act(
        self, obligation: str, action: ObligationAction, *, agent: str | None, reason: str | None
    ) -> Done | Refused:
        self.asked.append((action, obligation, agent, reason))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def owe(self, body: OweBody) -> Done | Refused:
        self.asked.append((body.number, body.queue, body.within_ms, body.about))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def supervise(self, make: Callable[[RequestId], Request]) -> Done | Refused:
        self.asked.append((make(RequestId("r1")),))
        assert not isinstance(self.reply, Exception)
        return self.reply

    async def cases(self, query: CaseQuery) -> list[CaseView]:
        self.asked.append(("cases", query))
        return [case_view(CASE)]

    async def case(self, case: str) -> CaseDetail | None:
        return case_detail(CASE, (), []) if case == CASE.id else None

    async def elder(self, elder: str) -> ElderView | None:
        return elder_view(ELDER) if elder == ELDER.id else None

    async def note_elder(
        self, elder: str, words: Mapping[str, object], *, agent: str, case: str | None
    ) -> ElderView | Refused | None:
        self.asked.append((elder, dict(words), agent, case))
        if isinstance(self.reply, Refused):
            return self.reply
        return await self.elder(elder)

    async def note_call(self, call: str, body: CallNoteBody) -> CallNoteView | Refused | None:
        self.asked.append((call, body.agent, body.category, body.words))
        if isinstance(self.reply, Refused):
            return self.reply
        note = CallNoteView(
            at=WHEN, agent=body.agent, category=body.category, words=body.words, erased_at=None
        )
        return note if call == "1-7" else None

    async def verify_elder(self, elder: str, body: VerificationBody) -> ElderView | Refused | None:
        self.asked.append((elder, body.agent, body.call, tuple(body.contacts)))
        if isinstance(self.reply, Refused):
            return self.reply
        return await self.elder(elder)

    async def timeline(self, case: str) -> Timeline | None:
        entry = TimelineEntry(
            at=WHEN, after_ms=0, call="1-7", kind="CaseNoted", sentence="It began."
        )
        return Timeline(case=case, elders=[], entries=[entry]) if case == CASE.id else None

    def events(
        self, *, epoch: int | None, after: int | None, veiled_as: AgentId | None
    ) -> Reader | str:
        return f"No reader from {epoch} {after}."

    async def case_request(self, make: Callable[[RequestId], CaseRequested]) -> Done | Refused:
        self.asked.append((make(RequestId("r1")),))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def place(self, agent: str, number: str, reference: str | None) -> Done | Refused:
        self.asked.append(("place", agent, number, reference))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def calls(self, query: CallQuery) -> list[CallRecord]:
        self.queries.append(query)
        if isinstance(self.reply, Exception):
            raise self.reply
        return [CallRecord(**CALL)]

    async def call(self, call: str) -> CallDetail | None:
        return CallDetail(**CALL, legs=[], offer_list=[], happenings=[]) if call == "1-7" else None

    async def explanation(self, call: str) -> Explanation | None:
        line = ExplanationLine(at=WHEN, after_ms=0, sentence="A caller came.")
        return Explanation(call_id=call, elders=[], lines=[line]) if call == "1-7" else None


@asynccontextmanager
async def client_of(control: ControlPort, door: Door = OPEN) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(await create_app(control, version="1.2.3", door=door))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
async def client(control: Control) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(control) as client:
        yield client


async def test_live(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"live": True}


async def test_ready_and_why_not(client: httpx.AsyncClient, control: Control) -> None:
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "reasons": [], "role": "active"},
    )
    control.reasons = ["ARI of node n1 is down: Not connected yet."]
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == control.reasons


async def test_metrics_are_prometheus_text(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics")
    assert answer.text == "huling_ready 1.0\n"
    assert answer.headers["content-type"].startswith("text/plain")


async def test_what_is_said_can_be_read(client: httpx.AsyncClient) -> None:
    """V04: one list for ears and screens."""
    [text] = (await client.get("/texts")).json()
    assert (text["name"], text["audience"], text["clauses"]) == ("beep", "caller", ["V03"])


async def test_agents_and_queues(client: httpx.AsyncClient) -> None:
    assert [agent["id"] for agent in (await client.get("/agents")).json()] == ["8001"]
    assert (await client.get("/agents/8001")).json()["since"] == "2026-03-01T08:00:00Z"
    [queue] = (await client.get("/queues")).json()
    assert (queue["waiting"], queue["longest_wait_ms"]) == (2, 900)


@pytest.mark.parametrize(
    ("path", "body", "asked"),
    [
        ("login", None, (Verb.LOGIN, "8001", None, None)),
        ("login", {"seat": "s2"}, (Verb.LOGIN, "8001", "s2", None)),
        ("ready", None, (Verb.READY, "8001", None, None)),
        ("pause", {"reason": "rest"}, (Verb.PAUSE, "8001", None, "rest")),
        ("wrap-up/end", None, (Verb.END_WRAP_UP, "8001", None, None)),
        ("logout", None, (Verb.LOGOUT, "8001", None, None)),
        ("wrap-up/extend", None, (Verb.EXTEND_WRAP_UP, "8001", None, None)),
        (
            "leave/approve",
            {"supervisor": "8090"},
            (Verb.GRANT_LEAVE, "8001", None, None, "8090"),
        ),
        ("leave/deny", {"supervisor": "8090"}, (Verb.DENY_LEAVE, "8001", None, None, "8090")),
        ("reserve", None, (Verb.RESERVE, "8001", None, "callback", 60_000)),
        ("reserve", {"hold_ms": 5_000}, (Verb.RESERVE, "8001", None, "callback", 5_000)),
        ("release", None, (Verb.RELEASE, "8001", None, None)),
    ],
)
async def test_requests_reach_the_core(
    client: httpx.AsyncClient, control: Control, path: str, body: object, asked: tuple[Any, ...]
) -> None:
    control.reply = Done(RequestId("r"), "talking", "paused")
    answer = await client.post(f"/agents/8001/{path}", json=body)
    assert (answer.status_code, answer.json()) == (
        200,
        {"state": "talking", "later": "paused", "asked": False, "stored": True},
    )
    assert control.asked == [asked]


async def test_a_refusal_has_an_id_and_a_sentence(
    client: httpx.AsyncClient, control: Control
) -> None:
    control.reply = Refused(RequestId("r"), Refusal.SEAT_TAKEN, "Agent 8002 sits there.")
    answer = await client.post("/agents/8001/login")
    assert answer.status_code == 409
    assert answer.json() == {"refusal": "seat_taken", "sentence": "Agent 8002 sits there."}


async def test_an_unknown_agent_is_404(client: httpx.AsyncClient, control: Control) -> None:
    assert (await client.get("/agents/9")).json() == {"sentence": "There is no agent 9."}
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_AGENT, "There is no agent 9.")
    answer = await client.post("/agents/9/ready")
    assert (answer.status_code, answer.json()) == (404, {"sentence": "There is no agent 9."})


async def test_no_answer_is_503(client: httpx.AsyncClient, control: Control) -> None:
    control.reply = Unanswered("Try again.")
    for answer in (await client.post("/agents/8001/ready"), await client.get("/calls")):
        assert (answer.status_code, answer.json()) == (503, {"sentence": "Try again."})


@pytest.mark.parametrize(
    ("method", "url", "body", "sentence"),
    [
        ("POST", "/agents/8001/pause", None, "The body: field required."),
        ("POST", "/agents/8001/pause", {}, "reason: field required."),
        ("POST", "/agents/8001/pause", {"raeson": "x", "reason": "x"}, "raeson: extra inputs"),
        ("POST", "/agents/-/ready", None, "agent: string should match pattern"),
        ("GET", "/calls?limit=0", None, "limit: input should be greater than or equal to 1."),
        ("GET", "/calls?limit=1001", None, "limit: input should be less than or equal to 1000."),
        (
            "POST",
            "/calls/search",
            {"caller": "\0"},
            "caller: there must be no control character in it.",
        ),
        ("GET", "/calls?caller=02160000001", None, "caller: extra inputs are not permitted."),
        ("GET", "/cases?number=02160000001", None, "number: extra inputs are not permitted."),
        ("GET", f"/calls?terminal={'1' * 129}", None, "terminal: string should have at most 128"),
        ("GET", "/calls/1%007", None, "call: string should match pattern"),
        ("GET", "/calls/%0A/explanation", None, "call: string should match pattern"),
        (
            "POST",
            "/cases/search",
            {"number": "\0"},
            "number: there must be no control character in it.",
        ),
        ("GET", "/calls?since=yesterday", None, "since: input should be a valid datetime"),
        # A misspelt filter was passed over, and the answer was about everything.
        (
            "GET",
            "/obligations?kinds=task",
            None,
            "kinds is not asked for here: there are kind, limit, queue, state.",
        ),
        ("GET", "/guidance?flows=emergency", None, "flows is not asked for here: there are flow."),
        ("GET", "/agents?state=ready", None, "state is not asked for here: there is nothing."),
        ("GET", "/agents/8001?state=ready", None, "state is not asked for here: there is nothing."),
        ("GET", "/queues?queue=enquiry", None, "queue is not asked for here: there is nothing."),
    ],
)
async def test_bad_input_is_one_sentence(
    client: httpx.AsyncClient, method: str, url: str, body: object, sentence: str
) -> None:
    answer = await client.request(method, url, json=body)
    assert answer.status_code == 422
    assert list(answer.json()) == ["sentence"]
    assert answer.json()["sentence"].startswith(sentence)


async def test_calls_by_everything(client: httpx.AsyncClient, control: Control) -> None:
    """A telephone number is asked for in the body alone: addresses stand in logs on the way."""
    asked: dict[str, Any] = {"entry": "95001", "agent": "8001", "terminal": "t1", "limit": 7}
    moment = "2026-03-01T00:00:00"
    answer = await client.get("/calls", params={**asked, "since": moment})
    assert [call["call_id"] for call in answer.json()] == ["1-7"]
    body = {**asked, "since": moment, "caller": "02160000001"}
    answer = await client.post("/calls/search", json=body)
    assert [call["call_id"] for call in answer.json()] == ["1-7"]
    since = datetime(2026, 3, 1, tzinfo=UTC)
    assert control.queries == [
        CallQuery(**asked, since=since),
        CallQuery(**asked, since=since, caller="02160000001"),
    ]


async def test_one_call(client: httpx.AsyncClient) -> None:
    assert (await client.get("/calls/1-7")).json()["legs"] == []
    assert (await client.get("/calls/1-8")).status_code == 404
    explained = (await client.get("/calls/1-7/explanation")).json()
    assert [line["sentence"] for line in explained["lines"]] == ["A caller came."]
    assert (await client.get("/calls/1-8/explanation")).status_code == 404


async def test_a_note_has_words_and_a_category(client: httpx.AsyncClient, control: Control) -> None:
    """D06: 201 and the note as it was written down; nothing without words, a category of ours, or
    beyond what is no note any more."""
    body = {"agent": "8001", "category": "complaint", "words": " 上门迟到，要求回电 "}
    written = await client.post("/calls/1-7/note", json=body)
    assert (written.status_code, written.json()["words"]) == (201, "上门迟到，要求回电")
    assert control.asked == [("1-7", "8001", "complaint", "上门迟到，要求回电")]
    missing = await client.post("/calls/1-8/note", json=body)
    assert (missing.status_code, missing.json()["sentence"]) == (404, "There is no call 1-8.")
    for wrong in (
        {"words": "  "},
        {"words": "x" * 2_001},
        {"words": "a\x00"},
        {"category": "cake"},
    ):
        assert (await client.post("/calls/1-7/note", json=body | wrong)).status_code == 422, wrong
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_AGENT, "There is no agent 8001.")
    assert (await client.post("/calls/1-7/note", json=body)).status_code == 404


async def test_an_agent_calls_an_outside_number(
    client: httpx.AsyncClient, control: Control
) -> None:
    """T19: 201 and the call, or a refusal with its id."""
    control.reply = Done(RequestId("r"), "offered", call=CallId("1-9"))
    body = {"agent": "8001", "number": "13900000001", "reference": "case-7"}
    placed = await client.post("/calls", json=body)
    assert (placed.status_code, placed.json()) == (201, {"call": "1-9", "state": "offered"})
    assert control.asked == [("place", "8001", "13900000001", "case-7")]
    control.reply = Refused(RequestId("r"), Refusal.RESCUE_NUMBER, "110 is a rescue number.")
    refused = await client.post("/calls", json={"agent": "8001", "number": "110"})
    assert (refused.status_code, refused.json()["refusal"]) == (409, "rescue_number")
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_AGENT, "There is no agent 9.")
    assert (await client.post("/calls", json={"agent": "9", "number": "110"})).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"agent": "8001"},
        {"agent": "8001", "number": ""},
        {"agent": "8001", "number": "1" * 41},
        {"agent": "a b", "number": "13900000001"},
        {"agent": "8001", "number": "13900000001", "reference": ""},
        {"agent": "8001", "number": "13900000001", "trunk": "carrier-a"},
    ],
)
async def test_a_call_that_cannot_be_asked_for(
    client: httpx.AsyncClient, control: Control, body: dict[str, str]
) -> None:
    answer = await client.post("/calls", json=body)
    assert answer.status_code == 422, answer.text
    assert not control.asked


async def test_whom_to_ask_may_be_left_open(client: httpx.AsyncClient, control: Control) -> None:
    """D10: then a supervisor is meant; to whom a caller is given is always said."""
    for body, digits in (({"number": "8012"}, "8012"), ({}, "")):
        await client.post("/calls/1-7/consult", json=body)
        assert control.asked[-1] == (CallControl.CONSULT, "1-7", None, digits)
    assert (await client.post("/calls/1-7/transfer", json={})).status_code == 422


async def test_a_rating_that_people_were_told_is_written_down(
    client: httpx.AsyncClient, control: Control
) -> None:
    """C28: of any recorded call; the caller's own key is nobody's to claim."""
    body = {"agent": "8001", "scale": "s0", "rating": "满意", "source": "revisit"}
    control.reply = Done(RequestId("r"), "ready")
    told = await client.post("/calls/1-7/rating", json=body)
    assert (told.status_code, told.json()["state"]) == (200, "ready")
    assert control.asked == [("1-7", RatingBody.model_validate(body))]
    unknown = await client.post("/calls/1-8/rating", json=body)
    assert (unknown.status_code, unknown.json()["sentence"]) == (404, "There is no call 1-8.")
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_RATING, "no word")
    refused = await client.post("/calls/1-7/rating", json=body | {"scale": "s2"})
    assert (refused.status_code, refused.json()["refusal"]) == (409, "unknown_rating")
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_AGENT, "There is no agent 8999.")
    nobody = await client.post("/calls/1-7/rating", json=body | {"agent": "8999"})
    assert nobody.status_code == 404
    control.asked.clear()
    for wrong in ({"source": "digits"}, {"scale": "s1"}, {"rating": ""}):
        assert (await client.post("/calls/1-7/rating", json=body | wrong)).status_code == 422
    assert not control.asked


async def test_a_terminal_is_shown_with_its_tests_and_a_call_is_said_to_be_one(
    client: httpx.AsyncClient, control: Control
) -> None:
    """W48, U12: who tests has a staff number, and says which terminal was swapped."""
    shown = (await client.get("/terminals/t1")).json()
    assert (shown["last_test"], shown["elders"]) == (shown["tests"][0]["at"], ["e0001"])
    assert (shown["noted"][0]["number"], shown["tests"][0]["kind"]) == (
        "02160000001", "maintenance",
    )  # fmt: skip
    missing = await client.get("/terminals/t2")
    assert (missing.status_code, missing.json()["sentence"]) == (404, "There is no terminal t2.")
    body = {"agent": "8001", "kind": "maintenance", "staff": "M-17", "terminal": "t1"}
    control.reply = Done(RequestId("r"), "ready")
    told = await client.post("/calls/1-7/test", json=body)
    assert (told.status_code, told.json()["state"]) == (200, "ready")
    assert control.asked == [("1-7", TestBody.model_validate(body))]
    unknown = await client.post("/calls/1-8/test", json=body)
    assert (unknown.status_code, unknown.json()["sentence"]) == (404, "There is no call 1-8.")
    control.reply = Refused(RequestId("r"), Refusal.ANOTHER_TERMINAL, "By the directory ...")
    refused = await client.post("/calls/1-7/test", json=body)
    assert (refused.status_code, refused.json()["refusal"]) == (409, "another_terminal")
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_AGENT, "There is no agent 8999.")
    assert (await client.post("/calls/1-7/test", json=body)).status_code == 404
    for wrong in ({"kind": "nobody"}, {"staff": "a b"}, {"agent": ""}):
        assert (await client.post("/calls/1-7/test", json=body | wrong)).status_code == 422


async def test_what_is_owed_is_asked_for_and_ended(
    client: httpx.AsyncClient, control: Control
) -> None:
    control.reply = Done(RequestId("r"), "closed")
    asked = await client.get("/obligations", params={"state": "late", "kind": "callback"})
    assert (asked.status_code, asked.json()) == (200, [])
    closed = await client.post("/obligations/1-o3/close", json={"reason": "号码已停用"})
    assert (closed.status_code, closed.json()) == (200, {"state": "closed", "stored": True})
    owed = await client.post("/obligations", json={"number": "60000009", "queue": "enquiry"})
    assert owed.status_code == 201
    task = {"number": "60000009", "queue": "enquiry", "task": True, "call": "1-7"}
    nothing = await client.post("/obligations", json=task)
    assert nothing.status_code == 422
    assert "a task should say what is to be done" in nothing.json()["sentence"]
    twice = {"about": "投诉", "within_ms": 60_000, "working_days": 3}
    assert (await client.post("/obligations", json=task | twice)).status_code == 422
    for at in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "soon"):
        strange = {"number": "60000009", "queue": "enquiry", "at": at}
        assert (await client.post("/obligations", json=strange)).status_code == 422, at
    dialled = {"number": "60000009", "queue": "enquiry", "revisit": True}
    assert (await client.post("/obligations", json=dialled)).status_code == 422
    owed = await client.post("/obligations", json=task | {"about": "老年卡材料"})
    assert owed.status_code == 201
    assert control.asked == [
        (Which.LATE, ObligationKind.CALLBACK, None, 100),
        (ObligationAction.CLOSE, "1-o3", None, "号码已停用"),
        ("60000009", "enquiry", None, ""),
        ("60000009", "enquiry", None, "老年卡材料"),
    ]
    control.reply = Refused(RequestId("r"), Refusal.NO_REASON, "Say why.")
    assert (await client.post("/obligations/1-o3/close")).json()["refusal"] == "no_reason"
    control.reply = Refused(RequestId("r"), Refusal.UNKNOWN_OBLIGATION, "There is none.")
    assert (await client.post("/obligations/x/done")).status_code == 404
    for wrong in ("/obligations?state=never", "/obligations?kind=cake", "/obligations?limit=0"):
        assert (await client.get(wrong)).status_code == 422, wrong
    assert (await client.post("/obligations/x/forget")).status_code == 422


async def test_an_unknown_path_is_a_sentence_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing")
    assert (answer.status_code, answer.json()) == (404, {"sentence": "Not Found"})


async def test_the_documentation_needs_no_network(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    assert "http://" not in page.replace("http://127.0.0.1", "")
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert asset in page
        assert (await client.get(f"/static-offline-docs/{asset}")).status_code == 200
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert set(paths) >= {"/agents/{agent}/login", "/calls/{call}", "/queues", "/health/ready"}


def undescribed(app: FastAPI) -> list[str]:
    """Parameters of the application's routes that /docs says nothing of."""
    return [
        f"{method} {path} {parameter['name']}"
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]


async def test_every_parameter_is_described(control: Control) -> None:
    """Whoever builds a desk from /docs asks nobody what stands in an address, and in which form."""
    app = await create_app(control, version="1", door=OPEN)
    assert undescribed(app) == []

    @app.get("/new/{what}")
    async def new(what: str) -> str:
        return what

    app.openapi_schema = None
    assert undescribed(app) == ["get /new/{what} what"]


async def test_calls_are_decided_while_the_application_is_put_together(control: Control) -> None:
    """It held the loop up: a standby that had taken over decided nothing for two seconds on a busy
    machine, and then asked whether it had stood still (T18)."""
    turned = asyncio.Event()
    asyncio.get_running_loop().call_soon(turned.set)
    app = await create_app(control, version="1", door=OPEN)
    assert turned.is_set()
    assert {route.path for route in app.routes} >= {"/health/live", "/queues"}  # type: ignore[attr-defined]


async def test_the_server_serves_and_leaves_signals_alone(control: Control) -> None:
    import signal

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    server = HttpServer(await create_app(control, version="1", door=OPEN), host="127.0.0.1", port=0)
    server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    async with asyncio.timeout(60):
        await server.stop()
        await server.stop()


@pytest.mark.parametrize("said", [b"", b"GET /health/live HTTP/1.1\r\nX: "])
async def test_who_connects_and_asks_for_nothing_is_let_go(
    control: Control, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    """Two hundred of them, and nobody else was answered for as long as they stayed."""
    monkeypatch.setattr(server_module, "HEAD_S", 0.05)
    server = HttpServer(await create_app(control, version="1", door=OPEN), host="127.0.0.1", port=0)
    server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(said)
    async with asyncio.timeout(20):
        assert await reader.read() == b""
    writer.close()
    await server.stop()


async def test_a_taken_port_is_an_error_at_once(control: Control) -> None:
    app = await create_app(control, version="1", door=OPEN)
    first = HttpServer(app, host="127.0.0.1", port=0)
    with pytest.raises(OSError, match="in use"):
        HttpServer(app, host="127.0.0.1", port=first.port)
    await first.stop()
