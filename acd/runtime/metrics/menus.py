"""Callers and the machine in figures: what they did when a menu asked, and how they came out of it
(T17, V18)."""

from enum import StrEnum

from acd.core.facts import CallEnded, CallOffered, CallPickedUp, MenuAnswered, Outcome
from acd.core.ids import CallId
from acd.core.scripts import Then
from acd.runtime.metrics.exposition import Exposition
from acd.runtime.metrics.synthetic_calls import SyntheticCalls

MENU_START_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)

SERVED = (Outcome.SELF_SERVED, Outcome.VOICEMAIL, Outcome.CALLBACK)


class SelfService(StrEnum):
    """How a caller came out of the machine (V18)."""

    SERVED = "served"
    """It gave what was wanted, or took it down."""
    PERSON = "person"
    """A key led to people, as the caller meant."""
    GAVE_UP = "gave_up"
    """People were rung because no key that means anything came."""
    LEFT = "left"


class MenuStep(StrEnum):
    """What a caller did when a menu asked (T17)."""

    CHOSEN = "chosen"
    """A key that means something."""
    WRONG_KEY = "wrong_key"
    NOTHING = "nothing"
    """No key in time."""

    @staticmethod
    def of(fact: MenuAnswered) -> "MenuStep":
        if fact.chosen:
            return MenuStep.CHOSEN
        return MenuStep.NOTHING if fact.key is None else MenuStep.WRONG_KEY


class MenuMetrics:
    """Registers the metrics of self-service and counts their facts; synthetic calls are in none."""

    def __init__(self, out: Exposition, synthetic: SyntheticCalls) -> None:
        self._ended = out.counter_by(
            "huling_self_service_ended", "Calls that met a menu, by how that ended.", "result"
        )
        self._start = out.histogram(
            "huling_menu_start_seconds",
            "From the INVITE until a caller hears the menu (T17).",
            MENU_START_BUCKETS_S,
        )
        self._steps = out.counter_by(
            "huling_menu_steps", "What callers did when a menu asked them (T17).", "result"
        )
        self._synthetic = synthetic
        self._with_machine: dict[CallId, SelfService] = {}
        """Of live calls that met a menu, how it would end for each if they left now."""
        out.on_all(CallOffered, self._note_offered)
        out.on_all(CallPickedUp, self._count_picked_up)
        out.on(MenuAnswered, self._note_menu)
        out.on_all(CallEnded, self._count_ended)

    def expect(self) -> None:
        """Show every result at 0 before the first."""
        for way in SelfService:
            self._ended[way].inc(0)
        for step in MenuStep:
            self._steps[step].inc(0)

    def _note_offered(self, facts: list[CallOffered]) -> None:
        for fact in facts:
            if fact.menu is not None and not fact.synthetic:
                self._with_machine[fact.call] = SelfService.LEFT

    def _count_picked_up(self, facts: list[CallPickedUp]) -> None:
        if self._with_machine:
            for fact in facts:
                if fact.call in self._with_machine:
                    self._start.observe(fact.at_ms - fact.arrived_ms)

    def _note_menu(self, fact: MenuAnswered) -> None:
        if fact.call not in self._synthetic.calls:
            self._steps[MenuStep.of(fact)].inc()
        if fact.call in self._with_machine and fact.then is Then.QUEUE:
            chosen = SelfService.PERSON if fact.chosen else SelfService.GAVE_UP
            self._with_machine[fact.call] = chosen

    def _count_ended(self, facts: list[CallEnded]) -> None:
        if self._with_machine:
            for fact in facts:
                result = self._with_machine.pop(fact.call, None)
                if result is not None:
                    served = result is SelfService.LEFT and fact.outcome in SERVED
                    self._ended[SelfService.SERVED if served else result].inc()
