"""What callers, phones and the network do wrong: each ends with the caller served or with a stated
outcome, and with an agent who takes the next call (E25, K04, T14, T18).

Every table's row is one mistake.  After each test `switch` itself looks for what must never be left
behind: a channel, a room, a busy agent, a defect, a traceback in the log.
"""

import asyncio
import itertools
import re
import secrets
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from servers.service import Service
from tests.switch import sip
from tests.switch.live import Agent, Json, Switch, demo, demo_with, end, load_directory

EMERGENCY = "95001"
FIRST, SECOND = "8005", "8004"
"""Both serve emergencies; the first has the higher level and is asked first."""


RING_MS = 4_000
"""Shorter than the demo's, so that nobody waits 6.5 s for a phone that does not answer."""
ONE_PHONE = [{"after_ms": 0, "phones": 1, "reach": "ready"}]
"""One at a time, so that each failure shows alone."""


@pytest.fixture(scope="module", autouse=True)
def short_rings(running: Service) -> Iterator[None]:
    """The demo directory with a short ring limit, for this file."""

    def shorter(directory: dict[str, list[Json]]) -> None:
        for queue in directory["queues"]:
            queue.update(ring_ms=RING_MS, ring_ms_min=RING_MS, widening=ONE_PHONE)

    load_directory(running, demo_with(shorter))
    yield
    load_directory(running, demo())


# ── What a caller's INVITE may look like ──────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Caller:
    """One INVITE, and what becomes of it: the caller's final reply (0: none, it is no SIP at all),
    and the row."""

    what: str
    called: str = EMERGENCY
    from_: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    code: int = 200
    outcome: str = "answered"
    """Empty: there is no row."""
    caller: str | None = None
    dialled: str | None = None
    """The row's `called`, where it is not `called`."""


# fmt: off
CALLERS = [
    Caller(what="unknown DID", called="99999", code=404, outcome="refused", caller="02160000001"),
    Caller(what="no DID", called="", code=404, outcome="refused", caller="02160000001",
           dialled="s"),
    Caller(what="letters for a DID", called="help", code=404, outcome="refused",
           caller="02160000001"),
    Caller(what="a DID of 300 digits", called="9" * 300, code=404, outcome="refused",
           caller="02160000001", dialled="9" * 64),
    Caller(what="a DID named like a dialplan extension", called="h", code=404, outcome="refused",
           caller="02160000001"),
    Caller(what="the DID as an operator may write it", called="+8695001", caller="02160000001",
           dialled="95001"),
    Caller(what="no user in From", from_="<sip:127.0.0.1>"),
    Caller(what="an empty user in From", from_='"" <sip:@127.0.0.1>', code=0, outcome=""),
    Caller(what="anonymous", from_='"Anonymous" <sip:anonymous@anonymous.invalid>'),
    Caller(what="withheld", headers={"Privacy": "id"}, caller="02160000001"),
    Caller(what="letters for a number", from_="<sip:alice@127.0.0.1>"),
    Caller(what="escaped garbage for a number", from_="<sip:%00%ff%0d%0a@127.0.0.1>"),
    Caller(what="a number of 300 digits", from_=f"<sip:{'1' * 300}@127.0.0.1>"),
    Caller(what="a dialplan expression for a number", from_="<sip:${SHELL(id)}@127.0.0.1>",
           code=0, outcome=""),
    Caller(what="a dialplan expression for a name",
           from_='"${SHELL(id)}" <sip:02160000001@127.0.0.1>', caller="02160000001"),
    Caller(what="SQL for a name", from_='"\'; DROP TABLE call; --" <sip:02160000001@127.0.0.1>',
           caller="02160000001"),
    Caller(what="a name with an address in it",
           from_='"<sip:110@127.0.0.1>" <sip:02160000001@127.0.0.1>', caller="02160000001"),
    Caller(what="a tel address", from_="<tel:+862160000001>", caller="02160000001"),
    Caller(what="an empty asserted identity", headers={"P-Asserted-Identity": ""},
           caller="02160000001"),
    Caller(what="garbage for an asserted identity",
           headers={"P-Asserted-Identity": "<sip:\x01@>;;"}, caller="02160000001"),
    Caller(what="a header of 4 KB", headers={"X-Large": "x" * 4096}, caller="02160000001"),
    Caller(what="a hundred headers", headers={f"X-{n}": str(n) for n in range(100)},
           caller="02160000001"),
    Caller(what="a name of 2 KB", from_=f'"{"n" * 2048}" <sip:02160000001@127.0.0.1>',
           caller="02160000001"),
]
# fmt: on


