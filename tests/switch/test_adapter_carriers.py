"""What operators' networks do within the rules, and beyond them (T05, T14, T16): the caller is
answered, hears and is heard, and nothing that is asked inside a call ends it.

Each row is a custom of some network; docs/operations.md ("What an operator's line may do") has
the list as an operator's engineer would read it.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping

import numpy as np
import pytest

from acd.adapters.asterisk import Trunk
from acd.adapters.asterisk.accounts import KEEP_ALIVE_SECONDS, trunk_objects
from acd.adapters.asterisk.ari_client import AriClient
from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.asterisk.transport import Transport
from acd.core.commands import AnswerLeg, DialNumber, KeepCaller, ListenTo
from acd.core.events import DigitPressed, Heard, LegAnswered, LegGone, LegRang
from acd.core.ids import LegId, TrunkId
from acd.runtime.pulse import Pulse
from servers.asterisk import Asterisk
from servers.stack import Stack
from tests.switch.adapter import CALL, PHONES, TRUNKS, WAIT_SECONDS, Desk, open_desk
from tests.switch.sip import Call, Message, Phone, phones
from tests.switch.sounding import QUIET, Sounding, alaw

CARRIER = TrunkId("carrier-a")


@pytest.fixture
async def desk(stack: Stack, asterisk: Asterisk) -> AsyncIterator[Desk]:
    async with open_desk(stack) as opened:
        yield opened


# ── What may stand in an INVITE ───────────────────────────────────────────────────────────────

AUDIO = (
    "m=audio PORT RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)
EVENTS_97 = "m=audio PORT RTP/AVP 8 97\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-15\r\n"
NO_EVENTS = "m=audio PORT RTP/AVP 8\r\n"
VOLTE = (
    "m=audio PORT RTP/AVP 108 102 8 0 105\r\na=rtpmap:108 AMR-WB/16000\r\na=rtpmap:102 AMR/8000\r\n"
    "a=rtpmap:105 telephone-event/16000\r\na=curr:qos local none\r\na=curr:qos remote none\r\n"
    "a=des:qos optional local sendrecv\r\na=des:qos optional remote sendrecv\r\n"
)


def sdp(call: Call, media: str, *, version: int = 1, address: str = "127.0.0.1") -> str:
    """A description of media, at the call's own port; each change of it has its own version."""
    return (
        f"v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        + media.replace("PORT", str(call.audio.port))
    )


async def arrival(
    desk: Desk,
    media: str = AUDIO,
    *,
    address: str = "127.0.0.1",
    headers: Mapping[str, str] | None = None,
) -> tuple[Call, ChannelArrived]:
    """A call with these media and headers, answered."""
    since = desk.inbox.mark()
    phone = await desk.terminal()
    call = Call(phone, secrets.token_hex(8))
    call.audio.open()
    phone.calls[call.id] = call
    call.target = f"sip:95001@{phone.server[0]}:{phone.server[1]}"
    call.local = f"<sip:{phone.user}@127.0.0.1>;tag={call.tag}"
    call.branch = phone.send(
        f"INVITE {call.target} SIP/2.0",
        {"From": call.local, "To": f"<{call.target}>", "CSeq": "1 INVITE", **(headers or {})},
        call_id=call.id,
        body=sdp(call, media, address=address),
    )
    arrived = await desk.inbox.wait(ChannelArrived, since=since)
    await desk.switch.perform(KeepCaller(CALL, arrived.leg))
    await desk.switch.perform(AnswerLeg(CALL, arrived.leg))
    return await call.answered(), arrived


