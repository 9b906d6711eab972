"""What people do with a case from outside its conversation: the form, the outcome, the end, and who
answers for it.

No case is closed without an outcome, nor while anything but the report and the revisit is still
owed for it.  That nobody was sent to somebody who did not respond is no one person's to say: a
second one agrees, and until then the case stays open and the first is free.
"""

from collections.abc import Callable

from acd.core.asks import refuse_for
from acd.core.call_control.marks import CARED_FOR, DISPOSITIONS, NUISANCE
from acd.core.directory import RescueService, Role
from acd.core.emergency import agreement, cases, chasers, guidance, response, roles
from acd.core.emergency.case import Case
from acd.core.entities import Call
from acd.core.events import CaseAction, CaseRequested
from acd.core.follow_up import callbacks
from acd.core.follow_up.owed import OwedFor
from acd.core.replies import Done, Refusal, Refused, Reply
from acd.core.state import State
from acd.core.tables import CallState, CaseMove, CaseState

AFTERWARDS = (
    OwedFor.REPORT, OwedFor.REVISIT, OwedFor.LEADER, OwedFor.FILE, OwedFor.HAND_OVER,
)  # fmt: skip
"""What may still be owed for an emergency when it is to be closed."""


def requested(s: State, event: CaseRequested) -> None:
    """A person does something with a case."""
    s.emit(_answer(s, event))


def _answer(s: State, event: CaseRequested) -> Reply:
    case = s.cases.get(event.case)
    if case is None:
        sentence = f"There is no open case {event.case}."
        return _refused(s, event, Refusal.UNKNOWN_CASE, sentence)
    if event.agent not in s.agents:
        sentence = f"There is no agent {event.agent}."
        return _refused(s, event, Refusal.UNKNOWN_AGENT, sentence)
    return _ACTIONS[event.action](s, event, case)


def _form(s: State, event: CaseRequested, case: Case) -> Reply:
    if event.form is None:
        return _refused(s, event, Refusal.NO_REASON, "There is nothing in the form.")
    cases.change(s, case, "form", by=event.agent, form=event.form)
    return Done(event.request, case.state)


def _car_sent(s: State, event: CaseRequested, case: Case) -> Reply:
    case = cases.change(s, case, "car sent", by=event.agent, car_ms=s.now)
    chasers.car_sent(s, case)
    return Done(event.request, case.state)


def _outcome(s: State, event: CaseRequested, case: Case) -> Reply:
    known = tuple(DISPOSITIONS.values())
    if event.outcome not in known:
        sentence = f"There is no outcome {event.outcome!r}; there are {', '.join(known)}."
        return _refused(s, event, Refusal.UNKNOWN_OUTCOME, sentence)
    if event.outcome == NUISANCE and case.terminal is not None:
        return _refused(s, event, Refusal.KNOWN_TERMINAL, CARED_FOR)
    case = cases.change(s, case, f"outcome {event.outcome}", by=event.agent, outcome=event.outcome)
    for call in cases.live(s, case):
        call.settled = event.outcome != response.SAID_SILENT
    return Done(event.request, case.state)


def _close(s: State, event: CaseRequested, case: Case) -> Reply:
    if case.outcome is None:
        sentence = "Say first how it went: no case ends without an outcome."
        return _refused(s, event, Refusal.NO_OUTCOME, sentence)
    owed = [one.why.value for one in chasers.of(s, case.id) if one.why not in AFTERWARDS]
    if owed:
        sentence = f"Still owed: {', '.join(owed)}. Do it, or end it with a reason."
        return _refused(s, event, Refusal.STILL_OWED, sentence)
    undone = guidance.blocking(case)
    if undone:
        sentence = f"Not done yet: {', '.join(undone)}. Do it, or say that it was done."
        return _refused(s, event, Refusal.STEP_MISSING, sentence)
    if case.state is CaseState.UNCONFIRMED:
        return Done(event.request, case.state)
    if case.needs_agreement:
        case = cases.change(
            s, case, "agreement asked", by=event.agent, move=CaseMove.AGREEMENT_ASKED,
            reason=event.reason, closed_by=event.agent,
        )  # fmt: skip
        agreement.ask(s, case)
        return Done(event.request, case.state, asked=True)
    case = cases.change(
        s, case, "closed", by=event.agent, move=CaseMove.CLOSED,
        reason=event.reason, closed_by=event.agent, closed_ms=s.now,
    )  # fmt: skip
    roles.case_closed(s, case)
    callbacks.case_closed(s, case)
    return Done(event.request, case.state)


def _hand_over(s: State, event: CaseRequested, case: Case) -> Reply:
    if event.to is None or event.to not in s.agents:
        sentence = f"There is no agent {event.to}."
        return _refused(s, event, Refusal.UNKNOWN_AGENT, sentence)
    if event.role is None:
        return _refused(s, event, Refusal.NO_REASON, "Which role: a or b?")
    if event.to in (case.a, case.b):
        sentence = f"Agent {event.to} is in this case."
        return _refused(s, event, Refusal.YOURSELF, sentence)
    call = _talking(s, case)
    if call is None:
        sentence = f"Nobody talks in case {case.id} now: assign it instead."
        return _refused(s, event, Refusal.NO_CONVERSATION, sentence)
    if not roles.hand_over(s, call, event.role, event.to):
        sentence = f"Somebody is being rung to be {event.role} already."
        return _refused(s, event, Refusal.TRANSFER_UNDER_WAY, sentence)
    return Done(event.request, case.state, call=call.id)


