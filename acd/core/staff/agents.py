"""Agents: their states and their phones.

An agent's phone is free at the end of its last leg, never before; an agent whose phone is gone or
does not answer is *not responding*, which is neither ready nor paused, so that "staffed" is never
believed of an empty chair.  What agents ask for themselves is in ``shifts``.
"""

from collections.abc import Callable

from acd.core import directory
from acd.core.commands import Release
from acd.core.emergency import chasers
from acd.core.entities import Agent, Phone, Trial
from acd.core.facts import (
    AgentStateChanged,
    LeaveAnswered,
    LeaveResult,
    TestResult,
    TestRingEnded,
    WrapUpEnded,
)
from acd.core.ids import AgentId, CallId, PhoneId
from acd.core.moves import hang_up
from acd.core.queueing import matching
from acd.core.state import State
from acd.core.tables import AGENT, DESK, AgentMove, AgentState, DeskMove, Ignore

UNREACHABLE = "unreachable"
MISSED = "missed"
REFUSED = "refused"
EMPTY_CHAIR = "empty_chair"
LINE_CLOSED = "line_closed"
"""The seat is nailed up, and its line is not open."""

_NEEDS_PHONE = (AgentState.READY, AgentState.RESERVED)
"""Whoever is so and has no phone is neither."""

_OFFERED, _PAUSED, _LOGGED_OUT = AgentState.OFFERED, AgentState.PAUSED, AgentState.LOGGED_OUT

_INTERRUPTIBLE = (AgentState.WRAP_UP, AgentState.PAUSED)
"""Whoever is rung so goes back to it when nothing comes of the ring."""

_KEEPS_NOTES = (AgentState.OFFERED, AgentState.WRAP_UP)
"""In every other state the notes of the last conversation are done."""

_AT_WORK = (AgentState.READY, AgentState.TALKING)
"""Whoever was one of these since may be interrupted again."""


DUTY_REST_MS = 10_000
"""After a ring of a duty phone that came to nothing; no mobile network is dialled in a circle."""


def move(
    s: State,
    agent: Agent,
    what: AgentMove,
    *,
    reason: str | None = None,
    call: CallId | None = None,
) -> bool:
    """Take the agent through one move of the table; False when the table ignores it.

    Leaves the gapless trace (Q08) and keeps the index of free agents true.
    """
    was = agent.state
    now = AGENT.after(was, what)
    if isinstance(now, Ignore):
        s.ignored(now, agent.id)
        return False
    s.emit(
        AgentStateChanged(
            at_ms=s.now,
            agent=agent.id,
            seat=agent.seat,
            was=was,
            now=now,
            reason=reason,
            from_ms=agent.since_ms,
            call=call,
        )
    )
    if (leave := _LEAVING.get(was)) is not None:
        leave(s, agent)
    if agent.wrap_up is not None and now not in _KEEPS_NOTES:
        end_notes(s, agent)
    agent.state = now
    agent.reason = reason
    s.lines_to_follow[agent.id] = None
    matching.follow_agent(s, agent, was)
    agent.since_ms = s.now
    s.touched[agent] = None
    if now is not _OFFERED:
        agent.interrupted = False
    if now in _AT_WORK:
        agent.left_alone = False
    matching.leave_free(s, agent)
    if now in matching.RUNG_FROM:
        s.seeking_agents[agent.id] = None
    return True


def put_back(
    s: State, agent: Agent, state: AgentState, *, since_ms: int, reason: str | None = None
) -> None:
    """Have the agent in a state that began in another life of the service: nothing has happened,
    so nothing is told.  Whose line is not open yet is not ready before it is."""
    if state is AgentState.READY and s.lacks_line(agent):
        state, reason = AgentState.NOT_RESPONDING, LINE_CLOSED
    was, agent.state = agent.state, state
    agent.reason = reason
    agent.since_ms = since_ms
    s.lines_to_follow[agent.id] = None
    matching.follow_agent(s, agent, was)
    s.touched[agent] = None
    matching.leave_free(s, agent)
    if state in matching.RUNG_FROM:
        s.seeking_agents[agent.id] = None


