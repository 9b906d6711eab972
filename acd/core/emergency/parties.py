"""Those who are called in a case: 120, 110, 119, contacts, any number (E03, E05, E06, T35).

A rescue service is dialled on an agent's command alone, and into that agent's ear: they are in the
rescue room before it rings.  Contacts can be called all at once; whoever picks up hears what it is
about and presses 1, so that no voicemail box counts as reached (C17), and then waits until an agent
fetches them.
"""

from acd.core import calls
from acd.core.asks import Ask, done, refuse
from acd.core.call_control import conversation, speech
from acd.core.commands import Hush, Release
from acd.core.directory import RescueService
from acd.core.emergency import asking, cases, chasers, roles, scene, unreached
from acd.core.emergency.case import Case
from acd.core.entities import Call, Dial, LegEnd, Party
from acd.core.facts import DialResult
from acd.core.follow_up import callbacks, obligations
from acd.core.follow_up.owed import Closing, ObligationKind, OwedFor
from acd.core.ids import AgentId, AreaId, DialId, LegId, Purpose
from acd.core.moves import hang_up
from acd.core.outside import dialled, outbound, placing, toll, trunks
from acd.core.outside.outbound import NotDialled
from acd.core.replies import Done, Refusal, Reply
from acd.core.state import State
from acd.core.tables import CallState, PartyMove, PartyState

PURPOSE = Purpose("case")

MEDICAL = "1"
SERVICES = {
    MEDICAL: RescueService.MEDICAL,
    "2": RescueService.POLICE,
    "3": RescueService.FIRE,
}
"""One digit, one service: 120, 110, 119."""

CONTACTS = ("4", "5", "6")
"""One digit, one contact: the first three."""

MISSED = (
    DialResult.BUSY,
    DialResult.NO_ANSWER,
    DialResult.REJECTED,
    DialResult.UNREACHABLE,
    DialResult.NO_TRUNK,
)
"""Ends of a dial by which somebody was not reached; a call that we withdrew missed nobody."""

WITHDRAWN = DialResult.WITHDRAWN

NOT_MISSED = (Refusal.NUMBER_IN_CALL, Refusal.REAL_RESCUE_IN_TEST)
"""Why a rescue service is not called and nobody owes it: it is being called, or must not be."""

ACCEPTED = ("contact-waits",)
WAITS = ("rescue-waits",)
"""A service has answered that nobody is in the rescue room to speak to."""
GONE = ("party-gone",)
NOT_REACHED = {**placing.TOLD, DialResult.NO_TRUNK: ("refused-no-trunk",)}
"""What the agent is told, in words short enough for a caller who hears nothing meanwhile."""
PROMPTS = (*ACCEPTED, *WAITS, *GONE, *(one for told in NOT_REACHED.values() for one in told))
"""Every prompt this module asks for by itself."""


# On an agent's word -----------------------------------------------------------------------------


def call_out(s: State, ask: Ask) -> Reply:
    """Go to the rescue room and call there whoever the digits mean (*91): 1 to 3 a service, 4 to 6
    a contact, anything longer the number itself; without digits, talk with whoever waits."""
    call = ask.call
    if cases.of(s, call) is None or call.scene is None:
        return scene.no_case(s, ask)
    if not ask.digits:
        return _fetch(s, ask, None)
    number = number_of(s, call, ask.digits)
    if isinstance(number, NotDialled):
        return not_called(s, ask, number)
    standing = next((one for one in call.scene.parties.values() if one.number == number), None)
    if standing is not None and standing.state is PartyState.WAITING:
        return _fetch(s, ask, standing)
    made = _dial(s, ask, number)
    if isinstance(made, NotDialled):
        return not_called(s, ask, made)
    scene.to_rescue(s, call, ask.leg)
    ring_back(s, call)
    return done(ask)


