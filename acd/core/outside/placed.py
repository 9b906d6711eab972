"""Outbound calls, seen from the far side: an agent asks for one, and the number rings, answers, or
does not (T19).

An agent calls by the API, and their phone rings first, or by dialling 9 and the number.  The agent
talks from then on: no other call is offered, and wrap-up follows a conversation as after any other.
Whoever is owed a callback is called back by that.
"""

import re

from acd.core import calls
from acd.core.asks import refuse_for
from acd.core.commands import AnswerLeg, Release
from acd.core.directory import EntryKind, Reach
from acd.core.emergency import agreement, asking, cases
from acd.core.entities import Agent, Call, Dial, Leg, LegEnd
from acd.core.events import CallRequested, CodeDialled
from acd.core.facts import LegRole, RequestRefused
from acd.core.follow_up import callbacks
from acd.core.ids import AgentId, Node, QueueId, RequestId, TerminalId, node_of
from acd.core.moves import hang_up, move_call, move_leg
from acd.core.outside import outbound, placing, toll, trunks
from acd.core.outside.outbound import Listener, NotDialled
from acd.core.queueing import offers, presence
from acd.core.queueing.matching import Choice
from acd.core.replies import Done, Refusal, Refused, Reply
from acd.core.staff import agents, desk
from acd.core.state import State
from acd.core.tables import (
    AgentMove,
    AgentState,
    CallMove,
    CallState,
    LegMove,
    LegState,
    OfferState,
)

_OUTSIDE_CODE = re.compile(r"9([0-9*#+]{3,32})")
"""9 and a number, as on any house telephone; feature codes begin with a star."""

CALLS_FROM = (AgentState.READY, AgentState.RESERVED, AgentState.WRAP_UP, AgentState.PAUSED)


def number_in(code: str) -> str | None:
    """Return the outside number that a phone has dialled, None when it is a code."""
    found = _OUTSIDE_CODE.fullmatch(code)
    return None if found is None else found[1]


def number_of(s: State, event: CallRequested | CodeDialled) -> str | None:
    """Return the outside number that an agent wants to call, in its one form."""
    written = event.number if isinstance(event, CallRequested) else number_in(event.code)
    return None if written is None else outbound.form(s, written)


def requested(s: State, event: CallRequested) -> None:
    """Ring the agent who wants to call; the number is dialled when they have answered."""
    s.emit(_request(s, event))


def _request(s: State, event: CallRequested) -> Reply:
    agent = s.agents.get(event.agent)
    if agent is None or agent.removed:
        sentence = f"There is no agent {event.agent}."
        return _refused(s, event.request, None, Refusal.UNKNOWN_AGENT, sentence)
    if agent.state is AgentState.LOGGED_OUT:
        sentence = f"Agent {agent.id} is not logged in; log in first (*60)."
        return _refused(s, event.request, agent, Refusal.NOT_LOGGED_IN, sentence)
    if agent.state not in CALLS_FROM or not s.available(agent):
        sentence = f"Agent {agent.id} is {agent.state}, or their phone is away or in use."
        return _refused(s, event.request, agent, Refusal.BUSY_WITH_CALL, sentence)
    number = _checked(s, event.number, agent.id)
    if isinstance(number, NotDialled):
        return _refused(s, event.request, agent, number.refusal, number.sentence)
    node = s.node_for_new()
    queue = _rules_for(s, agent)
    if node is None or queue is None:
        sentence = "No Asterisk is connected, or there is no queue whose rules would hold."
        return _refused(s, event.request, agent, Refusal.NO_TRUNK, sentence)
    call = _begin(s, node, number, queue, agent.id, event.reference, event.terminal)
    presence.make_offer(s, call, Choice(agent, 0, 0, Reach.READY))
    return Done(event.request, agent.state, call=call.id)


def dialled_by_phone(s: State, event: CodeDialled, number: str) -> None:
    """A phone has dialled 9 and a number: whoever dials is on the line already."""
    agent = s.agent_at(event.phone)
    # A leg of an offer may still be on the phone, though its agent has gone on: never two.
    if agent is None or agent.state not in CALLS_FROM or s.phone(event.phone).legs:
        desk.refuse(s, event, desk.NOT_ALLOWED if agent is None else desk.REFUSED)
        return
    wanted = _checked(s, number, agent.id)
    queue = _rules_for(s, agent)
    if isinstance(wanted, NotDialled):
        s.emit(RequestRefused(at_ms=s.now, agent=agent.id, refusal=wanted.refusal))
        desk.refuse(s, event, placing.REFUSED[wanted.refusal])
        return
    if queue is None:
        desk.refuse(s, event, desk.NOT_ALLOWED)
        return
    call = _begin(s, node_of(event.leg), wanted, queue, agent.id, None, event.terminal)
    _take_up(s, call, agent, event)
    placing.reach(s, call)


def _checked(s: State, written: str, by: AgentId) -> str | NotDialled:
    """Return the number in its one form.  A rescue service's, if the directory has it, may be
    called: the agent who asks will be on the line."""
    number = outbound.check(s, written)
    if isinstance(number, NotDialled) and number.refusal is Refusal.RESCUE_NUMBER:
        plain = outbound.form(s, written)
        listed = () if plain is None else trunks.rescue_of(s, plain)
        if listed:
            return listed[0][1].number
    if isinstance(number, NotDialled):
        return number
    return toll.refused(s, number, by=by) or number


