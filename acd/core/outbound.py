"""Outside numbers: one attempt to reach one, over one operator after the other (T19, T31).

``dial`` is the only way out.  It refuses by value what must not be dialled: 110, 119 and 120 most
of all, which ``dial_rescue`` alone dials, and only for a person who is on the line already.  At
most one leg goes to a number at a time, whoever asked for it: two would meet busy, and make a
helpless caller's telephone ring for nobody.

A trunk that is away or refuses is left for the next one; what the far telephone or its own network
says (busy, declined, no such number) is the answer, and no other trunk is asked.  An operator that
does not answer is known by OPTIONS, which go out together with the INVITE: a live one may take
many seconds to find a mobile, so that silence alone says nothing for a long time.

Who asked hears of ringing, answer and end by ``dialled``.
"""

from typing import NamedTuple

from acd.core import directory
from acd.core.commands import CheckTrunk, DialNumber, Release
from acd.core.entities import Call, Dial, Leg, LegEnd, Trunk
from acd.core.events import (
    AreaDefined,
    AreaRemoved,
    Hangup,
    TrunkDefined,
    TrunkRemoved,
    TrunkReported,
)
from acd.core.facts import DialEnded, DialResult, LegRole, NumberDialled
from acd.core.ids import AgentId, AreaId, DialId, Purpose, TrunkId
from acd.core.moves import hang_up
from acd.core.numbers import called_forms, dial_form, is_rescue_form, normalise
from acd.core.replies import Refusal
from acd.core.state import State
from acd.core.tables import DIAL, DialMove, DialState, Ignore, LegState

RINGS_MS = 30_000
"""Six rings of 1 s and 4 s of silence (T19, F07), from the first sign that it rings: 183 carries
the network's ring-back as audio, which is ringing too."""

DIAL_MS_MAX = 45_000
"""From the first INVITE to the end of patience, over all trunks."""

UNHEARD_MS_MAX = 12_000
"""An operator who answers OPTIONS, and in this time lets nothing ring, is given up: a mobile far
away takes 8 s to be found."""

FAILED_MS = 60_000
"""So long a trunk that could not carry a call is asked last."""

RING_MARGIN_MS = 5_000
"""Asterisk's own limit on an INVITE lies so far behind ours: it only matters when we are gone."""

OWN_FAULT = frozenset({401, 403, 407, 420, 421, 423, 488, 500, 501, 502, 503, 504, 505, 513, 580})
"""What an operator says of itself or of us; anything else it passes on from the far telephone."""


class NotDialled(NamedTuple):
    """Why a number is not dialled; nothing has changed."""

    refusal: Refusal
    sentence: str


def dial(
    s: State,
    call: Call,
    number: str,
    purpose: Purpose,
    *,
    person: AgentId | None,
    caller_ids: tuple[str, ...] = (),
) -> Dial | NotDialled:
    """Dial ``number`` (in any form) as a leg of ``call``.

    ``person`` is on whose command; None when the switch does it by itself.  ``caller_ids`` are
    what should be shown, best first: a terminal may trust one number only.
    """
    trunks = _trunks(s)
    if not trunks:
        return NotDialled(Refusal.NO_TRUNK, "No trunk can be dialled over; see the directory.")
    wanted = normalise(trunks[0].trunk.rules, number)
    if wanted is None:
        return NotDialled(Refusal.NOT_A_NUMBER, f"{number[:32]!r} is not a telephone number.")
    if _is_rescue(s, trunks, wanted):
        sentence = f"{wanted} is a rescue number: somebody on the line has to call it themselves."
        return NotDialled(Refusal.RESCUE_NUMBER, sentence)
    return _dial(s, call, wanted, purpose, trunks, person=person, caller_ids=caller_ids)


def dial_rescue(
    s: State,
    call: Call,
    service: directory.RescueService,
    purpose: Purpose,
    *,
    area: AreaId,
    person: AgentId,
) -> Dial | NotDialled:
    """Dial an area's 110, 119 or 120 for a person who is in one of the call's rooms already.

    People decide, robots help: nothing that the switch does by itself may come here, and no
    recording may ever speak to the rescue service.
    """
    agent = s.agents.get(person)
    leg = None if agent is None or agent.leg is None else s.legs.get(agent.leg)
    if leg is None or leg.call != call.id or leg.room is None:
        sentence = f"Agent {person} is not on the line: rescue is called by who can speak to it."
        return NotDialled(Refusal.NOBODY_ON_THE_LINE, sentence)
    found = next((n for n in s.areas[area].rescue if n.service is service), None) if (
        area in s.areas
    ) else None  # fmt: skip
    if found is None:
        sentence = f"The directory has no {service} number for area {area}."
        return NotDialled(Refusal.NO_RESCUE_NUMBER, sentence)
    if found.is_real and call.synthetic:
        sentence = f"A test does not call {found.number}: it is the real {service}."
        return NotDialled(Refusal.REAL_RESCUE_IN_TEST, sentence)
    trunks = [record for record in _trunks(s) if area in record.trunk.areas]
    if not trunks:
        sentence = f"No trunk reaches the rescue services of area {area}."
        return NotDialled(Refusal.NO_TRUNK, sentence)
    return _dial(s, call, found.number, purpose, trunks, person=person, caller_ids=())


