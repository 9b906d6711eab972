"""Who is served next, and by whom.

Callers stand in their queue's line (``lines``), agents who can be rung in the pools beside it: one
pool for those who have all the skills, one more for each step of the queue's relaxation.  Free
agents lie in a heap by the queue's rule (``selection``); beside it stand those who could be rung
out of wrap-up or a break, for calls that may reach so far.  After each event ``settle`` takes the
most urgent call for which somebody can be rung and gives it its best agent, until there is none.
Keys change only with an event that puts the call or the agent in anew, so a step costs the
logarithm of the lengths, and what has become stale is recognised by its token when it surfaces.

Always true between two steps: nobody is in a line for whom somebody within reach could be rung.
"""

from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import NamedTuple

from acd.core import directory
from acd.core.directory import Reach, Role, Selection
from acd.core.entities import Agent, Call, Pool, Standing
from acd.core.ids import AgentId, QueueId
from acd.core.queueing import lines, preferences
from acd.core.queueing.lines import Urgency, most_urgent, urgency
from acd.core.queueing.preferences import BUSY
from acd.core.queueing.selection import rank_of
from acd.core.state import Line, State
from acd.core.tables import AgentState

NEXT_TOLD = 5
"""How many of those not chosen each offer names; the full list comes by replay."""

RUNG_FROM = {
    AgentState.READY: Reach.READY,
    AgentState.WRAP_UP: Reach.WRAP_UP,
    AgentState.PAUSED: Reach.BREAK,
}
"""States out of which an agent can be rung, by how far a call must reach for that."""

INTERRUPTIBLE = ("rest", "training", "paperwork")
"""Breaks near the phone.  At a meal, or where the shift leader has sent them (D08), nobody hears
it: the ring would cost the caller its time and reach no one."""

INTERRUPTED: dict[Reach, tuple[Reach, ...]] = {
    Reach.READY: (),
    Reach.WRAP_UP: (Reach.WRAP_UP,),
    Reach.BREAK: (Reach.WRAP_UP, Reach.BREAK),
    Reach.SUPERVISOR: (Reach.WRAP_UP, Reach.BREAK),
    Reach.OUTSIDE: (Reach.WRAP_UP, Reach.BREAK),
}
"""Whom a call of this reach may interrupt, in order: notes can wait better than people."""


_BY_CHANCE = (Selection.RANDOM, Selection.WEIGHTED)

BEYOND = (Reach.SUPERVISOR, Reach.OUTSIDE)
"""Reaches that go beyond the agents of the queue."""


class Choice(NamedTuple):
    """An agent chosen for a call, and why: see ``facts.OfferMade``."""

    agent: Agent
    free: int
    rank: int
    reach: Reach
    pools: Sequence[Pool] = ()
    """Among whose free agents they were the best, by the rule."""
    others: Iterable[AgentId] = ()
    """Among whom they stood where there is no rule but who has stood there longest."""
    tier: int = 0
    overflow: QueueId | None = None
    preferred: str | None = None


MakeOffer = Callable[[State, Call, Choice], None]


def settle(s: State, make_offer: MakeOffer) -> None:
    """Pair the calls and agents that this step set free, the most urgent call first and each with
    its best agent; the rest stay in their places."""
    while s.seeking_calls or s.seeking_agents:
        moved: dict[QueueId, None] = {}
        met: dict[tuple[QueueId, str], None] = {}
        for call_key in s.seeking_calls:
            call = s.calls.get(call_key)
            if call is not None:
                _place_call(s, call, moved, met)
        s.seeking_calls = {}
        for agent_key in s.seeking_agents:
            agent = s.agents.get(agent_key)
            if agent is not None and _place_agent(s, agent):
                _note_served(s, agent, moved, met)
        s.seeking_agents = {}
        while (call := _next_call(s, moved, met)) is not None:
            choice = _choose(s, call)
            _take_out(s, choice.agent)
            make_offer(s, call, choice)
            _clear_heads(s, choice.agent.pools)
            if lines.place_call(s, call) and call.queue is not None:
                # Who stood apart, for whom they would rather have, is in the line from now on.
                moved[call.queue] = None