def _rules_for(s: State, agent: Agent) -> QueueId | None:
    """Return the queue whose ring limit and wrap-up hold for the agent's own calls."""
    mine = next((key for key in agent.queues if not s.lines[key].retired), None)
    return mine or next((line.queue.id for line in s.live_lines()), None)


def _begin(
    s: State,
    node: Node,
    number: str,
    queue: QueueId,
    agent: AgentId,
    reference: str | None,
    terminal: TerminalId | None,
) -> Call:
    """Make the call.  To whoever is owed one it is the callback: of its kind, so that silence means
    the same, and under the number that their terminal trusts."""
    owed = callbacks.owed_to(s, number, agent)
    line = None if owed is None or owed.queue is None else s.lines.get(owed.queue)
    call = placing.begin(
        s,
        node,
        number,
        queue=queue if line is None or line.retired else line.queue.id,
        kind=EntryKind.OUTBOUND if owed is None else owed.entry_kind,
        person=agent,
        reference=reference,
        since_ms=s.now if owed is None else owed.since_ms,
        caller_ids=() if owed is None or owed.entry is None else (owed.entry,),
        terminal=terminal,
    )
    if owed is not None:
        callbacks.called_by_agent(s, owed, call)
    return call


def _take_up(s: State, call: Call, agent: Agent, event: CodeDialled) -> None:
    """The phone's own channel becomes the agent's leg of the call: answered before it was asked."""
    phone = s.phone(event.phone)
    leg = Leg(
        id=event.leg,
        role=LegRole.AGENT,
        call=call.id,
        started_ms=s.now,
        state=LegState.RINGING,
        number=phone.id,
        phone=phone.id,
        agent=agent.id,
    )
    s.legs[leg.id] = leg
    phone.legs[leg.id] = None
    s.touched[phone] = None
    agents.about_to_ring(s, agent)
    move_call(s, call, CallMove.OFFERED)
    agents.move(s, agent, AgentMove.OFFERED, call=call.id)
    offers.enter(s, call, agent, leg, phone.id).state = OfferState.ACCEPTED
    move_call(s, call, CallMove.ACCEPTED)
    agents.move(s, agent, AgentMove.ANSWERED, call=call.id)
    call.agent, call.agent_leg = agent.id, leg.id
    move_leg(s, leg, LegMove.ANSWERED)
    s.emit(AnswerLeg(call.id, leg.id))


def _refused(
    s: State, request: RequestId, agent: Agent | None, refusal: Refusal, sentence: str
) -> Refused:
    return refuse_for(s, request, None if agent is None else agent.id, refusal, sentence)


# What the number does ---------------------------------------------------------------------------


def _rang(s: State, dial: Dial) -> None:
    call = s.calls[dial.call]
    if call.state is CallState.REACHING:
        placing.ring_back(s, call)
    elif call.placed is not None and call.placed.must_ring:
        callbacks.seek(s, call)  # somebody may pick up: an agent should be there


def _answered(s: State, dial: Dial) -> None:
    """Somebody has picked up: bring them together with the agent, who is waiting for it; without
    one they wait as a caller does."""
    call = s.calls[dial.call]
    call.caller_leg = dial.leg
    if call.placed is not None and call.placed.agrees is not None:
        agreement.picked_up(s, call, dial)
    elif call.is_asking:
        asking.ask(s, call, dial, _about(s, call))
    elif call.state is CallState.REACHING:
        callbacks.answered(s, call)
        move_call(s, call, CallMove.REACHED)
        calls.together(s, call)
    elif call.state in (CallState.WAITING, CallState.OFFERING):
        if call.placed is not None:
            call.placed.must_ring = False
        calls.far_end_waits(s, call)


def _ended(s: State, call: Call, dial: Dial, end: LegEnd) -> None:
    """The number was not reached.  (One that was, and is gone, has left like a caller.)"""
    placed = call.placed
    assert placed is not None
    placed.dial = None
    placed.result = dial.result
    if call.state is CallState.REACHING and dial.result is not None:
        placing.tell(s, call, placing.TOLD[dial.result])
    elif call.state in (CallState.WAITING, CallState.OFFERING):
        calls.call_off(s, call)


def _about(s: State, call: Call) -> str | None:
    """Return whose number a contact is told."""
    case = cases.meant(s, call)
    return None if case is None else case.number


def _digit(s: State, dial: Dial, digit: str) -> None:
    call = s.calls[dial.call]
    if not call.is_asking or call.caller_leg != dial.leg:
        s.ignored("a digit with no meaning here", dial.leg)
        return
    if call.placed is not None and call.placed.agrees is not None:
        agreement.digit(s, call, dial, digit)
        return
    answer = asking.heard(s, call, dial, digit)
    if answer is True and call.placed is not None:
        call.placed.asks = False
        known = cases.meant(s, call)
        if known is not None:
            cases.join(s, call, known)
        calls.far_end_waits(s, call)
    elif answer is False:
        hang_up(s, s.legs[dial.leg], Release.NORMAL)


LISTENER = Listener(_rang, _answered, _ended, _digit)
