"""A rescue service that was called and not reached: nobody answers, or a recording does (E03, E05).

A pick-up counts as reached, for the agent who has called is on the line and hears who it is.  That
it was a recording they say by one key (*22), also when it has hung up already: no machine judges
that.  What was gone before it was in any room has heard nobody, and nobody has to say so.  Then the
service counts as never reached, what followed from its being reached is taken back, and somebody
owes it a call: the agent, and soon the shift leader.
"""

from acd.core.asks import Ask, done, refuse
from acd.core.call_control import conversation
from acd.core.commands import Release
from acd.core.emergency import cases, chasers
from acd.core.emergency.case import Case
from acd.core.entities import Call, Party, Scene
from acd.core.ids import AgentId
from acd.core.moves import hang_up
from acd.core.outside import trunks
from acd.core.replies import Refusal, Reply
from acd.core.state import State
from acd.core.tables import PartyState


def said(s: State, ask: Ask) -> Reply:
    """A recording is, or was, on the line, says the agent who has called: it is let go (*22)."""
    case, around = cases.of(s, ask.call), ask.call.scene
    found = None if case is None or around is None else _found(around, case, ask.leg.agent)
    if case is None or around is None or found is None:
        sentence = "No rescue service is on the line with you, nor was one before."
        return refuse(s, ask, Refusal.NOBODY_CALLED, sentence)
    found.is_recording = True
    was_nobody(s, ask.call, case, found, "was a recording")
    if found is around.rescue_before:
        around.rescue_before = None
    else:
        hang_up(s, s.legs[found.leg], Release.NORMAL)
        # It may have been the only company of the caller, to whom it was brought.
        conversation.arrange(s, ask.call)
    return done(ask)


def _found(around: Scene, case: Case, agent: AgentId | None) -> Party | None:
    """Return the rescue service that the agent means: on the line, else the last that was."""
    on_line = (PartyState.TALKING, PartyState.WAITING)
    there = [one for one in around.parties.values() if one.state in on_line]
    before = [] if around.rescue_before is None else [around.rescue_before]
    return next(
        (
            one
            for one in (*reversed(there), *before)
            if one.service is not None and agent in (one.by, case.a)
        ),
        None,
    )


def was_nobody(s: State, call: Call, case: Case, party: Party, what: str) -> None:
    """What has answered there was nobody, or nobody could speak to it: ``what`` says which."""
    if party.counts:
        services = tuple(one for one in case.services if one is not party.service)
        case = cases.change(
            s, case, f"{party.service} {what}", by=party.by, call=call, services=services
        )
    not_reached(s, case, party)


def not_reached(s: State, case: Case, party: Party) -> None:
    """Somebody owes the service a call, unless it has been reached before or since."""
    assert party.service is not None
    chasers.service_missed(s, case, party.service, party.number)


def number_not_reached(s: State, case: Case, number: str) -> bool:
    """The same, of a number of which nothing else is known; False where no service is behind it."""
    listed = trunks.rescue_of(s, number)
    if listed:
        chasers.service_missed(s, case, listed[0][1].service, number)
    return bool(listed)


def lost_sight(s: State, call: Call) -> None:
    """We do not follow this call any more: whoever was to speak to a service that is being called
    in it is let go, and so is the service."""
    case, around = cases.of(s, call), call.scene
    if case is None or around is None:
        return
    for party in around.parties.values():
        if party.service is not None and party.state is PartyState.DIALLING:
            not_reached(s, case, party)
    beside = around.beside
    if beside is not None and beside.rescue is not None and not s.legs[beside.leg].answered_ms:
        number_not_reached(s, case, beside.rescue)
