"""Phone requests: what a phone asks for by its own keys, hold and transfer, as the same actions.

A phone that holds by itself would leave the caller to whatever Asterisk makes of it; a phone that
transfers by itself would take the call out of our hands.  So both come here: the caller hears what
callers on hold hear, the records are those of our own transfers, and the phone is told the truth.
Nothing is said to the agent: their phone shows it.
"""

from acd.core.asks import Ask
from acd.core.call_control import control, second_lines
from acd.core.commands import AnswerRefer, ReferResult
from acd.core.entities import Leg
from acd.core.events import Control, PhoneHeld, PhoneUnheld, ReferRequested
from acd.core.facts import LegRole
from acd.core.ids import LegId, RequestId
from acd.core.replies import Done
from acd.core.staff import open_lines
from acd.core.state import State


def held(s: State, event: PhoneHeld) -> None:
    """The phone holds: the agent has stepped aside."""
    if not _of_open_line(s, event, is_held=True):
        _act(s, event, Control.HOLD)


def unheld(s: State, event: PhoneUnheld) -> None:
    """The phone has taken the line back."""
    if not _of_open_line(s, event, is_held=False):
        _act(s, event, Control.RESUME)


def _of_open_line(s: State, event: PhoneHeld | PhoneUnheld, *, is_held: bool) -> bool:
    """Tell whether it is an open line's phone, which takes another call or is back from it; what it
    does during a call is that call's, and the line's all the same."""
    leg = s.legs.get(event.leg)
    line = None if leg is None or leg.line is None else s.desk_calls[leg.line]
    if leg is None or line is None:
        return False
    open_lines.held(s, line, is_held=is_held)
    return not leg.is_lent


def _act(s: State, event: PhoneHeld | PhoneUnheld, action: Control) -> None:
    leg = _agents_leg(s, event)
    if leg is not None:
        control.act(s, action, Ask(RequestId(leg.id), s.calls[leg.call], leg, ""))


def _agents_leg(s: State, event: PhoneHeld | PhoneUnheld | ReferRequested) -> Leg | None:
    leg = s.legs.get(event.leg)
    if leg is None or leg.role is not LegRole.AGENT or leg.call not in s.calls:
        s.ignored(f"{type(event).__name__} of a line in no conversation", event.leg)
        return None
    return leg


def refer(s: State, event: ReferRequested) -> None:
    """The phone transfers: to a number blind, or to whom it has asked on its other line.  It hears
    of it when it is known, and stays in the call when nothing comes of it (T38)."""
    if event.other is not None:
        _attended(s, event.leg, event.other)
        return
    leg = _agents_leg(s, event)
    if leg is None:
        return
    call = s.calls[leg.call]
    number = event.number or ""
    reply = control.act(s, Control.TRANSFER, Ask(RequestId(leg.id), call, leg, number))
    if not isinstance(reply, Done):
        s.emit(AnswerRefer(call.id, leg.id, ReferResult.DECLINED))
    elif call.transfer is not None:
        call.transfer.refer = leg.id
        s.emit(AnswerRefer(call.id, leg.id, ReferResult.TRYING))
    # To a queue it is done: the phone is being let go, which says so.


def _attended(s: State, key: LegId, other_key: LegId) -> None:
    leg, other = s.legs.get(key), s.legs.get(other_key)
    call = None if leg is None else s.calls.get(leg.call)
    if leg is None or call is None:
        s.ignored("ReferRequested of a line in no conversation", key)
        return
    reply = None if other is None else second_lines.refer(s, call, leg, other)
    if not isinstance(reply, Done):
        s.emit(AnswerRefer(call.id, leg.id, ReferResult.DECLINED))
