"""What the runtime asks of its adapters, as protocols.

An adapter implements these; tests hold the real one and any double to the same contract.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from acd.core.commands import Command
from acd.core.events import CodeDialled, Event
from acd.core.facts import Fact
from acd.core.ids import LegId, Node


class ChannelArrived(msgspec.Struct, frozen=True, kw_only=True):
    """A trunk's call as Asterisk tells it, before anybody looked up who it is.

    ``endpoint`` is the PJSIP endpoint that matched (a trunk's name); ``asserted`` is the raw
    P-Asserted-Identity, ``from_user`` the user part of From; either may be empty or malformed.
    """

    leg: LegId
    arrived_ms: int
    endpoint: str
    dialled: str
    from_user: str
    asserted: str
    recording: str | None


class LinkChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A link of the node's came up or went away.  ``link`` is ``ari`` or ``ami``."""

    node: Node
    link: str
    up: bool
    reason: str


class SwitchInbox(Protocol):
    """Where the Asterisk adapter puts what it hears.  Never blocks, never fails."""

    def put(self, event: Event | ChannelArrived | CodeDialled | LinkChanged) -> None: ...

    def count(self, what: str, key: str) -> None:
        """Count something noticed and left alone (an event of an unknown channel …)."""


class Switch(Protocol):
    """One Asterisk node that takes commands."""

    async def start(self) -> None:
        """Connect, and stay connected with backoff until ``stop``."""

    async def stop(self) -> None: ...

    async def perform(self, command: Command) -> None:
        """Carry out one command.  Raises nothing: a failure is put in the inbox as
        ``CommandFailed`` (or as ``LegGone`` with ``Hangup.LOST`` when the channel is not
        there any more)."""


class RecordStore(Protocol):
    """Where facts go."""

    async def write(self, epoch: int, batch: Sequence[tuple[int, Fact]]) -> None:
        """Write facts and their projected rows in one transaction; ``batch`` holds
        (sequence number, fact) in order.  Writing the same (epoch, sequence) again changes
        nothing."""
