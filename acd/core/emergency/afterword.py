"""What an agent says of a call that is over, while they write its notes.

A terminal clears at once when its elder hangs up, so the word often comes too late for *31 and
*20 in the conversation.  The same codes, dialled in wrap-up, are about the call whose notes are
being written, and the API takes the call's id for as long.  Nothing is owed any more then for want
of the word (E33).
"""

from acd.core.asks import refuse_for
from acd.core.call_control import marks
from acd.core.emergency import response
from acd.core.entities import Agent, WrapUp
from acd.core.events import Control, ControlRequested
from acd.core.facts import AfterwordNoted, RequestRefused, Response
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import Closing, OwedFor
from acd.core.ids import CallId, RequestId
from acd.core.replies import Done, Refusal, Reply
from acd.core.state import State
from acd.core.tables import ObligationState

RESPONSE_CODE, OUTCOME_CODE = "*31", "*20"

RESPONSE_NOTED = ("response-noted",)
OUTCOME_NOTED = ("outcome-noted",)
UNKNOWN_OUTCOME = ("refused-unknown-outcome",)
NOT_NOW = ("agent-refused-in-this-state",)

_WAITS = (ObligationState.OWED, ObligationState.DUE)

PROMPTS = (*RESPONSE_NOTED, *OUTCOME_NOTED, *UNKNOWN_OUTCOME, *NOT_NOW)
"""Every prompt this module can ask for; a test holds the prompt list to it."""


def requested(s: State, event: ControlRequested) -> Reply | None:
    """Take the word by the API; None when it is not about notes that are being written."""
    for agent in s.agents.values():
        notes = agent.wrap_up
        if notes is not None and notes.call == event.call and event.agent in (None, agent.id):
            return _take(s, event.request, agent, notes, event.action, event.digits)
    return None


def dialled(s: State, request: RequestId, agent: Agent, code: str) -> tuple[str, ...]:
    """Take the word by the phone; return the prompts that tell what came of it."""
    action = Control.RESPONDED if code == RESPONSE_CODE else Control.OUTCOME
    notes = agent.wrap_up
    if notes is None or notes.call in s.calls:
        s.emit(RequestRefused(at_ms=s.now, agent=agent.id, refusal=Refusal.NO_CONVERSATION))
        return NOT_NOW
    reply = _take(s, request, agent, notes, action, code.removeprefix(OUTCOME_CODE))
    if not isinstance(reply, Done):
        return UNKNOWN_OUTCOME
    return RESPONSE_NOTED if action is Control.RESPONDED else OUTCOME_NOTED


def is_code(code: str) -> bool:
    """Tell whether a dialled code is a word about a call."""
    return code == RESPONSE_CODE or code.startswith(OUTCOME_CODE)


def _take(
    s: State, request: RequestId, agent: Agent, notes: WrapUp, action: Control, digits: str
) -> Reply | None:
    if action is Control.RESPONDED:
        return _note(s, request, agent, notes, None)
    if action is not Control.OUTCOME:
        return None
    if digits not in marks.DISPOSITIONS:
        sentence = marks.unknown(digits)
        return refuse_for(s, request, agent.id, Refusal.UNKNOWN_OUTCOME, sentence)
    return _note(s, request, agent, notes, marks.DISPOSITIONS[digits])


def _note(
    s: State, request: RequestId, agent: Agent, notes: WrapUp, disposition: str | None
) -> Reply:
    silent = disposition == response.SAID_SILENT
    s.emit(
        AfterwordNoted(
            at_ms=s.now,
            call=notes.call,
            arrived_ms=notes.arrived_ms,
            agent=agent.id,
            response=Response.NO_RESPONSE if silent else Response.RESPONDED,
            disposition=disposition,
        )
    )
    if not silent:
        _callback_reached(s, notes)
        nothing_is_owed(s, notes.call)
    return Done(request, agent.state)


def _callback_reached(s: State, notes: WrapUp) -> None:
    """The call was ours, for something owed that was put back for want of the word."""
    owed = None if notes.obligation is None else s.obligations.get(notes.obligation)
    if owed is not None and owed.state in _WAITS:
        obligations.fulfil(s, owed, Closing.REACHED)


def nothing_is_owed(s: State, call: CallId) -> None:
    """Somebody has said how a call went that is over.  What is being called already goes on:
    somebody may be picking up."""
    for owed in tuple(s.obligations.values()):
        if owed.call == call and owed.why is OwedFor.SILENT and owed.state in _WAITS:
            obligations.fulfil(s, owed, Closing.DONE)
