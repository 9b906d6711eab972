"""What Asterisk has when the link comes up: lists of channels and bridges, as the core's words.

Pure: texts in, values out.  A caller's channel of which no event has told us, because nobody was
there to hear it, is told as if it came now, with the time at which it did.
"""

from datetime import datetime
from enum import Enum, auto
from typing import Any

import msgspec

from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.asterisk.translate import (
    AGE_MS_MAX,
    ARGS_CALL,
    ARGS_CODE,
    SNOOP,
    UP,
    Channel,
    arrival_ms,
    arrival_of,
    endpoint_of,
    is_inner,
    leg_of,
    memo_of,
)
from acd.core.events import CodeDialled, FoundLeg, SwitchConnected
from acd.core.ids import OUR_PREFIX, LegId, Node, PhoneId, RoomId

FALLBACK_CONTEXT = "fallback"
"""Of dialplan/extensions.conf."""

RELAYED = "relayed"
"""The account code of a phone's channel that is another node's leg (dialplan/extensions.conf)."""

_decode_channel = msgspec.json.Decoder(Channel).decode
_decode_channels = msgspec.json.Decoder(list[Channel]).decode


class Bridge(msgspec.Struct):
    """What Asterisk tells of a bridge."""

    id: str
    channels: list[str] = msgspec.field(default_factory=list)


_decode_bridges = msgspec.json.Decoder(list[Bridge]).decode


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of ours that is there, and who came while nobody listened."""

    connected: SwitchConnected
    unheard: tuple[ChannelArrived | CodeDialled, ...]
    away: tuple[LegId, ...]
    """Callers of ours in the dialplan's fallback."""
    astray: tuple[LegId, ...]
    """Callers in the dialplan's fallback whose channel does not say that they are ours."""


def listing_of(
    channels: str | bytes,
    bridges: str | bytes,
    *,
    node: Node,
    app: str,
    now_ms: int,
    started_ms: int,
) -> Listing:
    """Return what ``GET /channels`` and ``GET /bridges`` tell; ``started_ms`` is Asterisk's start.

    Raises one of ``UNREADABLE`` when they are no lists of channels and bridges.
    """
    all_channels = _decode_channels(channels)
    ours = [one for one in _decode_bridges(bridges) if one.id.startswith(OUR_PREFIX)]
    rooms = {member: RoomId(f"{node}:{one.id}") for one in ours for member in one.channels}
    legs, found, unheard, away, astray = [], [], [], [], []
    for one in all_channels:
        if is_inner(one):
            continue
        leg, memo, here = leg_of(node, one), memo_of(one), _is_ours(one, app)
        if here:
            legs.append(leg)
        if memo is not None:
            found.append(
                FoundLeg(
                    leg=leg,
                    memo=memo,
                    is_up=one.state == UP,
                    room=rooms.get(one.id),
                    is_away=not here,
                )
            )
            if not here:
                away.append(leg)
        elif here and (arrival := _unheard(one, node, app, now_ms)) is not None:
            unheard.append(arrival)
        elif _is_in_fallback(one, app):
            astray.append(leg)
    return Listing(
        connected=SwitchConnected(
            node,
            tuple(legs),
            found=tuple(found),
            copies=tuple(
                leg_of(node, one)
                for one in all_channels
                if one.name.startswith(SNOOP) and one.id.startswith(OUR_PREFIX)
            ),
            rooms=tuple(RoomId(f"{node}:{one.id}") for one in ours),
            since_ms=started_ms,
            read_ms=now_ms,
        ),
        unheard=tuple(unheard),
        away=tuple(away),
        astray=tuple(astray),
    )


def _unheard(
    channel: Channel, node: Node, app: str, now_ms: int
) -> ChannelArrived | CodeDialled | None:
    """Return the word that a channel in our application would have been announced with."""
    if channel.dialplan.app_data == f"{app},{ARGS_CALL}":
        return arrival_of(channel, node, _arrived_ms(channel, now_ms))
    if channel.dialplan.app_data == f"{app},{ARGS_CODE}":
        dialled = channel.channelvars.get("CALLERID(dnid)", "")
        return CodeDialled(leg_of(node, channel), PhoneId(endpoint_of(channel.name)), dialled)
    return None


def _arrived_ms(channel: Channel, now_ms: int) -> int:
    return arrival_ms(channel.creationtime, now_ms=now_ms, age_ms_max=AGE_MS_MAX)


def _is_ours(channel: Channel, app: str) -> bool:
    """Tell whether a channel was dialled by us, or is in our application."""
    return channel.id.startswith(OUR_PREFIX) or (
        channel.dialplan.app_name == "Stasis" and channel.dialplan.app_data.partition(",")[0] == app
    )


def legs_of(text: str | bytes, *, node: Node, app: str) -> tuple[LegId, ...]:
    """Return the channels of ``GET /channels`` that are ours: dialled by us, or in ``app``.

    Raises one of ``UNREADABLE`` when it is not a list of channels.
    """
    return tuple(
        leg_of(node, channel)
        for channel in _decode_channels(text)
        if not is_inner(channel) and _is_ours(channel, app)
    )


def ids_of(text: str | bytes) -> frozenset[str]:
    """Return the ids of ``GET /channels``, whoever they are.

    Raises ``msgspec.DecodeError`` when it is not a list of channels.
    """
    return frozenset(channel.id for channel in _decode_channels(text))


class InFallback(Enum):
    """Whether a channel is in the dialplan's fallback, and says whose it is."""

    NO = auto()
    MARKED = auto()
    UNMARKED = auto()


def in_fallback(text: str | bytes, *, app: str) -> InFallback:
    """Return what ``GET /channels/ID`` tells of it.

    Raises ``msgspec.DecodeError`` when it is no channel.
    """
    channel = _decode_channel(text)
    if not _is_in_fallback(channel, app):
        return InFallback.NO
    return InFallback.UNMARKED if memo_of(channel) is None else InFallback.MARKED


def _is_in_fallback(channel: Channel, app: str) -> bool:
    return channel.dialplan.context == FALLBACK_CONTEXT and not _is_ours(channel, app)


def occupied_by(text: str | bytes) -> tuple[PhoneId, ...]:
    """Return the endpoints that have a channel in the answer to ``GET /channels``.

    Raises one of ``UNREADABLE`` when it is not a list of channels.
    """
    names = (endpoint_of(channel.name) for channel in _decode_channels(text))
    return tuple(dict.fromkeys(PhoneId(name) for name in names if name))


def channels_of(text: str | bytes, endpoint: str) -> list[str]:
    """Return the ids of an endpoint's channels in the answer to ``GET /channels``.

    Raises one of ``UNREADABLE`` when it is not a list of channels.
    """
    return [one.id for one in _decode_channels(text) if endpoint_of(one.name) == endpoint]


def private_calls(text: str | bytes, *, node: Node, app: str) -> tuple[PhoneId, ...]:
    """Return the endpoints with a channel of ``GET /channels`` that is none of ours, and that no
    other node has asked for.

    Raises one of ``UNREADABLE`` when it is not a list of channels.
    """
    ours = dict.fromkeys(legs_of(text, node=node, app=app))
    channels = [
        one
        for one in _decode_channels(text)
        if leg_of(node, one) not in ours and one.accountcode != RELAYED
    ]
    names = (endpoint_of(channel.name) for channel in channels)
    return tuple(dict.fromkeys(PhoneId(name) for name in names if name))


def started_ms(status: Any) -> int:
    """Return when Asterisk was started (epoch ms), 0 when its answer does not say."""
    try:
        return int(datetime.fromisoformat(status["status"]["startup_time"]).timestamp() * 1000)
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0
