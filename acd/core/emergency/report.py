"""The report of an emergency: the day after, whoever answered first has called the family, asked
how the elder is and how content they are, and hands it in (E11, F18).

It is owed from the opening on, also when the case is long closed.  No word alone ends it: either
the report is there, or somebody closes what is owed with a reason.  What the family says of the
service is the rating of the first call that was answered, as on any revisit (C28).
"""

from acd.core.asks import refuse_for
from acd.core.emergency import chasers
from acd.core.events import ReportHandedIn
from acd.core.facts import CallRated, EmergencyReported
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import Closing, Obligation, OwedFor
from acd.core.replies import Done, Refusal, Reply
from acd.core.scripts import RATINGS, RatingSource
from acd.core.state import State


def handed_in(s: State, event: ReportHandedIn) -> None:
    """Somebody hands the report in."""
    s.emit(_take(s, event))


def _take(s: State, event: ReportHandedIn) -> Reply:
    by = s.agents.get(event.by)
    if by is None:
        sentence = f"There is no agent {event.by}."
        return refuse_for(s, event.request, None, Refusal.UNKNOWN_AGENT, sentence)
    owed = _owed(s, event)
    if owed is None:
        sentence = f"No report is owed for case {event.case}: it has been handed in or closed."
        return refuse_for(s, event.request, by.id, Refusal.NO_REPORT_OWED, sentence)
    wrong = _missing(event)
    if wrong is not None:
        return refuse_for(s, event.request, by.id, *wrong)
    s.emit(
        EmergencyReported(
            at_ms=s.now, call=event.call, case=event.case, agent=by.id, family=event.family.strip(),
            condition=event.condition.strip(), scale=event.scale, rating=event.rating,
            unrated=event.unrated.strip(), remarks=event.remarks.strip(),
        )
    )  # fmt: skip
    if event.rating and event.scale and event.call is not None and event.queue is not None:
        s.emit(
            CallRated(
                at_ms=s.now, call=event.call, arrived_ms=event.arrived_ms, agent=event.served,
                queue=event.queue, scale=event.scale, rating=event.rating,
                source=RatingSource.REVISIT, by=by.id,
            )
        )  # fmt: skip
    obligations.fulfil(s, owed, Closing.DONE, f"handed in by {by.id}")
    return Done(event.request, by.state)


def _owed(s: State, event: ReportHandedIn) -> Obligation | None:
    mine = chasers.of(s, event.case)
    return next((one for one in mine if one.why is OwedFor.REPORT), None)


def _missing(event: ReportHandedIn) -> tuple[Refusal, str] | None:
    """Return what the report lacks."""
    if not event.family.strip() or not event.condition.strip():
        return Refusal.NO_REASON, "Say whom of the family you have called, and how the elder is."
    if event.rating is None and not event.unrated.strip():
        return Refusal.NO_REASON, "Say how content they are, or why nobody could be asked."
    if event.rating is not None and (
        event.scale is None or event.rating not in RATINGS[event.scale]
    ):
        known = ", ".join(() if event.scale is None else RATINGS[event.scale])
        sentence = f"{event.rating} is no word of a scale; say s0 or s2 and one of its words"
        return Refusal.UNKNOWN_RATING, f"{sentence}{f': {known}' if known else ''}."
    return None
