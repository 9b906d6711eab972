"""When nobody responds: the elder is called back, then contacts are called, then people are told.

Whoever is owed a callback from an emergency is called twice at once (E34).  After the first call
that comes to nothing a case is open and all contacts are called at the same time (C06, E39); after
the second the agent who called is A, and the elder is redialled without pause (E35, E37).  When no
contact was reached in one round, to send 110 falls to A, and after 30 s to the shift leader (E36,
E40): no robot ever calls it.

A contact is called as any other callback is, but by the machine first: whoever picks up hears what
it is about and presses 1, and is then a caller who waits before everybody else; who presses nothing
was not reached (C17).

A line that is busy is no attempt (C24): it may be the elder calling us.  Who has not done so by the
time of the next call may have a fallen handset (T26), and their contacts are called as well (C06).

What no operator carries, or nobody has placed, is no attempt either: nobody can say that the elder
does not respond.  When that is so at the deadline, it is people's: a case is open, the contacts are
called as far as they can be, and to send 110 is owed (decision 29).
"""

from acd.core.directory import EntryKind
from acd.core.emergency import cases, chasers, response
from acd.core.emergency.case import Case
from acd.core.entities import Call
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import CaseId, ObligationId
from acd.core.outside import outbound, trunks
from acd.core.state import State
from acd.core.tables import ObligationState

CONTACT_MS = 60_000
"""A contact who was not reached by then is for people to find."""

CALLBACKS = 2
"""After so many calls without a response the A/B procedure begins (E35)."""


def call_contacts(s: State, case: Case) -> None:
    """Have every contact called, at once and again until somebody is reached."""
    numbers = dict.fromkeys(one.number for one in case.contacts if one.number != case.number)
    # One of our agents, say: that contact is a person's to ask.
    callable_ = [one for one in numbers if not outbound.is_never_called(s, one)]
    if not callable_ or not trunks.answers_any(s):
        chasers.to_send_police(s, case)
    for number in numbers:
        cases.concerns(s, case, number)
        if not chasers.is_owed(s, case, OwedFor.CONTACT, number):
            chasers.owe(
                s, case, OwedFor.CONTACT, s.now + CONTACT_MS,
                kind=ObligationKind.CALLBACK, number=number,
            )  # fmt: skip


def placed_over(s: State, call: Call) -> None:
    """A call is over: go on with what its end asks for."""
    placed = call.placed
    if placed is None:
        _called_us(s, call)
        return
    if call.kind is not EntryKind.EMERGENCY:
        return
    reached = response.has_talked(call)
    owed = None if placed.obligation is None else s.obligations.get(placed.obligation)
    case = cases.of_call(s, call.id) or cases.find(s, placed.number)
    if case is not None and reached and placed.number != case.number:
        _contact_reached(s, case, placed.number)
    elif owed is not None and not reached and owed.state is ObligationState.OWED:
        if owed.why is OwedFor.CONTACT:
            _round_over(s, owed.case)
        elif owed.kind is ObligationKind.CALLBACK:
            _not_reached(s, owed, case, call)
            _not_called(s, owed)


def fell_due(s: State, key: ObligationId) -> None:
    """The moment of the next attempt has come.  Whoever was busy has not called us meanwhile, else
    somebody would be at it: their contacts are called (C06, E39)."""
    obligations.fell_due(s, key)
    owed = s.obligations[key]
    if owed.why is OwedFor.CONTACT or owed.kind is not ObligationKind.CALLBACK:
        return
    if owed.is_emergency and owed.busy == 1 and owed.attempts == 0:
        _to_contacts(s, owed)


def _to_contacts(s: State, owed: Obligation) -> None:
    """Have the elder's contacts called, in the elder's own case."""
    case = _case_of(s, owed, cases.find(s, owed.number), None)
    if not case.is_settled:
        call_contacts(s, case)


def _case_of(s: State, owed: Obligation, case: Case | None, call: Call | None) -> Case:
    """Return the case of whoever is called back, which is open from now on if it was not: ``case``
    may be that of somebody whose contact they are."""
    if case is None or case.number != owed.number:
        case = cases.open_for(s, owed, call)
        chasers.opened(s, case)
    return case


def escalated(s: State, key: ObligationId) -> None:
    """A deadline is over.  Of what was to be done by calls, people have to do what people can."""
    obligations.escalate(s, key)
    owed = s.obligations[key]
    if owed.kind is not ObligationKind.CALLBACK:
        return
    if owed.why is not OwedFor.CONTACT:
        _not_called(s, owed)
    elif owed.level == 1:
        _round_over(s, owed.case)


def _not_called(s: State, owed: Obligation) -> None:
    """An emergency's callback is late and no call of ours has got as far as the elder's telephone:
    no operator, no Asterisk, or whoever should have called gave it up."""
    tried = owed.attempts or owed.busy or owed.unmade
    at_it = owed.state is ObligationState.WORKED or owed.number in s.dialled
    if owed.is_emergency and owed.late and not tried and not at_it and owed.queue is not None:
        obligations.note_unmade(s, owed)
        _to_contacts(s, owed)


def _called_us(s: State, call: Call) -> None:
    """Whom we could not reach has called us: a contact with whom an agent has talked is reached,
    whoever has called whom (E29, E36)."""
    case = cases.of_call(s, call.id)
    talked = case is not None and response.has_talked(call)
    if not talked or case is None or call.caller is None or call.caller == case.number:
        return
    if any(one.number == call.caller for one in case.contacts):
        _contact_reached(s, case, call.caller)


def _not_reached(s: State, owed: Obligation, case: Case | None, call: Call) -> None:
    """The elder was called, and nobody has responded."""
    if owed.attempts == 0:
        return  # busy, or nobody's fault: no attempt (C24)
    case = _case_of(s, owed, case, call)
    if owed.attempts == 1 and not (owed.busy and case.reached):
        call_contacts(s, case)
    elif owed.attempts == CALLBACKS:
        agent = call.agent or call.first_agent
        cases.change(
            s, case, "two callbacks without response", by=agent, call=call,
            a=case.a or agent, owner=case.owner or agent,
        )  # fmt: skip


def _contact_reached(s: State, case: Case, number: str) -> None:
    """An agent has talked with a contact: the others need not be called any more."""
    if number not in case.reached:
        case = cases.note_contact(s, case, number, "reached")
    chasers.contact_reached(s, case, number)
    for owed in chasers.of(s, case.id):
        if owed.why is OwedFor.CONTACT and owed.working is None:
            obligations.fulfil(s, owed, Closing.NOT_NEEDED)


def _round_over(s: State, key: CaseId | None) -> None:
    """One contact was not reached: when that is so of all, people have to send somebody."""
    case = None if key is None else s.cases.get(key)
    if case is None or case.is_settled or case.reached:
        return
    owed = [
        one for one in chasers.of(s, case.id)
        if one.why is OwedFor.CONTACT and one.kind is ObligationKind.CALLBACK
    ]  # fmt: skip
    if all(one.attempts or one.busy or one.late for one in owed):
        chasers.to_send_police(s, case)
