"""Agents and queues as the control API shows them, and what agents ask for there."""

from acd.adapters.http.control import Verb
from acd.adapters.http.models import (
    Agent,
    AgentCaller,
    AgentLeave,
    AgentPhone,
    Queue,
    QueueHours,
)
from acd.adapters.postgres.moments import moment, moment_or_none
from acd.core import views
from acd.core.directory import Hours
from acd.core.events import (
    LeaveAnswerRequested,
    LoginRequested,
    LogoutRequested,
    PauseRequested,
    ReadyRequested,
    ReleaseRequested,
    Request,
    ReservationRequested,
    WrapUpEndRequested,
    WrapUpExtensionRequested,
)
from acd.core.follow_up.appointments import span_told
from acd.core.ids import AgentId, RequestId, SeatId


def agent_view(view: views.AgentView, now_ms: int) -> Agent:
    """Return an agent as a desk sees them."""
    until_ms = view.until_ms
    return Agent(
        id=view.agent,
        name=view.name,
        state=view.state,
        reason=view.reason,
        later=view.later,
        since=moment(view.since_ms),
        seat=view.seat,
        phone=view.phone,
        available=view.available,
        call=view.call,
        queues=list(view.queues),
        misses=view.misses,
        robot=view.robot,
        until=moment_or_none(until_ms),
        remaining_ms=None if until_ms is None else max(until_ms - now_ms, 0),
        role=view.role,
        mode=view.mode,
        leave=None
        if view.leave is None
        else AgentLeave(
            what=view.leave.what,
            reason=view.leave.reason,
            why=view.leave.why,
            asked=moment(view.leave.asked_ms),
        ),
        phones=[
            AgentPhone(
                id=phone.phone, registered=phone.registered, in_use=phone.in_use, legs=phone.legs
            )
            for phone in view.phones
        ],
        caller=None
        if view.caller is None
        else AgentCaller(response=view.caller.response, heard=view.caller.heard),
    )


def queue_view(view: views.QueueView, now_ms: int) -> Queue:
    """Return a queue as a desk sees it."""
    oldest_ms = view.oldest_arrival_ms
    return Queue(
        id=view.queue,
        waiting=view.waiting,
        longest_wait_ms=None if oldest_ms is None else now_ms - oldest_ms,
        free=view.free,
        calls=view.calls,
        promise_ms=view.promise_ms,
        proofs=view.proofs,
        hours=_hours(view.hours),
    )


def _hours(hours: Hours | None) -> QueueHours | None:
    if hours is None:
        return None
    return QueueHours(
        working_days=hours.working_days and span_told(hours.working_days),
        days_off=hours.days_off and span_told(hours.days_off),
    )


def told_of_work(
    request: RequestId,
    verb: Verb,
    agent: AgentId,
    *,
    seat: str | None,
    reason: str | None,
    hold_ms: int,
    supervisor: str | None,
) -> Request:
    """Return what the core is told that an agent asks for."""
    match verb:
        case Verb.LOGIN:
            return LoginRequested(request=request, agent=agent, seat=SeatId(seat or ""))
        case Verb.READY:
            return ReadyRequested(request=request, agent=agent)
        case Verb.PAUSE:
            return PauseRequested(request=request, agent=agent, reason=reason or "")
        case Verb.END_WRAP_UP:
            return WrapUpEndRequested(request=request, agent=agent)
        case Verb.EXTEND_WRAP_UP:
            return WrapUpExtensionRequested(request=request, agent=agent)
        case Verb.GRANT_LEAVE | Verb.DENY_LEAVE:
            return LeaveAnswerRequested(
                request=request,
                agent=agent,
                supervisor=AgentId(supervisor or ""),
                granted=verb is Verb.GRANT_LEAVE,
            )
        case Verb.LOGOUT:
            return LogoutRequested(request=request, agent=agent)
        case Verb.RESERVE:
            return ReservationRequested(
                request=request, agent=agent, reason=reason or "", hold_ms=hold_ms
            )
        case Verb.RELEASE:
            return ReleaseRequested(request=request, agent=agent)
