"""What the service and the process that listens say to each other: one JSON object per line."""

import msgspec

from acd.core.events import Heard


class Setup(msgspec.Struct, frozen=True, tag=True):
    """The first line: where Asterisk is.  Through the pipe, so that no list of processes and no
    environment shows the password."""

    ari_url: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Setup({self.ari_url})"


class Listen(msgspec.Struct, frozen=True, tag=True):
    """Judge this channel from now on."""

    channel: str


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Judge it no longer."""

    channel: str


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Asterisk has taken the process in; whatever shall be listened to has to be said (again)."""


class Gives(msgspec.Struct, frozen=True, tag=True):
    """What a channel gives, at the beginning and at each change."""

    channel: str
    heard: Heard


class Gone(msgspec.Struct, frozen=True, tag=True):
    """There is no such channel (any more)."""

    channel: str


class Noticed(msgspec.Struct, frozen=True, tag=True):
    """Something to be counted: a copy that could not be made, audio that was dropped …"""

    what: str
    key: str


Order = Listen | Stop
Report = Ready | Gives | Gone | Noticed
LINE_BYTES_MAX = 4_096
