"""Asterisk's events as the core's.  Pure: text in, a value out; nothing here can fail.

What is not for the core comes out as ``Noted`` and is counted, whatever was sent to us: an event
of a channel that nobody knows, a type that nobody asked for, text that is not JSON.
"""

import re
from collections.abc import Callable
from datetime import datetime

import msgspec

from acd.adapters.asterisk.heard import ChannelArrived, ChannelLeft, JoinedQuiet
from acd.adapters.asterisk.media import MEDIA_VARIABLE, media_of
from acd.core.decoding import UNREADABLE
from acd.core.events import (
    CodeDialled,
    DigitPressed,
    Event,
    Hangup,
    LegAnswered,
    LegGone,
    LegHungUp,
    LegJoined,
    LegRang,
    MessageEnded,
    PhoneHeld,
    PhoneUnheld,
    PromptFinished,
    ReferRequested,
    SnoopGone,
    SnoopStarted,
    SpeechEnded,
    SpeechStarted,
)
from acd.core.ids import (
    OUR_PREFIX,
    LegId,
    Node,
    PhoneId,
    PlaybackId,
    RecordingId,
    RoomId,
    is_holding_room,
)
from acd.core.memo import Memo, from_text

EVENT_TYPES = (
    "ApplicationReplaced",
    "ChannelDestroyed",
    "ChannelDtmfReceived",
    "ChannelEnteredBridge",
    "ChannelHangupRequest",
    "ChannelHold",
    "ChannelTalkingFinished",
    "ChannelTalkingStarted",
    "ChannelTransfer",
    "ChannelUnhold",
    "Dial",
    "PlaybackFinished",
    "RecordingFailed",
    "RecordingFinished",
    "StasisEnd",
    "StasisStart",
)
"""The allow-list given to Asterisk; 33 of a call's 51 events would else be variables being set."""

CLOCK_TRUST_MS = 5000
"""Asterisk's clock and ours may differ by so much; further away they differ, or one was set."""

AGE_MS_MAX = 86_400_000
"""A caller whom the dialplan gives back to us may have waited long, and has the place of their
arrival (T18); nobody waits a day."""

ARGS_CALL = "call"
ARGS_CODE = "code"
ARGS_SNOOP = "snoop"
ARGS_DIALLED = "dialled"
ARGS_GONE = "gone"
ARGS_OFFER = "offer"
"""First argument of ``Stasis()`` in dialplan/extensions.conf and of our own originates."""

RINGING = ("RINGING", "PROGRESS")
"""180, and 183: its early media is the network's own ring-back.  A channel's state tells of 180
alone."""

MEMO_VARIABLE = "HULING_MEMO"
"""In channelvars of ari.conf, so that each channel tells what it keeps for us."""

UP = "Up"
"""How Asterisk names the state of an answered channel."""

SNOOP = "Snoop/"
"""How Asterisk names the copy of a channel's sound."""

CODE_MAX = 999
"""Of Q.850 causes and SIP statuses."""

HEADER_MAX = 1024
"""What is read of a From; a user part behind that is not a number."""

_FROM_USER = re.compile(r"sips?:([^@>;,\s]*)@|tel:([^@>;,\s]*)", re.IGNORECASE)

Q850 = {
    0: Hangup.FAILED,
    1: Hangup.UNREACHABLE,  # 404: the account is there, its phone is not
    2: Hangup.UNREACHABLE,
    3: Hangup.UNREACHABLE,  # no route: no contact is registered
    16: Hangup.NORMAL,
    17: Hangup.BUSY,  # 486
    18: Hangup.NO_ANSWER,  # 408
    19: Hangup.NO_ANSWER,  # 480, and our own time limit
    20: Hangup.UNREACHABLE,  # subscriber absent
    21: Hangup.REJECTED,  # 603, 401, 403
    22: Hangup.UNREACHABLE,  # 410
    26: Hangup.NORMAL,  # answered elsewhere: we took the offer back
    27: Hangup.UNREACHABLE,  # destination out of order
    28: Hangup.UNREACHABLE,
    31: Hangup.NORMAL,
    38: Hangup.FAILED,
    127: Hangup.NORMAL,  # interworking: how Asterisk puts a caller's CANCEL
}
"""Q.850 causes; what is not listed has failed (34 no circuit, 41 temporary failure, 42 …)."""


