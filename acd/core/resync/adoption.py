"""Adoption: a call that lived on in Asterisk while the service was away is the same call again.

Its memo says what it is, its channels say how it stands: who is in which room, and which phone
rings.  From that alone the call is set up as if it had never been out of sight (``found_legs``),
and goes on from where it stood (``going_on``).  What differs from it is handed on as ordinary
events, such as an answer that nobody has heard.  The caller is never the one who pays for it.
"""

from collections.abc import Iterator, Sequence

from msgspec import structs

from acd.core import directory
from acd.core.emergency import parties, roles, scene, silence, unreached
from acd.core.entities import Call, Placement, Preference, Scene
from acd.core.events import Event, FoundLeg
from acd.core.facts import CallTakenUp, Outcome
from acd.core.follow_up import after_calls, callbacks, obligations
from acd.core.ids import CaseId, Node, RoomId
from acd.core.memo import Memo
from acd.core.outside import placing
from acd.core.resync import found_legs, going_on, healing
from acd.core.state import Line, State


def adopt(
    s: State, node: Node, legs: Sequence[FoundLeg], known: dict[RoomId, None]
) -> Iterator[Event]:
    """Take up one call with all its legs; yield what is to be taken in afterwards.

    ``known`` are the rooms that Asterisk has.  Without any queue there is no call: the caller is
    given to the dialplan.
    """
    memo = _as_known(s, _newest(legs))
    line = _line(s, memo)
    if line is None:
        _hand_over(s, legs)
        return
    call = _enter(s, node, memo, line)
    caller = next((one for one in legs if _is_caller(one)), None)
    others = [one for one in legs if one is not caller]
    if caller is None or memo.is_over or _is_asked(memo):
        yield from going_on.wind_up(s, call, memo, caller, others, known)
        parties.ended_unseen(s, call, memo.calling)
        _told(s, call)
        return
    going_on.open_main(s, call, known)
    leg = found_legs.enter_caller(s, call, caller)
    if memo.placed is None:
        after_calls.note_caller(s, call)
        callbacks.called_again(s, call)
    if memo.silence is not None:
        silence.resume(s, call, memo.silence)
    company = [one for one in others if one.is_up and one.room is not None]
    others = [one for one in others if one not in company]
    if memo.answered_ms is not None and going_on.keep_talking(s, call, memo, leg, caller, company):
        called = [one for one in others if going_on.rings_on(s, call, one)]
        yield from going_on.keep_calling(s, call, called)
        going_on.stop(s, call, [one for one in others if one not in called])
        if scene.park(s, call):  # a second phone's line is not taken up
            parties.tell_who_waits(s, call)
        roles.taken_up(s, call)
    else:
        yield from going_on.keep_waiting(
            s, call, leg, caller, others if memo.answered_ms is not None else [*company, *others]
        )
    parties.ended_unseen(s, call, memo.calling)
    _told(s, call)


def owe_rescue(s: State, one: FoundLeg) -> None:
    """Owe the case its rescue: the dialplan has, or had, the caller for whom it was being called,
    and nobody is left who could speak to it (E03)."""
    memo = one.memo
    case, part = s.cases.get(memo.case or CaseId("")), memo.part
    if case is None or memo.is_over:
        return
    numbers = list(memo.calling)
    if part is not None and part.number and found_legs.is_unheard(one):
        numbers.append(part.number)
    for number in numbers:
        unreached.number_not_reached(s, case, number)


def is_to_be_served(legs: Sequence[FoundLeg]) -> bool:
    """Tell whether there is a caller for whom the call is not over."""
    return not _newest(legs).is_over and any(_is_caller(one) for one in legs)


def _is_asked(memo: Memo) -> bool:
    """Tell whether it is somebody, or a voicemail box, who has picked up and has pressed nothing:
    they are called again, and no caller (C17)."""
    return memo.placed is not None and memo.placed.asks


def _newest(legs: Sequence[FoundLeg]) -> Memo:
    """Return the memo that was written last: the caller's channel has it if it is there."""
    return min(legs, key=lambda one: (one.memo.part is not None, one.memo.answered_ms is None)).memo


def _as_known(s: State, memo: Memo) -> Memo:
    """Return the memo with the answer that PostgreSQL knows of: when the caller has hung up
    meanwhile, the agent's channel is all there is, and its memo is of when the phone began to
    ring."""
    known = s.remembered_calls.get(memo.call)
    if memo.answered_ms is not None or known is None or known.answered_ms is None:
        return memo
    return structs.replace(
        memo,
        answered_ms=known.answered_ms,
        first_agent=known.agent,
        first_offer_ms=known.first_offer_ms,
    )


