"""What people ask for about obligations: to take one, give it to somebody, end it, or owe one; and
what they wrote down while nobody could be asked."""

from acd.core.asks import refuse_for
from acd.core.directory import EntryKind
from acd.core.emergency import cases
from acd.core.events import (
    CallbackRequested,
    ObligationAction,
    ObligationRequested,
    WrittenOffline,
)
from acd.core.follow_up import appointments, callbacks, obligations
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import RequestId
from acd.core.outside import outbound, toll
from acd.core.replies import Done, Refusal, Refused, Reply
from acd.core.state import State
from acd.core.tables import ObligationState


def obligation(s: State, event: ObligationRequested) -> None:
    """A person does something about an obligation."""
    s.emit(_answer(s, event))


def _answer(s: State, event: ObligationRequested) -> Reply:
    owed = s.obligations.get(event.obligation)
    if owed is None:
        sentence = f"There is no open obligation {event.obligation}."
        return _refused(s, event.request, Refusal.UNKNOWN_OBLIGATION, sentence)
    match event.action:
        case ObligationAction.DONE if owed.why is OwedFor.REPORT:
            sentence = f"Hand in the report of case {owed.case}, or close this with a reason."
            return _refused(s, event.request, Refusal.REPORT_MISSING, sentence)
        case ObligationAction.DONE if owed.why is OwedFor.REVISIT:
            return _revisited(s, event, owed)
        case ObligationAction.DONE:
            callbacks.stop(s, owed)
            obligations.fulfil(s, owed, Closing.DONE, event.reason)
            return Done(event.request, ObligationState.DONE)
        case ObligationAction.CLOSE if not (event.reason or "").strip():
            sentence = "Say why it is closed undone: somebody will ask."
            return _refused(s, event.request, Refusal.NO_REASON, sentence)
        case ObligationAction.CLOSE:
            callbacks.stop(s, owed)
            obligations.close(s, owed, event.reason or "")
            return Done(event.request, ObligationState.CLOSED)
        case ObligationAction.PUT_BACK:
            return _put_back(s, event, owed)
        case ObligationAction.ASSIGN | ObligationAction.TAKE:
            return _give(s, event, owed)


def _revisited(s: State, event: ObligationRequested, owed: Obligation) -> Reply:
    """A revisit has been made, and whoever made it says how the elder is (D26)."""
    summary = (event.reason or "").strip()
    if not summary:
        sentence = (
            "Write a summary of the revisit into reason: how the elder is, and what was agreed; "
            "or close this with a reason."
        )
        return _refused(s, event.request, Refusal.SUMMARY_MISSING, sentence)
    if event.agent is not None:
        if event.agent not in s.agents:
            sentence = f"There is no agent {event.agent}."
            return _refused(s, event.request, Refusal.UNKNOWN_AGENT, sentence)
        obligations.assign(s, owed, event.agent)
        owed = s.obligations[owed.id]
    obligations.fulfil(s, owed, Closing.DONE, summary)
    return Done(event.request, ObligationState.DONE)


def _give(s: State, event: ObligationRequested, owed: Obligation) -> Reply:
    if event.agent is None or event.agent not in s.agents:
        sentence = f"There is no agent {event.agent}."
        return _refused(s, event.request, Refusal.UNKNOWN_AGENT, sentence)
    if event.action is ObligationAction.ASSIGN:
        obligations.assign(s, owed, event.agent)
    elif owed.state is ObligationState.WORKED:
        sentence = f"It is being worked already, by {owed.assignee or 'a call'}."
        return _refused(s, event.request, Refusal.BUSY_WITH_CALL, sentence)
    else:
        obligations.take_up(s, owed, None, event.agent)
    return Done(event.request, s.obligations[owed.id].state)


def _put_back(s: State, event: ObligationRequested, owed: Obligation) -> Reply:
    if owed.state is not ObligationState.WORKED or owed.working is not None:
        sentence = f"It is {owed.state}: nobody has taken it who could put it back."
        return _refused(s, event.request, Refusal.NOT_TAKEN, sentence)
    again_ms = None
    if owed.kind is ObligationKind.CALLBACK:
        again_ms = obligations.first_ms(s, owed)
    obligations.put_back(s, owed, again_ms)
    return Done(event.request, ObligationState.OWED)


def callback(s: State, event: CallbackRequested) -> None:
    """Somebody has asked, elsewhere, to be called back, or an agent has promised a task."""
    s.emit(_owe(s, event))


def _owe(s: State, event: CallbackRequested) -> Reply:
    if event.queue not in s.lines:
        return _refused(
            s, event.request, Refusal.UNKNOWN_QUEUE, f"There is no queue {event.queue}."
        )
    number = outbound.check(s, event.number)
    if isinstance(number, outbound.NotDialled) and number.refusal is not Refusal.NUMBER_IN_CALL:
        return _refused(s, event.request, number.refusal, number.sentence)
    limit = toll.refused(s, event.number, by=None)
    if limit is not None:
        return _refused(s, event.request, limit.refusal, limit.sentence)
    kinds = [entry.kind for entry in s.entries.values() if entry.queue == event.queue]
    at_ms = None if event.appointment is None else event.appointment.at_ms
    if event.appointment is not None:
        wrong = appointments.refused(s, s.lines[event.queue].queue, kinds, event.appointment)
        if wrong is not None:
            return _refused(s, event.request, *wrong)
    owed = obligations.owe(
        s,
        ObligationKind.TASK if event.is_task else ObligationKind.CALLBACK,
        OwedFor.REVISIT if event.is_revisit else OwedFor.REQUESTED,
        queue=event.queue,
        entry_kind=kinds[0] if kinds else EntryKind.ENQUIRY,
        number=outbound.form(s, event.number),
        since_ms=at_ms or s.now,
        call=event.call,
        deadline_ms=None if event.within_ms is None else (at_ms or s.now) + event.within_ms,
        appointed_ms=at_ms,
        about=event.about,
    )
    return Done(event.request, owed.state)


def written_offline(s: State, event: WrittenOffline) -> None:
    """An agent wrote it down while we were away: it is theirs until somebody does it (D19, W15)."""
    kind = EntryKind.EMERGENCY if event.urgent else EntryKind.ENQUIRY
    obligations.owe(
        s,
        ObligationKind.TASK,
        OwedFor.OFFLINE,
        queue=cases.line_of(s, kind),
        entry_kind=kind,
        number=None if event.number is None else outbound.form(s, event.number),
        since_ms=min(event.written_ms, s.now),
        owner=event.agent if event.agent in s.agents else None,
        about=event.record,
    )


def _refused(s: State, request: RequestId, refusal: Refusal, sentence: str) -> Refused:
    return refuse_for(s, request, None, refusal, sentence)