class Noted(msgspec.Struct, frozen=True):
    """Something that changes nothing, to be counted as ``what``."""

    what: str
    key: str


class Replaced(msgspec.Struct, frozen=True):
    """Another service has taken our application: we may send nothing more."""


class _Caller(msgspec.Struct):
    number: str = ""


class _Dialplan(msgspec.Struct):
    context: str = ""
    app_name: str = ""
    app_data: str = ""


class Channel(msgspec.Struct):
    """What Asterisk tells of a channel, in an event or a list."""

    id: str
    name: str = ""
    state: str = ""
    creationtime: str = ""
    accountcode: str = ""
    caller: _Caller = msgspec.field(default_factory=_Caller)
    dialplan: _Dialplan = msgspec.field(default_factory=_Dialplan)
    channelvars: dict[str, str] = msgspec.field(default_factory=dict)


class _Bridge(msgspec.Struct):
    id: str
    channels: msgspec.Raw = msgspec.Raw(b"[]")
    """Who is in it, as they stand there: it may be hundreds."""


class _Playback(msgspec.Struct):
    id: str
    state: str = ""


class _Destination(msgspec.Struct):
    destination: str = ""


class _ReferTo(msgspec.Struct):
    requested_destination: _Destination = msgspec.field(default_factory=_Destination)
    destination_channel: Channel | None = None


class _ReferredBy(msgspec.Struct):
    source_channel: Channel


class _Recording(msgspec.Struct):
    name: str


class _Message(msgspec.Struct):
    type: str
    recording: _Recording | None = None
    channel: Channel | None = None
    peer: Channel | None = None
    dialstatus: str = ""
    replace_channel: Channel | None = None
    bridge: _Bridge | None = None
    playback: _Playback | None = None
    args: list[str] = msgspec.field(default_factory=list)
    cause: int = 0
    tech_cause: int = 0
    soft: bool = False
    digit: str = ""
    timestamp: str = ""
    state: str = ""
    """Of a transfer: set in the echo of our own word on it."""
    refer_to: _ReferTo | None = None
    referred_by: _ReferredBy | None = None


_decode = msgspec.json.Decoder(_Message).decode

_OF_NO_INTEREST = re.compile(
    rb'\{"type":"Dial",[^{]*"dialstatus":"(?!RINGING"|PROGRESS")(?P<dial>)'
    rb'|\{"type":"StasisEnd",[^{]*"channel":\{"id":"' + OUR_PREFIX.encode() + rb"(?P<left>)"
    rb'|\{"cause":[0-9]+,"soft":true,"type":"ChannelHangupRequest",(?P<soft>)'
)
"""Five of a call's fourteen events as Asterisk writes them, told without their being decoded.  What
precedes an inner object is of the event itself, and a quote within a text has a backslash before
it; whatever is written in another way is decoded."""

_NOTED = {
    "dial": Noted("dialling of no interest", ""),
    "left": Noted("leaving of no interest", ""),
    "soft": Noted("hang-up of Asterisk's own", ""),
}

Heard = Event | ChannelArrived | ChannelLeft | JoinedQuiet | Replaced | Noted


def translate(text: str | bytes, *, node: Node, now_ms: int) -> Heard:
    """Return what an event means.  ``now_ms`` is when it was sent or received (epoch)."""
    if isinstance(text, bytes) and (told := _OF_NO_INTEREST.match(text)) is not None:
        return _NOTED[told.lastgroup or ""]
    try:
        message = _decode(text)
    except UNREADABLE as error:
        return Noted("malformed event", str(error)[:100])
    channel = message.channel
    if channel is not None and (of_channel := _OF_A_CHANNEL.get(message.type)) is not None:
        return of_channel(message, channel, leg_of(node, channel), node, now_ms)
    match message:
        case _Message(type="Dial", peer=Channel() as peer):
            if message.dialstatus in RINGING and peer.id.startswith(OUR_PREFIX):
                return LegRang(leg_of(node, peer))
            return Noted("dialling of no interest", message.dialstatus)
        case _Message(type="ChannelTransfer", state="", referred_by=_ReferredBy() as by):
            return _referred(by.source_channel, message.refer_to, node)
        case _Message(type="PlaybackFinished", playback=_Playback() as playback):
            if not playback.id.startswith(OUR_PREFIX):
                return Noted("playback of no interest", playback.id)
            return PromptFinished(PlaybackId(f"{node}:{playback.id}"))
        case _Message(
            type="RecordingFinished" | "RecordingFailed" as kind, recording=_Recording(name=name)
        ):
            if not name.startswith(OUR_PREFIX):
                return Noted("recording of no interest", name)
            failed = kind == "RecordingFailed"
            return MessageEnded(RecordingId(f"{node}:{name}"), failed=failed)
        case _Message(type="ApplicationReplaced"):
            return Replaced()
    return Noted("event of no interest", message.type)


