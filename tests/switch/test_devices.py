"""What a terminal says of itself by DTMF, on the real switch (T27, W48)."""

from tests.switch.live import Json, Switch
from tests.switch.test_case_api import stream
from tests.switch.voice import Voice

TERMINAL = "02160000041"


async def test_a_terminal_tells_of_its_battery_and_its_elder_is_served_as_ever(
    switch: Switch,
) -> None:
    """T27, W48: the code reaches us as RFC 4733 events in the elder's own voice; the desk sees it
    at once, a new battery is owed, the call's history has it, and what the call was is the agent's
    word: a test."""
    agent = await switch.ready_agent("8001")
    async with stream(switch) as (desk, _):
        call = await (await switch.terminal(TERMINAL)).call("95001")
        ring = await agent.takes_the_call()
        await call.answered()
        async with Voice(call, 440) as elder, Voice(ring, 600) as voice:
            await desk.fact("CallAnswered")
            await elder.press("#91")
            told = await desk.fact("DeviceReported")
            assert (told["terminal"], told["meaning"]) == (TERMINAL, "low_battery")
            assert told["agent"] == "8001"
            owed = (await desk.fact("ObligationNoted", what="owed"))["obligation"]
            assert (owed["why"], owed["about"]) == ("device", "更换电池")
            async with stream(switch) as (_, snapshot):
                (seen,) = snapshot["calls"]
                assert seen["device"] == ["low_battery"]
            (task,) = await switch.get("/obligations", state="open")
            assert (task["why"], task["about"], task["number"]) == ("device", "更换电池", TERMINAL)
            await elder.press("#93")
            assert (await desk.fact("DeviceReported"))["meaning"] == "test"
            assert (await switch.agent_state("8001"))["state"] == "talking"
            await voice.press("*2007")
            await desk.fact("CallDisposed", disposition="test")
        call.hang_up()
        await ring.over()
    record = await switch.record()
    assert record["terminal"] == TERMINAL
    sentences = await _sentences(switch, record)
    assert "The terminal said by #91: its battery is low." in sentences
    assert "The terminal said by #93: it is being tested." in sentences
    who = {"agent": "8001", "kind": "maintenance", "staff": "M-17"}
    noted = await switch.api.post(f"/calls/{record['call_id']}/test", json=who)
    assert noted.status_code == 200, noted.text
    await switch.until(lambda: _is_tested_by(switch, "maintenance"), "the test is on record")


async def _is_tested_by(switch: Switch, kind: str) -> bool:
    """W48, U12: the terminal's own history says when it was tested and by whom."""
    shown = await switch.get(f"/terminals/{TERMINAL}")
    newest = shown["tests"][0] if shown["tests"] else {}
    return (newest.get("kind"), newest.get("staff")) == (kind, "M-17")


async def _sentences(switch: Switch, record: Json) -> list[str]:
    detail = await switch.get(f"/calls/{record['call_id']}/explanation")
    return [one["sentence"] for one in detail["lines"]]