def fan_out(s: State, ask: Ask) -> Reply:
    """Call every contact at once, and 120 for the agent who asks (*96, T35), who is told when only
    the contacts can be called."""
    call = ask.call
    case = cases.of(s, call)
    if call.scene is None or case is None:
        return scene.no_case(s, ask)
    called = call_contacts(s, call, case, by=ask.leg.agent)
    medical = any(one.service is SERVICES[MEDICAL] for one in call.scene.parties.values())
    told = done(ask) if called and medical else call_out(s, ask._replace(digits=MEDICAL))
    if called or isinstance(told, Done):
        cases.change(s, cases.of(s, call) or case, "all called", by=ask.leg.agent, call=call)
    return told


def not_called(s: State, ask: Ask, made: NotDialled) -> Reply:
    """Nobody is called, and the agent is told why.  Rescue is owed then as if it had been called
    and not reached (E03)."""
    if made.refusal not in NOT_MISSED:
        owe_service(s, ask.call, ask.digits)
    return refuse(s, ask, made.refusal, made.sentence)


def owe_service(s: State, call: Call, digits: str) -> None:
    """An agent wanted this called, and it was not: if it is a rescue service, somebody has to."""
    case = cases.of(s, call)
    service, number = _service_meant(s, call, digits)
    if case is not None and service is not None:
        chasers.service_missed(s, case, service, number)


def _service_meant(s: State, call: Call, digits: str) -> tuple[RescueService | None, str | None]:
    """Return the rescue service that the digits mean, if they mean one, and its number, if there
    is one."""
    number = number_of(s, call, digits)
    if isinstance(number, NotDialled):
        return SERVICES.get(digits), None
    listed = trunks.rescue_of(s, number)
    return listed[0][1].service if listed else SERVICES.get(digits), number


def call_contacts(s: State, call: Call, case: Case, *, by: AgentId | None = None) -> int:
    """Have every contact called who is not being called already; return how many are."""
    called = 0
    for contact in case.contacts:
        made = outbound.dial(s, call, contact.number, PURPOSE, person=by)
        if not isinstance(made, NotDialled):
            _enter(s, call, made, by=by or case.a, service=None, asks=True)
            called += 1
    return called


def is_calling_contacts(call: Call) -> bool:
    """Tell whether some contact may still be reached, or is on the line."""
    assert call.scene is not None
    return any(party.service is None for party in call.scene.parties.values())


def safe(s: State, ask: Ask) -> Reply:
    """The elder is safe (*97): whoever still rings is not called any more, whoever has answered
    stays, and what has been set going is to be cancelled by somebody (E37, E41)."""
    call = ask.call
    case = cases.of(s, call)
    if call.scene is None or case is None:
        return scene.no_case(s, ask)
    case = cases.change(s, case, "safe", by=ask.leg.agent, call=call, safe_ms=s.now)
    for key, party in tuple(call.scene.parties.items()):
        if party.state is PartyState.DIALLING:
            outbound.withdraw(s, s.dials[key])
    _settled(s, case)
    if case.services:
        chasers.to_cancel(s, case)
    return done(ask)


def help_arrived(s: State, ask: Ask) -> Reply:
    """Help is at the door (*98, E17)."""
    case = cases.of(s, ask.call)
    if case is None:
        return scene.no_case(s, ask)
    case = cases.change(s, case, "help arrived", by=ask.leg.agent, call=ask.call, help_ms=s.now)
    _settled(s, case)
    return done(ask)


def _settled(s: State, case: Case) -> None:
    """Nobody has to be asked, redialled or called any more, nor to come as A or B, and whoever is
    on the line now is not called back when it ends (E37, E41)."""
    chasers.settled(s, case)
    for call in cases.live(s, case):
        call.settled = True
        roles.stop(s, call)
    for owed in tuple(s.obligations.values()):
        is_contact = owed.why is OwedFor.CONTACT
        elder = owed.kind is ObligationKind.CALLBACK and owed.number == case.number
        if (elder and not is_contact) or (is_contact and owed.case == case.id):
            callbacks.stop(s, owed)
            obligations.fulfil(s, s.obligations[owed.id], Closing.NOT_NEEDED)


# Whom the digits mean ---------------------------------------------------------------------------


