"""Asterisk's events as the core's: a table of what comes in and what comes out.  No Asterisk."""

import json
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.adapters.asterisk.ari_client import _OPERATIONS, AriClient, _Operation
from acd.adapters.asterisk.heard import ChannelArrived, ChannelLeft, JoinedQuiet
from acd.adapters.asterisk.listing import legs_of, occupied_by, private_calls
from acd.adapters.asterisk.stays import stay_of
from acd.adapters.asterisk.translate import (
    EVENT_TYPES,
    Heard,
    Noted,
    Replaced,
    arrival_ms,
    endpoint_of,
    hangup,
    sent_ms,
    translate,
)
from acd.adapters.asterisk.transport import Transport
from acd.core.events import (
    CodeDialled,
    DigitPressed,
    Hangup,
    LegAnswered,
    LegGone,
    LegHungUp,
    LegJoined,
    LegRang,
    PromptFinished,
    SpeechEnded,
    SpeechStarted,
)
from acd.core.ids import LegId, Node, PhoneId, PlaybackId, RoomId

N1 = Node("n1")
NOW_MS = 1_795_300_000_000
CREATED = "2026-11-21T22:26:40.000+0000"  # = NOW_MS


def channel(key: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "name": "PJSIP/a8001-0000001f", "state": "Up", **more}


OURS = channel("hl-1-7")
CALLER = channel(
    "n1-1795300000.3",
    name="PJSIP/carrier-a-00000002",
    state="Ring",
    creationtime=CREATED,
    caller={"name": "", "number": "02160000001"},
    channelvars={
        "CALLERID(dnid)": "95001",
        "HULING_FROM": "",
        "MIXMONITOR_FILENAME": "",
    },
)
DESK = channel("n1-1795300000.4", channelvars={"CALLERID(dnid)": "*60"})
MUSIC = channel("n1-5", name="Announcer/ARI-00000001;2")
ROOM = {"id": "hl-room-1"}

