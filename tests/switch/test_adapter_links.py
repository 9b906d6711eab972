"""Links that break, passwords that are wrong, a second service, and what must be right after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec
import pytest
from msgspec import structs

from acd.adapters.asterisk import AsteriskNode, Gate, NodeSettings, elsewhere
from acd.adapters.asterisk.accounts import Changes
from acd.adapters.asterisk.ari_client import OWNER_VARIABLE
from acd.adapters.asterisk.errors import AsteriskUnfit, AsteriskUnreachable
from acd.adapters.asterisk.heard import ChannelArrived, LinkChanged
from acd.adapters.asterisk.nodes import FALLBACK_PHONES_MAX
from acd.adapters.asterisk.phones import VALUE_BYTES_MAX
from acd.adapters.asterisk.translate import EVENT_TYPES
from acd.adapters.asterisk.versions import check_version
from acd.adapters.asterisk.watched import WatchedAsterisk
from acd.core.commands import AnswerLeg, HangUp, KeepCaller, KeepMemo, Release
from acd.core.directory import EntryKind
from acd.core.events import (
    CommandFailed,
    Hangup,
    LegAway,
    LegGone,
    PhoneReported,
    SwitchConnected,
)
from acd.core.ids import ElderId, PhoneId, QueueId, local_part
from acd.core.memo import Memo, from_text, to_text
from servers.asterisk import Asterisk
from servers.stack import Stack
from servers.waiting import wait_until
from tests.switch.adapter import (
    CALL,
    PHONES,
    TRUNKS,
    WAIT_SECONDS,
    Desk,
    Inbox,
    Wire,
    open_desk,
    settings_of,
)

Json = dict[str, Any]


@pytest.fixture
async def desk(stack: Stack, asterisk: Asterisk) -> AsyncIterator[Desk]:
    async with open_desk(stack) as opened:
        yield opened


@asynccontextmanager
async def wired_desk(stack: Stack) -> AsyncIterator[tuple[Desk, Wire, Wire]]:
    """An adapter whose ARI and AMI go through wires that a test can cut."""
    settings = settings_of(stack)
    ari = Wire(stack.settings.local_host, stack.settings.ari_port)
    ami = Wire(settings.ami_host, settings.ami_port)
    try:
        wired = msgspec.structs.replace(
            settings,
            ari_url=f"http://127.0.0.1:{await ari.open()}",
            ami_port=await ami.open(),
        )
        async with open_desk(stack, wired) as opened:
            yield opened, ari, ami
            ari.mend()
            ami.mend()
    finally:
        await ari.close()
        await ami.close()


# ── ARI ───────────────────────────────────────────────────────────────────────────────────────


async def test_after_a_lost_link_the_living_legs_are_told(stack: Stack, asterisk: Asterisk) -> None:
    """Two callers; one hangs up while nobody can hear it, a third comes and meets the fallback."""
    async with wired_desk(stack) as (desk, ari, _):
        stays, stays_leg = await desk.arrival()
        leaves, leaves_leg = await desk.arrival()
        await desk.switch.perform(AnswerLeg(CALL, stays_leg))
        await stays.answered()

        ari.cut()
        down = await desk.inbox.wait(LinkChanged, lambda event: not event.up)
        assert (down.link, desk.switch.link_state["ari"]) == ("ari", False)
        assert down.reason
        leaves.cancel()
        await leaves.over()
        await _asterisk_has_noticed(desk)
        third = await (await desk.terminal("02160000003")).call("95001")
        await third.answered()  # by the dialplan's apology

        await desk.switch.perform(
            HangUp(call=CALL, leg=stays_leg, reason=Release.NORMAL, phone=None)
        )
        failed = await desk.inbox.wait(CommandFailed)
        assert failed.leg == stays_leg
        assert "No link to Asterisk" in failed.reason

        since = desk.inbox.mark()
        ari.mend()
        connected = await desk.inbox.wait(SwitchConnected, since=since)
        assert connected.legs == (stays_leg,)
        assert leaves_leg not in connected.legs
        up = [event for event in desk.inbox.heard[since:] if isinstance(event, LinkChanged)]
        assert [(event.link, event.up) for event in up] == [("ari", True)]
        assert not stays.ended, "the call has noticed nothing"

        # Whoever was there before is heard of to the end.
        stays.hang_up()
        await desk.inbox.wait(LegGone, lambda event: event.leg == stays_leg)


async def test_who_was_taken_while_the_link_was_away_is_with_the_dialplan(
    stack: Stack, asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could keep them or write on their channel whose they are.  Taken for gone they were
    owed a call while somebody talked to them, and had a second record by the dialplan (K04)."""
    monkeypatch.setattr(elsewhere, "AGAIN_SECONDS", 0.1)
    async with wired_desk(stack) as (desk, ari, _):
        caller, leg = await desk.arrival()
        down = desk.inbox.mark()
        ari.cut()
        await desk.inbox.wait(LinkChanged, lambda event: not event.up)
        await caller.answered()  # by the dialplan's apology
        for _ in range(2):  # told once, however often the link goes
            since = desk.inbox.mark()
            ari.mend()
            connected = await desk.inbox.wait(SwitchConnected, since=since)
            assert connected.legs == ()
            ari.cut()
            await desk.inbox.wait(LinkChanged, lambda event: not event.up, since=since)
        ari.mend()
        told = [
            one for one in desk.inbox.heard[down:] if isinstance(one, LegAway | SwitchConnected)
        ]
        assert told[0] == LegAway(leg, marked=False), "before anybody takes them for gone"
        assert desk.inbox.all(LegAway) == told[:1]
        assert desk.inbox.all(LegGone) == []
        caller.hang_up()
        assert await desk.inbox.wait(LegGone) == LegGone(leg, Hangup.LOST)


