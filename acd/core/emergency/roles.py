"""Roles A and B: who has them, and how somebody comes to have one (E14–E16).

Whoever answers an emergency and opens its case is A.  B is called while A goes on talking: an agent
with the skill who is free, else out of wrap-up or a break, else a supervisor, else a duty phone of
the queue, where whoever picks up presses 1 (see ``duty``).  While a duty phone is being dialled an
agent who becomes free is rung beside it, and the first to answer has the role.  Whoever hangs up
while the case is open may have done so by accident: they are rung again, twice, and then the role
is offered on.  When both are gone the caller waits before everybody else, and who answers is A.
"""

from collections.abc import Callable

from acd.core.asks import Ask, done, refuse
from acd.core.call_control import conversation
from acd.core.commands import Release
from acd.core.directory import Reach, Role
from acd.core.emergency import cases, chasers
from acd.core.emergency.case import Case, CaseOrigin, CaseRole
from acd.core.entities import Agent, Call, Leg, Offer, Wanted
from acd.core.ids import AgentId
from acd.core.moves import hang_up
from acd.core.queueing import matching, offers, personal_offers
from acd.core.replies import Refusal, Reply
from acd.core.staff import agents
from acd.core.state import State
from acd.core.tables import AgentMove, AgentState, CallState, OfferMove

RINGS_MAX = 2
"""How often whoever had the role and has hung up is rung again."""

NOBODY_MS = 10_000
"""Without anybody by then the shift is one agent, and the switch does what B would (C17).  Whoever
has not answered is asked again, at this interval."""

_ORDER = {Reach.READY: 0, Reach.WRAP_UP: 1, Reach.BREAK: 2}

Announce = Callable[[State, Call, Leg, Offer], None]
"""Says in an open line that it is wanted; see ``presence.picked_up``."""


# On somebody's word -----------------------------------------------------------------------------


def begin(s: State, ask: Ask) -> Reply:
    """Open a case and call B (*90); on a case that lacks a B, call one again.  A neighbour who was
    called for somebody, and needs help at home themselves, gets a case of their own."""
    case = cases.of(s, ask.call)
    if case is not None and cases.may_leave(ask.call, case):
        cases.leave(s, ask.call, case)
        case = None
    known = cases.find(s, ask.call.caller)
    if case is None and known is not None and not cases.is_anothers(ask.call, known):
        # Somebody else has opened it, in another call from the same number (E45).
        cases.join(s, ask.call, known)
        caller_answered(s, ask.call, ask.leg)
        return done(ask)
    if case is None:
        case = cases.open_(s, ask.call, CaseOrigin.AGENT, ask.leg.agent)
        chasers.opened(s, case)
    elif case.b is not None:
        return refuse(s, ask, Refusal.ROLE_TAKEN, f"Agent {case.b} is B of case {case.id}.")
    want(s, ask.call, CaseRole.B)
    return done(ask)


def want(
    s: State,
    call: Call,
    role: CaseRole,
    *,
    holder: AgentId | None = None,
    successor: AgentId | None = None,
) -> None:
    """Let somebody be called who shall have the role."""
    assert call.scene is not None
    if role in call.scene.wanted:
        return
    call.scene.wanted[role] = Wanted(since_ms=s.now, holder=holder, successor=successor)
    s.lacking[call.id] = None
    s.timers.set(("role", call.id), s.now + NOBODY_MS)


def hand_over(s: State, call: Call, role: CaseRole, to: AgentId) -> bool:
    """Ring somebody who shall have the role instead; False while somebody is rung for it."""
    assert call.scene is not None
    if role in call.scene.ringing.values():
        return False
    call.scene.wanted.pop(role, None)
    want(s, call, role, successor=to)
    return True


def take(s: State, call: Call, role: CaseRole, leg: Leg) -> None:
    """Somebody on the call has the role from now on; who had it is let go."""
    case = cases.of(s, call)
    assert case is not None and call.scene is not None and leg.agent is not None
    before = case.holder(role)
    call.scene.wanted.pop(role, None)
    for offer in _rung_for(s, call, role):
        offers.withdraw(s, offer, Release.ANSWERED_ELSEWHERE)
    if not call.scene.wanted:
        cases.nobody_wanted(s, call)
    cases.give(s, case, role, leg.agent, call)
    if before is not None and before != leg.agent and (old := leg_of(s, call, before)) is not None:
        hang_up(s, old, Release.NORMAL)
    if role is CaseRole.A or call.agent is None:
        call.agent, call.agent_leg = leg.agent, leg.id
        s.touched[call] = None


