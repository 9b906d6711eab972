"""Duty phones: outside telephones that are rung when nobody in the house can be (C01).

A duty phone stands among the agents under its own name, with a seat that only stands for it, so
that whatever holds for an offer holds for it too.  It differs in four ways: it is dialled over a
trunk (``outbound``), it needs no skills but names the queues it serves, whoever picks up hears who
calls and has to press 1, so that a voicemail box never answers, and not to answer is no miss: it
rests a little and is tried again, for there is nobody else.
"""

from acd.core import calls, departures, spoken
from acd.core.commands import Play
from acd.core.directory import Seat
from acd.core.emergency import roles
from acd.core.entities import Agent, Call, Dial, LegEnd, Offer
from acd.core.ids import AgentId, PhoneId, SeatId
from acd.core.outside import dialled
from acd.core.outside.outbound import Listener
from acd.core.queueing import offers
from acd.core.queueing.offers import DUTY
from acd.core.staff import agents
from acd.core.state import State
from acd.core.tables import AgentMove, AgentState, OfferState

ACCEPT_MS_MAX = 15_000
"""From the pick-up to the key.  The announcement with a number takes about 9 s; a voicemail box
that talks longer is cut off."""

ACCEPT_KEY = "1"
KEYS = (ACCEPT_KEY, "2")
"""2 leaves the call to others."""
ANNOUNCEMENT = ("duty-call",)
ROLE_ANNOUNCEMENT = ("duty-case",)
"""Nobody waits there: somebody is to come into an emergency that goes on."""
REQUEST = ("duty-press-1",)


# In the directory -------------------------------------------------------------------------------


def defined(s: State, agent: Agent) -> None:
    """A duty phone is new, or serves other queues: it is on duty from now on."""
    seat, phone = SeatId(f"duty:{agent.id}"), PhoneId(f"duty:{agent.id}")
    s.seats[seat] = Seat(id=seat, phones=(phone,), agent=agent.id)
    s.seat_of_phone[phone] = seat
    if agent.state is AgentState.LOGGED_OUT:
        agent.seat = seat
        s.occupants[seat] = agent.id
        agent.idle_since_ms = s.now
        agents.move(s, agent, AgentMove.LOGGED_IN)


def removed(s: State, agent: AgentId) -> None:
    """It is on duty no more; a conversation that goes on is not disturbed."""
    s.seats.pop(SeatId(f"duty:{agent}"), None)
    s.seat_of_phone.pop(PhoneId(f"duty:{agent}"), None)


# One offer --------------------------------------------------------------------------------------


def rang(s: State, dial: Dial) -> None:
    """The telephone rings."""
    if (offer := _offer(s, dial)) is not None:
        offers.rang(s, offer)


def answered(s: State, dial: Dial) -> None:
    """Somebody or something has picked up: say who calls, and wait for the key."""
    offer = _offer(s, dial)
    if offer is None or not offers.picked_up(s, offer):
        return
    call, leg = s.calls[dial.call], s.legs[dial.leg]
    del s.duty[dial.id]
    leg.offer, leg.agent = offer.id, offer.agent
    s.timers.set(("ring", offer.id), s.now + ACCEPT_MS_MAX)
    offer.beep = s.new_playback_id(call.node, call.id)
    announcement = ANNOUNCEMENT if offer.role is None else ROLE_ANNOUNCEMENT
    prompts = (*announcement, *spoken.digits(call.caller or ""), *REQUEST)
    s.emit(Play(call.id, leg.id, offer.beep, prompts))


def digit(s: State, dial: Dial, key: str) -> None:
    """A key has been pressed there: 1 takes the call, 2 leaves it to others."""
    offer = _offer(s, dial)
    if offer is None or offer.state is not OfferState.PICKED_UP or key not in KEYS:
        s.ignored("a key without meaning at a duty phone", dial.id)
        return
    call, leg = s.calls[dial.call], s.legs[dial.leg]
    offers.drop_beep(s, offer)
    if key == ACCEPT_KEY and offer.role is not None:
        roles.answered(s, call, leg, offer)
    elif key == ACCEPT_KEY:
        calls.offer_answered(s, call, leg, offer)
    else:
        departures.refused(s, call, offer)


def moved(s: State, dial: Dial) -> None:
    """The next trunk is being tried, by another leg."""
    offer = _offer(s, dial)
    if offer is not None:
        offer.leg = dial.leg
        s.agents[offer.agent].leg = dial.leg


def ended(s: State, call: Call, dial: Dial, end: LegEnd) -> None:
    """The dial is over, and nobody had picked up for us; else the leg's own end tells the rest."""
    key = s.duty.pop(dial.id, None)
    if key is not None:
        assert call.queue is not None
        queue = s.lines[call.queue].queue
        departures.offer_over(s, call, s.offers.pop(key), queue, end)


def _offer(s: State, dial: Dial) -> Offer | None:
    leg = s.legs.get(dial.leg)
    key = s.duty.get(dial.id) if leg is None or leg.offer is None else leg.offer
    return None if key is None else s.offers.get(key)


dialled.LISTENERS[DUTY] = Listener(rang, answered, ended, digit, moved)
