"""Adoption: a call that lived on in Asterisk while the service was away is the same call again.

Its memo says what it is, its channels say how it stands: who is in which room, and which phone
rings.  From that alone the call is set up as if it had never been out of sight; what differs from
it is handed on as ordinary events, such as an answer that nobody has heard.  Who talks hears
nothing of it.  Who waits has the place and the clocks of the arrival.  What cannot be gone on with
(a number that was still being dialled, somebody asked into a conversation) is ended in order, and
the caller is never the one who pays for it.  What an emergency needs goes on in any state: 120 that
rings, and the talk with it after the caller's line has ended (E03, E10).
"""

from collections.abc import Iterator, Sequence

from msgspec import structs

from acd.core import calls, directory
from acd.core.call_control import conversation, rooms, transfers
from acd.core.call_control.speech import SPEECH_MS_MAX
from acd.core.commands import OpenRoom, Release, StopPlay
from acd.core.emergency import parties, roles, scene, silence, unreached
from acd.core.entities import (
    Agent,
    Call,
    Dial,
    Leg,
    Offer,
    Party,
    Placement,
    Preference,
    Room,
    Scene,
)
from acd.core.events import Event, FoundLeg, LegAnswered, LegJoined, LegRang
from acd.core.facts import AgentStateChanged, CallTakenUp, DialResult, LegRole, Outcome
from acd.core.follow_up import after_calls, callbacks, obligations
from acd.core.ids import CaseId, DialId, Node, OfferId, PlaybackId, Purpose, RoomId
from acd.core.memo import Memo, Part
from acd.core.moves import hang_up, move_room
from acd.core.outside import outbound, placing, trunks
from acd.core.queueing import offers, waiting
from acd.core.resync import attendance, healing
from acd.core.staff import agents
from acd.core.state import Line, State
from acd.core.tables import (
    AgentState,
    CallState,
    DialState,
    LegState,
    OfferMove,
    OfferState,
    PartyState,
    RoomMove,
)

RING_LEAST_MS = 500
"""A ring whose time was over long ago may still be answered in this time."""

_BUSY = (AgentState.OFFERED, AgentState.TALKING)


def adopt(
    s: State, node: Node, legs: Sequence[FoundLeg], known: dict[RoomId, None]
) -> Iterator[Event]:
    """Take up one call with all its legs; yield what is to be taken in afterwards.

    ``known`` are the rooms that Asterisk has.
    """
    memo = _as_known(s, _newest(legs))
    line = _line(s, memo)
    if line is None:
        yield from _hand_over(s, legs)
        return
    call = _enter(s, node, memo, line)
    caller = next((one for one in legs if _is_caller(one)), None)
    others = [one for one in legs if one is not caller]
    if caller is None or memo.is_over or _is_asked(memo):
        yield from _wind_up(s, call, memo, caller, others, known)
        parties.ended_unseen(s, call, memo.calling)
        _told(s, call)
        return
    _open_main(s, call, known)
    leg = _enter_caller(s, call, caller)
    if memo.placed is None:
        after_calls.note_caller(s, call)
        callbacks.called_again(s, call)
    if memo.silence is not None:
        silence.resume(s, call, memo.silence)
    company = [one for one in others if one.is_up and one.room is not None]
    others = [one for one in others if one not in company]
    if memo.answered_ms is not None and _go_on_talking(s, call, memo, leg, caller, company):
        called = [one for one in others if _rings_on(s, call, one)]
        yield from _go_on_calling(s, call, called, memo.ring_back)
        _stop(s, call, [one for one in others if one not in called])
        if scene.park(s, call):  # a second phone's line is not taken up
            parties.tell_who_waits(s, call)
        roles.taken_up(s, call)
    else:
        yield from _go_on_waiting(
            s, call, leg, caller, others if memo.answered_ms is not None else [*company, *others]
        )
    parties.ended_unseen(s, call, memo.calling)
    _told(s, call)


def owe_rescue(s: State, one: FoundLeg) -> None:
    """The dialplan has, or had, a caller for whom rescue was being called: nobody is left who could
    speak to it (E03)."""
    memo = one.memo
    case, part = s.cases.get(memo.case or CaseId("")), memo.part
    if case is None or memo.is_over:
        return
    unheard = [part.number] if part is not None and part.number and _is_unheard(one) else []
    for number in (*memo.calling, *unheard):
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
    """The memo with the answer that PostgreSQL knows of: when the caller has hung up meanwhile, the
    agent's channel is all there is, and its memo is of when the phone began to ring."""
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


