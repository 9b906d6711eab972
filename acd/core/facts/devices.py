"""What terminals say of themselves, and who tests them."""

import msgspec

from acd.core.directory import DeviceMeaning, DeviceTest
from acd.core.ids import AgentId, CallId, LegId, TerminalId


class DeviceReported(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A terminal has said something of itself by DTMF (T27); once in a call for each code."""

    at_ms: int
    call: CallId
    arrived_ms: int
    leg: LegId
    terminal: TerminalId | None
    agent: AgentId | None
    """Who has the call then."""
    digits: str
    meaning: DeviceMeaning


class TerminalTested(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An agent has said of a call that somebody tested a terminal with it (W48)."""

    at_ms: int
    call: CallId
    arrived_ms: int
    terminal: TerminalId
    agent: AgentId
    kind: DeviceTest
    staff: str
    """The staff number of whoever tests; empty where nobody has one."""
    new_number: str | None
    """The number it called from, where the directory does not know it as this terminal's."""


DeviceFact = DeviceReported | TerminalTested
