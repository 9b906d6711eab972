"""An agent sees an elder's numbers and health only where something ties them (L2, X01): on every
route, and on one that somebody adds tomorrow."""

from collections.abc import Iterator
from inspect import signature
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from msgspec import structs
from pydantic import BaseModel

from acd.adapters.http import create_app
from acd.adapters.http.access import Door
from acd.adapters.http.case_models import CaseDetail, CaseQuery, CaseView, Timeline, TimelineEntry
from acd.adapters.http.elders import NOT_TIED, ElderView
from acd.adapters.http.models import (
    CallDetail,
    CallNoteView,
    CallQuery,
    CallRecord,
    DoneAnswer,
    Explanation,
    ExplanationLine,
    HappeningRecord,
    LegRecord,
)
from acd.adapters.http.outbound import ActedAnswer, ObligationView, PlacedAnswer, Which
from acd.adapters.http.terminals import TerminalView
from acd.adapters.http.veil import MASKED, Veil, Veiled, hidden
from acd.adapters.postgres.elders import ElderContact, Medicine
from acd.core.directory import Contact, ContactKind
from acd.core.emergency.case import Form
from acd.core.follow_up.owed import ObligationKind
from acd.core.ids import ElderId
from acd.core.roles import Role
from acd.core.ties import ANY_ELDER, Of, Ties
from acd.runtime.api.cases import case_detail, case_view
from acd.runtime.api.elders import elder_view
from acd.runtime.api.terminals import terminal_view
from tests.routes import answers, stated_routes
from tests.runtime.test_access import TOKENS, keys
from tests.runtime.test_http import CALL, CASE, ELDER, TERMINAL, WHEN, Control

NUMBER, DAUGHTER = "02160000001", "13900000077"
ILLNESS = "高血压"
ELDERS = (ElderId("e0001"),)
SECRETS = (NUMBER, DAUGHTER, ILLNESS, "青霉素", "阿司匹林", "门口地毯下", "#1357")

THEIRS = structs.replace(
    ELDER, phones=(NUMBER,), allergies=("青霉素",), key_place="门口地毯下", gate_code="#1357",
    notes=ILLNESS, helper_phone=DAUGHTER, mobility="bedridden",
    medication=(Medicine(name="阿司匹林", times=("08:00",)),),
    contacts=(ElderContact(grade=1, name="李某", relation="女儿", phones=(DAUGHTER,),
                           distance_m=None, has_key=True),),
)  # fmt: skip
THEIR_CASE = structs.replace(
    CASE, elders=ELDERS, summary=ILLNESS, form=Form(harm=ILLNESS, asks="120"), missed=(DAUGHTER,),
    contacts=(Contact(ContactKind.RELATIVE, DAUGHTER),), reason=ILLNESS,
)  # fmt: skip
THEIR_CALL = CALL | {
    "caller": NUMBER, "elders": list(ELDERS), "terminal": "t1", "note": ILLNESS,
}  # fmt: skip
OWED = ObligationView(
    id="1-o1", kind="callback", why="abandoned", state="open", queue="emergency", emergency=True,
    number=NUMBER, terminal="t1", elders=list(ELDERS), call="1-7", since=WHEN, deadline=WHEN,
    next=None, about=f"问{DAUGHTER}的地址", messages=[], attempts=0, busy=0, level=0, late=False,
    working=None, case=None, owner=None, assignee=None, closing=None, reason=ILLNESS, closed=None,
)  # fmt: skip
IDS = {"call": "1-7", "case": "1-c1", "elder": "e0001", "terminal": "t1"}
BODIES = {
    "PATCH /elders/{elder}": {"agent": "8001", "words": {"pets": "猫"}},
    "POST /elders/{elder}/verification": {"agent": "8001", "data": True, "contacts": [1]},
    "POST /calls/search": {"caller": NUMBER},
    "POST /cases/search": {"number": NUMBER},
}