def _hand_over(s: State, legs: Sequence[FoundLeg]) -> Iterator[Event]:
    """There is no queue at all: the dialplan serves the caller, and the phones are let go."""
    for one in legs:
        if _is_caller(one) and one.memo.part is None:
            healing.give_to_fallback(s, one.memo.call, one.leg)
        else:
            healing.end_orphan(s, one.leg, "orphan leg ended")
    yield from ()


def _enter(s: State, node: Node, memo: Memo, line: Line) -> Call:
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


def _open_main(s: State, call: Call, known: dict[RoomId, None]) -> None:
    call.room = Room(id=s.room_id(call.node, call.id))
    s.rooms[call.room.id] = call.room
    if call.room.id not in known:
        s.emit(OpenRoom(call.id, call.room.id))


# How it stands ----------------------------------------------------------------------------------


def _go_on_talking(
    s: State,
    call: Call,
    memo: Memo,
    caller: Leg,
    found: FoundLeg,
    company: Sequence[FoundLeg],
) -> bool:
    """Somebody is with the caller, or has stepped aside for a moment: all stays as it is.  False
    when it is nobody whom we know."""
    assert call.room is not None
    main = call.room.id
    for one in company:
        leg = _enter_member(s, call, one)
        if leg is None:
            healing.end_orphan(s, one.leg, "orphan leg ended")
            continue
        call.state = CallState.TALKING
        leg.joined_ms = leg.engaged_ms = memo.talking_since_ms or memo.answered_ms
        assert one.room is not None
        _is_in_room(s, call, leg, one.room)
        if leg.agent is not None and (call.agent is None or leg.agent == memo.agent):
            call.agent, call.agent_leg = leg.agent, leg.id
        if leg.agent is not None and leg.agent == memo.agent:
            agent = s.agents[leg.agent]
            agent.later, agent.later_reason = memo.later, memo.later_reason
    if call.state is not CallState.TALKING:
        return False
    _is_in(s, caller, found.room)
    call.held = found.room != main
    if call.held or not conversation.company(s, call):
        call.held_since_ms = memo.held_since_ms or s.now
    else:
        call.talking_since_ms = memo.talking_since_ms or s.now
    if call.held:
        if memo.playback is not None:
            caller.speech = memo.playback
            s.playbacks[memo.playback] = call.id
            s.timers.set(("speech", caller.id), s.now + SPEECH_MS_MAX)
        conversation.notice_later(s, call)
        if found.room != rooms.music_room(s, call):
            rooms.music(s, call, caller)
    # Whoever was on the way to or from the caller is brought where they belong.
    conversation.arrange(s, call)
    return True


def _go_on_waiting(
    s: State, call: Call, leg: Leg, caller: FoundLeg, others: Sequence[FoundLeg]
) -> Iterator[Event]:
    """No agent's audio reaches the caller yet: phones ring on, and who has answered unheard
    answers now."""
    call.picked_up = caller.is_up
    ringing = []
    for one in others:
        offer = _enter_ring(s, call, one)
        if offer is None:
            _stop(s, call, [one])
            continue
        if offer.agent == caller.memo.agent:
            offer.picks_up = False  # a word or a key has come already
        ringing.append((one, offer))
        call.ringing[offer.id] = None
    call.state = CallState.OFFERING if ringing else CallState.WAITING
    assert call.queue is not None
    if not call.is_for_one:  # who placed it is on the line, and nobody else waits for anybody
        waiting.start(s, call, s.lines[call.queue].queue)
    if call.picked_up:
        # The opening has been begun, and nothing more is due before the next announcement.
        call.playback = caller.memo.playback
        if call.playback is not None:
            s.playbacks[call.playback] = call.id
        s.timers.cancel(("pick_up", call.id))
        if caller.room == rooms.music_room(s, call):
            _is_in(s, leg, caller.room)
        else:
            rooms.music(s, call, leg)
    s.seeking_calls[call.id] = None
    if call.is_for_one and not ringing:
        # Who placed the call is gone, and it is for nobody else.
        placing.release(s, call)
        return
    for one, _ in ringing:
        if one.is_up:
            yield LegAnswered(one.leg)
    if call.room is not None and caller.room == call.room.id:
        yield from _joined_unheard(call.room.id, caller, [one for one, _ in ringing])


