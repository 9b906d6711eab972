"""Attendance after a restart: who was at work goes on being so, at their seat and in their state.

PostgreSQL remembers what agents did; Asterisk alone knows which of their legs are still there.  So
everybody first sits where they sat, and ``settle`` says after the comparison what has become of
those who had a call.  Nothing is told for who goes on as before: their day has no gap.

Where there are several nodes they are read one after the other, and who is talked to on one may
have an agent whom another would ring.  So nobody is rung before all have been read: a second ring
would take their conversation's place.
"""

from acd.core import directory
from acd.core.emergency import roles
from acd.core.entities import Agent, Trial, WrapUp
from acd.core.events import AgentRemembered
from acd.core.facts import AgentStateChanged
from acd.core.ids import AgentId, CallId
from acd.core.queueing import matching
from acd.core.staff import agents
from acd.core.state import State
from acd.core.tables import AgentState

REST_MS = 3_000
"""Before who was resting after a failed ring is rung again: the phones' states have been read."""

UNREAD_MS_MAX = 3_000
"""So long a node that cannot be read keeps agents from calls on the others.  Who was busy by the
record stays kept: there somebody is talked to, or the node is dead and is soon found to be."""

_BUSY = (AgentState.OFFERED, AgentState.TALKING)
_KEPT = (AgentState.PAUSED, AgentState.NOT_RESPONDING)


def remembered(s: State, event: AgentRemembered) -> None:
    """Somebody was at work when the last life of the service ended."""
    agent, seat = s.agents.get(event.agent), s.seats.get(event.seat)
    if agent is None or agent.profile.outside is not None:
        s.ignored("an agent who is not there any more", event.agent)
        return
    taken = event.seat in s.occupants or agent.state is not AgentState.LOGGED_OUT
    if seat is None or not seat.phones or agent.removed or taken:
        _note(s, agent, event, AgentState.LOGGED_OUT)
        return
    sit(s, agent, seat)
    s.unread[agent.id] = None
    agent.idle_since_ms = event.since_ms
    s.remembered_agents[agent.id] = event
    if event.state in _KEPT:
        agents.put_back(s, agent, event.state, since_ms=event.since_ms, reason=event.reason)
        if event.state is AgentState.NOT_RESPONDING:
            _rest(s, agent)
    elif event.state is AgentState.WRAP_UP and event.last is not None:
        _write_notes(s, agent, event, event.since_ms)
    else:
        agents.put_back(s, agent, AgentState.READY, since_ms=event.since_ms)


def sit(s: State, agent: Agent, seat: directory.Seat) -> None:
    """Give the agent back the seat."""
    agent.seat = seat.id
    s.occupants[seat.id] = agent.id


def _rest(s: State, agent: Agent) -> None:
    """Who had not been responding is found again by test rings, or after a rest."""
    queue = agent.queues[0] if agent.queues else None
    rules = directory.AgentRules() if queue is None else s.lines[queue].queue.rules
    if agent.reason in (agents.MISSED, agents.EMPTY_CHAIR):
        agent.trial = Trial(pause_ms=rules.test_ring_ms, rings_max=rules.test_rings_max)
        if rules.test_rings_max:
            s.timers.set(("test_ring", agent.id), s.now + rules.test_ring_ms)
    else:
        s.timers.set(("rest", agent.id), s.now + REST_MS)


def await_others(s: State) -> None:
    """One node has been read, and another not yet: give it some time."""
    for key in s.unread:
        event = s.remembered_agents.get(key)
        if (event is None or event.state not in _BUSY) and ("unread", key) not in s.timers:
            s.timers.set(("unread", key), s.now + UNREAD_MS_MAX)


def read_enough(s: State, key: AgentId) -> None:
    """What has been read must do: the agent can be rung."""
    if key not in s.unread:
        return
    del s.unread[key]
    s.timers.cancel(("unread", key))
    agent = s.agents.get(key)
    if agent is not None and agent.state in matching.RUNG_FROM:
        s.seeking_agents[key] = None


def settle(s: State) -> None:
    """Asterisk has been read: whoever had a call has it still, or it has ended meanwhile."""
    for key in list(s.unread):
        read_enough(s, key)
    standing, s.remembered_agents = s.remembered_agents, {}
    for event in standing.values():
        agent = s.agents.get(event.agent)
        if agent is None or agent.state is AgentState.LOGGED_OUT:
            continue  # has gone home since, and that was told
        if agent.state is event.state:
            agent.since_ms = event.since_ms
        elif agent.state in _BUSY:
            _note(s, agent, event, agent.state, agent.call)
        elif event.state is AgentState.TALKING and event.last is not None:
            _note(s, agent, event, AgentState.WRAP_UP, event.last.call)
            _write_notes(s, agent, event, s.now)
        elif agent.since_ms == event.since_ms:
            _note(s, agent, event, agent.state)
            agent.since_ms = s.now
        _has_left(s, agent, event)


def _has_left(s: State, agent: Agent, event: AgentRemembered) -> None:
    """Whoever is not in the conversation in which they were has left it, and may be in another."""
    last = event.last
    if event.state is not AgentState.TALKING or last is None:
        return
    call = s.calls.get(last.call)
    if call is not None and not (agent.state in _BUSY and agent.call == call.id):
        roles.left(s, call, agent.id)


def _write_notes(s: State, agent: Agent, event: AgentRemembered, since_ms: int) -> None:
    """The notes have what time is left of the queue's."""
    last = event.last
    assert last is not None
    line = s.lines.get(last.queue)
    until_ms = since_ms + (0 if line is None else line.queue.wrap_up_ms)
    agent.call = last.call
    agent.wrap_up = WrapUp(
        call=last.call,
        arrived_ms=last.arrived_ms,
        talk_ms=last.talk_ms,
        queue=last.queue,
        entry=last.entry,
        synthetic=last.synthetic,
        until_ms=until_ms,
    )
    agents.put_back(s, agent, AgentState.WRAP_UP, since_ms=since_ms)
    s.timers.set(("wrap_up", agent.id), max(until_ms, s.now + 1))


def _note(
    s: State, agent: Agent, event: AgentRemembered, now: AgentState, call: CallId | None = None
) -> None:
    s.emit(
        AgentStateChanged(
            at_ms=s.now,
            agent=agent.id,
            seat=event.seat,
            was=event.state,
            now=now,
            reason=agent.reason,
            from_ms=event.since_ms,
            call=call,
        )
    )