def _place_call(
    s: State, call: Call, moved: dict[QueueId, None], met: dict[tuple[QueueId, str], None]
) -> None:
    """Put the call where it belongs and note where somebody may be found for it."""
    queue = call.queue
    if queue is None:
        return
    if call.patient and lines.wants_phones(s, call) and not lines.is_spare(s, call):
        if preferences.is_patient(s, call):
            preferences.place(s, s.lines[queue], call)
            met.update(((queue, one.key), None) for one in call.prefers)
            return
        preferences.stop_waiting(s, call)
    if lines.place_call(s, call):
        moved[queue] = None


def _note_served(
    s: State, agent: Agent, moved: dict[QueueId, None], met: dict[tuple[QueueId, str], None]
) -> None:
    """Note the lines whose callers the agent could serve now, and who wants this very agent."""
    for pool in agent.pools:
        moved[pool.queue] = None
        line = s.lines[pool.queue]
        if line.feeders:
            moved.update(dict.fromkeys(line.feeders))
        if line.wanted:
            for key in preferences.keys_of(agent, pool):
                if key in line.wanted:
                    met[pool.queue, key] = None
    if agent.id in s.supervisors:
        moved.update((key, None) for key, line in s.lines.items()
                     if line.waiting and line.queue.widening[-1].reach in BEYOND)  # fmt: skip
    elif agent.profile.outside is not None:
        moved.update(dict.fromkeys(agent.queues))


def _next_call(
    s: State, moved: Iterable[QueueId], met: Iterable[tuple[QueueId, str]]
) -> Call | None:
    """Return the most urgent call of these lines for which somebody can be rung."""
    best: Urgency | None = None
    chosen: Call | None = None
    for key in moved:
        line = s.lines.get(key)
        head = _head(s, line) if line is not None and line.waiting else None
        if head is not None and (best is None or head[0] < best):
            best, chosen = head
    for key, wanted in met:
        line = s.lines.get(key)
        call = None if line is None else preferences.most_wanting(s, line, wanted)
        if line is None or call is None or _preferred(s, line, call) is None:
            continue
        mine = urgency(s, line, call)
        if best is None or mine < best:
            best, chosen = mine, call
    return chosen


def _head(s: State, line: Line) -> tuple[Urgency, Call] | None:
    """Return the line's most urgent call for which somebody can be rung, and how urgent it is."""
    best: tuple[Urgency, Call] | None = None
    for standing, heap in line.callers.items():
        if not heap or not _is_anybody_within(s, line, standing):
            continue
        call = most_urgent(s, heap)
        if call is None:
            continue
        mine = urgency(s, line, call)
        if best is None or mine < best[0]:
            best = mine, call
    return best


# Agents -----------------------------------------------------------------------------------------


def has_skills(agent: directory.Agent, needs: Iterable[directory.SkillNeed]) -> bool:
    """Tell whether the agent reaches the level of every skill needed."""
    levels = dict(agent.skills)
    return all(levels.get(need.skill, 0) >= need.level_min for need in needs)


def tier_of(agent: directory.Agent, queue: directory.Queue) -> int | None:
    """Return from which step of the queue's relaxation on the agent will do: 0 when they have all
    the skills, None when they never will."""
    if agent.outside is not None:
        return None
    if has_skills(agent, queue.needs):
        return 0
    for tier, step in enumerate(queue.relaxation, 1):
        if has_skills(agent, step.needs):
            return tier
    return None


def serves(agent: directory.Agent, queue: directory.Queue) -> bool:
    """Tell whether the agent is one of the queue's own, or a duty phone of it."""
    if agent.outside is not None:
        return queue.id in agent.outside.queues
    return tier_of(agent, queue) is not None


def follow_agent(s: State, agent: Agent, was: AgentState) -> None:
    """Keep the pools' books of how many are in which state."""
    for pool in agent.pools:
        pool.members[was] -= 1
        pool.members[agent.state] += 1
        if pool.shelves:
            _count_busy(pool, agent, (agent.state in BUSY) - (was in BUSY))


def _count_busy(pool: Pool, agent: Agent, more: int) -> None:
    """Keep the books of who has what a caller may prefer, and will be free."""
    if more:
        for skill, _ in agent.profile.skills:
            if skill in pool.shelves:
                pool.shelves[skill].busy += more


