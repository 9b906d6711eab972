"""Who is calling: a raw channel becomes ``CallArrived`` before the core sees it (E03).

Everything needed is in memory, so that a call never waits for the database.  A caller whom nobody
knows is served like any other (E25): whatever is missing or malformed, a call comes out.
"""

import msgspec

from acd.adapters.asterisk.heard import ChannelArrived
from acd.adapters.postgres.callers import Caller
from acd.adapters.postgres.directory import Directory, Trunk
from acd.core.events import CallArrived, CallRequested, CodeDialled, Device, DigitPressed
from acd.core.ids import AreaId, EntryId, TrunkId
from acd.core.numbers import NO_RULES, NumberRules, called_forms, normalise
from acd.runtime.calendar import Calendar

CALLED_MAX = 64
"""What is kept of a dialled number that is none."""

DIALLED_MAX = 1_024
"""Ways to write our entries' numbers that are remembered: each is written one way or two."""


class Intake:
    """Looks callers up in the newest directory."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._directory: Directory | None = None
        self._dialled: dict[tuple[str, str], tuple[Trunk, EntryId]] = {}
        """Entries by endpoint and number, of those that have been called: a call asks twice."""

    def use(self, directory: Directory) -> None:
        """From the next call on, look in this reading of the directory."""
        self._directory = directory
        self._dialled = {}

    def call_of(self, raw: ChannelArrived) -> CallArrived:
        """Return the call that a channel brings."""
        directory = self._directory
        trunk: Trunk | None
        entry: EntryId | None
        trunk, entry = self._dialled.get((raw.endpoint, raw.dialled), (None, None))
        if trunk is None:
            trunk = None if directory is None else directory.trunks.get(TrunkId(raw.endpoint))
            entry = self._found(NO_RULES if trunk is None else trunk.rules, raw.dialled)
        rules = NO_RULES if trunk is None else trunk.rules
        number = normalise(rules, raw.caller)
        known = None if directory is None else directory.callers.find(number)
        return CallArrived(
            leg=raw.leg,
            arrived_ms=raw.arrived_ms,
            trunk=None if trunk is None else trunk.id,
            caller=number,
            # What was dialled, when it is none of ours.
            called=EntryId(raw.dialled[:CALLED_MAX]) if entry is None else entry,
            terminal=None if known is None else known.terminal,
            elders=() if known is None else known.elders,
            recording=raw.recording,
            recording_follows=raw.recording_follows,
            precedence=0 if known is None else known.precedence,
            languages=() if known is None else known.languages,
            left=raw.left,
            memo=raw.memo,
            is_up=raw.is_up,
            greeting=self._calendar.greeting(raw.arrived_ms),
            closing=self._calendar.closing(raw.arrived_ms),
            # C03, C28: a registered terminal is a one-key device; nobody asks it for digits.
            has_keys=known is None,
            area=_area(known, trunk),
            contacts=() if known is None else known.contacts,
        )

    def digit_of(self, event: DigitPressed, number: str | None) -> DigitPressed:
        """Return a digit with the terminal that it may come from: ``number`` is whose it is."""
        known = None if self._directory is None else self._directory.callers.find(number)
        if known is None or not known.device_codes:
            return event
        device = Device(terminal=known.terminal, elders=known.elders, codes=known.device_codes)
        return msgspec.structs.replace(event, device=device)

    def wish_of(
        self, event: CallRequested | CodeDialled, number: str | None
    ) -> CallRequested | CodeDialled:
        """Return an agent's wish to call a normalised number with the terminal that has it."""
        known = None if self._directory is None else self._directory.callers.find(number)
        if known is None:
            return event
        return msgspec.structs.replace(event, terminal=known.terminal)

    def expects(self, raw: ChannelArrived) -> bool:
        """Tell whether a channel is a trunk's that calls one of our entries: nothing else may be
        told before the dialplan has said what it does with it."""
        return (raw.endpoint, raw.dialled) in self._dialled or self._dials_us(raw)

    def _dials_us(self, raw: ChannelArrived) -> bool:
        directory = self._directory
        trunk = None if directory is None else directory.trunks.get(TrunkId(raw.endpoint))
        entry = None if trunk is None else self._found(trunk.rules, raw.dialled)
        if trunk is None or entry is None:
            return False
        if len(self._dialled) < DIALLED_MAX:
            self._dialled[raw.endpoint, raw.dialled] = trunk, entry
        return True

    def _found(self, rules: NumberRules, dialled: str) -> EntryId | None:
        if self._directory is not None:
            entries = self._directory.staffing.entries
            for form in called_forms(rules, dialled):
                if form in entries:
                    return EntryId(form)
        return None


def _area(known: Caller | None, trunk: Trunk | None) -> AreaId | None:
    """Return where help comes from: the terminal's own area, else the one that the operator's lines
    are in, for whoever calls from a line that nobody knows (E05, E25)."""
    if known is not None and known.area is not None:
        return known.area
    return AreaId(trunk.areas[0]) if trunk is not None and trunk.areas else None
