"""The rules by which a queue's free agents are ordered: the key of each, the smallest first.

A key is fixed when the agent becomes free, and among equals the longest idle goes first.
"""

import math
from typing import assert_never

from acd.core import directory
from acd.core.directory import Selection
from acd.core.entities import Agent
from acd.core.state import Line, State

DICE_SIDES = 1 << 30
"""Fine enough that two of some thousand agents hardly ever draw the same, and a year of ranks
stays below 2**63, which is what a database holds."""


def rank_of(s: State, agent: Agent, line: Line) -> int:
    """Return the agent's key under the queue's rule; the smaller is rung first, and among equals
    the longest idle."""
    queue = line.queue
    match queue.selection:
        case Selection.LONGEST_IDLE | Selection.RING_ALL:
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
    # After a relaxation somebody may serve who lacks one of the skills.
    levels = dict(agent.profile.skills)
    return sum(levels.get(need.skill, 0) for need in queue.needs)
