"""Callers announced by AMI before their channels have come to us (decision 20)."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

import msgspec
import pytest

from acd.adapters.asterisk import newcomers as announcements
from acd.adapters.asterisk.ami_client import AmiEvent, plain_event
from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.asterisk.newcomers import AGE_S_MAX, ENTERED_KEPT, Newcomers
from acd.core.commands import AnswerLeg, JoinRoom, OpenRoom
from acd.core.events import CommandFailed, Hangup, LegGone, RecordingStarted
from acd.core.ids import LegId, Node, local_part
from servers.asterisk import Asterisk
from servers.stack import Stack
from tests.switch.adapter import CALL, Desk, Wire, open_desk, settings_of

ENTRY = "95001"
SLOW = "95003"
"""Entries that the tests give the dialplan, in front of its own way in."""

GO_ON = "TEST_GOES_ON"
"""The dialplan's variable that lets go whoever is kept back."""


def is_entry(arrived: ChannelArrived) -> bool:
    return arrived.endpoint == "carrier-a" and arrived.dialled in (ENTRY, SLOW)


@pytest.fixture
async def desk(
    stack: Stack, asterisk: Asterisk, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    """A machine that stands still for a moment makes no word of Asterisk's too old here."""
    monkeypatch.setattr(announcements, "AGE_S_MAX", 60.0)
    async with open_desk(stack, expects=is_entry) as opened:
        await _hears_of_callers(opened)
        yield opened


async def _hears_of_callers(desk: Desk) -> None:
    """Until the second AMI login is there."""

    async def connected() -> bool:
        return "acd-callers" in await desk.cli("manager show connected")

    while not await connected():
        pass


@asynccontextmanager
async def dialplan(desk: Desk, *steps: str) -> AsyncIterator[None]:
    """What happens to whoever dials ``SLOW``: applications, each as ``Name,arguments``."""
    for number, step in enumerate(steps, start=1):
        await _add(desk, f"{SLOW},{number},{step} into from-trunk")
    try:
        yield
    finally:
        await desk.cli(f"dialplan remove extension {SLOW}@from-trunk")


@asynccontextmanager
async def kept_back(desk: Desk, then: str) -> AsyncIterator[None]:
    """Whoever dials ``SLOW`` is in the dialplan until ``go_on``, and goes ``then`` where that says:
    however long a busy machine takes to look."""
    try:
        async with dialplan(desk, "Wait,0.1", f"GotoIf,$[0${{{GO_ON}}}]?3:1", then):
            yield
    finally:
        await go_on(desk, "0")


async def go_on(desk: Desk, value: str = "1") -> None:
    await desk.ari("POST", "/asterisk/variable", variable=GO_ON, value=value)


async def _add(desk: Desk, extension: str) -> None:
    told = await desk.cli(f"dialplan add extension {extension}")
    assert "added" in told, told


async def test_a_caller_is_told_once_and_the_recording_after(desk: Desk) -> None:
    """T21, T22: what the dialplan has made of the call comes when it has run."""
    async with kept_back(desk, "Goto,trunk-call,s,recorded"):
        _, leg = await desk.arrival(SLOW)
        await go_on(desk)
        started = await desk.inbox.wait(RecordingStarted)
    assert started == RecordingStarted(leg, f"{local_part(leg)}.raw")
    (arrived,) = desk.inbox.all(ChannelArrived)
    assert (arrived.endpoint, arrived.dialled, arrived.caller) == (
        "carrier-a", SLOW, "02160000001",
    )  # fmt: skip
    assert arrived.recording is None
    assert arrived.recording_follows


@pytest.mark.parametrize(
    ("called", "host"),
    [("95009", "127.0.0.1"), ("s", "127.0.0.1"), (ENTRY, "127.128.0.1")],
)
async def test_what_is_not_expected_comes_as_ever(desk: Desk, called: str, host: str) -> None:
    await (await desk.terminal(host=host)).call(called)
    arrived = await desk.inbox.wait(ChannelArrived)
    assert arrived.recording is not None
    assert not arrived.recording_follows
    assert desk.inbox.all(RecordingStarted) == []


async def test_commands_to_the_caller_wait_until_they_are_here(desk: Desk) -> None:
    """Asterisk would refuse both while the dialplan has the channel."""
    async with kept_back(desk, "Goto,trunk-call,s,ringing"):
        caller, leg = await desk.arrival(SLOW)
        assert leg not in await desk.legs(), "it is on its way"
        room = desk.new_room()
        await desk.switch.perform(OpenRoom(CALL, room))
        answering = desk.switch.perform(AnswerLeg(CALL, leg))
        joining = desk.switch.perform(JoinRoom(CALL, room, (leg,)))
        await go_on(desk)
        await answering
        await joining
        await caller.answered()
    assert desk.inbox.all(CommandFailed) == []
    assert len(desk.inbox.all(ChannelArrived)) == 1
    caller.hang_up()
    assert (await desk.inbox.wait(LegGone)).leg == leg


async def test_whom_the_dialplan_turns_away_is_lost(desk: Desk) -> None:
    """K04: the leg has an end, and so has whoever waits to command it."""
    async with dialplan(desk, "Goto,fallback,turned-away,1"):
        await _add(desk, "turned-away,1,Hangup,21 into fallback")
        caller, leg = await desk.arrival(SLOW)
        answering = desk.switch.perform(AnswerLeg(CALL, leg))
        await caller.over()
        assert await desk.inbox.wait(LegGone) == LegGone(leg, Hangup.LOST)
        await answering
        await desk.cli("dialplan remove extension turned-away@fallback")
    assert desk.inbox.all(CommandFailed) == []
    assert len(desk.inbox.all(ChannelArrived)) == 1
    # Nothing stays behind: the next caller is served as ever.
    await desk.arrival(ENTRY)


async def test_who_gives_up_before_they_are_here_has_left(desk: Desk) -> None:
    """The dialplan brings them to us after the end, which is one end and no second call."""
    async with dialplan(desk, "Goto,trunk-call,slow,1"):
        await _add(desk, "slow,1,Wait,20 into trunk-call")
        caller, leg = await desk.arrival(SLOW)
        caller.cancel()
        assert await desk.inbox.wait(LegGone) == LegGone(leg, Hangup.NORMAL)
        await desk.cli("dialplan remove extension slow@trunk-call")
    assert len(desk.inbox.all(ChannelArrived)) == 1


async def test_without_ami_callers_come_as_ever(stack: Stack, asterisk: Asterisk) -> None:
    settings = settings_of(stack)
    ami = Wire(settings.ami_host, settings.ami_port)
    try:
        wired = msgspec.structs.replace(settings, ami_port=await ami.open())
        async with open_desk(stack, wired, expects=is_entry) as desk:
            await _hears_of_callers(desk)
            ami.cut()
            await desk.arrival(ENTRY)
            assert desk.inbox.all(ChannelArrived)[0].recording is not None
            ami.mend()
    finally:
        await ami.close()


# ── Without an Asterisk: which words count ────────────────────────────────────────────────────


NOW_S = 1_795_300_000.5
NEW = {
    "Event": "Newchannel",
    "Timestamp": f"{NOW_S - 0.001:.6f}",
    "Uniqueid": "1795300000.7",
    "Channel": "PJSIP/carrier-a-00000002",
    "CallerIDNum": "02160000001",
    "Exten": ENTRY,
}
LEG = LegId("n1:1795300000.7")


WIRE = "".join(f"{key}: {value}\r\n" for key, value in {**NEW, "AccountCode": ""}.items()) + "\r\n"


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        (WIRE, True),
        (WIRE[:-2], False),
        (WIRE[:-4], False),
        (WIRE + WIRE, False),
        (WIRE + "E", False),
        (WIRE.replace("Newchannel", "Newstate"), False),
        (WIRE.replace("Exten", "Uniqueid"), False),
        (WIRE.replace("Exten: ", "Exten"), False),
        ("Event: Newchannel\r\n\r\n" + WIRE[19:], False),
    ],
)
def test_only_one_whole_event_is_read_the_short_way(data: str, plain: bool) -> None:
    event = plain_event(data.encode())
    assert event == ({**NEW, "AccountCode": ""} if plain else None)
    assert plain_event(data.encode() + b"\xff") is None