@pytest.mark.parametrize(
    ("media", "answer"),
    [
        pytest.param(EVENTS_97, "RTP/AVP 8 97", id="keys as payload type 97"),
        pytest.param("m=audio PORT RTP/AVP 8 0 13 101\r\na=rtpmap:101 telephone-event/8000\r\n",
                     "RTP/AVP 8 0 101", id="comfort noise"),
        pytest.param(AUDIO + "a=ptime:10\r\n", "a=ptime:20", id="10 ms"),
        pytest.param(AUDIO + "a=ptime:30\r\n", "a=ptime:20", id="30 ms"),
        pytest.param(AUDIO + "a=inactive\r\n", "a=inactive", id="inactive from the start"),
        pytest.param(VOLTE, "RTP/AVP 8 0", id="a mobile phone's codecs and preconditions"),
        pytest.param("m=audio PORT RTP/AVP 18 8\r\n", "RTP/AVP 8", id="G.729 first"),
        pytest.param(AUDIO + "m=image 4000 udptl t38\r\n", "m=image 0", id="fax beside it"),
        pytest.param(AUDIO + "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n", "m=video 0",
                     id="video beside it"),
    ],
)  # fmt: skip
async def test_media_are_answered_as_they_are_offered(desk: Desk, media: str, answer: str) -> None:
    """RFC 3264: what we speak is taken from the offer, the rest is refused line by line."""
    call, _ = await arrival(desk, media)
    assert answer in call.replies[-1].body


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        pytest.param({"Require": "100rel"}, "02160000001", id="100rel"),
        pytest.param({"Require": "timer", "Session-Expires": "1800;refresher=uac"},
                     "02160000001", id="a session timer"),
        pytest.param({"Supported": "timer", "Session-Expires": "90;refresher=uas"},
                     "02160000001", id="a session timer that we are to keep"),
        pytest.param({"History-Info": "<sip:95001@x?Reason=SIP%3Bcause%3D302>;index=1.1",
                      "Diversion": "<tel:+862195001>;reason=unconditional"},
                     "02160000001", id="forwarded"),
        pytest.param({"P-Asserted-Identity": "<tel:+8613800138000;cpc=ordinary>",
                      "Privacy": "id"}, "+8613800138000", id="a tel identity, withheld"),
    ],
)  # fmt: skip
async def test_what_an_invite_asks_for_is_no_reason_to_refuse_it(
    desk: Desk, headers: dict[str, str], caller: str
) -> None:
    """RFC 3262, 4028, 3325, 5806: none of it is needed to talk."""
    _, arrived = await arrival(desk, headers=headers)
    assert arrived.caller == caller


# ── Inside a call ─────────────────────────────────────────────────────────────────────────────


async def asked(
    call: Call, method: str, body: str = "", headers: Mapping[str, str] | None = None
) -> Message:
    """Ask something inside the call; the final reply."""
    call.sequence += 1
    mark = f"{call.sequence} {method}"
    call.phone.send(
        f"{method} {call.target} SIP/2.0",
        {"From": call.local, "To": call.remote, "CSeq": mark, **(headers or {})},
        call_id=call.id,
        body=body,
    )

    def replies() -> list[Message]:
        received = call.phone.received
        return [one for one in received if one["CSeq"] == mark and one.code >= 200]

    await call.phone.until(lambda: bool(replies()), f"a reply to {method}")
    return replies()[0]


async def test_nothing_that_an_operator_asks_inside_a_call_ends_it(desk: Desk) -> None:
    """RFC 4028, 3311, 3264: sessions are refreshed, held and taken back, whoever does it and
    however; a fax machine's T.38 and a transfer by the operator are refused, and the call goes
    on with the media that it had."""
    call, _ = await arrival(desk)
    timer = {"Session-Expires": "1800;refresher=uac", "Supported": "timer"}
    fax = "m=image 4000 udptl t38\r\na=T38FaxVersion:0\r\n"
    asks = [
        ("INVITE", sdp(call, AUDIO), timer, 200, "a=sendrecv"),
        ("INVITE", sdp(call, AUDIO), {**timer, "Require": "timer"}, 200, "a=sendrecv"),
        ("UPDATE", "", timer, 200, ""),
        ("UPDATE", sdp(call, AUDIO), {}, 200, "a=sendrecv"),
        ("INVITE", sdp(call, AUDIO + "a=inactive\r\n", version=2), {}, 200, "a=inactive"),
        ("INVITE", sdp(call, AUDIO, version=3), {}, 200, "a=sendrecv"),
        ("INVITE", sdp(call, AUDIO, version=4, address="0.0.0.0"), {}, 200, "a=recvonly"),
        ("INVITE", sdp(call, AUDIO, version=5), {}, 200, "a=sendrecv"),
        ("INVITE", sdp(call, fax, version=6), {}, 488, ""),
        ("INVITE", sdp(call, "m=audio 0 RTP/AVP 8\r\n" + fax, version=7), {}, 488, ""),
        ("INVITE", sdp(call, "m=audio PORT RTP/AVP 0\r\n", version=8), {}, 200, "RTP/AVP 0"),
        ("OPTIONS", "", {}, 200, ""),
        ("INFO", "", {}, 200, ""),
        ("REFER", "", {"Refer-To": "<sip:110@127.0.0.1>"}, 603, ""),
    ]
    for method, body, headers, code, answer in asks:
        reply = await asked(call, method, body, headers)
        assert (method, reply.code) == (method, code)
        assert answer in reply.body
    assert not call.ended
    assert not desk.inbox.all(LegGone)
    await asked(call, "BYE", headers={"Reason": 'Q.850;cause=31;text="normal, unspecified"'})
    await desk.inbox.wait(LegGone)