def withdraw(s: State, dial: Dial) -> None:
    """Stop ringing the number: nobody waits for it any more.  Harmless after the answer."""
    _give_up(s, dial, DialResult.WITHDRAWN, Release.NORMAL)


def is_dialled(s: State, number: str | None) -> Dial | None:
    """Return the dial that goes to a normalised number now, or None."""
    key = None if number is None else s.dialled.get(number)
    return None if key is None else s.dials[key]


# Which trunk ------------------------------------------------------------------------------------


def _trunks(s: State) -> list[Trunk]:
    """Return the trunks in the order in which to try them."""

    def order(record: Trunk) -> tuple[bool, bool, int, TrunkId]:
        failed = record.failed_ms is not None and s.now - record.failed_ms < FAILED_MS
        return not record.reachable, failed, record.trunk.priority, record.trunk.id

    return sorted(s.trunks.values(), key=order)


def _is_rescue(s: State, trunks: list[Trunk], number: str) -> bool:
    listed = {rescue.number for area in s.areas.values() for rescue in area.rescue}
    return any(
        is_rescue_form(form) or form in listed
        for record in trunks
        for form in called_forms(record.trunk.rules, number)
    )


def _caller_id(dial: Dial, trunk: directory.Trunk) -> str:
    return next((one for one in dial.caller_ids if one in trunk.caller_ids), trunk.caller_ids[0])


# One attempt ------------------------------------------------------------------------------------


def _dial(
    s: State,
    call: Call,
    number: str,
    purpose: Purpose,
    trunks: list[Trunk],
    *,
    person: AgentId | None,
    caller_ids: tuple[str, ...],
) -> Dial | NotDialled:
    if number in s.agents or number in s.entries:
        return NotDialled(Refusal.OWN_NUMBER, f"{number} is a number of ours, not an outside one.")
    if number in s.dialled:
        return NotDialled(Refusal.NUMBER_IN_CALL, f"{number} is being called already.")
    first, *others = (record.trunk.id for record in trunks)
    dial = Dial(
        id=DialId(f"{s.epoch}-{s.next_number('dial')}"),
        call=call.id,
        number=number,
        purpose=purpose,
        person=person,
        caller_ids=caller_ids,
        started_ms=s.now,
        leg=s.new_leg_id(call.node),
        trunk=first,
        trunks_left=others,
    )
    s.dials[dial.id] = dial
    s.dialled[number] = dial.id
    _invite(s, call, dial)
    s.timers.set(("unanswered", dial.id), s.now + DIAL_MS_MAX)
    return dial


def _invite(s: State, call: Call, dial: Dial) -> None:
    """Send the INVITE over ``dial.trunk``, and ask the operator whether it is there."""
    trunk = s.trunks[dial.trunk].trunk
    caller_id = _caller_id(dial, trunk)
    s.legs[dial.leg] = Leg(
        id=dial.leg,
        role=LegRole.OUTSIDE,
        call=call.id,
        started_ms=s.now,
        state=LegState.DIALLING,
        number=dial.number,
        dial=dial.id,
    )
    call.legs[dial.leg] = None
    s.touched[call] = None
    s.emit(
        DialNumber(
            call=call.id,
            leg=dial.leg,
            trunk=trunk.id,
            number=dial_form(trunk.rules, trunk.form, dial.number),
            caller_id=caller_id,
            ring_ms=dial.started_ms + DIAL_MS_MAX - s.now + RING_MARGIN_MS,
        )
    )
    s.emit(CheckTrunk(call.id, trunk.id))
    s.emit(
        NumberDialled(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            dial=dial.id,
            leg=dial.leg,
            number=dial.number,
            trunk=trunk.id,
            caller_id=caller_id,
            purpose=dial.purpose,
            person=dial.person,
            attempt=dial.attempts,
        )
    )
    s.timers.set(("unheard", dial.id), s.now + UNHEARD_MS_MAX)


def rang(s: State, dial: Dial) -> bool:
    """The number rings (180), or the network plays its ring-back (183)."""
    if not _move(s, dial, DialMove.RANG):
        return False
    dial.rang_ms = s.now
    s.timers.cancel(("unheard", dial.id))
    s.timers.set(("unanswered", dial.id), min(s.now + RINGS_MS, dial.started_ms + DIAL_MS_MAX))
    return True


def answered(s: State, dial: Dial) -> bool:
    """Somebody, or something, has picked up; False when nobody waits for it any more."""
    if not _move(s, dial, DialMove.ANSWERED):
        return False
    _stop_clocks(s, dial)
    _tell_end(s, dial, DialResult.ANSWERED)
    return True


def leg_gone(s: State, call: Call, dial: Dial, end: LegEnd) -> bool:
    """The leg is gone; True when the dial is over, False when the next trunk is being tried."""
    carried = dial.state is not DialState.CHANGING and not _is_trunk_fault(dial, end)
    if not carried and dial.state in (DialState.DIALLING, DialState.CHANGING):
        _note_failure(s, dial)
        if _next_trunk(s, call, dial):
            return False
    if dial.result is None:
        _tell_end(s, dial, _result(dial, end, carried=carried))
    _move(s, dial, DialMove.LEG_GONE)
    forget(s, dial.id)
    return True


