"""Transfers: an agent brings a colleague, a queue or an outside number into the conversation.

Blind or after a consultation, every transfer goes the same way: the agent steps aside, the other is
rung, and what is decided then says who comes to the caller: the other alone (completed), both
(joined), or the agent again (taken back, failed, left).  Until then the caller is at the music and
is told what happens before it happens (T38).  An agent who hangs up meanwhile has said "complete":
the other takes the call as soon as they are there, and if they never are, the caller waits again at
the place of the arrival.  Call, caller and elders stay what they are: the data travel (T06).
"""

from acd.core import calls
from acd.core.asks import Ask, done, refuse
from acd.core.call_control import conversation, rooms, speech
from acd.core.commands import AnswerRefer, ReferResult, Release
from acd.core.entities import Agent, Call, Dial, Leg, LegEnd, Offer, Transfer
from acd.core.facts import TransferEnded, TransferKind, TransferResult, TransferStarted
from acd.core.ids import AgentId, EntryId, LegId, Purpose, QueueId, RoomId
from acd.core.moves import hang_up
from acd.core.outside import dialled, outbound, toll
from acd.core.queueing import offers, personal_offers, treatment
from acd.core.replies import Refusal, Refused, Reply
from acd.core.staff import agents
from acd.core.state import State
from acd.core.tables import (
    TRANSFER,
    AgentMove,
    AgentState,
    CallState,
    Ignore,
    OfferMove,
    OfferState,
    TransferMove,
    TransferState,
)

RING_MS = 20_000
"""How long a colleague is rung: four rings.  The caller hears music and notices meanwhile."""

PLACES_MAX = 8
"""In a conference, the caller included."""

PURPOSE = Purpose("transfer")

TRANSFERRING = ("caller-transferring",)
NOT_REACHED = ("caller-transfer-failed",)
OTHER_ABSENT = ("transfer-not-answered",)
OTHER_LEFT = ("transfer-other-left",)

PROMPTS = (*TRANSFERRING, *NOT_REACHED, *OTHER_ABSENT, *OTHER_LEFT)
"""Every prompt this module asks for by itself."""

_RESULTS = {
    TransferMove.COMPLETED: TransferResult.COMPLETED,
    TransferMove.JOINED: TransferResult.JOINED,
    TransferMove.TAKEN_BACK: TransferResult.TAKEN_BACK,
    TransferMove.FAILED: TransferResult.FAILED,
    TransferMove.LEFT: TransferResult.LEFT,
    TransferMove.CALLER_LEFT: TransferResult.CALLER_LEFT,
}


# What an agent asks for -------------------------------------------------------------------------


def blind(s: State, ask: Ask) -> Reply:
    """Give the call away: the caller is told and hears music, the agent comes back if it fails."""
    return _start(s, ask, TransferKind.BLIND)


def consult(s: State, ask: Ask) -> Reply:
    """Ask somebody first, out of the caller's hearing; without a number, the supervisor who has
    been free longest (D10)."""
    if not ask.digits:
        leader = next((one for one in s.supervisors if one != ask.leg.agent), None)
        if leader is None:
            return refuse(s, ask, Refusal.AGENT_NOT_FREE, "No supervisor is free now.")
        ask = ask._replace(digits=leader)
    return _start(s, ask, TransferKind.CONSULT)


def complete(s: State, ask: Ask) -> Reply:
    """Leave the caller to whoever was asked; to one whose phone still rings, as soon as it does
    not."""
    transfer = _answered_one(s, ask)
    if isinstance(transfer, Refused):
        return transfer
    reply = done(ask)
    _complete(s, ask.call, transfer)
    return reply


def join(s: State, ask: Ask) -> Reply:
    """Bring everybody together: a conference."""
    call, transfer = ask.call, _answered_one(s, ask)
    if isinstance(transfer, Refused):
        return transfer
    if len(conversation.company(s, call)) + 3 > PLACES_MAX:
        sentence = f"A conference has at most {PLACES_MAX} places, and all are taken."
        return refuse(s, ask, Refusal.CONFERENCE_FULL, sentence)
    assert call.room is not None
    _end(s, call, transfer, TransferMove.JOINED)
    rooms.place(s, call, call.room.id, ask.leg, s.legs[transfer.leg])
    conversation.arrange(s, call)
    return done(ask)


def joined(s: State, call: Call) -> None:
    """Whoever was asked has come to the caller, by another way than ``join``."""
    assert call.transfer is not None
    _end(s, call, call.transfer, TransferMove.JOINED)


def back(s: State, ask: Ask) -> Reply:
    """Back to the caller: whoever was asked is let go."""
    transfer = _own(s, ask)
    if isinstance(transfer, Refused):
        return transfer
    _end(s, ask.call, transfer, TransferMove.TAKEN_BACK)
    _let_go(s, ask.call, transfer)
    conversation.come_back(s, ask.call, ask.leg)
    conversation.arrange(s, ask.call)
    return done(ask)


