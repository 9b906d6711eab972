"""The main job on the real switch: a one-key call reaches an agent's phone, both talk, and what was
recorded and counted is what happened (T09, T16, T24, E25, K04, Q08).
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from acd.proof.load import CallReport, HangUp, run_calls
from acd.proof.records import differences
from servers.asterisk import PROMPTS
from tests.switch import sip
from tests.switch.hearing import LIKENESS_MIN, heard, likeness, tone_seconds, wav
from tests.switch.judging import BUSY_MS, judged
from tests.switch.live import (
    Agent,
    Json,
    Switch,
    demo,
    demo_with,
    end,
    load_directory,
    ringing_on,
    total,
)
from tests.switch.voice import Voice

VOICE_HZ = 600
LATE_MS = 8000
"""What a busy machine may add; that the core's own clock is exact is tested there."""


async def place(switch: Switch, count: int, agents: list[str], **more: Any) -> list[CallReport]:
    """Calls between SIPp's terminals and phones, with tones both ways."""
    accounts = [switch.account(f"a{agent}") for agent in agents]
    return await asyncio.to_thread(
        lambda: run_calls(
            count, more.pop("rate", 1.0), more.pop("talk_ms", 1500), accounts,
            sipp=switch.sipp, switch=switch.proof_switch, **more,
        )
    )  # fmt: skip


async def test_a_call_reaches_an_agent_who_has_the_skill_and_both_hear_each_other(
    switch: Switch,
) -> None:
    """T09, T16, T22: of two agents at their phones the one with the queue's skill is rung; each
    side hears the other's own tone and no third; the row says what SIPp measured."""
    (report,) = await place(switch, 1, ["8005", "8011"], entry="95002")
    assert report.problems == []
    assert report.agent == "a8011"
    assert report.audio_to_agent and report.audio_to_terminal
    (row,) = await switch.search("calls", caller=report.number, limit=1)
    found = differences(
        row, report, entry="95002", agent="8011", synthetic=False, tolerance_ms=BUSY_MS
    )
    assert found == []
    assert row["queue"] == "enquiry"
    assert row["terminal"] == "02160000001"
    assert row["elders"] == ["e0001"]
    assert row["seat"] == "s8011"
    assert row["trunk"] == "carrier-a"


async def test_the_highest_level_is_rung_first_on_the_emergency_line(switch: Switch) -> None:
    """T12: 8005 has level 10, 8001 level 6."""
    low, high = await switch.ready_agent("8001"), await switch.ready_agent("8005")
    terminal = await switch.terminal()
    call = await terminal.call("95001")
    await high.takes_the_call()
    await call.answered()
    assert (await low.state())["state"] == "ready"
    call.hang_up()
    assert (await switch.record())["agent"] == "8005"


async def test_metrics_are_what_the_rows_say(switch: Switch) -> None:
    """K04, K07: counters and histogram of a few calls of every kind equal the rows': answered,
    abandoned, refused; and offered is their sum."""
    agent = await switch.ready_agent("8005")
    for answered in range(2):
        terminal = await switch.terminal()
        call = await terminal.call("95001")
        await agent.takes_the_call()
        await call.answered()
        call.hang_up()
        await agent.wait("wrap_up")
        await switch.records(answered + 1)
        await switch.forgive()  # an offer of a callback would be counted
        await agent.ask("wrap-up/end")
    await agent.ask("pause", reason="rest")
    for given_up in range(3):
        terminal = await switch.terminal()
        call = await terminal.call("95001")
        await switch.one_waits()
        call.cancel()
        # Only then is the next one the one that waits.
        await switch.records(3 + given_up)
        await switch.forgive()
    terminal = await switch.terminal()
    await (await terminal.call("99999")).over()
    rows = await switch.records(6)

    def rows_of(outcome: str) -> list[Json]:
        return [row for row in rows if row["outcome"] == outcome]

    async def settled() -> bool:
        return await switch.metric("huling_calls_live") == 0

    await switch.until(settled, "the last call's end")
    counted = await switch.counted()
    assert [len(rows_of(one)) for one in ("answered", "abandoned", "refused")] == [2, 3, 1]
    assert total(counted, "huling_calls_offered_total") == 6
    assert counted['huling_calls_offered_total{entry="95001",queue="emergency"}'] == 5
    assert counted['huling_calls_answered_total{queue="emergency"}'] == 2
    assert counted['huling_calls_abandoned_total{queue="emergency"}'] == 3
    assert counted['huling_calls_ended_total{outcome="refused",queue="none"}'] == 1
    assert counted['huling_answer_time_seconds_count{queue="emergency"}'] == 2
    waits_s = sum(row["wait_ms"] for row in rows_of("answered")) / 1000
    assert counted['huling_answer_time_seconds_sum{queue="emergency"}'] == pytest.approx(waits_s)
    assert total(counted, "huling_offers_total") == sum(row["offers"] for row in rows)


