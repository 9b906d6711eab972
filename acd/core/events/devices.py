"""Terminals: what they may say of themselves, and who tests them."""

import msgspec

from acd.core.directory import DeviceCode, DeviceTest
from acd.core.ids import AgentId, CallId, ElderId, RequestId, TerminalId


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A known terminal at the other end of a line, and what it may say of itself by DTMF (T27)."""

    terminal: TerminalId
    elders: tuple[ElderId, ...] = ()
    codes: tuple[DeviceCode, ...] = ()


class TerminalSilent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The record has no call from this terminal for so long that it has to be tested (W48)."""

    terminal: TerminalId
    number: str | None
    """One of its numbers, normalised."""
    elders: tuple[ElderId, ...]
    last_ms: int | None
    """Its last call; None when the record has none."""


class TerminalTestNoted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``by`` says that somebody tested a terminal with a recorded call, which goes on or is long
    over (W48)."""

    request: RequestId
    call: CallId
    arrived_ms: int
    answered_ms: int | None
    number: str | None
    """From which the call came, normalised."""
    known: TerminalId | None
    """Whose number that is by the directory."""
    terminal: TerminalId | None
    """Which one was tested, by the agent's word; None: the one that called."""
    elders: tuple[ElderId, ...]
    """Of that terminal."""
    by: AgentId
    kind: DeviceTest
    staff: str = ""


DeviceEvent = TerminalSilent | TerminalTestNoted
