"""Agents' own calls over real trunks: rung first, dialled next, told apart when nobody is reached,
and carried by the next operator when one is away (T19, T31, F07, C24)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from servers.asterisk import PROMPTS
from tests.switch import sip
from tests.switch.hearing import LIKENESS_MIN, heard, likeness, tone_seconds, wav
from tests.switch.live import Agent, Switch
from tests.switch.operators import Operators, both_ways, first_asked, invited, open_operators

MOBILE = "13900000001"
TERMINAL = "02160000007"
RING_BACK_HZ = BUSY_HZ = 450
"""Of the Chinese ring-back and busy tone (indications.conf)."""


@pytest.fixture
async def operators(switch: Switch) -> AsyncIterator[Operators]:
    async with open_operators(switch) as opened:
        yield opened


async def place(switch: Switch, agent: Agent, number: str = MOBILE, **more: Any) -> sip.Call:
    """Have an agent call a number; they have answered their phone."""
    body = {"agent": agent.id, "number": number, **more}
    answer = await switch.api.post("/calls", json=body)
    assert answer.status_code == 201, answer.text
    return await agent.answers()


async def test_an_agent_calls_an_elder(switch: Switch, operators: Operators) -> None:
    """T19: the agent hears ring-back, both hear each other, wrap-up follows, and the row says
    that it went out."""
    agent = await switch.ready_agent("8001")
    desk = await place(switch, agent, reference="case-7")
    _, far, _ = await first_asked(switch, operators, MOBILE)
    assert far.invite is not None and "<sip:021095001" in far.invite["From"]
    assert (await agent.state())["state"] == "talking"
    far.ring()
    await switch.until(
        lambda: tone_seconds(heard(desk.audio.received), RING_BACK_HZ) > 0.5, "ring-back"
    )
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    far.hang_up()
    await desk.over()
    await agent.wait("wrap_up")
    row = await switch.record()
    assert (row["direction"], row["called"], row["outcome"]) == ("outbound", MOBILE, "answered")
    assert (row["agent"], row["reference"]) == ("8001", "case-7")
    legs = (await switch.get(f"/calls/{row['call_id']}"))["legs"]
    assert {(leg["role"], leg["number"]) for leg in legs} == {
        ("outside", MOBILE),
        ("agent", "a8001"),
    }


async def test_an_agent_dials_on_the_phone(switch: Switch, operators: Operators) -> None:
    agent = await switch.ready_agent("8001")
    desk = await agent.dials(f"9{MOBILE}")
    await desk.answered()
    _, far, _ = await first_asked(switch, operators, MOBILE)
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    desk.hang_up()
    await far.over()
    assert (await switch.record())["outcome"] == "answered"


@pytest.mark.parametrize("by", ["api", "phone"])
async def test_a_terminal_that_was_called_hears_busy_tone(
    switch: Switch, operators: Operators, by: str
) -> None:
    """T25: it clears by that, however the agent has called it; the number is a terminal's by the
    directory."""
    agent = await switch.ready_agent("8001")
    if by == "api":
        desk = await place(switch, agent, TERMINAL)
    else:
        desk = await agent.dials(f"9{TERMINAL}")
        await desk.answered()
    _, far, _ = await first_asked(switch, operators, TERMINAL)
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    desk.hang_up()
    begin = len(far.audio.received)
    await switch.until(
        lambda: tone_seconds(heard(far.audio.received[begin:]), BUSY_HZ) > 0.5, "busy tone"
    )
    assert not far.ended
    far.hang_up()
    assert (await switch.record())["outcome"] == "answered"
    told = (await switch.call_detail())["happenings"]
    assert [one["body"]["busy_tone"] for one in told if one["kind"] == "CallReleased"] == [True]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("486 Busy Here", "busy"),
        ("603 Decline", "rejected"),
        ("480 Temporarily Unavailable", "no_answer"),
        ("404 Not Found", "unreachable"),
    ],
)
async def test_the_agent_is_told_which_it_was(
    switch: Switch, operators: Operators, status: str, outcome: str
) -> None:
    """C24: spoken and recorded apart, and the other operator is not asked."""
    agent = await switch.ready_agent("8001")
    desk = await place(switch, agent)
    _, far, other = await first_asked(switch, operators, MOBILE)
    far.reply(status)
    await desk.over()
    prompt = wav(PROMPTS / f"outbound-{outcome.replace('_', '-')}.wav")
    assert likeness(heard(desk.audio.received), prompt) >= LIKENESS_MIN
    assert (await switch.record())["outcome"] == outcome
    assert not other.calls


@pytest.mark.parametrize("status", ["503 Service Unavailable", "302 Moved Temporarily"])
async def test_an_operator_who_refuses_is_left_at_once(
    switch: Switch, operators: Operators, status: str
) -> None:
    """Nobody is called whom it points to: neither our own entry, which would serve us as a caller,
    nor anybody else."""
    agent = await switch.ready_agent("8001")
    desk = await place(switch, agent)
    _, refused, other = await first_asked(switch, operators, MOBILE)
    refused.reply(status, headers={"Contact": f"<sip:95001@127.0.0.1:{refused.phone.port}>"})
    far = await invited(other, MOBILE)
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    desk.hang_up()
    await far.over()
    row = await switch.record()  # the only one: nobody else has come in
    assert (row["direction"], row["outcome"]) == ("outbound", "answered")


async def test_a_dead_operator_is_left_within_three_seconds(
    switch: Switch, operators: Operators
) -> None:
    """T31, issue 3 point 9: measured on the wire, first INVITE to first INVITE: 2 s, where
    SIP alone takes 32 s; a busy machine may add some."""
    operators.a.deaf = operators.b.deaf = True
    agent = await switch.ready_agent("8001")
    desk = await place(switch, agent)
    dead, _, other = await first_asked(switch, operators, MOBILE)
    other.deaf = False
    far = await invited(other, MOBILE)
    first, second = (
        next(
            at
            for message, at in zip(phone.received, phone.heard_at, strict=True)
            if message.first.startswith("INVITE")
        )
        for phone in (dead, other)
    )
    assert second - first < 10.0
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    desk.hang_up()
    await far.over()


@pytest.mark.parametrize(
    ("number", "status", "refusal"),
    [
        ("110", 409, "rescue_number"),
        ("02112", 201, None),
        ("12", 409, "not_a_number"),
        ("8002", 409, "own_number"),
    ],
)
async def test_what_may_be_called(
    switch: Switch, operators: Operators, number: str, status: int, refusal: str | None
) -> None:
    """No robot and no slip of the finger reaches a rescue service."""
    agent = await switch.ready_agent("8001")
    body = {"agent": agent.id, "number": number}
    answer = await switch.api.post("/calls", json=body)
    assert (answer.status_code, answer.json().get("refusal")) == (status, refusal)
    if status == 201:
        (await agent.rung()).reply("486 Busy Here")
        assert (await switch.record())["outcome"] == "withdrawn"
