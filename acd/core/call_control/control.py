"""Call control: what an agent may do with the call they are in.

In-call codes, the API and the phone's own hold and transfer end in the same actions here, so they
obey the same rules and are refused in the same words.  A refused action has changed nothing.
"""

from collections.abc import Callable

from acd.core.asks import Ask, done, refuse, refuse_for
from acd.core.call_control import conversation, marks, transfers, tuning
from acd.core.emergency import afterword, beside, flows, parties, roles, scene, unreached
from acd.core.entities import Call, Leg
from acd.core.events import Control, ControlRequested
from acd.core.replies import Refusal, Reply
from acd.core.state import State
from acd.core.tables import CallState, LegState


def requested(s: State, event: ControlRequested) -> Reply:
    """Carry out an action on a live call for the agent named, or for whoever has the call."""
    call = s.calls.get(event.call)
    if call is None:
        reply = afterword.requested(s, event)
        if reply is not None:
            return reply
        sentence = f"There is no live call {event.call}."
        return refuse_for(s, event.request, None, Refusal.UNKNOWN_CALL, sentence)
    leg = _leg_of(s, call, event)
    if leg is None:
        who = "Nobody" if event.agent is None else f"Agent {event.agent}"
        sentence = f"{who} is in a conversation on call {event.call}."
        if event.agent is not None:
            sentence = f"{who} is not in a conversation on call {event.call}."
        return refuse_for(s, event.request, None, Refusal.NO_CONVERSATION, sentence)
    return act(s, event.action, Ask(event.request, call, leg, event.digits))


def _leg_of(s: State, call: Call, event: ControlRequested) -> Leg | None:
    if event.agent is None:
        return None if call.agent_leg is None else s.legs.get(call.agent_leg)
    legs = (s.legs[key] for key in call.legs)
    return next((leg for leg in legs if leg.agent == event.agent and _is_up(leg)), None)


def _is_up(leg: Leg) -> bool:
    return leg.state is LegState.UP and not leg.ended_by_us


def act(s: State, action: Control, ask: Ask) -> Reply:
    """Carry out one action, or say why not."""
    if not ask.leg.is_agents or not _is_up(ask.leg):
        return refuse(s, ask, Refusal.NO_CONVERSATION, "That leg is in no conversation.")
    if ask.call.state is not CallState.TALKING or ask.leg.wanted is None:
        sentence = f"Call {ask.call.id} is {ask.call.state}, not in a conversation."
        return refuse(s, ask, Refusal.NO_CONVERSATION, sentence)
    if ask.call.transfer is not None and ask.call.transfer.leg == ask.leg.id:
        sentence = "You are being asked by a colleague, who has the call."
        return refuse(s, ask, Refusal.NO_CONVERSATION, sentence)
    return _ACTIONS[action](s, ask)


# Actions ----------------------------------------------------------------------------------------


def _hold(s: State, ask: Ask) -> Reply:
    """Step aside; a caller left alone hears music and every 10 s that they are not forgotten."""
    if conversation.is_aside(ask.call, ask.leg):
        return refuse(s, ask, Refusal.ALREADY_ASIDE, "The call is on hold already.")
    conversation.step_aside(s, ask.call, ask.leg)
    conversation.arrange(s, ask.call)
    return done(ask)


def _resume(s: State, ask: Ask) -> Reply:
    """Come back to the caller."""
    if not conversation.is_aside(ask.call, ask.leg):
        return refuse(s, ask, Refusal.NOT_ASIDE, "The call is not on hold.")
    transfer = ask.call.transfer
    if transfer is not None and transfer.by_leg == ask.leg.id and transfer.second is None:
        sentence = "You have asked somebody into this call: complete, join all, or go back."
        return refuse(s, ask, Refusal.TRANSFER_UNDER_WAY, sentence)
    conversation.come_back(s, ask.call, ask.leg)
    conversation.arrange(s, ask.call)
    return done(ask)


_ACTIONS: dict[Control, Callable[[State, Ask], Reply]] = {
    Control.HOLD: _hold,
    Control.RESUME: _resume,
    Control.TRANSFER: transfers.blind,
    Control.CONSULT: transfers.consult,
    Control.COMPLETE: transfers.complete,
    Control.JOIN: transfers.join,
    Control.BACK: transfers.back,
    Control.DIGITS: tuning.send_keys,
    Control.LOUDER: tuning.louder,
    Control.SOFTER: tuning.softer,
    Control.OUTCOME: marks.outcome,
    Control.FLOW: flows.classify,
    Control.NO_RESPONSE: marks.no_response,
    Control.RESPONDED: marks.responded,
    Control.RECORDING: unreached.said,
    Control.CASE: roles.begin,
    Control.RESCUE: parties.call_out,
    Control.RESCUE_BESIDE: beside.begin,
    Control.RETURN: scene.come_back,
    Control.MERGE: scene.merge,
    Control.SPLIT: scene.split,
    Control.PRIVATE: scene.private,
    Control.FAN_OUT: parties.fan_out,
    Control.SAFE: parties.safe,
    Control.HELP_ARRIVED: parties.help_arrived,
}