@pytest.mark.parametrize("marked", [True, False])
async def test_whether_the_channel_says_whose_it_is_when_the_dialplan_takes_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, marked: bool
) -> None:
    """Without a memo nothing ties the caller to the call but us: who was said to be marked had one
    record of ours when they hung up, and a second one when the dialplan's note was read (K04)."""
    monkeypatch.setattr(elsewhere, "AGAIN_SECONDS", 0.1)
    caller, leg = await desk.arrival()
    if marked:
        memo = Memo(call=CALL, arrived_ms=1, kind=EntryKind.ENQUIRY, queue=QueueId("enquiry"))
        await desk.switch.perform(KeepMemo(CALL, leg, memo))
    await caller.answered()  # by the dialplan's apology
    assert await desk.inbox.wait(LegAway) == LegAway(leg, marked=marked)
    caller.hang_up()
    gone = await desk.inbox.wait(LegGone)
    assert (gone.why is not Hangup.LOST) is marked, "Asterisk's own word, or what was found out"


async def _asterisk_has_noticed(desk: Desk) -> None:
    """Until it has, a new call still enters the application, where nobody hears it."""

    def told() -> bool:
        return "inbound" not in desk.stack.cli("ari show websocket sessions")

    await asyncio.to_thread(wait_until, told, seconds=60, what="Asterisk to see the lost websocket")


async def test_what_comes_while_the_channels_are_read_comes_after_them(
    stack: Stack, asterisk: Asterisk
) -> None:
    async with wired_desk(stack) as (desk, ari, _):
        _, old_leg = await desk.arrival()
        ari.cut()
        await desk.inbox.wait(LinkChanged, lambda event: not event.up)
        since = desk.inbox.mark()
        ari.hold(b"GET /ari/channels ")
        ari.mend()
        await asyncio.wait_for(ari.held.wait(), WAIT_SECONDS)
        new = await (await desk.terminal("02160000002")).call("95001")
        await new.ringing()
        ari.release()
        connected = await desk.inbox.wait(SwitchConnected, since=since)
        # A caller of the past of whom nothing is written is told once more; the core knows them.
        arrived = await desk.inbox.wait(
            ChannelArrived, lambda event: event.leg != old_leg, since=since
        )
        # The new caller introduces itself, so it is not among the legs of the past.
        assert connected.legs == (old_leg,)
        assert desk.inbox.heard.index(connected) < desk.inbox.heard.index(arrived)


