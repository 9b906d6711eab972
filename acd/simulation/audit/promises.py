"""What must hold between any two steps, and at the end of all."""

from acd.core.queueing.lines import KEPT_FREE
from acd.simulation.audit.books import Books
from acd.simulation.audit.fitness import (
    calls_wanting,
    could_be_rung_from,
    is_spare,
    may_be_patient,
    may_serve,
    queue_of,
)


def all_hold(b: Books) -> None:
    """Check what must hold after a step."""
    _nobody_waits_in_vain(b)
    _nobody_hears_silence(b)
    _one_winner(b)
    _marks_are_made(b)
    _notes_are_under_way(b)


def _nobody_waits_in_vain(b: Books) -> None:
    wanting = list(calls_wanting(b, b.now_ms))
    if not wanting:
        return
    there = [(agent, could_be_rung_from(b, agent)) for agent in b.agents]
    for book in wanting:
        fit = [a for a, whence in there if whence is not None
               and may_serve(b, a, whence, book, b.now_ms)]  # fmt: skip
        if not may_be_patient(b, book, b.now_ms):
            fit = fit[KEPT_FREE:] if is_spare(b, book) else fit
            assert not fit, f"{book.offered.call} waits while {fit} could be rung"


def _nobody_hears_silence(b: Books) -> None:
    """Whoever is on an answered line is at the music or with somebody (design, behaviour 4)."""
    for key, book in b.living.items():
        caller = book.offered.leg
        if caller not in b.live_legs:
            continue
        if caller in b.let_go or book.released or book.asked_to_rate:
            continue
        room = b.whereabouts.get(caller)
        if room is None or key not in room:
            continue  # 180, or the music
        others = [
            leg for leg, there in b.whereabouts.items()
            if there == room and leg != caller and leg not in b.let_go
        ]  # fmt: skip
        assert others, f"the caller of {key} is alone in {room}"


def _one_winner(b: Books) -> None:
    for book in b.living.values():
        assert book.open or not book.ringing, f"{book.offered.call} rings on for nobody"


def _marks_are_made(b: Books) -> None:
    """T14: when the promise is over, and when a person must know."""
    for book in b.living.values():
        served = book.queue is None or book.with_machine
        if not book.caller_gone and not served:
            queue = queue_of(b, book)
            waited_ms = b.now_ms - book.offered.arrived_ms
            if not book.answered and not book.handed_over and waited_ms >= queue.promise_ms:
                assert book.broken, f"{book.offered.call}: the promise is over, nothing said"
            alone_ms = b.now_ms - book.alone_since_ms
            if book.talking is None and not book.handed_over and alone_ms >= queue.incident_ms:
                assert book.incident, f"{book.offered.call} is alone, and nobody told"


def _notes_are_under_way(b: Books) -> None:
    for agent in b.wrapping:
        assert b.agents[agent].now in ("wrap_up", "offered"), f"{agent} has notes open"


def all_is_over(b: Books) -> None:
    """After the calm phase: everything has come to its end."""
    for call, book in b.calls.items():
        assert book.ended is not None, f"{call} never ended"
    assert not b.asking, "a wish to go was never answered"
    assert not b.offers, "an offer never ended"
    assert not any(b.legs_on.values()), "a phone is still held"
    assert not b.live_legs
    for agent, last in b.agents.items():
        assert last.now not in ("reserved", "offered", "talking", "wrap_up"), (
            f"{agent} is {last.now}"
        )
        if last.now != "logged_out":
            assert last.seat in b.phones_of, f"{agent} sits at {last.seat}"