async def test_a_synthetic_call_is_recorded_and_in_no_figure(switch: Switch) -> None:
    """K04: 95009 is for proofs: its row says so and no counter of real calls moves."""
    robot = await switch.ready_agent("8099")
    terminal = await switch.terminal()
    call = await terminal.call("95009")
    await robot.takes_the_call()
    await call.answered()
    call.hang_up()
    row = await switch.record()
    assert (row["synthetic"], row["outcome"], row["agent"]) == (True, "answered", "8099")
    counted = await switch.counted()
    assert counted["huling_synthetic_calls_offered_total"] == 1
    assert counted["huling_synthetic_calls_answered_total"] == 1
    for name in ("offered", "answered", "abandoned", "ended"):
        assert total(counted, f"huling_calls_{name}_total") == 0
    assert total(counted, "huling_offers_total") == 0


async def test_a_waiting_caller_is_picked_up_after_two_seconds_and_then_served(
    switch: Switch,
) -> None:
    """V01, C01: nobody is there: ring-back at once, after 2 s an acknowledgement in Mandarin on an
    answered line; the first agent who gets ready is rung at once.  The pick-up is not an answer."""
    terminal = await switch.terminal()
    call = await terminal.call("95001")
    await call.ringing()
    await call.answered()
    agent = await switch.agent("8005")
    acknowledgement = wav(PROMPTS / "caller-acknowledge.wav")

    def acknowledged() -> bool:
        return likeness(heard(call.audio.received), acknowledgement) >= LIKENESS_MIN

    await switch.until(acknowledged, "the acknowledgement")
    await agent.ask("login")
    await agent.takes_the_call()
    call.hang_up()
    row = await switch.record()
    pick_up_ms = (row["picked_up_at"] - row["arrived_at"]).total_seconds() * 1000
    assert 2000 <= pick_up_ms < 2000 + LATE_MS
    assert row["outcome"] == "answered"
    assert row["answered_at"] > row["picked_up_at"]
    assert row["wait_ms"] > 2000
    (offer,) = (await switch.call_detail())["offer_list"]
    assert offer["agent"] == "8005"


async def conversation(switch: Switch, call: sip.Call, ring: sip.Call) -> None:
    """The caller speaks until the agent has heard more than the queue's short answer (1 s)."""

    def heard_out() -> bool:
        return tone_seconds(heard(ring.audio.received), VOICE_HZ) >= 1.1

    async with Voice(call, VOICE_HZ):
        await switch.until(heard_out, "the agent to have heard the caller for longer than 1 s")


