"""Outside numbers on the wire: what the operator is sent, and what is heard of what it says."""

import asyncio
import re
from collections.abc import AsyncIterator

import numpy as np
import pytest

from acd.adapters.asterisk import Gate, Trunk
from acd.adapters.asterisk.ami_client import AmiClient
from acd.adapters.asterisk.phones import PhoneBook, PhoneLink
from acd.core.commands import CheckTrunk, DialNumber, HangUp, Release
from acd.core.events import Hangup, LegAnswered, LegGone, LegRang, RecordingStarted, TrunkReported
from acd.core.ids import LegId, TrunkId, local_part
from acd.proof.tone import tone_frames
from servers.asterisk import Asterisk
from servers.stack import Stack
from servers.waiting import wait_until
from tests.switch import sip
from tests.switch.adapter import CALL, PHONES, WAIT_SECONDS, Desk, open_desk
from tests.switch.hearing import tone_seconds

CARRIER = TrunkId("carrier-a")
MOBILE = "13900000001"
CHALLENGE = 'Digest realm="operator", nonce="1", algorithm=MD5, qop="auth"'
HEADERS = {
    "401": {"WWW-Authenticate": CHALLENGE},
    "407": {"Proxy-Authenticate": CHALLENGE},
    "503": {"Retry-After": "60"},
}
"""What a status comes with: no trunk here has a password to answer a challenge with."""


@pytest.fixture
async def desk(stack: Stack, asterisk: Asterisk) -> AsyncIterator[Desk]:
    async with open_desk(stack) as opened:
        yield opened


@pytest.fixture
async def operator(desk: Desk) -> AsyncIterator[sip.Phone]:
    """An operator at the far end of a trunk."""
    async with sip.phones(sip.Phone("operator", server=desk.address)) as (phone,):
        trunk = Trunk(name=CARRIER, addresses=("127.0.0.0/9",), host="127.0.0.1", port=phone.port)
        await desk.switch.sync_accounts([trunk], PHONES)
        yield phone


def _is_bye(ended: sip.Message | str) -> bool:
    return isinstance(ended, sip.Message) and ended.first.startswith("BYE")


def dial(leg: LegId) -> DialNumber:
    return DialNumber(
        call=CALL, leg=leg, trunk=CARRIER, number=MOBILE, caller_id="02109500101", ring_ms=20_000
    )


async def test_the_operator_is_sent_number_and_caller_id(desk: Desk, operator: sip.Phone) -> None:
    leg = desk.new_leg()
    await desk.switch.perform(dial(leg))
    call = await operator.rung()
    assert call.invite is not None
    assert call.invite.first == f"INVITE sip:{MOBILE}@127.0.0.1:{operator.port} SIP/2.0"
    assert re.search(r"<sip:02109500101@", call.invite["From"])
    call.ring()
    await desk.inbox.wait(LegRang, lambda event: event.leg == leg)
    call.answer()
    await desk.inbox.wait(LegAnswered, lambda event: event.leg == leg)
    await desk.switch.perform(HangUp(call=CALL, leg=leg, reason=Release.NORMAL, phone=None))
    await call.over()
    await desk.inbox.wait(LegGone, lambda event: event.leg == leg)


async def test_what_is_dialled_is_recorded_from_the_first_sound_on(
    desk: Desk, operator: sip.Phone
) -> None:
    """T21: the network's own announcement before the answer too; left the far telephone, right what
    it hears, under the leg's own id (T22)."""
    leg = desk.new_leg()
    await desk.switch.perform(dial(leg))
    call = await operator.rung()
    started = await desk.inbox.wait(RecordingStarted)
    assert started == RecordingStarted(leg, f"{local_part(leg)}.raw")
    call.reply("183 Session Progress", sdp=True)
    await desk.inbox.wait(LegRang, lambda event: event.leg == leg)
    for number in range(50):
        call.audio.send(tone_frames(620)[number % 5], to=call.media_port, number=number)
        await asyncio.sleep(0.02)
    call.reply("486 Busy Here")
    await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    path = desk.stack.settings.recordings_spool_dir / started.recording
    await asyncio.to_thread(
        wait_until,
        lambda: path.exists() and path.stat().st_size >= 25_000,
        seconds=WAIT_SECONDS,
        what="the samples",
    )
    left = np.frombuffer(path.read_bytes(), dtype="<i2").astype(np.float64)[0::2]
    assert tone_seconds(left, 620) >= 0.7