def number_of(s: State, call: Call, digits: str) -> str | NotDialled:
    """Return the number that the digits mean."""
    if digits in SERVICES:
        return _rescue_number(s, call, SERVICES[digits])
    if digits in CONTACTS:
        case = cases.of(s, call)
        contacts = () if case is None else case.contacts
        place = CONTACTS.index(digits)
        if place >= len(contacts):
            sentence = f"The elder has {len(contacts)} contacts: there is no number {place + 1}."
            return NotDialled(Refusal.NO_CONTACT, sentence)
        return contacts[place].number
    number = outbound.form(s, digits)
    if number is None:
        return NotDialled(Refusal.NOT_A_NUMBER, f"{digits} is no number that can be dialled.")
    return number


def _rescue_number(s: State, call: Call, service: RescueService) -> str | NotDialled:
    area = _area_of(s, call)
    listed = () if area is None else s.areas[area].rescue
    found = next((one.number for one in listed if one.service is service), None)
    if found is None:
        sentence = f"The directory has no {service} number for area {area or 'of this caller'}."
        return NotDialled(Refusal.NO_RESCUE_NUMBER, sentence)
    return found


def _area_of(s: State, call: Call) -> AreaId | None:
    """Return the elder's area; for somebody whom nobody knows the first, which is ours (E25)."""
    if call.area is not None and call.area in s.areas:
        return call.area
    return next(iter(s.areas), None)


def _dial(s: State, ask: Ask, number: str) -> Dial | NotDialled:
    """Dial for the agent who asks, into the rescue room."""
    assert ask.leg.agent is not None
    listed = trunks.rescue_of(s, number)
    service: RescueService | None = None
    if listed:
        own = _area_of(s, ask.call)
        area, rescue = next((one for one in listed if one[0] == own), listed[0])
        service = rescue.service
        made = outbound.dial_rescue(s, ask.call, service, PURPOSE, area=area, person=ask.leg.agent)
    else:
        limit = toll.costly(s, number, by=ask.leg.agent, known=toll.known_to(ask.call))
        made = limit or outbound.dial(
            s, ask.call, number, PURPOSE, person=ask.leg.agent, awaited=True
        )
    if isinstance(made, Dial):
        _enter(s, ask.call, made, by=ask.leg.agent, service=service, asks=False)
    return made


def _enter(
    s: State,
    call: Call,
    dial: Dial,
    *,
    by: AgentId | None,
    service: RescueService | None,
    asks: bool,
) -> None:
    case = cases.of(s, call)
    assert call.scene is not None and case is not None
    call.scene.parties[dial.id] = Party(
        number=dial.number, service=service, by=by, asks=asks, leg=dial.leg
    )
    if service is None:
        cases.concerns(s, case, dial.number)


def go_on(s: State, call: Call, dial: Dial) -> None:
    """An earlier life of the service has called somebody who has not answered: they ring on, and a
    rescue service is looked for over the operators of its area alone."""
    listed = dict(trunks.rescue_of(s, dial.number))
    own = _area_of(s, call)
    outbound.go_on(s, dial, area=own if own in listed else next(iter(listed), None))


def tell_who_waits(s: State, call: Call) -> None:
    """Whoever has the conversation now may not know that somebody waits at the music whom another
    agent has called."""
    leg = None if call.agent_leg is None else s.legs.get(call.agent_leg)
    if call.scene is None or leg is None or leg.ended_by_us:
        return
    waiting = [one for one in call.scene.parties.values() if one.state is PartyState.WAITING]
    if waiting:
        is_rescue = any(one.service is not None for one in waiting)
        scene.say_to(s, call, leg, WAITS if is_rescue else ACCEPTED)


def nobody_left(s: State, call: Call) -> None:
    """An agent has left the call.  With the last of them goes whoever could speak to a rescue
    service that still rings: it must not be answered by music, and taken for told."""
    if call.scene is None or scene.agents_on(s, call):
        return
    for key, party in tuple(call.scene.parties.items()):
        if party.service is not None and party.state is PartyState.DIALLING:
            outbound.withdraw(s, s.dials[key])


