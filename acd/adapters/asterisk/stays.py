"""Who was in the dialplan's fallback, as dialplan/extensions.conf keeps it in Asterisk's database.

Pure: an entry's text in, a value out.  An entry is ``in`` or ``over``, then when the caller left
(epoch ms), how long somebody talked to them (ms), that somebody's channel, the caller's channel,
who calls, what was dialled, the recording, when the stay began (epoch ms), and the memo.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.asterisk.translate import endpoint_of
from acd.core.ids import LegId, Node, PhoneId
from acd.core.memo import from_text

FAMILY = "huling-stay"
_FIELDS = 10


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """One caller's time in the fallback."""

    key: str
    """The channel's id, and the entry's key."""
    is_over: bool
    left_ms: int
    """When they left; when they came, as long as they are there."""
    talk_ms: int | None
    phone: PhoneId | None
    arrival: ChannelArrived


def entries_of(listed: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return key and text of what AMI's DBGetTree lists."""
    return [
        (str(one.get("Key", "")).rpartition("/")[2], str(one.get("Val", "")))
        for one in listed
        if one.get("Event") == "DBGetTreeResponse"
    ]


def stay_of(key: str, text: str, *, node: Node) -> Stay | None:
    """Return what an entry says, None when it says nothing."""
    fields = text.split("|", _FIELDS - 1)
    if len(fields) != _FIELDS or fields[0] not in ("in", "over") or not fields[8].isdecimal():
        return None
    state, left, talk, peer, channel, caller, dialled, recording, began, memo = fields
    arrived_ms = _created_ms(key, int(began))
    return Stay(
        key=key,
        is_over=state == "over",
        left_ms=int(left) if left.isdecimal() else int(began),
        talk_ms=int(talk) if talk.isdecimal() else None,
        phone=PhoneId(endpoint_of(peer)) if peer else None,
        arrival=ChannelArrived(
            leg=LegId(f"{node}:{key}"),
            arrived_ms=arrived_ms,
            endpoint=endpoint_of(channel),
            dialled=dialled,
            caller=caller,
            recording=recording.rpartition("/")[2] or None,
            left=True,
            memo=from_text(memo),
        ),
    )


def _created_ms(key: str, began_ms: int) -> int:
    """Return when a channel was made: the second is in its id, and where in that second it was can
    only be told of a stay that began in it too."""
    second = key.rpartition("-")[2].partition(".")[0]
    if not second.isdecimal():
        return began_ms
    first_ms = int(second) * 1000
    return min(max(began_ms, first_ms), first_ms + 999)
