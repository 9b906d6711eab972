"""Obligations: everything that is owed by a deadline to somebody, and never dropped silently.

Each open obligation has a next step ahead, is being worked, or is escalated step by step to people
who must look; only fulfilment or a person with a reason ends it.  Every change is a fact that holds
the whole obligation, so the rows in PostgreSQL are what was last known here, and ``restored`` takes
them in again at a start.

What a call leaves owed when it is over, and what it has done of what was owed: ``after_calls``.
"""

from heapq import heappush

from msgspec import structs

from acd.core.directory import Callback, Contact, EntryKind
from acd.core.events import ObligationRestored
from acd.core.facts import ObligationNoted
from acd.core.follow_up.owed import OF_TERMINALS, Closing, Obligation, ObligationKind, OwedFor
from acd.core.ids import (
    AgentId,
    AreaId,
    CallId,
    CaseId,
    ElderId,
    EntryId,
    ObligationId,
    QueueId,
    TerminalId,
)
from acd.core.outside import outbound
from acd.core.state import State
from acd.core.tables import OBLIGATION, Ignore, ObligationMove, ObligationState

EMERGENCY = Callback(
    within_ms=30_000,
    # A terminal needs a moment to clear: an immediate call would meet busy.
    first_ms=2_000,
    spacing_ms=10_000,
    attempts_max=2,
    escalation_ms=30_000,
    short_ms=0,
)
"""E34, F08: two attempts at once, and then people; nothing here is the queue's to say."""

AGAIN_MS = 10_000
"""Pause after what was nobody's fault: no trunk, no agent, or our own restart."""

MESSAGES_MAX = 10
"""Messages remembered of one matter; the desk lists them all."""


def policy_of(s: State, queue: QueueId | None, kind: EntryKind) -> Callback:
    """Return the rules for a callback."""
    if kind is EntryKind.EMERGENCY:
        return EMERGENCY
    line = None if queue is None else s.lines.get(queue)
    return Callback() if line is None else line.queue.callback


def find(s: State, number: str | None) -> Obligation | None:
    """Return the open callback that is owed to a normalised number, for its own sake."""
    key = None if number is None else s.owed_to.get(number)
    return None if key is None else s.obligations[key]


def of_contact(s: State, number: str | None) -> list[Obligation]:
    """Return the open calls to a number as a contact of somebody: one for each case."""
    return [s.obligations[key] for key in s.contacts_owed.get(number or "", {}).values()]


def appointments(s: State, number: str | None) -> list[Obligation]:
    """Return the open calls to a number that were promised for a time of day, which has come."""
    mine = [s.obligations[key] for key in s.appointments.get(number or "", ())]
    return [one for one in mine if one.appointed_ms is not None and one.appointed_ms <= s.now]


def _standing(
    s: State,
    kind: ObligationKind,
    why: OwedFor,
    number: str | None,
    case: CaseId | None,
    queue: QueueId | None,
    appointed_ms: int | None,
) -> Obligation | None:
    """Return the open callback that is the same matter."""
    if kind is not ObligationKind.CALLBACK:
        return None
    if appointed_ms is not None:
        mine = [s.obligations[key] for key in s.appointments.get(number or "", ())]
        same = (queue, appointed_ms)
        return next((one for one in mine if (one.queue, one.appointed_ms) == same), None)
    if why is not OwedFor.CONTACT:
        return find(s, number)
    return next((one for one in of_contact(s, number) if one.case == case), None)


def find_device(s: State, terminal: TerminalId, why: OwedFor, about: str) -> Obligation | None:
    """Return what is open for a terminal, of this kind and about this."""
    key = s.owed_to_terminal.get((terminal, why, about))
    return None if key is None else s.obligations[key]


# What is owed -----------------------------------------------------------------------------------


def raise_to(s: State, owed: Obligation, kind: EntryKind, **of_emergency: object) -> Obligation:
    """An emergency does not wait by the rules of the enquiry that came before it: what is owed to
    the number is an emergency's from now on, and whoever is reached is asked about both."""
    if owed.is_emergency or kind is not EntryKind.EMERGENCY:
        return owed
    within_ms = s.now + EMERGENCY.within_ms
    is_worked = owed.state is ObligationState.WORKED
    raised = structs.replace(
        owed, entry_kind=kind, deadline_ms=within_ms, escalate_ms=within_ms,
        state=owed.state if is_worked else ObligationState.OWED,
        next_ms=None if is_worked else s.now + EMERGENCY.first_ms,
        attempts=0, busy=0, unmade=False, level=0, late=False, **of_emergency,
    )  # fmt: skip
    keep(s, raised, "raised")
    return raised


