"""Departures: what follows when a leg is gone, a ring has run out, or the caller has left.

The end of a leg is the only event that frees a phone, and the end of the last leg the only one
that ends a call; to a call, an open line that is in its own room again is a leg that has ended.  A
leg that Asterisk keeps for long after its far end has hung up is given up.
"""

from acd.core import calls, directory, memos
from acd.core.call_control import conversation, rooms, second_lines, supervision, transfers
from acd.core.commands import HangUp, Release
from acd.core.emergency import beside, parties, roles, scene, silence
from acd.core.entities import Agent, Call, Leg, LegEnd, Offer, WrapUp
from acd.core.events import CommandFailed, Hangup
from acd.core.facts import LegEnded, LegRole, Outcome
from acd.core.ids import CallId, LegId, OfferId
from acd.core.moves import forget_farewell, hang_up, is_clearing, move_call, move_leg
from acd.core.outside import dialled, outbound, placing
from acd.core.queueing import lines, offers, presence, treatment, waiting
from acd.core.self_service import answers
from acd.core.staff import agents, desk, open_lines, trial_rings
from acd.core.state import State
from acd.core.tables import (
    AgentMove,
    AgentState,
    CallMove,
    CallState,
    LegMove,
    OfferMove,
    OfferState,
    TransferMove,
)

CLEARING_MS_MAX = 3_000
"""A channel whose far end has hung up is gone within some milliseconds.  Asterisk 22.10.1 has been
seen to keep one for good, when digits by SIP INFO were still to be played out to a caller who sent
no audio: its agent must not wait for that."""

_CALLER, _DESK = LegRole.CALLER, LegRole.DESK
_ACCEPTED, _ENDING = OfferState.ACCEPTED, CallState.ENDING

BACK_HOME = LegEnd(why=Hangup.NORMAL, cause=16)
"""How an open line's part in a call ends when nobody has hung up: by normal clearing (Q.850)."""


def leg_hung_up(s: State, leg: Leg) -> None:
    """The far end has hung up: from now on there is a limit to the leg's end."""
    if move_leg(s, leg, LegMove.HUNG_UP) and not is_clearing(s, leg.id):
        leg.hung_up = True
        s.timers.set(("clearing", leg.id), s.now + CLEARING_MS_MAX)
        call = s.calls.get(leg.call)
        if call is not None and leg.id == call.caller_leg:
            lines.leave_line(s, call)


def never_cleared(s: State, key: LegId) -> None:
    """Asterisk still has the channel of a leg that has hung up: ask for its end once more, and go
    on as if it had come."""
    leg = s.legs.get(key)
    if leg is not None:
        s.repaired("leg hung up and was not gone", key)
        memos.is_over(s, leg)
        s.emit(HangUp(call=leg.call, leg=key, reason=Release.NORMAL, phone=leg.phone))
        leg_gone(s, leg, LegEnd(why=Hangup.NORMAL, cause=0))


def leg_gone(s: State, leg: Leg, end: LegEnd) -> None:
    """A channel no longer exists: write its account and work through what follows."""
    if leg.is_lent:
        part_over(s, leg, end, is_there=False)
        leg = s.legs[leg.id]
    _forget(s, leg)
    s.timers.cancel(("clearing", leg.id))
    del s.legs[leg.id]
    phone = None if leg.phone is None else s.phone(leg.phone)
    if phone is not None:
        phone.legs.pop(leg.id, None)
        s.touched[phone] = None
    _write_account(s, leg, end)
    call = s.calls.get(leg.call)
    if call is None:
        desk_call = s.desk_calls[leg.call]
        supervision.leg_gone(s, desk_call)
        trial_rings.leg_gone(s, desk_call, end)
        desk.leg_gone(s, leg)
        if desk_call.line is not None:
            open_lines.leg_gone(s, desk_call, leg)
    else:
        _left(s, call, leg, end)
    if phone is not None:
        agents.phone_changed(s, phone)