def test_a_change_of_a_phone_is_read_the_short_way_too() -> None:
    data = b"Event: DeviceStateChange\r\nDevice: PJSIP/a8001\r\nState: INUSE\r\n\r\n"
    told = {"Event": "DeviceStateChange", "Device": "PJSIP/a8001", "State": "INUSE"}
    assert plain_event(data) == told
    assert plain_event(data + data) is None
    listed = data.replace(b"\r\nDevice", b"\r\nActionID: action/1\r\nDevice")
    assert plain_event(listed) is None, "it is part of an answer"


def newcomers() -> Newcomers:
    async def exists(channel: str) -> bool:
        raise AssertionError(f"{channel} need not be looked for")

    def spawn(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        raise AssertionError(f"nothing to {name}")

    return Newcomers(
        Node("n1"),
        expects=is_entry,
        exists=exists,
        lost=lambda leg: None,
        spawn=spawn,
        recording=True,
    )


async def test_a_word_is_believed_once() -> None:
    told = newcomers()
    arrived = told.announced(NEW, now_s=NOW_S)
    assert arrived is not None
    assert (arrived.leg, arrived.arrived_ms) == (LEG, 1_795_300_000_499)
    assert told.announced(NEW, now_s=NOW_S) is None
    (gate,) = told.gates(AnswerLeg(CALL, LEG))
    assert told.entered(LEG)
    assert gate.done()
    assert told.gates(AnswerLeg(CALL, LEG)) == []
    assert not told.entered(LEG), "a second arrival is the channel's own"
    assert told.announced(NEW, now_s=NOW_S) is None, "a word that comes after the channel"


@pytest.mark.parametrize(
    "changed",
    [
        {"Timestamp": f"{NOW_S - AGE_S_MAX - 0.01:.6f}"},
        {"Timestamp": f"{NOW_S + AGE_S_MAX + 0.01:.6f}"},
        {"Timestamp": "then"},
        {"Timestamp": ["1", "2"]},
        {"Uniqueid": "hl-1-7"},
        {"Uniqueid": ""},
        {"CallerIDNum": "<unknown>"},
        {"CallerIDNum": ""},
        {"Exten": "s"},
        {"Channel": "PJSIP/a8001-00000002"},
        {"Channel": "Local/1@x-00000002;1"},
    ],
)
async def test_what_is_not_plain_waits_for_the_channel_itself(changed: AmiEvent) -> None:
    told = newcomers()
    assert told.announced({**NEW, **changed}, now_s=NOW_S) is None
    assert told.legs == ()
    unstamped = {key: value for key, value in NEW.items() if key != "Timestamp"}
    assert told.announced(unstamped, now_s=NOW_S) is None


async def test_only_who_has_not_come_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """One timer stands for all of them, in the order in which they were announced."""
    monkeypatch.setattr(announcements, "ENTRY_SECONDS", 0.01)
    lost: asyncio.Queue[LegId] = asyncio.Queue()
    looked: list[str] = []

    async def exists(channel: str) -> bool:
        looked.append(channel)
        return False

    told = Newcomers(
        Node("n1"),
        expects=is_entry,
        exists=exists,
        lost=lost.put_nowait,
        spawn=lambda work, name: asyncio.create_task(work, name=name),
        recording=True,
    )
    for channel in ("1.1", "1.2", "1.3"):
        arrived = told.announced({**NEW, "Uniqueid": channel}, now_s=NOW_S)
        assert arrived is not None
        told.look_out_for(arrived.leg)
    told.entered(LegId("n1:1.2"))
    assert [await lost.get(), await lost.get()] == ["n1:1.1", "n1:1.3"]
    assert looked == ["1.1", "1.3"]
    assert told.legs == ()


async def test_a_lost_link_opens_every_gate() -> None:
    told = newcomers()
    told.announced(NEW, now_s=NOW_S)
    (gate,) = told.gates(AnswerLeg(CALL, LEG))
    told.forget()
    assert gate.done()
    assert told.legs == ()


async def test_of_those_who_have_come_the_newest_are_remembered() -> None:
    told = newcomers()
    for number in range(ENTERED_KEPT + 1):
        told.entered(LegId(f"n1:{number}"))
    event = {**NEW, "Uniqueid": str(ENTERED_KEPT)}
    assert told.announced(event, now_s=NOW_S) is None
    assert told.announced({**NEW, "Uniqueid": "0"}, now_s=NOW_S) is not None
    told.forget()