ARRIVED = ChannelArrived(
    leg=LegId("n1:n1-1795300000.3"),
    arrived_ms=NOW_MS,
    endpoint="carrier-a",
    dialled="95001",
    caller="02160000001",
    recording=None,
)


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        ({"type": "StasisStart", "channel": CALLER, "args": ["call"]}, ARRIVED),
        ({"type": "StasisEnd", "channel": CALLER}, ChannelLeft(ARRIVED.leg)),
        (
            {"type": "StasisStart", "channel": DESK, "args": ["code"]},
            CodeDialled(LegId("n1:n1-1795300000.4"), PhoneId("a8001"), "*60"),
        ),
        (
            {"type": "StasisStart", "channel": OURS, "args": ["offer", "o-1"]},
            LegAnswered(LegId("n1:hl-1-7")),
        ),
        (
            {"type": "StasisStart", "channel": OURS, "args": ["dialled"]},
            LegAnswered(LegId("n1:hl-1-7")),
        ),
        (
            {"type": "Dial", "peer": OURS, "dialstatus": "RINGING"},
            LegRang(LegId("n1:hl-1-7")),
        ),
        (
            # 183: the network's own ring-back is ringing too (T19).
            {"type": "Dial", "peer": OURS, "dialstatus": "PROGRESS"},
            LegRang(LegId("n1:hl-1-7")),
        ),
        (
            {"type": "ChannelEnteredBridge", "channel": OURS, "bridge": ROOM},
            LegJoined(LegId("n1:hl-1-7"), RoomId("n1:hl-room-1")),
        ),
        (
            # Nobody was in there, or the music's own channel just before its end.
            {
                "type": "ChannelEnteredBridge",
                "channel": CALLER,
                "bridge": {"id": "hl-hold-q", "channels": ["n1-1795300000.3", "n1-1795300000.2"]},
            },
            JoinedQuiet(LegJoined(LegId("n1:n1-1795300000.3"), RoomId("n1:hl-hold-q"))),
        ),
        (
            {
                "type": "ChannelEnteredBridge",
                "channel": CALLER,
                "bridge": {"id": "hl-hold-q", "channels": ["a", "b", "n1-1795300000.3"]},
            },
            LegJoined(LegId("n1:n1-1795300000.3"), RoomId("n1:hl-hold-q")),
        ),
        (
            # The dialplan has let it in though it had hung up (K04).
            {"type": "StasisStart", "channel": CALLER, "args": ["gone"]},
            msgspec.structs.replace(ARRIVED, left=True),
        ),
        ({"type": "ChannelHangupRequest", "channel": OURS}, LegHungUp(LegId("n1:hl-1-7"))),
        (
            {"type": "ChannelDestroyed", "channel": OURS, "cause": 21, "cause_txt": "Rejected"},
            LegGone(LegId("n1:hl-1-7"), Hangup.REJECTED, 21),
        ),
        (
            {"type": "ChannelDestroyed", "channel": OURS, "cause": 21, "tech_cause": 403},
            LegGone(LegId("n1:hl-1-7"), Hangup.REJECTED, 21, 403),
        ),
        (
            {"type": "ChannelDtmfReceived", "channel": CALLER, "digit": "5", "duration_ms": 80},
            DigitPressed(LegId("n1:n1-1795300000.3"), "5"),
        ),
        (
            {"type": "PlaybackFinished", "playback": {"id": "hl-p1-4", "state": "done"}},
            PromptFinished(PlaybackId("n1:hl-p1-4")),
        ),
        ({"type": "ApplicationReplaced", "application": "acd"}, Replaced()),
    ],
    ids=lambda value: value.get("type") if isinstance(value, dict) else None,
)
def test_what_an_event_means(message: dict[str, Any], heard: Heard) -> None:
    assert translate(json.dumps(message), node=N1, now_ms=NOW_MS) == heard


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "malformed event"),
        ("not JSON", "malformed event"),
        ("[]", "malformed event"),
        ("{}", "malformed event"),
        ('{"type": 7}', "malformed event"),
        ('{"type": "ChannelDestroyed", "channel": {"name": "no id"}}', "malformed event"),
        ('{"type": "ChannelDestroyed", "channel": {"id": "x"}, "cause": "y"}', "malformed event"),
        ('{"type": "ChannelDestroyed"}', "event of no interest"),
        ('{"type": "PlaybackFinished", "channel": {"id": "x"}}', "event of no interest"),
        ('{"type": "SomethingNew", "more": {"a": [1]}}', "event of no interest"),
        (json.dumps({"type": "ChannelDestroyed", "channel": MUSIC}), "end of an inner channel"),
        (
            # What we have asked for ourselves, and Asterisk's own on the way to the end.
            json.dumps({"type": "ChannelHangupRequest", "channel": OURS, "soft": True}),
            "hang-up of Asterisk's own",
        ),
        (
            json.dumps({"type": "ChannelEnteredBridge", "channel": MUSIC, "bridge": ROOM}),
            "bridge of no interest",
        ),
        (
            json.dumps({"type": "ChannelEnteredBridge", "channel": OURS, "bridge": {"id": "b"}}),
            "bridge of no interest",
        ),
        (
            json.dumps({"type": "PlaybackFinished", "playback": {"id": "p"}}),
            "playback of no interest",
        ),
        (
            json.dumps({"type": "Dial", "peer": OURS, "dialstatus": "ANSWER"}),
            "dialling of no interest",
        ),
        (
            # Only phones that we dial ring for us.
            json.dumps({"type": "Dial", "peer": CALLER, "dialstatus": "RINGING"}),
            "dialling of no interest",
        ),
        (
            json.dumps({"type": "StasisStart", "channel": CALLER, "args": []}),
            "channel with unknown arguments",
        ),
        (
            # Nobody can pass for one of our offers but a channel that has our own name.
            json.dumps({"type": "StasisStart", "channel": CALLER, "args": ["offer", "o-1"]}),
            "channel with unknown arguments",
        ),
        (
            json.dumps(
                {
                    "type": "StasisStart",
                    "channel": OURS,
                    "args": ["offer"],
                    "replace_channel": CALLER,
                }
            ),
            "channel replaced by another",
        ),
    ],
)
def test_what_is_counted_and_left_alone(text: str, what: str) -> None:
    heard = translate(text, node=N1, now_ms=NOW_MS)
    assert isinstance(heard, Noted)
    assert heard.what == what


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_at_all_can_make_it_fail(data: bytes) -> None:
    assert isinstance(translate(data, node=N1, now_ms=NOW_MS), Noted)


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    kind=st.sampled_from(["StasisStart", "ChannelDestroyed", "Dial"]),
    more=st.dictionaries(st.sampled_from(["channel", "peer", "args", "cause", "bridge"]), _JSON),
)
def test_no_event_of_a_known_type_can_make_it_fail(kind: str, more: dict[str, Any]) -> None:
    translate(json.dumps({"type": kind, **more}), node=N1, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (16, Hangup.NORMAL),
        (17, Hangup.BUSY),
        (21, Hangup.REJECTED),
        (18, Hangup.NO_ANSWER),
        (19, Hangup.NO_ANSWER),
        (1, Hangup.UNREACHABLE),
        (3, Hangup.UNREACHABLE),
        (20, Hangup.UNREACHABLE),
        (27, Hangup.UNREACHABLE),
        (26, Hangup.NORMAL),
        (34, Hangup.FAILED),
        (38, Hangup.FAILED),
        (41, Hangup.FAILED),
        (999, Hangup.FAILED),
    ],
)
def test_why_a_leg_is_gone(cause: int, why: Hangup) -> None:
    assert hangup(cause) is why


