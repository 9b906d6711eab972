"""The guard of lines that stay up: an emergency's line may be held for as long as it takes, and so
one from which nobody responds, or that nobody is with, could be forgotten (C07).

After ``LINE_MS`` such a line is a supervisor's: it is owed to look into it, escalated at once, and
done when the line has ended.  Where somebody talks with the caller it is looked at again later.
"""

from acd.core import conversation, obligations
from acd.core.directory import EntryKind
from acd.core.entities import Call
from acd.core.ids import CallId
from acd.core.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.state import State
from acd.core.tables import CallState, LegState

LINE_MS = 600_000
"""Ten minutes: help is at most doors by then, and no conversation without a word lasts so long."""


def watch(s: State, call: Call) -> None:
    """Let the clock run as soon as the line of an emergency is up."""
    if call.kind is not EntryKind.EMERGENCY or ("line", call.id) in s.timers:
        return
    leg = s.legs.get(call.caller_leg)
    is_over = call.state in (CallState.ENDING, CallState.ENDED)
    if leg is not None and leg.state is LegState.UP and not is_over and not call.synthetic:
        s.timers.set(("line", call.id), s.now + LINE_MS)


def due(s: State, key: CallId) -> None:
    """The line has been up for long."""
    call = s.calls.get(key)
    if call is None or call.state is CallState.ENDING:
        return
    if _is_stuck(s, call) and _owed(s, key) is None:
        obligations.owe(
            s,
            ObligationKind.TASK,
            OwedFor.LINE_OPEN,
            queue=call.queue,
            entry=call.called,
            entry_kind=EntryKind.EMERGENCY,
            number=call.caller,
            terminal=call.terminal,
            elders=call.elders,
            call=call.id,
            since_ms=call.arrived_ms,
            owner=call.agent,
            deadline_ms=s.now,
            case=None if call.scene is None else call.scene.case,
        )


def over(s: State, call: Call) -> None:
    """The line has ended, or is the dialplan's: nobody has to look into it any more."""
    s.timers.cancel(("line", call.id))
    owed = _owed(s, call.id) if call.kind is EntryKind.EMERGENCY else None
    if owed is not None:
        obligations.fulfil(s, owed, Closing.NOT_NEEDED)


def _is_stuck(s: State, call: Call) -> bool:
    if call.settled or call.disposition is not None:
        return False
    alone = call.state is not CallState.TALKING or not conversation.company(s, call)
    return alone or call.is_without_response


def _owed(s: State, key: CallId) -> Obligation | None:
    found = (one for one in s.obligations.values() if one.call == key)
    return next((one for one in found if one.why is OwedFor.LINE_OPEN), None)
