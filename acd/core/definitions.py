"""Changes of the directory, taken in while calls go on.

A change costs what it touches: one agent, or one pass over the agents when a queue's needs
change.  Nobody in a conversation notices; the next decision obeys.
"""

from msgspec import structs

from acd.core import calls
from acd.core.commands import OpenHoldingRoom
from acd.core.directory import Queue, Seat
from acd.core.entities import Agent, Pool, Shelf
from acd.core.events import (
    AgentDefined,
    AgentRemoved,
    EntryDefined,
    EntryRemoved,
    QueueDefined,
    QueueRemoved,
    SeatDefined,
    SeatRemoved,
)
from acd.core.ids import SeatId
from acd.core.queueing import duty, lines, matching, treatment, waiting
from acd.core.staff import agents
from acd.core.state import Line, State
from acd.core.tables import AgentState


def queue_defined(s: State, event: QueueDefined) -> None:
    """A queue is new or has a new policy; who waits is ordered by the new promise."""
    queue = event.queue
    line = s.lines.get(queue.id)
    if line is None:
        line = s.lines[queue.id] = Line(queue=queue)
        before = None
        for node in s.nodes:
            s.emit(OpenHoldingRoom(None, s.holding_room_id(node, queue.id)))
    else:
        before, line.queue, line.retired = line.queue, queue, False
    if before is None or _order(before) != _order(queue):
        lines.lay_out(s, line)
        treatment.reorder(s, line)
    if before is not None and _clocks(before) != _clocks(queue):
        waiting.policy_changed(s, line)
    if before is not None and before.treatment != queue.treatment:
        treatment.policy_changed(s, line)
    if before is None or before.overflow != queue.overflow:
        _connect(s)
    if before is None or _fitness(before) != _fitness(queue):
        _regroup(s, line)


def _order(queue: Queue) -> tuple[object, ...]:
    """What decides where a caller stands."""
    return (queue.promise_ms, queue.precedence_ms, queue.overflow, lines.stages_of(queue))


def _clocks(queue: Queue) -> tuple[object, ...]:
    """What decides when something falls due for a caller."""
    return (queue.promise_ms, queue.incident_ms, lines.stages_of(queue))


def _fitness(queue: Queue) -> tuple[object, ...]:
    """What decides which agents serve a queue, and in which order."""
    return (queue.needs, queue.relaxation, queue.selection, queue.priority, queue.prefers)


def _connect(s: State) -> None:
    """Note for each line whose callers overflow into it."""
    for line in s.lines.values():
        line.feeders = tuple(
            other for other, it in s.lines.items() if line.queue.id in it.queue.overflow
        )


def _regroup(s: State, line: Line) -> None:
    """Put the agents whom the queue concerns into its pools anew."""
    queue = line.queue
    line.pools = [
        Pool(queue.id, tier, shelves={skill: Shelf() for skill in queue.prefers})
        for tier in range(len(queue.relaxation) + 1)
    ]
    for agent in s.agents.values():
        if queue.id in agent.queues or matching.serves(agent.profile, queue):
            matching.requeue_agent(s, agent)


def queue_removed(s: State, event: QueueRemoved) -> None:
    """Nobody new can enter; whoever waits is still served."""
    line = s.lines.get(event.queue)
    if line is None:
        s.ignored("removal of an unknown queue", event.queue)
    elif line.calls:
        line.retired = True
    else:
        calls.drop_line(s, event.queue)
        _connect(s)


def entry_defined(s: State, event: EntryDefined) -> None:
    s.entries[event.entry.id] = event.entry


def entry_removed(s: State, event: EntryRemoved) -> None:
    if s.entries.pop(event.entry, None) is None:
        s.ignored("removal of an unknown entry", event.entry)


def agent_defined(s: State, event: AgentDefined) -> None:
    """An agent is new, or has other skills from the next decision on."""
    record = s.agents.get(event.agent.id)
    if record is None:
        record = Agent(id=event.agent.id, profile=event.agent, since_ms=s.now)
        record.position = s.next_number("agent")
        s.agents[record.id] = record
    # Out of the books by the skills with which they came in.
    matching.leave_free(s, record)
    matching.drop_agent(s, record)
    record.profile = event.agent
    record.removed = False
    matching.requeue_agent(s, record)
    if event.agent.outside is not None:
        duty.defined(s, record)


def agent_removed(s: State, event: AgentRemoved) -> None:
    record = s.agents.get(event.agent)
    if record is None:
        s.ignored("removal of an unknown agent", event.agent)
    else:
        if record.profile.outside is not None:
            duty.removed(s, record.id)
        agents.remove(s, record)


def seat_defined(s: State, event: SeatDefined) -> None:
    """A seat is new or has other phones; who sits there rings on the new one next time.

    A phone belongs to the seat that named it last: while two seats exchange theirs, no phone may
    ring for two agents.
    """
    seat = event.seat
    before = s.seats.get(seat.id)
    if before is not None:
        _forget_phones(s, before)
    for phone in seat.phones:
        other = s.seat_of_phone.get(phone)
        if other is not None:
            left = tuple(kept for kept in s.seats[other].phones if kept != phone)
            s.seats[other] = structs.replace(s.seats[other], phones=left)
            _follow_phones(s, other)
        s.seat_of_phone[phone] = seat.id
    s.seats[seat.id] = seat
    _follow_phones(s, seat.id)


def seat_removed(s: State, event: SeatRemoved) -> None:
    """Whoever sits there is logged out: now, or when the conversation has ended."""
    seat = s.seats.pop(event.seat, None)
    if seat is None:
        s.ignored("removal of an unknown seat", event.seat)
        return
    _forget_phones(s, seat)
    occupant = s.occupants.get(event.seat)
    if occupant is None:
        return
    agent = s.agents[occupant]
    # Whoever is busy leaves at the end of the conversation: see ``agents.free``.
    if agent.state not in (AgentState.OFFERED, AgentState.TALKING):
        agents.leave_seat(s, agent)


def _forget_phones(s: State, seat: Seat) -> None:
    for phone in seat.phones:
        s.seat_of_phone.pop(phone, None)


def _follow_phones(s: State, seat: SeatId) -> None:
    occupant = s.occupants.get(seat)
    if occupant is not None:
        agents.phones_moved(s, s.agents[occupant])
