"""What a life is told of the one before: PostgreSQL as far as a start reads it."""

from msgspec import structs

from acd.core.emergency.case import Case
from acd.core.events import (
    AgentRemembered,
    CallRemembered,
    CaseRestored,
    Event,
    ObligationRestored,
    WrapUpRemembered,
)
from acd.core.facts import (
    AgentStateChanged,
    CallAnswered,
    CallEnded,
    CallOffered,
    CallPlaced,
    CallReached,
    CallTakenUp,
    CaseNoted,
    Fact,
    ObligationNoted,
    PlacedCallEnded,
)
from acd.core.follow_up.owed import Obligation
from acd.core.ids import AgentId, CallId, CaseId, ObligationId
from acd.core.tables import AgentState


class Memory:
    """PostgreSQL as far as a start reads it: who was at work, which calls go on, what is owed,
    which cases are open."""

    def __init__(self) -> None:
        self.agents: dict[AgentId, AgentStateChanged] = {}
        self.calls: dict[CallId, CallRemembered] = {}
        self.ended: dict[CallId, None] = {}
        self.owed: dict[ObligationId, Obligation] = {}
        self.cases: dict[CaseId, Case] = {}
        """Open ones."""
        self._unwritten: list[Fact] = []

    def take(self, fact: Fact) -> None:
        """Take a fact; it is written a moment later."""
        self._unwritten.append(fact)

    def write(self, *, until_ms: int) -> None:
        """Write what is older, in order."""
        while self._unwritten and self._unwritten[0].at_ms <= until_ms:
            self._write(self._unwritten.pop(0))

    def lose_the_rest(self) -> None:
        """The service is dead, and with it what it had not written."""
        self._unwritten.clear()

    def _write(self, fact: Fact) -> None:
        match fact:
            case AgentStateChanged():
                self.agents[fact.agent] = fact
            case CallOffered() | CallPlaced() | CallTakenUp() if fact.call not in self.ended:
                self.calls.setdefault(fact.call, _remembered(fact))
            case CallAnswered() | CallReached() if fact.call in self.calls:
                known = self.calls[fact.call]
                if known.answered_ms is None:
                    self.calls[fact.call] = structs.replace(
                        known, answered_ms=fact.at_ms, agent=fact.agent
                    )
            case CallEnded() | PlacedCallEnded():
                self.calls.pop(fact.call, None)
                self.ended[fact.call] = None
            case ObligationNoted(obligation=owed):
                self.owed.pop(owed.id, None)
                if owed.is_open:
                    self.owed[owed.id] = owed
            case CaseNoted(case=case):
                self.cases.pop(case.id, None)
                if case.is_open:
                    self.cases[case.id] = case
            case _:
                pass

    def told_at_start(self, seen_ms: int) -> list[Event]:
        """Return what a new life is told, in the service's order."""
        at_work = [
            AgentRemembered(
                agent=fact.agent,
                seat=fact.seat,
                state=AgentState(fact.now),
                reason=fact.reason,
                since_ms=fact.at_ms,
                last=self._last(fact),
            )
            for fact in self.agents.values()
            if fact.now != AgentState.LOGGED_OUT and fact.seat is not None
        ]
        calls = [structs.replace(call, seen_ms=seen_ms) for call in self.calls.values()]
        cases = map(CaseRestored, self.cases.values())
        return [*cases, *map(ObligationRestored, self.owed.values()), *at_work, *calls]

    def _last(self, fact: AgentStateChanged) -> WrapUpRemembered | None:
        call = None if fact.call is None else self.calls.get(fact.call)
        if call is None or call.queue is None:
            return None
        return WrapUpRemembered(
            call=call.call,
            arrived_ms=call.arrived_ms,
            talk_ms=0,
            queue=call.queue,
            synthetic=call.synthetic,
            entry=call.called,
        )


def _remembered(fact: CallOffered | CallPlaced | CallTakenUp) -> CallRemembered:
    if isinstance(fact, CallPlaced):
        return CallRemembered(
            call=fact.call,
            arrived_ms=fact.arrived_ms,
            caller=fact.number,
            called=None,
            kind=fact.kind,
            queue=fact.queue,
            terminal=None,
            elders=(),
            synthetic=fact.synthetic,
            answered_ms=None,
            first_offer_ms=None,
            agent=None,
            number=fact.number,
            reference=fact.reference,
        )
    return CallRemembered(
        call=fact.call,
        arrived_ms=fact.arrived_ms,
        caller=fact.caller,
        called=fact.entry,
        kind=fact.kind,
        queue=fact.queue,
        terminal=fact.terminal,
        elders=fact.elders,
        synthetic=fact.synthetic,
        answered_ms=None,
        first_offer_ms=None,
        agent=None,
        number=fact.called if isinstance(fact, CallTakenUp) and fact.is_placed else None,
    )