def part_over(s: State, leg: Leg, end: LegEnd, *, is_there: bool) -> None:
    """An open line has no more to do with the call it was lent to: to the call it is gone.
    ``is_there``: the line itself goes on."""
    assert leg.phone is not None
    _forget(s, leg)
    s.timers.cancel(("home", leg.id))
    open_lines.bring_home(s, leg, is_there=is_there)
    _write_account(s, leg, end)
    _left(s, s.calls[leg.call], leg, end)
    agents.phone_changed(s, s.phone(leg.phone))


def came_home(s: State, leg: Leg) -> None:
    """Asterisk says that a lent line is in its own room again."""
    part_over(s, leg, BACK_HOME, is_there=True)
    supervision.line_left(s, leg.id)


def home_due(s: State, key: LegId) -> None:
    """A lent line is to be at home by now: it has never left, or it does not come, and its
    channel is ended."""
    leg = s.legs.get(key)
    if leg is None or not leg.is_lent or not leg.ended_by_us:
        return
    if leg.wanted is None:
        came_home(s, leg)
    else:
        open_lines.lost_sight(s, leg)
        s.repaired("an open line did not come home", key)
        s.emit(HangUp(call=leg.call, leg=key, reason=Release.NORMAL, phone=leg.phone))


def _forget(s: State, leg: Leg) -> None:
    move_leg(s, leg, LegMove.GONE)
    conversation.let_go(s, leg)
    forget_farewell(s, leg)


def _write_account(s: State, leg: Leg, end: LegEnd) -> None:
    call = s.calls.get(leg.call)
    s.emit(
        LegEnded(
            at_ms=s.now,
            call=leg.call,
            call_arrived_ms=leg.started_ms if call is None else call.arrived_ms,
            leg=leg.account,
            role=leg.role,
            number=leg.number,
            agent=leg.agent,
            started_ms=leg.started_ms,
            rang_ms=leg.rang_ms,
            answered_ms=leg.answered_ms,
            joined_ms=leg.joined_ms,
            why=end.why,
            cause=end.cause,
            media=end.media,
        )
    )


def _left(s: State, call: Call, leg: Leg, end: LegEnd) -> None:
    """The call has one leg less."""
    del call.legs[leg.id]
    s.touched[call] = None
    if leg.role is _CALLER:
        _caller_left(s, call, end)
    elif leg.role is _DESK:
        second_lines.gone(s, call, leg)
        beside.gone(s, call, leg)
    elif leg.dial is not None:
        if leg.id == call.caller_leg:
            _caller_left(s, call, end)
        dialled.leg_gone(s, call, leg, end)
        if leg.offer is not None:
            _agent_leg_gone(s, call, leg, end)
    else:
        _agent_leg_gone(s, call, leg, end)
    if call.state is _ENDING and not call.legs:
        calls.end(s, call)


def ring_timed_out(s: State, key: OfferId) -> None:
    """The agent has not answered within the ring limit (RONA): on to the next at once."""
    offer = s.offers[key]
    if offers.end(s, offer, OfferMove.TIMED_OUT, None):
        if offer.state is OfferState.UNATTENDED and offer.picks_up:
            presence.chair_is_empty(s, offer)
        offers.stop(s, offer, Release.NO_ANSWER)
        _lost(s, s.calls[offer.call], offer)


def _caller_left(s: State, call: Call, end: LegEnd) -> None:
    """Withdraw what is ringing, let the agent go; the call ends with its last leg."""
    if not move_call(s, call, CallMove.CALLER_LEFT):
        return
    call.left_ms = s.now
    answers.caller_left(s, call)
    call.dropped = end.why is Hangup.LOST
    if call.outcome is None:
        call.outcome = Outcome.LOST if call.dropped else Outcome.ABANDONED
    waiting.stop_seeking(s, call)
    waiting.stop_marks(s, call)
    conversation.stop(s, call)
    silence.stop(s, call)
    transfers.drop(s, call, TransferMove.CALLER_LEFT)
    offers.withdraw_all(s, call, Release.NORMAL)
    roles.stop(s, call)
    kept = [key for key in call.legs if scene.is_kept(s, call, s.legs[key])]
    for key in call.legs:
        leg = s.legs[key]
        if leg.offer is None or s.offers[leg.offer].state is _ACCEPTED:
            conversation.disengage(s, leg)
            if key not in kept:
                outbound.let_go(s, leg)
    scene.gather(s, call)