def _own(s: State, ask: Ask) -> Transfer | Refused:
    """Return the transfer that whoever asks has begun."""
    transfer = ask.call.transfer
    if transfer is None or transfer.by_leg != ask.leg.id:
        return refuse(s, ask, Refusal.NO_TRANSFER, "You have asked nobody into this call.")
    return transfer


def _answered_one(s: State, ask: Ask) -> Transfer | Refused:
    """Return it when whoever was asked has answered."""
    transfer = _own(s, ask)
    if isinstance(transfer, Transfer) and transfer.state is TransferState.RINGING:
        sentence = f"{transfer.number} has not answered yet."
        return refuse(s, ask, Refusal.NOT_ANSWERED_YET, sentence)
    return transfer


def is_second_line(call: Call, leg: Leg) -> bool:
    """Tell whether this is the line on which a phone asks somebody by a call of its own."""
    return call.transfer is not None and call.transfer.second == leg.id


# The beginning ----------------------------------------------------------------------------------


def _start(s: State, ask: Ask, kind: TransferKind) -> Reply:
    number = ask.digits
    if ask.call.transfer is not None:
        sentence = f"A transfer of call {ask.call.id} is under way."
        return refuse(s, ask, Refusal.TRANSFER_UNDER_WAY, sentence)
    if not number:
        return refuse(s, ask, Refusal.NO_NUMBER, "To whom? There was no number.")
    colleague = s.agents.get(AgentId(number))
    if colleague is not None and not colleague.removed:
        return _to_agent(s, ask, kind, colleague)
    entry = s.entries.get(EntryId(number))
    if entry is not None:
        return _to_queue(s, ask, kind, entry.queue)
    return _to_outside(s, ask, kind)


def _to_agent(s: State, ask: Ask, kind: TransferKind, colleague: Agent) -> Reply:
    if colleague.id == ask.leg.agent:
        return refuse(s, ask, Refusal.YOURSELF, f"{colleague.id} is you.")
    if colleague.state is not AgentState.READY or not s.available(colleague):
        how = "occupied" if colleague.state is AgentState.READY else colleague.state
        sentence = f"Agent {colleague.id} is {how} and cannot be rung."
        return refuse(s, ask, Refusal.AGENT_NOT_FREE, sentence)
    offer = personal_offers.ask(s, ask.call, colleague, kind, RING_MS)
    transfer = _begin(s, ask, kind, offer.leg, agent=colleague.id)
    transfer.offer = offer.id
    return done(ask)


def _to_outside(s: State, ask: Ask, kind: TransferKind) -> Reply:
    assert ask.leg.agent is not None
    limit = toll.refused(
        s, ask.digits, by=ask.leg.agent, known=toll.known_to(ask.call), call=ask.call
    )
    if limit is not None:
        return refuse(s, ask, limit.refusal, limit.sentence)
    dial = outbound.dial(s, ask.call, ask.digits, PURPOSE, person=ask.leg.agent)
    if isinstance(dial, outbound.NotDialled):
        return refuse(s, ask, dial.refusal, dial.sentence)
    transfer = _begin(s, ask, kind, dial.leg, agent=None)
    transfer.dial = dial.id
    return done(ask)


def _begin(
    s: State, ask: Ask, kind: TransferKind, leg: LegId, *, agent: AgentId | None
) -> Transfer:
    call = ask.call
    assert ask.leg.agent is not None
    transfer = Transfer(
        kind=kind,
        by=ask.leg.agent,
        by_leg=ask.leg.id,
        number=ask.digits,
        started_ms=s.now,
        leg=leg,
        agent=agent,
        second=ask.second,
    )
    call.transfer = transfer
    _started(s, call, transfer, queue=None)
    if ask.second is None and not conversation.is_aside(call, ask.leg):
        conversation.step_aside(s, call, ask.leg)
    conversation.arrange(s, call, TRANSFERRING if kind is TransferKind.BLIND else ())
    return transfer