def leave_free(s: State, agent: Agent) -> None:
    """Take an agent out from among those who can be rung, if they are there."""
    pools = agent.pools if agent.free_token else ()
    _take_out(s, agent)
    _clear_heads(s, pools)


def _take_out(s: State, agent: Agent) -> None:
    if agent.free_token:
        agent.free_token = 0
        for pool in agent.pools:
            pool.free -= 1
        s.supervisors.pop(agent.id, None)
        if agent.profile.outside is not None:
            for key in agent.queues:
                if (line := s.lines.get(key)) is not None:  # it may just have been dropped
                    line.outside.pop(agent.id, None)
    elif agent.resting is not None:
        for pool in agent.pools:
            del pool.resting[agent.resting][agent.id]
        agent.resting = None


def _clear_heads(s: State, pools: Iterable[Pool]) -> None:
    """Let whoever is to be rung next be seen at a glance: see ``foreseen``."""
    for pool in pools:
        while pool.agents and not is_free(s, pool.agents[0]):
            heappop(pool.agents)


def requeue_agent(s: State, agent: Agent) -> None:
    """Work out anew which queues an agent serves, after a change of queues."""
    leave_free(s, agent)
    drop_agent(s, agent)
    pools: list[Pool] = []
    for line in s.lines.values():
        tier = tier_of(agent.profile, line.queue)
        if tier is not None:
            pools.append(line.pools[tier])
    agent.pools = tuple(pools)
    agent.queues = tuple(pool.queue for pool in pools)
    if agent.profile.outside is not None:
        agent.queues = tuple(key for key in agent.profile.outside.queues if key in s.lines)
    for pool in pools:
        pool.members[agent.state] += 1
        _count_busy(pool, agent, int(agent.state in BUSY))
    s.seeking_agents[agent.id] = None


def drop_agent(s: State, agent: Agent) -> None:
    """Take an agent out of the pools' books."""
    for pool in agent.pools:
        pool.members[agent.state] -= 1
        _count_busy(pool, agent, -int(agent.state in BUSY))
    agent.pools = agent.queues = ()


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
        for pool in agent.pools:
            pool.resting[reach][agent.id] = None
        return True
    agent.free_token = s.next_number("token")
    if agent.profile.role is Role.SUPERVISOR:
        s.supervisors[agent.id] = None
    if agent.profile.outside is not None:
        for key in agent.queues:
            s.lines[key].outside[agent.id] = None
    for pool in agent.pools:
        pool.free += 1
        heap = pool.agents
        if len(heap) > lines.HEAP_MIN and len(heap) > 2 * pool.free:
            heap[:] = [entry for entry in heap if is_free(s, entry)]
            heapify(heap)
        rank = rank_of(s, agent, s.lines[pool.queue])
        entry = (rank, agent.idle_since_ms, agent.free_token, agent.id)
        heappush(heap, entry)
        if pool.shelves:
            _shelve(s, pool, agent, entry)
    return True


def _shelve(s: State, pool: Pool, agent: Agent, entry: tuple[int, int, int, AgentId]) -> None:
    """Put a free agent where those look who prefer one of their skills."""
    for skill, _ in agent.profile.skills:
        shelf = pool.shelves.get(skill)
        if shelf is not None:
            if len(shelf.agents) > lines.HEAP_MIN and len(shelf.agents) > 2 * pool.free:
                shelf.agents = [one for one in shelf.agents if is_free(s, one)]
                heapify(shelf.agents)
            heappush(shelf.agents, entry)


def is_free(s: State, entry: tuple[int, int, int, AgentId]) -> bool:
    """Tell whether an entry of a pool stands for somebody who can be rung."""
    agent = s.agents.get(entry[3])
    return agent is not None and agent.free_token == entry[2]


# The choice -------------------------------------------------------------------------------------


def is_anybody_waited_for(s: State, line: Line) -> bool:
    """Tell whether the line has a caller for whom somebody could be rung: between two steps,
    never."""
    return _head(s, line) is not None


