"""Second lines: an agent in a conversation asks somebody by a second call of their own phone.

To a phone an attended transfer is two calls and a REFER that joins their far ends (RFC 3891).  Here
it is a consultation like any other (see ``transfers``): the second call is the line on which the
agent talks with whoever they have dialled, the first stays the agent's leg of the call, held if the
phone holds it, and the REFER completes it.  So a phone's transfer obeys the same rules, the caller
hears what callers hear, and the records are our own.  To hang the second line up is to go back.
"""

import re

from acd.core.asks import Ask
from acd.core.call_control import conversation, keys, rooms, speech, transfers
from acd.core.call_control.control import act
from acd.core.commands import AnswerLeg
from acd.core.entities import Call, Leg
from acd.core.events import CodeDialled, Control
from acd.core.facts import LegRole, TransferKind
from acd.core.ids import AgentId, EntryId, PhoneId, RequestId
from acd.core.moves import move_leg
from acd.core.outside import placed
from acd.core.replies import Done, Refused, Reply
from acd.core.staff import agents, desk
from acd.core.state import State
from acd.core.tables import CallState, LegMove, LegState, TransferMove

_NUMBER = re.compile(r"[0-9]{2,32}")
"""A colleague or an entry; an outside number has its 9 before it, as always."""


def dialled(s: State, event: CodeDialled) -> bool:
    """A phone has dialled a number; False when it is in no conversation, or it is a code."""
    own = _conversation_on(s, event.phone)
    if own is None or _NUMBER.fullmatch(event.code) is None:
        return False
    call = s.calls[own.call]
    ours = AgentId(event.code) in s.agents or EntryId(event.code) in s.entries
    number = event.code if ours else placed.number_in(event.code) or event.code
    ask = Ask(RequestId(event.leg), call, own, number, second=event.leg)
    reply = act(s, Control.CONSULT, ask)
    if isinstance(reply, Refused):
        desk.refuse(s, event, keys.REFUSED.get(reply.refusal, keys.NOT_NOW))
    elif isinstance(reply, Done):
        _open(s, event, call, own)
    return True


def _conversation_on(s: State, phone: PhoneId) -> Leg | None:
    """Return the phone's leg in a conversation."""
    for key in s.phone(phone).legs:
        leg = s.legs[key]
        call = s.calls.get(leg.call)
        if leg.role is LegRole.AGENT and call is not None and call.state is CallState.TALKING:
            return leg
    return None


def _open(s: State, event: CodeDialled, call: Call, own: Leg) -> None:
    """The second line has a room of its own, where whoever was asked will come."""
    assert call.transfer is not None and call.transfer.kind is TransferKind.CONSULT
    leg = Leg(
        id=event.leg,
        role=LegRole.DESK,
        call=call.id,
        started_ms=s.now,
        state=LegState.RINGING,
        number=event.phone,
        phone=event.phone,
        agent=own.agent,
    )
    s.legs[leg.id] = leg
    phone = s.phone(event.phone)
    phone.legs[leg.id] = None
    s.touched[phone] = None
    # It is there, for it dials: Asterisk may have missed a registration since.
    agents.phone_reported(s, phone.id, registered=True, in_use=phone.in_use)
    call.legs[leg.id] = None
    move_leg(s, leg, LegMove.ANSWERED)
    s.emit(AnswerLeg(call.id, leg.id))
    rooms.place(s, call, rooms.open_side(s, call).id, leg)
    speech.say(s, call, leg, keys.DONE[Control.CONSULT])


def refer(s: State, call: Call, leg: Leg, other: Leg) -> Reply | None:
    """Join the far ends of a phone's two lines; None when they are no consultation.  ``leg`` is
    the one whose REFER it is, which hears what became of it."""
    transfer = call.transfer
    if transfer is None or transfer.by_leg is None or transfer.second is None:
        return None
    if {leg.id, other.id} != {transfer.by_leg, transfer.second}:
        return None
    own = s.legs[transfer.by_leg]
    transfer.refer = leg.id
    reply = act(s, Control.COMPLETE, Ask(RequestId(leg.id), call, own, ""))
    if not isinstance(reply, Done):
        transfer.refer = None
    return reply


def gone(s: State, call: Call, leg: Leg) -> None:
    """The agent has hung up on whoever was asked, or before they came: back to the caller."""
    transfer = call.transfer
    if transfer is not None and transfer.second == leg.id:
        transfers.drop(s, call, TransferMove.TAKEN_BACK)
        conversation.arrange(s, call)
