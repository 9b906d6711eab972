"""Shifts: what agents ask for themselves (T37), and others for them.

Feature codes and the API end in the same requests here, so they obey the same rules.  Each is
done, done after the conversation that is going on, or refused by a value that says why; a refused
request changes nothing.
"""

from acd.core import directory, memos
from acd.core.asks import refuse_for
from acd.core.emergency import chasers
from acd.core.entities import Agent
from acd.core.facts import WrapUpExtended
from acd.core.ids import AgentId, RequestId, SeatId
from acd.core.replies import Done, Refusal, Reply
from acd.core.staff import agents, leave
from acd.core.state import State
from acd.core.tables import AgentMove, AgentState

RESERVATION_MS_MAX = 300_000
"""A person reserves an agent for so long at the most: five minutes are enough to find a number."""


def log_in(s: State, request: RequestId, agent: AgentId, seat: SeatId) -> Reply:
    """Start work at a seat and be ready (T37).  One person, one seat."""
    record = s.agents.get(agent)
    if record is None or record.removed:
        return _refuse(s, request, None, Refusal.UNKNOWN_AGENT, f"There is no agent {agent}.")
    if seat not in s.seats or not s.seats[seat].phones:
        return _refuse(s, request, record, Refusal.UNKNOWN_SEAT, f"There is no seat {seat}.")
    occupant = s.occupants.get(seat)
    if occupant is not None and occupant != agent:
        sentence = f"Agent {occupant} is logged in at seat {seat}; log them out first."
        return _refuse(s, request, record, Refusal.SEAT_TAKEN, sentence)
    if record.state is not AgentState.LOGGED_OUT:
        if record.seat != seat:
            sentence = f"Agent {agent} is logged in at seat {record.seat}; log out there first."
            return _refuse(s, request, record, Refusal.LOGGED_IN_ELSEWHERE, sentence)
        return be_ready(s, request, agent)
    record.seat = seat
    s.occupants[seat] = agent
    record.misses = 0
    record.calls_taken = record.talked_ms = 0
    record.idle_since_ms = s.now
    reason = agents.out_of_reach(s, record)
    if reason is not None:
        agents.move(s, record, AgentMove.SILENT, reason=reason)
    else:
        agents.move(s, record, AgentMove.LOGGED_IN)
    chasers.work_begun(s, agent)
    return Done(request, record.state)


def be_ready(s: State, request: RequestId, agent: AgentId) -> Reply:
    """Take calls again: from a pause, from not responding, or out of wrap-up."""
    record = s.agents.get(agent)
    if record is None or record.state is AgentState.LOGGED_OUT:
        return _not_logged_in(s, request, agent)
    leave.withdraw(s, record)
    if record.state in (AgentState.OFFERED, AgentState.TALKING):
        if record.wrap_up is not None:
            # Who is rung out of wrap-up has said what comes next: it is not the notes.
            agents.end_notes(s, record)
        record.later = record.later_reason = None
        memos.note_wish(s, record)
        return Done(request, record.state, later=AgentState.READY)
    record.misses = 0
    record.later = record.later_reason = None
    if record.state is not AgentState.READY:
        record.idle_since_ms = s.now
        agents.free(s, record)
    return Done(request, record.state)


def pause(s: State, request: RequestId, agent: AgentId, reason: str) -> Reply:
    """Stop taking calls for a reason (T37, D08); after the conversation if there is one."""
    record = s.agents.get(agent)
    if record is None or record.state is AgentState.LOGGED_OUT:
        return _not_logged_in(s, request, agent)
    if (sentence := unknown_reason(reason)) is not None:
        return _refuse(s, request, record, Refusal.UNKNOWN_REASON, sentence)
    return _go(s, request, record, AgentState.PAUSED, reason)


def unknown_reason(reason: str) -> str | None:
    """Return what to say of a reason for which nobody can pause; None of any other."""
    known = directory.PAUSE_REASONS.values()
    if reason in known:
        return None
    return f"There is no pause reason {reason!r}; the reasons are {', '.join(known)}."


def _go(s: State, request: RequestId, agent: Agent, what: AgentState, reason: str | None) -> Reply:
    if leave.ask(s, agent, what, reason):
        return Done(request, agent.state, asked=True)
    later = leave.go(s, agent, what, reason)
    return Done(request, agent.state, later=later)


def end_wrap_up(s: State, request: RequestId, agent: AgentId) -> Reply:
    """End wrap-up before its time."""
    record = s.agents.get(agent)
    if record is None or record.state is AgentState.LOGGED_OUT:
        return _not_logged_in(s, request, agent)
    if record.state is not AgentState.WRAP_UP:
        sentence = f"Agent {agent} is {record.state}, not in wrap-up."
        return _refuse(s, request, record, Refusal.NOT_IN_WRAP_UP, sentence)
    record.idle_since_ms = s.now
    agents.free(s, record)
    return Done(request, record.state)


