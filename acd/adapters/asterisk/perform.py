"""The core's commands as ARI requests.

Nothing is raised and nothing is swallowed.  Asterisk's refusal of a command becomes one of three
things: ``LegGone`` with ``Hangup.LOST`` when it says that the channel is not there, a count when
what we wanted to end has ended already, ``CommandFailed`` otherwise.

Handlers of commands that a caller waits for are plain functions that return what is to be awaited:
their request leaves when they are called.
"""

import math
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from acd.adapters.asterisk.ari_client import AriClient, Asked, Fields, variables_body
from acd.adapters.asterisk.errors import AsteriskError, AsteriskRefused
from acd.adapters.asterisk.listing import FALLBACK_CONTEXT
from acd.adapters.asterisk.translate import (
    ARGS_DIALLED,
    ARGS_OFFER,
    ARGS_SNOOP,
    MEMO_VARIABLE,
)
from acd.core.commands import (
    AnswerLeg,
    AnswerRefer,
    CallPhone,
    CloseRoom,
    Command,
    DetectTalk,
    DialNumber,
    HandToFallback,
    HangUp,
    JoinRoom,
    LeaveRoom,
    OpenHoldingRoom,
    OpenRoom,
    OpenSnoop,
    Play,
    PlayTone,
    RecordLeg,
    ReferResult,
    Release,
    RingPhone,
    SeatAnew,
    SendKeys,
    SetGain,
    StopDetecting,
    StopPlay,
    StopRecording,
)
from acd.core.events import CommandFailed
from acd.core.ids import LegId, PhoneId, TrunkId, local_part
from acd.core.memo import Memo, to_text

RING_SPARE_SECONDS = 2
"""Asterisk's own limit on an INVITE ends after the core's: it is for the case that we are gone."""

REASONS = {
    Release.NORMAL: "normal",
    Release.ANSWERED_ELSEWHERE: "answered_elsewhere",
    Release.NO_ANSWER: "no_answer",
    Release.UNALLOCATED: "unallocated",
}

TALK = "200,256"
"""TALK_DETECT: speech begins with the first frame above 256 (about -42 dBFS) and ends after 200 ms
below it, so that the echo of a beep does not pass for a person.  Until it has been quiet for as
long once, a leg counts as talking, and the beginning of that may be told before the leg is ours, to
nobody: who is to be heard must have drawn a breath."""

PICKS_UP = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:huling>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "<sip:huling>;info=alert-autoanswer",
    "TALK_DETECT(set)": TALK,
}
"""Asks the phone to answer by itself, in the two ways that phones understand, and listens to it."""

VOLUME = "VOLUME(TX)"
GAINS = {-2: "-3", -1: "-2", 0: "0", 1: "2", 2: "3", 3: "4"}
"""VOLUME multiplies by a positive number, divides by a negative one and leaves the sound alone at
0: -10, -6, 0, +6, +10 and +12 dB."""

PROGRESS = {
    ReferResult.TRYING: "channel_progress",
    ReferResult.DONE: "channel_answered",
    ReferResult.UNAVAILABLE: "channel_unavailable",
    ReferResult.DECLINED: "channel_declined",
}
"""NOTIFY with 100 or 183, 200, 503, 603."""

REFER_TO_US = {"PJSIP_TRANSFER_HANDLING()": "ari-only"}
"""A phone's REFER becomes an event of ours; Asterisk moves nobody (see ``phone_requests``)."""

NOT_FORWARDED = {"FORWARD_CONTEXT": "huling-nowhere"}
"""Whoever is dialled and answers with a 3xx has refused.  Asterisk would dial the user part of its
Contact in the endpoint's own context, which is our entry: the call would come in again as a
caller's, and ring agents.  It has no option against that; in a context that does not exist nobody
is found."""

_PICKED_UP = REFER_TO_US | PICKS_UP

_UNSAFE = re.compile(r"[^0-9A-Za-z+*#._-]")


class Outlet(Protocol):
    """Where the outcomes of commands go."""

    def failed(self, event: CommandFailed) -> None:
        """A command has not been carried out; the core is to hear of it."""

    def missing(self, leg: LegId) -> None:
        """A command named a channel that Asterisk does not have."""

    def count(self, what: str, key: str) -> None:
        """Count something harmless, such as the end of what had ended; ``key`` says whose."""

    def reach(self, phone: PhoneId) -> str:
        """Return how a phone is dialled: it may be registered on another node."""

    def address_of(self, trunk: TrunkId) -> str:
        """Return what stands behind the @ of numbers dialled over a trunk; empty where nobody is
        dialled over it."""


def on_this_node(phone: PhoneId) -> str:
    """Return how a phone is dialled that is registered here."""
    return f"PJSIP/{phone}"


def perform(command: Command, ari: AriClient, outlet: Outlet) -> Coroutine[Any, Any, None]:
    """Carry out one command: what can be sent now is, and the rest is to be awaited."""
    return _outcome(command, _HANDLERS[type(command)](command, ari, outlet), outlet)