def forget(s: State, key: DialId) -> None:
    """Nobody follows this dial any more: its call is over, or has been given away."""
    dial = s.dials.pop(key)
    _stop_clocks(s, dial)
    del s.dialled[dial.number]


def unanswered(s: State, key: DialId) -> None:
    """Six rings, or 45 s in all, and nobody has picked up."""
    _give_up(s, s.dials[key], DialResult.NO_ANSWER, Release.NO_ANSWER)


def unheard(s: State, key: DialId) -> None:
    """The operator has let nothing ring."""
    _leave_trunk(s, s.dials[key])


def _leave_trunk(s: State, dial: Dial) -> None:
    """Take the INVITE back; its end brings the next trunk.  Two at once could both be answered."""
    if _move(s, dial, DialMove.TRUNK_GIVEN_UP):
        s.timers.cancel(("unheard", dial.id))
        hang_up(s, s.legs[dial.leg], Release.NORMAL)


def _next_trunk(s: State, call: Call, dial: Dial) -> bool:
    """Dial over the next trunk that is still there."""
    while dial.trunks_left:
        trunk = dial.trunks_left.pop(0)
        if trunk in s.trunks:
            _move(s, dial, DialMove.NEXT_TRUNK)
            dial.trunk = trunk
            dial.attempts += 1
            dial.leg = s.new_leg_id(call.node)
            _invite(s, call, dial)
            return True
    return False


def _is_trunk_fault(dial: Dial, end: LegEnd) -> bool:
    """Tell whether the trunk, and not the far telephone, has ended it."""
    if dial.rang_ms is not None:
        return False
    if end.sip:
        return end.sip in OWN_FAULT
    # Without a status no operator has spoken: Asterisk could not even send the INVITE, or we
    # have lost sight of the leg, and then nobody knows whether it rings.
    return end.why in (Hangup.UNREACHABLE, Hangup.FAILED)


def _note_failure(s: State, dial: Dial) -> None:
    record = s.trunks.get(dial.trunk)
    if record is not None:
        record.failed_ms = s.now


_RESULTS = {
    Hangup.BUSY: DialResult.BUSY,
    Hangup.REJECTED: DialResult.REJECTED,
    Hangup.NO_ANSWER: DialResult.NO_ANSWER,
}


def _result(dial: Dial, end: LegEnd, *, carried: bool) -> DialResult:
    if not carried:
        return DialResult.NO_TRUNK
    return _RESULTS.get(end.why, DialResult.UNREACHABLE)


def _give_up(s: State, dial: Dial, result: DialResult, reason: Release) -> None:
    if _move(s, dial, DialMove.GIVEN_UP):
        _stop_clocks(s, dial)
        _tell_end(s, dial, result)
        hang_up(s, s.legs[dial.leg], reason)


def _stop_clocks(s: State, dial: Dial) -> None:
    s.timers.cancel(("unanswered", dial.id))
    s.timers.cancel(("unheard", dial.id))


def _tell_end(s: State, dial: Dial, result: DialResult) -> None:
    dial.result = result
    call = s.calls[dial.call]
    s.emit(
        DialEnded(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            dial=dial.id,
            number=dial.number,
            trunk=None if result is DialResult.NO_TRUNK else dial.trunk,
            purpose=dial.purpose,
            person=dial.person,
            result=result,
            ring_ms=None if dial.rang_ms is None else s.now - dial.rang_ms,
            attempts=dial.attempts,
        )
    )


def _move(s: State, dial: Dial, what: DialMove) -> bool:
    state = DIAL.after(dial.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, dial.id)
        return False
    dial.state = state
    return True


# What the directory and Asterisk say of trunks --------------------------------------------------


def trunk_defined(s: State, event: TrunkDefined) -> None:
    record = s.trunks.get(event.trunk.id)
    if record is None:
        s.trunks[event.trunk.id] = Trunk(trunk=event.trunk)
    else:
        record.trunk = event.trunk


def trunk_removed(s: State, event: TrunkRemoved) -> None:
    if s.trunks.pop(event.trunk, None) is None:
        s.ignored("removal of an unknown trunk", event.trunk)


def trunk_reported(s: State, event: TrunkReported) -> None:
    """An operator is away: what has gone out to it and rings nowhere goes over the next."""
    record = s.trunks.get(event.trunk)
    if record is None:
        s.ignored("word of an unknown trunk", event.trunk)
        return
    record.reachable = event.reachable
    if not event.reachable:
        for dial in s.dials.values():
            if dial.trunk == event.trunk and dial.state is DialState.DIALLING:
                _leave_trunk(s, dial)


def area_defined(s: State, event: AreaDefined) -> None:
    s.areas[event.area.id] = event.area


def area_removed(s: State, event: AreaRemoved) -> None:
    if s.areas.pop(event.area, None) is None:
        s.ignored("removal of an unknown area", event.area)
