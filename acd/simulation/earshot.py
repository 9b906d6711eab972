"""Who should hear whom: what the core has decided is held against what everybody hears.

``sound`` tells who hears whom in the pretend Asterisk.  What the core knows tells who is in the
conversation, who has stepped aside and with whom, who was called, who waits, and at whose
conversation a supervisor is.  Whoever hears less than that, or more, is told of in a sentence (C08,
E14–E16, D11, Q12).  While people are being moved a sentence may be true for a moment: see
``lasting``.
"""

from collections.abc import Callable, Iterable, Iterator

from acd.core.call_control import conversation
from acd.core.emergency import cases, parties, roles, scene
from acd.core.emergency.case import CaseRole
from acd.core.entities import Call, DeskCall, Leg
from acd.core.events import Watching
from acd.core.ids import CallId, LegId
from acd.core.outside import placing
from acd.core.state import State
from acd.core.tables import CallState, DeskState, OfferState, PartyState, TransferState
from acd.simulation.exchange import Exchange
from acd.simulation.outside import Outside
from acd.simulation.sound import MUSIC, PROMPT, Heard, who_hears_whom

MEND_MS = 20_000
"""By then what has failed has been asked for again, and what went without a word is known."""

IN_LINE = (CallState.WAITING, CallState.OFFERING)