@pytest.mark.parametrize(
    ("created", "arrived"),
    [
        (CREATED, NOW_MS),
        ("2026-11-22T06:26:35.500+0800", NOW_MS - 4500),  # waited for us: Asterisk knows better
        ("2026-11-21T22:26:34.000+0000", NOW_MS),  # too far away to be believed
        ("2026-11-21T22:26:50.000+0000", NOW_MS),
        ("", NOW_MS),
        ("yesterday", NOW_MS),
    ],
)
def test_when_a_call_arrived(created: str, arrived: int) -> None:
    assert arrival_ms(created, now_ms=NOW_MS) == arrived


def test_a_caller_whom_the_dialplan_gives_back_arrived_when_they_did() -> None:
    """T18: the age is Asterisk's to tell, by its own clock, however far that is from ours."""
    created, told = "2026-11-21T20:00:00.000+0000", "2026-11-21T20:07:30.250+0000"
    assert arrival_ms(created, now_ms=NOW_MS, told=told) == NOW_MS - 450_250
    assert arrival_ms(told, now_ms=NOW_MS, told=created) == NOW_MS


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("2026-11-21T22:26:38.500+0000", NOW_MS - 1_500),  # in the standstill
        ("2026-11-22T06:26:38.500+0800", NOW_MS - 1_500),
        ("2026-11-21T22:26:36.999+0000", NOW_MS),  # before it: another clock than ours
        ("2026-11-21T22:26:40.001+0000", NOW_MS),
        ("", NOW_MS),
        ("yesterday", NOW_MS),
    ],
)
def test_what_was_read_after_a_standstill_is_of_when_it_was_sent(told: str, sent: int) -> None:
    event = msgspec.json.encode({"type": "StasisStart", "timestamp": told})
    assert sent_ms(event, now_ms=NOW_MS, stood_still_ms=3_000) == sent


def test_an_event_that_is_none_was_sent_now() -> None:
    assert sent_ms(b"{", now_ms=NOW_MS, stood_still_ms=3_000) == NOW_MS


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("PJSIP/a8001-0000001f", "a8001"),
        ("PJSIP/a8001-2-0000001f", "a8001-2"),
        ("PJSIP/carrier-a-00000002", "carrier-a"),
        ("Local/s@x-1;1", ""),
        ("", ""),
    ],
)
def test_whose_channel_it_is(name: str, endpoint: str) -> None:
    assert endpoint_of(name) == endpoint


def test_which_legs_are_ours() -> None:
    stasis = {"app_name": "Stasis", "app_data": "acd,call"}
    listed = [
        OURS,  # dialled by us, not answered yet
        {**CALLER, "dialplan": stasis},
        {**DESK, "dialplan": {"app_name": "Stasis", "app_data": "acd,code"}},
        {**CALLER, "id": "in-the-fallback", "dialplan": {"app_name": "Dial", "app_data": "x"}},
        {**CALLER, "id": "of-another", "dialplan": {"app_name": "Stasis", "app_data": "acd2,call"}},
        {**MUSIC, "dialplan": stasis},
    ]
    assert legs_of(json.dumps(listed), node=N1, app="acd") == (
        "n1:hl-1-7",
        "n1:n1-1795300000.3",
        "n1:n1-1795300000.4",
    )
    with pytest.raises(msgspec.DecodeError):
        legs_of("{}", node=N1, app="acd")


def test_phones_with_a_channel_are_told_whoevers_call_it_is() -> None:
    """Two lines on one phone are one phone; Asterisk's own helpers are none."""
    listed = [
        channel("hl-1-7"),
        {"id": "x.1", "name": "PJSIP/a8001-00000020"},
        {"id": "x.2", "name": "PJSIP/a8002-2-00000021"},
        {"id": "x.3", "name": "Local/anchor@anchor-00000001;1"},
        MUSIC,
    ]
    assert occupied_by(json.dumps(listed)) == ("a8001", "a8002-2")
    assert private_calls(json.dumps(listed[1:]), node=N1, app="acd") == ("a8001", "a8002-2")
    mine = [channel("hl-1-7"), {"id": "x.2", "name": "PJSIP/a8002-2-00000021"}]
    assert private_calls(json.dumps(mine), node=N1, app="acd") == ("a8002-2",)
    with pytest.raises(msgspec.DecodeError):
        occupied_by("{}")


