"""Chasers: who has to be asked or called again, and by when, until help is at the door (§6).

Each is an obligation of the case: due, late, done, escalated to the shift leader when nobody does
it.  Done, it is owed again after its interval; when help is there, or the elder is safe, it is not
needed any more.  The report and the revisit are owed from the opening on, whatever comes of it.
"""

from datetime import UTC, datetime, timedelta, timezone

from acd.core.directory import EmergencyRules, EntryKind, RescueService
from acd.core.emergency.case import Case
from acd.core.follow_up import obligations
from acd.core.follow_up.owed import Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import AgentId, CaseId
from acd.core.state import State
from acd.core.tables import ObligationState

CHINA = timezone(timedelta(hours=8))
"""The standards are Chinese, and China has one time without summer time."""

CANCEL_MS = 60_000
"""A car that nobody needs is called off within a minute; then the shift leader is told."""

TELL_MS = 60_000
"""An elder who waits for a contact hears within a minute that they were not reached."""

SEND_MS = 30_000
"""So long A has for it; then the shift leader is told (E36)."""

LEADER_MS = 60_000
"""A supervisor has so long to look at an emergency that has begun; then it is told again, and
further up."""

FILE_MS = 3_600_000
"""The elder's file is brought up to date while it is fresh: "at once", says the clause (E17)."""

_TASK = ObligationKind.TASK

UNTIL_HELP = (
    OwedFor.ASK_MEDICAL,
    OwedFor.CALL_ELDER,
    OwedFor.ASK_CONTACT,
    OwedFor.SEND_POLICE,
    OwedFor.CALL_RESCUE,
)
"""What nobody needs to do once help is there."""


def opened(s: State, case: Case) -> None:
    """From the opening on a report and a revisit are owed (E11, E18), and the shift leader has to
    look at it (E09)."""
    rules = rules_of(s, case)
    owe(s, case, OwedFor.REPORT, next_day_ms(case.opened_ms, rules.report_hour))
    owe(s, case, OwedFor.REVISIT, case.opened_ms + rules.revisit_days * 86_400_000)
    if case.seen_by is None:
        owe(s, case, OwedFor.LEADER, s.now + LEADER_MS)


def service_reached(s: State, case: Case, service: RescueService, number: str | None) -> None:
    """A rescue service has been told: ask it, or call the elder, until it is there."""
    rules = rules_of(s, case)
    for owed in _to_call(s, case, service, number):
        obligations.fulfil(s, owed, Closing.DONE)
    if service is RescueService.MEDICAL:
        every_ms = rules.ask_medical_ms if case.car_ms is None else rules.ask_car_ms
        _repeat(s, case, OwedFor.ASK_MEDICAL, every_ms)
    else:
        _repeat(s, case, OwedFor.CALL_ELDER, rules.call_elder_ms)
    if service is RescueService.POLICE:
        _end(s, case, (OwedFor.SEND_POLICE,), Closing.DONE)


def service_missed(s: State, case: Case, service: RescueService, number: str | None) -> None:
    """A rescue service was called and is not reached, or could not be called at all: nobody there
    can be asked anything, and somebody has to call it (E03).  ``number`` is None where the
    directory has none: then the task says in words which service is meant."""
    if service in case.services:
        return
    if service is RescueService.MEDICAL:
        _end(s, case, (OwedFor.ASK_MEDICAL,))
    elif not any(one is not RescueService.MEDICAL for one in case.services):
        for owed in of(s, case.id):
            if owed.why is OwedFor.CALL_ELDER and owed.every_ms is not None:
                obligations.fulfil(s, owed, Closing.NOT_NEEDED)
    if service is RescueService.POLICE:
        to_send_police(s, case)
    elif not case.is_settled and not _to_call(s, case, service, number):
        about = "" if number else service
        owe(s, case, OwedFor.CALL_RESCUE, s.now + SEND_MS, number=number, about=about)


def _to_call(s: State, case: Case, service: RescueService, number: str | None) -> list[Obligation]:
    """Return what is owed because this service was not reached."""
    return [
        owed
        for owed in of(s, case.id)
        if owed.why is OwedFor.CALL_RESCUE
        and (owed.about == service or (number is not None and owed.number == number))
    ]


def contact_reached(s: State, case: Case, number: str) -> None:
    """A contact goes there: ask them at intervals whether they have arrived (E29, E31)."""
    _repeat(s, case, OwedFor.ASK_CONTACT, rules_of(s, case).ask_contact_ms, number=number)


def to_send_police(s: State, case: Case) -> None:
    """No contact was reached: somebody has to send 110; a person calls it, no robot (E36, E40)."""
    told = RescueService.POLICE in case.services or case.is_settled
    if not told and all(one.why is not OwedFor.SEND_POLICE for one in of(s, case.id)):
        owe(s, case, OwedFor.SEND_POLICE, s.now + SEND_MS)


def to_call_elder(s: State, case: Case) -> None:
    """A contact was not reached, and the elder is on no line: they are called and told (E46)."""
    known = any(one.why is OwedFor.CALL_ELDER for one in of(s, case.id))
    if not case.is_settled and not known:
        owe(s, case, OwedFor.CALL_ELDER, s.now + TELL_MS)


