"""An agent's day, in stretches that follow each other without a gap (Q08).  Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from acd.adapters.postgres.moments import moment
from acd.core.facts import AgentStateChanged
from acd.core.tables import AgentState


class AgentNow(msgspec.Struct, frozen=True):
    """The stretch of an agent's day that is still going on."""

    agent: str
    from_at: datetime
    state: str
    seat: str | None
    reason: str | None
    call_id: str | None


class AgentStretch(msgspec.Struct, frozen=True):
    """A finished stretch of an agent's day."""

    agent: str
    from_at: datetime
    to_at: datetime
    state: str
    seat: str | None
    reason: str | None
    call_id: str | None


def stretches(now: dict[str, AgentNow], changes: Iterable[AgentStateChanged]) -> list[AgentStretch]:
    """Return the stretches that ``changes`` finish, and bring ``now`` up to date in place.

    Without gap whatever happens (Q08): where facts are missing between what stands and what a
    change says of the state before it, what stood is taken to have lasted until then.
    """
    finished: list[AgentStretch] = []
    for change in changes:
        began, at = moment(change.from_ms), moment(change.at_ms)
        standing = now.get(change.agent)
        if standing is None:
            standing = _begun(change, began, change.was)
        elif standing.from_at < began and standing.state != change.was:
            finished.append(_finished(standing, began))
            standing = _begun(change, began, change.was)
        if standing.from_at < at:
            finished.append(_finished(standing, at))
        # A clock never goes back (design: now_ms), but a restored database may be ahead of it.
        begins = max(at, standing.from_at)
        now[change.agent] = msgspec.structs.replace(
            _begun(change, begins, change.now), reason=change.reason, call_id=change.call
        )
    return finished


def _begun(change: AgentStateChanged, from_at: datetime, state: str) -> AgentNow:
    # A change names one seat for both its sides; who is logged out sits nowhere.
    seat = None if state == AgentState.LOGGED_OUT else change.seat
    return AgentNow(change.agent, from_at, state, seat, None, None)


def _finished(standing: AgentNow, to_at: datetime) -> AgentStretch:
    return AgentStretch(
        standing.agent,
        standing.from_at,
        to_at,
        standing.state,
        standing.seat,
        standing.reason,
        standing.call_id,
    )