def _joined_unheard(
    main: RoomId, caller: FoundLeg, ringing: Sequence[FoundLeg]
) -> Iterator[LegJoined]:
    """Both were brought together, and the service died before it could hear of it."""
    for one in (caller, *ringing):
        if one.room == main:
            yield LegJoined(one.leg, main)


def _wind_up(
    s: State,
    call: Call,
    memo: Memo,
    caller: FoundLeg | None,
    others: Sequence[FoundLeg],
    known: dict[RoomId, None],
) -> Iterator[LegAnswered | LegRang]:
    """Nobody is there to be served any more: whoever is left is let go, but an agent who talks
    with rescue or a contact, or waits for them to answer (E10)."""
    call.state = CallState.ENDING
    call.left_ms = s.now
    if call.scene is not None:
        _open_main(s, call, known)
    if caller is not None:
        hang_up(s, _enter_caller(s, call, caller), Release.NORMAL)
    for one in others:
        is_member = one.is_up and call.answered_ms is not None and not _is_unheard(one)
        leg = _enter_member(s, call, one) if is_member else None
        if leg is not None:
            assert call.answered_ms is not None
            leg.talked_ms = s.now - (one.memo.talking_since_ms or call.answered_ms)
            if call.scene is not None and one.room is not None:
                leg.joined_ms = one.memo.talking_since_ms or call.answered_ms
                _is_in_room(s, call, leg, one.room)
    called = [one for one in others if _rings_on(s, call, one)]
    yield from _go_on_calling(s, call, called, memo.ring_back)
    for leg in [s.legs[key] for key in call.legs]:
        if leg.id != call.caller_leg and not scene.is_kept(s, call, leg):
            outbound.let_go(s, leg)
    _stop(s, call, [one for one in others if one.leg not in call.legs])
    if not call.legs:
        calls.end(s, call)


def _is_unheard(one: FoundLeg) -> bool:
    """Tell whether this is somebody called in a case who has not answered, as far as we know."""
    part = one.memo.part
    return part is not None and part.purpose == parties.PURPOSE and one.room is None


def _rings_on(s: State, call: Call, one: FoundLeg) -> bool:
    """Tell whether somebody who was called in a case is waited for: rescue by whoever has called
    it, who alone is there to speak to it."""
    part = one.memo.part
    if part is None or part.number is None or not _is_unheard(one):
        return False
    if call.scene is None or part.number in s.dialled:
        return False
    return not trunks.is_rescue(s, part.number) or roles.leg_of(s, call, part.person) is not None


def _go_on_calling(
    s: State, call: Call, legs: Sequence[FoundLeg], ring_back: PlaybackId | None
) -> Iterator[LegAnswered | LegRang]:
    """Who was called in a case rings on, by the operators that are left; an answer that nobody has
    heard is heard now.  The ring-back tone is another's: it is stopped, and begun anew as long as
    it rings."""
    if ring_back is not None:
        s.emit(StopPlay(call.id, ring_back))
    for one in legs:
        part = one.memo.part
        assert part is not None and part.dial is not None
        leg = _enter_dialled(s, call, one, part, part.dial, DialState.DIALLING)
        if leg is None:
            continue  # two go to one number: the second is ended with the others
        parties.go_on(s, call, s.dials[part.dial])
        leg.state, leg.answered_ms = LegState.DIALLING, None
        if one.is_up:
            yield LegAnswered(one.leg)
        elif ring_back is not None:
            yield LegRang(one.leg)


def _stop(s: State, call: Call, legs: Sequence[FoundLeg]) -> None:
    """End legs by the ordinary way, so that a phone is free at its leg's end and no sooner."""
    for one in legs:
        part = one.memo.part
        if part is not None and part.dial is not None:
            state = DialState.ANSWERED if one.is_up else DialState.DIALLING
            leg = _enter_dialled(s, call, one, part, part.dial, state)
            if leg is not None and leg.dial is not None:
                outbound.withdraw(s, s.dials[leg.dial])
                hang_up(s, leg, Release.NORMAL)
                parties.cut_off(s, call, leg.dial)
        else:
            offer = _enter_offer(s, call, one, OfferState.RINGING)
            leg = None if offer is None else s.legs[offer.leg]
            if offer is not None and leg is not None:
                offers.end(s, offer, OfferMove.WITHDRAWN, None)
                hang_up(s, leg, Release.NORMAL)
        if leg is None:
            healing.end_orphan(s, one.leg, "orphan leg ended")


# Legs -------------------------------------------------------------------------------------------


