"""Commands and events on a real Asterisk: what is asked for happens, and is heard of."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.asterisk.perform import PICKS_UP, REFER_TO_US, VOLUME
from acd.core.commands import (
    AnswerLeg,
    AnswerRefer,
    CloseRoom,
    Command,
    HandToFallback,
    HangUp,
    Hush,
    JoinRoom,
    KeepCaller,
    OpenHoldingRoom,
    OpenRoom,
    Play,
    ReferResult,
    Release,
    RingPhone,
    SeatAnew,
    StopPlay,
)
from acd.core.events import (
    CodeDialled,
    CommandFailed,
    DigitPressed,
    Hangup,
    LegAnswered,
    LegGone,
    LegJoined,
    LegRang,
    PhoneReported,
    PromptFinished,
    ReferRequested,
)
from acd.core.ids import HOLDING_PREFIX, LegId, PhoneId, PlaybackId, RoomId
from servers.asterisk import Asterisk
from servers.stack import Stack
from tests.switch import sip
from tests.switch.adapter import CALL, NODE, OFFER, WAIT_SECONDS, Desk, open_desk
from tests.switch.sounding import FRAME_S

PLAYBACK = PlaybackId(f"{NODE}:hl-p-test")

MUSIC_FRAMES = 10
"""Of 20 ms: enough to be music."""


@pytest.fixture
async def desk(stack: Stack, asterisk: Asterisk) -> AsyncIterator[Desk]:
    async with open_desk(stack) as opened:
        yield opened


def ring(leg: LegId, phone: str = "a7001", ring_ms: int = 7000) -> RingPhone:
    return RingPhone(
        call=CALL,
        phone=PhoneId(phone),
        leg=leg,
        offer=OFFER,
        ring_ms=ring_ms,
        caller="02160000001",
    )


def hang_up(leg: LegId, reason: Release = Release.NORMAL) -> HangUp:
    return HangUp(call=CALL, leg=leg, reason=reason, phone=None)


async def conversation(desk: Desk) -> tuple[sip.Call, LegId, sip.Call, LegId, RoomId]:
    """Bring a caller and an agent together: (caller, its leg, agent, its leg, room)."""
    phone = await desk.phone()
    caller, caller_leg = await desk.arrival()
    leg, room = desk.new_leg(), desk.new_room()
    await desk.switch.perform(OpenRoom(CALL, room))
    await desk.switch.perform(ring(leg))
    agent = await phone.rung()
    agent.ring()
    await desk.inbox.wait(LegRang, lambda event: event.leg == leg)
    agent.answer()
    await desk.inbox.wait(LegAnswered, lambda event: event.leg == leg)
    await desk.switch.perform(AnswerLeg(CALL, caller_leg))
    await desk.switch.perform(JoinRoom(CALL, room, (caller_leg, leg)))
    await desk.inbox.until(
        lambda: {caller_leg, leg} <= {event.leg for event in desk.inbox.all(LegJoined)},
        "both in the room",
    )
    await caller.answered()
    return caller, caller_leg, agent, leg, room


async def talk(one: sip.Call, other: sip.Call) -> None:
    """Send sound both ways until each has heard the other's."""
    for number in range(round(WAIT_SECONDS / FRAME_S)):
        one.audio.send(b"\x11" * 160, to=one.media_port, number=number)
        other.audio.send(b"\x22" * 160, to=other.media_port, number=number)
        await asyncio.sleep(FRAME_S)  # the pace of media
        if b"\x22" * 160 in one.audio.received and b"\x11" * 160 in other.audio.received:
            return
    raise AssertionError("no sound came through")


