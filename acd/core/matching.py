"""Who is served next, and by whom.

Callers wait in one heap per queue, ordered by deadline and then by arrival; free agents lie in a
heap of each queue whose skills they have.  Keys never change with time, so a step costs the
logarithm of the lengths, and what has become stale is recognised by its token when it surfaces.

Always true between two steps: no caller waits in a line for which an agent is free.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from acd.core import directory
from acd.core.entities import Agent, Call
from acd.core.ids import QueueId
from acd.core.state import Line, State
from acd.core.tables import AgentState, CallState

MakeOffer = Callable[[State, Call, Agent, int], None]
"""Ring this agent for this call; the number says how many were free to choose from."""


def has_skills(agent: directory.Agent, queue: directory.Queue) -> bool:
    """Tell whether the agent reaches the level of every skill the queue needs."""
    levels = dict(agent.skills)
    return all(levels.get(need.skill, 0) >= need.level_min for need in queue.needs)


def queues_of(s: State, agent: directory.Agent) -> tuple[QueueId, ...]:
    """Return the queues the agent can serve, in the directory's order."""
    return tuple(line.queue.id for line in s.lines.values() if has_skills(agent, line.queue))


def settle(s: State, make_offer: MakeOffer) -> None:
    """Pair the calls and agents that this step set free; the rest take their places."""
    while s.seeking_calls or s.seeking_agents:
        calls = [s.calls[key] for key in s.seeking_calls if key in s.calls]
        s.seeking_calls = {}
        if len(calls) > 1:
            calls.sort(key=lambda call: _urgency(s, call))
        for call in calls:
            if call.state is CallState.WAITING and call.place == 0:
                _serve_call(s, call, make_offer)
        agents = [s.agents[key] for key in s.seeking_agents if key in s.agents]
        s.seeking_agents = {}
        for agent in agents:
            if agent.state is AgentState.READY and agent.free_token == 0 and s.available(agent):
                _serve_agent(s, agent, make_offer)


def leave_line(s: State, call: Call) -> None:
    """Take a call out of its waiting line, if it is in one."""
    if call.place:
        call.place = 0
        assert call.queue is not None
        s.lines[call.queue].waiting -= 1


def leave_free(s: State, agent: Agent) -> None:
    """Take an agent out of the free ones, if they are among them."""
    if agent.free_token:
        agent.free_token = 0
        for queue in agent.queues:
            line = s.lines.get(queue)
            if line is not None:
                line.free -= 1


def requeue_agent(s: State, agent: Agent) -> None:
    """Work out anew which queues an agent serves, after a change of skills or queues."""
    leave_free(s, agent)
    agent.queues = queues_of(s, agent.profile)
    s.seeking_agents[agent.id] = None


def rekey_line(s: State, line: Line) -> None:
    """Order the waiting callers by the queue's new promise."""
    line.callers = [
        (s.calls[key].arrived_ms + line.queue.promise_ms, number, token, key)
        for _, number, token, key in line.callers
        if key in s.calls and s.calls[key].place == token
    ]
    heapify(line.callers)


def _urgency(s: State, call: Call) -> tuple[int, int, int]:
    assert call.queue is not None
    queue = s.lines[call.queue].queue
    return (queue.priority, call.arrived_ms + queue.promise_ms, call.number)


def _serve_call(s: State, call: Call, make_offer: MakeOffer) -> None:
    """Offer the call to the best free agent, or let it wait at its place of arrival."""
    assert call.queue is not None
    line = s.lines[call.queue]
    agent = _best_agent(s, line)
    if agent is not None:
        free = line.free
        leave_free(s, agent)
        make_offer(s, call, agent, free)
        return
    call.place = s.next_number("token")
    line.waiting += 1
    heappush(
        line.callers,
        (call.arrived_ms + line.queue.promise_ms, call.number, call.place, call.id),
    )
    if len(line.callers) > 64 and len(line.callers) > 2 * line.waiting:
        rekey_line(s, line)


def _serve_agent(s: State, agent: Agent, make_offer: MakeOffer) -> None:
    """Give the agent the most urgent caller they can serve, or let them be free."""
    best: tuple[int, int, int] | None = None
    chosen: Call | None = None
    for queue in agent.queues:
        line = s.lines[queue]
        head = _most_urgent(s, line)
        if head is None:
            continue
        key = (line.queue.priority, line.callers[0][0], line.callers[0][1])
        if best is None or key < best:
            best, chosen = key, head
    if chosen is not None:
        leave_line(s, chosen)
        make_offer(s, chosen, agent, 1)
        return
    agent.free_token = s.next_number("token")
    levels = dict(agent.profile.skills)
    for queue in agent.queues:
        line = s.lines[queue]
        line.free += 1
        rank = 0
        if line.queue.selection is directory.Selection.HIGHEST_SKILL:
            rank = -sum(levels[need.skill] for need in line.queue.needs)
        heappush(line.agents, (rank, agent.idle_since_ms, agent.free_token, agent.id))
        if len(line.agents) > 64 and len(line.agents) > 2 * line.free:
            line.agents = [e for e in line.agents if _is_free(s, e)]
            heapify(line.agents)


def _is_free(s: State, entry: tuple[int, int, int, str]) -> bool:
    agent = s.agents.get(entry[3])  # type: ignore[call-overload]
    return agent is not None and agent.free_token == entry[2]


def _best_agent(s: State, line: Line) -> Agent | None:
    heap = line.agents
    while heap:
        _, _, token, key = heap[0]
        agent = s.agents.get(key)
        if agent is not None and agent.free_token == token:
            return agent
        heappop(heap)
    return None


def _most_urgent(s: State, line: Line) -> Call | None:
    heap = line.callers
    while heap:
        _, _, token, key = heap[0]
        call = s.calls.get(key)
        if call is not None and call.place == token:
            return call
        heappop(heap)
    return None
