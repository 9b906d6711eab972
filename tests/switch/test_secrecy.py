"""No secret and no telephone number in what the switch writes into its logs (X09, X12, L2)."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.switch.live import Switch
from tests.switch.operators import Operators, first_asked, open_operators

CALLER, MOBILE, STRANGER = "02160000001", "13900000001", "02169990077"
NUMBER = re.compile(rb"(?<![\w.:-])(?:02\d{9}|1[3-9]\d{9})(?![\w.:-])")
"""A telephone number of this country, written out."""


def written(folder: Path) -> dict[Path, bytes]:
    """What all logs of our own hold."""
    return {path: path.read_bytes() for path in folder.rglob("*.log")}


@pytest.fixture
async def talkative(switch: Switch) -> AsyncIterator[Switch]:
    """The switch as it is when it tells most."""
    await asyncio.to_thread(switch.service.stop)
    await asyncio.to_thread(switch.service.start, {"HULING_LOG_LEVEL": "debug"})
    await switch.begin()
    yield switch
    await asyncio.to_thread(switch.service.stop)
    await asyncio.to_thread(switch.service.start)
    await switch.begin()


@pytest.fixture
async def operators(talkative: Switch) -> AsyncIterator[Operators]:
    async with open_operators(talkative) as opened:
        yield opened


async def test_no_log_has_a_secret_or_a_telephone_number(
    talkative: Switch, operators: Operators
) -> None:
    """A call in, a call out, a call from a stranger, a look-up by number, a refused request and a
    wrong password on the way: the logs of the whole session so far have none of them."""
    switch = talkative
    agent = await switch.ready_agent("8001")
    for number in (CALLER, STRANGER):
        caller = await (await switch.terminal(number)).call("95001")
        talk = await agent.takes_the_call()
        caller.hang_up()
        await talk.over()
        await agent.ask("wrap-up/end")
        await agent.wait("ready")
    await switch.records(2)
    await switch.forgive()  # the agent shall be rung for no callback
    answer = await switch.api.post("/calls", json={"agent": "8001", "number": MOBILE})
    assert answer.status_code == 201
    desk = await agent.answers()
    _, far, _ = await first_asked(switch, operators, MOBILE)
    far.ring()
    desk.hang_up()
    await far.over()
    await switch.search("calls", caller=CALLER)
    await switch.api.post("/calls", json={"agent": "8001", "number": "not a number"})
    wrong = await switch.phone("a8002", "wrong-password")
    assert await wrong.register() != 200
    secrets = switch.stack.secrets
    forbidden = {
        *(getattr(secrets, name) for name in type(secrets).__struct_fields__),
        *switch.service.credentials().values(),
    }
    assert len(forbidden) > 20
    assert NUMBER.search(b"to 02160000001, and") and NUMBER.search(b'"13900000001"')
    logs = written(switch.settings.run_dir / "log")
    assert sum(map(len, logs.values())) > 1000
    found = {
        f"{path.name}: {line[:200].decode(errors='replace')}"
        for path, text in logs.items()
        for line in text.splitlines()
        if NUMBER.search(line) or any(secret.encode() in line for secret in forbidden)
    }
    assert found == set()