@pytest.mark.parametrize("case", CALLERS, ids=lambda case: case.what)
async def test_a_callers_invite_ends_in_an_agent_or_in_a_stated_refusal(
    switch: Switch, case: Caller
) -> None:
    """E25, T18: whoever calls an entry of ours is served, whatever their INVITE looks like; a
    number that means nothing is refused with 404 and a row that says so."""
    agent = await switch.ready_agent(FIRST)
    terminal = await switch.terminal()
    call = await terminal.call(case.called, from_=case.from_, headers=case.headers)
    if case.code == 200:
        await agent.takes_the_call()
        await call.answered()
        call.hang_up()
    elif case.code:
        await call.over()
        assert call.code == case.code
    else:
        # The SIP stack has thrown it away: no call ever was, and the next one is served.
        await served(switch, agent)
        assert call.code == 0
        call.ended = "never was"
        assert [row["caller"] for row in await switch.records()] == ["02160000002"]
        return
    row = await switch.record()
    assert row["outcome"] == case.outcome
    assert row["caller"] == case.caller
    assert row["called"] == (case.called if case.dialled is None else case.dialled)
    assert row["agent"] == (FIRST if case.code == 200 else None)


async def served(switch: Switch, agent: Agent, called: str = EMERGENCY) -> None:
    """The agent takes a next call: nothing of the last one holds them."""
    await agent.settles()
    if (await agent.state())["state"] != "ready":
        await agent.ask("ready")
        await agent.wait("ready")
    terminal = await switch.terminal("02160000002")
    call = await terminal.call(called)
    await agent.takes_the_call(caller=terminal.user)
    await call.answered()
    call.hang_up()
    await agent.wait("wrap_up")


# ── A CANCEL in each state ────────────────────────────────────────────────────────────────────


async def cancel_at_once(switch: Switch, agent: Agent, call: sip.Call) -> None:
    """Before any reply, which RFC 3261 9.1 forbids: 481 and a call that goes on, or 487, perhaps
    before the service has heard of a call."""
    call.cancel()


async def cancel_waiting(switch: Switch, agent: Agent, call: sip.Call) -> None:
    await switch.one_waits()
    call.cancel()


async def cancel_offered(switch: Switch, agent: Agent, call: sip.Call) -> None:
    ring = await agent.rung()
    call.cancel()
    await ring.over()
    assert str(ring.ended).startswith("<CANCEL")


async def cancel_while_the_phone_is_silent(switch: Switch, agent: Agent, call: sip.Call) -> None:
    """A phone that has said nothing yet cannot be cancelled (RFC 3261 9.1): it is as soon as it
    does."""

    def rung() -> list[sip.Call]:
        return [one for one in agent.phone.calls.values() if one.invite]

    (ring,) = await switch.until(rung, "the INVITE")
    ring.sequence = 1
    call.cancel()
    await call.over()
    ring.ring()
    await ring.over()


async def cancel_crossing_the_answer(switch: Switch, agent: Agent, call: sip.Call) -> None:
    ring = await agent.rung()
    ring.answer()
    call.cancel()


async def cancel_just_before_the_answer(switch: Switch, agent: Agent, call: sip.Call) -> None:
    ring = await agent.rung()
    call.cancel()
    ring.answer()


async def cancel_after_the_pick_up(switch: Switch, agent: Agent, call: sip.Call) -> None:
    await call.answered()
    too_late(call)
    call.hang_up()