def let_silent_caller_go(s: State, key: CallId) -> None:
    """C05: an unknown number on an enquiry line, from which nothing was heard, has been told
    goodbye; the agent's part is over too."""
    call = s.calls[key]
    if call.state is not CallState.TALKING:
        return
    transfers.drop(s, call, TransferMove.FAILED)
    calls.release(s, call, call.agent)
    for leg in [s.legs[one] for one in call.legs if one != call.caller_leg]:
        conversation.disengage(s, leg)
        outbound.let_go(s, leg)


def _agent_leg_gone(s: State, call: Call, leg: Leg, end: LegEnd) -> None:
    """An agent's leg is gone: refused, failed, ended by us, or after the conversation."""
    assert leg.offer is not None and leg.agent is not None and call.queue is not None
    offer = s.offers.pop(leg.offer)
    own = None if leg.queue is None else s.lines.get(leg.queue)
    queue = (own or s.lines[call.queue]).queue
    if offer.state is _ACCEPTED:
        _agent_left(s, call, leg, s.agents[leg.agent], queue, end)
    else:
        offer_over(s, call, offer, queue, end)


def refused(s: State, call: Call, offer: Offer) -> None:
    """Whoever has picked up leaves the call to others."""
    if offers.end(s, offer, OfferMove.REFUSED, None):
        hang_up(s, s.legs[offer.leg], Release.NORMAL)
        _lost(s, call, offer)


def offer_over(s: State, call: Call, offer: Offer, queue: directory.Queue, end: LegEnd) -> None:
    """The leg of an offer is gone that was not accepted: what becomes of caller and agent."""
    agent = s.agents[offer.agent]
    if offer.state in (OfferState.DIALLING, OfferState.RINGING, OfferState.PICKED_UP):
        refused = end.why in (Hangup.BUSY, Hangup.REJECTED, Hangup.NO_ANSWER, Hangup.NORMAL)
        offers.end(s, offer, OfferMove.REFUSED if refused else OfferMove.UNREACHED, end.why)
        _lost(s, call, offer)
    if offer.state is OfferState.WITHDRAWN or call.is_for_one:
        # The agent did nothing wrong and keeps the place among the free; so does whoever does not
        # answer a call that they have asked for themselves.
        agents.free(s, agent)
        return
    _missed(
        s,
        agent,
        queue,
        reason={
            OfferState.MISSED: agents.MISSED,
            OfferState.UNATTENDED: agents.EMPTY_CHAIR,
            OfferState.REJECTED: agents.REFUSED,
        }.get(offer.state, agents.UNREACHABLE),
        rest_ms=0 if offer.state is OfferState.MISSED else queue.refusal_delay_ms,
    )


def _agent_left(
    s: State, call: Call, leg: Leg, agent: Agent, queue: directory.Queue, end: LegEnd
) -> None:
    """The agent's leg is gone from a call that it had answered.  When it has failed, because their
    node or their network died, nobody has hung up, and the caller is not done."""
    conversation.disengage(s, leg)
    short = False
    if call.state is CallState.REACHING and call.agent_leg == leg.id:
        placing.agent_left(s, call)
    elif call.state is CallState.CONNECTING and call.agent_leg == leg.id and call.is_for_one:
        placing.release(s, call)
    elif call.state is CallState.CONNECTING and call.agent_leg == leg.id:
        # Answered and gone before the join: the caller was not served.
        calls.requeue(s, call, agent.id)
        short = True
    elif leg.unjoined:
        # That they could not be joined was no fault of Asterisk's if the phone was leaving.
        short = leg.hung_up
    elif call.state is CallState.TALKING and not transfers.left(s, call, leg):
        short = (
            not call.is_for_one
            and leg.talked_ms is not None
            and leg.talked_ms < queue.short_answer_ms
        )
        failed = end.why in (Hangup.FAILED, Hangup.UNREACHABLE)
        calls.left_alone(s, call, agent.id, served=not short and not failed)
    if call.state is CallState.TALKING and leg.hung_up and leg.joined_ms is None:
        short = short or not leg.ended_by_us  # asked into the call, and gone as it answered
    roles.left(s, call, agent.id, was_there=leg.joined_ms is not None)
    scene.end_private(s, call)
    if scene.park(s, call):
        parties.tell_who_waits(s, call)
    scene.wind_up(s, call)
    parties.nobody_left(s, call)
    if short:
        _missed(s, agent, queue, reason=agents.REFUSED, rest_ms=queue.refusal_delay_ms)
    elif leg.talked_ms is None:
        agents.free(s, agent)
    else:
        _wrap_up(s, agent, call, leg.talked_ms, queue)


