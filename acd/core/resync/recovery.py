"""Recovery: what Asterisk has is held against what we know, each time its link comes up.

Asterisk is right about legs and rooms.  A leg that it does not have is gone.  A call that it has
and we do not know lived on while the service was away, and is taken up again (``adoption``).  A
channel or room of ours that belongs to no call is ended and counted.  A call that PostgreSQL had
without an end, and that Asterisk does not have, ended unseen: it gets its end, and whoever was cut
off, or gave up, is owed a callback.
"""

from collections.abc import Iterator, Sequence

from msgspec import structs

from acd.core import accounts, calls, departures, memos
from acd.core.call_control import supervision
from acd.core.commands import CloseRoom, OpenHoldingRoom, Release
from acd.core.directory import EntryKind
from acd.core.emergency import silence
from acd.core.entities import Call, LegEnd, Placement
from acd.core.events import (
    CallArrived,
    CallRemembered,
    Event,
    FallbackEnded,
    FoundLeg,
    Hangup,
    LegAnswered,
    LegJoined,
    SwitchConnected,
)
from acd.core.facts import CallOffered, LegRole, Outcome
from acd.core.follow_up import after_calls
from acd.core.ids import AgentId, CallId, LegId, Node, PhoneId, local_part, node_of
from acd.core.memo import Memo
from acd.core.moves import hang_up
from acd.core.resync import adoption, attendance, healing
from acd.core.staff import agents, open_lines
from acd.core.state import State
from acd.core.tables import LegState


def remembered(s: State, event: CallRemembered) -> None:
    """PostgreSQL has a call without an end; whether it lives on is Asterisk's to say."""
    if event.call not in s.calls:
        s.remembered_calls[event.call] = event


def connected(s: State, event: SwitchConnected) -> list[Event]:
    """Follow Asterisk; return what is to be taken in afterwards, as if it came now."""
    s.nodes[event.node] = None
    s.started_ms = max(s.started_ms, event.since_ms)
    for line in s.live_lines():
        s.emit(OpenHoldingRoom(None, s.holding_room_id(event.node, line.queue.id)))
    _lose_what_is_gone(s, event)
    supervision.link_back(s)
    open_lines.link_up(s)
    followed = _adopt_all(s, event)
    _end_orphans(s, event)
    if event.awaited:
        attendance.await_others(s)
    else:
        all_read(s)
    return followed


def all_read(s: State) -> None:
    """Every node has told what it has: whoever is nowhere is nowhere."""
    attendance.settle(s)
    _write_off(s)


def _lose_what_is_gone(s: State, event: SwitchConnected) -> None:
    for one in event.found:
        if one.is_away:
            taken_away(s, one.leg)
    for leg in healing.missing(s, event.node, dict.fromkeys(event.legs)):
        if 0 < event.read_ms <= leg.started_ms:
            continue  # dialled since the list was read
        if leg.id in s.legs:  # the end of another may have ended it too
            s.repaired("leg was gone", leg.id)
            departures.leg_gone(s, leg, LegEnd(why=Hangup.LOST, cause=0))


def _adopt_all(s: State, event: SwitchConnected) -> list[Event]:
    """Take up the calls that we do not know, in the order in which they arrived."""
    groups: dict[CallId, list[FoundLeg]] = {}
    s.away = {leg: call for leg, call in s.away.items() if node_of(leg) != event.node}
    latest = _latest(event.found)
    followed: list[Event] = []
    for one in sorted(event.found, key=lambda one: not one.is_away):
        if one.is_away:
            if one.memo.call in s.remembered_calls:
                s.away[one.leg] = one.memo.call
                adoption.owe_rescue(s, one)
        elif one.leg in s.legs or one.memo.call in s.calls:
            followed += _unheard(s, one)
        elif one.memo.call in s.away.values():
            # What else is left of a call that the dialplan has is with nobody, and ends as such.
            adoption.owe_rescue(s, one)
        elif one.leg != latest.get(_agent_on(one), one.leg):
            continue  # hung up since, and kept by Asterisk: it is ended with the orphans
        elif not s.is_of_this_life(one.memo.call):
            groups.setdefault(one.memo.call, []).append(one)
        elif one.memo.is_over:
            healing.end_orphan(s, one.leg, "orphan leg ended")
        elif not s.is_ours(one.leg):
            # We have let go of the call, and could not have the caller go.
            healing.give_to_fallback(s, one.memo.call, one.leg)
    known = dict.fromkeys(event.rooms)
    for legs in sorted(groups.values(), key=_order):
        if not adoption.is_to_be_served(legs) and legs[0].memo.call not in s.remembered_calls:
            # Its account is written, and Asterisk has kept a channel of it.
            for one in legs:
                adoption.owe_rescue(s, one)
                healing.end_orphan(s, one.leg, "orphan leg ended")
            continue
        followed += adoption.adopt(s, event.node, legs, known)
    return followed