async def test_a_call_from_the_trunk_to_an_agent_and_back(desk: Desk) -> None:
    caller, caller_leg, agent, leg, room = await conversation(desk)
    arrived = desk.inbox.all(ChannelArrived)[0]
    assert (arrived.endpoint, arrived.dialled) == ("carrier-a", "95001")
    assert arrived.caller == "02160000001"
    assert "<sip:02160000001@" in agent.invite["From"] if agent.invite else False
    await talk(caller, agent)
    bridge = await desk.ari("GET", f"/bridges/{room.partition(':')[2]}")
    assert isinstance(bridge, dict)
    # Two members and nothing to record: packets pass straight through, not through a mixer.
    assert bridge["technology"] in ("native_rtp", "simple_bridge")

    agent.hang_up()
    gone = await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    assert (gone.why, gone.cause) == (Hangup.NORMAL, 16)
    await desk.switch.perform(hang_up(caller_leg))
    await caller.over()
    # The caller's channel left the application by being hung up; its end is heard all the same.
    gone = await desk.inbox.wait(LegGone, lambda event: event.leg == caller_leg)
    assert gone.why is Hangup.NORMAL
    await desk.switch.perform(CloseRoom(CALL, room))
    assert await desk.legs() == ()
    assert desk.inbox.all(CommandFailed) == []


async def test_who_is_seated_anew_is_in_the_room_and_hears_as_before(desk: Desk) -> None:
    """Decision 24: one after the other, each told of as having come; one who is gone harms
    nobody, and what is said to somebody next is heard."""
    caller, caller_leg, agent, leg, room = await conversation(desk)
    await talk(caller, agent)
    told = len(desk.inbox.all(LegJoined))
    gone = desk.new_leg()
    await desk.switch.perform(SeatAnew(CALL, room, (caller_leg, gone, leg)))
    await desk.inbox.until(lambda: len(desk.inbox.all(LegJoined)) == told + 2, "both to come")
    assert [one.leg for one in desk.inbox.all(LegJoined)[told:]] == [caller_leg, leg]
    await desk.switch.perform(Play(CALL, leg, PLAYBACK, ("beep",)))
    await desk.inbox.wait(PromptFinished, lambda event: event.playback == PLAYBACK)
    caller.audio.received.clear()
    agent.audio.received.clear()
    await talk(caller, agent)
    bridge = await desk.ari("GET", f"/bridges/{room.partition(':')[2]}")
    assert isinstance(bridge, dict)
    assert sorted(bridge["channels"]) == sorted(one.partition(":")[2] for one in (caller_leg, leg))
    assert desk.inbox.all(CommandFailed) == []


async def test_a_caller_who_hangs_up_at_once_is_heard_of(desk: Desk) -> None:
    """Before the channel is subscribed, too: no leg may stay behind in the core."""
    caller, leg = await desk.arrival()
    caller.cancel()
    gone = await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    assert gone.why is Hangup.NORMAL


@pytest.mark.parametrize(
    ("status", "why", "cause"),
    [
        ("486 Busy Here", Hangup.BUSY, 17),
        ("600 Busy Everywhere", Hangup.BUSY, 17),
        ("603 Decline", Hangup.REJECTED, 21),
        ("403 Forbidden", Hangup.REJECTED, 21),
        ("480 Temporarily Unavailable", Hangup.NO_ANSWER, 19),
        ("408 Request Timeout", Hangup.NO_ANSWER, 18),
        ("404 Not Found", Hangup.UNREACHABLE, 1),
        ("410 Gone", Hangup.UNREACHABLE, 22),
        ("500 Server Internal Error", Hangup.FAILED, 38),
        ("503 Service Unavailable", Hangup.FAILED, 34),
    ],
)
async def test_why_a_phone_did_not_answer(desk: Desk, status: str, why: Hangup, cause: int) -> None:
    phone = await desk.phone()
    leg = desk.new_leg()
    await desk.switch.perform(ring(leg))
    (await phone.rung()).reply(status)
    gone = await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    assert (gone.why, gone.cause) == (why, cause)


async def test_an_offer_taken_back_says_why(desk: Desk) -> None:
    """The phone is told that somebody else answered, so that it shows no missed call."""
    phone = await desk.phone()
    leg = desk.new_leg()
    await desk.switch.perform(ring(leg))
    agent = await phone.rung()
    agent.ring()
    await desk.inbox.wait(LegRang)
    await desk.switch.perform(hang_up(leg, Release.ANSWERED_ELSEWHERE))
    await agent.over()
    assert isinstance(agent.ended, sip.Message)
    assert 'SIP;cause=200;text="Call completed elsewhere"' in agent.ended.all("Reason")
    gone = await desk.inbox.wait(LegGone)
    assert (gone.why, gone.cause) == (Hangup.NORMAL, 26)