def _wrap_up(s: State, agent: Agent, call: Call, talked_ms: int, queue: directory.Queue) -> None:
    """After a conversation the agent finishes the notes."""
    agent.leg = None
    agent.misses = 0
    agent.calls_taken += 1
    agent.talked_ms += talked_ms
    agent.idle_since_ms = s.now
    treatment.handled(s.lines[queue.id], talked_ms + queue.wrap_up_ms)
    agents.move(s, agent, AgentMove.CONVERSATION_ENDED, call=call.id)
    agent.wrap_up = WrapUp(
        call=call.id,
        arrived_ms=call.arrived_ms,
        talk_ms=talked_ms,
        queue=queue.id,
        entry=call.called,
        synthetic=call.synthetic,
        until_ms=s.now + queue.wrap_up_ms,
        obligation=None if call.placed is None else call.placed.obligation,
        elders=call.elders,
        terminal=call.terminal,
        number=call.caller,
    )
    if queue.wrap_up_ms:
        s.timers.set(("wrap_up", agent.id), agent.wrap_up.until_ms)
    else:
        agents.free(s, agent)


def _missed(s: State, agent: Agent, queue: directory.Queue, *, reason: str, rest_ms: int) -> None:
    assert agent.state in (AgentState.OFFERED, AgentState.TALKING)
    agents.missed(
        s,
        agent,
        reason=reason,
        rest_ms=rest_ms,
        misses_max=queue.misses_max,
        rules=queue.rules,
    )


def _lost(s: State, call: Call, offer: Offer) -> None:
    if offer.role is not None:
        roles.lost(s, call, offer)
        return
    if offer.personal:
        transfers.failed(s, call, offer.leg)
        return
    move_call(s, call, CallMove.OFFER_LOST if call.ringing else CallMove.LAST_OFFER_LOST)
    if not lines.asks_one(s, call):
        s.seeking_calls[call.id] = None
    elif not call.ringing:
        placing.give_up(s, call)


# Moves that come to nothing ---------------------------------------------------------------------


def join_failed(s: State, event: CommandFailed) -> None:
    """A move into a room was refused: it is asked for again, and at last somebody is let go."""
    call = None if event.call is None else s.calls.get(event.call)
    if call is None or not rooms.refused(s, call, event.room, _give_up_place):
        s.ignored("a join failed without harm", event.call or "")


def place_timed_out(s: State, key: LegId) -> None:
    """The room never told that the leg is in."""
    leg = s.legs.get(key)
    call = None if leg is None else s.calls.get(leg.call)
    if leg is not None and call is not None:
        rooms.timed_out(s, call, leg, _give_up_place)


def _give_up_place(s: State, call: Call, leg: Leg) -> None:
    """Somebody cannot be brought to where they belong, and it is nobody's fault: whoever was to be
    there lets go, and the caller waits again at the music."""
    if call.state is CallState.CONNECTING:
        calls.give_up_join(s, call)
    elif leg.id != call.caller_leg:
        hang_up(s, leg, Release.NORMAL)
        # Whoever was asked into the call does not come: nobody may be left to them.
        transfers.failed(s, call, leg.id)
        brought = call.transfer is not None or conversation.company(s, call)
        if call.state is CallState.TALKING and call.agent is None and not brought:
            calls.left_alone(s, call, None, served=False)
        else:
            conversation.arrange(s, call)
    elif call.state is CallState.TALKING:
        last = call.agent
        transfers.drop(s, call, TransferMove.FAILED)
        for key in call.legs:
            if key != call.caller_leg:
                outbound.let_go(s, s.legs[key])
        if call.is_for_one:
            placing.release(s, call)
        else:
            calls.requeue(s, call, last)