def cut_off(s: State, call: Call, key: DialId) -> None:
    """A restart has ended the way to a rescue service, for nobody is there who could speak to it:
    somebody has to call it (E03)."""
    case = cases.of(s, call)
    party = None if call.scene is None else call.scene.parties.get(key)
    if case is not None and party is not None and party.service is not None:
        unreached.not_reached(s, case, party)


def ended_unseen(s: State, call: Call, called: tuple[str, ...]) -> None:
    """These rescue services were being called when a life of the service ended.  Which of them are
    not on their way any more, nobody has heard, and somebody has to call them (E03)."""
    case, around = cases.of(s, call), call.scene
    for number in called:
        if (
            case is None
            or around is None
            or any(p.number == number for p in around.parties.values())
        ):
            continue
        if unreached.number_not_reached(s, case, number):
            told = NOT_REACHED[DialResult.UNREACHABLE]
            scene.say_to(s, call, roles.leg_of(s, call, case.a), told)


def _fetch(s: State, ask: Ask, only: Party | None) -> Reply:
    """Talk with those who wait at the music, or with one of them."""
    assert ask.call.scene is not None
    waiting = [
        one for one in ask.call.scene.parties.values()
        if one.state is PartyState.WAITING and (only is None or one is only)
    ]  # fmt: skip
    if not waiting:
        return refuse(s, ask, Refusal.NOBODY_CALLED, "Nobody who was called waits for you.")
    scene.to_rescue(s, ask.call, ask.leg)
    for party in waiting:
        scene.take(s, ask.call, party)
    return done(ask)


# What becomes of it -----------------------------------------------------------------------------


def _party(s: State, dial: Dial) -> Party:
    around = s.calls[dial.call].scene
    assert around is not None, "a case is never taken from a call that calls somebody for it"
    return around.parties[dial.id]


def _rang(s: State, dial: Dial) -> None:
    ring_back(s, s.calls[dial.call])


def ring_back(s: State, call: Call) -> None:
    """Whoever waits alone in the rescue room hears that it rings, as soon as nothing else is said
    to them; asked after everything that may have left them in silence."""
    around = call.scene
    if around is None or not around.parties:
        return
    legs = (s.legs[key] for key in call.legs)
    if any(leg.dial is not None and leg.wanted == around.rescue for leg in legs):
        return  # there is somebody to be heard
    for key, party in around.parties.items():
        leg = scene.rescue_leg_of(s, call, party.by) if rings(s, key, party) else None
        if leg is not None and leg.wanted == around.rescue and not speech.is_speaking(leg):
            speech.say(s, call, leg, speech.RING_BACK)


def hush_again(s: State, key: LegId) -> None:
    """What an earlier life plays to a leg could not be ended: AMI may have been away."""
    leg = s.legs.get(key)
    if leg is not None and not leg.ended_by_us:
        s.emit(Hush(leg.call, key))


def rings(s: State, key: DialId, party: Party) -> bool:
    """Tell whether it rings there, as far as anybody knows, for an agent who waits for it."""
    if party.asks or party.state is not PartyState.DIALLING:
        return False
    return s.dials[key].rang_ms is not None or s.dials[key].may_ring


def _answered(s: State, dial: Dial) -> None:
    """Somebody has picked up: a contact who was called with all the others is asked first."""
    call, party = s.calls[dial.call], _party(s, dial)
    party.leg = dial.leg
    leg = scene.rescue_leg_of(s, call, party.by)
    party.answered_ms = s.now
    s.touched[call] = None
    if party.asks:
        scene.move_party(s, party, PartyMove.ASKED)
        asking.ask(s, call, dial, call.caller)
        return
    if leg is not None and speech.is_speaking(leg):
        speech.hush(s, call, leg)
    case = cases.of(s, call)
    if party.service is not None:
        service_reached(s, call, party)
    elif case is not None and any(dial.number == one.number for one in case.contacts):
        case = cases.note_contact(s, case, dial.number, "reached", call=call, by=party.by)
        chasers.contact_reached(s, case, dial.number)
    scene.receive(s, call, party)
    if party.service is not None and party.state is PartyState.WAITING:
        scene.say_to(s, call, leg or next(iter(scene.agents_on(s, call)), None), WAITS)