async def test_asterisk_ends_a_ring_that_we_forget(desk: Desk) -> None:
    phone = await desk.phone()
    leg = desk.new_leg()
    await desk.switch.perform(ring(leg, ring_ms=1))
    (await phone.rung()).ring()
    gone = await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    assert gone.why is Hangup.NO_ANSWER


@pytest.mark.parametrize("phone", ["a7001", "nobody"])
async def test_a_phone_that_cannot_be_rung_fails_the_command(desk: Desk, phone: str) -> None:
    """Not registered, or unknown: there is no channel, so there is no LegGone."""
    leg = desk.new_leg()
    await desk.switch.perform(ring(leg, phone))
    failed = desk.inbox.all(CommandFailed)
    assert [(event.command, event.leg) for event in failed] == [("RingPhone", leg)]
    assert desk.inbox.all(LegGone) == []


async def test_an_unallocated_number_is_told_404(desk: Desk) -> None:
    caller, leg = await desk.arrival("99999")
    await desk.switch.perform(hang_up(leg, Release.UNALLOCATED))
    await caller.over()
    assert caller.code == 404


@pytest.mark.parametrize(
    "command",
    [
        AnswerLeg(CALL, LegId(f"{NODE}:no-such-channel")),
        hang_up(LegId(f"{NODE}:no-such-channel")),
        Play(CALL, LegId(f"{NODE}:no-such-channel"), PLAYBACK, ("beep",)),
        HandToFallback(CALL, LegId(f"{NODE}:no-such-channel")),
    ],
    ids=lambda command: type(command).__name__,
)
async def test_a_command_to_a_missing_channel_makes_the_leg_lost(
    desk: Desk, command: Command
) -> None:
    await desk.switch.perform(command)
    gone = await desk.inbox.wait(LegGone)
    assert gone == LegGone(LegId(f"{NODE}:no-such-channel"), Hangup.LOST)
    assert desk.inbox.all(CommandFailed) == []


async def test_a_late_command_does_not_hide_the_true_cause(desk: Desk) -> None:
    """The phone hangs up while our own hang-up is on its way: one end, with its own cause
    (asterisk#1124)."""
    phone = await desk.phone()
    leg = desk.new_leg()
    await desk.switch.perform(ring(leg))
    (await phone.rung()).reply("486 Busy Here")
    await desk.inbox.wait(LegGone)
    await desk.switch.perform(hang_up(leg))
    assert desk.inbox.all(LegGone) == [LegGone(leg, Hangup.BUSY, 17, 486)]
    assert desk.inbox.counts["command to an ended leg"] == 1


async def test_a_join_names_the_leg_that_is_missing(desk: Desk) -> None:
    _, caller_leg = await desk.arrival()
    room, missing = desk.new_room(), desk.new_leg()
    await desk.switch.perform(OpenRoom(CALL, room))
    await desk.switch.perform(JoinRoom(CALL, room, (caller_leg, missing)))
    failed = await desk.inbox.wait(CommandFailed)
    assert (failed.command, failed.room) == ("JoinRoom", room)
    gone = await desk.inbox.wait(LegGone)
    assert gone == LegGone(missing, Hangup.LOST)


async def test_what_has_been_done_already_is_counted_only(desk: Desk) -> None:
    room = desk.new_room()
    await desk.switch.perform(OpenRoom(CALL, room))
    await desk.switch.perform(OpenRoom(CALL, room))
    await desk.switch.perform(CloseRoom(CALL, room))
    await desk.switch.perform(CloseRoom(CALL, room))
    await desk.switch.perform(StopPlay(CALL, PLAYBACK))
    assert desk.inbox.all(CommandFailed) == []
    assert desk.inbox.counts["room closed twice"] == 1
    assert desk.inbox.counts["playback had ended"] == 1


