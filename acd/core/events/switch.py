"""The switch itself: what it could not do, and the time that passes."""

import msgspec

from acd.core.ids import CallId, LegId, RoomId


class CommandFailed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Asterisk refused a command, or could not be asked.  ``command`` is its class name."""

    command: str
    call: CallId | None
    leg: LegId | None
    room: RoomId | None
    reason: str


class ConfigurationRefused(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Calls could not be served after a change of ``what`` (directory or nodes), so it was taken
    back; ``to_version`` is the directory's."""

    what: str
    why: str
    to_version: int | None = None


class TimePassed(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Nothing happened but time: whatever was due by now is done."""


SwitchEvent = CommandFailed | ConfigurationRefused | TimePassed