def extend_wrap_up(s: State, request: RequestId, agent: AgentId) -> Reply:
    """Have more time for the notes: as much as the queue adds at once, within its limit."""
    record = s.agents.get(agent)
    if record is None or record.state is AgentState.LOGGED_OUT:
        return _not_logged_in(s, request, agent)
    notes = record.wrap_up
    if record.state is not AgentState.WRAP_UP or notes is None:
        sentence = f"Agent {agent} is {record.state}, not in wrap-up."
        return _refuse(s, request, record, Refusal.NOT_IN_WRAP_UP, sentence)
    line = s.lines.get(notes.queue)
    rules = directory.AgentRules() if line is None else line.queue.rules
    had_ms = notes.spent_ms + notes.until_ms - record.since_ms
    by_ms = min(rules.wrap_up_extension_ms, rules.wrap_up_ms_max - had_ms)
    if by_ms <= 0:
        sentence = (
            f"The wrap-up of agent {agent} is {had_ms / 1000:g} s long already; "
            f"the most is {rules.wrap_up_ms_max / 1000:g} s."
        )
        return _refuse(s, request, record, Refusal.WRAP_UP_AT_LIMIT, sentence)
    notes.until_ms += by_ms
    s.timers.set(("wrap_up", agent), notes.until_ms)
    s.emit(
        WrapUpExtended(
            at_ms=s.now, agent=agent, call=notes.call, by_ms=by_ms, until_ms=notes.until_ms
        )
    )
    return Done(request, record.state)


def log_out(s: State, request: RequestId, agent: AgentId) -> Reply:
    """End work (T37); after the conversation if there is one."""
    record = s.agents.get(agent)
    if record is None or record.state is AgentState.LOGGED_OUT:
        return _not_logged_in(s, request, agent)
    return _go(s, request, record, AgentState.LOGGED_OUT, None)


def reserve(s: State, request: RequestId, agent: AgentId, *, reason: str, hold_ms: int) -> Reply:
    """Keep an agent for a callback or an outbound call, for at most ``hold_ms``."""
    record = s.agents.get(agent)
    if record is None or record.state is AgentState.LOGGED_OUT:
        return _not_logged_in(s, request, agent)
    if not agents.reserve(s, record, reason, s.now + min(hold_ms, RESERVATION_MS_MAX)):
        occupied = record.state is AgentState.READY
        sentence = f"Agent {agent} is {'on the phone' if occupied else record.state}, not free."
        return _refuse(s, request, record, Refusal.NOT_FREE, sentence)
    return Done(request, record.state)


def release(s: State, request: RequestId, agent: AgentId) -> Reply:
    """Let a reserved agent take calls again."""
    record = s.agents.get(agent)
    if record is None or record.state is AgentState.LOGGED_OUT:
        return _not_logged_in(s, request, agent)
    if record.state is not AgentState.RESERVED:
        sentence = f"Agent {agent} is {record.state}, not reserved."
        return _refuse(s, request, record, Refusal.NOT_RESERVED, sentence)
    agents.release_reservation(s, record)
    return Done(request, record.state)


def answer_leave(
    s: State, request: RequestId, agent: AgentId, *, supervisor: AgentId, granted: bool
) -> Reply:
    """A supervisor who is at work lets an agent go, or does not (D08).  Nobody answers their own
    wish (X11)."""
    record, by = s.agents.get(agent), s.agents.get(supervisor)
    if record is None or by is None:
        unknown = agent if record is None else supervisor
        return _refuse(s, request, None, Refusal.UNKNOWN_AGENT, f"There is no agent {unknown}.")
    if by.profile.role is not directory.Role.SUPERVISOR or by is record:
        sentence = f"Agent {supervisor} may not answer for agent {agent}: ask another supervisor."
        return _refuse(s, request, by, Refusal.NOT_A_SUPERVISOR, sentence)
    if by.state is AgentState.LOGGED_OUT:
        return _not_logged_in(s, request, supervisor)
    if record.leave is None:
        sentence = f"Agent {agent} has not asked for leave, or has been answered."
        return _refuse(s, request, record, Refusal.NO_LEAVE_ASKED, sentence)
    later = leave.answer(s, record, supervisor, granted=granted)
    return Done(request, record.state, later=later)


def _not_logged_in(s: State, request: RequestId, agent: AgentId) -> Reply:
    record = s.agents.get(agent)
    if record is None:
        return _refuse(s, request, None, Refusal.UNKNOWN_AGENT, f"There is no agent {agent}.")
    sentence = f"Agent {agent} is not logged in; log in first (*60)."
    return _refuse(s, request, record, Refusal.NOT_LOGGED_IN, sentence)


def _refuse(
    s: State, request: RequestId, agent: Agent | None, refusal: Refusal, sentence: str
) -> Reply:
    return refuse_for(s, request, None if agent is None else agent.id, refusal, sentence)
