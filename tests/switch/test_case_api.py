"""An emergency on the real switch, as a desk sees it: stream, API, timeline and row."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.switch.live import Json, Switch
from tests.switch.voice import Voice

ELDER = "02160000031"
RING_S_MAX = 1.0
"""Issue 4: B's telephone rings within this of the command."""


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
    it, the API shows it, the timeline and the row keep it, and it is closed from the desk."""
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
        for path, more in (("outcome", {"outcome": "safe"}), ("close", {"reason": "演练"})):
            done = await switch.api.post(f"/cases/{case}/{path}", json={"agent": a.id, **more})
            assert done.status_code == 200, done.text
        closed = await desk.fact("CaseNoted", what="closed", by=a.id)
        assert closed["case"]["form"]["place"] == "厨房"
    call.hang_up()
    record = await switch.record()
    assert record["case_id"] == case
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
        f"The case was closed, by agent {a.id}.",
    ):
        assert wanted in sentences, sentences
    assert [entry["after_ms"] for entry in told] == sorted(entry["after_ms"] for entry in told)
    counted = await switch.counted()
    assert counted['huling_cases_opened_total{origin="agent"}'] == 1
    assert counted["huling_case_b_ring_seconds_count"] == 1
    assert counted["huling_case_b_ring_seconds_sum"] < RING_S_MAX
    assert counted["huling_case_b_join_seconds_count"] == 1