def _unheard(s: State, one: FoundLeg) -> Iterator[Event]:
    """What a leg that we know has done while the link was away: it has been answered, or is where
    it was wanted."""
    leg = s.legs.get(one.leg)
    if leg is None or leg.ended_by_us:
        return
    if one.is_up and leg.state in (LegState.DIALLING, LegState.RINGING):
        yield LegAnswered(leg.id)
    elif one.room is not None and one.room == leg.wanted != leg.room:
        yield LegJoined(leg.id, one.room)


def _agent_on(one: FoundLeg) -> AgentId | None:
    """Return whose conversation a leg is; None when it is no agent's, or none yet."""
    return None if one.memo.part is None or one.room is None else one.memo.part.agent


def _latest(found: Sequence[FoundLeg]) -> dict[AgentId | None, LegId]:
    """Return the leg of each agent's last conversation: nobody is in two."""
    mine = sorted((one.memo.part.made_ms, one.leg, _agent_on(one)) for one in found
                  if one.memo.part is not None and _agent_on(one) is not None)  # fmt: skip
    return {agent: leg for _, leg, agent in mine}


def _order(legs: list[FoundLeg]) -> tuple[bool, bool, int, LegId]:
    """A caller who talks comes first, so that nothing can be in their way, and least of all what is
    left of a call whose caller has gone; then who came first."""
    is_over = not adoption.is_to_be_served(legs)
    talks = any(one.is_up and one.room for one in legs)
    return is_over, not talks, legs[0].memo.arrived_ms, legs[0].leg


def _end_orphans(s: State, event: SwitchConnected) -> None:
    """End what is ours and belongs to nobody: whoever is on it would hear nothing for ever."""
    told = {one.leg for one in event.found}
    for key in event.legs:
        known = s.legs.get(key)
        if known is None and s.is_ours(key):
            healing.end_orphan(s, key, "orphan leg ended")
        elif known is None and key not in told:
            # A caller of whom no word has come yet: whoever reads Asterisk tells of them next.
            s.repaired("unknown leg left alone", key)
        elif known is not None and known.ended_by_us:
            # The first request may have been lost with the link; a second does no harm.
            known.ended_by_us = False
            hang_up(s, known, Release.NORMAL)
        elif known is not None and known.role is LegRole.CALLER and key not in told:
            # Nor has what was to be noted on the channel: the caller would be the dialplan's.
            memos.keep_again(s, known.call)
    for copy in event.copies:
        if copy not in s.snoops:
            healing.end_orphan(s, copy, "orphan copy ended")
    others = {s.holding_room_id(event.node, queue) for queue in s.lines}
    others |= {one.watch.room for one in s.desk_calls.values() if one.watch is not None}
    others |= {one.line.room for one in s.desk_calls.values() if one.line is not None}
    for room in event.rooms:
        if room not in s.rooms and room not in others:
            s.repaired("orphan room closed", room)
            s.emit(CloseRoom(healing.ORPHAN, room))


# Calls of which only PostgreSQL knows -----------------------------------------------------------


def _write_off(s: State) -> None:
    """Give an end to every call that has none and is nowhere any more."""
    away = {*s.away.values(), *s.unmarked.values()}
    gone = [call for key, call in s.remembered_calls.items() if key not in away]
    for call in gone:
        del s.remembered_calls[call.call]
        _end_unseen(s, call, cut=s.started_ms > call.seen_ms, fallback=False)