def _enter_caller(s: State, call: Call, one: FoundLeg) -> Leg:
    """The far end's leg: a caller's, or that of a number of ours which has answered."""
    part = one.memo.part
    if part is not None and part.dial is not None and call.placed is not None:
        leg = _enter_dialled(s, call, one, part, part.dial, DialState.ANSWERED)
        assert leg is not None, "a call has one number, and nobody else was calling it"
        call.placed.dial, call.placed.result = part.dial, DialResult.ANSWERED
    else:
        leg = _leg(s, call, one, LegRole.CALLER, number=call.caller, started_ms=call.arrived_ms)
        leg.rang_ms = call.arrived_ms
    call.caller_leg = leg.id
    return leg


def _enter_member(s: State, call: Call, one: FoundLeg) -> Leg | None:
    """Somebody who is in the conversation."""
    part = one.memo.part
    if part is None or part.dial is None:
        offer = _enter_offer(s, call, one, OfferState.ACCEPTED)
        return None if offer is None else s.legs[offer.leg]
    leg = _enter_dialled(s, call, one, part, part.dial, DialState.ANSWERED)
    if leg is not None and part.purpose == offers.DUTY:
        _enter_duty(s, call, leg, part)
    return leg


def _enter_ring(s: State, call: Call, one: FoundLeg) -> Offer | None:
    """A phone that rings for the call, or has just been answered; None for any other leg."""
    part = one.memo.part
    if part is None or part.dial is not None:
        return None
    offer = _enter_offer(s, call, one, OfferState.RINGING)
    if offer is not None:
        until_ms = max(part.until_ms or 0, s.now + RING_LEAST_MS)
        s.timers.set(("ring", offer.id), until_ms)
    return offer


def _enter_offer(s: State, call: Call, one: FoundLeg, state: OfferState) -> Offer | None:
    """An agent's phone, the agent with it; None when there is no such agent, or they are with
    somebody else."""
    part = one.memo.part
    agent = None if part is None or part.agent is None else s.agents.get(part.agent)
    if part is None or part.phone is None or agent is None or not _is_there(s, agent, part):
        return None
    talks = state is OfferState.ACCEPTED
    leg = _leg(s, call, one, LegRole.AGENT, number=part.phone, started_ms=part.made_ms)
    if not talks:
        leg.state = LegState.RINGING  # an answer that nobody has heard is still to come
    leg.phone, leg.queue = part.phone, part.queue
    phone = s.phone(part.phone)
    phone.legs[leg.id] = None
    s.touched[phone] = None
    offer = _offer(s, call, agent, leg, part, state)
    offer.picks_up = part.picks_up
    leg.offer, leg.agent = offer.id, agent.id
    agents.phone_changed(s, phone)  # another may sit there by now
    return offer


def _enter_duty(s: State, call: Call, leg: Leg, part: Part) -> None:
    """A telephone on duty outside has the conversation."""
    agent = next(
        (
            one
            for one in s.agents.values()
            if one.profile.outside is not None
            and outbound.form(s, one.profile.outside.number) == part.number
        ),
        None,
    )
    if agent is None or agent.state in _BUSY or agent.seat is None:
        return
    phone = s.ringing_phone(agent)
    assert phone is not None
    filled = Part(made_ms=part.made_ms, phone=phone.id)
    offer = _offer(s, call, agent, leg, filled, OfferState.ACCEPTED)
    leg.offer, leg.agent = offer.id, agent.id


def _offer(s: State, call: Call, agent: Agent, leg: Leg, part: Part, state: OfferState) -> Offer:
    assert part.phone is not None
    offer = Offer(
        id=part.offer or OfferId(f"{s.epoch}-{s.next_number('offer')}"),
        call=call.id,
        agent=agent.id,
        leg=leg.id,
        phone=part.phone,
        made_ms=part.made_ms,
        state=state,
        rang_ms=None if state is OfferState.DIALLING else part.made_ms,
    )
    s.offers[offer.id] = offer
    was, since_ms = agent.state, agent.since_ms
    now = AgentState.TALKING if state is OfferState.ACCEPTED else AgentState.OFFERED
    agents.put_back(s, agent, now, since_ms=s.now)
    agent.call, agent.leg = call.id, leg.id
    if agent.id not in s.remembered_agents:
        _told_of_agent(s, agent, was, since_ms)
    return offer