def _to_queue(s: State, ask: Ask, kind: TransferKind, queue: QueueId) -> Reply:
    """Give the call to a line: the caller waits there at the place of the arrival."""
    call = ask.call
    line = s.lines.get(queue)
    assert ask.leg.agent is not None
    if kind is TransferKind.CONSULT:
        sentence = f"{ask.digits} is a queue: a call can be given to it, nobody can be asked there."
        return refuse(s, ask, Refusal.NOT_FOR_QUEUES, sentence)
    if line is None or line.retired:
        return refuse(s, ask, Refusal.UNKNOWN_NUMBER, f"Nobody serves {ask.digits} now.")
    if any(leg is not ask.leg for leg in conversation.company(s, call)):
        sentence = "Others are in the conversation: a queue takes a caller alone."
        return refuse(s, ask, Refusal.NOT_ALONE, sentence)
    transfer = Transfer(
        kind=kind,
        by=ask.leg.agent,
        by_leg=ask.leg.id,
        number=ask.digits,
        started_ms=s.now,
        leg=ask.leg.id,
    )
    _started(s, call, transfer, queue=queue)
    _end(s, call, transfer, TransferMove.COMPLETED, queue=queue)
    calls.change_queue(s, call, queue)
    if call.placed is not None:
        call.placed.given_away = True
    reply = done(ask)
    hang_up(s, ask.leg, Release.NORMAL)
    calls.requeue(s, call, ask.leg.agent)
    treatment.say(s, call, TRANSFERRING)
    return reply


# What becomes of it -----------------------------------------------------------------------------


def answered(s: State, call: Call, leg: Leg) -> None:
    """Whoever was rung is there."""
    transfer = call.transfer
    if transfer is None or transfer.leg != leg.id or call.state is not CallState.TALKING:
        hang_up(s, leg, Release.NORMAL)
        return
    by = _by(s, transfer)
    _move(s, transfer, TransferMove.ANSWERED)
    table = _table(s, transfer)
    if transfer.kind is TransferKind.BLIND or by is None or table not in call.sides:
        _complete(s, call, transfer)
    else:
        rooms.place(s, call, table, leg)


def offer_answered(s: State, call: Call, leg: Leg, offer: Offer) -> None:
    """The colleague has picked up, unless the offer had ended."""
    if offers.end(s, offer, OfferMove.ANSWERED, None):
        agents.move(s, s.agents[offer.agent], AgentMove.ANSWERED, call=call.id)
        answered(s, call, leg)


def _complete(s: State, call: Call, transfer: Transfer) -> None:
    other = s.legs[transfer.leg]
    _end(s, call, transfer, TransferMove.COMPLETED)
    if call.agent_leg == transfer.by_leg or call.agent_leg is None:
        _hand_on(s, call, other)
    conversation.come_back(s, call, other)
    conversation.arrange(s, call)
    by = _by(s, transfer)
    if by is not None:
        hang_up(s, by, Release.NORMAL)


def _table(s: State, transfer: Transfer) -> RoomId | None:
    """Return the room in which the agent talks with whoever was asked."""
    at = s.legs.get(transfer.second or transfer.by_leg or LegId(""))
    return None if at is None else at.wanted


def _by(s: State, transfer: Transfer) -> Leg | None:
    return None if transfer.by_leg is None else s.legs.get(transfer.by_leg)


def _hand_on(s: State, call: Call, to: Leg | None) -> None:
    """The call has another agent: one who is with the caller, else one who has stepped aside and
    will come back; with outsiders alone, none."""
    if to is None or to.agent is None:
        legs = [*conversation.company(s, call), *conversation.those_aside(s, call)]
        to = next((leg for leg in legs if leg.is_agents), None)
    call.agent = None if to is None else to.agent
    call.agent_leg = None if to is None else to.id
    s.touched[call] = None


def failed(s: State, call: Call, leg: LegId) -> None:
    """Whoever was rung does not come, or has hung up in the consultation: the agent is with the
    caller again, who is told first; without an agent the caller waits again."""
    transfer = call.transfer
    if transfer is None or transfer.leg != leg:
        return
    talked = transfer.state is TransferState.TALKING
    on_second_line = transfer.second is not None
    _end(s, call, transfer, TransferMove.LEFT if talked else TransferMove.FAILED)
    by = _by(s, transfer)
    if by is not None and on_second_line:
        # The phone holds the caller, and takes them back by itself.
        conversation.arrange(s, call)
    elif by is not None and not by.ended_by_us:
        conversation.come_back(s, call, by)
        told = NOT_REACHED if transfer.kind is TransferKind.BLIND else ()
        conversation.arrange(s, call, told)
        speech.say(s, call, by, OTHER_LEFT if talked else OTHER_ABSENT)
    elif not conversation.company(s, call):
        calls.left_alone(s, call, transfer.by, served=False)
    else:
        conversation.arrange(s, call)


def left(s: State, call: Call, gone: Leg) -> bool:
    """Somebody is gone out of a conversation: whoever else is there goes on with it.  False when
    nobody is, nor on the way."""
    transfer = call.transfer
    if transfer is not None and transfer.leg == gone.id:
        failed(s, call, gone.id)
    elif transfer is not None and transfer.by_leg == gone.id:
        transfer.by_leg = None
        _close_second(s, transfer)
        if call.agent_leg == gone.id:
            _hand_on(s, call, None)
        if transfer.state is TransferState.TALKING:
            _complete(s, call, transfer)
    if call.state is not CallState.TALKING:
        return True  # waits again
    if call.agent_leg == gone.id:
        _hand_on(s, call, None)
    if not _is_attended(s, call):
        return False
    conversation.arrange(s, call)
    conversation.follow(s, call)
    return True