def _overflow_pools(s: State, line: Line, standing: Standing) -> list[Pool]:
    """Return the pools of other queues whose ready agents may be rung too.  A queue that is named
    and not there (any more) helps nobody and harms nobody."""
    if not standing.overflow:
        return []
    return [s.lines[key].pools[0] for key in line.queue.overflow if key in s.lines]


def _is_anybody_within(s: State, line: Line, standing: Standing) -> bool:
    """Tell whether somebody could be rung for a call that stands so."""
    fit = line.pools[: standing.tier + 1]
    if standing.is_spare:
        return sum(pool.free for pool in fit) > lines.KEPT_FREE
    for pool in fit:
        if pool.free:
            return True
    for reach in INTERRUPTED[standing.reach]:
        for pool in fit:
            if pool.resting[reach]:
                return True
    for pool in _overflow_pools(s, line, standing):
        if pool.free:
            return True
    return (standing.reach in BEYOND and bool(s.supervisors)) or (
        standing.reach is Reach.OUTSIDE and bool(line.outside)
    )


def _choose(s: State, call: Call) -> Choice:
    """Return the best free agent, else the one whom the call may interrupt: there is somebody."""
    assert call.queue is not None
    line = s.lines[call.queue]
    if call.prefers and (preferred := _preferred(s, line, call)) is not None:
        return preferred
    assert call.standing is not None
    fit = line.pools[: call.standing.tier + 1]
    for n, pool in enumerate(fit):
        if pool.free:
            return _best_of(s, line, fit[n:])
    for pool in _overflow_pools(s, line, call.standing):
        if pool.free:
            return _best_of(s, line, [pool])
    for reach in INTERRUPTED[call.standing.reach]:
        for pool in line.pools[: call.standing.tier + 1]:
            if resting := pool.resting[reach]:
                return _longest(s, resting, reach, pool.tier)
    if call.standing.reach in BEYOND and s.supervisors:
        return _longest(s, s.supervisors, Reach.SUPERVISOR)
    if call.standing.reach is Reach.OUTSIDE and line.outside:
        return _longest(s, line.outside, Reach.OUTSIDE)
    raise AssertionError("the call was taken for one that somebody can be rung for")


def _longest(s: State, standing: dict[AgentId, None], reach: Reach, tier: int = 0) -> Choice:
    """Return who has stood there longest."""
    return Choice(s.agents[next(iter(standing))], 0, 0, reach, others=standing, tier=tier)


def _preferred(s: State, line: Line, call: Call) -> Choice | None:
    """Return the free agent whom the caller would rather have, if there is one."""
    tier = lines.stage_of(s, call).alone.tier
    found = preferences.choose(s, line, call, tier)
    if found is None:
        return None
    one, agent, pool = found
    fit = line.pools[: tier + 1]
    return Choice(
        agent=agent,
        free=sum(pool.free for pool in fit),
        rank=0,
        reach=Reach.READY,
        pools=fit,
        tier=pool.tier,
        preferred=one.skill or one.why,
    )


def _best_of(s: State, line: Line, pools: list[Pool]) -> Choice:
    """Return the best of the first pool, which has somebody free."""
    pool = pools[0]
    while not is_free(s, pool.agents[0]):
        heappop(pool.agents)
    rank, _, _, key = pool.agents[0]
    own = s.lines[pool.queue]
    if own.queue.selection in _BY_CHANCE:
        own.drawn = rank
    return Choice(
        agent=s.agents[key],
        free=sum(one.free for one in pools),
        rank=rank,
        reach=Reach.READY,
        pools=pools,
        tier=pool.tier,
        overflow=None if own is line else own.queue.id,
    )


def next_best(s: State, choice: Choice) -> tuple[AgentId, ...]:
    """Return who would be next, at most five, once the chosen agent has been taken: what is taken
    out of the heaps is put back."""
    found = list(islice(choice.others, NEXT_TOLD))
    for pool in choice.pools:
        if not pool.free:
            continue
        taken = []
        while pool.agents and len(found) < NEXT_TOLD:
            entry = heappop(pool.agents)
            if is_free(s, entry):
                taken.append(entry)
                found.append(entry[3])
        for entry in taken:
            heappush(pool.agents, entry)
    return tuple(found)
