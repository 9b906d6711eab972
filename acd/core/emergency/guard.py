"""The guard of lines that stay up: an emergency's line may be held for as long as it takes, and so
one from which nobody responds, or whose caller is on hold, could be forgotten (C07).

After ``LINE_MS`` such a line is a supervisor's: it is owed to look into it, escalated at once, and
done when the line has ended.  A line from which no packet comes is looked at after
``DEAD_LINE_MS``: it may be dead, and as long as it is up the terminal cannot be called.  Where
somebody talks with the caller it is looked at again later; who waits for an agent has an incident
long before (``waiting``).
"""

from acd.core.call_control import conversation
from acd.core.directory import EntryKind
from acd.core.entities import Call
from acd.core.events import Heard
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import CallId
from acd.core.state import State
from acd.core.tables import CallState

LINE_MS = 600_000
"""Ten minutes: help is at most doors by then, and no conversation without a word lasts so long."""

DEAD_LINE_MS = 60_000
"""By then an agent who was told that no sound comes has ended such a line, or knows why not."""

_TALKING, _EMERGENCY = CallState.TALKING, EntryKind.EMERGENCY


def watch(s: State, call: Call) -> None:
    """Let the clock run while an agent has the call of an emergency."""
    if call.state is not _TALKING or call.kind is not _EMERGENCY or call.synthetic:
        return
    if ("line", call.id) not in s.timers:
        s.timers.set(("line", call.id), s.now + LINE_MS)


def hurry(s: State, call: Call) -> None:
    """No packet comes from the caller: the line is looked at sooner."""
    if call.kind is _EMERGENCY and not call.synthetic and _owed(s, call.id) is None:
        s.timers.set(("line", call.id), s.now + DEAD_LINE_MS)


def due(s: State, key: CallId) -> None:
    """The line has been up for long."""
    call = s.calls.get(key)
    if call is not None and _is_stuck(s, call) and _owed(s, key) is None:
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
    if call.state is not CallState.TALKING or call.settled or call.disposition is not None:
        return False
    caller = s.legs.get(call.caller_leg)
    is_dead = caller is not None and caller.heard is Heard.NO_RTP
    return is_dead or call.is_without_response or not conversation.company(s, call)


def _owed(s: State, key: CallId) -> Obligation | None:
    found = (one for one in s.obligations.values() if one.call == key)
    return next((one for one in found if one.why is OwedFor.LINE_OPEN), None)