def _left(message: _Message, channel: Channel, leg: LegId, node: Node, now_ms: int) -> Heard:
    if channel.id.startswith(OUR_PREFIX) or is_inner(channel):
        return Noted("leaving of no interest", channel.name)
    return ChannelLeft(leg)


def _joined(message: _Message, channel: Channel, leg: LegId, node: Node, now_ms: int) -> Heard:
    bridge = message.bridge
    if bridge is None:
        return Noted("event of no interest", message.type)
    if not bridge.id.startswith(OUR_PREFIX) or is_inner(channel):
        return Noted("bridge of no interest", bridge.id)
    joined = LegJoined(leg, RoomId(f"{node}:{bridge.id}"))
    if not is_holding_room(joined.room) or bytes(bridge.channels).count(b",") > 1:
        return joined
    # Asterisk does not list its own helpers but for one that is just ending: the other one of two
    # may be the music that has ended with the last who left.
    return JoinedQuiet(joined)


def _hung_up(message: _Message, channel: Channel, leg: LegId, node: Node, now_ms: int) -> Heard:
    # Soft is what we have asked for, and what Asterisk does on the way to the end.
    if message.soft or is_inner(channel):
        return Noted("hang-up of Asterisk's own", channel.name)
    return LegHungUp(leg)


def _ended(message: _Message, channel: Channel, leg: LegId, node: Node, now_ms: int) -> Heard:
    if channel.name.startswith(SNOOP) and channel.id.startswith(OUR_PREFIX):
        return SnoopGone(leg)
    if is_inner(channel):
        return Noted("end of an inner channel", channel.name)
    return LegGone(
        leg,
        hangup(message.cause),
        cause=_code(message.cause),
        sip=_code(message.tech_cause),
        media=media_of(
            channel.channelvars.get(MEDIA_VARIABLE, ""),
            lasted_s=_lasted_s(channel.creationtime, message.timestamp),
        ),
    )


def _lasted_s(created: str, ended: str) -> float:
    """By Asterisk's own clock; 0 where it does not tell."""
    try:
        return (datetime.fromisoformat(ended) - datetime.fromisoformat(created)).total_seconds()
    except (ValueError, TypeError):  # a zone in one of them only
        return 0.0


def _entered(message: _Message, channel: Channel, leg: LegId, node: Node, now_ms: int) -> Heard:
    """A channel is under our control now: a caller, a phone with a code, or an answer to us."""
    purpose = message.args[0] if message.args else ""
    if message.replace_channel is not None:
        return Noted("channel replaced by another", channel.id)
    if purpose in (ARGS_OFFER, ARGS_DIALLED) and channel.id.startswith(OUR_PREFIX):
        return LegAnswered(leg)
    if purpose == ARGS_SNOOP and channel.id.startswith(OUR_PREFIX):
        return SnoopStarted(leg)
    dialled = channel.channelvars.get("CALLERID(dnid)", "")
    if purpose == ARGS_CODE:
        return CodeDialled(leg, PhoneId(endpoint_of(channel.name)), dialled)
    if purpose in (ARGS_CALL, ARGS_GONE):
        arrived_ms = arrival_ms(channel.creationtime, now_ms=now_ms, told=message.timestamp)
        return arrival_of(channel, node, arrived_ms, left=purpose == ARGS_GONE)
    return Noted("channel with unknown arguments", channel.id)


_OF_A_CHANNEL: dict[str, Callable[[_Message, Channel, LegId, Node, int], Heard]] = {
    "StasisStart": _entered,
    "StasisEnd": _left,
    "ChannelEnteredBridge": _joined,
    "ChannelHangupRequest": _hung_up,
    "ChannelDestroyed": _ended,
    "ChannelDtmfReceived": lambda message, channel, leg, *_: DigitPressed(leg, message.digit),
    "ChannelTalkingStarted": lambda message, channel, leg, *_: SpeechStarted(leg),
    "ChannelTalkingFinished": lambda message, channel, leg, *_: SpeechEnded(leg),
    "ChannelHold": lambda message, channel, leg, *_: PhoneHeld(leg),
    "ChannelUnhold": lambda message, channel, leg, *_: PhoneUnheld(leg),
}
"""What each event of one channel means: most of what there is."""