def leg_of(s: State, call: Call, agent: AgentId | None) -> Leg | None:
    """Return an agent's leg in the call."""
    record = None if agent is None else s.agents.get(agent)
    leg = None if record is None or record.leg is None else s.legs.get(record.leg)
    return leg if leg is not None and leg.call == call.id and not leg.ended_by_us else None


# The ring ---------------------------------------------------------------------------------------


def settle(s: State, call: Call, announce: Announce) -> None:
    """Ring whoever can be rung for the roles that nobody has in a call, after the callers who
    wait."""
    if call.scene is None or not call.scene.wanted:
        s.lacking.pop(call.id, None)
    elif call.state is CallState.TALKING and cases.of(s, call) is not None:
        for role, wanted in tuple(call.scene.wanted.items()):
            _ring_best(s, call, role, wanted, announce)


def _ring_best(s: State, call: Call, role: CaseRole, wanted: Wanted, announce: Announce) -> None:
    """Ring the best there is, unless an agent is being rung already; beside a duty phone an agent,
    and never a second duty phone."""
    rung = _rung_for(s, call, role)
    if any(not _is_outside(s, offer) for offer in rung):
        return
    while (agent := _best(s, call, wanted)) is not None:
        if rung and agent.profile.outside is not None:
            return
        offer = personal_offers.for_role(s, call, agent, role)
        if offer is None:
            continue  # a duty phone that cannot be dialled rests now
        if (leg := s.legs[offer.leg]).is_lent:
            announce(s, call, leg, offer)
        return


def _rung_for(s: State, call: Call, role: CaseRole) -> list[Offer]:
    assert call.scene is not None
    return [s.offers[key] for key, wanted in call.scene.ringing.items() if wanted is role]


def _is_outside(s: State, offer: Offer) -> bool:
    return s.agents[offer.agent].profile.outside is not None


def _best(s: State, call: Call, wanted: Wanted) -> Agent | None:
    case = cases.of(s, call)
    assert case is not None
    first = wanted.successor or wanted.holder
    if first is not None and wanted.missed.get(first, 0) < RINGS_MAX:
        agent = s.agents.get(first)
        if agent is not None and agent.state is not AgentState.LOGGED_OUT:
            if matching.can_be_rung(s, agent):
                return agent
            if _comes_back(s, agent):
                return None  # the phone is on its way to being free
    if wanted.successor is not None:
        return None
    found = [(key, agent) for agent in s.agents.values()
             if (key := _suits(s, case, wanted, agent)) is not None]  # fmt: skip
    return min(found, key=lambda one: one[0])[1] if found else None


def _comes_back(s: State, agent: Agent) -> bool:
    """Tell whether the last ring of an agent, or the call they have left, is only being cleared."""
    phone = s.ringing_phone(agent)
    return phone is not None and phone.registered and agent.state is AgentState.OFFERED


def _suits(
    s: State, case: Case, wanted: Wanted, agent: Agent
) -> tuple[bool, bool, int, int, int, int] | None:
    """Return how well an agent suits, the smallest best; None when they do not."""
    if agent.id in (case.a, case.b) or agent.id in wanted.missed:
        return None
    line = s.lines.get(cases.queue_of(s, case))
    if line is None or not matching.can_be_rung(s, agent):
        return None
    tier = matching.tier_of(agent.profile, line.queue)
    is_outside = agent.profile.outside is not None
    may_help = agent.profile.role is Role.SUPERVISOR and not is_outside
    if not may_help and not matching.serves(agent.profile, line.queue):
        return None
    reach = _ORDER[matching.RUNG_FROM[agent.state]]
    return (is_outside, tier is None, reach, tier or 0, agent.idle_since_ms, agent.position)


