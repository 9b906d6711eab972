"""Outside numbers: one attempt to reach one, over one operator after the other (T19, T31).

``dial`` is the only way out.  It refuses by value what must not be dialled: 110, 119 and 120 most
of all, which ``dial_rescue`` alone dials, and only for a person who is on the line already.  At
most one leg goes to a number at a time, whoever asked for it: two would meet busy, and make a
helpless caller's telephone ring for nobody.  Rescue alone has many lines: one leg for each call
goes there, for two emergencies are two.

A trunk that is away or refuses is left for the next one; what the far telephone or its own network
says (busy, declined, no such number) is the answer, and no other trunk is asked.  A redirection is
never followed, for the directory alone says where a call goes; the next trunk may know the number.
An operator that does not answer is known by OPTIONS, which go out together with the INVITE: a live
one may take many seconds to find a mobile, so that silence alone says nothing for a long time.
OPTIONS may be unanswered where INVITE is not: with nobody left to ask who answers them, no operator
is left for that alone (decision 29).

Who asked hears of ringing, answer and end by ``dialled``.
"""

from collections.abc import Callable
from typing import NamedTuple

from acd.core import directory, memos
from acd.core.commands import CheckTrunk, DialNumber, Release
from acd.core.entities import Call, Dial, Leg, LegEnd
from acd.core.events import Hangup, TrunkReported
from acd.core.facts import DialEnded, DialResult, LegRole, NumberDialled
from acd.core.ids import AgentId, AreaId, DialId, LegId, Purpose, TrunkId
from acd.core.moves import hang_up
from acd.core.numbers import dial_form, normalise
from acd.core.outside import spending, trunks
from acd.core.replies import Refusal
from acd.core.state import State
from acd.core.tables import DIAL, DialMove, DialState, Ignore, LegState

RINGS_MS = 30_000
"""Six rings of 1 s and 4 s of silence (T19, F07), from the first sign that it rings: 183 carries
the network's ring-back as audio, which is ringing too."""

DIAL_MS_MAX = 45_000
"""From the first INVITE to the end of patience, over all trunks."""

UNHEARD_MS_MAX = 12_000
"""An operator who in this time lets nothing ring is left for the next, whatever it says to OPTIONS:
a mobile far away takes 8 s to be found.  The last one is given up only if it answers no OPTIONS
either: one that is there may still find it, and nobody else can (decision 29)."""

UNFOLLOWED_MS_MAX = 10_000
"""A leg that was to be ended and is not gone by then keeps its number from nobody."""

RING_MARGIN_MS = 5_000
"""Asterisk's own limit on an INVITE, to a number or an agent's phone, lies so far behind ours: it
only matters when we are gone."""

OWN_FAULT = frozenset({401, 403, 407, 420, 421, 423, 488, 500, 501, 502, 503, 504, 505, 513, 580})
"""What an operator says of itself or of us; anything else it passes on from the far telephone."""

BROKEN = frozenset({500, 502, 503, 504})
"""What an operator says of itself even when the number has seemed to ring: it plays an announcement
of its own as early media (183), which sounds like ringing to us, and then refuses."""

REDIRECTIONS = range(300, 400)
"""The operator says it, or the far telephone; whichever it is, somebody has said that the number is
not to be reached here.  After it has rung it is the far telephone's own word."""


class Listener(NamedTuple):
    """What follows for whoever dialled.  ``ended`` comes once for each dial, when its last leg is
    gone: ``dial.result`` says how it ended, and ``ANSWERED`` means that the far side, after an
    answer, is gone now.  ``digit`` is a key pressed at the far telephone."""

    rang: Callable[[State, Dial], None]
    answered: Callable[[State, Dial], None]
    ended: Callable[[State, Call, Dial, LegEnd], None]
    digit: Callable[[State, Dial, str], None]
    moved: Callable[[State, Dial], None] = lambda s, dial: None
    """The next trunk is being tried, by another leg."""


class NotDialled(NamedTuple):
    """Why a number is not dialled; nothing has changed."""

    refusal: Refusal
    sentence: str


def form(s: State, written: str) -> str | None:
    """Return a number in the form in which it is compared, None when it is none."""
    records = trunks.in_order(s)
    return normalise(records[0].trunk.rules, written) if records else None


def check(s: State, written: str) -> str | NotDialled:
    """Return ``written`` in its one form if it could be dialled now, a rescue number excepted."""
    if not s.trunks:
        return NotDialled(Refusal.NO_TRUNK, "No trunk can be dialled over; see the directory.")
    number = form(s, written)
    if number is None:
        return NotDialled(Refusal.NOT_A_NUMBER, f"{written[:32]!r} is not a telephone number.")
    if number in s.agents or number in s.entries:
        return NotDialled(Refusal.OWN_NUMBER, f"{number} is a number of ours, not an outside one.")
    if number in s.dialled:
        return NotDialled(Refusal.NUMBER_IN_CALL, f"{number} is being called already.")
    if trunks.is_rescue(s, number):
        sentence = f"{number} is a rescue number: only a person on the line may call it."
        return NotDialled(Refusal.RESCUE_NUMBER, sentence)
    return number


