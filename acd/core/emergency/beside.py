"""The rescue room on an agent's second phone (T29, E15, E16): one ear with the caller, one with
rescue.

On their word (*99) the second phone of the agent's seat rings, while the first stays where it is:
with the caller.  Who picks it up is in the rescue room, and only then is anybody dialled, so that
rescue is never called before somebody is there to speak (see ``outbound.dial_rescue``).  From then
on the second phone is the agent's voice there, and the codes of either phone mean the same.  To
come back (*92), to bring everybody to the caller (*93), or to hang the second phone up ends it.
"""

from acd.core.asks import Ask, done, refuse
from acd.core.call_control import conversation, rooms
from acd.core.commands import CallPhone, Release
from acd.core.emergency import cases, parties, roles, scene
from acd.core.entities import Beside, Call, Leg, Phone
from acd.core.facts import LegRole
from acd.core.ids import LegId, RequestId
from acd.core.moves import hang_up
from acd.core.outside import trunks
from acd.core.outside.outbound import NotDialled
from acd.core.replies import Refusal, Refused, Reply
from acd.core.state import State
from acd.core.tables import CallState, LegState, PartyState

RING_MS = 15_000
"""Three rings: it stands on the same desk."""

CALLER = "*99"
"""What the phone shows."""

NOT_PICKED_UP = ("second-phone-not-answered",)
PROMPTS = NOT_PICKED_UP
"""Every prompt this module asks for by itself."""


def begin(s: State, ask: Ask) -> Reply:
    """Have the rescue room on the second phone (*99), and whoever the digits mean called there as
    soon as it is picked up; with it there already, call them."""
    call = ask.call
    around = call.scene
    if cases.of(s, call) is None or around is None or ask.leg.agent is None:
        return scene.no_case(s, ask)
    if around.beside is not None and around.beside.agent != ask.leg.agent:
        sentence = f"Agent {around.beside.agent} has the rescue room on their second phone."
        return refuse(s, ask, Refusal.NO_SECOND_PHONE, sentence)
    if around.beside is not None:
        return parties.call_out(s, ask)
    number = parties.number_of(s, call, ask.digits) if ask.digits else ""
    if isinstance(number, NotDialled):
        return parties.not_called(s, ask, number)
    phone = _second_phone(s, ask)
    if isinstance(phone, Refused):
        return phone
    _ring(s, ask, phone, number if trunks.is_rescue(s, number) else None)
    return done(ask)


def _second_phone(s: State, ask: Ask) -> Phone | Refused:
    assert ask.leg.agent is not None
    agent = s.agents[ask.leg.agent]
    seat = None if agent.seat is None else s.seats.get(agent.seat)
    if seat is None or len(seat.phones) < 2:
        sentence = f"The seat of agent {agent.id} has no second phone."
        return refuse(s, ask, Refusal.NO_SECOND_PHONE, sentence)
    phone = s.phone(seat.phones[1])
    if not phone.registered or phone.legs or phone.in_use:
        sentence = f"The second phone of agent {agent.id}, {phone.id}, is away or in use."
        return refuse(s, ask, Refusal.NO_SECOND_PHONE, sentence)
    return phone


def _ring(s: State, ask: Ask, phone: Phone, rescue: str | None) -> None:
    call = ask.call
    assert call.scene is not None and ask.leg.agent is not None
    leg = Leg(
        id=s.new_leg_id(call.node),
        role=LegRole.DESK,
        call=call.id,
        started_ms=s.now,
        state=LegState.DIALLING,
        number=phone.id,
        phone=phone.id,
        agent=ask.leg.agent,
    )
    s.legs[leg.id] = leg
    call.legs[leg.id] = None
    phone.legs[leg.id] = None
    s.touched[phone] = s.touched[call] = None
    call.scene.beside = Beside(leg=leg.id, agent=ask.leg.agent, digits=ask.digits, rescue=rescue)
    s.emit(CallPhone(call=call.id, phone=phone.id, leg=leg.id, ring_ms=RING_MS, caller=CALLER))
    s.timers.set(("beside", leg.id), s.now + RING_MS)


def ring_timed_out(s: State, key: LegId) -> None:
    """Nobody has picked the second phone up: whoever was to be called there has not been."""
    leg = s.legs.get(key)
    if leg is not None:
        hang_up(s, leg, Release.NO_ANSWER)


def answered(s: State, call: Call, leg: Leg) -> Reply | None:
    """The second phone is picked up: it is in the rescue room from now on, the first one with the
    caller, and whoever was asked for is called.  Return what came of that; None when nobody was
    asked for."""
    s.timers.cancel(("beside", leg.id))
    s.touched[call] = None
    around, case = call.scene, cases.of(s, call)
    if around is None or around.beside is None or case is None:
        hang_up(s, leg, Release.NORMAL)  # closed meanwhile
        return None
    rooms.place(s, call, scene.rescue_room(s, call), leg)
    first = roles.leg_of(s, call, leg.agent)
    asks = call.transfer is not None and first is not None and call.transfer.by_leg == first.id
    is_there = first is not None and first.wanted == around.rescue and not asks
    if first is not None and is_there and call.state is CallState.TALKING:
        conversation.come_back(s, call, first)
        conversation.arrange(s, call)
    cases.change(s, case, "rescue room on the second phone", by=leg.agent, call=call)
    if around.beside.digits:
        return parties.call_out(s, Ask(RequestId(leg.id), call, leg, around.beside.digits))
    for party in around.parties.values():
        if party.state is PartyState.WAITING:
            scene.take(s, call, party)
    return None


def first_of(s: State, call: Call, leg: Leg) -> Leg:
    """Return the leg whose agent presses keys on ``leg``: that of their first phone, which is with
    the caller; ``leg`` itself when it is gone or there is no second phone."""
    return roles.leg_of(s, call, leg.agent) or leg


def is_second(call: Call, leg: Leg) -> bool:
    """Tell whether this is the second phone's leg."""
    beside = None if call.scene is None else call.scene.beside
    return beside is not None and beside.leg == leg.id


def gone(s: State, call: Call, leg: Leg) -> None:
    """The second phone is hung up, or was not picked up: who was called there hears music, and the
    agent is told that nobody has been dialled."""
    around = call.scene
    if around is None or around.beside is None or around.beside.leg != leg.id:
        return
    if leg.answered_ms is None:
        parties.owe_service(s, call, around.beside.digits)
    around.beside = None
    s.touched[call] = None
    s.timers.cancel(("beside", leg.id))
    first = roles.leg_of(s, call, leg.agent)
    if leg.answered_ms is None and call.state is CallState.TALKING and first is not None:
        scene.say_to(s, call, first, NOT_PICKED_UP)
    scene.park(s, call)
    scene.wind_up(s, call)
