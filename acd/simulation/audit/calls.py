"""A call from its arrival to its end: one outcome, the right one, and no time lost in between."""

from acd.core.directory import EntryKind
from acd.core.events import Steer
from acd.core.facts import (
    CallEnded,
    CallOffered,
    CallQueued,
    CallReleased,
    CallRequeued,
    CallSteered,
    IncidentOpened,
    LegEnded,
    MenuAnswered,
    Outcome,
    PromiseBroken,
    ReplyKind,
    ReplyOwed,
    Response,
)
from acd.core.scripts import Then
from acd.core.state import Effect
from acd.simulation.audit.books import Books, CallBook, hold_over, leg_gone


def enter_and_leave(b: Books, fact: Effect) -> None:
    """What came in, where it waits, how it ended."""
    match fact:
        case CallOffered():
            _offered(b, fact)
        case CallQueued():
            book = b.calls[fact.call]
            assert book.with_machine and not book.queued and not book.caller_gone
            assert fact.queue in b.queues
            book.queue, book.with_machine, book.queued, book.open = (
                fact.queue, False, True, True,
            )  # fmt: skip
        case MenuAnswered():
            book = b.calls[fact.call]
            assert book.with_machine and not book.caller_gone
            assert book.offered.kind is not EntryKind.EMERGENCY, "a menu in an emergency"
            book.informed = book.informed or fact.then in (Then.INFORMATION, Then.TASK)
        case ReplyOwed():
            _reply_owed(b, fact)
        case CallRequeued():
            book = b.calls[fact.call]
            if book.talking is not None:
                book.alone_since_ms, book.incident = fact.at_ms, False
            book.talking = None
            hold_over(b, book)
            book.open = not book.caller_gone
        case CallSteered():
            book = b.calls[fact.call]
            assert book.open and not book.caller_gone, f"{fact.call} does not wait"
            book.raised = book.raised or fact.action is Steer.RAISE
            if fact.action is Steer.MOVE:
                book.queue = fact.queue
        case PromiseBroken():
            book = b.calls[fact.call]
            assert not book.broken, "broken twice"
            assert not book.answered and not book.caller_gone
            book.broken = True
        case IncidentOpened():
            book = b.calls[fact.call]
            assert not book.incident, "one incident for one time alone"
            assert book.talking is None and not book.caller_gone
            assert fact.waited_ms == fact.at_ms - book.alone_since_ms
            book.incident = True
        case CallReleased():
            _released(b, fact)
        case LegEnded():
            b.ended_legs[fact.leg] += 1
            assert b.ended_legs[fact.leg] == 1, "a leg ended twice"
            for line in b.lines.values():
                if line.lent == fact.leg:
                    line.lent = None
            if fact.leg in b.clearing:
                leg_gone(b, fact.leg, lost=False)
        case CallEnded():
            _call_ended(b, fact)
        case _:
            pass


def _offered(b: Books, fact: CallOffered) -> None:
    assert fact.call not in b.calls, "offered twice"
    menu = b.entries.get(fact.called, False) and fact.queue is not None
    b.calls[fact.call] = b.living[fact.call] = CallBook(
        fact,
        queue=fact.queue,
        with_machine=menu,
        queued=fact.queue is not None and not menu,
        order=len(b.calls),
        open=fact.queue is not None and not menu,
        alone_since_ms=fact.arrived_ms,
    )


def _released(b: Books, fact: CallReleased) -> None:
    book = b.calls[fact.call]
    assert not book.caller_gone and (book.answered or book.with_machine)
    assert book.disposed or book.offered.kind is not EntryKind.EMERGENCY
    known = book.offered.terminal is not None and not book.with_machine
    assert book.disposed or not (book.flagged and known), "let go in silence (C05)"
    hold_over(b, book)
    book.released = True


def _reply_owed(b: Books, owed: ReplyOwed) -> None:
    """V06, V11: what a caller was promised has a deadline ahead and keeps their place."""
    book = b.calls[owed.call]
    assert owed.due_ms > owed.at_ms
    assert owed.place_ms == book.offered.arrived_ms
    if owed.about == "system failure":
        return
    assert book.offered.kind is not EntryKind.EMERGENCY, "an emergency was put off"
    book.open, book.with_machine = False, True
    book.chose = {
        ReplyKind.MESSAGE: Outcome.VOICEMAIL,
        ReplyKind.CALLBACK: Outcome.CALLBACK,
        ReplyKind.TASK: Outcome.SELF_SERVED,
    }[owed.kind]


def _call_ended(b: Books, ended: CallEnded) -> None:
    """K04: a call has one outcome; ``all_is_over`` looks for calls that have none."""
    book = b.calls[ended.call]
    assert book.ended is None, "two outcomes"
    assert book.caller_gone or book.handed_over, "ended while the caller is there"
    assert not book.ringing, "ended with an offer open"
    assert ended.offers == book.offers
    assert ended.outcome is _right_outcome(b, book)
    assert (ended.answered_ms is not None) == (book.answered > 0)
    assert ended.wait_ms >= 0 and ended.talk_ms >= 0 and ended.ring_ms >= 0
    assert book.transfer is None, "a transfer that never ended"
    assert ended.hold_ms == book.hold_ms, f"{book} {ended}"
    assert ended.queue == book.offered.queue
    _right_response(b, book, ended.response)
    assert book.rooms["close"] >= book.queued, "a room left"
    assert book.rooms["close"] <= book.rooms["open"], "a room closed twice"
    book.ended = ended
    del b.living[ended.call]
    book.open = False
    book.talking = None


def _right_outcome(b: Books, book: CallBook) -> Outcome:
    if book.answered:
        return Outcome.ANSWERED
    if book.chose is not None:
        return book.chose
    if book.handed_over:
        return Outcome.FALLBACK
    if book.with_machine and book.informed:
        return Outcome.SELF_SERVED
    if book.queue is None:
        return Outcome.REFUSED
    return Outcome.LOST if book.lost else Outcome.ABANDONED


def _right_response(b: Books, book: CallBook, response: Response | None) -> None:
    """E33: an emergency that was answered is without response unless an agent has said
    otherwise, or how it went."""
    if book.offered.kind is not EntryKind.EMERGENCY or not book.answered or book.handed_over:
        return
    responded = book.disposed != "no response" if book.disposed else book.responds
    assert response is (Response.RESPONDED if responded else Response.NO_RESPONSE)
