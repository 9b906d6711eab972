"""Leave: who may go only when a supervisor has agreed (D08).

Two rules ask for it: a queue names reasons of a pause that need consent, and an emergency line
must not be left with fewer than two others ready (C17: A and B).  The agent stays as they are until
a supervisor answers, by the API or by *66 and *67; no answer within ``ANSWER_MS_MAX`` is none, and
they may ask again.  With no supervisor logged in nobody could ever go: then it is done at once, and
told as a fact of its own, which raises an alarm.
"""

from acd.core import directory, memos
from acd.core.entities import Agent, Leave
from acd.core.facts import LeaveAsked, LeaveResult, LeaveWhy, LeftWithoutConsent
from acd.core.ids import AgentId
from acd.core.staff import agents
from acd.core.state import Line, State
from acd.core.tables import AgentMove, AgentState

ANSWER_MS_MAX = 120_000
"""A supervisor who has not answered by then is busy; the agent is at their phone meanwhile."""

READY_MIN_EMERGENCY = 2
"""C17: an emergency needs two at once."""

_AT_WORK = (
    AgentState.READY,
    AgentState.RESERVED,
    AgentState.OFFERED,
    AgentState.TALKING,
    AgentState.WRAP_UP,
)


def ask(s: State, agent: Agent, what: AgentState, reason: str | None) -> bool:
    """Put the wish to a supervisor where the rules say so; False when the agent may just go."""
    withdraw(s, agent)
    why = _why(s, agent, what, reason)
    if why is None:
        return False
    assert agent.seat is not None
    if not _supervisors(s, agent):
        s.emit(
            LeftWithoutConsent(
                at_ms=s.now, agent=agent.id, seat=agent.seat, what=what, reason=reason, why=why
            )
        )
        return False
    agent.leave = Leave(what=what, reason=reason, why=why, asked_ms=s.now)
    s.touched[agent] = None
    s.timers.set(("leave", agent.id), s.now + ANSWER_MS_MAX)
    s.emit(
        LeaveAsked(at_ms=s.now, agent=agent.id, seat=agent.seat, what=what, reason=reason, why=why)
    )
    return True


def go(s: State, agent: Agent, what: AgentState, reason: str | None) -> AgentState | None:
    """Pause or log the agent out; return the state that follows when it must wait for the end of
    the conversation."""
    if agent.state in (AgentState.OFFERED, AgentState.TALKING):
        if what is AgentState.PAUSED and agent.wrap_up is not None:
            # Who is rung out of wrap-up has said what comes next: it is not the notes.
            agents.end_notes(s, agent)
        agent.later, agent.later_reason = what, reason
        memos.note_wish(s, agent)
        return what
    if what is AgentState.LOGGED_OUT:
        agents.leave_seat(s, agent)
    else:
        agent.later = agent.later_reason = None
        agent.call = None
        agents.move(s, agent, AgentMove.PAUSED, reason=reason)
    return None


def answer(s: State, agent: Agent, supervisor: AgentId, *, granted: bool) -> AgentState | None:
    """A supervisor has answered; return what follows the present conversation, if anything."""
    leave = agent.leave
    assert leave is not None
    agents.end_leave(
        s, agent, LeaveResult.GRANTED if granted else LeaveResult.DENIED, by=supervisor
    )
    return go(s, agent, leave.what, leave.reason) if granted else None


def withdraw(s: State, agent: Agent) -> None:
    """The agent wants something else now, or is gone."""
    if agent.leave is not None:
        agents.end_leave(s, agent, LeaveResult.WITHDRAWN, by=None)


def lapsed(s: State, key: AgentId) -> None:
    """No supervisor has answered in time: everything stays as it is."""
    agents.end_leave(s, s.agents[key], LeaveResult.LAPSED, by=None)


def _why(s: State, agent: Agent, what: AgentState, reason: str | None) -> LeaveWhy | None:
    """Return by which rule a supervisor is to be asked; None for supervisors themselves."""
    if agent.profile.role is directory.Role.SUPERVISOR:
        return None
    served = [s.lines[key] for key in agent.queues if key in s.lines]
    if what is AgentState.PAUSED and any(reason in line.queue.rules.consent for line in served):
        return LeaveWhy.REASON
    if agent.state in _AT_WORK and any(_would_be_short(s, line, agent) for line in served):
        return LeaveWhy.STAFFING
    return None


def _would_be_short(s: State, line: Line, agent: Agent) -> bool:
    """Tell whether too few others who have all the skills are ready."""
    least = line.queue.rules.ready_min
    if least is None:
        leads = any(
            entry.kind is directory.EntryKind.EMERGENCY and entry.queue == line.queue.id
            for entry in s.entries.values()
        )
        least = READY_MIN_EMERGENCY if leads else 0
    pool = line.pools[0]
    others = pool.members[AgentState.READY]
    if agent.state is AgentState.READY and pool in agent.pools:
        others -= 1
    return others < least


def _supervisors(s: State, agent: Agent) -> bool:
    """Tell whether somebody else who may answer is logged in."""
    return any(
        other.profile.role is directory.Role.SUPERVISOR
        and other.state is not AgentState.LOGGED_OUT
        and other is not agent
        for other in s.agents.values()
    )