@pytest.mark.parametrize("tail", ["", ",[" * 300], ids=["short", "too long for one line"])
async def test_a_callers_two_notes_arrive_whole(desk: Desk, tail: str) -> None:
    """Asterisk is given both in one action, whatever stands in the memo."""
    _, leg = await desk.arrival()
    memo = Memo(
        call=CALL,
        arrived_ms=1,
        kind=EntryKind.ENQUIRY,
        queue=QueueId("enquiry"),
        caller='0216,"[x](y)\\z' + tail,
    )
    await desk.switch.perform(KeepCaller(CALL, leg))
    await desk.switch.perform(KeepMemo(CALL, leg, memo))

    path, limit, seen = f"/channels/{local_part(leg)}", object(), object()
    async with asyncio.timeout(WAIT_SECONDS):
        while (seen, limit) != (to_text(memo), {"value": "0"}):  # each look is a request
            seen = cast(Json, await desk.ari("GET", path))["channelvars"]["HULING_MEMO"]
            limit = await desk.ari("GET", f"{path}/variable", variable="TIMEOUT(absolute)")


async def test_a_memo_that_is_longer_than_amis_line_arrives_shortened(desk: Desk) -> None:
    """Asterisk refuses such a line, and nothing would be known of the call after a restart: it goes
    without what the call can be served without (K04)."""
    _, leg = await desk.arrival()
    memo = Memo(
        call=CALL,
        arrived_ms=1,
        kind=EntryKind.EMERGENCY,
        queue=QueueId("emergency"),
        caller="02160000001",
        elders=tuple(ElderId(f"home-{number:04}-resident") for number in range(70)),
    )
    assert sum(map(len, memo.elders)) > 1_100
    await desk.switch.perform(KeepMemo(CALL, leg, memo))

    path, seen = f"/channels/{local_part(leg)}", None
    async with asyncio.timeout(WAIT_SECONDS):
        while not seen:  # each look is a request
            seen = from_text(
                cast(Json, await desk.ari("GET", path))["channelvars"].get("HULING_MEMO", "")
            )
    assert structs.replace(seen, elders=memo.elders) == memo
    assert len(seen.elders) > 30 and seen.elders == memo.elders[: len(seen.elders)]
    assert desk.inbox.all(CommandFailed) == []


async def test_the_fallback_is_as_many_phones_as_a_line_of_amis_holds(desk: Desk) -> None:
    """T18: with long names, or a long name of a node behind each, the list was refused as a whole,
    and the dialplan rang who had been at work before, or nobody."""
    phones = [PhoneId(f"emergency-floor-3-seat-{n:02}") for n in range(FALLBACK_PHONES_MAX)]
    await desk.switch.put_fallback(phones)
    told = await desk.cli("database get huling fallback")
    kept = told.strip().removeprefix("Value: ")
    assert len(kept.encode()) <= VALUE_BYTES_MAX
    rung = kept.split("&")
    assert rung == [f"PJSIP/{phone}" for phone in phones[: len(rung)]]
    assert len(rung) > 30


async def test_a_second_service_takes_over_and_the_first_sends_nothing_more(desk: Desk) -> None:
    _, leg = await desk.arrival()
    inbox = Inbox()
    second = AsteriskNode(settings_of(desk.stack), inbox)
    await second.start("second")
    try:
        await inbox.wait(SwitchConnected)
        down = await desk.inbox.wait(LinkChanged, lambda event: not event.up)
        assert "Another service" in down.reason
        await desk.switch.perform(AnswerLeg(CALL, leg))
        assert (await desk.inbox.wait(CommandFailed)).leg == leg
        with pytest.raises(AsteriskUnreachable, match="Another service"):
            await desk.switch.put_fallback([PhoneId("a7001")])
        # It stays so: the one who was replaced does not replace in turn.
        await second.perform(AnswerLeg(CALL, leg))
        assert inbox.all(CommandFailed) == []
        assert desk.inbox.all(LinkChanged)[-1] == down
    finally:
        await second.stop()
        since = desk.inbox.mark()
        await desk.switch.stop()
        # Whoever was replaced is so for good: the service begins a new life, with a new node.
        desk.switch = AsteriskNode(settings_of(desk.stack), desk.inbox)
        await desk.switch.start("third")
        await desk.inbox.wait(SwitchConnected, since=since)
        await desk.switch.sync_accounts(TRUNKS, PHONES)


