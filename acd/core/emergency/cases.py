"""Cases: how one is opened, which calls belong to it, and how every change of it is told.

A call from any number that an open case is about joins that case (E45), and goes before everybody
else in its line.  What the same terminal has called in the minutes before, and whatever else comes
from its number just now, is the same matter: ten calls in a minute are one case.  Every change is a
fact that holds the whole case.
"""

from msgspec import structs

from acd.core.directory import EntryKind, Role
from acd.core.emergency import chasers, guidance
from acd.core.emergency.case import Case, CaseOrigin, CaseRole
from acd.core.entities import Call, Preference, Scene
from acd.core.events import CaseRestored
from acd.core.facts import CaseNoted
from acd.core.follow_up.owed import Obligation
from acd.core.ids import AgentId, CallId, CaseId, QueueId
from acd.core.queueing import preferences, waiting
from acd.core.state import State
from acd.core.tables import CASE, CallState, CaseMove, CaseState, Ignore

PREFERRED = "case"
"""Why agent A of a case is rung first for whoever calls about it."""


def of(s: State, call: Call) -> Case | None:
    """Return the open case that the call belongs to."""
    return None if call.scene is None else s.cases.get(call.scene.case)


def find(s: State, number: str | None) -> Case | None:
    """Return the open case that a normalised number is about."""
    key = None if number is None else s.case_of.get(number)
    return None if key is None else s.cases[key]


def of_call(s: State, key: CallId) -> Case | None:
    """Return the open case that a call belongs to, or belonged to before it was over."""
    return next((case for case in s.cases.values() if key in case.calls), None)


def meant(s: State, call: Call) -> Case | None:
    """Return the open case for which we make a call; else the one that its number is about.  One
    contact may be that of several elders."""
    placed = call.placed
    owed = None if placed is None or placed.obligation is None else placed.obligation
    case = None if owed is None or owed not in s.obligations else s.obligations[owed].case
    return find(s, call.caller) if case is None else s.cases.get(case)


def line_of(s: State, kind: EntryKind = EntryKind.EMERGENCY) -> QueueId | None:
    """Return the queue of a kind of entry, None where the directory has none."""
    kinds = (one for one in s.entries.values() if one.kind is kind)
    return next((one.queue for one in kinds), None)


def line_for(s: State, wanted: QueueId | None) -> QueueId | None:
    """Return this queue; when the directory has it no more the emergencies' queue, and any other
    rather than none."""
    return next((key for key in (wanted, line_of(s), *s.lines) if key in s.lines), None)


def queue_of(s: State, case: Case) -> QueueId:
    """Return the queue whose people serve a case, also when the directory has its own no more."""
    return line_for(s, case.queue) or case.queue


def open_(s: State, call: Call, origin: CaseOrigin, by: AgentId | None) -> Case:
    """Open a case for the call, which has none, or none any more."""
    assert call.queue is not None and of(s, call) is None
    case = Case(
        id=CaseId(f"{s.epoch}-c{s.next_number('case')}"),
        state=CaseState.OPEN,
        origin=origin,
        opened_ms=s.now,
        opened_by=by,
        # B has to be fit for emergencies, also where an enquiry turns out to be one (E48).
        queue=call.queue if call.kind is EntryKind.EMERGENCY else line_of(s) or call.queue,
        entry=call.called,
        number=call.caller,
        terminal=call.terminal,
        elders=call.elders,
        area=call.area,
        contacts=call.contacts,
        calls=(*preferences.recent_calls(s, call.contact), call.id),
        a=by,
        owner=by,
        no_response=call.is_without_response,
        outcome=call.disposition,
    )
    _enter(s, call, case.id)
    _keep(s, case, "opened", by, call)
    return _join_waiting(s, case)


def _enter(s: State, call: Call, case: CaseId) -> None:
    """The call is about the case from now on.  Whoever was called for one that is closed stays
    where they are."""
    if call.scene is None:
        call.scene = Scene(case=case)
    else:
        call.scene.case, call.scene.rounds = case, 0
    call.raised = True
    s.touched[call] = None


def _join_waiting(s: State, case: Case) -> Case:
    """Whoever calls from the elder's number just now calls about the case.  Who talks with an agent
    already is left to them: they may open the case too, and then come into it."""
    for key in tuple(s.calls_from.get(case.number or "", ())):
        call = s.calls[key]
        if call.scene is None and call.state in (CallState.WAITING, CallState.OFFERING):
            waiting.raise_(s, call)
            join(s, call, s.cases[case.id])
    return s.cases[case.id]


def restored(s: State, event: CaseRestored) -> None:
    """PostgreSQL had this one open when we started.  Its calls were in another life of ours; A and
    B are who they were.  Nobody knows any more which contacts had been called, so all of them call
    about the case."""
    case = event.case
    if case.id in s.cases or not case.is_open:
        s.ignored("a case that is here already", case.id)
        return
    _keep(s, case, "restored", None, None)
    for contact in case.contacts:
        concerns(s, case, contact.number)


def open_for(s: State, owed: Obligation, call: Call | None) -> Case:
    """Open a case for somebody who was called back and does not respond (E33); the call by which
    that became known belongs to it, though it is over."""
    assert owed.queue is not None
    case = Case(
        id=CaseId(f"{s.epoch}-c{s.next_number('case')}"),
        state=CaseState.OPEN,
        origin=CaseOrigin.NO_RESPONSE,
        opened_ms=s.now,
        opened_by=None,
        queue=owed.queue,
        entry=owed.entry,
        number=owed.number,
        terminal=owed.terminal,
        elders=owed.elders,
        area=owed.area,
        contacts=owed.contacts,
        calls=_matter(s, owed, call),
        owner=owed.owner,
        no_response=True,
    )
    _keep(s, case, "opened", None, None)
    return s.cases[case.id]


