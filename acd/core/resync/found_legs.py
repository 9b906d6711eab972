"""Found legs: each channel of an adopted call is a leg again, with what belongs to it.

An agent's has its offer, its phone and the agent; an outside number's has its dial, and its party
in a case; and each is in the room in which Asterisk has it.  What cannot be: an agent who has gone,
or is with somebody else; a second leg to a number that is being called already.  Such a leg is
nobody's, and who asked is told so by None.
"""

from acd.core.call_control import rooms, transfers
from acd.core.emergency import parties, roles, scene
from acd.core.entities import Agent, Call, Dial, Leg, Offer, Party, Room
from acd.core.events import FoundLeg
from acd.core.facts import AgentStateChanged, DialResult, LegRole
from acd.core.ids import DialId, OfferId, Purpose, RoomId
from acd.core.memo import Part
from acd.core.moves import move_room
from acd.core.outside import outbound, trunks
from acd.core.queueing import offers
from acd.core.resync import attendance
from acd.core.staff import agents
from acd.core.state import State
from acd.core.tables import AgentState, DialState, LegState, OfferState, PartyState, RoomMove

RING_LEAST_MS = 500
"""A ring whose time was over long ago may still be answered in this time."""

_BUSY = (AgentState.OFFERED, AgentState.TALKING)


def enter_caller(s: State, call: Call, one: FoundLeg) -> Leg:
    """The far end's leg: a caller's, or that of a number of ours which has answered."""
    part = one.memo.part
    if part is not None and part.dial is not None and call.placed is not None:
        leg = enter_dialled(s, call, one, part, part.dial, DialState.ANSWERED)
        assert leg is not None, "a call has one number, and nobody else was calling it"
        call.placed.dial, call.placed.result = part.dial, DialResult.ANSWERED
    else:
        leg = _leg(s, call, one, LegRole.CALLER, number=call.caller, started_ms=call.arrived_ms)
        leg.rang_ms = call.arrived_ms
    call.caller_leg = leg.id
    return leg


def enter_member(s: State, call: Call, one: FoundLeg) -> Leg | None:
    """Return the leg of somebody in the conversation; None when they cannot be in it."""
    part = one.memo.part
    if part is None or part.dial is None:
        offer = enter_offer(s, call, one, OfferState.ACCEPTED)
        return None if offer is None else s.legs[offer.leg]
    leg = enter_dialled(s, call, one, part, part.dial, DialState.ANSWERED)
    if leg is not None and part.purpose == offers.DUTY:
        _enter_duty(s, call, leg, part)
    return leg


def enter_ring(s: State, call: Call, one: FoundLeg) -> Offer | None:
    """Return the offer of a phone that rings for the call, or has just been answered, and see to
    the end of its ring; None for any other leg."""
    part = one.memo.part
    if part is None or part.dial is not None:
        return None
    offer = enter_offer(s, call, one, OfferState.RINGING)
    if offer is not None:
        until_ms = max(part.until_ms or 0, s.now + RING_LEAST_MS)
        s.timers.set(("ring", offer.id), until_ms)
    return offer


def enter_offer(s: State, call: Call, one: FoundLeg, state: OfferState) -> Offer | None:
    """Return the offer to whose agent the phone belongs; None when there is no such agent, or they
    are with somebody else."""
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
    """A telephone on duty outside has the conversation: its agent is busy with it."""
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


def enter_dialled(
    s: State, call: Call, one: FoundLeg, part: Part, key: DialId, state: DialState
) -> Leg | None:
    """Return the leg to an outside number; None when another goes there already."""
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
        is_awaited=part.is_awaited,
    )
    leg.dial = dial.id
    s.dials[dial.id] = dial
    outbound.note_dialled(s, dial)
    if dial.purpose == parties.PURPOSE:
        _enter_party(s, call, dial, one.room, answered=answered)
    return leg


def _enter_party(s: State, call: Call, dial: Dial, room: RoomId | None, *, answered: bool) -> None:
    """Enter a rescue service or a contact who is on the line in a case; without the case it is
    somebody whom an agent has brought into the conversation."""
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
        asks=not (answered or listed or dial.is_awaited),
        leg=dial.leg,
        state=talking if answered else PartyState.DIALLING,
    )
    if answered:
        parties.service_reached(s, call, party)  # which nobody may have been told of yet
    by = None if answered else roles.leg_of(s, call, dial.person)
    if by is not None and by.room in call.sides:
        call.scene.rescue = by.room  # where they wait for it


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
    """Make the agent free to have this leg, and tell whether they can: who has a leg and is not
    known to be at work sits where its phone is."""
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
    """Tell of somebody of whom PostgreSQL has not heard yet that they are at work."""
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


def is_in_room(s: State, call: Call, leg: Leg, key: RoomId) -> None:
    """Asterisk says that somebody in the conversation is in a room, perhaps one of its side rooms,
    of which nothing is known but what is found in it."""
    main = None if call.room is None else call.room.id
    if key not in (main, rooms.music_room(s, call)) and key not in s.rooms:
        s.rooms[key] = Room(id=key)
        call.sides[key] = None
    is_in(s, leg, key)
    scene.found_in(call, leg)


def is_in(s: State, leg: Leg, key: RoomId | None) -> None:
    """Asterisk says that the leg is in the room."""
    leg.room = leg.wanted = key
    room = None if key is None else s.rooms.get(key)
    if room is not None:
        move_room(s, room, RoomMove.JOINED)
        room.members[leg.id] = None


def is_unheard(one: FoundLeg) -> bool:
    """Tell whether this is somebody called in a case who has not answered, as far as we know."""
    part = one.memo.part
    return part is not None and part.purpose == parties.PURPOSE and one.room is None
