"""The ring that a caller's arrival is about to give, told at a glance and before the step.

For a plain caller, when somebody is free and nobody stands ahead, whom the step will ring is known
before it has done anything: the head of the queue's free agents.  Nothing is guessed and nothing
kept: every condition under which the step might do otherwise is looked at, and where one holds
nothing is foreseen, which is never wrong.  What is foreseen is the very command that the step gives
first, with the same identifiers.

Nothing here changes state: a core that is never asked decides the same.
"""

from acd.core.commands import RingPhone
from acd.core.directory import Entry, EntryKind, SeatMode
from acd.core.entities import Agent, Stage
from acd.core.events import CallArrived
from acd.core.follow_up.owed import OwedFor
from acd.core.ids import node_of
from acd.core.memo import Memo, Part
from acd.core.outside.outbound import RING_MARGIN_MS
from acd.core.queueing.matching import is_free
from acd.core.queueing.offers import answers_itself, ring_limit
from acd.core.state import Line, State

_NAILED_UP = SeatMode.NAILED_UP
_SYNTHETIC = EntryKind.SYNTHETIC
_TERMINAL_TEST = OwedFor.TERMINAL_TEST


def ring_for(s: State, now_ms: int, event: CallArrived) -> RingPhone | None:
    """Return the ring that comes first of what ``step(now_ms, event)`` will give; None where that
    cannot be said at a glance."""
    now = max(now_ms, s.now)
    entry = s.entries.get(event.called)
    line = None if entry is None else s.lines.get(entry.queue)
    if entry is None or line is None or not _is_plain(s, now, event, entry, line):
        return None
    queue = line.queue
    arrived_ms = min(event.arrived_ms, now)
    stage = _stage(line, now - arrived_ms)
    slack_ms = arrived_ms + queue.promise_ms - now
    if stage is None or slack_ms <= 0 or arrived_ms + queue.incident_ms <= now:
        return None
    agent = _first(s, line)
    seat = None if agent is None or agent.seat is None else s.seats.get(agent.seat)
    if agent is None or seat is None or not seat.phones or seat.mode is _NAILED_UP:
        return None
    phone = seat.phones[0]
    if phone not in s.phones:
        return None
    call, leg, offer = s.coming(node_of(event.leg))
    picks_up = answers_itself(s, agent) and stage.phones == 1
    limit_ms = ring_limit(queue, slack_ms)
    return RingPhone(
        call=call,
        phone=phone,
        leg=leg,
        offer=offer,
        ring_ms=limit_ms + RING_MARGIN_MS,
        caller=event.caller,
        picks_up=picks_up,
        memo=Memo(
            call=call,
            arrived_ms=arrived_ms,
            kind=entry.kind,
            queue=queue.id,
            entered=queue.id,
            called=entry.id,
            trunk=event.trunk,
            caller=event.caller,
            terminal=event.terminal,
            elders=event.elders,
            precedence=event.precedence,
            has_keys=event.has_keys,
            recorded=event.recording is not None or event.recording_follows,
            alone_since_ms=arrived_ms,
            part=Part(
                made_ms=now,
                until_ms=now + limit_ms,
                phone=phone,
                agent=agent.id,
                offer=offer,
                queue=queue.id,
                picks_up=picks_up,
            ),
        ),
    )


def _is_plain(s: State, now: int, event: CallArrived, entry: Entry, line: Line) -> bool:
    """Tell whether the caller is one of whom nothing is known that the step would look at, and the
    first in a line in which nobody waits."""
    caller, terminal = event.caller, event.terminal
    return not (
        # Nothing is due, nobody is sought, and nobody stands in the line.
        line.waiting
        or s.timers.may_be_due(now)
        or s.seeking_calls
        or s.seeking_agents
        or (s.lines_to_follow and _is_line_followed(s))
        or line.retired
        # The caller is new here, and nothing is open about them.
        or caller is None
        or caller in s.calls_from
        or caller in s.owed_to
        or caller in s.contacts_owed
        or caller in s.appointments
        or caller in s.case_of
        or event.left
        or event.memo is not None
        or s.unmarked
        or event.leg in s.legs
        or (terminal is not None and (terminal, _TERMINAL_TEST, "") in s.owed_to_terminal)
        # They want nobody in particular and are asked for nothing.
        or entry.kind is _SYNTHETIC
        or entry.agent is not None
        or (entry.menus and event.has_keys)
        or (line.queue.prefers and event.languages)
        or _is_known(s, now, terminal or caller, line)
    )


def _is_line_followed(s: State) -> bool:
    """Tell whether somebody's open line may be dialled or ended first."""
    for key in s.lines_to_follow:
        agent = s.agents.get(key)
        if key in s.open_lines or (agent is not None and s.is_nailed_up(agent)):
            return True
    return False


def _is_known(s: State, now: int, key: str, line: Line) -> bool:
    """Tell whether the caller has been here in a way that may matter: has not been answered, or was
    by somebody who would be rung again."""
    contact = s.contacts.get(key)
    if contact is None:
        return False
    queue = line.queue
    return contact.unserved_ms is not None or (
        bool(queue.sticky) and now - contact.at_ms <= queue.sticky_ms
    )


def _stage(line: Line, waited_ms: int) -> Stage | None:
    """Return the line's first stage, unless the caller is past it."""
    stages = line.stages
    return stages[0] if len(stages) == 1 or waited_ms < stages[1].after_ms else None


def _first(s: State, line: Line) -> Agent | None:
    """Return the best of those who are free and have all the skills; None when there is nobody, or
    the head of the pool is not free."""
    pool = line.pools[0]
    if not pool.free:
        return None
    head = pool.agents[0]
    return s.agents[head[3]] if is_free(s, head) else None
