"""Who is served next, and by whom.

Urgency is slack to the promise.  A call may have one phone ring at first, and more as its promise
comes into danger (the queue's widening steps); while it may have more than ring, it waits in its
queue's line, ordered by deadline and then by arrival.  Free agents lie in a heap of each queue
whose skills they have.  Keys never change with time, so a step costs the logarithm of the lengths,
and what has become stale is recognised by its token when it surfaces.

Always true between two steps: nobody is in a line for which an agent is free.
"""

import math
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import NamedTuple, assert_never

from acd.core import directory
from acd.core.directory import Reach, Selection
from acd.core.entities import Agent, Call
from acd.core.ids import AgentId, QueueId
from acd.core.state import Line, State
from acd.core.tables import AgentState, CallState

NEXT_TOLD = 5
"""How many of those not chosen each offer names; the full list comes by replay."""

DICE_SIDES = 1 << 40


class Choice(NamedTuple):
    """An agent chosen for a call, and why: see ``facts.OfferMade``."""

    agent: Agent
    free: int
    rank: int
    next: tuple[AgentId, ...]
    reach: Reach


MakeOffer = Callable[[State, Call, Choice], None]

_INTERRUPTED = ((Reach.WRAP_UP, AgentState.WRAP_UP), (Reach.BREAK, AgentState.PAUSED))
_INCLUDING = {Reach.WRAP_UP: (Reach.WRAP_UP, Reach.BREAK), Reach.BREAK: (Reach.BREAK,)}
"""Which reaches of a widening step include this one."""


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
            _serve_call(s, call, make_offer)
        agents = [s.agents[key] for key in s.seeking_agents if key in s.agents]
        s.seeking_agents = {}
        for agent in agents:
            if agent.state is AgentState.READY and agent.free_token == 0 and s.available(agent):
                _serve_agent(s, agent, make_offer)


def wants_phones(s: State, call: Call) -> bool:
    """Tell whether one phone more may ring for the call now."""
    if call.state is not CallState.WAITING and call.state is not CallState.OFFERING:
        return False
    assert call.queue is not None
    widening = s.lines[call.queue].queue.widening
    return len(call.ringing) < widening[min(call.step, len(widening) - 1)].phones


def follow_agent(s: State, agent: Agent, was: AgentState) -> None:
    """Keep the queues' books of who is in which state."""
    for queue in agent.queues:
        line = s.lines.get(queue)
        if line is not None:
            line.members[was].pop(agent.id, None)
            line.members[agent.state][agent.id] = None


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
    drop_agent(s, agent)
    agent.queues = queues_of(s, agent.profile)
    for queue in agent.queues:
        s.lines[queue].members[agent.state][agent.id] = None
    s.seeking_agents[agent.id] = None


def drop_agent(s: State, agent: Agent) -> None:
    """Take an agent out of the queues' books."""
    for queue in agent.queues:
        line = s.lines.get(queue)
        if line is not None:
            line.members[agent.state].pop(agent.id, None)


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
    """Ring as many phones as the call may have now, or let it wait at its place of arrival."""
    while wants_phones(s, call):
        assert call.queue is not None
        line = s.lines[call.queue]
        choice = _choose(s, line, call)
        if choice is None:
            _wait_in_line(s, line, call)
            return
        leave_free(s, choice.agent)
        make_offer(s, call, choice)
    leave_line(s, call)


def _wait_in_line(s: State, line: Line, call: Call) -> None:
    if call.place:
        return
    call.place = s.next_number("token")
    line.waiting += 1
    heappush(
        line.callers,
        (call.arrived_ms + line.queue.promise_ms, call.number, call.place, call.id),
    )
    if len(line.callers) > 64 and len(line.callers) > 2 * line.waiting:
        rekey_line(s, line)


def _choose(s: State, line: Line, call: Call) -> Choice | None:
    """Return the best free agent, else one whom the call may interrupt."""
    agent = _best_agent(s, line)
    if agent is not None:
        return Choice(agent, line.free, line.agents[0][0], _next_best(s, line), Reach.READY)
    widening = line.queue.widening
    # C01: while no phone rings, nothing is gained by waiting for the later steps.
    step = min(call.step, len(widening) - 1) if call.ringing else len(widening) - 1
    for reach, state in _INTERRUPTED:
        if any(widening[at].reach in _INCLUDING[reach] for at in range(step + 1)):
            agent = _interruptible(s, line, state)
            if agent is not None:
                return Choice(agent, 0, 0, (), reach)
    return None


def _interruptible(s: State, line: Line, state: AgentState) -> Agent | None:
    """Return who has been longest in wrap-up or on a break, and can be rung."""
    for key in line.members[state]:
        agent = s.agents[key]
        if s.available(agent) and not agent.removed:
            return agent
    return None


def _next_best(s: State, line: Line) -> tuple[AgentId, ...]:
    """Return who would have been next, at most five: the heap is looked into, not changed."""
    best = [heappop(line.agents)]
    found: list[AgentId] = []
    while line.agents and len(found) < NEXT_TOLD:
        if _is_free(s, line.agents[0]):
            found.append(line.agents[0][3])
            best.append(heappop(line.agents))
        else:
            heappop(line.agents)
    for entry in best:
        heappush(line.agents, entry)
    return tuple(found)


def rank_of(s: State, agent: Agent, queue: directory.Queue) -> int:
    """Return the agent's key under the queue's rule; the smaller is rung first, and among equals
    the longest idle."""
    match queue.selection:
        case Selection.LONGEST_IDLE:
            return 0
        case Selection.HIGHEST_SKILL:
            return -_level(agent, queue)
        case Selection.BEST_FIT:
            return _level(agent, queue)
        case Selection.ROUND_ROBIN:
            return agent.last_rung
        case Selection.FEWEST_CALLS:
            return agent.calls_taken
        case Selection.LEAST_TALK:
            return agent.talked_ms
        case Selection.LINEAR:
            return agent.position
        case Selection.RANDOM:
            return int(s.dice.random() * DICE_SIDES)
        case Selection.WEIGHTED:
            # The exponential clock of each agent runs as fast as the level is high: who rings
            # first is then chosen in proportion to the level.
            drawn = -math.log(1.0 - s.dice.random())
            return int(drawn / max(_level(agent, queue), 1) * DICE_SIDES)
        case _:
            assert_never(queue.selection)


def _level(agent: Agent, queue: directory.Queue) -> int:
    levels = dict(agent.profile.skills)
    return sum(levels[need.skill] for need in queue.needs)


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
        assert chosen.queue is not None
        rank = rank_of(s, agent, s.lines[chosen.queue].queue)
        make_offer(s, chosen, Choice(agent, 1, rank, (), Reach.READY))
        if not wants_phones(s, chosen):
            leave_line(s, chosen)
        return
    agent.free_token = s.next_number("token")
    for queue in agent.queues:
        line = s.lines[queue]
        line.free += 1
        rank = rank_of(s, agent, line.queue)
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