# ── Keys and packets ──────────────────────────────────────────────────────────────────────────


def key_tone(low_hz: int, high_hz: int) -> list[bytes]:
    """A key as two tones, 200 ms."""
    at = np.arange(1_600) / 8_000
    return alaw(0.25 * (np.sin(2 * np.pi * low_hz * at) + np.sin(2 * np.pi * high_hz * at)))


async def test_keys_are_heard_where_no_telephone_events_are_agreed(desk: Desk) -> None:
    """T27: a line that offers none carries keys as tones only: a terminal's word of its battery,
    and the 1 of a contact who can help."""
    call, arrived = await arrival(desk, NO_EVENTS)
    async with Sounding(call) as mouth:
        mouth.play(key_tone(770, 1_336))
        pressed = await desk.inbox.wait(DigitPressed)
    assert (pressed.leg, pressed.digit) == (arrived.leg, "5")


async def test_keys_are_heard_under_the_number_that_was_agreed(desk: Desk) -> None:
    """RFC 4733: 101 is a custom and no rule."""
    call, arrived = await arrival(desk, EVENTS_97)
    for number, (end, length) in enumerate([(0, 160), (0, 320), *[(0x80, 480)] * 3]):
        head = bytes([0x80, (0x80 if number == 0 else 0) | 97, 0, number]) + bytes(7) + b"\x01"
        event = bytes([5, end | 10]) + length.to_bytes(2, "big")
        call.audio.send_raw(head + event, to=call.media_port)
    async with Sounding(call):
        pressed = await desk.inbox.wait(DigitPressed)
    assert (pressed.leg, pressed.digit) == (arrived.leg, "5")


async def test_a_line_to_which_nothing_is_said_is_kept_alive(desk: Desk, stack: Stack) -> None:
    """C07: an operator ends a call to which no packet comes for a while, and NAT forgets the way
    back.  With every second for the trunk's own number, so as not to wait for that."""
    endpoint = trunk_objects(TRUNKS[0])["endpoint"]
    assert int(endpoint["rtp_keepalive"]) == KEEP_ALIVE_SECONDS <= 15
    transport = Transport(
        url=stack.settings.ari_address, user="acd", password=stack.secrets.ari_password
    )
    try:
        ari = AriClient(transport, app="acd")
        await ari.load()
        often = {**endpoint, "rtp_keepalive": "1"}
        await ari.put_object("res_pjsip", "endpoint", TRUNKS[0].name, often)
        call, _ = await arrival(desk)
        async with asyncio.timeout(WAIT_SECONDS):
            await call.audio.changed.wait()
    finally:
        await transport.close()


async def test_a_line_that_moves_and_says_so_is_heard_from_there(desk: Desk) -> None:
    """RFC 3264 8.3.1: an operator's media gateway is exchanged in the middle of a call."""
    call, arrived = await arrival(desk)
    async with Sounding(call):
        call.send_digit("1")
        await desk.inbox.wait(DigitPressed)
    since = desk.inbox.mark()
    call.audio.close()
    call.audio.open()
    assert (await asked(call, "INVITE", sdp(call, AUDIO, version=2))).code == 200
    async with Sounding(call):
        call.send_digit("2")
        pressed = await desk.inbox.wait(DigitPressed, since=since)
    assert (pressed.leg, pressed.digit) == (arrived.leg, "2")


