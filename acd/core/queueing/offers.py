"""Offers: one attempt to ring one agent for one call.

An offer ends in exactly one way, and whatever comes from its leg afterwards is a named ignore.
The agent is free again at the end of the leg, not at the end of the offer: a phone is never rung
for the next call while the last one's CANCEL is still on its way.
"""

from acd.core import memos
from acd.core.commands import Release, RingPhone, StopPlay
from acd.core.directory import Queue, SeatMode
from acd.core.entities import Agent, Call, DeskCall, Dial, Leg, Offer, Phone
from acd.core.events import Hangup
from acd.core.facts import LegRole, OfferEnded, OfferMade, OfferResult
from acd.core.ids import OfferId, PhoneId, Purpose, node_of
from acd.core.moves import bid_farewell, hang_up, move_call
from acd.core.outside import outbound
from acd.core.outside.outbound import RING_MARGIN_MS, NotDialled
from acd.core.queueing import lines, matching, preferences
from acd.core.queueing.matching import Choice
from acd.core.staff import agents, open_lines
from acd.core.state import State
from acd.core.tables import (
    OFFER,
    AgentMove,
    AgentState,
    CallMove,
    Ignore,
    LegState,
    OfferMove,
    OfferState,
)

RING_SHARE_PERCENT = 65
"""Share of the slack that one ring may use up: with 10 s left 6.5 s, so that a second agent still
has as long as people need (C01)."""

OCCUPIED = "occupied"
"""Why somebody ready could not be rung: their phone is in use."""

UNFIT = "below_needs"
"""Why somebody free was not rung: the needs have not weakened so far yet."""

_SKIPPED_AS = {
    state: OCCUPIED if state is AgentState.READY else state.value for state in AgentState
}

_RESULTS = {
    OfferState.ACCEPTED: OfferResult.ACCEPTED,
    OfferState.MISSED: OfferResult.MISSED,
    OfferState.REJECTED: OfferResult.REJECTED,
    OfferState.WITHDRAWN: OfferResult.WITHDRAWN,
    OfferState.FAILED: OfferResult.FAILED,
    OfferState.UNATTENDED: OfferResult.UNATTENDED,
}


DUTY = Purpose("duty")

FAREWELL = ("answered-elsewhere",)
"""What is heard by somebody who has picked up a moment after another."""

FAREWELL_MS_MAX = 8_000
"""An explanation that never ends keeps no phone."""


def make(s: State, call: Call, choice: Choice) -> Offer | None:
    """Ring the chosen agent's phone for the call, or lend it their open line, which is then to be
    announced; None when the outside number of a duty phone cannot be dialled."""
    agent = choice.agent
    dial = None
    if agent.profile.outside is not None:
        dial = dial_duty(s, call, agent)
        if dial is None:
            return None
    phone = s.ringing_phone(agent)
    assert phone is not None and agent.seat is not None and call.queue is not None
    queue = s.lines[call.queue].queue
    idle_ms = s.now - agent.idle_since_ms
    slack_ms = call.since_ms + queue.promise_ms - s.now
    ring_limit_ms = queue.outside_ring_ms if dial else ring_limit(queue, slack_ms)
    if call.prefers:
        preferences.note_ring(s, call, agent)
    move_call(s, call, CallMove.OFFERED)
    agents.about_to_ring(s, agent)
    picks_up = _picks_up(s, call, agent)
    line = s.open_line(agent) if picks_up else None
    if dial is not None:
        offer = ring_outside(s, call, agent, phone, dial, ring_limit_ms)
    elif line is not None and node_of(line.leg) == call.node:
        offer = announce(s, call, agent, line)
    else:
        offer = ring(s, call, agent, phone, ring_limit_ms, picks_up=picks_up)
    call.ringing[offer.id] = None
    call.offers += 1
    if call.first_offer_ms is None:
        call.first_offer_ms = s.now
    s.emit(
        OfferMade(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            offer=offer.id,
            agent=agent.id,
            seat=agent.seat,
            phone=phone.id,
            leg=s.legs[offer.leg].account,
            slack_ms=slack_ms,
            free=choice.free,
            idle_ms=idle_ms,
            selection=queue.selection,
            rank=choice.rank,
            next=matching.next_best(s, choice),
            skipped=_skipped(s, call, agent),
            reach=choice.reach,
            ring_limit_ms=ring_limit_ms,
            phones=len(call.ringing),
            tier=choice.tier,
            overflow=choice.overflow,
            preferred=choice.preferred,
        )
    )
    return offer


