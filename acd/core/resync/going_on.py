"""Going on: what becomes of an adopted call's conversation, its wait, and its ringing phones.

Who talks hears nothing of it.  Who waits has the place and the clocks of the arrival.  What cannot
be gone on with (a number that was still being dialled, somebody asked into a conversation) is ended
in order.  What an emergency needs goes on in any state: 120 that rings, and the talk with it after
the caller's line has ended (E03, E10).
"""

from collections.abc import Iterator, Sequence

from acd.core import calls
from acd.core.call_control import conversation, rooms
from acd.core.call_control.speech import SPEECH_MS_MAX
from acd.core.commands import Hush, OpenRoom, Release
from acd.core.emergency import parties, roles, scene
from acd.core.entities import Call, Leg, Room
from acd.core.events import Event, FoundLeg, LegAnswered, LegJoined
from acd.core.ids import RoomId
from acd.core.memo import Memo
from acd.core.moves import hang_up
from acd.core.outside import outbound, placing, trunks
from acd.core.queueing import offers, waiting
from acd.core.resync import found_legs, healing
from acd.core.state import State
from acd.core.tables import CallState, DialState, LegState, OfferMove, OfferState


def open_main(s: State, call: Call, known: dict[RoomId, None]) -> None:
    """Give the call its main room: the one that Asterisk has, or a new one."""
    call.room = Room(id=s.room_id(call.node, call.id))
    s.rooms[call.room.id] = call.room
    if call.room.id not in known:
        s.emit(OpenRoom(call.id, call.room.id))


def keep_talking(
    s: State,
    call: Call,
    memo: Memo,
    caller: Leg,
    found: FoundLeg,
    company: Sequence[FoundLeg],
) -> bool:
    """Somebody is with the caller, or has stepped aside for a moment: all stays as it is.

    False, and nothing is done but ending strange legs, when none of the ``company`` is known to us.
    """
    assert call.room is not None
    main = call.room.id
    for one in company:
        leg = found_legs.enter_member(s, call, one)
        if leg is None:
            healing.end_orphan(s, one.leg, "orphan leg ended")
            continue
        call.state = CallState.TALKING
        leg.joined_ms = leg.engaged_ms = memo.talking_since_ms or memo.answered_ms
        assert one.room is not None
        found_legs.is_in_room(s, call, leg, one.room)
        if leg.agent is not None and (call.agent is None or leg.agent == memo.agent):
            call.agent, call.agent_leg = leg.agent, leg.id
        if leg.agent is not None and leg.agent == memo.agent:
            agent = s.agents[leg.agent]
            agent.later, agent.later_reason = memo.later, memo.later_reason
    if call.state is not CallState.TALKING:
        return False
    found_legs.is_in(s, caller, found.room)
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


def keep_waiting(
    s: State, call: Call, leg: Leg, caller: FoundLeg, others: Sequence[FoundLeg]
) -> Iterator[Event]:
    """No agent's audio reaches the caller yet: phones ring on, and an answer that nobody has heard
    is yielded to be heard now."""
    call.picked_up = caller.is_up
    ringing = []
    for one in others:
        offer = found_legs.enter_ring(s, call, one)
        if offer is None:
            stop(s, call, [one])
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
            found_legs.is_in(s, leg, caller.room)
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


def keep_calling(s: State, call: Call, legs: Sequence[FoundLeg]) -> Iterator[LegAnswered]:
    """Who was called in a case rings on, by the operators that are left; an answer that nobody has
    heard is heard now.  Agents aside may hear a ring-back tone, which has no end of its own and no
    name that anybody knows now: it is stopped, and begun anew for as long as it may ring."""
    if call.scene is not None:
        for there in conversation.those_aside(s, call):
            if there.is_agents:
                s.emit(Hush(call.id, there.id))
    for one in legs:
        if not one.is_up:
            _follow(s, call, one)
    parties.ring_back(s, call)
    for one in legs:
        if one.is_up and _follow(s, call, one):
            yield LegAnswered(one.leg)


def _follow(s: State, call: Call, one: FoundLeg) -> bool:
    """Go on with one number; False when another leg goes there: this one is ended with the rest."""
    part = one.memo.part
    assert part is not None and part.dial is not None
    leg = found_legs.enter_dialled(s, call, one, part, part.dial, DialState.DIALLING)
    if leg is None:
        return False
    parties.go_on(s, call, s.dials[part.dial])
    leg.state, leg.answered_ms = LegState.DIALLING, None
    return True


def rings_on(s: State, call: Call, one: FoundLeg) -> bool:
    """Tell whether somebody who was called in a case is waited for: rescue by whoever has called
    it, who alone is there to speak to it."""
    part = one.memo.part
    if part is None or part.number is None or not found_legs.is_unheard(one):
        return False
    if call.scene is None or part.number in s.dialled:
        return False
    return not trunks.is_rescue(s, part.number) or roles.leg_of(s, call, part.person) is not None


def stop(s: State, call: Call, legs: Sequence[FoundLeg]) -> None:
    """End legs by the ordinary way, so that a phone is free at its leg's end and no sooner."""
    for one in legs:
        part = one.memo.part
        if part is not None and part.dial is not None:
            state = DialState.ANSWERED if one.is_up else DialState.DIALLING
            leg = found_legs.enter_dialled(s, call, one, part, part.dial, state)
            if leg is not None and leg.dial is not None:
                outbound.withdraw(s, s.dials[leg.dial])
                hang_up(s, leg, Release.NORMAL)
                parties.cut_off(s, call, leg.dial)
        else:
            offer = found_legs.enter_offer(s, call, one, OfferState.RINGING)
            leg = None if offer is None else s.legs[offer.leg]
            if offer is not None and leg is not None:
                offers.end(s, offer, OfferMove.WITHDRAWN, None)
                hang_up(s, leg, Release.NORMAL)
        if leg is None:
            healing.end_orphan(s, one.leg, "orphan leg ended")


def wind_up(
    s: State,
    call: Call,
    memo: Memo,
    caller: FoundLeg | None,
    others: Sequence[FoundLeg],
    known: dict[RoomId, None],
) -> Iterator[LegAnswered]:
    """Nobody is there to be served any more: whoever is left is let go, but an agent who talks
    with rescue or a contact, or waits for them to answer (E10)."""
    call.state = CallState.ENDING
    call.left_ms = s.now
    if call.scene is not None:
        open_main(s, call, known)
    if caller is not None:
        hang_up(s, found_legs.enter_caller(s, call, caller), Release.NORMAL)
    for one in others:
        is_member = one.is_up and call.answered_ms is not None and not found_legs.is_unheard(one)
        leg = found_legs.enter_member(s, call, one) if is_member else None
        if leg is not None:
            assert call.answered_ms is not None
            leg.talked_ms = s.now - (one.memo.talking_since_ms or call.answered_ms)
            if call.scene is not None and one.room is not None:
                leg.joined_ms = one.memo.talking_since_ms or call.answered_ms
                found_legs.is_in_room(s, call, leg, one.room)
    called = [one for one in others if rings_on(s, call, one)]
    yield from keep_calling(s, call, called)
    for leg in [s.legs[key] for key in call.legs]:
        if leg.id != call.caller_leg and not scene.is_kept(s, call, leg):
            outbound.let_go(s, leg)
    scene.gather(s, call)
    stop(s, call, [one for one in others if one.leg not in call.legs])
    if not call.legs:
        calls.end(s, call)