async def test_device_states_are_not_asked_for_over_ari() -> None:
    """asterisk#2170: the application was closed while a device state was on its way to it, and all
    of Asterisk stood for 33 hours.  Ours is told of no device, endpoint or other application: what
    phones do comes over AMI, and what we ask ARI for are channels that we know."""
    asked: list[object] = []

    class Noting:
        base = "http://127.0.0.1:1"

        async def open_events(self, path: str, query: object, on_text: object) -> None:
            asked.append(query)

        async def request(self, method: str, path: str, query: object, body: object) -> None:
            asked.append(query)

    client = AriClient(cast(Transport, Noting()), app="acd")
    client._operations = {
        name: _Operation("GET", f"/{name}")
        for name in ("events.eventWebsocket", "applications.subscribe")
    }
    await client.connect_events(lambda text: None)
    await client.subscribe(["1.2", "1.3"])
    assert asked == [{"app": "acd"}, {"eventSource": "channel:1.2,channel:1.3"}]
    assert not [name for name in EVENT_TYPES if name.startswith(("Device", "Endpoint", "Contact"))]
    assert "deviceStates" not in {name.partition(".")[0] for name in _OPERATIONS}


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("ChannelTalkingStarted", SpeechStarted(LegId("n1:hl-1-7"))),
        ("ChannelTalkingFinished", SpeechEnded(LegId("n1:hl-1-7"))),
    ],
)
def test_speech(kind: str, means: object) -> None:
    told = json.dumps({"type": kind, "channel": channel("hl-1-7"), "duration": 300})
    assert translate(told, node=N1, now_ms=NOW_MS) == means


MEMO = '{"call":"6-9","arrived_ms":1,"kind":"emergency","queue":"emergency","elders":["a|b"]}'


def test_what_the_dialplan_has_written_of_a_stay() -> None:
    """Whatever stands in an entry, it is read or left alone."""
    began = "PJSIP/carrier-a-0000002a|02160000001|95001|/spool/n1-1795300000.3.raw|1795300000250"
    here = stay_of("n1-1795300000.3", f"in||||{began}|", node=N1)
    over = stay_of(
        "n1-1795300000.3", f"over|1795300030000|9500|PJSIP/a8001-0000002b|{began}|{MEMO}", node=N1
    )
    assert here is not None and over is not None
    assert (here.is_over, here.talk_ms, here.phone, here.arrival.memo) == (False, None, None, None)
    assert (over.is_over, over.left_ms, over.talk_ms) == (True, 1795300030000, 9500)
    assert over.phone == "a8001"
    arrival = over.arrival
    assert arrival.memo is not None and arrival.memo.call == "6-9"
    assert (arrival.leg, arrival.endpoint, arrival.caller, arrival.dialled) == (
        "n1:n1-1795300000.3",
        "carrier-a",
        "02160000001",
        "95001",
    )
    assert (arrival.arrived_ms, arrival.recording) == (1795300000250, "n1-1795300000.3.raw")
    late = stay_of("n1-1795300000.3", f"in||||{began[:-13]}1795300003250|", node=N1)
    assert late is not None
    assert late.arrival.arrived_ms == 1795300000999, "in the second in which the channel was made"
    for text in ("", "in", "over||||", f"gone||||{began}|", f"in||||{began[:-13]}x|"):
        assert stay_of("n1-1795300000.3", text, node=N1) is None


def _as_asterisk_writes(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


_AT = {"timestamp": "2026-11-29T22:53:54.577+0000"}


@pytest.mark.parametrize(
    "message",
    [
        {"type": "Dial", **_AT, "dialstatus": "", "forward": "", "dialstring": "a1", "peer": OURS},
        {"type": "Dial", **_AT, "dialstatus": "ANSWER", "forward": "", "peer": OURS},
        {"type": "Dial", **_AT, "dialstatus": "RINGING", "forward": "", "peer": OURS},
        {"type": "Dial", **_AT, "dialstatus": "PROGRESS", "forward": "", "peer": OURS},
        {
            "type": "Dial",
            **_AT,
            "dialstring": '"dialstatus":"',
            "dialstatus": "RINGING",
            "peer": OURS,
        },
        {"type": "Dial", **_AT, "peer": OURS, "dialstatus": "RINGING"},
        {"type": "StasisEnd", **_AT, "channel": OURS},
        {"type": "StasisEnd", **_AT, "channel": CALLER},
        {"cause": 16, "soft": True, "type": "ChannelHangupRequest", **_AT, "channel": CALLER},
        {"cause": 32, "soft": True, "type": "ChannelHangupRequest", **_AT, "channel": OURS},
        {"cause": 16, "soft": False, "type": "ChannelHangupRequest", **_AT, "channel": CALLER},
        {"type": "ChannelHangupRequest", **_AT, "channel": CALLER},
    ],
    ids=str,
)
def test_what_is_told_without_being_decoded_is_what_decoding_tells(message: dict[str, Any]) -> None:
    quick = translate(_as_asterisk_writes(message), node=N1, now_ms=NOW_MS)
    decoded = translate(json.dumps(message), node=N1, now_ms=NOW_MS)
    if isinstance(decoded, Noted):
        assert isinstance(quick, Noted) and quick.what == decoded.what
    else:
        assert quick == decoded