async def test_early_media_is_ringing(desk: Desk, operator: sip.Phone) -> None:
    """T19: 183 carries the network's own ring-back."""
    leg = desk.new_leg()
    await desk.switch.perform(dial(leg))
    call = await operator.rung()
    call.reply("183 Session Progress", sdp=True)
    await desk.inbox.wait(LegRang, lambda event: event.leg == leg)
    call.reply("486 Busy Here")
    await desk.inbox.wait(LegGone, lambda event: event.leg == leg)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("486 Busy Here", Hangup.BUSY),
        ("603 Decline", Hangup.REJECTED),
        ("403 Forbidden", Hangup.REJECTED),
        ("480 Temporarily Unavailable", Hangup.NO_ANSWER),
        ("404 Not Found", Hangup.UNREACHABLE),
        ("503 Service Unavailable", Hangup.FAILED),
        ("401 Unauthorized", Hangup.REJECTED),
        ("407 Proxy Authentication Required", Hangup.REJECTED),
        ("488 Not Acceptable Here", Hangup.FAILED),
        ("600 Busy Everywhere", Hangup.BUSY),
        ("604 Does Not Exist Anywhere", Hangup.UNREACHABLE),
    ],
)
async def test_each_refusal_is_told_apart(
    desk: Desk, operator: sip.Phone, status: str, why: Hangup
) -> None:
    """By the status itself: Q.850 has one cause for what an operator and a person refuse."""
    leg = desk.new_leg()
    await desk.switch.perform(dial(leg))
    call = await operator.rung()
    call.reply(status, headers=HEADERS.get(status[:3]))
    gone = await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    assert (gone.why, gone.sip) == (why, int(status[:3]))
    assert sum(m.first.startswith("INVITE") for m in operator.received) == 1


async def test_an_answer_that_crosses_our_cancel_is_hung_up(
    desk: Desk, operator: sip.Phone
) -> None:
    """RFC 3261, 9.1: whoever has answered before the CANCEL came is on the line, and is let go at
    once: no line is left that nobody knows of."""
    leg = desk.new_leg()
    await desk.switch.perform(dial(leg))
    call = await operator.rung()
    call.ring()
    await desk.inbox.wait(LegRang, lambda event: event.leg == leg)
    call.crosses = True
    await desk.switch.perform(HangUp(call=CALL, leg=leg, reason=Release.NORMAL, phone=None))
    await operator.until(lambda: call.acknowledged and _is_bye(call.ended), "ACK and BYE")
    await desk.inbox.wait(LegGone, lambda event: event.leg == leg)