def _is_attended(s: State, call: Call) -> bool:
    """Tell whether somebody is with the caller, on the way, or holds and will come back."""
    if call.transfer is not None or conversation.company(s, call):
        return True
    return call.agent_leg is not None and not s.legs[call.agent_leg].ended_by_us


def drop(s: State, call: Call, what: TransferMove) -> None:
    """The conversation is over: nobody is to be brought into it any more."""
    transfer = call.transfer
    if transfer is not None:
        _end(s, call, transfer, what)
        _let_go(s, call, transfer)


def _let_go(s: State, call: Call, transfer: Transfer) -> None:
    dial = None if transfer.dial is None else s.dials.get(transfer.dial)
    if dial is not None:
        outbound.withdraw(s, dial)
    leg = s.legs.get(transfer.leg if dial is None else dial.leg)
    if leg is None:
        return
    offer = None if transfer.offer is None else s.offers.get(transfer.offer)
    if offer is not None and offer.state in (OfferState.DIALLING, OfferState.RINGING):
        offers.end(s, offer, OfferMove.WITHDRAWN, None)
    hang_up(s, leg, Release.NORMAL)


# Outside numbers --------------------------------------------------------------------------------


def _dial_rang(s: State, dial: Dial) -> None:
    """The agent hears of it when they answer; the caller hears music."""


def _dial_answered(s: State, dial: Dial) -> None:
    call = s.calls[dial.call]
    if call.transfer is not None and call.transfer.dial == dial.id:
        # Over another trunk the number has another leg.
        call.transfer.leg = dial.leg
    answered(s, call, s.legs[dial.leg])


def _dial_ended(s: State, call: Call, dial: Dial, end: LegEnd) -> None:
    del end
    if call.state is not CallState.TALKING:
        return
    transfer = call.transfer
    if transfer is not None and transfer.dial == dial.id:
        transfer.leg = dial.leg
        failed(s, call, dial.leg)
        conversation.follow(s, call)
    elif not _is_attended(s, call):
        calls.left_alone(s, call, None, served=True)
    else:
        conversation.arrange(s, call)
        conversation.follow(s, call)


def _dial_digit(s: State, dial: Dial, digit: str) -> None:
    s.ignored("a key of an outside party", f"{dial.id} {digit}")


dialled.LISTENERS[PURPOSE] = dialled.Listener(_dial_rang, _dial_answered, _dial_ended, _dial_digit)


# The record -------------------------------------------------------------------------------------


def _move(s: State, transfer: Transfer, what: TransferMove) -> bool:
    state = TRANSFER.after(transfer.state, what)
    if isinstance(state, Ignore):
        s.ignored(state, transfer.number)
        return False
    transfer.state = state
    return True


def _started(s: State, call: Call, transfer: Transfer, *, queue: QueueId | None) -> None:
    s.emit(
        TransferStarted(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            kind=transfer.kind,
            by=transfer.by,
            number=transfer.number,
            agent=transfer.agent,
            queue=queue,
        )
    )


def _answer_refer(s: State, call: Call, transfer: Transfer, what: TransferMove) -> None:
    """The phone that has asked by REFER hears what became of it, while its line is there."""
    if transfer.refer is not None and transfer.refer in s.legs:
        done_ = what in (TransferMove.COMPLETED, TransferMove.JOINED)
        result = ReferResult.DONE if done_ else ReferResult.UNAVAILABLE
        s.emit(AnswerRefer(call.id, transfer.refer, result))


def _close_second(s: State, transfer: Transfer) -> None:
    """The agent's other line has done its part."""
    if transfer.second is not None and (leg := s.legs.get(transfer.second)) is not None:
        hang_up(s, leg, Release.NORMAL)
    transfer.second = None


def _end(
    s: State, call: Call, transfer: Transfer, what: TransferMove, *, queue: QueueId | None = None
) -> None:
    _move(s, transfer, what)
    call.transfer = None
    _answer_refer(s, call, transfer, what)
    _close_second(s, transfer)
    s.touched[call] = None
    s.emit(
        TransferEnded(
            at_ms=s.now,
            call=call.id,
            arrived_ms=call.arrived_ms,
            kind=transfer.kind,
            by=transfer.by,
            number=transfer.number,
            agent=transfer.agent,
            queue=queue,
            result=_RESULTS[what],
            after_ms=s.now - transfer.started_ms,
        )
    )