def _assign(s: State, event: CaseRequested, case: Case) -> Reply:
    """Give it into somebody's hands, as at the end of a shift; the owner stays who they are."""
    if event.to is None or event.to not in s.agents:
        sentence = f"There is no agent {event.to}."
        return _refused(s, event, Refusal.UNKNOWN_AGENT, sentence)
    case = cases.change(s, case, "assigned", by=event.agent, assignee=event.to)
    chasers.assigned(s, case)
    return Done(event.request, case.state)


def _guide(s: State, event: CaseRequested, case: Case) -> Reply:
    script = s.guidance.get(event.script or "")
    if script is None:
        known = ", ".join(s.guidance) or "none"
        sentence = f"There is no script {event.script}; there are {known}."
        return _refused(s, event, Refusal.UNKNOWN_SCRIPT, sentence)
    if all(one.id != script.id for one in case.guides):
        guides = (*case.guides, script)
        cases.change(s, case, f"guide {script.id}", by=event.agent, guides=guides)
    return Done(event.request, case.state)


def _step(s: State, event: CaseRequested, case: Case) -> Reply:
    script, step = event.script or "", event.step or ""
    found = guidance.find(case, script, step)
    if found is None:
        sentence = f"The case has no step {script}/{step}."
        return _refused(s, event, Refusal.UNKNOWN_STEP, sentence)
    undoes = event.action is CaseAction.UNDO_STEP
    if undoes and found.done_ms is not None and guidance.is_shown(case, found):
        sentence = f"Step {script}/{step} is shown to be done by {found.sign}: change that first."
        return _refused(s, event, Refusal.STEP_SHOWN, sentence)
    if undoes and found.done_ms is not None:
        guides = guidance.unmarked(case, script, step)
        cases.change(s, case, f"undone {script}/{step}", by=event.agent, guides=guides)
    elif not undoes and found.done_ms is None:
        guides = guidance.marked(s, case, script, step, event.agent)
        cases.change(s, case, f"step {script}/{step}", by=event.agent, guides=guides)
    return Done(event.request, case.state)


def _summary(s: State, event: CaseRequested, case: Case) -> Reply:
    summary = (event.summary or "").strip()
    if not summary:
        return _refused(s, event, Refusal.NO_REASON, "There is nothing in the summary.")
    cases.change(s, case, "summary", by=event.agent, summary=summary)
    return Done(event.request, case.state)


def _seen(s: State, event: CaseRequested, case: Case) -> Reply:
    if s.agents[event.agent].profile.role is not Role.SUPERVISOR:
        sentence = f"Agent {event.agent} is no supervisor: it is for one to look at the case."
        return _refused(s, event, Refusal.NOT_A_SUPERVISOR, sentence)
    if case.seen_by is None:
        cases.change(s, case, "seen", by=event.agent)
    return Done(event.request, case.state)


def _called_before(s: State, event: CaseRequested, case: Case) -> Reply:
    """The terminal has dialled 120 by itself: it counts as called, and is asked as if we had."""
    service = event.service
    if service is None:
        return _refused(s, event, Refusal.NO_REASON, "Which service: medical, police or fire?")
    if service not in case.services:
        case = cases.change(
            s, case, f"{service} called before", by=event.agent,
            services=(*case.services, service), called_before=(*case.called_before, service),
        )  # fmt: skip
        chasers.service_reached(s, case, service, _rescue_number(s, case, service))
    return Done(event.request, case.state)


def _rescue_number(s: State, case: Case, service: RescueService) -> str | None:
    """Return what an agent of ours would have dialled."""
    area = s.areas.get(case.area) if case.area is not None else next(iter(s.areas.values()), None)
    listed = () if area is None else area.rescue
    return next((one.number for one in listed if one.service is service), None)


def _talking(s: State, case: Case) -> Call | None:
    return next((one for one in cases.live(s, case) if one.state is CallState.TALKING), None)


def _refused(s: State, event: CaseRequested, refusal: Refusal, sentence: str) -> Refused:
    return refuse_for(s, event.request, event.agent, refusal, sentence)


_ACTIONS: dict[CaseAction, Callable[[State, CaseRequested, Case], Reply]] = {
    CaseAction.FORM: _form,
    CaseAction.CAR_SENT: _car_sent,
    CaseAction.OUTCOME: _outcome,
    CaseAction.CLOSE: _close,
    CaseAction.AGREE: agreement.answer,
    CaseAction.DISAGREE: agreement.answer,
    CaseAction.HAND_OVER: _hand_over,
    CaseAction.ASSIGN: _assign,
    CaseAction.GUIDE: _guide,
    CaseAction.STEP: _step,
    CaseAction.UNDO_STEP: _step,
    CaseAction.SUMMARY: _summary,
    CaseAction.SEEN: _seen,
    CaseAction.CALLED_BEFORE: _called_before,
}