def service_reached(s: State, call: Call, party: Party) -> None:
    """A rescue service has picked up; what it had done before is not said again."""
    case = cases.of(s, call)
    if case is None or party.service is None or party.service in case.services:
        return
    party.counts = True
    case = cases.change(
        s, case, f"{party.service} reached", by=party.by, call=call,
        services=(*case.services, party.service),
    )  # fmt: skip
    chasers.service_reached(s, case, party.service, party.number)


def _digit(s: State, dial: Dial, digit: str) -> None:
    call, party = s.calls[dial.call], _party(s, dial)
    if party.state is not PartyState.ASKED:
        s.ignored("a key of an outside party", f"{dial.id} {digit}")
        return
    answer = asking.heard(s, call, dial, digit)
    if answer is False:
        hang_up(s, s.legs[dial.leg], Release.NORMAL)
    if not answer:
        return
    case = cases.of(s, call)
    if case is not None:
        case = cases.note_contact(s, case, dial.number, "accepted", call=call)
        chasers.contact_reached(s, case, dial.number)
    scene.receive(s, call, party)
    scene.say_to(s, call, scene.rescue_leg_of(s, call, party.by), ACCEPTED)


def silent(s: State, key: DialId) -> None:
    """Whoever picked up has pressed nothing: a voicemail box, or nobody who can help (C17)."""
    dial = s.dials.get(key)
    if dial is not None:
        hang_up(s, s.legs[dial.leg], Release.NORMAL)


def _ended(s: State, call: Call, dial: Dial, end: LegEnd) -> None:
    """Not reached, or gone: the agent who wanted it is told which."""
    del end
    around = call.scene
    assert around is not None
    party = around.parties.pop(dial.id)
    talked = party.state in (PartyState.WAITING, PartyState.TALKING)
    scene.move_party(s, party, PartyMove.OVER)
    case = cases.of(s, call)
    if case is not None and dial.result in MISSED and not party.asks and party.service is None:
        _missed(s, call, case, party.number)
    if talked and party.service is not None and not party.is_recording:
        around.rescue_before = party
    # Withdrawn, because whoever could have spoken to it is gone, it was wanted all the same.
    if case is not None and party.service is not None and dial.result in (*MISSED, WITHDRAWN):
        unreached.not_reached(s, case, party)
    elif case is not None and party.counts and not dial.was_joined:
        unreached.was_nobody(s, call, case, party, "was gone before anybody spoke")
    if call.state is CallState.ENDING:
        scene.wind_up(s, call)  # whoever is still there is told all the same
    told = GONE if talked else NOT_REACHED.get(dial.result or DialResult.UNREACHABLE, ())
    leg = scene.rescue_leg_of(s, call, party.by)
    if leg is not None and leg.is_ringing_back and not told:
        speech.hush(s, call, leg)  # it was withdrawn, and the tone has no end of its own
    if not party.is_recording:  # they have said so, and been answered
        scene.say_to(s, call, leg, told)
    ring_back(s, call)
    if call.state is CallState.TALKING:
        if not conversation.company(s, call) and call.transfer is None and call.agent is None:
            calls.left_alone(s, call, None, served=True)
        else:
            conversation.arrange(s, call)
            conversation.follow(s, call)


def _missed(s: State, call: Call, case: Case, number: str) -> None:
    """A contact whom an agent called was not reached: the elder is told, and asked whom else to
    call; when they are on no line, they are called to be asked (E28, E46)."""
    if all(one.number != number for one in case.contacts) or number in case.missed:
        return
    case = cases.change(
        s, case, f"contact {number} not reached", call=call, missed=(*case.missed, number)
    )
    caller = s.legs.get(call.caller_leg)
    if call.caller != case.number or caller is None or caller.ended_by_us:
        chasers.to_call_elder(s, case)


def _moved(s: State, dial: Dial) -> None:
    """Over the next trunk the number has another leg."""
    _party(s, dial).leg = dial.leg


dialled.LISTENERS[PURPOSE] = dialled.Listener(_rang, _answered, _ended, _digit, _moved)
