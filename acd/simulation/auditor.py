"""An independent auditor: keeps its own books from events and effects alone, never from the core's
state, and raises ``AssertionError`` at the first moment in which a promise is broken.

It knows the directory, who is registered, which legs live, which calls wait, who is ready.  What
it holds the core to are the invariants of the design: one outcome per call, one conversation per
phone, one winner among many phones, nobody wants a phone while somebody fit and within reach has
one, order by urgency and then by arrival, nobody interrupted without need, an emergency caller
never ended by us, a gapless trace of every agent, totals that add up.
"""

from collections.abc import Sequence

from acd.core.commands import Command, RingPhone
from acd.core.events import Event, SteerRequested
from acd.core.facts import Defect, OfferMade
from acd.core.state import Effect
from acd.simulation.audit import agents, calls, conversations, offers, promises
from acd.simulation.audit.books import Books
from acd.simulation.audit.commands import ordered
from acd.simulation.audit.events import hear
from acd.simulation.audit.hearing import Hearing
from acd.simulation.audit.offers import is_over_a_line, is_supervisor


class Auditor:
    """Shown every step by ``see``; asked at the end by ``close``."""

    def __init__(self) -> None:
        self.books = Books()
        self._hearing = Hearing()

    def see(
        self, now_ms: int, event: Event, effects: Sequence[Effect], *, is_catching_up: bool = False
    ) -> None:
        """Take one step into the books and check what must hold after it.

        ``is_catching_up``: see ``Books``."""
        b = self.books
        assert now_ms >= b.now_ms, "time ran backwards"
        b.is_catching_up = is_catching_up
        b.late_ms = now_ms - b.now_ms
        b.now_ms = now_ms
        b.is_steered = isinstance(event, SteerRequested)
        hear(b, event)
        rung = [e.offer for e in effects if isinstance(e, RingPhone)]
        told = [e for e in effects if isinstance(e, OfferMade) if not is_supervisor(e)]
        made = [e.offer for e in told if not is_over_a_line(e)]
        b.silent.update(dict.fromkeys(e.offer for e in told if is_over_a_line(e)))
        picks_up = [e.offer for e in effects if isinstance(e, RingPhone) and e.picks_up]
        b.silent.update(dict.fromkeys(picks_up))
        assert rung == made, "a ring without its offer, or an offer without its ring"
        for effect in effects:
            if isinstance(effect, Command):
                ordered(b, effect, event)
            else:
                _told(b, effect)
        promises.all_hold(b)
        self._hearing.see(event, effects)

    def close(self) -> None:
        """After the calm phase: everything has come to its end."""
        promises.all_is_over(self.books)


def _told(b: Books, fact: Effect) -> None:
    if isinstance(fact, Defect):
        raise AssertionError(fact.sentence)
    for note in (calls.enter_and_leave, conversations.talk, agents.at_work, offers.rung):
        note(b, fact)