async def test_who_hangs_up_first_decides_on_the_enquiry_line_alone(switch: Switch) -> None:
    """T20, C07: an agent's hang-up ends an enquiry; on the emergency line the caller waits again
    and everybody in reach is rung, who hung up by accident too."""
    first = await switch.ready_agent("8011")
    terminal = await switch.terminal()
    call = await terminal.call("95002")
    ring = await first.takes_the_call()
    await call.answered()
    await conversation(switch, call, ring)
    ring.hang_up()
    begin = len(call.audio.received)

    def busy_tone() -> bool:
        return tone_seconds(heard(call.audio.received[begin:]), 450) >= 0.5

    await switch.until(busy_tone, "busy tone (T25)")
    call.hang_up()
    assert (await switch.record())["outcome"] == "answered"

    high, low = await switch.ready_agent("8005"), await switch.ready_agent("8004")
    call = await (await switch.terminal()).call("95001")
    ring = await high.takes_the_call()
    await call.answered()
    await conversation(switch, call, ring)
    ring.hang_up()
    await low.takes_the_call()
    assert not call.ended
    call.hang_up()
    row = (await switch.records(2))[-1]
    assert (row["outcome"], row["agent"], row["offers"]) == ("answered", "8005", 3)


# ── Who is calling ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What the INVITE says, and who that is."""

    what: str
    user: str = "02160000001"
    headers: dict[str, str] = field(default_factory=dict)
    from_: str | None = None
    host: str = "127.0.0.1"
    caller: str | None = "02160000001"
    terminal: str | None = "02160000001"
    elders: tuple[str, ...] = ("e0001",)
    trunk: str = "carrier-a"


# fmt: off
IDENTITIES = [
    Identity(what="From"),
    Identity(what="with the country code", user="+862160000001"),
    Identity(what="without the area's zero", user="2160000001"),
    Identity(what="without the area", user="60000001"),
    Identity(what="with a display name", from_='"one key" <sip:02160000001@127.0.0.1>'),
    Identity(what="asserted", user="anonymous",
             headers={"P-Asserted-Identity": "<sip:02160000001@operator.example>"}),
    Identity(what="asserted by tel", user="anonymous",
             headers={"P-Asserted-Identity": "<tel:+86-21-6000-0001>"}),
    Identity(what="asserted wins over From", user="02160000002",
             headers={"P-Asserted-Identity": '"x" <sip:02160000001@operator.example>'}),
    Identity(what="asserted garbage leaves From",
             headers={"P-Asserted-Identity": "<sip:nobody@operator.example>"}),
    Identity(what="two elders at one number", user="02160000010", caller="02160000010",
             terminal="02160000010", elders=("e0010", "e0010b")),
    Identity(what="by the other operator", host="127.200.0.1", trunk="carrier-b"),
    Identity(what="unknown number", user="02188887777", caller="02188887777", terminal=None,
             elders=()),
    Identity(what="no number at all", user="anonymous", caller=None, terminal=None, elders=()),
    Identity(what="an extension that looks like an agent", user="8003", caller="8003",
             terminal=None, elders=()),
]
# fmt: on


@pytest.mark.parametrize("case", IDENTITIES, ids=lambda case: case.what)
async def test_whoever_calls_is_known_if_anybody_knows_them_and_rung_for_anyway(
    switch: Switch, case: Identity
) -> None:
    """T24, E03, E25: trusted assertion, else From, in one form; all elders of a number; a number
    that nobody knows, or that looks like an agent's, rings an agent like any other."""
    agent = await switch.ready_agent("8005")
    terminal = await switch.terminal(case.user, host=case.host)
    call = await terminal.call("95001", from_=case.from_, headers=case.headers)
    await agent.takes_the_call()
    await call.answered()
    call.hang_up()
    row = await switch.record()
    assert row["outcome"] == "answered"
    assert row["caller"] == case.caller
    assert row["terminal"] == case.terminal
    assert row["elders"] == list(case.elders)
    assert row["trunk"] == case.trunk


# ── Feature codes and the API ─────────────────────────────────────────────────────────────────