async def test_an_operator_who_is_away_stays_so_when_everything_is_read_anew(
    desk: Desk, operator: sip.Phone
) -> None:
    """Asterisk lists registered contacts alone, and tells of a trunk's only when it changes: what
    is read every 30 s said that everybody was there again."""
    operator.deaf = True
    await desk.cli(f"pjsip qualify {CARRIER}")
    await desk.inbox.wait(TrunkReported, lambda event: not event.reachable)
    book = PhoneBook(lambda report: None)
    book.watch_trunks([CARRIER])
    settings = desk.switch.settings
    is_read = asyncio.Event()
    link = PhoneLink(
        lambda hear: AmiClient(
            host=settings.ami_host, port=settings.ami_port, user=settings.user,
            password=settings.ami_password, on_event=hear,
        ),
        book=book, on_link=lambda up, reason: is_read.set(), gate=Gate(),
    )  # fmt: skip
    reading = asyncio.create_task(link.run())
    async with asyncio.timeout(WAIT_SECONDS):
        await is_read.wait()
    assert book.reachable == {CARRIER: False}
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_a_dead_operator_is_known_two_seconds_after_the_invite(
    desk: Desk, operator: sip.Phone
) -> None:
    """It answers nothing at all; the check goes out with the INVITE, and the INVITE's end is told
    at once, so that the next trunk is dialled within 3 s (issue 3, point 9;
    a busy machine may add some, SIP alone takes 32 s)."""
    await desk.switch.perform(CheckTrunk(CALL, CARRIER))
    await operator.until(
        lambda: any(m.first.startswith("OPTIONS") for m in operator.received), "OPTIONS"
    )
    operator.deaf = True
    leg = desk.new_leg()
    begun = asyncio.get_running_loop().time()
    await desk.switch.perform(dial(leg))
    await desk.switch.perform(CheckTrunk(CALL, CARRIER))
    away = await desk.inbox.wait(TrunkReported)
    assert away == TrunkReported(trunk=CARRIER, reachable=False)
    await desk.switch.perform(HangUp(call=CALL, leg=leg, reason=Release.NORMAL, phone=None))
    await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    assert asyncio.get_running_loop().time() - begun < 10.0

    operator.deaf = False
    await desk.switch.perform(CheckTrunk(CALL, CARRIER))
    back = await desk.inbox.wait(TrunkReported, lambda event: event.reachable)
    assert back.trunk == CARRIER


async def test_an_operator_who_answers_no_options_is_sent_the_invite(
    desk: Desk, operator: sip.Phone
) -> None:
    """Decision 29: Asterisk itself would not even send it to whom it holds to be away."""
    operator.deaf = True
    await desk.switch.perform(CheckTrunk(CALL, CARRIER))
    await desk.inbox.wait(TrunkReported, lambda event: not event.reachable)
    leg = desk.new_leg()
    await desk.switch.perform(dial(leg))
    call = await operator.rung()
    assert call.invite is not None
    assert call.invite.first == f"INVITE sip:{MOBILE}@127.0.0.1:{operator.port} SIP/2.0"
    call.ring()
    await desk.inbox.wait(LegRang, lambda event: event.leg == leg)
    call.answer()
    await desk.inbox.wait(LegAnswered, lambda event: event.leg == leg)
    call.hang_up()
    await desk.inbox.wait(LegGone, lambda event: event.leg == leg)


@pytest.mark.parametrize(
    "status",
    ["300 Multiple Choices", "302 Moved Temporarily", "305 Use Proxy", "380 Alternative Service"],
)
async def test_a_redirection_is_a_refusal_and_leads_nowhere(
    desk: Desk, operator: sip.Phone, status: str
) -> None:
    """Nobody but the directory says where a call goes: not to a number of ours, whose entry would
    serve us as a caller, nor to any other place, at our cost.  Asterisk notes the status after it
    has told its dialling thread of the new place: when that has given up first, the leg's end has
    none.  Both are the operator's failure to carry the call, and the next one is asked."""
    leg = desk.new_leg()
    await desk.switch.perform(dial(leg))
    call = await operator.rung()
    place = f"<sip:95001@127.0.0.1:{operator.port}>"
    call.reply(status, headers={"Contact": place})
    gone = await desk.inbox.wait(LegGone, lambda event: event.leg == leg)
    assert gone.sip == int(status[:3]) or (gone.sip, gone.why) == (0, Hangup.FAILED)
    assert sum(m.first.startswith("INVITE") for m in operator.received) == 1
    after = desk.new_leg()
    await desk.switch.perform(dial(after))
    (await operator.rung()).reply("486 Busy Here")
    await desk.inbox.wait(LegGone, lambda event: event.leg == after)
    others = [one for one in desk.inbox.heard if getattr(one, "leg", leg) not in (leg, after)]
    assert not others, "where it pointed to has been called"