def is_never_called(s: State, number: str | None) -> bool:
    """Tell whether the switch may never call a number by itself, whatever the lines are doing: a
    rescue service's, one of ours, or none at all."""
    refused = None if number is None else check(s, number)
    return isinstance(refused, NotDialled) and refused.refusal in (
        Refusal.RESCUE_NUMBER,
        Refusal.OWN_NUMBER,
        Refusal.NOT_A_NUMBER,
    )


def dial(
    s: State,
    call: Call,
    number: str,
    purpose: Purpose,
    *,
    person: AgentId | None,
    caller_ids: tuple[str, ...] = (),
    awaited: bool = False,
) -> Dial | NotDialled:
    """Dial ``number`` (in any form) as a leg of ``call``.

    ``person`` is on whose command; None when the switch does it by itself.  ``caller_ids`` are
    what should be shown, best first: a terminal may trust one number only.  ``awaited``: see
    ``Dial.is_awaited``.
    """
    wanted = check(s, number)
    if isinstance(wanted, NotDialled):
        return wanted
    order = tuple(record.trunk.id for record in trunks.in_order(s))
    return _dial(
        s, call, wanted, purpose, order, person=person, caller_ids=caller_ids, awaited=awaited
    )


def dial_rescue(
    s: State,
    call: Call,
    service: directory.RescueService,
    purpose: Purpose,
    *,
    area: AreaId,
    person: AgentId,
) -> Dial | NotDialled:
    """Dial an area's 110, 119 or 120 for a person who is on the line already.

    People decide, robots help: nothing that the switch does by itself may come here, and no
    recording may ever speak to the rescue service.
    """
    if not _is_on_the_line(s, call, person):
        sentence = f"Agent {person} is not on the line: rescue is called by who can speak to it."
        return NotDialled(Refusal.NOBODY_ON_THE_LINE, sentence)
    numbers = s.areas[area].rescue if area in s.areas else ()
    found = next((number for number in numbers if number.service is service), None)
    if found is None:
        sentence = f"The directory has no {service} number for area {area}."
        return NotDialled(Refusal.NO_RESCUE_NUMBER, sentence)
    if found.is_real and call.synthetic:
        sentence = f"A test does not call {found.number}: it is the real {service}."
        return NotDialled(Refusal.REAL_RESCUE_IN_TEST, sentence)
    if any(s.legs[key].number == found.number for key in call.legs):
        return NotDialled(Refusal.NUMBER_IN_CALL, f"{found.number} is being called already.")
    order = tuple(record.trunk.id for record in trunks.in_order(s) if area in record.trunk.areas)
    if not order:
        sentence = f"No trunk reaches the rescue services of area {area}."
        return NotDialled(Refusal.NO_TRUNK, sentence)
    return _dial(s, call, found.number, purpose, order, person=person, awaited=True)


def _is_on_the_line(s: State, call: Call, person: AgentId) -> bool:
    legs = (s.legs[key] for key in call.legs)
    return any(leg.agent == person and leg.state is LegState.UP for leg in legs)


def withdraw(s: State, dial: Dial) -> None:
    """Stop ringing the number: nobody waits for it any more.  Harmless after the answer."""
    _give_up(s, dial, DialResult.WITHDRAWN, Release.NORMAL)


def let_go(s: State, leg: Leg) -> None:
    """End a leg of a call that is over; a number that still rings is withdrawn, not unreachable."""
    dial = None if leg.dial is None else s.dials.get(leg.dial)
    if dial is None or dial.state in (DialState.ANSWERED, DialState.ENDING):
        hang_up(s, leg, Release.NORMAL)
    else:
        withdraw(s, dial)


# One attempt ------------------------------------------------------------------------------------


def _dial(
    s: State,
    call: Call,
    number: str,
    purpose: Purpose,
    order: tuple[TrunkId, ...],
    *,
    person: AgentId | None,
    caller_ids: tuple[str, ...] = (),
    awaited: bool,
) -> Dial:
    first, *others = order
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
        is_awaited=awaited,
    )
    s.dials[dial.id] = dial
    note_dialled(s, dial)
    _invite(s, call, dial)
    s.timers.set(("unanswered", dial.id), s.now + DIAL_MS_MAX)
    return dial


def note_dialled(s: State, dial: Dial) -> None:
    """No other leg may go to this number while this one does, unless rescue is called there."""
    if not trunks.is_rescue(s, dial.number):
        s.dialled[dial.number] = dial.id


def _caller_id(dial: Dial, trunk: directory.Trunk) -> str:
    return next((one for one in dial.caller_ids if one in trunk.caller_ids), trunk.caller_ids[0])


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
            memo=memos.of(s, call, s.legs[dial.leg]),
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


