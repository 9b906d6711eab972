"""Candidates: everybody who was weighed when a call was given to somebody, the best first.

An offer keeps its winner, the next five and a count of the others; the whole list is worked out
only when somebody asks why, by a replay (``Core``'s ``witness``).  Looking changes nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

from acd.core.directory import Reach
from acd.core.entities import Agent, Call, Pool, Standing
from acd.core.ids import AgentId
from acd.core.queueing import lines
from acd.core.queueing.matching import BEYOND, INTERRUPTED, Choice
from acd.core.queueing.offers import OCCUPIED, UNFIT
from acd.core.state import Line, State
from acd.core.tables import AgentState

CHOSEN = "chosen"
FREE = "free"


class Candidate(NamedTuple):
    """One agent of the call's queue, or of one that helps it.

    ``able`` tells whether they could have been rung, and then ``standing`` whence: ``chosen``,
    ``free``, or a reach.  Otherwise ``standing`` is why not."""

    agent: AgentId
    able: bool
    standing: str
    tier: int
    """How many steps of the queue's relaxation they need; 0: has all the skills."""
    rank: int | None
    """Their key under the queue's rule, the smaller the better; None for who was not free, or was
    wanted by the caller whatever the rule says."""
    idle_since_ms: int


def of(s: State, call: Call, choice: Choice) -> tuple[Candidate, ...]:
    """Return everybody at the moment of the choice: first who could be rung, in the order in which
    they would have been, then the others.  The chosen one has been taken out from among the free,
    and their phone does not ring yet."""
    agent = choice.agent
    by_rule = choice.preferred is None and choice.reach is Reach.READY
    rank = choice.rank if by_rule else None
    chosen = Candidate(agent.id, True, CHOSEN, choice.tier, rank, agent.idle_since_ms)
    if call.is_for_one or call.queue is None:
        return (chosen,)
    line = s.lines[call.queue]
    found = {agent.id: chosen}
    for one in (*_able(s, call, line), *_unable(s, call, line)):
        found.setdefault(one.agent, one)
    return tuple(found.values())


def _able(s: State, call: Call, line: Line) -> Iterator[Candidate]:
    standing = _standing(s, call)
    fit = line.pools[: standing.tier + 1]
    for pool in fit:
        yield from _free(s, pool, able=True)
    if standing.is_spare:
        return
    for key in line.queue.overflow if standing.overflow else ():
        if key in s.lines:
            yield from _free(s, s.lines[key].pools[0], able=True)
    for reach in INTERRUPTED[standing.reach]:
        for pool in fit:
            for agent in pool.resting[reach]:
                yield _within(s.agents[agent], reach, pool.tier)
    if standing.reach in BEYOND:
        for agent in s.supervisors:
            yield _within(s.agents[agent], Reach.SUPERVISOR, 0)
    if standing.reach is Reach.OUTSIDE:
        for agent in line.outside:
            yield _within(s.agents[agent], Reach.OUTSIDE, 0)


def _unable(s: State, call: Call, line: Line) -> Iterator[Candidate]:
    for pool in line.pools[_standing(s, call).tier + 1 :]:
        yield from _free(s, pool, able=False)
    rest = []
    for agent in s.agents.values():
        tier = next((pool.tier for pool in agent.pools if pool in line.pools), None)
        if tier is not None:
            why = OCCUPIED if agent.state is AgentState.READY else agent.state.value
            rest.append(Candidate(agent.id, False, why, tier, None, agent.idle_since_ms))
    yield from sorted(rest, key=lambda one: (one.standing, one.agent))


def _standing(s: State, call: Call) -> Standing:
    """Return how far the call reached; who waits for somebody in particular stands nowhere."""
    return call.standing or lines.stage_of(s, call).alone


def _free(s: State, pool: Pool, *, able: bool) -> Iterator[Candidate]:
    for rank, idle_since_ms, token, key in sorted(pool.agents):
        agent = s.agents.get(key)
        if agent is not None and agent.free_token == token:
            yield Candidate(key, able, FREE if able else UNFIT, pool.tier, rank, idle_since_ms)


def _within(agent: Agent, reach: Reach, tier: int) -> Candidate:
    return Candidate(agent.id, True, reach.value, tier, None, agent.idle_since_ms)