async def test_who_comes_back_from_a_cut_network_does_not_replace_its_successor(
    stack: Stack, asterisk: Asterisk
) -> None:
    """Asterisk would let it; the successor's mark tells it not to, also when nothing else does."""
    async with wired_desk(stack) as (desk, ari, _):
        ari.cut()
        await desk.inbox.wait(LinkChanged, lambda event: not event.up)
        inbox = Inbox()
        second = AsteriskNode(settings_of(stack), inbox)
        await second.start("second")
        try:
            await inbox.wait(SwitchConnected)
            ari.mend()
            await desk.inbox.wait(LinkChanged, lambda event: "Another service" in event.reason)
            assert second.link_state["ari"]
            assert not any(not event.up for event in inbox.all(LinkChanged))
            await second.sync_accounts([], [])
        finally:
            await second.stop()


async def test_only_the_events_we_act_on_are_sent(desk: Desk) -> None:
    application = await desk.ari("GET", "/applications/acd")
    assert isinstance(application, dict)
    allowed = {event["type"] for event in application["events_allowed"]}
    assert allowed == set(EVENT_TYPES)
    caller, leg = await desk.arrival()
    caller.cancel()
    await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    assert desk.inbox.counts["event of no interest"] == 0
    assert desk.inbox.counts["malformed event"] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ari_password": "wrong"}, ("ARI password", "HULING_ARI_PASSWORD")),
        ({"ami_password": "wrong"}, ("AMI password", "HULING_AMI_PASSWORD")),
    ],
)
async def test_a_wrong_password_is_one_sentence_that_says_what_to_do(
    stack: Stack, asterisk: Asterisk, change: dict[str, str], words: tuple[str, ...]
) -> None:
    settings = msgspec.structs.replace(settings_of(stack), **change)
    node = AsteriskNode(settings, Inbox())
    try:
        with pytest.raises(AsteriskUnfit) as caught:
            await node.check()
    finally:
        await node.stop()
    for word in words:
        assert word in str(caught.value)
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ari_password": "wrong"}, "HULING_ARI_PASSWORD"),
        ({"ami_password": "wrong"}, "HULING_AMI_PASSWORD"),
    ],
)
async def test_a_watchdog_with_a_wrong_password_says_so_before_it_is_needed(
    stack: Stack, asterisk: Asterisk, change: dict[str, str], words: str
) -> None:
    """AMI's was tried only once nobody served any more, and who waited stayed where they were."""
    watched = WatchedAsterisk(msgspec.structs.replace(settings_of(stack), **change))
    try:
        with pytest.raises(AsteriskUnfit, match=words):
            await watched.beat()
    finally:
        await watched.close()


async def test_no_asterisk_is_not_a_wrong_password(stack: Stack) -> None:
    settings = NodeSettings(
        node=settings_of(stack).node,
        ari_url="http://127.0.0.1:1",
        ari_password="x",
        ami_host="127.0.0.1",
        ami_port=1,
        ami_password="x",
    )
    node = AsteriskNode(settings, Inbox())
    try:
        with pytest.raises(AsteriskUnreachable, match=r"127\.0\.0\.1:1"):
            await node.check()
    finally:
        await node.stop()


def test_passwords_are_not_shown(stack: Stack) -> None:
    shown = repr(settings_of(stack))
    assert stack.secrets.ari_password not in shown
    assert stack.secrets.ami_password not in shown