def answered(s: State, call: Call, leg: Leg, offer: Offer) -> None:
    """Whoever was rung for a role is there, unless the ring had ended."""
    if not offers.end(s, offer, OfferMove.ANSWERED, None):
        return
    agents.move(s, s.agents[offer.agent], AgentMove.ANSWERED, call=call.id)
    assert offer.role is not None
    if cases.of(s, call) is None or call.state is not CallState.TALKING:
        hang_up(s, leg, Release.NORMAL)  # closed meanwhile
        return
    take(s, call, offer.role, leg)
    conversation.come_back(s, call, leg)
    conversation.arrange(s, call)


def lost(s: State, call: Call, offer: Offer) -> None:
    """Whoever was rung for a role does not come: on to the next."""
    scene = call.scene
    wanted = None if scene is None or offer.role is None else scene.wanted.get(offer.role)
    if wanted is not None:
        wanted.missed[offer.agent] = wanted.missed.get(offer.agent, 0) + 1
        s.lacking[call.id] = None


def ask_again(s: State, call: Call, case: Case) -> Case:
    """Those who have not answered may be asked again, and so may anybody else.  That nobody has
    come is told once."""
    assert call.scene is not None
    for role, wanted in call.scene.wanted.items():
        if all(_is_outside(s, offer) for offer in _rung_for(s, call, role)):
            wanted.missed.clear()
            wanted.holder = wanted.successor = None
        if not wanted.told:
            wanted.told = True
            case = cases.change(s, case, f"nobody is {role} yet", call=call)
    s.lacking[call.id] = None
    s.timers.set(("role", call.id), s.now + NOBODY_MS)
    return case


def stop(s: State, call: Call) -> None:
    """Nobody is to be rung for this call's roles any more: the caller waits again, or is gone."""
    if call.scene is None:
        return
    for key in tuple(call.scene.ringing):
        if offers.end(s, s.offers[key], OfferMove.WITHDRAWN, None):
            offers.stop(s, s.offers[key], Release.NORMAL)
    cases.nobody_wanted(s, call)


def case_closed(s: State, case: Case) -> None:
    """No phone rings on for a case that is closed."""
    for call in cases.live(s, case):
        stop(s, call)


# Who is gone, and who is there ------------------------------------------------------------------


def left(s: State, call: Call, agent: AgentId, *, was_there: bool = True) -> None:
    """An agent's leg is gone from a call of a case whose caller is still there.  When the caller
    goes first, A and B are what they are: the case is not over.  An agent whose phone was never in
    a room (``was_there`` is false) has not hung up by accident: somebody else is rung first."""
    case = cases.of(s, call)
    if case is None or agent not in (case.a, case.b) or call.state is CallState.ENDING:
        return
    role = CaseRole.A if case.a == agent else CaseRole.B
    cases.give(s, case, role, None, call)
    is_settled = call.disposition is not None or case.is_settled
    if call.state is CallState.TALKING and not is_settled:
        want(s, call, role, holder=agent)
        if not was_there and call.scene is not None and role in call.scene.wanted:
            call.scene.wanted[role].missed[agent] = RINGS_MAX


def taken_up(s: State, call: Call) -> None:
    """The call has outlived a restart, and the rings of the life before have not: the roles that
    nobody has are rung for again.  That A or B has hung up meanwhile becomes known when attendance
    is settled; of a duty phone, which nobody remembers to have been at work, it is known now."""
    case = cases.of(s, call)
    if case is None or case.is_settled or call.disposition is not None:
        return
    if call.caller == case.number:
        for role in CaseRole:
            holder = s.agents.get(case.holder(role) or AgentId(""))
            if holder is not None and _has_gone(holder):
                left(s, call, holder.id)
            elif case.holder(role) is None:
                want(s, call, role)


def _has_gone(agent: Agent) -> bool:
    return agent.profile.outside is not None and agent.leg is None


def caller_answered(s: State, call: Call, leg: Leg) -> None:
    """Somebody has answered a call of a case: they are A where nobody is, and B is called."""
    case = cases.of(s, call)
    if case is None or call.caller != case.number:
        return  # a contact, or a chaser (E45)
    if case.a is None:
        take(s, call, CaseRole.A, leg)
    elif case.b is None and case.a != leg.agent:
        take(s, call, CaseRole.B, leg)
    case = cases.of(s, call)
    assert case is not None
    if leg_of(s, call, case.b) is None:
        want(s, call, CaseRole.B, holder=case.b)