def _leave_wrap_up(s: State, agent: Agent) -> None:
    """For a ring, or for good."""
    s.timers.cancel(("wrap_up", agent.id))
    assert agent.wrap_up is not None
    agent.wrap_up.spent_ms += s.now - agent.since_ms
    agent.wrap_up.left_ms = max(agent.wrap_up.until_ms - s.now, 0)


def _respond_again(s: State, agent: Agent) -> None:
    s.timers.cancel(("rest", agent.id))
    _end_trial(s, agent)


def _leave_reservation(s: State, agent: Agent) -> None:
    s.timers.cancel(("reserved", agent.id))
    agent.reserved_until_ms = None


_LEAVING: dict[AgentState, Callable[[State, Agent], None]] = {
    AgentState.WRAP_UP: _leave_wrap_up,
    AgentState.NOT_RESPONDING: _respond_again,
    AgentState.RESERVED: _leave_reservation,
}
"""What ends with a state, whatever comes after it."""


def end_notes(s: State, agent: Agent) -> None:
    """The notes of the last conversation are done, or given up: write how long they took."""
    done, agent.wrap_up = agent.wrap_up, None
    assert done is not None
    s.emit(
        WrapUpEnded(
            at_ms=s.now,
            agent=agent.id,
            call=done.call,
            arrived_ms=done.arrived_ms,
            wrap_up_ms=done.spent_ms,
            talk_ms=done.talk_ms,
            queue=done.queue,
            entry=done.entry,
            synthetic=done.synthetic,
        )
    )


def _resume_wrap_up(s: State, agent: Agent) -> None:
    """A ring that came to nothing has interrupted the notes: they have what time was left."""
    assert agent.wrap_up is not None
    agent.call = agent.wrap_up.call
    agent.wrap_up.until_ms = s.now + agent.wrap_up.left_ms
    move(s, agent, AgentMove.WRAP_UP_RESUMED, call=agent.call)
    s.timers.set(("wrap_up", agent.id), agent.wrap_up.until_ms)


def free(s: State, agent: Agent) -> None:
    """Let the agent go to what comes after work: logged out, the notes that a ring has
    interrupted, paused, silent or ready."""
    agent.call = None
    agent.leg = None
    if agent.later is _LOGGED_OUT or agent.removed or agent.seat not in s.seats:
        leave_seat(s, agent)
    elif agent.state is _OFFERED and agent.wrap_up is not None and agent.wrap_up.left_ms > 0:
        _resume_wrap_up(s, agent)
    elif agent.later is _PAUSED:
        reason, agent.later, agent.later_reason = agent.later_reason, None, None
        move(s, agent, AgentMove.PAUSED, reason=reason)
    elif (reason := out_of_reach(s, agent)) is not None:
        move(s, agent, AgentMove.SILENT, reason=reason)
    else:
        move(s, agent, AgentMove.FREED)


def out_of_reach(s: State, agent: Agent) -> str | None:
    """Tell why no call could reach the agent's seat, busy or not; None when one could."""
    phone = s.ringing_phone(agent)
    if phone is None or not phone.registered:
        return UNREACHABLE
    return LINE_CLOSED if s.lacks_line(agent) else None


def about_to_ring(s: State, agent: Agent) -> None:
    """The agent is about to be rung; whoever is on a break goes back to it afterwards."""
    agent.last_rung = s.next_number("rung")
    agent.interrupted = agent.state in _INTERRUPTIBLE
    if agent.state is _PAUSED:
        agent.later, agent.later_reason = AgentState.PAUSED, agent.reason


def is_stranded(s: State, agent: Agent) -> bool:
    """Tell whether the agent is busy with a leg that is no longer there."""
    leg = None if agent.leg is None else s.legs.get(agent.leg)
    busy = agent.state in (AgentState.OFFERED, AgentState.TALKING)
    return busy and (leg is None or leg.call != agent.call)