def go_on(s: State, dial: Dial, *, area: AreaId | None) -> None:
    """Follow what an earlier life of the service has dialled, for the rest of its time, over the
    operators that may not have been asked; of ``area`` alone, where one is given.  Whether it rings
    by now nobody knows, so that silence is no reason to leave its operator."""
    dial.trunks_left = [
        record.trunk.id
        for record in trunks.in_order(s)
        if record.trunk.id != dial.trunk and (area is None or area in record.trunk.areas)
    ]
    dial.may_ring = True
    s.timers.set(("unanswered", dial.id), max(dial.started_ms + DIAL_MS_MAX, s.now))


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
    dial.answered_ms = s.now
    _stop_clocks(s, dial)
    _tell_end(s, dial, DialResult.ANSWERED)
    return True


def leg_gone(s: State, call: Call, dial: Dial, end: LegEnd) -> bool:
    """The leg is gone; True when the dial is over, False when the next trunk is being tried."""
    carried = dial.state is not DialState.CHANGING and not _is_trunk_fault(dial, end)
    refused = not carried or (end.sip in REDIRECTIONS and dial.rang_ms is None)
    if refused and dial.state in (DialState.DIALLING, DialState.CHANGING, DialState.RINGING):
        if not carried:
            trunks.note_failure(s, dial.trunk)
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
    spending.over(s, dial)
    _stop_clocks(s, dial)
    if s.dialled.get(dial.number) == dial.id:
        del s.dialled[dial.number]


def lose_sight(s: State, leg: Leg) -> None:
    """Nobody follows a leg any more that is being ended: its number may be dialled again when it is
    gone, for another INVITE could overtake the end of this one and meet busy."""
    assert leg.dial is not None
    dial = s.dials[leg.dial]
    forget(s, dial.id)
    if not trunks.is_rescue(s, dial.number):
        s.dialled[dial.number] = dial.id
        s.unfollowed[leg.id] = dial.number
        s.timers.set(("unfollowed", leg.id), s.now + UNFOLLOWED_MS_MAX)


def gone_unseen(s: State, leg: LegId) -> None:
    """A leg that nobody follows is gone, or will not go: a duty phone there need rest no longer."""
    if (number := s.unfollowed.pop(leg, None)) is None:
        return
    del s.dialled[number]
    s.timers.cancel(("unfollowed", leg))
    for agent in s.agents.values():
        duty = agent.profile.outside
        if duty is not None and form(s, duty.number) == number and ("rest", agent.id) in s.timers:
            s.timers.set(("rest", agent.id), s.now)


def unanswered(s: State, key: DialId) -> None:
    """Six rings, or 45 s in all, and nobody has picked up."""
    _give_up(s, s.dials[key], DialResult.NO_ANSWER, Release.NO_ANSWER)


def unheard(s: State, key: DialId) -> None:
    """The operator has let nothing ring."""
    dial = s.dials[key]
    record = s.trunks.get(dial.trunk)
    is_last = not any(trunk in s.trunks for trunk in dial.trunks_left)
    if is_last and record is not None and record.reachable:
        s.emit(CheckTrunk(dial.call, dial.trunk))
        s.timers.set(("unheard", key), s.now + UNHEARD_MS_MAX)
    else:
        _leave_trunk(s, dial)


def trunk_reported(s: State, event: TrunkReported) -> None:
    """An operator is away: what has gone out to it and rings nowhere goes over the next that is
    there; without one it stays, for this one may take the call all the same."""
    record = s.trunks.get(event.trunk)
    if record is None:
        s.ignored("word of an unknown trunk", event.trunk)
        return
    record.reachable = event.reachable
    if not event.reachable:
        for dial in s.dials.values():
            is_there = dial.trunk == event.trunk and dial.state is DialState.DIALLING
            if is_there and _has_better(s, dial):
                _leave_trunk(s, dial)


def _has_better(s: State, dial: Dial) -> bool:
    """Tell whether an operator is left to be asked who answers OPTIONS."""
    return any(trunk in s.trunks and s.trunks[trunk].reachable for trunk in dial.trunks_left)


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
            dial.trunk, dial.rang_ms, dial.may_ring = trunk, None, False
            dial.attempts += 1
            dial.leg = s.new_leg_id(call.node)
            _invite(s, call, dial)
            s.timers.set(("unanswered", dial.id), dial.started_ms + DIAL_MS_MAX)
            return True
    return False


def _is_trunk_fault(dial: Dial, end: LegEnd) -> bool:
    """Tell whether the trunk, and not the far telephone, has ended it."""
    if end.sip:
        return end.sip in (OWN_FAULT if dial.rang_ms is None else BROKEN)
    if dial.rang_ms is not None:
        return False
    # Without a status no operator has spoken: Asterisk could not even send the INVITE, or we
    # have lost sight of the leg, and then nobody knows whether it rings.
    return end.why in (Hangup.UNREACHABLE, Hangup.FAILED)


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
    s.timers.cancel(("asked", dial.id))


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
