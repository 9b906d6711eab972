"""Who is served next, and by whom.

Urgency is slack to the promise.  A call may have one phone ring at first, and more as its promise
comes into danger (the queue's widening steps); while it may have more than ring, it waits in its
queue's line.  Among calls of one priority those for which no phone rings go first, then the one
with the earlier deadline, then the earlier arrival: a second phone for one caller shall not be
another's first.  Free agents lie in a heap of each queue whose skills they have; beside it stand
those who could be rung out of wrap-up or a break, for calls that may reach so far.  Keys change
only with an event that puts the call or the agent in anew, so a step costs the logarithm of the
lengths, and what has become stale is recognised by its token when it surfaces.

Always true between two steps: nobody is in a line for whom somebody within reach could be rung.
"""

import math
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import NamedTuple, assert_never

from acd.core import directory
from acd.core.directory import Reach, Selection
from acd.core.entities import Agent, Call, Standing
from acd.core.ids import AgentId, CallId, QueueId
from acd.core.state import Line, State
from acd.core.tables import AgentState, CallState

NEXT_TOLD = 5
"""How many of those not chosen each offer names; the full list comes by replay."""

DICE_SIDES = 1 << 30
"""Fine enough that two of some thousand agents hardly ever draw the same, and a year of ranks
stays below 2**63, which is what a database holds."""

HEAP_MIN = 64
"""A heap so small is not worth clearing of what is stale."""

RUNG_FROM = {
    AgentState.READY: Reach.READY,
    AgentState.WRAP_UP: Reach.WRAP_UP,
    AgentState.PAUSED: Reach.BREAK,
}
"""States out of which an agent can be rung, by how far a call must reach for that."""

INTERRUPTIBLE = ("rest", "training", "paperwork")
"""Breaks near the phone.  At a meal, or where the shift leader has sent them (D08), nobody hears
it: the ring would cost the caller its time and reach no one."""

_INTERRUPTED: dict[Reach, tuple[Reach, ...]] = {
    Reach.READY: (),
    Reach.WRAP_UP: (Reach.WRAP_UP,),
    Reach.BREAK: (Reach.WRAP_UP, Reach.BREAK),
}
"""Whom a call of this reach may interrupt, in order: notes can wait better than people."""


class Choice(NamedTuple):
    """An agent chosen for a call, and why: see ``facts.OfferMade``."""

    agent: Agent
    free: int
    rank: int
    next: tuple[AgentId, ...]
    reach: Reach


MakeOffer = Callable[[State, Call, Choice], None]
Urgency = tuple[int, bool, int, int]


def settle(s: State, make_offer: MakeOffer) -> None:
    """Pair the calls and agents that this step set free, the most urgent call first and each with
    its best agent; the rest stay in their places."""
    while s.seeking_calls or s.seeking_agents:
        lines: dict[QueueId, None] = {}
        for call_key in s.seeking_calls:
            call = s.calls.get(call_key)
            if call is not None and place_call(s, call):
                assert call.queue is not None
                lines[call.queue] = None
        s.seeking_calls = {}
        for agent_key in s.seeking_agents:
            agent = s.agents.get(agent_key)
            if agent is not None and _place_agent(s, agent):
                lines.update(dict.fromkeys(agent.queues))
        s.seeking_agents = {}
        while (call := _next_call(s, lines)) is not None:
            choice = _choose(s, call)
            leave_free(s, choice.agent)
            make_offer(s, call, choice)
            place_call(s, call)


# Calls ------------------------------------------------------------------------------------------


def wants_phones(s: State, call: Call) -> bool:
    """Tell whether one phone more may ring for the call now."""
    if call.state is not CallState.WAITING and call.state is not CallState.OFFERING:
        return False
    return len(call.ringing) < _step(s, call).phones


def standing_of(s: State, call: Call) -> Standing:
    """Return how the call stands in its line, if it stands there."""
    return _step(s, call).reach if call.ringing else None


def place_call(s: State, call: Call) -> bool:
    """Put the call where it belongs: in its line at the place of its arrival, or out of it.
    Return whether it is in the line."""
    if not wants_phones(s, call):
        leave_line(s, call)
        return False
    standing = standing_of(s, call)
    if call.place and call.standing is standing:
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
    heappush(heap, (call.arrived_ms + line.queue.promise_ms, call.number, call.place, call.id))
    return True


