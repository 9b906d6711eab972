"""Changes of the directory, taken in while calls go on.

A change costs what it touches: one agent, or one pass over the agents when a queue's needs
change.  Nobody in a conversation notices; the next decision obeys.
"""

from msgspec import structs

from acd.core import agents, calls, matching, treatment, waiting
from acd.core.commands import OpenHoldingRoom
from acd.core.directory import Queue, Seat
from acd.core.entities import Agent
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
from acd.core.state import Line, State
from acd.core.tables import AgentState


def queue_defined(s: State, event: QueueDefined) -> None:
    """A queue is new or has a new policy; who waits is ordered by the new promise."""
    line = s.lines.get(event.queue.id)
    if line is None:
        line = s.lines[event.queue.id] = Line(queue=event.queue)
        regroup = True
        for node in s.nodes:
            s.emit(OpenHoldingRoom(None, s.holding_room_id(node, event.queue.id)))
    else:
        before = line.queue
        line.queue = event.queue
        line.retired = False
        regroup = (before.needs, before.selection, before.priority) != (
            event.queue.needs,
            event.queue.selection,
            event.queue.priority,
        )
        if before.promise_ms != event.queue.promise_ms:
            matching.rekey_line(s, line)
        if _clocks(before) != _clocks(event.queue):
            waiting.policy_changed(s, line)
        if before.treatment != event.queue.treatment:
            treatment.policy_changed(s, line)
    if regroup:
        for agent in s.agents.values():
            serves = event.queue.id in agent.queues
            if serves or matching.has_skills(agent.profile, event.queue):
                matching.requeue_agent(s, agent)


def _clocks(queue: Queue) -> tuple[object, ...]:
    return (queue.promise_ms, queue.incident_ms, queue.widening)


def queue_removed(s: State, event: QueueRemoved) -> None:
    """Nobody new can enter; whoever waits is still served."""
    line = s.lines.get(event.queue)
    if line is None:
        s.ignored("removal of an unknown queue", event.queue)
    elif line.calls:
        line.retired = True
    else:
        calls.drop_line(s, event.queue)


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
    record.profile = event.agent
    record.removed = False
    matching.requeue_agent(s, record)


def agent_removed(s: State, event: AgentRemoved) -> None:
    record = s.agents.get(event.agent)
    if record is None:
        s.ignored("removal of an unknown agent", event.agent)
    else:
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