def _is_there(s: State, agent: Agent, part: Part) -> bool:
    """Tell whether the agent can have this leg; who has one and is not known to be at work sits
    where that phone is."""
    if agent.removed or agent.state in _BUSY:
        return False
    if agent.seat is None:
        assert part.phone is not None
        seat = s.seat_of_phone.get(part.phone)
        if seat is None or seat in s.occupants:
            return False
        attendance.sit(s, agent, s.seats[seat])
    if agent.wrap_up is not None:
        agents.end_notes(s, agent)
    agent.trial = None
    for clock in ("wrap_up", "rest", "test_ring"):
        s.timers.cancel((clock, agent.id))
    return True


def _told_of_agent(s: State, agent: Agent, was: AgentState, since_ms: int) -> None:
    """Of somebody of whom PostgreSQL had not heard yet that they are at work."""
    s.emit(
        AgentStateChanged(
            at_ms=s.now,
            agent=agent.id,
            seat=agent.seat,
            was=was,
            now=agent.state,
            reason=None,
            from_ms=since_ms,
            call=agent.call,
        )
    )


def _enter_dialled(
    s: State, call: Call, one: FoundLeg, part: Part, key: DialId, state: DialState
) -> Leg | None:
    """A leg to an outside number; None when another goes there already."""
    if part.number is None or part.trunk is None or part.number in s.dialled:
        return None
    leg = _leg(s, call, one, LegRole.OUTSIDE, number=part.number, started_ms=part.made_ms)
    answered = state is DialState.ANSWERED
    dial = Dial(
        id=key,
        call=call.id,
        number=part.number,
        purpose=part.purpose or Purpose(""),
        person=part.person,
        caller_ids=(),
        started_ms=part.made_ms,
        leg=leg.id,
        trunk=part.trunk,
        trunks_left=[],
        state=state,
        # When it was answered is not known any more: what it costs from now on is counted.
        answered_ms=s.now if answered else None,
        result=DialResult.ANSWERED if answered else None,
    )
    leg.dial = dial.id
    s.dials[dial.id] = dial
    outbound.note_dialled(s, dial)
    if dial.purpose == parties.PURPOSE:
        _enter_party(s, call, dial, one.room, answered=answered)
    return leg


def _enter_party(s: State, call: Call, dial: Dial, room: RoomId | None, *, answered: bool) -> None:
    """A rescue service or a contact who is on the line in a case; without the case, somebody whom
    an agent has brought into the conversation."""
    if call.scene is None:
        dial.purpose = transfers.PURPOSE
        return
    listed = trunks.rescue_of(s, dial.number)
    at_music = room == rooms.music_room(s, call)
    talking = PartyState.WAITING if at_music else PartyState.TALKING
    party = call.scene.parties[dial.id] = Party(
        number=dial.number,
        service=listed[0][1].service if listed else None,
        by=dial.person,
        # Of a contact nobody knows any more whether one alone was called, or all.
        asks=not answered and not listed,
        leg=dial.leg,
        state=talking if answered else PartyState.DIALLING,
    )
    if answered:
        parties.service_reached(s, call, party)  # which nobody may have been told of yet
    by = None if answered else roles.leg_of(s, call, dial.person)
    if by is not None and by.room in call.sides:
        call.scene.rescue = by.room  # where they wait for it


def _leg(
    s: State, call: Call, one: FoundLeg, role: LegRole, *, number: str | None, started_ms: int
) -> Leg:
    leg = Leg(
        id=one.leg,
        role=role,
        call=call.id,
        started_ms=started_ms,
        state=LegState.UP if one.is_up else LegState.RINGING,
        number=number,
    )
    if one.is_up:
        leg.answered_ms = one.memo.answered_ms
    s.legs[leg.id] = leg
    call.legs[leg.id] = None
    return leg


def _is_in_room(s: State, call: Call, leg: Leg, key: RoomId) -> None:
    """Asterisk says that somebody in the conversation is in a room, perhaps one of its side rooms,
    of which nothing is known but what is found in it."""
    main = None if call.room is None else call.room.id
    if key not in (main, rooms.music_room(s, call)) and key not in s.rooms:
        s.rooms[key] = Room(id=key)
        call.sides[key] = None
    _is_in(s, leg, key)
    scene.found_in(call, leg)


def _is_in(s: State, leg: Leg, key: RoomId | None) -> None:
    """Asterisk says that the leg is in the room."""
    leg.room = leg.wanted = key
    room = None if key is None else s.rooms.get(key)
    if room is not None:
        move_room(s, room, RoomMove.JOINED)
        room.members[leg.id] = None
