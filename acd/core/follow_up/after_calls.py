"""What a call leaves owed when it is over, and what it has done of what was owed.

Whoever gave up, was cut off or has not responded is owed a callback: within 30 s on an emergency
entry, by the queue's limit on others, at the place of the original arrival.  A call from the same
number is the same matter: it takes the obligation over, and fulfils it when an agent has talked
with them.  A call of ours fulfils what it was placed for, or counts as one of the attempts.
"""

from itertools import islice

from msgspec import structs

from acd.core.directory import EntryKind
from acd.core.emergency import response
from acd.core.entities import Call
from acd.core.facts import Outcome, Response
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.queueing import lines
from acd.core.state import State
from acd.core.tables import ObligationState

EMERGENCY_REDIAL_MS = 60_000
"""After the attempts of ``obligations.EMERGENCY`` the elder is still redialled, while people do
what people can (E40)."""

BUSY_MS = 5_000
"""A busy line is tried again after this.  It may be the elder calling us: then it is a join."""

UNSAID_MS = 20_000
"""An emergency of which no agent has said that somebody responded, or how it went, is called back
after this: within the 30 s it has, and not before whoever writes the notes had time to say it."""

UNANSWERED = frozenset(
    {Outcome.ABANDONED, Outcome.LOST, Outcome.VOICEMAIL, Outcome.CALLBACK, Outcome.FALLBACK}
)
"""How a call ends that no agent has answered, and whose caller can still be reached (C02)."""


def note_caller(s: State, call: Call) -> None:
    """A call has come in."""
    if call.synthetic:
        return
    if call.caller is not None:
        s.calls_from.setdefault(call.caller, {})[call.id] = None
    elif call.called is not None:
        s.withheld.setdefault(call.called, {})[call.id] = None


def forget_caller(s: State, call: Call) -> None:
    """A call is over."""
    known = s.calls_from.get(call.caller or "")
    if known is not None and call.id in known:
        del known[call.id]
        # Whoever was held back behind it may be served now; of a flood's thousands nobody else.
        s.seeking_calls.update(dict.fromkeys(islice(known, lines.SAME_NUMBER_MAX)))
        if not known:
            del s.calls_from[call.caller or ""]
    if call.called is not None and call.id in (hidden := s.withheld.get(call.called, {})):
        del hidden[call.id]
        s.seeking_calls.update(dict.fromkeys(islice(hidden, lines.WITHHELD_MAX)))
        if not hidden:
            del s.withheld[call.called]


def call_over(s: State, call: Call) -> None:
    """A call that came in is over: it was served, or something is owed for it."""
    if call.synthetic or call.placed is not None:
        return
    contacts, owed = obligations.of_contact(s, call.caller), obligations.find(s, call.caller)
    promised = obligations.appointments(s, call.caller)
    has_kept = any(one.working == call.id for one in promised)
    for one in contacts:
        _called_over(s, call, one)
    for one in promised:
        _after_appointment(s, call, one)
    # A contact who gives up is called again as one; an elder who is one may need help themselves.
    why = _why(s, call) if not contacts or call.terminal is not None else None
    if owed is not None and why is not None and call.kind is not None:
        owed = obligations.raise_to(
            s, owed, call.kind, why=why, queue=call.queue, entry=call.called, call=call.id,
            terminal=call.terminal, elders=call.elders, area=call.area, contacts=call.contacts,
        )  # fmt: skip
    if owed is not None:
        _called_over(s, call, owed)
    elif why is not None and not has_kept:
        _owe_callback(s, call, why)


def _after_appointment(s: State, call: Call, owed: Obligation) -> None:
    """A call is over from a number that an appointment is due to.  Whoever reached the people of
    its queue, by whatever way, is not called again for it."""
    is_theirs = owed.queue == call.queue and owed.state is not ObligationState.WORKED
    if owed.working == call.id:
        _called_over(s, call, owed)
    elif is_theirs and _was_served(call):
        obligations.fulfil(s, owed, Closing.CALLED_AGAIN)


def _called_over(s: State, call: Call, owed: Obligation) -> None:
    """A call from a number that we owe one is over."""
    unanswered = owed.unanswered + (call.outcome in UNANSWERED)
    if owed.working != call.id:
        if unanswered > owed.unanswered:
            obligations.keep(s, structs.replace(owed, unanswered=unanswered), "called again")
    elif _is_done_by(s, owed, call):
        obligations.fulfil(s, owed, Closing.CALLED_AGAIN)
    elif _is_unsaid(s, call) and owed.why is not OwedFor.CONTACT:
        obligations.put_back(
            s, owed, s.now + UNSAID_MS, unanswered=unanswered, **_awaits_word(call)
        )
    else:
        obligations.put_back(s, owed, obligations.first_ms(s, owed), unanswered=unanswered)