async def says(switch: Switch, call: sip.Call, *prompts: str) -> None:
    """Wait until these prompts have been heard on the line, in any order, and the line ended."""
    await switch.until(lambda: bool(call.ended), "the switch to hang up")
    samples = heard(call.audio.received)
    for prompt in prompts:
        found = likeness(samples, wav(PROMPTS / f"{prompt}.wav"))
        assert found >= LIKENESS_MIN, f"{prompt}: {found:.2f}"


@dataclass(frozen=True, kw_only=True)
class Move:
    """One request by code and by API, what is heard, and what the agent is then."""

    code: str
    digit: str = ""
    api: str
    body: dict[str, str] = field(default_factory=dict)
    status: int = 200
    heard: tuple[str, ...]
    state: str
    reason: str | None = None


# fmt: off
DAY = [
    Move(code="*61", api="ready", status=409, heard=("agent-refused-in-this-state",),
         state="logged_out"),
    Move(code="*60", api="login", heard=("agent-logged-in-ready",), state="ready"),
    Move(code="*62", digit="2", api="pause", body={"reason": "meal"},
         heard=("agent-pause-menu", "agent-paused"), state="paused", reason="meal"),
    Move(code="*61", api="ready", heard=("agent-ready",), state="ready"),
    Move(code="*621", api="pause", body={"reason": "rest"},
         heard=("agent-paused", "pause-reason-rest"), state="paused", reason="rest"),
    Move(code="*69", api="logout", heard=("agent-logged-out",), state="logged_out"),
]
# fmt: on
"""A day of one agent, with a request that is refused."""


async def by_code(agent: Agent, move: Move) -> None:
    call = await agent.dials(move.code)
    await call.answered()
    if move.digit:
        menu = wav(PROMPTS / "agent-pause-menu.wav")
        await agent.switch.until(
            lambda: likeness(heard(call.audio.received), menu) >= LIKENESS_MIN, "the menu"
        )
        call.send_digit(move.digit)
    await says(agent.switch, call, *move.heard)


async def by_api(agent: Agent, move: Move) -> None:
    answer = await agent.ask(move.api, **move.body)
    assert answer.status_code == move.status, answer.text


async def test_feature_codes_and_the_api_obey_the_same_rules(switch: Switch) -> None:
    """T37, D08: the same day by real SIP calls and by HTTP: each code is confirmed in Mandarin, the
    states and reasons are the same, and so are the refusals."""
    traces = []
    for act in (by_code, by_api):
        agent = await switch.agent("8005")
        began = (await switch.sql("SELECT clock_timestamp() AS now"))[0]["now"]
        refused = await switch.metric("huling_requests_refused_total")
        for move in DAY:
            await act(agent, move)
            now = await agent.state()
            assert (now["state"], now["reason"]) == (move.state, move.reason), move
        refusals = await switch.metric("huling_requests_refused_total") - refused
        traces.append((refusals, await trace(switch, "8005", began)))
    assert traces[0] == traces[1]
    assert traces[0][0] == 1


async def trace(switch: Switch, agent: str, began: Any) -> list[tuple[str, str | None]]:
    """The agent's states and reasons since then, oldest first, as they are in the record."""
    shown: list[Json] = []

    async def logged_out() -> bool:
        shown[:] = await switch.sql(
            "SELECT state, reason, to_at FROM agent_state_records WHERE agent = $1"
            " AND from_at >= $2 ORDER BY from_at",
            agent,
            began,
        )
        return bool(shown) and shown[-1]["state"] == "logged_out"

    await switch.until(logged_out, f"the record of {agent}'s log-out")
    return [(row["state"], row["reason"]) for row in shown]


async def test_wrap_up_is_ended_by_code(switch: Switch) -> None:
    """T37: *63 after a conversation: the agent is ready before the time is over."""
    agent = await switch.ready_agent("8012")  # enquiries have ten seconds, emergencies five
    call = await (await switch.terminal()).call("95002")
    await agent.takes_the_call()
    await call.answered()
    call.hang_up()
    await agent.wait("wrap_up")
    desk = await agent.dials("*63")
    await desk.answered()
    # The desk call itself occupies the phone: ready, but not to be rung until it is over.
    await agent.wait("ready")
    await says(switch, desk, "agent-wrap-up-ended")