async def _outcome(command: Command, work: Awaitable[object], outlet: Outlet) -> None:
    try:
        await work
    except AsteriskRefused as refused:
        leg = getattr(command, "leg", None)
        # To an originate, 404 would speak of something else than the leg, which is not there yet.
        if (
            refused.status == 404
            and leg is not None
            and not isinstance(command, RingPhone | DialNumber | CallPhone | OpenSnoop)
        ):
            outlet.missing(leg)
        else:
            outlet.failed(failure(command, str(refused)))
    except AsteriskError as error:
        outlet.failed(failure(command, str(error)))


def failure(command: Command, reason: str) -> CommandFailed:
    """Return the event by which the core hears that a command failed, and why."""
    return CommandFailed(
        command=type(command).__name__,
        call=command.call,
        leg=getattr(command, "leg", None),
        room=getattr(command, "room", None),
        reason=reason,
    )


def _ring_phone(command: RingPhone, ari: AriClient, outlet: Outlet) -> Asked:
    number = _UNSAFE.sub("", command.caller or "")
    return ari.originate(
        local_part(command.leg),
        endpoint=outlet.reach(command.phone),
        args=f"{ARGS_OFFER},{command.offer}",
        # Only digits are a number without brackets, and with them it takes longer to write.
        caller_id=number if number.isdigit() or not number else f"<{number}>",
        timeout_seconds=math.ceil(command.ring_ms / 1000) + RING_SPARE_SECONDS,
        variables=_kept(_PICKED_UP if command.picks_up else REFER_TO_US, command.memo),
    )


def _dial_number(command: DialNumber, ari: AriClient, outlet: Outlet) -> Asked:
    number = _UNSAFE.sub("", command.number)
    return ari.originate(
        local_part(command.leg),
        # By its own address: to the trunk's contact Asterisk would send nothing while that answers
        # no OPTIONS, and whether that means anything is the core's to say (decision 29).
        endpoint=f"PJSIP/{command.trunk}/sip:{number}@{outlet.address_of(command.trunk)}",
        args=ARGS_DIALLED,
        caller_id=f"<{_UNSAFE.sub('', command.caller_id)}>",
        timeout_seconds=math.ceil(command.ring_ms / 1000),
        variables=_kept({}, command.memo),
    )


def _kept(variables: Fields, memo: Memo | None) -> bytes:
    """Return the body by which a channel is born with its variables, the memo among them."""
    variables = {**NOT_FORWARDED, **variables}
    if memo is not None:
        variables = {**variables, MEMO_VARIABLE: to_text(memo)}
    return variables_body(variables)


def _call_phone(command: CallPhone, ari: AriClient, outlet: Outlet) -> Asked:
    return ari.originate(
        local_part(command.leg),
        endpoint=outlet.reach(command.phone),
        variables=_kept(_PICKED_UP if command.picks_up else REFER_TO_US, None),
        args=f"{ARGS_OFFER},{command.call}",
        caller_id=f"<{command.caller}>",
        timeout_seconds=math.ceil(command.ring_ms / 1000) + RING_SPARE_SECONDS,
    )


def _open_snoop(command: OpenSnoop, ari: AriClient, outlet: Outlet) -> Asked:
    del outlet
    return ari.snoop(
        local_part(command.of),
        local_part(command.leg),
        whisper="out" if command.whisper else "none",
        args=ARGS_SNOOP,
    )


def _answer(command: AnswerLeg, ari: AriClient, outlet: Outlet) -> Asked:
    del outlet
    return ari.answer(local_part(command.leg))


def _hang_up(command: HangUp, ari: AriClient, outlet: Outlet) -> Awaitable[object]:
    del outlet
    if command.farewell is not None:
        return _hang_up_after_farewell(command, ari)
    return ari.hang_up(local_part(command.leg), reason=REASONS[command.reason])


async def _hang_up_after_farewell(command: HangUp, ari: AriClient) -> None:
    """Say why to whoever has picked up, else end the leg.  Asterisk plays only to a channel that
    is up and in our application; its refusal says that there is nobody to be told."""
    assert command.farewell is not None
    try:
        await ari.play(
            local_part(command.leg),
            local_part(command.farewell),
            media=[f"sound:{name}" for name in command.prompts],
        )
    except AsteriskRefused:
        await ari.hang_up(local_part(command.leg), reason=REASONS[command.reason])


async def _open_room(command: OpenRoom, ari: AriClient, outlet: Outlet) -> None:
    # Without dtmf_events two legs are bridged packet by packet below Asterisk's core, where nothing
    # can absorb a key: it would beep in the other's ear (seen on 22.10).
    await _create(command.room, "mixing,dtmf_events", ari, outlet)


async def _open_holding_room(command: OpenHoldingRoom, ari: AriClient, outlet: Outlet) -> None:
    await _create(command.room, "holding", ari, outlet)
    # Starting it again does nothing to music that plays.
    await ari.start_music(local_part(command.room))


async def _create(room: Any, kind: str, ari: AriClient, outlet: Outlet) -> None:
    try:
        await ari.create_bridge(local_part(room), kind=kind)
    except AsteriskRefused as refused:
        if refused.status != 409:
            raise
        outlet.count("room opened twice", room)


