"""Steering: what a supervisor decides for others, agents and callers who wait (T06, D10).

An agent is put into a state as if they had asked for it, without being asked for consent; a caller
who waits is raised, moved to another queue, or given to somebody by name.  Every use is a fact.
"""

from acd.core import calls
from acd.core.asks import refuse_for
from acd.core.call_control import rooms, supervision
from acd.core.commands import Release
from acd.core.entities import Agent, Call
from acd.core.events import Force, ForceRequested, Steer, SteerRequested
from acd.core.facts import CallSteered, StateForced
from acd.core.ids import RequestId
from acd.core.moves import move_call
from acd.core.queueing import lines, matching, offers, presence, treatment, waiting
from acd.core.queueing.matching import Choice
from acd.core.replies import Done, Refusal, Refused, Reply
from acd.core.staff import leave, shifts
from acd.core.state import State
from acd.core.tables import AgentState, CallMove, CallState, OfferMove

WAITS = (CallState.WAITING, CallState.OFFERING)


# Agents -----------------------------------------------------------------------------------------


def force(s: State, event: ForceRequested) -> Reply:
    """Put an agent into a state."""
    by = supervision.supervisor_of(s, event.request, event.supervisor)
    if isinstance(by, Refused):
        return by
    agent = s.agents.get(event.agent)
    if agent is None or agent.state is AgentState.LOGGED_OUT:
        sentence = f"Agent {event.agent} is not logged in."
        return _no(s, event.request, by, Refusal.NOT_LOGGED_IN, sentence)
    reason = event.reason if event.action is Force.PAUSE else None
    unknown = None if reason is None else shifts.unknown_reason(reason)
    if unknown is not None:
        return _no(s, event.request, by, Refusal.UNKNOWN_REASON, unknown)
    s.emit(
        StateForced(
            at_ms=s.now, supervisor=by.id, agent=agent.id, action=event.action, reason=reason
        )
    )
    if event.action is Force.READY:
        return shifts.be_ready(s, event.request, agent.id)
    leave.withdraw(s, agent)
    what = AgentState.PAUSED if event.action is Force.PAUSE else AgentState.LOGGED_OUT
    later = leave.go(s, agent, what, reason)
    return Done(event.request, agent.state, later=later)


def _no(s: State, request: RequestId, by: Agent, refusal: Refusal, sentence: str) -> Refused:
    return refuse_for(s, request, by.id, refusal, sentence)


# Callers ----------------------------------------------------------------------------------------


def steer(s: State, event: SteerRequested) -> Reply:
    """Decide about a caller who waits."""
    by = supervision.supervisor_of(s, event.request, event.supervisor)
    if isinstance(by, Refused):
        return by
    call = s.calls.get(event.call)
    if call is None or call.queue is None or call.state not in WAITS or call.is_for_one:
        sentence = f"Call {event.call} does not wait for an agent."
        return _no(s, event.request, by, Refusal.NOT_WAITING, sentence)
    refusal: Refused | None = None
    if event.action is Steer.RAISE:
        waiting.raise_(s, call)
    elif event.action is Steer.MOVE:
        refusal = _move(s, event, by, call)
    else:
        refusal = _give(s, event, by, call)
    if refusal is not None:
        return refusal
    agent = by.id if event.action is Steer.PULL else event.agent
    s.emit(
        CallSteered(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            supervisor=by.id,
            action=event.action,
            agent=agent,
            queue=event.queue,
        )
    )
    return Done(event.request, event.action, call=call.id)


def _move(s: State, event: SteerRequested, by: Agent, call: Call) -> Refused | None:
    line = None if event.queue is None else s.lines.get(event.queue)
    if line is None or line.retired:
        sentence = f"There is no queue {event.queue}."
        return _no(s, event.request, by, Refusal.UNKNOWN_QUEUE, sentence)
    for key in tuple(call.ringing):
        offer = s.offers[key]
        if offers.end(s, offer, OfferMove.WITHDRAWN, None):
            offers.stop(s, offer, Release.NORMAL)
            move_call(s, call, CallMove.OFFER_LOST if call.ringing else CallMove.LAST_OFFER_LOST)
    lines.leave_line(s, call)
    if waiting.is_waiting(s, call):
        treatment.leave(s, call)
        calls.change_queue(s, call, line.queue.id)
        waiting.start_again(s, call, line.queue)
        caller = s.legs[call.caller_leg]
        if rooms.has_music(s, caller):
            rooms.music(s, call, caller)
    else:
        calls.change_queue(s, call, line.queue.id)
        waiting.take_up_stages(s, call)
    s.seeking_calls[call.id] = None
    return None


def _give(s: State, event: SteerRequested, by: Agent, call: Call) -> Refused | None:
    """Ring somebody by name; when they do not come the present rule serves on."""
    agent = by if event.action is Steer.PULL else s.agents.get(event.agent or by.id)
    if agent is None:
        sentence = f"There is no agent {event.agent}."
        return _no(s, event.request, by, Refusal.UNKNOWN_AGENT, sentence)
    if event.action is Steer.ASSIGN and event.agent is None:
        return _no(s, event.request, by, Refusal.UNKNOWN_AGENT, "To whom? No agent was named.")
    if agent.state not in supervision.CAN_TALK or not s.available(agent):
        how = "on the phone" if agent.state in supervision.CAN_TALK else agent.state
        sentence = f"Agent {agent.id} is {how} and cannot be rung."
        return _no(s, event.request, by, Refusal.AGENT_NOT_FREE, sentence)
    matching.leave_free(s, agent)
    choice = Choice(agent, 1, 0, matching.RUNG_FROM[agent.state], preferred="supervisor")
    presence.make_offer(s, call, choice)
    s.seeking_calls[call.id] = None
    return None