def enter(s: State, call: Call, agent: Agent, leg: Leg, phone: PhoneId) -> Offer:
    """Make the offer by which an agent's leg is part of a call; agent, leg and call know of it."""
    offer = Offer(
        id=OfferId(f"{s.epoch}-{s.next_number('offer')}"),
        call=call.id,
        agent=agent.id,
        leg=leg.id,
        phone=phone,
        made_ms=s.now,
    )
    s.offers[offer.id] = offer
    leg.offer = offer.id
    call.legs[leg.id] = None
    agent.call, agent.leg = call.id, leg.id
    s.touched[call] = None
    return offer


def ring(
    s: State,
    call: Call,
    agent: Agent,
    phone: Phone,
    ring_limit_ms: int,
    *,
    picks_up: bool,
) -> Offer:
    """Ring an agent's phone, which answers by itself if it is to pick up."""
    agents.move(s, agent, AgentMove.OFFERED, call=call.id)
    leg = Leg(
        id=s.new_leg_id(call.node),
        role=LegRole.AGENT,
        call=call.id,
        started_ms=s.now,
        state=LegState.DIALLING,
        number=phone.id,
        phone=phone.id,
        agent=agent.id,
        queue=call.queue,
    )
    s.legs[leg.id] = leg
    phone.legs[leg.id] = None
    s.touched[phone] = None
    offer = enter(s, call, agent, leg, phone.id)
    offer.picks_up = picks_up
    s.timers.set(("ring", offer.id), s.now + ring_limit_ms)
    s.emit(
        RingPhone(
            call=call.id,
            phone=phone.id,
            leg=leg.id,
            offer=offer.id,
            ring_ms=ring_limit_ms + RING_MARGIN_MS,
            caller=call.caller,
            picks_up=offer.picks_up,
            memo=memos.of(s, call, leg),
        )
    )
    s.send()
    return offer


def announce(s: State, call: Call, agent: Agent, line: DeskCall) -> Offer:
    """The line is open already: lend it to the call; whoever is there is to be told."""
    agents.move(s, agent, AgentMove.OFFERED, call=call.id)
    leg = open_lines.lend(s, line, call.id)
    leg.queue = call.queue
    offer = enter(s, call, agent, leg, line.phone)
    offer.picks_up = True
    offer.rang_ms = s.now
    return offer


def dial_duty(s: State, call: Call, agent: Agent) -> Dial | None:
    """Dial the outside number of a duty phone; None when that cannot be, and it rests a little."""
    assert agent.profile.outside is not None
    asked = outbound.dial(s, call, agent.profile.outside.number, DUTY, person=None)
    if isinstance(asked, NotDialled):
        agents.rest(s, agent, agents.UNREACHABLE)
        return None
    return asked


def ring_outside(
    s: State, call: Call, agent: Agent, phone: Phone, dial: Dial, ring_limit_ms: int
) -> Offer:
    """The number is being dialled: from now on the offer follows what becomes of that."""
    agents.move(s, agent, AgentMove.OFFERED, call=call.id)
    offer = Offer(
        id=OfferId(f"{s.epoch}-{s.next_number('offer')}"),
        call=call.id,
        agent=agent.id,
        leg=dial.leg,
        phone=phone.id,
        made_ms=s.now,
    )
    s.offers[offer.id] = offer
    s.duty[dial.id] = offer.id
    s.legs[dial.leg].queue = call.queue
    agent.call = call.id
    agent.leg = dial.leg
    s.touched[call] = None
    s.timers.set(("ring", offer.id), s.now + ring_limit_ms)
    return offer


def _picks_up(s: State, call: Call, agent: Agent) -> bool:
    """Tell whether the agent's phone is to answer this offer by itself.

    Only where one phone is offered the call: several at once all ring.
    """
    return answers_itself(s, agent) and lines.stage_of(s, call).phones == 1


def answers_itself(s: State, agent: Agent) -> bool:
    """Tell whether the phone of an agent who is about to be rung is to pick up by itself: out of
    wrap-up or a break every phone rings."""
    seat = None if agent.seat is None else s.seats.get(agent.seat)
    return seat is not None and seat.mode is not SeatMode.RING and not agent.interrupted


def ring_limit(queue: Queue, slack_ms: int) -> int:
    """Return how long one phone may ring, in ms: the less slack is left, the sooner the next one
    must have its turn."""
    shrunk_ms = slack_ms * RING_SHARE_PERCENT // 100
    return max(queue.ring_ms_min, min(queue.ring_ms, shrunk_ms))


