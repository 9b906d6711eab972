"""The callers' side of a line: where a call stands, and who goes before whom.

A call stands in its own queue's line while it may have one phone (more) to ring.  What it may have
changes only at the queue's *stages*: the moments since the arrival at which more phones may ring,
the reach grows, the needs weaken or other queues help.  So each standing has its heap, and a call
is put in anew by an event, never by the clock.

Urgency is slack to the promise, ageing an offset to it: a caller of precedence is ordered as if
they had come earlier.  Among queues of one priority lateness counts by the queue's weight, so that
waits come out in inverse proportion to the weights when there are too few agents, and nobody
starves: the lateness of whoever is passed over grows until it is the greatest.

A flood from one number is one caller: only so many of its calls are served at a time, and the
others wait, in no line, until one of those before them is over.  Callers who withhold their number
may be one or many: each is a matter of its own and none is held back, but beyond the first few of
an entry they are given only agents of whom another one stays free, for whoever has a number.
"""

from heapq import heapify, heappop, heappush
from itertools import islice

from acd.core import directory
from acd.core.directory import Selection
from acd.core.entities import Call, Stage, Standing
from acd.core.ids import CallId
from acd.core.moves import is_clearing
from acd.core.state import Line, State
from acd.core.tables import CallState

HEAP_MIN = 64
"""A heap so small is not worth clearing of what is stale."""

RING_ALL_PHONES_MAX = 50
"""Of "everybody at once": a call that makes more phones ring helps nobody and costs all."""

SAME_TERMINAL_MAX = 2
"""Calls of one terminal that are served at a time: it has one line, so the other of two may be
left over from before."""

SAME_NUMBER_MAX = 4
"""The same for any other number: behind an institution's stand several people."""

WITHHELD_MAX = 2
"""Calls without a number to one entry that are served as any other at a time; more at once are a
flood, or an operator who hands over no numbers."""

KEPT_FREE = 1
"""So many agents stay free of what comes without a number beyond that."""

_SEEKING = (CallState.WAITING, CallState.OFFERING)

Urgency = tuple[int, bool, int, int, int]


def stages_of(queue: directory.Queue) -> tuple[Stage, ...]:
    """Return what holds for the queue's callers, from which moment since the arrival on."""
    moments = {0}
    moments.update(step.after_ms for step in queue.widening)
    moments.update(step.after_ms for step in queue.relaxation)
    if queue.overflow:
        moments.add(queue.overflow_ms)
    return tuple(_stage(queue, after_ms) for after_ms in sorted(moments))


def _stage(queue: directory.Queue, after_ms: int) -> Stage:
    widening = queue.widening[0]
    for step in queue.widening[1:]:
        if step.after_ms <= after_ms:
            widening = step
    tier = sum(step.after_ms <= after_ms for step in queue.relaxation)
    overflow = bool(queue.overflow) and queue.overflow_ms <= after_ms
    return Stage(
        after_ms=after_ms,
        phones=RING_ALL_PHONES_MAX if queue.selection is Selection.RING_ALL else widening.phones,
        # C01: while no phone rings, nothing is gained by waiting for the later steps' reach.
        alone=Standing(False, tier, overflow, queue.widening[-1].reach),
        beside=Standing(True, tier, overflow, widening.reach),
    )


def lay_out(s: State, line: Line) -> None:
    """Give the line the stages of its queue's policy; whoever stood in it stands there no more,
    and must be placed anew."""
    if line.waiting:
        for call in s.calls.values():
            if call.place and call.queue == line.queue.id:
                leave_line(s, call)
                s.seeking_calls[call.id] = None
    line.stages = stages_of(line.queue)
    line.callers, line.wanted = {}, {}
    for stage in line.stages:
        line.callers.setdefault(stage.alone, [])
        line.callers.setdefault(stage.alone._replace(is_spare=True), [])
        line.callers.setdefault(stage.beside, [])


def wants_phones(s: State, call: Call) -> bool:
    """Tell whether one phone more may ring for the call now."""
    if call.state not in _SEEKING:
        return False
    if call.is_for_one or call.is_apart or is_held_back(s, call) or is_leaving(s, call):
        return False
    one = is_spare(s, call) or asks_one(s, call)
    return len(call.ringing) < (1 if one else stage_of(s, call).phones)