@pytest.mark.parametrize(
    ("version", "fit"),
    [
        ("22.4.0", True),
        ("22.10.1~dfsg+~cs6.17", True),
        ("23.1.0", True),
        ("22.3.9", False),
        ("20.11.1", False),
        ("22.9.0", False),
        ("22.9.0~rc1", False),
        ("22.9.1", True),
        ("", False),
    ],
)
def test_which_asterisk_will_do(version: str, fit: bool) -> None:
    if fit:
        check_version(version)
    else:
        with pytest.raises(AsteriskUnfit, match="install"):
            check_version(version)


async def test_a_standstill_while_asterisk_starts_again_is_no_end(
    stack: Stack, asterisk: Asterisk
) -> None:
    """Asterisk has forgotten whose it is, and the gate is closed: the mark could not be written
    before the gate opened, and the gate waited for the mark, for ever."""
    now_s = [0.0]
    gate = Gate(now_s=lambda: now_s[0])
    gate.confirm()
    async with open_desk(stack, gate=gate) as desk:
        await desk.ari("POST", "/asterisk/variable", variable=OWNER_VARIABLE, value="")
        now_s[0] += 60.0
        assert not gate.is_open()
        async with asyncio.timeout(WAIT_SECONDS):
            assert await desk.switch.renew()
            gate.confirm()
            assert await desk.switch.renew()
        mark = await desk.ari("GET", "/asterisk/variable", variable=OWNER_VARIABLE)
        assert mark == {"value": "first"}


# ── AMI ───────────────────────────────────────────────────────────────────────────────────────


async def test_registrations_are_told(desk: Desk) -> None:
    phone = await desk.phone()
    since = desk.inbox.mark()
    assert await phone.register(expires=0) == 200
    report = await desk.inbox.wait(PhoneReported, since=since)
    assert (report.phone, report.registered, report.in_use) == ("a7001", False, False)


async def test_a_phone_that_no_longer_answers_is_told(desk: Desk) -> None:
    phone = await desk.phone()
    since = desk.inbox.mark()
    phone.deaf = True
    await desk.cli("pjsip qualify a7001")
    report = await desk.inbox.wait(PhoneReported, since=since)
    assert not report.registered
    phone.deaf = False
    await desk.cli("pjsip qualify a7001")
    await desk.inbox.wait(PhoneReported, lambda event: event.registered, since=since)


async def test_after_a_lost_ami_link_the_phones_are_compared(
    stack: Stack, asterisk: Asterisk
) -> None:
    async with wired_desk(stack) as (desk, _, ami):
        phone = await desk.phone()
        other = await desk.phone("a7002")
        ami.cut()
        down = await desk.inbox.wait(LinkChanged, lambda event: not event.up)
        assert (down.link, desk.switch.link_state["ami"]) == ("ami", False)
        assert await phone.register(expires=0) == 200
        since = desk.inbox.mark()
        ami.mend()
        report = await desk.inbox.wait(PhoneReported, since=since)
        assert (report.phone, report.registered) == ("a7001", False)
        # What has not changed is not told again.
        await desk.inbox.wait(LinkChanged, lambda event: event.up, since=since)
        assert len([e for e in desk.inbox.heard[since:] if isinstance(e, PhoneReported)]) == 1
        assert await other.register(expires=0) == 200


# ── Accounts ──────────────────────────────────────────────────────────────────────────────────


async def test_only_differences_are_written(desk: Desk) -> None:
    assert await desk.switch.sync_accounts(TRUNKS, PHONES) is not None
    # A service that has just started knows nothing, and still finds nothing to write.
    await desk.switch.stop()
    since = desk.inbox.mark()
    await desk.switch.start("first")
    await desk.inbox.wait(SwitchConnected, since=since)
    changes = await desk.switch.sync_accounts(TRUNKS, PHONES)
    assert changes is not None
    assert (changes.written, changes.deleted) == ((), ())
    renamed = msgspec.structs.replace(PHONES[0], display="新名字")
    changes = await desk.switch.sync_accounts(TRUNKS, [renamed, PHONES[1]])
    assert changes is not None
    assert (changes.written, changes.deleted) == (("a7001",), ())


