"""An emergency on the real switch, as a desk sees it: stream, API, timeline and row."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.switch.live import Json, Switch
from tests.switch.test_call_control import has_heard
from tests.switch.voice import Voice

ELDER = "02160000031"
FACT_S = 60
"""So long a fact is waited for."""
RING_S_MAX = 6.0
"""Issue 4: B's telephone rings within 1 s of the command; a busy machine may add some."""


class Stream:
    """A desk's connection to /events."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ahead: list[Json] = []
        self.seq = 0

    async def message(self) -> Json:
        told: Json = json.loads(await self._connection.recv())
        return told

    async def fact(self, kind: str, **fields: Any) -> Json:
        """The next fact of this kind with these fields; every number is higher than the last."""
        async with asyncio.timeout(FACT_S):
            while True:
                while self._ahead:
                    one = self._ahead.pop(0)
                    assert one["seq"] > self.seq
                    self.seq = one["seq"]
                    fact: Json = one["fact"]
                    if fact["type"] == kind and fields.items() <= fact.items():
                        return fact
                self._ahead = (await self.message())["facts"]


@asynccontextmanager
async def stream(switch: Switch, query: str = "") -> AsyncIterator[tuple[Stream, Json]]:
    """A connection and its first message."""
    address = switch.settings.http_address.replace("http:", "ws:")
    async with connect(f"{address}/events{query}") as connection:
        listening = Stream(connection)
        first = await listening.message()
        listening.seq = first["seq"]
        yield listening, first


async def test_a_case_is_opened_by_a_key_and_seen_from_a_desk(switch: Switch) -> None:
    """E14, E42, point 12: *90, B's telephone within a second, B with the caller; the stream tells
    it, the API shows it, the timeline and the row keep it, and it is closed from the desk.  The day
    after its report is handed in (E11)."""
    first, second = await switch.ready_agent("8001"), await switch.ready_agent("8002")
    async with stream(switch) as (desk, snapshot):
        assert snapshot["type"] == "snapshot"
        assert "8001" in [one["agent"] for one in snapshot["agents"] if one["state"] == "ready"]
        call = await (await switch.terminal(ELDER)).call("95001")
        # Which of the two is chosen is the queue's rule.
        offer = await desk.fact("OfferMade")
        a, b = (first, second) if offer["agent"] == first.id else (second, first)
        ring = await a.takes_the_call()
        await call.answered()
        async with Voice(call, 600), Voice(ring, 1000) as voice:
            await voice.press("*90")
            opened = await desk.fact("CaseNoted", what="opened", by=a.id)
            rung = await b.rung()
            rung.answer()
            await desk.fact("CaseNoted", what="b taken", by=b.id)
            await desk.fact("LegMoved", agent=b.id, place="caller")
            case = opened["case"]["id"]
            shown = await switch.get(f"/cases/{case}")
            assert (shown["state"], shown["a"], shown["b"]) == ("open", a.id, b.id)
            assert (shown["terminal"], shown["area"]) == (ELDER, "shifan-west")
            assert shown["contacts"][0] == {"kind": "relative", "number": "02100000311"}
            (scene,) = shown["scenes"]
            places = {leg["agent"] or leg["number"]: leg["place"] for leg in scene["legs"]}
            assert places == {ELDER: "caller", a.id: "caller", b.id: "caller"}
            refused = await switch.api.post(f"/calls/{scene['call']}/merge", json={"agent": a.id})
            assert (refused.status_code, refused.json()["refusal"]) == (409, "nobody_called")
            form = {"agent": a.id, "place": "厨房", "harm": "摔倒"}
            assert (await switch.api.post(f"/cases/{case}/form", json=form)).status_code == 200
        left = desk.seq
    async with stream(switch, f"?epoch={snapshot['epoch']}&after={left}") as (desk, again):
        assert again["type"] == "resumed"
        refused = await switch.api.post(f"/cases/{case}/close", json={"agent": a.id})
        assert refused.json()["refusal"] == "no_outcome"
        for path, more in (
            ("step", {"script": "emergency", "step": "identify"}),
            ("guide", {"script": "first_aid"}),
            ("outcome", {"outcome": "safe"}),
        ):
            done = await switch.api.post(f"/cases/{case}/{path}", json={"agent": a.id, **more})
            assert done.status_code == 200, done.text
        refused = await switch.api.post(f"/cases/{case}/close", json={"agent": a.id})
        assert (refused.status_code, refused.json()["refusal"]) == (409, "step_missing")
        shown = await switch.get(f"/cases/{case}")
        assert "emergency/form" in shown["missing"]
        assert "first_aid/awake" in shown["missing"]
        assert "emergency/identify" not in shown["missing"]
        for path, more in (
            ("form", {"place": "厨房", "identity": "本人", "harm": "摔倒", "asks": "扶起"}),
            ("summary", {"summary": "厨房摔倒，无碍"}),
            ("close", {"reason": "演练"}),
        ):
            done = await switch.api.post(f"/cases/{case}/{path}", json={"agent": a.id, **more})
            assert done.status_code == 200, done.text
        closed = await desk.fact("CaseNoted", what="closed", by=a.id)
        assert closed["case"]["form"]["place"] == "厨房"
    call.hang_up()
    record = await switch.record()
    assert record["case_id"] == case
    await _report_is_handed_in(switch, case, record["call_id"], by=a.id)
    (row,) = await switch.sql("SELECT * FROM cases WHERE case_id = $1", case)
    assert (row["state"], row["outcome"], row["terminal"]) == ("closed", "safe", ELDER)
    assert (row["closed_by"], row["calls"]) == (a.id, [record["call_id"]])
    told = (await switch.get(f"/cases/{case}/timeline"))["entries"]
    sentences = [entry["sentence"] for entry in told]
    for wanted in (
        f"Caller {ELDER}, terminal {ELDER}, dialled 95001.",
        f"Agent {a.id} pressed *.",
        f"The case was opened, by agent {a.id}.",
        f"Agent {b.id} was rung to be B.",
        f"Agent {b.id} was with the caller.",
        f"Step emergency/identify was done, said agent {a.id}.",
        f"Script first_aid was taken up, by agent {a.id}.",
        f"The summary was written, by agent {a.id}.",
        f"The case was closed, by agent {a.id}.",
    ):
        assert wanted in sentences, sentences
    assert [entry["after_ms"] for entry in told] == sorted(entry["after_ms"] for entry in told)
    counted = await switch.counted()
    assert counted['huling_cases_opened_total{origin="agent"}'] == 1
    assert counted["huling_case_b_ring_seconds_count"] == 1
    assert counted["huling_case_b_ring_seconds_sum"] < RING_S_MAX
    assert counted["huling_case_b_join_seconds_count"] == 1


async def _report_is_handed_in(switch: Switch, case: str, call: str, *, by: str) -> None:
    """E11, F18: the case is closed, its report is owed; it is handed in once, what the family says
    is the rating of the call, and nothing is owed any more."""

    async def owed() -> list[str]:
        shown = (await switch.get(f"/cases/{case}"))["obligations"]
        return [one["why"] for one in shown]

    assert "report" in await owed()
    path = f"/cases/{case}/report"
    body = {"agent": by, "family": "女儿", "condition": "已无碍", "scale": "s0", "rating": "满意"}
    refused = await switch.api.post(path, json={**body, "condition": " "})
    assert (refused.status_code, refused.json()["refusal"]) == (409, "no_reason")
    done = await switch.api.post(path, json=body)
    assert done.status_code == 200, done.text
    assert "report" not in await owed()
    again = await switch.api.post(path, json=body)
    assert (again.status_code, again.json()["refusal"]) == (409, "no_report_owed")

    async def rating() -> Json:
        shown: Json = await switch.get(f"/calls/{call}")
        return shown if shown["rating"] is not None else {}

    rated = await switch.until(rating, "the rating to be written")
    assert (rated["rating_scale"], rated["rating"], rated["agent"]) == ("s0", "满意", by)
    (kept,) = await switch.sql(
        "SELECT body FROM fact WHERE kind = 'EmergencyReported' AND body ->> 'case' = $1", case
    )
    assert {"agent": by, "family": "女儿"}.items() <= json.loads(kept["body"]).items()


async def test_a_supervisor_agrees_by_telephone(switch: Switch) -> None:
    """E35: nobody was sent to somebody who did not respond; the first is free, a supervisor's phone
    rings, and a 1 closes the case."""
    people = {one: await switch.ready_agent(one) for one in ("8001", "8002")}
    async with stream(switch) as (desk, _):
        call = await (await switch.terminal(ELDER)).call("95001")
        offer = await desk.fact("OfferMade")
        a, b = people.pop(offer["agent"]), next(iter(people.values()))
        ring = await a.takes_the_call()
        await call.answered()
        async with Voice(call, 600), Voice(ring, 1000) as voice:
            await voice.press("*90")
            opened = await desk.fact("CaseNoted", what="opened", by=a.id)
            (await b.rung()).answer()
            await desk.fact("CaseNoted", what="b taken", by=b.id)
            supervisor = await switch.ready_agent("8090")
            await voice.press("*30")
            await voice.press("*2010")
            await desk.fact("CaseNoted", what="outcome no response")
            path = f"/cases/{opened['case']['id']}"
            said = {"agent": a.id, "summary": "无人应答，邻居已看过"}
            assert (await switch.api.post(f"{path}/summary", json=said)).status_code == 200
            form = {"place": "家", "identity": "本人", "harm": "不明", "asks": "无应答"}
            said = {"agent": a.id, **form}
            assert (await switch.api.post(f"{path}/form", json=said)).status_code == 200
            closed = await switch.api.post(f"{path}/close", json={"agent": a.id})
            assert (closed.status_code, closed.json()["asked"]) == (200, True)
            assert (await switch.get(path))["state"] == "unconfirmed"
            asked = await supervisor.answers(caller="*65")
            # Who has been asked nothing yet has nothing to agree to.
            await has_heard(switch, asked, "agreement-for")
            async with Voice(asked, 1400) as word:
                await word.press("1")
                agreed = await desk.fact("CaseNoted", what="agreed", by=supervisor.id)
            await asked.over()
        assert (agreed["case"]["state"], agreed["case"]["agreed_by"]) == ("closed", "8090")
    call.hang_up()
    await switch.record()


async def test_a_case_outlives_the_service(switch: Switch) -> None:
    """E45, U03: the line has ended and the service begins anew; the case is there with its A and B,
    and the elder who calls again is rung through to A, and B is called as well."""
    people = {one: await switch.ready_agent(one) for one in ("8001", "8002")}
    terminal = await switch.terminal(ELDER)
    call = await terminal.call("95001")
    offer = await _first_offer(switch)
    a, b = people.pop(offer["agent"]), next(iter(people.values()))
    ring = await a.takes_the_call()
    await call.answered()
    async with Voice(call, 600), Voice(ring, 1000) as voice:
        await voice.press("*90")
        (await b.rung()).answer()
        await b.wait("talking")
        await a.says("responded")  # else they are called back 20 s later, in the middle of this
    call.hang_up()
    await switch.records()
    (before,) = await switch.get("/cases")
    assert (before["a"], before["b"]) == (a.id, b.id)

    assert await asyncio.to_thread(switch.service.stop) == 0
    await asyncio.to_thread(switch.service.start)
    (after,) = await switch.get("/cases")
    assert after == before
    for person in (b, a):
        await person.ask("login")
        await person.wait("ready")
    again = await terminal.call("95001")
    ring = await a.takes_the_call()
    await again.answered()
    (await b.rung()).answer()
    await b.wait("talking")
    (now,) = await switch.get("/cases")
    assert (now["id"], len(now["calls"]), now["a"], now["b"]) == (before["id"], 2, a.id, b.id)
    for path, more in (("outcome", {"outcome": "test"}), ("close", {})):
        done = await switch.api.post(f"/cases/{now['id']}/{path}", json={"agent": a.id, **more})
        assert done.status_code == 200, done.text
    again.hang_up()
    assert [row["case_id"] for row in await switch.records(2)] == [now["id"]] * 2


async def _first_offer(switch: Switch) -> Json:
    """Who is rung, as soon as somebody is."""

    async def offered() -> Json:
        shown = await switch.get("/agents")
        return next(({"agent": one["id"]} for one in shown if one["state"] == "offered"), {})

    return await switch.until(offered, "an agent to be rung")