def _is_caller(one: FoundLeg) -> bool:
    """Tell whether it is the far end's: a caller's, or that of a number of ours that answered."""
    part = one.memo.part
    return part is None or (part.purpose == placing.PLACED and one.is_up)


def _line(s: State, memo: Memo) -> Line | None:
    """Return where the call waits: its queue, or what there is when that has gone from the
    directory meanwhile (E25: the caller shall not pay for it)."""
    entry = None if memo.called is None else s.entries.get(memo.called)
    wanted = (memo.queue, None if entry is None else entry.queue)
    found = next((s.lines[key] for key in wanted if key in s.lines), None)
    if found is not None:
        return found
    return min(s.live_lines(), key=lambda line: line.queue.priority, default=None)


def _hand_over(s: State, legs: Sequence[FoundLeg]) -> None:
    """There is no queue at all: the dialplan serves the caller, and the phones are let go."""
    for one in legs:
        if _is_caller(one) and one.memo.part is None:
            healing.give_to_fallback(s, one.memo.call, one.leg)
        else:
            healing.end_orphan(s, one.leg, "orphan leg ended")


def _enter(s: State, node: Node, memo: Memo, line: Line) -> Call:
    """Enter the call as its memo has it, in its line and its case, and with what it is owed for."""
    placed = memo.placed
    call = Call(
        id=memo.call,
        number=s.next_number("call"),
        node=node,
        caller_leg=s.new_leg_id(node),
        arrived_ms=memo.arrived_ms,
        caller=memo.caller,
        queue=line.queue.id,
        entered=memo.entered,
        kind=memo.kind,
        synthetic=memo.kind is directory.EntryKind.SYNTHETIC,
        called=memo.called,
        trunk=memo.trunk,
        elders=memo.elders,
        precedence=memo.precedence,
        has_keys=memo.has_keys,
        recorded=memo.recorded,
        terminal=memo.terminal,
        disposition=memo.disposition,
        responds=memo.responds,
        promise_broken=memo.promise_broken,
        incident_opened=memo.incident_opened,
        raised=memo.raised,
        answered_ms=memo.answered_ms,
        first_agent=memo.first_agent,
        first_offer_ms=memo.first_offer_ms,
        talk_ms=memo.talk_ms,
        hold_ms=memo.hold_ms,
        ring_ms=memo.ring_ms,
        offers=memo.offers,
        outcome=None if memo.answered_ms is None else Outcome.ANSWERED,
        contact=memo.terminal or memo.caller,
        prefers=[
            Preference("skill", None, skill) for skill in memo.skills if skill in line.queue.prefers
        ],
        placed=None
        if placed is None
        else Placement(
            number=placed.number,
            since_ms=placed.since_ms,
            person=placed.person,
            reference=placed.reference,
            caller_ids=placed.caller_ids,
            given_away=placed.given_away,
            obligation=placed.obligation,
            is_contact=placed.is_contact,
        ),
    )
    call.alone_since_ms = memo.alone_since_ms or call.arrived_ms
    case = None if memo.case is None else s.cases.get(memo.case)
    if case is not None:
        call.scene = Scene(case=case.id)
        call.area, call.contacts = case.area, case.contacts
    s.calls[call.id] = call
    s.remembered_calls.pop(call.id, None)
    line.calls += 1
    s.touched[call] = None
    if placed is not None and placed.obligation is not None:
        s.callbacks[call.id] = None
        owed = s.obligations.get(placed.obligation)
        if owed is not None:
            obligations.take_up(s, owed, call.id, None)
    return call


def _told(s: State, call: Call) -> None:
    """Tell that the call goes on, and how it stands."""
    assert call.queue is not None and call.kind is not None
    s.emit(
        CallTakenUp(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            leg=call.caller_leg,
            state=call.state,
            caller=call.caller,
            called=call.called if call.placed is None else call.placed.number,
            entry=call.called,
            kind=call.kind,
            queue=call.entered or call.queue,
            terminal=call.terminal,
            elders=call.elders,
            synthetic=call.synthetic,
            is_placed=call.placed is not None,
            answered_ms=call.answered_ms,
        )
    )