async def cancel_in_conversation(switch: Switch, agent: Agent, call: sip.Call) -> None:
    await agent.takes_the_call()
    await call.answered()
    too_late(call)
    await agent.wait("talking")
    call.hang_up()


def too_late(call: sip.Call) -> None:
    """A CANCEL behind the 200 changes nothing (RFC 3261 9.2)."""
    call.cancel()
    call.ended = ""


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """A CANCEL, and what the row may say: one word, or two where it is a race."""

    act: Callable[[Switch, Agent, sip.Call], Awaitable[None]]
    outcomes: tuple[str, ...] = ("abandoned",)
    staffed: bool = True
    """Whether an agent is ready when the call comes in."""
    code: int = 487
    race: bool = False
    """200 is as good a reply: it was there first, and the terminal ends the call with BYE
    (``sip.Call.cancel``)."""
    recorded: bool = True
    """Whether there is a row for certain."""


CANCELS = [
    Cancel(act=cancel_at_once, race=True, recorded=False),
    Cancel(act=cancel_waiting, staffed=False),
    Cancel(act=cancel_offered),
    Cancel(act=cancel_while_the_phone_is_silent),
    Cancel(act=cancel_crossing_the_answer, outcomes=("abandoned", "answered"), race=True),
    Cancel(act=cancel_just_before_the_answer, outcomes=("abandoned", "answered"), race=True),
    Cancel(act=cancel_after_the_pick_up, staffed=False, code=200),
    Cancel(act=cancel_in_conversation, outcomes=("answered",), code=200),
]


@pytest.mark.parametrize("case", CANCELS, ids=lambda case: case.act.__name__)
async def test_a_cancel_frees_everything_in_whatever_state_it_comes(
    switch: Switch, case: Cancel
) -> None:
    """K04, C13: the caller who gives up has one outcome, the phone stops ringing, and the agent
    takes the next call."""
    agent = await (switch.ready_agent(FIRST) if case.staffed else switch.agent(FIRST))
    terminal = await switch.terminal()
    call = await terminal.call(EMERGENCY)
    await case.act(switch, agent, call)
    codes = {case.code} | ({200} if case.race else set())
    await call.until(lambda one: one.code in codes, f"one of {codes}")
    if case.recorded:
        assert (await switch.record())["outcome"] in case.outcomes
    if not case.staffed:
        await agent.ask("login")
    await served(switch, agent)
    *before, last = [row["outcome"] for row in await switch.records_of_all()]
    assert set(before) <= set(case.outcomes)
    assert last == "answered"


GIVEN_UP = 12


async def test_whoever_gives_up_before_the_service_hears_of_them_has_a_row_too(
    switch: Switch,
) -> None:
    """K04: INVITE and CANCEL in one breath, as often as it takes to fall between Asterisk's own 180
    and the service: a row for each, nobody left ringing."""
    for _ in range(GIVEN_UP):
        terminal = await switch.terminal()
        call = await terminal.call(EMERGENCY)
        await call.until(lambda one: one.code >= 100, "the first reply")
        call.cancel()
        await call.until(lambda one: one.code == 487, "487")
    rows = await switch.records(GIVEN_UP)
    assert {row["outcome"] for row in rows} == {"abandoned"}


async def test_whom_the_dialplan_turns_away_has_a_row_and_keeps_nobody_busy(
    switch: Switch,
) -> None:
    """K04, decision 20: an agent has been rung for a caller who never comes: the call is lost, the
    ring is taken back, and the agent is there for the next."""
    agent = await switch.ready_agent("8015")

    async def cli(command: str) -> None:
        await asyncio.to_thread(switch.stack.cli, command)

    await cli("dialplan add extension 95002,1,Goto,fallback,turned-away,1 into from-trunk")
    await cli("dialplan add extension turned-away,1,Hangup,21 into fallback")
    try:
        call = await (await switch.terminal()).call("95002")
        ring = await agent.rung()
        await call.over()
        await ring.over()
    finally:
        await cli("dialplan remove extension turned-away@fallback")
        await cli("dialplan remove extension 95002@from-trunk")
    assert (await switch.record())["outcome"] == "lost"
    await agent.wait("ready")
    await served(switch, agent, "95002")
    assert [row["outcome"] for row in await switch.records(2)] == ["lost", "answered"]


