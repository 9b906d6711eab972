"""The directory changes under live calls: nobody notices, the next call obeys (T12, T18, E03)."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from acd.proof.load import CallReport, run_calls
from servers.service import Service
from tests.switch.live import Json, Switch, demo, demo_with, load_directory, ringing_on

NEW_AGENT = "8021"
TALK_MS = 30_000
"""Twenty SIPp processes on a busy machine take some seconds to begin, and so does loading."""

NEW_PROMISE_MS = 15_000


def changed(directory: dict[str, list[Json]]) -> None:
    """One agent more, one skill less, another promise."""
    directory["agents"].append(
        {"id": NEW_AGENT, "name": "新坐席", "skills": {"emergency": 10, "enquiry": 1}}
    )
    directory["seats"].append(
        {"id": f"s{NEW_AGENT}", "phones": [f"a{NEW_AGENT}"], "agent": NEW_AGENT}
    )
    for agent in directory["agents"]:
        if agent["id"] == "8011":
            agent["skills"] = {"dialect:shanghai": 1}
    for queue in directory["queues"]:
        if queue["id"] == "emergency":
            queue["promise_ms"] = NEW_PROMISE_MS


@pytest.fixture
def demo_again(running: Service) -> Iterator[None]:
    """Whatever a test loads, the next one finds the demo directory."""
    yield
    load_directory(running, demo())


async def revision(switch: Switch) -> int:
    (row,) = await switch.sql("SELECT max(revision) AS newest FROM directory_revisions")
    return int(row["newest"])


async def load(switch: Switch, directory: str) -> None:
    """Load it and wait until the service has read it."""
    await asyncio.to_thread(load_directory, switch.service, directory)


async def test_twenty_live_calls_do_not_notice_a_change_and_the_next_call_obeys(
    switch: Switch, demo_again: None
) -> None:
    """T18, T12: twenty conversations on both lines; in the middle of them an agent is added, a
    skill taken away and the promise changed.  Every tone is heard on both sides to the end; then
    the new agent registers and is rung first, the other is rung no more, and the offer counts from
    the new promise."""

    def calls(entry: str, first: int) -> list[CallReport]:
        agents = [switch.account(f"a{8000 + n}") for n in range(first, first + 10)]
        numbers = [f"0216{n:07d}" for n in range(first, first + 10)]
        return run_calls(
            10, 10.0, TALK_MS, agents, sipp=switch.sipp, switch=switch.proof_switch,
            entry=entry, numbers=numbers,
        )  # fmt: skip

    await load(switch, demo_with(ringing_on))
    both = asyncio.gather(
        asyncio.to_thread(calls, "95001", 1), asyncio.to_thread(calls, "95002", 11)
    )

    async def all_talk() -> bool:
        return await metric(switch, 'huling_agents{state="talking"}') == 20

    await switch.until(all_talk, "twenty conversations")
    await load(switch, demo_with(changed))
    assert await all_talk()
    for reports in await both:
        assert [report.problems for report in reports] == [[]] * 10
        assert min(report.talk_ms or 0 for report in reports) >= TALK_MS - 100
    rows = await switch.records(20)
    assert {row["outcome"] for row in rows} == {"answered"}
    # Nobody has said how these emergencies ended: on a slow machine they would be called back now.
    await switch.forgive()

    async def has_account() -> bool:
        return f"a{NEW_AGENT}" in switch.service.credentials() and f"a{NEW_AGENT}" in (
            await asyncio.to_thread(switch.stack.cli, "pjsip show endpoints")
        )

    await switch.until(has_account, "the new agent's SIP account")
    newcomer = await switch.ready_agent(NEW_AGENT)
    unskilled = await switch.ready_agent("8011")
    assert (await unskilled.state())["queues"] == []
    call = await (await switch.terminal()).call("95001")
    await newcomer.takes_the_call()
    await call.answered()
    call.hang_up()
    await newcomer.wait("wrap_up")
    await switch.records(21)
    await switch.forgive()
    call = await (await switch.terminal()).call("95002")
    await switch.one_waits("enquiry")  # nobody there has the skill
    await newcomer.ask("ready")
    await newcomer.takes_the_call()
    call.hang_up()
    first, second = (await switch.records(22))[-2:]
    assert (first["agent"], second["agent"]) == (NEW_AGENT, NEW_AGENT)
    detail = await switch.get(f"/calls/{first['call_id']}")
    slack_ms = detail["offer_list"][0]["slack_ms"]
    assert NEW_PROMISE_MS - 5_000 < slack_ms <= NEW_PROMISE_MS  # it was 10 s


async def metric(switch: Switch, sample: str) -> float:
    return (await switch.metrics()).get(sample, 0.0)


async def test_accounts_outlive_asterisk_and_the_service(switch: Switch, demo_again: None) -> None:
    """T05, T18: a new agent's SIP account is there after Asterisk has been started again, with the
    service away, and after the service has."""
    await load(switch, demo_with(changed))
    newcomer = await switch.agent_when_there(NEW_AGENT)
    await asyncio.to_thread(switch.service.stop)
    try:
        await asyncio.to_thread(switch.stack.restart, "asterisk")
        # Nobody but Asterisk's own database knows the account now.
        assert await newcomer.phone.register() == 200
    finally:
        await asyncio.to_thread(switch.service.start)
    await switch.begin()
    await newcomer.ask("login")
    await newcomer.wait("ready")
    call = await (await switch.terminal()).call("95001")
    await newcomer.takes_the_call()
    await call.answered()
    call.hang_up()
    assert (await switch.record())["agent"] == NEW_AGENT


async def test_a_removed_agents_account_is_gone(switch: Switch, demo_again: None) -> None:
    """T36, T37: who has left can register no more, and is nobody's agent."""

    def without(directory: dict[str, list[Any]]) -> None:
        for part, key in (("agents", "id"), ("seats", "agent")):
            directory[part] = [one for one in directory[part] if one[key] != "8020"]

    password = switch.service.credentials()["a8020"]
    await load(switch, demo_with(without))
    assert (await switch.api.get("/agents/8020")).status_code == 404

    async def refused() -> bool:
        phone = await switch.phone("a8020", password)
        return await phone.register() != 200

    await switch.until(refused, "the account to be gone")


async def test_a_file_with_one_mistake_changes_nothing(switch: Switch) -> None:
    """T18 (BT 999, 2023: a bad file reached all desks): the load is refused with file, path and
    value, and the next call is served as before."""

    def wrong(directory: dict[str, list[Json]]) -> None:
        changed(directory)
        directory["queues"][0]["promise_ms"] = "soon"

    before = await revision(switch)
    file = switch.settings.run_dir / "wrong.yaml"
    file.write_text(demo_with(wrong), encoding="utf-8")
    done = await asyncio.to_thread(switch.service.command, "directory", "load", str(file))
    assert done.returncode == 2
    assert "wrong.yaml" in done.stderr and "soon" in done.stderr
    assert await revision(switch) == before
    agent = await switch.ready_agent("8011")
    call = await (await switch.terminal()).call("95002")
    await agent.takes_the_call()
    await call.answered()
    call.hang_up()
    assert (await switch.record())["agent"] == "8011"