def asks_one(s: State, call: Call) -> bool:
    """Tell whether the call rings one agent and no other: its own, or, for a callback that is no
    emergency, whoever was free.  It must not stand in line with callers."""
    placed = call.placed
    if placed is None or placed.dial is not None or call.caller_leg in s.legs:
        return False  # there is, or was, somebody to join the agent with
    return placed.person is not None or call.kind is not directory.EntryKind.EMERGENCY


def is_leaving(s: State, call: Call) -> bool:
    """Tell whether the caller has hung up and only their channel is still to end: an agent rung
    now would be rung for nobody."""
    return is_clearing(s, call.caller_leg)


def is_held_back(s: State, call: Call) -> bool:
    """Tell whether so many calls from the same number came before this one and are still there that
    it waits until one of them is over.  People may be given it all the same, by a supervisor."""
    same = s.calls_from.get(call.caller or "")
    if same is None or call.id not in same:
        return False
    served_max = SAME_NUMBER_MAX if call.terminal is None else SAME_TERMINAL_MAX
    return call.id not in islice(same, served_max)


def is_spare(s: State, call: Call) -> bool:
    """Tell whether the caller has no number, and so many before them have none either, that they
    leave an agent free for the others.  Who was answered already, or is raised by a person or a
    case, is like anybody."""
    if call.caller is not None or call.raised or call.answered_ms is not None:
        return False
    same = s.withheld.get(call.called) if call.called is not None else None
    if same is None or call.id not in same:
        return False
    return call.id not in islice(same, WITHHELD_MAX)


def standing_of(s: State, call: Call) -> Standing:
    """Return how the call stands in its line, if it stands there."""
    stage = stage_of(s, call)
    if is_spare(s, call):
        return stage.alone._replace(is_spare=True)
    return stage.beside if call.ringing else stage.alone


def stage_of(s: State, call: Call) -> Stage:
    """Return the stage that the call has reached."""
    assert call.queue is not None
    stages = s.lines[call.queue].stages
    return stages[min(call.step, len(stages) - 1)]


def place_call(s: State, call: Call) -> bool:
    """Put the call where it belongs: in its line at the place of its arrival, or out of it.
    Return whether it is in the line."""
    if not wants_phones(s, call):
        leave_line(s, call)
        return False
    standing = standing_of(s, call)
    if call.place and call.standing == standing:
        return True
    leave_line(s, call)
    assert call.queue is not None
    line = s.lines[call.queue]
    call.place = s.next_number("token")
    call.standing = standing
    line.waiting += 1
    heap = line.callers[standing]
    if len(heap) > HEAP_MIN and len(heap) > 2 * line.waiting:
        heap[:] = [entry for entry in heap if _is_placed(s, entry)]
        heapify(heap)
    heappush(heap, (due_ms(line.queue, call), call.number, call.place, call.id))
    return True


def leave_line(s: State, call: Call) -> None:
    """Take a call out of its waiting line, if it is in one."""
    if call.place:
        call.place = 0
        assert call.queue is not None
        s.lines[call.queue].waiting -= 1


def due_ms(queue: directory.Queue, call: Call) -> int:
    """Return by when the call should be answered as far as order goes; its promise is another
    matter.  Fixed at the arrival, so that no key in a heap ever changes by itself; a supervisor
    may raise it before all others."""
    if call.raised:
        return 0
    return call.since_ms + queue.promise_ms - call.precedence * queue.precedence_ms


def urgency(s: State, line: Line, call: Call) -> Urgency:
    """Return the call's key among the heads of lines; the smallest is served next."""
    queue = line.queue
    due = due_ms(queue, call)
    slack_ms = due - s.now
    if slack_ms < 0:
        slack_ms *= queue.weight
    return (queue.priority, bool(call.ringing), slack_ms, due, call.number)


def most_urgent(s: State, heap: list[tuple[int, int, int, CallId]]) -> Call | None:
    """Return the first of those who still stand there."""
    while heap:
        if _is_placed(s, heap[0]):
            return s.calls[heap[0][3]]
        heappop(heap)
    return None


def _is_placed(s: State, entry: tuple[int, int, int, CallId]) -> bool:
    call = s.calls.get(entry[3])
    return call is not None and call.place == entry[2]
