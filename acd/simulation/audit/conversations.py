"""A conversation: one agent at a time, holds and transfers that end, words that hold."""

from acd.core.directory import EntryKind
from acd.core.events import Heard
from acd.core.facts import (
    CallAnswered,
    CallDisposed,
    CallerResponded,
    CallHeld,
    CallRated,
    CallResumed,
    CaseNoted,
    NoResponseFlagged,
    RatingAsked,
    ResponseNoted,
    TransferEnded,
    TransferStarted,
)
from acd.core.scripts import RATINGS
from acd.core.state import Effect
from acd.simulation.audit.books import Books, hold_over

WINDOW_MS = 3_000


def talk(b: Books, fact: Effect) -> None:
    """What goes on in a conversation, and what is said of it."""
    match fact:
        case CallAnswered():
            book = b.calls[fact.call]
            assert book.talking is None, f"{fact.call}: {book.talking} and {fact.agent}"
            assert not book.caller_gone
            assert fact.wait_ms == fact.at_ms - book.offered.arrived_ms
            assert fact.again == (book.answered > 0)
            book.talking = fact.agent
            book.answered += 1
        case CallHeld():
            book = b.calls[fact.call]
            assert book.talking is not None and book.held_at_ms is None
            book.held_at_ms = fact.at_ms
        case CallResumed():
            book = b.calls[fact.call]
            assert book.held_at_ms is not None and not book.caller_gone
            assert fact.hold_ms == fact.at_ms - book.held_at_ms
            hold_over(b, book)
        case TransferStarted():
            book = b.calls[fact.call]
            assert book.transfer is None, "two transfers at once"
            assert not book.open and not book.caller_gone, "nobody talks with the caller"
            book.transfer = fact
        case TransferEnded():
            book = b.calls[fact.call]
            begun, book.transfer = book.transfer, None
            assert begun is not None and (begun.by, begun.number) == (fact.by, fact.number)
            assert fact.after_ms == fact.at_ms - begun.at_ms
            book.queue = fact.queue or book.queue
        case CaseNoted():
            _case(b, fact)
        case CallDisposed():
            b.calls[fact.call].disposed = fact.disposition
        case ResponseNoted():
            book = b.calls[fact.call]
            book.responds, book.flagged = fact.responds, not fact.responds
        case CallerResponded():
            book = b.calls[fact.call]
            assert b.sounds[book.offered.leg] is Heard.SPEECH, "nobody spoke"
        case NoResponseFlagged():
            _flagged(b, fact)
        case RatingAsked():
            book = b.calls[fact.call]
            assert book.answered and not book.caller_gone and not book.asked_to_rate
            assert book.offered.kind is EntryKind.ENQUIRY, "nobody rates an emergency (C28)"
            hold_over(b, book)
            book.asked_to_rate = book.with_machine = True
        case CallRated():
            book = b.calls[fact.call]
            assert book.asked_to_rate and not book.rated and not book.caller_gone
            assert fact.rating in RATINGS[fact.scale], "a word of another scale (C04)"
            book.rated = True
        case _:
            pass


def _case(b: Books, noted: CaseNoted) -> None:
    """E45: a call that is about an open case goes before everybody else in its line."""
    case = noted.case
    if noted.call is not None:
        assert noted.call in case.calls
        b.calls[noted.call].of_case = case
    for key in case.calls:
        if key in b.calls and b.calls[key].of_case is not None:
            b.calls[key].of_case = case


def _flagged(b: Books, fact: NoResponseFlagged) -> None:
    """E33: not before both windows, never after an outcome, and nobody is let go for it whom
    nothing judges or who is known."""
    book = b.calls[fact.call]
    assert not book.caller_gone and not book.disposed
    assert fact.at_ms - fact.arrived_ms >= 2 * WINDOW_MS
    kept = fact.kind is EntryKind.EMERGENCY or book.offered.terminal is not None
    assert kept or fact.heard is not None
    book.responds, book.flagged = None, True