def leave_line(s: State, call: Call) -> None:
    """Take a call out of its waiting line, if it is in one."""
    if call.place:
        call.place = 0
        assert call.queue is not None
        s.lines[call.queue].waiting -= 1


def rekey_line(s: State, line: Line) -> None:
    """Order the waiting callers by the queue's new promise."""
    for heap in line.callers.values():
        heap[:] = [
            (s.calls[entry[3]].arrived_ms + line.queue.promise_ms, *entry[1:])
            for entry in heap
            if _is_placed(s, entry)
        ]
        heapify(heap)


def _step(s: State, call: Call) -> directory.Widening:
    assert call.queue is not None
    widening = s.lines[call.queue].queue.widening
    return widening[min(call.step, len(widening) - 1)]


def _next_call(s: State, lines: Iterable[QueueId]) -> Call | None:
    """Return the most urgent call of these lines for which somebody can be rung."""
    best: Urgency | None = None
    chosen: Call | None = None
    for key in lines:
        line = s.lines.get(key)
        if line is None or not line.waiting:
            continue
        head = _head(s, line)
        if head is not None and (best is None or _urgency(line, head) < best):
            best, chosen = _urgency(line, head), head
    return chosen


def _head(s: State, line: Line) -> Call | None:
    """Return the line's most urgent call for which somebody can be rung."""
    best: Call | None = None
    for standing, heap in line.callers.items():
        if heap and _is_anybody_within(line, _reach(line, standing)):
            head = _most_urgent(s, heap)
            if standing is None and head is not None:
                return head  # goes before all for whom a phone rings already
            if head is not None and (best is None or _urgency(line, head) < _urgency(line, best)):
                best = head
    return best


def _urgency(line: Line, call: Call) -> Urgency:
    queue = line.queue
    return (queue.priority, bool(call.ringing), call.arrived_ms + queue.promise_ms, call.number)


def _most_urgent(s: State, heap: list[tuple[int, int, int, CallId]]) -> Call | None:
    while heap:
        if _is_placed(s, heap[0]):
            return s.calls[heap[0][3]]
        heappop(heap)
    return None


def _is_placed(s: State, entry: tuple[int, int, int, str]) -> bool:
    call = s.calls.get(entry[3])  # type: ignore[call-overload]
    return call is not None and call.place == entry[2]


# Agents -----------------------------------------------------------------------------------------


def has_skills(agent: directory.Agent, queue: directory.Queue) -> bool:
    """Tell whether the agent reaches the level of every skill the queue needs."""
    levels = dict(agent.skills)
    return all(levels.get(need.skill, 0) >= need.level_min for need in queue.needs)


def queues_of(s: State, agent: directory.Agent) -> tuple[QueueId, ...]:
    """Return the queues the agent can serve, in the directory's order."""
    return tuple(line.queue.id for line in s.lines.values() if has_skills(agent, line.queue))


def follow_agent(s: State, agent: Agent, was: AgentState) -> None:
    """Keep the queues' books of how many are in which state."""
    for queue in agent.queues:
        line = s.lines.get(queue)
        if line is not None:
            line.members[was] -= 1
            line.members[agent.state] += 1


def leave_free(s: State, agent: Agent) -> None:
    """Take an agent out from among those who can be rung, if they are there."""
    if agent.free_token:
        agent.free_token = 0
        for queue in agent.queues:
            line = s.lines.get(queue)
            if line is not None:
                line.free -= 1
    elif agent.resting is not None:
        for queue in agent.queues:
            line = s.lines.get(queue)
            if line is not None:
                del line.resting[agent.resting][agent.id]
        agent.resting = None


def requeue_agent(s: State, agent: Agent) -> None:
    """Work out anew which queues an agent serves, after a change of skills or queues."""
    leave_free(s, agent)
    drop_agent(s, agent)
    agent.queues = queues_of(s, agent.profile)
    for queue in agent.queues:
        s.lines[queue].members[agent.state] += 1
    s.seeking_agents[agent.id] = None


def drop_agent(s: State, agent: Agent) -> None:
    """Take an agent out of the queues' books."""
    for queue in agent.queues:
        line = s.lines.get(queue)
        if line is not None:
            line.members[agent.state] -= 1


