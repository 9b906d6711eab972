"""How many agents each half hour needs by Erlang's formulas: the first guess of a plan.

A half hour is taken for a steady state of its own, and pick-up and signalling as part of what keeps
an agent busy; what remains of the promise after an average pick-up is the time that a call may
wait.
"""

from functools import partial

from acd.simulation import erlang
from acd.simulation.day import HALF_HOUR_MS, Traffic

EMERGENCY_LINES = 2
"""Of an emergency beside the caller's own: 120, and a contact at the same time."""

SEATS_MIN = 2
"""An emergency takes two agents at once, A and B (C17, L4)."""


def handling_s(traffic: Traffic) -> float:
    """Return how long a call keeps an agent: pick-up, talk and wrap-up."""
    return (sum(traffic.pick_up_ms) / 2 + traffic.talk_ms_mean + traffic.wrap_up_ms) / 1_000


def loads(traffic: Traffic) -> list[float]:
    """Return the erlangs offered in each half hour."""
    total = sum(traffic.weights)
    per_call = handling_s(traffic) / (HALF_HOUR_MS / 1_000)
    return [traffic.calls * weight / total * per_call for weight in traffic.weights]


def line_loads(traffic: Traffic) -> list[float]:
    """Return the erlangs that the operators' lines carry in each half hour.

    A caller's line is taken while a phone rings and for the talk, and not for the agent's notes; an
    emergency takes two more for as long, to rescue and to a contact (E06)."""
    total = sum(traffic.weights)
    taken_s = (sum(traffic.pick_up_ms) / 2 + traffic.talk_ms_mean) / 1_000
    lines = 1 + EMERGENCY_LINES * traffic.emergency_share
    per_call = lines * taken_s / (HALF_HOUR_MS / 1_000)
    return [traffic.calls * weight / total * per_call for weight in traffic.weights]


def by_erlang(
    traffic: Traffic, *, share: float, limit_ms: int, seats_min: int = SEATS_MIN
) -> list[int]:
    """Return the fewest agents for each half hour with whom ``share`` of the calls is answered
    within ``limit_ms``: by Erlang A when callers lose patience, else by Erlang C."""
    handling = handling_s(traffic)
    waiting_s = max(limit_ms - sum(traffic.pick_up_ms) / 2, 0) / 1_000
    patience = traffic.patience_ms_mean

    def reached(load: float, agents: int) -> float:
        if patience is None:
            return erlang.answered_within(load, agents, waiting_s, handling)
        line = erlang.Impatient(
            load=load, agents=agents, handling_s=handling, patience_s=patience / 1_000
        )
        return line.answered_within(waiting_s)

    return [
        erlang.agents_for(share, partial(reached, load), at_least=seats_min)
        for load in loads(traffic)
    ]
