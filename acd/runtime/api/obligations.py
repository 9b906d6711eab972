"""Obligations as the control API shows them."""

from acd.adapters.http.outbound import ObligationView, Which
from acd.adapters.postgres.moments import moment, moment_or_none
from acd.core.follow_up.owed import Obligation
from acd.core.tables import ObligationState


def is_among(which: Which, owed: Obligation, now_ms: int) -> bool:
    """Tell whether an open obligation is one that is asked for."""
    late = now_ms > owed.deadline_ms
    due = late or owed.state is ObligationState.DUE
    return {Which.OPEN: True, Which.DUE: due, Which.LATE: late}[which]


def obligation_view(owed: Obligation) -> ObligationView:
    """Return an obligation as it is shown."""
    return ObligationView(
        id=owed.id,
        kind=owed.kind,
        why=owed.why,
        state=owed.state,
        queue=owed.queue,
        emergency=owed.is_emergency,
        number=owed.number,
        terminal=owed.terminal,
        elders=list(owed.elders),
        call=owed.call,
        since=moment(owed.since_ms),
        appointed=moment_or_none(owed.appointed_ms),
        deadline=moment(owed.deadline_ms),
        next=moment_or_none(owed.next_ms),
        about=owed.about,
        messages=list(owed.messages),
        attempts=owed.attempts,
        busy=owed.busy,
        level=owed.level,
        late=owed.late,
        working=owed.working,
        owner=owed.owner,
        assignee=owed.assignee,
        case=owed.case,
        closing=owed.closing,
        reason=owed.reason,
        closed=moment_or_none(owed.closed_ms),
    )