def lose_away(s: State, node: Node) -> None:
    """Whom the dialplan of a node had is gone with it."""
    for leg in [leg for leg in {**s.away, **s.unmarked} if node_of(leg) == node]:
        key = s.away.pop(leg, None) or s.unmarked.pop(leg, None)
        call = None if key is None else s.remembered_calls.pop(key, None)
        if call is not None:
            _end_unseen(s, call, cut=True, fallback=True)


def came_back(s: State, event: CallArrived) -> bool:
    """The dialplan gives a caller back whom it had served while we were away: it is the same call,
    with its arrival and its place.  False for any other arrival."""
    memo = event.memo or _as_it_was(s, event.leg)
    if memo is None or event.left or memo.call not in s.remembered_calls or event.leg in s.legs:
        return False
    s.away.pop(event.leg, None)
    s.unmarked.pop(event.leg, None)
    one = FoundLeg(leg=event.leg, memo=memo, is_up=event.is_up)
    for _ in adoption.adopt(s, node_of(event.leg), [one], {}):
        raise AssertionError("a caller alone has no answer to be heard")
    call = s.calls.get(memo.call)
    if call is not None:  # else there is no queue, and the dialplan has them again
        call.trunk = event.trunk
        silence.follow(s, call)
    return True


def _as_it_was(s: State, leg: LegId) -> Memo | None:
    """What we know of a caller whom the dialplan took before their channel could bear a memo."""
    key = s.unmarked.get(leg)
    known = None if key is None else s.remembered_calls.get(key)
    if known is None or known.kind is None or known.queue is None:
        return None
    return Memo(
        call=known.call,
        arrived_ms=known.arrived_ms,
        kind=known.kind,
        queue=known.queue,
        entered=known.queue,
        called=known.called,
        caller=known.caller,
        terminal=known.terminal,
        elders=known.elders,
    )


def taken_away(s: State, leg: LegId, *, marked: bool = True) -> bool:
    """The dialplan has a caller whom we did not look after in time: the call is as one that an
    earlier life had, until it comes back or ends.  False when the leg is none of a caller's."""
    known = s.legs.get(leg)
    call = None if known is None else s.calls.get(known.call)
    if call is None or call.caller_leg != leg or call.placed is not None:
        return False
    s.repaired("caller was in the fallback", call.id)
    s.remembered_calls[call.id] = CallRemembered(
        call=call.id,
        arrived_ms=call.arrived_ms,
        caller=call.caller,
        called=call.called,
        kind=call.kind,
        queue=call.queue,
        terminal=call.terminal,
        elders=call.elders,
        synthetic=call.synthetic,
        answered_ms=call.answered_ms,
        first_offer_ms=call.first_offer_ms,
        agent=call.first_agent,
        seen_ms=s.now,
    )
    (s.away if marked else s.unmarked)[leg] = call.id
    calls.is_in_fallback(s, call)
    for agent in [one for one in s.agents.values() if agents.is_stranded(s, one)]:
        agents.free(s, agent)
    return True


def left_fallback(s: State, leg: LegId) -> bool:
    """A caller whom the dialplan had served while we were away is gone; False when it was none."""
    key = s.away.pop(leg, None) or s.unmarked.pop(leg, None)
    call = None if key is None else s.remembered_calls.pop(key, None)
    if call is None:
        return False
    _end_unseen(s, call, fallback=True)
    return True


def fallback_ended(s: State, event: FallbackEnded) -> None:
    """The account of a caller whom the dialplan alone has served: one that nobody here has heard
    of, or one that had gone there from us."""
    arrival, memo = event.arrival, event.arrival.memo
    key = s.unmarked.get(arrival.leg, fallback_call(arrival.leg)) if memo is None else memo.call
    if arrival.leg in s.legs or key in s.calls:
        s.ignored("a call that goes on had ended in the fallback", key)
        return
    s.away.pop(arrival.leg, None)
    s.unmarked.pop(arrival.leg, None)
    known = s.remembered_calls.pop(key, None)
    if known is None and memo is not None:
        s.ignored("a call had its end already", key)
        return
    _end_unseen(s, known or _offered_unseen(s, key, event), fallback=True, stay=event)


def fallback_call(leg: LegId) -> CallId:
    """Return the id of a call that the dialplan alone has served: the same each time it is read."""
    return CallId(f"fallback-{local_part(leg)}")


