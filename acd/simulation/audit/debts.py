"""What somebody must still do: rescue that a person wanted is reached, rings or is owed (E03, E05),
and nothing is owed twice.

Kept from facts and the pretend Asterisk alone, over any number of lives of the service.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from acd.core.directory import RescueService
from acd.core.emergency.case import Case
from acd.core.facts import CaseNoted, NumberDialled, ObligationNoted
from acd.core.follow_up.owed import Obligation, OwedFor
from acd.core.ids import CallId, CaseId, ObligationId
from acd.core.state import Effect
from acd.simulation.careline import AREA
from acd.simulation.exchange import Exchange

SERVICES = {one.number: one.service for one in AREA.rescue}
NUMBERS = {service: number for number, service in SERVICES.items()}

Wanted = tuple[CaseId, RescueService]


class Debts:
    """Shown every step by ``see``; ``amiss`` tells what is wrong now."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._cases: dict[CaseId, Case] = {}
        self._case_of: dict[CallId, CaseId] = {}
        self._owed: dict[ObligationId, Obligation] = {}
        """Open ones."""
        self._wanted: dict[Wanted, int] = {}
        """Rescue that was dialled in a case, by when that was last."""
        self._told: dict[Wanted, int] = {}
        """When it was last said that somebody has to call it, or has."""

    def see(self, effects: Sequence[Effect]) -> None:
        """Take one step into the books."""
        for effect in effects:
            match effect:
                case CaseNoted(case=case):
                    self._cases[case.id] = case
                    self._case_of.update(dict.fromkeys(case.calls, case.id))
                case NumberDialled(at_ms=at_ms, call=call, number=number, purpose="case"):
                    if number in SERVICES and call in self._case_of:
                        self._wanted[self._case_of[call], SERVICES[number]] = at_ms
                case ObligationNoted(at_ms=at_ms, obligation=owed):
                    self._note(at_ms, owed)
                case _:
                    pass

    def _note(self, at_ms: int, owed: Obligation) -> None:
        self._owed.pop(owed.id, None)
        if owed.is_open:
            self._owed[owed.id] = owed
        if owed.case is None:
            return
        if owed.why is OwedFor.SEND_POLICE:
            self._told[owed.case, RescueService.POLICE] = at_ms
        elif owed.why is OwedFor.CALL_RESCUE:
            service = SERVICES.get(owed.number or "") or RescueService(owed.about)
            self._told[owed.case, service] = at_ms

    def born_again(self, owed: dict[ObligationId, Obligation], written_ms: int) -> None:
        """Another life begins, with what PostgreSQL was told until then."""
        self._owed = dict(owed)
        for key, at_ms in list(self._wanted.items()):
            if max(at_ms, self._told.get(key, 0)) > written_ms:
                del self._wanted[key]  # nobody can know of it any more

    def amiss(self) -> Iterator[str]:
        """Tell of rescue that is forgotten, and of what is owed twice."""
        ringing = {one.number for one in self._exchange.channels.values()}
        for (key, service), at_ms in self._wanted.items():
            case = self._cases[key]
            is_known = service in case.services or self._told.get((key, service), 0) >= at_ms
            is_over = case.is_settled or not case.is_open
            if not (is_known or is_over or NUMBERS[service] in ringing):
                yield f"{service} of {key} was called, and is neither reached nor owed"
        for matter, times in Counter(map(_matter, self._owed.values())).items():
            if times > 1:
                yield f"{matter} is owed {times} times"


def _matter(owed: Obligation) -> tuple[object, ...]:
    """Return what is owed to whom."""
    own = owed.id if owed.appointed_ms is not None else None
    call = owed.call if owed.case is None and owed.number is None else None
    return (owed.kind, owed.why, owed.case, owed.number, owed.terminal, owed.about, call, own)
