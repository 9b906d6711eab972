"""Callbacks on the real switch: whoever gave up on the emergency line is called back within 30 s,
joined with an agent, and a redial of the same terminal is the same matter (C02, E34)."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.switch.live import Json, Switch, demo, demo_with, load_directory
from tests.switch.operators import Operators, both_ways, deaf, first_asked, open_operators

ELDER = "02160000007"


@pytest.fixture
async def operators(switch: Switch) -> AsyncIterator[Operators]:
    async with open_operators(switch) as opened:
        yield opened


async def gives_up(switch: Switch, entry: str = "95001", queue: str = "emergency") -> None:
    """Somebody presses the key, waits in vain, and hangs up; the switch knows that they have: who
    becomes ready before that is rung for them."""
    terminal = await switch.terminal(ELDER)
    call = await terminal.call(entry)
    await switch.one_waits(queue)
    await call.answered()  # picked up, with an acknowledgement
    call.hang_up()
    await switch.record()


async def owed(switch: Switch, state: str = "open") -> list[Json]:
    found = await switch.get("/obligations", state=state, kind="callback")
    return [one for one in found if one["number"] == ELDER]


async def none_owed(switch: Switch) -> None:
    async def ended() -> bool:
        return not await owed(switch)

    await switch.until(ended, "the obligation to end")


async def test_an_abandoned_emergency_is_called_back_within_thirty_seconds(
    switch: Switch, operators: Operators
) -> None:
    """An agent is rung first, then the elder, who sees the number they dialled; both hear each
    other, and the matter counts as reached."""
    await gives_up(switch)
    began = time.monotonic()
    agent = await switch.ready_agent("8001")
    desk = await agent.answers()
    _, far, _ = await first_asked(switch, operators, ELDER)
    assert time.monotonic() - began < 30.0
    assert far.invite is not None and "<sip:95001@" in far.invite["From"]
    (standing,) = await owed(switch)
    assert (standing["state"], standing["emergency"]) == ("worked", True)
    far.ring()
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    await agent.says("responded")  # E33: without that nobody has been reached
    far.hang_up()
    await desk.over()
    await none_owed(switch)
    switch.callbacks_too = True
    came, went = await switch.records(2)
    assert (came["direction"], came["outcome"]) == ("inbound", "abandoned")
    assert (went["direction"], went["outcome"]) == ("outbound", "answered")
    assert (went["called"], went["reference"]) == (ELDER, standing["id"])

    async def recorded() -> bool:
        found = await owed(switch, "done")
        return any(one["id"] == standing["id"] and one["closing"] == "reached" for one in found)

    await switch.until(recorded, "the obligation's row")


async def test_no_answer_to_options_keeps_nobody_from_being_called_back(
    switch: Switch, operators: Operators
) -> None:
    """E34, decision 29: Asterisk holds both operators to be away, and one takes the call all the
    same.  The agent is rung when the elder's telephone rings, and not before."""
    await deaf(switch, operators)
    await gives_up(switch)
    agent = await switch.ready_agent("8001")
    _, far, _ = await first_asked(switch, operators, ELDER)
    assert not [call for call in agent.phone.calls.values() if call.invite]
    far.ring()
    desk = await agent.answers()
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    await agent.says("responded")
    far.hang_up()
    await desk.over()
    await none_owed(switch)
    switch.callbacks_too = True
    came, went = await switch.records(2)
    assert (came["outcome"], went["outcome"], went["agent"]) == ("abandoned", "answered", "8001")


async def test_a_redial_of_the_same_terminal_is_the_same_matter(
    switch: Switch, operators: Operators
) -> None:
    """We are calling them when they call us: ours is taken back, and the agent gets theirs."""
    await gives_up(switch)
    agent = await switch.ready_agent("8001")
    desk = await agent.answers()
    _, far, _ = await first_asked(switch, operators, ELDER)
    far.ring()
    redial = await (await switch.terminal(ELDER)).call("95001")
    await far.over()  # cancelled
    await desk.over()
    again = await agent.takes_the_call(caller=ELDER)
    await redial.answered()
    await both_ways(redial, again)
    await agent.says("responded")
    redial.hang_up()
    await none_owed(switch)
    switch.callbacks_too = True
    assert [row["outcome"] for row in await switch.records(3)] == [
        "abandoned",
        "withdrawn",
        "answered",
    ]


async def test_an_appointment_is_kept_at_its_time_of_day_and_noted(
    switch: Switch, operators: Operators
) -> None:
    """W34, D06: an agent of the queue is free all the while and is rung when it comes, not before;
    both hear each other, it counts as reached, and what they note stands with the call."""
    agent = await switch.ready_agent("8011")
    at = datetime.now(UTC) + timedelta(seconds=4)
    promised = {"number": ELDER, "queue": "enquiry", "at": at.isoformat(), "about": "高血压"}
    answer = await switch.api.post("/obligations", json=promised)
    assert answer.status_code == 201, answer.text
    (standing,) = await owed(switch)
    assert standing["appointed"] == standing["next"]
    assert standing["since"] == standing["appointed"] < standing["deadline"]
    desk = await agent.answers()
    assert datetime.now(UTC) >= at
    _, far, _ = await first_asked(switch, operators, ELDER)
    far.ring()
    far.answer()
    await far.until(lambda call: call.acknowledged, "the ACK")
    await both_ways(desk, far)
    far.hang_up()
    await desk.over()
    await none_owed(switch)
    switch.callbacks_too = True
    (went,) = await switch.records(1)
    assert (went["direction"], went["outcome"], went["agent"]) == ("outbound", "answered", "8011")
    note = {"agent": "8011", "category": "enquiry", "words": "血压已讲解，下周复测"}
    path = f"/calls/{went['call_id']}"
    assert (await switch.api.post(f"{path}/note", json=note)).status_code == 201
    assert (await switch.get(path))["note"] == note["words"]


@pytest.fixture
def other_rules(switch: Switch) -> Iterator[None]:
    def changed(found: dict[str, list[Json]]) -> None:
        for queue in found["queues"]:
            if queue["id"] == "enquiry":
                queue["callback"] = {"within_ms": 100_000, "first_ms": 40_000, "short_ms": 500}

    load_directory(switch.service, demo_with(changed))
    yield
    load_directory(switch.service, demo())


async def test_an_enquiry_is_called_back_by_the_rules_of_its_queue(
    switch: Switch, other_rules: None
) -> None:
    """C02: set in the directory and obeyed by the next call; the first attempt comes 40 s after
    the end of the call and the deadline a minute later."""
    await gives_up(switch, "95002", "enquiry")

    async def there() -> list[Json]:
        return await owed(switch)

    (standing,) = await switch.until(there, "the obligation")
    first, deadline = (datetime.fromisoformat(standing[one]) for one in ("next", "deadline"))
    ended = (await switch.record())["ended_at"]
    assert (first - ended).total_seconds() == 40
    assert (deadline - ended).total_seconds() == 100


async def test_a_person_closes_it_with_a_reason(switch: Switch, operators: Operators) -> None:
    await gives_up(switch)

    async def there() -> list[Json]:
        return await owed(switch)

    (standing,) = await switch.until(there, "the obligation")
    path = f"/obligations/{standing['id']}/close"
    assert (await switch.api.post(path)).json()["refusal"] == "no_reason"
    closed = await switch.api.post(path, json={"reason": "试验呼叫"})
    assert (closed.status_code, closed.json()) == (200, {"state": "closed", "stored": True})
    assert (await switch.api.post(path, json={"reason": "again"})).status_code == 404
    assert not await owed(switch)
