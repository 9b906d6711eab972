"""What the Asterisk adapter hands on that is not an event of the core's, and to whom.

A call that has arrived is not yet a ``CallArrived``: who is calling has to be looked up first,
which is not the adapter's to do.
"""

from typing import Protocol

import msgspec

from acd.core.events import Event, LegJoined
from acd.core.ids import LegId, Node
from acd.core.memo import Memo


class ChannelArrived(msgspec.Struct, frozen=True, kw_only=True):
    """A trunk's call as Asterisk tells it, before anybody looked up who it is.

    ``endpoint`` is the PJSIP endpoint that matched (a trunk's name); ``caller`` the user part
    of the asserted identity (from a trunk that is trusted with it), else of From; it may be empty,
    or anything but a number.
    """

    leg: LegId
    arrived_ms: int
    endpoint: str
    dialled: str
    caller: str
    recording: str | None
    recording_follows: bool = False
    """Told before the dialplan has run; a recording that it begins is told later."""
    left: bool = False
    """Has hung up before anybody could be told."""
    memo: Memo | None = None
    """What the channel keeps from an earlier visit: the dialplan gives it back."""
    is_up: bool = False


class ChannelLeft(msgspec.Struct, frozen=True):
    """A channel that we did not dial is no longer in the application: it has hung up, or the
    dialplan goes on with it."""

    leg: LegId


class JoinedQuiet(msgspec.Struct, frozen=True):
    """A leg is in a holding room in which nobody was, or at most one.  Asterisk ends a room's music
    with the last who leaves, and does not begin again by itself: they would wait in silence."""

    joined: LegJoined


class LinkChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A link of the node's came up or went away.  ``link`` is ``ari`` or ``ami``."""

    node: Node
    link: str
    up: bool
    reason: str


class SwitchInbox(Protocol):
    """Where the Asterisk adapter puts what it hears.  Never blocks, never fails."""

    def put(self, event: Event | ChannelArrived | LinkChanged) -> None: ...

    def serve(self, event: Event | ChannelArrived) -> None:
        """Put, and have it handled now if nothing else waits before it."""

    def count(self, what: str, key: str) -> None:
        """Count something noticed and left alone (an event of an unknown channel …)."""