def lasting(world: Outside, amiss: Callable[[], Iterable[str]]) -> list[str]:
    """Let nobody do anything for a while, and return what was amiss all the time: what is under way
    arrives, prompts end, and what went without a word is found out."""
    for _ in range(2):
        world.compare()
        world.settle(2_000)
    found = list(amiss())
    for _ in range(MEND_MS // 1_000):
        if not found:
            break
        while world.prompt_ends(0):
            pass
        world.settle(1_000)
        still = dict.fromkeys(amiss())
        found = [one for one in found if one in still]
    return found


def amiss(s: State, exchange: Exchange) -> Iterator[str]:
    """Tell who hears whom they should not, and who does not hear whom they should."""
    heard = who_hears_whom(exchange)
    for leg, others in heard.items():
        yield from _strangers(s, leg, others)
    for call in s.calls.values():
        if not any(_is_unknown(exchange, s.legs[key]) for key in call.legs):
            for look in (_caller, _aside, _called, _nobody_alone, _roles):
                yield from look(s, call, heard)
    for desk_call in s.desk_calls.values():
        yield from _supervisor(s, desk_call, heard)


def _is_unknown(exchange: Exchange, leg: Leg) -> bool:
    """Tell whether what has become of a leg nobody can know yet, or it is on its way out."""
    channel = exchange.channels.get(leg.id)
    return channel is None or channel.is_stuck or leg.ended_by_us


def _people(others: Iterable[LegId]) -> set[LegId]:
    return set(others) - {PROMPT, MUSIC}


def _listens(heard: Heard, leg: LegId) -> bool:
    """Tell whether somebody is on an answered line and nothing is being played to them."""
    return leg in heard and PROMPT not in heard[leg]


def _together(heard: Heard, who: str, legs: Iterable[LegId]) -> Iterator[str]:
    """All of these hear each other."""
    here = [leg for leg in legs if _listens(heard, leg)]
    for leg in here:
        missing = [other for other in here if other != leg and other not in heard[leg]]
        if missing:
            yield f"{who}: {leg} does not hear {missing}"


def _strangers(s: State, leg: LegId, others: Iterable[LegId]) -> Iterator[str]:
    """Nobody hears somebody of another call, but a supervisor who is at it, and the agent to whom
    they whisper."""
    mine = None if leg not in s.legs else s.legs[leg].call
    for other in sorted(_people(others)):
        theirs = None if other not in s.legs else s.legs[other].call
        if mine is None or theirs is None:
            yield f"{leg} hears {other}, and one of them belongs to nobody"
        elif mine != theirs and not _is_at(s, mine, theirs) and not _whispers(s, other, leg):
            yield f"{leg} of {mine} hears {other} of {theirs}"


def _is_at(s: State, desk_call: CallId, call: CallId) -> bool:
    watching = s.desk_calls.get(desk_call)
    return watching is not None and watching.watch is not None and watching.watch.call == call


def _whispers(s: State, supervisor: LegId, agent: LegId) -> bool:
    desk_call = s.desk_calls.get(s.legs[supervisor].call)
    watch = None if desk_call is None else desk_call.watch
    if watch is None or watch.mode is not Watching.WHISPER or watch.call not in s.calls:
        return False
    return s.calls[watch.call].agent_leg == agent


def _caller(s: State, call: Call, heard: Heard) -> Iterator[str]:
    """A caller hears those who are with them, music, or what the machine says."""
    caller = call.caller_leg
    if not _listens(heard, caller):
        return
    name, mine = f"the caller of {call.id} ({call.state})", heard[caller]
    company = [leg.id for leg in conversation.company(s, call)]
    if call.state is CallState.TALKING and company and not call.held:
        yield from _together(heard, call.id, [caller, *company])
        if strangers := _people(mine) - set(company):
            yield f"{name} hears {sorted(strangers)}, who have stepped aside"
    elif call.state is CallState.TALKING or (call.state in IN_LINE and not call.is_asking):
        if mine != {MUSIC}:
            yield f"{name} hears {sorted(mine)} and no music"
    elif call.state is not CallState.CONNECTING and _people(mine):
        yield f"{name} hears {sorted(_people(mine))}"


def _aside(s: State, call: Call, heard: Heard) -> Iterator[str]:
    """Who asks somebody into the conversation talks with them out of the caller's hearing."""
    transfer = call.transfer
    if transfer is None or call.state is not CallState.TALKING:
        return
    table = [transfer.leg, *(one for one in (transfer.second or transfer.by_leg,) if one)]
    for leg in table:
        if call.caller_leg in heard.get(leg, ()):
            yield f"{leg} hears the caller of {call.id} while {transfer.number} is being asked"
    if transfer.state is TransferState.TALKING:
        yield from _together(heard, f"the consultation of {call.id}", table)


def _called(s: State, call: Call, heard: Heard) -> Iterator[str]:
    """Who was called in a case: asked, at the music, or talking with somebody."""
    if call.scene is None:
        return
    for party in call.scene.parties.values():
        if not _listens(heard, party.leg):
            continue
        name, mine = f"{party.number} of {call.id} ({party.state})", heard[party.leg]
        if party.state is PartyState.WAITING and mine != {MUSIC}:
            yield f"{name} hears {sorted(mine)} and no music"
        elif party.state is PartyState.ASKED and mine:
            yield f"{name} hears {sorted(mine)} before they have pressed a key"
        elif party.state is PartyState.TALKING and not _people(mine):
            yield f"{name} hears {sorted(mine)} and talks with nobody"
    for room in (call.scene.rescue, call.scene.private):
        here = [key for key in call.legs if room is not None and s.legs[key].wanted == room]
        yield from _together(heard, f"{room}", here)
        for leg in here:
            if call.caller_leg in heard.get(leg, ()):
                yield f"{leg} hears the caller of {call.id} from {room}"


def _nobody_alone(s: State, call: Call, heard: Heard) -> Iterator[str]:
    """Nobody sits on an answered line and hears nothing, but by their own wish: who has stepped
    aside, or waits for whoever they have called to answer; and who was asked for a key or a
    word."""
    for key in call.legs:
        leg = s.legs[key]
        if leg.id == call.caller_leg or key not in heard or heard[key]:
            continue
        if rings := _rings_for(s, call, leg):
            yield f"{key} of {call.id} waits for {rings}, which rings, and hears nothing"
        elif not (_waits(s, call, leg) or conversation.is_aside(call, leg)):
            yield f"{key} ({leg.role}, {leg.state}) of {call.id} ({call.state}) hears nothing"


def _waits(s: State, call: Call, leg: Leg) -> bool:
    """Tell whether a leg that is in no room is being asked, or its number is being called."""
    if call.state is CallState.REACHING:
        return True
    if leg.dial is not None and ("asked", leg.dial) in s.timers:
        return True
    if call.state is CallState.ENDING and call.scene is not None and call.scene.beside is not None:
        return call.scene.beside.agent == leg.agent  # who talks with rescue on the second phone
    offer = None if leg.offer is None else s.offers.get(leg.offer)
    return offer is not None and offer.state is OfferState.PICKED_UP


def _rings_for(s: State, call: Call, leg: Leg) -> str | None:
    """Return the number that rings for an agent who waits for it: of an outbound call, or of
    whoever was called from the rescue room."""
    around = call.scene
    if around is not None and around.rescue is not None and leg.wanted == around.rescue:
        for key, party in around.parties.items():
            if parties.rings(s, key, party) and scene.rescue_leg_of(s, call, party.by) is leg:
                return party.number
    if call.state is not CallState.REACHING or leg.id != call.agent_leg:
        return None
    dial = next((one for one in s.dials.values() if one.leg == placing.leg_of(s, call)), None)
    return None if dial is None or dial.rang_ms is None else dial.number


def _roles(s: State, call: Call, heard: Heard) -> Iterator[str]:
    """An emergency that goes on has an A and a B, or somebody is looked for (E14–E16)."""
    case = cases.of(s, call)
    if case is None or call.scene is None or call.state is not CallState.TALKING:
        return
    if case.is_settled or call.disposition is not None or call.caller != case.number:
        return
    if len(case.calls) > 1:
        return  # whoever is, or was, with the caller in another of them may be meant
    sought = {*call.scene.wanted, *call.scene.ringing.values()}
    for role in CaseRole:
        holder = case.holder(role)
        if roles.leg_of(s, call, holder) is None and role not in sought:
            yield f"{role} of {case.id} is {holder}, who is on no line, and nobody is looked for"


def _supervisor(s: State, desk_call: DeskCall, heard: Heard) -> Iterator[str]:
    """Who listens hears the caller and is heard by nobody; who whispers hears the agent and is
    heard by the agent alone."""
    watch = desk_call.watch
    if watch is None or desk_call.state is not DeskState.WATCHING:
        return
    call, mine = s.calls.get(watch.call), desk_call.leg
    if call is None or not _listens(heard, mine):
        return
    whispers = watch.mode is Watching.WHISPER
    of = call.agent_leg if whispers else call.caller_leg
    name = f"{watch.supervisor} at {call.id} ({watch.mode})"
    if of is not None and of in heard and of not in heard[mine]:
        yield f"{name} does not hear {of}"
    hearers = [leg for leg, others in heard.items() if mine in others]
    if strangers := [leg for leg in hearers if not (whispers and leg == of)]:
        yield f"{name} is heard by {strangers}"
    if whispers and of is not None and of in heard and of not in hearers:
        yield f"{name} is not heard by {of}"