class Confiding(Control):
    """A switch that knows everything of one elder."""

    async def calls(self, query: CallQuery) -> list[CallRecord]:
        return [CallRecord(**THEIR_CALL)]

    async def call(self, call: str) -> CallDetail | None:
        leg: dict[str, Any] = dict.fromkeys(LegRecord.model_fields) | {
            "leg_id": "n1-1764256297.12", "role": "outside", "number": DAUGHTER,
            "started_at": WHEN, "ended_at": WHEN, "why": "normal", "cause": 16,
        }  # fmt: skip
        body = {"type": "TransferStarted", "number": DAUGHTER, "call": "1-7"}
        return CallDetail(
            **THEIR_CALL, legs=[LegRecord(**leg)], offer_list=[],
            happenings=[HappeningRecord(at=WHEN, kind="TransferStarted", body=body)],
            notes=[CallNoteView(at=WHEN, agent="8001", category="enquiry", words=ILLNESS,
                                erased_at=None)],
        )  # fmt: skip

    async def explanation(self, call: str) -> Explanation | None:
        line = ExplanationLine(at=WHEN, after_ms=0, sentence=f"Caller {NUMBER} dialled 95001.")
        return Explanation(call_id=call, elders=list(ELDERS), lines=[line])

    async def cases(self, query: CaseQuery) -> list[CaseView]:
        return [case_view(THEIR_CASE)]

    async def case(self, case: str) -> CaseDetail | None:
        return case_detail(THEIR_CASE, (), [OWED])

    async def timeline(self, case: str) -> Timeline | None:
        sentence = f"Agent 8001 gave the call to {DAUGHTER}."
        entry = TimelineEntry(at=WHEN, after_ms=0, call="1-7", kind="x", sentence=sentence)
        return Timeline(case=case, elders=list(ELDERS), entries=[entry])

    async def elder(self, elder: str) -> ElderView | None:
        return elder_view(THEIRS)

    async def terminal(self, terminal: str) -> TerminalView | None:
        return terminal_view(TERMINAL, [OWED])

    async def obligations(
        self, which: Which, *, kind: ObligationKind | None, queue: str | None, limit: int
    ) -> list[ObligationView]:
        return [OWED]


async def told(tied: Ties, role: Role = Role.AGENT) -> dict[str, httpx.Response]:
    """The answer of every route, to an agent whom this ties, or to somebody else."""
    app = await create_app(Confiding(tied=tied), version="1", door=Door(keys()))
    found = await answers(app, {role: TOKENS[role]}, ids=IDS, bodies=BODIES)
    return {route: answer for (route, _), answer in found.items()}