def owe(
    s: State,
    kind: ObligationKind,
    why: OwedFor,
    *,
    queue: QueueId | None,
    entry_kind: EntryKind,
    number: str | None,
    since_ms: int,
    entry: EntryId | None = None,
    terminal: TerminalId | None = None,
    elders: tuple[ElderId, ...] = (),
    call: CallId | None = None,
    owner: AgentId | None = None,
    assignee: AgentId | None = None,
    first_after_ms: int | None = None,
    deadline_ms: int | None = None,
    appointed_ms: int | None = None,
    case: CaseId | None = None,
    every_ms: int | None = None,
    unanswered: int = 0,
    about: str = "",
    message: str | None = None,
    area: AreaId | None = None,
    contacts: tuple[Contact, ...] = (),
) -> Obligation:
    """Owe something from now on; a callback to a number that is owed one already is that one, and
    a message left meanwhile belongs to it.  What is owed at ``appointed_ms`` is a matter of its
    own, and its deadline runs from then."""
    messages = () if message is None else (message,)
    if kind is ObligationKind.CALLBACK and outbound.is_never_called(s, number):
        kind = ObligationKind.TASK
    standing = _standing(s, kind, why, number, case, queue, appointed_ms)
    if standing is not None:
        standing = raise_to(s, standing, entry_kind, queue=queue, why=why)
        return _add(s, standing, about, messages)
    policy = policy_of(s, queue, entry_kind)
    from_ms = s.now if appointed_ms is None else appointed_ms
    due_ms = from_ms + policy.within_ms if deadline_ms is None else deadline_ms
    dials = kind is ObligationKind.CALLBACK
    after_ms = policy.first_ms if first_after_ms is None else first_after_ms
    next_ms = s.now + after_ms if appointed_ms is None else appointed_ms
    owed = Obligation(
        id=ObligationId(f"{s.epoch}-o{s.next_number('obligation')}"),
        kind=kind,
        why=why,
        state=ObligationState.OWED,
        queue=queue,
        entry=entry,
        entry_kind=entry_kind,
        number=number,
        terminal=terminal,
        elders=elders,
        call=call,
        since_ms=since_ms,
        created_ms=s.now,
        deadline_ms=due_ms,
        next_ms=next_ms if dials else None,
        escalate_ms=due_ms,
        owner=owner,
        assignee=assignee,
        appointed_ms=appointed_ms,
        case=case,
        every_ms=every_ms,
        unanswered=unanswered,
        about=about,
        messages=messages,
        area=area,
        contacts=contacts,
    )
    keep(s, owed, "owed")
    return owed


def _add(s: State, owed: Obligation, about: str, messages: tuple[str, ...]) -> Obligation:
    if not about and not messages:
        return owed
    changed = structs.replace(
        owed, about=about or owed.about, messages=(*owed.messages, *messages)[-MESSAGES_MAX:]
    )
    keep(s, changed, "added to")
    return changed


def restored(s: State, event: ObligationRestored) -> None:
    """PostgreSQL had this one open when we started.  Whoever was at it in a call is not any more:
    that call was in another life of ours."""
    owed = event.obligation
    standing = _standing(
        s, owed.kind, owed.why, owed.number, owed.case, owed.queue, owed.appointed_ms
    )
    if owed.id in s.obligations or not owed.is_open or standing is not None:
        s.ignored("an obligation that is here already", owed.id)
        return
    # Nobody is told that it is late before all that is owed, and who is on the line, is known.
    owed = structs.replace(owed, escalate_ms=max(owed.escalate_ms, s.now + AGAIN_MS))
    is_worked, was_called = owed.state is ObligationState.WORKED, owed.working is not None
    if is_worked and owed.assignee is not None and not was_called:
        keep(s, owed, "restored")
        return
    # What was being worked has no next attempt, and needs one now.
    goes_on = owed.is_emergency or owed.next_ms is not None or is_worked
    dials = owed.kind is ObligationKind.CALLBACK and goes_on
    soonest_ms = max(owed.next_ms or 0, owed.appointed_ms or 0, s.now + AGAIN_MS)
    next_ms = soonest_ms if dials else None
    state = ObligationState.OWED
    keep(s, structs.replace(owed, state=state, working=None, next_ms=next_ms), "restored")


# What becomes of it -----------------------------------------------------------------------------


def fell_due(s: State, key: ObligationId) -> None:
    """The moment of the next attempt has come; ``callbacks`` takes it up as soon as it may."""
    owed = s.obligations[key]
    changed = move(s, owed, ObligationMove.FELL_DUE, "due")
    if changed is not None and changed.queue is not None:
        line = s.callbacks_due.setdefault(changed.queue, [])
        heappush(line, (not changed.is_emergency, changed.since_ms, changed.id))


def take_up(s: State, owed: Obligation, call: CallId | None, person: AgentId | None) -> None:
    """Somebody is at it: a call, or a person."""
    move(
        s, owed, ObligationMove.TAKEN_UP, "taken up",
        working=call, assignee=person or owed.assignee, next_ms=None,
    )  # fmt: skip


def is_with_person(owed: Obligation) -> bool:
    """Tell whether a person has taken it up, and nobody is called for it by the switch."""
    return owed.state is ObligationState.WORKED and owed.working is None


def hand_over(s: State, owed: Obligation, call: CallId) -> None:
    """It is being worked, in another call from now on: the elder has called us."""
    keep(s, structs.replace(owed, working=call), "handed over")


def note_unmade(s: State, owed: Obligation) -> None:
    """Its deadline is over and no call could be made; that is told once."""
    keep(s, structs.replace(owed, unmade=True), "unmade")


