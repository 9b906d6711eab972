"""The clocks of a caller who waits: the stages of the search, the promise, the incident.

All count from the arrival, whatever has become of the call since; only how long the caller has
been left alone begins anew, when a conversation is over and the caller still there.  The promise
and the incident run until an agent's audio is there (T09), the stages until somebody has answered
the phone.
"""

from acd.core import directory
from acd.core.entities import Call
from acd.core.facts import IncidentOpened, PromiseBroken
from acd.core.ids import CallId
from acd.core.queueing import lines, treatment
from acd.core.state import Line, State
from acd.core.tables import CallState

UNANSWERED = (CallState.WAITING, CallState.OFFERING, CallState.CONNECTING)
"""States in which no agent's audio reaches the caller, who is there."""


def is_waiting(s: State, call: Call) -> bool:
    """Tell whether somebody is there and has no agent.  An outbound call may have nobody yet, and
    whoever is being joined with the agent who called them has not waited."""
    if call.is_asking or (call.placed is not None and call.state is CallState.CONNECTING):
        return False
    return call.state in UNANSWERED and call.caller_leg in s.legs


def raise_(s: State, call: Call) -> None:
    """Let whoever waits go before everybody else in the line from now on."""
    s.touched[call] = None
    lines.leave_line(s, call)
    if is_waiting(s, call):
        treatment.leave(s, call)
        call.raised = True
        treatment.enter(s, call)
    else:  # whom we call back hears nothing before the agent is there
        call.raised = True
    s.seeking_calls[call.id] = None


def start(s: State, call: Call, queue: directory.Queue) -> None:
    """Set every clock of a waiting caller."""
    s.timers.set(("pick_up", call.id), call.arrived_ms + queue.pick_up_ms)
    start_again(s, call, queue)


def start_again(s: State, call: Call, queue: directory.Queue) -> None:
    """The agent is gone and the caller is there: what has not been told may still be."""
    _set_marks(s, call, queue)
    take_up_stages(s, call)
    treatment.enter(s, call)


def alone_again(s: State, call: Call) -> None:
    """A conversation is over and the caller is there: the time alone begins anew.  The promise
    does not; it has been kept, or told."""
    call.alone_since_ms = s.now
    call.incident_opened = False


def _set_marks(s: State, call: Call, queue: directory.Queue) -> None:
    """Set when the promise is broken and when an incident is opened, unless that has been told;
    tell at once what a late arrival or a new policy has left behind."""
    if call.answered_ms is None and not call.promise_broken:
        due_ms = call.arrived_ms + queue.promise_ms
        if due_ms > s.now:
            s.timers.set(("promise", call.id), due_ms)
        else:
            s.timers.cancel(("promise", call.id))
            promise_broken(s, call.id)
    if not call.incident_opened:
        due_ms = call.alone_since_ms + queue.incident_ms
        if due_ms > s.now:
            s.timers.set(("incident", call.id), due_ms)
        else:
            s.timers.cancel(("incident", call.id))
            incident_due(s, call.id)


def take_up_stages(s: State, call: Call) -> None:
    """Go on with the queue's stages where the time since the arrival says."""
    assert call.queue is not None
    stages = s.lines[call.queue].stages
    if call.answered_ms is None:
        waited_ms = s.now - call.since_ms
        call.step = max(n for n, stage in enumerate(stages) if not n or stage.after_ms <= waited_ms)
    else:
        # Answered, and left alone: nothing is more urgent.
        call.step = len(stages) - 1
    if call.step + 1 < len(stages):
        due_ms = call.since_ms + stages[call.step + 1].after_ms
        s.timers.set(("widen", call.id), due_ms)
    else:
        s.timers.cancel(("widen", call.id))


def stop_seeking(s: State, call: Call) -> None:
    """No further phone needs to ring: an agent has answered, or the caller is gone."""
    lines.leave_line(s, call)
    treatment.leave(s, call)
    s.timers.cancel(("pick_up", call.id))
    s.timers.cancel(("widen", call.id))
    if call.patient:
        s.timers.cancel(("prefer", call.id))


def stop_marks(s: State, call: Call) -> None:
    """An agent's audio is there, or the caller is gone: no clock of the waiting counts any more."""
    s.timers.cancel(("promise", call.id))
    s.timers.cancel(("incident", call.id))


def policy_changed(s: State, line: Line) -> None:
    """The queue has other deadlines or steps: whoever waits goes on by the new ones."""
    for call in s.calls.values():
        if call.queue != line.queue.id or call.state not in UNANSWERED:
            continue
        if is_waiting(s, call):
            _set_marks(s, call, line.queue)
        if call.is_asking:
            continue
        if call.state is not CallState.CONNECTING and not call.is_for_one:
            take_up_stages(s, call)
            s.seeking_calls[call.id] = None


def widen(s: State, key: CallId) -> None:
    """The next stage has come: more phones may ring, and more people may be rung."""
    call = s.calls[key]
    take_up_stages(s, call)
    s.seeking_calls[call.id] = None


def promise_broken(s: State, key: CallId) -> None:
    """The promise is over and nobody has answered.  The call is the more urgent for it."""
    call = s.calls[key]
    assert call.queue is not None
    call.promise_broken = True
    s.touched[call] = None  # a later life must not tell it again
    s.emit(
        PromiseBroken(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            queue=call.queue,
            synthetic=call.synthetic,
        )
    )


def incident_due(s: State, key: CallId) -> None:
    """Nobody has answered for so long that a person must know."""
    call = s.calls[key]
    assert call.queue is not None
    call.incident_opened = True
    s.touched[call] = None
    s.emit(
        IncidentOpened(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            queue=call.queue,
            waited_ms=s.now - call.alone_since_ms,
            synthetic=call.synthetic,
        )
    )