async def test_prompts_end_by_themselves_or_by_us(desk: Desk) -> None:
    caller, leg = await desk.arrival()
    await desk.switch.perform(AnswerLeg(CALL, leg))
    await caller.answered()
    await desk.switch.perform(Play(CALL, leg, PLAYBACK, ("beep", "beep")))
    await desk.inbox.wait(PromptFinished, lambda event: event.playback == PLAYBACK)
    assert caller.audio.received, "the prompt was heard"
    second = PlaybackId(f"{NODE}:hl-p-test-2")
    await desk.switch.perform(Play(CALL, leg, second, ("caller-acknowledge",)))
    await desk.switch.perform(StopPlay(CALL, second))
    await desk.inbox.wait(PromptFinished, lambda event: event.playback == second)
    assert desk.inbox.all(CommandFailed) == []


async def test_what_nobody_can_name_is_ended_and_nothing_that_comes_after_it(desk: Desk) -> None:
    """A ring-back tone that an earlier life of the service has begun has no end of its own."""
    *_, agent_leg, _ = await conversation(desk)
    await desk.switch.perform(Play(CALL, agent_leg, PLAYBACK, ("tone:ring",)))
    await desk.switch.perform(Hush(CALL, agent_leg))
    await desk.inbox.wait(PromptFinished, lambda event: event.playback == PLAYBACK)
    await desk.switch.perform(Hush(CALL, agent_leg))
    second = PlaybackId(f"{NODE}:hl-p-test-2")
    await desk.switch.perform(Play(CALL, agent_leg, second, ("tone:ring",)))
    aside, since = desk.new_room(), desk.inbox.mark()
    await desk.switch.perform(OpenRoom(CALL, aside))
    await desk.switch.perform(StopPlay(CALL, second))
    await desk.inbox.wait(PromptFinished, lambda event: event.playback == second)
    assert desk.inbox.counts["playback had ended"] == 0, "it was not ended by the hush before it"
    await desk.switch.perform(JoinRoom(CALL, aside, (agent_leg,)))
    await desk.inbox.wait(LegJoined, lambda event: event.room == aside, since=since)
    await desk.switch.perform(Hush(CALL, desk.new_leg()))
    assert desk.inbox.counts["nobody there to hush"] == 1
    assert desk.inbox.all(CommandFailed) == []


async def test_a_prompt_that_is_not_there_ends_too(desk: Desk) -> None:
    caller, leg = await desk.arrival()
    await desk.switch.perform(AnswerLeg(CALL, leg))
    await caller.answered()
    await desk.switch.perform(Play(CALL, leg, PLAYBACK, ("no-such-prompt",)))
    await desk.inbox.wait(PromptFinished, lambda event: event.playback == PLAYBACK)


async def test_waiting_callers_share_one_holding_room_with_music(desk: Desk) -> None:
    caller, leg = await desk.arrival()
    hold = desk.new_room()
    await desk.switch.perform(OpenHoldingRoom(None, hold))
    await desk.switch.perform(OpenHoldingRoom(None, hold))
    await desk.switch.perform(AnswerLeg(CALL, leg))
    await caller.answered()
    await desk.switch.perform(JoinRoom(CALL, hold, (leg,)))
    await desk.inbox.wait(LegJoined, lambda event: event == LegJoined(leg, hold))
    async with asyncio.timeout(WAIT_SECONDS):
        while not caller.audio.received:
            caller.audio.changed.clear()
            await caller.audio.changed.wait()
    # From the music straight into the call's room.
    room = desk.new_room()
    await desk.switch.perform(OpenRoom(CALL, room))
    await desk.switch.perform(JoinRoom(CALL, room, (leg,)))
    await desk.inbox.wait(LegJoined, lambda event: event == LegJoined(leg, room))
    assert desk.inbox.all(CommandFailed) == []


async def test_whoever_comes_as_the_last_one_leaves_hears_music(desk: Desk) -> None:
    """V12: Asterisk ends a room's music with the last who leaves, and a moment later; who came in
    that moment waited in silence, once in a hundred times."""
    hold, room = RoomId(f"{NODE}:{HOLDING_PREFIX}test"), desk.new_room()
    await desk.switch.perform(OpenHoldingRoom(None, hold))
    await desk.switch.perform(OpenRoom(CALL, room))
    callers = []
    for where in (hold, room):
        caller, leg = await desk.arrival()
        await desk.switch.perform(KeepCaller(CALL, leg))
        await desk.switch.perform(AnswerLeg(CALL, leg))
        await caller.answered()
        await desk.switch.perform(JoinRoom(CALL, where, (leg,)))
        callers.append((caller, leg))
    for _ in range(8):
        (_, leaves), (comes, enters) = callers
        already = len(comes.audio.received)
        await asyncio.gather(
            desk.switch.perform(JoinRoom(CALL, room, (leaves,))),
            desk.switch.perform(JoinRoom(CALL, hold, (enters,))),
        )
        async with asyncio.timeout(WAIT_SECONDS):
            while len(comes.audio.received) < already + MUSIC_FRAMES:
                comes.audio.changed.clear()
                await comes.audio.changed.wait()
        callers.reverse()
    assert desk.inbox.all(CommandFailed) == []