def can_be_rung(s: State, agent: Agent) -> bool:
    """Tell whether there are calls, of whatever reach, for which the agent could be rung now."""
    if agent.state not in RUNG_FROM or agent.left_alone or not s.available(agent):
        return False
    return agent.state is not AgentState.PAUSED or agent.reason in INTERRUPTIBLE


def _place_agent(s: State, agent: Agent) -> bool:
    """Put the agent among those who can be rung; return whether they are there."""
    if agent.free_token or agent.resting is not None:
        return True
    if not can_be_rung(s, agent):
        return False
    reach = RUNG_FROM[agent.state]
    if reach is not Reach.READY:
        agent.resting = reach
        for queue in agent.queues:
            s.lines[queue].resting[reach][agent.id] = None
        return True
    agent.free_token = s.next_number("token")
    for queue in agent.queues:
        line = s.lines[queue]
        line.free += 1
        heap = line.agents
        if len(heap) > HEAP_MIN and len(heap) > 2 * line.free:
            heap[:] = [entry for entry in heap if _is_free(s, entry)]
            heapify(heap)
        rank = rank_of(s, agent, line)
        heappush(heap, (rank, agent.idle_since_ms, agent.free_token, agent.id))
    return True


def _is_free(s: State, entry: tuple[int, int, int, str]) -> bool:
    agent = s.agents.get(entry[3])  # type: ignore[call-overload]
    return agent is not None and agent.free_token == entry[2]


# The choice -------------------------------------------------------------------------------------


def _reach(line: Line, standing: Standing) -> Reach:
    # C01: while no phone rings, nothing is gained by waiting for the later steps.
    return line.queue.widening[-1].reach if standing is None else standing


def is_anybody_waited_for(s: State, line: Line) -> bool:
    """Tell whether the line has a caller for whom somebody could be rung: between two steps,
    never."""
    return _head(s, line) is not None


def _is_anybody_within(line: Line, reach: Reach) -> bool:
    """Tell whether somebody could be rung for a call of this reach."""
    return line.free > 0 or any(line.resting[wider] for wider in _INTERRUPTED[reach])


def _choose(s: State, call: Call) -> Choice:
    """Return the best free agent, else the one whom the call may interrupt: there is somebody."""
    assert call.queue is not None
    line = s.lines[call.queue]
    if line.free:
        while not _is_free(s, line.agents[0]):
            heappop(line.agents)
        rank, _, _, key = line.agents[0]
        if line.queue.selection in (Selection.RANDOM, Selection.WEIGHTED):
            line.drawn = rank
        return Choice(s.agents[key], line.free, rank, _next_best(s, line), Reach.READY)
    for reach in _INTERRUPTED[_reach(line, call.standing)]:
        if resting := line.resting[reach]:
            first, *others = islice(resting, NEXT_TOLD + 1)
            return Choice(s.agents[first], 0, 0, tuple(others), reach)
    raise AssertionError("the call was taken for one that somebody can be rung for")


def _next_best(s: State, line: Line) -> tuple[AgentId, ...]:
    """Return who would be next after the head, at most five: what is taken out is put back."""
    if line.free == 1:
        return ()
    best = [heappop(line.agents)]
    while line.agents and len(best) <= NEXT_TOLD:
        entry = heappop(line.agents)
        if _is_free(s, entry):
            best.append(entry)
    for entry in best:
        heappush(line.agents, entry)
    return tuple(entry[3] for entry in best[1:])


def rank_of(s: State, agent: Agent, line: Line) -> int:
    """Return the agent's key under the queue's rule; the smaller is rung first, and among equals
    the longest idle."""
    queue = line.queue
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
            return line.drawn + _draw(s, 1)
        case Selection.WEIGHTED:
            return line.drawn + _draw(s, max(_level(agent, queue), 1))
        case _:
            assert_never(queue.selection)


def _draw(s: State, weight: int) -> int:
    """Draw when an agent's bell goes, of those that go at random and ``weight`` times as often as
    one of weight 1.

    An exponential wait has no memory: whoever comes back is on equal terms with those who have
    stood there since the last choice (``Line.drawn``), so each choice is in proportion to the
    weights, whatever was chosen before.  Equal numbers drawn once would favour who comes back.
    """
    return int(-math.log(1.0 - s.dice.random()) / weight * DICE_SIDES)


def _level(agent: Agent, queue: directory.Queue) -> int:
    levels = dict(agent.profile.skills)
    return sum(levels[need.skill] for need in queue.needs)
