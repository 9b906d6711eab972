"""Each selection rule, who is preferred, who helps and who is reached outside, against the real
Asterisk, with the policy changed by loading a directory while the service runs (C01, T12, W15)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from acd.core.directory import Selection
from servers.service import Service
from tests.switch.live import Agent, Json, Switch, demo, demo_with, load_directory
from tests.switch.operators import Operators, both_ways, first_asked, open_operators
from tests.switch.test_call_control import has_heard, hears
from tests.switch.test_directory_change import load
from tests.switch.voice import Voice

LEVELS = {"8011": 5, "8012": 7, "8013": 9}
READY = ("8012", "8011", "8013")
"""In this order, so that neither the list nor the level is the order of idleness."""

ANYBODY = set(LEVELS)
FIRST = {
    Selection.LONGEST_IDLE: {"8012"},
    Selection.HIGHEST_SKILL: {"8013"},
    Selection.BEST_FIT: {"8011"},
    Selection.LINEAR: {"8011"},
    Selection.FEWEST_CALLS: {"8012"},
    Selection.LEAST_TALK: {"8012"},
    Selection.ROUND_ROBIN: ANYBODY,
    Selection.RANDOM: ANYBODY,
    Selection.WEIGHTED: ANYBODY,
}
"""Who is rung for the first call of the day; ring all has a test of its own."""

ANOTHER_NEXT = {Selection.ROUND_ROBIN, Selection.FEWEST_CALLS, Selection.LEAST_TALK}
"""Rules by which whoever has just served is not the next."""

MOBILE = "13900000009"


@pytest.fixture
def demo_again(running: Service) -> Iterator[None]:
    """Whatever a test loads, the next one finds the demo directory."""
    yield
    load_directory(running, demo())


@pytest.fixture
async def operators(switch: Switch) -> AsyncIterator[Operators]:
    async with open_operators(switch) as opened:
        yield opened


def enquiries(**policy: Any) -> Callable[[dict[str, list[Json]]], None]:
    """The queue of enquiries with another policy, and three agents of known levels alone."""

    def change(directory: dict[str, list[Json]]) -> None:
        for agent in directory["agents"]:
            if agent["id"] in LEVELS:
                agent["skills"] = {"enquiry": LEVELS[agent["id"]]}
        queue = next(one for one in directory["queues"] if one["id"] == "enquiry")
        queue |= {"wrap_up_ms": 0, "sticky": [], "short_answer_ms": 0} | policy

    return change


async def staffed(switch: Switch) -> dict[str, Agent]:
    return {agent: await switch.ready_agent(agent) for agent in READY}


async def rung_first(switch: Switch, agents: dict[str, Agent]) -> str:
    """Return whose phone has an INVITE that nobody has replied to."""

    def rung() -> list[str]:
        return [
            name
            for name, agent in agents.items()
            if any(c.invite and not c.sequence and not c.ended for c in agent.phone.calls.values())
        ]

    return str((await switch.until(rung, "a phone to be rung"))[0])


async def served(switch: Switch, agents: dict[str, Agent], number: str) -> str:
    """One call, answered and ended; return by whom."""
    call = await (await switch.terminal(number)).call("95002")
    name = await rung_first(switch, agents)
    await agents[name].takes_the_call()
    call.hang_up()
    await agents[name].is_free()
    return name


@pytest.mark.parametrize("rule", list(FIRST), ids=str)
async def test_each_rule_rings_its_winner(
    switch: Switch, demo_again: None, rule: Selection
) -> None:
    """The record says the rule too, and who would have been next."""
    await load(switch, demo_with(enquiries(selection=rule.value)))
    agents = await staffed(switch)
    first = await served(switch, agents, "02160000001")
    assert first in FIRST[rule]
    second = await served(switch, agents, "02160000002")
    if rule in ANOTHER_NEXT:
        assert second != first
    for row, name in zip(await switch.records(2), (first, second), strict=True):
        (offer,) = (await switch.get(f"/calls/{row['call_id']}"))["offer_list"]
        assert (offer["agent"], offer["selection"], offer["free"]) == (name, rule.value, 3)
        assert sorted([offer["agent"], *offer["next"]]) == sorted(LEVELS)


async def test_ring_all_and_the_second_to_pick_up_hears_why(
    switch: Switch, demo_again: None
) -> None:
    """All three ring at once; two pick up in the same moment, one has the call, and the other's
    line ends as answered elsewhere, with no missed call."""
    await load(switch, demo_with(enquiries(selection="ring_all")))
    agents = await staffed(switch)
    caller = await (await switch.terminal()).call("95002")
    ringing = {name: await agent.rung() for name, agent in agents.items()}
    ringing["8011"].answer()
    ringing["8012"].answer()
    for call in ringing.values():
        await call.until(lambda one: one.acknowledged or bool(one.ended), "an ACK or the end")

    async def talking() -> list[str]:
        return [n for n, agent in agents.items() if (await agent.state())["state"] == "talking"]

    (winner,) = await switch.until(talking, "one of them to talk")
    assert winner in ("8011", "8012")
    for name, call in ringing.items():
        if name != winner:
            await call.over()
            assert 'SIP;cause=200;text="Call completed elsewhere"' in call.reasons
            await agents[name].wait("ready")
            assert (await agents[name].state())["misses"] == 0
    caller.hang_up()
    await agents[winner].wait("ready")
    results = {o["agent"]: o["result"] for o in (await switch.call_detail())["offer_list"]}
    assert results == {n: "accepted" if n == winner else "withdrawn" for n in LEVELS}


async def test_whoever_spoke_with_the_caller_last_is_rung_first(
    switch: Switch, demo_again: None
) -> None:
    """W15: though another has been idle longer."""
    await load(switch, demo_with(enquiries(sticky=["owner", "last"])))
    agents = await staffed(switch)
    first = await served(switch, agents, "02160000150")
    assert await served(switch, agents, "02160000150") == first
    second = (await switch.records(2))[-1]
    (offer,) = (await switch.get(f"/calls/{second['call_id']}"))["offer_list"]
    assert offer["preferred"] == "owner"


async def test_a_number_asks_for_one_agent_and_another_comes_in_their_place(
    switch: Switch, demo_again: None
) -> None:
    """T39: though others have been idle longer; on a break they block nobody."""

    def named(directory: dict[str, list[Json]]) -> None:
        enquiries()(directory)
        next(one for one in directory["entries"] if one["id"] == "95002")["agent"] = "8013"

    await load(switch, demo_with(named))
    agents = await staffed(switch)
    assert await served(switch, agents, "02160000001") == "8013"
    await agents["8013"].ask("pause", reason="meal")
    await agents["8013"].wait("paused")
    assert await served(switch, agents, "02160000002") == "8012"
    offers = [(await switch.get(f"/calls/{row['call_id']}"))["offer_list"]
              for row in await switch.records(2)]  # fmt: skip
    assert [[offer["preferred"] for offer in made] for made in offers] == [["named"], [None]]


async def test_who_has_less_of_the_skill_is_rung_after_a_while(
    switch: Switch, demo_again: None
) -> None:
    """C01: nobody at work has what the queue needs; two seconds later less will do."""
    relaxed = [{"after_ms": 2_000, "needs": {"enquiry": 5}}]
    await load(switch, demo_with(enquiries(needs={"enquiry": 9}, relaxation=relaxed)))
    agent = await switch.ready_agent("8011")
    call = await (await switch.terminal()).call("95002")
    await agent.takes_the_call()
    call.hang_up()
    row = await switch.record()
    assert (row["agent"], row["outcome"], row["offers"]) == ("8011", "answered", 1)
    assert row["wait_ms"] >= 2_000


async def test_another_queue_helps_and_the_call_stays_its_own(
    switch: Switch, demo_again: None
) -> None:
    """T12: nobody serves emergencies; after a second an agent of enquiries is rung."""

    def helped(directory: dict[str, list[Json]]) -> None:
        directory["queues"][0] |= {"overflow": ["enquiry"], "overflow_ms": 1_000}

    await load(switch, demo_with(helped))
    agent = await switch.ready_agent("8015")
    call = await (await switch.terminal()).call("95001")
    await agent.takes_the_call()
    call.hang_up()
    row = await switch.record()
    assert (row["queue"], row["agent"], row["outcome"]) == ("emergency", "8015", "answered")
    assert row["wait_ms"] >= 1_000
    (offer,) = (await switch.get(f"/calls/{row['call_id']}"))["offer_list"]
    assert offer["overflow"] == "enquiry"


def on_duty(name: str) -> Callable[[dict[str, list[Json]]], None]:
    """Emergencies reach an outside telephone, and no other queue.  Each test has its own: between
    tests everybody is logged out, and nobody would log this one in again."""

    def change(directory: dict[str, list[Json]]) -> None:
        directory["queues"][0] |= {
            "overflow": [],
            "widening": [
                {"after_ms": 0, "phones": 1, "reach": "ready"},
                {"after_ms": 1_000, "phones": 2, "reach": "outside"},
            ],
        }
        directory["duty_phones"] = [
            {"id": name, "name": "值班", "number": MOBILE, "queues": ["emergency"]}
        ]

    return change


async def test_an_outside_telephone_takes_the_call_by_the_key_1(
    switch: Switch, operators: Operators, demo_again: None
) -> None:
    """C01: nobody is in the house; both hear each other after the key and not before."""
    await load(switch, demo_with(on_duty("duty-1")))
    caller = await (await switch.terminal()).call("95001")
    _, mobile, _ = await first_asked(switch, operators, MOBILE)
    mobile.ring()
    mobile.answer()
    await mobile.until(lambda call: call.acknowledged, "the ACK")
    await switch.until(lambda: len(mobile.audio.received) > 50, "the announcement")
    mobile.send_digit("1")
    await caller.answered()
    await both_ways(caller, mobile)
    caller.hang_up()
    await mobile.over()
    row = await switch.record()
    assert (row["agent"], row["outcome"]) == ("duty-1", "answered")
    (offer,) = (await switch.get(f"/calls/{row['call_id']}"))["offer_list"]
    assert (offer["reach"], offer["result"]) == ("outside", "accepted")


async def test_a_duty_phone_is_b_of_a_case(
    switch: Switch, operators: Operators, demo_again: None
) -> None:
    """C17, E14, E16: nobody else is in the house; after the key B and the caller hear each other,
    and a duty phone commands like any other."""
    await load(switch, demo_with(on_duty("duty-3")))
    a = await switch.ready_agent("8001")
    elder = await (await switch.terminal("02160009922")).call("95001")
    at_a = await a.takes_the_call()
    await elder.answered()
    async with Voice(elder, 600), Voice(at_a, 1000) as keys:
        await hears(switch, elder, 1000)
        await keys.press("*90")
        _, mobile, _ = await first_asked(switch, operators, MOBILE)
        mobile.ring()
        mobile.answer()
        await mobile.until(lambda call: call.acknowledged, "the ACK")
        async with Voice(mobile, 1400) as keys:
            await switch.until(lambda: len(mobile.audio.received) > 50, "the announcement")
            await keys.press("1")
            await hears(switch, elder, 1400)
            await hears(switch, mobile, 600)
            (case,) = await switch.get("/cases")
            assert (case["a"], case["b"]) == ("8001", "duty-3")
            await keys.press("*98")
            await has_heard(switch, mobile, "case-help-arrived")
        elder.hang_up()
        await mobile.over()
        await at_a.over()


async def test_a_voicemail_box_never_answers(
    switch: Switch, operators: Operators, demo_again: None
) -> None:
    """It picks up and talks; the caller goes on waiting, and an agent who comes has the call."""
    await load(switch, demo_with(on_duty("duty-2")))
    caller = await (await switch.terminal()).call("95001")
    _, box, _ = await first_asked(switch, operators, MOBILE)
    box.answer()
    await box.until(lambda call: call.acknowledged, "the ACK")
    for number in range(25):
        box.audio.send(b"\x22" * 160, to=box.media_port, number=number)
        await asyncio.sleep(0)
    agent = await switch.ready_agent("8001")
    await agent.takes_the_call()
    await box.over()
    caller.hang_up()
    await agent.wait("wrap_up")
    row = await switch.record()
    assert (row["agent"], row["outcome"]) == ("8001", "answered")
    results = {o["agent"]: o["result"] for o in (await switch.call_detail())["offer_list"]}
    assert results == {"duty-2": "withdrawn", "8001": "accepted"}