async def test_a_caller_handed_to_the_fallback_hears_an_apology_and_is_heard_of_at_the_end(
    desk: Desk,
) -> None:
    caller, leg = await desk.arrival()
    await desk.switch.perform(HandToFallback(CALL, leg))
    await caller.answered()
    assert leg not in await desk.legs()
    caller.hang_up()
    gone = await desk.inbox.wait(LegGone)
    assert (gone.leg, gone.why) == (leg, Hangup.NORMAL)


async def test_a_refer_may_be_answered_in_the_moment_it_is_heard_of(desk: Desk) -> None:
    """T38: Asterisk tells of a REFER before it has taken it in; an answer in between ended it with
    all its calls, about once in twenty (decision 18)."""
    _, _, agent, leg, _ = await conversation(desk)
    for _ in range(100):
        mark = desk.inbox.mark()
        agent.refer("999")
        await desk.inbox.wait(ReferRequested, lambda event: event.leg == leg, since=mark)
        await desk.switch.perform(AnswerRefer(CALL, leg, ReferResult.DECLINED))
        await agent.until(lambda one: "SIP/2.0 603" in one.told, "603")
    assert desk.inbox.all(CommandFailed) == []


async def test_asterisk_has_every_function_that_commands_set(desk: Desk) -> None:
    """To set one whose module is not loaded is no error to ARI, which goes on without it: so the
    first word on a phone that picks up by itself was never heard."""
    for variable in (*PICKS_UP, *REFER_TO_US, VOLUME):
        function = variable.partition("(")[0]
        assert f"Info about Function '{function}'" in (
            told := await desk.cli(f"core show function {function}")
        ), told


async def test_the_fallback_rings_whom_the_database_names(desk: Desk) -> None:
    phone = await desk.phone()
    await desk.cli("database put huling fallback PJSIP/a7001")
    try:
        caller, leg = await desk.arrival()
        await desk.switch.perform(HandToFallback(CALL, leg))
        agent = await phone.rung()
        agent.answer()
        await caller.answered()
        await talk(caller, agent)
        caller.hang_up()
        await agent.over()
    finally:
        await desk.cli("database del huling fallback")


async def test_feature_codes_come_with_the_phone_and_as_dialled(desk: Desk) -> None:
    phone = await desk.phone()
    call = await phone.call("*60")
    dialled = await desk.inbox.wait(CodeDialled)
    assert (dialled.phone, dialled.code) == ("a7001", "*60")
    await desk.switch.perform(AnswerLeg(CALL, dialled.leg))
    await call.answered()
    reported = await desk.inbox.wait(PhoneReported, lambda event: event.in_use)
    assert reported.phone == "a7001"
    call.hang_up()
    await desk.inbox.wait(LegGone, lambda event: event.leg == dialled.leg)
    await desk.inbox.wait(
        PhoneReported, lambda event: not event.in_use, since=desk.inbox.heard.index(reported)
    )


async def test_keys_are_heard(desk: Desk) -> None:
    caller, leg = await desk.arrival()
    await desk.switch.perform(AnswerLeg(CALL, leg))
    await caller.answered()
    caller.send_digit("5")
    pressed = await desk.inbox.wait(DigitPressed)
    assert pressed == DigitPressed(leg, "5")