def _end_trial(s: State, agent: Agent) -> None:
    """No more test rings, and not the one that is going on."""
    s.timers.cancel(("test_ring", agent.id))
    trial, agent.trial = agent.trial, None
    call = None if trial is None or trial.call is None else s.desk_calls.get(trial.call)
    if trial is None or call is None:
        return
    s.emit(TestRingEnded(at_ms=s.now, agent=agent.id, number=trial.rung, result=TestResult.ENDED))
    state = DESK.after(call.state, DeskMove.TIMED_OUT)
    if not isinstance(state, Ignore):
        call.state = state
        s.timers.cancel(("desk", call.id))
    hang_up(s, s.legs[call.leg], Release.NORMAL)


def _take_up_trial(s: State, agent: Agent) -> None:
    """A test ring that had no phone to ring has one again: it comes after its pause."""
    trial = agent.trial
    if trial is not None and trial.waits and s.available(agent):
        trial.waits = False
        s.timers.set(("test_ring", agent.id), s.now + trial.pause_ms)


def missed(
    s: State,
    agent: Agent,
    *,
    reason: str,
    rest_ms: int,
    misses_max: int,
    rules: directory.AgentRules,
) -> None:
    """An offer came to nothing by the agent's side: rest a little, or until they say so or answer
    a test ring.

    A ring that ran out rests 0 ms: the agent is simply last in line again.
    """
    agent.idle_since_ms = s.now
    agent.call = None
    agent.leg = None
    if agent.profile.outside is not None:
        # There is nobody else: never counted, and tried again after a rest.
        if agent.removed or agent.seat not in s.seats:
            free(s, agent)
        else:
            rest(s, agent, reason)
        return
    if agent.interrupted:
        # Rung out of wrap-up or a break: not to be there is no fault, and they are back in it.
        # Who refuses, or whose phone fails, is not rung in a circle.
        agent.left_alone = reason != MISSED
        free(s, agent)
        return
    agent.misses += 1
    if agent.later is not None or agent.removed or agent.seat not in s.seats:
        free(s, agent)
    elif agent.misses >= misses_max or reason == EMPTY_CHAIR:
        move(s, agent, AgentMove.SILENT, reason=reason)
        agent.trial = Trial(pause_ms=rules.test_ring_ms, rings_max=rules.test_rings_max)
        if rules.test_rings_max:
            s.timers.set(("test_ring", agent.id), s.now + rules.test_ring_ms)
    elif rest_ms:
        move(s, agent, AgentMove.SILENT, reason=reason)
        s.timers.set(("rest", agent.id), s.now + rest_ms)
    else:
        free(s, agent)


def rest(s: State, agent: Agent, reason: str) -> None:
    """A duty phone that could not be reached is let alone for a while, its notes ended with it."""
    agent.call = agent.leg = None
    move(s, agent, AgentMove.SILENT, reason=reason)
    s.timers.set(("rest", agent.id), s.now + DUTY_REST_MS)


def rest_ended(s: State, agent: AgentId) -> None:
    """The rest after a refused ring is over."""
    record = s.agents[agent]
    if record.state is AgentState.NOT_RESPONDING:
        free(s, record)


def wrap_up_ended(s: State, agent: AgentId) -> None:
    """The wrap-up time is over."""
    record = s.agents[agent]
    if record.state is AgentState.WRAP_UP:
        record.idle_since_ms = s.now
        free(s, record)


def reserve(s: State, agent: Agent, why: str, until_ms: int) -> bool:
    """Keep a ready agent for a callback or an outbound call: no call is offered to them until it
    is released, they are rung by whoever has reserved them, or ``until_ms`` has come (freeswitch
    #1062: nobody stays reserved for ever).

    False, and nothing has changed, when the agent could not be rung now.
    """
    if agent.state is not AgentState.READY or not s.available(agent):
        return False
    move(s, agent, AgentMove.RESERVED, reason=why)
    agent.reserved_until_ms = until_ms
    s.timers.set(("reserved", agent.id), until_ms)
    return True


def release_reservation(s: State, agent: Agent) -> None:
    """Let a reserved agent take calls again, at the place of before; nothing when they are not
    reserved any more."""
    if agent.state is AgentState.RESERVED:
        free(s, agent)