def _offered_unseen(s: State, key: CallId, event: FallbackEnded) -> CallRemembered:
    """Write that a call came in of which we have not heard."""
    arrival = event.arrival
    entry = s.entries.get(arrival.called)
    queue = None if entry is None or entry.queue not in s.lines else entry.queue
    kind = None if entry is None else entry.kind
    synthetic = kind is EntryKind.SYNTHETIC
    s.emit(
        CallOffered(
            at_ms=arrival.arrived_ms,
            call=key,
            arrived_ms=arrival.arrived_ms,
            leg=arrival.leg,
            trunk=arrival.trunk,
            caller=arrival.caller,
            called=arrival.called,
            entry=None if entry is None else entry.id,
            kind=kind,
            queue=queue,
            terminal=arrival.terminal,
            elders=arrival.elders,
            synthetic=synthetic,
            recording=arrival.recording,
            precedence=arrival.precedence,
        )
    )
    return CallRemembered(
        call=key,
        arrived_ms=arrival.arrived_ms,
        caller=arrival.caller,
        called=None if entry is None else entry.id,
        kind=kind,
        queue=queue,
        terminal=arrival.terminal,
        elders=arrival.elders,
        synthetic=synthetic,
        answered_ms=None,
        first_offer_ms=None,
        agent=None,
        seen_ms=arrival.arrived_ms,
    )


def _at_phone(s: State, phone: PhoneId | None) -> AgentId | None:
    """Return who sits where a phone is, or sat there in the life before."""
    seat = None if phone is None else s.seat_of_phone.get(phone)
    if seat is None:
        return None
    if seat in s.occupants:
        return s.occupants[seat]
    return next((one.agent for one in s.remembered_agents.values() if one.seat == seat), None)


def _served_there(s: State, call: Call, stay: FallbackEnded) -> None:
    """What the dialplan has written down of a call."""
    call.left_ms = max(stay.left_ms, call.arrived_ms)
    call.dropped = stay.cut
    call.area, call.contacts = stay.arrival.area, stay.arrival.contacts
    if call.answered_ms is not None:
        return
    if stay.talk_ms is None:
        call.outcome = Outcome.LOST if stay.cut else Outcome.ABANDONED
        return
    call.answered_ms = max(call.left_ms - stay.talk_ms, call.arrived_ms)
    call.talk_ms = call.left_ms - call.answered_ms
    call.first_agent = _at_phone(s, stay.phone)


def _end_unseen(
    s: State,
    known: CallRemembered,
    *,
    fallback: bool,
    cut: bool = False,
    stay: FallbackEnded | None = None,
) -> None:
    """Write the account of a call whose end nobody saw.  It was ``cut`` off when Asterisk itself
    has ended since, and has ended by itself otherwise."""
    node = next(iter(s.nodes), node_of(stay.arrival.leg) if stay is not None else Node(""))
    call = Call(
        id=known.call,
        number=0,
        node=node,
        caller_leg=s.new_leg_id(node),
        arrived_ms=known.arrived_ms,
        caller=known.caller,
        queue=known.queue,
        entered=known.queue,
        kind=known.kind,
        synthetic=known.synthetic,
        called=known.called,
        elders=known.elders,
        terminal=known.terminal,
        answered_ms=known.answered_ms,
        first_agent=known.agent,
        first_offer_ms=known.first_offer_ms,
        dropped=cut,
        left_ms=max(known.seen_ms, known.arrived_ms),
    )
    if known.answered_ms is not None:
        call.outcome = Outcome.ANSWERED
        call.talk_ms = max(known.seen_ms - known.answered_ms, 0)
    elif fallback:
        call.outcome = Outcome.FALLBACK
    else:
        call.outcome = Outcome.LOST if cut else Outcome.ABANDONED
    if known.number is not None:
        call.placed = Placement(
            number=known.number,
            since_ms=known.arrived_ms,
            person=None,
            reference=known.reference,
            caller_ids=(),
        )
        if known.answered_ms is None:
            call.outcome = Outcome.WITHDRAWN
    account = accounts.of(s, call)
    if stay is not None:
        _served_there(s, call, stay)
        account = structs.replace(accounts.of(s, call), at_ms=call.left_ms)
    s.repaired("call had ended unseen", call.id)
    s.emit(account)
    after_calls.call_over(s, call)