async def test_a_code_that_means_nothing_says_so(switch: Switch) -> None:
    """T37: an unknown code, and a pause without a reason."""
    agent = await switch.ready_agent("8005")
    for code in ("85001", "*629"):
        desk = await agent.dials(code)
        await desk.answered()
        await says(switch, desk, "agent-invalid-code")
    assert (await agent.state())["state"] == "ready"


async def test_a_phone_that_is_hung_up_during_the_confirmation_has_been_heard(
    switch: Switch,
) -> None:
    """T37: who knows the codes hangs up at once; the code counts, and the phone is free."""
    agent = await switch.agent("8005")
    desk = await agent.dials("*60")
    await desk.answered()
    end(desk)
    await agent.wait("ready")
    call = await (await switch.terminal()).call("95001")
    await agent.takes_the_call()
    await call.answered()
    call.hang_up()
    await switch.record()


# ── The record of agents' states ──────────────────────────────────────────────────────────────


async def test_agents_states_leave_no_gap(switch: Switch) -> None:
    """Q08, K07: of every agent, all through this session: each state ends where the next begins,
    the last is the present one, and where the agent sat is known while they sat there."""
    agent = await switch.ready_agent("8005")
    call = await (await switch.terminal()).call("95001")
    await agent.takes_the_call()
    await call.answered()
    call.hang_up()
    await agent.wait("wrap_up")
    await agent.ask("logout")
    await agent.wait("logged_out")

    async def written() -> bool:
        return await switch.metric("huling_records_waiting") == 0

    await switch.until(written, "the rows")
    rows = await switch.sql(
        "SELECT agent, state, seat, from_at, to_at, lead(from_at) OVER"
        " (PARTITION BY agent ORDER BY from_at) AS next_at FROM agent_state_records"
    )
    assert [row for row in rows if row["to_at"] != row["next_at"]] == []
    present = {row["agent"]: row["state"] for row in rows if row["to_at"] is None}
    shown = {one["id"]: one["state"] for one in await switch.get("/agents")}
    # Who has left the directory is shown no more, and was logged out.
    assert {agent: shown.get(agent, "logged_out") for agent in present} == present
    assert [row for row in rows if row["state"] not in ("logged_out",) and not row["seat"]] == []
    mine = [row for row in rows if row["agent"] == "8005" and row["from_at"] >= switch.began]
    states = [row["state"] for row in mine]
    # Whoever logs in before Asterisk has told of their phone is not there for a moment.
    assert states[states.index("ready") :] == [
        "ready", "offered", "talking", "wrap_up", "logged_out",
    ]  # fmt: skip


async def test_twenty_calls_are_all_answered_and_true(switch: Switch) -> None:
    """T09, T16, K04: the show in small: terminals against ten agents; all answered in time, each
    side's own tone at the other, rows as SIPp saw them, metrics as the rows."""

    def short_wrap_up(directory: dict[str, list[Json]]) -> None:
        for queue in directory["queues"]:
            queue["wrap_up_ms"] = 1000
        ringing_on(directory)

    await asyncio.to_thread(load_directory, switch.service, demo_with(short_wrap_up))
    agents = [str(number) for number in range(8001, 8011)]
    try:
        async with switch.owing_nothing():
            reports = await place(
                switch, 20, agents, talk_ms=2000, rate=1.5, hang_up=HangUp.TERMINAL
            )
    finally:
        await asyncio.to_thread(load_directory, switch.service, demo())
    rows = await switch.records(20)
    verdict = judged(reports, rows, await switch.counted())
    assert verdict["ok"], verdict
