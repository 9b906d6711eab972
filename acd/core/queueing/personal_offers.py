"""Personal offers: one particular agent is brought into a conversation that goes on.

By a colleague who asks them, by a case that wants an A or a B, by their own wish (a supervisor who
barges in).  No rule chooses them and no line is left for it: where the record of any
other offer has the rule, that of this one has who wanted them.
"""

from acd.core.directory import Reach
from acd.core.emergency.case import CaseRole
from acd.core.entities import Agent, Call, Leg, Offer
from acd.core.facts import LegRole, OfferMade
from acd.core.ids import node_of
from acd.core.queueing import matching, offers
from acd.core.staff import agents
from acd.core.state import State
from acd.core.tables import AgentMove, OfferMove

ROLE_RING_MS = 8_000
"""How long one agent is rung to be A or B; a duty phone as long as the queue says."""


def ask(s: State, call: Call, agent: Agent, why: str, ring_ms: int) -> Offer:
    """Ring an agent who is free, on a colleague's word.  The phone
    rings even where it could pick up by itself: they must see who asks."""
    phone = s.ringing_phone(agent)
    assert phone is not None
    idle_ms = s.now - agent.idle_since_ms
    reach = matching.RUNG_FROM[agent.state]
    agents.about_to_ring(s, agent)
    offer = offers.ring(s, call, agent, phone, ring_ms, picks_up=False)
    _enter(s, call, offer, why, idle_ms=idle_ms, ring_ms=ring_ms, reach=reach)
    return offer


def for_role(s: State, call: Call, agent: Agent, role: CaseRole) -> Offer | None:
    """Ring somebody who shall have a role in a case: as for any caller in danger, a phone that can
    picks up by itself, and an open line is lent, which is then to be announced.  None when the
    outside number of a duty phone cannot be dialled; it rests then."""
    assert call.queue is not None and call.scene is not None
    idle_ms = s.now - agent.idle_since_ms
    reach, ring_ms = matching.RUNG_FROM[agent.state], ROLE_RING_MS
    dial = None
    if agent.profile.outside is not None:
        reach, ring_ms = Reach.OUTSIDE, s.lines[call.queue].queue.outside_ring_ms
        dial = offers.dial_duty(s, call, agent)
        if dial is None:
            return None
    phone = s.ringing_phone(agent)
    assert phone is not None
    agents.about_to_ring(s, agent)
    picks_up = offers.answers_itself(s, agent)
    line = s.open_line(agent) if picks_up else None
    if dial is not None:
        offer = offers.ring_outside(s, call, agent, phone, dial, ring_ms)
    elif line is not None and node_of(line.leg) == call.node:
        offer = offers.announce(s, call, agent, line)
    else:
        offer = offers.ring(s, call, agent, phone, ring_ms, picks_up=picks_up)
    offer.role = role
    call.scene.ringing[offer.id] = role
    _enter(s, call, offer, f"case role {role}", idle_ms=idle_ms, ring_ms=ring_ms, reach=reach)
    return offer


def take_in(s: State, call: Call, agent: Agent, leg: Leg, why: str) -> Offer:
    """Make somebody whose phone is up already one of the call's agents: an offer that is accepted
    as it is made."""
    assert leg.phone is not None
    idle_ms = s.now - agent.idle_since_ms
    agents.about_to_ring(s, agent)
    agents.move(s, agent, AgentMove.OFFERED, call=call.id)
    leg.role, leg.call, leg.agent, leg.queue = LegRole.AGENT, call.id, agent.id, call.queue
    offer = offers.enter(s, call, agent, leg, leg.phone)
    _enter(s, call, offer, why, idle_ms=idle_ms, ring_ms=0, reach=Reach.READY)
    offers.end(s, offer, OfferMove.ANSWERED, None)
    agents.move(s, agent, AgentMove.ANSWERED, call=call.id)
    return offer


def _enter(
    s: State, call: Call, offer: Offer, why: str, *, idle_ms: int, ring_ms: int, reach: Reach
) -> None:
    offer.personal = True
    call.offers += 1
    s.emit(_made(s, call, offer, why, idle_ms=idle_ms, ring_ms=ring_ms, reach=reach))


def _made(
    s: State, call: Call, offer: Offer, why: str, *, idle_ms: int, ring_ms: int, reach: Reach
) -> OfferMade:
    agent = s.agents[offer.agent]
    assert agent.seat is not None
    return OfferMade(
        at_ms=s.now,
        call=call.id,
        arrived_ms=call.arrived_ms,
        offer=offer.id,
        agent=agent.id,
        seat=agent.seat,
        phone=offer.phone,
        leg=s.legs[offer.leg].account,
        slack_ms=0,
        free=1,
        idle_ms=idle_ms,
        selection=why,
        rank=0,
        next=(),
        skipped=(),
        reach=reach,
        ring_limit_ms=ring_ms,
        phones=1,
    )
