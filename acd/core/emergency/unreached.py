"""A rescue service that was called and not reached: nobody answers, or a recording does (E03, E05).

A pick-up counts as reached, for the agent who has called is on the line and hears who it is.  That
it was a recording they say by one key (*22); and a line that ends by itself within seconds of its
pick-up was no dispatcher's.  Then the service counts as never reached, what followed from its being
reached is taken back, and it is owed to call it: to the agent, and soon to the shift leader.
"""

from acd.core.asks import Ask, done, refuse
from acd.core.commands import Release
from acd.core.emergency import cases, chasers
from acd.core.emergency.case import Case
from acd.core.entities import Call, LegEnd, Party
from acd.core.events import Hangup
from acd.core.moves import hang_up
from acd.core.replies import Refusal, Reply
from acd.core.state import State
from acd.core.tables import PartyState

SHORT_MS = 5_000
"""Nobody takes in an emergency in so short a time."""


def said(s: State, ask: Ask) -> Reply:
    """A recording is on the line, says the agent who talks with it: it is let go (*22)."""
    case = cases.of(s, ask.call)
    parties = () if ask.call.scene is None else tuple(ask.call.scene.parties.values())
    found = next(
        (
            one
            for one in reversed(parties)
            if one.service is not None
            and one.state is PartyState.TALKING
            and (case is None or ask.leg.agent in (one.by, case.a))
        ),
        None,
    )
    if case is None or found is None:
        sentence = "No rescue service is on the line with you."
        return refuse(s, ask, Refusal.NOBODY_CALLED, sentence)
    found.is_recording = True
    was_recording(s, ask.call, case, found)
    hang_up(s, s.legs[found.leg], Release.NORMAL)
    return done(ask)


def is_short(s: State, party: Party, end: LegEnd) -> bool:
    """Tell whether a rescue service's line, which has just ended, did so too soon by itself."""
    if party.service is None or party.answered_ms is None:
        return False
    by_itself = end.why is Hangup.NORMAL and not end.by_us
    return by_itself and s.now - party.answered_ms < SHORT_MS


def was_recording(s: State, call: Call, case: Case, party: Party) -> None:
    """What has answered there was nobody."""
    if party.counts:
        services = tuple(one for one in case.services if one is not party.service)
        case = cases.change(
            s, case, f"{party.service} was a recording", by=party.by, call=call, services=services
        )
    not_reached(s, case, party)


def not_reached(s: State, case: Case, party: Party) -> None:
    """It is owed to call the service, unless somebody has reached it before or since."""
    assert party.service is not None
    chasers.service_missed(s, case, party.service, party.number)