# ── What an agent's phone does with the call ──────────────────────────────────────────────────


async def rejects(agent: Agent, status: str, **headers: str) -> None:
    ring = await agent.rung()
    ring.reply(status, headers=headers)


async def is_silent(agent: Agent) -> None:
    await agent.rung()


async def answers_and_hangs_up(agent: Agent) -> None:
    ring = await agent.answers()
    ring.hang_up()


async def talks_for_a_moment(agent: Agent) -> None:
    """As soon as both are in one room: sooner than anybody can say a word."""
    ring = await agent.takes_the_call()
    ring.hang_up()


async def answers_without_media(agent: Agent) -> None:
    ring = await agent.rung()
    ring.reply("200 OK")


async def answers_with_garbage(agent: Agent) -> None:
    ring = await agent.rung()
    assert ring.invite is not None
    agent.phone.reply(ring.invite, "200 OK", tag=ring.tag, body="v=0\r\nnonsense\r\n")


async def says_nothing(agent: Agent) -> None:
    """Its network is gone: not even a refusal comes back."""


async def loses_its_port(agent: Agent) -> None:
    """The program has died, the registration still stands; the machine says so by ICMP."""
    agent.gone = True
    agent.phone.close()


async def unregisters(agent: Agent) -> None:
    agent.gone = True
    assert await agent.phone.register(expires=0) == 200


async def unregisters_while_ringing(agent: Agent) -> None:
    await agent.rung()
    agent.gone = True
    assert await agent.phone.register(expires=0) == 200


@dataclass(frozen=True, kw_only=True)
class Phone:
    """What the first agent's phone does; how that offer is recorded (one of ``a|b``; None when it
    is never made); and what the first agent is then, None where Asterisk's cause varies."""

    what: str
    act: Callable[[Agent], Awaitable[None]]
    result: str | None
    state: tuple[str, str | None] | None
    before: bool = False
    """Done before the call comes in."""
    first_answer: str = SECOND
    """Who counts as the one who answered first."""


def reject(status: str, **headers: str) -> Callable[[Agent], Awaitable[None]]:
    return lambda agent: rejects(agent, status, **headers)


REFUSED = ("not_responding", "refused")
UNREACHABLE = ("not_responding", "unreachable")
# fmt: off
PHONES = [
    Phone(what="486", act=reject("486 Busy Here"), result="rejected", state=REFUSED),
    Phone(what="603", act=reject("603 Decline"), result="rejected", state=REFUSED),
    Phone(what="480", act=reject("480 Temporarily Unavailable"), result="rejected", state=REFUSED),
    Phone(what="404", act=reject("404 Not Found"), result="failed", state=UNREACHABLE),
    Phone(what="500", act=reject("500 Server Internal Error"), result="failed", state=UNREACHABLE),
    Phone(what="503", act=reject("503 Service Unavailable"), result="failed", state=UNREACHABLE),
    Phone(what="a redirection to another number",
          act=reject("302 Moved Temporarily", Contact="<sip:0219999@127.0.0.1>"),
          result="failed", state=UNREACHABLE),
    Phone(what="a redirection to a code of ours",
          act=reject("302 Moved Temporarily", Contact="<sip:*61@127.0.0.1>"),
          result="failed", state=UNREACHABLE),
    Phone(what="does not answer", act=is_silent, result="missed", state=("ready", None)),
    # Within the 3 ms to the join Asterisk may refuse the join before it says who has hung up.
    Phone(what="answers and hangs up at once", act=answers_and_hangs_up, result="accepted",
          state=REFUSED, first_answer=f"{FIRST}|{SECOND}"),
    Phone(what="answers and hangs up within a moment", act=talks_for_a_moment, result="accepted",
          state=REFUSED, first_answer=FIRST),
    Phone(what="answers without media", act=answers_without_media,
          result="failed|rejected|accepted", state=None,
          first_answer=f"{FIRST}|{SECOND}"),
    Phone(what="answers with garbage for media", act=answers_with_garbage,
          result="failed|rejected|accepted", state=None,
          first_answer=f"{FIRST}|{SECOND}"),
    Phone(what="says nothing at all", act=says_nothing, result="failed", state=UNREACHABLE),
    Phone(what="has lost its port", act=loses_its_port, result="failed", state=UNREACHABLE,
          before=True),
    Phone(what="has unregistered", act=unregisters, result=None, state=UNREACHABLE, before=True),
    Phone(what="unregisters while it rings", act=unregisters_while_ringing, result="missed",
          state=UNREACHABLE),
]
# fmt: on