def _skipped(s: State, call: Call, chosen: Agent) -> tuple[tuple[str, int], ...]:
    """Return how many have the skills and could not be rung, by reason.  The chosen agent's phone
    rings already, and does not count."""
    if call.is_for_one:
        return ()
    assert call.queue is not None
    pools = s.lines[call.queue].pools
    tier = lines.stage_of(s, call).alone.tier
    fit, unfit = pools[: tier + 1], pools[tier + 1 :]
    counts = dict(fit[0].members)
    for pool in fit[1:]:
        for state, count in pool.members.items():
            counts[state] += count
    counts[AgentState.READY] -= sum(pool.free for pool in fit)
    if any(pool in fit for pool in chosen.pools):
        counts[chosen.state] -= 1
    skipped = [(_SKIPPED_AS[state], count) for state, count in counts.items() if count]
    if below := sum(pool.free for pool in unfit):
        skipped.append((UNFIT, below))
    return tuple(skipped)


def rang(s: State, offer: Offer) -> None:
    """The agent's phone is ringing."""
    state = OFFER.after(offer.state, OfferMove.RANG)
    if isinstance(state, Ignore):
        s.ignored(state, offer.id)
    else:
        offer.state = state
        offer.rang_ms = s.now


def picked_up(s: State, offer: Offer) -> bool:
    """The phone has answered by itself; False when the offer had ended."""
    state = OFFER.after(offer.state, OfferMove.PICKED_UP)
    if isinstance(state, Ignore):
        s.ignored(state, offer.id)
        return False
    offer.state = state
    return True


def end(s: State, offer: Offer, what: OfferMove, why: Hangup | None) -> bool:
    """End the offer in one way; False when it had ended before."""
    state = OFFER.after(offer.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, offer.id)
        return False
    offer.state = state
    s.timers.cancel(("ring", offer.id))
    s.timers.cancel(("echo", offer.id))
    if _stays_open(s, offer):
        drop_beep(s, offer)  # the line may be needed at once
    forget_beep(s, offer)
    call = s.calls[offer.call]
    call.ringing.pop(offer.id, None)
    if call.scene is not None:
        call.scene.ringing.pop(offer.id, None)
    ring_ms = None if offer.rang_ms is None else s.now - offer.rang_ms
    call.ring_ms += ring_ms or 0
    s.emit(
        OfferEnded(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            offer=offer.id,
            agent=offer.agent,
            result=_RESULTS[state],
            ring_ms=ring_ms,
            why=why,
        )
    )
    return True


def _stays_open(s: State, offer: Offer) -> bool:
    leg = s.legs.get(offer.leg)
    return leg is not None and leg.line is not None


def drop_beep(s: State, offer: Offer) -> None:
    """Whoever has picked up need hear no more.  A playback holds its channel until it ends: the
    join would wait for it."""
    if offer.beep is not None:
        s.emit(StopPlay(offer.call, offer.beep))
        forget_beep(s, offer)


def forget_beep(s: State, offer: Offer) -> None:
    """The beep is of no interest any more."""
    if offer.beep is not None:
        s.playbacks.pop(offer.beep, None)
        offer.beep = None


def withdraw_all(s: State, call: Call, reason: Release) -> None:
    """The caller is gone, or somebody else has them: stop every phone that rings for the call."""
    transfer = call.transfer
    personal = () if transfer is None or transfer.offer not in s.offers else (transfer.offer,)
    for key in (*call.ringing, *personal):
        withdraw(s, s.offers[key], reason)


def withdraw(s: State, offer: Offer, reason: Release) -> None:
    """Take one offer back."""
    announcement = None if _stays_open(s, offer) else offer.beep
    if end(s, offer, OfferMove.WITHDRAWN, None):
        if announcement is not None and reason is Release.ANSWERED_ELSEWHERE:
            # What is being said comes first otherwise, and the farewell waits for its end.
            s.emit(StopPlay(offer.call, announcement))
        stop(s, offer, reason)


def stop(s: State, offer: Offer, reason: Release) -> None:
    """End the leg of an offer that is over.  Whoever has picked up a moment after another hears
    why before it ends."""
    leg = s.legs[offer.leg]
    if leg.dial is not None and leg.offer is None:
        outbound.withdraw(s, s.dials[leg.dial])
    elif reason is Release.ANSWERED_ELSEWHERE:
        bid_farewell(s, leg, reason, FAREWELL)
        s.timers.set(("HangUp", leg.id), s.now + FAREWELL_MS_MAX)
    else:
        hang_up(s, leg, reason)
