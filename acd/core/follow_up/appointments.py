"""Appointments: calls that were promised for a time of day, and whether one can be (W34).

An appointment is a callback that is not tried before its time: an agent of its queue is offered it
then, as soon as one is free, and its deadline runs from then.  It is a matter of its own.  A call
that comes meanwhile about something else does not keep it, and only the people of its queue do.
"""

from collections.abc import Collection

from acd.core.directory import EntryKind, Hours, Queue
from acd.core.events import Appointment
from acd.core.replies import Refusal
from acd.core.state import State

DAYS_MAX = 92
"""Further ahead a year is mistyped, or an order desk has to keep it."""

DAY_MS = 86_400_000


def refused(
    s: State, queue: Queue, kinds: Collection[EntryKind], wanted: Appointment
) -> tuple[Refusal, str] | None:
    """Return why this cannot be promised, None if it can; ``kinds`` are those of the entries that
    lead to the queue."""
    if EntryKind.EMERGENCY in kinds:
        sentence = f"Queue {queue.id} is for emergencies, which wait for no appointment."
        return Refusal.NO_APPOINTMENTS, sentence
    if not s.now < wanted.at_ms <= s.now + DAYS_MAX * DAY_MS:
        sentence = f"An appointment is for a time that comes within the next {DAYS_MAX} days."
        return Refusal.NOT_AHEAD, sentence
    if queue.hours is not None and not _is_open(queue.hours, wanted):
        sentence = f"Queue {queue.id} is not there at that time: it is {told(queue.hours)}."
        return Refusal.OUTSIDE_HOURS, sentence
    return None


def told(hours: Hours) -> str:
    """Say when somebody is there."""
    days = (("working days", hours.working_days), ("days off", hours.days_off))
    return " and ".join(
        f"not there on {name}" if span is None else f"on {name} {span_told(span)}"
        for name, span in days
    )


def span_told(span: tuple[int, int]) -> str:
    """Say from when until when."""
    return f"{_clock(span[0])}–{_clock(span[1])}"


def _is_open(hours: Hours, wanted: Appointment) -> bool:
    span = hours.working_days if wanted.on_working_day else hours.days_off
    return span is not None and span[0] <= wanted.minute < span[1]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