def _owe_callback(s: State, call: Call, why: OwedFor) -> None:
    """Whoever called has to be called back."""
    assert call.kind is not None
    number = call.caller if call.caller is not None and call.caller.isdigit() else None
    if number is None and call.kind is not EntryKind.EMERGENCY:
        return
    owed = obligations.owe(
        s,
        # Nobody can be called whose number is not known: a person has to find out who it was.
        ObligationKind.CALLBACK if number is not None else ObligationKind.TASK,
        why,
        queue=call.queue,
        entry=call.called,
        entry_kind=call.kind,
        number=number,
        terminal=call.terminal,
        elders=call.elders,
        call=call.id,
        since_ms=call.since_ms,
        owner=call.first_agent,
        unanswered=int(call.outcome in UNANSWERED),
        first_after_ms=UNSAID_MS if _is_unsaid(s, call) else None,
        area=call.area,
        contacts=call.contacts,
    )
    # They may be on the line again already, before the last leg of this call was gone.
    again = next(iter(s.calls_from.get(number or "", ())), None)
    if again is not None and owed.state is ObligationState.OWED:
        obligations.take_up(s, owed, again, None)


def placed_over(s: State, call: Call) -> None:
    """Our call for an obligation is over: they were reached, or it is tried again, or people have
    to go on."""
    key = None if call.placed is None else call.placed.obligation
    owed = None if key is None else s.obligations.get(key)
    if owed is not None and obligations.is_with_person(owed):
        # Who has taken it up goes on: they know what came of the call.
        if _was_served(call):
            obligations.fulfil(s, owed, Closing.REACHED)
        return
    if owed is None or owed.working != call.id:
        return  # they have called us meanwhile, or a person has closed it
    if _was_served(call):
        obligations.fulfil(s, owed, Closing.REACHED)
        return
    policy = obligations.policy_of(s, owed.queue, owed.entry_kind)
    match call.outcome:
        case Outcome.BUSY:
            obligations.put_back(s, owed, s.now + BUSY_MS, busy=owed.busy + 1)
            return
        case Outcome.WITHDRAWN | Outcome.NO_TRUNK:
            obligations.put_back(s, owed, s.now + obligations.AGAIN_MS)
            return
        case _:
            attempts = owed.attempts + 1
    awaits = _awaits_word(call) if _is_unsaid(s, call) else {}
    least_ms = s.now + (UNSAID_MS if awaits else 0)
    if attempts < policy.attempts_max:
        again_ms = max(s.now + policy.spacing_ms, least_ms)
        obligations.put_back(s, owed, again_ms, attempts=attempts, **awaits)
        return
    redial_ms = max(s.now + _redial_ms(s, owed), least_ms) if owed.is_emergency else None
    obligations.put_back(s, owed, redial_ms, attempts=attempts, **awaits)
    if owed.level == 0:
        obligations.escalate(s, owed.id)


def _redial_ms(s: State, owed: Obligation) -> int:
    """F09: the elder, while a case is open and no help is there, without pause."""
    if owed.why is OwedFor.CONTACT:
        return EMERGENCY_REDIAL_MS
    key = None if owed.number is None else s.case_of.get(owed.number)
    return EMERGENCY_REDIAL_MS if key is None or s.cases[key].is_settled else BUSY_MS


def _is_unsaid(s: State, call: Call) -> bool:
    """Tell whether nothing but an agent's word is missing, which may come in the notes."""
    said = call.is_without_response or call.disposition is not None
    return not said and _why(s, call) is OwedFor.SILENT


def _awaits_word(call: Call) -> dict[str, object]:
    """What is owed is owed for want of the word about this call from now on; see ``afterword``."""
    return {"why": OwedFor.SILENT, "call": call.id}


def _is_done_by(s: State, owed: Obligation, call: Call) -> bool:
    """Tell whether an agent has talked with them of the matter: a contact of two elders calls about
    one of them."""
    if owed.why is not OwedFor.CONTACT:
        return _was_served(call)
    case = None if owed.case is None else s.cases.get(owed.case)
    return response.has_talked(call) and (case is None or call.id in case.calls)


def _was_served(call: Call) -> bool:
    """Tell whether the matter is done: somebody has responded to an agent, and was not cut off."""
    responded = response.response_of(call) is not Response.NO_RESPONSE
    return call.answered_ms is not None and (call.settled or (not call.dropped and responded))


def _why(s: State, call: Call) -> OwedFor | None:
    if call.queue is None or call.kind is None:
        return None  # the number they dialled means nothing here
    if call.settled:
        return None
    if call.dropped or call.outcome is Outcome.LOST:
        return OwedFor.DROPPED
    if call.outcome is not Outcome.ABANDONED:
        silent = response.response_of(call) is Response.NO_RESPONSE
        return OwedFor.SILENT if silent else None
    waited_ms = (s.now if call.left_ms is None else call.left_ms) - call.arrived_ms
    short_ms = obligations.policy_of(s, call.queue, call.kind).short_ms
    return OwedFor.ABANDONED if waited_ms >= short_ms else None
