"""The switch with its API closed: who works there shows a token, and a revoked one is over."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from tests.switch.live import WAIT_S, Switch
from tests.switch.test_proof import prove

CLOSED = {"HULING_API_OPEN": "no"}


async def read_on(events: ClientConnection) -> None:
    while True:
        await events.recv()


@pytest.fixture
async def closed(switch: Switch) -> AsyncIterator[Switch]:
    """The switch, closed; the test itself is a supervisor there."""
    token = switch.token("supervisor", "test", "8090")
    await asyncio.to_thread(switch.service.stop)
    try:
        await asyncio.to_thread(switch.service.start, CLOSED)
        switch.api.headers["Authorization"] = f"Bearer {token}"
        await switch.begin()
        yield switch
        await switch.leave()
    finally:
        await asyncio.to_thread(switch.service.stop)
        await asyncio.to_thread(switch.service.start)
        del switch.api.headers["Authorization"]
        await switch.begin()


async def test_an_agent_works_by_token_until_it_is_revoked(closed: Switch) -> None:
    """L2, X11: an agent takes a call by her own token, moves no colleague, hears no recordings'
    audit, and sees the elder's numbers while they talk and not before; revoked, her next request
    is refused and her open line of events ends, while her conversation goes on."""
    settings = closed.settings
    hers = closed.token("agent", "王芳", "8001")
    agent = await closed.agent("8001")
    url = settings.http_address.replace("http", "ws") + "/events"
    headers = {"Authorization": f"Bearer {hers}"}
    async with httpx.AsyncClient(base_url=settings.http_address, headers=headers) as api:

        async def let_in() -> bool:
            return (await api.get("/queues")).status_code == 200

        await closed.until(let_in, "the new token to be known")
        assert (await api.post("/agents/8002/login")).status_code == 403
        assert (await api.post("/agents/8001/login")).status_code == 200
        await agent.wait("ready")
        assert (await closed.agent_state("8002"))["state"] == "logged_out"
        async with httpx.AsyncClient(base_url=settings.http_address) as nobody:
            assert (await nobody.get("/calls")).status_code == 401
            assert (await nobody.get("/health/ready")).status_code == 200

        async def contacts() -> tuple[bool, set[str]]:
            elder = (await api.get("/elders/e0001")).json()
            numbers = [phone for one in elder["contacts"] for phone in one["phones"]]
            return elder["masked"] is None, {number[:4] for number in numbers}

        assert await contacts() == (False, {"****"})
        async with connect(url, additional_headers=headers) as events:
            await events.recv()
            terminal = await closed.terminal()
            caller = await terminal.call("95001")
            talk = await agent.takes_the_call()
            assert await contacts() == (True, {"0210"})
            revoked = await asyncio.to_thread(
                closed.service.command, "token", "revoke", "--person", "王芳"
            )
            assert revoked.returncode == 0, revoked.stderr
            with pytest.raises(ConnectionClosed) as ended:
                await asyncio.wait_for(read_on(events), WAIT_S)
            assert ended.value.rcvd == Close(1008, "The token is over.")
        assert (await api.post("/agents/8001/pause", json={"reason": "lunch"})).status_code == 401
        assert (await agent.state())["state"] == "talking"
        assert not talk.ended
    caller.hang_up()
    await talk.over()
    assert (await closed.metrics())['huling_api_turned_away_total{why="not_own"}'] == 1
    (row,) = await closed.records()
    shown = await closed.get(f"/calls/{row['call_id']}")
    assert shown["caller"] == "02160000001"

    async def noted() -> list[dict[str, str]]:
        return await closed.sql(
            "SELECT who, address, action FROM audit WHERE subject = $1", row["call_id"]
        )

    assert await closed.until(noted, "the view in the audit") == [
        {"who": "test", "address": "127.0.0.1", "action": "GET /calls/{call}"}
    ]
    assert hers not in closed.service.log.read_text(encoding="utf-8")


async def test_the_proof_holds_under_its_robots_token(closed: Switch) -> None:
    """L2: an agent's, which sees the numbers of its own call and of no elder."""
    token = closed.token("agent", "robot", "8099")
    code, verdict = await prove(closed, changes={**CLOSED, "HULING_API_TOKEN": token})
    assert (code, verdict["record"]) == (0, True), verdict