@pytest.mark.parametrize(
    ("from_", "user"),
    [
        ("<sip:02160000001@127.0.0.1>", "02160000001"),
        ("<sip:+8602160000001@127.0.0.1>", "+8602160000001"),
        ("sip:02160000001@127.0.0.1", "02160000001"),
        ('"Wang \\"Er\\" <x@y>" <sip:0216@127.0.0.1>', "0216"),
        ('"王阿姨" <sip:0216@127.0.0.1>', "0216"),
        ("<sip:0216;phone-context=+86@127.0.0.1;user=phone>", "0216"),
        ("Anonymous <sip:anonymous@anonymous.invalid>", "anonymous"),
        ("<sip:127.0.0.1>", ""),
        ("<sip:%30%32@127.0.0.1>", "02"),
    ],
)
async def test_who_the_caller_says_to_be(desk: Desk, from_: str, user: str) -> None:
    await (await desk.terminal()).call("95001", from_=from_)
    arrived = await desk.inbox.wait(ChannelArrived)
    assert arrived.caller == user


@pytest.mark.parametrize(
    ("host", "asserted", "caller"),
    [
        ("127.0.0.1", '"x, y" <sip:+862160000001@carrier>', "+862160000001"),
        ("127.0.0.1", "<tel:+86-21-6000-0001>", "+86-21-6000-0001"),
        ("127.0.0.1", "<sip:nobody@carrier>", "02160000009"),
        ("127.0.0.1", "<sip:\x01@>;;", "02160000009"),
        ("127.200.0.7", "<sip:+862160000001@carrier>", "02160000009"),
    ],
)
async def test_an_asserted_identity_is_believed_where_it_is_trusted(
    desk: Desk, host: str, asserted: str, caller: str
) -> None:
    """RFC 3325 §5: anybody can write the header; one without a number leaves From."""
    terminal = await desk.terminal(host=host)
    await terminal.call(
        "95001",
        from_="<sip:02160000009@127.0.0.1>",
        headers={"P-Asserted-Identity": asserted},
    )
    assert (await desk.inbox.wait(ChannelArrived)).caller == caller


async def test_each_trunk_is_known_by_its_addresses(desk: Desk) -> None:
    terminal = await desk.terminal(host="127.200.0.7")
    await terminal.call("95001")
    assert (await desk.inbox.wait(ChannelArrived)).endpoint == "carrier-b"


@pytest.mark.parametrize(
    "called", ["95001", "abc", "*#9", "+8695001", "h", "i", "t", "s", "a,b", "%E6%8A%A4", "9" * 70]
)
async def test_anything_can_be_dialled(desk: Desk, called: str) -> None:
    """No INVITE without a record (K04): even what means nothing reaches the service as it is."""
    caller = await (await desk.terminal()).call(called)
    await caller.until(lambda call: call.code >= 180, "an answer")
    if caller.code == 180:
        arrived = await desk.inbox.wait(ChannelArrived)
        assert arrived.dialled == called
        caller.cancel()
        await desk.inbox.wait(LegGone)
    else:
        assert called == "%E6%8A%A4", "the one thing that Asterisk refuses by itself"


async def test_a_header_of_four_kilobytes_does_no_harm(desk: Desk) -> None:
    caller = await (await desk.terminal()).call("95001", headers={"X-Long": "x" * 4096})
    await desk.inbox.wait(ChannelArrived)
    await caller.ringing()


async def test_a_caller_with_a_phones_name_is_challenged_and_not_believed(desk: Desk) -> None:
    terminal = await desk.terminal("a7001")
    call = await terminal.call("95001")
    await call.over()
    assert call.code == 401
    assert desk.inbox.all(ChannelArrived) == []


async def test_a_recording_begins_before_the_service_hears_of_the_call(desk: Desk) -> None:
    """T21: under the channel's own unique id, so that it is found for exactly this leg (T22)."""
    _, leg = await desk.arrival()
    arrived = desk.inbox.all(ChannelArrived)[0]
    assert arrived.recording == f"{leg.partition(':')[2]}.raw"


async def test_recording_can_be_turned_off(desk: Desk) -> None:
    await desk.ari("POST", "/asterisk/variable", variable="RECORDING", value="no")
    try:
        await desk.arrival()
    finally:
        await desk.ari("POST", "/asterisk/variable", variable="RECORDING", value="yes")
    assert desk.inbox.all(ChannelArrived)[0].recording is None