@pytest.mark.parametrize("case", PHONES, ids=lambda case: case.what)
async def test_a_phone_that_fails_costs_the_caller_nothing_but_time(
    switch: Switch, case: Phone
) -> None:
    """T14, F01: the next agent is rung at once, within the ring limit at the latest; the caller is
    served, and the record says what the first agent's phone did."""
    first, second = await switch.ready_agent(FIRST), await switch.ready_agent(SECOND)
    if case.before:
        await case.act(first)
        if case.result is None:
            await first.wait("not_responding", "unreachable")
    terminal = await switch.terminal()
    call = await terminal.call(EMERGENCY)
    if not case.before:
        await case.act(first)
    await second.takes_the_call()
    await call.answered()
    if case.state is not None:
        await first.wait(*case.state)  # a refusal rests for 3 s only: it may be over
    call.hang_up()
    row = await switch.call_detail()
    results = {offer["agent"]: offer["result"] for offer in row["offer_list"]}
    assert results.pop(SECOND) == "accepted"
    if case.result is None:
        assert not results
    else:
        assert results.pop(FIRST) in case.result.split("|")
    assert row["outcome"] == "answered"
    assert row["agent"] in case.first_answer.split("|")
    if not first.gone:
        await served(switch, first)


# ── Whole messages, and floods of them ────────────────────────────────────────────────────────


def invite(
    phone: sip.Phone,
    *,
    body: str | None = None,
    call_id: str = "",
    tag: str = "",
    branch: str = "",
) -> sip.Call:
    """An INVITE with any body, Call-ID, tag or branch, sent once."""
    call = sip.Call(phone, call_id or secrets.token_hex(8))
    call.target = f"sip:{EMERGENCY}@{phone.server[0]}:{phone.server[1]}"
    call.tag = tag or call.tag
    call.local = f"<sip:{phone.user}@127.0.0.1>;tag={call.tag}"
    if call.id not in phone.calls:
        phone.calls[call.id] = call
    call.branch = phone.send(
        f"INVITE {call.target} SIP/2.0",
        {"From": call.local, "To": f"<{call.target}>", "CSeq": "1 INVITE"},
        call_id=call.id,
        branch=branch,
        body=media() if body is None else body,
    )
    return call


def media(codec: str = "8", port: int = 29998) -> str:
    return (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {codec}\r\na=sendrecv\r\n"
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(media("18"), 488, id="a codec that we do not speak"),
        pytest.param(media(port=0), 488, id="no port"),
        pytest.param("v=0\r\nnonsense\r\n", 400, id="nonsense"),
    ],
)
async def test_media_that_cannot_be_had_are_refused_by_sip(
    switch: Switch, body: str, code: int
) -> None:
    """T16: media that we cannot speak are refused before there is a call."""
    agent = await switch.ready_agent(FIRST)
    terminal = await switch.terminal()
    call = invite(terminal, body=body)
    await call.over()
    assert call.code == code
    await served(switch, agent)
    assert len(await switch.records()) == 1