def _join_room(command: JoinRoom, ari: AriClient, outlet: Outlet) -> Awaitable[None]:
    legs = [local_part(leg) for leg in command.legs]
    return _joined(command, ari.add_channels(local_part(command.room), legs), ari, outlet)


async def _joined(command: JoinRoom, asked: Asked, ari: AriClient, outlet: Outlet) -> None:
    try:
        await asked
    except AsteriskRefused as refused:
        # 400 and 422 do not say which of the channels it was.  All are asked for, because the core
        # must hear of the one that is gone and of nothing else.
        if refused.status in (400, 422):
            for leg in command.legs:
                if await ari.channel(local_part(leg)) is None:
                    outlet.missing(leg)
        raise


async def _seat_anew(command: SeatAnew, ari: AriClient, outlet: Outlet) -> None:
    for leg in command.legs:
        try:
            await ari.add_channels(local_part(command.room), [local_part(leg)])
        except AsteriskRefused as refused:
            # It has hung up, or left the application, or the room is gone: its end tells the rest.
            if refused.status not in (400, 404, 409, 422):
                raise
            outlet.count("leg had left the room", leg)


async def _close_room(command: CloseRoom, ari: AriClient, outlet: Outlet) -> None:
    try:
        await ari.destroy_bridge(local_part(command.room))
    except AsteriskRefused as refused:
        # 409: it is just being taken down, and not the application's any more.
        if refused.status not in (404, 409):
            raise
        outlet.count("room closed twice", command.room)


async def _play(command: Play, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    await ari.play(
        local_part(command.leg),
        local_part(command.playback),
        media=[_media(name) for name in command.prompts],
    )


def _media(name: str) -> str:
    """A prompt is a sound by its name; a tone says so itself."""
    return name if name.startswith("tone:") else f"sound:{name}"


async def _play_tone(command: PlayTone, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    # In the zone of indications.conf: 450 Hz, 350 ms on and off.
    await ari.play(local_part(command.leg), local_part(command.playback), media=["tone:busy"])


async def _send_keys(command: SendKeys, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    await ari.send_keys(local_part(command.leg), command.keys)


async def _set_gain(command: SetGain, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    await ari.set_variable(local_part(command.leg), VOLUME, GAINS[command.level])


async def _detect_talk(command: DetectTalk, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    await ari.set_variable(local_part(command.leg), "TALK_DETECT(set)", TALK)


async def _stop_detecting(command: StopDetecting, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    await ari.set_variable(local_part(command.leg), "TALK_DETECT(remove)", "")


async def _answer_refer(command: AnswerRefer, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    await ari.transfer_progress(local_part(command.leg), PROGRESS[command.result])


async def _record_leg(command: RecordLeg, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    await ari.record(
        local_part(command.leg),
        local_part(command.recording),
        seconds_max=math.ceil(command.ms_max / 1000),
        silence_seconds=math.ceil(command.silence_ms / 1000),
    )


async def _stop_recording(command: StopRecording, ari: AriClient, outlet: Outlet) -> None:
    try:
        await ari.stop_recording(local_part(command.recording))
    except AsteriskRefused as refused:
        if refused.status != 404:
            raise
        outlet.count("recording had ended", command.recording)


async def _leave_room(command: LeaveRoom, ari: AriClient, outlet: Outlet) -> None:
    try:
        await ari.remove_channel(local_part(command.room), local_part(command.leg))
    except AsteriskRefused as refused:
        # 422: the leg is in no room, or in another one.
        if refused.status != 422:
            raise
        outlet.count("leg had left the room", command.leg)


async def _stop_play(command: StopPlay, ari: AriClient, outlet: Outlet) -> None:
    try:
        await ari.stop_playback(local_part(command.playback))
    except AsteriskRefused as refused:
        if refused.status != 404:
            raise
        outlet.count("playback had ended", command.playback)


async def _hand_to_fallback(command: HandToFallback, ari: AriClient, outlet: Outlet) -> None:
    del outlet
    await ari.continue_in(local_part(command.leg), context=FALLBACK_CONTEXT)


_HANDLERS: dict[type, Callable[[Any, AriClient, Outlet], Awaitable[object]]] = {
    RingPhone: _ring_phone,
    DialNumber: _dial_number,
    CallPhone: _call_phone,
    AnswerLeg: _answer,
    HangUp: _hang_up,
    OpenRoom: _open_room,
    OpenHoldingRoom: _open_holding_room,
    JoinRoom: _join_room,
    SeatAnew: _seat_anew,
    CloseRoom: _close_room,
    Play: _play,
    StopPlay: _stop_play,
    RecordLeg: _record_leg,
    StopRecording: _stop_recording,
    LeaveRoom: _leave_room,
    PlayTone: _play_tone,
    SendKeys: _send_keys,
    SetGain: _set_gain,
    OpenSnoop: _open_snoop,
    DetectTalk: _detect_talk,
    StopDetecting: _stop_detecting,
    AnswerRefer: _answer_refer,
    HandToFallback: _hand_to_fallback,
}