def put_back(s: State, owed: Obligation, next_ms: int | None, **changes: object) -> None:
    """Nobody is at it any more, and it is not done."""
    move(
        s, owed, ObligationMove.PUT_BACK, "put back",
        working=None, assignee=None, next_ms=next_ms, **changes,
    )  # fmt: skip


def first_ms(s: State, owed: Obligation) -> int:
    """Return when an obligation that begins anew is tried."""
    first_ms = s.now + policy_of(s, owed.queue, owed.entry_kind).first_ms
    return max(first_ms, owed.appointed_ms or 0)


def fulfil(s: State, owed: Obligation, closing: Closing, reason: str | None = None) -> None:
    """What was owed has been done; what has to be done again and again is owed anew."""
    _end(s, owed, ObligationMove.FULFILLED, closing, reason)
    if owed.every_ms is not None and closing is not Closing.NOT_NEEDED:
        _owe_again(s, owed, owed.every_ms)


def _owe_again(s: State, owed: Obligation, every_ms: int) -> None:
    owe(
        s,
        owed.kind,
        owed.why,
        queue=owed.queue,
        entry=owed.entry,
        entry_kind=owed.entry_kind,
        number=owed.number,
        terminal=owed.terminal,
        elders=owed.elders,
        call=owed.call,
        since_ms=owed.since_ms,
        owner=owed.owner,
        assignee=None if owed.case not in s.cases else s.cases[owed.case].assignee,
        deadline_ms=s.now + every_ms,
        case=owed.case,
        every_ms=every_ms,
    )


def close(s: State, owed: Obligation, reason: str) -> None:
    """A person ends it undone, and says why."""
    _end(s, owed, ObligationMove.CLOSED, Closing.CLOSED, reason)


def escalate(s: State, key: ObligationId) -> None:
    """The deadline, or a further step, is over: the next person up is told."""
    owed = s.obligations[key]
    policy = policy_of(s, owed.queue, owed.entry_kind)
    move(
        s, owed, ObligationMove.ESCALATED, "escalated",
        level=owed.level + 1,
        late=owed.late or s.now >= owed.deadline_ms,
        escalate_ms=s.now + policy.escalation_ms,
    )  # fmt: skip


def assign(s: State, owed: Obligation, person: AgentId) -> None:
    """It is somebody's to do."""
    keep(s, structs.replace(owed, assignee=person, owner=owed.owner or person), "assigned")


def move(
    s: State, owed: Obligation, what: ObligationMove, word: str, **changes: object
) -> Obligation | None:
    """Take it through one move; None when the table ignores it."""
    state = OBLIGATION.after(owed.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, owed.id)
        return None
    changed = structs.replace(owed, state=state, **changes)
    keep(s, changed, word)
    return changed


def _end(
    s: State, owed: Obligation, what: ObligationMove, closing: Closing, reason: str | None
) -> None:
    move(
        s, owed, what, "ended",
        closing=closing, reason=reason, closed_ms=s.now, working=None, next_ms=None,
    )  # fmt: skip


def keep(s: State, owed: Obligation, word: str) -> None:
    """Remember it as it is now, tell it, and set its clocks."""
    s.emit(ObligationNoted(at_ms=s.now, call=owed.working or owed.call, what=word, obligation=owed))
    s.timers.cancel(("owed", owed.id))
    s.timers.cancel(("escalate", owed.id))
    of_terminal = None
    if owed.terminal is not None and owed.why in OF_TERMINALS:
        of_terminal = (owed.terminal, owed.why, owed.about)
    if not owed.is_open:
        s.obligations.pop(owed.id, None)
        if of_terminal is not None and s.owed_to_terminal.get(of_terminal) == owed.id:
            del s.owed_to_terminal[of_terminal]
        _forget_number(s, owed)
        return
    s.obligations[owed.id] = owed
    if of_terminal is not None:
        s.owed_to_terminal[of_terminal] = owed.id
    if owed.kind is ObligationKind.CALLBACK and owed.number is not None:
        if owed.why is OwedFor.CONTACT and owed.case is not None:
            s.contacts_owed.setdefault(owed.number, {})[owed.case] = owed.id
        elif owed.appointed_ms is not None:
            s.appointments.setdefault(owed.number, {})[owed.id] = None
        else:
            s.owed_to[owed.number] = owed.id
    s.timers.set(("escalate", owed.id), owed.escalate_ms)
    if owed.state is ObligationState.OWED and owed.next_ms is not None:
        s.timers.set(("owed", owed.id), owed.next_ms)


def _forget_number(s: State, owed: Obligation) -> None:
    number = owed.number or ""
    if s.owed_to.get(number) == owed.id:
        del s.owed_to[number]
    appointed = s.appointments.get(number, {})
    if owed.id in appointed:
        del appointed[owed.id]
        if not appointed:
            del s.appointments[number]
    contacts = s.contacts_owed.get(number, {})
    if owed.case is not None and contacts.get(owed.case) == owed.id:
        del contacts[owed.case]
        if not contacts:
            del s.contacts_owed[number]