def car_sent(s: State, case: Case) -> None:
    """120 need not be asked so often any more (E21)."""
    _end(s, case, (OwedFor.ASK_MEDICAL,))
    _repeat(s, case, OwedFor.ASK_MEDICAL, rules_of(s, case).ask_car_ms)


def settled(s: State, case: Case) -> None:
    """Help is there, or not needed: nobody has to be asked again, and what was learnt goes into the
    elder's file (E17, E38)."""
    _end(s, case, UNTIL_HELP)
    if case.elders and not is_owed(s, case, OwedFor.FILE, None):
        owe(s, case, OwedFor.FILE, s.now + FILE_MS)


def to_cancel(s: State, case: Case) -> None:
    """Help was sent and is not needed: it is called off, and the committee told (E41)."""
    if not is_owed(s, case, OwedFor.RESCUE_TO_CANCEL, None):
        owe(s, case, OwedFor.RESCUE_TO_CANCEL, s.now + CANCEL_MS)


def seen(s: State, case: Case) -> None:
    """A supervisor has looked at it, or has done something with it (E09)."""
    _end(s, case, (OwedFor.LEADER,), Closing.DONE)


def needless(s: State, case: Case) -> None:
    """It was no emergency after all: no leader has to hear of it, and there is nothing to put on
    file (E44)."""
    _end(s, case, (OwedFor.LEADER, OwedFor.FILE))


def work_left(s: State, agent: AgentId) -> None:
    """Somebody has gone home.  What they had in hand and is still going on is the shift leader's at
    once, until somebody has it (C10)."""
    for case in tuple(s.cases.values()):
        if case.in_hand == agent and not is_owed(s, case, OwedFor.HAND_OVER, None):
            owe(s, case, OwedFor.HAND_OVER, s.now)


def work_begun(s: State, agent: AgentId) -> None:
    """They are back before anybody took it."""
    for case in tuple(s.cases.values()):
        if case.in_hand == agent:
            _end(s, case, (OwedFor.HAND_OVER,))


def assigned(s: State, case: Case) -> None:
    """Somebody has the case in hand from now on, and what is still to be done for it with it; who
    is at something already finishes that."""
    _end(s, case, (OwedFor.HAND_OVER,), Closing.DONE)
    for owed in of(s, case.id):
        if owed.kind is _TASK and owed.state is not ObligationState.WORKED and case.assignee:
            obligations.assign(s, owed, case.assignee)


def closed(s: State, case: Case) -> None:
    """There is nothing to hand over any more."""
    _end(s, case, (OwedFor.HAND_OVER,))


def to_agree(s: State, case: Case) -> None:
    """Nobody was sent: a second person has to agree, the shift leader first."""
    owe(s, case, OwedFor.AGREEMENT, s.now)


def agreed(s: State, case: Case) -> None:
    """A second person has said what they think."""
    _end(s, case, (OwedFor.AGREEMENT,), Closing.DONE)


def of(s: State, case: CaseId) -> list[Obligation]:
    """Return what is still owed for a case, in the order in which it was owed."""
    return [owed for owed in s.obligations.values() if owed.case == case]


def is_owed(s: State, case: Case, why: OwedFor, number: str | None) -> bool:
    """Tell whether this is owed for a case already."""
    return any(one.why is why and one.number == number for one in of(s, case.id))


def owe(
    s: State,
    case: Case,
    why: OwedFor,
    deadline_ms: int,
    *,
    kind: ObligationKind = ObligationKind.TASK,
    every_ms: int | None = None,
    number: str | None = None,
    about: str = "",
) -> None:
    """Owe something for a case, whose people and place it has."""
    obligations.owe(
        s,
        kind,
        why,
        queue=case.queue,
        entry=case.entry,
        entry_kind=EntryKind.EMERGENCY,
        number=number,
        terminal=case.terminal,
        elders=case.elders,
        call=case.calls[-1] if case.calls else None,
        since_ms=case.opened_ms,
        owner=case.owner,
        assignee=case.assignee if kind is _TASK else None,
        deadline_ms=deadline_ms,
        case=case.id,
        every_ms=every_ms,
        about=about,
    )


def rules_of(s: State, case: Case) -> EmergencyRules:
    """Return the intervals of the case's queue."""
    line = s.lines.get(case.queue)
    return EmergencyRules() if line is None else line.queue.emergency


def next_day_ms(at_ms: int, hour: int) -> int:
    """Return the hour of the next day in China, as epoch milliseconds."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(CHINA)
    due = at.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return round(due.timestamp() * 1000)


def _repeat(
    s: State, case: Case, why: OwedFor, every_ms: int, *, number: str | None = None
) -> None:
    if case.is_settled or is_owed(s, case, why, number):
        return
    owe(s, case, why, s.now + every_ms, every_ms=every_ms, number=number)


def _end(
    s: State, case: Case, whys: tuple[OwedFor, ...], closing: Closing = Closing.NOT_NEEDED
) -> None:
    for owed in of(s, case.id):
        if owed.why in whys:
            obligations.fulfil(s, owed, closing)