async def test_a_phone_is_let_in_while_its_account_is_written_again(desk: Desk) -> None:
    """A directory that changes the agent's name refuses none of their codes: what is asked for
    between two writings, or during one, is answered as before."""
    phone = await desk.phone()
    done = asyncio.Event()

    async def rename() -> int:
        times = 0
        while not done.is_set():
            renamed = msgspec.structs.replace(PHONES[0], display=f"agent {times}")
            changes = await desk.switch.sync_accounts(TRUNKS, [renamed, PHONES[1]])
            assert changes is not None and changes.written == (PHONES[0].name,)
            times += 1
        return times

    renaming = asyncio.create_task(rename())
    for _ in range(20):
        assert await phone.register() == 200
        code = await phone.call("*69")
        await code.until(lambda call: call.code != 0, "a reply")
        assert code.code == 100, "the code is refused"
        code.cancel()
        await code.over()
    done.set()
    assert await renaming > 5


async def test_a_new_password_counts_at_once(desk: Desk) -> None:
    """The accounts are cached in Asterisk's memory; a change must not wait for that."""
    phone = await desk.phone()
    changed = msgspec.structs.replace(PHONES[0], password="another")
    await desk.switch.sync_accounts(TRUNKS, [changed, PHONES[1]])
    assert await phone.register() == 401
    phone.password = "another"
    assert await phone.register() == 200


async def test_a_trunk_may_be_at_an_address_of_ipv6(desk: Desk) -> None:
    """Without its brackets (RFC 3261 §25.1) the directory took it, Asterisk too, and nobody was
    ever dialled there."""
    far = msgspec.structs.replace(TRUNKS[0], host="2001:db8::7")
    changes = await desk.switch.sync_accounts([far, TRUNKS[1]], PHONES)
    assert changes is not None and changes.written == (far.name,)
    assert "sip:[2001:db8::7]:5060" in await desk.cli(f"pjsip show aor {far.name}")
    assert await desk.switch.sync_accounts([far, TRUNKS[1]], PHONES) == Changes((), ())


async def test_a_deleted_agents_phone_is_out(desk: Desk) -> None:
    phone = await desk.phone()
    changes = await desk.switch.sync_accounts(TRUNKS, PHONES[1:])
    assert changes is not None
    assert changes.deleted == ("a7001",)
    assert await phone.register() in (401, 403, 404)
    for kind in ("auth", "aor", "endpoint", "contact"):
        assert "a7001" not in await desk.cli(f"pjsip show {kind}s")


async def test_accounts_and_registrations_outlive_both_sides(
    stack: Stack, asterisk: Asterisk
) -> None:
    async with open_desk(stack) as desk:
        phone = await desk.phone()
        await desk.switch.stop()
        await asyncio.to_thread(stack.restart, "asterisk")
        # Nobody has pushed anything: the phone can register, and was never forgotten.
        assert "a7001" in await desk.cli("pjsip show contacts")
        assert await phone.register() == 200
        since = desk.inbox.mark()
        await desk.switch.start("first")
        await desk.inbox.wait(SwitchConnected, since=since)
        changes = await desk.switch.sync_accounts(TRUNKS, PHONES)
        assert changes is not None
        assert changes.written == ()
        _, leg = await desk.arrival()
        assert leg


async def test_a_restart_of_asterisk_is_survived(stack: Stack, asterisk: Asterisk) -> None:
    async with open_desk(stack) as desk:
        _, leg = await desk.arrival()
        since = desk.inbox.mark()
        await asyncio.to_thread(stack.restart, "asterisk")
        connected = await desk.inbox.wait(SwitchConnected, since=since)
        assert connected.legs == ()
        assert leg not in connected.legs
        await desk.inbox.wait(
            LinkChanged, lambda event: event.link == "ami" and event.up, since=since
        )
        await desk.arrival()
