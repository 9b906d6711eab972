"""What may be seen of the switch from outside, as plain values.  Looking changes nothing."""

from collections.abc import Collection

import msgspec

from acd.core.directory import EntryKind, Hours
from acd.core.entities import Agent, Phone
from acd.core.follow_up.owed import Obligation
from acd.core.ids import AgentId, CallId, CaseId, ElderId, PhoneId, QueueId, SeatId
from acd.core.queueing.waiting import is_waiting
from acd.core.state import State
from acd.core.tables import AgentState


class PhoneView(msgspec.Struct, frozen=True, kw_only=True):
    """``in_use`` is what Asterisk says, whoever's call it is; ``legs`` are those of ours."""

    phone: PhoneId
    registered: bool
    in_use: bool
    legs: int


class LeaveView(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to go that the supervisors have been asked for."""

    what: str
    reason: str | None
    why: str
    asked_ms: int


class CallerView(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of whether a caller responds: a state of ``tables.SILENCE``, and what is heard
    now, None where nothing judges it."""

    response: str
    heard: str | None


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """``available`` tells whether the phone could ring now; ``later`` is the state that follows
    the present conversation.  ``until_ms`` is when the state ends by itself: wrap-up, a rest, a
    reservation; None when it has no end of its own."""

    agent: AgentId
    name: str
    state: str
    reason: str | None
    later: str | None
    since_ms: int
    seat: SeatId | None
    phone: PhoneId | None
    available: bool
    call: CallId | None
    queues: tuple[QueueId, ...]
    misses: int
    until_ms: int | None
    role: str
    mode: str | None
    """The seat's; None when logged out."""
    phones: tuple[PhoneView, ...]
    leave: LeaveView | None
    caller: CallerView | None
    """Of the call that the agent has, where silence means anything."""
    robot: bool
    """Serves nothing but proofs: nobody at work."""


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """``waiting`` counts callers without an agent, phones ringing for them or not.
    ``oldest_arrival_ms`` is when whoever has waited longest came, None when nobody waits."""

    queue: QueueId
    waiting: int
    free: int
    calls: int
    oldest_arrival_ms: int | None
    promise_ms: int
    proofs: bool
    """Only synthetic entries lead here: whoever waits is no caller."""
    hours: Hours | None
    """For which appointments are made; None: for any time."""


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """A live call.  ``caller`` is the far end's number, also of a call that we have placed;
    ``since_ms`` is when they have come to wait, ``answered_ms`` when an agent's audio was there."""

    call: CallId
    caller: str | None
    state: str
    queue: QueueId | None
    kind: str | None
    terminal: str | None
    agent: AgentId | None
    outbound: bool
    synthetic: bool
    arrived_ms: int
    since_ms: int
    answered_ms: int | None
    held: bool
    responds: bool | None
    case: CaseId | None
    elders: tuple[ElderId, ...] = ()
    """Whose call it is: whoever is given it sees at once for whom (T06, D01)."""
    flow: str | None = None
    """What an agent has said that it turns out to be (E01)."""
    device: tuple[str, ...] = ()
    """What the terminal has said of itself: ``low_battery``, ``test`` …"""


def calls(s: State) -> list[CallView]:
    """Return every live call, in the order of arrival."""
    return [
        CallView(
            call=call.id,
            caller=call.caller,
            state=call.state,
            queue=call.queue,
            kind=call.kind,
            terminal=call.terminal,
            agent=call.agent,
            outbound=call.placed is not None,
            synthetic=call.synthetic,
            arrived_ms=call.arrived_ms,
            since_ms=call.since_ms,
            answered_ms=call.answered_ms,
            held=call.held,
            responds=call.responds,
            case=None if call.scene is None else call.scene.case,
            elders=call.elders,
            flow=call.flow,
            device=tuple(call.device_reports.values()),
        )
        for call in s.calls.values()
    ]


def agents(s: State) -> list[AgentView]:
    """Return every agent, in the directory's order."""
    proofs = proof_queues(s)
    return [_agent(s, record, proofs) for record in s.agents.values()]


def agent(s: State, key: AgentId) -> AgentView | None:
    """Return one agent, or None."""
    record = s.agents.get(key)
    return None if record is None else _agent(s, record, proof_queues(s))


def _agent(s: State, record: Agent, proofs: Collection[QueueId]) -> AgentView:
    seat = None if record.seat is None else s.seats.get(record.seat)
    phones = () if seat is None else seat.phones
    return AgentView(
        agent=record.id,
        name=record.profile.name,
        state=record.state,
        reason=record.reason,
        later=record.later,
        since_ms=record.since_ms,
        seat=record.seat,
        phone=seat.phones[0] if seat is not None and seat.phones else None,
        available=s.available(record),
        call=record.call,
        queues=record.queues,
        misses=record.misses,
        robot=is_robot(record, proofs),
        until_ms=_until(s, record),
        role=record.profile.role,
        mode=None if seat is None else seat.mode,
        leave=None
        if record.leave is None
        else LeaveView(
            what=record.leave.what,
            reason=record.leave.reason,
            why=record.leave.why,
            asked_ms=record.leave.asked_ms,
        ),
        phones=tuple(_phone(s, phone) for phone in phones),
        caller=_caller(s, record),
    )


def _caller(s: State, agent: Agent) -> CallerView | None:
    call = None if agent.call is None else s.calls.get(agent.call)
    if call is None or call.silence is None:
        return None
    leg = s.legs.get(call.caller_leg)
    return CallerView(response=call.silence.state, heard=None if leg is None else leg.heard)


def _until(s: State, agent: Agent) -> int | None:
    if agent.state is AgentState.WRAP_UP and agent.wrap_up is not None:
        return agent.wrap_up.until_ms
    if agent.state is AgentState.NOT_RESPONDING:
        return s.timers.due(("rest", agent.id))
    return agent.reserved_until_ms


def _phone(s: State, phone: PhoneId) -> PhoneView:
    record = s.phones.get(phone) or Phone(id=phone)
    return PhoneView(
        phone=phone,
        registered=record.registered,
        in_use=record.in_use,
        legs=len(record.legs),
    )


def proof_queues(s: State) -> tuple[QueueId, ...]:
    """Return the queues to which only synthetic entries lead."""
    kinds: dict[QueueId, bool] = {}
    for entry in s.entries.values():
        is_synthetic = entry.kind is EntryKind.SYNTHETIC
        kinds[entry.queue] = is_synthetic and kinds.get(entry.queue, True)
    return tuple(queue for queue, is_synthetic in kinds.items() if is_synthetic)


def is_robot(agent: Agent, proofs: Collection[QueueId]) -> bool:
    """Tell whether an agent serves nothing but ``proofs`` (see ``proof_queues``)."""
    return bool(agent.queues) and all(queue in proofs for queue in agent.queues)


def queues(s: State) -> list[QueueView]:
    """Return every queue, in the directory's order."""
    proofs = proof_queues(s)
    oldest: dict[QueueId, int] = {}
    waiting: dict[QueueId, int] = {}
    for call in s.calls.values():
        if is_waiting(s, call) and call.queue is not None:
            waiting[call.queue] = waiting.get(call.queue, 0) + 1
            earliest = oldest.get(call.queue, call.arrived_ms)
            oldest[call.queue] = min(earliest, call.arrived_ms)
    return [
        QueueView(
            queue=line.queue.id,
            waiting=waiting.get(line.queue.id, 0),
            free=line.free,
            calls=line.calls,
            oldest_arrival_ms=oldest.get(line.queue.id),
            promise_ms=line.queue.promise_ms,
            proofs=line.queue.id in proofs,
            hours=line.queue.hours,
        )
        for line in s.lines.values()
    ]


def seat_of(s: State, key: AgentId) -> SeatId | None:
    """Return the seat whose usual agent this is, for a log-in that names none."""
    for seat in s.seats.values():
        if seat.agent == key:
            return seat.id
    return None


def obligations(s: State, *, kind: str | None, queue: str | None) -> list[Obligation]:
    """Return what is owed now, by deadline."""
    found = [
        owed
        for owed in s.obligations.values()
        if (kind is None or owed.kind == kind) and (queue is None or owed.queue == queue)
    ]
    return sorted(found, key=lambda owed: (owed.deadline_ms, owed.id))