def items(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    found = answer.json()
    yield from found if isinstance(found, list) else [found]


OF_THE_DESK = ("GET /cases/{case}/report", "GET /offline/records")
VEILED = {
    route for route, right in stated_routes().items()
    if right == "records" and not route.startswith("WS") and route not in OF_THE_DESK
}  # fmt: skip
WRITTEN = {"PATCH /elders/{elder}", "POST /elders/{elder}/verification"}
"""Routes that write in an elder's record, and answer with it."""


async def test_without_a_tie_no_route_tells_an_agent_a_number_or_an_illness() -> None:
    """The same answer, and it says that and why something is missing."""
    found = await told(frozenset())
    assert {route: secret for route, answer in found.items() for secret in SECRETS
            if secret in answer.text} == {}  # fmt: skip
    for route in VEILED:
        assert found[route].status_code == 200, (route, found[route].text)
        assert [one["masked"] for one in items(found[route])] == [MASKED], route
    assert (found["GET /calls"].json()[0]["caller"], found["GET /agents"].status_code) == (
        "*******0001", 200,
    )  # fmt: skip
    elder = found["GET /elders/{elder}"].json()
    assert (elder["name"], elder["route"], elder["id"]) == ("王某", "右转", "e0001")
    (contact,) = elder["contacts"]
    assert (contact["relation"], contact["phones"]) == ("女儿", ["*******0077"])
    assert (elder["history"], elder["mobility"], elder["gate_code"]) == ([], "", "")
    (leg,) = found["GET /calls/{call}"].json()["legs"]
    assert (leg["leg_id"], leg["number"]) == ("n1-1764256297.12", "*******0077")


async def test_an_agent_without_a_tie_wrote_over_a_record_that_was_masked_from_them() -> None:
    """Whoever has not seen what stands there does not write over it, nor say it was gone through:
    nothing is asked of the switch, and the sentence says what to do."""
    control = Confiding(tied=frozenset())
    app = await create_app(control, version="1", door=Door(keys()))
    found = await answers(app, {Role.AGENT: TOKENS[Role.AGENT]}, ids=IDS, bodies=BODIES)
    for route in WRITTEN:
        answer = found[route, Role.AGENT]
        assert answer.status_code == 403, (route, answer.text)
        assert answer.json() == {"sentence": NOT_TIED.format(elder="e0001")}
    assert not [one for one in control.asked if "e0001" in str(one)]


@pytest.mark.parametrize(
    ("role", "tied"),
    [
        (Role.AGENT, frozenset({(Of.ELDER, "e0001")})),
        (Role.SUPERVISOR, frozenset()),
    ],
)
async def test_whoever_is_tied_or_leads_sees_what_they_saw(role: Role, tied: Ties) -> None:
    found = await told(tied, role)
    for route in VEILED | WRITTEN:
        assert found[route].status_code == 200, (route, found[route].text)
        assert [one["masked"] for one in items(found[route])] == [None], route
        assert any(secret in found[route].text for secret in SECRETS), route


async def test_a_number_ties_to_every_record_that_has_it() -> None:
    """W46: whoever goes through a record without a call has a task with the elder's number."""
    found = await told(frozenset({(Of.NUMBER, NUMBER)}))
    masked = {route for route in VEILED if {one["masked"] for one in items(found[route])} != {None}}
    assert [found[route].status_code for route in WRITTEN] == [200, 200]
    assert masked == {"GET /calls/{call}/explanation", "GET /cases/{case}/timeline"}


async def test_in_an_emergency_any_one_record_can_be_looked_into_and_no_history() -> None:
    """E25."""
    found = await told(frozenset({ANY_ELDER}))
    in_full = {
        route for route in VEILED if {one["masked"] for one in items(found[route])} == {None}
    }
    assert in_full == {"GET /elders/{elder}"}
    assert [found[route].status_code for route in WRITTEN] == [200, 200]


HARMLESS = (DoneAnswer, ActedAnswer, PlacedAnswer, CallNoteView)
"""What answers somebody's work: nothing of an elder, or the words that they have just sent."""


def unveiled(app: FastAPI) -> set[str]:
    """Routes for agents that may tell of an elder and show it through no veil."""
    stated = stated_routes()
    found = set()
    for route in (one for one in app.routes if isinstance(one, APIRoute) and one.include_in_schema):
        (name,) = (f"{method} {route.path}" for method in route.methods or ())
        if stated.get(name, "records") not in ("records", "work"):
            continue
        model = next(iter(get_args(route.response_model)), route.response_model)
        is_veiled = issubclass(model, Veiled) and "shown" in signature(route.endpoint).parameters
        if not is_veiled and not issubclass(model, HARMLESS):
            found.add(name)
    return found


async def test_a_route_that_forgets_the_veil_is_found() -> None:
    app = await create_app(Control(), version="1", door=Door(keys()))
    assert unveiled(app) == set()

    class Fresh(BaseModel):
        number: str

    async def new() -> list[Fresh]:
        return []

    app.get("/new")(new)
    assert unveiled(app) == {"GET /new"}


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("女儿13900000077，急", "女儿*******0077，急"),
        ("身份证31010119400203123X。", "身份证**************123X。"),
        ("+862160000001 and 60000002.", "+********0001 and ****0002."),
        ("leg n1-1764256297.12 of call 17-42 to 95001, 120", None),
        ("2026-03-14T08:00:00.123456Z", None),
    ],
)
def test_digits_are_masked_wherever_they_stand_and_ids_are_not(said: str, left: str | None) -> None:
    assert hidden({"sentence": [said]}) == {"sentence": [said if left is None else left]}


def test_a_house_may_name_its_terminals_by_digits() -> None:
    """By an id a desk asks on."""
    ids = {"terminal": NUMBER, "elders": [NUMBER], "calls": ["1-7"], "id": NUMBER}
    assert hidden(ids) == ids


def test_a_call_of_the_services_own_is_no_elders() -> None:
    """Its robot has an agent's token, and compares what stands in the record."""
    proof = CallRecord(**THEIR_CALL | {"synthetic": True})
    assert Veil(frozenset()).over(proof) is proof


def test_nobody_but_agents_has_a_veil() -> None:
    view = elder_view(THEIRS)
    assert Veil(None).over(view) is view
    assert Veil(frozenset()).over([view])[0].masked == MASKED
