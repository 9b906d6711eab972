"""What callers in danger are promised, watched from outside the core: from events, effects and the
pretend Asterisk alone.

Nobody of them is let go before an agent has said how it went (T20, C07), nobody is forgotten in a
room alone, on a line without a sound or in the ringing (E16, C08), and 110, 119 and 120 are dialled
on a person's word alone.
"""

from collections.abc import Iterator, Sequence

from acd.core.commands import HangUp
from acd.core.directory import EntryKind
from acd.core.events import Event, LegHungUp
from acd.core.facts import CallDisposed, CallOffered, CaseNoted, NumberDialled
from acd.core.ids import CallId, LegId
from acd.core.state import Effect
from acd.simulation.careline import RESCUE
from acd.simulation.exchange import Channel, Exchange
from acd.simulation.sound import HOLDING


class Callers:
    """Shown every step by ``see``; ``in_silence`` looks at everybody."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.kinds: dict[LegId, EntryKind | None] = {}
        self.calls: dict[CallId, LegId] = {}
        self._disposed: dict[CallId, None] = {}
        self._hung_up: dict[LegId, None] = {}
        self.cases_closed = 0

    def see(self, event: Event, effects: Sequence[Effect]) -> None:
        """Take one step into the books and check it."""
        if isinstance(event, LegHungUp):
            self._hung_up[event.leg] = None
        for effect in effects:
            match effect:
                case CallOffered(call=call, leg=leg, kind=kind):
                    self.calls[call] = leg
                    self.kinds[leg] = kind
                case CallDisposed(call=call):
                    self._disposed[call] = None
                case NumberDialled(number=number, person=person):
                    assert person is not None or number not in RESCUE, "a robot calls rescue"
                case CaseNoted(case=case) if not case.is_open:
                    assert case.outcome is not None, "a case ended without an outcome"
                    self.cases_closed += 1
                case HangUp(call=call, leg=leg) if self.calls.get(call) == leg:
                    self._let_go(call, leg)
                case _:
                    pass

    def _let_go(self, call: CallId, leg: LegId) -> None:
        channel = self._exchange.channels.get(leg)
        if channel is None or channel.is_stuck or leg in self._hung_up:
            return
        emergency = self.kinds[leg] is EntryKind.EMERGENCY
        assert not emergency or call in self._disposed, f"{call}: a caller in danger was let go"

    def in_silence(self) -> list[str]:
        """Return who has called an emergency line and hears nobody and nothing now."""
        return list(self._in_silence())

    def _in_silence(self) -> Iterator[str]:
        for channel in self._exchange.channels.values():
            if channel.is_stuck or self.kinds.get(channel.leg) is not EntryKind.EMERGENCY:
                continue
            if not channel.up:
                yield f"{channel.leg} rings, and nobody picks up"
            elif not self._hears(channel):
                yield f"{channel.leg} is in {channel.room}, with nobody and without a sound"

    def _hears(self, channel: Channel) -> bool:
        if channel.leg in self._exchange.playbacks.values():
            return True
        if channel.room is None:
            return False
        # Whose hang-up was lost with the link, and whose channel Asterisk keeps, is there for all
        # that anybody can know.
        return HOLDING in channel.room or any(
            other.room == channel.room
            and other.up
            and not (other.is_stuck and other.leg in self._hung_up)
            for other in self._exchange.channels.values()
            if other is not channel
        )