async def test_an_invite_without_media_is_a_call_like_any_other(switch: Switch) -> None:
    """E25: it rings an agent, and our 200 brings the offer.  A terminal that then says nothing of
    media has ended its own call: the row says so, and the agent takes the next one."""
    agent = await switch.ready_agent(FIRST)
    terminal = await switch.terminal()
    call = invite(terminal, body="")
    await agent.answers()
    await call.answered()
    assert "m=audio" in call.replies[-1].body
    await call.over()
    assert (await switch.record())["outcome"] in ("abandoned", "answered")
    await agent.ask("ready")
    await agent.wait("ready")


async def test_an_invite_sent_again_is_one_call(switch: Switch) -> None:
    """T14: a terminal that hears nothing repeats itself (RFC 3261 17.1.1.2); so does a path that
    doubles packets.  One call, one ring, one row."""
    agent = await switch.ready_agent(FIRST)
    terminal = await switch.terminal()
    call = invite(terminal)
    for _ in range(5):
        invite(terminal, call_id=call.id, tag=call.tag, branch=call.branch)
    await agent.takes_the_call()
    await call.answered()
    call.hang_up()
    row = await switch.record()
    assert row["offers"] == 1


async def test_an_invite_that_came_by_two_ways_ends_with_the_terminals_second_bye(
    switch: Switch,
) -> None:
    """T14: a path may fork an INVITE; Asterisk takes the copy for a call.  The terminal talks in
    the first and ends the other as RFC 3261 13.2.2.4 asks: both have an outcome, neither holds an
    agent."""
    agent = await switch.ready_agent(FIRST)
    terminal = await switch.terminal()
    call = invite(terminal)
    ring = await agent.rung()
    invite(terminal, call_id=call.id, tag=call.tag)
    ring.answer()

    def tags() -> list[str]:
        return list(dict.fromkeys(one["To"] for one in call.replies if one.code == 200))

    await switch.until(lambda: len(tags()) == 2, "two answers")
    for tag in reversed(tags()):
        call.remote = tag
        call.hang_up()
    rows = await switch.records(2)
    assert [row["outcome"] for row in rows] == ["answered", "abandoned"]
    await served(switch, agent)


async def test_a_call_id_used_again_is_a_call_of_its_own(switch: Switch) -> None:
    """T14: some terminals count their Call-IDs from zero after each power cut."""
    agent = await switch.ready_agent(FIRST)
    for _ in range(2):
        terminal = await switch.terminal()
        call = invite(terminal, call_id="1@terminal")
        await agent.takes_the_call()
        await call.answered()
        call.hang_up()
        await agent.wait("wrap_up")
        await agent.ask("wrap-up/end")
    assert [row["outcome"] for row in await switch.records(2)] == ["answered", "answered"]


async def test_garbage_on_the_sip_port_disturbs_nobody(switch: Switch) -> None:
    """T18: scanners and broken boxes send anything; a call in between is served."""
    agent = await switch.ready_agent(FIRST)
    terminal = await switch.terminal()
    line = f"INVITE sip:{EMERGENCY}@127.0.0.1 SIP/2.0\r\n".encode()
    for data in (
        b"\0" * 1400,
        secrets.token_bytes(1400),
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        line,
        line + b"Content-Length: 99999\r\n\r\n",
        line + b"Via: \r\nFrom: \r\nTo: \r\nCall-ID: \r\nCSeq: \r\n\r\n",
        line + b"X: " + b"y" * 60_000 + b"\r\n\r\n",
        b"SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n",
    ):
        terminal.send_raw(data)
    await served(switch, agent)
    assert len(await switch.records()) == 1


STORM_DIGITS = 100