def arrival_of(
    channel: Channel, node: Node, arrived_ms: int, *, left: bool = False
) -> ChannelArrived:
    """Return the call that a caller's channel brings, in its own words."""
    return ChannelArrived(
        leg=leg_of(node, channel),
        arrived_ms=arrived_ms,
        endpoint=endpoint_of(channel.name),
        dialled=channel.channelvars.get("CALLERID(dnid)", ""),
        caller=_caller_of(channel),
        recording=_recording_of(channel),
        left=left,
        memo=memo_of(channel),
        is_up=channel.state == UP,
    )


def memo_of(channel: Channel) -> Memo | None:
    """Return what the channel keeps for us."""
    return from_text(channel.channelvars.get(MEMO_VARIABLE, ""))


def _referred(source: Channel, to: _ReferTo | None, node: Node) -> ReferRequested:
    other = None if to is None else to.destination_channel
    number = "" if to is None else to.requested_destination.destination
    return ReferRequested(
        leg_of(node, source), number or None, None if other is None else leg_of(node, other)
    )


def _caller_of(channel: Channel) -> str:
    """Return the number that calls; the dialplan has read From where the channel has none."""
    header = channel.channelvars.get("HULING_FROM")
    found = _FROM_USER.search(header[:HEADER_MAX]) if header else None
    return channel.caller.number if found is None else found[1] or found[2] or ""


def _recording_of(channel: Channel) -> str | None:
    """Return the recording's name in the spool, which does not depend on where the spool is."""
    path = channel.channelvars.get("MIXMONITOR_FILENAME", "")
    return path.rpartition("/")[2] or None


def _code(value: int) -> int:
    """Return a Q.850 cause or a SIP status; 0, "none given", for what cannot be one."""
    return value if 0 <= value <= CODE_MAX else 0


def hangup(cause: int) -> Hangup:
    """Return the reason behind a Q.850 cause."""
    return Q850.get(cause, Hangup.FAILED)


def endpoint_of(name: str) -> str:
    """Return the SIP account of a channel name: ``PJSIP/a8001-2-0000001f`` is ``a8001-2``'s."""
    technology, _, rest = name.partition("/")
    return rest.rpartition("-")[0] if technology == "PJSIP" else ""


def arrival_ms(
    creationtime: str, *, now_ms: int, told: str = "", age_ms_max: int = CLOCK_TRUST_MS
) -> int:
    """Return when a channel arrived (epoch ms): its age by Asterisk's own clock before now.

    ``told`` is Asterisk's time of the event; without it the clocks are taken to be one, and an
    age is believed up to ``age_ms_max``.  An age that cannot be is no age.
    """
    try:
        created = datetime.fromisoformat(creationtime).timestamp()
        told_at = datetime.fromisoformat(told).timestamp() if told else now_ms / 1000
    except (ValueError, OverflowError):
        return now_ms
    age_ms = round((told_at - created) * 1000)
    oldest_ms = AGE_MS_MAX if told else age_ms_max
    return now_ms - age_ms if -CLOCK_TRUST_MS <= age_ms <= oldest_ms else now_ms


class _Sent(msgspec.Struct):
    timestamp: str = ""


def sent_ms(text: str | bytes, *, now_ms: int, stood_still_ms: int) -> int:
    """Return when an event was sent that was read after a standstill of ours (epoch ms): Asterisk's
    own time, if it lies in the standstill, else now."""
    try:
        told = msgspec.json.decode(text, type=_Sent).timestamp
        sent = round(datetime.fromisoformat(told).timestamp() * 1000)
    except (*UNREADABLE, ValueError, OverflowError):
        return now_ms
    return sent if now_ms - stood_still_ms <= sent <= now_ms else now_ms


def leg_of(node: Node, channel: Channel) -> LegId:
    return LegId(f"{node}:{channel.id}")


def is_inner(channel: Channel) -> bool:
    """Asterisk's own helpers (a room's music, a recorder) are nobody's leg."""
    return not channel.name.startswith("PJSIP/")