def _matter(s: State, owed: Obligation, call: Call | None) -> tuple[CallId, ...]:
    """Return the calls of whoever is called back in vain: theirs, and ours."""
    before = preferences.recent_calls(s, owed.terminal or owed.number)
    first = () if owed.call is None else (owed.call,)
    ours = () if call is None else (call.id,)
    return tuple(dict.fromkeys((*before, *first, *ours)))


def join(s: State, call: Call, case: Case) -> None:
    """The call is about an emergency that is known (E45): it goes before everybody else."""
    _enter(s, call, case.id)
    if case.a is not None:
        call.prefers.insert(0, Preference(PREFERRED, case.a, None))
    change(s, case, "another call", call=call, calls=(*case.calls, call.id))


def is_anothers(call: Call, case: Case) -> bool:
    """Tell whether whoever calls from a terminal of their own is here only because somebody has
    called them for a neighbour."""
    return call.terminal not in (None, case.terminal) and call.caller != case.number


def may_leave(call: Call, case: Case) -> bool:
    """Tell whether a call can be about another emergency after all: not while somebody is being
    called in it for the one that it is about."""
    return call.scene is not None and not call.scene.parties and is_anothers(call, case)


def leave(s: State, call: Call, case: Case) -> None:
    """The call is about another emergency after all."""
    nobody_wanted(s, call)
    call.scene = None
    call.prefers = [one for one in call.prefers if one.why != PREFERRED]
    others = tuple(key for key in case.calls if key != call.id)
    change(s, case, "a call is about another emergency", call=call, calls=others)


def change(
    s: State,
    case: Case,
    what: str,
    *,
    by: AgentId | None = None,
    call: Call | None = None,
    move: CaseMove = CaseMove.CHANGED,
    **changes: object,
) -> Case:
    """Change an open case, tell it, and return it as it is from now on."""
    state = CASE.after(case.state, move)
    assert not isinstance(state, Ignore)
    who = None if by is None else s.agents.get(by)
    if who is not None and case.seen_by is None and who.profile.role is Role.SUPERVISOR:
        changes["seen_by"] = by
    changed = structs.replace(case, state=state, **changes)
    _keep(s, changed, what, by, call)
    if changed.seen_by is not None and case.seen_by is None:
        chasers.seen(s, changed)
    elif not changed.is_open and changed.outcome in guidance.NEEDLESS:
        chasers.needless(s, changed)
    if not changed.is_open:
        chasers.closed(s, changed)
    return s.cases.get(case.id, changed)


def note_response(
    s: State, case: Case, *, responds: bool, by: AgentId | None = None, call: Call | None = None
) -> Case:
    """Somebody has responded, or nobody does (E33)."""
    what = "responds" if responds else "no response"
    return change(s, case, what, by=by, call=call, no_response=not responds)


def note_contact(
    s: State,
    case: Case,
    number: str,
    what: str,
    *,
    call: Call | None = None,
    by: AgentId | None = None,
) -> Case:
    """A contact was reached, or says that they can help: there is somebody to go there (E06)."""
    reached = case.reached if number in case.reached else (*case.reached, number)
    return change(s, case, f"contact {number} {what}", by=by, call=call, reached=reached)


def give(s: State, case: Case, role: CaseRole, to: AgentId | None, call: Call) -> Case:
    """Note who has a role from now on; None when nobody does.  The first A answers for the case to
    the end (W15)."""
    what = f"{role} {'gone' if to is None else 'taken'}"
    by = case.holder(role) if to is None else to
    if role is CaseRole.A:
        return change(s, case, what, by=by, call=call, a=to, owner=case.owner or to)
    return change(s, case, what, by=by, call=call, b=to)


def live(s: State, case: Case) -> list[Call]:
    """Return the calls of a case that go on, in their order."""
    return [s.calls[key] for key in case.calls if key in s.calls]


def concerns(s: State, case: Case, number: str) -> None:
    """Whoever calls from this number calls about the case."""
    s.case_of.setdefault(number, case.id)


def _has_contact(case: Case, number: str) -> bool:
    return any(one.number == number for one in case.contacts)


def call_over(s: State, call: Call) -> None:
    """A call of the case is over; the case is not."""
    if call.scene is not None:
        nobody_wanted(s, call)
        call.scene = None


def nobody_wanted(s: State, call: Call) -> None:
    """Nobody is looked for any more to be A or B."""
    assert call.scene is not None
    call.scene.wanted.clear()
    s.lacking.pop(call.id, None)
    s.timers.cancel(("role", call.id))


def _keep(s: State, case: Case, what: str, by: AgentId | None, call: Call | None) -> None:
    if case.is_open:
        case = guidance.followed(s, case, by)
    key = None if call is None else call.id
    s.emit(CaseNoted(at_ms=s.now, call=key, what=what, by=by, case=case))
    if case.is_open:
        s.cases[case.id] = case
        if case.number is not None:
            # Their own emergency comes before one that they are a contact of.
            s.case_of[case.number] = case.id
        return
    s.cases.pop(case.id, None)
    for number in [one for one, key in s.case_of.items() if key == case.id]:
        del s.case_of[number]
        for still in [one for one in s.cases.values() if _has_contact(one, number)]:
            concerns(s, still, number)
    for other in live(s, case):
        if other.scene is not None:
            nobody_wanted(s, other)
