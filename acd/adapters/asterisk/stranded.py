"""Who waits for a service that is gone, as Asterisk's lists of channels and bridges tell (T18).

Pure: texts in, values out.  Whoever is with somebody is never among them, nor a caller for whom
somebody is in a room of the call: held, or beside a rescue line.  What stands in the way of a
caller are phones that ring for nobody, or have been picked up and heard nobody; and lines that are
open and in no conversation: the dialplan could not ring those phones.
"""

import re

import msgspec

from acd.adapters.asterisk.listing import Bridge
from acd.adapters.asterisk.translate import ARGS_CALL, UP, Channel, is_inner, memo_of
from acd.core.ids import OUR_PREFIX

_ROOM = re.compile(re.escape(OUR_PREFIX) + r"(?:room|side\d+)-(.+)")
"""A call's room (``State.room_id``, ``State.side_room_id``); a queue's holding room is none."""

_decode_channels = msgspec.json.Decoder(list[Channel]).decode
_decode_bridges = msgspec.json.Decoder(list[Bridge]).decode


class Stranded(msgspec.Struct, frozen=True):
    """Channels, by their ids."""

    callers: tuple[str, ...] = ()
    """For the dialplan's fallback."""
    in_the_way: tuple[str, ...] = ()
    """To be ended before: they keep phones from being rung."""


class _Room(msgspec.Struct, frozen=True):
    call: str
    legs: tuple[Channel, ...]
    is_shared: bool
    """More than one is in it; a supervisor's copy of a conversation counts."""


class _Picture(msgspec.Struct, frozen=True):
    legs: dict[str, Channel]
    rooms: tuple[_Room, ...]
    callers: dict[str, str | None]
    """The call of each caller in our application; None for one who bears no memo."""


def stranded(channels: str | bytes, bridges: str | bytes, *, app: str) -> Stranded:
    """Return who waits in ``app``, if nobody serves any more.

    Raises one of ``UNREADABLE`` when these are no lists of channels and bridges.
    """
    seen = _picture(channels, bridges, app)
    together = {
        one.id
        for room in seen.rooms
        for one in room.legs
        if any(other is not one and _is_company(seen, other) for other in room.legs)
    }
    in_hand = {
        room.call
        for room in seen.rooms
        if room.call in seen.callers.values()
        and any(one.state == UP and one.id not in seen.callers for one in room.legs)
    }
    waiting = tuple(
        key
        for key, call in seen.callers.items()
        if call not in in_hand and key not in together and not _is_over(seen.legs[key])
    )
    ours = [one for key, one in seen.legs.items() if key.startswith(OUR_PREFIX)]
    return Stranded(waiting, tuple(one.id for one in ours if _is_idle(seen, one, in_hand)))


def _picture(channels: str | bytes, bridges: str | bytes, app: str) -> _Picture:
    legs = {one.id: one for one in _decode_channels(channels) if not is_inner(one)}
    return _Picture(
        legs=legs,
        rooms=tuple(
            _Room(
                found[1],
                tuple(legs[member] for member in one.channels if member in legs),
                len(one.channels) > 1,
            )
            for one in _decode_bridges(bridges)
            if (found := _ROOM.fullmatch(one.id))
        ),
        callers={one.id: _call_of(one) for one in legs.values() if _is_caller(one, app)},
    )


def _is_caller(one: Channel, app: str) -> bool:
    return (
        not one.id.startswith(OUR_PREFIX)
        and one.dialplan.app_name == "Stasis"
        and one.dialplan.app_data == f"{app},{ARGS_CALL}"
    )


def _is_company(seen: _Picture, one: Channel) -> bool:
    """Tell whether somebody is there to be spoken with: a phone that rings is not."""
    return one.state == UP or one.id in seen.callers


def _call_of(one: Channel) -> str | None:
    memo = memo_of(one)
    return None if memo is None else memo.call


def _is_over(one: Channel) -> bool:
    """Tell whether the call had come to its end, and the caller was only to be let go."""
    memo = memo_of(one)
    return memo is not None and memo.is_over


def _is_idle(seen: _Picture, one: Channel, in_hand: set[str]) -> bool:
    """Tell whether a leg that we dialled is a phone's, and with nobody."""
    memo = memo_of(one)
    room = next((room for room in seen.rooms if one in room.legs), None)
    if room is not None and room.is_shared and one.state == UP:
        return False
    served = seen.callers.values()
    if memo is None:
        # An open line bears no memo: it outlives its calls, and is in its own room between them.
        return room is not None and room.call not in served
    if memo.part is None or memo.part.phone is None or memo.call in in_hand:
        return False
    others = (_call_of(leg) for key, leg in seen.legs.items() if key != one.id)
    return memo.call in served or memo.call not in others