def reservation_ended(s: State, agent: AgentId) -> None:
    """Nobody has come for the agent in time."""
    release_reservation(s, s.agents[agent])


def phone_reported(s: State, phone: PhoneId, *, registered: bool, in_use: bool) -> None:
    """Follow what Asterisk says of a phone."""
    record = s.phone(phone)
    if record.registered == registered and record.in_use == in_use:
        return
    is_back = registered and not record.registered
    record.registered = registered
    record.in_use = in_use
    if is_back:
        phone_back(s, record)
    phone_changed(s, record)


def phone_changed(s: State, phone: Phone) -> None:
    """Bring the agent in line with the phone: reachable or not, free or occupied."""
    agent = s.agent_at(phone.id)
    if agent is None or s.ringing_phone(agent) is not phone:
        return
    _take_up_trial(s, agent)
    s.lines_to_follow[agent.id] = None
    if agent.state in _NEEDS_PHONE and (reason := out_of_reach(s, agent)) is not None:
        move(s, agent, AgentMove.SILENT, reason=reason)
    elif agent.state not in matching.RUNG_FROM:
        return
    elif s.available(agent):
        s.seeking_agents[agent.id] = None
    else:
        matching.leave_free(s, agent)


def phone_back(s: State, phone: Phone) -> None:
    """A phone that was away is there, and so is whoever was waiting for it.

    Only a return counts: the end of a leg that could not reach a registered phone is no sign of
    life, and would let the phone be rung in a circle.
    """
    agent = s.agent_at(phone.id)
    if agent is not None and s.ringing_phone(agent) is phone:
        reachable_again(s, agent)


def reachable_again(s: State, agent: Agent) -> None:
    """Let an agent who could not be reached take calls again; who is away by choice stays so."""
    if agent.state is AgentState.NOT_RESPONDING and agent.reason in (UNREACHABLE, LINE_CLOSED):
        agent.idle_since_ms = s.now
        agent.misses = 0
        free(s, agent)


def phones_moved(s: State, agent: Agent) -> None:
    """The agent's seat has other phones, or none: follow the one that will be rung now."""
    matching.leave_free(s, agent)
    _take_up_trial(s, agent)
    s.lines_to_follow[agent.id] = None
    reason = out_of_reach(s, agent)
    if reason is None:
        reachable_again(s, agent)
        s.seeking_agents[agent.id] = None
    elif agent.state in _NEEDS_PHONE:
        move(s, agent, AgentMove.SILENT, reason=reason)


def leave_seat(s: State, agent: Agent) -> None:
    """Log out; a person removed from the directory is forgotten with it."""
    agent.later = agent.later_reason = None
    agent.misses = 0
    agent.call = None
    agent.line_pause_ms = 0
    s.timers.cancel(("open_line", agent.id))
    if agent.leave is not None:
        end_leave(s, agent, LeaveResult.WITHDRAWN, by=None)
    if agent.state is not AgentState.LOGGED_OUT:
        move(s, agent, AgentMove.LOGGED_OUT)
        chasers.work_left(s, agent.id)
    if agent.seat is not None:
        s.occupants.pop(agent.seat, None)
        agent.seat = None
    if agent.removed:
        s.unread.pop(agent.id, None)
        s.timers.cancel(("unread", agent.id))
        matching.drop_agent(s, agent)
        del s.agents[agent.id]


def end_leave(s: State, agent: Agent, result: LeaveResult, *, by: AgentId | None) -> None:
    """The wish to go has been answered, or is not there any more."""
    leave, agent.leave = agent.leave, None
    assert leave is not None
    s.timers.cancel(("leave", agent.id))
    s.emit(
        LeaveAnswered(
            at_ms=s.now,
            agent=agent.id,
            what=leave.what,
            reason=leave.reason,
            result=result,
            by=by,
            waited_ms=s.now - leave.asked_ms,
        )
    )


def remove(s: State, agent: Agent) -> None:
    """Take a person out: now, or when the conversation that is going on has ended."""
    agent.removed = True
    if agent.state not in (AgentState.OFFERED, AgentState.TALKING):
        leave_seat(s, agent)