# ── Calls that we place ───────────────────────────────────────────────────────────────────────


@pytest.fixture
async def operator(desk: Desk) -> AsyncIterator[Phone]:
    """An operator at the far end of a trunk."""
    async with phones(Phone("operator", server=desk.address)) as (phone,):
        trunk = Trunk(name=CARRIER, addresses=("127.0.0.0/9",), host="127.0.0.1", port=phone.port)
        await desk.switch.sync_accounts([trunk], PHONES)
        yield phone


async def dialled(desk: Desk, operator: Phone) -> tuple[LegId, Call]:
    leg = desk.new_leg()
    await desk.switch.perform(
        DialNumber(call=CALL, leg=leg, trunk=CARRIER, number="13900000001",
                   caller_id="02109500101", ring_ms=20_000)
    )  # fmt: skip
    return leg, await operator.rung()


def replied(call: Call, status: str, tag: str) -> None:
    """Reply to our INVITE as one of the telephones that a proxy has asked (RFC 3261 16.7)."""
    assert call.invite is not None
    call.phone.reply(call.invite, status, tag=tag, body=call.sdp())


async def test_ringing_and_early_media_come_in_any_order(desk: Desk, operator: Phone) -> None:
    """RFC 3960: 183 with the network's own tone, then 180, then 183 again with its announcement."""
    leg, call = await dialled(desk, operator)
    for status in ("183 Session Progress", "180 Ringing", "183 Session Progress"):
        replied(call, status, call.tag)
    await desk.inbox.wait(LegRang, lambda event: event.leg == leg)
    replied(call, "200 OK", call.tag)
    await desk.inbox.wait(LegAnswered, lambda event: event.leg == leg)
    await call.until(lambda one: one.acknowledged, "the ACK")
    assert not desk.inbox.all(LegGone)


async def test_two_telephones_ring_and_the_second_answers(desk: Desk, operator: Phone) -> None:
    """RFC 3261 13.2.2.4: each that a proxy has asked has a tag of its own; who answers is talked
    with, and a second 200 of a moment later does not end that.  (Asterisk takes it for the first
    one come again, so that the other telephone ends its line by itself after 32 s.)"""
    leg, call = await dialled(desk, operator)
    replied(call, "183 Session Progress", "one")
    replied(call, "180 Ringing", "two")
    replied(call, "200 OK", "two")
    await desk.inbox.wait(LegAnswered, lambda event: event.leg == leg)
    await call.until(lambda one: one.acknowledged, "the ACK")
    replied(call, "200 OK", "one")

    def acknowledged() -> int:
        return [one.first.split()[0] for one in operator.received].count("ACK")

    await operator.until(lambda: acknowledged() == 2, "Asterisk to have taken in the second")
    assert not call.ended
    assert not desk.inbox.all(LegGone)


async def test_a_terminal_that_loses_its_power_is_found_out_by_its_packets(desk: Desk) -> None:
    """C07: no BYE comes; Asterisk's own count stands still, and goes on when sound comes again."""
    call, arrived = await arrival(desk)
    heard: list[Heard] = []
    pulse = Pulse(
        desk.switch.packets_from,
        lambda event: heard.append(event.heard),
        concerns=lambda call: True,
    )
    await pulse.perform(ListenTo(CALL, arrived.leg))

    async def looks(until: Heard) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while heard[-1:] != [until]:
                await pulse.look_at(arrived.leg)
                await asyncio.sleep(0.06)  # the pace of media: three packets

    async with Sounding(call) as mouth:
        mouth.idle = None
        await looks(Heard.NO_RTP)
        mouth.idle = QUIET
        await looks(Heard.PACKETS)
        mouth.idle = None
        await looks(Heard.NO_RTP)
    assert not call.ended