async def storm(call: sip.Call, digits: int) -> None:
    """Keys held down by whatever lies on them: a digit every 20 ms amid the terminal's own audio,
    by RFC 4733; every fifth by SIP INFO too, as some terminals do both.  Then audio alone, until
    it is cancelled: Asterisk stretches digits by the audio that comes behind them."""
    number, stamp = 0, 0

    def send(payload: bytes, *, kind: int, at: int) -> None:
        nonlocal number
        number += 1
        head = struct.pack("!BBHII", 0x80, kind, number, at, 7)
        call.audio.send_raw(head + payload, to=call.media_port)

    for digit in itertools.count():
        if digit < digits:
            for step, last in ((160, 0), (320, 0x80), (320, 0x80), (320, 0x80)):
                send(struct.pack("!BBH", digit % 16, 10 | last, step), kind=101, at=stamp)
            stamp += 480
            if digit % 5 == 0:
                info(call, "Signal=5\r\nDuration=100\r\n")
        send(b"\xd5" * 160, kind=8, at=stamp)
        stamp += 160
        await asyncio.sleep(0.02)  # the pace of media


@pytest.mark.parametrize("talking", [False, True], ids=["waiting", "talking"])
async def test_a_storm_of_digits_is_counted_and_changes_nothing(
    switch: Switch, talking: bool
) -> None:
    """T28, T18: keys pressed in fear, or by a cushion: the caller keeps the place and is served."""
    agent = await (switch.ready_agent(FIRST) if talking else switch.agent(FIRST))
    terminal = await switch.terminal()
    call = await terminal.call(EMERGENCY)
    if talking:
        await agent.takes_the_call()
    await call.answered()
    terminals_keys = asyncio.create_task(storm(call, STORM_DIGITS))

    async def felt() -> bool:
        counted = await switch.counted()
        reason = 'huling_events_ignored_total{reason="a digit with no meaning here"}'
        return counted.get(reason, 0) >= 5

    await switch.until(felt, "the digits")
    if not talking:
        await agent.ask("login")
        await agent.takes_the_call()
    await agent.wait("talking")
    terminals_keys.cancel()
    call.hang_up()
    row = await switch.record()
    assert (row["outcome"], row["agent"]) == ("answered", FIRST)


SILENT_STORMS = 4


async def test_a_storm_from_a_silent_terminal_holds_no_agent(switch: Switch) -> None:
    """T28, K04: digits by SIP INFO and no audio at all.  Asterisk plays each digit out for 150 ms,
    so most are still to come at the BYE, and 22.10.1 has been seen to keep such a channel for good.
    Whether it does or not, the agent is free and the call has its row."""
    agent = await switch.ready_agent(FIRST)
    async with switch.owing_nothing():  # from the second call on a callback is 2 s away
        for _ in range(SILENT_STORMS):
            terminal = await switch.terminal()
            call = await terminal.call(EMERGENCY)
            await agent.takes_the_call()
            await call.answered()
            await agent.wait("talking")
            for _ in range(30):
                info(call, "Signal=5\r\nDuration=100\r\n")
            call.hang_up()
            await agent.wait("wrap_up")
            await agent.ask("wrap-up/end")
    rows = await switch.records(SILENT_STORMS)
    assert {row["outcome"] for row in rows} == {"answered"}


def info(call: sip.Call, body: str) -> None:
    """A digit by SIP INFO."""
    call.sequence += 1
    contact = re.search(r"<([^>]+)>", call.replies[-1]["Contact"])
    assert contact is not None
    lines = [
        f"INFO {contact[1]} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{call.phone.port};rport;branch=z9hG4bK{secrets.token_hex(8)}",
        f"From: {call.local}",
        f"To: {call.remote}",
        f"Call-ID: {call.id}",
        f"CSeq: {call.sequence} INFO",
        "Max-Forwards: 70",
        "Content-Type: application/dtmf-relay",
        f"Content-Length: {len(body)}",
    ]
    call.phone.send_raw(("\r\n".join(lines) + "\r\n\r\n" + body).encode())


async def test_a_phone_that_calls_as_a_terminal_is_asked_who_it_is(switch: Switch) -> None:
    """T24: a caller whose number is a phone's user name is challenged, not taken for the phone."""
    agent = await switch.ready_agent(FIRST)
    intruder = await switch.terminal("a8004")
    call = await intruder.call(EMERGENCY)
    await call.over()
    assert call.code == 401
    await served(switch, agent)
    end(call)
